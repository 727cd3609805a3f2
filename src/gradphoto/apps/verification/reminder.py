"""The list of those who have not verified yet, for colleges to remind them (R171, R172)."""

from __future__ import annotations

import io
from collections.abc import Sequence

import xlsxwriter
from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.verification.models import VerificationCase

_COLUMNS = (
    ("季别 Season", 10),
    ("院系 Department", 22),
    ("班级 Class", 16),
    ("学号 Student number", 18),
    ("姓名 Name", 14),
    ("状态 State", 26),
    ("开放日期 Open since", 14),
    ("已开放天数 Days open", 12),
)


def reminder_list(campaign: Campaign, cases: Sequence[VerificationCase]) -> bytes:
    """An xlsx of the unverified. It holds no ID number: it is passed on in groups of a class."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet("未校对名单")
        bold = book.add_format({"bold": True, "text_wrap": True, "bg_color": "#E8F1F9", "border": 1})
        plain = book.add_format({"border": 1})
        sheet.write_string(0, 0, f"{campaign.title} 未校对名单 · {timezone.localdate():%Y-%m-%d}")
        sheet.write_string(1, 0, "逾期未校对者注册时无图像。Not verified in time: registered without a photograph.")
        for column, (title, width) in enumerate(_COLUMNS):
            sheet.set_column(column, column, width)
            sheet.write_string(2, column, title, bold)
        today = timezone.localdate()
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
            )
            for column, text in enumerate(texts):
                # write_string: a name that begins with "=" is a name, not a formula.
                sheet.write_string(row, column, text, plain)
            sheet.write_number(row, len(texts), (today - opened).days, plain)
        sheet.freeze_panes(3, 0)
        if cases:
            sheet.autofilter(2, 0, 2 + len(cases), len(_COLUMNS) - 1)
    return buffer.getvalue()
