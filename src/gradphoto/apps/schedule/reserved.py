"""A hall is reserved during a session (R82): no second campaign of the school may have it on the same day.

A hall of the same name in another school that the same centre serves is asked about: it may be one hall that both
use, or another one of a usual name (学术报告厅).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from datetime import date

from django.db.models import QuerySet
from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign, CampaignStatus
from gradphoto.apps.core.errors import invalid, refuse
from gradphoto.apps.schedule.models import CaptureSession, OpenPeriod


def require_free(campaign: Campaign, asked: Iterable[tuple[str, date]], *, other_hall: bool = True) -> None:
    """Refuse places that another campaign of the same school has on one of the days (``schedule.place_reserved``).

    Places are the same whatever their width, case and spaces; campaigns that are closed hold no place. Unless
    ``other_hall`` says that it is another one, a hall of the same name in a school of the same centre is refused, too
    (``schedule.place_elsewhere``); the sentence names no campaign of the other school.
    """
    wanted = {(_plain(place), day): place for place, day in asked}
    if not wanted:
        return
    days = {day for _, day in wanted}
    own = Campaign.objects.filter(school=campaign.school_id)
    for (place, day), other in _taken(own.exclude(pk=campaign.pk), days).items():
        if (place, day) in wanted:
            name = wanted[place, day]
            raise refuse(
                "schedule.place_reserved",
                f"{day:%Y-%m-%d} “{name}”已用于“{other.title}”，采集期间场地专用。",
                f"On {day:%Y-%m-%d} “{name}” is reserved for “{other.title}”.",
                "请改用其他场地或日期，或先在另一批次中腾出。",
                "Choose another place or day, or free it in the other campaign first.",
            )
    if other_hall or campaign.centre_id is None:
        return
    beside = Campaign.objects.filter(centre=campaign.centre_id).exclude(school=campaign.school_id)
    for (place, day), other in _taken(beside, days).items():
        if (place, day) in wanted:
            name = wanted[place, day]
            raise invalid(
                "schedule.place_elsewhere",
                f"{day:%Y-%m-%d} {other.school.name}也要在“{name}”采集。",
                f"On {day:%Y-%m-%d} {other.school.name} photographs in a “{name}”, too.",
                "是同一处的请改日期或地点；只是同名的请勾选“是另一处同名场地”。",
                "If it is the same hall, choose another day or place; if only the name is the same, tick so.",
                field="other_hall",
            )


def _taken(others: QuerySet[Campaign], days: set[date]) -> dict[tuple[str, date], Campaign]:
    """What other campaigns have on these days, by place and day: half-days set up, and sessions."""
    others = others.exclude(status=CampaignStatus.CLOSED)
    found: dict[tuple[str, date], Campaign] = {}
    periods = OpenPeriod.objects.filter(room__campaign__in=others).select_related("room__campaign__school")
    for period in periods.filter(starts_at__date__in=days):
        day = timezone.localtime(period.starts_at).date()
        found[_plain(period.room.name), day] = period.room.campaign
    for session in CaptureSession.objects.filter(campaign__in=others, date__in=days).select_related("campaign__school"):
        found[_plain(session.place), session.date] = session.campaign
    return found


def _plain(place: str) -> str:
    return "".join(unicodedata.normalize("NFKC", place).split()).casefold()
