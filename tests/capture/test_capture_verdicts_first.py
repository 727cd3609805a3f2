"""Rendering is shed before verdicts: a long job lets a room go first, and is never stopped by one for good."""

from __future__ import annotations

import pytest

from gradphoto.apps.capture import actions
from gradphoto.apps.capture.models import Assessment, Frame
from gradphoto.apps.capture.verdicts import let_verdicts_go_first, verdicts_due
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.schedule.models import CaptureSession
from queued_jobs import run_queued
from review_world import CREW, measured, open_session, seat, time_passes
from world import add_candidate, put

pytestmark = pytest.mark.django_db


@pytest.fixture
def due(world) -> Frame:
    """A frame of who is in the chair, of which nothing is known yet."""
    session = open_session(world)
    measured(session)
    seat(session, add_candidate(world, 1))
    return actions.receive_frame(CREW, session, data=b"\xff\xd8\xff one", file_name="IMG_0001.JPG", by_hand=True)


def judge(frame: Frame) -> None:
    Assessment.objects.create(frame=frame, profile="mb2017_99", pipeline_version="1", outcome="pass", current=True)


def test_the_rendering_waits_until_the_verdict_is_there(due):
    looks: list[float] = []

    def sleep(seconds: float) -> None:
        looks.append(seconds)
        if len(looks) == 3:
            judge(due)

    let_verdicts_go_first(sleep=sleep)
    assert len(looks) == 3
    assert not verdicts_due()


def test_who_waits_in_vain_or_not_at_all_stops_no_rendering(due):
    assert let_verdicts_go_first(most_s=0.0) < 1, "one photograph is rendered all the same"
    time_passes(due.session, 25)
    assert not verdicts_due(), "a verdict that did not come in 20 s does not come"
    Frame.objects.filter(pk=due.pk).update(arrived_at=due.arrived_at)
    assert verdicts_due()
    put(CaptureSession.objects.filter(pk=due.session_id), status="planned")
    assert not verdicts_due(), "nobody works there"


def test_a_job_over_many_photographs_asks_before_each(world, due, monkeypatch):
    """Measuring anew goes through the store photograph by photograph, as rendering does."""
    from gradphoto.apps.capture import jobs as capture_jobs

    asked: list[bool] = []
    monkeypatch.setattr(capture_jobs, "let_verdicts_go_first", lambda: asked.append(verdicts_due()))
    capture_jobs.reassess(world.actor(Role.COLLECTION_CENTRE), world.campaign)
    run_queued()
    assert asked == [True]
