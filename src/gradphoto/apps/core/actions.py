"""One way to change anything: the action.

An action is a plain function ``verb_noun(actor, target, ...)`` under a stable name. The decorator gives it what
every change needs: the permission check, one transaction, a lock on the target, the lifecycle step, one audit
entry. Pages, command line, station and jobs all call the same functions.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Concatenate, ParamSpec, TypeVar

import rules
from django.db import models, transaction

from gradphoto.apps.core import audit
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import PermissionRefusal
from gradphoto.apps.core.full_disk import room_to_write
from gradphoto.apps.core.lifecycle import Lifecycle
from gradphoto.apps.core.reauthentication import require_for_action

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Action:
    """What is known of a registered action."""

    name: str
    lifecycle: Lifecycle | None
    function: Callable[..., Any]


REGISTRY: dict[str, Action] = {}


def action(
    name: str, *, permission: rules.Predicate, lifecycle: Lifecycle | None = None
) -> Callable[[Callable[Concatenate[Actor, T, P], R]], Callable[Concatenate[Actor, T, P], R]]:
    """Register a function ``(actor, target, ...)`` as the action ``name``.

    ``permission`` is a ``rules`` predicate over (actor, target), usually ``orgs.policy.by(...)``. With a
    ``lifecycle`` the target's status is checked before and moved after the body, in the same transaction.
    Raises ``PermissionRefusal``, ``ReauthenticationRequired`` or ``StepRefusal``; whatever the body raises undoes everything.
    """

    def register(function: Callable[Concatenate[Actor, T, P], R]) -> Callable[Concatenate[Actor, T, P], R]:
        if name in REGISTRY:
            raise ValueError(f"Two actions named {name}.")
        rules.add_perm(name, permission)

        @functools.wraps(function)
        def perform(actor: Actor, target: T, *args: P.args, **kwargs: P.kwargs) -> R:
            with room_to_write(), transaction.atomic(), audit.collecting() as notes:
                _lock(target)
                if not rules.has_perm(name, actor, target):
                    raise PermissionRefusal(name)
                require_for_action(name)
                if lifecycle is not None:
                    following = lifecycle.next_state(target, name)
                    notes["from"], notes["to"] = str(target.status), following  # type: ignore[attr-defined]
                result = function(actor, target, *args, **kwargs)
                if lifecycle is not None:
                    target.status = following  # type: ignore[attr-defined]
                    target.save(update_fields=["status"])  # type: ignore[attr-defined]
                audit.record(actor, name, target if target is not None else result, notes)
            return result

        REGISTRY[name] = Action(name, lifecycle, perform)
        return perform  # type: ignore[return-value]  # wraps() keeps the signature; mypy forgets its positions

    return register


def _lock(target: object) -> None:
    """Hold the target's row until the transaction ends and see its present state, not a page's old copy."""
    if isinstance(target, models.Model) and target.pk is not None and not target._state.adding:
        target.refresh_from_db(from_queryset=type(target)._base_manager.select_for_update())


def may(actor: Actor, name: str, target: Any = None) -> bool:
    """Whether ``actor`` is permitted this action on ``target``, whatever the lifecycle says."""
    return bool(rules.has_perm(name, actor, target))


def offered(actor: Actor, target: Any) -> tuple[str, ...]:
    """The actions that the target's state offers and the actor is permitted: what a page shows as buttons."""
    names = [name for name, known in REGISTRY.items() if known.lifecycle and name in known.lifecycle.available(target)]
    return tuple(name for name in names if may(actor, name, target))
