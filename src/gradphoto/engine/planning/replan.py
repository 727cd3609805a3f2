"""On the day: a room runs late, and the rest of the timetable moves as little as possible."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ortools.sat.python import cp_model

from gradphoto.engine.planning.plan import Delay, Options
from gradphoto.engine.planning.problem import Group, Problem, Slot, Wish
from gradphoto.engine.planning.search import Search
from gradphoto.engine.planning.space import Segment, Space
from gradphoto.engine.wording import Wording

_NOTICE_TO_OTHER_ROOM = 30
_NOTICE_TO_OTHER_HALF_DAY = 600
"""What a move to another room or half-day counts, in minutes of delay: people were told where to come."""


@dataclass(frozen=True, slots=True)
class Replanned:
    """All slots after the change, those that moved (before, after), and groups that find no time any more."""

    slots: tuple[Slot, ...]
    moved: tuple[tuple[Slot, Slot], ...]
    left: tuple[str, ...]
    words: tuple[Wording, ...]


def replan(
    problem: Problem,
    slots: Iterable[Slot],
    now: datetime,
    delays: Sequence[Delay],
    locked: Collection[str] = (),
    options: Options | None = None,
) -> Replanned:
    """Move what has not begun out of the way of rooms that run late.

    Slots that have begun stay (the last of them in a late room ends later by its delay), and so do ``locked`` groups. Nobody is called earlier than he was told. First only the late rooms' slots may move; only when that is
    not enough, all others, too. Groups without any time left are named in ``left``.
    """
    before = sorted(slots, key=lambda slot: (slot.start, slot.room))
    late = {delay.room: delay.length for delay in delays}
    standing = {slot.group: slot for slot in before if slot.start <= now or slot.group in locked}
    for room, length in late.items():
        under_way = [slot for slot in before if slot.room == room and slot.start <= now]
        if under_way and under_way[-1].end + length > now:
            standing[under_way[-1].group] = replace(under_way[-1], end=under_way[-1].end + length)
    waiting = [slot for slot in before if slot.group not in standing]
    search = Search(options or Options(seconds=20))
    for movable in ([s for s in waiting if s.room in late], waiting):
        fixed = [*standing.values(), *(slot for slot in waiting if slot not in movable)]
        model = _Move(problem, movable, fixed, now)
        answer = search.solve(model.model, search.options.seconds / 2)
        if answer.found and (not model.left(answer.solver) or movable is waiting):
            break
    placed = model.slots(answer.solver) if answer.found else movable
    left = model.left(answer.solver) if answer.found else ()
    after = tuple(sorted([*fixed, *placed], key=lambda slot: (slot.start, slot.room)))
    old = {slot.group: slot for slot in before}
    moved = tuple((old[s.group], s) for s in placed if s != old[s.group])
    return Replanned(after, moved, left, tuple(_words(problem, moved, left)))


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
        for slot in movable:
            self._slot(slot, problem.group(slot.group))
        for own in self.intervals.values():
            self.model.add_no_overlap(own)
        self._season_blocks(fixed)
        self.model.minimize(sum(self.costs))

    def _minute(self, moment: datetime) -> int:
        return int((moment - self.origin).total_seconds() // 60)

    def _slot(self, slot: Slot, group: Group) -> None:
        choices = self.choice.setdefault(slot.group, [])
        earliest = max(slot.start, self.now)
        for segment in self.space.segments:
            length = self.space.minutes(group, segment)
            if segment.room.key == slot.room:
                length = int((slot.end - slot.start).total_seconds() // 60)
            first = max(self._minute(earliest), self._minute(segment.span.start))
            last = self._minute(segment.span.end) - length
            if first > last:
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
        self.costs.append(100_000 * out)

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
    for before, after in moved:
        title = problem.group(before.group).title
        place_zh = "" if before.room == after.room else f"，改到{problem.room(after.room).name}"
        place_en = "" if before.room == after.room else f", moved to {problem.room(after.room).name}"
        yield Wording(
            f"{title}：{before.start:%m-%d %H:%M} 改为 {after.start:%m-%d %H:%M}{place_zh}。",
            f"{title}: {before.start:%m-%d %H:%M} becomes {after.start:%m-%d %H:%M}{place_en}.",
        )
    for key in left:
        title = problem.group(key).title
        yield Wording(
            f"{title}：今天已没有时间，请增加半天或安排补拍。",
            f"{title}: no time is left; add a half-day or arrange a make-up session.",
        )
