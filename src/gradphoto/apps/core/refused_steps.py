"""Who was refused what enters the audit trail: a step or a page that lies outside of somebody's permissions."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DatabaseError, models, transaction

from gradphoto.apps.core import audit
from gradphoto.apps.core.actors import Actor, ActorKind
from gradphoto.apps.core.errors import PermissionRefusal, Refusal

log = logging.getLogger(__name__)

REFUSED = "core.refuse"


@contextmanager
def refusals_on_record(actor: Actor, target: Any = None) -> Iterator[None]:
    """Put a ``PermissionRefusal`` that leaves this block on record, once what it undoes is undone.

    It stands in the chain of the target's organisation, whose auditors it concerns; without a target in that of the
    person's own. Inside another action the outer one records it, as the inner one's entry would be undone with it.
    """
    within_another = audit.is_collecting()
    try:
        yield
    except PermissionRefusal as refusal:
        if not within_another and actor.kind is not ActorKind.SYSTEM:
            _record(actor, refusal, target)
        raise


def _record(actor: Actor, refusal: PermissionRefusal, target: Any) -> None:
    kept = isinstance(target, models.Model) and target.pk is not None
    about = target if kept and getattr(target, "audit_organisation_id", None) else actor.user
    try:
        with transaction.atomic():  # a savepoint where the caller has a transaction, which goes on whole
            audit.record(actor, REFUSED, about, {"step": refusal.action})
    except (DatabaseError, Refusal):
        # The answer is the refusal all the same; the log has what the trail could not take.
        log.exception("audit.refusal_not_recorded", extra={"step": refusal.action})
