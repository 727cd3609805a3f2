"""When a collection centre takes make-up shots: a weekly rule or a list of dates, and the hours of a day."""

from __future__ import annotations

import functools
import tomllib
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from importlib import resources

from gradphoto.engine.standards.workdays import WorkCalendar
from gradphoto.engine.wording import Wording

_STEP = timedelta(minutes=30)
Hours = tuple[tuple[time, time], ...]


@dataclass(frozen=True, slots=True)
class PublishedDays:
    """Days and hours with their source: either ``dates``, or every ``weekday`` (0 is Monday) of a season of the year.

    ``first`` and ``last`` are month-day (``09-01``); the season may run over New Year and includes both ends. A day of
    the weekly rule that is a public holiday is left out (R142: 节假日除外).
    """

    code: str
    title: Wording
    source: str
    place: str
    hours: Hours
    dates: tuple[date, ...] = ()
    weekday: int | None = None
    first: str = ""
    last: str = ""
    by_telephone: bool = False

    def days(self, start: date, end: date, calendar: WorkCalendar) -> tuple[date, ...]:
        """The published days from ``start`` to ``end``, both included, in order; none on which the calendar's own table is closed."""
        if self.weekday is None:
            open_days = {day for day in self.dates if start <= day <= end and not calendar.is_closed(day)}
            return tuple(sorted(open_days))
        run = (start + timedelta(days=n) for n in range((end - start).days + 1))
        return tuple(day for day in run if self._by_rule(day, calendar))

    def _by_rule(self, day: date, calendar: WorkCalendar) -> bool:
        at = f"{day:%m-%d}"
        in_season = self.first <= at <= self.last if self.first <= self.last else at >= self.first or at <= self.last
        return day.weekday() == self.weekday and in_season and calendar.workday(day).works


def half_hours(hours: Hours) -> tuple[tuple[time, time], ...]:
    """The hours cut into half-hours; a rest shorter than half an hour is left out."""
    cut = []
    for opens, closes in hours:
        at, end = datetime.combine(date.min, opens), datetime.combine(date.min, closes)
        while at + _STEP <= end:
            cut.append((at.time(), (at + _STEP).time()))
            at += _STEP
    return tuple(cut)


@functools.cache
def published_days() -> tuple[PublishedDays, ...]:
    """The calendars that come with the product, by code."""
    folder = resources.files(__package__)
    files = sorted((item for item in folder.iterdir() if item.name.endswith(".toml")), key=lambda item: item.name)
    return tuple(_read(item.name.removesuffix(".toml"), item.read_text(encoding="utf-8")) for item in files)


def _read(code: str, text: str) -> PublishedDays:
    values = tomllib.loads(text)
    title, hours = Wording(**values.pop("title")), values.pop("hours")
    return PublishedDays(
        code=code,
        title=title,
        hours=tuple((opens, closes) for opens, closes in hours),
        dates=tuple(values.pop("dates", ())),
        **values,
    )
