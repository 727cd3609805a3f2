"""Working days of the official calendar with its make-up weekends (R201); years not yet announced are provisional."""

from __future__ import annotations

import calendar
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType

import chinese_calendar

_DAY = timedelta(days=1)

# Statutory holidays on fixed days of the solar calendar (State Council decree 795, in force since 2025).
_FIXED = ((1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3))
# Spring Festival, Dragon Boat and Mid-Autumn by GB/T 33661-2017, for the years before they are announced.
_LUNAR: Mapping[int, tuple[tuple[int, int], ...]] = MappingProxyType(
    {
        2027: ((2, 6), (6, 9), (9, 15)),
        2028: ((1, 26), (5, 28), (10, 3)),
        2029: ((2, 13), (6, 16), (9, 22)),
        2030: ((2, 3), (6, 5), (9, 12)),
        2031: ((1, 23), (6, 24), (10, 1)),
        2032: ((2, 11), (6, 12), (9, 19)),
        2033: ((1, 31), (6, 1), (9, 8)),
        2034: ((2, 19), (6, 20), (9, 27)),
        2035: ((2, 8), (6, 10), (9, 16)),
        2036: ((1, 28), (5, 30), (10, 4)),
    }
)


@dataclass(frozen=True, slots=True)
class Workday:
    """Whether people work on a day, and whether the answer may still change."""

    works: bool
    provisional: bool


@dataclass(frozen=True, slots=True)
class DueDate:
    """A date reached by counting; provisional when a day on the way was."""

    date: date
    provisional: bool


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """The official calendar under a table of one's own: ``overrides`` says of a day whether people work.

    No date is counted without one: whoever counts says by whose calendar (R201). An organisation's is
    ``campaigns.calendars.calendar_of``; ``OFFICIAL`` is the country's alone.
    """

    overrides: Mapping[date, bool]

    def workday(self, day: date) -> Workday:
        """Ask one's own table first, then the official calendar, then weekends and statutory holidays."""
        if day in self.overrides:
            return Workday(self.overrides[day], provisional=False)
        try:
            return Workday(chinese_calendar.is_workday(day), provisional=False)
        except NotImplementedError:
            return Workday(day.weekday() < 5 and day not in statutory_days(day.year), provisional=True)

    def is_closed(self, day: date) -> bool:
        """Whether the own table closes the day, whatever weekday it is."""
        return self.overrides.get(day) is False

    def add_workdays(self, start: date, count: int) -> DueDate:
        """The ``count``-th working day after ``start``; the start itself does not count."""
        return self._walk(start, count, _DAY)

    def subtract_workdays(self, day: date, count: int) -> DueDate:
        """The ``count``-th working day before ``day``; the day itself does not count."""
        return self._walk(day, count, -_DAY)

    def count_workdays(self, after: date, until: date) -> int:
        """How many working days lie after ``after`` up to and with ``until``; negative when ``until`` is the earlier."""
        if until < after:
            return -self.count_workdays(until, after)
        return sum(self.workday(after + n * _DAY).works for n in range(1, (until - after).days + 1))

    def _walk(self, day: date, count: int, step: timedelta) -> DueDate:
        left, provisional = count, False
        while left > 0:
            day += step
            answer = self.workday(day)
            provisional |= answer.provisional
            left -= answer.works
        return DueDate(day, provisional)


OFFICIAL = WorkCalendar(MappingProxyType({}))
"""The country's calendar with nobody's own days: for what concerns no organisation."""


def is_announced(year: int) -> bool:
    """Whether the official calendar of a year, with its make-up weekends, is known here."""
    try:
        chinese_calendar.is_workday(date(year, 1, 1))
    except NotImplementedError:
        return False
    return True


@functools.cache
def statutory_days(year: int) -> frozenset[date]:
    """The days off by decree 795 in a year not announced yet; one on a weekend is made good on the next free weekday."""
    days = [date(year, month, day) for month, day in _FIXED]
    if 2000 <= year <= 2099:
        days.append(_qingming(year))
    if year in _LUNAR:
        spring, dragon_boat, mid_autumn = (date(year, month, day) for month, day in _LUNAR[year])
        days += [spring + n * _DAY for n in range(-1, 3)] + [dragon_boat, mid_autumn]
    off: set[date] = set(days)
    for day in sorted(days):
        if day.weekday() >= 5:
            while day.weekday() >= 5 or day in off:
                day += _DAY
            off.add(day)
    return frozenset(off)


def _qingming(year: int) -> date:
    """The solar term 清明 of the 21st century (the almanac's rule of thumb; 4 or 5 April)."""
    short = year % 100
    return date(year, 4, int(short * 0.2422 + 4.81) - short // 4)


def add_months(start: date, count: int) -> date:
    """The same day ``count`` months later, or the last day of a shorter month."""
    year, month = divmod(start.month - 1 + count, 12)
    year, month = start.year + year, month + 1
    return date(year, month, min(start.day, calendar.monthrange(year, month)[1]))
