"""The forms with which a case begins and is described: drafted, taken over from disputes, edited, put on a form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db import transaction

from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.wording import bi, say
from gradphoto.apps.errata import lists, papers
from gradphoto.apps.errata.drafting import Contact, Wrong, draft_case, draft_from_dispute, kind_of_dispute, last_contact
from gradphoto.apps.errata.kinds import FACTS, ErrataKind, Paper
from gradphoto.apps.errata.models import CaseStatus, ErrataCase, ErrataForm, Origin
from gradphoto.apps.errata.reported import link_report
from gradphoto.apps.orgs.scope import changeable
from gradphoto.apps.pages.fields import ChoiceField, RecordsField, TextField, wrong
from gradphoto.apps.pages.forms import ActionForm, Form
from gradphoto.apps.verification.corrections import CorrectionsRefusal
from gradphoto.apps.verification.items import lines
from gradphoto.engine.wording import Wording

_RIGHT = "right_"


class _ContactFields(ActionForm):
    """Whom the corrector may ask (R160)."""

    contact = TextField(label=bi("联系人", "Contact"), max_length=60, css="col-sm-6", attrs={"autocomplete": "name"})
    telephone = TextField(
        label=bi("联系电话", "Telephone"),
        max_length=40,
        css="col-sm-6",
        example=Wording("0731-12345678", "0731-12345678"),
        attrs={"autocomplete": "tel", "inputmode": "tel"},
    )
    address = TextField(
        label=bi("详细地址（回邮地址）", "Address (for the answer)"),
        max_length=160,
        attrs={"autocomplete": "street-address"},
    )

    @property
    def contact_given(self) -> Contact:
        return Contact(*(self.cleaned_data[name] for name in ("contact", "telephone", "address")))


def _contact(known: Contact | None) -> dict[str, str]:
    return {"contact": known.name, "telephone": known.telephone, "address": known.address} if known else {}


class EditCase(_ContactFields):
    action = "errata.edit_case"
    said = Wording("已修改。", "Changed.")
    description = TextField(label=bi("说明", "Note"), max_length=500, rows=2, required=False)
    field_order = ("description", "contact", "telephone", "address")

    @classmethod
    def starts_with(cls, actor: Actor, target: ErrataCase) -> Mapping[str, Any]:
        return {
            "contact": target.contact,
            "telephone": target.telephone,
            "address": target.address,
            "description": target.description,
        }

    @classmethod
    def is_offered(cls, actor: Actor, target: ErrataCase) -> bool:
        return target.status == CaseStatus.DRAFTED and target.form_id is None and super().is_offered(actor, target)

    def arguments(self) -> dict[str, Any]:
        return {"contact": self.contact_given, "description": self.cleaned_data["description"]}


class ReportAs(Form):
    """As what kind a report of the check becomes a case; empty: as the report itself says."""

    kind = ChoiceField(ErrataKind, required=False)


class CompileForm(ActionForm):
    """The ticked cases of the list on one form (R168)."""

    action = "errata.compile_form"
    button = Wording("把勾选的汇成一张勘误表", "One form of the ticked")
    cases = RecordsField(
        lambda actor, target: changeable(actor, ErrataCase, "errata.draft").select_related("campaign"),
        label=bi("勘误", "Errata"),
        widget=forms.MultipleHiddenInput,
        error_messages={"required": bi("请先在左侧勾选勘误。", "Tick cases at the left first.")},
    )
    paper = ChoiceField(Paper, required=False, empty=Wording("", ""), widget=forms.HiddenInput)

    def perform(self) -> ErrataForm:
        cases = list(self.cleaned_data["cases"])
        return papers.compile_form(self.actor, cases[0].campaign, cases=cases, paper=self.cleaned_data["paper"])

    def done_message(self, result: ErrataForm) -> Wording:
        return Wording(f"已生成 {result}，请打印盖章。", f"{result} is made; print it and have it sealed.")


class DraftForm(_ContactFields):
    """The facts of a new case; for wrong data of one person the right value of each wrong item."""

    action = "errata.draft_case"
    button = Wording("起草勘误", "Draft the case")
    description = TextField(label=bi("情况说明", "Explanation"), max_length=500, rows=2, required=False)
    field_order = ("description", "contact", "telephone", "address")

    def __init__(self, actor: Actor, target: Any = None, data: Any = None, files: Any = None, **options: Any) -> None:
        super().__init__(actor, target, data, files, **options)
        self.items = []
        if target.kind is ErrataKind.DATA_WRONG and len(target.people) == 1:
            for line in lines(target.people[0], {}):
                self.fields[f"{_RIGHT}{line.item.field}"] = _right_field(line)
                self.items.append(line)

    @classmethod
    def starts_with(cls, actor: Actor, target: Any) -> Mapping[str, Any]:
        words = {"description": target.report.note} if target.report else {}
        return {**_contact(last_contact(actor)), **words}

    @property
    def right_rows(self) -> list[tuple[Any, Any]]:
        """Each item as it stands, with the field for its right value."""
        return [(line, self[f"{_RIGHT}{line.item.field}"]) for line in self.items]

    @property
    def fact_fields(self) -> list[Any]:
        return [field for field in self.visible_fields() if not field.name.startswith(_RIGHT)]

    @transaction.atomic
    def perform(self) -> ErrataCase:
        asked = self.target
        given = {name: text for name, text in self.cleaned_data.items() if name.startswith(_RIGHT) and text}
        right = {name.removeprefix(_RIGHT): text for name, text in given.items()}
        case = draft_case(
            self.actor,
            asked.people[0].campaign,
            kind=asked.kind,
            people=[Wrong(person, right) for person in asked.people],
            contact=self.contact_given,
            description=self.cleaned_data["description"],
            origin=Origin.DELIVERY if asked.package else Origin.PERSON,
            session=asked.session,
            package=asked.package,
        )
        if asked.report is not None:
            link_report(self.actor, asked.report, case=case)
        return case

    def refuse(self, error: Any) -> None:
        if isinstance(error, CorrectionsRefusal):
            error.fields = {f"{_RIGHT}{name}": words for name, words in error.fields.items()}
        super().refuse(error)

    def done_message(self, result: ErrataCase) -> Wording:
        return Wording(f"已起草 {result}。", f"{result} is drafted.")


def _right_field(line: Any) -> forms.Field:
    if line.item.input.value == "sex":
        choices = [("", "—"), ("male", bi("男", "Male")), ("female", bi("女", "Female"))]
        return forms.ChoiceField(choices=choices, required=False, label=line.title)
    field = TextField(max_length=80, required=False, label=line.title, example=Wording("正确内容", "Right value"))
    field.widget.attrs["autocomplete"] = "off"
    if line.item.input.value == "date":
        field.widget.input_type = "date"
    return field


class TakeDisputes(_ContactFields):
    """What graduates dispute and who is missing online, ticked, as cases in one go (R166, R168)."""

    action = "errata.draft_from_dispute"
    button = Wording("起草勾选的勘误", "Draft the ticked cases")
    case = RecordsField(lambda actor, target: lists.disputes_to_take(actor), required=False)
    candidate = RecordsField(lambda actor, target: lists.missing_online(actor), required=False)

    def __init__(self, actor: Actor, target: Any = None, data: Any = None, files: Any = None, **options: Any) -> None:
        super().__init__(actor, target, data, files, **options)
        self.kinds = [kind for kind in ErrataKind if _may_be_disputed(kind)]
        for disputed in lists.disputes_to_take(actor)[: lists.PAGE_SIZE]:
            self.fields[f"kind_{disputed.pk}"] = forms.TypedChoiceField(
                choices=[(kind.value, kind.label) for kind in self.kinds],
                coerce=ErrataKind,
                required=False,
                empty_value=None,
                initial=kind_of_dispute(disputed.dispute_reason),
                label=bi("类型", "Kind"),
            )

    @classmethod
    def starts_with(cls, actor: Actor, target: Any) -> Mapping[str, Any]:
        return _contact(last_contact(actor))

    @property
    def contact_fields(self) -> list[Any]:
        return [self[name] for name in ("contact", "telephone", "address")]

    def clean(self) -> dict[str, Any]:
        known = super().clean() or self.cleaned_data
        if not self.errors and not known.get("case") and not known.get("candidate"):
            raise wrong("errata.nobody_ticked", "请先在左侧勾选人员。", "Tick somebody at the left first.")
        return known

    @transaction.atomic
    def perform(self) -> list[ErrataCase]:
        """All of the ticked, or none."""
        words = Wording("同批同学可以查询，本人查询不到图像", "Others of the batch are online, this one is not")
        contact, known = self.contact_given, self.cleaned_data
        return [
            draft_from_dispute(self.actor, case, contact=contact, kind=known.get(f"kind_{case.pk}"))
            for case in known["case"]
        ] + [
            draft_case(
                self.actor,
                person.campaign,
                kind=ErrataKind.NO_IMAGE,
                people=[Wrong(person)],
                contact=contact,
                description=say(words),
                origin=Origin.VERIFICATION,
            )
            for person in known["candidate"]
        ]

    def done_message(self, result: list[ErrataCase]) -> Wording:
        return Wording("已起草 {n} 件勘误。", "{n:case is|cases are} drafted.").format(n=len(result))


def _may_be_disputed(kind: ErrataKind) -> bool:
    return kind is not ErrataKind.DATA_WRONG and (FACTS[kind].online or kind is ErrataKind.BAD_PHOTO)
