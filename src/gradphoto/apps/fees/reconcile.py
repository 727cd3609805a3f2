"""Three sides of one class: who is listed, who has paid, who is photographed, and who is not on all of them (R138)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, Count, Exists, OuterRef, Q, QuerySet, Value

from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.fees import providers
from gradphoto.apps.fees.models import PAID, Charge, ChargeStatus, Item
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.orgs.scope import scoped
from gradphoto.apps.roster.lifecycle import APPROVED
from gradphoto.apps.roster.models import Candidate, CandidateStatus
from gradphoto.apps.roster.persons import once_a_person
from gradphoto.engine.wording import Wording

_SETTLED = Q(is_paid=True) | Q(is_waived=True)
DIFFERENCES: dict[str, tuple[Wording, Q]] = {
    "listed_unpaid": (Wording("在册未缴费", "Listed, not paid"), Q(is_listed=True) & ~_SETTLED),
    "shot_unpaid": (Wording("已拍未缴费", "Photographed, not paid"), Q(is_shot=True) & ~_SETTLED),
    "paid_not_shot": (Wording("已缴未拍", "Paid, not photographed"), Q(is_paid=True, is_shot=False)),
    "paid_not_listed": (Wording("已缴不在册", "Paid, not listed"), Q(is_paid=True, is_listed=False)),
    "shot_not_listed": (Wording("已拍不在册", "Photographed, not listed"), Q(is_shot=True, is_listed=False)),
}
"""The ways in which the three sides differ: title, and the condition over ``three_sides``."""


def three_sides(actor: Actor, campaign: Campaign) -> QuerySet[Candidate]:
    """Everybody the actor sees, with ``is_listed``, ``is_paid``, ``is_waived`` and ``is_shot`` (False if nobody tells)."""
    photo = Charge.objects.filter(candidate=OuterRef("pk"), item=Item.PHOTO)
    shot = providers.photographed(campaign)
    return (
        once_a_person(scoped(actor, Candidate))
        .filter(campaign=campaign)
        .annotate(
            is_listed=Exists(Candidate.objects.filter(pk=OuterRef("pk"), status__in=APPROVED)),
            is_paid=Exists(photo.filter(status__in=PAID)),
            is_waived=Exists(photo.filter(status=ChargeStatus.WAIVED)),
            is_shot=Value(False, output_field=BooleanField())
            if shot is None
            else Exists(shot.filter(pk=OuterRef("pk"))),
        )
        .exclude(Q(status=CandidateStatus.REMOVED, is_paid=False, is_shot=False))
        .select_related("department")
    )


@dataclass(frozen=True, slots=True)
class SideLine:
    """One department in one season: heads on each side, and how many differ in which way."""

    department: Organisation
    season: str
    listed: int
    paid: int
    waived: int
    shot: int
    differing: dict[str, int]

    @property
    def season_label(self) -> str:
        return str(Season(self.season).label)

    @property
    def agrees(self) -> bool:
        return not any(self.differing.values())


def lines(actor: Actor, campaign: Campaign, season: str = "") -> list[SideLine]:
    """The reconciliation, a line a department and season (R12)."""
    people = three_sides(actor, campaign)
    if season:
        people = people.filter(season=season)
    counts = {name: Count("pk", filter=condition) for name, (_, condition) in shown_differences().items()}
    rows: Any = (
        people.order_by("season", "department__path")
        .values("season", "department")
        .annotate(
            listed=Count("pk", filter=Q(is_listed=True)),
            paid=Count("pk", filter=Q(is_paid=True)),
            waived=Count("pk", filter=Q(is_waived=True)),
            shot=Count("pk", filter=Q(is_shot=True)),
            **counts,
        )
    )
    known = Organisation.objects.in_bulk([row["department"] for row in rows])
    return [
        SideLine(
            known[row["department"]], row["season"], row["listed"], row["paid"], row["waived"], row["shot"],
            {name: row[name] for name in counts},
        )
        for row in rows
    ]  # fmt: skip


def shown_differences() -> dict[str, tuple[Wording, Q]]:
    """The differences that can be told: without a photographed side only those between list and payment."""
    if providers.known():
        return DIFFERENCES
    return {name: told for name, told in DIFFERENCES.items() if "shot" not in name}


def names(actor: Actor, campaign: Campaign) -> QuerySet[Candidate]:
    """The people behind every difference."""
    condition = Q()
    for _, one in shown_differences().values():
        condition |= one
    return three_sides(actor, campaign).filter(condition)
