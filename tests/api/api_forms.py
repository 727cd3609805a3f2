"""The forms about programs, ready to be tried by ``tests/pages``."""

from __future__ import annotations

from django.urls import reverse

from gradphoto.apps.api import forms, webhook_forms
from gradphoto.apps.orgs.models import Membership, Role
from orgs.orgs_forms import TOO_LONG, _office
from pages.form_cases import Stage, form_case
from world import World


@form_case(forms.MakeToken)
def make(world: World) -> Stage:
    good = {
        "name": "教务系统", "membership": Membership.objects.get(user=world.people[Role.REGISTRAR]).pk,
        "rights": ["candidates.read", "roster.push"], "days": 30,
    }  # fmt: skip
    wrong = {
        "name": TOO_LONG, "rights": (["everything"], "pages.not_offered"), "days": ("0", "pages.too_small"),
    }  # fmt: skip
    foreign = {"membership": Membership.objects.get(user=world.strangers[Role.REGISTRAR]).pk}
    return Stage(reverse("api:tokens"), _office(world), good, wrong, foreign)


@form_case(webhook_forms.AddWebhook)
def add_address(world: World) -> Stage:
    good = {
        "name": "教务系统", "address": "https://93.184.216.34/hook", "organisation": world.school.pk, "events": ["errata"],
    }  # fmt: skip
    wrong = {
        "name": TOO_LONG, "address": ("https://127.0.0.1/", "api.address_inside"),
        "events": (["everything"], "pages.not_offered"),
    }  # fmt: skip
    return Stage(reverse("api:webhooks"), _office(world), good, wrong, {"organisation": world.strange_school.pk})
