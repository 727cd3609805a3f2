"""A proven lower bound for the crew-days of a problem of any size, from an arc-flow relaxation.

For every number of stations and season a graph over the minutes of a segment: an arc is a group of that length, a
path a filled segment. The linear relaxation equals Gilmore and Gomory's pattern bound for bin packing; wishes,
departments and the split of days are left out, so no plan can do with fewer room-days than it says.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING

from gradphoto.engine.late_import import late
from gradphoto.engine.planning.space import RoomDay, Segment, Space

if TYPE_CHECKING:
    from ortools.linear_solver import pywraplp
else:
    pywraplp = late("ortools.linear_solver.pywraplp")

_TIME_LIMIT_MS = 15_000
_BlockType = tuple[int, tuple[int, ...]]
"""Stations, and the free steps of the half-day's segments."""
_RoomDayType = tuple[date, tuple[_BlockType, ...], bool]
"""Day, half-days, and whether locked slots stand in it."""


def crew_days_bound(space: Space) -> int | None:
    """The fewest room-days in which everybody can stand, or None when not even this relaxation has room for all."""
    flow = _ArcFlow(space)
    return flow.bound()


class _ArcFlow:
    def __init__(self, space: Space) -> None:
        self.space = space
        self.lp = pywraplp.Solver.CreateSolver("SCIP")
        self.demand = Counter((g.season, g.kind, g.headcount) for g in space.groups)
        self.of_size = {(g.season, g.kind, g.headcount): g for g in space.groups}
        self.stations = sorted({segment.room.stations for segment in space.segments})
        self.bins: dict[tuple[int, str], dict[int, list[pywraplp.Variable]]] = defaultdict(lambda: defaultdict(list))
        self.used = self._room_days()
        self._groups()

    def bound(self) -> int | None:
        self.lp.Minimize(self.lp.Sum(self.used))
        self.lp.SetTimeLimit(_TIME_LIMIT_MS)
        status = self.lp.Solve()
        if status == pywraplp.Solver.INFEASIBLE:
            return None
        if status == pywraplp.Solver.NOT_SOLVED:
            return 0
        proven: float = self.lp.Objective().BestBound()
        return math.ceil(proven - 1e-6)

    def _room_days(self) -> list[pywraplp.Variable]:
        types: dict[_RoomDayType, list[RoomDay]] = defaultdict(list)
        for key, segments in self.space.room_days.items():
            types[key[1], self._type(segments), key in self.space.locked_room_days].append(key)
        used: list[pywraplp.Variable] = []
        on_day: dict[date, list[tuple[int, pywraplp.Variable]]] = defaultdict(list)
        blocks: dict[_BlockType, list[tuple[int, pywraplp.Variable]]] = defaultdict(list)
        for (day, kind, locked), keys in types.items():
            count = self.lp.IntVar(len(keys) if locked else 0, len(keys), "")
            used.append(count)
            for block_type, often in Counter(kind).items():
                blocks[block_type].append((often, count))
            on_day[day].append((kind[0][0], count))
        for block_type, counts in blocks.items():
            self._blocks(block_type, counts)
        self._crews(on_day)
        return used

    def _type(self, segments: Iterable[Segment]) -> tuple[_BlockType, ...]:
        found: dict[object, list[Segment]] = defaultdict(list)
        for segment in segments:
            found[segment.block].append(segment)
        step = self.space.problem.grid_minutes
        return tuple(
            sorted((own[0].room.stations, tuple(sorted(s.free // step for s in own))) for own in found.values())
        )

    def _blocks(self, block_type: _BlockType, counts: list[tuple[int, pywraplp.Variable]]) -> None:
        """A half-day belongs to one season; its segments are bins of that season."""
        stations, lengths = block_type
        shares = []
        for season in self.space.seasons:
            share = self.lp.IntVar(0, self.lp.infinity(), "")
            shares.append(share)
            for length, often in Counter(lengths).items():
                self.bins[stations, season][length] += [share] * often
        self.lp.Add(self.lp.Sum(shares) <= self.lp.Sum([often * count for often, count in counts]))

    def _crews(self, on_day: dict[date, list[tuple[int, pywraplp.Variable]]]) -> None:
        crews = self.space.problem.crews
        for day, counts in on_day.items() if crews else ():
            on_duty = [crew.stations for crew in crews if crew.works_on(day)]
            for size in {stations for stations, _ in counts}:
                able = sum(stations >= size for stations in on_duty)
                self.lp.Add(self.lp.Sum([count for stations, count in counts if stations >= size]) <= able)

    def _groups(self) -> None:
        shares: dict[tuple[int, str], dict[int, list[pywraplp.Variable]]] = defaultdict(lambda: defaultdict(list))
        for size, often in self.demand.items():
            parts = []
            for stations in self.stations:
                part = self.lp.NumVar(0, often, "")
                length = self.space.problem.minutes(self.of_size[size], stations) // self.space.problem.grid_minutes
                shares[stations, size[0]][length].append(part)
                parts.append(part)
            self.lp.Add(self.lp.Sum(parts) == often)
        for key, by_length in shares.items():
            self._graph(self.bins[key], by_length)

    def _graph(self, bins: dict[int, list[pywraplp.Variable]], items: dict[int, list[pywraplp.Variable]]) -> None:
        """Flow conservation over the steps of a segment; at its end a path leaves through the bin of that length."""
        longest = max(bins, default=0)
        balance: dict[int, list[object]] = defaultdict(list)
        reached = {0}
        for length in sorted(items, reverse=True):
            arcs = []
            for _ in range(longest // length if length else 0):
                fresh = {start + length for start in reached if start + length <= longest} - reached
                if not fresh:
                    break
                reached |= fresh
            for start in sorted(reached):
                if start + length <= longest:
                    arc = self.lp.NumVar(0, self.lp.infinity(), "")
                    balance[start].append(-arc)
                    balance[start + length].append(arc)
                    arcs.append(arc)
            self.lp.Add(self.lp.Sum(arcs) == self.lp.Sum(items[length]))
        nodes = sorted(reached | set(bins))
        for before, after in pairwise(nodes):
            rest = self.lp.NumVar(0, self.lp.infinity(), "")
            balance[before].append(-rest)
            balance[after].append(rest)
        for length, variables in bins.items():
            balance[length] += [-variable for variable in variables]
            balance[0] += variables
        for node in nodes:
            self.lp.Add(self.lp.Sum(balance[node]) == 0)
