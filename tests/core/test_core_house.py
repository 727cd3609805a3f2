"""The ground the apps stand on: the audit chain, blobs, sealed numbers, jobs, actions, scope."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from gradphoto.apps.core import audit, jobs
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.encryption import blind_index
from gradphoto.apps.core.errors import PermissionRefusal, Refusal, StepRefusal
from gradphoto.apps.core.models import AuditEntry, AuditHead, Job, JobState
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.orgs.scope import scoped
from gradphoto.apps.roster.actions import correct_candidate, reveal_id_number
from gradphoto.apps.roster.models import Candidate, CandidateStatus
from gradphoto.apps.roster.steps import accept_candidate, check_candidate
from gradphoto.engine.wording import Wording
from world import add_candidate, build_world, made_up_id_number

pytestmark = pytest.mark.django_db
TITLE = Wording("试", "Try")


def test_an_entry_is_neither_changed_nor_deleted():
    audit.record(Actor.system("test"), "test.step", None, {})
    entry = AuditEntry.objects.first()
    with pytest.raises(TypeError):
        entry.save()
    with pytest.raises(TypeError):
        entry.delete()


def test_an_id_number_never_enters_the_trail():
    with pytest.raises(ValueError, match="ID number"):
        audit.record(Actor.system("test"), "test.leak", None, {"note": f"number {made_up_id_number(1)}"})
    assert not AuditHead.objects.exists()


def test_a_hash_with_many_decimal_digits_is_no_id_number():
    digest = "ab" + "1" * 18 + "c" * 44
    assert audit.record(Actor.system("test"), "test.hash", None, {"sha256": digest}).pk


def test_a_sealed_number_shows_its_mask_and_is_not_in_the_database():
    person = add_candidate(build_world(), 1)
    number = made_up_id_number(1, male=True)
    person.refresh_from_db()
    assert person.id_number.decrypt() == number
    assert str(person.id_number) == f"{number[:3]}{'*' * 11}{number[-4:]}"
    assert number not in repr(person.id_number)
    with connection.cursor() as cursor:
        cursor.execute("SELECT id_number FROM roster_candidate")
        assert number.encode() not in bytes(cursor.fetchone()[0])
    assert Candidate.objects.get(id_number_index=blind_index(number)) == person


@jobs.handles("test.count")
def _count(run: jobs.JobRun) -> None:
    run.start(3)
    for n in range(1, 4):
        run.advance(n)


@jobs.handles("test.cancelled")
def _cancelled(run: jobs.JobRun) -> None:
    run.start(2)
    jobs.cancel(run.job)
    run.advance(2)
    raise AssertionError("a cancelled job must not go on")


@jobs.handles("test.crash")
def _crash(run: jobs.JobRun) -> None:
    raise RuntimeError("boom")


def _job(kind: str) -> Job:
    return jobs.enqueue(kind, Actor.system("test"), TITLE, {})


@pytest.mark.parametrize(
    ("kind", "state", "code"),
    [("test.count", "done", ""), ("test.cancelled", "cancelled", ""), ("test.crash", "failed", "core.job_crashed")],
)
def test_a_job_ends_in_the_state_it_deserves(kind, state, code):
    job = _job(kind)
    assert jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error_code) == (state, code)
    assert not jobs.run(job.pk), "a second delivery of the same id does nothing"


def test_a_job_that_its_worker_left_is_sent_again_and_given_up_in_the_end():
    job = _job("test.count")
    long_ago = timezone.now() - timedelta(hours=1)
    Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING, lease_until=long_ago, sent_at=long_ago, attempts=1)
    assert jobs.sweep() == 1
    assert jobs.sweep() == 0, "not twice within a lease"
    Job.objects.filter(pk=job.pk).update(attempts=jobs.MAX_ATTEMPTS, lease_until=long_ago)
    jobs.sweep()
    job.refresh_from_db()
    assert (job.state, job.error_code) == (JobState.FAILED, "core.job_gave_up")


def test_a_step_needs_the_right_role_in_the_right_place():
    world = build_world()
    person = add_candidate(world, 1, status=CandidateStatus.ISSUED)
    for actor in (world.stranger(Role.COLLEGE_OFFICER), world.actor(Role.PHOTOGRAPHER)):
        with pytest.raises(PermissionRefusal):
            check_candidate(actor, person)
    check_candidate(world.actor(Role.COLLEGE_OFFICER), person)
    person.refresh_from_db()
    assert person.status == CandidateStatus.CHECKED


def test_a_step_the_state_does_not_offer_is_refused_and_leaves_no_trace():
    world = build_world()
    person = add_candidate(world, 1, status=CandidateStatus.ISSUED)
    with pytest.raises(StepRefusal):
        accept_candidate(world.actor(Role.REGISTRAR), person)
    assert not AuditEntry.objects.filter(action="roster.accept_candidate").exists()


def test_r18_like_a_stale_page_sees_the_present_state():
    world = build_world()
    person = add_candidate(world, 1, status=CandidateStatus.ISSUED)
    stale = Candidate.objects.get(pk=person.pk)
    check_candidate(world.actor(Role.COLLEGE_OFFICER), person)
    with pytest.raises(StepRefusal):
        check_candidate(world.actor(Role.COLLEGE_OFFICER), stale)


def test_scope_ends_at_the_organisation():
    world = build_world()
    mine, other = add_candidate(world, 1), add_candidate(world, 2, department=world.other_department)
    assert set(scoped(world.actor(Role.COLLEGE_OFFICER), Candidate)) == {mine}
    assert set(scoped(world.actor(Role.REGISTRAR), Candidate)) == {mine, other}
    assert set(scoped(world.actor(Role.COLLECTION_CENTRE), Candidate)) == {mine, other}
    assert not scoped(world.stranger(Role.REGISTRAR), Candidate).exists()
    assert not scoped(world.stranger(Role.COLLECTION_CENTRE), Candidate).exists()


def test_each_reveal_is_audited_with_its_reason():
    world = build_world()
    person = add_candidate(world, 1)
    with pytest.raises(Refusal):
        reveal_id_number(world.actor(Role.REGISTRAR), person, reason=" ")
    number = reveal_id_number(world.actor(Role.REGISTRAR), person, reason="核对证件")
    assert number == made_up_id_number(1, male=True)
    entry = AuditEntry.objects.get(action="roster.reveal_id_number")
    assert entry.detail == {"reason": "核对证件"}


def test_a_correction_is_checked_like_an_imported_value():
    world = build_world()
    person, other = add_candidate(world, 1), add_candidate(world, 2)
    actor = world.actor(Role.REGISTRAR)
    for field, value, code in (
        ("name", "张 伟", "roster.name_space"),
        ("birth_date", "20040231", "roster.date"),
        ("id_number", made_up_id_number(1)[:17] + "?", "roster.id_characters"),
        ("id_number", other.id_number.decrypt(), "roster.already_listed"),
        ("student_no", other.student_no, "roster.already_listed"),
        ("season", "autumn", "roster.field"),
    ):  # fmt: skip
        with pytest.raises(Exception) as caught:  # noqa: PT011 - the code is what matters
            correct_candidate(actor, person, field=field, value=value, reason="对照身份证")
        assert caught.value.code == code
