"""Part payments (分次缴费): what was paid of a charge that is still due, where it lies, and what is left to pay.

A part is an entry of the ledger like every collection. The charge stays due until the rest comes, at the same till, so
that the money of one charge lies in one place; until then it is handed on to nobody, and it is told wherever money is counted.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection as Many
from collections.abc import Iterable

from django.db.models import QuerySet
from django.utils import timezone

from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import PermissionRefusal, Refusal, invalid, refuse, within
from gradphoto.apps.fees.ledger import Move, post, student_accounts
from gradphoto.apps.fees.models import Account, Channel, Charge, ChargeStatus, Collection, Entry, EntryKind
from gradphoto.apps.fees.money import yuan
from gradphoto.apps.fees.policy import keeps_till
from gradphoto.apps.fees.prices import require_open
from gradphoto.apps.fees.sent_twice import taken_already
from gradphoto.apps.orgs.policy import has_role
from gradphoto.apps.orgs.scope import changeable


def payments_of(charges: Iterable[Charge]) -> QuerySet[Entry]:
    """What was collected for these charges and not taken back, oldest first."""
    wanted = [charge.pk for charge in charges]
    found = Entry.objects.filter(charge__in=wanted, kind=EntryKind.COLLECT, reversed_by=None)
    return found.select_related("debit__organisation", "debit__keeper", "credit", "collection").order_by("pk")


def parts() -> QuerySet[Entry]:
    """Every part payment that lies somewhere: collected, not taken back, and the charge still due."""
    return Entry.objects.filter(kind=EntryKind.COLLECT, reversed_by=None, charge__status=ChargeStatus.DUE)


def paid_of(charges: Many[Charge]) -> dict[int, int]:
    """Fen paid so far by charge; charges without a payment are left out."""
    paid: dict[int, int] = {}
    for entry in payments_of(charges):
        assert entry.charge_id is not None, "a collection is for a charge (fees_entry_as_kind)"
        paid[entry.charge_id] = paid.get(entry.charge_id, 0) + entry.amount_fen
    return paid


def require_here(charges: Many[Charge], till: Account) -> None:
    """Raises ``fees.part_elsewhere`` where a first part of one of these charges lies in another till."""
    for entry in payments_of(charges):
        if entry.debit_id != till.pk:
            raise refuse(
                "fees.part_elsewhere",
                f"已有部分款 {yuan(entry.amount_fen)} 元在“{entry.debit}”，余款须在同一处补足。",
                f"A part of {yuan(entry.amount_fen)} yuan lies with {entry.debit}; the rest is paid there.",
                "请由原收款人补收余款，或先退回部分款后重新收款。",
                "Have the same collector take the rest, or pay the part back first and collect anew.",
            )


def require_no_part(charge: Charge) -> None:
    """Raises ``fees.part_paid``: a charge of which a part is paid is neither waived nor cancelled before that part is back."""
    if payments_of([charge]).exists():
        raise part_paid()


def require_not_online(payment: Entry) -> None:
    """Raises ``fees.by_its_order``: what a gateway took goes back the same way, by four eyes."""
    assert payment.collection is not None, "a collection's entry names it (fees_entry_as_kind)"
    if payment.collection.channel == Channel.ONLINE:
        raise by_its_order(payment.collection.reference)


def by_its_order(reference: str) -> Refusal:
    return refuse(
        "fees.by_its_order",
        f"这笔款是网上支付（订单 {reference}），须原路退回。",
        f"This was paid online (order {reference}) and goes back the same way.",
        "请在该网上订单的页面申请退款。",
        "Ask for it on the page of that order.",
    )


def part_paid() -> Refusal:
    return refuse(
        "fees.part_paid",
        "此项已收部分款。",
        "A part of this is paid already.",
        "请收足余款，或先申请退回部分款。",
        "Take the rest, or ask for the part to be paid back first.",
    )


@action("fees.collect_part", permission=has_role("fees.collect") & keeps_till)
def collect_part(
    actor: Actor, till: Account, *, charge: Charge, amount_fen: int, tendered_fen: int, channel: Channel, nonce: uuid.UUID,
    payer: str = "",
) -> Collection:  # fmt: skip
    """Take a part of what one charge costs; the rest is due as before. ``nonce`` makes a repeated call harmless.

    Raises ``fees.part_amount`` for nothing, for the whole rest or more; ``fees.part_elsewhere``, ``fees.not_due``,
    ``fees.too_little``, ``fees.channel_closed`` and ``fees.sent_before``.
    """
    if (done := taken_already(till, nonce, charges=[charge], amount_fen=amount_fen)) is not None:
        return done
    campaign = till.campaign
    require_open(campaign, channel)
    seen = changeable(actor, Charge.objects.all(), "fees.collect").filter(pk=charge.pk)
    if not seen.exists() or charge.candidate.campaign_id != campaign.pk:
        raise PermissionRefusal("fees.collect_part")
    # Two counters that take a part of the same charge wait for each other.
    owed = Charge.objects.select_for_update(of=("self",)).select_related("candidate").get(pk=charge.pk)
    rest = owed.amount_fen - paid_of([owed]).get(owed.pk, 0)
    if owed.status != ChargeStatus.DUE:
        raise refuse("fees.not_due", "此项已缴或无需缴纳。", "This is not due any more.",
                     "请刷新页面。", "Reload the page.")  # fmt: skip
    require_here([owed], till)
    if not 0 < amount_fen < rest:
        raise invalid(
            "fees.part_amount",
            f"部分款须大于 0、小于尚欠的 {yuan(rest)} 元。",
            f"A part is more than nothing and less than the {yuan(rest)} yuan still due.",
            "收足全款请直接用“收款”。",
            "To take all of it, use Collect.",
            field="amount_fen",
        )
    if tendered_fen < amount_fen:
        raise invalid("fees.too_little", "实收金额不足。", "The money given is not enough.",
                      "请收足本次金额，或改小金额。", "Take the whole amount, or lower it.", field="tendered_fen")  # fmt: skip
    person = owed.candidate
    collection = Collection.objects.create(
        campaign=campaign, till=till, channel=channel, total_fen=amount_fen, tendered_fen=tendered_fen,
        change_fen=tendered_fen - amount_fen, people_count=1, payer=within(payer, 80, field="payer") or person.name,
        business_day=timezone.localdate(), actor=actor.key, actor_label=actor.label, nonce=nonce,
    )  # fmt: skip
    account = student_accounts([person])[person.pk]
    post(actor, campaign, [Move(EntryKind.COLLECT, till, account, amount_fen, person.season, owed, collection)])
    audit.note(charge=owed.pk, part_fen=amount_fen, rest_fen=rest - amount_fen, collection=collection.pk)
    return collection
