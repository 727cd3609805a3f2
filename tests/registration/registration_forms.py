"""The forms of registration, ready to be tried by ``tests/pages``."""

from __future__ import annotations

from django.urls import reverse

from gradphoto.apps.orgs.models import Role
from gradphoto.apps.registration import forms
from gradphoto.apps.registration.actions import (
    apply_review,
    approve_at_head_office,
    approve_nationally,
    register_without_photo,
    return_review,
)
from gradphoto.apps.registration.adding import propose_photo
from gradphoto.apps.registration.correcting import propose_correction
from gradphoto.apps.registration.models import LedgerEntry
from gradphoto.apps.verification.actions import expire_case
from pages.form_cases import Stage, form_case
from verification.graduate_world import confirmed_case, let_the_day_pass, open_case, staff
from world import World

LONG = "很长的说明" * 50


def _review(world: World, n: int = 1):
    return apply_review(world.actor(Role.COLLEGE_OFFICER), confirmed_case(world, n, {"major": "软件工程"}))


def _registered(world: World) -> LedgerEntry:
    review = _review(world)
    approve_at_head_office(world.actor(Role.HEAD_OFFICE), review)
    approve_nationally(world.actor(Role.NATIONAL_REVIEWER), review)
    return LedgerEntry.objects.latest("pk")


def without_photo(world: World) -> LedgerEntry:
    case = open_case(world, 1)
    let_the_day_pass(world)
    expire_case(world.actor(Role.REGISTRAR), case)
    return register_without_photo(world.actor(Role.REGISTRAR), case.candidate)


@form_case(forms.AdvanceTicked)
def advance_ticked(world: World) -> Stage:
    case = confirmed_case(world, 1)
    url = f"{reverse('registration:reviews')}?stage=confirmed"
    return Stage(
        url, staff(world, Role.COLLEGE_OFFICER), {"cases": [case.pk]}, {"cases": (["x"], "pages.not_offered")},
        foreign={"cases": [10**6]},
    )  # fmt: skip


@form_case(forms.ReturnTicked)
def return_ticked(world: World) -> Stage:
    review = _review(world)
    wrong = {"reason": (LONG, "pages.too_long"), "cases": (["x"], "pages.not_offered")}
    url = f"{reverse('registration:reviews')}?stage=applied"
    good = {"cases": [review.case_id], "reason": "缺证明"}
    return Stage(url, staff(world, Role.HEAD_OFFICE), good, wrong, foreign={"cases": [10**6]})


@form_case(forms.ReturnReview)
def return_one(world: World) -> Stage:
    url = reverse("registration:review", args=[_review(world).pk])
    return Stage(url, staff(world, Role.HEAD_OFFICE), {"reason": "缺证明"}, {"reason": (LONG, "pages.too_long")})


@form_case(forms.ApplyAgain)
def apply_again(world: World) -> Stage:
    review = _review(world)
    return_review(world.actor(Role.HEAD_OFFICE), review, reason="缺证明")
    url = reverse("registration:review", args=[review.pk])
    wrong = {"withdraw": (["name"], "pages.not_offered")}
    return Stage(url, staff(world, Role.COLLEGE_OFFICER), {"withdraw": ["major"]}, wrong)


@form_case(forms.ProposeCorrection)
def propose(world: World) -> Stage:
    url = reverse("registration:entry", args=[_registered(world).pk])
    wrong = {
        "field": ("shooting_number", "pages.not_offered"),
        "entered": ("1", "verification.corrections_invalid"),
        "reason": (LONG, "pages.too_long"),
    }
    good = {"field": "name", "entered": "测试改", "reason": "公安证明"}
    return Stage(url, staff(world, Role.REGISTRAR), good, wrong)


@form_case(forms.RejectCorrection)
def reject_correction(world: World) -> Stage:
    made = propose_correction(
        world.actor(Role.REGISTRAR), _registered(world), field="name", entered="测试改", reason="公安证明"
    )
    wrong = {"reason": (LONG, "pages.too_long")}
    good = {"row": made.pk, "reason": "证明不全"}
    return Stage(reverse("registration:corrections"), staff(world, Role.HEAD_OFFICE), good, wrong)


@form_case(forms.ProposePhoto)
def propose_a_photo(world: World) -> Stage:
    url = reverse("registration:entry", args=[without_photo(world).pk])
    return Stage(url, staff(world, Role.REGISTRAR), {"reason": "本人签字"}, {"reason": (LONG, "pages.too_long")})


@form_case(forms.RejectPhoto)
def reject_a_photo(world: World) -> Stage:
    made = propose_photo(world.actor(Role.REGISTRAR), without_photo(world), reason="本人签字")
    wrong = {"reason": (LONG, "pages.too_long")}
    good = {"row": made.pk, "reason": "缺签字"}
    return Stage(reverse("registration:additions"), staff(world, Role.NATIONAL_REVIEWER), good, wrong)


@form_case(forms.ExportLedger)
def export_ledger(world: World) -> Stage:
    good = {"campaign": world.campaign.pk, "season": "spring", "kind": "", "file_format": "xlsx"}
    wrong = {
        "season": ("winter", "pages.not_offered"),
        "kind": ("x", "pages.not_offered"),
        "file_format": ("pdf", "pages.not_offered"),
    }
    return Stage(reverse("registration:ledger"), staff(world, Role.REGISTRAR), good, wrong, foreign={"campaign": 10**6})


@form_case(forms.CloseVerification)
def close(world: World) -> Stage:
    url = f"{reverse('registration:close')}?campaign={world.campaign.pk}"
    wrong = {"reason": (LONG, "pages.too_long"), "season": ("winter", "pages.not_offered")}
    good = {"season": "", "reason": "截止日已到", "sure": "on"}
    return Stage(url, staff(world, Role.REGISTRAR), good, wrong)
