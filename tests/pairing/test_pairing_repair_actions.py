"""The repair as an action: all or none, on record, undoable, never over a state nobody looked at (R98, R158, R212)."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from gradphoto.apps.campaigns import settings_keys as keys
from gradphoto.apps.campaigns.models import Rule
from gradphoto.apps.capture.models import Alarm, CheckIn, Frame, RetakeRequest
from gradphoto.apps.core import audit_proof
from gradphoto.apps.core.errors import Refusal
from gradphoto.apps.core.models import AuditEntry
from gradphoto.apps.delivery import queries as delivery
from gradphoto.apps.delivery.models import Portrait
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.pairing import actions
from gradphoto.apps.pairing.board import board_of, fault_key
from gradphoto.apps.pairing.models import Repair, RepairChange
from repair_world import owners_of, photographed, record, shift
from review_world import another, open_session
from world import put

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]
RIGHT = {f"IMG_{n:04d}.JPG": n for n in range(1, 11)}


@pytest.fixture
def session(world):
    return open_session(world)


@pytest.fixture
def room(world, session):
    return photographed(world, session, 10)


@pytest.fixture
def registrar(world):
    return world.actor(Role.REGISTRAR)


def repair_all(actor, session, reason="数据错位"):
    board = board_of(session)
    ticked = {fault_key(fault) for fault in board.mendable}
    return actions.apply_repair(actor, session, fingerprint=board.fingerprint, faults=ticked, reason=reason)


def rebind(actor, session, frame, check_in, reason="看照片确认", **more):
    return actions.rebind_frame(
        actor, session, fingerprint=board_of(session).fingerprint, frame=frame, check_in=check_in, reason=reason, **more
    )


def statuses(check_ins):
    return list(
        CheckIn.objects.filter(pk__in=[one.pk for one in check_ins]).order_by("pk").values_list("status", flat=True)
    )


def code(call):
    with pytest.raises(Refusal) as caught:
        call()
    return caught.value.code


def test_a_right_session_has_nothing_to_apply(session, room, registrar):
    assert board_of(session).mendable == []
    assert code(lambda: repair_all(registrar, session)) == "capture.repair_nothing"


def test_r212_a_shift_is_mended_and_everybody_concerned_is_confirmed_anew(session, room, registrar):
    check_ins, frames = room
    shift(check_ins, frames, 2, 6)
    [fault] = board_of(session).mendable
    assert (str(fault.kind), len(fault.changes)) == ("shift", 5)
    repair = repair_all(registrar, session)
    assert owners_of(session) == RIGHT
    assert set(session.frames.values_list("status", flat=True)) == {"accepted"}
    assert statuses(check_ins) == ["confirmed"] * 2 + ["shot"] * 5 + ["confirmed"] * 3
    assert (repair.by, repair.reason, repair.changes.count()) == (registrar.user, "数据错位", 5)
    entry = AuditEntry.objects.filter(action="pairing.apply_repair").get()
    assert len(entry.detail["changes"]) == 5
    assert audit_proof.verify()[0].whole
    assert board_of(session).mendable == [], "a second look finds nothing"


def test_the_last_repair_can_be_undone_to_the_letter(session, room, registrar):
    check_ins, frames = room
    shift(check_ins, frames, 2, 6)
    before = list(session.frames.order_by("pk").values_list("pk", "check_in", "status", "evidence"))
    people = statuses(check_ins)
    repair = repair_all(registrar, session)
    actions.undo_repair(registrar, session, repair=repair, reason="弄错了")
    assert list(session.frames.order_by("pk").values_list("pk", "check_in", "status", "evidence")) == before
    assert statuses(check_ins) == people
    repair.refresh_from_db()
    assert (repair.state, repair.undo_reason) == ("undone", "弄错了")
    assert (
        code(lambda: actions.undo_repair(registrar, session, repair=repair, reason="x"))
        == "capture.repair_not_the_last"
    )


def test_nothing_is_applied_over_a_state_that_nobody_looked_at(session, room, registrar):
    check_ins, frames = room
    record(frames, {3: check_ins[4], 4: check_ins[3]})
    board = board_of(session)
    seen = board.fingerprint
    ticked = {fault_key(fault) for fault in board.mendable}
    put(Frame.objects.filter(pk=frames[8].pk), status="rejected")
    again = lambda: actions.apply_repair(registrar, session, fingerprint=seen, faults=ticked, reason="互换")  # noqa: E731
    assert code(again) == "capture.repair_stale"
    assert owners_of(session)["IMG_0004.JPG"] == 5


def test_an_undo_after_further_work_is_refused(session, room, registrar):
    check_ins, frames = room
    record(frames, {3: check_ins[4], 4: check_ins[3]})
    repair = repair_all(registrar, session)
    put(CheckIn.objects.filter(pk=check_ins[3].pk), status="confirmed")
    assert code(lambda: actions.undo_repair(registrar, session, repair=repair, reason="x")) == "capture.repair_stale"


def test_a_reason_is_needed(session, room, registrar):
    check_ins, frames = room
    record(frames, {3: check_ins[4], 4: check_ins[3]})
    assert code(lambda: repair_all(registrar, session, reason="  ")) == "capture.reason_missing"
    with pytest.raises(IntegrityError), transaction.atomic():
        Repair.objects.create(session=session, state="applied", reason="", before="x")


def test_r158_what_is_packed_is_an_errata_case(session, room, registrar):
    check_ins, frames = room
    record(frames, {3: check_ins[4], 4: check_ins[3]})
    Frame.objects.filter(pk=frames[4].pk).update(packed_at=timezone.now())
    with pytest.raises(Refusal) as caught:
        repair_all(registrar, session)
    assert caught.value.code == "capture.frame_packed"
    assert "勘误" in caught.value.remedy.zh
    assert code(lambda: rebind(registrar, session, frames[4], None)) == "capture.frame_packed"
    assert not Repair.objects.exists()


def test_whose_only_frame_was_anothers_comes_again_with_the_reason(session, room, registrar):
    check_ins, frames = room
    record(frames, {4: None})
    record(frames, {5: check_ins[4]})  # 00005 holds 00006's frame, 00006 none; 00005's own never reached anybody
    frames[4].repair_changes.all().delete()
    Frame.objects.filter(pk=frames[4].pk).delete()
    put(CheckIn.objects.filter(pk=check_ins[5].pk), status="retake")
    repair = repair_all(registrar, session)
    assert owners_of(session)["IMG_0006.JPG"] == 6
    assert statuses(check_ins)[4:6] == ["retake", "shot"]
    request = RetakeRequest.objects.get(withdrawn_at=None)
    assert (request.check_in, request.was_confirmed) == (check_ins[4], True)
    assert "数据错位" in request.reason
    actions.undo_repair(registrar, session, repair=repair, reason="x")
    assert statuses(check_ins)[4:6] == ["confirmed", "retake"]
    assert not RetakeRequest.objects.filter(withdrawn_at=None).exists()


def test_an_unbound_frame_finds_its_owner_and_its_alarm_is_settled(session, room, registrar):
    check_ins, frames = room
    record(frames, {4: None})
    put(CheckIn.objects.filter(pk=check_ins[4].pk), status="retake")
    alarm = Alarm.objects.create(session=session, kind="frame_without_person", sentence={}, remedy={}, frame=frames[4])
    repair = repair_all(registrar, session)
    alarm.refresh_from_db()
    assert alarm.settled_note == f"对应修复 {repair.pk}"
    assert owners_of(session) == RIGHT
    actions.undo_repair(registrar, session, repair=repair, reason="x")
    alarm.refresh_from_db()
    assert alarm.settled_at is None


def test_four_eyes_wait_for_a_second_person(world, session, room, registrar):
    check_ins, frames = room
    Rule.objects.create(
        rule_set=world.campaign.rule_set, key=keys.REPAIR_FOUR_EYES.name, value=True, source="测试",
        effective_from=date(2020, 1, 1),
    )  # fmt: skip
    record(frames, {3: check_ins[4], 4: check_ins[3]})
    repair = repair_all(registrar, session)
    assert repair.state == "awaits_second"
    assert owners_of(session) != RIGHT
    assert code(lambda: repair_all(registrar, session)) == "capture.repair_waiting"
    assert code(lambda: actions.agree_repair(registrar, session, repair=repair)) == "capture.second_person"
    second = another(world)
    done = actions.agree_repair(second, session, repair=repair)
    assert (done.state, done.second) == ("applied", second.user)
    assert owners_of(session) == RIGHT
    assert done.changes.exclude(status_after="").count() == 2
    with pytest.raises(IntegrityError), transaction.atomic():
        Repair.objects.filter(pk=repair.pk).update(second=registrar.user)


def test_a_waiting_repair_can_be_withdrawn_and_dies_with_a_change(world, session, room, registrar):
    check_ins, frames = room
    Rule.objects.create(
        rule_set=world.campaign.rule_set, key=keys.REPAIR_FOUR_EYES.name, value=True, source="测试",
        effective_from=date(2020, 1, 1),
    )  # fmt: skip
    record(frames, {3: check_ins[4], 4: check_ins[3]})
    repair = repair_all(registrar, session)
    put(Frame.objects.filter(pk=frames[9].pk), status="rejected")
    assert code(lambda: actions.agree_repair(another(world), session, repair=repair)) == "capture.repair_stale"
    assert actions.withdraw_repair(registrar, session, repair=repair, reason="重做").state == "withdrawn"
    assert repair_all(registrar, session).state == "awaits_second"


def test_by_hand_one_frame_moves_with_a_reason_and_is_proposed_back_only_as_a_question(session, room, registrar):
    check_ins, frames = room
    assert code(lambda: rebind(registrar, session, frames[2], check_ins[3])) == "capture.repair_two_accepted"
    rebind(registrar, session, frames[2], check_ins[3], exchange=True)
    assert (owners_of(session)["IMG_0003.JPG"], owners_of(session)["IMG_0004.JPG"]) == (4, 3)
    assert statuses(check_ins)[2:4] == ["shot", "shot"]
    [fault] = board_of(session).mendable
    assert str(fault.certainty) == "ask"
    assert Frame.objects.get(pk=frames[2].pk).evidence["basis"] == "by_hand"
    assert code(lambda: rebind(registrar, session, frames[2], check_ins[3])) == "capture.repair_same_owner"


def test_by_hand_a_frame_is_given_to_nobody(session, room, registrar):
    check_ins, frames = room
    rebind(registrar, session, frames[2], None, reason="试拍")
    frames[2].refresh_from_db()
    assert (frames[2].check_in, frames[2].status) == (None, "unbound")
    assert statuses(check_ins)[2] == "retake"


def test_a_cancelled_number_and_the_person_in_the_chair_are_left_alone(session, room, registrar):
    check_ins, frames = room
    put(CheckIn.objects.filter(pk=check_ins[2].pk), status="cancelled")
    assert code(lambda: rebind(registrar, session, frames[5], check_ins[2])) == "capture.repair_not_standing"
    put(CheckIn.objects.filter(pk=check_ins[9].pk), status="open", closed_at=None)
    assert code(lambda: rebind(registrar, session, frames[5], check_ins[9])) == "capture.repair_not_standing"
    assert board_of(session).mendable == []


def test_strangers_may_not_and_another_session_is_out_of_reach(world, session, room):
    check_ins, frames = room
    record(frames, {3: check_ins[4], 4: check_ins[3]})
    assert code(lambda: repair_all(world.stranger(Role.REGISTRAR), session)) == "core.not_permitted"
    assert code(lambda: repair_all(world.actor(Role.COUNSELLOR), session)) == "core.not_permitted"
    other = open_session(world, "105")
    call = lambda: rebind(world.actor(Role.REGISTRAR), other, frames[0], None)  # noqa: E731
    assert code(call) == "capture.repair_other_session"


def test_outputs_made_before_a_repair_are_not_delivered_under_the_other_name(world, session, room, registrar):
    check_ins, frames = room
    record(frames, {3: check_ins[4], 4: check_ins[3]})
    for place in (3, 4):
        frame = Frame.objects.select_related("check_in").get(pk=frames[place].pk)
        for profile in delivery.profile_codes(world.campaign):
            Portrait.objects.create(
                candidate=frame.check_in.candidate, check_in=frame.check_in, frame=frame, profile=profile,
                pipeline_version=delivery.PIPELINE_VERSION, blob=frame.blob, width_px=1, height_px=1, provenance={},
            )  # fmt: skip
    present = lambda: delivery.portraits_of("mb2017_99", world.campaign).count()  # noqa: E731
    assert present() == 2
    repair_all(registrar, session)
    assert present() == 0
    assert frames[3] in delivery.frames_to_make(world.campaign)


@pytest.mark.slow
def test_hundreds_of_pairs_shifted_by_one_are_mended_with_few_statements(
    world, session, registrar, django_assert_max_num_queries
):
    check_ins, frames = photographed(world, session, 400, first=100)
    shift(check_ins, frames, 0, 399)
    # The chain of the school begins here; who gains and who loses are two steps; each of three boards asks once for hints of faces.
    with django_assert_max_num_queries(93):
        repair = repair_all(registrar, session)
    assert RepairChange.objects.filter(repair=repair).count() == 400
    assert board_of(session).mendable == []
