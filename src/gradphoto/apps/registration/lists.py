"""The lists of registration, page and file alike: the review by stages, the ledger, who lacks a photograph, proposals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.wording import bi, listed, say
from gradphoto.apps.orgs.scope import scoped
from gradphoto.apps.pages.filters import tab
from gradphoto.apps.pages.listing import Column, Listing
from gradphoto.apps.registration import queries
from gradphoto.apps.registration.export import days_since
from gradphoto.apps.registration.models import (
    AdditionStatus,
    CorrectionStatus,
    EntryKind,
    LedgerCorrection,
    LedgerEntry,
    PhotoAddition,
    ReviewStatus,
)
from gradphoto.apps.roster.person_columns import person_column
from gradphoto.apps.roster.person_filter import PersonFilter, by_totals
from gradphoto.apps.verification.evidence import changed_cases, titles_of
from gradphoto.apps.verification.items import BY_FIELD, mask_of, text_of
from gradphoto.apps.verification.models import VerificationCase
from gradphoto.engine.wording import Wording

_OF_PERSON = ("candidate__campaign", "candidate__season", "candidate__department", "candidate__student_no")


# the review by stages --------------------------------------------------------------------------------------------------


class ReviewFilter(PersonFilter):
    """Whom the review may be asked for; the stage stands as tabs."""

    stage = tab(
        [(one.key, bi(one.title.zh, one.title.en)) for one in queries.STAGES], "步骤", "Stage", method="at_stage"
    )

    def at_stage(self, cases: QuerySet[Any], name: str, stage: str) -> QuerySet[Any]:
        return queries.at_stage(cases, stage)


@dataclass(frozen=True, slots=True)
class ReviewFacts:
    """What a page of the review says beside each case: the items that the graduate corrected."""

    corrected: Mapping[int, str]


def _review_facts(actor: Actor, cases: Sequence[Any]) -> ReviewFacts:
    changed = changed_cases(cases)
    for case in cases:
        case.changed_words = say(titles_of(changed.get(case.pk, ())))
    return ReviewFacts({case.pk: corrected_items(case) for case in cases})


def corrected_items(case: VerificationCase) -> str:
    """The items that the graduate corrected, by their titles: what a reviewer looks for first."""
    standing = (one for one in case.corrections.all() if one.withdrawn_at is None)
    return listed(say(BY_FIELD[one.field].title) for one in standing)


def _stage_of(case: VerificationCase, facts: ReviewFacts) -> str:
    return say((queries.BY_KEY[case.review.status] if hasattr(case, "review") else queries.STAGES[0]).title)


REVIEWS = Listing(
    name="registration.reviews",
    title=Wording("三级审核", "Three-step review"),
    permission="registration.read",
    rows=lambda actor: queries.reviewed(actor).prefetch_related("corrections"),
    filters=ReviewFilter,
    lookups=_review_facts,
    row_css=lambda case: "exceptional" if case.exceptional else "",
    order_for=lambda params: _OF_PERSON if params.get("stage") == ReviewStatus.APPROVED else ("-exceptional", *_OF_PERSON),
    order_title=Wording("有更正的在前", "Those with corrections first"),
    columns=(
        Column("tick", Wording("勾选", "Tick"), template="registration/cells/tick.html", in_file=False,
               hidden_title=True, fixed=True, shown_to="registration.review"),
        person_column("student_no", "candidate", css="figures", fixed=True,
               template="registration/cells/review.html", order=("candidate__student_no",)),
        person_column("name", "candidate", css="text-nowrap", order=("candidate__name",)),
        Column("corrected", Wording("更正", "Corrections"), lambda case, facts: facts.corrected[case.pk],
               template="registration/cells/corrected.html", width=24),
        Column("changed", Wording("确认后有变动", "Changed after the confirmation"),
               "changed_words", on_page=False, width=24),
        Column("season", Wording("毕业季", "Season"), "candidate.get_season_display", css="text-nowrap"),
        person_column("department", "candidate", css="text-nowrap"),
        Column("stage", Wording("状态", "State"), _stage_of, on_page=False, width=20),
        Column("returned", Wording("退回原因", "Reason for the return"), "review.returned_reason", width=30),
    ),
    file_name="reviews",
    counts=by_totals("stage", {
        queries.CONFIRMED: ("to_apply",), **{stage: (stage,) for stage in ("returned", "applied", "head_approved", "approved")},
    }),
)  # fmt: skip
"""Every confirmed case at its stage, exceptions on top."""


# the ledger ------------------------------------------------------------------------------------------------------------


class EntryFilter(PersonFilter):
    """Which lines of the ledger; their kind stands as tabs."""

    kind = tab(EntryKind, "类别", "Kind")


def _label(entry: LedgerEntry, lookups: Any) -> str:
    number = entry.facts.get("shooting_number")
    return f"{number:05d}" if number else ""


LINES = Listing(
    name="registration.lines",
    title=Wording("注册台账", "Registration ledger"),
    permission="registration.read",
    rows=lambda actor: scoped(actor, LedgerEntry).select_related("candidate__department", "campaign__school"),
    filters=EntryFilter,
    order=("campaign", "number"),
    order_title=Wording("按台账序号", "By line"),
    columns=(
        Column("number", Wording("台账序号", "Line"), "number", css="figures", fixed=True,
               template="registration/cells/line.html"),
        Column("photo", Wording("图像", "Photograph"), template="registration/cells/photo.html", in_file=False),
        person_column("name", css="text-nowrap", order=("name",)),
        Column("student_no", Wording("学号", "Student no."), lambda entry, lookups: entry.facts["student_no"],
               css="figures"),
        Column("id_number", Wording("证件号码", "ID number"), template="registration/cells/id_number.html",
               in_file=False),
        Column("season", Wording("毕业季", "Season"), "candidate.get_season_display", css="text-nowrap"),
        person_column("department", "candidate", css="text-nowrap"),
        Column("shooting_number", Wording("拍摄序号", "Shooting number"), _label, css="figures"),
        Column("kind", Wording("类别", "Kind"), "get_kind_display", template="registration/cells/kind.html"),
        Column("entered", Wording("登记时间", "Entered"), lambda entry, lookups: timezone.localdate(entry.at),
               css="figures text-nowrap", order=("at",)),
    ),
    file_name="ledger-lines",
)  # fmt: skip
"""The lines as they stand, without ID numbers in the file: the whole ledger is a document of its own."""


# without a photograph --------------------------------------------------------------------------------------------------

READY, NONE = "ready", "none"
WAYS = ((READY, bi("有已交付照片", "Photograph delivered")), (NONE, bi("没有照片", "No photograph")))


class LackingFilter(PersonFilter):
    """Who lacks a photograph; as tabs whether one can be added now."""

    photo = tab(WAYS, "图像", "Photograph", method="with_photo")

    def with_photo(self, entries: QuerySet[Any], name: str, way: str) -> QuerySet[Any]:
        return entries.filter(delivered=way == READY)


def _way(entry: Any, lookups: Any) -> str:
    if entry.waits:
        return bi("补登待审核", "Addition proposed")
    return (
        bi("有照片，可补登", "Can be added") if entry.delivered else bi("没有照片，须补拍", "None; to be photographed")
    )


LACKING_LINES = Listing(
    name="registration.lacking",
    title=Wording("无图像注册人员", "Registered without a photograph"),
    permission="registration.read",
    rows=queries.lacking,
    filters=LackingFilter,
    order=("at", "campaign", "number"),
    order_title=Wording("等待最久的在前", "The longest wait first"),
    columns=(
        Column("number", Wording("台账序号", "Line"), "number", css="figures", fixed=True,
               template="registration/cells/line.html"),
        Column("person", Wording("姓名", "Name"), "name", css="person-cell", template="registration/cells/person.html",
               order=("name",)),
        Column("student_no", Wording("学号", "Student no."), lambda entry, lookups: entry.facts["student_no"],
               on_page=False),
        person_column("department", "candidate", on_page=False),
        person_column("class_name", "candidate", on_page=False),
        Column("season", Wording("毕业季", "Season"), "candidate.get_season_display",
               template="registration/cells/season.html"),
        Column("entered", Wording("登记时间", "Entered"), lambda entry, lookups: timezone.localdate(entry.at),
               css="figures text-nowrap", order=("at",)),
        Column("days", Wording("已过天数", "Days"), lambda entry, lookups: days_since(entry),
               css="figures text-md-end"),
        Column("photo", Wording("图像", "Photograph"), _way, template="registration/cells/way.html", width=24),
    ),
    file_name="without-photograph",
)  # fmt: skip
"""Who stands in the ledger without a photograph, the longest first."""


# proposals -------------------------------------------------------------------------------------------------------------


class CorrectionFilter(PersonFilter):
    """Which corrections; their state stands as tabs, what waits first."""

    person = "entry__candidate__"
    state = tab(CorrectionStatus, "状态", "State", "status")


def title_of(correction: LedgerCorrection, lookups: Any = None) -> str:
    """The name of the item that shall be corrected."""
    return say(BY_FIELD[correction.field].title)


def entered_of(correction: LedgerCorrection, lookups: Any = None) -> str:
    """The right value as pages show it: an ID number masked."""
    return mask_of(correction.field, text_of(correction.entered))


_PERSON = (
    Column("line", Wording("台账序号", "Line"), "entry.number"),
    Column("student_no", Wording("学号", "Student no."), lambda one, lookups: one.entry.facts["student_no"]),
    person_column("name", "entry"),
    person_column("department", "entry.candidate"),
)
_DECISION = (
    Column("reason", Wording("原因", "Reason"), "reason", width=30),
    Column("state", Wording("状态", "State"), "get_status_display"),
    Column("proposed_by", Wording("提出人", "Proposed by"), "proposed_by.__str__"),
    Column("proposed_at", Wording("提出时间", "Proposed"), "proposed_at", order=("proposed_at",), width=18),
    Column("decided_by", Wording("审核人", "Decided by"), "decided_by.__str__"),
    Column("decided_at", Wording("审核时间", "Decided"), "decided_at", width=18),
    Column("refusal", Wording("不同意的原因", "Reason to reject"), "refusal", width=30),
)

CORRECTIONS = Listing(
    name="registration.corrections",
    title=Wording("注册后更正", "Corrections after registration"),
    permission="registration.read",
    rows=lambda actor: scoped(actor, LedgerCorrection).select_related(
        "entry__candidate__department", "proposed_by", "decided_by"
    ),
    filters=CorrectionFilter,
    defaults={"state": CorrectionStatus.PROPOSED.value},
    columns=(
        *_PERSON,
        Column("item", Wording("项目", "Item"), title_of),
        Column("shown", Wording("原内容", "Old"), "shown"),
        Column("entered", Wording("新内容", "New"), entered_of),
        *_DECISION,
    ),
    file_name="ledger-corrections",
)
"""What was proposed after registration, what waits, what was decided (R170, R214)."""


class AdditionFilter(PersonFilter):
    """Which photographs to add; their state stands as tabs, what waits first."""

    person = "entry__candidate__"
    state = tab(AdditionStatus, "状态", "State", "status")


ADDITIONS = Listing(
    name="registration.additions",
    title=Wording("补登图像审核", "Photographs to add"),
    permission="registration.read",
    rows=lambda actor: scoped(actor, PhotoAddition).select_related(
        "entry__candidate__department", "portrait__check_in", "proposed_by", "decided_by", "result"
    ),
    filters=AdditionFilter,
    defaults={"state": AdditionStatus.PROPOSED.value},
    columns=(
        *_PERSON,
        Column("shooting_number", Wording("拍摄序号", "Shooting number"), "portrait.check_in.number_label"),
        *_DECISION,
        Column("result", Wording("补登条目", "Added as line"), "result.number"),
    ),
    file_name="photographs-to-add",
)
"""Photographs proposed for those registered without one (R171, R214)."""
