"""Deadlines as the notices set them: working days (R174-R176), calendar days (R177), months (R178); never mixed (R201)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType

from gradphoto.engine.standards.workdays import (
    DueDate,
    Workday,
    add_months,
    add_workdays,
    count_workdays,
    subtract_workdays,
    workday,
)
from gradphoto.engine.wording import Wording

__all__ = ["OFFICIAL", "DaysLeft", "Deadline", "DueDate", "Kind", "WorkCalendar", "days_left", "due", "due_before"]


class Kind(StrEnum):
    """What a deadline counts."""

    WORKING_DAYS = "working_days"
    CALENDAR_DAYS = "calendar_days"
    MONTHS = "months"


UNITS: Mapping[Kind, Wording] = MappingProxyType(
    {
        Kind.WORKING_DAYS: Wording("{n} 个工作日", "{n:working day|working days}"),
        Kind.CALENDAR_DAYS: Wording("{n} 个自然日", "{n:calendar day|calendar days}"),
        Kind.MONTHS: Wording("{n} 个月", "{n:month|months}"),
    }
)


@dataclass(frozen=True, slots=True)
class Deadline:
    """So many days or months, and the notice that says so."""

    kind: Kind
    count: int
    source: str = ""

    def __post_init__(self) -> None:
        if self.count < 0:
            raise ValueError("A deadline does not count backwards.")

    @property
    def wording(self) -> Wording:
        """The deadline in words, e.g. 5 个工作日."""
        return UNITS[self.kind].format(n=self.count)


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """The official calendar under a table of one's own: ``overrides`` says of a day whether people work."""

    overrides: Mapping[date, bool] = field(default_factory=lambda: MappingProxyType({}))

    def workday(self, day: date) -> Workday:
        """Whether people work on a day, and whether that may still change."""
        return workday(day, self.overrides)


OFFICIAL = WorkCalendar()


def due(start: date, deadline: Deadline, calendar: WorkCalendar = OFFICIAL) -> DueDate:
    """The last day of a deadline that begins with ``start``; the start day is not counted (民法典 第二百零一条).

    A month ends on the same day of a later month, or on its last day (第二百零二条). Only working days may be
    provisional: calendar days and months need no holiday table.
    """
    if deadline.kind is Kind.WORKING_DAYS:
        return add_workdays(start, deadline.count, calendar.overrides)
    if deadline.kind is Kind.MONTHS:
        return DueDate(add_months(start, deadline.count), provisional=False)
    return DueDate(start + timedelta(days=deadline.count), provisional=False)


def due_before(day: date, deadline: Deadline, calendar: WorkCalendar = OFFICIAL) -> DueDate:
    """The last day that still lies a whole deadline ahead of ``day``: the database 10 working days before (R85, R175).

    ``day`` itself is not counted, as the start is not in ``due``.
    """
    if deadline.kind is Kind.WORKING_DAYS:
        return subtract_workdays(day, deadline.count, calendar.overrides)
    if deadline.kind is Kind.MONTHS:
        return DueDate(add_months(day, -deadline.count), provisional=False)
    return DueDate(day - timedelta(days=deadline.count), provisional=False)


@dataclass(frozen=True, slots=True)
class DaysLeft:
    """What is left until a due day, today not counted: 0 on the day itself, below 0 when it has passed."""

    days: int
    working_days: int

    @property
    def overdue(self) -> bool:
        return self.days < 0


def days_left(due_on: DueDate | date, today: date, calendar: WorkCalendar = OFFICIAL) -> DaysLeft:
    """Calendar days and working days from ``today`` to a due day."""
    day = due_on.date if isinstance(due_on, DueDate) else due_on
    return DaysLeft((day - today).days, count_workdays(today, day, calendar.overrides))
