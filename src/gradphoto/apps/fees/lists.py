"""The lists of the money, page and file alike: receipts, the journal, the names behind the differences, shooting lists."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.http import QueryDict

from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.wording import bi, say
from gradphoto.apps.core.wording import listed as side_by_side
from gradphoto.apps.fees import queries, reconcile
from gradphoto.apps.fees.models import Entry, Receipt
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.orgs.scope import scoped
from gradphoto.apps.pages.filters import ListFilter, choice, hidden, hidden_day, record, search
from gradphoto.apps.pages.listing import Column, Listing
from gradphoto.apps.roster.models import Candidate, Document, PaperKind
from gradphoto.apps.roster.person_columns import person_column
from gradphoto.engine.wording import Wording

VALID, CANCELLED = "valid", "cancelled"


def _yuan(fen: int) -> Decimal:
    return Decimal(fen) / 100


def issuers_of(actor: Actor) -> QuerySet[Organisation]:
    """Who wrote the receipts that the actor sees."""
    return Organisation.objects.filter(pk__in=scoped(actor, Receipt).values("issuer"))


class ReceiptFilter(ListFilter):
    """What the receipts may be asked for."""

    q = search("查找", "Search", "find", example=("收据号或付款方", "Number or payer"))
    issuer = record(issuers_of, "开具单位", "Issuer")
    year = django_filters.NumberFilter(label=bi("年份", "Year"), min_value=2000, max_value=2999)
    season = choice(Season, "毕业季", "Season", method="of_season")
    state = choice(
        [(VALID, bi("有效", "Valid")), (CANCELLED, bi("作废", "Cancelled"))], "状态", "State", method="in_state"
    )
    campaign = hidden("campaign")

    def find(self, receipts: QuerySet[Receipt], name: str, words: str) -> QuerySet[Receipt]:
        number = queries.number(words.rsplit("-", 1)[-1])
        named = Q(payer__icontains=words)
        return receipts.filter(named | Q(number=number) if number else named)

    def of_season(self, receipts: QuerySet[Receipt], name: str, season: str) -> QuerySet[Receipt]:
        return receipts.filter(Q(hand_in__season=season) | Q(collection__entries__season=season)).distinct()

    def in_state(self, receipts: QuerySet[Receipt], name: str, state: str) -> QuerySet[Receipt]:
        return receipts.filter(cancellation__isnull=state == VALID)


def _valid_yuan(one: Receipt, lookups: Any) -> Decimal:
    return _yuan(0 if one.is_cancelled else one.amount_fen)


def _state(one: Receipt, lookups: Any) -> str:
    return say(Wording("作废", "cancelled") if one.is_cancelled else Wording("有效", "valid"))


def _why_cancelled(one: Receipt, lookups: Any) -> str:
    return one.cancellation.reason if one.is_cancelled else ""


RECEIPTS = Listing(
    name="fees.receipts",
    title=Wording("收据", "Receipts"),
    permission="fees.collect",
    rows=lambda actor: scoped(actor, Receipt).select_related(
        "issuer", "issued_by", "cancellation__by", "hand_in", "collection"
    ),
    filters=ReceiptFilter,
    columns=(
        Column("number", Wording("收据号", "Receipt number"), "number_label", template="fees/cells/receipt_number.html",
               css="figures text-nowrap", fixed=True, order=("year", "issuer", "number")),
        Column("issuer", Wording("开具单位", "Issuer"), "issuer.name", css="payer"),
        Column("payer", Wording("付款方", "Payer"), "payer", css="payer", order=("payer",)),
        Column("season", Wording("毕业季", "Season"), "hand_in.get_season_display",
               template="fees/cells/receipt_season.html", in_file=False),
        Column("matter", Wording("事由", "For"), "matter", on_page=False, width=30),
        Column("people", Wording("人数", "Persons"), "people_count", css="figures text-md-end", order=("people_count",)),
        Column("amount", Wording("金额（元）", "Yuan"), _valid_yuan, template="fees/cells/receipt_amount.html",
               css="figures text-md-end", order=("amount_fen",)),
        Column("state", Wording("状态", "State"), _state, template="fees/cells/receipt_state.html"),
        Column("issued", Wording("开具时间", "Issued"), "issued_at", template="fees/cells/receipt_day.html",
               css="figures text-nowrap", order=("issued_at",)),
        Column("by", Wording("开票人", "By"), "issued_by.__str__", on_page=False),
        Column("why", Wording("作废原因", "Reason"), _why_cancelled, on_page=False, width=24),
        Column("pdf", Wording("打印", "Print"), template="fees/cells/receipt_pdf.html", in_file=False, hidden_title=True,
               fixed=True),
    ),
    order=("-year", "issuer", "-number"),
    file_name="receipts",
)  # fmt: skip
"""Receipts, newest first; a cancelled one stands in the file with nothing in the amount."""


class JournalFilter(ListFilter):
    """What the journal may be asked for."""

    season = choice(Season, "毕业季", "Season")
    day = hidden_day("business_day")
    campaign = hidden("campaign")


JOURNAL = Listing(
    name="fees.journal",
    title=Wording("流水账", "Journal"),
    permission="fees.oversee",
    rows=lambda actor: Entry.objects.filter(campaign__in=scoped(actor, Campaign)).select_related(
        "debit__candidate", "debit__organisation", "debit__keeper", "credit__candidate", "credit__organisation",
        "credit__keeper", "charge",
    ),
    filters=JournalFilter,
    columns=(
        Column("number", Wording("序号", "No."), "pk", order=("pk",)),
        Column("day", Wording("日期", "Day"), "business_day"),
        Column("time", Wording("时间", "Time"), "at", width=18),
        Column("season", Wording("毕业季", "Season"), "get_season_display"),
        Column("kind", Wording("类别", "Kind"), "get_kind_display"),
        Column("to", Wording("收方", "To"), "debit.__str__", width=24),
        Column("from", Wording("付方", "From"), "credit.__str__", width=24),
        Column("item", Wording("项目", "Item"), "charge.get_item_display"),
        Column("amount", Wording("金额（元）", "Yuan"), lambda one, lookups: _yuan(one.amount_fen)),
        Column("reverses", Wording("冲销", "Reverses"), "reverses_id"),
        Column("reason", Wording("原因", "Reason"), "reason", width=24),
        Column("by", Wording("经办", "By"), "actor_label"),
    ),
    order=("pk",),
    file_name="fee-journal",
)  # fmt: skip
"""The books as an auditor wants them (流水账); the rows are entries that are written once."""


class DifferenceFilter(ListFilter):
    """Whose differences: of one kind, one season, one department."""

    season = choice(Season, "毕业季", "Season")
    show = choice([(name, bi(title.zh, title.en)) for name, (title, _) in reconcile.DIFFERENCES.items()],
                  "差异", "Difference", method="of_kind")  # fmt: skip
    department = hidden("department")
    campaign = hidden("campaign")

    def of_kind(self, people: QuerySet[Candidate], name: str, kind: str) -> QuerySet[Candidate]:
        told = reconcile.shown_differences()
        return people.filter(told[kind][1]) if kind in told else people.none()


def _differing(actor: Actor, params: QueryDict) -> QuerySet[Candidate]:
    campaign = scoped(actor, Campaign).filter(pk=queries.number(params.get("campaign"))).first()
    return reconcile.names(actor, campaign) if campaign else Candidate.objects.none()


def _why(person: Candidate, lookups: Any) -> str:
    listed, paid, waived, shot = (getattr(person, f"is_{side}") for side in ("listed", "paid", "waived", "shot"))
    holds = {
        "listed_unpaid": listed and not paid and not waived,
        "shot_unpaid": shot and not paid and not waived,
        "paid_not_shot": paid and not shot,
        "paid_not_listed": paid and not listed,
        "shot_not_listed": shot and not listed,
    }
    told = reconcile.shown_differences()
    return side_by_side(say(title) for name, (title, _) in told.items() if holds[name])


def _side(name: str, zh: str, en: str) -> Column:
    return Column(
        name,
        Wording(zh, en),
        lambda person, lookups: "✓" if getattr(person, f"is_{name}") else "",
        template="fees/cells/side.html",
        on_page=name != "waived",
    )


DIFFERENCES = Listing(
    name="fees.differences",
    title=Wording("三方对账", "Reconciliation"),
    permission="fees.collect",
    rows=lambda actor: Candidate.objects.none(),
    about=_differing,
    filters=DifferenceFilter,
    columns=(
        Column("season", Wording("毕业季", "Season"), "get_season_display", template="fees/cells/person_season.html"),
        person_column("department", css="text-nowrap"),
        person_column("class_name", css="text-nowrap"),
        person_column("student_no", template="fees/cells/student_no.html",
               css="figures", order=("student_no",)),
        person_column("name", css="text-nowrap", order=("name",)),
        _side("listed", "在册", "Listed"),
        _side("paid", "已缴", "Paid"),
        _side("waived", "减免", "Waived"),
        _side("shot", "已拍", "Photographed"),
        Column("why", Wording("差异", "Difference"), _why, on_page=False, width=30),
    ),
    order=("season", "department__path", "student_no"),
    order_title=Wording("按学号", "By student number"),
    file_name="reconciliation",
)  # fmt: skip
"""The names behind every difference between list, money and camera."""


FILED, AWAITED = "filed", "awaited"
_SIGNED = Wording("已归档", "Filed")
_UNSIGNED = Wording("未收到", "Not yet")


class ShootingListFilter(ListFilter):
    """Which of the shooting lists that were issued."""

    q = search("查找", "Search", "find", example=("文件编号或院系", "Number or department"))
    season = choice(Season, "毕业季", "Season")
    scan = choice(
        [(FILED, bi(_SIGNED.zh, _SIGNED.en)), (AWAITED, bi(_UNSIGNED.zh, _UNSIGNED.en))],
        "签字盖章的扫描件", "Signed and sealed scan", method="with_scan",
    )  # fmt: skip
    campaign = hidden("campaign")

    def find(self, issued: QuerySet[Document], name: str, words: str) -> QuerySet[Document]:
        return issued.filter(Q(number__icontains=words) | Q(organisation__name__icontains=words))

    def with_scan(self, issued: QuerySet[Document], name: str, scan: str) -> QuerySet[Document]:
        return issued.filter(signed_pages__isnull=scan == AWAITED).distinct()


def _scan(document: Document, lookups: Any) -> str:
    return say(_SIGNED if document.signed_pages.all() else _UNSIGNED)


SHOOTING_LISTS = Listing(
    name="fees.shooting_lists",
    title=Wording("已签发的名单", "Lists issued"),
    permission="fees.collect",
    rows=lambda actor: scoped(actor, Document)
    .filter(kind=PaperKind.SHOOTING_LIST)
    .select_related("organisation")
    .prefetch_related("signed_pages"),
    filters=ShootingListFilter,
    columns=(
        Column("number", Wording("文件编号", "Document number"), "number", template="roster/cells/document.html",
               css="figures text-nowrap", order=("number",), fixed=True, width=24),
        Column("department", Wording("院系", "Department"), "organisation.name", order=("organisation__path", "-made_at"),
               width=24),
        Column("season", Wording("毕业季", "Season"), "get_season_display", template="fees/cells/person_season.html"),
        Column("people", Wording("人数", "Persons"), "people", css="figures text-md-end", order=("people",)),
        Column("issued", Wording("签发", "Issued"), "made_at", css="figures text-nowrap", order=("made_at",), width=18),
        Column("by", Wording("签发人", "Issued by"), "made_by"),
        Column("scan", Wording("签字盖章的扫描件", "Signed and sealed scan"), _scan, template="fees/cells/scan.html", width=20),
    ),
    order=("-made_at", "-pk"),
    page_size=20,
    file_name="shooting-lists",
)  # fmt: skip
"""What was issued, the newest first: which signed scans are in, and which are waited for (R47)."""
