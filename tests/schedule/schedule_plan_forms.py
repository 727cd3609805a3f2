"""The form that asks for a timetable, ready to be tried by ``tests/pages``."""

from __future__ import annotations

from django.urls import reverse
from django.utils import timezone

from gradphoto.apps.orgs.models import Role
from gradphoto.apps.schedule import plan_forms
from pages.form_cases import Stage, form_case
from verification.graduate_world import staff
from world import World


@form_case(plan_forms.MakeTimetable)
def make_timetable(world: World) -> Stage:
    today = f"{timezone.localdate()}"
    good = {
        "first_day": today, "last_day": today, "places": "104*2", "stations": "1", "morning_from": "08:30",
        "morning_to": "11:30", "afternoon_from": "14:00", "afternoon_to": "17:00", "every_day": "on",
    }  # fmt: skip
    return Stage(
        f"{reverse('schedule:make')}?campaign={world.campaign.pk}",
        staff(world, Role.REGISTRAR),
        good,
        wrong={
            "places": ("", "pages.required"),
            "first_day": ("soon", "pages.invalid"),
            "last_day": ("2020-01-01", "schedule.days"),
            "stations": ("0", "pages.too_small"),
        },
    )
