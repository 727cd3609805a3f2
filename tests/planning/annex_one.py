"""S1's own timetable (annex 1): department, headcount, day of January 2013, from, to; and the same as a problem."""

from __future__ import annotations

from datetime import date, datetime, time

from gradphoto.engine.planning import Group, Kind, Period, Problem, Rates, Room, Slot, half_days
from gradphoto.engine.standards.workdays import OFFICIAL

ROWS = [
    ("政法学院", 169, 3, "8:00", "8:40"), ("数学学院", 162, 3, "8:40", "9:20"), ("中文学院", 155, 3, "9:25", "10:10"),
    ("化工学院", 247, 3, "10:10", "11:10"), ("体育学院", 120, 3, "11:10", "11:40"), ("计算机学院", 126, 3, "14:00", "14:35"),
    ("新闻学院", 178, 3, "14:40", "15:25"), ("土建学院", 317, 3, "15:30", "16:50"), ("音乐学院", 161, 3, "16:50", "17:30"),
    ("信息学院", 361, 4, "8:00", "9:30"), ("美术学院", 240, 4, "9:35", "10:35"), ("外语学院", 206, 4, "10:35", "11:30"),
    ("物电学院", 120, 4, "14:00", "14:30"), ("机械学院", 319, 4, "14:35", "16:00"),
]  # fmt: skip
HALL = "南校区6号楼一楼学术报告厅"
RATES = Rates(full_time_per_hour=120, adult_per_hour=100, full_time_most=150, adult_most=120)
HOURS = ((time(8, 0), time(11, 40)), (time(14, 0), time(17, 30)))


def at(day: int, clock: str) -> datetime:
    hour, minute = clock.split(":")
    return datetime(2013, 1, day, int(hour), int(minute))


def hall(stations: int, periods: tuple[Period, ...] | None = None) -> Room:
    return Room(
        "hall",
        HALL,
        stations,
        periods or half_days(date(2013, 1, 3), date(2013, 1, 4), HOURS, OFFICIAL, every_day=True),
    )


def problem(stations: int, **changes: object) -> Problem:
    groups = tuple(Group(name, name, "", "spring", Kind.FULL_TIME, count) for name, count, *_ in ROWS)
    values: dict[str, object] = {"groups": groups, "rooms": (hall(stations),), "rates": RATES, "calendar": OFFICIAL}
    return Problem(**{**values, **changes})  # type: ignore[arg-type]


def timetable() -> list[Slot]:
    return [Slot(name, "hall", at(day, start), at(day, end)) for name, _, day, start, end in ROWS]
