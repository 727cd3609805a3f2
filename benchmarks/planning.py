"""``python -m benchmarks planning``: 500 classes, 20 rooms, 10 days; the proven gap of each level within 60 s.

Then the same plan when it has been told: a class drops out, 25 slots are locked, a room runs 30 minutes late.
"""

from __future__ import annotations

import os
import random
import time as clock
from dataclasses import replace
from datetime import date, time, timedelta

from gradphoto.engine.planning import (
    ConflictKind,
    Delay,
    Goal,
    Group,
    Kind,
    Options,
    Plan,
    Problem,
    Rates,
    Room,
    check_plan,
    half_days,
    replan,
    solve,
)
from gradphoto.engine.standards.workdays import OFFICIAL

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
    periods = half_days(date(2026, 11, 23), date(2026, 12, 4), _HOURS, OFFICIAL)
    rooms = tuple(Room(f"r{n:02}", f"{n:02}室", 1 + (n >= ROOMS // 2), periods) for n in range(ROOMS))
    return Problem(tuple(groups), rooms, Rates(120, 100), OFFICIAL)


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
        if smallest == 50:
            _told(problem, plan)


def _told(problem: Problem, plan: Plan) -> None:
    """Bars: at most 1 % of the people moved; crew-days within 2 % of the bound; a sound answer within 10 s."""
    people = sum(group.headcount for group in problem.groups)
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    rng = random.Random(7)
    gone = rng.choice(problem.groups).key
    cases = {
        "one class out": replace(problem, groups=tuple(group for group in problem.groups if group.key != gone)),
        "25 locks": replace(problem, locked=tuple(rng.sample(plan.slots, 25))),
    }
    for title, changed in cases.items():
        after = solve(changed, Options(seconds=60), standing=plan.slots)
        moved, crew = after.level(Goal.MOVED_PEOPLE), after.level(Goal.CREW_DAYS)
        print(
            f"planning, {title}: {after.seconds:.1f} s, {moved.value / people:.2%} of the people moved, "
            f"crew-days {crew.value} (bound {crew.bound}), conflicts {len(check_plan(changed, after.slots))}, load {load:.1f}"
        )
    free = solve(cases["25 locks"], Options(seconds=60))
    crew = free.level(Goal.CREW_DAYS)
    print(f"planning, 25 locks and nobody told yet: {free.seconds:.1f} s, crew-days {crew.value} (bound {crew.bound})")
    for room in sorted({slot.room for slot in plan.slots})[:3]:
        first = min((slot for slot in plan.slots if slot.room == room), key=lambda slot: slot.start)
        begun = clock.monotonic()
        after_late = replan(
            problem, plan.slots, first.start + timedelta(minutes=12), [Delay(room, 30)], (), Options(seconds=8)
        )
        aside = (ConflictKind.MISSING, ConflictKind.ORDER_BROKEN)
        wrong = sum(conflict.kind not in aside for conflict in check_plan(problem, after_late.slots))
        print(
            f"planning, a room 30 minutes late: {clock.monotonic() - begun:.1f} s, {after_late.outcome}, "
            f"{len(after_late.moved)} moved, {len(after_late.left)} without time, conflicts {wrong}"
        )
