"""What is to be planned: groups, rooms, half-days, crews, rates and wishes (R72-R88)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from gradphoto.engine.standards.workdays import WorkCalendar


class Kind(StrEnum):
    """Full-time and adult students pass at different rates (R79)."""

    FULL_TIME = "full_time"
    ADULT = "adult"


@dataclass(frozen=True, slots=True)
class Group:
    """People who come together: one class or major of one season (R12, R78).

    ``first_number`` is the lowest student number in it: inside a department groups follow it (R102).
    """

    key: str
    department: str
    class_name: str
    season: str
    kind: Kind
    headcount: int
    first_number: str = ""

    @property
    def title(self) -> str:
        """How people call the group."""
        return f"{self.department} {self.class_name}".strip()


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time."""

    start: datetime
    end: datetime

    def overlaps(self, other: Span) -> bool:
        return self.start < other.end and other.start < self.end

    def holds(self, other: Span) -> bool:
        return self.start <= other.start and other.end <= self.end


@dataclass(frozen=True, slots=True)
class Period:
    """A half-day in which a room is open. Nobody is photographed in a break, and no slot runs across one."""

    start: datetime
    end: datetime
    breaks: tuple[Span, ...] = ()

    @property
    def day(self) -> date:
        return self.start.date()

    def segments(self) -> tuple[Span, ...]:
        """The working time between the breaks."""
        spans, start = [], self.start
        for pause in sorted(self.breaks, key=lambda span: span.start):
            if pause.start > start:
                spans.append(Span(start, min(pause.start, self.end)))
            start = max(start, pause.end)
        if start < self.end:
            spans.append(Span(start, self.end))
        return tuple(spans)


@dataclass(frozen=True, slots=True)
class Room:
    """A collection point (采集点): its stations stand in one room of their own (R86). Not ready: not planned in (R93)."""

    key: str
    name: str
    stations: int
    periods: tuple[Period, ...]
    ready: bool = True


@dataclass(frozen=True, slots=True)
class Crew:
    """A shooting team (拍摄组): it mans one room a day, of at most so many stations. ``days`` None: every day."""

    key: str
    name: str
    stations: int
    days: frozenset[date] | None = None

    def works_on(self, day: date) -> bool:
        return self.days is None or day in self.days


@dataclass(frozen=True, slots=True)
class Rates:
    """Persons an hour and station: planned with, and the most that is accepted in a plan made by hand (R79, R181)."""

    full_time_per_hour: int
    adult_per_hour: int
    full_time_most: int | None = None
    adult_most: int | None = None

    def of(self, kind: Kind) -> int:
        return self.full_time_per_hour if kind is Kind.FULL_TIME else self.adult_per_hour

    def most(self, kind: Kind) -> int:
        limit = self.full_time_most if kind is Kind.FULL_TIME else self.adult_most
        return max(limit or 0, self.of(kind))


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for one group: a fixed begin (and room), times when it must not come, times it would rather come."""

    group: str
    start: datetime | None = None
    room: str | None = None
    forbidden: tuple[Span, ...] = ()
    preferred: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Slot:
    """A group's time and place."""

    group: str
    room: str
    start: datetime
    end: datetime

    @property
    def span(self) -> Span:
        return Span(self.start, self.end)


@dataclass(frozen=True, slots=True)
class Problem:
    """Everything the planner knows. ``calendar`` is the school's own, by which more half-days are proposed (R201).

    ``crews`` empty: every room has a crew of its own. ``together``: departments that must have all their groups on
    one day. ``locked``: slots that stand as they are. ``early_minutes``: how long before its slot a group is
    called (R80); the first slot of a room begins no earlier than its opening, people wait outside. ``band_minutes``:
    the preferred length of a slot, counted from a room's opening (R180); classes come to lie inside such bands where
    the order of the departments allows it; 0 is no preference.
    """

    groups: tuple[Group, ...]
    rooms: tuple[Room, ...]
    rates: Rates
    calendar: WorkCalendar
    crews: tuple[Crew, ...] = ()
    wishes: tuple[Wish, ...] = ()
    locked: tuple[Slot, ...] = ()
    together: frozenset[str] = frozenset()
    early_minutes: int = 10
    grid_minutes: int = 5
    band_minutes: int = 0

    def minutes(self, group: Group, stations: int) -> int:
        """The slot's length for a group before so many stations, in whole steps of the grid."""
        exact = group.headcount * 60 / (self.rates.of(group.kind) * stations)
        return max(1, math.ceil(exact / self.grid_minutes)) * self.grid_minutes

    def group(self, key: str) -> Group:
        """The group of that key. Raises ``KeyError``."""
        for group in self.groups:
            if group.key == key:
                return group
        raise KeyError(key)

    def room(self, key: str) -> Room:
        """The room of that key. Raises ``KeyError``."""
        for room in self.rooms:
            if room.key == key:
                return room
        raise KeyError(key)
