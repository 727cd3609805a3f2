"""What endpoints have in common: the campaign or unit that a program names, answers that every one may give."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import Http404
from ninja import Path

from gradphoto.apps.api.schemas import MOST_KEY, Problem
from gradphoto.apps.api.service import ERRORS
from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.orgs.scope import scoped

PathKey = Annotated[int, Path(ge=1, le=MOST_KEY)]


def answers(good: Any, status: int = 200) -> dict[Any, Any]:
    """The answers of an endpoint: what it is for, and the problems."""
    return {status: good, ERRORS: Problem}


def campaign_of(actor: Actor, pk: int) -> Campaign:
    """A campaign that the token sees; any other is as absent as one that does not exist."""
    found = scoped(actor, Campaign.objects.select_related("school", "rule_set")).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def unit_of(actor: Actor, pk: int) -> Organisation:
    found = scoped(actor, Organisation).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def unit(organisation: Organisation) -> dict[str, Any]:
    return {"id": organisation.pk, "code": organisation.code, "name": organisation.name}
