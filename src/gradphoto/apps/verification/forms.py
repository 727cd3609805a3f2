"""The forms of verification: opening and closing it, telling graduates, disputes, second looks and early ends."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django import forms
from django.db import transaction
from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign, CampaignStatus, Season
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.wording import bi
from gradphoto.apps.orgs.policy import is_same_person
from gradphoto.apps.orgs.scope import changeable
from gradphoto.apps.pages.fields import ChoiceField, DayField, RecordsField, TextField
from gradphoto.apps.pages.forms import ActionForm
from gradphoto.apps.verification.evidence import changed_since_confirmation
from gradphoto.apps.verification.models import (
    CaseStatus,
    Opening,
    ProposalStatus,
    VerificationCase,
)
from gradphoto.apps.verification.notices.actions import note_told
from gradphoto.apps.verification.queries import replacement
from gradphoto.apps.verification.reopening import SECOND_LOOK_DAYS, is_registered
from gradphoto.engine.wording import Wording

OPENED_IN = (CampaignStatus.COLLECTING, CampaignStatus.VERIFYING)
"""The states of a campaign in which cases are opened."""


class OpenCases(ActionForm):
    """On the list, for each campaign whose photographs are delivered."""

    action = "verification.open_cases"
    button = Wording("开放校对", "Open verification")
    season = ChoiceField(
        Season,
        label=bi("毕业季", "Season"),
        required=False,
        empty=Wording("春、秋两季", "Both seasons"),
        css="col-md-4",
    )
    early_reason = TextField(
        label=bi("未满规定天数时的理由", "Reason if earlier than allowed"),
        max_length=200,
        required=False,
        css="col-md-8",
    )

    @classmethod
    def is_offered(cls, actor: Actor, target: Campaign) -> bool:
        return target.status in OPENED_IN and super().is_offered(actor, target)

    def done_message(self, result: int) -> Wording:
        told = Wording("已为 {n} 人开放校对。", "Verification opened for {n:person|persons}.").format(n=result)
        if self.target.status == CampaignStatus.VERIFYING:
            return told
        return Wording(
            told.zh + "将批次转入“校对中”后毕业生方可登录。",
            told.en + " Graduates can enter once the campaign is set to verifying.",
        )


class SetClosing(ActionForm):
    """On the list, for each open season."""

    action = "verification.set_closing"
    button = Wording("公布", "Publish")
    said = Wording("截止日期已公布。", "The closing day is published.")
    closes_on = DayField(label=bi("截止日期", "Closing day"))

    @classmethod
    def starts_with(cls, actor: Actor, target: Opening) -> Mapping[str, Any]:
        return {"closes_on": target.closes_on}


class NoteTold(ActionForm):
    """Ticked on the list: told face to face (R203)."""

    action = "verification.note_told"
    button = Wording("所选已当面告知", "Ticked: told in person")
    cases = RecordsField(
        lambda actor, target: changeable(actor, VerificationCase, "verification.notify"), label=bi("人员", "Persons")
    )

    def perform(self) -> int:
        with transaction.atomic():
            for case in self.cleaned_data["cases"]:
                note_told(self.actor, case)
        return len(self.cleaned_data["cases"])

    def done_message(self, result: int) -> Wording:
        return Wording("已记录 {n} 人当面告知。", "{n:person|persons} recorded as told in person.").format(n=result)


class SettleDispute(ActionForm):
    """The school's answer to a disputed photograph, with a newer one where one was delivered."""

    action = "verification.settle_dispute"
    button = Wording("答复，由本人继续确认", "Answer; the graduate goes on")
    said = Wording("已答复，毕业生可继续校对。", "Answered; the graduate can go on verifying.")
    photo = forms.ChoiceField(label=bi("照片", "Photographs"), widget=forms.RadioSelect)
    answer = TextField(label=bi("给毕业生的答复", "Answer to the graduate"), max_length=200, rows=2)

    def __init__(self, actor: Actor, target: Any = None, data: Any = None, files: Any = None, **options: Any) -> None:
        super().__init__(actor, target, data, files, **options)
        newer = replacement(target)
        same = ("same", bi("照片无误，保留原照片", "The photograph is right and stays"))
        other = [("newer", bi("换用新交付的照片", "Show the newly delivered photograph"))] if newer else []
        photo: Any = self.fields["photo"]
        photo.choices = [*other, same]
        photo.initial = "newer" if newer else "same"
        if newer:
            photo.help_text = newer.check_in.number_label
        else:
            photo.help_text = bi("重拍的照片交付后可换用", "A new photograph can be chosen once a retake was delivered")

    def arguments(self) -> dict[str, Any]:
        newer = replacement(self.target) if self.cleaned_data["photo"] == "newer" else None
        return {"answer": self.cleaned_data["answer"], "portrait": newer}


class ExpireCase(ActionForm):
    action = "verification.expire_case"
    button = Wording("确认截止", "End it")
    said = Wording("已截止该毕业生的校对。", "This graduate's verification has ended.")


class ProposeReopening(ActionForm):
    action = "verification.propose_reopening"
    button = Wording("提出重新校对", "Propose a second look")
    said = Wording("已提出，待另一人批准。", "Proposed; another person approves it.")
    reason = TextField(label=bi("原因和依据", "Reason and proof"), max_length=200, rows=2)
    until = DayField(label=bi("重新校对最后日期", "Last day of the second look"), css="col-6")

    @classmethod
    def is_offered(cls, actor: Actor, target: VerificationCase) -> bool:
        if target.status != CaseStatus.CONFIRMED or is_registered(target):
            return False
        waits = target.reopenings.filter(status=ProposalStatus.PROPOSED).exists()
        return not waits and super().is_offered(actor, target) and bool(changed_since_confirmation(target))

    @classmethod
    def starts_with(cls, actor: Actor, target: Any) -> Mapping[str, Any]:
        return {"until": timezone.localdate() + timedelta(days=SECOND_LOOK_DAYS)}


class _Decision(ActionForm):
    """A decision by somebody else than who proposed it."""

    @classmethod
    def is_offered(cls, actor: Actor, target: Any) -> bool:
        return not is_same_person(actor, target.proposed_by_id) and super().is_offered(actor, target)


class _Approval(_Decision):
    """A consent: who gives it says to have looked."""

    seen = forms.BooleanField(label=bi("已核对变动和依据", "I compared the change with its proof"))

    def arguments(self) -> dict[str, Any]:
        return {}


class ApproveReopening(_Approval):
    action = "verification.approve_reopening"
    button = Wording("批准重新校对", "Approve the second look")
    said = Wording("已批准，本人可重新校对。", "Approved; the graduate can verify again.")


class RejectReopening(_Decision):
    action = "verification.reject_reopening"
    button = Wording("不同意", "Reject")
    said = Wording("已登记。", "Entered.")
    reason = TextField(label=bi("原因", "Reason"), max_length=200)


class ProposeEarlyEnd(ActionForm):
    action = "verification.propose_early_end"
    button = Wording("提出提前截止", "Propose an early end")
    said = Wording("已提出，待另一人批准。", "Proposed; another person approves it.")
    closes_on = DayField(label=bi("新的截止日期", "New closing day"), css="col-6")
    reason = TextField(label=bi("原因", "Reason"), max_length=200)

    @classmethod
    def is_offered(cls, actor: Actor, target: Opening) -> bool:
        running = target.closes_on is not None and target.closes_on > timezone.localdate()
        waits = target.early_ends.filter(status=ProposalStatus.PROPOSED).exists()
        return running and not waits and super().is_offered(actor, target)


class ApproveEarlyEnd(_Approval):
    action = "verification.approve_early_end"
    button = Wording("批准并公布新截止日期", "Approve and publish the new day")
    said = Wording("新截止日期已公布。", "The new closing day is published.")


class RejectEarlyEnd(_Decision):
    action = "verification.reject_early_end"
    button = Wording("不同意", "Reject")
    said = Wording("已登记，原截止日期不变。", "Entered; the published day stands.")
    reason = TextField(label=bi("原因", "Reason"), max_length=200)


REOPENING_FORMS = (ApproveReopening, RejectReopening)
EARLY_END_FORMS = (ApproveEarlyEnd, RejectEarlyEnd)
CASE_FORMS = (ProposeReopening, SettleDispute, ExpireCase)
