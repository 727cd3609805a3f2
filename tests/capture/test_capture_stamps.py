"""The figures by which a waiting page hears of everything: each kind of change moves them, at its chair and for the room."""

import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from gradphoto.apps.capture.models import Alarm, Assessment, CameraClock, CheckIn, Frame, Hold, RoomNotice, RoomStep
from gradphoto.apps.capture.stamps import is_the_same_here, stamp
from gradphoto.apps.desk import context as desk_context
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.review.models import FrameReview
from gradphoto.apps.schedule.models import CaptureSession
from repair_world import photographed
from review_world import open_session
from world import build_world, put

pytestmark = pytest.mark.django_db
SAID = {"sentence": {"zh": "字", "en": "words"}, "remedy": {"zh": "字", "en": "words"}}


def told(session, **more):
    return RoomNotice.objects.create(session=session, source="reader", code="reader.gone", **SAID, **more)


def assessment(session, people, frames):
    Assessment.objects.create(
        frame=frames[0], profile="p", pipeline_version="x", rules_version="x", outcome="pass", severity=0, findings=[],
        measurements={}, current=False,
    )  # fmt: skip


CHANGES = {
    "status": lambda session, people, frames: put(CheckIn.objects.filter(pk=people[0].pk), status="shot"),
    "accepted": lambda session, people, frames: put(Frame.objects.filter(pk=frames[0].pk), status="rejected"),
    "review": lambda session, people, frames: FrameReview.objects.create(frame=frames[0], state="held"),
    "verdict": assessment,
    "clock": lambda session, people, frames: CameraClock.objects.create(
        session=session, camera_serial="S", offset_s=1, uncertainty_s=1, measured_at=timezone.now()
    ),
    "hold": lambda session, people, frames: Hold.objects.create(
        session=session, reason="not_listed", name="甲", nonce=uuid.uuid4()
    ),
    "alarm": lambda session, people, frames: Alarm.objects.create(session=session, kind="x", **SAID),
    "settled": lambda session, people, frames: session.alarms.update(settled_at=timezone.now()),
    "step": lambda session, people, frames: RoomStep.objects.create(session=session, kind="accept"),
    "undone": lambda session, people, frames: session.steps.update(undone_at=timezone.now()),
    "notice": lambda session, people, frames: told(session, until=timezone.now() + timedelta(hours=1)),
    "over": lambda session, people, frames: session.notices.update(until=timezone.now() - timedelta(hours=1)),
    "another": lambda session, people, frames: told(session),
    "mended": lambda session, people, frames: session.notices.update(cleared_at=timezone.now()),
    "waits": lambda session, people, frames: put(
        CheckIn.objects.filter(pk=people[1].pk), status="open", at=timezone.now() - timedelta(minutes=5)
    ),
    "frame": lambda session, people, frames: put(Frame.objects.filter(pk=frames[1].pk), status="bound"),
}


def test_everything_that_a_screen_shows_moves_the_figures_of_its_chair_and_of_the_room():
    world = build_world()
    session = open_session(world)
    people, frames = photographed(world, session, 3)
    here, room, there = stamp(session, 1), stamp(session), stamp(session, 2)
    for name, change in CHANGES.items():
        change(session, people, frames)
        now = stamp(session, 1), stamp(session), stamp(session, 2)
        assert now[0] != here, name
        assert now[1] != room, name
        assert now[0] == stamp(session, 1), f"{name}: and by itself nothing"
        here, room = now[:2]
    put(CaptureSession.objects.filter(pk=session.pk), status="closed")
    assert stamp(CaptureSession.objects.get(pk=session.pk), 1) != here
    assert stamp(session, 2).split(",")[1] == there.split(",")[1] == "0", "nobody sits at the other chair"


def test_the_figures_cost_one_question(django_assert_max_num_queries):
    session = open_session(build_world())
    stamp(session, 1)
    with django_assert_max_num_queries(1):
        stamp(session, 1)


def test_a_fragment_of_the_room_pays_for_nothing_that_it_does_not_show(monkeypatch, django_assert_max_num_queries):
    """No top bar is put together for a piece of the screen, and what each change asks the database stays counted."""
    world = build_world()
    session = open_session(world)
    photographed(world, session, 3)
    browser = Client()
    browser.force_login(world.people[Role.PHOTOGRAPHER], "django.contrib.auth.backends.ModelBackend")
    page = f"/capture/{session.pk}/?chair=1"
    assert "navbar" in browser.get(page).content.decode()
    monkeypatch.setattr(desk_context, "stages_of", lambda request: 1 / 0)
    fragment = {"hx-request": "true"}
    assert "data-poll" in browser.get(page, headers=fragment).content.decode()
    with django_assert_max_num_queries(34):
        browser.get(f"{page}&seen=x&wait=1", headers=fragment)


def test_who_is_photographed_at_another_chair_can_wait_to_be_counted_here():
    world = build_world()
    session = open_session(world)
    people, _ = photographed(world, session, 3)
    before = stamp(session, 2)
    put(CheckIn.objects.filter(pk=people[0].pk), status="cancelled")
    assert stamp(session, 2) != before, "the count of the room is another"
    assert is_the_same_here(stamp(session, 2), before)
    put(CheckIn.objects.filter(pk=people[1].pk), chair=2)
    assert not is_the_same_here(stamp(session, 2), before)
