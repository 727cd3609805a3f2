"""The same step for many: each person in a transaction of their own, so that one refusal stops nobody else.

No lock is held across persons: a long transaction would keep graduates waiting who confirm at the same time.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from django.db.models import Q

from gradphoto.apps.campaigns.models import Campaign, CampaignStatus, Season
from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import may
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import PermissionRefusal, Refusal, StepRefusal, invalid, refuse
from gradphoto.apps.registration.actions import (
    apply_again,
    apply_review,
    approve_at_head_office,
    approve_nationally,
    register_without_photo,
    return_review,
)
from gradphoto.apps.registration.models import Review
from gradphoto.apps.roster.models import Candidate, CandidateStatus
from gradphoto.apps.verification.actions import expire_case
from gradphoto.apps.verification.lifecycle import UNVERIFIED
from gradphoto.apps.verification.models import CaseStatus, VerificationCase
from gradphoto.apps.verification.queries import before_closing_day, unfinished_seasons
from gradphoto.engine.errors import GradPhotoError

_ADVANCING: dict[str, Callable[[Actor, Review], object]] = {
    "registration.approve_at_head_office": approve_at_head_office,
    "registration.approve_nationally": approve_nationally,
    "registration.apply_again": apply_again,
}
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Refused:
    """One person whose step was refused, and why."""

    label: str
    error: GradPhotoError


@dataclass(slots=True)
class BulkResult:
    """How many steps were taken, and which were refused."""

    done: int = 0
    refused: list[Refused] = field(default_factory=list)

    def __iadd__(self, other: BulkResult) -> BulkResult:
        self.done += other.done
        self.refused += other.refused
        return self


def apply_confirmed(
    actor: Actor, campaign: Campaign, *, cases: Iterable[VerificationCase], progress: Progress | None = None
) -> BulkResult:
    """Apply for the review of many confirmed cases of a campaign."""
    mine = ((case, str(case.candidate)) for case in cases if case.candidate.campaign_id == campaign.pk)
    return _each(actor, mine, apply_review, progress)


def advance_reviews(
    actor: Actor,
    campaign: Campaign,
    *,
    action_name: str,
    reviews: Iterable[Review],
    progress: Progress | None = None,
) -> BulkResult:
    """Take one step of the review for many: ``registration.approve_at_head_office``, ``...approve_nationally``
    or ``...apply_again``."""
    if action_name not in _ADVANCING:
        raise invalid(
            "registration.step_unknown",
            "没有这一审核步骤。",
            "There is no such step of the review.",
            "请从列表中选择操作。",
            "Choose a step from the list.",
        )
    mine = (
        (review, str(review.case.candidate)) for review in reviews if review.case.candidate.campaign_id == campaign.pk
    )
    return _each(actor, mine, _ADVANCING[action_name], progress)


def return_reviews(actor: Actor, *, reviews: Iterable[Review], reason: str) -> BulkResult:
    """Return many reviews for the same reason."""
    mine = ((review, str(review.case.candidate)) for review in reviews)
    return _each(actor, mine, functools.partial(return_review, reason=reason), None)


def register_unverified(
    actor: Actor,
    campaign: Campaign,
    *,
    season: Season | None = None,
    reason: str = "",
    progress: Progress | None = None,
) -> int:
    """Close verification (for one season, or all): expire what is open, register those persons without a photograph.

    Returns how many were registered. While the campaign is still verifying, only persons whose case was opened are
    concerned; persons without any case follow when it is closed.
    """
    if not may(actor, "registration.register_without_photo", campaign):
        raise PermissionRefusal("registration.register_without_photo")
    if campaign.status not in (CampaignStatus.VERIFYING, CampaignStatus.CLOSED):
        raise refuse(
            "registration.too_early",
            "本批次的校对尚未开放，不能截止。",
            "Verification of this campaign has not opened yet and cannot be closed.",
            "请先开放校对并提醒毕业生。",
            "Open verification first and remind the graduates.",
        )
    running = unfinished_seasons(campaign, season)
    if running:
        raise before_closing_day(running[0].closes_on)
    persons = Q(candidate__season=season) if season else Q()
    for case in VerificationCase.objects.filter(persons, candidate__campaign=campaign, status__in=UNVERIFIED):
        try:
            expire_case(actor, case)
        except StepRefusal:
            continue  # confirmed in this very moment: the photograph stays
        except Refusal as error:
            if error.code != "verification.before_closing_day":
                raise
            # This one person has a second look for some days more (R170).
    result = _each(
        actor,
        ((candidate, str(candidate)) for candidate in _to_register(campaign, season)),
        register_without_photo,
        progress,
    )
    audit.record(
        actor,
        "registration.register_unverified",
        campaign,
        {"registered": result.done, "refused": len(result.refused), "season": str(season or ""), "reason": reason},
    )
    return result.done


def _to_register(campaign: Campaign, season: Season | None) -> list[Candidate]:
    waiting = Q(verification_case__status=CaseStatus.EXPIRED)
    if campaign.status == CampaignStatus.CLOSED:
        waiting |= Q(verification_case__isnull=True)
    found = Candidate.objects.filter(
        waiting, campaign=campaign, status=CandidateStatus.ACCEPTED, ledger_entries__isnull=True
    )
    return list(found.filter(season=season) if season else found)


def _each(
    actor: Actor,
    targets: Iterable[tuple[object, str]],
    step: Callable[..., object],
    progress: Progress | None,
) -> BulkResult:
    result = BulkResult()
    for target, label in targets:
        try:
            step(actor, target)
            result.done += 1
        except GradPhotoError as error:
            result.refused.append(Refused(label, error))
        if progress is not None:
            progress(result.done, len(result.refused))
    return result
