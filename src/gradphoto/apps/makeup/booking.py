"""Appointments for make-up shots: published half-hours without overselling, the telephone, the waiting list."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db.models import F
from django.utils import timezone

from gradphoto.apps.campaigns.calendars import calendar_of
from gradphoto.apps.campaigns.models import Campaign, CampaignStatus
from gradphoto.apps.campaigns.rules import value_or_none
from gradphoto.apps.campaigns.settings_keys import MAKE_UP_WEEKENDS
from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import invalid, refuse, within
from gradphoto.apps.makeup.lifecycle import CASE
from gradphoto.apps.makeup.models import (
    CaseStatus,
    MakeUpBooking,
    MakeUpCalendar,
    MakeUpCase,
    MakeUpSlot,
    Waiting,
    Way,
)
from gradphoto.apps.makeup.permissions import by_desk_or_student
from gradphoto.apps.makeup.season import days_outside, require_in_season, season_of
from gradphoto.apps.makeup.signals import place_offered
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.orgs.policy import by_system
from gradphoto.engine.standards.make_up import PublishedDays, half_hours

_LONGEST = timedelta(days=400)
_SATURDAY = 5


@action("makeup.publish_days", permission="makeup.publish")
def publish_days(
    actor: Actor, centre: Organisation, *, published: PublishedDays, first: date, last: date, capacity: int
) -> tuple[MakeUpCalendar, int]:
    """Put a calendar's half-hours up for booking, none on a day off of the centre's own table (R142, R201); what is published already stays as it is. Returns how many are new.

    Raises ``makeup.days`` where the range, the capacity or the days make no sense.
    """
    days = published.days(first, last, calendar_of(centre)) if first <= last <= first + _LONGEST else ()
    if not days or not 1 <= capacity <= 200 or not published.source.strip() or not half_hours(published.hours):
        raise invalid(
            "makeup.days",
            "这段时间内没有公布的补拍日，或时间、人数、来源有误。",
            "There is no published day in this range, or hours, capacity or source are wrong.",
            "请检查起止日期（不超过400天）、时间、每半小时人数和来源。",
            "Check the range (at most 400 days), the hours, the persons per half-hour and the source.",
        )
    if outside := weekends_outside(centre, days):
        told = "、".join(f"{day:%Y-%m-%d}" for day in outside)
        raise invalid(
            "makeup.weekend", f"{told} 是双休日，规则只允许规定月份的双休日补拍。",
            f"{told}: the rules have make-up on weekends in their months only.",
            "请改日期，或在批次规则“双休日也补拍的月份”中写明并注明来源。",
            "Change the days, or set the months in the campaign's rules with their source.",
        )  # fmt: skip
    if outside := days_outside(centre, days):
        told = "、".join(f"{day:%Y-%m-%d}" for day in outside)
        raise invalid(
            "makeup.days_out_of_season", f"{told} 不在任何进行中批次的补拍时段内。",
            f"{told}: outside the make-up season of every campaign under way.",
            "请改起止日期，或先在批次规则“补拍时段”中写明并注明来源。",
            "Change the range, or set the make-up season in the campaign's rules with its source.",
        )  # fmt: skip
    calendar, _ = MakeUpCalendar.objects.get_or_create(
        centre=centre,
        code=published.code,
        defaults={
            "title": within(published.title.zh, 120, field="title"),
            "source": within(published.source, 200, field="source"),
            "place": within(published.place, 160, field="place"),
            "by_telephone": published.by_telephone,
            "published_by": str(actor.user or actor.label)[:150],
        },
    )
    known = set(calendar.slots.values_list("starts_at", flat=True))
    fresh = [
        MakeUpSlot(calendar=calendar, starts_at=start, ends_at=_at(day, end), capacity=capacity)
        for day in days
        for opens, end in half_hours(published.hours)
        if (start := _at(day, opens)) not in known
    ]
    MakeUpSlot.objects.bulk_create(fresh, batch_size=500)
    audit.note(calendar=calendar.pk, days=len(days), slots=len(fresh), source=calendar.source)
    return calendar, len(fresh)


def weekends_outside(centre: Organisation, days: Iterable[date]) -> tuple[date, ...]:
    """Weekend days that no campaign of the centre publishes: make-up is on weekends in the months of the rule only (R74).

    Where no campaign under way has the rule every day may be published.
    """
    allowed: set[str] = set()
    limited = False
    for campaign in Campaign.objects.filter(centre=centre).exclude(status=CampaignStatus.CLOSED):
        months = value_or_none(campaign, MAKE_UP_WEEKENDS)
        limited = limited or months is not None
        allowed.update(months or ())
    return tuple(day for day in days if limited and day.weekday() >= _SATURDAY and str(day.month) not in allowed)


def _at(day: date, clock: object) -> datetime:
    return timezone.make_aware(datetime.combine(day, clock))  # type: ignore[arg-type]


@action("makeup.set_capacity", permission="makeup.publish")
def set_capacity(actor: Actor, slot: MakeUpSlot, *, capacity: int) -> None:
    """More or fewer persons in a half-hour, 0 to close it; never fewer than are booked (``makeup.booked_already``)."""
    if not 0 <= capacity <= 200 or capacity < slot.taken:
        raise refuse(
            "makeup.booked_already",
            f"该时段已预约 {slot.taken} 人，人数不能少于此。",
            f"{slot.taken} are booked in this half-hour; it cannot hold fewer.",
            "请先为已预约的人改期。",
            "Rebook them first.",
        )
    audit.note(before=slot.capacity, after=capacity)
    grew = capacity > slot.capacity
    slot.capacity = capacity
    slot.save(update_fields=["capacity"])
    if grew:
        tell_waiting(slot)


@action("makeup.book", permission=by_desk_or_student, lifecycle=CASE)
def book(actor: Actor, case: MakeUpCase, *, slot: MakeUpSlot) -> MakeUpBooking:
    """A place in a published half-hour; an earlier appointment is given up in the same step (rebooking).

    Raises ``makeup.slot_full``, ``makeup.slot_over``, ``makeup.day_closed``, ``makeup.out_of_season`` (R140) or
    ``makeup.other_centre``. Two who ask for the last place at once get one place: the row is locked, and the database
    refuses more than the capacity.
    """
    if case.way != Way.CENTRE or slot.calendar.centre_id != case.candidate.campaign.centre_id:
        raise refuse(
            "makeup.other_centre",
            "该时段不属于为本校服务的采集中心。",
            "This half-hour is not of the centre that serves the school.",
            "请选择列出的时段；外省分社请电话预约。",
            "Choose one of those listed; another province's branch is booked by telephone.",
        )
    day = timezone.localtime(slot.starts_at).date()
    if calendar_of(slot.calendar.centre).is_closed(day):
        raise refuse("makeup.day_closed", f"采集中心 {day:%Y-%m-%d} 不上班。", f"The centre is closed on {day:%Y-%m-%d}.",
                     "请另选日期。", "Choose another day.")  # fmt: skip
    require_in_season(case.candidate.campaign, day)
    if slot.starts_at <= timezone.now():
        raise refuse("makeup.slot_over", "该时段已过。", "This half-hour is over.",
                     "请选择以后的时段。", "Choose a later one.")  # fmt: skip
    former = case.booking
    if former is not None and former.slot_id == slot.pk:
        return former
    # Always in the same order, so that two who swap half-hours do not wait for each other.
    wanted = sorted({slot.pk} | ({former.slot_id} if former and former.slot_id else set()))
    list(MakeUpSlot.objects.select_for_update().filter(pk__in=wanted).order_by("pk"))
    if not MakeUpSlot.objects.filter(pk=slot.pk, taken__lt=F("capacity")).update(taken=F("taken") + 1):
        raise refuse("makeup.slot_full", "该时段已约满。", "This half-hour is full.",
                     "请另选时段，或登记候补。", "Choose another, or join the waiting list.")  # fmt: skip
    release_standing(case, "改期")
    made = MakeUpBooking.objects.create(
        case=case, slot=slot, at=slot.starts_at, place=slot.calendar.place, booked_by=_by(actor)
    )
    Waiting.objects.filter(case=case).delete()
    audit.note(slot=slot.pk, at=slot.starts_at.isoformat())
    return made


@action("makeup.book_by_telephone", permission="makeup.arrange", lifecycle=CASE)
def book_by_telephone(
    actor: Actor, case: MakeUpCase, *, at: datetime, place: str, exception: str = ""
) -> MakeUpBooking:
    """Another time or another province's branch, agreed by telephone and entered by staff (R10, R142, R143).

    A day outside the make-up season is recorded as the exception it is, with its reason (R140): without one it raises
    ``makeup.exception_missing``.
    """
    place = within(place, 160, field="place")
    if not place or at <= timezone.now():
        raise invalid("makeup.telephone", "请填写地点和今后的时间。", "Give the place and a time to come.",
                      "按电话约定的内容填写。", "As agreed by telephone.")  # fmt: skip
    why = _exception(case.candidate.campaign, timezone.localtime(at).date(), exception)
    release_standing(case, "改期")
    Waiting.objects.filter(case=case).delete()
    audit.note(at=at.isoformat(), exception=why)
    return MakeUpBooking.objects.create(
        case=case, at=at, place=place, by_telephone=True, booked_by=_by(actor), exception=why
    )


def _exception(campaign: Campaign, day: date, reason: str) -> str:
    """The reason for a day outside the season; nothing for a day within it, whatever was typed."""
    season = season_of(campaign)
    if season is None or season.holds(day):
        return ""
    told = within(reason, 200, field="exception")
    if not told:
        raise invalid(
            "makeup.exception_missing",
            f"{day:%Y-%m-%d} 不在补拍时段内（{season.first:%Y-%m-%d} 至 {season.last:%Y-%m-%d}，{season.source}）。",
            f"{day:%Y-%m-%d} is outside the make-up season ({season.first:%Y-%m-%d} to {season.last:%Y-%m-%d}, "
            f"{season.source}).",
            "请改在时段内；确需例外的，写明原因。",
            "Choose a day within it, or say why this one is an exception.",
            field="exception",
        )
    return told


@action("makeup.release_booking", permission=by_desk_or_student, lifecycle=CASE)
def release_booking(actor: Actor, case: MakeUpCase, *, reason: str = "") -> None:
    """Give the appointment back; the next on the waiting list is told."""
    release_standing(case, within(reason, 200, field="reason") or "本人取消预约")
    audit.note(reason=reason)


@action("makeup.mark_no_show", permission="makeup.serve", lifecycle=CASE)
def mark_no_show(actor: Actor, case: MakeUpCase) -> None:
    """They did not come; they may book again. Refused before the appointed time (``makeup.not_yet``)."""
    standing = case.booking
    if standing is not None and standing.at > timezone.now():
        raise refuse("makeup.not_yet", "预约时间还没有到。", "The appointed time has not come yet.",
                     "请在预约时间之后登记未到场。", "Mark it after that time.")  # fmt: skip
    case.bookings.filter(released_at=None).update(released_at=timezone.now(), release_reason="未到场")
    case.no_shows += 1
    case.save(update_fields=["no_shows"])
    audit.note(no_shows=case.no_shows)


@action("makeup.wait", permission=by_desk_or_student)
def wait(actor: Actor, case: MakeUpCase, *, calendar: MakeUpCalendar) -> Waiting:
    """Join the waiting list of a calendar; who waits already keeps their place in it. Raises ``makeup.cannot_wait``."""
    fits = case.way == Way.CENTRE and calendar.centre_id == case.candidate.campaign.centre_id
    if not fits or case.status not in (CaseStatus.FILLED, CaseStatus.NO_SHOW):
        raise refuse("makeup.cannot_wait", "现在不能登记候补。", "The waiting list is not open to this case now.",
                     "填表后、预约前才能候补。", "After the form is filled and before a booking.")  # fmt: skip
    found, _ = Waiting.objects.get_or_create(case=case, defaults={"calendar": calendar})
    return found


def release_standing(case: MakeUpCase, reason: str) -> None:
    """End the standing appointment inside another action: its place is free again and the next in line is told."""
    standing = case.bookings.filter(released_at=None).select_related("slot__calendar").first()
    if standing is None:
        return
    standing.released_at, standing.release_reason = timezone.now(), within(reason, 200)
    standing.save(update_fields=["released_at", "release_reason"])
    if standing.slot is not None:
        MakeUpSlot.objects.filter(pk=standing.slot.pk, taken__gt=0).update(taken=F("taken") - 1)
        tell_waiting(standing.slot)


def tell_waiting(slot: MakeUpSlot) -> None:
    """The first in line who was not told yet: their page shows it, a message goes out (``place_offered``), staff see it."""
    if slot.starts_at <= timezone.now():
        return
    day = timezone.localtime(slot.starts_at).date()
    line = Waiting.objects.select_for_update(of=("self",)).filter(calendar=slot.calendar_id, told_at=None)
    people = line.select_related("case__candidate__campaign__rule_set").order_by("since", "pk")
    first = next((one for one in people if _may_book_on(one.case.candidate.campaign, day)), None)
    if first is not None:
        first.told_at, first.slot = timezone.now(), slot
        first.save(update_fields=["told_at", "slot"])
        place_offered.send(sender=Waiting, waiting=first)


def _may_book_on(campaign: Campaign, day: date) -> bool:
    season = season_of(campaign)
    return season is None or season.holds(day)


@action("makeup.keep_notice", permission=by_system)
def keep_notice(actor: Actor, waiting: Waiting, *, notice: str, sent: bool) -> None:
    """What became of the message about the free half-hour: the carrier's reference, or why none went out."""
    waiting.notice, waiting.noticed_at = notice[:160], timezone.now() if sent else None
    waiting.save(update_fields=["notice", "noticed_at"])
    audit.note(sent=sent)


def _by(actor: Actor) -> str:
    return str(actor.user or actor.label)[:150]
