"""The forms of the timetable: rooms and days, wishes, teams, bookings, a place on the board."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import Any

from django import forms
from django.utils import timezone

from gradphoto.apps.core.wording import bi
from gradphoto.apps.schedule.actions import SessionBlock
from gradphoto.engine.planning import half_days
from gradphoto.engine.standards.deadlines import WorkCalendar

_PLACE = re.compile(r"(?P<name>.+?)(?:\s*[*×xX]\s*(?P<stations>\d{1,2}))?")
_MOST_DAYS = 60


class Styled(forms.Form):
    """Bootstrap's look for every field."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        for field in self.fields.values():
            check = isinstance(field.widget, forms.CheckboxInput)
            select = isinstance(field.widget, forms.Select)
            field.widget.attrs["class"] = "form-check-input" if check else "form-select" if select else "form-control"


def _day(zh: str, en: str) -> forms.DateField:
    return forms.DateField(label=bi(zh, en), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))


def _clock(zh: str, en: str, initial: str, *, required: bool = True) -> forms.TimeField:
    widget = forms.TimeInput(attrs={"type": "time", "step": 300}, format="%H:%M")
    return forms.TimeField(label=bi(zh, en), widget=widget, initial=initial, required=required)


class TimetableForm(Styled):
    """Working days in one or more places; each day has a morning and an afternoon, each with a short break."""

    first_day = _day("开始日期", "First day")
    last_day = _day("结束日期", "Last day")
    places = forms.CharField(
        label=bi("地点（逗号分开；多台写 104*2）", "Places (comma between; 104*2 for two stations)"), max_length=300
    )
    stations = forms.IntegerField(label=bi("每处采集台数", "Stations in each"), min_value=1, max_value=20, initial=1)
    morning_from = _clock("上午开始", "Morning from", "08:30")
    morning_to = _clock("上午结束", "Morning to", "11:30")
    afternoon_from = _clock("下午开始", "Afternoon from", "14:00")
    afternoon_to = _clock("下午结束", "Afternoon to", "17:00")
    break_from = _clock("休息开始（可空）", "Break from (may be empty)", "", required=False)
    break_to = _clock("休息结束（可空）", "Break to (may be empty)", "", required=False)
    every_day = forms.BooleanField(label=bi("周末和节假日也拍摄", "Weekends and holidays, too"), required=False)

    def __init__(self, data: Any = None, *, calendar: WorkCalendar, **options: Any) -> None:
        self.calendar = calendar
        super().__init__(data, **options)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        first, last = values.get("first_day"), values.get("last_day")
        if first and last and not 0 <= (last - first).days <= _MOST_DAYS:
            raise forms.ValidationError(
                bi("结束日期须在开始日期之后，最多60天。", "The last day follows the first, within 60 days.")
            )
        if first and last and not self.errors and not self.blocks():
            raise forms.ValidationError(
                bi("这些天都是节假日；请改日期，或勾选周末和节假日也拍摄。", "These days are all holidays.")
            )
        return values

    def blocks(self) -> list[SessionBlock]:
        """The half-days asked for: working days of the school's calendar (R201), unless every day is wanted."""
        values = self.cleaned_data
        hours = [
            (values[f"{half}_from"], values[f"{half}_to"])
            for half in ("morning", "afternoon")
            if values.get(f"{half}_from") and values.get(f"{half}_to")
        ]
        periods = half_days(
            values["first_day"], values["last_day"], hours, self.calendar, every_day=values["every_day"]
        )
        pause = values.get("break_from"), values.get("break_to")
        return [
            SessionBlock(period.day, name, period.start.time(), period.end.time(), stations, *pause)
            for name, stations in self._places()
            for period in periods
        ]

    def _places(self) -> list[tuple[str, int]]:
        found = []
        for text in self.cleaned_data["places"].replace("，", ",").replace("、", ",").split(","):
            match = _PLACE.fullmatch(text.strip())
            if match:
                stations = int(match["stations"] or self.cleaned_data["stations"])
                found.append((match["name"][:120], max(1, min(20, stations))))
        return found


class PlaceForm(forms.Form):
    """A room and a time on the board, from the drag or from the form beside it."""

    room = forms.IntegerField()
    day = forms.DateField()
    at = forms.TimeField()

    def moment(self) -> datetime:
        """The begin asked for."""
        at: time = self.cleaned_data["at"]
        return datetime.combine(self.cleaned_data["day"], at, timezone.get_current_timezone())


class WishForm(Styled):
    """What a class asked for."""

    group = forms.ChoiceField(label=bi("班级", "Class"))
    kind = forms.ChoiceField(label=bi("要求", "What"))
    day = _day("日期", "Day")
    start = _clock("从", "From", "08:30")
    end = _clock("到", "To", "09:30")

    def span(self) -> tuple[datetime, datetime]:
        """The time asked for."""
        zone, day = timezone.get_current_timezone(), self.cleaned_data["day"]
        start, end = (datetime.combine(day, self.cleaned_data[name], zone) for name in ("start", "end"))
        return start, end


class BookingForm(Styled):
    """The headcount report (R72)."""

    spring_count = forms.IntegerField(label=bi("春季毕业人数", "Spring graduates"), min_value=0)
    autumn_count = forms.IntegerField(label=bi("秋季毕业人数", "Autumn graduates"), min_value=0)
    first_day = _day("希望开始日期", "First day asked for")
    last_day = _day("希望结束日期", "Last day asked for")
    place = forms.CharField(label=bi("地点", "Place"), max_length=160)
    contact = forms.CharField(label=bi("联系人及电话", "Contact and telephone"), max_length=80, required=False)


class DecisionForm(forms.Form):
    """What the centre answers."""

    decision = forms.ChoiceField(choices=[("agree", "agree"), ("refuse", "refuse")])
    first_day = forms.DateField(required=False)
    last_day = forms.DateField(required=False)
    reason = forms.CharField(max_length=200, required=False)

    def days(self, first: date, last: date) -> tuple[date, date]:
        """The days agreed; those asked for where none were changed."""
        return self.cleaned_data["first_day"] or first, self.cleaned_data["last_day"] or last
