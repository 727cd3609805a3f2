"""The form of the code tables, ready to be tried by ``tests/pages``."""

from __future__ import annotations

from django.urls import reverse

from gradphoto.apps.campaigns import code_views
from gradphoto.apps.campaigns.code_tables import add_code_name
from gradphoto.apps.orgs.models import Role
from pages.form_cases import Stage, form_case
from verification.graduate_world import staff
from world import World


@form_case(code_views.AddCodeName)
def add_word(world: World) -> Stage:
    return Stage(
        reverse("campaigns:codes"),
        staff(world, Role.REGISTRAR),
        {"table": "school_kind", "name": "师范院校", "source": "校教通〔2026〕1号"},
        wrong={
            "table": ("nothing", "pages.not_offered"),
            "name": ("普通高校", "campaigns.code_known"),
            "source": ("", "pages.required"),
        },
    )


@form_case(code_views.EndCodeName)
def end_word(world: World) -> Stage:
    actor = world.actor(Role.REGISTRAR)
    mine = add_code_name(actor, world.school, table="school_kind", name="师范院校", source="校教通〔2026〕1号")
    theirs = add_code_name(
        world.stranger(Role.REGISTRAR), world.strange_school, table="school_kind", name="艺术院校", source="某号"
    )
    return Stage(
        reverse("campaigns:codes"),
        staff(world, Role.REGISTRAR),
        {"code_name": mine.pk},
        foreign={"code_name": theirs.pk},
    )
