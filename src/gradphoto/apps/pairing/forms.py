"""The forms of a session's pairing: carry out what is ticked, bind by hand, tell a camera's clock, decide a repair."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django import forms

from gradphoto.apps.capture.models import Alarm, CheckIn, Frame
from gradphoto.apps.capture.room.sessions import FACES
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.wording import bi, say
from gradphoto.apps.orgs.scope import scoped
from gradphoto.apps.pages.fields import RecordField, TextField, wrong
from gradphoto.apps.pages.forms import ActionForm
from gradphoto.apps.pairing.models import Repair, RepairState
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.schedule.models import CaptureSession
from gradphoto.engine.wording import Wording

_REASON = bi("原因（记入审计）", "Reason (kept in the audit trail)")


def _frames(actor: Actor, session: CaptureSession) -> Any:
    return scoped(actor, Frame).filter(session=session)


def _repairs(actor: Actor, session: CaptureSession) -> Any:
    return session.repairs.all()


class _Ticked(forms.MultipleChoiceField):
    """Keys of faults: which there are, the action finds out anew from the locked rows."""

    def valid_value(self, value: Any) -> bool:
        return True


class _RepairForm(ActionForm):
    """A form whose action moves frames, or asks a second person to."""

    def done_message(self, result: Repair) -> Wording:
        if result.state == RepairState.AWAITS_SECOND:
            return Wording("已记录，等待第二人同意后执行。", "Recorded; it is carried out when a second person agrees.")
        return Wording("已修复；涉及的人须重新现场确认。", "Repaired; the persons concerned are confirmed anew.")


class ApplyRepair(_RepairForm):
    action = "pairing.apply_repair"
    fingerprint = forms.CharField(widget=forms.HiddenInput(), max_length=64)
    faults = _Ticked(label=bi("勾选的项目", "What is ticked"), required=False)
    reason = TextField(label=_REASON, max_length=200)


class KeepPairing(ActionForm):
    """The ticked faults are none: the record stays as it is. It shares its fields' places with :class:`ApplyRepair`."""

    action = "pairing.keep_pairing"
    said = Wording("已保留原样，不再作为建议。", "Kept as it is; it is proposed no more.")
    fingerprint = forms.CharField(widget=forms.HiddenInput(), max_length=64)
    faults = _Ticked(label=bi("勾选的项目", "What is ticked"), required=False)
    reason = TextField(label=_REASON, max_length=200)


class RebindFrame(_RepairForm):
    action = "pairing.rebind_frame"
    button = Wording("对应", "Bind")
    fingerprint = forms.CharField(widget=forms.HiddenInput(), max_length=64)
    frame = RecordField(_frames, label=bi("本段的照片", "Frame of this section"))
    number = TextField(
        label=bi("拍摄序号（空为无人）", "Number (empty: nobody)"),
        max_length=8,
        required=False,
        attrs={"inputmode": "numeric"},
    )
    exchange = forms.BooleanField(label=bi("互换", "Exchange"), required=False)
    reason = TextField(label=_REASON, max_length=200)

    def clean_number(self) -> CheckIn | None:
        """Whose frame it becomes; empty: nobody's."""
        number: str = self.cleaned_data["number"]
        if not number:
            return None
        known = scoped(self.actor, CheckIn).filter(session=self.target)
        found = known.filter(shooting_number=int(number)).first() if number.isascii() and number.isdigit() else None
        if found is None:
            raise wrong(
                "capture.repair_number_unknown",
                f"本场次没有拍摄序号 {number}。请核对序号；留空表示不对应任何人。",
                f"This session has no shooting number {number}. Check the number; leave it empty for nobody.",
            )
        return found

    def arguments(self) -> dict[str, Any]:
        given = dict(self.cleaned_data)
        return given | {"check_in": given.pop("number")}


class EnterClock(ActionForm):
    """How far a camera's clock is ahead, as somebody read it off both."""

    action = "capture.record_camera_clock"
    button = Wording("填写并重新核查", "Enter and look again")
    said = Wording("已记录，建议已按此重新计算。", "Kept; the proposal was made anew by it.")
    camera = forms.ChoiceField(label=bi("相机", "Camera"))
    offset_s = TextField(
        label=bi("相机时间减电脑时间（秒），如 12.5 或 -3", "Camera time minus computer time in seconds, such as 12.5 or -3"),
        max_length=12, attrs={"inputmode": "decimal"},
    )  # fmt: skip

    def __init__(self, actor: Actor, target: CaptureSession, *args: Any, **options: Any) -> None:
        super().__init__(actor, target, *args, **options)
        known = target.frames.order_by("chair", "camera_serial").values_list("chair", "camera_serial").distinct()
        several = target.chairs > 1

        def choices() -> list[tuple[str, str]]:
            return [(f"{chair}/{one}", f"{f'{chair} · ' if several else ''}{one or '—'}") for chair, one in known]

        self.fields["camera"].choices = choices  # type: ignore[attr-defined]

    def clean_offset_s(self) -> float:
        try:
            return float(self.cleaned_data["offset_s"].replace("，", ".").replace(",", "."))
        except ValueError:
            raise wrong(
                "capture.clock_offset",
                "时间差不是合理的秒数。请填写相机时间减电脑时间的秒数，例如 12.5 或 -3。",
                "The difference is no sensible number of seconds. Give camera time minus computer time, such as 12.5.",
            ) from None

    def arguments(self) -> dict[str, Any]:
        chair, _, serial = self.cleaned_data["camera"].partition("/")
        offset_s = self.cleaned_data["offset_s"]
        return {"camera_serial": serial, "chair": int(chair), "offset_s": offset_s, "by_hand": True}


class AgreeRepair(_RepairForm):
    action = "pairing.agree_repair"
    button = Wording("同意并执行", "Agree and carry out")
    repair = RecordField(_repairs, label=bi("修复", "Repair"), widget=forms.HiddenInput())


class WithdrawRepair(ActionForm):
    action = "pairing.withdraw_repair"
    button = Wording("撤回", "Withdraw")
    said = Wording("已撤回，没有改动。", "Withdrawn; nothing was changed.")
    repair = RecordField(_repairs, label=bi("修复", "Repair"), widget=forms.HiddenInput())
    reason = TextField(label=bi("撤回原因", "Reason for withdrawing"), max_length=200)


class UndoRepair(ActionForm):
    action = "pairing.undo_repair"
    button = Wording("撤销最近一次修复", "Undo the last repair")
    said = Wording("已恢复到修复之前。", "As it was before the repair.")
    repair = RecordField(_repairs, label=bi("修复", "Repair"), widget=forms.HiddenInput())
    reason = TextField(label=bi("撤销原因", "Reason for undoing"), max_length=200)


def _asking(actor: Actor, session: CaptureSession) -> Any:
    return scoped(actor, Alarm).filter(session=session, kind=FACES, settled_at=None)


class _AlarmField(RecordField):
    """An alarm by its own sentence."""

    def label_from_instance(self, alarm: Alarm) -> str:
        return say(Wording(**alarm.sentence))


class SettleFaces(ActionForm):
    """Both faces were looked at: what it was."""

    action = "pairing.settle_faces"
    button = Wording("已看过，写明情况", "Looked at: say what it was")
    said = Wording(
        "已处理；是否换人由您的说明为准，分数不作结论。", "Settled by what you said; the score decides nothing."
    )
    alarm = _AlarmField(_asking, label=bi("哪一条提示", "Which hint"))
    note = TextField(
        label=bi("情况（记入审计）", "What it was (kept in the audit trail)"), max_length=200,
        example=Wording("例如：双胞胎，已核对两人证件", "e.g. twins, both cards compared"),
    )  # fmt: skip


class NoteConsents(ActionForm):
    """The sheets with the consents of a session have come in, signed."""

    action = "pairing.note_consents"
    button = Wording("登记已签同意", "Enter the signed consents")
    paper = TextField(label=bi("签字同意书的编号或存放处", "Number or place of the signed sheets"), max_length=120)
    not_signed = TextField(
        label=bi("没有签字的学号（空格分隔；不签的人不比对）", "Student numbers without a signature (with spaces); they are left out"),
        max_length=4000, required=False,
    )  # fmt: skip

    def done_message(self, result: int) -> Wording:
        return Wording(f"已登记 {result} 人的同意。", f"{result} consents entered.")

    def arguments(self) -> dict[str, Any]:
        numbers = re.split(r"[\s,，、;；]+", self.cleaned_data["not_signed"])
        return {"paper": self.cleaned_data["paper"], "not_signed": [one for one in numbers if one]}


class WithdrawConsent(ActionForm):
    """Somebody takes the consent back."""

    action = "pairing.withdraw_consent"
    button = Wording("撤回同意", "Take the consent back")
    said = Wording(
        "已撤回：此人的照片不再比对，提示已删除。", "Taken back: nothing of theirs is compared, hints are removed."
    )
    student_no = TextField(label=bi("学号", "Student no."), max_length=40)

    def clean_student_no(self) -> Candidate:
        """Anybody of the campaign: who agreed may stand on no list of a session any more, and take it back all the same."""
        mine = scoped(self.actor, Candidate).filter(campaign=self.target.campaign_id)
        found = mine.filter(student_no=self.cleaned_data["student_no"]).first()
        if found is None:
            raise wrong(
                "pairing.consent_unknown",
                "本批次没有这个学号。请核对。",
                "This campaign has no such student number. Check it.",
            )
        return found

    def arguments(self) -> dict[str, Any]:
        return {"candidate": self.cleaned_data["student_no"]}


FACE_FORMS = (SettleFaces, NoteConsents, WithdrawConsent)
FORMS = (*FACE_FORMS, ApplyRepair, KeepPairing, RebindFrame, EnterClock, AgreeRepair, WithdrawRepair, UndoRepair)


def starting(fingerprint: str, waiting: Repair | None, last: Repair | None) -> dict[str, Mapping[str, Any]]:
    """What stands in the page's forms that nobody types: the state that is looked at, the repair that is decided."""
    return {
        "apply_repair": {"fingerprint": fingerprint},
        "keep_pairing": {"fingerprint": fingerprint},
        "rebind_frame": {"fingerprint": fingerprint},
        "agree_repair": {"repair": waiting},
        "withdraw_repair": {"repair": waiting},
        "undo_repair": {"repair": last},
    }
