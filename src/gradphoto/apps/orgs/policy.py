"""Permission predicates over (actor, target) for ``rules``, all of them reading the one table (``orgs.permissions``)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import rules
from django.db.models import Model

from gradphoto.apps.core.actions import use_permissions
from gradphoto.apps.core.actors import Actor, ActorKind
from gradphoto.apps.orgs.permissions import roles_of
from gradphoto.apps.orgs.scope import changeable, may_change_all, scoped


def has_role(*permissions: str) -> rules.Predicate:
    """True for the system itself, and for a user who may change the target by one of the permissions.

    Without a target it asks whether the user holds one of them anywhere (``core.actions.may``, for buttons);
    performing an action on no target is another matter and needs ``own`` (``core.actions``).
    """
    wanted = frozenset(roles_of(*permissions))

    @rules.predicate(name=f"has_role:{'|'.join(permissions)}")
    def holds_it(actor: Actor, target: Any = None) -> bool:
        return _permits(actor, target, wanted, changeable, permissions)

    return holds_it


def _permits(actor: Actor, target: Any, wanted: frozenset[str], reach: Any, permissions: tuple[str, ...]) -> bool:
    if actor.kind is ActorKind.SYSTEM:
        return True
    if actor.kind is not ActorKind.USER or not wanted & actor.user.roles:
        return False
    if target is None:
        return True
    if not isinstance(target, Model) or target.pk is None:
        return False
    if (together := _TOGETHER.get()) is not None:
        return together.reaches(actor, target, reach, permissions)
    return bool(reach(actor, type(target), *permissions).filter(pk=target.pk).exists())


class _Together:
    """Records that are asked about one after the other: the first question of each kind is asked for all of them."""

    def __init__(self, records: Iterable[Model]) -> None:
        self._keys: dict[type[Model], set[Any]] = {}
        for record in records:
            self._keys.setdefault(type(record), set()).add(record.pk)
        self._answers: dict[Any, set[Any]] = {}

    def reaches(self, actor: Actor, target: Model, reach: Any, permissions: tuple[str, ...]) -> bool:
        model = type(target)
        asked = self._keys.get(model, set()) | {target.pk}
        question = (actor.key, model, reach, permissions, len(asked))
        if question not in self._answers:
            found = reach(actor, model, *permissions).filter(pk__in=asked)
            self._answers[question] = set(found.values_list("pk", flat=True))
        return target.pk in self._answers[question]


_TOGETHER: ContextVar[_Together | None] = ContextVar("asked_together", default=None)


@contextmanager
def asked_together(records: Iterable[Model]) -> Iterator[None]:
    """Within, what somebody may do with each of these records is asked once for all: to draw the rows of a list.

    Not around anything that changes them: an action asks anew.
    """
    token = _TOGETHER.set(_Together(records))
    try:
        yield
    finally:
        _TOGETHER.reset(token)


class _Table:
    """What the actions of ``core``, which knows no roles, ask of the table."""

    def may_change(self, actor: Actor, permission: str, target: Any) -> bool:
        return _permits(actor, target, frozenset(roles_of(permission)), changeable, (permission,))

    def may_refer(self, actor: Actor, permission: str, target: Any) -> bool:
        return _permits(actor, target, frozenset(roles_of(permission)), scoped, (permission,))

    def may_change_all(self, actor: Actor, permission: str, records: Iterable[Model]) -> bool:
        return may_change_all(actor, permission, records)


use_permissions(_Table())


@rules.predicate
def by_system(actor: Actor, target: Any = None) -> bool:
    """Only the product itself: set-up, background work."""
    return actor.kind is ActorKind.SYSTEM


@rules.predicate
def by_the_graduate(actor: Actor, target: Any = None) -> bool:
    """Only the person whose verification case this is (R165); nobody else, whatever the role."""
    return actor.kind is ActorKind.GRADUATE and target is not None and actor.key == f"graduate:{target.pk}"


def is_same_person(actor: Actor, *earlier: Any) -> bool:
    """Whether the actor is one of those who took an earlier step, given as users, their ids or keys (``user:12``).

    The one test of "who asked does not approve"; the system and graduates are nobody of these.
    """
    if actor.kind is not ActorKind.USER:
        return False
    mine = {actor.user.pk, actor.key}
    return any(getattr(one, "pk", one) in mine for one in earlier if one is not None)
