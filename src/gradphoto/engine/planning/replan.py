"""On the day: a room runs late, and the rest of the timetable moves as little as possible."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from gradphoto.engine.late_import import late
from gradphoto.engine.planning.check import ConflictKind, check_plan, crews_short
from gradphoto.engine.planning.plan import Delay, Options
from gradphoto.engine.planning.problem import Group, Problem, Slot, Wish
from gradphoto.engine.planning.search import IsCancelled, OnProgress, Search
from gradphoto.engine.planning.shifting import place_elsewhere, shift
from gradphoto.engine.planning.space import Segment, Space
from gradphoto.engine.wording import Wording

if TYPE_CHECKING:
    from ortools.sat.python import cp_model
else:
    cp_model = late("ortools.sat.python.cp_model")

_NOTICE_TO_OTHER_ROOM = 30
_NOTICE_TO_OTHER_HALF_DAY = 600
"""What a move to another room or half-day counts, in minutes of delay: people were told where to come."""
_NO_TIME_LEFT = 100_000
_MOST_MOVABLE = 120
"""Groups up to which the exact model is built: beyond it building alone takes longer than people in a corridor wait."""


class Outcome(StrEnum):
    """How a day was planned anew."""

    UNCHANGED = "unchanged"
    SHIFTED = "shifted"
    IMPROVED = "improved"
    FAILED = "failed"
    """What stands fast stands in the way: the slots are as they were, and ``words`` says what to do by hand."""


@dataclass(frozen=True, slots=True)
class Replanned:
    """All slots after the change, those that moved (before, after), and groups that find no time any more."""

    slots: tuple[Slot, ...]
    moved: tuple[tuple[Slot, Slot], ...]
    left: tuple[str, ...]
    words: tuple[Wording, ...]
    outcome: Outcome


def replan(
    problem: Problem,
    slots: Iterable[Slot],
    now: datetime,
    delays: Sequence[Delay],
    locked: Collection[str] = (),
    options: Options | None = None,
    on_progress: OnProgress | None = None,
    is_cancelled: IsCancelled | None = None,
) -> Replanned:
    """Move what has not begun today out of the way of rooms that run late.

    Slots that have begun stay (the last of them in a late room ends later by its delay), and so do ``locked`` groups and
    other days. Nobody is called earlier than was told. The plain shift in the same room comes first and is always there,
    and whoever it leaves over goes where the earliest time is free; the exact model may better it, first for the late
    rooms, then for the whole day where somebody would be left over.
    Whatever the answer, it was checked: no conflict is in it that was not there before. Groups without any time left are
    named in ``left``. Raises :class:`CancelledError` after a cancel.
    """
    before = sorted(slots, key=lambda slot: (slot.start, slot.room))
    late = {delay.room: delay.length for delay in delays}
    standing = _standing(before, late, now, locked)
    under_way = [slot.group for slot in before if slot.start <= now]
    waiting = [slot for slot in before if slot.group not in standing]
    today = [slot for slot in waiting if slot.start.date() == now.date()]
    search = Search(options or Options(seconds=8), on_progress, is_cancelled)
    known = {(c.kind, frozenset(c.groups)) for c in check_plan(problem, before)}
    best = shift(problem, [*standing.values(), *waiting], [s for s in today if s.room in late], now)
    sound = _is_sound(problem, best, known, under_way)
    for slot in [s for s in waiting if s.group in _left(before, best)] if sound else ():
        others = place_elsewhere(problem, best, slot, now)
        best = next((made for made in others if _is_sound(problem, made, known, under_way)), best)
    search.tell(0.2, Wording("已顺延，正在减少等候", "Shifted; now shortening the wait"))
    for movable in ([s for s in today if s.room in late], today):
        enough = sound and (not _cost(before, best) or (movable is today and not _left(before, best)))
        if enough or not 0 < len(movable) <= _MOST_MOVABLE:
            continue
        found = _improved(problem, [*standing.values(), *waiting], movable, best, now, search, must=not sound)
        if (
            found is not None
            and _is_sound(problem, found, known, under_way)
            and (not sound or _cost(before, found) < _cost(before, best))
        ):
            best, sound = found, True
    if not sound:
        return Replanned(tuple(before), (), (), (_RAN_OUT if search.ran_out else _FAILED,), Outcome.FAILED)
    search.tell(1.0, Wording("已完成", "Done"))
    old = {slot.group: slot for slot in before}
    moved = tuple((old[s.group], s) for s in best if s.group not in standing and s != old[s.group])
    left = _left(before, best)
    outcome = Outcome.UNCHANGED if not moved and not left else Outcome.SHIFTED
    if outcome is Outcome.SHIFTED and any(a.room != b.room or a.start.date() != b.start.date() for a, b in moved):
        outcome = Outcome.IMPROVED
    return Replanned(tuple(best), moved, left, tuple(_words(problem, moved, left)), outcome)


_FAILED = Wording(
    "无法重新编排：锁定的时段或已约定的时间挡住了顺延。请先解锁该场地后面的时段，或手工调整。",
    "Could not replan: a locked slot or a promised time stands in the way. Unlock what follows in this room, or move by hand.",
)

_RAN_OUT = Wording(
    "计算时间已用完，没有得出结果，时间表没有改动。请再顺延一次，或手工调整。",
    "The time ran out without an answer, and the timetable is as it was. Move the rest again, or move by hand.",
)


def _standing(
    before: Sequence[Slot], late: Mapping[str, timedelta], now: datetime, locked: Collection[str]
) -> dict[str, Slot]:
    """What does not move: begun slots, the last of a late room longer by its delay, and what is locked."""
    standing = {slot.group: slot for slot in before if slot.start <= now or slot.group in locked}
    for room, length in late.items():
        under_way = [slot for slot in before if slot.room == room and slot.start <= now]
        if under_way and under_way[-1].end + length > now:
            standing[under_way[-1].group] = replace(under_way[-1], end=under_way[-1].end + length)
    return standing


def _improved(
    problem: Problem,
    slots: Sequence[Slot],
    movable: Sequence[Slot],
    hint: Sequence[Slot],
    now: datetime,
    search: Search,
    *,
    must: bool,
) -> list[Slot] | None:
    """What the exact model makes of it within its share of the time; None where it finds nothing.

    ``must``: there is no sound answer yet, so a clock that has run out does not end it.
    """
    going = {slot.group for slot in movable}
    fixed = [slot for slot in slots if slot.group not in going]
    model = _Move(problem, movable, fixed, now)
    model.hint([slot for slot in hint if slot.group in going])
    answer = (search.find if must else search.solve)(model.model, search.options.seconds / 2)
    if not answer.found:
        return None
    return sorted([*fixed, *model.slots(answer.solver)], key=lambda slot: (slot.start, slot.room))


def _is_sound(
    problem: Problem,
    slots: Sequence[Slot],
    known: Collection[tuple[ConflictKind, frozenset[str]]],
    under_way: Collection[str],
) -> bool:
    """Whether nothing is wrong that was not wrong before.

    On a late day the order of student numbers (R102) and promised begins give way, who is left over is told apart, and
    what is under way may run into a break or past closing time: a fact, and no fault of the plan.
    """
    aside = (ConflictKind.MISSING, ConflictKind.OVER_RATE, ConflictKind.ORDER_BROKEN, ConflictKind.WISH_BROKEN)
    return all(
        c.kind in aside
        or (c.kind, frozenset(c.groups)) in known
        or (c.kind is ConflictKind.OUTSIDE_OPENING and set(c.groups) <= set(under_way))
        for c in check_plan(problem, slots)
    )


def _left(before: Sequence[Slot], after: Sequence[Slot]) -> tuple[str, ...]:
    stand = {slot.group for slot in after}
    return tuple(slot.group for slot in before if slot.group not in stand)


def _cost(before: Sequence[Slot], after: Sequence[Slot]) -> float:
    """Minutes of waiting, and what another room, another day or none at all counts."""
    old = {slot.group: slot for slot in before}
    cost = float(_NO_TIME_LEFT * len(_left(before, after)))
    for slot in after:
        told = old[slot.group]
        if slot.start.date() != told.start.date():
            cost += _NOTICE_TO_OTHER_HALF_DAY
        else:
            cost += (slot.start - told.start).total_seconds() / 60
        cost += _NOTICE_TO_OTHER_ROOM * (slot.room != told.room)
    return cost


class _Move:
    """Every waiting slot chooses a segment and a begin that is no earlier than it was told."""

    def __init__(self, problem: Problem, movable: Sequence[Slot], fixed: Sequence[Slot], now: datetime) -> None:
        self.problem = problem
        self.movable = movable
        self.now = now
        self.space = Space(replace(problem, locked=(), wishes=_without_begins(problem)))
        self.model = cp_model.CpModel()
        self.choice: dict[str, list[tuple[cp_model.IntVar, cp_model.IntVar, Segment, int]]] = {}
        self.intervals: dict[str, list[cp_model.IntervalVar]] = {room.key: [] for room in problem.rooms}
        self.origin = min((segment.span.start for segment in self.space.segments), default=now)
        for slot in fixed:
            start, end = self._minute(slot.start), self._minute(slot.end)
            self.intervals[slot.room].append(self.model.new_fixed_size_interval_var(start, end - start, slot.group))
        self.costs: list[cp_model.LinearExprT] = []
        self.seasons: dict[tuple[object, str], cp_model.IntVar] = {}
        self.used = {(slot.room, slot.start.date()) for slot in (*fixed, *movable)}
        self.room_left = {segment.index: self._longest_gap(segment, fixed) for segment in self.space.segments}
        for slot in movable:
            self._slot(slot, problem.group(slot.group))
        for own in self.intervals.values():
            self.model.add_no_overlap(own)
        self._season_blocks(fixed)
        self.model.minimize(sum(self.costs))

    def hint(self, slots: Iterable[Slot]) -> None:
        """Start from these: the plain shift."""
        stand = {slot.group: slot for slot in slots}
        for key, choices in self.choice.items():
            slot = stand.get(key)
            for here, begin, segment, _ in choices:
                at_home = (
                    slot is not None
                    and segment.room.key == slot.room
                    and segment.span.start <= slot.start < segment.span.end
                )
                self.model.add_hint(here, at_home)
                if slot is not None and at_home:
                    self.model.add_hint(begin, self._minute(slot.start))

    def _minute(self, moment: datetime) -> int:
        return int((moment - self.origin).total_seconds() // 60)

    def _longest_gap(self, segment: Segment, fixed: Sequence[Slot]) -> int:
        """Minutes of the longest stretch from now on that nothing fixed takes: most segments of a full plan fall away."""
        longest, begin = timedelta(), max(segment.span.start, self.now)
        for slot in sorted((s for s in fixed if s.room == segment.room.key), key=lambda s: s.start):
            if slot.end > segment.span.start and slot.start < segment.span.end:
                longest = max(longest, slot.start - begin)
                begin = max(begin, slot.end)
        return int(max(longest, segment.span.end - begin).total_seconds() // 60)

    def _manned(self, segment: Segment) -> bool:
        """Whether a crew is left for the room on that day (R86)."""
        if segment.room_day in self.used:
            return True
        rooms = [self.problem.room(key) for key, day in self.used if day == segment.day]
        return crews_short(self.problem.crews, segment.day, [*rooms, segment.room]) is None

    def _slot(self, slot: Slot, group: Group) -> None:
        choices = self.choice.setdefault(slot.group, [])
        earliest = max(slot.start, self.now)
        for segment in self.space.segments:
            length = self.space.minutes(group, segment)
            if segment.room.key == slot.room:
                length = int((slot.end - slot.start).total_seconds() // 60)
            first = max(self._minute(earliest), self._minute(segment.span.start))
            last = self._minute(segment.span.end) - length
            if first > last or length > self.room_left[segment.index] or not self._manned(segment):
                continue
            ranges = self._ranges(group, segment, first, last)
            if not ranges:
                continue
            here = self.model.new_bool_var(f"{slot.group} {segment.index}")
            begin = self.model.new_int_var_from_domain(cp_model.Domain.from_intervals(ranges), "")
            self.intervals[segment.room.key].append(
                self.model.new_optional_fixed_size_interval_var(begin, length, here, slot.group)
            )
            choices.append((here, begin, segment, length))
            self._cost(slot, segment, here, begin)
        out = self.model.new_bool_var(f"{slot.group} out")
        self.model.add_exactly_one([here for here, *_ in choices] + [out])
        self.costs.append(_NO_TIME_LEFT * out)

    def _ranges(self, group: Group, segment: Segment, first: int, last: int) -> list[list[int]]:
        offset = self._minute(segment.span.start)
        ranges = []
        for a, b in self.space.begins(group, segment):
            low, high = max(first, a + offset), min(last, b + offset)
            if low <= high:
                ranges.append([low, high])
        return ranges

    def _cost(self, slot: Slot, segment: Segment, here: cp_model.IntVar, begin: cp_model.IntVar) -> None:
        told = self._minute(slot.start)
        wait = self.model.new_int_var(0, 10_000_000, "")
        self.model.add(wait >= begin - told).only_enforce_if(here)
        at_home = segment.room.key == slot.room
        same_half_day = segment.span.start <= slot.start < segment.span.end
        if same_half_day or (segment.span.start.date() == slot.start.date() and slot.start < segment.span.end):
            self.costs.append(wait)
        else:
            self.costs.append(_NOTICE_TO_OTHER_HALF_DAY * here)
            # In another half-day the earliest begin is as good as any: only a small pull, or gaps would be left.
            pull = self.model.new_int_var(0, 10_000_000, "")
            self.model.add(pull >= begin - self._minute(segment.span.start)).only_enforce_if(here)
            self.costs.append(pull)
        if not at_home:
            self.costs.append(_NOTICE_TO_OTHER_ROOM * here)

    def _season_blocks(self, fixed: Sequence[Slot]) -> None:
        spans = {s.index: s for s in self.space.segments}
        taken: dict[object, set[str]] = {}
        for slot in fixed:
            for segment in spans.values():
                if segment.room.key == slot.room and segment.span.overlaps(slot.span):
                    taken.setdefault(segment.block, set()).add(self.problem.group(slot.group).season)
        chosen: dict[object, dict[str, cp_model.IntVar]] = {}
        for key, choices in self.choice.items():
            season = self.problem.group(key).season
            for here, _, segment, _ in choices:
                if taken.get(segment.block, {season}) - {season}:
                    self.model.add(here == 0)
                flags = chosen.setdefault(segment.block, {})
                flag = flags.setdefault(season, self.model.new_bool_var(""))
                self.model.add_implication(here, flag)
        for flags in chosen.values():
            self.model.add_at_most_one(flags.values())

    def slots(self, solver: cp_model.CpSolver) -> list[Slot]:
        """Where the moved slots stand now."""
        made = []
        for slot in self.movable:
            for here, begin, segment, length in self.choice[slot.group]:
                if solver.boolean_value(here):
                    start = self.origin + timedelta(minutes=solver.value(begin))
                    made.append(Slot(slot.group, segment.room.key, start, start + timedelta(minutes=length)))
        return made

    def left(self, solver: cp_model.CpSolver) -> tuple[str, ...]:
        """The groups for which no time is left."""
        return tuple(
            key for key, choices in self.choice.items() if not any(solver.boolean_value(here) for here, *_ in choices)
        )


def _without_begins(problem: Problem) -> tuple[Wish, ...]:
    """Promised begins cannot hold any more on a day that runs late; times when a group cannot come still do."""
    return tuple(replace(wish, start=None, room=None) for wish in problem.wishes if wish.forbidden)


def _words(problem: Problem, moved: Sequence[tuple[Slot, Slot]], left: Sequence[str]) -> Iterable[Wording]:
    yield from change_words(problem, moved)
    for key in left:
        title = problem.group(key).title
        yield Wording(
            f"{title}：今天已没有时间，请增加半天或安排补拍。",
            f"{title}: no time is left; add a half-day or arrange a make-up session.",
        )


def change_words(problem: Problem, moved: Sequence[tuple[Slot, Slot]], lost: Sequence[Slot] = ()) -> Iterable[Wording]:
    """Who must be told what, in order of the times told before; at the end who has no time any more."""
    for before, after in sorted(moved, key=lambda pair: (pair[0].start, pair[0].room)):
        title = problem.group(before.group).title
        place_zh = "" if before.room == after.room else f"，改到{problem.room(after.room).name}"
        place_en = "" if before.room == after.room else f", moved to {problem.room(after.room).name}"
        time_zh, time_en = f"改为 {after.start:%m-%d %H:%M}", f"becomes {after.start:%m-%d %H:%M}"
        if before.start == after.start:
            time_zh, time_en = "时间不变", "as before"
        told = f"{before.start:%m-%d %H:%M}"
        yield Wording(f"{title}：{told} {time_zh}{place_zh}。", f"{title}: {told} {time_en}{place_en}.")
    for slot in sorted(lost, key=lambda slot: (slot.start, slot.room)):
        title, told = problem.group(slot.group).title, f"{slot.start:%m-%d %H:%M}"
        yield Wording(f"{title}：{told} 取消，暂无时段。", f"{title}: {told} is cancelled, without another time yet.")
