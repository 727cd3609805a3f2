"""The planner: the best timetable it can find, with a proven bound, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time

from gradphoto.engine.planning.explain import explain
from gradphoto.engine.planning.plan import Level, Options, Plan, Status
from gradphoto.engine.planning.problem import Crew, Problem, Room, Slot
from gradphoto.engine.planning.search import CancelledError, IsCancelled, OnProgress, Search
from gradphoto.engine.planning.seek import seek
from gradphoto.engine.planning.sequence import slots_of
from gradphoto.engine.planning.space import Space
from gradphoto.engine.planning.standing import keep, levels_beside, moved_people
from gradphoto.engine.wording import Wording


def solve(
    problem: Problem,
    options: Options | None = None,
    on_progress: OnProgress | None = None,
    is_cancelled: IsCancelled | None = None,
    standing: Sequence[Slot] = (),
) -> Plan:
    """Plan everybody: few crew-days first, then short idle times, then few days for each department.

    With a ``standing`` plan, of which people have been told, the fewest people moved come before all that: what can stay
    stays, and ``moved`` lists who must be told what.

    The plan's levels carry the proven bound of each. When not everybody can be placed the status is ``IMPOSSIBLE``:
    the plan then holds the most persons that can be placed, says which groups are left and why, and proposes the
    smallest change, which was solved. When the time ran out before either was known it is ``UNDECIDED``, after a cancel
    ``CANCELLED``, and there are no slots but the locked ones. ``is_cancelled`` and ``on_progress`` are called from the
    caller's own thread.
    """
    search = Search(options or Options(), on_progress, is_cancelled)
    space = Space(problem)
    try:
        search.tell(0.02, Wording("正在估算所需场次", "Estimating how much is needed"))
        if standing:
            kept = keep(problem, standing, search)
            if kept is not None:
                search.tell(1.0, Wording("已完成", "Done"))
                return _beside(problem, standing, kept, search.seconds)
        found = seek(space, search)
        if found is None:
            plan = explain(problem, search, standing)
            if plan.status is Status.UNDECIDED:
                return plan
            moved = tuple(moved_people(problem, standing, plan.slots))
            return replace(plan, crews=crews_for(problem, plan.slots), moved=moved, lost=_lost(standing, plan))
    except CancelledError:
        return Plan(Status.CANCELLED, problem.locked, seconds=search.seconds)
    slots = slots_of(space, found.placings)
    search.tell(1.0, Wording("已完成", "Done"))
    if standing:
        return _beside(problem, standing, slots, search.seconds)
    return Plan(
        _status(found.levels), slots, tuple(found.levels), seconds=search.seconds, crews=crews_for(problem, slots)
    )


def _beside(problem: Problem, standing: Sequence[Slot], slots: tuple[Slot, ...], seconds: float) -> Plan:
    levels = levels_beside(problem, standing, slots)
    moved = tuple(moved_people(problem, standing, slots))
    return Plan(_status(levels), slots, levels, seconds=seconds, crews=crews_for(problem, slots), moved=moved)


def _lost(standing: Sequence[Slot], plan: Plan) -> tuple[Slot, ...]:
    waiting = {one.group for one in plan.unplaced}
    return tuple(slot for slot in standing if slot.group in waiting)


def _status(levels: Sequence[Level]) -> Status:
    return Status.OPTIMAL if all(level.value == level.bound for level in levels) else Status.FEASIBLE


def crews_for(problem: Problem, slots: tuple[Slot, ...]) -> tuple[tuple[str, datetime, str], ...]:
    """A crew for every room and day, the smallest that is able; empty without crews."""
    if not problem.crews:
        return ()
    used: dict[date, set[str]] = {}
    for slot in slots:
        used.setdefault(slot.start.date(), set()).add(slot.room)
    made = []
    for day, keys in sorted(used.items()):
        free: list[Crew] = sorted((c for c in problem.crews if c.works_on(day)), key=lambda c: (-c.stations, c.key))
        rooms: list[Room] = sorted((problem.room(key) for key in keys), key=lambda r: (-r.stations, r.key))
        for crew, room in zip(free, rooms, strict=False):
            made.append((crew.key, datetime.combine(day, time()), room.key))
    return tuple(made)
