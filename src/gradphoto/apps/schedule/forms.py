"""The form behind the timetable: days, place, hours, stations."""

from __future__ import annotations

from datetime import date, time
from typing import Any

from django import forms

from gradphoto.apps.core.wording import bi
from gradphoto.apps.schedule.actions import SessionBlock

_HOURS = ((time(8, 30), time(11, 30)), (time(14, 0), time(17, 0)))


class TimetableForm(forms.Form):
    """Whole days in one or more places; each day has a morning and an afternoon."""

    first_day = forms.DateField(label=bi("开始日期", "First day"), widget=forms.DateInput(attrs={"type": "date"}))
    last_day = forms.DateField(label=bi("结束日期", "Last day"), widget=forms.DateInput(attrs={"type": "date"}))
    places = forms.CharField(label=bi("地点（用逗号分开）", "Places (comma between)"), max_length=200)
    stations = forms.IntegerField(label=bi("每处采集台数", "Stations in each"), min_value=1, max_value=20, initial=1)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["class"] = "form-control"

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        first, last = values.get("first_day"), values.get("last_day")
        if first and last and not 0 <= (last - first).days <= 60:
            raise forms.ValidationError(
                bi("结束日期须在开始日期之后，最多60天。", "The last day follows the first, within 60 days.")
            )
        return values

    def blocks(self) -> list[SessionBlock]:
        """The half-days asked for."""
        values = self.cleaned_data
        places = [place.strip() for place in values["places"].replace("，", ",").split(",") if place.strip()]
        days = [date.fromordinal(n) for n in range(values["first_day"].toordinal(), values["last_day"].toordinal() + 1)]
        return [
            SessionBlock(day, place, start, end, values["stations"])
            for day in days
            for place in places
            for start, end in _HOURS
        ]
