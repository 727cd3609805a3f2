"""A timetable by first fit: groups in the order given, each into the first block with room for the whole of it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from gradphoto.engine.wording import Wording

_GRID_MIN = 5


class Kind(StrEnum):
    """Full-time and adult students pass at different rates (R79)."""

    FULL_TIME = "full_time"
    ADULT = "adult"


@dataclass(frozen=True, slots=True)
class Group:
    """People who come together: one class of one season (R12, R78)."""

    key: str
    department: str
    class_name: str
    season: str
    kind: Kind
    headcount: int


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of time in one place with so many stations."""

    start: datetime
    end: datetime
    place: str
    stations: int = 1


@dataclass(frozen=True, slots=True)
class Rates:
    """Persons an hour and station (R79, R181)."""

    full_time_per_hour: int
    adult_per_hour: int

    def of(self, kind: Kind) -> int:
        return self.full_time_per_hour if kind is Kind.FULL_TIME else self.adult_per_hour


@dataclass(frozen=True, slots=True)
class PlannedSlot:
    """A group's time and place."""

    group: Group
    start: datetime
    end: datetime
    place: str


@dataclass(frozen=True, slots=True)
class Unplaced:
    """A group for which there was no room, and why."""

    group: Group
    reason: Wording


@dataclass(frozen=True, slots=True)
class Plan:
    """The slots in order of time, and what could not be placed."""

    slots: tuple[PlannedSlot, ...]
    unplaced: tuple[Unplaced, ...]


def plan(groups: Iterable[Group], blocks: Sequence[Block], rates: Rates) -> Plan:
    """Place each group whole into the first block where it fits.

    A group has its slot to itself, so spring and autumn never share one. Slots begin and end on five minutes.
    """
    free = [block.start for block in blocks]
    slots: list[PlannedSlot] = []
    unplaced: list[Unplaced] = []
    for group in groups:
        for index, block in enumerate(blocks):
            end = free[index] + _duration(group, block, rates)
            if end <= block.end:
                slots.append(PlannedSlot(group, free[index], end, block.place))
                free[index] = end
                break
        else:
            unplaced.append(Unplaced(group, _no_room(group)))
    return Plan(tuple(sorted(slots, key=lambda slot: (slot.start, slot.place))), tuple(unplaced))


def rate_warning(headcount: int, start: datetime, end: datetime, stations: int, per_hour: int) -> Wording | None:
    """What to say of a slot in which more people are to pass than stations can take (E1); None if it is fine."""
    asked = headcount / ((end - start) / timedelta(hours=1)) / stations
    if asked <= per_hour:
        return None
    needed = math.ceil(asked * stations / per_hour)
    return Wording(
        f"每台每小时需拍 {asked:.0f} 人，超过 {per_hour} 人；需要 {needed} 台或延长时间。",
        f"{asked:.0f} persons an hour and station, more than {per_hour}: use {needed} stations or more time.",
    )


def _duration(group: Group, block: Block, rates: Rates) -> timedelta:
    minutes = group.headcount * 60 / (rates.of(group.kind) * block.stations)
    return timedelta(minutes=max(1, math.ceil(minutes / _GRID_MIN)) * _GRID_MIN)


def _no_room(group: Group) -> Wording:
    return Wording(
        f"{group.department} {group.class_name}（{group.headcount}人）没有足够长的空档；请增加半天、场地或设备。",
        f"No stretch is long enough for {group.department} {group.class_name} ({group.headcount}): add a half-day, a place or a station.",
    )
