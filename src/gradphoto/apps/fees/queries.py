"""Reads of the counter: who owes what, who is meant by what was scanned or typed, how far a department is."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.http import QueryDict

from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.encryption import blind_index
from gradphoto.apps.fees.models import PAID, Charge, ChargeStatus, Collection, Item, Receipt
from gradphoto.apps.fees.parts import parts
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.orgs.scope import scoped
from gradphoto.apps.pages.first_rows import first_rows
from gradphoto.apps.roster.lifecycle import APPROVED
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.roster.typed import named
from gradphoto.engine.cards.payload import read_issue

MOST_FOUND = 20
_SCANNED = re.compile(r"[0-9A-Za-z]{4,20}")
_HELD = (ChargeStatus.DUE, *PAID, ChargeStatus.WAIVED)
STATES = ("unpaid", "paid", "waived")


def number(text: str | None) -> int:
    """A record's number from an address or a form; 0, which no record has, for anything else."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 18 else 0


def season_in(params: QueryDict) -> str:
    """The season that an address asks for, or nothing."""
    season = params.get("season", "")
    return season if season in Season.values else ""


def payers(actor: Actor, campaign: Campaign) -> QuerySet[Candidate]:
    """The people of a campaign whom the actor sees and who are on the approved list or have money in the books."""
    seen = scoped(actor, Candidate).filter(campaign=campaign)
    booked = Exists(Charge.objects.filter(candidate=OuterRef("pk")))
    return seen.filter(Q(status__in=APPROVED) | booked).select_related("department")


def with_money(people: QuerySet[Candidate]) -> QuerySet[Candidate]:
    """Each with ``photo_state`` (status of the photograph's charge, "" for none), ``due_fen`` and ``paid_fen``."""
    photo = Charge.objects.filter(candidate=OuterRef("pk"), item=Item.PHOTO, status__in=_HELD).order_by("-pk")
    return people.annotate(
        photo_state=Coalesce(Subquery(photo.values("status")[:1]), Value("")),
        due_fen=_sum_of(ChargeStatus.DUE) - _parts(),
        paid_fen=_sum_of(*PAID) + _parts(),
    )


def _sum_of(*statuses: ChargeStatus) -> Any:
    some = Charge.objects.filter(candidate=OuterRef("pk"), status__in=statuses).order_by().values("candidate")
    total = some.annotate(n=Sum("amount_fen")).values("n")
    return Coalesce(Subquery(total, output_field=IntegerField()), Value(0))


def _parts() -> Any:
    """What was paid in part of charges that are still due."""
    some = parts().filter(charge__candidate=OuterRef("pk")).order_by().values("charge__candidate")
    total = some.annotate(n=Sum("amount_fen")).values("n")
    return Coalesce(Subquery(total, output_field=IntegerField()), Value(0))


def in_state(people: QuerySet[Any], state: str) -> QuerySet[Candidate]:
    """Of ``with_money`` those who still owe, have paid, or are let off."""
    if state == "unpaid":
        return people.filter(Q(photo_state__in=("", ChargeStatus.DUE)) | Q(due_fen__gt=0))
    if state == "paid":
        return people.filter(photo_state__in=PAID, due_fen=0)
    return people.filter(photo_state=ChargeStatus.WAIVED) if state == "waived" else people


def find(actor: Actor, campaign: Campaign, text: str) -> list[Candidate]:
    """Whom a typed or scanned text means: an exact student number wins, then an ID number, then part of a name or number.

    A code that holds the student number among other things is tried word by word, so that a hand scanner needs no
    set-up; the code of our own machine-readable card (R44) names the person and is read as such.
    """
    text = text.strip()
    if not text:
        return []
    people = with_money(payers(actor, campaign))
    issue = read_issue(text.encode("gb18030", errors="ignore"))
    if issue is not None and issue.name:
        return first_rows(people.filter(name=issue.name).order_by("season", "student_no"), MOST_FOUND)
    exact = Q(student_no__in=_SCANNED.findall(text))
    if len(text) in (15, 18):
        exact |= Q(id_number_index=blind_index(text))
    if found := first_rows(people.filter(exact), MOST_FOUND):
        return found
    return first_rows(people.filter(named(text)).order_by("season", "department__path", "student_no"), MOST_FOUND)


@dataclass(frozen=True, slots=True)
class DepartmentLine:
    """How far one department is in one season, in persons and fen."""

    department: Organisation
    season: str
    people: int
    paid: int
    waived: int
    fen: int

    @property
    def unpaid(self) -> int:
        return self.people - self.paid - self.waived

    @property
    def query(self) -> str:
        """What asks for the line's people in the address of their list."""
        return urlencode({"season": self.season, "department": self.department.pk})

    @property
    def season_label(self) -> str:
        return str(Season(self.season).label)


def departments(actor: Actor, campaign: Campaign, season: str = "") -> list[DepartmentLine]:
    """One line a department and season; spring and autumn are never added up (R12)."""
    people = payers(actor, campaign).filter(status__in=APPROVED)
    if season:
        people = people.filter(season=season)
    rows = (
        with_money(people)
        .order_by("season", "department__path")
        .values("season", "department")
        .annotate(
            people=Count("pk"),
            paid=Count("pk", filter=Q(photo_state__in=PAID)),
            waived=Count("pk", filter=Q(photo_state=ChargeStatus.WAIVED)),
            fen=Sum("paid_fen"),
        )
    )
    known = Organisation.objects.in_bulk([row["department"] for row in rows])
    return [
        DepartmentLine(
            known[row["department"]], row["season"], row["people"], row["paid"], row["waived"], row["fen"] or 0
        )
        for row in rows
    ]


def classes_seen(actor: Actor, campaign: int) -> QuerySet[Candidate, str]:
    """The classes of a campaign for a filter."""
    people = scoped(actor, Candidate).filter(campaign=campaign).exclude(class_name="")
    return people.order_by("class_name").values_list("class_name", flat=True).distinct()


def taken_back(collections: Iterable[Collection]) -> set[int]:
    """Of these collections those of which something was cancelled or refunded."""
    wanted = [one.pk for one in collections]
    return set(
        Collection.objects.filter(pk__in=wanted, entries__kind__in=("cancel_payment", "refund")).values_list(
            "pk", flat=True
        )
    )


def receipt_of_number(actor: Actor, campaign: Campaign, text: str) -> Receipt | None:
    """The campaign's receipt that bears the number as it is printed, e.g. ``10141-2026-000012``; nothing where none does."""
    issuer, _, number = text.rpartition("-")
    issuer, _, year = issuer.rpartition("-")
    if not (re.fullmatch("[0-9]{1,9}", number) and re.fullmatch("[0-9]{4}", year)):
        return None
    known = scoped(actor, Receipt).filter(campaign=campaign, year=int(year), number=int(number))
    return next((one for one in known.select_related("issuer") if one.number_label == text), None)
