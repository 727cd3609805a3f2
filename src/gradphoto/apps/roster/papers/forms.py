"""The papers with a shape of their own: both approval forms, the identity sheet (R32-R34, R62), the collection cards (R43)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from gradphoto.apps.campaigns.code_tables import words_of
from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.campaigns.rules import in_force, value_or_none
from gradphoto.apps.campaigns.settings_keys import ADMISSION_FORM_COPIES, CARD_DEPARTMENT_DIGITS, STATUS_FORM_COPIES
from gradphoto.apps.core.errors import Refusal, refuse
from gradphoto.apps.roster.corrections import KEY_FIELDS
from gradphoto.apps.roster.models import CaseSource, PaperKind, ProofKind
from gradphoto.apps.roster.papers.sheet import SEASONS, SEXES, UNDATED, Sheet, day
from gradphoto.apps.roster.papers.tables import values_of
from gradphoto.engine.cards import Card, CardData, CardFault, CardField, CardForm, MakeUp, faults_of, print_cards
from gradphoto.engine.documents import Column, Section, TableForm, qr_svg, typeset
from gradphoto.engine.documents.typeset import template_text
from gradphoto.engine.roster.layout import FIELD_TITLES
from gradphoto.engine.standards.identity import mask
from gradphoto.engine.wording import Wording

_PACKAGE = "gradphoto.apps.roster.papers"
Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Opinion:
    """A box in which somebody writes their opinion, signs and stamps."""

    title: str
    text: str
    signer: str
    seal: str = ""
    height: int = 19


@dataclass(frozen=True, slots=True)
class Approval:
    """An approval form in its copies; as xlsx the same items as two columns. These forms are Chinese always."""

    title: Wording
    issuer: Wording
    facts: Pairs
    wide: Pairs
    change: Pairs
    opinions: tuple[Opinion, ...]
    notes: tuple[str, ...]
    copies: int
    dated: datetime = UNDATED
    number: str = ""
    qr_text: str = ""

    @property
    def signatures(self) -> tuple[Wording, ...]:
        return tuple(Wording(part.signer, part.signer) for part in self.opinions)

    def copy_labels(self) -> list[str]:
        """ "一式三份　第 1 份": what each copy says of itself; nothing where one is enough."""
        if self.copies < 2:
            return [""]
        all_of_them = "零一两三四五六七八九"[self.copies] if self.copies < 10 else str(self.copies)
        return [f"一式{all_of_them}份　第 {n} 份（共 {self.copies} 份）" for n in range(1, self.copies + 1)]

    def to_pdf(self, language: str = "zh") -> bytes:
        return typeset(
            template_text(_PACKAGE, "approval.typ"),
            {
                "issuer": self.issuer.zh,
                "number": self.number,
                "number_label": "文件编号",
                "copies": self.copy_labels(),
                "facts": self.facts,
                "wide": self.wide,
                "item_label": "更正事项",
                "change": self.change,
                "opinions": [
                    {"title": o.title, "text": o.text, "signer": o.signer, "seal": o.seal, "height": o.height}
                    for o in self.opinions
                ],
                "notes": self.notes,
            },
            title=self.title.zh,
            dated=self.dated,
            files={"qr.svg": qr_svg(self.qr_text or self.number)},
        )

    def as_table(self) -> TableForm:
        boxes = tuple((part.title, part.text) for part in self.opinions)
        copies = (("份数", str(self.copies)),) if self.copies > 1 else ()
        rows = (*self.facts, *self.wide, *self.change, *boxes, *copies)
        return TableForm(
            title=self.title,
            columns=(Column(Wording("项目", "Item"), 40, "left"), Column(Wording("内容", "Content"), 120, "left")),
            sections=(Section(tuple(row for row in rows if row[0])),),
            dated=self.dated,
            number=self.number,
            signatures=self.signatures,
        )

    def to_xlsx(self, language: str = "zh") -> bytes:
        return self.as_table().to_xlsx(language)


_COLLEGE = Opinion("学院意见", "", "负责人", "（学院盖章）")
_REGISTRY = Opinion("教务处意见", "", "负责人", "（教务处盖章）")
_SCHOOL = Opinion("学校意见", "", "校领导", "（学校盖章）")
_OPINIONS: Mapping[str, tuple[Opinion, ...]] = {
    PaperKind.ADMISSION: (
        _COLLEGE, _REGISTRY, Opinion("学校招生部门意见", "", "负责人", "（招生部门盖章）"), _SCHOOL,
        Opinion("省级招生考试机构意见", "", "负责人", "（盖章）"),
    ),
    PaperKind.STATUS: (_COLLEGE, _REGISTRY, _SCHOOL, Opinion("省级教育行政部门意见", "", "负责人", "（盖章）")),
    PaperKind.IDENTITY: (_COLLEGE, _REGISTRY),
}  # fmt: skip
_TITLES = {
    PaperKind.ADMISSION: Wording("高等学校学生录取信息更正审批表", "Approval for correcting admission information"),
    PaperKind.STATUS: Wording("高等学校学生学籍信息更正审批表", "Approval for correcting student-status information"),
    PaperKind.IDENTITY: Wording("学生身份信息变更核验表", "Identity change sheet"),
}
_DEMANDED = {
    PaperKind.ADMISSION: ("身份证复印件", "录取名册（或录取审批表）复印件", "其他证明材料"),
    PaperKind.STATUS: ("身份证复印件", "本人书面申请", "其他证明材料"),
    PaperKind.IDENTITY: (
        "《公民信息变更证明》原件（县级以上公安机关出具，公安部统一规范格式）", "身份证复印件（已与原件核对）",
    ),
}  # fmt: skip
_KEPT_AS = {
    "身份证复印件": ProofKind.ID_CARD, "身份证复印件（已与原件核对）": ProofKind.ID_CARD,
    "《公民信息变更证明》原件（县级以上公安机关出具，公安部统一规范格式）": ProofKind.CERTIFICATE,
    "其他证明材料": ProofKind.OTHER,
}  # fmt: skip


def approval(sheet: Sheet, kind: PaperKind) -> Approval:
    """The form of one error. The ID number is whole for who may read it, masked otherwise."""
    case = sheet.case
    assert case is not None, "an approval is made for an error"
    person = sheet.people[0]
    was, right = values_of(case, person, whole=person.pk in sheet.whole)
    school = sheet.campaign.school
    return Approval(
        title=_TITLES[kind],
        issuer=sheet.issuer,
        facts=(
            ("院校代码", school.code), ("院系", person.department.name), ("班级", person.class_name),
            ("姓名", person.name), ("性别", SEXES[person.sex]), ("出生日期", day(person.birth_date)),
            ("学号", person.student_no), ("考生号", person.candidate_no), ("入学日期", day(person.entry_date)),
            ("培养层次", person.level), ("学制", person.length_of_study), ("毕业季", f"{SEASONS[sheet.season].zh}（{person.leaves_as}）"),
        ),
        wide=(("专业", person.major), ("身份证号", sheet.number_of(person)), ("证明材料", _proofs(sheet, kind)),
              ("初审意见" if case.source == CaseSource.FIRST_AUDIT else "登记说明", case.note)),
        change=(
            ("更正项目", FIELD_TITLES.get(case.field, case.field)), ("更正前", was or "（空）"),
            ("更正后", right or "＿＿＿＿＿＿＿＿"),
        ),
        opinions=(
            Opinion("更正原因（本人填写）", "", "学生签名"),
            *_OPINIONS[kind],
        ),
        notes=_notes(kind, case.field),
        copies=_copies(sheet, kind),
    )  # fmt: skip


def _proofs(sheet: Sheet, kind: PaperKind) -> str:
    assert sheet.case is not None
    kept = set(sheet.case.proofs.values_list("kind", flat=True))
    return "　".join(f"{'■' if _KEPT_AS.get(name) in kept else '□'} {name}" for name in _DEMANDED[kind])


def _copies(sheet: Sheet, kind: PaperKind) -> int:
    """Three (R32) and two (R33) by the rule set; the sheet of R34 stays with the registry."""
    key = {PaperKind.ADMISSION: ADMISSION_FORM_COPIES, PaperKind.STATUS: STATUS_FORM_COPIES}.get(kind)
    rule = in_force(sheet.campaign.rule_set, key) if key else None
    return max(1, key.read(rule.value)) if key and rule else 1


def _notes(kind: PaperKind, field: str) -> tuple[str, ...]:
    seal = "须签字并加盖公章，否则不予办理。"
    if kind == PaperKind.IDENTITY:
        return (f"原件当面核验后退还本人，复印件留存。{seal}",)
    return (seal if field not in KEY_FIELDS else f"关键信息更正须附证明材料。{seal}",)


@dataclass(frozen=True, slots=True)
class CardText:
    """What one collection card says; ``student_no`` is also its QR code, which the till and the studio read."""

    name: str
    sex: str
    student_no: str
    id_number: str
    department: str
    major: str
    class_name: str
    season: str
    leaves_as: str
    preassigned: str = ""


@dataclass(frozen=True, slots=True)
class CardSheets:
    """R43: eight cards an A4 page with dashed cutting lines, in the shooting order."""

    title: Wording
    school: str
    subtitle: str
    cards: tuple[CardText, ...]
    dated: datetime = UNDATED
    number: str = ""
    qr_text: str = ""

    signatures = ()

    def to_pdf(self, language: str = "zh") -> bytes:
        names = [f"{n}.svg" for n in range(len(self.cards))]
        cards = [
            {
                "qr": name, "name": c.name, "sex": c.sex, "student_no": c.student_no, "id_number": c.id_number,
                "department": c.department, "major": c.major, "class_name": c.class_name,
                "season": f"{c.season} {c.leaves_as}", "preassigned": c.preassigned,
            }
            for name, c in zip(names, self.cards, strict=True)
        ]  # fmt: skip
        return typeset(
            template_text(_PACKAGE, "cards.typ"),
            {
                "school": self.school, "subtitle": self.subtitle, "cards": cards, "number": self.number,
                "hint": "缴费和照相时出示本卡和身份证，请勿折叠、转借。",
                "footer": "沿虚线裁开，按班级发放",
            },
            title=self.title.zh,
            dated=self.dated,
            files={name: qr_svg(c.student_no) for name, c in zip(names, self.cards, strict=True)},
        )  # fmt: skip

    def as_table(self) -> TableForm:
        titles = ("学号", "姓名", "性别", "证件号", "院系", "专业", "班级", "毕业季", "毕（结）业", "预拍摄序号")
        return TableForm(
            title=self.title,
            columns=tuple(Column(Wording(title, title), 28) for title in titles),
            sections=(Section(tuple(
                (c.student_no, c.name, c.sex, c.id_number, c.department, c.major, c.class_name, c.season, c.leaves_as,
                 c.preassigned)
                for c in self.cards
            )),),
            dated=self.dated,
            number=self.number,
        )  # fmt: skip

    def to_xlsx(self, language: str = "zh") -> bytes:
        return self.as_table().to_xlsx(language)


def collection_cards(sheet: Sheet) -> CardSheets:
    """A card a person. The ID number is masked always: the card lies about in class-rooms, the person has one of their own."""
    return CardSheets(
        title=Wording("图像采集信息卡", "Collection card"),
        school=sheet.campaign.school.name,
        subtitle=sheet.subtitle.zh,
        cards=tuple(
            CardText(
                p.name, SEXES[p.sex], p.student_no, mask(p.id_number.decrypt()), p.department.name, p.major,
                p.class_name or "—", SEASONS[p.season].zh, p.leaves_as, p.preassigned_label,
            )
            for p in sheet.people
        ),
    )  # fmt: skip


_CAUSES_TOLD = 3


@dataclass(frozen=True, slots=True)
class MachineCards:
    """The machine-readable cards (R44), printed by ``engine.cards``; ``unprintable`` names who gets none and why."""

    cards: tuple[Card, ...]
    form: CardForm
    unprintable: tuple[tuple[str, str, str], ...]
    check: tuple[str, ...]
    dated: datetime = UNDATED
    number: str = ""
    qr_text: str = ""

    signatures = ()

    def to_pdf(self, language: str = "zh") -> bytes:
        """The cards. Raises ``roster.no_printable_cards`` with the causes and how many people each keeps out."""
        if not self.cards and self.unprintable:
            raise self._refusal()
        return print_cards(self.cards, self.form)

    def _refusal(self) -> Refusal:
        causes = Counter(why for _, _, why in self.unprintable).most_common(_CAUSES_TOLD)
        told = "".join(f"（{count} 人）{why}" for why, count in causes)
        return refuse(
            "roster.no_printable_cards", f"这 {len(self.unprintable)} 人都还不能打印：{told}",
            f"None of these {len(self.unprintable)} can be printed yet: {told}",
            "改正后再打印；xlsx 清单逐人列出原因。", "Mend it and print again; the xlsx names the cause for each person.",
        )  # fmt: skip

    def as_table(self) -> TableForm:
        """Which card was printed for whom, and who got none."""
        printed = tuple((c.card_id, c.data.student_no, c.data.name, "已打印") for c in self.cards if c.data)
        missing = tuple(("", number, name, why) for number, name, why in self.unprintable)
        titles = (("卡号", 30), ("学号", 30), ("姓名", 30), ("说明", 80))
        return TableForm(
            title=Wording("机读采集卡发放清单", "List of machine-readable cards"),
            columns=tuple(Column(Wording(title, title), width) for title, width in titles),
            sections=(Section(printed + missing),),
            dated=self.dated,
            number=self.number,
        )

    def to_xlsx(self, language: str = "zh") -> bytes:
        return self.as_table().to_xlsx(language)


def _why(fault: CardFault) -> str:
    """Why a card is not printed, and where that is mended."""
    told = f"{fault.field.heading.zh}：{fault.message.zh}"
    if fault.field in (CardField.ADDRESS, CardField.POSTCODE, CardField.RECIPIENT):
        return f"{told}请在“补拍—收件人”填写本单位的地址、邮编和收件人。"
    return f"{told}{fault.remedy.zh}"


def card_form_of(campaign: Campaign) -> CardForm:
    """The card as the school has it: the words it added to the tables, and how long its department codes are (R106)."""
    school = campaign.school
    return CardForm(
        words_of(school, "degree_category"), words_of(school, "school_kind"),
        value_or_none(campaign, CARD_DEPARTMENT_DIGITS),
    )  # fmt: skip


def make_up_cards(sheet: Sheet) -> MachineCards:
    """The same with where the photograph is sent (R114): who receives for the college, else for the school (R141).

    Recipients belong to a later app: they are read by their relation.
    """
    known = {one.unit_id: one for one in sheet.campaign.make_up_recipients.all()}
    to = known.get(sheet.organisation.pk) or known.get(sheet.campaign.school_id)
    return machine_cards(sheet, MakeUp(to.address, to.postcode, to.name) if to else MakeUp("", "", ""))


def machine_cards(sheet: Sheet, make_up: MakeUp | None = None) -> MachineCards:
    """Cards filled by us, in the shooting order; the data of R44 as far as the row has them."""
    school, form = sheet.campaign.school, card_form_of(sheet.campaign)
    cards, unprintable = [], []
    for p in sheet.people:
        data = CardData(
            school.name, school.code, p.department.code, p.degree_category, p.school_kind, p.name, p.student_no,
            p.id_number.decrypt(), make_up,
        )  # fmt: skip
        faults = faults_of(data, form)
        if faults:
            unprintable.append((p.student_no, p.name, _why(faults[0])))
        else:
            cards.append(Card(f"{school.code}-{p.pk}", data, leaves_as=p.leaves_as))
    return MachineCards(tuple(cards), form, tuple(unprintable), tuple(p.id_number_index for p in sheet.people))
