"""The lists of the roster: the roster itself, the errors noted in it, and what became of a bulk step."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import django_filters
from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.timezone import localdate

from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.core.actions import may
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.wording import bi, say
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.orgs.scope import changeable, scoped
from gradphoto.apps.pages.filters import ALL, ListFilter, choice, record, search
from gradphoto.apps.pages.listing import Column, Listing
from gradphoto.apps.roster import columns, queries
from gradphoto.apps.roster.actions import record_export
from gradphoto.apps.roster.corrections import texts_of
from gradphoto.apps.roster.lifecycle import CANDIDATE
from gradphoto.apps.roster.models import (
    BulkOutcome,
    Candidate,
    CandidateStatus,
    CaseSource,
    CorrectionCase,
    CorrectionStatus,
    MilestoneKind,
    OutcomeState,
    StatusChange,
    Total,
)
from gradphoto.apps.roster.models.cases import OPEN_CASE
from gradphoto.apps.roster.person_columns import person_column
from gradphoto.apps.roster.person_filter import by_totals
from gradphoto.apps.roster.plan import behind
from gradphoto.apps.roster.typed import named
from gradphoto.engine.roster.layout import TITLES
from gradphoto.engine.standards.identity import mask
from gradphoto.engine.wording import Wording

_EXAMPLE = ("姓名或学号", "Name or student number")
OPEN = "open"


def campaigns_of(actor: Actor) -> QuerySet[Campaign]:
    """The campaigns whose people the viewer sees."""
    return Campaign.objects.filter(pk__in=_with_people(actor).values("campaign"))


def departments_of(actor: Actor) -> QuerySet[Organisation]:
    """The departments whose people the viewer sees."""
    return Organisation.objects.filter(pk__in=_with_people(actor).values("department"))


def _with_people(actor: Actor) -> QuerySet[Total]:
    return scoped(actor, Total).filter(people__gt=0).order_by()


class CandidateFilter(ListFilter):
    """What the roster may be asked for; links bring ``behind`` along, a milestone that a row has not reached."""

    q = search("查找", "Search", "find", example=_EXAMPLE)
    campaign = record(campaigns_of, "批次", "Campaign")
    season = choice(Season, "毕业季", "Season")
    department = record(departments_of, "院系", "Department")
    class_name = django_filters.CharFilter(label=bi("班级", "Class"), max_length=60, widget=forms.Select)
    status = choice(CandidateStatus, "状态", "State")
    findings = choice(
        [(name, bi(one.title.zh, one.title.en)) for name, one in queries.WITH_FINDINGS.items()],
        "问题", "Findings", method="with_findings",
    )  # fmt: skip
    behind = django_filters.ChoiceFilter(
        choices=MilestoneKind.choices, method="late_for", label=bi("未到的环节", "Behind"), widget=forms.HiddenInput
    )

    def narrow(self) -> None:
        """A choice of one is none; the classes are those of what is chosen beside them."""
        for name in ("campaign", "department"):
            field = self.form.fields[name]
            if len(field.queryset) < 2 and not self.data.get(name):
                del self.form.fields[name]
        classes = queries.classes_of(self.actor, self.queryset, self.data)
        known = [(name, name) for name in classes]
        wanted = self.data.get("class_name", "")
        if wanted and wanted not in classes:
            known.append((wanted, wanted))
        self.form.fields["class_name"].widget.choices = [("", ALL), *known]

    def find(self, people: QuerySet[Candidate], name: str, words: str) -> QuerySet[Candidate]:
        return people.filter(named(words))

    def with_findings(self, people: QuerySet[Candidate], name: str, kind: str) -> QuerySet[Candidate]:
        return queries.WITH_FINDINGS[kind].among(people)

    def late_for(self, people: QuerySet[Candidate], name: str, kind: str) -> QuerySet[Candidate]:
        return behind(people, kind)


@dataclass(frozen=True, slots=True)
class RowFacts:
    """What cells need beside their person: what was found, which rows may be corrected, whose number is shown whole."""

    findings: Mapping[int, queries.RowFindings]
    open_states: Collection[str]
    whole: Collection[int]
    remarks: Mapping[int, Sequence[str]]


def facts_of(actor: Actor, people: Sequence[Candidate]) -> RowFacts:
    """Gathered once a page and once a chunk of a file."""
    keys = [person.pk for person in people]
    whole = changeable(actor, Candidate, "roster.whole_numbers").filter(pk__in=keys).values_list("pk", flat=True)
    return RowFacts(queries.findings_of(people), open_states(actor), set(whole), _remarks(keys))


def open_states(actor: Actor) -> list[str]:
    """The states in which the actor may correct a cell; the approved list is the registry's."""
    if not may(actor, "roster.correct_candidate"):
        return []
    registry = may(actor, "roster.accept_candidate")
    return [
        state
        for state in CANDIDATE.sources("roster.correct_candidate")
        if registry or state != CandidateStatus.ACCEPTED
    ]


def _remarks(keys: Sequence[int]) -> dict[int, list[str]]:
    """What stands in the remarks beside what is written there: changes of status and the first audit (R22, R31)."""
    found: dict[int, list[str]] = defaultdict(list)
    for change in StatusChange.objects.filter(candidate__in=keys):
        found[change.candidate_id].append(f"{change.get_kind_display()}（{change.changed_on:%Y%m%d}）")
    failed = CorrectionCase.objects.filter(source=CaseSource.FIRST_AUDIT, status__in=OPEN_CASE, candidate__in=keys)
    for case in failed:
        found[case.candidate_id].append(f"初审未通过：{TITLES.get(case.field, case.field)} {case.note}")
    return found


def _texts(person: Candidate) -> dict[str, str]:
    """Once a row: its ID number is decrypted for it."""
    kept: dict[str, str] = person.__dict__.setdefault("_texts_of_the_row", {}) or texts_of(person)
    person.__dict__["_texts_of_the_row"] = kept
    return kept


def _written(name: str) -> Column:
    """A column of the file, as a roster file writes it; whole ID numbers only for who may read them whole."""

    def read(person: Candidate, facts: RowFacts) -> str:
        text = _texts(person)[name]
        if name == "id_number" and person.pk not in facts.whole:
            return mask(text)
        if name == "remarks":
            return "；".join(filter(None, (text, *facts.remarks.get(person.pk, ()))))
        return text

    return Column(f"file_{name}", Wording(TITLES[name], TITLES[name]), read, on_page=False)


_CELLS = {"student_no": "name", "name": "name", "status": "state", "season": "season", "findings": "findings"}


_ON_PHONE = (*columns.ALWAYS, "department", "class_name", "status", "findings")
"""A card of a phone holds what a row is told by and what is to be done; everything else stands on the person's page."""


def _shown(one: columns.Column) -> Column:
    """A column of the page: links, badges, and values that open for correction in place."""
    return Column(
        one.name,
        one.title,
        lambda person, facts: one.name,
        template=f"roster/cells/{_CELLS.get(one.name, 'value')}.html",
        css=("figures " if one.figures else "") + ("text-nowrap" if one.name in ("name", "department") else ""),
        order=queries.SORTS.get(one.name, ()) if one.sort else (),
        in_file=False,
        fixed=one.name in columns.ALWAYS,
        on_phone=one.name in _ON_PHONE,
    )


def _put_on_record(actor: Actor, people: QuerySet[Candidate]) -> None:
    """Every campaign that a file holds people of knows how many left, and how many with their whole number."""
    whole = changeable(actor, Candidate, "roster.whole_numbers").values("pk")
    for campaign in Campaign.objects.filter(pk__in=people.order_by().values("campaign")):
        own = people.order_by().filter(campaign=campaign)
        record_export(actor, campaign, count=own.count(), with_id_numbers=own.filter(pk__in=whole).count())


CANDIDATES = Listing(
    name="roster.candidates",
    title=Wording("名册", "Roster"),
    permission="roster.read",
    rows=lambda actor: scoped(actor, Candidate).select_related("department", "campaign"),
    filters=CandidateFilter,
    columns=(
        Column("tick", Wording("勾选", "Tick"), template="roster/cells/tick.html", in_file=False, hidden_title=True,
               fixed=True),
        *(_shown(one) for one in columns.COLUMNS.values()),
        *(_written(name) for name in TITLES),
        Column("file_status", Wording("状态", "State"), "get_status_display", on_page=False),
    ),
    lookups=facts_of,
    order=queries.SORTS[""],
    order_title=Wording("按核对表", "As on the check tables"),
    file_name="roster",
    counts=by_totals("", {"": ("people",)}, "status"),
    leaving=_put_on_record,
    whole_numbers="roster.whole_numbers",
    chosen=lambda actor: columns.chosen_names(actor),
)  # fmt: skip
"""The roster: the page shows the columns that the person chose, the file those of the template and the state."""


class CaseFilter(ListFilter):
    """What the errors may be asked for; the open ones unless another state is."""

    q = search("查找", "Search", "find", example=_EXAMPLE)
    status = choice([(OPEN, bi("待处理", "Open")), *CorrectionStatus.choices], "状态", "State", method="in_state")
    source = choice(CaseSource, "来源", "Source")

    def find(self, cases: QuerySet[CorrectionCase], name: str, words: str) -> QuerySet[CorrectionCase]:
        return cases.filter(named(words, "candidate__"))

    def in_state(self, cases: QuerySet[CorrectionCase], name: str, state: str) -> QuerySet[CorrectionCase]:
        if state == OPEN:
            return cases.filter(status__in=OPEN_CASE)
        return cases.filter(status=state)


def _item(case: CorrectionCase, facts: None) -> str:
    return say(columns.COLUMNS[case.field].title) if case.field in columns.COLUMNS else case.field


CASES = Listing(
    name="roster.cases",
    title=Wording("信息更正", "Corrections"),
    permission="roster.keep",
    rows=lambda actor: scoped(
        actor, CorrectionCase.objects.select_related("candidate__department", "candidate__campaign__school")
    ),
    filters=CaseFilter,
    columns=(
        person_column("student_no", "candidate", template="roster/cells/case.html",
               css="figures", order=("candidate__student_no",), fixed=True),
        person_column("name", "candidate", css="text-nowrap", order=("candidate__name",)),
        person_column("department", "candidate",
               order=("candidate__department__path", "candidate__student_no")),
        Column("item", Wording("项目", "Item"), _item, css="text-nowrap", order=("field",)),
        Column("source", Wording("来源", "Source"), "get_source_display", css="text-nowrap", order=("source",)),
        Column("note", Wording("说明", "Note"), "note", width=30),
        Column("route", Wording("办理方式", "Way"), "get_route_display"),
        Column("noted", Wording("登记", "Noted"), lambda case, facts: localdate(case.noted_at), css="figures text-nowrap",
               order=("noted_at",)),
        Column("status", Wording("状态", "State"), "get_status_display", template="roster/cells/case_state.html",
               order=("status",)),
    ),
    order=("-noted_at", "-pk"),
    file_name="corrections",
    defaults={"status": OPEN},
)  # fmt: skip
"""Errors that students report, colleges note and the registry's audit finds; the wrong and right values stay inside."""


class OutcomeFilter(ListFilter):
    state = choice(OutcomeState, "结果", "Result")


def _outcomes(actor: Actor, params: QueryDict) -> QuerySet[BulkOutcome]:
    """A bulk step is its asker's own."""
    wanted = params.get("bulk", "")
    own = BulkOutcome.objects.filter(bulk__user=actor.user.pk, bulk=int(wanted) if wanted.isdecimal() else 0)
    return own.select_related("candidate__department")


def _pair(pair: Mapping[str, str] | None) -> str:
    return say(Wording(pair.get("zh", ""), pair.get("en", ""))) if pair else ""


OUTCOMES = Listing(
    name="roster.outcomes",
    title=Wording("批量办理结果", "Result of the bulk step"),
    permission="roster.read",
    rows=lambda actor: BulkOutcome.objects.none(),
    about=_outcomes,
    filters=OutcomeFilter,
    columns=(
        person_column("student_no", "candidate", css="figures",
               template="roster/cells/person.html", order=("candidate__student_no",), fixed=True),
        person_column("name", "candidate", css="text-nowrap", order=("candidate__name",)),
        person_column("department", "candidate",
               order=("candidate__department__path", "candidate__student_no")),
        person_column("class_name", "candidate"),
        Column("state", Wording("结果", "Result"), "get_state_display", template="roster/cells/outcome.html",
               order=("state",)),
        Column("reason", Wording("原因与办法", "Reason and remedy"),
               lambda one, facts: f"{_pair(one.message)} {_pair(one.remedy)}".strip(), width=40),
    ),
    order=("pk",),
    order_title=Wording("按选择的次序", "As they were chosen"),
    page_size=100,
    file_name="bulk-step",
)  # fmt: skip
"""What became of a bulk step, row by row."""
