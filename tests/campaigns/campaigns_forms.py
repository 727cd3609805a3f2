"""The forms of campaigns, ready to be tried by ``tests/pages``."""

from __future__ import annotations

from django.urls import reverse

from gradphoto.apps.campaigns import forms
from gradphoto.apps.orgs.models import Role
from pages.form_cases import Stage, form_case
from verification.graduate_world import staff
from world import World


@form_case(forms.SetContact)
def set_contact(world: World) -> Stage:
    return Stage(
        reverse("campaigns:contacts", args=[world.campaign.pk]),
        staff(world, Role.REGISTRAR),
        {"side": "school", "name": "教务处", "telephone": "0731-1", "duty_from": "2026-12-01", "duty_to": "2026-12-05"},
        wrong={
            "name": ("", "pages.required"),
            "telephone": ("0" * 60, "pages.too_long"),
            "side": ("nobody", "pages.not_offered"),
            "duty_to": ("2026-11-01", "campaigns.duty_days"),
        },
    )
