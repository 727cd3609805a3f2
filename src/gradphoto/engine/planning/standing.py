"""Planning anew beside a plan that people have been told: what can stay stays, and the rest finds a place beside it.

How many people must be told something new is the first level of the goal here. First everybody keeps the slot in which
nothing is wrong; who has none is put into the gaps; only where that is not enough are the days with most room opened
again, more of them each time, and there the exact model moves as few people as it can.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from gradphoto.engine.planning.assign import Assignment, Placing
from gradphoto.engine.planning.bounds import crew_days_bound
from gradphoto.engine.planning.check import Conflict, ConflictKind, check_plan, crews_short, tally
from gradphoto.engine.planning.plan import Goal, Level
from gradphoto.engine.planning.problem import Group, Problem, Slot, Span, Wish
from gradphoto.engine.planning.search import TO_FIND_S, Search
from gradphoto.engine.planning.sequence import slots_of
from gradphoto.engine.planning.space import Segment, Space
from gradphoto.engine.wording import Wording


def keep(problem: Problem, standing: Iterable[Slot], search: Search) -> tuple[Slot, ...] | None:
    """Everybody's slots with as few people moved as was found; None where not everybody could be placed this way.

    ``standing``: the plan that was told; slots of groups that are gone, locked or impossible now are passed over.
    """
    kept = keepable(problem, standing)
    search.tell(0.1, Wording("正在保留已排的时段", "Keeping what stands"))
    placed, left = _insert(problem, kept)
    if not left:
        return _sorted([*problem.locked, *placed])
    days = _days_by_room(problem, placed)
    opened = 1
    while days:
        search.tell(0.2 + 0.6 * min(1.0, opened / len(days)), Wording("正在少量调整", "Moving as few as possible"))
        found = _reopen(problem, kept, set(days[:opened]), search)
        if found is not None:
            return found
        if opened >= len(days):
            return None
        # When the clock has run out, all days at once are tried before everybody is given another time.
        opened = min(2 * opened, len(days)) if search.left else len(days)
    return None


def beside(problem: Problem, standing: Iterable[Slot]) -> tuple[Slot, ...]:
    """What stands and breaks no rule, and of the others as many as find a gap beside it."""
    placed, _ = _insert(problem, keepable(problem, standing))
    return _sorted([*problem.locked, *placed])


def keepable(problem: Problem, standing: Iterable[Slot]) -> list[Slot]:
    """The standing slots that break no rule of the problem as it is now."""
    known = {group.key: group for group in problem.groups}
    fast = {slot.group for slot in problem.locked}
    rooms = {room.key for room in problem.rooms}
    slots = {s.group: s for s in standing if s.group in known and s.group not in fast and s.room in rooms}
    while True:
        bad = [c for c in check_plan(problem, [*problem.locked, *slots.values()]) if c.kind is not ConflictKind.MISSING]
        dropped = {key for conflict in bad for key in _given_up(conflict, slots, known)}
        if not dropped:
            return list(slots.values())
        for key in dropped:
            slots.pop(key, None)


def moved_people(problem: Problem, standing: Iterable[Slot], slots: Iterable[Slot]) -> list[tuple[Slot, Slot]]:
    """Who had been told another time or place: the slot before and after, in order of time."""
    told = {slot.group: slot for slot in standing}
    changed = [(told[s.group], s) for s in slots if s.group in told and _told(told[s.group]) != _told(s)]
    return sorted(changed, key=lambda pair: (pair[0].start, pair[0].room))


def levels_beside(problem: Problem, standing: Sequence[Slot], slots: Sequence[Slot]) -> tuple[Level, ...]:
    """How good a plan beside a standing one is: people moved first, then the levels of a free plan."""
    heads = {group.key: group.headcount for group in problem.groups}
    moved = sum(heads[after.group] for _, after in moved_people(problem, standing, slots))
    cost = tally(problem, slots)
    at_least = crew_days_bound(Space(problem)) or 0
    departments = len({group.department for group in problem.groups})
    return (
        Level(Goal.MOVED_PEOPLE, moved, min(moved, _must_move(problem, standing, slots))),
        Level(Goal.CREW_DAYS, cost.crew_days, min(at_least, cost.crew_days)),
        Level(Goal.IDLE_MINUTES, cost.idle_minutes, 0),
        Level(Goal.DEPARTMENT_DAYS, cost.department_days, min(departments, cost.department_days)),
    )


def _must_move(problem: Problem, standing: Sequence[Slot], slots: Sequence[Slot]) -> int:
    """The people whose own slot is impossible whatever the others do: a room lost, closed or not able, a wish against it."""
    alone = (ConflictKind.NOT_READY, ConflictKind.OUTSIDE_OPENING, ConflictKind.OVER_RATE, ConflictKind.WISH_BROKEN,
             ConflictKind.UNKNOWN)  # fmt: skip
    heads = {group.key: group.headcount for group in problem.groups}
    bad = {key for c in check_plan(problem, standing) if c.kind in alone for key in c.groups}
    moved = {after.group for _, after in moved_people(problem, standing, slots)}
    return sum(heads[key] for key in bad & moved)


def _told(slot: Slot) -> tuple[str, datetime]:
    """What people of the group were told: where to come and when. The end concerns the room only."""
    return slot.room, slot.start


def _given_up(conflict: Conflict, slots: dict[str, Slot], known: dict[str, Group]) -> Iterator[str]:
    """The free slots that go so that the conflict goes: the fewest people."""
    free = [key for key in conflict.groups if key in slots]
    if conflict.kind is ConflictKind.CREWS_SHORT:
        rooms: dict[str, list[str]] = defaultdict(list)
        for key in free:
            rooms[slots[key].room].append(key)
        yield from min(rooms.values(), key=lambda own: _people(own, known), default=[])
    elif conflict.kind is ConflictKind.NOT_TOGETHER and free:
        department = known[free[0]].department
        days: dict[date, list[str]] = defaultdict(list)
        for key, slot in slots.items():
            if known[key].department == department:
                days[slot.start.date()].append(key)
        yield from min(days.values(), key=lambda own: _people(own, known))
    elif free:
        yield min(free, key=lambda key: (known[key].headcount, key))


def _people(keys: Iterable[str], known: dict[str, Group]) -> int:
    return sum(known[key].headcount for key in keys)


@dataclass(frozen=True, slots=True)
class _Place:
    """A begin in a segment for one group, and what it would cost; the least is the best."""

    cost: tuple[int, int, int, int, datetime, str]
    slot: Slot


def _insert(problem: Problem, kept: Sequence[Slot]) -> tuple[list[Slot], list[Group]]:
    """Every group without a slot into a gap between the others, the largest first; returns all slots and who is left."""
    slots = list(kept)
    stand = {slot.group for slot in (*problem.locked, *kept)}
    left = []
    waiting = [group for group in problem.groups if group.key not in stand]
    for group in sorted(waiting, key=lambda group: (-group.headcount, group.key)):
        best = min(_places(problem, slots, group), key=lambda place: place.cost, default=None)
        if best is None:
            left.append(group)
        else:
            slots.append(best.slot)
    return slots, left


def _places(problem: Problem, slots: Sequence[Slot], group: Group) -> Iterator[_Place]:
    here = [*problem.locked, *slots]
    by_key = {one.key: one for one in problem.groups}
    space = Space(replace(problem, locked=tuple(here)))
    wish = space.wishes.get(group.key, Wish(group.key))
    open_days = {(slot.room, slot.start.date()) for slot in here}
    own_days = {slot.start.date() for slot in here if by_key[slot.group].department == group.department}
    for segment in space.segments:
        if space.locked_seasons.get(segment.block, group.season) != group.season:
            continue
        if group.department in problem.together and own_days - {segment.day}:
            continue
        new_day = segment.room_day not in open_days
        if new_day and not _manned(problem, open_days, segment):
            continue
        length = space.minutes(group, segment)
        for first, last in _gaps(segment, _order_limits(space, by_key, group, segment, wish), length):
            for a, b in space.begins(group, segment):
                begin = max(first, a)
                if begin > min(last, b):
                    continue
                start = segment.when(begin)
                slot = Slot(group.key, segment.room.key, start, start + timedelta(minutes=length))
                missed = wish.preferred and not any(span.overlaps(segment.span) for span in wish.preferred)
                idle = 0 if begin == 0 or any(segment.at(s.end) == begin for s in segment.occupied) else begin - first
                cost = (int(new_day), int(segment.day not in own_days), int(bool(missed)), idle, start, slot.room)
                yield _Place(cost, slot)


def _order_limits(
    space: Space, by_key: dict[str, Group], group: Group, segment: Segment, wish: Wish
) -> tuple[datetime, datetime]:
    """Between which moments the group follows the student numbers of its own department in this half-day (R102)."""
    period = next(p for p in segment.room.periods if p.start == segment.block[1])
    after, before = period.start, period.end
    if not group.first_number or wish.start is not None:
        return after, before
    for slot in (slot for other in space.segments if other.block == segment.block for slot in other.occupied):
        other = by_key[slot.group]
        if (other.department, other.season) != (group.department, group.season) or not other.first_number:
            continue
        if other.first_number < group.first_number:
            after = max(after, slot.end)
        else:
            before = min(before, slot.start)
    return after, before


def _gaps(segment: Segment, limits: tuple[datetime, datetime], length: int) -> Iterator[tuple[int, int]]:
    """The first and last begin in every gap between the occupied times that is long enough."""
    low, high = max(0, segment.at(limits[0])), min(segment.minutes, segment.at(limits[1]))
    begin = low
    for slot in segment.occupied:
        end = min(high, segment.at(slot.start))
        if begin + length <= end:
            yield begin, end - length
        begin = max(begin, segment.at(slot.end))
    if begin + length <= high:
        yield begin, high - length


def _manned(problem: Problem, used: set[tuple[str, date]], segment: Segment) -> bool:
    rooms = [problem.room(key) for key, day in used if day == segment.day]
    return crews_short(problem.crews, segment.day, [*rooms, segment.room]) is None


def _days_by_room(problem: Problem, slots: Sequence[Slot]) -> list[date]:
    """The days on which most free minutes are left in rooms, first."""
    free: dict[date, float] = defaultdict(float)
    for room in problem.rooms:
        for period in room.periods if room.ready else ():
            free[period.day] += sum(_minutes(span) for span in period.segments())
    for slot in (*problem.locked, *slots):
        free[slot.start.date()] -= _minutes(slot.span)
    return sorted(free, key=lambda day: (-free[day], day))


def _minutes(span: Span) -> float:
    return (span.end - span.start).total_seconds() / 60


def _reopen(problem: Problem, kept: Sequence[Slot], days: set[date], search: Search) -> tuple[Slot, ...] | None:
    """The days planned anew with all that stands elsewhere held fast; as few people moved as the exact model finds."""
    fast = [slot for slot in kept if slot.start.date() not in days]
    space = Space(replace(problem, locked=(*problem.locked, *fast)))
    segments = [segment for segment in space.segments if segment.day in days]
    if any(not any(space.begins(group, segment) for segment in segments) for group in space.groups):
        return None
    model = Assignment(space, space.groups, segments)
    stood = {slot.group: slot for slot in kept if slot.start.date() in days}
    stay, hints = [], []
    for segment in segments:
        for group in space.groups:
            slot = stood.get(group.key)
            if slot and slot.room == segment.room.key and segment.span.start <= slot.start < segment.span.end:
                x = model.x.get((group.key, segment.index))
                if x is not None:
                    stay.append(group.headcount * x)
                    hints.append(Placing(group, segment, segment.at(slot.start)))
    model.model.maximize(sum(stay) if stay else 0)
    model.hint(hints)
    answer = search.solve(model.model, max(2.0, search.options.seconds / 6), max(search.left, TO_FIND_S))
    if not answer.found:
        return None
    placings = model.placings(answer)
    staying = {(hint.group.key, hint.segment.index) for hint in hints} & {
        (placing.group.key, placing.segment.index) for placing in placings
    }
    slots = slots_of(space, placings, {key for key, _ in staying})
    return slots if not check_plan(problem, slots) else None


def _sorted(slots: Iterable[Slot]) -> tuple[Slot, ...]:
    return tuple(sorted(slots, key=lambda slot: (slot.start, slot.room, slot.group)))
