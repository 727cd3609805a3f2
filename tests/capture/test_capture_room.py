"""In the room: the number is born at the swipe, frame and number are 1:1, nobody passes silently."""

import threading
import uuid

import pytest
from django.db import IntegrityError, connection, transaction

from gradphoto.apps.capture import actions
from gradphoto.apps.capture.actions import CardFacts
from gradphoto.apps.capture.models import Alarm, CheckIn, Frame, Identification
from gradphoto.apps.core.errors import Refusal, StepRefusal
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.roster.models import CandidateStatus
from gradphoto.apps.schedule.models import CaptureSession
from gradphoto.demo.sitters import picture
from patience import THREAD_S
from world import add_candidate, build_world, made_up_id_number

pytestmark = pytest.mark.django_db
TODAY = "2026-11-21"


@pytest.fixture
def session(world):
    return CaptureSession.objects.create(campaign=world.campaign, date=TODAY, place="104", status="open")


def card(n: int, **changes) -> CardFacts:
    male = n % 2 == 1
    facts = {
        "name": f"测试{'甲乙丙丁戊己庚辛壬癸'[n]}",
        "sex": "male" if male else "female",
        "birth_date": "2004-03-05",
    }
    return CardFacts(**{**facts, "id_number": made_up_id_number(n, male=male), **changes})


def swipe(world, session, n: int, nonce: uuid.UUID | None = None, again: str = "", **changes):
    return actions.check_in(
        world.actor(Role.PHOTOGRAPHER),
        session,
        card=card(n, **changes),
        method=Identification.ID_CARD,
        nonce=nonce or uuid.uuid4(),
        again_reason=again,
    )


def frame(world, session, name: str = "person_01", salt: int = 0, **facts) -> Frame:
    data = picture(name) + bytes([salt])
    return actions.receive_frame(
        world.actor(Role.PHOTOGRAPHER), session, data=data, file_name="IMG_0001.JPG", by_hand=True, **facts
    )


def test_r97_the_number_is_born_at_the_swipe_and_never_used_twice(world, session):
    for n in (1, 2, 3):
        add_candidate(world, n)
    photographer = world.actor(Role.PHOTOGRAPHER)
    first = swipe(world, session, 1).check_in
    assert first.shooting_number == 1
    actions.cancel_check_in(photographer, first, reason="拿错了证")
    assert swipe(world, session, 2).check_in.shooting_number == 2, "the cancelled number stays used"


def test_a_repeated_swipe_of_a_device_gets_the_same_answer(world, session):
    add_candidate(world, 1)
    nonce = uuid.uuid4()
    assert swipe(world, session, 1, nonce).check_in == swipe(world, session, 1, nonce).check_in
    add_candidate(world, 2)
    with pytest.raises(Refusal, match="sent_before"):
        swipe(world, session, 2, nonce)
    assert CheckIn.objects.count() == 1


def test_r98_number_and_frame_are_one_to_one_in_the_database(world, session):
    add_candidate(world, 1)
    check_in = swipe(world, session, 1).check_in
    shot = frame(world, session)
    assert shot.check_in == check_in
    actions.accept_frame(world.actor(Role.PHOTOGRAPHER), check_in, frame=shot)
    with pytest.raises(IntegrityError), transaction.atomic():
        Frame.objects.create(
            session=session, blob=frame(world, session, salt=1).blob, check_in=check_in, status="accepted"
        )


def test_r98_a_frame_without_a_person_is_noticed_at_once(world, session):
    lonely = frame(world, session)
    assert lonely.check_in is None
    assert Alarm.objects.get().kind == "frame_without_person"


def test_the_same_frame_twice_is_one_frame(world, session):
    assert frame(world, session).pk == frame(world, session).pk


@pytest.mark.parametrize(
    ("prepare", "changes", "reason"),
    [
        (None, {}, "not_listed"),
        (CandidateStatus.SIGNED, {}, "not_approved"),
        (CandidateStatus.DEFERRED, {}, "not_approved"),
        (CandidateStatus.ACCEPTED, {"name": "测试某"}, "data_differ"),
        (CandidateStatus.ACCEPTED, {"birth_date": "2004-03-06"}, "data_differ"),
    ],
)
def test_r103_nobody_passes_silently(world, session, prepare, changes, reason):
    if prepare:
        add_candidate(world, 1, status=prepare)
    outcome = swipe(world, session, 1, **changes)
    assert outcome.check_in is None
    assert outcome.hold.reason == reason
    assert not CheckIn.objects.exists()
    assert "*" in str(outcome.hold.id_number)


@pytest.mark.parametrize(
    ("listed", "card"),
    [("阿卜杜拉·买买提", "阿卜杜拉•买买提"), ("张䶮", "张\ue863"), ("王五", "王　五"), ("O'Neil", "O’NEIL"),
     ("阿卜杜热合曼江·买买提依明艾力克木", "阿卜杜热合曼江·买买提依明艾力")],
)  # fmt: skip
def test_r103_the_same_name_written_otherwise_is_no_difference(world, session, listed, card):
    add_candidate(world, 1, name=listed)
    assert swipe(world, session, 1, name=card).check_in is not None


def test_r103_a_name_that_somebody_compared_is_not_asked_again(world, session):
    add_candidate(world, 1, name="李𠀃")
    hold = swipe(world, session, 1, name="李?").hold
    assert hold.differences == [{"field": "name", "card": "李?", "listed": "李𠀃"}]
    staff = world.actor(Role.SITE_STAFF)
    seated = actions.decide_hold(staff, hold, admit=True, reason="卡上缺字，与证件核对一致")
    actions.cancel_check_in(staff, seated, reason="闭眼重来")
    assert swipe(world, session, 1, name="李?").check_in is not None


def test_r16_nobody_outside_the_list_is_admitted_by_hand_either(world, session):
    hold = swipe(world, session, 1).hold
    with pytest.raises(Refusal) as caught:
        actions.decide_hold(world.actor(Role.SITE_STAFF), hold, admit=True, reason="老师说可以")
    assert caught.value.code == "capture.not_on_list"
    actions.decide_hold(world.actor(Role.SITE_STAFF), hold, admit=False, reason="不是本校学生")
    hold.refresh_from_db()
    assert hold.decision == "sent_away"


def test_r16_a_row_that_is_not_approved_is_not_admitted_and_a_hold_is_decided_once(world, session):
    add_candidate(world, 1, status=CandidateStatus.ISSUED)
    hold = swipe(world, session, 1).hold
    staff = world.actor(Role.SITE_STAFF)
    with pytest.raises(Refusal) as caught:
        actions.decide_hold(staff, hold, admit=True, reason="老师说可以")
    assert caught.value.code == "capture.not_on_list"
    actions.decide_hold(staff, hold, admit=False, reason="信息未核准")
    for admit in (True, False):
        with pytest.raises(Refusal) as caught:
            actions.decide_hold(staff, hold, admit=admit, reason="再定")
        assert caught.value.code == "capture.hold_decided"


def test_r18_a_reason_of_full_length_does_not_stop_the_next_swipe(world, session):
    add_candidate(world, 1)
    first = swipe(world, session, 1).check_in
    actions.accept_frame(world.actor(Role.PHOTOGRAPHER), first, frame=frame(world, session))
    again = swipe(world, session, 1, again="闭眼" * 100).check_in
    first.refresh_from_db()
    assert (first.status, len(first.cancel_reason), len(again.again_reason)) == ("cancelled", 200, 200)


def test_r18_a_second_shot_set_needs_a_reason(world, session):
    add_candidate(world, 1)
    photographer = world.actor(Role.PHOTOGRAPHER)
    first = swipe(world, session, 1).check_in
    actions.accept_frame(photographer, first, frame=frame(world, session))
    assert swipe(world, session, 1).hold.reason == "already"
    again = swipe(world, session, 1, again="闭眼，免费重拍").check_in
    first.refresh_from_db()
    assert (first.status, again.shooting_number, again.again_reason) == ("cancelled", 2, "闭眼，免费重拍")


def test_one_chair_one_person(world, session):
    add_candidate(world, 1)
    add_candidate(world, 2)
    swipe(world, session, 1)
    with pytest.raises(Refusal) as caught:
        swipe(world, session, 2)
    assert caught.value.code == "capture.chair_occupied"
    with pytest.raises(Refusal):
        actions.close_session(world.actor(Role.PHOTOGRAPHER), session)


def test_r100_only_the_checker_confirms(world, session):
    add_candidate(world, 1)
    check_in = swipe(world, session, 1).check_in
    checker = world.actor(Role.SITE_STAFF)
    with pytest.raises(StepRefusal):
        actions.confirm_check_in(checker, check_in)
    actions.accept_frame(world.actor(Role.PHOTOGRAPHER), check_in, frame=frame(world, session))
    with pytest.raises(Refusal):
        actions.confirm_check_in(world.actor(Role.PHOTOGRAPHER), check_in)
    actions.confirm_check_in(checker, check_in)
    check_in.refresh_from_db()
    assert check_in.status == "confirmed"


def test_another_persons_frame_is_never_accepted(world, session):
    add_candidate(world, 1)
    add_candidate(world, 2)
    photographer = world.actor(Role.PHOTOGRAPHER)
    mine = frame_of = None
    first = swipe(world, session, 1).check_in
    mine = frame(world, session)
    actions.accept_frame(photographer, first, frame=mine)
    second = swipe(world, session, 2).check_in
    frame_of = frame(world, session, "person_02")
    with pytest.raises(Refusal) as caught:
        actions.accept_frame(photographer, second, frame=mine)
    assert caught.value.code == "capture.other_persons_frame"
    actions.accept_frame(photographer, second, frame=frame_of)


@pytest.mark.parametrize(("data", "code"), [(b"GIF89a....", "capture.not_a_jpeg"), (b"", "capture.not_a_jpeg")])
def test_what_is_no_jpeg_is_refused_and_kept_nowhere(world, session, data, code):
    with pytest.raises(Refusal) as caught:
        actions.receive_frame(world.actor(Role.PHOTOGRAPHER), session, data=data, file_name="x.jpg")
    assert caught.value.code == code
    assert not Frame.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_stations_never_get_the_same_number():
    world = build_world()
    if connection.vendor == "sqlite" and "memory" in str(connection.settings_dict["NAME"]):
        pytest.skip("an in-memory SQLite has one connection; PostgreSQL runs this test")
    rooms = [
        CaptureSession.objects.create(campaign=world.campaign, date=TODAY, place=f"{n}", status="open")
        for n in range(4)
    ]
    people = [add_candidate(world, n) for n in range(1, 5)]
    numbers, errors = [], []

    def take(place: int) -> None:
        try:
            outcome = actions.check_in(
                world.actor(Role.PHOTOGRAPHER),
                rooms[place],
                candidate=people[place],
                method=Identification.MANUAL,
                nonce=uuid.uuid4(),
            )
            numbers.append(outcome.check_in.shooting_number)
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=take, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(THREAD_S)
    assert errors == []
    assert sorted(numbers) == [1, 2, 3, 4]
