"""Appointments: the headcount report, its season, and the agreement with the collection centre (R72-R77, R85)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone

from gradphoto.apps.campaigns.calendars import calendar_of
from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.campaigns.rules import deadline_of, in_force
from gradphoto.apps.campaigns.settings_keys import (
    DATABASE_WORKDAYS,
    MAKE_UP_WINDOW,
    REPORT_MONTHS,
    SEASON_WINDOW,
    TOURING_WINDOW,
    Key,
)
from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import invalid, refuse, within
from gradphoto.apps.schedule.lifecycle import BOOKING
from gradphoto.apps.schedule.models import Booking
from gradphoto.engine.standards.deadlines import Deadline, Kind, due_before
from gradphoto.engine.wording import Wording


@dataclass(frozen=True, slots=True)
class Window:
    """A part of every year, e.g. 9 October to end of February, with the document it comes from."""

    first: str
    last: str
    source: str

    def holds(self, day: date) -> bool:
        """Whether the day lies in it; a window may run over New Year."""
        at = f"{day:%m-%d}"
        # 29 February belongs to a window that ends with February.
        last = "02-29" if self.last == "02-28" else self.last
        return self.first <= at <= last if self.first <= last else at >= self.first or at <= last


def window(campaign: Campaign, key: Key[tuple[str, ...]]) -> Window | None:
    """The campaign's window, None where its rules do not limit the season."""
    rule = in_force(campaign.rule_set, key)
    if rule is None:
        return None
    first, last = key.read(rule.value)
    return Window(first, last, rule.source)


def data_due(campaign: Campaign, first_day: date) -> date | None:
    """Until when the school's data must be with the centre: ten working days before (R85)."""
    if in_force(campaign.rule_set, DATABASE_WORKDAYS) is None:
        return None
    return due_before(first_day, deadline_of(campaign, DATABASE_WORKDAYS), calendar_of(campaign.school)).date


def notice_of(campaign: Campaign, first_day: date, reported_on: date) -> Wording | None:
    """What to say when the report comes later or earlier than one to two months ahead (R72); None if it is in time."""
    rule = in_force(campaign.rule_set, REPORT_MONTHS)
    if rule is None:
        return None
    least, most = (int(text) for text in REPORT_MONTHS.read(rule.value))
    calendar = calendar_of(campaign.school)
    first, last = (due_before(first_day, Deadline(Kind.MONTHS, count), calendar).date for count in (most, least))
    if first <= reported_on <= last:
        return None
    ahead = (first_day - reported_on).days
    return Wording(
        f"距拍摄{ahead}天；通知要求提前{least}至{most}个月（{first:%Y-%m-%d}至{last:%Y-%m-%d}）上报（{rule.source}）。",
        f"{ahead} days ahead; the notice asks for {least} to {most} months ({first} to {last}; {rule.source}).",
    )


def touring_of(campaign: Campaign, first_day: date, last_day: date) -> Wording | None:
    """What to say of days outside the touring collection (R74); None inside it or where the rules name none."""
    touring = window(campaign, TOURING_WINDOW)
    if touring is None or (touring.holds(first_day) and touring.holds(last_day)):
        return None
    return Wording(
        f"集中巡回采集为 {touring.first} 至 {touring.last}（{touring.source}）；此外的日子请与采集中心确认是否上门。",
        f"Teams tour from {touring.first} to {touring.last} ({touring.source}); ask the centre whether they come on other days.",
    )


@action("schedule.report_headcount", permission="schedule.report", within=())
def report_headcount(
    actor: Actor,
    campaign: Campaign,
    *,
    spring_count: int,
    autumn_count: int,
    first_day: date,
    last_day: date,
    place: str,
    contact: str = "",
) -> Booking:
    """Report the number of graduates and the days asked for. Days outside the season are refused at once (R75)."""
    if last_day < first_day or (last_day - first_day) > timedelta(days=60) or spring_count + autumn_count < 1:
        raise invalid("schedule.booking", "人数或日期有误。", "Headcount or days are wrong.",
                      "请检查人数和起止日期。", "Check the headcount and the days.")  # fmt: skip
    if campaign.bookings.exclude(status="refused").exists():
        raise refuse("schedule.booked_already", "本批次已上报。", "This campaign was reported already.",
                     "如需改期，请与采集中心联系。", "Ask the collection centre to change it.")  # fmt: skip
    _require_season(campaign, first_day, last_day, "")
    audit.note(persons=spring_count + autumn_count, first_day=first_day.isoformat())
    return Booking.objects.create(
        campaign=campaign,
        spring_count=spring_count,
        autumn_count=autumn_count,
        first_day=first_day,
        last_day=last_day,
        place=within(place, 160, field="place"),
        contact=within(contact, 80, field="contact"),
    )


@action("schedule.agree_booking", permission="schedule.decide_booking", lifecycle=BOOKING)
def agree_booking(actor: Actor, booking: Booking, *, first_day: date, last_day: date, exception: str = "") -> None:
    """Agree days, perhaps other than asked for. Outside the season only with the reason of the very special case (R75)."""
    if last_day < first_day:
        raise invalid("schedule.booking", "日期有误。", "The days are wrong.",
                      "请检查起止日期。", "Check the days.")  # fmt: skip
    _require_season(booking.campaign, first_day, last_day, exception)
    booking.first_day, booking.last_day = first_day, last_day
    booking.reason, booking.decided_at = within(exception, 200, field="exception"), timezone.now()
    booking.save(update_fields=["first_day", "last_day", "reason", "decided_at"])
    audit.note(first_day=first_day.isoformat(), last_day=last_day.isoformat(), exception=exception)


@action("schedule.refuse_booking", permission="schedule.decide_booking", lifecycle=BOOKING)
def refuse_booking(actor: Actor, booking: Booking, *, reason: str) -> None:
    """Send the report back with the reason; the school reports anew."""
    if not reason.strip():
        raise invalid("schedule.refusal_reason", "请填写退回原因。", "Give the reason.",
                      "学校需要知道如何修改。", "The school must know what to change.")  # fmt: skip
    booking.reason, booking.decided_at = within(reason, 200, field="reason"), timezone.now()
    booking.save(update_fields=["reason", "decided_at"])
    audit.note(reason=booking.reason)


def _require_season(campaign: Campaign, first_day: date, last_day: date, exception: str) -> None:
    season, make_up = window(campaign, SEASON_WINDOW), window(campaign, MAKE_UP_WINDOW)
    windows = [one for one in (season, make_up) if one is not None]
    if season is None or exception.strip() or any(one.holds(first_day) and one.holds(last_day) for one in windows):
        return
    raise refuse(
        "schedule.out_of_season",
        f"{first_day:%m-%d} 不在采集季内（{season.first} 至 {season.last}，{season.source}）。",
        f"{first_day:%m-%d} is outside the season ({season.first} to {season.last}, {season.source}).",
        "请改在采集季内；确有特殊情况由采集中心注明原因后约定。",
        "Choose days in the season; in a very special case the centre agrees it with the reason.",
    )
