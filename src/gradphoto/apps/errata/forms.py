"""The forms of errata: what each step of a case and of its paper asks for, and what a new case needs."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet

from gradphoto.apps.campaigns.actions import set_rule
from gradphoto.apps.campaigns.settings_keys import ERRATA_ROUTES
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.uploads import Kind
from gradphoto.apps.core.wording import bi, say
from gradphoto.apps.errata import papers, steps
from gradphoto.apps.errata.drafting_forms import EditCase
from gradphoto.apps.errata.kinds import Channel, Corrector
from gradphoto.apps.errata.models import AttachmentKind, CaseStatus, ErrataCase, ErrataForm, FormStatus
from gradphoto.apps.errata.routing import routes
from gradphoto.apps.orgs.scope import scoped
from gradphoto.apps.pages.fields import ChoiceField, DayField, RecordField, TextField, UploadField
from gradphoto.apps.pages.forms import ActionForm
from gradphoto.apps.schedule.models import CaptureSession, SessionStatus
from gradphoto.engine.wording import Wording

FILE_LIMIT_MB = 20
FILE_KINDS = (Kind.PDF, Kind.JPEG, Kind.PNG)
_ACCEPT = ".pdf,.jpg,.jpeg,.png"
_FILE = bi("文件（PDF、JPEG、PNG，至多 20 MB）", "File (PDF, JPEG, PNG, 20 MB at most)")
_ENTERED = Wording("已登记。", "Entered.")


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
