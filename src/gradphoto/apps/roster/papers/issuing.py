"""A paper is made: its people found, its number given and kept, and the printing put on record."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import pypdfium2
from django.db.models import Model, Prefetch, QuerySet
from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.encryption import blind_index
from gradphoto.apps.core.errors import PermissionRefusal, refuse
from gradphoto.apps.core.reauthentication import require_recent_proof
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.orgs.scope import changeable, may_change_all
from gradphoto.apps.roster.models import Candidate, CorrectionCase, Document, PaperKind
from gradphoto.apps.roster.models.cases import OPEN_CASE
from gradphoto.apps.roster.papers.catalogue import Paper, Split
from gradphoto.apps.roster.papers.sheet import UNDATED, Sheet
from gradphoto.apps.roster.signed_tables import require_check_table
from gradphoto.engine.documents import Column, Fact, TableForm, workbook_of
from gradphoto.engine.wording import Wording


@dataclass(frozen=True, slots=True)
class Selection:
    """What of a campaign a paper is wanted for. A season is always named: spring and autumn are separate files (R12)."""

    campaign: Campaign
    season: str
    department: int | None = None
    class_name: str = ""


@dataclass(frozen=True, slots=True)
class Made:
    """A numbered paper, ready to be written as a file."""

    document: Document
    form: Any

    @property
    def name(self) -> str:
        """The file's name without its ending: what it is and its number, never whose."""
        return self.document.number


def seen(actor: Actor, selection: Selection) -> QuerySet[Candidate]:
    """The people of the selection whom this person sees as a maker of papers, in the shooting order."""
    people = changeable(actor, Candidate, "roster.print").filter(campaign=selection.campaign, season=selection.season)
    if selection.department:
        people = people.filter(department=selection.department)
    if selection.class_name:
        people = people.filter(class_name=selection.class_name)
    return people.select_related("department").order_by("department__path", "class_name", "student_no", "pk")


def of_paper(actor: Actor, paper: Paper, selection: Selection) -> QuerySet[Candidate]:
    """Who stands on a paper; nobody where it needs whole ID numbers and the person may not read them."""
    people = paper.people(seen(actor, selection))
    if paper.whole_only:
        people = people.filter(pk__in=changeable(actor, Candidate, "roster.whole_numbers").values("pk"))
    return people


def sheets(actor: Actor, paper: Paper, selection: Selection) -> list[Sheet]:
    """The parts that get a paper of their own: a class, a college, the school, an error."""
    found = of_paper(actor, paper, selection)
    if paper.kind == "summary":
        found = found.prefetch_related(Prefetch("check_ins"), Prefetch("same_person__check_ins"))
    people = list(found)
    readable = changeable(actor, Candidate, "roster.whole_numbers").filter(
        campaign=selection.campaign, season=selection.season
    )
    whole = frozenset(readable.values_list("pk", flat=True)) if paper.shows_numbers else frozenset()
    if paper.split is Split.CASE:
        return list(_by_case(paper, selection, people, whole))

    def sheet(organisation: Organisation, part: Sequence[Candidate], class_name: str = "") -> Sheet:
        by_class = paper.split is Split.CLASS
        return Sheet(selection.campaign, organisation, selection.season, tuple(part), whole, class_name, by_class)

    made = []
    if paper.split is Split.SCHOOL and people and sees_the_school(actor, selection):
        made.append(sheet(selection.campaign.school, people))
    for department, of_college in groupby(people, key=lambda person: person.department):
        if paper.split is Split.CLASS:
            for name, of_class in groupby(of_college, key=lambda person: person.class_name):
                made.append(sheet(department, list(of_class), name))
        else:
            made.append(sheet(department, list(of_college)))
    return made


def sees_the_school(actor: Actor, selection: Selection) -> bool:
    """Whether the selection is the whole school for a person whose part of the tree it is."""
    if selection.department or selection.class_name:
        return False
    return may_change_all(actor, "roster.print", [selection.campaign.school])


def _by_case(paper: Paper, selection: Selection, people: Sequence[Candidate], whole: frozenset[int]) -> Iterator[Sheet]:
    by_pk = {person.pk: person for person in people}
    wanted = CorrectionCase.objects.filter(candidate__in=by_pk, status__in=OPEN_CASE, route=str(paper.kind))
    by_person: dict[int, list[CorrectionCase]] = {}
    for case in wanted.order_by("noted_at", "pk"):
        by_person.setdefault(case.candidate_id, []).append(case)
    for person in people:
        for case in by_person.get(person.pk, ()):
            yield _of_case(selection.campaign, person, whole, case)


def _of_case(campaign: Campaign, person: Candidate, whole: frozenset[int], case: CorrectionCase) -> Sheet:
    return Sheet(campaign, person.department, person.season, (person,), whole, person.class_name, case=case)


def sheet_of_case(actor: Actor, case: CorrectionCase) -> Sheet:
    """The part that one error is, whatever way it has taken so far."""
    person = case.candidate
    readable = changeable(actor, Candidate, "roster.whole_numbers").filter(pk=person.pk).exists()
    return _of_case(person.campaign, person, frozenset({person.pk}) if readable else frozenset(), case)


def make(actor: Actor, paper: Paper, sheet: Sheet, *, address: Callable[[str], str], made_as: str) -> Made:
    """The paper of one part with its number. ``address`` turns a number into what the QR code leads to."""
    form = paper.make(sheet)
    document = issue_paper(
        actor, sheet.campaign, paper=paper, sheet=sheet, digest=_digest(sheet, form), made_as=made_as
    )
    return numbered(form, document, address)


def issued(paper: Paper, sheet: Sheet) -> Document | None:
    """The document under which a paper with just these data was issued, if it was."""
    same = Document.objects.filter(campaign=sheet.campaign, organisation=sheet.organisation, kind=paper.kind)
    return same.filter(season=sheet.season, digest=_digest(sheet, paper.make(sheet))).first()


def numbered(form: Any, document: Document, address: Callable[[str], str]) -> Made:
    """A paper under the number that it has."""
    dated, number = timezone.localtime(document.made_at), document.number
    return Made(document, dataclasses.replace(form, number=number, qr_text=address(number), dated=dated))


def _digest(sheet: Sheet, form: Any) -> str:
    """A keyed hash of all that stands on the paper, so that nobody finds an ID number by trying."""
    assert form.dated == UNDATED, "what a paper says does not depend on the day of printing"
    return blind_index(repr((sheet.organisation.pk, sheet.class_name, sheet.case.pk if sheet.case else 0, form)))


@action("roster.issue_paper", permission="roster.print", within=())
def issue_paper(actor: Actor, campaign: Campaign, *, paper: Paper, sheet: Sheet, digest: str, made_as: str) -> Document:
    """Give the paper its number, or find the one it has: the same data keep it. Every printing is on record.

    The campaign's row is locked meanwhile, so that no number is given twice.
    """
    if not _is_own(actor, sheet):
        raise PermissionRefusal("roster.issue_paper")
    if paper.kind == PaperKind.CHECK_TABLE:
        require_check_table(campaign)
    whole = sheet.whole_numbers if paper.shows_numbers else 0
    if whole:
        require_recent_proof()
    document, is_new = Document.objects.get_or_create(
        campaign=campaign,
        organisation=sheet.organisation,
        kind=paper.kind,
        season=sheet.season,
        class_name=sheet.class_name,
        digest=digest,
        defaults={
            "number": _next_number(campaign, paper),
            "case": sheet.case,
            "people": len(sheet.people),
            "whole_numbers": whole,
            "made_by": str(actor.user or actor.label)[:150],
        },
    )
    audit.note(
        number=document.number, kind=str(paper.kind), season=sheet.season, organisation=sheet.organisation.pk,
        class_name=sheet.class_name, count=len(sheet.people), with_id_numbers=whole, made_as=made_as, is_new=is_new,
    )  # fmt: skip
    return document


def _is_own(actor: Actor, sheet: Sheet) -> bool:
    target: Model = sheet.organisation
    if not isinstance(target, Organisation) or actor.user is None:
        return False
    return may_change_all(actor, "roster.print", [target])


def _next_number(campaign: Campaign, paper: Paper) -> str:
    count = Document.objects.filter(campaign=campaign).count() + 1
    return f"GP{campaign.cohort_year}-{paper.code}-{campaign.pk}-{count:05d}"


def as_pdf(made: Sequence[Made], language: str) -> bytes:
    """One PDF of all the papers, each with its own page numbers."""
    return join_pdfs([one.form.to_pdf(language) for one in made])


def join_pdfs(files: Sequence[bytes]) -> bytes:
    """The pages of the files one after another; a single file stays as it is."""
    if len(files) == 1:
        return files[0]
    joined = pypdfium2.PdfDocument.new()
    for data in files:
        joined.import_pages(pypdfium2.PdfDocument(data))
    out = io.BytesIO()
    joined.save(out)
    return out.getvalue()


def as_xlsx(made: Sequence[Made], language: str) -> bytes:
    """The electronic twin (R40): parts of the same columns below one another on one sheet, each under its number."""
    tables = [one.form if isinstance(one.form, TableForm) else one.form.as_table() for one in made]
    if len(tables) == 1:
        return tables[0].to_xlsx(language)
    # A school's part has its colleges in a column that a college's part lacks: a sheet of its own.
    alike: dict[tuple[Column, ...], list[TableForm]] = {}
    for one, table in zip(made, tables, strict=True):
        number = Fact(Wording("文件编号", "Document number"), one.document.number)
        parts = tuple(dataclasses.replace(part, facts=(*part.facts, number)) for part in table.sections)
        alike.setdefault(tuple(table.columns), []).append(dataclasses.replace(table, sections=parts, number=""))
    joined = [
        dataclasses.replace(some[0], sections=tuple(part for one in some for part in one.sections))
        for some in alike.values()
    ]
    return workbook_of(joined, language)


def nothing_to_print() -> Exception:
    """What is said where nobody stands on a paper."""
    return refuse(
        "roster.paper_empty",
        "这份文件目前没有内容。",
        "There is nobody on this paper at present.",
        "请换一个毕业季、院系或班级。",
        "Choose another season, college or class.",
    )
