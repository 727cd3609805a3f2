"""The forms of published make-up days: a ready-made calendar or one's own days, and how many in a half-hour."""

from __future__ import annotations

import re
from datetime import date, time
from typing import Any

from django import forms

from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.wording import bi
from gradphoto.apps.makeup import booking
from gradphoto.apps.orgs.models import Organisation, OrganisationKind
from gradphoto.apps.orgs.permissions import holds
from gradphoto.apps.orgs.scope import changeable
from gradphoto.apps.pages.fields import DayField, RecordField, TextField, wrong
from gradphoto.apps.pages.forms import ActionForm, Form
from gradphoto.engine.standards.make_up import PublishedDays, published_days
from gradphoto.engine.wording import Wording

_DAY = re.compile(r"\d{4}-\d{1,2}-\d{1,2}")
_HOURS = re.compile(r"(\d{1,2}):(\d{2})\s*[-–~至—]\s*(\d{1,2}):(\d{2})")
_TITLE_MAX = 36


class Capacity(Form):
    """How many persons a half-hour takes."""

    capacity = forms.IntegerField(min_value=0)


class PublishDays(ActionForm):
    """A ready-made calendar from day to day, or one's own days with their source."""

    action = "makeup.publish_days"
    button = Wording("公布", "Publish")
    centre = RecordField(
        lambda actor, target: changeable(actor, Organisation, "makeup.publish").filter(
            kind=OrganisationKind.COLLECTION_CENTRE
        ),
        label=bi("采集中心", "Collection centre"), empty_label=None, css="col-md-6",
    )  # fmt: skip
    code = forms.ChoiceField(label=bi("规定", "Rule"), required=False)
    first = DayField(label=bi("从", "From"), required=False, today=True, css="col-md-4")
    last = DayField(label=bi("到", "To"), required=False, css="col-md-4")
    capacity = forms.IntegerField(
        label=bi("每半小时人数", "Persons per half-hour"), min_value=1, max_value=200, initial=10
    )
    title = TextField(label=bi("名称（自定日期）", "Name (own dates)"), max_length=_TITLE_MAX, required=False)
    place = TextField(label=bi("地点", "Place"), max_length=160, required=False)
    source = TextField(label=bi("来源（文件或通知）", "Source (document)"), max_length=200, required=False)
    hours = TextField(
        label=bi("每日时间", "Hours"), max_length=200, required=False,
        example=Wording("8:30-11:30，14:30-17:30", "8:30-11:30, 14:30-17:30"),
    )  # fmt: skip
    dates = TextField(
        label=bi("日期（自定，每行一个）", "Own dates, one a line"), max_length=2000, rows=3, required=False,
        keeps_lines=True, example=Wording("2027-03-06", "2027-03-06"),
    )  # fmt: skip

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        code, capacity = self.fields["code"], self.fields["capacity"]
        own = ("", bi("自定日期（填写下方）", "Own dates (below)"))
        code.choices = [  # type: ignore[attr-defined]
            own, *((one.code, bi(f"{one.title.zh}（{one.source}）", f"{one.title.en} ({one.source})"))
                   for one in published_days())
        ]  # fmt: skip
        code.css, capacity.css = "col-md-6", "col-md-4"  # type: ignore[attr-defined]

    @classmethod
    def is_offered(cls, actor: Actor, target: Any) -> bool:
        return holds(actor.user, "makeup.publish")

    def clean(self) -> dict[str, Any]:
        asked = super().clean() or {}
        if self.errors:
            return asked
        ready = next((one for one in published_days() if one.code == asked["code"]), None)
        self.published = ready or self._own(asked)
        if ready is not None and not (asked["first"] and asked["last"]):
            missing = "last" if asked["first"] else "first"
            self.add_error(missing, wrong("makeup.day", "请填写起止日期。", "Give the first and the last day."))
        return asked

    def _own(self, asked: dict[str, Any]) -> PublishedDays | None:
        """The days as written; None, with the error told, where they make none."""
        try:
            found = tuple(date(*map(int, text.split("-"))) for text in _DAY.findall(asked["dates"]))
            clocks = _HOURS.findall(asked["hours"].replace("：", ":"))
            hours = tuple((time(int(a), int(b)), time(int(c), int(d))) for a, b, c, d in clocks)
        except ValueError:
            found, hours = (), ()
        if not (asked["title"] and asked["place"] and asked["source"] and found and hours):
            zh = "名称、地点、来源、日期和时间都要填写：日期写作 2026-03-07，每行一个；时间写作 8:30-11:30。"
            en = "Title, place, source, days (2026-03-07, one a line) and hours (8:30-11:30) are all needed."
            self.add_error("dates", wrong("makeup.own_days", zh, en))
            return None
        title = asked["title"]
        return PublishedDays(f"own-{title}", Wording(title, title), asked["source"], asked["place"], hours, dates=found)

    def perform(self) -> int:
        asked, made = self.cleaned_data, self.published
        assert made is not None, "a valid form has its days"
        own = bool(made.dates) and not asked["code"]
        first, last = (min(made.dates), max(made.dates)) if own else (asked["first"], asked["last"])
        _, count = booking.publish_days(
            self.actor, asked["centre"], published=made, first=first, last=last, capacity=asked["capacity"]
        )
        return count

    def done_message(self, result: int) -> Wording:
        return Wording("已公布 {n} 个半小时时段。", "{n} half-hours published.").format(n=result)
