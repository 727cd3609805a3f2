"""Reads of the roster that are more than a filter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from gradphoto.apps.campaigns.models import Season
from gradphoto.apps.core.action_words import words_of
from gradphoto.apps.core.actions import may
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.encryption import blind_index
from gradphoto.apps.core.models import AuditEntry
from gradphoto.apps.orgs.scope import scoped
from gradphoto.apps.roster.models import (
    Candidate,
    CorrectionCase,
    RosterFinding,
    StatusChange,
    Total,
)
from gradphoto.apps.roster.models.cases import OPEN_CASE
from gradphoto.apps.roster.models.totals import counted
from gradphoto.engine.standards.identity import IdNumberError, parse_id_number
from gradphoto.engine.wording import Wording

_STANDING = ("campaign", "-season", "department__path", "class_name", "student_no", "pk")
"""Spring before autumn, then as the check tables stand (R102)."""
SORTS: Mapping[str, tuple[str, ...]] = {
    "": _STANDING,
    "student_no": ("student_no", "pk"),
    "name": ("name", *_STANDING),
    "department": ("department__path", *_STANDING),
    "class_name": ("class_name", *_STANDING),
    "season": ("-season", *_STANDING),
    "status": ("status", *_STANDING),
}
_A_SCHOOL = 20_000
_OPEN_CASE = Exists(CorrectionCase.objects.filter(candidate=OuterRef("pk"), status__in=OPEN_CASE))
_OPEN_REMARK = Exists(
    RosterFinding.objects.filter(roster_import=OuterRef("imported_from"), row=OuterRef("imported_row"), settled_at=None)
)


@dataclass(frozen=True, slots=True)
class FindingFilter:
    """What a row may be looked for by: something is wrong or remarkable about it."""

    title: Wording
    condition: Q

    def among(self, candidates: QuerySet[Candidate]) -> QuerySet[Candidate]:
        return candidates.filter(self.condition)


WITH_FINDINGS: Mapping[str, FindingFilter] = {
    "any": FindingFilter(Wording("有问题", "faults"), Q(_OPEN_CASE) | Q(_OPEN_REMARK)),
    "case": FindingFilter(Wording("信息错误待处理", "Error open"), Q(_OPEN_CASE)),
    "remark": FindingFilter(Wording("导入时有提醒", "Warned of at import"), Q(_OPEN_REMARK)),
    "change": FindingFilter(
        Wording("有学籍异动", "Change of status"), Q(Exists(StatusChange.objects.filter(candidate=OuterRef("pk"))))
    ),
    "none": FindingFilter(Wording("没有问题", "Nothing found"), ~Q(_OPEN_CASE) & ~Q(_OPEN_REMARK)),
}


def by_id_number(candidates: QuerySet[Candidate], number: str) -> QuerySet[Candidate]:
    """The person with exactly this number, through the blind index; 15 digits find the same person as 18 (R27)."""
    wanted = {blind_index(number)}
    with suppress(IdNumberError):
        wanted.add(blind_index(parse_id_number(number).number))
    return candidates.filter(id_number_index__in=wanted).order_by(*_STANDING)


def classes_of(actor: Actor, candidates: QuerySet[Candidate], asked: Mapping[str, str]) -> list[str]:
    """The classes among ``candidates``, those of the chosen campaign and department only.

    None where these are more people than a school has: campaign or department are chosen first.
    """
    chosen = {name: int(value) for name in ("campaign", "department") if (value := asked.get(name, "")).isdecimal()}
    if counted(scoped(actor, Total).filter(**chosen), "people") > _A_SCHOOL:
        return []
    candidates = candidates.filter(**chosen)
    names = candidates.exclude(class_name="").order_by("class_name").values_list("class_name", flat=True)
    return list(names.distinct())


@dataclass(frozen=True, slots=True)
class ClassGroup:
    """A class of one season in one department: what a check table and a set of slips belong to."""

    campaign: int
    department: int
    season: str
    class_name: str
    department_name: str = ""
    count: int = 0

    @property
    def key(self) -> str:
        """The group as a form carries it."""
        return f"{self.campaign}|{self.department}|{self.season}|{self.class_name}"

    @classmethod
    def parse(cls, key: str) -> ClassGroup | None:
        """The group of a key, or None for one that was tampered with."""
        campaign, _, rest = key.partition("|")
        department, _, rest = rest.partition("|")
        season, _, class_name = rest.partition("|")
        if not (campaign.isdecimal() and department.isdecimal() and season in Season.values):
            return None
        return cls(int(campaign), int(department), season, class_name)

    def among(self, candidates: QuerySet[Candidate]) -> QuerySet[Candidate]:
        """The people of this class among ``candidates``."""
        return candidates.filter(
            campaign=self.campaign, department=self.department, season=self.season, class_name=self.class_name
        )


def class_groups(candidates: QuerySet[Candidate]) -> list[ClassGroup]:
    """The classes among ``candidates`` with their counts, spring and autumn apart."""
    rows = (
        candidates.order_by("campaign", "-season", "department__path", "class_name")
        .values_list("campaign", "department", "season", "class_name", "department__name")
        .annotate(Count("pk"))
    )
    return [ClassGroup(*row) for row in rows]


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
            words_of(entry.action),
            tuple(entry.detail.get("fields", ())),
        )
        for entry in entries
    ]


@dataclass(slots=True)
class RowFindings:
    """What is open about one row of the list."""

    cases: list[CorrectionCase]
    remarks: list[RosterFinding]
    changes: list[StatusChange]

    def __bool__(self) -> bool:
        return bool(self.cases or self.remarks or self.changes)


def findings_of(people: Sequence[Candidate]) -> dict[int, RowFindings]:
    """Open errors, unsettled remarks of the import and changes of status of a page of people, in three queries."""
    found = {person.pk: RowFindings([], [], []) for person in people}
    for case in CorrectionCase.objects.filter(candidate__in=found, status__in=OPEN_CASE):
        found[case.candidate_id].cases.append(case)
    for change in StatusChange.objects.filter(candidate__in=found):
        found[change.candidate_id].changes.append(change)
    rows = {(person.imported_from_id, person.imported_row): person.pk for person in people}
    imports = {key for key, _ in rows if key is not None}
    numbers = {row for _, row in rows if row is not None}
    remarks = RosterFinding.objects.filter(roster_import__in=imports, row__in=numbers, settled_at=None)
    for remark in remarks:
        if pk := rows.get((remark.roster_import_id, remark.row)):
            found[pk].remarks.append(remark)
    return found


def may_see_import(actor: Actor, candidate: Candidate) -> bool:
    """Whether the page of the file that this row came from is open to the viewer."""
    return candidate.imported_from is not None and may(actor, "roster.take_marked_up", candidate.imported_from)
