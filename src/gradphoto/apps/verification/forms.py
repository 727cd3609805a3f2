"""The forms of verification's second looks and early ends: what each step asks for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone

from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.wording import bi
from gradphoto.apps.orgs.policy import is_same_person
from gradphoto.apps.pages.fields import DayField, TextField
from gradphoto.apps.pages.forms import ActionForm
from gradphoto.apps.verification.evidence import changed_since_confirmation
from gradphoto.apps.verification.models import (
    CaseStatus,
    Opening,
    ProposalStatus,
    VerificationCase,
)
from gradphoto.apps.verification.reopening import SECOND_LOOK_DAYS, is_registered
from gradphoto.engine.wording import Wording


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
