"""Background work over a store that is away, clocks that jump, and what a person can do about a failed job (issue 18, 1)."""

import errno
from datetime import timedelta

import pytest
from django import db
from django.db import OperationalError
from django.utils import timezone

from gradphoto.apps.core import jobs
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import refuse
from gradphoto.apps.core.jobs import database_now
from gradphoto.apps.core.models import AuditEntry, Job, JobState
from gradphoto.apps.core.store_errors import store_away
from gradphoto.apps.orgs.models import Role
from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.wording import Wording
from world import build_world

pytestmark = pytest.mark.django_db
TITLE = Wording("试", "Try")
AWAY: dict[str, bool] = {"store": False}
DONE: list[int] = []


@jobs.handles("test.items")
def _items(run: jobs.JobRun) -> None:
    """Five items like the handlers of the rooms: each failure is put on record and the others go on."""
    todo = [n for n in range(5) if n not in DONE]
    run.start(len(todo))
    failed = 0
    for at, n in enumerate(todo, start=1):
        try:
            if AWAY["store"] and n >= 2:
                raise store_away()
            if n in run.params.get("bad", ()):
                raise refuse("test.bad", "坏", "bad", "换", "change")
            DONE.append(n)
        except GradPhotoError as error:
            run.issue(str(n), error)
            failed += 1
        run.advance(at, failed)


@pytest.fixture(autouse=True)
def _fresh():
    AWAY["store"] = False
    DONE.clear()


def _job(**params) -> Job:
    return jobs.enqueue("test.items", Actor.system("test"), TITLE, params)


def test_a_store_that_is_away_fails_no_item_the_job_waits_and_goes_on():
    AWAY["store"] = True
    job = _job()
    assert jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.is_waiting, job.failed, job.issues.count()) == (JobState.QUEUED, True, 0, 0)
    assert job.tone == "busy"
    assert "没有响应" in job.waiting_for["zh"]
    assert not jobs.run(job.pk), "not before its time"
    assert jobs.sweep() == 0
    Job.objects.filter(pk=job.pk).update(not_before=database_now())
    assert jobs.sweep() == 1, "then it is sent again by itself"
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.is_waiting, job.waits, job.attempts) == (True, 2, 0), "waiting is no failed attempt"
    AWAY["store"] = False
    Job.objects.filter(pk=job.pk).update(not_before=None)
    assert jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.tone, job.waiting_for) == (JobState.DONE, "good", None)
    assert DONE == [0, 1, 2, 3, 4], "nothing twice, nothing lost"


def test_a_job_that_waited_for_more_than_a_day_is_told_as_failed():
    AWAY["store"] = True
    job = _job()
    Job.objects.filter(pk=job.pk).update(waits=jobs.MAX_WAITS)
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error_code) == (JobState.FAILED, "core.store_away")


@pytest.mark.parametrize(
    ("bad", "label", "tone"),
    [((), "已完成", "good"), ((1,), "部分失败", "busy"), ((0, 1, 2, 3, 4), "全部失败", "bad")],
)
def test_what_was_left_undone_is_never_green_and_can_be_tried_again(bad, label, tone):
    job = _job(bad=bad)
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (str(job.state_label), job.tone, job.left_something) == (label, tone, bool(bad))
    job.params = {}
    job.save()
    assert jobs.retry(job) is bool(bad)
    if bad:
        jobs.run(job.pk)
        job.refresh_from_db()
        assert (job.state, job.failed, job.issues.count(), sorted(DONE)) == (JobState.DONE, 0, 0, [0, 1, 2, 3, 4])


@pytest.mark.parametrize("jump", [timedelta(hours=2), timedelta(hours=-2)])
def test_a_clock_that_jumps_stops_no_sweeper(jump):
    """A lease written by a clock that was two hours ahead, or behind, is no lease for two hours."""
    job = _job()
    then = timezone.now() + jump
    Job.objects.filter(pk=job.pk).update(
        state=JobState.RUNNING, attempts=1, lease_until=then + jobs.LEASE, sent_at=then, lease_token=job.pk
    )
    assert jobs.sweep() == 1
    assert jobs.run(job.pk)
    job.refresh_from_db()
    assert job.state == JobState.DONE


def test_a_server_with_a_wrong_clock_takes_no_lease_away(time_machine):
    from django.db import connection

    if connection.vendor != "postgresql":
        pytest.skip("SQLite's clock is the machine's own")
    job = _job()
    assert jobs._take_lease(job.pk)
    time_machine.move_to(timezone.now() + timedelta(hours=3))
    assert jobs.sweep() == 0
    assert not jobs.run(job.pk)


def test_the_page_of_a_failed_job_has_a_button_that_begins_it_again(client):
    world = build_world()
    actor, other = world.actor(Role.REGISTRAR), world.stranger(Role.REGISTRAR)
    job = jobs.enqueue("test.items", actor, TITLE, {"bad": [1]}, organisation_id=world.school.pk)
    jobs.run(job.pk)
    client.force_login(other.user)
    assert client.post(f"/jobs/{job.pk}/retry/").status_code == 404
    client.force_login(actor.user)
    for address in (f"/jobs/{job.pk}/", "/jobs/"):
        assert f"/jobs/{job.pk}/retry/" in client.get(address).content.decode()
    assert client.post(f"/jobs/{job.pk}/retry/").status_code == 302
    job.refresh_from_db()
    assert job.state == JobState.QUEUED
    assert AuditEntry.objects.filter(action="core.retry_job", target_key=str(job.pk)).count() == 1
    assert client.post(f"/jobs/{job.pk}/retry/").status_code == 409, "once is enough"


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EFBIG])
def test_a_disk_without_room_for_a_jobs_own_files_is_waited_for(monkeypatch, number):
    job = _job()

    def full(run):
        raise OSError(number, "No space left on device")

    monkeypatch.setitem(jobs.HANDLERS, "test.items", full)
    assert jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.is_waiting, job.attempts) == (JobState.QUEUED, True, 0)
    assert "磁盘空间已满" in job.waiting_for["zh"]


def test_a_database_that_goes_away_in_the_middle_is_no_failure_of_the_job(monkeypatch):
    job = _job()

    def away(run):
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(db.connection, "close", lambda: None)  # the test's own transaction
    monkeypatch.setitem(jobs.HANDLERS, "test.items", away)
    for attempt in range(1, jobs.MAX_ATTEMPTS + 1):
        assert jobs.run(job.pk)
        job.refresh_from_db()
        assert (job.state, job.attempts) == (JobState.RUNNING, attempt)
    assert jobs.sweep() == 0
    job.refresh_from_db()
    assert (job.state, job.error_code) == (JobState.FAILED, "core.job_gave_up"), "and not for ever"
    monkeypatch.setitem(jobs.HANDLERS, "test.items", _items)
    assert jobs.retry(job)
    assert jobs.run(job.pk)
    assert DONE == [0, 1, 2, 3, 4]
