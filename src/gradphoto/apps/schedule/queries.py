"""The shooting list and the timetable as files."""

from __future__ import annotations

import io
from collections.abc import Iterable

from django.db.models import QuerySet
from django.utils import timezone

from gradphoto.apps.schedule.bands import bands_of
from gradphoto.apps.schedule.models import Appointment, Slot
from gradphoto.engine.workbooks import open_workbook


def shooting_list(slot: Slot) -> QuerySet[Appointment]:
    """The slot's people in shooting order."""
    return slot.appointments.select_related("candidate__department").order_by("position")


def timetable_workbook(slots: Iterable[Slot]) -> bytes:
    """The timetable as R48 prints it: day, band (R180), time, college, headcount, and the season beside it."""
    listed = list(slots)
    bands = bands_of(listed)
    out = io.BytesIO()
    workbook = open_workbook(out)
    sheet = workbook.add_worksheet("时间安排表")
    bold = workbook.add_format({"bold": True, "border": 1, "bg_color": "#E8F1F9"})
    for column, heading in enumerate(("日期", "时段", "时间", "学院", "班级", "毕业季", "人数", "地点")):
        sheet.write_string(0, column, heading, bold)
    for line, slot in enumerate(listed, start=1):
        start, end = timezone.localtime(slot.starts_at), timezone.localtime(slot.ends_at)
        season = {"spring": "春季", "autumn": "秋季"}[slot.season]
        exact = f"{start:%H:%M}—{end:%H:%M}"
        texts = (f"{start:%Y-%m-%d}", str(bands[slot.pk]), exact, slot.department.name, slot.class_name, season)
        for column, text in enumerate(texts):
            sheet.write_string(line, column, text)
        sheet.write_number(line, 6, slot.appointments.count())
        sheet.write_string(line, 7, slot.session.place)
    sheet.set_column(0, 7, 16)
    workbook.close()
    return out.getvalue()
