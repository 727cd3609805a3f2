"""``python -m benchmarks planning``: 500 classes, 20 rooms, 10 days; the proven gap of each level within 60 s."""

from __future__ import annotations

import random
from datetime import date, time

from gradphoto.engine.planning import (
    Group,
    Kind,
    Options,
    Problem,
    Rates,
    Room,
    check_plan,
    half_days,
    solve,
)

CLASSES, ROOMS, DAYS = 500, 20, 10
_HOURS = ((time(8, 30), time(11, 30)), (time(14, 0), time(17, 0)))


def made_up_problem(smallest: int, largest: int, seed: int = 1) -> Problem:
    """A province's school of ``CLASSES`` groups, a tenth of them autumn and a seventh adult, on two working weeks."""
    rng = random.Random(seed)
    groups = []
    for n in range(CLASSES):
        department = n // 20
        season = "autumn" if department % 10 == 9 else "spring"
        kind = Kind.ADULT if department % 7 == 6 else Kind.FULL_TIME
        size = rng.randint(smallest, largest)
        groups.append(Group(f"g{n:03}", f"学院{department:02}", f"{n % 20:02}班", season, kind, size, f"{n:06}"))
    periods = half_days(date(2026, 11, 23), date(2026, 12, 4), _HOURS)
    rooms = tuple(Room(f"r{n:02}", f"{n:02}室", 1 + (n >= ROOMS // 2), periods) for n in range(ROOMS))
    return Problem(tuple(groups), rooms, Rates(120, 100))


def planning() -> None:
    for title, smallest, largest in (
        ("classes of 25-60", 25, 60),
        ("classes of 50-100", 50, 100),
        ("majors of 80-200", 80, 200),
    ):
        problem = made_up_problem(smallest, largest)
        plan = solve(problem, Options(seconds=60))
        levels = ", ".join(
            f"{level.goal} {level.value} (bound {level.bound}, gap {level.gap:.1%})" for level in plan.levels
        )
        wrong = len(check_plan(problem, plan.slots))
        print(f"planning, {title}: {plan.status}, {plan.seconds:.1f} s, conflicts {wrong}, {levels}")
