"""Measuring again after the engine changed: the old verdict stays on record, the new one counts, and it can be stopped."""

import pytest

from gradphoto.apps.campaigns.models import Rule
from gradphoto.apps.capture import jobs as capture_jobs
from gradphoto.apps.capture.models import Assessment, AssessmentFinding
from gradphoto.apps.core import jobs
from gradphoto.apps.core.errors import PermissionRefusal
from gradphoto.apps.core.models import Job, JobState
from gradphoto.apps.orgs.models import Role
from review_world import open_session, shoot
from world import add_candidate, save

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def frames(world):
    session = open_session(world)
    return [shoot(session, add_candidate(world, n), name) for n, name in enumerate(("person_01", "defect_roll"), 1)]


def by_older_thresholds() -> None:
    Assessment.objects.update(rules_version="older", outcome="review", severity=100)


def run(world) -> Job:
    job = capture_jobs.reassess(world.actor(Role.COLLECTION_CENTRE), world.campaign)
    jobs.run(job.pk)
    job.refresh_from_db()
    return job


def test_nothing_is_measured_again_while_engine_and_thresholds_are_the_same(world, frames):
    assert capture_jobs.outdated(world.campaign).count() == 0
    assert run(world).total == 0
    assert Assessment.objects.count() == 2


def test_new_thresholds_add_a_verdict_and_keep_the_old_one(world, frames):
    by_older_thresholds()
    assert capture_jobs.outdated(world.campaign).count() == 2
    job = run(world)
    assert (job.state, job.done, job.failed) == (JobState.DONE, 2, 0)
    for frame, outcome in zip(frames, ("pass", "fail"), strict=True):
        old, new = frame.assessments.order_by("pk")
        assert (old.outcome, old.current, old.rules_version) == ("review", False, "older")
        assert (new.outcome, new.current) == (outcome, True)
    assert AssessmentFinding.objects.filter(assessment__current=True, outcome="fail").count() == 1


def test_r115_another_prescribed_backdrop_asks_for_every_verdict_anew(world, frames):
    Rule.objects.filter(key="photo.backdrop").update(value="dark_blue")
    assert capture_jobs.outdated(world.campaign).count() == 2
    run(world)
    verdicts = [one.assessments.get(current=True) for one in frames]
    codes = [[item["code"] for item in one.findings if item["outcome"] == "fail"] for one in verdicts]
    assert all("portrait.backdrop_colour" in told for told in codes), codes
    assert capture_jobs.outdated(world.campaign).count() == 0


def test_a_cancelled_run_keeps_what_is_done_and_goes_on_later(world, frames, monkeypatch):
    by_older_thresholds()
    job = capture_jobs.reassess(world.actor(Role.COLLECTION_CENTRE), world.campaign)
    real = capture_jobs.assess

    def and_then_somebody_cancels(*args):
        jobs.cancel(job)
        return real(*args)

    monkeypatch.setattr(capture_jobs, "assess", and_then_somebody_cancels)
    monkeypatch.setattr(jobs, "_HEARTBEAT_S", 0.0)
    jobs.run(job.pk)
    job.refresh_from_db()
    assert job.state == JobState.CANCELLED
    assert capture_jobs.outdated(world.campaign).count() == 1
    monkeypatch.setattr(capture_jobs, "assess", real)
    assert run(world).total == 1


def test_a_frame_that_cannot_be_read_is_told_and_the_others_go_on(world, frames):
    by_older_thresholds()
    frames[0].blob_id = _damaged()
    save(frames[0])
    job = run(world)
    assert (job.state, job.failed) == (JobState.DONE, 1)
    assert job.issues.get().subject == frames[0].check_in.number_label
    assert frames[1].assessments.count() == 2


def _damaged() -> str:
    from gradphoto.apps.core import blobs

    return blobs.put_photograph(b"\xff\xd8\xffnothing behind it").pk


def test_only_the_crew_may_ask_for_it(world, frames):
    with pytest.raises(PermissionRefusal):
        capture_jobs.reassess(world.actor(Role.COUNSELLOR), world.campaign)
    with pytest.raises(PermissionRefusal):
        capture_jobs.reassess(world.stranger(Role.PHOTOGRAPHER), world.campaign)
