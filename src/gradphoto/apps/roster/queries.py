"""Reads of the roster that are more than a filter."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from django.db.models import Count, F, Q, QuerySet

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.core.actions import may
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.models import AuditEntry
from gradphoto.apps.core.sealed import blind_index
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.roster.models import Candidate
from gradphoto.engine.standards.identity import IdNumberError, parse_id_number
from gradphoto.engine.wording import Wording

_STANDING = ("campaign", "season", "department__path", "class_name", "student_no", "pk")
SORTS: Mapping[str, tuple[str, ...]] = {
    "": _STANDING,
    "student_no": ("student_no", "pk"),
    "name": ("name", *_STANDING),
    "department": ("department__path", *_STANDING),
    "class_name": ("class_name", *_STANDING),
    "season": ("season", *_STANDING),
    "status": ("status", *_STANDING),
}
FILTERS = ("q", "campaign", "season", "department", "class_name", "status")


def find(candidates: QuerySet[Candidate], asked: Mapping[str, str]) -> QuerySet[Candidate]:
    """Filter and sort by what the page's form asks: ``FILTERS`` and ``sort`` (``-`` in front turns it round)."""
    if text := asked.get("q", "").strip():
        candidates = candidates.filter(Q(name__icontains=text) | Q(student_no__startswith=text))
    for name in ("season", "status", "class_name"):
        if value := asked.get(name):
            candidates = candidates.filter(**{name: value})
    for name in ("campaign", "department"):
        if (value := asked.get(name, "")).isdecimal():
            candidates = candidates.filter(**{f"{name}_id": int(value)})
    sort = asked.get("sort", "")
    first, *rest = SORTS.get(sort.removeprefix("-"), _STANDING)
    return candidates.order_by(F(first).desc() if sort.startswith("-") else F(first).asc(), *rest)


def by_id_number(candidates: QuerySet[Candidate], number: str) -> QuerySet[Candidate]:
    """The person with exactly this number, through the blind index; 15 digits find the same person as 18 (R27)."""
    wanted = {blind_index(number)}
    with suppress(IdNumberError):
        wanted.add(blind_index(parse_id_number(number).number))
    return candidates.filter(id_number_index__in=wanted).order_by(*_STANDING)


@dataclass(frozen=True, slots=True)
class Choices:
    """What the filters of a viewer's list offer: only what occurs in it."""

    campaigns: QuerySet[Campaign]
    departments: QuerySet[Organisation]
    classes: QuerySet[Candidate, str]


def choices(candidates: QuerySet[Candidate], asked: Mapping[str, str]) -> Choices:
    """The campaigns, departments and classes among ``candidates``; the classes of the chosen department only."""
    within = {name: asked[name] for name in ("campaign", "department") if asked.get(name)}
    classes = find(candidates, within).exclude(class_name="").order_by("class_name")
    return Choices(
        Campaign.objects.filter(pk__in=candidates.values("campaign")),
        Organisation.objects.filter(pk__in=candidates.values("department")),
        classes.values_list("class_name", flat=True).distinct(),
    )


def counts_by_status(candidates: QuerySet[Candidate]) -> dict[str, int]:
    """How many rows stand in each state."""
    return dict(candidates.order_by().values_list("status").annotate(Count("pk")))


_TITLES: Mapping[str, Wording] = {
    "roster.check_candidate": Wording("学院核对无误", "Checked by the college"),
    "roster.sign_candidate": Wording("学生本人已签字", "Signed by the student"),
    "roster.accept_candidate": Wording("教务处核准", "Accepted by the registry"),
    "roster.return_candidate": Wording("退回重新核对", "Returned to be checked again"),
    "roster.defer_candidate": Wording("另行采集", "Deferred to a later class"),
    "roster.remove_candidate": Wording("从名册删除", "Removed from the roster"),
    "roster.reinstate_candidate": Wording("恢复到名册", "Taken back into the roster"),
    "roster.correct_candidate": Wording("更正信息", "Corrected"),
    "roster.reveal_id_number": Wording("查看完整证件号码", "Whole ID number seen"),
}


@dataclass(frozen=True, slots=True)
class Event:
    """A line of a person's history."""

    entry: AuditEntry
    title: Wording
    fields: tuple[str, ...]

    @property
    def reason(self) -> str:
        return str(self.entry.detail.get("reason", ""))


def history(candidate: Candidate) -> list[Event]:
    """What was done with this row, the latest first, from the audit trail."""
    entries = AuditEntry.objects.filter(target_type="roster.candidate", target_key=str(candidate.pk)).order_by("-pk")
    return [
        Event(
            entry,
            _TITLES.get(entry.action, Wording(entry.action, entry.action)),
            tuple(entry.detail.get("fields", ())),
        )
        for entry in entries
    ]


def may_see_import(actor: Actor, candidate: Candidate) -> bool:
    """Whether the page of the file that this row came from is open to the viewer."""
    return candidate.imported_from is not None and may(actor, "roster.take_marked_up", candidate.imported_from)
