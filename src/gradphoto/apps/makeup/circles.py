"""Which roles do what at the make-up desk."""

from __future__ import annotations

from typing import Any

import rules

from gradphoto.apps.core.actors import Actor, ActorKind
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.orgs.policy import by
from gradphoto.apps.roster.circles import student_key

SCHOOL = (Role.REGISTRAR, Role.COLLEGE_OFFICER, Role.COUNSELLOR, Role.LEARNING_CENTRE)
"""Who asks for a make-up and hands out the QR codes: the school, never the centre (R145)."""
OPENERS = (*SCHOOL, Role.SITE_STAFF)
APPROVERS = (Role.REGISTRAR,)
CENTRE = (Role.COLLECTION_CENTRE, Role.PHOTOGRAPHER)
"""Who publishes days, keeps the desk and the camera."""
DESK = (*CENTRE, Role.SITE_STAFF, Role.REGISTRAR)
READERS = (*SCHOOL, Role.SITE_STAFF, *CENTRE, Role.HEAD_OFFICE, Role.COLLEGE_LEADER)


@rules.predicate
def by_its_student(actor: Actor, target: Any = None) -> bool:
    """Only the person whose case this is, known by his code at the students' door."""
    return actor.kind is ActorKind.GRADUATE and target is not None and actor.key == student_key(target.candidate_id)


by_desk_or_student = by(*DESK, *SCHOOL) | by_its_student
