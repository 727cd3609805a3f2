"""Working days of the official calendar with its make-up weekends (R201); years not yet announced are provisional."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType

import chinese_calendar

_NOTHING: Mapping[date, bool] = MappingProxyType({})
# Statutory holidays on fixed days of the solar calendar (State Council, 2024 revision): all that is known of a future year.
_FIXED = frozenset({(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)})


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


def workday(day: date, overrides: Mapping[date, bool] = _NOTHING) -> Workday:
    """Ask the school's own table first, then the official calendar, then weekends and fixed holidays."""
    if day in overrides:
        return Workday(overrides[day], provisional=False)
    try:
        return Workday(chinese_calendar.is_workday(day), provisional=False)
    except NotImplementedError:
        return Workday(day.weekday() < 5 and (day.month, day.day) not in _FIXED, provisional=True)


def add_workdays(start: date, count: int, overrides: Mapping[date, bool] = _NOTHING) -> DueDate:
    """The ``count``-th working day after ``start``; the start itself does not count."""
    day, left, provisional = start, count, False
    while left > 0:
        day += timedelta(days=1)
        answer = workday(day, overrides)
        provisional |= answer.provisional
        left -= answer.works
    return DueDate(day, provisional)


def add_months(start: date, count: int) -> date:
    """The same day ``count`` months later, or the last day of a shorter month."""
    year, month = divmod(start.month - 1 + count, 12)
    year, month = start.year + year, month + 1
    return date(year, month, min(start.day, calendar.monthrange(year, month)[1]))
