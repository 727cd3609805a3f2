"""What is charged, collected, waived, cancelled and refunded. Nothing is taken back but by a counter-entry."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import PermissionRefusal, Refusal, invalid, refuse, stated_reason, within
from gradphoto.apps.fees.ledger import Move, latest, post, student_accounts, turned_round, whole
from gradphoto.apps.fees.lifecycle import CHARGE, move_charges
from gradphoto.apps.fees.models import (
    Account,
    AccountKind,
    Channel,
    Charge,
    ChargeStatus,
    Collection,
    EntryKind,
    Item,
    Receipt,
    WaiveGround,
)
from gradphoto.apps.fees.parts import paid_of, payments_of, require_here, require_no_part, require_not_online
from gradphoto.apps.fees.policy import keeps, keeps_till, serves
from gradphoto.apps.fees.prices import PriceInForce, price_of, require_open
from gradphoto.apps.fees.sent_twice import taken_already
from gradphoto.apps.orgs.policy import by_system, has_role, is_same_person
from gradphoto.apps.orgs.scope import changeable
from gradphoto.apps.roster.lifecycle import APPROVED
from gradphoto.apps.roster.models import Candidate

_PHOTO_HELD = (ChargeStatus.DUE, ChargeStatus.COLLECTED, ChargeStatus.HANDED_IN, ChargeStatus.WAIVED)


@action("fees.charge_people", permission="fees.collect", within=())
def charge_people(actor: Actor, campaign: Campaign, *, candidates: Iterable[Candidate]) -> list[Charge]:
    """Charge the photograph to those on the approved list who are not charged yet; returns the new charges."""
    return _charge_photo(actor, campaign, _mine(actor, Candidate, candidates))


def _charge_photo(actor: Actor, campaign: Campaign, seen: Sequence[Candidate]) -> list[Charge]:
    # Held until the transaction ends: two counters that charge the same person wait for each other.
    people = list(Candidate.objects.select_for_update().filter(pk__in=[one.pk for one in seen]).order_by("pk"))
    held = set(
        Charge.objects.filter(candidate__in=people, item=Item.PHOTO, status__in=_PHOTO_HELD).values_list(
            "candidate", flat=True
        )
    )
    # Who has two programmes is photographed once and pays once, under the record that is photographed.
    wanted = [person for person in people if person.pk not in held and person.same_person_id is None]
    prices: dict[str, PriceInForce] = {}
    for person in wanted:
        if person.campaign_id != campaign.pk or person.status not in APPROVED:
            raise refuse(
                "fees.not_on_the_list",
                f"{person.student_no} 尚未核准，不能收费。",
                f"{person.student_no} is not on the approved list yet.",
                "请先在名册中核准。",
                "Have the row accepted in the roster first.",
            )
        if person.school_kind not in prices:
            prices[person.school_kind] = price_of(campaign, Item.PHOTO, person.school_kind)
    charges = _write_charges(actor, campaign, [(person, prices[person.school_kind], 1, "") for person in wanted])
    audit.note(charged=len(charges))
    return charges


def _write_charges(
    actor: Actor, campaign: Campaign, wanted: Sequence[tuple[Candidate, PriceInForce, int, str]]
) -> list[Charge]:
    if not wanted:
        return []
    charges = Charge.objects.bulk_create(
        Charge(
            candidate=person, item=price.item, quantity=quantity, unit_fen=price.amount_fen,
            amount_fen=quantity * price.amount_fen, price_source=price.source,
            price_effective_from=price.effective_from, reason=reason,
        )
        for person, price, quantity, reason in wanted
    )  # fmt: skip
    accounts = student_accounts([person for person, *_ in wanted])
    revenue = whole(campaign, AccountKind.REVENUE)
    post(
        actor,
        campaign,
        (
            Move(
                EntryKind.CHARGE, accounts[charge.candidate_id], revenue, charge.amount_fen,
                charge.candidate.season, charge,
            )
            for charge in charges
        ),
    )  # fmt: skip
    return charges


@action("fees.book_extra", permission="fees.collect")
def book_extra(actor: Actor, candidate: Candidate, *, item: Item, quantity: int = 1, reason: str = "") -> Charge:
    """Book what is paid beside the photograph: the group photograph (R131), extra prints, a make-up, an image card."""
    if item == Item.PHOTO or not 1 <= quantity <= 99 or (quantity > 1 and item != Item.EXTRA_PRINT):
        raise invalid(
            "fees.extra",
            "项目或数量不正确。",
            "The item or the number is wrong.",
            "除加印外每人每次一份；加印最多 99 张。",
            "One of each at a time; up to 99 extra prints.",
        )
    if candidate.charges.filter(item=item, status=ChargeStatus.DUE).exists():
        raise refuse(
            "fees.extra_booked",
            "此人该项目已登记，尚未缴费。",
            "This item is booked for this person and not paid yet.",
            "请先收款或撤销原登记。",
            "Collect it or cancel it first.",
        )
    price = price_of(candidate.campaign, item, candidate.school_kind)
    audit.note(item=str(item), quantity=quantity)
    return _write_charges(
        actor, candidate.campaign, [(candidate, price, quantity, within(reason, 200, field="reason"))]
    )[0]


@action("fees.book_free_reshoot", permission="fees.free_reshoot")
def book_free_reshoot(actor: Actor, candidate: Candidate, *, reason: str) -> Charge:
    """A reshoot for closed eyes or another fault of the shooting: charged and waived in one act, free (R137)."""
    price = price_of(candidate.campaign, Item.MAKE_UP, candidate.school_kind)
    charge = _write_charges(
        actor, candidate.campaign, [(candidate, price, 1, stated_reason(reason, "fees.reason_missing"))]
    )[0]
    _waive(actor, charge, WaiveGround.SHOOTING_FAULT, reason)
    CHARGE.move(charge, "fees.waive_charge")
    audit.note(charge=charge.pk, reason=charge.reason)
    return charge


@action("fees.collect", permission=has_role("fees.collect") & keeps_till)
def collect(
    actor: Actor,
    till: Account,
    *,
    channel: Channel,
    tendered_fen: int,
    nonce: uuid.UUID,
    charges: Iterable[Charge] = (),
    people: Iterable[Candidate] = (),
    shown_fen: int | None = None,
    payer: str = "",
    reference: str = "",
) -> Collection:
    """Take money into a till: for ``charges``, and for the photograph of ``people`` (charged now where it was not).

    Of a charge that is paid in part the rest is taken, by the till where that part lies (``fees.part_elsewhere``).

    ``nonce`` makes a repeated call harmless: it returns the first collection; with other contents it raises
    ``fees.sent_before``. ``shown_fen`` is the total that the
    person at the counter saw; another total is refused, never silently taken.
    """
    charges, people = list(charges), list(people)
    if (done := taken_already(till, nonce, charges=charges, people=people)) is not None:
        return done
    campaign = till.campaign
    require_open(campaign, channel)
    owed = _lock_due(actor, campaign, charges, _mine(actor, Candidate, people))
    require_here(owed, till)
    paid = paid_of(owed)
    rest = {charge.pk: charge.amount_fen - paid.get(charge.pk, 0) for charge in owed}
    total = sum(rest.values())
    if shown_fen is not None and shown_fen != total:
        raise _total_changed()
    if tendered_fen < total:
        raise refuse(
            "fees.too_little",
            "实收金额不足。",
            "The money given is not enough.",
            "请收足金额，或减少勾选的项目。",
            "Take the whole amount, or tick fewer items.",
        )
    people_count = len({charge.candidate_id for charge in owed})
    collection = Collection.objects.create(
        campaign=campaign, till=till, channel=channel, total_fen=total, tendered_fen=tendered_fen,
        change_fen=tendered_fen - total, people_count=people_count,
        payer=within(payer, 80, field="payer") or _payer(owed)[:80], reference=within(reference, 80),
        business_day=timezone.localdate(), actor=actor.key, actor_label=actor.label, nonce=nonce,
    )  # fmt: skip
    accounts = student_accounts([charge.candidate for charge in owed])
    post(
        actor,
        campaign,
        (
            Move(
                EntryKind.COLLECT, till, accounts[charge.candidate_id], rest[charge.pk], charge.candidate.season,
                charge, collection,
            )
            for charge in owed
        ),
    )  # fmt: skip
    move_charges(owed, "fees.collect", till)
    audit.note(collection=collection.pk, total_fen=total, people=people_count, channel=str(channel))
    return collection


def _lock_due(actor: Actor, campaign: Campaign, charges: Iterable[Charge], people: Sequence[Candidate]) -> list[Charge]:
    """The charges to be paid, locked in one order, all of this campaign, seen by the actor and still due."""
    wanted = {charge.pk for charge in _mine(actor, Charge, charges)}
    if people:
        wanted |= {charge.pk for charge in _charge_photo(actor, campaign, people)}
        wanted |= set(
            Charge.objects.filter(candidate__in=people, item=Item.PHOTO, status__in=_PHOTO_HELD).values_list(
                "pk", flat=True
            )
        )
    if not wanted:
        raise invalid(
            "fees.nothing_ticked", "没有勾选任何人。", "Nobody is ticked.", "请先勾选。", "Tick somebody first."
        )
    locked = Charge.objects.select_for_update(of=("self",)).filter(pk__in=wanted).order_by("pk")
    owed = list(locked.select_related("candidate__department"))
    for charge in owed:
        if charge.candidate.campaign_id != campaign.pk:
            raise PermissionRefusal("fees.collect")
        if charge.status != ChargeStatus.DUE:
            raise refuse(
                "fees.not_due",
                f"{charge.candidate.student_no} 的“{charge.get_item_display()}”已缴或无需缴纳。",
                f"{charge.candidate.student_no} does not owe this any more.",
                "可能已有人先收款；请刷新页面后重新勾选。",
                "Somebody may have collected it already; reload the page and tick again.",
            )
    return owed


def _payer(owed: Sequence[Charge]) -> str:
    first = owed[0].candidate
    if all(charge.candidate_id == first.pk for charge in owed):
        return first.name
    classes = {charge.candidate.class_name for charge in owed}
    return f"{first.department.name} {first.class_name if len(classes) == 1 else ''}".strip()


def _total_changed() -> Refusal:
    return refuse(
        "fees.total_changed",
        "应收总额已经变化，与页面所示不符。",
        "The total is not what the page showed.",
        "请刷新页面，核对后再收款。",
        "Reload the page and check before you collect.",
    )


@action("fees.waive_charge", permission="fees.oversee", lifecycle=CHARGE)
def waive_charge(actor: Actor, charge: Charge, *, ground: WaiveGround, reason: str) -> None:
    """Let somebody off what they owe, for a reason on record. Raises ``fees.part_paid``."""
    require_no_part(charge)
    _waive(actor, charge, ground, reason)


def _waive(actor: Actor, charge: Charge, ground: WaiveGround, reason: str) -> None:
    campaign, why = charge.candidate.campaign, stated_reason(reason, "fees.reason_missing")
    account = student_accounts([charge.candidate])[charge.candidate_id]
    waived = whole(campaign, AccountKind.WAIVED)
    season = charge.candidate.season
    post(actor, campaign, [Move(EntryKind.WAIVE, waived, account, charge.amount_fen, season, charge, reason=why)])
    charge.waive_ground, charge.reason = ground, why
    charge.save(update_fields=["waive_ground", "reason"])
    audit.note(ground=str(ground), reason=why, amount_fen=charge.amount_fen)


@action("fees.cancel_waiver", permission="fees.oversee", lifecycle=CHARGE)
def cancel_waiver(actor: Actor, charge: Charge, *, reason: str) -> None:
    """Take a waiver back: the person owes again."""
    why = stated_reason(reason, "fees.reason_missing")
    waiver = latest(charge, EntryKind.WAIVE)
    post(actor, charge.candidate.campaign, [turned_round(waiver, EntryKind.CANCEL_WAIVER, why)])
    charge.waive_ground, charge.reason = "", why
    charge.save(update_fields=["waive_ground", "reason"])
    audit.note(reason=why)


@action("fees.cancel_charge", permission="fees.collect", lifecycle=CHARGE)
def cancel_charge(actor: Actor, charge: Charge, *, reason: str) -> None:
    """Cancel what was charged by mistake and is not paid. Raises ``fees.part_paid``."""
    require_no_part(charge)
    why = stated_reason(reason, "fees.reason_missing")
    post(
        actor,
        charge.candidate.campaign,
        [turned_round(latest(charge, EntryKind.CHARGE), EntryKind.CANCEL_CHARGE, why)],
    )
    _keep(charge, why)


@action("fees.cancel_payment", permission="fees.collect", lifecycle=CHARGE)
def cancel_payment(actor: Actor, charge: Charge, *, reason: str) -> None:
    """Take back a collection entered by mistake: the money goes back, the person owes as before.

    The collector does it on the same day; a mistake that is found later somebody else puts right (``fees.four_eyes``),
    or it is a refund. Of a charge paid in parts it takes back the latest one. Raises ``fees.nothing_paid``, and
    ``fees.by_its_order`` for an online payment: the gateway has the money and alone gives it back.
    """
    why = stated_reason(reason, "fees.reason_missing")
    till = till_to_give_from(charge)
    if not keeps(actor, till) and not serves(actor, till.organisation, "fees.remit"):
        raise PermissionRefusal("fees.cancel_payment")
    payment = latest(charge, EntryKind.COLLECT)
    require_not_online(payment)
    if payment.business_day != timezone.localdate() and is_same_person(actor, payment.actor):
        raise refuse(
            "fees.four_eyes",
            "不是当天的收款，不能由收款人自己撤销。",
            "A collection of another day is not cancelled by its own collector.",
            "请由教务处或本单位另一位人员撤销，或申请退款。",
            "Have the registry or a colleague cancel it, or ask for a refund.",
        )
    post(actor, charge.candidate.campaign, [turned_round(payment, EntryKind.CANCEL_PAYMENT, why, giver=till)])
    _keep(charge, why)


@action("fees.refund_charge", permission=by_system, lifecycle=CHARGE)
def refund_charge(actor: Actor, charge: Charge, *, reason: str) -> None:
    """Give back all that was paid for a charge, out of the till where it lies now, and cancel the charge.

    A person asks for it and another one pays it out (``fees.refunds``); the gateway's own refunds come here, too.
    """
    why = stated_reason(reason, "fees.reason_missing")
    till = till_to_give_from(charge)
    post(
        actor,
        charge.candidate.campaign,
        [
            *(turned_round(paid, EntryKind.REFUND, why, giver=till) for paid in payments_of([charge])),
            turned_round(latest(charge, EntryKind.CHARGE), EntryKind.CANCEL_CHARGE, why),
        ],
    )
    _keep(charge, why)


def till_to_give_from(charge: Charge) -> Account:
    """The till where a charge's money lies, its parts included.

    Raises ``fees.nothing_paid``, and ``fees.on_a_list`` or ``fees.receipt_is_out`` where a list or a receipt holds it fast.
    """
    payments = list(payments_of([charge]))
    if not payments:
        raise refuse(
            "fees.nothing_paid",
            "此项没有可退回的款项。",
            "Nothing was paid for this that could be given back.",
            "请刷新页面。",
            "Reload the page.",
        )
    till = charge.till or payments[0].debit
    if charge.hand_in_items.filter(live=True, hand_in__status="listed").exists():
        raise refuse(
            "fees.on_a_list",
            "这笔钱已列入待接收的上缴单。",
            "This money stands on a hand-in list that is not received yet.",
            "请先撤回该上缴单。",
            "Withdraw that list first.",
        )
    if Receipt.objects.filter(collection__in=[one.collection_id for one in payments], cancellation=None).exists():
        raise refuse(
            "fees.receipt_is_out",
            "这笔收款已开收据。",
            "A receipt was given for this collection.",
            "请先收回并作废收据。",
            "Take the receipt back and cancel it first.",
        )
    return till


def _keep(charge: Charge, reason: str) -> None:
    charge.reason = reason
    charge.save(update_fields=["reason"])
    audit.note(reason=reason, amount_fen=charge.amount_fen)


def _mine(actor: Actor, model: Any, records: Iterable[Any]) -> list[Any]:
    """The records again, fresh, if the actor sees every one of them as a collector; else a refusal."""
    wanted = {record.pk for record in records}
    if not wanted:
        return []
    found = list(changeable(actor, model, "fees.collect").filter(pk__in=wanted).distinct())
    if len(found) != len(wanted):
        raise PermissionRefusal("fees.collect")
    return found


@action("fees.export_people", permission="fees.collect", within=())
def export_people(actor: Actor, campaign: Campaign, *, what: str, count: int) -> int:
    """Put a list of names that leaves the house on record before its file is made."""
    audit.note(what=what, count=count)
    return count
