"""What the planner answers: slots, how good they are and how far from the best they can be, and why something failed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from gradphoto.engine.planning.problem import Problem, Slot
from gradphoto.engine.wording import Wording


class Status(StrEnum):
    """How sure the answer is."""

    OPTIMAL = "optimal"
    """Proven: no plan is better on any level."""
    FEASIBLE = "feasible"
    """A whole plan; ``Plan.levels`` tell how far from the best it can be."""
    IMPOSSIBLE = "impossible"
    """Proven, or found by the relaxed search: not everybody can be placed. ``Plan.reasons`` says why."""
    UNDECIDED = "undecided"
    """The time ran out before a plan was found or ruled out; there are no slots but the locked ones."""
    CANCELLED = "cancelled"
    """Stopped by the person; the slots found so far are kept."""


class Goal(StrEnum):
    """The levels of the objective, in their order."""

    MOVED_PEOPLE = "moved_people"
    """Only beside a standing plan: who must be told another time or place."""
    CREW_DAYS = "crew_days"
    IDLE_MINUTES = "idle_minutes"
    DEPARTMENT_DAYS = "department_days"


@dataclass(frozen=True, slots=True)
class Level:
    """One level: what the plan reaches, and the proven lower bound given the levels before it."""

    goal: Goal
    value: int
    bound: int

    @property
    def gap(self) -> float:
        """How much better a plan could be at most: 0.02 is 2 %."""
        return (self.value - self.bound) / self.value if self.value else 0.0


@dataclass(frozen=True, slots=True)
class Unplaced:
    """A group for which there was no room, and why."""

    group: str
    reason: Wording


class ChangeKind(StrEnum):
    """What may be changed to make a plan possible."""

    STATIONS = "stations"
    HALF_DAYS = "half_days"
    WISHES = "wishes"
    """Not added but given up: what was asked for one group."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """The smallest change with which everybody can be placed; it was solved, so it is known to be enough."""

    kind: ChangeKind
    words: Wording
    changed: Problem


@dataclass(frozen=True, slots=True)
class Plan:
    """The slots in order of time and room, with proof, or with reasons."""

    status: Status
    slots: tuple[Slot, ...]
    levels: tuple[Level, ...] = ()
    unplaced: tuple[Unplaced, ...] = ()
    reasons: tuple[Wording, ...] = ()
    proposal: Proposal | None = None
    seconds: float = 0.0
    crews: tuple[tuple[str, datetime, str], ...] = ()
    """Which crew mans which room on which day: (crew key, midnight of the day, room key)."""
    moved: tuple[tuple[Slot, Slot], ...] = ()
    """Beside a standing plan: the slots, before and after, of those who must be told something new."""
    lost: tuple[Slot, ...] = ()
    """Beside a standing plan: what those were told who find no place any more."""

    @property
    def gap(self) -> float:
        """The widest gap of all levels."""
        return max((level.gap for level in self.levels), default=0.0)

    def level(self, goal: Goal) -> Level:
        """The level of that goal. Raises ``KeyError`` for a plan without it."""
        for level in self.levels:
            if level.goal is goal:
                return level
        raise KeyError(goal)


@dataclass(frozen=True, slots=True)
class Options:
    """How to search. The same seed and problem give the same plan, unless ``seconds`` ran out first."""

    seconds: float = 60.0
    seed: int = 1
    workers: int = 2


@dataclass(frozen=True, slots=True)
class Progress:
    """Where the search stands: 0 to 1, in words, with the best plan's crew-days and their bound so far."""

    fraction: float
    words: Wording
    value: int | None = None
    bound: int | None = None


@dataclass(frozen=True, slots=True)
class Delay:
    """A room that runs late: what is under way there ends so many minutes after its time."""

    room: str
    minutes: int

    @property
    def length(self) -> timedelta:
        return timedelta(minutes=self.minutes)


@dataclass(slots=True)
class Tally:
    """The crew-days, idle minutes and department-days of given slots, for comparing plans."""

    crew_days: int = 0
    idle_minutes: int = 0
    department_days: int = 0
    by_department: dict[str, int] = field(default_factory=dict)
