"""Accept, reject, hold, undo: who, on which verdict, and never over another person's decision."""

import uuid

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from gradphoto.apps.campaigns import settings_keys as keys
from gradphoto.apps.campaigns.models import Rule
from gradphoto.apps.capture import actions as room
from gradphoto.apps.capture.models import CheckIn, Frame, Identification, RetakeRequest
from gradphoto.apps.capture.queries import missed
from gradphoto.apps.core.errors import Refusal
from gradphoto.apps.core.models import AuditEntry
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.review import actions
from gradphoto.apps.review.models import ReviewDecision
from gradphoto.apps.review.standing import Seen, review_of
from gradphoto.apps.schedule.models import Appointment, Slot
from review_world import CREW, another, open_session, seen, shoot
from world import add_candidate

pytestmark = pytest.mark.django_db


@pytest.fixture
def session(world):
    return open_session(world)


@pytest.fixture
def frame(world, session):
    return shoot(session, add_candidate(world, 1), "defect_roll")


def refused(call, *args, **kwargs) -> str:
    with pytest.raises(Refusal) as caught, transaction.atomic():
        call(*args, **kwargs)
    assert caught.value.remedy.zh
    assert caught.value.remedy.en
    return caught.value.code


def test_a_decision_names_the_verdict_it_rests_on(world, frame):
    actions.accept(world.actor(Role.REGISTRAR), review_of(frame), seen=seen(frame))
    decision, assessment = ReviewDecision.objects.get(), frame.assessments.get()
    assert decision.source_sha256 == frame.blob_id
    assert (decision.pipeline_version, decision.rules_version) == (
        assessment.pipeline_version,
        assessment.rules_version,
    )
    assert (decision.assessment, decision.outcome) == (assessment, "fail")
    entry = AuditEntry.objects.get(action="review.accept")
    assert entry.detail["source_sha256"] == frame.blob_id
    assert entry.detail["outcome"] == "fail"


def test_two_reviewers_at_once_do_not_collide(world, frame):
    shown_to_both = seen(frame)
    actions.accept(world.actor(Role.REGISTRAR), review_of(frame), seen=shown_to_both)
    with pytest.raises(Refusal) as caught:
        actions.reject(world.actor(Role.SITE_STAFF), review_of(frame), seen=shown_to_both, reasons=["person.eyes"])
    assert caught.value.code == "capture.reviewed_meanwhile"
    assert "registrar" in caught.value.message.en, "it says who was faster"
    assert ReviewDecision.objects.count() == 1
    frame.refresh_from_db()
    assert frame.status == "accepted"


def test_a_verdict_that_changed_since_must_be_looked_at_again(world, frame):
    old = seen(frame)
    assessment = frame.assessments.get()
    assessment.current = False
    assessment.save()
    newer = type(assessment).objects.create(
        frame=frame, profile="mb2017_99", pipeline_version="next", outcome="pass", current=True
    )
    registrar = world.actor(Role.REGISTRAR)
    assert refused(actions.accept, registrar, review_of(frame), seen=old) == "capture.assessed_meanwhile"
    actions.accept(registrar, review_of(frame), seen=Seen(old.version, newer.pk))


def test_r18_a_rejection_asks_for_a_retake_with_its_reason_and_deletes_nothing(world, session, frame):
    slot = Slot.objects.create(
        session=session, department=world.department, season="spring",
        starts_at=timezone.now(), ends_at=timezone.now() + timezone.timedelta(hours=1),
    )  # fmt: skip
    candidate = frame.check_in.candidate
    Appointment.objects.create(slot=slot, candidate=candidate, position=1)
    assert candidate not in missed(session)
    registrar = world.actor(Role.REGISTRAR)
    actions.reject(
        registrar, review_of(frame), seen=seen(frame), reasons=["portrait.head_roll", "person.hair"], words="刘海"
    )
    frame.refresh_from_db()
    request = RetakeRequest.objects.get()
    assert (frame.status, frame.check_in.status) == ("rejected", "retake")
    assert request.reason == "头部歪斜、头发遮眉遮耳、刘海"
    assert candidate in missed(session), "whoever must come again stands among the missed (R104)"
    assert frame.blob.size_bytes > 1000, "the evidence stays"


def test_r18_the_next_swipe_carries_the_reason_by_itself(world, session, frame):
    actions.reject(world.actor(Role.REGISTRAR), review_of(frame), seen=seen(frame), reasons=["portrait.head_roll"])
    outcome = room.check_in(
        CREW, session, candidate=frame.check_in.candidate, method=Identification.MANUAL, nonce=uuid.uuid4()
    )
    assert outcome.hold is None, "the person is expected"
    assert outcome.check_in.again_reason == "头部歪斜"
    first = CheckIn.objects.get(pk=frame.check_in_id)
    assert (first.status, outcome.check_in.shooting_number) == ("cancelled", 2)
    assert RetakeRequest.objects.get().fulfilled_by == outcome.check_in


def test_r18_a_retake_without_a_reason_is_impossible_in_the_database(world, frame):
    with pytest.raises(IntegrityError), transaction.atomic():
        RetakeRequest.objects.create(
            candidate=frame.check_in.candidate, check_in=frame.check_in, frame=frame, reason="", was_confirmed=False
        )


@pytest.mark.parametrize("reasons", [[], ["no.such_rule"]])
def test_a_rejection_without_a_known_reason_is_refused(world, frame, reasons):
    registrar = world.actor(Role.REGISTRAR)
    code = refused(actions.reject, registrar, review_of(frame), seen=seen(frame), reasons=reasons, words="  ")
    assert code == "capture.reason_missing"
    actions.reject(registrar, review_of(frame), seen=seen(frame), reasons=reasons, words="衣领不整")
    assert RetakeRequest.objects.get().reason == "衣领不整"


def test_undo_of_a_rejection_puts_everything_back_and_keeps_the_trail(world, frame):
    room.confirm_check_in(world.actor(Role.SITE_STAFF), frame.check_in)
    registrar = world.actor(Role.REGISTRAR)
    decision = actions.reject(registrar, review_of(frame), seen=seen(frame), reasons=["person.clothes"])
    actions.undo(registrar, review_of(frame), decision=decision)
    frame.refresh_from_db()
    assert (frame.status, frame.check_in.status) == ("accepted", "confirmed"), "confirmed on site, as before"
    assert RetakeRequest.objects.get().withdrawn_at is not None
    decision.refresh_from_db()
    assert decision.undone_at is not None
    assert review_of(frame).state == "awaiting"
    assert AuditEntry.objects.filter(action="review.undo").count() == 1


def test_undo_steps_back_to_the_decision_before(world, frame):
    registrar = world.actor(Role.REGISTRAR)
    actions.hold(registrar, review_of(frame), seen=seen(frame))
    second = actions.accept(registrar, review_of(frame), seen=seen(frame))
    actions.undo(registrar, review_of(frame), decision=second)
    review = review_of(frame)
    assert (review.state, review.decided_by.username) == ("held", "registrar")


def test_undo_is_for_ones_own_last_decision_until_the_person_was_shot_again(world, session, frame):
    registrar, other = world.actor(Role.REGISTRAR), another(world)
    first = actions.hold(registrar, review_of(frame), seen=seen(frame))
    assert refused(actions.undo, other, review_of(frame), decision=first) == "capture.not_yours"
    rejected = actions.reject(other, review_of(frame), seen=seen(frame), reasons=["person.eyes"])
    assert refused(actions.undo, registrar, review_of(frame), decision=first) == "capture.not_the_last"
    shoot(session, frame.check_in.candidate, "person_01")
    assert refused(actions.undo, other, review_of(frame), decision=rejected) in (
        "capture.shot_again", "core.step_not_allowed",
    )  # fmt: skip


def test_nothing_changes_once_a_package_carries_the_photograph(world, frame):
    registrar = world.actor(Role.REGISTRAR)
    decision = actions.hold(registrar, review_of(frame), seen=seen(frame))
    Frame.objects.filter(pk=frame.pk).update(packed_at=timezone.now())
    for call in (actions.accept, actions.hold):
        assert refused(call, registrar, review_of(frame), seen=seen(frame)) == "capture.frame_packed"
    assert refused(actions.undo, registrar, review_of(frame), decision=decision) == "capture.frame_packed"


def test_only_a_frame_in_use_is_reviewed(world, session):
    lonely = shoot(session, add_candidate(world, 2), accept=False)
    code = refused(actions.accept, world.actor(Role.REGISTRAR), review_of(lonely), seen=seen(lonely))
    assert code == "capture.frame_not_in_use"


def four_eyes(world, *outcomes: str) -> None:
    Rule.objects.create(
        rule_set=world.campaign.rule_set, key=keys.REVIEW_FOUR_EYES.name, value=list(outcomes),
        source="测试", effective_from="2020-01-01",
    )  # fmt: skip


def test_four_eyes_where_the_rule_set_demands_it(world, session, frame):
    four_eyes(world, "fail")
    first, second = world.actor(Role.REGISTRAR), another(world)
    actions.accept(first, review_of(frame), seen=seen(frame))
    assert review_of(frame).state == "second"
    assert refused(actions.accept, first, review_of(frame), seen=seen(frame)) == "capture.second_person"
    actions.accept(second, review_of(frame), seen=seen(frame))
    assert review_of(frame).state == "accepted"
    passed = shoot(session, add_candidate(world, 3), "person_02")
    actions.accept(first, review_of(passed), seen=seen(passed))
    assert review_of(passed).state == "accepted", "a pass needs one person"


@pytest.mark.parametrize("role", [Role.COLLEGE_OFFICER, Role.AUDITOR, Role.COUNSELLOR])
def test_only_reviewers_review(world, frame, role):
    assert refused(actions.accept, world.actor(role), review_of(frame), seen=seen(frame)) == "core.not_permitted"


def test_a_stranger_with_the_right_role_reviews_nothing_here(world, frame):
    for role in (Role.REGISTRAR, Role.PHOTOGRAPHER):
        assert refused(actions.accept, world.stranger(role), review_of(frame), seen=seen(frame)) == "core.not_permitted"
