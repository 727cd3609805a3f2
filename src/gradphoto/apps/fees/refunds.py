"""Refunds by four eyes: one person asks, another one pays it out of the till where the money lies (R138).

A refund gives back all that was paid for its charges, of one payment or several, parts included. The ledger answers each
collection by its own counter-entry; nothing is changed or deleted.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import rules
from django.db import IntegrityError, transaction
from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import PermissionRefusal, Refusal, invalid, refuse, stated_reason
from gradphoto.apps.fees.actions import refund_charge, till_to_give_from
from gradphoto.apps.fees.ledger import require_season_open
from gradphoto.apps.fees.lifecycle import REFUND
from gradphoto.apps.fees.models import (
    Account,
    Charge,
    ChargeStatus,
    Collection,
    OnlineOrder,
    OrderStatus,
    Refund,
    RefundItem,
)
from gradphoto.apps.fees.online import refund_order
from gradphoto.apps.fees.parts import by_its_order, paid_of
from gradphoto.apps.fees.policy import keeps, serves
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.orgs.policy import is_same_person
from gradphoto.apps.orgs.scope import changeable

_LEDGER = Actor.system("refunds")
REFUNDABLE = (ChargeStatus.DUE, ChargeStatus.COLLECTED, ChargeStatus.HANDED_IN)
"""States in which something may be paid: of a charge that is due perhaps a part."""


@rules.predicate
def pays_back(actor: Actor, refund: Any = None) -> bool:
    """Who keeps the till or oversees it; an online order is paid back by who oversees the money."""
    if refund is None:
        return True
    campaign = refund.campaign
    if refund.order_id is not None:
        return serves(actor, campaign.school, "fees.oversee") or serves(actor, campaign.centre, "fees.oversee")
    return keeps(actor, refund.till) or serves(actor, refund.till.organisation, "fees.receive", "fees.oversee")


@rules.predicate
def asked_for_it(actor: Actor, refund: Any = None) -> bool:
    """The person who asked."""
    return refund is None or is_same_person(actor, refund.asked_by_id)


@action("fees.ask_refund", permission="fees.collect", within=())
def ask_refund(actor: Actor, campaign: Campaign, *, charges: Iterable[Charge], reason: str) -> Refund:
    """Ask that what was paid for these charges be given back; all of it lies in one till.

    Raises ``fees.nothing_ticked``, ``fees.nothing_paid``, ``fees.refund_asked``, ``fees.several_tills``; ``fees.on_a_list``
    or ``fees.receipt_is_out`` where a list or a receipt holds the money; ``fees.by_its_order`` for an online payment.
    """
    why = stated_reason(reason, "fees.reason_missing")
    wanted = _mine(actor, campaign, charges)
    tills = {charge.pk: till_to_give_from(charge) for charge in wanted}
    if len({till.pk for till in tills.values()}) > 1:
        raise refuse(
            "fees.several_tills",
            "所选款项在不同的钱箱：" + "、".join(sorted({str(till) for till in tills.values()})) + "。",
            "These lie in different tills: " + ", ".join(sorted({str(till) for till in tills.values()})) + ".",
            "请分别申请。",
            "Ask for each till apart.",
        )
    if (order := _order_of(wanted)) is not None:
        raise by_its_order(order.reference)
    _require_open(campaign, wanted)
    paid = paid_of(wanted)
    return _ask(actor, campaign, wanted, paid, next(iter(tills.values())), None, why)


@action("fees.ask_order_refund", permission="fees.oversee")
def ask_order_refund(actor: Actor, order: OnlineOrder, *, reason: str) -> Refund:
    """Ask that an online order be paid back the way it came. Raises ``fees.order_not_paid`` and ``fees.refund_asked``."""
    why = stated_reason(reason, "fees.reason_missing")
    if order.status not in (OrderStatus.PAID, OrderStatus.SURPLUS):
        raise refuse(
            "fees.order_not_paid",
            "这个订单没有可退的款项。",
            "There is nothing to pay back on this order.",
            "请刷新页面查看状态。",
            "Reload the page to see its state.",
        )
    charges: list[Charge] = []
    if order.status == OrderStatus.PAID:
        charges = list(order.charges.filter(status__in=REFUNDABLE).select_related("candidate__department"))
    _require_open(order.campaign, charges)
    paid = paid_of(charges)
    till = order.collection.till if order.collection is not None else None
    return _ask(actor, order.campaign, [one for one in charges if one.pk in paid], paid, till, order, why)


def _require_open(campaign: Campaign, charges: list[Charge]) -> None:
    """What nobody could pay out any more is not asked for, and none waits when a season is closed."""
    for season in sorted({charge.candidate.season for charge in charges}):
        require_season_open(campaign, season)


def _ask(
    actor: Actor, campaign: Campaign, charges: list[Charge], paid: dict[int, int], till: Account | None,
    order: OnlineOrder | None, reason: str,
) -> Refund:  # fmt: skip
    homes = {charge.candidate.department_id: charge.candidate.department for charge in charges}
    home: Organisation = next(iter(homes.values())) if len(homes) == 1 else campaign.school
    if order is not None and not homes:
        home = order.candidate.department
    amount = order.amount_fen if order is not None else sum(paid[charge.pk] for charge in charges)
    people = len({charge.candidate_id for charge in charges}) or 1
    try:
        with transaction.atomic():
            made = Refund.objects.create(
                campaign=campaign, organisation=home, till=till, order=order, amount_fen=amount, people_count=people,
                reason=reason, asked_by=actor.user,
            )  # fmt: skip
            RefundItem.objects.bulk_create(
                RefundItem(refund=made, charge=charge, amount_fen=paid[charge.pk]) for charge in charges
            )
    except IntegrityError:
        raise refuse(
            "fees.refund_asked",
            "其中有款项已在申请退款，尚未复核。",
            "A refund of one of these is asked for already and waits for approval.",
            "请在“退款”中查看。",
            "Look under Refunds.",
        ) from None
    audit.note(refund=made.pk, amount_fen=amount, people=people, reason=reason)
    return made


@action("fees.approve_refund", permission=pays_back)
def approve_refund(actor: Actor, refund: Refund) -> None:
    """Another person than who asked pays it out; the books follow in the same transaction.

    Raises ``fees.four_eyes``; ``fees.refund_moved`` where the money lies elsewhere, or is another sum, than was asked.
    """
    REFUND.next_state(refund, "fees.approve_refund")
    _require_another(actor, refund)
    if refund.order is not None:
        refund_order(_LEDGER, refund.order, reason=refund.reason)
    else:
        _pay_out(refund)
    _decide(actor, refund, "fees.approve_refund")
    audit.note(amount_fen=refund.amount_fen)


def _pay_out(refund: Refund) -> None:
    items = list(refund.items.all())
    # Held before the sum is looked at: a part that comes meanwhile waits, and is not given back unseen.
    held = Charge.objects.select_for_update(of=("self",)).filter(pk__in=[item.charge_id for item in items])
    charges = list(held.select_related("candidate__campaign", "till").order_by("pk"))
    paid = paid_of(charges)
    moved = any(till_to_give_from(charge).pk != refund.till_id for charge in charges)
    if moved or any(paid.get(item.charge_id) != item.amount_fen for item in items):
        raise refuse(
            "fees.refund_moved",
            "申请之后款项已上缴、撤销或有变化。",
            "Since it was asked for, the money has moved or changed.",
            "请驳回并按现在的情况重新申请。",
            "Refuse it and ask anew as things stand.",
        )
    for charge in charges:
        refund_charge(_LEDGER, charge, reason=refund.reason)


@action("fees.refuse_refund", permission=pays_back)
def refuse_refund(actor: Actor, refund: Refund, *, reason: str) -> None:
    """The money stays; who asked reads why."""
    REFUND.next_state(refund, "fees.refuse_refund")
    _require_another(actor, refund)
    refund.decision_reason = stated_reason(reason, "fees.reason_missing")
    _decide(actor, refund, "fees.refuse_refund")
    audit.note(reason=refund.decision_reason)


@action("fees.withdraw_refund", permission=asked_for_it)
def withdraw_refund(actor: Actor, refund: Refund) -> None:
    """Who asked takes it back."""
    _decide(actor, refund, "fees.withdraw_refund")


def _decide(actor: Actor, refund: Refund, step: str) -> None:
    """State and who decided change in one statement: the database holds the one against the other."""
    refund.decided_by, refund.decided_at = actor.user, timezone.now()
    before, after = (
        str(refund.status),
        REFUND.move(refund, step, fields=("decided_by", "decided_at", "decision_reason")),
    )
    refund.items.update(live=False)
    audit.note(**{"from": before, "to": after})


def _require_another(actor: Actor, refund: Refund) -> None:
    if is_same_person(actor, refund.asked_by_id):
        raise four_eyes()


def four_eyes() -> Refusal:
    return refuse(
        "fees.four_eyes",
        "退款不能由申请人自己复核。",
        "Who asked for a refund does not approve it.",
        "请由保管该钱箱的另一位人员或上级复核。",
        "Have another keeper of the till, or whoever oversees it, approve it.",
    )


def _order_of(charges: list[Charge]) -> OnlineOrder | None:
    return OnlineOrder.objects.filter(charges__in=charges, status=OrderStatus.PAID).first()


def _mine(actor: Actor, campaign: Campaign, charges: Iterable[Charge]) -> list[Charge]:
    wanted = {charge.pk for charge in charges}
    if not wanted:
        raise invalid(
            "fees.nothing_ticked",
            "没有勾选任何款项。",
            "Nothing is ticked.",
            "请先勾选要退的款项。",
            "Tick something first.",
        )
    locked = Charge.objects.select_for_update(of=("self",)).select_related("candidate__department", "till")
    mine = changeable(actor, Charge.objects.all(), "fees.collect").filter(pk__in=wanted, candidate__campaign=campaign)
    found = list(locked.filter(pk__in=mine.order_by().values("pk")).order_by("pk"))
    if len(found) != len(wanted):
        raise PermissionRefusal("fees.ask_refund")
    return found


def of_collection(collection: Collection) -> list[Charge]:
    """The charges of one payment that may be given back."""
    entries = collection.entries.filter(kind="collect", reversed_by=None, charge__status__in=REFUNDABLE)
    return list(Charge.objects.filter(pk__in=entries.values("charge")).select_related("candidate__department"))
