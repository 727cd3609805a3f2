"""From placings to slots: departments in one piece, student numbers ascending, no gaps that nobody asked for (R102).

Which department comes first in a run is free: the order is taken in which the fewest classes run from one preferred hour
into the next (R180). It changes no crew-day, no idle minute and no department-day, so every proof stands.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby, permutations

from gradphoto.engine.planning.assign import Placing
from gradphoto.engine.planning.problem import Group, Slot
from gradphoto.engine.planning.space import Segment, Space

_MOST_TRIED = 6
"""Departments of a run whose every order is tried; of more the next best is taken one after the other."""


def slots_of(space: Space, placings: Iterable[Placing], staying: Collection[str] = ()) -> tuple[Slot, ...]:
    """The slots of all placings and the locked ones, in order of time and room; who is ``staying`` is not exchanged."""
    lines: dict[int, list[Placing]] = defaultdict(list)
    for placing in _by_number(space, list(placings), staying):
        lines[placing.segment.index].append(placing)
    slots = list(space.locked)
    for index, line in lines.items():
        slots += _timed(space, line) if line[0].begin is not None else _run(space, space.segments[index], 0, line)
    return tuple(sorted(slots, key=lambda slot: (slot.start, slot.room, slot.group)))


def _by_number(space: Space, placings: Sequence[Placing], staying: Collection[str]) -> list[Placing]:
    """Groups of one department and length are exchanged so that lower student numbers come earlier."""
    made: list[Placing] = []
    movable: list[Placing] = []
    for placing in placings:
        free = placing.group.key not in staying and _may_move(space, placing)
        (movable if free else made).append(placing)

    def alike(placing: Placing) -> tuple[str, str, int, int]:
        group, segment = placing.group, placing.segment
        return group.department, group.season, space.problem.minutes(group, 1), space.minutes(group, segment)

    for _, line in groupby(sorted(movable, key=alike), key=alike):
        own = list(line)
        places = sorted(own, key=lambda p: (p.segment.span.start, p.segment.index, p.begin or 0))
        groups = sorted((p.group for p in own), key=number_order)
        made += [replace(place, group=group) for place, group in zip(places, groups, strict=True)]
    return made


def _may_move(space: Space, placing: Placing) -> bool:
    """Groups without wishes in segments without begins: whatever stands elsewhere, they may take each other's place."""
    return placing.begin is None and placing.group.key not in space.wishes


def number_order(group: Group) -> tuple[str, str, str, str]:
    """Departments one after the other, and inside by student number."""
    return group.department, group.season, group.first_number, group.key


def _timed(space: Space, line: Sequence[Placing]) -> list[Slot]:
    """Runs of groups without wishes between others that stand fast are put in order, back to back."""
    segment = line[0].segment
    slots: list[Slot] = []
    run: list[Placing] = []
    fast = {segment.at(slot.start) for slot in segment.occupied}
    for placing in sorted(line, key=lambda p: p.begin or 0):
        begin = placing.begin or 0
        free = space.is_free(placing.group, segment)
        cut = run and any((run[0].begin or 0) <= at < begin for at in fast)
        if run and (cut or not free):
            slots += _run(space, segment, run[0].begin or 0, run)
            run = []
        if free:
            run.append(placing)
        else:
            slots += _run(space, segment, begin, [placing])
    return slots + (_run(space, segment, run[0].begin or 0, run) if run else [])


def _run(space: Space, segment: Segment, begin: int, line: Sequence[Placing]) -> list[Slot]:
    slots = []
    for placing in _in_bands(space, segment, begin, sorted(line, key=lambda p: number_order(p.group))):
        end = begin + space.minutes(placing.group, segment)
        slots.append(Slot(placing.group.key, segment.room.key, segment.when(begin), segment.when(end)))
        begin = end
    return slots


def _in_bands(space: Space, segment: Segment, begin: int, line: list[Placing]) -> list[Placing]:
    """The departments of a run in the order with the fewest classes across a band's end; of equals the one given."""
    blocks = [list(own) for _, own in groupby(line, key=lambda p: p.group.department)]
    if not space.problem.band_minutes or len(blocks) < 2:
        return line
    if len(blocks) <= _MOST_TRIED:
        orders = permutations(blocks)
        return _joined(min(orders, key=lambda order: _crossings(space, segment, begin, _joined(order))))
    made: list[Placing] = []
    while blocks:
        best = min(blocks, key=lambda own: _crossings(space, segment, begin, [*made, *own]))
        blocks.remove(best)
        made += best
    return made


def _joined(blocks: Iterable[list[Placing]]) -> list[Placing]:
    return [placing for own in blocks for placing in own]


def _crossings(space: Space, segment: Segment, begin: int, line: Sequence[Placing]) -> int:
    """How many bands the classes of a run touch beyond those that their length needs."""
    step, opens = timedelta(minutes=space.problem.band_minutes), _opening(segment)
    count = 0
    for placing in line:
        minutes = space.minutes(placing.group, segment)
        start, end = segment.when(begin) - opens, segment.when(begin + minutes) - opens
        count += -(-end // step) - start // step - -(-timedelta(minutes=minutes) // step)
        begin += minutes
    return count


def _opening(segment: Segment) -> datetime:
    """When the room opens for the half-day: its bands count from there, whatever breaks it has."""
    periods = segment.room.periods
    return next((one.start for one in periods if one.start <= segment.span.start < one.end), segment.span.start)
