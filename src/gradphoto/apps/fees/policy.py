"""Who may do what with money: collectors where they work, receivers for their own unit, keepers with their own till."""

from __future__ import annotations

from typing import Any

import rules

from gradphoto.apps.core.actors import Actor, ActorKind
from gradphoto.apps.fees.models import Account, AccountKind, HandIn
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.orgs.permissions import roles_of


def serves(actor: Actor, organisation: Organisation | None, *permissions: str, exactly: bool = False) -> bool:
    """Whether the actor holds one of the permissions at or above the organisation; ``exactly``: in it itself.

    Asked of an organisation in whose name somebody would speak, not of a record.
    """
    if actor.kind is ActorKind.SYSTEM:
        return True
    if actor.kind is not ActorKind.USER or organisation is None:
        return False
    wanted = frozenset(roles_of(*permissions))
    return any(
        member.role in wanted
        and (
            member.organisation_id == organisation.pk
            if exactly
            else organisation.path.startswith(member.organisation.path)
        )
        for member in actor.user.held
    )


@rules.predicate
def sets_prices(actor: Actor, organisation: Any = None) -> bool:
    """In one's own organisation or below it."""
    return serves(actor, organisation, "fees.set_prices")


def keeps(actor: Actor, till: Account) -> bool:
    """One's own purse; for a unit's till and its bank account whoever receives for that unit."""
    if actor.kind is ActorKind.SYSTEM:
        return True
    if till.kind == AccountKind.PERSON:
        return actor.kind is ActorKind.USER and till.keeper_id == actor.user.pk
    return serves(actor, till.organisation, "fees.receive", exactly=True)


@rules.predicate
def keeps_till(actor: Actor, till: Any = None) -> bool:
    """See ``keeps``."""
    return till is None or keeps(actor, till)


@rules.predicate
def gives(actor: Actor, hand_in: Any = None) -> bool:
    """The side that hands in."""
    return isinstance(hand_in, HandIn) and keeps(actor, hand_in.giver)


@rules.predicate
def receives(actor: Actor, hand_in: Any = None) -> bool:
    """The side that receives; what comes to the centre the photographer counts on the spot, too (R133)."""
    if not isinstance(hand_in, HandIn):
        return False
    place = hand_in.receiver.organisation
    return keeps(actor, hand_in.receiver) or serves(actor, place, "fees.receive_on_site", exactly=True)


@rules.predicate
def issues(actor: Actor, receipt: Any = None) -> bool:
    """Whoever receives for the issuer writes and cancels its receipts."""
    return receipt is None or serves(actor, receipt.issuer, "fees.receive", exactly=True)
