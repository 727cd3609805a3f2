"""Large problems: first which room-days and which department on which day, then every day for itself.

The first model looks at minutes only (a relaxation, so its bound holds for every plan); each day is then packed
exactly, and what finds no place is packed again with the freest days.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING

from gradphoto.engine.late_import import late
from gradphoto.engine.planning.assign import Assignment, Placing
from gradphoto.engine.planning.check import crews_short
from gradphoto.engine.planning.fill import fill
from gradphoto.engine.planning.problem import Group
from gradphoto.engine.planning.search import Search
from gradphoto.engine.planning.sequence import number_order
from gradphoto.engine.planning.space import Block, RoomDay, Segment, Space
from gradphoto.engine.wording import Wording

if TYPE_CHECKING:
    from ortools.linear_solver import pywraplp
else:
    pywraplp = late("ortools.linear_solver.pywraplp")

_NODES = 4_000
"""Branch-and-bound nodes of the day model: a limit that, unlike seconds, gives the same answer on every machine."""
_MOST_SECONDS = 12.0
_FULLNESS = (0.93, 0.96, 0.98, 0.99, 1.0)
_Bundle = tuple[str, str, frozenset[date]]
"""What the day model cannot tell apart: department, season, days on which its groups could come."""
_Shape = tuple[int, tuple[int, ...]]
"""Rooms alike on a day: stations, and the free minutes of each half-day."""


@dataclass(frozen=True, slots=True)
class DayPlan:
    """The room-days to use, each day's groups, and the department-days that the model reckons with."""

    room_days: frozenset[RoomDay]
    groups: dict[date, tuple[Group, ...]]


class DayModel:
    """How many rooms of a shape open on a day, their half-days by season, and each department's share of a day.

    As a relaxation (``fill`` 1, ``cautious`` False) its bound of the department-days holds for every plan: shares
    are divisible, and a group counts as little as any of its department could at that number of stations.
    """

    def __init__(self, space: Space, *, fill: float = 1.0, cautious: bool = False) -> None:
        self.space = space
        self.fill = fill
        self.cautious = cautious
        self.lp = pywraplp.Solver.CreateSolver("SCIP")
        self.bundles: dict[_Bundle, list[Group]] = defaultdict(list)
        for group in sorted(space.groups, key=number_order):
            self.bundles[group.department, group.season, space.days_of(group)].append(group)
        self.rooms: dict[tuple[date, _Shape, bool], list[RoomDay]] = defaultdict(list)
        self.count: dict[tuple[date, _Shape, bool], pywraplp.Variable] = {}
        self.capacity: dict[tuple[date, str, int], list[object]] = defaultdict(list)
        self.share: dict[tuple[_Bundle, date], list[pywraplp.Variable]] = defaultdict(list)
        self.department_day: dict[tuple[str, date], pywraplp.Variable] = {}
        self._rooms()
        self._shares()
        self._crews()
        for name in space.problem.together:
            self.lp.Add(self.lp.Sum([z for (own, _), z in self.department_day.items() if own == name]) <= 1)

    def _rooms(self) -> None:
        seasons: dict[tuple[date, _Shape, bool], list[str | None]] = {}
        for key, segments in self.space.room_days.items():
            blocks: dict[Block, list[Segment]] = defaultdict(list)
            for segment in segments:
                blocks[segment.block].append(segment)
            shape = segments[0].room.stations, tuple(sum(s.free for s in own) for own in blocks.values())
            fixed = [self.space.locked_seasons.get(block) for block in blocks]
            locked = any(fixed)
            kind = key[1], (shape if not locked else (shape[0], (*shape[1], len(self.rooms)))), locked
            self.rooms[kind].append(key)
            seasons[kind] = fixed
        for kind, keys in self.rooms.items():
            self.count[kind] = self.lp.IntVar(len(keys) if kind[2] else 0, len(keys), "")
            self._half_days(kind, seasons[kind])

    def _half_days(self, kind: tuple[date, _Shape, bool], seasons: list[str | None]) -> None:
        day, (stations, lengths), _ = kind
        for length, fixed in zip(lengths, seasons, strict=False):
            halves = []
            for season in self.space.seasons:
                if fixed in (None, season):
                    half = self.lp.IntVar(0, len(self.rooms[kind]), "")
                    halves.append(half)
                    self.capacity[day, season, stations].append(length * self.fill * half)
            self.lp.Add(self.lp.Sum(halves) <= self.count[kind])

    def _shares(self) -> None:
        sizes = sorted({room.stations for room in self.space.problem.rooms})
        load: dict[tuple[date, str, int], list[object]] = defaultdict(list)
        for bundle, groups in self.bundles.items():
            department, season, days = bundle
            for day in sorted(days):
                if (department, day) not in self.department_day:
                    self.department_day[department, day] = self.lp.BoolVar("")
                for stations in sizes:
                    if (day, season, stations) in self.capacity:
                        share = self.lp.NumVar(0, 1, "")
                        self.share[bundle, day].append(share)
                        load[day, season, stations].append(self._minutes(groups, stations) * share)
                here = self.share[bundle, day]
                self.lp.Add(self.lp.Sum(here) <= self.department_day[department, day])
            self.lp.Add(self.lp.Sum([share for day in days for share in self.share[bundle, day]]) == 1)
        for key, loads in load.items():
            self.lp.Add(self.lp.Sum(loads) <= self.lp.Sum(self.capacity[key]))
        for fixed in self.space.locked_department_days & self.department_day.keys():
            self.lp.Add(self.department_day[fixed] == 1)

    def _minutes(self, groups: list[Group], stations: int) -> float:
        """The bundle's minutes at so many stations. The relaxation takes the group that gains most by them for all."""
        alone = [self.space.problem.minutes(group, 1) for group in groups]
        here = [self.space.problem.minutes(group, stations) for group in groups]
        if self.cautious:
            return sum(here)
        return sum(alone) * min(b / a for a, b in zip(alone, here, strict=True))

    def _crews(self) -> None:
        crews = self.space.problem.crews
        for day in self.space.days if crews else ():
            on_duty = [crew.stations for crew in crews if crew.works_on(day)]
            for size in {shape[0] for when, shape, _ in self.rooms if when == day}:
                counts = [c for (when, shape, _), c in self.count.items() if when == day and shape[0] >= size]
                self.lp.Add(self.lp.Sum(counts) <= sum(stations >= size for stations in on_duty))

    def solve(self, crew_days: int, seconds: float) -> bool:
        """Fewest department-days within so many room-days; whether a solution was found."""
        self.lp.Add(self.lp.Sum(list(self.count.values())) <= crew_days)
        goal = list(self.department_day.values())
        if self.cautious:
            # Among equals the earlier days; too light to buy a department-day.
            order = {day: number for number, day in enumerate(self.space.days)}
            goal += [order[kind[0]] / (len(order) * (crew_days + 1)) * count for kind, count in self.count.items()]
        self.lp.Minimize(self.lp.Sum(goal))
        self.lp.SetSolverSpecificParametersAsString(f"limits/nodes = {_NODES}")
        self.lp.SetTimeLimit(int(1000 * min(seconds, _MOST_SECONDS)))
        return self.lp.Solve() in (pywraplp.Solver.OPTIMAL, pywraplp.Solver.FEASIBLE)

    def bound(self) -> int:
        """The proven fewest department-days, 0 when nothing is proven."""
        best = self.lp.Objective().BestBound()
        return max(0, -int(-(best - 1e-6) // 1))

    def plan(self) -> DayPlan:
        """The rooms to open and each day's groups, lower student numbers first."""
        groups: dict[date, list[Group]] = defaultdict(list)
        for bundle, members in self.bundles.items():
            shares = {day: sum(s.solution_value() for s in self.share[bundle, day]) for day in sorted(bundle[2])}
            for group, day in zip(members, _dealt(members, shares), strict=True):
                groups[day].append(group)
        used: list[RoomDay] = []
        for kind, keys in self.rooms.items():
            used += keys[: round(self.count[kind].solution_value())]
        return DayPlan(frozenset(used), {day: tuple(own) for day, own in sorted(groups.items())})


def _dealt(members: list[Group], shares: dict[date, float]) -> list[date]:
    """A day for each group in their order, so that each day gets about its share of the persons."""
    total = sum(group.headcount for group in members)
    days = [day for day, share in shares.items() if share > 1e-6]
    ends, reached = [], 0.0
    for day in days:
        reached += shares[day] * total
        ends.append(reached)
    dealt, seen = [], 0.0
    for group in members:
        middle = seen + group.headcount / 2
        seen += group.headcount
        dealt.append(next((day for day, end in zip(days, ends, strict=True) if middle <= end), days[-1]))
    return dealt


def department_days_bound(space: Space, crew_days: int, seconds: float) -> int:
    """The fewest department-days that any plan of so many room-days can have."""
    model = DayModel(space)
    model.solve(crew_days, seconds)
    return model.bound()


_LEAST_S = 2.0
"""What a day plan is given when the search's clock has run out before there was one."""


def day_plans(space: Space, crew_days: int, search: Search, seconds: float) -> Iterator[DayPlan]:
    """Ways to share out the departments to days; none when not even the minutes suffice.

    Rooms are filled evenly at first: a day filled to the last minute on paper can seldom be packed with whole groups.
    """
    for fullness in _FULLNESS:
        search.heed()
        model = DayModel(space, fill=fullness, cautious=True)
        if model.solve(crew_days, min(seconds, max(search.left, _LEAST_S))):
            yield model.plan()


def fill_days(space: Space, plan: DayPlan) -> list[Placing] | None:
    """Every day filled department after department; None when somebody is left over."""
    made: list[Placing] = []
    for day, groups in plan.groups.items():
        segments = [s for s in space.segments if s.day == day and s.room_day in plan.room_days]
        filled = fill(space, groups, segments)
        if filled is None or len(filled) < len(groups):
            return None
        made += filled
    return made


def pack_days(space: Space, search: Search, plan: DayPlan, budget: float) -> tuple[list[Placing], frozenset[RoomDay]]:
    """Every day's groups into its segments; whoever is left over goes where there is room, at last into a new room-day.

    Returns the placings and the room-days used. Groups that fit nowhere are missing in the placings.
    """
    made: dict[date, list[Placing]] = {}
    used = set(plan.room_days)
    left: list[Group] = []
    for number, (day, groups) in enumerate(plan.groups.items()):
        made[day] = _pack(space, search, groups, [day], used, budget)
        left += _missing(groups, made[day])
        words = Wording(f"正在编排 {day:%m-%d}", f"Packing {day:%m-%d}")
        search.tell(0.3 + 0.3 * number / len(plan.groups), words)
    if left:
        made, left = _all_days(space, made, left, used)
    # Repacking a day costs seconds; it is worth trying for as long as a good part of the clock is left.
    for days in _by_room(space, used, made):
        if left and search.left > search.options.seconds / 3:
            made, left = _again(space, search, made, days, left, used, budget)
    while left:
        key = _one_more(space, used, left)
        if key is None:
            break
        used.add(key)
        fresh = _pack(space, search, left, [key[1]], {key}, budget)
        made.setdefault(key[1], []).extend(fresh)
        if not fresh:
            break
        left = _missing(left, fresh)
    return [placing for own in made.values() for placing in own], frozenset(used)


def _pack(
    space: Space, search: Search, groups: Iterable[Group], days: list[date], used: set[RoomDay], budget: float
) -> list[Placing]:
    """As many persons as possible of these groups into the room-days used on these days."""
    groups = list(groups)
    segments = [segment for segment in space.segments if segment.day in days and segment.room_day in used]
    filled = fill(space, groups, segments)
    if filled is not None and len(filled) == len(groups):
        return filled
    model = Assignment(space, groups, [s for s in space.segments if s.day in days], may_fail=True, used=used)
    model.model.maximize(model.placed())
    if filled is not None:
        model.hint(filled)
    answer = search.solve(model.model, budget)
    return model.placings(answer) if answer.found else filled or []


def _all_days(
    space: Space, made: dict[date, list[Placing]], left: list[Group], used: set[RoomDay]
) -> tuple[dict[date, list[Placing]], list[Group]]:
    """All days filled as one: a department may spread over more days, but fewer are left over. Kept only when so."""
    groups = [placing.group for own in made.values() for placing in own] + left
    filled = fill(space, groups, [segment for segment in space.segments if segment.room_day in used])
    if filled is None or sum(p.group.headcount for p in filled) <= sum(g.headcount for g in groups) - sum(
        group.headcount for group in left
    ):
        return made, left
    changed: dict[date, list[Placing]] = defaultdict(list)
    for placing in filled:
        changed[placing.segment.day].append(placing)
    return dict(changed), _missing(groups, filled)


def _missing(groups: Iterable[Group], placings: Iterable[Placing]) -> list[Group]:
    stand = {placing.group.key for placing in placings}
    return [group for group in groups if group.key not in stand]


def _again(
    space: Space,
    search: Search,
    made: dict[date, list[Placing]],
    days: list[date],
    left: list[Group],
    used: set[RoomDay],
    budget: float,
) -> tuple[dict[date, list[Placing]], list[Group]]:
    """Pack some days anew together with those left over; kept only when it places more."""
    own = [placing.group for day in days for placing in made.get(day, [])]
    fresh = _pack(space, search, [*own, *left], days, used, budget)
    if sum(p.group.headcount for p in fresh) <= sum(group.headcount for group in own):
        return made, left
    changed = dict(made)
    for day in days:
        changed[day] = [placing for placing in fresh if placing.segment.day == day]
    return changed, _missing([*own, *left], fresh)


def _by_room(space: Space, used: set[RoomDay], made: dict[date, list[Placing]]) -> list[list[date]]:
    """The days with the most free minutes first, then pairs of them."""
    free = {
        day: sum(s.free for s in space.segments if s.day == day and s.room_day in used)
        - sum(space.minutes(p.group, p.segment) for p in own)
        for day, own in made.items()
    }
    days = sorted(free, key=lambda day: (-free[day], day))
    return [[day] for day in days] + [list(pair) for pair in pairwise(days)]


def _one_more(space: Space, used: set[RoomDay], left: list[Group]) -> RoomDay | None:
    """The unused room-day that takes most of those left over, if the crews of its day allow it."""
    rooms = {room.key: room for room in space.problem.rooms}
    best: tuple[int, RoomDay] | None = None
    for key, segments in space.room_days.items():
        on_day = [rooms[room] for room, day in used if day == key[1]] + [rooms[key[0]]]
        if key in used or crews_short(space.problem.crews, key[1], on_day) is not None:
            continue
        fits = sum(any(space.begins(group, segment) for segment in segments) for group in left)
        if fits and (best is None or fits > best[0]):
            best = fits, key
    return best[1] if best else None
