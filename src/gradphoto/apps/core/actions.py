"""One way to change anything: the action.

An action is a plain function ``verb_noun(actor, target, ...)`` under a stable name. The decorator gives it what
every change needs: the permission check, one transaction, a lock on the target, the lifecycle step, one audit
entry. Pages, command line, station and jobs all call the same functions.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

import rules
from django.db import models, transaction

from gradphoto.apps.core import audit, checkpoints
from gradphoto.apps.core.actors import Actor, ActorKind
from gradphoto.apps.core.errors import PermissionRefusal
from gradphoto.apps.core.full_disk import room_to_write
from gradphoto.apps.core.lifecycle import Lifecycle, write_waiting
from gradphoto.apps.core.prepared import Prepared
from gradphoto.apps.core.reauthentication import require_for_action
from gradphoto.apps.core.refused_steps import refusals_on_record

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")


class Permissions(Protocol):
    """What actions ask of the table of permissions; ``orgs`` holds it, as ``core`` knows no roles."""

    def may_change(self, actor: Actor, permission: str, target: Any) -> bool:
        """Whether the target is the actor's to change; without a target, whether the permission is held at all."""

    def may_refer(self, actor: Actor, permission: str, target: Any) -> bool:
        """Whether the actor may see the target by this permission, and so work within it."""

    def may_change_all(self, actor: Actor, permission: str, records: Iterable[models.Model]) -> bool:
        """Whether all the records are the actor's to change."""


@dataclass(frozen=True, slots=True)
class Action:
    """What is known of a registered action."""

    name: str
    permission: str | rules.Predicate
    within: tuple[str, ...] | None
    lifecycle: Lifecycle | None
    closing: bool
    function: Callable[..., Any]


REGISTRY: dict[str, Action] = {}
_tables: list[Permissions] = []


def use_permissions(table: Permissions) -> None:
    """Ask this table from now on what a permission's name means."""
    _tables[:] = [table]


def action(
    name: str,
    *,
    permission: str | rules.Predicate,
    within: tuple[str, ...] | None = None,
    own: bool = False,
    lifecycle: Lifecycle | None = None,
    closing: bool = False,
    holds: str | None = None,
) -> Callable[[Callable[Concatenate[Actor, T, P], R]], Callable[Concatenate[Actor, T, P], R]]:
    """Register a function ``(actor, target, ...)`` as the action ``name``.

    ``permission`` names a line of the table of permissions: the actor must hold it at or above the target. A rule
    that is more than roles is a ``rules`` predicate over (actor, target), e.g. ``has_role("fees.collect") & keeps_till``.

    ``within``: the target is shared down and only the frame of the work, as the school's campaign is for a college.
    It suffices to see it; what is changed are these keyword arguments (records, or several of them), and each must be
    the actor's to change. ``()`` where the body itself picks the actor's part, and says so.

    ``own``: an action on no target that concerns the actor alone. Any other without a target is the system's.

    ``closing``: something is closed for good, so that a checkpoint of the audit trail follows at once.

    ``holds``: a foreign key of the target. Its row is locked first, where the body asks whether that one is still open, or
    adds to it: no lock on the target alone keeps the other from being closed meanwhile.

    With a ``lifecycle`` the target's status is checked before and moved after the body, in the same transaction.
    Raises ``PermissionRefusal``, ``ReauthenticationRequired`` or ``StepRefusal``; whatever the body raises undoes everything.
    """

    def register(function: Callable[Concatenate[Actor, T, P], R]) -> Callable[Concatenate[Actor, T, P], R]:
        if name in REGISTRY:
            raise ValueError(f"Two actions named {name}.")
        rules.add_perm(name, _predicate(permission, within))

        @functools.wraps(function)
        def perform(actor: Actor, target: T, *args: P.args, **kwargs: P.kwargs) -> R:
            with refusals_on_record(actor, target), room_to_write(), transaction.atomic(), audit.collecting() as notes:
                if holds is not None:
                    _lock(getattr(target, holds))
                _lock(target)
                if not rules.has_perm(name, actor, target) or not _has_target(actor, target, own):
                    raise PermissionRefusal(name)
                for argument in within or ():
                    if not _is_own(actor, permission, kwargs.get(argument)):
                        raise PermissionRefusal(name)
                require_for_action(name)
                if lifecycle is None:
                    result = function(actor, target, *args, **kwargs)
                else:
                    before = str(getattr(target, "status", ""))
                    with lifecycle.taking(target, name) as following:
                        notes["from"], notes["to"] = before, following
                        result = function(actor, target, *args, **kwargs)
                audit.record(actor, name, target if target is not None else result, notes)
                if closing:
                    checkpoints.write_after_commit(name)
            return result

        REGISTRY[name] = Action(name, permission, within, lifecycle, closing, perform)
        return perform  # type: ignore[return-value]  # wraps() keeps the signature; mypy forgets its positions

    return register


def _predicate(permission: str | rules.Predicate, within: tuple[str, ...] | None) -> rules.Predicate:
    if not isinstance(permission, str):
        return permission

    @rules.predicate(name=permission)
    def named(actor: Actor, target: Any = None) -> bool:
        (table,) = _tables
        return (table.may_change if within is None else table.may_refer)(actor, permission, target)

    return named


def _has_target(actor: Actor, target: object, own: bool) -> bool:
    """On nothing, or on what is not kept yet, only the system acts; a person only where it is ``own``."""
    kept = not isinstance(target, models.Model) or target.pk is not None
    return (target is not None and kept) or own or actor.kind is ActorKind.SYSTEM


def _is_own(actor: Actor, permission: object, value: Any) -> bool:
    """Whether a keyword argument, one record or several, is the actor's to change; ``None`` is nothing to change."""
    if value is None:
        return True
    records = [value] if isinstance(value, models.Model) else value
    (table,) = _tables
    return table.may_change_all(actor, str(permission), records)


def _lock(target: object) -> None:
    """Hold the target's row until the transaction ends and see its present state, not a page's old copy.

    Its key stays free: a row that only refers to it (a frame to its session) is written by others meanwhile. On PostgreSQL
    two rooms that wrote into one session waited for each other and for the audit's head until one of them was refused.
    Nor would a lock on the key keep rows away: Django's foreign keys ask for it when they commit, when all is decided. Who
    adds to what may be closed locks that one too: as the target, or by ``holds``.
    """
    if isinstance(target, models.Model) and target.pk is not None and not target._state.adding:
        write_waiting(target)
        held = _by_key(type(target)).first(pk=target.pk) if not target.get_deferred_fields() else None
        if held is None:
            target.refresh_from_db(from_queryset=_locked_rows(type(target)))
        else:
            _renew(target, held)


def _renew(target: models.Model, held: models.Model) -> None:
    """``target`` as its row was read under the lock; records reached from it before are asked for anew.

    What ``refresh_from_db`` does, of a row that is here already: 0.05 ms of processor an action instead of 0.3.
    """
    for field in target._meta.concrete_fields:
        setattr(target, field.attname, getattr(held, field.attname))
    relations: list[Any] = [*target._meta.concrete_fields, *target._meta.related_objects]
    for relation in relations:
        if relation.is_relation and relation.is_cached(target):
            relation.delete_cached_value(target)
    target.__dict__.pop("_prefetched_objects_cache", None)


def _locked_rows(model: type[models.Model]) -> models.QuerySet[Any]:
    return model._base_manager.select_for_update(no_key=True)


@functools.cache
def _by_key(model: type[models.Model]) -> Prepared[Any]:
    """Without the model's own order, which may join a table that has no row: PostgreSQL holds no such row."""
    return Prepared(lambda pk: _locked_rows(model).filter(pk=pk).order_by())


def may(actor: Actor, name: str, target: Any = None) -> bool:
    """Whether ``actor`` is permitted this action on ``target``, whatever the lifecycle says."""
    return bool(rules.has_perm(name, actor, target))


def offered(actor: Actor, target: Any) -> tuple[str, ...]:
    """The actions that the target's state offers and the actor is permitted: what a page shows as buttons."""
    names = [name for name, known in REGISTRY.items() if known.lifecycle and name in known.lifecycle.available(target)]
    return tuple(name for name in names if may(actor, name, target))
