"""The half-days of a stretch of days: holidays left out, working weekends taken in (R201)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta, tzinfo

from gradphoto.engine.planning.problem import Period, Span
from gradphoto.engine.standards.workdays import WorkCalendar

Hours = tuple[time, time]


def half_days(
    first: date,
    last: date,
    hours: Sequence[Hours],
    calendar: WorkCalendar,
    *,
    breaks: Sequence[Hours] = (),
    every_day: bool = False,
    zone: tzinfo | None = None,
) -> tuple[Period, ...]:
    """A period for each of ``hours`` on every working day from ``first`` to ``last``.

    ``every_day`` takes weekends and holidays, too: S4's session was on a weekend. ``calendar`` is the school's
    own. Times are in ``zone``, or naive without one.
    """
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return tuple(
        _period(day, span, breaks, zone)
        for day in days
        if every_day or calendar.workday(day).works
        for span in sorted(hours)
    )


def _period(day: date, hours: Hours, breaks: Sequence[Hours], zone: tzinfo | None) -> Period:
    start, end = (datetime.combine(day, clock, zone) for clock in hours)
    pauses = (Span(datetime.combine(day, a, zone), datetime.combine(day, b, zone)) for a, b in breaks)
    return Period(start, end, tuple(pause for pause in pauses if pause.overlaps(Span(start, end))))
