"""A room with several chairs: each its own reader, camera, queue and numbers; the screen shows one, the board all (R79, R86)."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from gradphoto.apps.capture import actions, queries
from gradphoto.apps.capture.models import CheckIn, Frame, Identification
from gradphoto.apps.capture.room import chairs
from gradphoto.apps.core.errors import Refusal
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.pairing.board import board_of
from gradphoto.apps.schedule.models import Appointment, CaptureSession, CollectionRoom, Slot
from gradphoto.demo.sitters import picture
from gradphoto.engine.devices.errors import ReaderError
from gradphoto.engine.wording import Wording
from page_text import flat
from repair_world import AHEAD, photographed, shift
from review_world import CREW, measured, open_session
from world import World, add_candidate, build_world, put

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]


@pytest.fixture
def world() -> World:
    return build_world()


@pytest.fixture
def session(world) -> CaptureSession:
    """Two stations in the room, as the plan says."""
    session = open_session(world)
    session.room = CollectionRoom.objects.create(campaign=world.campaign, name=session.place, stations=2)
    session.save(update_fields=["room"])
    return session


@pytest.fixture
def photographer(world) -> Client:
    client = Client()
    client.force_login(world.people[Role.PHOTOGRAPHER], "django.contrib.auth.backends.ModelBackend")
    return client


def seat(session, person, chair: int) -> CheckIn:
    made = actions.check_in(
        CREW, session, candidate=person, method=Identification.MANUAL, nonce=uuid.uuid4(), chair=chair
    ).check_in
    assert made is not None
    return made


def arrive(session, number: int, chair: int, **changes: object) -> Frame:
    facts = {"file_name": f"IMG_{number:04d}.JPG", "file_number": number, "camera_serial": f"SN{chair}"}
    facts |= {"taken_at": timezone.now()} | changes
    data = picture("person_01") + f"{chair}-{number}".encode()
    return actions.receive_frame(CREW, session, data=data, chair=chair, **facts)


def test_r86_two_people_sit_at_a_time_and_a_third_chair_is_refused(world, session):
    people = [add_candidate(world, n) for n in (1, 2, 3)]
    first, second = seat(session, people[0], 1), seat(session, people[1], 2)
    assert [one.chair for one in session.check_ins.filter(status="open").order_by("chair")] == [1, 2]
    for chair, code in ((1, "capture.chair_occupied"), (2, "capture.chair_occupied"), (3, "capture.no_such_chair")):
        with pytest.raises(Refusal) as caught:
            seat(session, people[2], chair)
        assert caught.value.code == code
    with pytest.raises(IntegrityError), transaction.atomic():
        CheckIn.objects.filter(pk=first.pk).update(chair=second.chair)


def test_r97_each_chair_goes_on_with_numbers_of_its_own_and_none_is_given_twice(world, session, monkeypatch):
    monkeypatch.setattr(chairs, "_RUN", 3)
    given: dict[int, list[int]] = {1: [], 2: []}
    for n in range(1, 10):
        chair = 2 if n % 3 == 0 else 1
        made = seat(session, add_candidate(world, n), chair)
        given[chair].append(made.shooting_number)
        actions.cancel_check_in(CREW, made, reason="演练")
    assert given == {1: [1, 2, 3, 7, 8, 9], 2: [4, 5, 6]}
    assert chairs.next_number(session, 1) == 10


def test_r98_a_frame_is_of_who_sits_before_its_own_camera(world, session):
    for chair in (1, 2):
        measured(session, f"SN{chair}", 0.0, chair=chair)
    one, other = (seat(session, add_candidate(world, n), n) for n in (1, 2))
    CheckIn.objects.update(at=timezone.now() - timedelta(seconds=20))
    assert arrive(session, 501, 2).check_in == other
    assert arrive(session, 77, 1).check_in == one
    assert not session.alarms.exists(), "two cameras in turn are no change of camera, and no gap in the numbers"
    actions.accept_frame(CREW, other, frame=other.frames.get())
    lonely = arrive(session, 502, 2, taken_at=timezone.now() + timedelta(seconds=30))
    assert lonely.check_in is None, "though somebody sits in the other chair"
    assert set(session.alarms.values_list("chair", flat=True)) == {2}


def test_r98_a_photograph_brought_by_hand_is_of_who_sits_in_the_chair_it_was_brought_to(world, session):
    one, other = (seat(session, add_candidate(world, n), n) for n in (1, 2))
    assert arrive(session, 9, 2, by_hand=True).check_in == other
    assert arrive(session, 8, 1, by_hand=True).check_in == one


def test_a_camera_measured_before_one_chair_says_nothing_before_the_other(world, session):
    measured(session, "", 0.0, chair=1)
    seat(session, add_candidate(world, 1), 2)
    CheckIn.objects.update(at=timezone.now() - timedelta(seconds=20))
    assert arrive(session, 1, 2, camera_serial="").check_in is None, "two cameras without a serial number are two"


def test_the_undo_and_the_notices_are_each_chairs_own(world, session):
    one, other = (seat(session, add_candidate(world, n), n) for n in (1, 2))
    actions.undo_step(CREW, session, chair=1)
    assert [CheckIn.objects.get(pk=row.pk).status for row in (one, other)] == ["cancelled", "open"]
    pulled = ReaderError(
        "reader.unplugged", Wording("读卡器被拔掉了。", "Unplugged."), Wording("插回。", "Plug it in.")
    )
    actions.tell_room(CREW, session, source="reader", error=pulled, chair=1)
    actions.tell_room(CREW, session, source="reader", error=pulled, chair=2)
    actions.works_again(CREW, session, "reader", 2)
    assert [one.chair for one in session.notices.filter(cleared_at=None)] == [1]


def in_line(world, session, count: int) -> list[int]:
    slot = Slot.objects.create(
        session=session, department=world.department,
        class_name="计科2201", season="spring", starts_at=timezone.now(), ends_at=timezone.now() + timedelta(hours=1),
    )  # fmt: skip
    people = [add_candidate(world, n) for n in range(1, count + 1)]
    Appointment.objects.bulk_create(Appointment(slot=slot, candidate=one, position=n) for n, one in enumerate(people))
    return [one.pk for one in people]


def test_r102_a_class_stands_in_as_many_lines_as_there_are_chairs_each_in_order(world, session):
    people = in_line(world, session, 5)
    assert [sorted(chairs.queue_of(session, chair)) for chair in (1, 2)] == [people[:2], people[2:]]
    assert [one.pk for one in queries.next_at(session, 2, 5)] == people[2:] + people[:2], "then who waits elsewhere"
    assert [one.pk for one in queries.next_at(session, 1, 2)] == people[:2]


def test_the_screen_shows_one_chair_and_the_board_all(world, session, photographer):
    in_line(world, session, 4)
    one, other = (
        seat(session, person, chair) for chair, person in enumerate(world.campaign.candidates.order_by("pk")[:2], 1)
    )
    first, second = (flat(photographer.get(f"/capture/{session.pk}/?chair={chair}")) for chair in (1, 2))
    for page, here, away in ((first, one, other), (second, other, one)):
        assert f'class="station-number">{here.number_label}<' in page
        assert f'class="station-number">{away.number_label}<' not in page
    assert "?chair=2" in second.split('data-key="u"')[0].rsplit("<form", 1)[1], "a step's form stays at its chair"
    answer = photographer.post(f"/capture/{session.pk}/undo/?chair=2", follow=True)
    assert answer.redirect_chain[-1][0].endswith("?chair=2")
    assert CheckIn.objects.get(pk=other.pk).status == "cancelled"
    board = flat(photographer.get(f"/capture/{session.pk}/room/"))
    assert [board.count(f'href="/capture/{session.pk}/?chair={chair}"') for chair in (1, 2, 3)] == [1, 1, 0]
    assert one.candidate.name in board
    stamp = board.split("?seen=")[1].split('"')[0]
    again = photographer.get(f"/capture/{session.pk}/room/?seen={stamp}", headers={"HX-Request": "true"})
    assert again.status_code == 204
    assert photographer.get(f"/capture/{session.pk}/?chair=9").status_code == 404


def test_a_room_with_one_chair_looks_as_before(world, photographer):
    session = open_session(world)
    page = flat(photographer.get(f"/capture/{session.pk}/"))
    assert "room-chairs" not in page
    assert seat(session, add_candidate(world, 1), 1).shooting_number == 1


def test_a_session_opens_when_every_chair_of_it_is_measured_or_with_a_reason(world, session):
    session = CaptureSession.objects.create(
        campaign=world.campaign, date=timezone.localdate(), place="105", room=session.room
    )
    measured(session, "SN1", 0.0, chair=1)
    staff = world.actor(Role.PHOTOGRAPHER)
    with pytest.raises(Refusal) as caught:
        actions.open_session(staff, session)
    assert "2 号" in caught.value.message.zh
    measured(session, "SN2", 0.0, chair=2)
    actions.open_session(staff, session)


def test_r212_a_shift_at_one_chair_is_mended_there_and_the_other_is_not_touched(world, session):
    """Both chairs at the same minutes: read together their swipes and frames would make no sense at all."""
    photographed(world, session, 6)
    ours, shots = photographed(world, session, 6, first=11)
    CheckIn.objects.filter(pk__in=[one.pk for one in ours]).update(chair=2)
    Frame.objects.filter(pk__in=[one.pk for one in shots]).update(chair=2, camera_serial="SN2")
    measured(session, "SN2", AHEAD.total_seconds(), transfer_s=1.0, chair=2)
    assert board_of(session).proposal.changes == ()
    shift(ours, shots, 1, 4)
    changes = board_of(session).proposal.changes
    assert {board_of(session).frames[int(change.frame_key)].chair for change in changes} == {2}
    assert len(changes) == 4


def test_readers_that_get_each_others_people_are_told_once_and_their_frames_asked_about(world, session):
    for chair in (1, 2):
        measured(session, f"SN{chair}", 0.0, chair=chair)
    ours = in_line(world, session, 4)  # the first two queue at chair 1, the others at 2
    people = {one.pk: one for one in world.campaign.candidates.filter(pk__in=ours)}
    one = seat(session, people[ours[2]], 1)
    assert not session.alarms.exists(), "somebody may be called to a free chair"
    other = seat(session, people[ours[0]], 2)
    [alarm] = session.alarms.all()
    assert (alarm.kind, "接反" in alarm.sentence["zh"]) == ("readers_exchanged", True)
    CheckIn.objects.update(at=timezone.now() - timedelta(seconds=20))
    frames = arrive(session, 501, 1), arrive(session, 77, 2)
    assert [frame.check_in for frame in frames] == [None, None], "whoever sits there, somebody must look"
    actions.bind_frame(CREW, frames[0], check_in=one, reason="是本人")
    assert arrive(session, 502, 1).check_in == one
    put(session.check_ins.filter(pk=one.pk), status="shot")
    session.alarms.exclude(pk=alarm.pk).update(settled_at=timezone.now())
    with pytest.raises(Refusal, match=r"capture.alarm_open"):
        actions.confirm_check_in(CREW, one)
    put(session.check_ins.filter(pk=one.pk), status="open")
    actions.settle_alarm(CREW, alarm, note="已换回")
    actions.cancel_check_in(CREW, other, reason="接反")
    seat(session, people[ours[3]], 2)
    assert session.alarms.filter(kind="readers_exchanged", settled_at=None).count() == 0


def test_a_refused_card_makes_the_next_frame_a_question_and_the_own_card_again_does_not(world, session):
    measured(session, "SN1", 0.0)
    one, next_one = add_candidate(world, 1), add_candidate(world, 2)
    seated = seat(session, one, 1)
    CheckIn.objects.update(at=timezone.now() - timedelta(seconds=40))
    for person, code in ((one, "capture.swiped_again"), (next_one, "capture.chair_occupied")):
        with pytest.raises(Refusal) as caught:
            seat(session, person, 1)
        assert caught.value.code == code
        actions.tell_room(CREW, session, source="reader", error=caught.value, passing=True, chair=1)
        session.notices.update(at=timezone.now() - timedelta(seconds=20))
        frame = arrive(session, 10 + session.frames.count(), 1)
        assert frame.check_in == (seated if person == one else None)
        earlier = timezone.now() - timedelta(seconds=25)
        session.frames.update(arrived_at=earlier, taken_at=earlier)
    told = session.alarms.get()
    assert (told.kind, "另有人刷卡" in told.sentence["zh"]) == ("whose_frame", True)


def test_whoever_sets_the_computers_clock_does_not_move_the_rooms_time(world, session, settings, tmp_path, monkeypatch):
    settings.ROOM_CLOCK = tmp_path / "room-clock.json"
    before = seat(session, add_candidate(world, 1), 1)
    real = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: real() - timedelta(hours=1))
    after = seat(session, add_candidate(world, 2), 2)
    assert timedelta(0) < after.at - before.at < timedelta(minutes=1)
    alarm = actions.raise_clock_alarm(CREW, session, jump_s=-3600.0)
    assert "次序不受影响" in alarm.remedy["zh"]
