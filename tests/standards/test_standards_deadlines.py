"""The deadline engine against the notices' own dates: working days, calendar days and months are three things (R201)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradphoto.engine.standards.deadlines import Deadline, DueDate, Kind, WorkCalendar, days_left, due
from gradphoto.engine.standards.workdays import OFFICIAL, is_announced, statutory_days

pytestmark = pytest.mark.engine

FORTY_WORKING = Deadline(Kind.WORKING_DAYS, 40, "校教通〔2012〕104号 四（四）")
FORTY_DAYS = Deadline(Kind.CALENDAR_DAYS, 40, "毕业生须知 第四条")
ONE_MONTH = Deadline(Kind.MONTHS, 1, "辽宁2014届采集通知 十三.1")
R143 = {
    2019: ((9, 1), (9, 7), (9, 8), (9, 21), (9, 22), (10, 13), (10, 19), (10, 20), (10, 26), (10, 27)),
    2020: ((3, 7), (3, 8), (3, 14), (3, 15), (3, 21), (4, 11), (4, 12), (4, 18), (4, 19), (4, 25)),
}
MAKE_UP_DAYS = [date(year, month, day) for year, days in R143.items() for month, day in days]


def test_e5_forty_working_days_and_forty_days_are_not_the_same():
    assert due(date(2013, 1, 4), FORTY_WORKING, OFFICIAL) == DueDate(date(2013, 3, 4), provisional=False)
    assert due(date(2013, 1, 4), FORTY_DAYS, OFFICIAL) == DueDate(date(2013, 2, 13), provisional=False)


def test_e6_the_plan_of_s4_is_consistent():
    opens = due(date(2008, 12, 14), FORTY_WORKING, OFFICIAL)
    assert opens.date == date(2009, 2, 12)
    assert days_left(date(2009, 3, 5), opens.date, OFFICIAL).days == 21, "three weeks before the errata date"


@pytest.mark.parametrize("day", MAKE_UP_DAYS, ids=str)
def test_e4_r143_every_published_make_up_day_is_free_of_work(day):
    assert day.weekday() >= 5
    assert not OFFICIAL.workday(day).works, "graduates come on a day off"


def test_e4_the_working_saturday_is_left_out_of_r143():
    assert len(set(MAKE_UP_DAYS)) == 20
    assert date(2019, 10, 12) not in MAKE_UP_DAYS
    assert OFFICIAL.workday(date(2019, 10, 12)).works


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2028-01-31", 1, "2028-02-29"),
        ("2026-12-15", 1, "2027-01-15"),
        ("2026-08-31", 6, "2027-02-28"),
        ("2026-02-28", 1, "2026-03-28"),
    ],
)
def test_r178_a_month_ends_on_its_own_day_or_on_the_last(start, months, end):
    assert due(date.fromisoformat(start), Deadline(Kind.MONTHS, months), OFFICIAL).date == date.fromisoformat(end)


def test_the_start_day_is_not_counted():
    friday = date(2026, 11, 20)
    assert due(friday, Deadline(Kind.WORKING_DAYS, 1), OFFICIAL).date == date(2026, 11, 23)
    assert due(friday, Deadline(Kind.CALENDAR_DAYS, 1), OFFICIAL).date == date(2026, 11, 21)
    assert due(friday, Deadline(Kind.WORKING_DAYS, 0), OFFICIAL).date == friday


def test_r174_five_working_days_over_a_make_up_saturday():
    # National Day 2019: off from 1 to 7 October, work on Sunday 29 September and Saturday 12 October.
    assert due(date(2019, 9, 27), Deadline(Kind.WORKING_DAYS, 5, "十三(1)"), OFFICIAL).date == date(2019, 10, 10)
    assert due(date(2019, 10, 8), Deadline(Kind.WORKING_DAYS, 5, "十三(1)"), OFFICIAL).date == date(2019, 10, 14)


def test_beyond_the_last_announced_year_a_working_day_deadline_is_provisional_and_others_are_not():
    last = max(year for year in range(2020, 2060) if is_announced(year))
    start = date(last, 12, 20)
    assert due(start, FORTY_WORKING, OFFICIAL).provisional
    assert not due(start, FORTY_DAYS, OFFICIAL).provisional
    assert not due(start, ONE_MONTH, OFFICIAL).provisional
    assert not due(date(last, 1, 5), FORTY_WORKING, OFFICIAL).provisional


def test_a_year_not_announced_still_keeps_spring_festival_and_makes_weekends_good():
    off = statutory_days(2027)
    assert {date(2027, 2, day) for day in (5, 6, 7, 8, 9, 10)} <= off, "eve Friday; Saturday and Sunday made good"
    assert date(2027, 4, 5) in off
    assert {date(2027, 5, 3), date(2027, 5, 4)} <= off
    assert OFFICIAL.workday(date(2027, 2, 11)).works
    assert statutory_days(2060) >= {date(2060, 1, 1), date(2060, 10, 1)}


def test_the_schools_own_table_overrides_and_ends_the_doubt():
    own = WorkCalendar({date(2030, 9, 3): False, date(2030, 9, 7): True, date(2030, 9, 4): True})
    assert due(date(2030, 9, 2), Deadline(Kind.WORKING_DAYS, 1), own).date == date(2030, 9, 4)
    assert own.workday(date(2030, 9, 7)).works
    assert not own.workday(date(2030, 9, 7)).provisional


def test_days_left_counts_both_ways():
    monday = date(2026, 11, 23)
    left = days_left(DueDate(date(2026, 11, 30), provisional=False), monday, OFFICIAL)
    assert (left.days, left.working_days, left.overdue) == (7, 5, False)
    late = days_left(date(2026, 11, 20), monday, OFFICIAL)
    assert (late.days, late.working_days, late.overdue) == (-3, -1, True)
    assert not days_left(monday, monday, OFFICIAL).overdue


@given(st.dates(date(2005, 1, 1), date(2036, 1, 1)), st.integers(1, 60))
def test_counting_back_what_was_counted_forth(start, count):
    reached = OFFICIAL.add_workdays(start, count).date
    assert OFFICIAL.count_workdays(start, reached) == count
    assert OFFICIAL.workday(reached).works
    assert due(start, Deadline(Kind.WORKING_DAYS, count), OFFICIAL).date >= start + timedelta(days=count)


def test_a_deadline_in_words_and_never_negative():
    assert FORTY_WORKING.wording.zh == "40 个工作日"
    with pytest.raises(ValueError, match="backwards"):
        Deadline(Kind.MONTHS, -1)
