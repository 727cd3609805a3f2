"""What a program takes home that is personal beyond a list: one photograph, whole ID numbers. Each is an action, on record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.campaigns.rules import value_of
from gradphoto.apps.campaigns.settings_keys import PHOTO_PROFILE
from gradphoto.apps.core import audit, blobs
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import PermissionRefusal
from gradphoto.apps.delivery.models import PackageStatus, Portrait
from gradphoto.apps.orgs.policy import has_role
from gradphoto.apps.orgs.scope import changeable, scoped
from gradphoto.apps.roster.models import Candidate


def portrait_of(actor: Actor, candidate: Candidate) -> Portrait | None:
    """The delivered portrait of a candidate in the registered profile, the newest; None where none was delivered."""
    delivered = scoped(actor, Portrait, "delivery.browse").filter(
        candidate=candidate,
        profile=value_of(candidate.campaign, PHOTO_PROFILE),
        package_items__package__status__in=(PackageStatus.DELIVERED, PackageStatus.CHECKED),
    )
    return delivered.select_related("blob").order_by("-created_at", "-pk").first()


@dataclass(frozen=True, slots=True)
class Photograph:
    data: bytes
    etag: str


@action("api.take_photograph", permission="delivery.browse")
def take_photograph(actor: Actor, portrait: Portrait) -> Photograph:
    """The registered file as it is, byte for byte."""
    audit.note(candidate=portrait.candidate_id, sha256=portrait.blob.evidence)
    return Photograph(blobs.read(portrait.blob), etag_of(portrait))


def etag_of(portrait: Portrait) -> str:
    """Equal for equal bytes."""
    return f'"{portrait.blob.evidence}"'


@action("api.read_whole_numbers", permission=has_role("roster.whole_numbers", "registration.export"))
def read_whole_numbers(actor: Actor, campaign: Campaign, *, candidates: Sequence[Candidate]) -> dict[int, str]:
    """Whole ID numbers of these candidates, by their keys; who they were is on record."""
    keys = {one.pk for one in candidates}
    mine = changeable(actor, Candidate, "roster.whole_numbers", "registration.export")
    if mine.filter(pk__in=keys, campaign=campaign).count() != len(keys):
        raise PermissionRefusal("api.read_whole_numbers")
    audit.note(candidates=sorted(keys))
    return {one.pk: one.id_number.decrypt() for one in candidates}
