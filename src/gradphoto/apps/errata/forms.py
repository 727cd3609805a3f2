"""The forms of errata: what each step of a case and of its paper asks for, and what a new case needs."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.db import transaction
from django.db.models import QuerySet

from gradphoto.apps.campaigns.actions import set_rule
from gradphoto.apps.campaigns.settings_keys import ERRATA_ROUTES
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.uploads import Kind
from gradphoto.apps.core.wording import bi, say
from gradphoto.apps.errata import lists, papers, steps
from gradphoto.apps.errata.drafting import Contact, Wrong, draft_case, draft_from_dispute, kind_of_dispute, last_contact
from gradphoto.apps.errata.kinds import FACTS, Channel, Corrector, ErrataKind, Paper
from gradphoto.apps.errata.models import AttachmentKind, CaseStatus, ErrataCase, ErrataForm, FormStatus, Origin
from gradphoto.apps.errata.reported import link_report
from gradphoto.apps.errata.routing import routes
from gradphoto.apps.orgs.scope import changeable, scoped
from gradphoto.apps.pages.fields import ChoiceField, DayField, RecordField, RecordsField, TextField, UploadField, wrong
from gradphoto.apps.pages.forms import ActionForm
from gradphoto.apps.schedule.models import CaptureSession, SessionStatus
from gradphoto.apps.verification.corrections import CorrectionsRefusal
from gradphoto.apps.verification.items import lines
from gradphoto.engine.wording import Wording

FILE_LIMIT_MB = 20
FILE_KINDS = (Kind.PDF, Kind.JPEG, Kind.PNG)
_ACCEPT = ".pdf,.jpg,.jpeg,.png"
_FILE = bi("文件（PDF、JPEG、PNG，至多 20 MB）", "File (PDF, JPEG, PNG, 20 MB at most)")
_ENTERED = Wording("已登记。", "Entered.")
_RIGHT = "right_"


class _Step(ActionForm):
    """A step of a case or of its paper."""

    def done_message(self, result: Any) -> Wording:
        return Wording(f"{self.button.zh}：已登记。", f"{self.button.en}: entered.")


class _Sending(_Step):
    button = Wording("登记寄出", "Enter as sent")
    on = DayField(label=bi("日期", "Day"), past=True, today=True, css="col-6")
    channel = ChoiceField(Channel, label=bi("方式", "Way"), css="col-6")
    to = TextField(label=bi("收件人或部门", "To whom"), max_length=120)


class SendCase(_Sending):
    action = "errata.send_case"

    @classmethod
    def is_offered(cls, actor: Actor, target: ErrataCase) -> bool:
        waits = target.needs_seal and target.status == CaseStatus.DRAFTED
        return not waits and _goes_alone(target) and super().is_offered(actor, target)


class _Receiving(_Step):
    button = Wording("登记收到", "Enter as received")
    on = DayField(label=bi("对方收到日期", "Received on"), past=True, today=True)


class ReceiveCase(_Receiving):
    action = "errata.receive_case"

    @classmethod
    def is_offered(cls, actor: Actor, target: ErrataCase) -> bool:
        return _goes_alone(target) and super().is_offered(actor, target)


def _goes_alone(case: ErrataCase) -> bool:
    """A case on a form is sent and received with it."""
    return case.form is None or case.form.status == FormStatus.RECEIVED


class _Result(_Step):
    """What the corrector did, and when."""

    result: ClassVar[str]
    on = DayField(label=bi("日期", "Day"), past=True, today=True, css="col-5")
    note = TextField(
        label=bi("备注（如快递单号）", "Note (e.g. parcel no.)"), max_length=200, required=False, css="col-7"
    )

    @classmethod
    def is_offered(cls, actor: Actor, target: ErrataCase) -> bool:
        return cls.result in target.facts.results and super().is_offered(actor, target)


class CorrectCase(_Result):
    action = "errata.correct_case"
    result = "corrected"
    button = Wording("登记已更正", "Enter as corrected")

    @classmethod
    def is_offered(cls, actor: Actor, target: ErrataCase) -> bool:
        return target.reshoot_id is None and steps.mends(actor, target) and super().is_offered(actor, target)


class ReissueCase(_Result):
    action = "errata.reissue_case"
    result = "reissued"
    button = Wording("登记已补发", "Enter as re-issued")

    @classmethod
    def is_offered(cls, actor: Actor, target: ErrataCase) -> bool:
        return steps.mends(actor, target) and super().is_offered(actor, target)


class ReshootCase(_Result):
    action = "errata.reshoot_case"
    result = "reshot"
    button = Wording("登记已重拍", "Enter as reshot")

    @classmethod
    def is_offered(cls, actor: Actor, target: ErrataCase) -> bool:
        return target.reshoot_id is not None and super().is_offered(actor, target)


def open_sessions(actor: Actor, case: ErrataCase | None) -> QuerySet[CaptureSession]:
    """The sessions of the case's campaign that are open now."""
    mine = scoped(actor, CaptureSession)
    return mine.filter(campaign=case.campaign_id, status=SessionStatus.OPEN) if case else mine.none()


class SeatForReshoot(_Step):
    action = "errata.seat_for_reshoot"
    button = Wording("到场免费重拍", "Shoot again, free")
    session = RecordField(open_sessions, label=bi("进行中的场次", "Open session"), empty_label=None)
    nonce = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    @classmethod
    def is_offered(cls, actor: Actor, target: ErrataCase) -> bool:
        reshot = "reshot" in target.facts.results and target.reshoot_id is None
        return reshot and super().is_offered(actor, target)


class ConfirmCase(_Step):
    action = "errata.confirm_case"
    button = Wording("核对无误，确认", "It is right: confirm")


class FileCase(_Step):
    action = "errata.file_case"
    button = Wording("归档", "File the copy")
    place = TextField(
        label=bi("留底存放处", "Where the copy lies"),
        max_length=120,
        example=Wording("例如：教务处档案柜 A3", "E.g. registry, cabinet A3"),
    )


class _Reason(_Step):
    reason = TextField(label=bi("原因", "Reason"), max_length=200)


class ReturnResult(_Reason):
    action = "errata.return_result"
    button = Wording("退回", "Send back")


class RefuseCase(_Reason):
    action = "errata.refuse_case"
    button = Wording("登记不受理", "Enter as refused")


class WithdrawCase(_Reason):
    action = "errata.withdraw_case"
    button = Wording("撤回", "Withdraw")


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


class AttachFile(ActionForm):
    action = "errata.attach_file"
    said = Wording("附件已保存。", "The file is kept.")
    button = Wording("保存", "Save")
    kind = ChoiceField(AttachmentKind, label=bi("种类", "Kind"), css="col-sm-4")
    note = TextField(label=bi("备注", "Remarks"), max_length=120, required=False, css="col-sm-8")
    file = UploadField(*FILE_KINDS, limit_mb=FILE_LIMIT_MB, accept=_ACCEPT, label=_FILE)

    def arguments(self) -> dict[str, Any]:
        upload = self.cleaned_data["file"]
        known = {name: self.cleaned_data[name] for name in ("kind", "note")}
        return {**known, "data": upload.data, "media_type": upload.media_type}


CASE_STEPS: tuple[type[ActionForm], ...] = (
    SendCase, ReceiveCase, SeatForReshoot, CorrectCase, ReissueCase, ReshootCase, ConfirmCase, FileCase, ReturnResult,
    RefuseCase, WithdrawCase,
)  # fmt: skip
CASE_FORMS: tuple[type[ActionForm], ...] = (*CASE_STEPS, EditCase, AttachFile)


class SealForm(ActionForm):
    action = "errata.seal_form"
    said = _ENTERED
    button = Wording("登记盖章", "Enter the seal")
    seal_of = TextField(label=bi("印章", "Seal"), max_length=120)
    signed_by = TextField(label=bi("签字人", "Signed by"), max_length=60, css="col-6")
    signed_role = TextField(label=bi("职务", "Office"), max_length=60, required=False, css="col-6")
    on = DayField(label=bi("盖章日期", "Sealed on"), past=True, today=True)
    file = UploadField(
        *FILE_KINDS, limit_mb=FILE_LIMIT_MB, accept=_ACCEPT,
        label=bi("盖章后的扫描件（PDF、JPEG、PNG，至多 20 MB）", "Scan of the sealed form (PDF, JPEG, PNG, 20 MB at most)"),
    )  # fmt: skip

    @classmethod
    def starts_with(cls, actor: Actor, target: ErrataForm) -> Mapping[str, Any]:
        return {"seal_of": target.organisation.name}

    @classmethod
    def is_offered(cls, actor: Actor, target: ErrataForm) -> bool:
        return needs_seal(target) and super().is_offered(actor, target)

    def arguments(self) -> dict[str, Any]:
        known = self.cleaned_data
        seal = papers.Seal(known["seal_of"], known["signed_by"], known["signed_role"], known["on"])
        return {"seal": seal, "data": known["file"].data, "media_type": known["file"].media_type}


class SendForm(_Sending):
    action = "errata.send_form"

    @classmethod
    def is_offered(cls, actor: Actor, target: Any) -> bool:
        ready = target.cases.exists() and (target.status == FormStatus.SEALED or not needs_seal(target))
        return ready and super().is_offered(actor, target)


class ReceiveForm(_Receiving):
    action = "errata.receive_form"


class DissolveForm(ActionForm):
    action = "errata.dissolve_form"
    said = Wording("已撤销，勘误恢复为草稿。", "Dissolved; its cases are drafts again.")
    button = Wording("撤销", "Undo")

    @classmethod
    def is_offered(cls, actor: Actor, target: ErrataForm) -> bool:
        open_now = target.status == FormStatus.DRAFTED and target.cases.exists()
        return open_now and super().is_offered(actor, target)


def needs_seal(form: ErrataForm) -> bool:
    """Whether a case on the form may only be sent sealed (R71)."""
    return any(case.needs_seal for case in form.cases.all())


PAPER_FORMS: tuple[type[ActionForm], ...] = (SealForm, SendForm, ReceiveForm, DissolveForm)


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


class RoutesForm(ActionForm):
    """Who corrects what in a campaign (R167, B10), changed with its source."""

    action = "campaigns.set_rule"
    button = Wording("保存流转表", "Save the table")
    said = Wording("流转表已更新。", "The routing table is changed.")
    source = TextField(
        label=bi("依据", "Source"),
        max_length=200,
        css="col-sm-7",
        example=Wording("文件名称或文号", "Document or its number"),
    )
    since = DayField(label=bi("生效日期", "Effective from"), today=True, css="col-sm-5")

    def __init__(self, actor: Actor, target: Any = None, data: Any = None, files: Any = None, **options: Any) -> None:
        super().__init__(actor, target, data, files, **options)
        self.table = list(routes(target))
        for route in self.table:
            empty = bi("同上", "As above") if route.is_field else "—"
            self.fields[f"route_{route.key}"] = forms.ChoiceField(
                choices=[("", empty), *Corrector.choices],
                required=False,
                initial=route.corrector,
                label=say(route.title),
            )

    @classmethod
    def is_offered(cls, actor: Actor, target: Any) -> bool:
        return super().is_offered(actor, target.rule_set)

    @property
    def route_rows(self) -> list[tuple[Any, Any]]:
        return [(route, self[f"route_{route.key}"]) for route in self.table]

    @property
    def fact_fields(self) -> list[Any]:
        return [self["source"], self["since"]]

    def perform(self) -> None:
        known = self.cleaned_data
        table = {route.key: known[f"route_{route.key}"] for route in self.table}
        set_rule(
            self.actor,
            self.target.rule_set,
            key=ERRATA_ROUTES,
            value={key: who for key, who in table.items() if who},
            source=known["source"],
            effective_from=known["since"],
        )
