"""The one place that decides which records a viewer sees.

A model says in ``SCOPE`` by which relations it hangs on the organisation tree (look-ups that end in ``path``): a
viewer sees what hangs at or below an organisation where he holds a role. What is ``SHARED_DOWN`` is seen from
below, too: a college officer sees the school's campaign.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet
from django.http import Http404

from gradphoto.apps.core.actors import Actor, ActorKind
from gradphoto.apps.orgs.models import Organisation

M = TypeVar("M", bound=Model)


def scoped(actor: Actor, model: type[M] | QuerySet[M], roles: Collection[str] | None = None) -> QuerySet[M]:
    """The records that ``actor`` may see; with ``roles``, only through memberships of these roles."""
    queryset: QuerySet[M] = model if isinstance(model, QuerySet) else model._default_manager.all()
    if actor.kind is ActorKind.SYSTEM:
        return queryset
    if actor.kind is not ActorKind.USER:
        return queryset.none()
    organisations = {m.organisation for m in actor.user.held if roles is None or m.role in roles}
    visible = _visible(queryset.model, organisations)
    return queryset.filter(visible) if visible else queryset.none()


def _visible(model: Any, organisations: Collection[Organisation]) -> Q:
    query = Q()
    for organisation in organisations:
        for lookup in model.SCOPE:
            query |= Q(**{f"{lookup}__startswith": organisation.path})
        for lookup in getattr(model, "SHARED_DOWN", ()):
            query |= Q(**{f"{lookup}__in": organisation.ancestor_paths()})
    return query


def get_scoped(actor: Actor, model: type[M] | QuerySet[M], **lookup: Any) -> M:
    """One record by ``lookup``; what is outside the viewer's scope is as absent as what does not exist (404)."""
    found = scoped(actor, model).filter(**lookup).first()
    if found is None:
        raise Http404
    return found
