"""Reads of the verification app: whose portrait was delivered, when a case opens, which schools are open."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Min, QuerySet
from django.utils import timezone

from gradphoto.apps.campaigns import settings_keys
from gradphoto.apps.campaigns.calendars import calendar_of
from gradphoto.apps.campaigns.models import Campaign, CampaignStatus, Season
from gradphoto.apps.campaigns.rules import deadline_of, value_of
from gradphoto.apps.capture.models import CheckInStatus, FrameStatus
from gradphoto.apps.delivery.models import PackageStatus, Portrait
from gradphoto.apps.roster.models import Candidate, CandidateStatus
from gradphoto.apps.verification.lifecycle import UNVERIFIED
from gradphoto.apps.verification.models import CaseStatus, VerificationCase
from gradphoto.engine.standards.deadlines import due


def delivered_portraits(campaign: Campaign, profile: str, season: Season | None) -> Iterable[tuple[int, int]]:
    """(candidate, portrait) of everyone without a case whose portrait is with the school; the newest comes first."""
    portraits = Portrait.objects.filter(
        profile=profile,
        candidate__campaign=campaign,
        candidate__status=CandidateStatus.ACCEPTED,
        candidate__verification_case__isnull=True,
        package_items__package__status__in=(PackageStatus.DELIVERED, PackageStatus.CHECKED),
    ).exclude(check_in__status=CheckInStatus.CANCELLED)
    if season:
        portraits = portraits.filter(candidate__season=season)
    return portraits.order_by("candidate", "-created_at", "-pk").values_list("candidate_id", "pk").iterator()


def newest_delivered(candidate: Candidate) -> Portrait | None:
    """The portrait to verify: of a shot that stands, delivered, the newest; None while there is none."""
    standing = Portrait.objects.filter(
        candidate=candidate,
        profile=value_of(candidate.campaign, settings_keys.PHOTO_PROFILE),
        frame__status=FrameStatus.ACCEPTED,
        package_items__package__status__in=(PackageStatus.DELIVERED, PackageStatus.CHECKED),
    ).exclude(check_in__status=CheckInStatus.CANCELLED)
    return standing.order_by("-created_at", "-pk").first()


@dataclass(frozen=True, slots=True)
class OpeningDates:
    """When verification opens for a person (B4): not before ``earliest``, promised for ``promised``.

    ``provisional``: the holidays up to the promised day are not all announced yet (R201).
    """

    shot_on: date
    earliest: date
    promised: date
    provisional: bool


def opening_dates(candidate: Candidate) -> OpeningDates | None:
    """Counted from the day the person was photographed; None where nobody knows that day."""
    check_in = candidate.check_ins.exclude(status=CheckInStatus.CANCELLED).order_by("-at").first()
    if check_in is None:
        return None
    day = timezone.localdate(check_in.at)
    campaign = candidate.campaign
    calendar = calendar_of(campaign.school)
    earliest = due(day, deadline_of(campaign, settings_keys.VERIFY_AFTER_DAYS), calendar)
    promised = due(day, deadline_of(campaign, settings_keys.VERIFY_AFTER_WORKDAYS), calendar)
    return OpeningDates(day, earliest.date, promised.date, promised.provisional)


@dataclass(frozen=True, slots=True)
class OpenSchool:
    """A line of the published list of schools that are open already (R161)."""

    name: str
    name_en: str
    cohort_year: int
    season: str
    since: date

    @property
    def season_label(self) -> str:
        return str(Season(self.season).label)


def open_schools() -> list[OpenSchool]:
    """Which schools and seasons may verify now. Public: no persons, no numbers."""
    rows = (
        VerificationCase.objects.filter(candidate__campaign__status=CampaignStatus.VERIFYING)
        .order_by()
        .values_list(
            "candidate__campaign__school__name",
            "candidate__campaign__school__name_en",
            "candidate__campaign__cohort_year",
            "candidate__season",
        )
        .annotate(since=Min("opened_at"))
        .order_by("candidate__campaign__school__name", "candidate__campaign__cohort_year", "candidate__season")
    )
    return [
        OpenSchool(name, name_en, year, season, timezone.localdate(since))
        for name, name_en, year, season, since in rows
    ]


@dataclass(frozen=True, slots=True)
class StatusCount:
    """How many cases of a list stand in one state."""

    status: CaseStatus
    count: int

    @property
    def is_unverified(self) -> bool:
        return self.status in UNVERIFIED


def counts(cases: QuerySet[VerificationCase]) -> list[StatusCount]:
    """The cases of a list by state, every state named."""
    found = dict(cases.order_by().values_list("status").annotate(n=Count("pk")))
    return [StatusCount(status, found.get(status.value, 0)) for status in CaseStatus]
