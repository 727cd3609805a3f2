"""Which sealed papers came back to the registry, and which are late (R40): register, approvals, annexes 1 to 4."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.db.models import Q, QuerySet
from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.roster.lifecycle import CHAIN
from gradphoto.apps.roster.models import (
    Candidate,
    CandidateStatus,
    CorrectionCase,
    Document,
    MilestoneKind,
    Origin,
    PaperKind,
    SignedPage,
)
from gradphoto.apps.roster.models.cases import OPEN_CASE
from gradphoto.apps.roster.papers.sheet import SAID_OF_ERRORS, SEASONS
from gradphoto.engine.documents import Column, Section, TableForm
from gradphoto.engine.wording import Wording

K = PaperKind
WANTED: tuple[PaperKind, ...] = (
    K.REGISTER, K.ADDED, K.DELETED, K.ERRATA, K.HEADCOUNT, K.ADMISSION, K.STATUS, K.IDENTITY,
)  # fmt: skip
"""What a college hands in, signed and sealed, with the electronic file of each (which the product has itself)."""


class State(StrEnum):
    """Where a paper of a college stands."""

    NOT_NEEDED = "not_needed"
    NOT_PRINTED = "not_printed"
    PRINTED = "printed"
    OUTDATED = "outdated"
    """Sealed, and the data changed since."""
    IN = "in"

    @property
    def words(self) -> Wording:
        return _WORDS[self]


_WORDS = {
    State.NOT_NEEDED: Wording("无需", "not needed"),
    State.NOT_PRINTED: Wording("未打印", "not printed"),
    State.PRINTED: Wording("已打印，未收到", "printed, not in"),
    State.OUTDATED: Wording("已收到旧件，数据有变", "in, the data changed since"),
    State.IN: Wording("已收到", "in"),
}


@dataclass(frozen=True, slots=True)
class Receipt:
    """One paper of one college: its state, the newest document, the signed page that came, and whether it is late."""

    kind: PaperKind
    state: State
    document: Document | None = None
    page: SignedPage | None = None
    due: date | None = None

    @property
    def is_late(self) -> bool:
        open_still = self.state not in (State.IN, State.NOT_NEEDED)
        return open_still and self.due is not None and self.due < timezone.localdate()


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """A college of one season with all its papers."""

    organisation: Organisation
    season: str
    receipts: tuple[Receipt, ...]

    @property
    def season_words(self) -> Wording:
        return SEASONS[self.season]

    @property
    def open(self) -> int:
        """How many papers have still to come."""
        return sum(one.state not in (State.IN, State.NOT_NEEDED) for one in self.receipts)

    @property
    def late(self) -> int:
        return sum(one.is_late for one in self.receipts)


def due_of(campaign: Campaign) -> date | None:
    """Until when the papers are to be in: the campaign's milestone (10 December in S4)."""
    return campaign.milestones.filter(kind=MilestoneKind.DATA_IN).values_list("due", flat=True).first()


def receipt_lines(campaign: Campaign, people: QuerySet[Candidate], documents: QuerySet[Document]) -> list[ReceiptLine]:
    """Every college and season of ``people`` with what came and what is late, in six queries whatever their number."""
    people = people.filter(campaign=campaign)
    needed = {kind: _pairs(people.filter(asked)) for kind, asked in _NEEDED.items()}
    colleges = Organisation.objects.in_bulk({college for college, _ in needed[K.REGISTER]})
    newest: dict[tuple[int, str, str], list[Document]] = {}
    for one in documents.filter(campaign=campaign, kind__in=WANTED).prefetch_related("signed_pages").order_by("-pk"):
        newest.setdefault((one.organisation_id, one.season, one.kind), []).append(one)
    due, missing = due_of(campaign), _cases_without_page(people)
    order = sorted(needed[K.REGISTER], key=lambda pair: (pair[1] != "spring", colleges[pair[0]].path))
    return [
        ReceiptLine(
            colleges[college], season,
            tuple(
                _receipt(
                    kind, newest.get((college, season, kind), []), (college, season) in needed[kind],
                    missing.get((college, season, str(kind)), 0), due,
                )
                for kind in WANTED
            ),
        )
        for college, season in order
    ]  # fmt: skip


def _cases_without_page(people: QuerySet[Candidate]) -> Counter[tuple[int, str, str]]:
    """How many errors of a college still lack their signed form, by college, season and kind of form."""
    wanted = CorrectionCase.objects.filter(
        candidate__in=people, status__in=OPEN_CASE, route__in=[str(kind) for kind in _OF_A_CASE]
    )
    waiting = wanted.exclude(documents__signed_pages__isnull=False)
    return Counter(waiting.values_list("candidate__department", "candidate__season", "route"))


def _receipt(kind: PaperKind, found: list[Document], needed: bool, missing: int, due: date | None) -> Receipt:
    """``missing``: of a paper that is one an error, how many have still to come."""
    last = next((one for one in found if not one.signed_pages.all()), found[0]) if missing else next(iter(found), None)
    page = next((page for one in found for page in one.signed_pages.all()), None)
    is_in = (
        missing == 0 if kind in _OF_A_CASE else last is not None and page is not None and page.document_id == last.pk
    )
    if page is not None and is_in:
        return Receipt(kind, State.IN, last, page, due)
    if kind in _OF_A_CASE and needed:
        return Receipt(kind, State.PRINTED if last else State.NOT_PRINTED, last, None, due)
    if page is not None:
        return Receipt(kind, State.OUTDATED, last, page, due)
    if not needed:
        return Receipt(kind, State.NOT_NEEDED)
    return Receipt(kind, State.PRINTED if last else State.NOT_PRINTED, last, None, due)


def _pairs(people: QuerySet[Candidate]) -> frozenset[tuple[int, str]]:
    return frozenset(people.order_by().values_list("department", "season").distinct())


def _case(kind: PaperKind) -> Q:
    return Q(correction_cases__status__in=OPEN_CASE, correction_cases__route=str(kind), status__in=CHAIN)


_OF_A_CASE = (K.ADMISSION, K.STATUS, K.IDENTITY)
_NEEDED: Mapping[PaperKind, Q] = {
    K.REGISTER: Q(status__in=CHAIN),
    K.HEADCOUNT: Q(status__in=CHAIN),
    K.ADDED: Q(status__in=CHAIN, origin=Origin.ADDED),
    K.DELETED: Q(status=CandidateStatus.REMOVED),
    K.ERRATA: Q(status__in=CHAIN, correction_cases__status__in=SAID_OF_ERRORS),
    **{kind: _case(kind) for kind in _OF_A_CASE},
}


def receipts_form(campaign: Campaign, lines: Iterable[ReceiptLine]) -> TableForm:
    """The list to telephone by: what has still to come from which college."""
    rows = tuple(
        (
            line.season_words.zh, line.organisation.name, str(one.kind.label), one.state.words.zh,
            one.document.number if one.document else "", f"{one.page.signed_on:%Y-%m-%d}" if one.page else "",
            "逾期" if one.is_late else "",
        )
        for line in lines
        for one in line.receipts
        if one.state is not State.NOT_NEEDED
    )  # fmt: skip
    due = due_of(campaign)
    return TableForm(
        title=Wording("盖章材料收件情况", "Sealed papers: what came"),
        issuer=Wording(campaign.school.name, campaign.school.name_en or campaign.school.name),
        subtitle=Wording(f"截止 {due:%Y-%m-%d}", f"Due {due:%Y-%m-%d}") if due else Wording("", ""),
        columns=(
            Column(Wording("毕业季", "Season"), 16), Column(Wording("学院", "College"), 40, "left"),
            Column(Wording("材料", "Paper"), 0, "left"), Column(Wording("情况", "Facts"), 40),
            Column(Wording("文件编号", "Document number"), 40), Column(Wording("签字日期", "Signed on"), 24),
            Column(Wording("逾期", "Late"), 14),
        ),
        sections=(Section(rows),),
        dated=timezone.localtime(),
        landscape=True,
    )  # fmt: skip
