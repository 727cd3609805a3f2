"""Who acts on the roster where a role is not enough: the student, and the leader who signs third."""

from __future__ import annotations

from typing import Any

import rules

from gradphoto.apps.core.actors import Actor, ActorKind
from gradphoto.apps.orgs.models import OrganisationKind
from gradphoto.apps.orgs.policy import has_role


@rules.predicate
def _of_a_learning_centre(actor: Actor, target: Any = None) -> bool:
    return target is None or target.department.kind == OrganisationKind.LEARNING_CENTRE


by_the_leader = has_role("roster.endorse") | (has_role("roster.endorse_outside") & _of_a_learning_centre)
"""The leader in charge of student work (R38); for a learning centre the head office of its school (R2.15)."""


@rules.predicate
def by_the_student(actor: Actor, target: Any = None) -> bool:
    """Only the person whose row this is, known by their personal code: nobody signs for another (R24)."""
    return actor.kind is ActorKind.GRADUATE and target is not None and actor.key == student_key(target.pk)


def student_key(candidate_pk: int) -> str:
    """The key under which a student acts on their own row; not the key of a verification case of the same number."""
    return f"student:{candidate_pk}"


def student(candidate_pk: int) -> Actor:
    """The student who opened their own row with their code."""
    return Actor(ActorKind.GRADUATE, student_key(candidate_pk), "student")
