"""The forms of the capture room, ready to be tried by ``tests/pages``."""

from __future__ import annotations

import uuid

from django.urls import reverse
from django.utils import timezone

from gradphoto.apps.capture.appearance_pages import NoteAppearance
from gradphoto.apps.capture.forms import EnterAfterwards
from gradphoto.apps.capture.room.frames import receive_frame
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.schedule.models import CaptureSession
from gradphoto.demo.sitters import picture
from pages.form_cases import Stage, form_case
from verification.graduate_world import staff
from world import World, add_candidate

TOO_LONG = ("很长的说明" * 50, "pages.too_long")


@form_case(NoteAppearance)
def note_the_appearance(world: World) -> Stage:
    person = add_candidate(world, 1)
    good = {"person": [person.pk], "day": str(timezone.localdate()), "findings": ["beard"], "note": "下巴"}
    wrong = {
        "day": ("明天", "pages.invalid"), "findings": (["x"], "pages.not_offered"),
        "note": ("很长的说明" * 50, "pages.too_long"),
    }  # fmt: skip
    return Stage(reverse("capture:appearance"), staff(world, Role.COLLEGE_OFFICER), good, wrong, {"person": [10**6]})


def _session(world: World, status: str) -> CaptureSession:
    return CaptureSession.objects.create(campaign=world.campaign, date=timezone.localdate(), place="104", status=status)


@form_case(EnterAfterwards)
def enter_afterwards(world: World) -> Stage:
    session = _session(world, "open")
    person, photographer = add_candidate(world, 1), world.actor(Role.PHOTOGRAPHER)
    frame = receive_frame(photographer, session, data=picture("person_01"), file_name="IMG_0007.JPG")
    good = {"candidate": person.pk, "frame": frame.pk, "reason": "留学生", "nonce": str(uuid.uuid4())}
    wrong = {"reason": TOO_LONG, "nonce": ("x", "pages.invalid")}
    foreign = {"candidate": person.pk + 999, "frame": frame.pk + 999}
    return Stage(reverse("capture:afterwards", args=[session.pk]), staff(world, Role.SITE_STAFF), good, wrong, foreign)
