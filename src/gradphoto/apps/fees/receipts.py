"""Receipts (收据): running numbers without a gap, one for what both sides agreed on, never used twice (R63, R133, R138)."""

from __future__ import annotations

from django.db.models import Count, Sum
from django.utils import timezone

from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import PermissionRefusal, refuse, stated_reason
from gradphoto.apps.fees.ledger import require_season_open
from gradphoto.apps.fees.models import (
    Collection,
    EntryKind,
    HandIn,
    HandInStatus,
    Receipt,
    ReceiptBook,
    ReceiptCancellation,
)
from gradphoto.apps.fees.policy import issues, keeps_till, receives
from gradphoto.apps.orgs.models import Organisation
from gradphoto.engine.wording import Wording

MATTER = Wording("毕业生图像采集费", "Graduates' image collection fee")


@action("fees.receipt_for_hand_in", permission=receives)
def receipt_for_hand_in(actor: Actor, hand_in: HandIn) -> Receipt:
    """Give the receipt for a hand-in whose count both sides agreed on; the receiving unit is the issuer."""
    if hand_in.status != HandInStatus.RECEIVED:
        raise refuse(
            "fees.not_agreed",
            "双方尚未清点一致，不能开具收据。",
            "Both sides have not agreed on the count; no receipt yet.",
            "请先由接收方清点确认。",
            "Let the receiving side count and agree first.",
        )
    giver, receiver = hand_in.giver.organisation, hand_in.receiver.organisation
    assert giver is not None, "a till belongs to an organisation"
    assert receiver is not None, "a till belongs to an organisation"
    require_season_open(hand_in.campaign, hand_in.season)
    former = _former(hand_in.receipts.order_by("-pk").first())
    return _write(
        actor, receiver,
        Receipt(
            campaign=hand_in.campaign, payer=giver.name, payer_organisation=giver, amount_fen=hand_in.amount_fen,
            people_count=hand_in.people_count, hand_in=hand_in, replaces=former,
        ),
    )  # fmt: skip


@action("fees.receipt_for_collection", permission="fees.collect")
def receipt_for_collection(actor: Actor, collection: Collection) -> Receipt:
    """Give a payer a receipt for what still stands of one collection, in the name of the collector's unit.

    What was cancelled or refunded of it is not on the receipt; where nothing is left: ``fees.collection_taken_back``.
    """
    if not keeps_till(actor, collection.till):
        raise PermissionRefusal("fees.receipt_for_collection")
    issuer = collection.till.organisation
    assert issuer is not None, "a till belongs to an organisation"
    left_fen, people = still_standing(collection)
    if not left_fen:
        raise refuse(
            "fees.collection_taken_back",
            "这笔收款已全部撤销或退款，不能再开收据。",
            "All of this collection was taken back; no receipt for it.",
            "如重新收款，请为新的收款开具。",
            "If money is taken anew, give the receipt for that.",
        )
    former = _former(collection.receipts.order_by("-pk").first())
    return _write(
        actor, issuer,
        Receipt(
            campaign=collection.campaign, payer=collection.payer, amount_fen=left_fen, people_count=people,
            collection=collection, replaces=former,
        ),
    )  # fmt: skip


def still_standing(collection: Collection) -> tuple[int, int]:
    """Fen and persons of a collection that nothing has taken back."""
    standing = collection.entries.filter(kind=EntryKind.COLLECT, reversed_by=None)
    told = standing.aggregate(fen=Sum("amount_fen"), people=Count("charge__candidate", distinct=True))
    return told["fen"] or 0, told["people"]


def _former(last: Receipt | None) -> Receipt | None:
    """The cancelled receipt that a new one replaces; refuses while the last one stands."""
    if last is not None and not last.is_cancelled:
        raise refuse(
            "fees.receipt_exists",
            f"已开具收据 {last.number_label}。",
            f"Receipt {last.number_label} was given already.",
            "如需重开，请先作废原收据。",
            "Cancel that one first if a new one is needed.",
        )
    return last


def _write(actor: Actor, issuer: Organisation, receipt: Receipt) -> Receipt:
    """Number and store a receipt. The book's row stays locked to the end: no number is skipped, none given twice."""
    year = timezone.localdate().year
    ReceiptBook.objects.get_or_create(issuer=issuer, year=year)
    book = ReceiptBook.objects.select_for_update().get(issuer=issuer, year=year)
    book.last += 1
    book.save(update_fields=["last"])
    receipt.issuer, receipt.year, receipt.number = issuer, year, book.last
    receipt.matter, receipt.issued_by = MATTER.zh, actor.user
    receipt.save()
    audit.note(receipt=receipt.number_label, amount_fen=receipt.amount_fen)
    return receipt


@action("fees.cancel_receipt", permission=issues)
def cancel_receipt(actor: Actor, receipt: Receipt, *, reason: str) -> ReceiptCancellation:
    """Declare a receipt void. It and its number stay; the money does not move."""
    if receipt.is_cancelled:
        raise refuse(
            "fees.receipt_is_cancelled",
            "这张收据已经作废。",
            "This receipt is cancelled already.",
            "请刷新页面。",
            "Reload the page.",
        )
    audit.note(receipt=receipt.number_label, reason=stated_reason(reason, "fees.reason_missing"))
    return ReceiptCancellation.objects.create(
        receipt=receipt, reason=stated_reason(reason, "fees.reason_missing"), by=actor.user
    )
