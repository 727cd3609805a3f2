"""Reads of the registration app: the stages of the review, who stands at which, and who lacks a photograph."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet

from gradphoto.apps.capture.models import CheckInStatus, FrameStatus
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.delivery.models import Portrait
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.orgs.permissions import roles_of
from gradphoto.apps.orgs.scope import scoped
from gradphoto.apps.pages.listing import Asked
from gradphoto.apps.registration.models import AdditionStatus, LedgerEntry, PhotoAddition, ReviewStatus
from gradphoto.apps.verification.models import CaseStatus, Correction, VerificationCase
from gradphoto.apps.verification.queries import WITH_THE_SCHOOL
from gradphoto.engine.wording import Wording

LACKING = "lacking"
"""Asked of an export: whoever has no photograph now, not whoever was once registered without one."""
CONFIRMED = "confirmed"
"""The stage before the first: confirmed by the graduate, applied for by nobody."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of the review as the page shows it: its tab, the step that ends it, and whose step that is."""

    key: str
    title: Wording
    action: str = ""
    button: Wording | None = None
    roles: tuple[Role, ...] = ()


STAGES: tuple[Stage, ...] = (
    Stage(
        CONFIRMED,
        Wording("待申请", "To apply for"),
        "registration.apply_review",
        Wording("申请审核", "Apply"),
        roles_of("registration.apply"),
    ),
    Stage(
        ReviewStatus.RETURNED.value,
        Wording("已退回", "Returned"),
        "registration.apply_again",
        Wording("重新申请", "Apply again"),
        roles_of("registration.apply"),
    ),
    Stage(
        ReviewStatus.APPLIED.value,
        Wording("待总部审核", "With the head office"),
        "registration.approve_at_head_office",
        Wording("总部审核通过", "Approve for the head office"),
        roles_of("registration.approve"),
    ),
    Stage(
        ReviewStatus.HEAD_APPROVED.value,
        Wording("待国家中心审核", "With the national centre"),
        "registration.approve_nationally",
        Wording("国家中心审核通过", "Approve for the national centre"),
        roles_of("registration.approve_nationally"),
    ),
    Stage(ReviewStatus.APPROVED.value, Wording("已完成", "Done")),
)
BY_KEY: dict[str, Stage] = {stage.key: stage for stage in STAGES}


def default_stage(roles: frozenset[str]) -> Stage:
    """The stage that awaits a person with these roles."""
    return next((stage for stage in STAGES if roles & frozenset(map(str, stage.roles))), BY_KEY["applied"])


def reviewed(actor: Actor) -> QuerySet[VerificationCase]:
    """Every case at some stage of the review, with ``exceptional``: corrected, or disputed and answered."""
    cases = scoped(actor, VerificationCase).filter(Q(review__isnull=False) | Q(status=CaseStatus.CONFIRMED))
    corrected = Exists(Correction.objects.filter(case=OuterRef("pk"), withdrawn_at__isnull=True))
    exceptional = ExpressionWrapper(Q(corrected) | Q(answered_at__isnull=False), output_field=BooleanField())
    return cases.select_related("candidate__department", "candidate__campaign__school", "review").annotate(
        exceptional=exceptional
    )


def without_exceptions(listing: Asked) -> str:
    """How many of a list of the review are no exceptions, as a person reads it; empty for none.

    The exceptions are few, and found by what makes them so: they are taken away from what the list has.
    """
    paginator = listing.page.paginator
    if paginator.is_more:
        return paginator.number
    corrected = Correction.objects.filter(withdrawn_at__isnull=True).order_by().values("case")
    answered = VerificationCase.objects.filter(answered_at__isnull=False).order_by().values("pk")
    exceptions = listing.rows.order_by().filter(pk__in=corrected.union(answered)).count()
    return str(paginator.count - exceptions or "")


def at_stage(cases: QuerySet[VerificationCase], stage: str) -> QuerySet[VerificationCase]:
    """Of these cases those that stand at one stage."""
    if stage == CONFIRMED:
        return cases.filter(status=CaseStatus.CONFIRMED, review__isnull=True)
    return cases.filter(review__status=stage)


def lacking(actor: Actor) -> QuerySet[Any]:
    """The standing lines without a photograph; with ``delivered`` (one could be added) and ``waits``."""
    later = LedgerEntry.objects.filter(candidate=OuterRef("candidate"), number__gt=OuterRef("number"))
    portraits = Portrait.objects.filter(
        candidate=OuterRef("candidate"),
        frame__status=FrameStatus.ACCEPTED,
        package_items__package__status__in=WITH_THE_SCHOOL,
    ).exclude(check_in__status=CheckInStatus.CANCELLED)
    proposed = PhotoAddition.objects.filter(entry__candidate=OuterRef("candidate"), status=AdditionStatus.PROPOSED)
    entries = scoped(actor, LedgerEntry).filter(~Exists(later), portrait=None)
    entries = entries.annotate(delivered=Exists(portraits), waits=Exists(proposed))
    return entries.select_related("candidate__department", "candidate__campaign", "campaign__school")
