"""What delivery tells of a campaign's plan: the delivery itself, its check, and what was reported (R155, R174, R177)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from urllib.parse import urlencode

from django.db.models import Count, Max, Sum
from django.db.models.functions import TruncDate
from django.urls import reverse
from django.utils import timezone

from gradphoto.apps.campaigns.agenda import Asked, Planned, dated, tells
from gradphoto.apps.campaigns.settings_keys import CHECK_MONTHS, DELIVERY_DAYS, ERRATA_REISSUE_WORKDAYS
from gradphoto.apps.delivery.models import (
    DeliveryReport,
    Package,
    PackageStatus,
    ReportAction,
    ReportStatus,
)
from gradphoto.apps.orgs.permissions import roles_of
from gradphoto.apps.orgs.scope import scoped
from gradphoto.apps.roster.models import Total
from gradphoto.apps.roster.models.totals import listed
from gradphoto.apps.schedule.models import CaptureSession
from gradphoto.engine.standards.deadlines import due
from gradphoto.engine.wording import Wording


@tells("delivery.deliver", "verification.close")
def deliveries(asked: Asked) -> Iterator[Planned]:
    """Photographs and image cards so long after the last day in the room, with who was photographed and has none yet."""
    last = last_days(asked)
    rows = listed(scoped(asked.actor, Total)).filter(campaign__in=asked.campaigns).order_by()
    summed = list(rows.values_list("campaign", "season").annotate(Sum("shot"), Sum("undelivered")))
    shot = {(campaign, season): number for campaign, season, number, _ in summed}
    waiting = {(campaign, season): number for campaign, season, _, number in summed}
    for (campaign_pk, season), day in last.items():
        campaign = asked.campaigns[campaign_pk]
        rule, key = asked.deadline(campaign, DELIVERY_DAYS), (campaign_pk, season)
        if rule is None:
            continue
        query = {"campaign": campaign_pk, "season": season, "stage": "shot", "without": "delivered"}
        yield Planned(
            key="5.00",
            campaign=campaign,
            title=Wording("照片、图像信息卡交付学校", "Photographs and image cards delivered"),
            roles=roles_of("delivery.deliver"),
            watchers=roles_of("verification.close"),
            url=f"{reverse('desk:people')}?{urlencode(query)}",
            done=bool(shot.get(key)) and not waiting.get(key),
            count=waiting.get(key, 0),
            season=season,
            setting=DELIVERY_DAYS.name,
            **dated(day, rule, asked.calendar(campaign), due),
        )


def last_days(asked: Asked) -> dict[tuple[int, str], date]:
    """The last day in the room of each season in which the viewer has people, held or planned; without slots for both."""
    sessions = CaptureSession.objects.filter(campaign__in=asked.campaigns).order_by()
    found = {
        (campaign, season): day
        for campaign, season, day in sessions.values_list("campaign", "slots__season").annotate(Max("date"))
    }
    rows = scoped(asked.actor, Total).filter(campaign__in=asked.campaigns).order_by()
    seasons = set(
        rows.values_list("campaign", "season")
        .annotate(n=Sum("people"))
        .filter(n__gt=0)
        .values_list("campaign", "season")
    )
    last: dict[tuple[int, str], date] = {}
    for campaign, season in seasons:
        days = [found[key] for key in ((campaign, season), (campaign, None)) if key in found]
        if days:
            last[campaign, season] = max(days)
    return last


@tells("delivery.check")
def checks(asked: Asked) -> Iterator[Planned]:
    """Every package that was handed over: its check within the month, counted when it was delivered (R178)."""
    packages = scoped(asked.actor, Package).filter(check_due__isnull=False, campaign__in=asked.campaigns)
    for package in packages.select_related("organisation"):
        campaign = asked.campaigns[package.campaign_id]
        assert package.check_due is not None
        deadline = asked.deadline(campaign, CHECK_MONTHS)
        yield Planned(
            key="5.01",
            campaign=campaign,
            day=package.check_due,
            first=timezone.localdate(package.delivered_at) if package.delivered_at else None,
            title=Wording("核对交付照片", "Check of the delivered photographs"),
            roles=roles_of("delivery.check"),
            url=reverse("delivery:package", args=[package.pk]),
            done=package.status == PackageStatus.CHECKED,
            count=package.photo_count if package.status != PackageStatus.CHECKED else 0,
            unit=Wording("{n} 张", "{n:photograph|photographs}"),
            detail=f"{package.number:03d} · {package.organisation.name}",
            season=package.season,
            deadline=deadline,
            source=deadline.source if deadline else "",
            setting=CHECK_MONTHS.name,
        )


@tells("delivery.deliver", "verification.close")
def reports(asked: Asked) -> Iterator[Planned]:
    """Missing photographs are re-issued within the working days of R174; one line a package and day of reporting."""
    found = scoped(asked.actor, DeliveryReport).filter(
        status=ReportStatus.OPEN, action=ReportAction.REISSUE, package__campaign__in=asked.campaigns
    )
    columns = ("package__campaign", "package__season", "package", "package__number", "day")
    days = found.order_by().annotate(day=TruncDate("reported_at")).values_list(*columns).annotate(Count("pk"))
    for campaign_pk, season, package, number, day, count in days:
        campaign = asked.campaigns[campaign_pk]
        rule = asked.deadline(campaign, ERRATA_REISSUE_WORKDAYS)
        if rule is None:
            continue
        query = urlencode({"state": ReportStatus.OPEN.value, "action": ReportAction.REISSUE.value, "day": day})
        yield Planned(
            key="5.02",
            campaign=campaign,
            title=Wording("补发缺失照片", "Re-issue of missing photographs"),
            roles=roles_of("delivery.deliver"),
            watchers=roles_of("verification.close"),
            url=f"{reverse('delivery:reports', args=[package])}?{query}",
            done=False,
            count=count,
            detail=f"{number:03d}",
            season=season,
            setting=ERRATA_REISSUE_WORKDAYS.name,
            **dated(day, rule, asked.calendar(campaign), due),
        )
