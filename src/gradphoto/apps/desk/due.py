"""What is due: dated duties of each role, the nearest first; overdue ones stay until they are done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count
from django.urls import reverse
from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign, CampaignStatus
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.delivery.models import Package, PackageStatus
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.orgs.scope import scoped
from gradphoto.apps.schedule.models import CaptureSession, SessionStatus
from gradphoto.apps.verification.lifecycle import UNVERIFIED
from gradphoto.apps.verification.models import Opening, VerificationCase
from gradphoto.apps.verification.queries import coming_schools
from gradphoto.engine.wording import Wording

AHEAD = timedelta(days=30)
SOON_DAYS = 7
_KEEPERS = (Role.COLLEGE_OFFICER, Role.COUNSELLOR, Role.LEARNING_CENTRE)


@dataclass(frozen=True, slots=True)
class Due:
    """One duty with its day: what, how much of it, and where it is done."""

    day: date
    title: Wording
    detail: str
    url: str

    @property
    def days_left(self) -> int:
        """Days until it is due; 0 today, negative when overdue."""
        return (self.day - timezone.localdate()).days

    @property
    def is_soon(self) -> bool:
        return 0 <= self.days_left <= SOON_DAYS


@dataclass(frozen=True, slots=True)
class _Source:
    roles: frozenset[Role]
    find: Callable[[Actor, date], Iterator[Due]]


_SOURCES: list[_Source] = []


def _for(*roles: Role) -> Callable[[Callable[[Actor, date], Iterator[Due]]], Callable[[Actor, date], Iterator[Due]]]:
    def add(find: Callable[[Actor, date], Iterator[Due]]) -> Callable[[Actor, date], Iterator[Due]]:
        _SOURCES.append(_Source(frozenset(roles), find))
        return find

    return add


@_for(Role.PHOTOGRAPHER, Role.SITE_STAFF, Role.COLLECTION_CENTRE, Role.REGISTRAR)
def _sessions(actor: Actor, until: date) -> Iterator[Due]:
    sessions = scoped(actor, CaptureSession).filter(date__lte=until).exclude(status=SessionStatus.CLOSED)
    for session in sessions.select_related("campaign"):
        yield Due(
            session.date,
            Wording("采集场次", "Capture session"),
            f"{session.place} · {session.campaign.title}",
            reverse("capture:list"),
        )


@_for(Role.REGISTRAR, Role.LEARNING_CENTRE)
def _checks(actor: Actor, until: date) -> Iterator[Due]:
    packages = scoped(actor, Package).filter(status=PackageStatus.DELIVERED, check_due__lte=until)
    for package in packages.select_related("campaign", "organisation"):
        assert package.check_due is not None
        yield Due(
            package.check_due,
            Wording("交付照片核对期限", "Check of delivered photos"),
            f"{package} · {package.organisation.name} · {package.photo_count}",
            reverse("delivery:check", args=[package.pk]),
        )


@_for(Role.REGISTRAR, Role.COLLECTION_CENTRE)
def _openings(actor: Actor, until: date) -> Iterator[Due]:
    mine = set(scoped(actor, Campaign).filter(status=CampaignStatus.COLLECTING).values_list("pk", flat=True))
    for coming in coming_schools():
        if coming.campaign.pk in mine and coming.promised <= until:
            yield Due(
                coming.promised,
                Wording("承诺开放校对的日期", "Verification promised for"),
                coming.campaign.title,
                reverse("verification:list"),
            )


@_for(Role.REGISTRAR, *_KEEPERS)
def _closings(actor: Actor, until: date) -> Iterator[Due]:
    openings = scoped(actor, Opening).filter(closes_on__lte=until, campaign__status=CampaignStatus.VERIFYING)
    waiting = {
        (campaign, season): count
        for campaign, season, count in scoped(actor, VerificationCase)
        .filter(status__in=UNVERIFIED, candidate__campaign__in=openings.values("campaign"))
        .order_by()
        .values_list("candidate__campaign", "candidate__season")
        .annotate(n=Count("pk"))
    }
    for opening in openings.select_related("campaign"):
        count = waiting.get((opening.campaign_id, opening.season), 0)
        if count and opening.closes_on is not None:
            yield Due(
                opening.closes_on,
                Wording("校对截止，尚未确认人数", "Verification closes; not confirmed yet"),
                f"{count} · {opening.campaign.title} {opening.get_season_display()}",
                f"{reverse('verification:list')}?status=unverified&season={opening.season}&campaign={opening.campaign_id}",
            )


def due(actor: Actor) -> list[Due]:
    """The duties of this person's roles that are overdue or due within ``AHEAD``, the earliest first."""
    until = timezone.localdate() + AHEAD
    found = [item for source in _SOURCES if source.roles & actor.user.roles for item in source.find(actor, until)]
    return sorted(found, key=lambda item: (item.day, item.url))
