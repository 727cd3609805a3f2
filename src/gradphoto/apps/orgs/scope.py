"""The one place that decides which records an actor sees, and which an actor changes: two questions.

A model says in ``SCOPE`` by which relations it hangs on the organisation tree (look-ups that end in ``path``). What
hangs at or below an organisation in which somebody holds a role is seen and, with the right role, changed from there.
What is ``SHARED_DOWN`` is also seen from below, as a college sees the school's campaign; it is changed only at or
above its owner. Both are asked of the database by keys, never by paths of joined tables (``orgs.reach``).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet
from django.http import Http404

from gradphoto.apps.core.actors import Actor, ActorKind
from gradphoto.apps.orgs.permissions import roles_of
from gradphoto.apps.orgs.reach import EVERYTHING, Reach, Way, way_of

M = TypeVar("M", bound=Model)


def scoped(actor: Actor, model: type[M] | QuerySet[M], *permissions: str) -> QuerySet[M]:
    """The records that ``actor`` may see; with ``permissions``, only by the roles that these name."""
    return _within(actor, model, permissions, _seen)


def changeable(actor: Actor, model: type[M] | QuerySet[M], *permissions: str) -> QuerySet[M]:
    """The records that ``actor`` may change by the roles of ``permissions`` (by any role without): never from below."""
    return _within(actor, model, permissions, _owned)


def may_change_all(actor: Actor, permission: str, records: Iterable[Model]) -> bool:
    """Whether every one of the records, of one model, is the actor's to change; one query."""
    if actor.kind is ActorKind.SYSTEM:
        return True
    if isinstance(records, QuerySet) and not records.query.is_sliced:
        mine = changeable(actor, records.model, permission).values("pk")
        return not records.order_by().exclude(pk__in=mine).exists()
    by_model: dict[type[Model], set[Any]] = {}
    for record in records:
        by_model.setdefault(type(record), set()).add(record.pk)
    return all(
        changeable(actor, model, permission).filter(pk__in=pks).values("pk").distinct().count() == len(pks)
        for model, pks in by_model.items()
    )


def get_scoped(actor: Actor, model: type[M] | QuerySet[M], **lookup: Any) -> M:
    """One record by ``lookup``; what is outside the viewer's scope is as absent as what does not exist (404)."""
    found = scoped(actor, model).filter(**lookup).first()
    if found is None:
        raise Http404
    return found


def get_changeable(actor: Actor, model: type[M] | QuerySet[M], *permissions: str, **lookup: Any) -> M:
    """One record that the actor may change; another one, seen or not, is as absent as what does not exist (404)."""
    found = changeable(actor, model, *permissions).filter(**lookup).first()
    if found is None:
        raise Http404
    return found


def _within(actor: Actor, model: type[M] | QuerySet[M], permissions: Collection[str], condition: Any) -> QuerySet[M]:
    queryset: QuerySet[M] = model if isinstance(model, QuerySet) else model._default_manager.all()
    if actor.kind is ActorKind.SYSTEM:
        return queryset
    if actor.kind is not ActorKind.USER:
        return queryset.none()
    roles = frozenset(roles_of(*permissions)) if permissions else None
    organisations = {m.organisation for m in actor.user.held if roles is None or m.role in roles}
    reach = Reach.of(actor.user, organisations)
    wanted = condition(queryset.model, reach)
    if wanted is EVERYTHING:
        return queryset
    return queryset.filter(wanted) if wanted else queryset.none()


def _owned(model: Any, reach: Reach) -> Q | object:
    ways = [way_of(model, lookup) for lookup in model.SCOPE]
    if reach.has_whole_schools:
        # A school's people are in its colleges: one table is asked instead of two that are joined by "or". Not where the
        # school's own way may be empty: a notice hangs on a candidate or on a contact.
        schools = [way for way in ways if way.field == "school"]
        ways = [way for way in ways if not _is_covered(way, schools)]
    if reach.is_all and any(not way.may_be_empty for way in ways):
        return EVERYTHING
    return reach.condition(ways)


def _is_covered(way: Way, schools: list[Way]) -> bool:
    candidate, department = way.place.rpartition("__department")[:2]
    if not department or not (candidate == "candidate" or candidate.endswith("__candidate")):
        return False
    return any(not one.may_be_empty or one.place == f"{candidate}__campaign" for one in schools)


def _seen(model: Any, reach: Reach) -> Q | object:
    query = _owned(model, reach)
    if query is EVERYTHING:
        return query
    for lookup in getattr(model, "SHARED_DOWN", ()):
        query |= reach.condition_above(way_of(model, lookup))  # type: ignore[operator]
    return query
