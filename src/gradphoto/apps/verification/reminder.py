"""The list of those who have not verified yet, for colleges to remind them (R171, R172)."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.verification.models import Opening, VerificationCase
from gradphoto.engine.wording import Wording
from gradphoto.engine.workbooks import open_workbook

_COLUMNS = (
    ("毕业季 Season", 10),
    ("院系 Department", 22),
    ("班级 Class", 16),
    ("学号 Student number", 18),
    ("姓名 Name", 14),
    ("状态 State", 26),
    ("开放日期 Open since", 14),
    ("截止日期 Closes", 12),
    ("剩余天数 Days left", 12),
    ("最近告知 Last told", 14),
)


CONSEQUENCE = Wording(
    "逾期未校对者注册时无图像，之后只能由学校按更正程序补办。",
    "Not verified in time: registered without a photograph, and only the school's correction path remains.",
)


def reminder_list(campaign: Campaign, cases: Sequence[VerificationCase]) -> bytes:
    """An xlsx of the unverified. It holds no ID number: it is passed on in groups of a class."""
    buffer = io.BytesIO()
    with open_workbook(buffer) as book:
        sheet = book.add_worksheet("未校对名单")
        bold = book.add_format({"bold": True, "text_wrap": True, "bg_color": "#E8F1F9", "border": 1})
        plain = book.add_format({"border": 1})
        sheet.write_string(0, 0, f"{campaign.title} 未校对名单 · {timezone.localdate():%Y-%m-%d}")
        sheet.write_string(1, 0, CONSEQUENCE.zh + CONSEQUENCE.en)
        for column, (title, width) in enumerate(_COLUMNS):
            sheet.set_column(column, column, width)
            sheet.write_string(2, column, title, bold)
        openings = {opening.season: opening for opening in Opening.objects.filter(campaign=campaign)}
        for row, case in enumerate(cases, start=3):
            person, opened = case.candidate, timezone.localdate(case.opened_at)
            texts = (
                str(person.get_season_display()),
                person.department.name,
                person.class_name,
                person.student_no,
                person.name,
                str(case.get_status_display()),
                opened.isoformat(),
                _closing(openings.get(person.season)),
                _days_left(openings.get(person.season)),
                _day(getattr(case, "told_at", None)),
            )
            for column, text in enumerate(texts):
                # write_string: a name that begins with "=" is a name, not a formula.
                sheet.write_string(row, column, text, plain)
        sheet.freeze_panes(3, 0)
        if cases:
            sheet.autofilter(2, 0, 2 + len(cases), len(_COLUMNS) - 1)
    return buffer.getvalue()


def _closing(opening: Opening | None) -> str:
    return opening.closes_on.isoformat() if opening and opening.closes_on else "未定"


def _days_left(opening: Opening | None) -> str:
    return "" if opening is None or opening.days_left is None else str(opening.days_left)


def _day(at: datetime | None) -> str:
    return timezone.localdate(at).isoformat() if at else "未告知"
