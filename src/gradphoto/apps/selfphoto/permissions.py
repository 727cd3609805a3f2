"""Who acts on a self-photograph where a role is not enough: the person on it."""

from __future__ import annotations

from typing import Any

import rules

from gradphoto.apps.core.actors import Actor, ActorKind
from gradphoto.apps.roster.permissions import student_key


@rules.predicate
def by_the_sitter(actor: Actor, target: Any = None) -> bool:
    """Only the person whose photograph it is, known by the own session."""
    return actor.kind is ActorKind.GRADUATE and target is not None and actor.key == student_key(target.candidate_id)
