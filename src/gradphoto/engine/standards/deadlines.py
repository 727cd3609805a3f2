"""Deadlines as the notices set them: working days (R174-R176), calendar days (R177), months (R178); never mixed (R201)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType

from gradphoto.engine.standards.workdays import OFFICIAL, DueDate, WorkCalendar, add_months
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


def due(start: date, deadline: Deadline, calendar: WorkCalendar) -> DueDate:
    """The last day of a deadline that begins with ``start``; the start day is not counted (民法典 第二百零一条).

    A month ends on the same day of a later month, or on its last day (第二百零二条). Only working days may be
    provisional: calendar days and months need no holiday table.
    """
    if deadline.kind is Kind.WORKING_DAYS:
        return calendar.add_workdays(start, deadline.count)
    if deadline.kind is Kind.MONTHS:
        return DueDate(add_months(start, deadline.count), provisional=False)
    return DueDate(start + timedelta(days=deadline.count), provisional=False)


def due_before(day: date, deadline: Deadline, calendar: WorkCalendar) -> DueDate:
    """The last day that still lies a whole deadline ahead of ``day``: the database 10 working days before (R85, R175).

    ``day`` itself is not counted, as the start is not in ``due``.
    """
    if deadline.kind is Kind.WORKING_DAYS:
        return calendar.subtract_workdays(day, deadline.count)
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


def days_left(due_on: DueDate | date, today: date, calendar: WorkCalendar) -> DaysLeft:
    """Calendar days and working days from ``today`` to a due day."""
    day = due_on.date if isinstance(due_on, DueDate) else due_on
    return DaysLeft((day - today).days, calendar.count_workdays(today, day))
