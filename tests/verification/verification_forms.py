"""The forms of verification, ready to be tried by ``tests/pages``."""

from __future__ import annotations

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from gradphoto.apps.orgs.models import Role
from gradphoto.apps.roster.actions import correct_candidate
from gradphoto.apps.verification import forms
from gradphoto.apps.verification.actions import set_closing
from gradphoto.apps.verification.models import EarlyEnd, Opening, Reopening, VerificationCase
from gradphoto.apps.verification.reopening import propose_early_end, propose_reopening
from pages.form_cases import Stage, form_case
from verification.graduate_world import confirmed_case, open_case, staff
from world import World

LONG = "很长的说明" * 60


def _day(ahead: int) -> str:
    return str(timezone.localdate() + timedelta(days=ahead))


def _changed(world: World) -> VerificationCase:
    case = confirmed_case(world, 1)
    case.candidate.refresh_from_db()
    correct_candidate(world.actor(Role.REGISTRAR), case.candidate, field="major", value="软件工程", reason="核对")
    return case


@form_case(forms.ProposeReopening)
def propose_a_second_look(world: World) -> Stage:
    return Stage(
        reverse("verification:detail", args=[_changed(world).pk]), staff(world, Role.REGISTRAR),
        {"reason": "附省厅批复", "until": _day(9)},
        wrong={"reason": (LONG, "pages.too_long"), "until": (_day(-1), "verification.until_past")},
    )  # fmt: skip


def _proposed(world: World) -> Reopening:
    until = timezone.localdate() + timedelta(days=9)
    return propose_reopening(world.actor(Role.REGISTRAR), _changed(world), reason="附省厅批复", until=until)


@form_case(forms.ApproveReopening)
def approve_a_second_look(world: World) -> Stage:
    return Stage(
        reverse("verification:reopening", args=[_proposed(world).pk]), staff(world, Role.HEAD_OFFICE), {"seen": "on"},
        wrong={"seen": ("", "pages.required")},
    )  # fmt: skip


@form_case(forms.RejectReopening)
def reject_a_second_look(world: World) -> Stage:
    return Stage(
        reverse("verification:reopening", args=[_proposed(world).pk]), staff(world, Role.HEAD_OFFICE),
        {"reason": "材料不全"}, wrong={"reason": ("", "pages.required")},
    )  # fmt: skip


def _opening(world: World) -> Opening:
    open_case(world, 1)
    opening = Opening.objects.get()
    set_closing(world.actor(Role.REGISTRAR), opening, closes_on=timezone.localdate() + timedelta(days=21))
    return opening


@form_case(forms.ProposeEarlyEnd)
def propose_an_early_end(world: World) -> Stage:
    return Stage(
        reverse("verification:opening", args=[_opening(world).pk]), staff(world, Role.REGISTRAR),
        {"closes_on": _day(3), "reason": "已全部离校"},
        wrong={"closes_on": (_day(30), "verification.early_end_day"), "reason": (LONG, "pages.too_long")},
    )  # fmt: skip


def _early_end(world: World) -> EarlyEnd:
    day = timezone.localdate() + timedelta(days=3)
    return propose_early_end(world.actor(Role.REGISTRAR), _opening(world), closes_on=day, reason="已全部离校")


@form_case(forms.ApproveEarlyEnd)
def approve_an_early_end(world: World) -> Stage:
    return Stage(
        reverse("verification:early_end", args=[_early_end(world).pk]), staff(world, Role.HEAD_OFFICE), {"seen": "on"},
        wrong={"seen": ("", "pages.required")},
    )  # fmt: skip


@form_case(forms.RejectEarlyEnd)
def reject_an_early_end(world: World) -> Stage:
    return Stage(
        reverse("verification:early_end", args=[_early_end(world).pk]), staff(world, Role.HEAD_OFFICE),
        {"reason": "应先提醒"}, wrong={"reason": ("", "pages.required")},
    )  # fmt: skip
