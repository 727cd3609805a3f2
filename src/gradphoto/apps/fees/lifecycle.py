"""Lifecycle C7 of what is owed, and of a hand-in list (R133-R139)."""

from __future__ import annotations

from collections.abc import Iterable

from gradphoto.apps.core.lifecycle import Lifecycle
from gradphoto.apps.fees.models import Account, Charge, HandIn, HandInStatus
from gradphoto.apps.fees.models import ChargeStatus as S

CHARGE = Lifecycle(
    Charge,
    {
        S.DUE: {
            "fees.collect": S.COLLECTED,
            "fees.waive_charge": S.WAIVED,
            "fees.cancel_charge": S.CANCELLED,
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


def move_charges(charges: Iterable[Charge], action: str, till: Account) -> None:
    """Move charges that are locked already on by one step of a bulk action, with their money in ``till``."""
    moved = list(charges)
    for charge in moved:
        charge.status, charge.till = CHARGE.next_state(charge, action), till
    Charge.objects.bulk_update(moved, ["status", "till"], batch_size=500)
