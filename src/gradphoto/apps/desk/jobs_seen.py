"""Which jobs somebody sees."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.models import Job
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.orgs.scope import changeable


def jobs_of(actor: Actor) -> QuerySet[Job]:
    """Jobs of the viewer's organisations and of those below, and those the viewer started."""
    organisations = changeable(actor, Organisation).values("pk")
    return Job.objects.filter(Q(organisation_id__in=organisations) | Q(created_by=actor.key))
