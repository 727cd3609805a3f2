"""Permission predicates over (actor, target) for ``rules``: which roles, and only within their own tree."""

from __future__ import annotations

from typing import Any

import rules
from django.db.models import Model

from gradphoto.apps.core.actors import Actor, ActorKind
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.orgs.scope import scoped


def by(*roles: Role) -> rules.Predicate:
    """True for the system itself, and for a user who holds one of ``roles`` where the target hangs in the tree."""
    wanted = frozenset(str(role) for role in roles)

    @rules.predicate(name=f"by:{'|'.join(sorted(wanted))}")
    def holds(actor: Actor, target: Any = None) -> bool:
        if actor.kind is ActorKind.SYSTEM:
            return True
        if actor.kind is not ActorKind.USER or not wanted & actor.user.roles:
            return False
        if not isinstance(target, Model) or target.pk is None:
            return True
        return scoped(actor, type(target), wanted).filter(pk=target.pk).exists()

    return holds


@rules.predicate
def by_system(actor: Actor, target: Any = None) -> bool:
    """Only the product itself: set-up, background work."""
    return actor.kind is ActorKind.SYSTEM


@rules.predicate
def by_the_graduate(actor: Actor, target: Any = None) -> bool:
    """Only the person whose verification case this is (R165); nobody else, whatever the role."""
    return actor.kind is ActorKind.GRADUATE and target is not None and actor.key == f"graduate:{target.pk}"
