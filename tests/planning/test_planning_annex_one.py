"""S1's annex 1 read with the planner's eyes (E1, E2), and planned anew."""

from datetime import timedelta
from itertools import pairwise

import pytest
from annex_one import ROWS, at, problem, timetable

from gradphoto.engine.planning import (
    ConflictKind,
    Goal,
    Options,
    Span,
    Status,
    check_plan,
    over_rate,
    solve,
    tally,
)

pytestmark = pytest.mark.engine


def test_e2_fourteen_departments_of_2881_people_and_no_overlap():
    assert (len(ROWS), sum(row[1] for row in ROWS)) == (14, 2881)
    assert "经管学院" not in {row[0] for row in ROWS}
    kinds = {conflict.kind for conflict in check_plan(problem(1), timetable())}
    assert kinds == {ConflictKind.OVER_RATE}


def test_e2_gaps_of_five_minutes():
    slots = timetable()
    gaps = {a.end: b.start - a.end for a, b in pairwise(slots) if a.end < b.start < a.end + timedelta(hours=1)}
    assert set(gaps) == {at(3, "9:20"), at(3, "14:35"), at(3, "15:25"), at(4, "9:30"), at(4, "14:30")}
    assert set(gaps.values()) == {timedelta(minutes=5)}
    assert tally(problem(1), slots).idle_minutes == 25


def test_e1_one_station_would_need_207_to_253_persons_an_hour():
    conflicts = check_plan(problem(1), timetable())
    assert len(conflicts) == 14
    rates = [count / ((at(d, b) - at(d, a)) / timedelta(hours=1)) for _, count, d, a, b in ROWS]
    assert (int(min(rates) + 0.5), int(max(rates))) == (207, 253)
    law = next(c for c in conflicts if c.groups == ("政法学院",))
    assert "需要2台" in law.words.zh
    assert "needs 2 stations" in law.words.en


def test_e1_two_stations_are_enough():
    assert check_plan(problem(2), timetable()) == ()


def test_over_rate_says_nothing_of_a_slot_that_is_long_enough():
    group = problem(1).group("体育学院")
    assert over_rate(group, Span(at(3, "8:00"), at(3, "9:00")), 1, 120) is None


def test_two_stations_give_a_better_plan_than_s1s_own():
    asked = problem(2)
    plan = solve(asked, Options(seconds=20))
    assert plan.status is Status.OPTIMAL
    assert check_plan(asked, plan.slots) == ()
    own, made = tally(asked, timetable()), tally(asked, plan.slots)
    assert made.crew_days <= own.crew_days
    assert made.idle_minutes == 0 < own.idle_minutes
    assert made.department_days == 14
    busiest = [
        max(g.headcount / ((s.end - s.start) / timedelta(hours=1)) / 2 for s in slots for g in [asked.group(s.group)])
        for slots in (timetable(), plan.slots)
    ]
    assert busiest[1] <= 120 < busiest[0]
    assert plan.level(Goal.CREW_DAYS).gap == 0


def test_one_station_is_impossible_and_the_planner_says_what_would_do():
    plan = solve(problem(1), Options(seconds=20))
    assert plan.status is Status.IMPOSSIBLE
    assert plan.unplaced
    assert any("小时" in reason.zh and "hours" in reason.en for reason in plan.reasons)
    assert plan.proposal is not None
    assert "2" in plan.proposal.words.zh
    assert solve(plan.proposal.changed, Options(seconds=20)).status is Status.OPTIMAL
    assert not {c.kind for c in check_plan(problem(1), plan.slots)} - {ConflictKind.MISSING}
