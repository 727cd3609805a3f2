"""The staff's lists of cases: which filters there are and what they select."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import QueryDict

from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.wording import bi
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.orgs.scope import scoped
from gradphoto.apps.verification.lifecycle import UNVERIFIED
from gradphoto.apps.verification.models import CaseStatus, VerificationCase
from gradphoto.apps.verification.notices.models import REACHED, Notice

PAGE_SIZE = 50
UNVERIFIED_CHOICE = ("unverified", bi("全部未确认", "All not confirmed"))


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """What the address line of a list asks for; anything it cannot mean is ignored."""

    campaign: int | None
    department: int | None
    season: str
    status: str
    words: str

    @classmethod
    def read(cls, params: QueryDict) -> CaseFilter:
        season, status = params.get("season", ""), params.get("status", "")
        return cls(
            campaign=_number(params.get("campaign")),
            department=_number(params.get("department")),
            season=season if season in Season.values else "",
            status=status if status in (*CaseStatus.values, UNVERIFIED_CHOICE[0]) else "",
            words=params.get("q", "").strip()[:60],
        )

    def cases(self, actor: Actor) -> QuerySet[VerificationCase]:
        """The cases within the viewer's scope that fit, whatever their state."""
        found = scoped(actor, VerificationCase).select_related("candidate__department", "candidate__campaign__school")
        if self.campaign:
            found = found.filter(candidate__campaign=self.campaign)
        if self.department:
            found = found.filter(candidate__department=self.department)
        if self.season:
            found = found.filter(candidate__season=self.season)
        if self.words:
            found = found.filter(
                Q(candidate__student_no__startswith=self.words)
                | Q(candidate__name__icontains=self.words)
                | Q(candidate__class_name__icontains=self.words)
            )
        return found

    def in_state(self, cases: QuerySet[VerificationCase]) -> QuerySet[VerificationCase]:
        if self.status == UNVERIFIED_CHOICE[0]:
            return cases.filter(status__in=UNVERIFIED)
        return cases.filter(status=self.status) if self.status else cases


def with_notice(cases: QuerySet[VerificationCase]) -> QuerySet[VerificationCase]:
    """The cases with ``told_at``: when the graduate was last reached, None where there is no proof (R203)."""
    proofs = Notice.objects.filter(candidate=OuterRef("candidate"), state__in=REACHED).order_by("-at")
    return cases.annotate(told_at=Subquery(proofs.values("at")[:1]))


def campaigns_of(actor: Actor) -> QuerySet[Campaign]:
    """The campaigns a viewer may choose from."""
    return scoped(actor, Campaign).select_related("school")


def departments_of(actor: Actor) -> QuerySet[Organisation]:
    """The departments and learning centres with cases the viewer may see."""
    cases = scoped(actor, VerificationCase).order_by().values("candidate__department")
    return Organisation.objects.filter(pk__in=cases).order_by("path")


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 18 else None
