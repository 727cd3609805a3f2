"""What the timetable tells of a campaign's plan: the headcount report of the school (R72, R179)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.urls import reverse

from gradphoto.apps.campaigns.agenda import Asked, Planned, tells
from gradphoto.apps.campaigns.settings_keys import REPORT_DAYS
from gradphoto.apps.orgs.permissions import roles_of
from gradphoto.apps.roster.models import Milestone, MilestoneKind
from gradphoto.apps.schedule.models import Booking, BookingStatus, CaptureSession
from gradphoto.engine.wording import Wording


@tells("schedule.plan")
def report(asked: Asked) -> Iterator[Planned]:
    """The report of the headcount, so many days ahead of the planned shooting; done once it is in or sessions stand."""
    within = {"campaign__in": asked.campaigns}
    reported = set(
        Booking.objects.filter(**within).exclude(status=BookingStatus.REFUSED).values_list("campaign", flat=True)
    )
    reported |= set(CaptureSession.objects.filter(**within).order_by().values_list("campaign", flat=True))
    for stone in Milestone.objects.filter(kind=MilestoneKind.SHOOTING, **within):
        campaign = asked.campaigns[stone.campaign_id]
        rule = asked.rule(campaign, REPORT_DAYS)
        if rule is None:
            continue
        least = int(REPORT_DAYS.read(rule.value)[0])
        yield Planned(
            key="2.00",
            campaign=campaign,
            day=stone.due - timedelta(days=least),
            title=Wording("向采集中心上报人数", "Headcount reported to the collection centre"),
            roles=roles_of("schedule.follow_booking"),
            watchers=roles_of("schedule.decide_booking"),
            url=reverse("schedule:bookings"),
            done=campaign.pk in reported,
            source=rule.source,
            setting=REPORT_DAYS.name,
        )


@tells("schedule.decide_booking")
def to_agree(asked: Asked) -> Iterator[Planned]:
    """Reports the centre has not answered, by the day the school asked for."""
    for booking in Booking.objects.filter(campaign__in=asked.campaigns, status=BookingStatus.REPORTED):
        yield Planned(
            key="2.01",
            campaign=asked.campaigns[booking.campaign_id],
            day=booking.first_day,
            title=Wording("约定采集时间", "Time of shooting to be agreed"),
            roles=roles_of("schedule.decide_booking"),
            url=reverse("schedule:bookings"),
            done=False,
            detail=booking.place,
        )
