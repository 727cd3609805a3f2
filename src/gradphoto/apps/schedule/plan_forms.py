"""The form that asks for a timetable: days, places, hours; holidays are told, past days are asked about (R201, R82)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.db import transaction
from django.utils import timezone

from gradphoto.apps.campaigns.calendars import calendar_of
from gradphoto.apps.core.wording import bi
from gradphoto.apps.pages.fields import DayField, TextField, wrong
from gradphoto.apps.pages.forms import ActionForm
from gradphoto.apps.roster.models import MilestoneKind
from gradphoto.apps.schedule import actions
from gradphoto.apps.schedule.actions import SessionBlock
from gradphoto.apps.schedule.days import days_off, left_out
from gradphoto.engine.planning import half_days
from gradphoto.engine.wording import Wording

_PLACE = re.compile(r"(?P<name>.+?)(?:\s*[*×xX]\s*(?P<stations>\d{1,2}))?")
_MOST_DAYS = 60
_MOST_STATIONS = 20


def _clock(zh: str, en: str, initial: str = "", *, required: bool = True) -> forms.TimeField:
    widget = forms.TimeInput(attrs={"type": "time", "step": 300}, format="%H:%M")
    field = forms.TimeField(label=bi(zh, en), widget=widget, initial=initial, required=required)
    field.css = "col-md-3 col-6"  # type: ignore[attr-defined]
    return field


def _stations() -> forms.IntegerField:
    field = forms.IntegerField(
        label=bi("每处采集台数", "Stations in each"), min_value=1, max_value=_MOST_STATIONS, initial=1
    )
    field.css = "col-md-3 col-6"  # type: ignore[attr-defined]
    return field


class MakeTimetable(ActionForm):
    """Working days in one or more places; each day has a morning and an afternoon, each with a short break."""

    action = "schedule.set_up_rooms"
    button = Wording("编排", "Plan")
    first_day = DayField(label=bi("开始日期", "First day"), css="col-md-3 col-6")
    last_day = DayField(label=bi("结束日期", "Last day"), css="col-md-3 col-6")
    places = TextField(
        label=bi("地点（逗号分开；多台写 104*2）", "Places (comma between; 104*2 for two stations)"),
        max_length=300, css="col-md-6",
    )  # fmt: skip
    stations = _stations()
    morning_from = _clock("上午开始", "Morning from", "08:30")
    morning_to = _clock("上午结束", "Morning to", "11:30")
    afternoon_from = _clock("下午开始", "Afternoon from", "14:00")
    afternoon_to = _clock("下午结束", "Afternoon to", "17:00")
    break_from = _clock("休息开始（可空）", "Break from (may be empty)", required=False)
    break_to = _clock("休息结束（可空）", "Break to (may be empty)", required=False)
    every_day = forms.BooleanField(label=bi("周末和节假日也拍摄", "Weekends and holidays, too"), required=False)
    past_meant = forms.BooleanField(
        label=bi("其中有已过去的日期，仍按此编排（补录）", "Some days are over; plan them all the same"), required=False
    )
    other_hall = forms.BooleanField(
        label=bi("是另一处同名场地，不是同一处", "It is another hall of the same name"), required=False
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        """The questions about past days and halls of one name stand there only once they have to be asked."""
        super().__init__(*args, **options)
        first = self.data.get("first_day", "") if self.is_bound else ""
        if not first or first >= f"{timezone.localdate()}":
            self.fields["past_meant"].widget = forms.HiddenInput()
        if not (self.is_bound and self.data.get("other_hall")):
            self.fields["other_hall"].widget = forms.HiddenInput()

    def add_error(self, field: str | None, error: Any) -> None:
        """A question that was asked shows its box."""
        if field == "other_hall":
            self.fields[field].widget = forms.CheckboxInput(attrs={"class": "form-check-input"})
        super().add_error(field, error)

    @classmethod
    def starts_with(cls, actor: Any, target: Any) -> Mapping[str, Any]:
        """What the campaign says already: the day of the shooting, and the rooms of its notice or of last year."""
        today = timezone.localdate()
        day = target.milestones.filter(kind=MilestoneKind.SHOOTING).values_list("due", flat=True).first()
        first = max(day, today) if day else today
        rooms = "，".join(f"{name}*{stations}" for name, stations in target.rooms.values_list("name", "stations"))
        return {"first_day": first, "last_day": first, "places": rooms}

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        first, last = values.get("first_day"), values.get("last_day")
        if not first or not last:
            return values
        if not 0 <= (last - first).days <= _MOST_DAYS:
            self.add_error("last_day", wrong("schedule.days", "结束日期须在开始日期之后，最多60天。",
                                             "The last day follows the first, within 60 days."))  # fmt: skip
        elif first < timezone.localdate() and not values.get("past_meant"):
            self.add_error("past_meant", wrong(
                "schedule.days_past", f"{first:%Y-%m-%d} 已经过去；请改日期，确要补录的请勾选。",
                f"{first:%Y-%m-%d} is over; change it, or tick that it is meant.",
            ))  # fmt: skip
        elif not self.errors and not self.blocks():
            told = left_out(self.off)
            self.add_error("every_day", wrong(
                "schedule.days_off", f"{told.zh}没有可排的日子：请改日期，或勾选周末和节假日也拍摄。",
                f"{told.en} No day is left: change the days, or tick weekends and holidays.",
            ))  # fmt: skip
        return values

    @property
    def off(self) -> tuple[date, ...]:
        """The days that are left out: none where every day is wanted."""
        values = self.cleaned_data
        if values.get("every_day"):
            return ()
        return days_off(values["first_day"], values["last_day"], calendar_of(self.target.school))

    def blocks(self) -> list[SessionBlock]:
        """The half-days asked for: working days by the school's calendar (R201), unless every day is wanted."""
        values = self.cleaned_data
        hours = [(values[f"{half}_from"], values[f"{half}_to"]) for half in ("morning", "afternoon")]
        periods = half_days(
            values["first_day"], values["last_day"], hours, calendar_of(self.target.school),
            every_day=values["every_day"],
        )  # fmt: skip
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
                found.append((match["name"][:120], max(1, min(_MOST_STATIONS, stations))))
        return found

    def perform(self) -> int:
        with transaction.atomic():
            count = actions.set_up_rooms(
                self.actor, self.target, blocks=self.blocks(), other_hall=self.cleaned_data["other_hall"]
            )
            actions.search_plan(self.actor, self.target)
        return count

    def done_message(self, result: int) -> Wording:
        told = left_out(self.off)
        return Wording(f"已设置{result}个半天，正在编排。{told.zh}",
                       f"{result} half-days are set; planning has begun. {told.en}".strip())  # fmt: skip
