"""Reads of the make-up desk."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from django.db.models import QuerySet
from django.utils import timezone

from gradphoto.apps.campaigns.calendars import calendar_of
from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.makeup.models import MakeUpCalendar, MakeUpCase, MakeUpSlot
from gradphoto.apps.makeup.season import season_of
from gradphoto.apps.roster.models import Candidate
from gradphoto.engine.standards.make_up import Branch, branches
from gradphoto.engine.workbooks import open_workbook

_SHOWN_AHEAD = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class OpenDay:
    """A day with its half-hours."""

    day: date
    slots: tuple[MakeUpSlot, ...]

    @property
    def free(self) -> int:
        return sum(slot.free for slot in self.slots)


def calendars_of(centre_pk: int) -> QuerySet[MakeUpCalendar]:
    """The published calendars of a centre."""
    return MakeUpCalendar.objects.filter(centre=centre_pk)


def days_of(slots: Iterable[MakeUpSlot]) -> list[OpenDay]:
    """Half-hours in order, gathered by day."""
    by_day = groupby(slots, key=lambda slot: timezone.localtime(slot.starts_at).date())
    return [OpenDay(day, tuple(run)) for day, run in by_day]


def open_days(campaign: Campaign) -> list[tuple[MakeUpCalendar, list[OpenDay]]]:
    """What can be booked at the campaign's centre in the coming three months.

    No day that the centre's own table has closed since (R201), none outside the campaign's make-up season (R140).
    """
    now, season = timezone.now(), season_of(campaign)
    found = []
    for calendar in calendars_of(campaign.centre_id).select_related("centre"):
        slots = calendar.slots.filter(starts_at__gt=now, starts_at__lt=now + _SHOWN_AHEAD, capacity__gt=0)
        work = calendar_of(calendar.centre)
        days = [one for one in days_of(slots) if not work.is_closed(one.day)]
        found.append((calendar, [one for one in days if season is None or season.holds(one.day)]))
    return found


def branch_of(case: MakeUpCase) -> Branch | None:
    """The other province's branch that the case names."""
    return next((branch for branch in branches() if branch.name == case.branch), None)


def search_branches(text: str) -> list[Branch]:
    """Branches whose name or address, printed or corrected, holds the text; all for an empty one."""
    wanted = text.strip()
    return [
        branch
        for branch in branches()
        if wanted in "".join((branch.name, branch.region, branch.printed, branch.corrected))
    ]


def missed_workbook(rows: Iterable[tuple[Candidate, MakeUpCase | None]]) -> bytes:
    """The missed class by class as xlsx, with reason and state of their make-up and a column to write in by hand."""
    out = io.BytesIO()
    workbook = open_workbook(out)
    sheet = workbook.add_worksheet("漏拍名单")
    bold = workbook.add_format({"bold": True, "border": 1, "bg_color": "#E8F1F9"})
    for column, heading in enumerate(("院系", "班级", "学号", "姓名", "毕业季", "补拍状态", "原因", "说明", "备注")):
        sheet.write_string(0, column, heading, bold)
    for line, (person, case) in enumerate(rows, start=1):
        texts = (
            person.department.name, person.class_name, person.student_no, person.name,
            str(person.get_season_display()), str(case.get_status_display()) if case else "",
            str(case.get_reason_kind_display()) if case else "", case.reason if case else "", "",
        )  # fmt: skip
        for column, text in enumerate(texts):
            sheet.write_string(line, column, text)
    sheet.set_column(0, 6, 15)
    sheet.set_column(7, 8, 28)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(1, sheet.dim_rowmax or 1), 8)
    workbook.close()
    return out.getvalue()
