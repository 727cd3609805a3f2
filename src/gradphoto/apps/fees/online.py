"""Payment through a gateway: an order for what one person owes, and the gateway's notices, acted on once each.

Notices may come twice, late, or in the wrong order. Each is stored under the gateway's own number; one that comes
before the one it follows on waits and is looked at again with every later notice of its order.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.campaigns.rules import value_of
from gradphoto.apps.campaigns.settings_keys import FEE_GATEWAY
from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import refuse
from gradphoto.apps.core.wording import bi
from gradphoto.apps.fees.actions import _charge_photo, collect, refund_charge
from gradphoto.apps.fees.gateway import Event, Gateway, Notice, OrderRequest
from gradphoto.apps.fees.gateway.trial import TrialGateway
from gradphoto.apps.fees.ledger import is_season_closed, require_season_open
from gradphoto.apps.fees.lifecycle import ORDER
from gradphoto.apps.fees.models import (
    AccountKind,
    Channel,
    Charge,
    ChargeStatus,
    GatewayNotice,
    NoticeOutcome,
    OnlineOrder,
    OrderStatus,
)
from gradphoto.apps.fees.parts import paid_of, part_paid
from gradphoto.apps.fees.prices import open_channels
from gradphoto.apps.fees.receipts import MATTER
from gradphoto.apps.fees.tills import unit_till
from gradphoto.apps.orgs.policy import by_system
from gradphoto.apps.roster.models import Candidate

SYSTEM = Actor.system("gateway")


def _trial_gateway() -> TrialGateway:
    key = hmac.new(settings.SECRET_KEY.encode(), b"gradphoto test gateway", hashlib.sha256).digest()
    return TrialGateway(key, settings.DATA_DIR / "test-gateway")


GATEWAYS: dict[str, Callable[[], Gateway]] = {"test": _trial_gateway}
"""Known gateways by name. An installation with a contract adds its adapter here; the keys stay outside the product."""


def gateway_choices() -> list[tuple[str, Any]]:
    """The gateways with the names that people read."""
    rehearsal = bi("测试网关，不动真钱", "Test gateway, moves no money")
    return [(name, rehearsal if name == "test" else name) for name in GATEWAYS]


def gateway_of(campaign: Campaign) -> Gateway:
    """The gateway that the campaign's rules name; refuses where online payment is not open or the name is unknown."""
    if Channel.ONLINE not in open_channels(campaign):
        raise refuse(
            "fees.channel_closed",
            "本批次不采用网上支付。",
            "This campaign does not take money online.",
            "请改用本批次规定的收费方式。",
            "Use one of the campaign's own ways.",
        )
    name = value_of(campaign, FEE_GATEWAY)
    if name not in GATEWAYS:
        raise refuse(
            "fees.gateway_unknown",
            f"没有名为“{name}”的支付网关。",
            f"There is no gateway named {name}.",
            "请联系系统管理员。",
            "Ask the administrator.",
        )
    return GATEWAYS[name]()


@action("fees.open_order", permission="fees.collect")
def open_order(actor: Actor, candidate: Candidate, *, notify_url: str) -> OnlineOrder:
    """Place an order for everything this person owes; an open one for the same charges is returned as it is.

    Refused in a season whose books are closed (``fees.season_is_closed``): nobody pays what could not be booked.
    """
    campaign = candidate.campaign
    gateway = gateway_of(campaign)
    _charge_photo(actor, campaign, [candidate])
    due = list(candidate.charges.filter(status=ChargeStatus.DUE).order_by("pk"))
    if not due:
        raise refuse(
            "fees.not_due",
            "此人没有待缴款项。",
            "This person owes nothing.",
            "无需支付。",
            "There is nothing to pay.",
        )
    if paid_of(due):
        raise part_paid()
    require_season_open(campaign, candidate.season)
    former = candidate.online_orders.filter(status=OrderStatus.OPEN).first()
    if former is not None:
        if set(former.charges.values_list("pk", flat=True)) == {charge.pk for charge in due}:
            return former
        ORDER.move(former, "fees.replace_order")
    order = OnlineOrder.objects.create(
        campaign=campaign, candidate=candidate, gateway=gateway.name, amount_fen=sum(one.amount_fen for one in due)
    )
    order.charges.set(due)
    placed = gateway.create_order(OrderRequest(order.public_id, order.amount_fen, MATTER.zh, notify_url))
    order.reference, order.pay_url = placed.reference, placed.pay_url
    order.save(update_fields=["reference", "pay_url"])
    audit.note(order=str(order.public_id), amount_fen=order.amount_fen, gateway=gateway.name)
    return order


@action("fees.take_notice", permission=by_system)
def take_notice(actor: Actor, nothing: None, *, gateway: str, notice: Notice) -> GatewayNotice:
    """Store a verified notice and act on it; a repeated one is returned as it was first taken."""
    order = OnlineOrder.objects.select_for_update().filter(public_id=notice.order_id, gateway=gateway).first()
    known = GatewayNotice.objects.filter(gateway=gateway, notice_id=notice.notice_id).first()
    if known is not None:
        audit.note(notice="repeated")
        return known
    outcome = _act(order, notice.event, notice.amount_fen) if order else NoticeOutcome.UNKNOWN_ORDER
    taken = GatewayNotice.objects.create(
        gateway=gateway, notice_id=notice.notice_id, order=order, event=notice.event, amount_fen=notice.amount_fen,
        occurred_at=notice.occurred_at, outcome=outcome,
    )  # fmt: skip
    audit.note(event=str(notice.event), outcome=str(outcome), order=str(notice.order_id))
    if order is not None and outcome is NoticeOutcome.APPLIED:
        for waiting in order.notices.filter(outcome=NoticeOutcome.EARLY):
            _act(order, Event(waiting.event), waiting.amount_fen)
    return taken


def _act(order: OnlineOrder, event: Event, amount_fen: int) -> NoticeOutcome:
    if event is Event.PAID:
        return _paid(order, amount_fen)
    if event is Event.CLOSED:
        if order.status == OrderStatus.OPEN:
            return _becomes(order, OrderStatus.CLOSED)
        return NoticeOutcome.IGNORED
    if order.status in (OrderStatus.OPEN, OrderStatus.CLOSED):
        return NoticeOutcome.EARLY
    if order.status == OrderStatus.REFUNDED:
        return NoticeOutcome.IGNORED
    if amount_fen != order.amount_fen:
        return NoticeOutcome.AMOUNT_DIFFERS
    return _refunded(order)


def _paid(order: OnlineOrder, amount_fen: int) -> NoticeOutcome:
    """Book a payment, a late one for a closed order too; what nobody owes any more, or no open book can hold, is marked to
    be refunded."""
    if order.status not in (OrderStatus.OPEN, OrderStatus.CLOSED):
        return NoticeOutcome.IGNORED
    if amount_fen != order.amount_fen:
        return NoticeOutcome.AMOUNT_DIFFERS
    order.paid_at = timezone.now()
    due = list(order.charges.filter(status=ChargeStatus.DUE))
    over = is_season_closed(order.campaign, order.candidate.season)
    if over or len(due) != order.charges.count() or paid_of(due):
        return _becomes(order, OrderStatus.SURPLUS)
    till = unit_till(order.campaign, order.campaign.centre, AccountKind.BANK)
    order.collection = collect(
        SYSTEM, till, channel=Channel.ONLINE, tendered_fen=amount_fen, nonce=order.public_id, charges=due,
        reference=order.reference,
    )  # fmt: skip
    return _becomes(order, OrderStatus.PAID)


def _refunded(order: OnlineOrder) -> NoticeOutcome:
    if order.status == OrderStatus.PAID:
        for charge in _paid_charges(order):
            refund_charge(SYSTEM, charge, reason=f"{order.gateway} {order.reference}")
    return _becomes(order, OrderStatus.REFUNDED)


def _paid_charges(order: OnlineOrder) -> list[Charge]:
    return list(order.charges.filter(status__in=(ChargeStatus.COLLECTED, ChargeStatus.HANDED_IN)))


def _becomes(order: OnlineOrder, status: OrderStatus) -> NoticeOutcome:
    ORDER.move(order, "fees.take_notice", to=status, fields=("collection", "paid_at"))
    return NoticeOutcome.APPLIED


@action("fees.refund_order", permission=by_system)
def refund_order(actor: Actor, order: OnlineOrder, *, reason: str) -> OnlineOrder:
    """Have the gateway pay an order back, and take its charges back in the books in the same transaction.

    A person asks for it and another one approves it (``fees.refunds``).
    """
    if order.status not in (OrderStatus.PAID, OrderStatus.SURPLUS):
        raise refuse(
            "fees.order_not_paid",
            "这个订单没有可退的款项。",
            "There is nothing to pay back on this order.",
            "请刷新页面查看状态。",
            "Reload the page to see its state.",
        )
    if order.status == OrderStatus.PAID:
        for charge in _paid_charges(order):
            refund_charge(SYSTEM, charge, reason=reason)
    gateway = GATEWAYS[order.gateway]()
    # Last: if the gateway refuses, the books are rolled back; if the books cannot be written, it is asked again with
    # the same refund number and pays once.
    gateway.refund(order.public_id, order.amount_fen, f"R-{order.public_id}")
    ORDER.move(order, "fees.refund_order")
    audit.note(order=str(order.public_id), amount_fen=order.amount_fen)
    return order


def ask_again(order: OnlineOrder) -> OnlineOrder:
    """Ask the gateway for an order whose notice did not come, and act as if it had."""
    gateway = GATEWAYS[order.gateway]()
    seen = gateway.query(order.public_id)
    if seen.paid_fen:
        _take(order, Event.PAID, seen.paid_fen)
    if seen.refunded_fen:
        _take(order, Event.REFUNDED, seen.refunded_fen)
    if seen.closed and not seen.paid_fen:
        _take(order, Event.CLOSED, 0)
    order.refresh_from_db()
    return order


def _take(order: OnlineOrder, event: Event, amount_fen: int) -> None:
    notice = Notice(f"query-{event}-{order.public_id}", order.public_id, event, amount_fen, timezone.now())
    with transaction.atomic():
        take_notice(SYSTEM, None, gateway=order.gateway, notice=notice)
