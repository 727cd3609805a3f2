"""The forms of a make-up case: asked for, decided, booked, attended, delivered; and what is done for many at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db import transaction
from django.db.models import QuerySet

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.uploads import Kind
from gradphoto.apps.core.wording import bi
from gradphoto.apps.makeup import cases, forms_out, queries
from gradphoto.apps.makeup.models import CaseStatus, DeliveryRecipient, MakeUpCase, MakeUpSlot, ReasonKind, Way
from gradphoto.apps.makeup.providers import carrier_of
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.orgs.permissions import holds
from gradphoto.apps.orgs.policy import is_same_person
from gradphoto.apps.orgs.scope import changeable, scoped
from gradphoto.apps.pages.fields import ChoiceField, RecordField, RecordsField, TextField, UploadField
from gradphoto.apps.pages.forms import FIGURES, ActionForm, Form
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.schedule.models import CaptureSession, SessionStatus
from gradphoto.engine.standards.make_up import branches
from gradphoto.engine.wording import Wording

MAILED_LIMIT_MB = 30
_DONE = Wording("已办理。", "Done.")
_UNITS = ("school", "department", "learning_centre")


def _seen(actor: Actor, target: Any = None) -> QuerySet[MakeUpCase]:
    return scoped(actor, MakeUpCase).select_related("candidate__department", "candidate__campaign")


class Code(Form):
    """The personal code as it was scanned."""

    code = TextField(
        label=bi("二维码内容", "QR content"),
        max_length=400,
        attrs={**FIGURES, "autofocus": "", "class": "form-control-lg figures"},
    )


# a case asked for ------------------------------------------------------------------------------------------------------


class _Reasons(ActionForm):
    """Why, and by which way: the same for a request and for its approval."""

    reason_kind = ChoiceField(ReasonKind, label=bi("原因", "Reason"))
    reason = TextField(
        label=bi("说明", "Note"), max_length=200, required=False,
        help_text=bi("除“当日漏拍”外必填", "Needed for all but “missed on the day”"),
    )  # fmt: skip
    way = ChoiceField(Way, label=bi("方式", "Way"), initial=Way.CENTRE)
    branch = forms.ChoiceField(
        label=bi("外省分社", "Branch in another province"), required=False,
        help_text=bi("仅在外省拍摄时选择", "Only for another province"),
    )  # fmt: skip

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        branch: Any = self.fields["branch"]
        branch.choices = [("", ""), *((one.name, one.name) for one in branches())]


class ApplyFor(_Reasons):
    """A single request by the school for somebody who cannot come."""

    action = "makeup.apply_for"
    button = Wording("提出申请", "Ask for it")
    said = Wording("已提出申请。", "Asked for.")
    candidate = RecordField(
        lambda actor, target: changeable(actor, Candidate, "makeup.open"), label=bi("学生", "Student")
    )

    @classmethod
    def is_offered(cls, actor: Actor, target: Any) -> bool:
        return holds(actor.user, "makeup.open")

    def perform(self) -> MakeUpCase:
        asked = dict(self.cleaned_data)
        return cases.apply_for(self.actor, asked.pop("candidate"), **asked)


class ApproveCase(_Reasons):
    action = "makeup.approve_case"
    button = Wording("批准", "Approve")
    said = _DONE

    @classmethod
    def is_offered(cls, actor: Actor, target: MakeUpCase) -> bool:
        return not is_same_person(actor, target.opened_by_id) and super().is_offered(actor, target)

    @classmethod
    def starts_with(cls, actor: Actor, target: MakeUpCase) -> Mapping[str, Any]:
        return {name: getattr(target, name) for name in ("reason_kind", "reason", "way", "branch")}


class RefuseCase(ActionForm):
    action = "makeup.refuse_case"
    button = Wording("不批准（写明原因）", "Refuse, with the reason")
    said = _DONE
    reason = TextField(label=bi("原因", "Reason"), max_length=200)


class CancelCase(ActionForm):
    action = "makeup.cancel_case"
    button = Wording("取消补拍", "Cancel the case")
    said = _DONE
    reason = TextField(label=bi("原因", "Reason"), max_length=200)


# booked, attended, delivered -------------------------------------------------------------------------------------------


def _slots(actor: Actor, case: MakeUpCase) -> QuerySet[MakeUpSlot]:
    centre = case.candidate.campaign.centre_id
    return MakeUpSlot.objects.select_related("calendar__centre").filter(calendar__centre=centre)


class Book(ActionForm):
    """A half-hour, chosen by its own button: the page lays it out (``makeup/halves.html``)."""

    action = "makeup.book"
    said = Wording("已预约。", "Booked.")
    slot = RecordField(_slots, label=bi("半小时时段", "Half-hour"))

    @classmethod
    def is_offered(cls, actor: Actor, target: MakeUpCase) -> bool:
        return target.way == Way.CENTRE and super().is_offered(actor, target)


class BookByTelephone(ActionForm):
    action = "makeup.book_by_telephone"
    button = Wording("登记电话预约", "Record it")
    said = _DONE
    at = forms.DateTimeField(label=bi("时间", "Time"), widget=forms.DateTimeInput({"type": "datetime-local"}))
    place = TextField(label=bi("地点", "Place"), max_length=160)
    exception = TextField(
        label=bi("例外原因", "Reason for the exception"), max_length=200, required=False,
        help_text=bi("仅在日期不在补拍时段内时必填", "Needed for a day outside the make-up season only"),
    )  # fmt: skip

    @classmethod
    def is_offered(cls, actor: Actor, target: MakeUpCase) -> bool:
        return target.way != Way.MAIL and super().is_offered(actor, target)

    @classmethod
    def starts_with(cls, actor: Actor, target: MakeUpCase) -> Mapping[str, Any]:
        branch = queries.branch_of(target)
        return {"place": branch.address if branch else ""}


class ReleaseBooking(ActionForm):
    action = "makeup.release_booking"
    button = Wording("仅取消预约", "Only the appointment")
    said = _DONE
    reason = TextField(label=bi("原因", "Reason"), max_length=200, required=False)


class MarkNoShow(ActionForm):
    action = "makeup.mark_no_show"
    button = Wording("未到场", "Did not come")
    said = _DONE


class Wait(ActionForm):
    action = "makeup.wait"
    button = Wording("登记候补", "Join")
    said = _DONE
    calendar = RecordField(
        lambda actor, case: queries.calendars_of(case.candidate.campaign.centre_id), label=bi("补拍点", "Place"),
        empty_label=None,
    )  # fmt: skip

    @classmethod
    def is_offered(cls, actor: Actor, target: MakeUpCase) -> bool:
        due = target.status in (CaseStatus.FILLED, CaseStatus.NO_SHOW) and target.way == Way.CENTRE
        return due and getattr(target, "waiting", None) is None and super().is_offered(actor, target)


class Attend(ActionForm):
    action = "makeup.attend"
    button = Wording("登记到场", "Attended")
    said = _DONE
    student_card = forms.BooleanField(label=bi("已查验学生证", "Student card seen"))
    id_card = forms.BooleanField(label=bi("已查验身份证", "ID card seen"))


class Deliver(ActionForm):
    action = "makeup.deliver"
    button = Wording("登记交付", "Delivered")
    said = _DONE
    received_by = TextField(label=bi("签收人", "Received by"), max_length=60)

    @classmethod
    def is_offered(cls, actor: Actor, target: MakeUpCase) -> bool:
        return super().is_offered(actor, target) and bool(carrier_of(target))

    @classmethod
    def starts_with(cls, actor: Actor, target: MakeUpCase) -> Mapping[str, Any]:
        return {"received_by": target.recipient.name if target.recipient else ""}


CASE_FORMS = (
    ApproveCase, RefuseCase, Attend, MarkNoShow, Deliver, Book, BookByTelephone, Wait, ReleaseBooking, CancelCase,
)  # fmt: skip


class Seat(Form):
    """Into which session's chair."""

    session = forms.ModelChoiceField(CaptureSession.objects.filter(status=SessionStatus.OPEN))


class TakeMailed(ActionForm):
    """A scan of a mailed photograph or an electronic image (R146)."""

    action = "makeup.take_mailed"
    button = Wording("接收并测量", "Take in and measure")
    file = UploadField(
        Kind.JPEG, limit_mb=MAILED_LIMIT_MB, accept=".jpg,.jpeg",
        label=bi("照片（扫描件或电子图像）", "Picture (scan or electronic image)"),
        help_text=bi("JPG，不超过 30 MB；原样保存，不修饰", "JPG up to 30 MB; kept as it is, never retouched"),
    )  # fmt: skip
    origin = TextField(
        label=bi("来件方式", "How it came"), max_length=200,
        example=Wording("例如：部队挂号信，2026-11-20 收到", "e.g. registered letter, received 2026-11-20"),
    )  # fmt: skip

    def arguments(self) -> dict[str, Any]:
        """The file's own name may tell who it is: it is not kept."""
        name = f"mailed-{self.target.pk}.jpg"
        return {"data": self.cleaned_data["file"].data, "file_name": name, "origin": self.cleaned_data["origin"]}

    def done_message(self, result: Any) -> Wording:
        return Wording("已接收，拍摄序号 {n}，待人工复核。", "Taken in as {n}; a person reviews it next.").format(
            n=result.number_label
        )


# many, and what cases need ---------------------------------------------------------------------------------------------


class ApproveMany(ActionForm):
    """All that are ticked and still wait."""

    own = 0
    action = "makeup.approve_many"
    case = RecordsField(_seen, label=bi("人员", "Persons"))

    @classmethod
    def is_offered(cls, actor: Actor, target: Any) -> bool:
        return holds(actor.user, "makeup.approve")

    def perform(self) -> int:
        """Those that another person asked for; where all are one's own, the refusal that says so."""
        waiting = [case for case in self.cleaned_data["case"] if case.status == CaseStatus.APPLIED]
        others = [case for case in waiting if not is_same_person(self.actor, case.opened_by_id)]
        for case in waiting[:1] if not others else ():
            cases.require_another(self.actor, case)
        with transaction.atomic():
            for case in others:
                cases.approve_case(self.actor, case)
        self.own = len(waiting) - len(others)
        return len(others)

    def done_message(self, result: int) -> Wording:
        if self.own:
            told = Wording(
                "已批准 {n} 件；您自己申请的 {m} 件须由另一人批准。",
                "{n} approved; the {m} that you asked for yourself need another person.",
            )
            return told.format(n=result, m=self.own)
        return Wording("已批准 {n} 件。", "{n} approved.").format(n=result)


class MakeSlips(ActionForm):
    """Form QR codes for all that are ticked, whatever their state (R144); every print is on record."""

    action = "makeup.issue_forms"
    said = Wording("", "")
    case = RecordsField(_seen, label=bi("人员", "Persons"))

    @classmethod
    def is_offered(cls, actor: Actor, target: Any) -> bool:
        return holds(actor.user, "makeup.ask")

    def perform(self) -> Any:
        return forms_out.issue_forms(self.actor, self.cleaned_data["case"])


class ExpireOverdue(ActionForm):
    """Close what the season has left open."""

    action = "makeup.expire_overdue"
    button = Wording("按截止日期关闭", "Close them")
    campaign = RecordField(
        lambda actor, target: scoped(actor, Campaign), label=bi("批次", "Campaign"), empty_label=None
    )

    @classmethod
    def is_offered(cls, actor: Actor, target: Any) -> bool:
        return holds(actor.user, "makeup.approve")

    def perform(self) -> int:
        return cases.expire_overdue(self.actor, self.cleaned_data["campaign"])

    def done_message(self, result: int) -> Wording:
        return Wording("已按截止日期关闭 {n} 件。", "{n} closed at the end of the season.").format(n=result)


class SetRecipient(ActionForm):
    """Who receives make-up photographs for a unit (R141, R147)."""

    action = "makeup.set_recipient"
    campaign = RecordField(
        lambda actor, target: scoped(actor, Campaign).select_related("school"), label=bi("批次", "Campaign"),
        empty_label=None, css="col-md-6",
    )  # fmt: skip
    unit = RecordField(
        lambda actor, target: changeable(actor, Organisation, "makeup.ask").filter(kind__in=_UNITS),
        label=bi("单位", "Organisation"), empty_label=None, css="col-md-6",
    )  # fmt: skip
    name = TextField(label=bi("收件人", "Recipient"), max_length=60, css="col-md-6")
    phone = TextField(label=bi("电话", "Telephone"), max_length=30, css="col-md-6", attrs={"inputmode": "tel"})
    address = TextField(label=bi("详细地址", "Full address"), max_length=200, css="col-md-8")
    postcode = TextField(label=bi("邮编", "Postcode"), max_length=10, required=False, css="col-md-4")

    @classmethod
    def is_offered(cls, actor: Actor, target: Any) -> bool:
        return holds(actor.user, "makeup.ask")

    def perform(self) -> DeliveryRecipient:
        asked = dict(self.cleaned_data)
        return cases.set_recipient(self.actor, asked.pop("campaign"), **asked)


LIST_FORMS = (ApproveMany, MakeSlips, ExpireOverdue)


class OpenMissed(ActionForm):
    """The missed of a session, ticked class by class, with the reason as entered for each; the page lays it out."""

    action = "makeup.open_missed"
    candidate = RecordsField(lambda actor, missed: missed.people, label=bi("人员", "Persons"))

    def __init__(self, actor: Actor, target: Any = None, data: Any = None, files: Any = None, **options: Any) -> None:
        super().__init__(actor, target, data, files, **options)
        for person in target.people:
            self.fields[f"kind_{person.pk}"] = ChoiceField(
                ReasonKind, label=bi("原因", "Reason"), required=False, initial=ReasonKind.MISSED
            )
            self.fields[f"why_{person.pk}"] = TextField(
                label=bi("说明", "Note"), max_length=200, required=False,
                example=Wording("说明（特殊原因必填）", "Note (needed for a special reason)"),
            )  # fmt: skip

    @classmethod
    def is_offered(cls, actor: Actor, target: Any) -> bool:
        return holds(actor.user, "makeup.open")

    def perform(self) -> list[MakeUpCase]:
        asked = self.cleaned_data
        chosen = [person.pk for person in asked["candidate"]]
        told = {pk: (asked[f"kind_{pk}"] or "", asked[f"why_{pk}"]) for pk in chosen}
        people = self.target.people.filter(pk__in=chosen).order_by()
        return cases.open_missed(self.actor, self.target.session, candidates=people, reasons=told)

    def done_message(self, result: list[MakeUpCase]) -> Wording:
        return Wording("已建立 {n} 件补拍。", "{n} make-up cases opened.").format(n=len(result))
