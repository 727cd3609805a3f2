"""The days asked for in a timetable: which are left out as days off, and which are over already (R201)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from gradphoto.engine.standards.workdays import WorkCalendar
from gradphoto.engine.wording import Wording

_NOTHING = Wording("", "")


def days_off(first: date, last: date, calendar: WorkCalendar) -> tuple[date, ...]:
    """The weekends and holidays from ``first`` to ``last`` by the school's own calendar."""
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return tuple(day for day in days if not calendar.workday(day).works)


def listed(days: Iterable[date]) -> Wording:
    """Days as a sentence names them, runs joined: 10月1日–8日、10月12日."""
    runs: list[list[date]] = []
    for day in days:
        if runs and day - runs[-1][-1] == timedelta(days=1):
            runs[-1].append(day)
        else:
            runs.append([day])
    return Wording("、".join(map(_run_zh, runs)), ", ".join(map(_run_en, runs)))


def left_out(days: Iterable[date]) -> Wording:
    """What to say of days that are not planned in; empty where there are none."""
    if not (off := tuple(days)):
        return _NOTHING
    told = listed(off)
    return Wording(f"周末和节假日未排：{told.zh}。", f"Left out as days off: {told.en}.")


def _run_zh(run: list[date]) -> str:
    first, last = run[0], run[-1]
    if first == last:
        return f"{first.month}月{first.day}日"
    end = f"{last.day}日" if first.month == last.month else f"{last.month}月{last.day}日"
    return f"{first.month}月{first.day}日–{end}"


def _run_en(run: list[date]) -> str:
    return f"{run[0]:%m-%d}" if len(run) == 1 else f"{run[0]:%m-%d} to {run[-1]:%m-%d}"
