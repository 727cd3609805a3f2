"""What ran out of time is not told as a proof, and what was told to people stays."""

import itertools
from dataclasses import replace
from types import SimpleNamespace

import pytest
from made_up_school import at, school

from gradphoto.engine.planning import (
    Delay,
    Group,
    Kind,
    Options,
    Outcome,
    Period,
    Problem,
    Rates,
    Room,
    Slot,
    Status,
    change_words,
    check_plan,
    replan,
    search,
    seek,
    solve,
)
from gradphoto.engine.standards.workdays import OFFICIAL

pytestmark = pytest.mark.engine
SECONDS = Options(seconds=20)
NO_ANSWER = search.Answer(found=False, proven=False, impossible=False, value=0, bound=0, solver=None)


def of_size(key, headcount):
    return Group(key, f"院{key}", "", "spring", Kind.FULL_TIME, headcount)


def one_room(groups, *periods):
    return Problem(tuple(groups), (Room("r", "104", 1, periods),), Rates(120, 100), OFFICIAL)


def test_who_was_told_keeps_the_place_when_a_late_class_does_not_fit():
    """The late class is the larger one: the most persons would be had by sending the other two away."""
    told = (Slot("a", "r", at(23, 8), at(23, 8, 20)), Slot("b", "r", at(23, 8, 20), at(23, 8, 40)))
    asked = one_room([of_size("a", 40), of_size("b", 40), of_size("c", 120)], Period(at(23, 8), at(23, 9)))
    plan = solve(asked, SECONDS, standing=told)
    assert plan.status is Status.IMPOSSIBLE
    assert plan.slots == told
    assert [one.group for one in plan.unplaced] == ["c"]
    assert (plan.moved, plan.lost) == ((), ())


def test_who_must_move_and_who_has_no_time_any_more_is_told_of_an_impossible_plan_too():
    told = (Slot("a", "r", at(23, 8), at(23, 8, 20)), Slot("b", "r", at(23, 8, 20), at(23, 8, 40)))
    asked = one_room([of_size("a", 40), of_size("b", 40)], Period(at(24, 8), at(24, 8, 20)))
    plan = solve(asked, SECONDS, standing=told)
    assert plan.status is Status.IMPOSSIBLE
    assert [(before.group, now.start) for before, now in plan.moved] == [("a", at(24, 8))]
    assert plan.lost == (told[1],)
    assert [words.zh for words in change_words(asked, plan.moved, plan.lost)] == [
        "院a：11-23 08:00 改为 11-24 08:00。", "院b：11-23 08:20 取消，暂无时段。",
    ]  # fmt: skip


def test_nobody_is_taken_off_the_board_because_the_clock_ran_out_on_the_most(monkeypatch):
    monkeypatch.setattr(search.Search, "solve", lambda *asked: NO_ANSWER)
    asked = one_room([of_size("a", 120), of_size("b", 120)], Period(at(23, 8), at(23, 9)))
    plan = solve(asked, SECONDS)
    assert (plan.status, plan.slots, plan.unplaced) == (Status.UNDECIDED, (), ())
    assert "不能全部排下" in plan.reasons[0].zh


def test_a_plan_with_everybody_in_it_is_not_called_impossible(monkeypatch):
    monkeypatch.setattr(seek, "_EXACT", 0)
    monkeypatch.setattr(seek, "_by_days", lambda *asked: None)
    asked = school(8)
    plan = solve(asked, SECONDS)
    assert plan.status is Status.FEASIBLE
    assert check_plan(asked, plan.slots) == ()
    assert plan.levels


@pytest.mark.parametrize("department", ["", "院"])
@pytest.mark.parametrize("stands_still", [True, False])
def test_as_few_as_possible_move_whatever_the_clock_and_the_numbers(monkeypatch, stands_still, department):
    """Of one department, too: who stays is not exchanged with another class of that size for the order of numbers."""
    if stands_still:
        minutes = itertools.count()
        monkeypatch.setattr(search, "time", SimpleNamespace(monotonic=lambda: 60.0 * next(minutes)))
    periods = [Period(at(day, 8), at(day, 9)) for day in (23, 24, 25)]
    small = [replace(of_size(key, 60), department=department or key) for key in "abc"]
    told = tuple(Slot(one.key, "r", at(day, 8, 30), at(day, 9)) for one, day in zip(small, (25, 24, 23), strict=True))
    asked = one_room([*small, of_size("d", 120)], *periods)
    plan = solve(asked, SECONDS, standing=told)
    assert check_plan(asked, plan.slots) == ()
    assert len({before.group for before, now in plan.moved if before.start.date() != now.start.date()}) == 1


def test_a_late_room_without_time_to_search_blames_no_locked_slot(monkeypatch):
    monkeypatch.setattr(search.Search, "solve", lambda *asked: NO_ANSWER)
    asked = one_room([of_size(key, 40) for key in "abc"], Period(at(23, 8), at(23, 9)))
    line = [Slot(key, "r", at(23, 8, n), at(23, 8, n + 20)) for key, n in (("a", 0), ("b", 20))]
    line.append(Slot("c", "r", at(23, 8, 40), at(23, 9)))
    after = replan(asked, line, at(23, 8), [Delay("r", 10)], locked=["b"])
    assert after.outcome is Outcome.FAILED
    assert "时间已用完" in after.words[0].zh
