"""Looking at a plan, whoever made it: what is wrong with it, in words, and what it costs."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from gradphoto.engine.planning.plan import Tally
from gradphoto.engine.planning.problem import Crew, Group, Period, Problem, Room, Slot, Span
from gradphoto.engine.wording import Wording


class ConflictKind(StrEnum):
    """What can be wrong with a plan."""

    UNKNOWN = "unknown"
    MISSING = "missing"
    TWICE = "twice"
    OVERLAP = "overlap"
    OVER_RATE = "over_rate"
    OUTSIDE_OPENING = "outside_opening"
    NOT_READY = "not_ready"
    SEASONS_MIXED = "seasons_mixed"
    ORDER_BROKEN = "order_broken"
    WISH_BROKEN = "wish_broken"
    NOT_TOGETHER = "not_together"
    CREWS_SHORT = "crews_short"


@dataclass(frozen=True, slots=True)
class Conflict:
    """One thing that is wrong, the groups it is about, and the sentence to show."""

    kind: ConflictKind
    groups: tuple[str, ...]
    words: Wording


def check_plan(problem: Problem, slots: Iterable[Slot]) -> tuple[Conflict, ...]:
    """Everything that breaks a rule, in the order of time; empty for a good plan. Nothing is assumed of the slots."""
    return tuple(_Checker(problem, slots).conflicts())


def stations_needed(headcount: int, span: Span, per_hour: int) -> tuple[float, int]:
    """Persons an hour that a slot asks for, and the stations which that takes (E1)."""
    asked = headcount / ((span.end - span.start) / timedelta(hours=1))
    return asked, math.ceil(asked / per_hour)


def over_rate(group: Group, span: Span, stations: int, per_hour: int) -> Wording | None:
    """What to say of a slot in which more people are to pass than its stations can take (E1); None if it is fine."""
    asked, needed = stations_needed(group.headcount, span, per_hour)
    if needed <= stations:
        return None
    return Wording(
        f"{group.title}：{group.headcount}人需在{_clock(span)}拍完，合每小时{asked:.0f}人；"
        f"每台最多{per_hour}人，需要{needed}台（现有{stations}台），或延长时间。",
        f"{group.title}: {group.headcount} persons in {_clock(span)} make {asked:.0f} an hour; a station takes "
        f"{per_hour} at most: needs {needed} stations (there: {stations}), or more time.",
    )


def tally(problem: Problem, slots: Sequence[Slot]) -> Tally:
    """What the slots cost: crew-days, idle minutes inside half-days, days of each department."""
    days: dict[str, set[date]] = defaultdict(set)
    groups = {group.key: group for group in problem.groups}
    lines: dict[tuple[str, Span], list[Slot]] = defaultdict(list)
    for slot in slots:
        days[groups[slot.group].department].add(slot.start.date())
        segment = _segment(problem.room(slot.room), slot.start)
        if segment is not None:
            lines[slot.room, segment].append(slot)
    idle = timedelta()
    for line in lines.values():
        line.sort(key=lambda slot: slot.start)
        idle += sum((max(timedelta(), b.start - a.end) for a, b in pairwise(line)), timedelta())
    return Tally(
        crew_days=len({(slot.room, slot.start.date()) for slot in slots}),
        idle_minutes=int(idle.total_seconds() // 60),
        department_days=sum(map(len, days.values())),
        by_department={name: len(found) for name, found in days.items()},
    )


def crews_short(crews: Sequence[Crew], day: date, used: Sequence[Room]) -> int | None:
    """The stations for which the day's crews do not suffice, None if they do. A crew mans one room, not a larger one.

    Because a bigger crew can do all that a smaller can, counting from the biggest down decides it (Hall).
    """
    if not crews:
        return None
    on_duty = [crew.stations for crew in crews if crew.works_on(day)]
    for size in sorted({room.stations for room in used}, reverse=True):
        if sum(room.stations >= size for room in used) > sum(stations >= size for stations in on_duty):
            return size
    return None


def _segment(room: Room, at: datetime) -> Span | None:
    spans = (span for period in room.periods for span in period.segments())
    return next((span for span in spans if span.start <= at < span.end), None)


def _period(room: Room, at: datetime) -> Period | None:
    return next((period for period in room.periods if period.start <= at < period.end), None)


def _clock(span: Span) -> str:
    return f"{span.start:%m-%d %H:%M}–{span.end:%H:%M}"


class _Checker:
    def __init__(self, problem: Problem, slots: Iterable[Slot]) -> None:
        self.problem = problem
        self.groups = {group.key: group for group in problem.groups}
        self.rooms = {room.key: room for room in problem.rooms}
        self.all = sorted(slots, key=lambda slot: (slot.start, slot.room, slot.group))
        self.slots = [slot for slot in self.all if slot.group in self.groups and slot.room in self.rooms]
        self.lines: dict[str, list[Slot]] = defaultdict(list)
        for slot in self.slots:
            self.lines[slot.room].append(slot)

    def conflicts(self) -> Iterator[Conflict]:
        yield from self._listed()
        for slot in self.slots:
            yield from self._alone(slot)
        for line in self.lines.values():
            yield from self._in_one_room(line)
        yield from self._crews()
        yield from self._wishes()
        yield from self._together()

    def _listed(self) -> Iterator[Conflict]:
        seen: set[str] = set()
        for slot in self.all:
            if slot.group not in self.groups or slot.room not in self.rooms:
                words = Wording("时段中的班级或场地不存在。", "The slot's group or room does not exist.")
                yield Conflict(ConflictKind.UNKNOWN, (slot.group,), words)
            elif slot.group in seen:
                title = self.groups[slot.group].title
                yield Conflict(
                    ConflictKind.TWICE,
                    (slot.group,),
                    Wording(f"{title} 被安排了两次。", f"{title} is planned twice."),
                )
            seen.add(slot.group)
        for group in self.problem.groups:
            if group.key not in seen:
                words = Wording(
                    f"{group.title}（{group.headcount}人）还没有安排。",
                    f"{group.title} ({group.headcount}) has no slot yet.",
                )
                yield Conflict(ConflictKind.MISSING, (group.key,), words)

    def _alone(self, slot: Slot) -> Iterator[Conflict]:
        group, room = self.groups[slot.group], self.rooms[slot.room]
        if not room.ready:
            words = Wording(
                f"{room.name} 尚未通过场地检查，不能安排 {group.title}。",
                f"{room.name} has not passed its check list: {group.title} cannot be planned there.",
            )
            yield Conflict(ConflictKind.NOT_READY, (group.key,), words)
        segment = _segment(room, slot.start)
        if segment is None or slot.end > segment.end or slot.end <= slot.start:
            words = Wording(
                f"{group.title} 的时段 {_clock(slot.span)} 不在 {room.name} 的开放时间内。",
                f"{group.title}, {_clock(slot.span)}: outside the opening hours of {room.name}.",
            )
            yield Conflict(ConflictKind.OUTSIDE_OPENING, (group.key,), words)
        if slot.end > slot.start:
            words_or_none = over_rate(group, slot.span, room.stations, self.problem.rates.most(group.kind))
            if words_or_none is not None:
                yield Conflict(ConflictKind.OVER_RATE, (group.key,), words_or_none)

    def _in_one_room(self, line: list[Slot]) -> Iterator[Conflict]:
        room = self.rooms[line[0].room]
        latest = line[0]
        for slot in line[1:]:
            if slot.start < latest.end:
                a, b = self.groups[latest.group].title, self.groups[slot.group].title
                words = Wording(
                    f"{room.name}：{a} 与 {b} 时间重叠（{_clock(slot.span)}）。",
                    f"{room.name}: {a} and {b} overlap ({_clock(slot.span)}).",
                )
                yield Conflict(ConflictKind.OVERLAP, (latest.group, slot.group), words)
            latest = max(latest, slot, key=lambda one: one.end)
        blocks: dict[Period | None, list[Slot]] = defaultdict(list)
        for slot in line:
            blocks[_period(room, slot.start)].append(slot)
        for period, block in blocks.items():
            if period is not None:
                yield from self._in_one_block(room, period, block)

    def _in_one_block(self, room: Room, period: Period, block: list[Slot]) -> Iterator[Conflict]:
        if len({self.groups[slot.group].season for slot in block}) > 1:
            words = Wording(
                f"{room.name} {_clock(Span(period.start, period.end))} 混排了春季和秋季毕业生。",
                f"{room.name}, {_clock(Span(period.start, period.end))}: spring and autumn graduates in one half-day.",
            )
            yield Conflict(ConflictKind.SEASONS_MIXED, tuple(slot.group for slot in block), words)
        asked = {wish.group for wish in self.problem.wishes if wish.start is not None}
        lines: dict[tuple[str, str], list[Group]] = defaultdict(list)
        for slot in block:
            group = self.groups[slot.group]
            if group.first_number and group.key not in asked:
                lines[group.department, group.season].append(group)
        for line in lines.values():
            for a, b in pairwise(line):
                if b.first_number < a.first_number:
                    words = Wording(
                        f"{b.title} 的学号在 {a.title} 之前，应先拍。",
                        f"{b.title} has lower student numbers than {a.title} and should come first.",
                    )
                    yield Conflict(ConflictKind.ORDER_BROKEN, (a.key, b.key), words)

    def _crews(self) -> Iterator[Conflict]:
        used: dict[date, set[str]] = defaultdict(set)
        for slot in self.slots:
            used[slot.start.date()].add(slot.room)
        for day, keys in sorted(used.items()):
            size = crews_short(self.problem.crews, day, [self.rooms[key] for key in keys])
            if size is not None:
                words = Wording(
                    f"{day:%m-%d} 使用 {len(keys)} 个场地，能操作 {size} 台的拍摄组不够。",
                    f"{day:%m-%d}: {len(keys)} rooms are used, but crews for {size} station(s) are too few.",
                )
                yield Conflict(
                    ConflictKind.CREWS_SHORT,
                    tuple(slot.group for slot in self.slots if slot.start.date() == day),
                    words,
                )

    def _wishes(self) -> Iterator[Conflict]:
        slots = {slot.group: slot for slot in self.slots}
        for wish in self.problem.wishes:
            slot = slots.get(wish.group)
            if slot is None:
                continue
            title = self.groups[wish.group].title
            if wish.start is not None and (
                slot.start != wish.start or (wish.room is not None and slot.room != wish.room)
            ):
                words = Wording(
                    f"{title} 约定 {wish.start:%m-%d %H:%M} 开始，现排在 {slot.start:%m-%d %H:%M}。",
                    f"{title} was promised {wish.start:%m-%d %H:%M} and stands at {slot.start:%m-%d %H:%M}.",
                )
                yield Conflict(ConflictKind.WISH_BROKEN, (wish.group,), words)
            for span in wish.forbidden:
                if span.overlaps(slot.span):
                    words = Wording(f"{title} 在 {_clock(span)} 不能到场。", f"{title} cannot come in {_clock(span)}.")
                    yield Conflict(ConflictKind.WISH_BROKEN, (wish.group,), words)

    def _together(self) -> Iterator[Conflict]:
        days: dict[str, dict[date, str]] = defaultdict(dict)
        for slot in self.slots:
            group = self.groups[slot.group]
            if group.department in self.problem.together:
                days[group.department][slot.start.date()] = group.key
        for department, found in days.items():
            if len(found) > 1:
                words = Wording(
                    f"{department} 应在同一天拍完，现分在 {len(found)} 天。",
                    f"{department} is to be done on one day and stands on {len(found)}.",
                )
                yield Conflict(ConflictKind.NOT_TOGETHER, tuple(found.values()), words)
