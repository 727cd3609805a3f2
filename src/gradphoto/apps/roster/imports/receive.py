"""A roster file is handed in: the template for it, who may hand one in for whom, one look at its sheets."""

from __future__ import annotations

from gradphoto.apps.campaigns.code_tables import words_of
from gradphoto.apps.campaigns.models import Campaign, CampaignStatus
from gradphoto.apps.core import audit, blobs
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor, ActorKind
from gradphoto.apps.core.errors import PermissionRefusal, refuse
from gradphoto.apps.core.uploads import Kind
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.orgs.permissions import seats
from gradphoto.apps.roster.channel import require_confirmed
from gradphoto.apps.roster.models import RosterImport
from gradphoto.apps.roster.template import template_workbook
from gradphoto.apps.roster.typed import without_id_numbers
from gradphoto.engine.roster import propose_sheets
from gradphoto.engine.tables.access import Bounded

BOUNDED = Bounded()


@action("roster.take_template", permission="roster.list", within=())
def take_template(actor: Actor, campaign: Campaign) -> bytes:
    """The empty roster for schools, for who has confirmed school and teacher (R95); each fetch is on record."""
    require_confirmed(actor, campaign)
    return template_workbook(lambda table: words_of(campaign.school, table))


@action("roster.upload_roster", permission="roster.list", within=("organisation",))
def upload_roster(
    actor: Actor, campaign: Campaign, *, organisation: Organisation, file_name: str, data: bytes
) -> RosterImport:
    """Keep the file after one look at its sheets: what is no table at all is refused here, at once.

    ``organisation`` is the school or the part of it whose people the file lists. Raises ``PermissionRefusal`` where
    that is not the actor's own, ``roster.channel_not_confirmed``, ``roster.campaign_closed``, or the reader's error.
    """
    if not any(organisation.path.startswith(home.path) for home in homes_for_import(actor, campaign)):
        raise PermissionRefusal("roster.upload_roster")
    require_confirmed(actor, campaign)
    if campaign.status == CampaignStatus.CLOSED:
        raise refuse(
            "roster.campaign_closed",
            "该采集批次已结束，不能再导入名册。",
            "This campaign is closed; no roster can be imported.",
            "请选择进行中的批次。",
            "Choose a campaign that is under way.",
        )
    proposals = propose_sheets(data, reader=BOUNDED)
    roster_import = RosterImport.objects.create(
        campaign=campaign,
        organisation=organisation,
        source=blobs.put(data, Kind.TABLE.value[1]),
        file_name=without_id_numbers(file_name)[:200],
        proposals=[one.to_plain() for one in proposals],
    )
    audit.note(roster_import=roster_import.pk)
    return roster_import


def homes_for_import(actor: Actor, campaign: Campaign) -> list[Organisation]:
    """The parts of the campaign's school for which this person may hand in a roster, the widest first."""
    school = campaign.school
    if actor.kind is not ActorKind.USER:
        return [school] if actor.kind is ActorKind.SYSTEM else []
    own = seats(actor, "roster.list")
    if any(school.path.startswith(home.path) for home in own):
        return [school]
    return sorted((home for home in own if home.path.startswith(school.path)), key=lambda home: home.path)
