"""What the timetable tells of a campaign's plan: the headcount report of the school (R72, R179)."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse

from gradphoto.apps.campaigns.agenda import Asked, Planned, dated, tells
from gradphoto.apps.campaigns.settings_keys import REPORT_MONTHS
from gradphoto.apps.orgs.permissions import roles_of
from gradphoto.apps.roster.models import Milestone, MilestoneKind
from gradphoto.apps.schedule.models import Booking, BookingStatus, CaptureSession
from gradphoto.engine.standards.deadlines import Deadline, Kind, due_before
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
        rule = asked.rule(campaign, REPORT_MONTHS)
        if rule is None:
            continue
        least = Deadline(Kind.MONTHS, int(REPORT_MONTHS.read(rule.value)[0]), rule.source)
        yield Planned(
            key="2.00",
            campaign=campaign,
            **dated(stone.due, least, asked.calendar(campaign), due_before),
            title=Wording("向采集中心上报人数", "Headcount reported to the collection centre"),
            roles=roles_of("schedule.follow_booking"),
            watchers=roles_of("schedule.decide_booking"),
            url=reverse("schedule:bookings"),
            done=campaign.pk in reported,
            setting=REPORT_MONTHS.name,
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
