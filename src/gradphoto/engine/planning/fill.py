"""Filling half-days one after the other, each as full as can be, with one department before the next.

For every segment the best subset of the groups that wait is found by dynamic programming over its minutes: fullest
first, and among the equally full the one with most of the department that has begun. This keeps a department in few
rooms and leaves only the last segments with waste; the exact model is asked only when somebody is left over.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime

from gradphoto.engine.planning.assign import Placing
from gradphoto.engine.planning.problem import Group, Slot
from gradphoto.engine.planning.sequence import number_order
from gradphoto.engine.planning.space import Block, Segment, Space

_BEGUN = 10
_NEXT = 1


def fill(space: Space, groups: Sequence[Group], segments: Sequence[Segment]) -> list[Placing] | None:
    """Placings of as many of the groups as this way finds room for; None where wishes about times are in the way.

    Around locked slots the gaps are filled; what is placed there has its begin.
    """
    if any(
        not space.is_free(group, segment) for group in groups for segment in segments if _short(space, group, segment)
    ):
        return None
    waiting = sorted(groups, key=number_order)
    made: list[Placing] = []
    blocks: dict[Block, list[Segment]] = defaultdict(list)
    for segment in segments:
        blocks[segment.block].append(segment)
    for own in sorted(
        blocks.values(), key=lambda own: (own[0].day, -own[0].room.stations, own[0].room.key, own[0].span.start)
    ):
        best: list[Placing] = []
        only = space.locked_seasons.get(own[0].block)
        for season in sorted({group.season for group in waiting if only in (None, group.season)}):
            found = _fill_block(space, [group for group in waiting if group.season == season], own, made)
            if _minutes(space, found) > _minutes(space, best):
                best = found
        made += best
        taken = {placing.group.key for placing in best}
        waiting = [group for group in waiting if group.key not in taken]
    return made


def _short(space: Space, group: Group, segment: Segment) -> bool:
    return space.minutes(group, segment) <= segment.minutes


def _minutes(space: Space, placings: Sequence[Placing]) -> int:
    return sum(space.minutes(placing.group, placing.segment) for placing in placings)


def _fill_block(space: Space, groups: list[Group], segments: list[Segment], before: list[Placing]) -> list[Placing]:
    made: list[Placing] = []
    rest = groups
    locked = [slot for segment in segments for slot in segment.occupied]
    for segment in sorted(segments, key=lambda segment: segment.span.start):
        for begin, minutes in _gaps(segment):
            begun = {placing.group.department for placing in (*before, *made)}
            may = [group for group in rest if _in_order(space, group, segment.when(begin), locked, made)]
            chosen = _best_subset(space, may if locked else rest, segment, minutes, begun)
            for group in sorted(chosen, key=number_order) if segment.occupied else chosen:
                made.append(Placing(group, segment, begin if segment.occupied else None))
                begin += space.minutes(group, segment)
            rest = [group for group in rest if group not in chosen]
    return made


def _gaps(segment: Segment) -> Iterator[tuple[int, int]]:
    """Begin and length in minutes of every stretch that no locked slot takes."""
    begin = 0
    for slot in segment.occupied:
        if segment.at(slot.start) > begin:
            yield begin, segment.at(slot.start) - begin
        begin = max(begin, segment.at(slot.end))
    if begin < segment.minutes:
        yield begin, segment.minutes - begin


def _in_order(space: Space, group: Group, start: datetime, locked: Sequence[Slot], placed: Sequence[Placing]) -> bool:
    """Whether the group follows the student numbers of its department if it comes in the gap that begins then (R102)."""
    if not group.first_number:
        return True
    for slot in locked:
        fast = space.by_key[slot.group]
        alike = (fast.department, fast.season) == (group.department, group.season) and bool(fast.first_number)
        if alike and (fast.first_number < group.first_number) != (slot.end <= start):
            return False
    earlier = (p.group for p in placed if (p.group.department, p.group.season) == (group.department, group.season))
    return all(other.first_number < group.first_number for other in earlier if other.first_number)


def _best_subset(space: Space, groups: list[Group], segment: Segment, minutes: int, begun: set[str]) -> list[Group]:
    """The fullest subset; the value of a group is its minutes, and a little more when its department is under way."""
    step = space.problem.grid_minutes
    room = minutes // step
    first = next((group.department for group in groups if group.department in begun), None)
    first = first or (groups[0].department if groups else None)
    best: list[int] = [0] + [-1] * room
    how: list[list[int]] = [[] for _ in range(room + 1)]
    for number, group in enumerate(groups):
        size = space.minutes(group, segment) // step
        bonus = _BEGUN if group.department == first else _NEXT if group.department in begun else 0
        value = size * 10_000 + bonus * size
        for end in range(room, size - 1, -1):
            if best[end - size] >= 0 and best[end - size] + value > best[end]:
                best[end] = best[end - size] + value
                how[end] = [*how[end - size], number]
    fullest = max(range(room + 1), key=lambda end: best[end])
    return [groups[number] for number in how[fullest]]
