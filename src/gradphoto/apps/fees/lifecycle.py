"""Lifecycle C7 of what is owed, of a hand-in list, an online order and a bank statement (R133-R139)."""

from __future__ import annotations

from collections.abc import Iterable

from gradphoto.apps.core.lifecycle import Lifecycle
from gradphoto.apps.fees.models import (
    Account,
    BankImport,
    BankImportStatus,
    Charge,
    HandIn,
    HandInStatus,
    OnlineOrder,
    OrderStatus,
    Refund,
    RefundStatus,
)
from gradphoto.apps.fees.models import ChargeStatus as S

CHARGE = Lifecycle(
    Charge,
    {
        S.DUE: {
            "fees.collect": S.COLLECTED,
            "fees.waive_charge": S.WAIVED,
            "fees.cancel_charge": S.CANCELLED,
            # Of what is paid in part the part goes back.
            "fees.cancel_payment": S.DUE,
            "fees.refund_charge": S.REFUNDED,
        },
        S.COLLECTED: {
            "fees.cancel_payment": S.DUE,
            "fees.receive_hand_in": S.HANDED_IN,
            "fees.refund_charge": S.REFUNDED,
        },
        S.HANDED_IN: {"fees.receive_hand_in": S.HANDED_IN, "fees.refund_charge": S.REFUNDED},
        S.WAIVED: {"fees.cancel_waiver": S.DUE},
    },
)

HAND_IN = Lifecycle(
    HandIn,
    {
        HandInStatus.LISTED: {
            "fees.receive_hand_in": HandInStatus.RECEIVED,
            "fees.refuse_hand_in": HandInStatus.REFUSED,
            "fees.withdraw_hand_in": HandInStatus.WITHDRAWN,
        }
    },
)


ORDER = Lifecycle(
    OnlineOrder,
    {
        OrderStatus.OPEN: {
            "fees.replace_order": OrderStatus.CLOSED,
            "fees.take_notice": (OrderStatus.PAID, OrderStatus.SURPLUS, OrderStatus.CLOSED),
        },
        # A payment may come after the order was closed; what nobody owes any more is paid back.
        OrderStatus.CLOSED: {"fees.take_notice": (OrderStatus.PAID, OrderStatus.SURPLUS)},
        OrderStatus.PAID: {"fees.take_notice": OrderStatus.REFUNDED, "fees.refund_order": OrderStatus.REFUNDED},
        OrderStatus.SURPLUS: {"fees.take_notice": OrderStatus.REFUNDED, "fees.refund_order": OrderStatus.REFUNDED},
    },
)

REFUND = Lifecycle(
    Refund,
    {
        RefundStatus.ASKED: {
            "fees.approve_refund": RefundStatus.PAID,
            "fees.refuse_refund": RefundStatus.REFUSED,
            "fees.withdraw_refund": RefundStatus.WITHDRAWN,
        }
    },
)

BANK_IMPORT = Lifecycle(BankImport, {BankImportStatus.READING: {"fees.finish_import": BankImportStatus.DONE}})


def move_charges(charges: Iterable[Charge], action: str, till: Account) -> None:
    """Move charges that are locked already on by one step of a bulk action, with their money in ``till``."""
    moved = list(charges)
    for charge in moved:
        charge.till = till
    CHARGE.move_many(moved, action, fields=("till",))
