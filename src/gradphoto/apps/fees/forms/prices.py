"""The forms of the price list and of the ways in which a campaign takes money."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db import transaction

from gradphoto.apps.campaigns.actions import set_rule
from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.campaigns.rules import in_force
from gradphoto.apps.campaigns.settings_keys import FEE_BEFORE_LIST, FEE_CHANNELS, FEE_GATEWAY
from gradphoto.apps.core.actions import may
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.wording import bi
from gradphoto.apps.fees import prices, shooting_lists
from gradphoto.apps.fees.forms.amounts import YuanField
from gradphoto.apps.fees.models import Channel, Item, Price
from gradphoto.apps.fees.online import gateway_choices
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.orgs.permissions import holds
from gradphoto.apps.pages.fields import ChoiceField, DayField, RecordField, SomeOf, TextField, wrong
from gradphoto.apps.pages.forms import ActionForm
from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.wording import Wording


def _settable(actor: Actor, campaign: Campaign) -> Any:
    return Organisation.objects.filter(pk__in=[one.pk for one in prices.settable(actor, campaign)])


class SetPrice(ActionForm):
    """A line on the list of an organisation in whose name the actor may speak."""

    action = "fees.set_price"
    button = Wording("加入", "Add")
    said = Wording("价格已加入价目表。", "The price is on the list.")
    organisation = RecordField(_settable, label=bi("单位", "Organisation"), empty_label=None, css="col-md-6")
    item = ChoiceField(Item, label=bi("项目", "Item"), css="col-md-6")
    school_kind = TextField(
        label=bi("校别（空为全部）", "Kind (empty: all)"), max_length=20, required=False, css="col-6",
        attrs={"list": "kinds"},
    )  # fmt: skip
    amount_fen = YuanField(label=bi("价格（元）", "Yuan"), css="col-6")
    source = TextField(label=bi("依据（文件名称或文号）", "Source (document)"), max_length=200)
    effective_from = DayField(label=bi("生效日期", "Effective from"), today=True, css="col-6")
    this_year = forms.BooleanField(label=bi("仅限本届", "This year only"), required=False)

    @classmethod
    def is_offered(cls, actor: Actor, target: Campaign) -> bool:
        return bool(prices.settable(actor, target))

    def perform(self) -> Price:
        asked = dict(self.cleaned_data)
        cohort_year = self.target.cohort_year if asked.pop("this_year") else 0
        return prices.set_price(self.actor, asked.pop("organisation"), cohort_year=cohort_year, **asked)


class WithdrawPrice(ActionForm):
    """A wrong line off the list; the target is the line."""

    action = "fees.withdraw_price"
    button = Wording("作废", "Cancel it")
    said = Wording("这条价格已作废。", "The line is withdrawn.")
    reason = TextField(label=bi("原因", "Reason"), max_length=200)

    @classmethod
    def is_offered(cls, actor: Actor, target: Price) -> bool:
        return target.withdrawn_at is None and may(actor, cls.action, target.organisation)

    def perform(self) -> None:
        prices.withdraw_price(
            self.actor, self.target.organisation, price=self.target, reason=self.cleaned_data["reason"]
        )


class SetChannels(ActionForm):
    """How this campaign takes money (B15), through which gateway, and whether the unpaid are listed (R139)."""

    action = "campaigns.set_rule"
    button = Wording("更新", "Set")
    said = Wording("收费方式已更新。", "The ways of taking money are set.")
    channel = forms.MultipleChoiceField(label=bi("收费方式", "Ways of paying"), choices=Channel.choices, widget=SomeOf)
    only_paid = forms.BooleanField(
        label=bi("未缴费者不列入拍摄名单", "The unpaid are not on the shooting list"), required=False
    )
    gateway = forms.ChoiceField(label=bi("网上支付网关", "Online payment gateway"), required=False)
    effective_from = DayField(label=bi("生效日期", "Effective from"), today=True, css="col-6")
    source = TextField(label=bi("依据", "Source"), max_length=200)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        gateway: Any = self.fields["gateway"]
        gateway.choices = [("", "—"), *gateway_choices()]
        gateway.css = "col-6"

    @classmethod
    def which(cls) -> str:
        return "set_channels"

    @classmethod
    def is_offered(cls, actor: Actor, target: Campaign) -> bool:
        return holds(actor.user, "fees.set_channels") and may(actor, cls.action, target.rule_set)

    @classmethod
    def starts_with(cls, actor: Actor, target: Campaign) -> Mapping[str, Any]:
        try:
            channels = [way.value for way in prices.open_channels(target)]
        except GradPhotoError:
            channels = []
        gateway = in_force(target.rule_set, FEE_GATEWAY)
        return {
            "channel": channels,
            "only_paid": shooting_lists.only_paid(target),
            "gateway": gateway.value if gateway else "",
        }

    def clean(self) -> dict[str, Any]:
        asked = super().clean() or {}
        if Channel.ONLINE.value in asked.get("channel", []) and not asked.get("gateway"):
            zh, en = "网上支付须选择网关。", "Paying online needs a gateway: choose one."
            self.add_error("gateway", wrong("fees.gateway_missing", zh, en))
        return asked

    def perform(self) -> None:
        asked = self.cleaned_data
        values: list[tuple[Any, Any]] = [(FEE_CHANNELS, asked["channel"]), (FEE_BEFORE_LIST, asked["only_paid"])]
        if Channel.ONLINE.value in asked["channel"]:
            values.append((FEE_GATEWAY, asked["gateway"]))
        with transaction.atomic():
            for key, value in values:
                set_rule(
                    self.actor, self.target.rule_set, key=key, value=value, source=asked["source"],
                    effective_from=asked["effective_from"],
                )  # fmt: skip
