"""The exact model: which group stands in which segment, and, where times matter, when it begins there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations, groupby
from typing import TYPE_CHECKING, TypeVar

from gradphoto.engine.late_import import late
from gradphoto.engine.planning.plan import Goal
from gradphoto.engine.planning.problem import Group, Wish
from gradphoto.engine.planning.search import Answer
from gradphoto.engine.planning.space import Block, RoomDay, Segment, Space

if TYPE_CHECKING:
    from ortools.sat.python import cp_model
else:
    cp_model = late("ortools.sat.python.cp_model")

K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class Placing:
    """A group's segment; ``begin`` in minutes where the model decided it, else None: the sequence decides."""

    group: Group
    segment: Segment
    begin: int | None = None


class Assignment:
    """CP-SAT over some groups and segments.

    With ``may_fail`` groups may stay out (``placed`` tells how many minutes stand). ``used`` limits the room-days.
    A segment is *timed* when a locked slot stands in it or a wish limits when some group may begin there: then its
    slots are intervals; all others are plain knapsacks, because their slots simply follow each other.
    """

    def __init__(
        self,
        space: Space,
        groups: Sequence[Group],
        segments: Sequence[Segment],
        *,
        may_fail: bool = False,
        used: Collection[RoomDay] | None = None,
    ) -> None:
        self.space = space
        self.groups = groups
        self.segments = [s for s in segments if used is None or s.room_day in used or s.occupied]
        self.may_fail = may_fail
        self.model = cp_model.CpModel()
        self.x: dict[tuple[str, int], cp_model.IntVar] = {}
        self.begin: dict[tuple[str, int], cp_model.IntVar] = {}
        self.idle: list[cp_model.IntVar] = []
        self.room_day: dict[RoomDay, cp_model.IntVar] = {}
        self.department_day: dict[tuple[str, date], cp_model.IntVar] = {}
        self.department_block: dict[tuple[str, Block], cp_model.IntVar] = {}
        self._here: dict[int, list[Group]] = {}
        self._place()
        self._seasons()
        self._days()
        self._crews()

    def _place(self) -> None:
        for segment in self.segments:
            here = [group for group in self.groups if self.space.begins(group, segment)]
            self._here[segment.index] = here
            for group in here:
                self.x[group.key, segment.index] = self.model.new_bool_var(f"x {group.key} {segment.index}")
            if segment.occupied or any(not self.space.is_free(group, segment) for group in here):
                self._timed(segment, here)
            else:
                load = sum(self.space.minutes(group, segment) * self._x(group, segment) for group in here)
                self.model.add(load <= segment.free)
        places: dict[str, list[cp_model.IntVar]] = defaultdict(list)
        for (key, _), x in self.x.items():
            places[key].append(x)
        for group in self.groups:
            if self.may_fail:
                self.model.add_at_most_one(places[group.key])
            else:
                self.model.add_exactly_one(places[group.key])

    def _timed(self, segment: Segment, here: Sequence[Group]) -> None:
        model, step = self.model, self.space.step
        end = segment.minutes // step
        lines = []
        for slot in segment.occupied:
            a, b = max(0, segment.at(slot.start)), min(segment.minutes, segment.at(slot.end))
            lines.append((a // step, b // step))
        intervals = [model.new_fixed_size_interval_var(a, b - a, "locked") for a, b in lines]
        first, last = model.new_int_var(0, end, "first"), model.new_int_var(0, end, "last")
        for a, b in lines:
            model.add(first <= a)
            model.add(last >= b)
        work: list[cp_model.LinearExpr | int] = [b - a for a, b in lines]
        for group in here:
            x, size = self._x(group, segment), self.space.minutes(group, segment) // step
            ranges = [
                [-(-a // step), b // step] for a, b in self.space.begins(group, segment) if -(-a // step) <= b // step
            ]
            begin = model.new_int_var_from_domain(cp_model.Domain.from_intervals(ranges), f"begin {group.key}")
            intervals.append(model.new_optional_fixed_size_interval_var(begin, size, x, group.key))
            model.add(first <= begin).only_enforce_if(x)
            model.add(last >= begin + size).only_enforce_if(x)
            work.append(size * x)
            self.begin[group.key, segment.index] = begin
        model.add_no_overlap(intervals)
        for earlier, later in self._ordered(here):
            both = [self._x(earlier, segment), self._x(later, segment)]
            size = self.space.minutes(earlier, segment) // step
            first_begin, second_begin = (self.begin[group.key, segment.index] for group in (earlier, later))
            model.add(first_begin + size <= second_begin).only_enforce_if(both)
        self._order_by_locked(segment, here)
        idle = model.new_int_var(0, end, "idle")
        model.add(idle >= last - first - cp_model.LinearExpr.sum(work))
        self.idle.append(idle)

    def _order_by_locked(self, segment: Segment, here: Sequence[Group]) -> None:
        """A group stands on the right side of a locked slot of its own department."""
        step = self.space.step
        for slot in segment.occupied:
            fast = self.space.by_key[slot.group]
            for group in here:
                alike = (group.department, group.season) == (fast.department, fast.season)
                if alike and fast.first_number and self._in_order(group):
                    x, begin = self._x(group, segment), self.begin[group.key, segment.index]
                    if group.first_number < fast.first_number:
                        size = self.space.minutes(group, segment) // step
                        self.model.add(begin + size <= segment.at(slot.start) // step).only_enforce_if(x)
                    else:
                        self.model.add(begin >= segment.at(slot.end) // step).only_enforce_if(x)

    def _in_order(self, group: Group) -> bool:
        """Whether the group follows the student numbers: one with a promised begin does not."""
        return bool(group.first_number) and self.space.wishes.get(group.key, Wish(group.key)).start is None

    def _ordered(self, groups: Sequence[Group]) -> Iterator[tuple[Group, Group]]:
        """Pairs of one department and season that follow the student number; promised times go before it."""
        free = [group for group in groups if self._in_order(group)]
        line = sorted(free, key=lambda group: (group.department, group.season, group.first_number))
        for _, own in groupby(line, key=lambda group: (group.department, group.season)):
            yield from combinations(own, 2)

    def _x(self, group: Group, segment: Segment) -> cp_model.IntVar:
        return self.x[group.key, segment.index]

    def _seasons(self) -> None:
        blocks: dict[Block, list[Segment]] = defaultdict(list)
        for segment in self.segments:
            blocks[segment.block].append(segment)
        for block, segments in blocks.items():
            self._order_over_breaks(segments)
            here: dict[str, list[cp_model.IntVar]] = defaultdict(list)
            for segment in segments:
                for group in self._here[segment.index]:
                    here[group.season].append(self._x(group, segment))
            locked = self.space.locked_seasons.get(block)
            if len(here) < 2 and locked is None:
                continue
            chosen = {season: self.model.new_bool_var(f"{season} {block}") for season in here}
            self.model.add_at_most_one(chosen.values())
            for season, xs in here.items():
                if locked not in (None, season):
                    self.model.add(chosen[season] == 0)
                for x in xs:
                    self.model.add_implication(x, chosen[season])

    def _order_over_breaks(self, segments: Sequence[Segment]) -> None:
        for before, after in combinations(sorted(segments, key=lambda segment: segment.span.start), 2):
            for first, second in self._ordered(self._here[after.index]):
                if (second.key, before.index) in self.x:
                    self.model.add_bool_or(~self._x(first, after), ~self._x(second, before))
            self._forbid(before, lambda group, fast: group.first_number > fast.first_number, after)
            self._forbid(after, lambda group, fast: group.first_number < fast.first_number, before)

    def _forbid(self, segment: Segment, wrong: Callable[[Group, Group], bool], locked: Segment) -> None:
        """No group here that is on the wrong side of a locked slot of its department beyond the break."""
        for fast in (self.space.by_key[slot.group] for slot in locked.occupied):
            for group in self._here[segment.index]:
                alike = (group.department, group.season) == (fast.department, fast.season)
                if alike and fast.first_number and self._in_order(group) and wrong(group, fast):
                    self.model.add(self._x(group, segment) == 0)

    def _days(self) -> None:
        for segment in self.segments:
            used = self._new(self.room_day, segment.room_day)
            for group in self._here[segment.index]:
                x = self._x(group, segment)
                self.model.add_implication(x, used)
                self.model.add_implication(x, self._new(self.department_day, (group.department, segment.day)))
        for key in self.space.locked_room_days & self.room_day.keys():
            self.model.add(self.room_day[key] == 1)
        for department, day in self.space.locked_department_days:
            if day in {segment.day for segment in self.segments}:
                self.model.add(self._new(self.department_day, (department, day)) == 1)
        for department in self.space.problem.together:
            self.model.add_at_most_one(z for (name, _), z in self.department_day.items() if name == department)

    def _new(self, variables: dict[K, cp_model.IntVar], key: K) -> cp_model.IntVar:
        if key not in variables:
            variables[key] = self.model.new_bool_var(str(key))
        return variables[key]

    def _crews(self) -> None:
        crews = self.space.problem.crews
        if not crews:
            return
        stations = {room.key: room.stations for room in self.space.problem.rooms}
        for day in {day for _, day in self.room_day}:
            on_duty = [crew.stations for crew in crews if crew.works_on(day)]
            rooms = {key: used for (key, when), used in self.room_day.items() if when == day}
            for size in {stations[key] for key in rooms}:
                able = sum(count >= size for count in on_duty)
                self.model.add(sum(used for key, used in rooms.items() if stations[key] >= size) <= able)

    def expression(self, goal: Goal) -> cp_model.LinearExpr:
        """What the level counts."""
        if goal is Goal.CREW_DAYS:
            return cp_model.LinearExpr.sum(list(self.room_day.values()))
        if goal is Goal.IDLE_MINUTES:
            return self.space.step * cp_model.LinearExpr.sum(self.idle)
        return cp_model.LinearExpr.sum(list(self.department_day.values()))

    def placed(self) -> cp_model.LinearExpr:
        """The persons placed, for the model in which groups may stay out."""
        heads = {group.key: group.headcount for group in self.groups}
        return cp_model.LinearExpr.sum([heads[key] * x for (key, _), x in self.x.items()])

    def scattered(self) -> cp_model.LinearExpr:
        """In how many half-days of rooms the departments stand: fewer is calmer for everybody."""
        if not self.department_block:
            for segment in self.segments:
                for group in self._here[segment.index]:
                    pair = self._new(self.department_block, (group.department, segment.block))
                    self.model.add_implication(self._x(group, segment), pair)
        return cp_model.LinearExpr.sum(list(self.department_block.values()))

    def misses(self) -> cp_model.LinearExpr:
        """How many groups stand outside the half-days that they would rather come in."""
        asked = {key: wish.preferred for key, wish in self.space.wishes.items() if wish.preferred}
        return cp_model.LinearExpr.sum(
            [
                x
                for (key, index), x in self.x.items()
                if key in asked and not any(span.overlaps(self._segment(index).span) for span in asked[key])
            ]
        )

    def lateness(self) -> cp_model.LinearExpr:
        """How far the room-days used lie from the first day: one visit without days off between (R81)."""
        order = {day: number for number, day in enumerate(self.space.days)}
        return cp_model.LinearExpr.sum([order[day] * used for (_, day), used in self.room_day.items()])

    def _segment(self, index: int) -> Segment:
        return self.space.segments[index]

    def hint(self, placings: Iterable[Placing]) -> None:
        """Start the search from these."""
        self.model.clear_hints()  # type: ignore[no-untyped-call]
        stand = {(p.group.key, p.segment.index): p for p in placings}
        for key, x in self.x.items():
            self.model.add_hint(x, key in stand)
        used = {p.segment.room_day for p in stand.values()}
        for room_day, variable in self.room_day.items():
            self.model.add_hint(variable, room_day in used)
        for key, p in stand.items():
            if p.begin is not None and key in self.begin:
                self.model.add_hint(self.begin[key], p.begin // self.space.step)

    def placings(self, answer: Answer) -> list[Placing]:
        """What the solver decided."""
        groups = {group.key: group for group in self.groups}
        made = []
        for (key, index), x in self.x.items():
            if answer.solver.boolean_value(x):
                begin = self.begin.get((key, index))
                minutes = None if begin is None else answer.solver.value(begin) * self.space.step
                made.append(Placing(groups[key], self._segment(index), minutes))
        return made
