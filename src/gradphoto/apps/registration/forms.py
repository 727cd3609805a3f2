"""The forms of registration: the steps of the review, one by one and for many, proposals after it, the ledger's file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.urls import reverse

from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.core.actions import may
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import REASON_LENGTH
from gradphoto.apps.core.jobs import enqueue
from gradphoto.apps.core.wording import bi, say
from gradphoto.apps.orgs.permissions import holds
from gradphoto.apps.orgs.scope import scoped
from gradphoto.apps.pages.fields import ChoiceField, RecordField, RecordsField, SomeOf, TextField
from gradphoto.apps.pages.forms import ActionForm
from gradphoto.apps.pages.listing import Asked
from gradphoto.apps.pages.models import Export
from gradphoto.apps.registration import actions, bulk
from gradphoto.apps.registration.models import (
    EntryKind,
    ExportFormat,
    LedgerEntry,
    PhotoAddition,
    Review,
    ReviewStatus,
)
from gradphoto.apps.registration.queries import BY_KEY, CONFIRMED, LACKING, Stage, at_stage
from gradphoto.apps.roster.person_filter import campaigns_of
from gradphoto.apps.verification.items import BY_FIELD, ITEMS
from gradphoto.apps.verification.models import VerificationCase
from gradphoto.apps.verification.queries import before_closing_day, newest_delivered, unfinished_seasons
from gradphoto.engine.wording import Wording

_RETURNABLE = (ReviewStatus.APPLIED.value, ReviewStatus.HEAD_APPROVED.value)


# many at once ----------------------------------------------------------------------------------------------------------


class _OfStage(ActionForm):
    """A step for many of one stage; the target is the list as it is asked for (``lists.REVIEWS``)."""

    @property
    def stage(self) -> Stage:
        return BY_KEY[self.target.value("stage")]

    def done_message(self, result: Any) -> Wording:
        return Wording("已办理 {n} 人。", "{n} done.").format(n=result.done)


class AdvanceTicked(_OfStage):
    """The stage's step for those ticked; each is a step of its own, refused or taken."""

    action = "registration.advance_reviews"
    cases = RecordsField(lambda actor, asked: scoped(actor, VerificationCase), label=bi("人员", "Persons"))

    @classmethod
    def is_offered(cls, actor: Actor, target: Asked) -> bool:
        stage = BY_KEY[target.value("stage")]
        return bool(stage.action) and bool(actor.user.roles & frozenset(map(str, stage.roles)))

    def perform(self) -> bulk.BulkResult:
        total = bulk.BulkResult()
        ticked = [case.pk for case in self.cleaned_data["cases"]]
        for campaign in campaigns_of(self.actor):
            if self.stage.key == CONFIRMED:
                cases = scoped(self.actor, VerificationCase).filter(pk__in=ticked, candidate__campaign=campaign)
                total += bulk.apply_confirmed(self.actor, campaign, cases=cases.select_related("candidate"))
            else:
                found = scoped(self.actor, Review).filter(case__in=ticked, case__candidate__campaign=campaign)
                reviews = found.select_related("case__candidate")
                total += bulk.advance_reviews(self.actor, campaign, action_name=self.stage.action, reviews=reviews)
        return total


class ReturnTicked(_OfStage):
    """Those ticked go back with one reason; each is a step of its own."""

    action = "registration.return_reviews"
    button = Wording("退回", "Send back")
    cases = RecordsField(lambda actor, asked: scoped(actor, VerificationCase), label=bi("人员", "Persons"))
    reason = TextField(label=bi("退回原因", "Reason for the return"), max_length=REASON_LENGTH)

    @classmethod
    def is_offered(cls, actor: Actor, target: Asked) -> bool:
        return target.value("stage") in _RETURNABLE and AdvanceTicked.is_offered(actor, target)

    def perform(self) -> bulk.BulkResult:
        found = scoped(self.actor, Review).filter(case__in=self.cleaned_data["cases"])
        reviews = found.select_related("case__candidate")
        return bulk.return_reviews(self.actor, reviews=reviews, reason=self.cleaned_data["reason"])


class AdvanceAll(_OfStage):
    """The stage's step for everyone asked for who has no corrections, in the background."""

    action = "registration.advance_all"
    said = Wording(
        "已转入后台办理，进度见“后台任务”；有更正的请逐人审核。",
        "Under way in the background, see “Jobs”; those with corrections are checked one by one.",
    )

    @classmethod
    def is_offered(cls, actor: Actor, target: Asked) -> bool:
        """Not while words are searched for: they would stand in the job."""
        return not target.value("q") and AdvanceTicked.is_offered(actor, target)

    def perform(self) -> None:
        chosen = at_stage(self.target.rows, self.stage.key).order_by().values("candidate__campaign").distinct()
        button = self.stage.button
        assert button is not None, "offered only where the stage has a step"
        words = Wording("批量办理：{zh}", "For all: {en}").format(zh=button.zh, en=button.en)
        for campaign in campaigns_of(self.actor).filter(pk__in=chosen):
            enqueue(
                "registration.advance_all",
                self.actor,
                words,
                {"user": self.actor.user.pk, "campaign": campaign.pk, "query": self.target.filter_query},
                organisation_id=campaign.school_id,
                result_url=f"{reverse('registration:reviews')}?stage={self.stage.key}",
            )

    def done_message(self, result: Any) -> Wording:
        return self.said


BULK_FORMS = (AdvanceTicked, ReturnTicked, AdvanceAll)


# one review ------------------------------------------------------------------------------------------------------------


class _Decided(ActionForm):
    """A step of one review; the next page says whose and how it stands now."""

    def done_message(self, result: Any) -> Wording:
        self.target.refresh_from_db(fields=["status"])
        return Wording("{who}：{state}", "{who}: {state}").format(
            who=str(self.target.case.candidate), state=self.target.get_status_display()
        )


class ApproveAtHeadOffice(_Decided):
    action = "registration.approve_at_head_office"
    button = Wording("总部审核通过", "Approve for the head office")


class ApproveNationally(_Decided):
    action = "registration.approve_nationally"
    button = Wording("国家中心审核通过", "Approve for the national centre")


class ReturnReview(_Decided):
    action = "registration.return_review"
    button = Wording("退回", "Send back")
    reason = TextField(label=bi("退回原因", "Reason for the return"), max_length=REASON_LENGTH, rows=2)


class ApplyAgain(_Decided):
    """Apply once more; unfounded corrections are withdrawn with it."""

    action = "registration.apply_again"
    button = Wording("重新申请审核", "Apply for the review again")
    withdraw = forms.MultipleChoiceField(
        label=bi("撤回没有依据的更正", "Withdraw unfounded corrections"),
        required=False,
        widget=SomeOf,
    )

    def __init__(self, actor: Actor, target: Any = None, data: Any = None, files: Any = None, **options: Any) -> None:
        super().__init__(actor, target, data, files, **options)
        pending = target.case.corrections.filter(applied_at__isnull=True, withdrawn_at__isnull=True)
        choices = [(one.field, say(BY_FIELD[one.field].title)) for one in pending]
        self.fields["withdraw"].choices = choices  # type: ignore[attr-defined]
        if not choices:
            self.fields["withdraw"].widget = forms.MultipleHiddenInput()


REVIEW_FORMS = (ApproveAtHeadOffice, ApproveNationally, ApplyAgain, ReturnReview)


# after registration ----------------------------------------------------------------------------------------------------


class ProposeCorrection(ActionForm):
    action = "registration.propose_correction"
    button = Wording("提交审核", "Propose")
    said = Wording("已提交，待学校总部审核。", "Proposed; the head office decides.")
    field = forms.ChoiceField(label=bi("项目", "Item"))
    entered = TextField(
        label=bi("正确内容", "Right value"), max_length=120, attrs={"autocomplete": "off"}, css="col-md-6"
    )
    reason = TextField(label=bi("原因和证明材料", "Reason and proof"), max_length=REASON_LENGTH)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field: Any = self.fields["field"]
        field.choices, field.css = [(item.field, say(item.title)) for item in ITEMS], "col-md-6"

    def refuse(self, error: Any) -> None:
        """What is wrong with the value stands beside the value, whichever item it is of."""
        if (fields := getattr(error, "fields", None)) and isinstance(fields, Mapping):
            error.fields = dict.fromkeys(["entered"], next(iter(fields.values())))
        super().refuse(error)


class ProposePhoto(ActionForm):
    action = "registration.propose_photo"
    button = Wording("提交国家中心审核", "Propose to the national centre")
    said = Wording("已提交，待国家中心审核。", "Proposed; the national centre decides.")
    reason = TextField(label=bi("依据（本人确认书等）", "Proof (the signed consent)"), max_length=REASON_LENGTH)

    @classmethod
    def is_offered(cls, actor: Actor, target: LedgerEntry) -> bool:
        open_now = target.portrait_id is None and super().is_offered(actor, target)
        return open_now and newest_delivered(target.candidate) is not None


ENTRY_FORMS = (ProposePhoto, ProposeCorrection)


class ApproveCorrection(ActionForm):
    action = "registration.approve_correction"
    button = Wording("同意更正", "Approve")

    def done_message(self, result: LedgerEntry) -> Wording:
        return Wording("已更正，登记为第 {n} 条。", "Corrected as line {n}.").format(n=result.number)


class RejectCorrection(ActionForm):
    action = "registration.reject_correction"
    button = Wording("不同意", "Reject")
    said = Wording("已退回。", "Rejected.")
    reason = TextField(label=bi("不同意的原因", "Reason to reject"), max_length=REASON_LENGTH)


CORRECTION_FORMS = (ApproveCorrection, RejectCorrection)


class ApprovePhoto(ActionForm):
    action = "registration.approve_photo"
    button = Wording("同意补登", "Add the photograph")

    @classmethod
    def is_offered(cls, actor: Actor, target: PhotoAddition) -> bool:
        return holds(actor.user, "registration.approve_nationally") and super().is_offered(actor, target)

    def done_message(self, result: LedgerEntry) -> Wording:
        return Wording("已补登，登记为第 {n} 条。", "Added as line {n}.").format(n=result.number)


class RejectPhoto(ActionForm):
    action = "registration.reject_photo"
    button = Wording("不同意", "Reject")
    said = Wording("已退回。", "Rejected.")
    reason = TextField(label=bi("不同意的原因", "Reason to reject"), max_length=REASON_LENGTH)

    @classmethod
    def is_offered(cls, actor: Actor, target: PhotoAddition) -> bool:
        return ApprovePhoto.is_offered(actor, target)


ADDITION_FORMS = (ApprovePhoto, RejectPhoto)


# the ledger's file and the end of verification -------------------------------------------------------------------------


class ExportLedger(ActionForm):
    action = "registration.export_ledger"
    button = Wording("生成文件", "Write the file")
    said = Wording("正在生成导出文件，完成后可在本页下载。", "The file is being written; get it here.")
    campaign = RecordField(lambda actor, target: campaigns_of(actor), label=bi("批次", "Campaign"), empty_label=None)
    season = ChoiceField(
        Season,
        label=bi("毕业季", "Season"),
        required=False,
        empty=Wording("春、秋两季", "Both seasons"),
        empty_value="",
    )
    kind = forms.ChoiceField(
        label=bi("类别", "Kind"),
        required=False,
        choices=[
            ("", bi("全部", "All")),
            *EntryKind.choices,
            (LACKING, bi("现在无图像", "Without a photograph now")),
        ],
    )
    file_format = ChoiceField(ExportFormat, label=bi("格式", "Format"), required=False, empty_value=ExportFormat.XLSX)

    @classmethod
    def is_offered(cls, actor: Actor, target: Any) -> bool:
        return holds(actor.user, "registration.export") and campaigns_of(actor).exists()

    def perform(self) -> Export:
        campaign = self.cleaned_data.pop("campaign")
        return actions.export_ledger(self.actor, campaign, **self.cleaned_data)


class CloseVerification(ActionForm):
    """The end of verification for a season or for all, in the background, after it was shown what that does (R171)."""

    action = "registration.register_without_photo"
    button = Wording("截止校对", "Close verification")
    said = Wording("正在后台办理校对截止。", "Verification is being closed in the background.")
    season = ChoiceField(
        Season, label=bi("毕业季", "Season"), required=False, empty=Wording("春、秋两季", "Both seasons")
    )
    reason = TextField(
        label=bi("原因（记入审计记录）", "Reason (kept in the audit trail)"),
        max_length=REASON_LENGTH,
        attrs={"autocomplete": "off"},
    )
    sure = forms.BooleanField(label=bi("已提醒各学院，确认截止", "The colleges were reminded; close it"))

    @classmethod
    def is_offered(cls, actor: Actor, target: Campaign) -> bool:
        return holds(actor.user, "registration.close") and may(actor, cls.action, target)

    def perform(self) -> None:
        season, campaign = self.cleaned_data["season"], self.target
        if running := unfinished_seasons(campaign, season):
            raise before_closing_day(running[0].closes_on)
        params = {
            "user": self.actor.user.pk, "campaign": campaign.pk, "season": season or "",
            "reason": self.cleaned_data["reason"],
        }  # fmt: skip
        enqueue(
            "registration.close_verification",
            self.actor,
            Wording("校对截止：{t}", "Verification closes: {t}").format(t=campaign.title),
            params,
            organisation_id=campaign.school_id,
            result_url=f"{reverse('registration:ledger')}?kind={EntryKind.WITHOUT_PHOTO.value}",
        )
