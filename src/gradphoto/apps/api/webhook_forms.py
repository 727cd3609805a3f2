"""The forms about programs that are told of events."""

from __future__ import annotations

from typing import Any

from django import forms

from gradphoto.apps.api.events import KINDS
from gradphoto.apps.api.models import DeliveryState, EventDelivery, Webhook
from gradphoto.apps.api.webhooks import send_test
from gradphoto.apps.core.actions import REGISTRY
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.wording import bi
from gradphoto.apps.orgs.actions import managed_organisations
from gradphoto.apps.orgs.models import by_code
from gradphoto.apps.pages.fields import RecordField, SomeOf, TextField
from gradphoto.apps.pages.forms import ActionForm
from gradphoto.engine.wording import Wording


class AddWebhook(ActionForm):
    action = "api.add_webhook"
    button = Wording("添加", "Add")
    said = Wording("", "")
    name = TextField(label=bi("名称", "Name"), max_length=60, css="col-md-4")
    address = TextField(
        label=bi("接收地址（https）", "Address (https)"), max_length=300, css="col-md-8",
        example=Wording("https://jw.example.edu.cn/hook", "https://records.example.edu/hook"),
    )  # fmt: skip
    organisation = RecordField(
        lambda actor, target: managed_organisations(actor).filter(archived_at=None).order_by(*by_code()),
        label=bi("单位（含下级）", "Unit, with what is below it"), empty_label=None, css="col-md-4",
    )  # fmt: skip
    events = forms.MultipleChoiceField(
        label=bi("事件", "Events"), choices=[(name, bi(one.zh, one.en)) for name, one in KINDS.items()],
        widget=SomeOf,
    )  # fmt: skip

    @classmethod
    def is_offered(cls, actor: Actor, target: Any) -> bool:
        return True

    def perform(self) -> Webhook:
        given = dict(self.cleaned_data)
        made: Webhook = REGISTRY[self.action].function(self.actor, given.pop("organisation"), **given)
        return made


class _OnLive(ActionForm):
    @classmethod
    def is_offered(cls, actor: Actor, target: Any) -> bool:
        return target.ended_at is None and super().is_offered(actor, target)


class SendTest(_OnLive):
    action = "api.send_test"
    button = Wording("发送测试", "Send a test")

    def perform(self) -> EventDelivery:
        return send_test(self.actor, self.target)

    def done_message(self, result: EventDelivery) -> Wording:
        if result.state == DeliveryState.SENT:
            return Wording(f"测试已送达（{result.answer}）。", f"The test was delivered ({result.answer}).")
        return Wording(f"测试没有送达：{result.answer}。", f"The test was not delivered: {result.answer}.")


class DrawWebhookSecret(_OnLive):
    action = "api.draw_webhook_secret"
    button = Wording("更换签名密钥", "Another signing secret")
    said = Wording("", "")


class EndWebhook(_OnLive):
    action = "api.end_webhook"
    button = Wording("停用", "Stop using it")
    said = Wording("已停用。", "Out of use.")


class RetryDelivery(ActionForm):
    action = "api.retry_delivery"
    button = Wording("重新发送", "Send again")
    said = Wording("已重新排队。", "Queued again.")

    @classmethod
    def is_offered(cls, actor: Actor, target: Any) -> bool:
        return (
            target.state == DeliveryState.DEAD and target.webhook.ended_at is None and super().is_offered(actor, target)
        )


WEBHOOK_FORMS = (SendTest, DrawWebhookSecret, EndWebhook)
