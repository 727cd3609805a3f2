"""The papers of the money: receipt (R63), hand-in list (R135), shooting list (R47, R139); and the workbooks."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from itertools import groupby

import xlsxwriter
from django.db.models import Exists, OuterRef
from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.campaigns.rules import in_force
from gradphoto.apps.campaigns.settings_keys import FEE_BEFORE_LIST
from gradphoto.apps.core import checkpoints
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.checkpoints import AUDIT_CODE
from gradphoto.apps.core.wording import say
from gradphoto.apps.fees.models import PAID, Charge, ChargeStatus, HandIn, Item, Receipt
from gradphoto.apps.fees.money import in_words, yuan
from gradphoto.apps.orgs.scope import scoped
from gradphoto.apps.roster.lifecycle import APPROVED
from gradphoto.apps.roster.models import Candidate
from gradphoto.engine.documents import Column, Fact, Section, TableForm, qr_svg, typeset
from gradphoto.engine.documents.typeset import template_text
from gradphoto.engine.wording import Wording

_SEASONS = {"spring": Wording("春季", "Spring"), "autumn": Wording("秋季", "Autumn")}
_SEXES = {"male": Wording("男", "Male"), "female": Wording("女", "Female")}


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
    people = Wording("{n} 人", "{n}").format(n=hand_in.people_count)
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
            Fact(Wording("上缴", "From"), giver.name),
            Fact(Wording("接收", "To"), receiver.name),
            Fact(Wording("人数", "Persons"), people.zh),
            Fact(Wording("合计", "Total"), f"￥{yuan(hand_in.amount_fen)}（{in_words(hand_in.amount_fen)}）"),
            Fact(Wording("方式", "By"), f"{hand_in.get_means_display()} {hand_in.reference}".strip()),
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


def only_paid(campaign: Campaign) -> bool:
    """Whether the unpaid are left off the shooting list: R139 unless the rule set says otherwise."""
    rule = in_force(campaign.rule_set, FEE_BEFORE_LIST)
    return True if rule is None else FEE_BEFORE_LIST.read(rule.value)


def to_be_shot(actor: Actor, campaign: Campaign, season: Season, department: int = 0) -> list[Candidate]:
    """Who stands on the shooting list: checked data and payments, in student-number order within a department (R139)."""
    people = scoped(actor, Candidate).filter(campaign=campaign, season=season, status__in=APPROVED)
    if department:
        people = people.filter(department=department)
    photo = Charge.objects.filter(candidate=OuterRef("pk"), item=Item.PHOTO)
    people = people.annotate(is_settled=Exists(photo.filter(status__in=(*PAID, ChargeStatus.WAIVED))))
    if only_paid(campaign):
        people = people.filter(is_settled=True)
    return list(people.select_related("department").order_by("department__path", "student_no"))


def shooting_form(campaign: Campaign, season: Season, people: Sequence[Candidate]) -> TableForm:
    """The shooting list of R47, a department a page, each with its own pre-assigned numbers (预拍摄序号)."""
    sections = []
    for department, run in groupby(people, key=lambda one: one.department):
        rows = tuple(_shooting_row(n, person) for n, person in enumerate(run, start=1))
        facts = (Fact(Wording("院系", "Department"), department.name),)
        sections.append(Section(rows, facts, Wording("共 {n} 人", "{n:person|persons}").format(n=len(rows))))
    year, name = campaign.cohort_year, _SEASONS[season]
    return TableForm(
        title=Wording(f"{year}届预计毕业生图像信息采集学生名单", f"Shooting list of the class of {year}"),
        subtitle=Wording(f"{campaign.school.name}（{name.zh}毕业）", f"{campaign.school.name} ({name.en})"),
        columns=(
            Column(Wording("预拍摄序号", "Pre-no."), 20),
            Column(Wording("学号", "Student no."), 32),
            Column(Wording("姓名", "Name"), 0, "left"),
            Column(Wording("性别", "Sex"), 12),
            Column(Wording("班级", "Class"), 32),
            Column(Wording("专业", "Major"), 36, "left"),
            Column(Wording("毕（结）业", "Leaves as"), 15),
            Column(Wording("备注", "Remarks"), 22, "left"),
        ),
        sections=tuple(sections) or (Section(()),),
        dated=timezone.localtime(),
        notes=(
            Wording("本名单依据核对后的数据和缴费情况生成，未缴费者不在其列。" if only_paid(campaign)
                    else "本名单依据核对后的数据生成；现场缴费。",
                    "From the checked data and the payments; unpaid students are not on it." if only_paid(campaign)
                    else "From the checked data; the fee is paid on the day."),
        ),
        signatures=(Wording("毕业班辅导员", "Counsellor"),),
        seal=Wording("（学工办盖章）", "(seal of the student-work office)"),
    )  # fmt: skip


def _shooting_row(n: int, person: Candidate) -> tuple[str, ...]:
    settled = getattr(person, "is_settled", True)
    return (
        f"{n:04d}", person.student_no, person.name, say(_SEXES[person.sex]), person.class_name, person.major,
        person.leaves_as, "" if settled else say(Wording("未缴费", "unpaid")),
    )  # fmt: skip


def workbook(sheet_name: str, headings: Sequence[str], rows: Iterable[Sequence[str | int]]) -> bytes:
    """A plain list as xlsx. Texts stay texts; an ``int`` is fen and becomes a number of yuan that can be added up."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
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
