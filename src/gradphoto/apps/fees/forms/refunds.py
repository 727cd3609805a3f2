"""The forms of money given back, and of a part that is paid: asked for, approved by another person, refused, withdrawn."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import QuerySet

from gradphoto.apps.core.actions import may
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.wording import bi
from gradphoto.apps.fees import parts, refunds, tills
from gradphoto.apps.fees.forms.amounts import YuanField
from gradphoto.apps.fees.forms.counter import counter_channels
from gradphoto.apps.fees.models import Channel, Charge, ChargeStatus, Collection, OnlineOrder, OrderStatus, Refund
from gradphoto.apps.fees.models import RefundStatus as S
from gradphoto.apps.fees.money import yuan
from gradphoto.apps.orgs.permissions import holds
from gradphoto.apps.orgs.policy import is_same_person
from gradphoto.apps.pages.fields import RecordField, RecordsField, TextField
from gradphoto.apps.pages.forms import ActionForm
from gradphoto.apps.roster.models import Candidate
from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.wording import Wording

_ASKED = Wording("已提出退款申请，待另一人复核。", "The refund is asked for; another person approves it.")


class AskRefund(ActionForm):
    """Of one charge of a student."""

    action = "fees.ask_refund"
    button = Wording("申请退款", "Ask for a refund")
    said = _ASKED
    reason = TextField(label=bi("原因", "Reason"), max_length=200)

    @classmethod
    def is_offered(cls, actor: Actor, target: Charge) -> bool:
        if target.status not in refunds.REFUNDABLE or not holds(actor.user, "fees.collect"):
            return False
        waits = target.refund_items.filter(live=True).exists()
        return not waits and parts.payments_of([target]).exists()

    def perform(self) -> Refund:
        campaign = self.target.candidate.campaign
        return refunds.ask_refund(self.actor, campaign, charges=[self.target], reason=self.cleaned_data["reason"])


class AskRefundOfPayment(ActionForm):
    """Of one payment: all of it, or whoever is ticked."""

    action = "fees.ask_refund"
    button = Wording("申请退款", "Ask for a refund")
    said = _ASKED
    charge = RecordsField(
        lambda actor, payment: Charge.objects.filter(pk__in=[one.pk for one in refunds.of_collection(payment)]),
        label=bi("款项", "Charges"),
    )
    reason = TextField(label=bi("原因", "Reason"), max_length=200)

    @classmethod
    def which(cls) -> str:
        return "ask_refund_of_payment"

    @classmethod
    def is_offered(cls, actor: Actor, target: Collection) -> bool:
        online = target.channel == Channel.ONLINE
        return not online and holds(actor.user, "fees.collect") and bool(refunds.of_collection(target))

    def perform(self) -> Refund:
        asked = self.cleaned_data
        return refunds.ask_refund(
            self.actor, self.target.campaign, charges=list(asked["charge"]), reason=asked["reason"]
        )


class AskOrderRefund(ActionForm):
    action = "fees.ask_order_refund"
    button = Wording("申请原路退款", "Ask for it to be paid back")
    said = _ASKED
    reason = TextField(label=bi("退款原因", "Reason for the refund"), max_length=200)

    @classmethod
    def is_offered(cls, actor: Actor, target: OnlineOrder) -> bool:
        paid = target.status in (OrderStatus.PAID, OrderStatus.SURPLUS)
        return paid and not target.refunds.filter(status=S.ASKED).exists() and super().is_offered(actor, target)


class _Decision(ActionForm):
    """Offered to another person than who asked."""

    @classmethod
    def is_offered(cls, actor: Actor, target: Refund) -> bool:
        waits = target.status == S.ASKED and not is_same_person(actor, target.asked_by_id)
        return waits and may(actor, cls.action, target)


class ApproveRefund(_Decision):
    action = "fees.approve_refund"
    button = Wording("复核无误，退款", "Approve and pay back")
    said = Wording("已退款。", "Paid back.")


class RefuseRefund(_Decision):
    action = "fees.refuse_refund"
    button = Wording("不予退款", "Refuse the refund")
    said = Wording("已驳回，款项未动。", "Refused; the money stays.")
    reason = TextField(label=bi("驳回原因", "Reason for refusing"), max_length=200)


class WithdrawRefund(ActionForm):
    action = "fees.withdraw_refund"
    button = Wording("撤回申请", "Withdraw the request")
    said = Wording("申请已撤回。", "The request is withdrawn.")

    @classmethod
    def is_offered(cls, actor: Actor, target: Refund) -> bool:
        return target.status == S.ASKED and may(actor, cls.action, target)


REFUND_FORMS = (ApproveRefund, RefuseRefund, WithdrawRefund)


def _due(actor: Actor, person: Candidate) -> QuerySet[Charge]:
    return person.charges.filter(status=ChargeStatus.DUE)


class CollectPart(ActionForm):
    """A part of what one charge costs."""

    action = "fees.collect_part"
    button = Wording("收部分款", "Take a part")
    nonce = forms.UUIDField(widget=forms.HiddenInput)
    charge = RecordField(_due, label=bi("项目", "Item"), empty_label=None)
    amount_fen = YuanField(label=bi("本次收（元）", "Taken now (yuan)"), css="col-6")
    tendered_fen = YuanField(label=bi("实收（元），可留空", "Given (yuan), may be empty"), required=False, css="col-6")
    channel = forms.ChoiceField(label=bi("收费方式", "Ways of paying"))

    def __init__(self, actor: Actor, target: Any = None, data: Any = None, files: Any = None, **options: Any) -> None:
        super().__init__(actor, target, data, files, **options)
        channel: Any = self.fields["channel"]
        try:
            channel.choices = counter_channels(target.campaign)
        except GradPhotoError:
            channel.choices = []

    @classmethod
    def is_offered(cls, actor: Actor, target: Candidate) -> bool:
        return holds(actor.user, "fees.collect") and _due(actor, target).exists()

    @classmethod
    def starts_with(cls, actor: Actor, target: Any) -> Mapping[str, Any]:
        return {"nonce": uuid.uuid4()}

    def perform(self) -> Collection:
        asked = self.cleaned_data
        given = asked["tendered_fen"]
        return parts.collect_part(
            self.actor,
            tills.till_of(self.actor, self.target.campaign),
            charge=asked["charge"],
            amount_fen=asked["amount_fen"],
            tendered_fen=asked["amount_fen"] if given is None else given,
            channel=Channel(asked["channel"]),
            nonce=asked["nonce"],
        )

    def done_message(self, result: Collection) -> Wording:
        return Wording("已收部分款 {t} 元，找零 {c} 元。", "Took a part of {t} yuan, change {c} yuan.").format(
            t=yuan(result.total_fen), c=yuan(result.change_fen)
        )
