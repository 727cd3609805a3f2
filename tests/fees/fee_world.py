"""A world with people who owe, and the acts of the counter in one line each."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from django.test import Client

from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.fees.actions import charge_people, collect
from gradphoto.apps.fees.handing import list_hand_in, receive_hand_in
from gradphoto.apps.fees.models import Account, Channel, Charge, Collection, HandIn, Refund
from gradphoto.apps.fees.refunds import approve_refund, ask_refund
from gradphoto.apps.fees.tills import till_of, unit_till
from gradphoto.apps.orgs.models import Membership, Organisation, Role, User
from gradphoto.apps.roster.models import Candidate
from world import World, add_candidate

YEAR_AGO = date(2020, 1, 1)


def class_of(world: World, many: int, first: int = 1, **more: Any) -> list[Candidate]:
    """Candidates ``first``, ``first + 1``, ... of one class, all accepted."""
    return [add_candidate(world, n, **more) for n in range(first, first + many)]


def charged(world: World, people: list[Candidate]) -> list[Charge]:
    """The photograph charged to these people."""
    charge_people(world.actor(Role.REGISTRAR), world.campaign, candidates=people)
    return [Charge.objects.get(candidate=person, item="photo") for person in people]


def pay(
    world: World, people: list[Candidate], role: Role = Role.COUNSELLOR, tendered: int | None = None, **more: Any
) -> Collection:
    """The holder of a role takes the photograph's fee for these people into their own purse."""
    actor = world.actor(role)
    detail: dict[str, Any] = {
        "channel": Channel.CLASS, "tendered_fen": 2000 * len(people) if tendered is None else tendered,
        "nonce": uuid.uuid4(), "people": people,
    }  # fmt: skip
    return collect(actor, till_of(actor, world.campaign), **{**detail, **more})


def purse(world: World, role: Role = Role.COUNSELLOR) -> Account:
    return till_of(world.actor(role), world.campaign)


def till(world: World, organisation: Organisation) -> Account:
    return unit_till(Campaign.objects.get(pk=world.campaign.pk), organisation)


def hand_in(
    world: World, giver: Account, to: Organisation, giving: Role, receiving: Role | None, **more: Any
) -> HandIn:
    """A list from ``giver`` to ``to``; with ``receiving`` it is counted and received, too."""
    made = list_hand_in(world.actor(giving), giver, to=to, **{"season": Season.SPRING, **more})
    if receiving is not None:
        receive_hand_in(world.actor(receiving), made, counted_fen=made.amount_fen, counted_people=made.people_count)
    return HandIn.objects.get(pk=made.pk)


def paid_back(world: World, charges: list[Charge], *, by: Role, seen_by: Role, reason: str = "不参加采集") -> Refund:
    """One person asks for a refund, another one pays it out."""
    made = ask_refund(world.actor(by), world.campaign, charges=charges, reason=reason)
    approve_refund(world.actor(seen_by), made)
    return Refund.objects.get(pk=made.pk)


def all_the_way_up(world: World) -> list[HandIn]:
    """What the counsellor holds goes to the college, the registry and the centre (R135)."""
    return [
        hand_in(world, purse(world), world.department, Role.COUNSELLOR, Role.COLLEGE_OFFICER),
        hand_in(world, till(world, world.department), world.school, Role.COLLEGE_OFFICER, Role.REGISTRAR),
        hand_in(world, till(world, world.school), world.centre, Role.REGISTRAR, Role.COLLECTION_CENTRE),
    ]


def colleague(world: World, role: Role, organisation: Organisation) -> Actor:
    """A second person with a role, in the same house."""
    user, _ = User.objects.get_or_create(username=f"second_{role}_{organisation.pk}")
    Membership.objects.get_or_create(user=user, organisation=organisation, role=role)
    return Actor.of(User.objects.get(pk=user.pk))


def fresh(record: Any) -> Any:
    return type(record).objects.get(pk=record.pk)


def staff(world: World, role: Role, *, stranger: bool = False) -> Client:
    browser = Client()
    user = (world.strangers if stranger else world.people)[role]
    browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return browser
