"""The forms of the timetable: rooms and days, wishes, teams, bookings, a place on the board."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from django import forms
from django.utils import timezone

from gradphoto.apps.core.wording import bi


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
