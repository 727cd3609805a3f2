"""The form by which the photographer takes the fee from the liaison (R133)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django import forms

from gradphoto.apps.core.actions import may
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.wording import bi
from gradphoto.apps.fees.forms.amounts import YuanField
from gradphoto.apps.fees.forms.counter import counter_channels
from gradphoto.apps.fees.models import Channel, Receipt
from gradphoto.apps.fees.money import yuan
from gradphoto.apps.makeup.fee_on_site import bill_of, liaison_of, take_fee
from gradphoto.apps.makeup.models import SessionClosing
from gradphoto.apps.pages.fields import TextField
from gradphoto.apps.pages.forms import ActionForm
from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.wording import Wording


class TakeFee(ActionForm):
    action = "makeup.take_fee"
    button = Wording("收款并开收据", "Take it and write the receipt")
    nonce = forms.UUIDField(widget=forms.HiddenInput)
    shown_fen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    payer = TextField(label=bi("交款人（校方联系人）", "Paid by (the school's liaison)"), max_length=80)
    tendered = YuanField(label=bi("实收（元），可留空", "Given (yuan), may be empty"), required=False)
    channel = forms.ChoiceField(label=bi("收费方式", "Ways of paying"))

    def __init__(self, actor: Actor, target: Any = None, data: Any = None, files: Any = None, **options: Any) -> None:
        super().__init__(actor, target, data, files, **options)
        channel: Any = self.fields["channel"]
        try:
            channel.choices = counter_channels(target.session.campaign)
        except GradPhotoError:
            channel.choices = []

    @classmethod
    def is_offered(cls, actor: Actor, target: SessionClosing) -> bool:
        agreed = target.agreed_at is not None and target.voided_at is None
        return agreed and may(actor, cls.action, target)

    @classmethod
    def starts_with(cls, actor: Actor, target: SessionClosing) -> Mapping[str, Any]:
        return {
            "nonce": uuid.uuid4(),
            "shown_fen": bill_of(target.session).amount_fen,
            "payer": liaison_of(target.session),
            "channel": Channel.ON_THE_DAY.value,
        }

    def perform(self) -> Receipt:
        asked = self.cleaned_data
        given = asked["tendered"]
        return take_fee(
            self.actor,
            self.target,
            payer=asked["payer"],
            channel=Channel(asked["channel"]),
            shown_fen=asked["shown_fen"],
            tendered_fen=asked["shown_fen"] if given is None else given,
            nonce=asked["nonce"],
        )

    def done_message(self, result: Receipt) -> Wording:
        return Wording(
            "已收 {t} 元（{n} 人），收据 {r}。", "Took {t} yuan for {n:person|persons}, receipt {r}."
        ).format(t=yuan(result.amount_fen), n=result.people_count, r=result.number_label)
