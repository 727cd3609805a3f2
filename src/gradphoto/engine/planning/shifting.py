"""The plain answer to a late room: everybody later in the same room, and whoever finds no time there to a free one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice

from gradphoto.engine.planning.check import crews_short
from gradphoto.engine.planning.problem import Period, Problem, Room, Slot, Span

_MOST_TRIED = 40
"""Places offered for one group: each is checked as a whole plan, and the next one differs little."""


def shift(problem: Problem, slots: Sequence[Slot], movable: Sequence[Slot], now: datetime) -> list[Slot]:
    """Every movable slot in its room in the old order, no earlier than told, as soon as the room is free again."""
    going = {slot.group for slot in movable}
    fast = [slot for slot in slots if slot.group not in going]
    forbidden = {wish.group: wish.forbidden for wish in problem.wishes}
    seasons = {group.key: group.season for group in problem.groups}
    placed: list[Slot] = []
    ready: dict[str, datetime] = {}
    for slot in sorted(movable, key=lambda slot: slot.start):
        taken = [s.span for s in fast if s.room == slot.room and s.start.date() == slot.start.date()]
        taken += list(forbidden.get(slot.group, ()))
        earliest = max(slot.start, now, ready.get(slot.room, now))
        for period in sorted(problem.room(slot.room).periods, key=lambda period: period.start):
            if period.day != slot.start.date():
                continue
            # Who waits in another half-day and has not been placed yet counts there, too: seasons stay apart (R12).
            here = [s for s in (*slots, *placed) if s.room == slot.room and period.start <= s.start < period.end]
            if any(seasons.get(s.group) != seasons.get(slot.group) for s in here):
                continue
            begin = _first_free(period, earliest, slot.end - slot.start, taken, problem.grid_minutes)
            if begin is not None:
                moved = replace(slot, start=begin, end=begin + (slot.end - slot.start))
                placed.append(moved)
                ready[slot.room] = moved.end
                break
    return sorted([*fast, *placed], key=lambda slot: (slot.start, slot.room))


def _first_free(
    period: Period, earliest: datetime, length: timedelta, taken: Sequence[Span], grid_minutes: int
) -> datetime | None:
    """The first begin on the grid in working time of the period that meets nothing taken."""
    for segment in period.segments():
        begin = max(segment.start, earliest)
        off = int((begin - segment.start).total_seconds()) % (grid_minutes * 60)
        begin += timedelta(seconds=(grid_minutes * 60 - off) % (grid_minutes * 60))
        for span in sorted(taken, key=lambda span: span.start):
            if Span(begin, begin + length).overlaps(span):
                begin = max(begin, span.end)
        if begin + length <= segment.end:
            return begin
    return None


def place_elsewhere(problem: Problem, slots: Sequence[Slot], slot: Slot, now: datetime) -> Iterator[list[Slot]]:
    """The plans in which one group that has no slot any more stands in a free time, the nearest to what it was told first.

    ``slot`` is what the group was told; it is called no earlier. Rooms without a crew left are passed over (R86).
    """
    group = problem.group(slot.group)
    forbidden = next((wish.forbidden for wish in problem.wishes if wish.group == slot.group), ())
    season = {one.key: one.season for one in problem.groups}
    found = []
    for room in problem.rooms:
        length = slot.end - slot.start
        if room.key != slot.room:
            length = timedelta(minutes=problem.minutes(group, room.stations))
        for period in room.periods if room.ready else ():
            taken = [s.span for s in slots if s.room == room.key and s.start.date() == period.day]
            here = [s for s in slots if s.room == room.key and period.start <= s.start < period.end]
            if any(season[s.group] != group.season for s in here) or not _is_manned(problem, slots, room, period):
                continue
            earliest = max(slot.start, now, period.start)
            begin = _first_free(period, earliest, length, [*taken, *forbidden], problem.grid_minutes)
            if begin is not None:
                found.append(Slot(slot.group, room.key, begin, begin + length))
    found.sort(key=lambda made: (made.start.date(), made.start, made.room != slot.room, made.room))
    for made in islice(found, _MOST_TRIED):
        yield sorted([*slots, made], key=lambda one: (one.start, one.room))


def _is_manned(problem: Problem, slots: Sequence[Slot], room: Room, period: Period) -> bool:
    used = {s.room for s in slots if s.start.date() == period.day}
    rooms = [problem.room(key) for key in used]
    return room.key in used or crews_short(problem.crews, period.day, [*rooms, room]) is None
