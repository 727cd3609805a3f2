"""The forms about programs, ready to be tried by ``tests/pages``."""

from __future__ import annotations

from django.urls import reverse

from gradphoto.apps.api import forms
from gradphoto.apps.api.tokens import make_token
from gradphoto.apps.orgs.models import Membership, Role
from gradphoto.apps.pages.forms import ROW
from orgs.orgs_forms import TOO_LONG, _office
from pages.form_cases import Stage, form_case
from verification.graduate_world import staff
from world import World


def _token(world: World, *, stranger: bool = False):
    people, administrator = (
        (world.strangers, world.stranger(Role.ADMINISTRATOR))
        if stranger
        else (world.people, world.actor(Role.ADMINISTRATOR))
    )
    held = Membership.objects.get(user=people[Role.REGISTRAR])
    return make_token(administrator, held, name="教务系统", rights=["candidates.read"], days=30)


@form_case(forms.MakeToken)
def make(world: World) -> Stage:
    good = {
        "name": "教务系统", "membership": Membership.objects.get(user=world.people[Role.REGISTRAR]).pk,
        "rights": ["candidates.read", "roster.push"], "days": 30,
    }  # fmt: skip
    wrong = {
        "name": TOO_LONG, "rights": (["everything"], "pages.not_offered"), "days": ("0", "pages.invalid"),
    }  # fmt: skip
    foreign = {"membership": Membership.objects.get(user=world.strangers[Role.REGISTRAR]).pk}
    return Stage(reverse("api:tokens"), _office(world), good, wrong, foreign)


@form_case(forms.RevokeToken)
def revoke(world: World) -> Stage:
    return Stage(reverse("api:tokens"), staff(world, Role.ADMINISTRATOR), {ROW: _token(world).pk})


@form_case(forms.DrawSecret)
def draw(world: World) -> Stage:
    return Stage(reverse("api:mine"), staff(world, Role.REGISTRAR), {ROW: _token(world).pk})
