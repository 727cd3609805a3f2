"""The form of the shooting lists, ready to be tried by ``tests/pages``."""

from __future__ import annotations

from django.urls import reverse

from fees.fee_world import class_of, pay
from gradphoto.apps.fees.forms.shooting import IssueShootingList
from gradphoto.apps.orgs.models import Role
from pages.form_cases import Stage, form_case
from verification.graduate_world import staff
from world import World


@form_case(IssueShootingList)
def issue_shooting_list(world: World) -> Stage:
    pay(world, class_of(world, 2))
    return Stage(
        reverse("fees:shooting_lists"), staff(world, Role.REGISTRAR),
        {"season": "spring", "department": world.department.pk},
        wrong={"season": ("winter", "pages.not_offered")}, foreign={"department": world.strange_department.pk},
    )  # fmt: skip
