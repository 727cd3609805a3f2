"""Who acts on a make-up case where a role is not enough: the student whose case it is."""

from __future__ import annotations

from typing import Any

import rules

from gradphoto.apps.core.actors import Actor, ActorKind
from gradphoto.apps.orgs.policy import has_role
from gradphoto.apps.roster.permissions import student_key


@rules.predicate
def by_its_student(actor: Actor, target: Any = None) -> bool:
    """Only the person whose case this is, known by their code at the students' door."""
    return actor.kind is ActorKind.GRADUATE and target is not None and actor.key == student_key(target.candidate_id)


by_desk_or_student = has_role("makeup.arrange") | by_its_student
