"""A small made-up school on two working weeks of November 2026."""

from __future__ import annotations

import random
from datetime import date, datetime, time

from gradphoto.engine.planning import Group, Kind, Problem, Rates, Room, half_days
from gradphoto.engine.standards.workdays import OFFICIAL

HOURS = ((time(8, 30), time(11, 30)), (time(14, 0), time(17, 0)))
BREAK = ((time(10, 0), time(10, 15)),)
RATES = Rates(120, 100, 150, 120)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute)


def school(classes: int = 24, rooms: int = 2, seed: int = 3, **changes: object) -> Problem:
    """Six classes to a department; the fourth department graduates in autumn; room n has n stations."""
    rng = random.Random(seed)
    groups = tuple(
        Group(
            f"g{n}", f"院{n // 6}", f"{n % 6}班", "autumn" if n // 6 == 3 else "spring", Kind.FULL_TIME,
            rng.randint(20, 60), f"{n:04}",
        )
        for n in range(classes)
    )  # fmt: skip
    periods = half_days(date(2026, 11, 23), date(2026, 11, 25), HOURS, OFFICIAL, breaks=BREAK)
    values: dict[str, object] = {
        "groups": groups,
        "rooms": tuple(Room(f"r{n}", f"{n}室", n, periods) for n in range(1, rooms + 1)),
        "rates": RATES,
        "calendar": OFFICIAL,
    }
    return Problem(**{**values, **changes})  # type: ignore[arg-type]
