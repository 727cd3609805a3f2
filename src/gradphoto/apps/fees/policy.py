"""Who may do what with money: collectors where they work, receivers for their own unit, keepers with their own till."""

from __future__ import annotations

from typing import Any

import rules

from gradphoto.apps.core.actors import Actor, ActorKind
from gradphoto.apps.fees.models import Account, AccountKind, HandIn
from gradphoto.apps.orgs.models import Organisation, Role

COLLECTORS = (
    Role.COUNSELLOR, Role.COLLEGE_OFFICER, Role.LEARNING_CENTRE, Role.SITE_STAFF, Role.REGISTRAR,
    Role.COLLECTION_CENTRE,
)  # fmt: skip
"""Whoever takes money: from the counsellor of a class to the centre's officer (B15)."""
RECEIVERS = (Role.COLLEGE_OFFICER, Role.LEARNING_CENTRE, Role.REGISTRAR, Role.COLLECTION_CENTRE)
"""Whoever receives a hand-in for a unit, writes receipts in its name and keeps its till."""
KEEPERS_OF_PRICES = (Role.ADMINISTRATOR, Role.REGISTRAR, Role.COLLECTION_CENTRE)


def serves(actor: Actor, organisation: Organisation | None, *roles: Role, exactly: bool = False) -> bool:
    """Whether the actor holds one of the roles at or above the organisation; ``exactly``: in it itself.

    Unlike ``orgs.policy.by`` this never looks upwards: that a campaign or an organisation is shared down to somebody
    does not let him speak in its name.
    """
    if actor.kind is ActorKind.SYSTEM:
        return True
    if actor.kind is not ActorKind.USER or organisation is None:
        return False
    wanted = frozenset(map(str, roles))
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
    return organisation is None or serves(actor, organisation, *KEEPERS_OF_PRICES)


def keeps(actor: Actor, till: Account) -> bool:
    """One's own purse; for a unit's till and its bank account whoever receives for that unit."""
    if actor.kind is ActorKind.SYSTEM:
        return True
    if till.kind == AccountKind.PERSON:
        return actor.kind is ActorKind.USER and till.keeper_id == actor.user.pk
    return serves(actor, till.organisation, *RECEIVERS, exactly=True)


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
    """The side that receives."""
    return isinstance(hand_in, HandIn) and keeps(actor, hand_in.receiver)


@rules.predicate
def issues(actor: Actor, receipt: Any = None) -> bool:
    """Whoever receives for the issuer writes and cancels its receipts."""
    return receipt is None or serves(actor, receipt.issuer, *RECEIVERS, exactly=True)
