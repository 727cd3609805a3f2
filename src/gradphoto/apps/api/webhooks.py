"""Programs that are told: made and ended by an administrator, tried with a test, and a dead event begun again."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Collection

from django.utils import timezone

from gradphoto.apps.api.events import KINDS, TEST
from gradphoto.apps.api.models import DeliveryState, Event, EventDelivery, Webhook
from gradphoto.apps.api.sending import SECRET_PREFIX, ask_to_send, attempt
from gradphoto.apps.api.targets import judged_address, read_target
from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import invalid, refuse, within
from gradphoto.apps.orgs.models import Organisation


def _new_secret() -> str:
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


@action("api.add_webhook", permission="api.manage")
def add_webhook(
    actor: Actor, organisation: Organisation, *, name: str, address: str, events: Collection[str]
) -> Webhook:
    """Have events of a unit and below it sent to an address. Raises ``api.address_unfit``, ``api.address_inside``,
    ``api.host_unknown``, ``api.no_event``."""
    wanted = [one for one in KINDS if one in events]
    if not wanted or len(wanted) < len(set(events)):
        raise invalid(
            "api.no_event", "请选择要接收的事件。", "Choose the events to be told of.",
            "只能选择列出的事件。", "Choose among those listed.", field="events",
        )  # fmt: skip
    try:
        judged_address(read_target(address))
    except OSError as error:
        raise invalid(
            "api.host_unknown", "找不到这个主机。", "There is no such host.",
            "请核对地址。", "Check the address.", field="address",
        ) from error  # fmt: skip
    audit.note(name=name, events=wanted, host=read_target(address).host)
    made = Webhook(
        organisation=organisation, name=within(name, 60, field="name"), address=within(address, 300, field="address"),
        events=wanted, made_by=actor.key,
    )  # fmt: skip
    made.secret = _new_secret()
    made.save(force_insert=True)
    return made


@action("api.draw_webhook_secret", permission="api.manage")
def draw_webhook_secret(actor: Actor, webhook: Webhook) -> str:
    """Another secret, shown once; what is sent from now on is signed by it."""
    webhook.secret = secret = _new_secret()
    webhook.save(update_fields=["secret"])
    return secret


@action("api.end_webhook", permission="api.manage")
def end_webhook(actor: Actor, webhook: Webhook) -> None:
    """Nothing more is sent there; what was waiting is given up. Raises ``api.webhook_over``."""
    _require_live(webhook)
    webhook.ended_at = timezone.now()
    webhook.save(update_fields=["ended_at"])
    left = webhook.deliveries.filter(state=DeliveryState.WAITING).update(state=DeliveryState.DEAD, answer="ended")
    audit.note(left=left)


@action("api.send_test", permission="api.manage")
def begin_test(actor: Actor, webhook: Webhook) -> EventDelivery:
    """A test event; no worker takes it, as it is given up until it was tried. Raises ``api.webhook_over``."""
    _require_live(webhook)
    event = Event.objects.create(kind=TEST, unit=webhook.organisation, data={}, about=f"webhook:{webhook.pk}")
    return EventDelivery.objects.create(event=event, webhook=webhook, state=DeliveryState.DEAD)


def send_test(actor: Actor, webhook: Webhook) -> EventDelivery:
    """A test event, tried at once while the person waits; what came of it is the answer. Raises ``api.webhook_over``.

    Tried after its transaction: on SQLite a receiver that takes its time would keep everybody from writing.
    """
    delivery = begin_test(actor, webhook)
    attempt(delivery)
    if delivery.state == DeliveryState.WAITING:
        delivery.state = DeliveryState.DEAD  # a test is not tried again by itself
        delivery.save(update_fields=["state"])
    return delivery


@action("api.retry_delivery", permission="api.manage")
def retry_delivery(actor: Actor, delivery: EventDelivery) -> None:
    """Begin a given-up event again. Raises ``api.webhook_over`` or ``api.delivery_not_dead``."""
    _require_live(delivery.webhook)
    if delivery.state != DeliveryState.DEAD:
        raise refuse(
            "api.delivery_not_dead", "这个事件不需要重发。", "This event need not be sent again.",
            "请刷新页面查看最新状态。", "Reload the page to see the present state.",
        )  # fmt: skip
    delivery.state, delivery.attempts, delivery.due_at = DeliveryState.WAITING, 0, timezone.now()
    delivery.save(update_fields=["state", "attempts", "due_at"])
    ask_to_send()


def _require_live(webhook: Webhook) -> None:
    if webhook.ended_at is not None:
        raise refuse(
            "api.webhook_over", "这个接收地址已停用。", "This address is ended.",
            "需要时请新建。", "Make another one if need be.",
        )  # fmt: skip
