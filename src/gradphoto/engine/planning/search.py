"""Running CP-SAT: a deterministic budget, one clock for the whole search, progress and cancel."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gradphoto.engine.late_import import late
from gradphoto.engine.planning.plan import Options, Progress
from gradphoto.engine.wording import Wording

if TYPE_CHECKING:
    from ortools.linear_solver import pywraplp
    from ortools.sat.python import cp_model
else:
    pywraplp = late("ortools.linear_solver.pywraplp")
    cp_model = late("ortools.sat.python.cp_model")

OnProgress = Callable[[Progress], None]
IsCancelled = Callable[[], bool]
TO_FIND_S = 20.0
"""What a solve may take by the clock to find a plan at all; its deterministic budget is the limit that counts."""
_POLL_S = 0.2


class CancelledError(Exception):
    """Somebody pressed cancel."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a solve found: whether there is a solution, whether it is proven best, and the bound."""

    found: bool
    proven: bool
    impossible: bool
    value: int
    bound: int
    solver: cp_model.CpSolver


class Search:
    """One search with its clock. Solves run in a thread of their own, so that the caller's thread reports and cancels.

    The clock limits how long a plan is bettered. To find one at all a solve is given its own time: a machine that stood
    still for a moment must not be told that there is no plan.
    """

    def __init__(
        self, options: Options, on_progress: OnProgress | None = None, is_cancelled: IsCancelled | None = None
    ) -> None:
        self.options = options
        self.on_progress = on_progress
        self.is_cancelled = is_cancelled
        # Loaded before the clock starts: on a busy machine that takes seconds.
        _ = cp_model.CpSolver, pywraplp.Solver
        self.started = time.monotonic()
        self.best: int | None = None
        self.bound: int | None = None
        self.ran_out = False
        """Whether a solve that was to find a plan ended without one and without a proof that there is none."""
        self._fraction = 0.0

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.started

    @property
    def left(self) -> float:
        return max(0.0, self.options.seconds - self.seconds)

    def tell(self, fraction: float, words: Wording) -> None:
        """Report; never backwards. Raises :class:`CancelledError` after a cancel."""
        self._fraction = max(self._fraction, min(1.0, fraction))
        if self.on_progress is not None:
            self.on_progress(Progress(self._fraction, words, self.best, self.bound))
        self.heed()

    def heed(self) -> None:
        """Raise :class:`CancelledError` after a cancel: called before what cannot be stopped."""
        if self.is_cancelled is not None and self.is_cancelled():
            raise CancelledError

    def find(self, model: cp_model.CpModel, budget: float) -> Answer:
        """Solve for a plan at all: a clock that has run out gives it ``TO_FIND_S`` all the same. Notes an open end."""
        answer = self.solve(model, budget, max(self.left, TO_FIND_S))
        self.ran_out = self.ran_out or not (answer.found or answer.impossible)
        return answer

    def solve(self, model: cp_model.CpModel, budget: float, wall: float | None = None) -> Answer:
        """Solve within a deterministic ``budget`` (about seconds), and never beyond ``wall`` seconds.

        Without ``wall`` the search's own clock is the limit.
        """
        solver = cp_model.CpSolver()
        parameters = solver.parameters
        parameters.random_seed = self.options.seed
        parameters.num_workers = self.options.workers
        # Interleaved, several workers give the same answer on every run; free-running ones would race.
        parameters.interleave_search = True
        parameters.max_deterministic_time = budget
        parameters.max_time_in_seconds = max(0.05, self.left if wall is None else wall)
        status = self._run(solver, model)
        found = status in (cp_model.OPTIMAL, cp_model.FEASIBLE)
        return Answer(
            found,
            status == cp_model.OPTIMAL,
            status == cp_model.INFEASIBLE,
            round(solver.objective_value) if found else 0,
            _ceil(solver.best_objective_bound) if status != cp_model.INFEASIBLE else 0,
            solver,
        )

    def _run(self, solver: cp_model.CpSolver, model: cp_model.CpModel) -> int:
        if self.is_cancelled is None:
            return int(solver.solve(model))
        status: list[int] = []
        thread = threading.Thread(target=lambda: status.append(int(solver.solve(model))), daemon=True)
        thread.start()
        while thread.is_alive():
            thread.join(_POLL_S)
            if thread.is_alive() and self.is_cancelled():
                solver.stop_search()
                thread.join()
                raise CancelledError
        return status[0]


def _ceil(bound: float) -> int:
    return -int(-bound // 1) if abs(bound - round(bound)) > 1e-6 else round(bound)
