"""A hall is reserved during a session (R82): no second campaign of the school may have it on the same day."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from datetime import date

from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign, CampaignStatus
from gradphoto.apps.core.errors import refuse
from gradphoto.apps.schedule.models import CaptureSession, OpenPeriod


def require_free(campaign: Campaign, asked: Iterable[tuple[str, date]]) -> None:
    """Refuse places that another campaign of the same school has on one of the days (``schedule.place_reserved``).

    Places are the same whatever their width, case and spaces; campaigns that are closed hold no place.
    """
    wanted = {(_plain(place), day): place for place, day in asked}
    if not wanted:
        return
    for (place, day), other in _taken(campaign, {day for _, day in wanted}).items():
        if (place, day) in wanted:
            name = wanted[place, day]
            raise refuse(
                "schedule.place_reserved",
                f"{day:%Y-%m-%d} “{name}”已用于“{other}”，采集期间场地专用。",
                f"On {day:%Y-%m-%d} “{name}” is reserved for “{other}”.",
                "请改用其他场地或日期，或先在另一批次中腾出。",
                "Choose another place or day, or free it in the other campaign first.",
            )


def _taken(campaign: Campaign, days: set[date]) -> dict[tuple[str, date], str]:
    """What other campaigns of the school have on these days, by place and day: half-days set up, and sessions."""
    others = Campaign.objects.filter(school=campaign.school_id).exclude(pk=campaign.pk)
    others = others.exclude(status=CampaignStatus.CLOSED)
    found: dict[tuple[str, date], str] = {}
    periods = OpenPeriod.objects.filter(room__campaign__in=others).select_related("room__campaign")
    for period in periods.filter(starts_at__date__in=days):
        day = timezone.localtime(period.starts_at).date()
        found[_plain(period.room.name), day] = period.room.campaign.title
    for session in CaptureSession.objects.filter(campaign__in=others, date__in=days).select_related("campaign"):
        found[_plain(session.place), session.date] = session.campaign.title
    return found


def _plain(place: str) -> str:
    return "".join(unicodedata.normalize("NFKC", place).split()).casefold()
