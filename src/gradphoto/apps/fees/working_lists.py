"""The lists that people of the money work through: who pays, hand-ins, online orders, the rows of a statement."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import django_filters
from django.db.models import Count, Q, QuerySet
from django.http import QueryDict

from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.wording import bi, say
from gradphoto.apps.fees import queries
from gradphoto.apps.fees.models import (
    BankImport,
    BankImportStatus,
    BankRow,
    HandIn,
    HandInStatus,
    Item,
    OnlineOrder,
    OrderStatus,
    Refund,
    RefundStatus,
    RowOutcome,
)
from gradphoto.apps.fees.prices import price_of
from gradphoto.apps.orgs.scope import scoped
from gradphoto.apps.pages.filters import ListFilter, choice, hidden, search, tab
from gradphoto.apps.pages.listing import Column, Listing
from gradphoto.apps.roster.lifecycle import APPROVED
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.roster.person_columns import person_column
from gradphoto.apps.roster.person_filter import PersonFilter
from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.wording import Wording


def _yuan(fen: int) -> Decimal:
    return Decimal(fen) / 100


class HandInFilter(ListFilter):
    """Which hand-in lists."""

    q = search("查找", "Search", "find", example=("单位或凭证号", "Unit or reference"))
    status = choice(HandInStatus, "状态", "State")
    season = choice(Season, "毕业季", "Season")
    campaign = hidden("campaign")

    def find(self, lists: QuerySet[HandIn], name: str, words: str) -> QuerySet[HandIn]:
        return lists.filter(Q(giver__organisation__name__icontains=words) | Q(reference__icontains=words))


HAND_INS = Listing(
    name="fees.hand_ins",
    title=Wording("上缴", "Hand-ins"),
    permission="fees.collect",
    rows=lambda actor: scoped(actor, HandIn)
    .select_related("giver__organisation", "giver__keeper", "receiver__organisation")
    .distinct(),
    filters=HandInFilter,
    order=("-listed_at", "-pk"),
    columns=(
        Column("number", Wording("单号", "No."), "__str__", template="fees/cells/hand_in.html", css="figures", fixed=True),
        Column("listed", Wording("日期", "Day"), "listed_at", css="figures text-nowrap", order=("listed_at",), width=18),
        Column("giver", Wording("上缴单位", "Handed in by"), "giver.__str__", css="payer", width=24),
        Column("receiver", Wording("接收单位", "Receiver"), "receiver.organisation.name", css="payer", width=24),
        Column("season", Wording("毕业季", "Season"), "get_season_display", template="fees/cells/person_season.html"),
        Column("means", Wording("方式", "Way"), "get_means_display", css="text-nowrap"),
        Column("reference", Wording("回执号", "Slip no."), "reference", css="text-nowrap"),
        Column("people", Wording("人数", "Persons"), "people_count", css="figures text-md-end", order=("people_count",)),
        Column("amount", Wording("金额（元）", "Yuan"), lambda one, lookups: _yuan(one.amount_fen),
               css="figures text-md-end", order=("amount_fen",)),
        Column("status", Wording("状态", "State"), "get_status_display", template="fees/cells/hand_in_state.html"),
    ),
    file_name="hand-ins",
)  # fmt: skip
"""The lists of the viewer's part of the tree."""


class RefundFilter(ListFilter):
    """Which requests to give money back; their state stands as tabs, what waits first."""

    state = tab(RefundStatus, "状态", "State", "status")
    q = search("查找", "Search", "find", example=("学号或姓名", "Student number or name"))
    campaign = hidden("campaign")

    def find(self, refunds: QuerySet[Refund], name: str, words: str) -> QuerySet[Refund]:
        named = Q(items__charge__candidate__student_no__startswith=words)
        return refunds.filter(named | Q(items__charge__candidate__name__icontains=words)).distinct()


REFUNDS = Listing(
    name="fees.refunds",
    title=Wording("退款", "Refunds"),
    permission="fees.collect",
    rows=lambda actor: scoped(actor, Refund)
    .select_related("organisation", "till__organisation", "till__keeper", "asked_by", "decided_by", "order")
    .distinct(),
    filters=RefundFilter,
    defaults={"state": RefundStatus.ASKED.value},
    order=("-asked_at", "-pk"),
    columns=(
        Column("number", Wording("单号", "No."), "__str__", template="fees/cells/refund.html", css="figures", fixed=True),
        Column("asked", Wording("日期", "Day"), "asked_at", css="figures text-nowrap", order=("asked_at",), width=18),
        Column("organisation", Wording("单位", "Organisation"), "organisation.name", css="payer", width=24),
        Column("people", Wording("人数", "Persons"), "people_count", css="figures text-md-end", order=("people_count",)),
        Column("amount", Wording("金额（元）", "Yuan"), lambda one, lookups: _yuan(one.amount_fen),
               css="figures text-md-end", order=("amount_fen",)),
        Column("reason", Wording("原因", "Reason"), "reason", css="words", width=24),
        Column("by", Wording("申请人", "Asked by"), "asked_by.__str__"),
        Column("status", Wording("状态", "State"), "get_status_display", template="fees/cells/refund_state.html"),
        Column("till", Wording("退款钱箱", "Out of"), "till.__str__", on_page=False, width=24),
        Column("decided", Wording("办理人", "Settled by"), "decided_by.__str__", on_page=False),
        Column("why", Wording("驳回原因", "Reason for refusing"), "decision_reason", on_page=False, width=24),
    ),
    file_name="refunds",
)  # fmt: skip
"""Requests to give money back, of the viewer's part of the tree."""


class OrderFilter(ListFilter):
    """Which online orders."""

    status = choice(OrderStatus, "状态", "State")
    campaign = hidden("campaign")


ORDERS = Listing(
    name="fees.orders",
    title=Wording("网上订单", "Online orders"),
    permission="fees.import_statements",
    rows=lambda actor: scoped(actor, OnlineOrder).select_related("candidate__department").distinct(),
    filters=OrderFilter,
    columns=(
        Column("reference", Wording("订单号", "Order"), "reference", template="fees/cells/order.html", css="figures",
               fixed=True),
        person_column("student_no", "candidate", css="figures"),
        person_column("name", "candidate", css="text-nowrap"),
        Column("season", Wording("毕业季", "Season"), "candidate.get_season_display"),
        Column("amount", Wording("金额（元）", "Yuan"), lambda one, lookups: _yuan(one.amount_fen),
               css="figures text-md-end", order=("amount_fen",)),
        Column("status", Wording("状态", "State"), "get_status_display", template="fees/cells/order_state.html"),
        Column("opened", Wording("时间", "Time"), "created_at", css="figures text-nowrap", width=18, order=("created_at",)),
    ),
    file_name="online-orders",
)  # fmt: skip
"""The online orders of a campaign, newest first."""


class StatementFilter(ListFilter):
    """Which bank statements."""

    q = search("查找", "Search", "find", example=("文件名或单位", "File or organisation"))
    status = choice(BankImportStatus, "状态", "State")
    campaign = hidden("campaign")

    def find(self, statements: QuerySet[BankImport], name: str, words: str) -> QuerySet[BankImport]:
        return statements.filter(Q(file_name__icontains=words) | Q(organisation__name__icontains=words))


STATEMENTS = Listing(
    name="fees.statements",
    title=Wording("银行明细文件", "Bank statements"),
    permission="fees.import_statements",
    rows=lambda actor: (
        scoped(actor, BankImport)
        .select_related("organisation")
        .annotate(row_count=Count("rows"), matched=Count("rows", filter=Q(rows__outcome=RowOutcome.MATCHED)))
    ),
    filters=StatementFilter,
    columns=(
        Column("file", Wording("文件", "File"), "file_name", template="fees/cells/statement.html", css="payer",
               order=("file_name",), fixed=True, width=30),
        Column("organisation", Wording("单位", "Organisation"), "organisation.name", css="text-nowrap", width=24),
        Column("rows", Wording("行数", "Rows"), "row_count", css="figures text-md-end", order=("row_count",)),
        Column("matched", Wording("已匹配", "Matched"), "matched", css="figures text-md-end", order=("matched",)),
        Column("status", Wording("状态", "State"), "get_status_display", template="fees/cells/statement_state.html"),
        Column("time", Wording("时间", "Time"), "created_at", css="figures text-nowrap", width=18, order=("created_at",)),
    ),
    order=("-created_at", "-pk"),
    file_name="bank-statements",
)  # fmt: skip
"""The statements of a campaign that were handed in, newest first."""


class RowFilter(ListFilter):
    """Which rows of a statement; what became of them stands as tabs."""

    outcome = tab(RowOutcome, "结果", "Result")
    statement = hidden("bank_import")


STATEMENT_ROWS = Listing(
    name="fees.statement_rows",
    title=Wording("对账结果", "What became of the statement"),
    permission="fees.import_statements",
    rows=lambda actor: BankRow.objects.filter(bank_import__in=scoped(actor, BankImport)).select_related(
        "candidate__department", "collection"
    ),
    filters=RowFilter,
    order=("row_number", "pk"),
    order_title=Wording("按行号", "By row"),
    columns=(
        Column("row", Wording("行", "Row"), "row_number", css="figures", fixed=True),
        Column("serial", Wording("流水号", "Serial"), "serial", css="figures", width=24),
        Column("day", Wording("日期", "Day"), "paid_on", css="figures text-nowrap"),
        Column("amount", Wording("金额（元）", "Yuan"),
               lambda one, lookups: None if one.amount_fen is None else _yuan(one.amount_fen),
               css="figures text-md-end"),
        Column("payer", Wording("付款方", "Payer"), "payer", css="payer"),
        Column("memo", Wording("附言", "Memo"), "memo", css="words", width=30),
        Column("outcome", Wording("结果", "Result"), "get_outcome_display", template="fees/cells/outcome.html"),
        Column("why", Wording("说明", "Note"), lambda one, lookups: say_pair(one.reason), css="words", width=30),
        person_column("student_no", "candidate", css="figures"),
        person_column("name", "candidate", template="fees/cells/person.html"),
        Column("season", Wording("毕业季", "Season"), "candidate.get_season_display"),
    ),
    page_size=100,
    file_name="statement",
)  # fmt: skip
"""What became of a statement, row by row."""


def say_pair(stored: dict[str, str] | None) -> str:
    """A stored sentence in the reader's language."""
    return say(Wording(stored["zh"], stored["en"])) if stored else ""


class PayerFilter(PersonFilter):
    """Whom to collect from: a class, a department, a season, and how their money stands."""

    person = ""
    class_name = django_filters.ChoiceFilter(
        label=bi("班级", "Class"), empty_label=bi("全部", "All"), choices=lambda: (), null_label=None
    )
    state = choice(
        [("unpaid", bi("未缴", "Unpaid")), ("paid", bi("已缴", "Paid")), ("waived", bi("减免", "Waived"))],
        "状态", "State", method="in_state",
    )  # fmt: skip
    campaign = hidden("campaign")

    def narrow(self) -> None:
        """The classes of the campaign that the page is about."""
        self.offer("department", lambda one: one.name)
        classes = queries.classes_seen(self.actor, queries.number(self.data.get("campaign")))
        field: Any = self.form.fields["class_name"]
        field.choices = [("", bi("全部", "All")), *((one, one) for one in classes)]

    def in_state(self, people: QuerySet[Any], name: str, state: str) -> QuerySet[Candidate]:
        return queries.in_state(people, state)


def _payers(actor: Actor, params: QueryDict) -> QuerySet[Candidate]:
    campaign = scoped(actor, Campaign).filter(pk=queries.number(params.get("campaign"))).first()
    return queries.with_money(queries.payers(actor, campaign)) if campaign else Candidate.objects.none()


def _due_of_each(actor: Actor, people: Sequence[Any]) -> None:
    """Hang on each row ``to_pay_fen``: what a tick stands for, the photograph included where it is not charged yet."""
    prices: dict[tuple[int, str], int | None] = {}
    for person in people:
        due: int | None = person.due_fen
        if not person.photo_state and person.status in APPROVED:
            key = (person.campaign_id, person.school_kind)
            if key not in prices:
                prices[key] = _photo_fen(person)
            due = None if prices[key] is None else person.due_fen + prices[key]
        person.to_pay_fen = due or None


def _photo_fen(person: Candidate) -> int | None:
    try:
        return price_of(person.campaign, Item.PHOTO, person.school_kind).amount_fen
    except GradPhotoError:
        return None


PAYERS = Listing(
    name="fees.payers",
    title=Wording("缴费名单", "Who pays"),
    permission="fees.collect",
    rows=lambda actor: Candidate.objects.none(),
    about=_payers,
    filters=PayerFilter,
    lookups=_due_of_each,
    defaults={"state": "unpaid"},
    order=("season", "department__path", "student_no"),
    order_title=Wording("按学号", "By student number"),
    columns=(
        Column("tick", Wording("勾选", "Tick"), template="fees/cells/tick.html", in_file=False, hidden_title=True,
               fixed=True),
        person_column("student_no", css="figures", order=("student_no",)),
        person_column("name", css="text-nowrap", template="fees/cells/person_row.html",
               order=("name",)),
        person_column("class_name", css="text-nowrap", order=("class_name",)),
        person_column("department", css="text-nowrap"),
        Column("season", Wording("毕业季", "Season"), "get_season_display", template="fees/cells/person_season.html"),
        Column("state", Wording("状态", "State"), lambda one, lookups: _money_state(one),
               template="fees/cells/money_state.html", css="text-nowrap"),
        Column("due", Wording("应收（元）", "Due (yuan)"),
               lambda one, lookups: _yuan(one.to_pay_fen) if one.to_pay_fen else None, css="figures text-md-end"),
    ),
    page_size=200,
    file_name="payers",
)  # fmt: skip
"""A class or department with what each owes."""


def _money_state(person: Any) -> str:
    if person.photo_state == "waived":
        return say(Wording("减免", "Waived"))
    paid = person.photo_state in ("collected", "handed_in")
    return say(Wording("已缴", "Paid") if paid else Wording("未缴", "Unpaid"))
