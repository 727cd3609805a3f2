"""The problem as the models see it: segments of working time in rooms, and who may come when, in minutes."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

from gradphoto.engine.planning.problem import Group, Problem, Room, Slot, Span, Wish

RoomDay = tuple[str, date]
Block = tuple[str, datetime]
"""A room's half-day: (room key, begin). Only one season may stand in it (R12)."""


@dataclass(frozen=True, slots=True)
class Segment:
    """Working time in one room without a break; ``occupied`` are locked slots in it."""

    index: int
    room: Room
    block: Block
    span: Span
    occupied: tuple[Slot, ...] = ()

    @property
    def day(self) -> date:
        return self.span.start.date()

    @property
    def room_day(self) -> RoomDay:
        return self.room.key, self.day

    @property
    def minutes(self) -> int:
        return _minutes(self.span.end - self.span.start)

    @property
    def free(self) -> int:
        """Minutes not taken by locked slots."""
        return self.minutes - sum(_minutes(slot.end - slot.start) for slot in self.occupied)

    def at(self, moment: datetime) -> int:
        """Minutes from the segment's begin."""
        return _minutes(moment - self.span.start)

    def when(self, minutes: int) -> datetime:
        return self.span.start + timedelta(minutes=minutes)


class Space:
    """Segments, groups still to place, and the begins that each group may have in each segment."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.locked = problem.locked
        standing = {slot.group for slot in problem.locked}
        self.groups = tuple(group for group in problem.groups if group.key not in standing)
        self.by_key = {group.key: group for group in problem.groups}
        self.wishes = {wish.group: wish for wish in problem.wishes}
        self.segments = tuple(_segments(problem))
        self._fits: dict[tuple[str, int], tuple[tuple[int, int], ...]] = {}

    def minutes(self, group: Group, segment: Segment) -> int:
        return self.problem.minutes(group, segment.room.stations)

    def begins(self, group: Group, segment: Segment) -> tuple[tuple[int, int], ...]:
        """The ranges of begins (minutes, both ends in) that wishes and length leave; empty: it cannot stand here."""
        key = group.key, segment.index
        if key not in self._fits:
            self._fits[key] = tuple(self._begins(group, segment))
        return self._fits[key]

    def _begins(self, group: Group, segment: Segment) -> Iterator[tuple[int, int]]:
        length = self.minutes(group, segment)
        wish = self.wishes.get(group.key, Wish(group.key))
        if wish.room not in (None, segment.room.key) or length > segment.free:
            return
        if wish.start is not None:
            begin = segment.at(wish.start)
            if 0 <= begin <= segment.minutes - length:
                yield begin, begin
            return
        start = 0
        for span in sorted(wish.forbidden, key=lambda span: span.start):
            if start + length <= min(segment.at(span.start), segment.minutes):
                yield start, min(segment.at(span.start), segment.minutes) - length
            start = max(start, segment.at(span.end))
        if start + length <= segment.minutes:
            yield start, segment.minutes - length

    def is_free(self, group: Group, segment: Segment) -> bool:
        """Whether the group may stand anywhere in the segment."""
        return self.begins(group, segment) == ((0, segment.minutes - self.minutes(group, segment)),)

    def days_of(self, group: Group) -> frozenset[date]:
        """The days on which the group could come."""
        return frozenset(segment.day for segment in self.segments if self.begins(group, segment))

    @cached_property
    def days(self) -> tuple[date, ...]:
        return tuple(sorted({segment.day for segment in self.segments}))

    @cached_property
    def seasons(self) -> tuple[str, ...]:
        return tuple(sorted({group.season for group in self.problem.groups}))

    @cached_property
    def locked_seasons(self) -> dict[Block, str]:
        """The season that locked slots give to their half-day."""
        return {segment.block: self.by_key[slot.group].season for segment in self.segments for slot in segment.occupied}

    @cached_property
    def locked_room_days(self) -> frozenset[RoomDay]:
        return frozenset((slot.room, slot.start.date()) for slot in self.locked)

    @cached_property
    def locked_department_days(self) -> frozenset[tuple[str, date]]:
        return frozenset((self.by_key[slot.group].department, slot.start.date()) for slot in self.locked)

    @cached_property
    def room_days(self) -> dict[RoomDay, tuple[Segment, ...]]:
        found: dict[RoomDay, list[Segment]] = defaultdict(list)
        for segment in self.segments:
            found[segment.room_day].append(segment)
        return {key: tuple(segments) for key, segments in found.items()}

    @cached_property
    def step(self) -> int:
        """The widest step in minutes on which every length, locked slot and fixed begin lies."""
        marks = [self.problem.grid_minutes]
        for segment in self.segments:
            marks += [segment.at(moment) for slot in segment.occupied for moment in (slot.start, slot.end)]
            fixed = (wish.start for wish in self.problem.wishes if wish.start is not None)
            marks += [segment.at(start) for start in fixed if segment.span.start <= start < segment.span.end]
        return math.gcd(*marks)


def _segments(problem: Problem) -> Iterator[Segment]:
    index = 0
    for room in problem.rooms:
        locked = [slot for slot in problem.locked if slot.room == room.key]
        for period in sorted(room.periods, key=lambda period: period.start):
            for span in period.segments():
                occupied = tuple(sorted((s for s in locked if s.span.overlaps(span)), key=lambda s: s.start))
                if room.ready or occupied:
                    yield Segment(index, room, (room.key, period.start), span, occupied)
                    index += 1


def _minutes(length: timedelta) -> int:
    return int(length.total_seconds() // 60)
