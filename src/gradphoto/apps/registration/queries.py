"""Reads of the registration app: what awaits which role, and the ledger as it is filtered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet
from django.http import QueryDict

from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.capture.models import CheckInStatus, FrameStatus
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.wording import bi
from gradphoto.apps.delivery.models import Portrait
from gradphoto.apps.orgs.models import Organisation, Role
from gradphoto.apps.orgs.permissions import roles_of
from gradphoto.apps.orgs.scope import scoped
from gradphoto.apps.registration.models import (
    AdditionStatus,
    EntryKind,
    LedgerEntry,
    PhotoAddition,
    Review,
    ReviewStatus,
)
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.verification.models import CaseStatus, Correction, VerificationCase
from gradphoto.apps.verification.queries import WITH_THE_SCHOOL

PAGE_SIZE = 50
LACKING = "lacking"
"""Asked of an export: whoever has no photograph now, not whoever was once registered without one."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of the review as the page shows it: its tab, the step that ends it, and whose step that is."""

    key: str
    title: str
    action: str = ""
    button: str = ""
    roles: tuple[Role, ...] = ()


STAGES: tuple[Stage, ...] = (
    Stage(
        "confirmed",
        bi("待申请", "To apply for"),
        "registration.apply_review",
        bi("申请审核", "Apply"),
        roles_of("registration.apply"),
    ),
    Stage(
        ReviewStatus.RETURNED.value,
        bi("已退回", "Returned"),
        "registration.apply_again",
        bi("重新申请", "Apply again"),
        roles_of("registration.apply"),
    ),
    Stage(
        ReviewStatus.APPLIED.value,
        bi("待总部审核", "With the head office"),
        "registration.approve_at_head_office",
        bi("总部审核通过", "Approve"),
        roles_of("registration.approve"),
    ),
    Stage(
        ReviewStatus.HEAD_APPROVED.value,
        bi("待国家中心审核", "With the national centre"),
        "registration.approve_nationally",
        bi("国家中心审核通过", "Approve"),
        roles_of("registration.approve_nationally"),
    ),
    Stage(ReviewStatus.APPROVED.value, bi("已完成", "Done")),
)
BY_KEY: dict[str, Stage] = {stage.key: stage for stage in STAGES}


@dataclass(frozen=True, slots=True)
class PersonFilter:
    """What the address line of a list asks for; anything it cannot mean is ignored."""

    campaign: int | None
    department: int | None
    season: str
    words: str

    @classmethod
    def read(cls, params: QueryDict) -> PersonFilter:
        season = params.get("season", "")
        return cls(
            campaign=_number(params.get("campaign")),
            department=_number(params.get("department")),
            season=season if season in Season.values else "",
            words=params.get("q", "").strip()[:60],
        )

    def at(self, prefix: str) -> Q:
        """The filter on the candidate that a model reaches by ``prefix`` (``candidate__``)."""
        query = Q()
        if self.campaign:
            query &= Q(**{f"{prefix}campaign": self.campaign})
        if self.department:
            query &= Q(**{f"{prefix}department": self.department})
        if self.season:
            query &= Q(**{f"{prefix}season": self.season})
        if self.words:
            query &= Q(**{f"{prefix}student_no__startswith": self.words}) | Q(
                **{f"{prefix}name__icontains": self.words}
            )
        return query


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 18 else None


def default_stage(roles: frozenset[str]) -> Stage:
    """The stage that awaits a person with these roles."""
    return next((stage for stage in STAGES if roles & frozenset(map(str, stage.roles))), BY_KEY["applied"])


def cases_to_apply(actor: Actor, wanted: PersonFilter) -> QuerySet[VerificationCase]:
    """Confirmed cases nobody has applied for, exceptions first."""
    cases = scoped(actor, VerificationCase).filter(
        wanted.at("candidate__"), status=CaseStatus.CONFIRMED, review__isnull=True
    )
    return (
        cases.select_related("candidate__department", "candidate__campaign__school")
        .annotate(exceptional=_exceptional(OuterRef("pk"), "answered_at"))
        .order_by("-exceptional", "candidate__season", "candidate__department", "candidate__student_no")
    )


def reviews_at(actor: Actor, stage: str, wanted: PersonFilter) -> QuerySet[Review]:
    """Reviews in one state, exceptions first: those with corrections or an answered dispute."""
    reviews = scoped(actor, Review).filter(wanted.at("case__candidate__"), status=stage)
    return (
        reviews.select_related("case__candidate__department", "case__candidate__campaign__school")
        .annotate(exceptional=_exceptional(OuterRef("case"), "case__answered_at"))
        .order_by(
            "-exceptional", "case__candidate__season", "case__candidate__department", "case__candidate__student_no"
        )
    )


def without_corrections(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Of a stage's rows those that need no second look."""
    return rows.filter(exceptional=False)


def _exceptional(case: OuterRef, answered: str) -> ExpressionWrapper:
    """Whoever corrected something, or disputed the photograph and was answered, is looked at one by one."""
    corrected = Exists(Correction.objects.filter(case=case, withdrawn_at__isnull=True))
    return ExpressionWrapper(Q(corrected) | Q(**{f"{answered}__isnull": False}), output_field=BooleanField())


def stage_counts(actor: Actor, wanted: PersonFilter) -> list[tuple[Stage, int]]:
    """Every stage with how many stand in it."""
    return [
        (
            stage,
            cases_to_apply(actor, wanted).count()
            if stage.key == "confirmed"
            else reviews_at(actor, stage.key, wanted).count(),
        )
        for stage in STAGES
    ]


def ledger(actor: Actor, wanted: PersonFilter, kind: str) -> QuerySet[LedgerEntry]:
    """The lines of the ledger within the viewer's scope."""
    entries = scoped(actor, LedgerEntry).filter(wanted.at("candidate__"))
    if kind in EntryKind.values:
        entries = entries.filter(kind=kind)
    return entries.select_related("candidate__department", "campaign__school")


def lacking(actor: Actor, wanted: PersonFilter) -> QuerySet[Any]:
    """The standing lines without a photograph, the oldest first; with ``delivered`` (one could be added) and ``waits``."""
    later = LedgerEntry.objects.filter(candidate=OuterRef("candidate"), number__gt=OuterRef("number"))
    portraits = Portrait.objects.filter(
        candidate=OuterRef("candidate"),
        frame__status=FrameStatus.ACCEPTED,
        package_items__package__status__in=WITH_THE_SCHOOL,
    ).exclude(check_in__status=CheckInStatus.CANCELLED)
    proposed = PhotoAddition.objects.filter(entry__candidate=OuterRef("candidate"), status=AdditionStatus.PROPOSED)
    entries = scoped(actor, LedgerEntry).filter(wanted.at("candidate__"), ~Exists(later), portrait=None)
    entries = entries.annotate(delivered=Exists(portraits), waits=Exists(proposed))
    return entries.select_related("candidate__department", "campaign__school").order_by("at", "campaign", "number")


def campaigns_of(actor: Actor) -> QuerySet[Campaign]:
    """The campaigns a viewer may choose from."""
    return scoped(actor, Campaign).select_related("school")


def departments_of(actor: Actor) -> QuerySet[Organisation]:
    """The departments and learning centres that have candidates the viewer may see."""
    candidates = scoped(actor, Candidate).order_by().values("department")
    return Organisation.objects.filter(pk__in=candidates).order_by("path")
