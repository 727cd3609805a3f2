"""The working calendar of an organisation: the official one under the holiday tables of its line (R201)."""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from urllib.parse import urlencode

from django.dispatch import Signal

from gradphoto.apps.campaigns.models import CalendarDay
from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import invalid, within
from gradphoto.apps.core.models import AuditEntry
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.pages.first_rows import FirstRows, first_rows
from gradphoto.engine.standards.deadlines import WorkCalendar
from gradphoto.engine.standards.workdays import is_announced

_LONGEST_RUN = 31

calendar_changed = Signal()
"""Sent with ``organisation`` inside the transaction of a change, so that dates counted before can be counted anew."""


def calendar_of(organisation: Organisation) -> WorkCalendar:
    """The calendar by which an organisation counts; its own table stands above those of the levels over it."""
    rows = CalendarDay.objects.filter(organisation__path__in=organisation.ancestor_paths())
    # A path begins with the paths above it: in this order the nearest table is read last and wins.
    return WorkCalendar(dict(rows.order_by("organisation__path").values_list("date", "works")))


@action("campaigns.set_days", permission="campaigns.set_days")
def set_days(
    actor: Actor, organisation: Organisation, *, first: date, last: date, works: bool, source: str
) -> list[CalendarDay]:
    """Say of a run of days (at most a month) whether people work; what the table said before is replaced."""
    source = within(source, 200, field="source")
    if not source:
        raise invalid(
            "campaigns.day_without_source", "请注明依据。", "Name the source.", "例如放假通知的文号。",
            "E.g. the number of the holiday notice.",
        )  # fmt: skip
    made = [
        CalendarDay.objects.update_or_create(
            organisation=organisation, date=day, defaults={"works": works, "source": source}
        )[0]
        for day in run_of(first, last)
    ]
    audit.note(first=first.isoformat(), last=last.isoformat(), works=works, source=source)
    calendar_changed.send(CalendarDay, organisation=organisation)
    return made


def run_of(first: date, last: date) -> list[date]:
    """The days from the first to the last; refuses what is no run of at most a month."""
    if not 0 <= (last - first).days < _LONGEST_RUN:
        raise invalid(
            "campaigns.day_run", "起止日期不对。", "The run of days is wrong.",
            "结束日期不早于开始日期，一次最多31天。", "The last day is not before the first; at most 31 days at once.",
        )  # fmt: skip
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def history(organisation: Organisation) -> FirstRows[AuditEntry]:
    """The latest changes of an organisation's table, the newest first, as the audit trail holds them."""
    changes = AuditEntry.objects.filter(
        action__in=("campaigns.set_days", "campaigns.clear_days", "campaigns.clear_day")
    )
    return first_rows(changes.filter(chain=organisation.pk).order_by("-at", "-pk"), 20)


@action("campaigns.clear_days", permission="campaigns.set_days")
def clear_days(actor: Actor, organisation: Organisation, *, first: date, last: date) -> int:
    """Take a run of days out of the table: the level above or the official calendar speaks again; returns how many."""
    days = CalendarDay.objects.filter(organisation=organisation, date__in=run_of(first, last))
    sources = sorted(set(days.values_list("source", flat=True)))
    cleared, _ = days.delete()
    audit.note(first=first.isoformat(), last=last.isoformat(), cleared=cleared, source="；".join(sources))
    calendar_changed.send(CalendarDay, organisation=organisation)
    return cleared


@dataclass(frozen=True, slots=True)
class Run:
    """Days of one table that follow each other and were entered alike: off or at work, from one source."""

    organisation: Organisation
    first: date
    last: date
    works: bool
    source: str

    @property
    def query(self) -> str:
        """The address of the page that shows what removing it would move."""
        told = {"year": self.first.year, "organisation": self.organisation.pk, "first": self.first, "last": self.last}
        return urlencode({**told, "works": "clear"})


def runs(days: Iterable[CalendarDay]) -> list[Run]:
    """The days of the tables as runs, by their first day."""
    found: list[Run] = []
    for day in sorted(days, key=lambda one: (one.organisation.path, one.date)):
        run = found[-1] if found else None
        follows = run is not None and (run.organisation, run.works, run.source) == (
            day.organisation,
            day.works,
            day.source,
        )
        if run is not None and follows and run.last + timedelta(days=1) == day.date:
            found[-1] = replace(run, last=day.date)
        else:
            found.append(Run(day.organisation, day.date, day.date, day.works, day.source))
    return sorted(found, key=lambda one: one.first)


@dataclass(frozen=True, slots=True)
class DayShown:
    """A day of the year's sheet: ``look`` is work, rest, holiday (a weekday off) or make_up (a weekend at work)."""

    number: int
    look: str
    own: bool


@dataclass(frozen=True, slots=True)
class MonthShown:
    """A month in weeks from Monday; None fills the places before its first and after its last day."""

    number: int
    weeks: Sequence[Sequence[DayShown | None]]


@dataclass(frozen=True, slots=True)
class YearShown:
    """A year as the page draws it; not ``announced`` means that its holidays are an estimate."""

    year: int
    announced: bool
    months: Sequence[MonthShown]


def year_shown(year: int, of: WorkCalendar) -> YearShown:
    """The twelve months of a year under a calendar."""
    return YearShown(
        year,
        is_announced(year),
        [
            MonthShown(
                month,
                [
                    [_shown(date(year, month, number), of) if number else None for number in week]
                    for week in calendar.monthcalendar(year, month)
                ],
            )
            for month in range(1, 13)
        ],
    )


def _shown(day: date, of: WorkCalendar) -> DayShown:
    works, weekend = of.workday(day).works, day.weekday() >= 5
    look = ("make_up" if weekend else "work") if works else ("rest" if weekend else "holiday")
    return DayShown(day.day, look, day in of.overrides)
