"""The forms of the capture room, ready to be tried by ``tests/pages``."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from gradphoto.apps.capture.appearance_pages import NoteAppearance
from gradphoto.apps.capture.forms import EnterAfterwards, OpenSession, ReopenSession
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


def _session(world: World, status: str, *, days: int = 0) -> CaptureSession:
    day = timezone.localdate() + timedelta(days=days)
    return CaptureSession.objects.create(campaign=world.campaign, date=day, place="104", status=status)


@form_case(EnterAfterwards)
def enter_afterwards(world: World) -> Stage:
    session = _session(world, "open")
    person, photographer = add_candidate(world, 1), world.actor(Role.PHOTOGRAPHER)
    frame = receive_frame(photographer, session, data=picture("person_01"), file_name="IMG_0007.JPG")
    good = {"candidate": person.pk, "frame": frame.pk, "reason": "留学生", "nonce": str(uuid.uuid4())}
    wrong = {"reason": TOO_LONG, "nonce": ("x", "pages.invalid")}
    foreign = {"candidate": person.pk + 999, "frame": frame.pk + 999}
    return Stage(reverse("capture:afterwards", args=[session.pk]), staff(world, Role.SITE_STAFF), good, wrong, foreign)


@form_case(OpenSession)
def open_session(world: World) -> Stage:
    address = reverse("capture:session_confirm", args=[_session(world, "planned", days=1).pk, "open_session"])
    good = {"early_reason": "摄影师提前到校", "no_clock_reason": "相机明天才到"}
    wrong = {"early_reason": TOO_LONG, "no_clock_reason": TOO_LONG}
    return Stage(address, staff(world, Role.PHOTOGRAPHER), good, wrong)


@form_case(ReopenSession)
def reopen_session(world: World) -> Stage:
    address = reverse("capture:session_confirm", args=[_session(world, "closed").pk, "reopen_session"])
    return Stage(address, staff(world, Role.PHOTOGRAPHER), {"reason": "还有人"}, {"reason": TOO_LONG})
