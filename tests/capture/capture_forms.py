"""The form of the appearance check, ready to be tried by ``tests/pages``."""

from __future__ import annotations

from django.urls import reverse
from django.utils import timezone

from gradphoto.apps.capture.appearance_pages import NoteAppearance
from gradphoto.apps.orgs.models import Role
from pages.form_cases import Stage, form_case
from verification.graduate_world import staff
from world import World, add_candidate


@form_case(NoteAppearance)
def note_the_appearance(world: World) -> Stage:
    person = add_candidate(world, 1)
    good = {"person": [person.pk], "day": str(timezone.localdate()), "findings": ["beard"], "note": "下巴"}
    wrong = {
        "day": ("明天", "pages.invalid"), "findings": (["x"], "pages.not_offered"),
        "note": ("很长的说明" * 50, "pages.too_long"),
    }  # fmt: skip
    return Stage(reverse("capture:appearance"), staff(world, Role.COLLEGE_OFFICER), good, wrong, {"person": [10**6]})
