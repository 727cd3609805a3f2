"""Where money lies: the purse of a person, the till of a unit, a bank account; opened when first needed."""

from __future__ import annotations

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import PermissionRefusal
from gradphoto.apps.fees.models import Account, AccountKind
from gradphoto.apps.fees.policy import serves
from gradphoto.apps.orgs.models import Organisation, OrganisationKind
from gradphoto.apps.orgs.permissions import seats


def work_place(actor: Actor, campaign: Campaign) -> Organisation | None:
    """Where this person collects for the campaign: the nearest of their organisations in its school or centre."""
    inside = (campaign.school.path, campaign.centre.path)
    places = [one for one in seats(actor, "fees.collect") if one.path.startswith(inside)]
    return max(places, key=lambda place: len(place.path), default=None)


def own_till(actor: Actor, campaign: Campaign) -> Account | None:
    """The purse of this person for the campaign, if it was opened."""
    place = work_place(actor, campaign)
    if place is None:
        return None
    return Account.objects.filter(
        campaign=campaign, kind=AccountKind.PERSON, organisation=place, keeper=actor.user
    ).first()


@action("fees.open_till", permission="fees.collect", within=())
def open_till(actor: Actor, campaign: Campaign) -> Account:
    """Open the purse of the person who acts; opening it twice changes nothing."""
    place = work_place(actor, campaign)
    if place is None:
        raise PermissionRefusal("fees.open_till")
    return Account.objects.get_or_create(
        campaign=campaign, kind=AccountKind.PERSON, organisation=place, keeper=actor.user
    )[0]


def till_of(actor: Actor, campaign: Campaign) -> Account:
    """The purse of the person who acts, opened if need be."""
    return own_till(actor, campaign) or open_till(actor, campaign)


def unit_till(campaign: Campaign, organisation: Organisation, kind: AccountKind = AccountKind.UNIT) -> Account:
    """The till or bank account of a unit for a campaign. Called within actions."""
    return Account.objects.get_or_create(campaign=campaign, kind=kind, organisation=organisation)[0]


def agencies_of(campaign: Campaign) -> list[Organisation]:
    """The picture agency above the campaign's centre, the nearest first: where a self-organised centre remits (R136, R151)."""
    path = campaign.centre.path
    found = Organisation.objects.filter(kind=OrganisationKind.AGENCY).order_by("-path")
    return [one for one in found if path.startswith(one.path)]


def tills_kept(actor: Actor, campaign: Campaign) -> list[Account]:
    """Every till of the campaign that this person may hand in from: the own purse first."""
    tills = Account.objects.filter(campaign=campaign).select_related("organisation", "keeper", "campaign")
    own = list(tills.filter(kind=AccountKind.PERSON, keeper=actor.user))
    units = tills.filter(kind__in=(AccountKind.UNIT, AccountKind.BANK))
    return own + [till for till in units if serves(actor, till.organisation, "fees.receive", exactly=True)]
