"""The papers of the money: receipt (R63), hand-in list (R135); and the workbooks."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from itertools import groupby

from django.utils import timezone

from gradphoto.apps.core import checkpoints
from gradphoto.apps.core.checkpoints import AUDIT_CODE
from gradphoto.apps.fees.models import Charge, HandIn, Receipt
from gradphoto.apps.fees.money import in_words, yuan
from gradphoto.engine.documents import Column, Fact, Section, TableForm, qr_svg, typeset
from gradphoto.engine.documents.typeset import template_text
from gradphoto.engine.wording import Wording
from gradphoto.engine.workbooks import open_workbook

_SEASONS = {"spring": Wording("春季", "Spring"), "autumn": Wording("秋季", "Autumn")}


def receipt_pdf(receipt: Receipt, language: str) -> bytes:
    """The receipt in two copies on one sheet: for the payer and for the books. The QR code is its number."""
    english = language.lower().startswith("en")

    def word(zh: str, en: str) -> str:
        return en if english else zh

    issued = timezone.localtime(receipt.issued_at)
    cancelled = receipt.is_cancelled
    data = {
        "language": "en" if english else "zh",
        "number": receipt.number_label,
        "issuer": receipt.issuer.name,
        "copies": [word("第一联　付款方", "Copy 1: payer"), word("第二联　存根记账", "Copy 2: books")],
        "audit": f"{word(AUDIT_CODE.zh, AUDIT_CODE.en)} {checkpoints.covering(receipt.issued_at)}",
        "void": word("作废", "VOID") if cancelled else "",
        "replaces": word("代替作废收据 ", "replaces ") + receipt.replaces.number_label if receipt.replaces else "",
        "lines": [
            [word("付款单位（人）", "Received from"), receipt.payer],
            [word("事由", "For"), f"{receipt.campaign.title} {receipt.matter}"],
            [word("人数", "Persons"), str(receipt.people_count)],
            [word("金额（大写）", "Amount in words"), f"人民币{in_words(receipt.amount_fen)}"],
            [word("金额（小写）", "Amount"), f"￥{yuan(receipt.amount_fen)}"],
            [word("凭据", "Against"), _ground(receipt, english)],
        ],
        "signs": [
            [word("开票人", "Issued by"), str(receipt.issued_by)],
            [word("付款方签字", "Payer's signature"), ""],
            [word("开票日期", "Date"), f"{issued:%Y-%m-%d}"],
        ],
        "seal": word("（收款单位盖章）", "(seal of the receiving unit)"),
    }
    return typeset(
        template_text("gradphoto.apps.fees", "receipt.typ"),
        data,
        title=word("收　据", "Receipt"),
        dated=issued,
        files={"qr.svg": qr_svg(receipt.number_label)},
    )


def _ground(receipt: Receipt, english: bool) -> str:
    if receipt.hand_in is not None:
        season = _SEASONS[receipt.hand_in.season]
        text = Wording("上缴单 {n}（{s}），双方清点一致", "Hand-in list {n} ({s}), counted and agreed by both sides")
        return (text.en if english else text.zh).format(n=receipt.hand_in, s=season.en if english else season.zh)
    return f"Collection {receipt.collection_id}" if english else f"收款记录 {receipt.collection_id}"


def hand_in_form(hand_in: HandIn) -> TableForm:
    """The list that goes with the money, to be signed by both sides; by department, in student-number order."""
    items = hand_in.items.select_related("charge__candidate__department").order_by(
        "charge__candidate__department__path", "charge__candidate__student_no", "pk"
    )
    numbered = list(enumerate((item.charge for item in items), start=1))
    sections = []
    for department, run in groupby(numbered, key=lambda one: one[1].candidate.department):
        rows = list(run)
        total = sum(charge.amount_fen for _, charge in rows)
        told = Wording("小计 {n} 项 {y} 元", "{n:item|items}, {y} yuan").format(n=len(rows), y=yuan(total))
        facts = (Fact(Wording("院系", "Department"), department.name),)
        sections.append(Section(tuple(_hand_in_row(n, charge) for n, charge in rows), facts, told))
    giver, receiver = hand_in.giver.organisation, hand_in.receiver.organisation
    assert giver is not None, "a till belongs to an organisation"
    assert receiver is not None, "a till belongs to an organisation"
    people = Wording("{n} 人", "{n:person|persons}").format(n=hand_in.people_count)
    return TableForm(
        title=Wording("图像采集费上缴清单", "Hand-in list of collection fees"),
        subtitle=Wording(f"{hand_in.campaign.title}（{_SEASONS[hand_in.season].zh}）",
                         f"{hand_in.campaign.title} ({_SEASONS[hand_in.season].en})"),
        columns=(
            Column(Wording("序号", "No."), 12),
            Column(Wording("学号", "Student no."), 32),
            Column(Wording("姓名", "Name"), 0, "left"),
            Column(Wording("班级", "Class"), 32),
            Column(Wording("项目", "Item"), 34),
            Column(Wording("金额（元）", "Yuan"), 22, "right"),
        ),
        sections=tuple(sections),
        dated=timezone.localtime(hand_in.listed_at),
        number=f"FEE-{hand_in.campaign.cohort_year}-{hand_in}",
        facts=(
            Fact(Wording("上缴", "Hand-ins"), giver.name),
            Fact(Wording("接收", "To"), receiver.name),
            Fact(Wording("人数", "Persons"), people.zh),
            Fact(Wording("合计", "Total"), f"￥{yuan(hand_in.amount_fen)}（{in_words(hand_in.amount_fen)}）"),
            Fact(Wording("方式", "Way"), f"{hand_in.get_means_display()} {hand_in.reference}".strip()),
            Fact(Wording("状态", "State"), str(hand_in.get_status_display())),
            Fact(AUDIT_CODE, checkpoints.covering(hand_in.listed_at)),
        ),
        notes=(Wording("双方清点无误后签字；收据另开。", "Sign after both sides have counted; a receipt follows."),),
        signatures=(Wording("上缴人", "Handed in by"), Wording("接收人", "Received by")),
        seal=Wording("（单位盖章）", "(seal)"),
    )  # fmt: skip


def _hand_in_row(n: int, charge: Charge) -> tuple[str, ...]:
    person = charge.candidate
    item = f"{charge.get_item_display()}{f' ×{charge.quantity}' if charge.quantity > 1 else ''}"
    return (str(n), person.student_no, person.name, person.class_name, item, yuan(charge.amount_fen))


def workbook(sheet_name: str, headings: Sequence[str], rows: Iterable[Sequence[str | int]]) -> bytes:
    """A plain list as xlsx. Texts stay texts; an ``int`` is fen and becomes a number of yuan that can be added up."""
    out = io.BytesIO()
    book = open_workbook(out)
    sheet = book.add_worksheet(sheet_name[:31])
    bold = book.add_format({"bold": True, "bg_color": "#E8F1F9", "border": 1})
    money = book.add_format({"num_format": "#,##0.00"})
    for column, heading in enumerate(headings):
        sheet.write_string(0, column, heading, bold)
    last = 0
    for last, row in enumerate(rows, start=1):
        for column, cell in enumerate(row):
            if isinstance(cell, int):
                sheet.write_number(last, column, cell / 100, money)
            else:
                sheet.write_string(last, column, cell)
    sheet.set_column(0, len(headings) - 1, 16)
    sheet.freeze_panes(1, 0)
    if last:
        sheet.autofilter(0, 0, last, len(headings) - 1)
    book.close()
    return out.getvalue()
