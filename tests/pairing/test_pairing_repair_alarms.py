"""The live alarms of facts 4.3 on the station's page: one sentence and what to do, at once (R98)."""

import re
import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from gradphoto.apps.capture import actions
from gradphoto.apps.capture.models import Alarm, CheckIn, Identification
from gradphoto.apps.core.errors import Refusal
from gradphoto.apps.orgs.models import Role
from gradphoto.demo.sitters import picture
from review_world import CREW, measured, open_session, seat, time_passes
from world import add_candidate

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def session(world):
    made = open_session(world)
    measured(made)
    return made


@pytest.fixture
def station(world, session):
    client = Client()
    client.force_login(world.people[Role.PHOTOGRAPHER], BACKEND)
    return lambda: client.get(f"/capture/{session.pk}/").content.decode()


def expose(session, number: int, ahead_s: float = 0.0, seated_s: float = 20.0, **facts):
    """A frame with the camera's number and clock; the bytes differ by the number."""
    if seated_s:
        time_passes(session, seated_s)
    taken = timezone.now() + timedelta(seconds=ahead_s)
    data = picture("person_01") + str(number).encode()
    return actions.receive_frame(
        CREW, session, data=data, file_name=f"IMG_{number:04d}.JPG", folder="100CANON", file_number=number,
        camera_serial="SN1", taken_at=taken, **facts,
    )  # fmt: skip


def shot(world, session, number: int, ahead_s: float = 0.0):
    """The ``number``-th person: seated, exposed, accepted."""
    check_in = seat(session, add_candidate(world, number))
    frame = expose(session, number, ahead_s)
    actions.accept_frame(CREW, check_in, frame=frame)
    return frame


def told(page: str) -> list[str]:
    """Alarms on the page: sentence and remedy as one text."""
    found = re.findall(r"<section class=\"[^\"]*room-alarm\">.*?</h2>(.*?)</section>", page, re.S)
    return [re.sub(r"<[^>]+>", "", one).strip() for one in found]


def test_a_a_frame_without_an_open_person(session, station):
    expose(session, 1)
    [alarm] = told(station())
    assert "照片 100CANON/0001 没有对应的人。" in alarm
    assert "请刷卡后重拍" in alarm


def test_b_a_person_who_left_without_a_picture(world, session, station):
    check_in = seat(session, add_candidate(world, 1))
    client = Client()
    client.force_login(world.people[Role.PHOTOGRAPHER], BACKEND)
    assert "人已离开，没有照片" in station()
    client.post(f"/capture/check-ins/{check_in.pk}/", {"step": "leave"})
    [alarm] = told(station())
    assert "拍摄序号 00001 没有照片。" in alarm
    assert "请叫回本人重拍" in alarm
    check_in.refresh_from_db()
    assert check_in.closed_at is not None
    again = seat(session, check_in.candidate)
    assert again.shooting_number == 2, "the person may come again; the number stays used"


def test_b_the_next_swipe_closes_who_has_no_picture_and_says_so(world, session, station):
    first = seat(session, add_candidate(world, 1))
    before = timezone.now()
    outcome = actions.check_in(
        CREW, session, candidate=add_candidate(world, 2), method=Identification.MANUAL, nonce=uuid.uuid4(),
        close_before=True,
    )  # fmt: skip
    assert outcome.check_in.status == "open"
    first.refresh_from_db()
    assert first.status == "cancelled"
    assert before <= first.closed_at <= outcome.check_in.at
    assert "拍摄序号 00001 没有照片。" in told(station())[0]


def test_b_who_has_an_undecided_frame_is_not_sent_away_by_a_swipe(world, session):
    first = seat(session, add_candidate(world, 1))
    expose(session, 1)
    with pytest.raises(Refusal) as caught:
        actions.check_in(
            CREW, session, candidate=add_candidate(world, 2), method=Identification.MANUAL, nonce=uuid.uuid4(),
            close_before=True,
        )  # fmt: skip
    assert caught.value.code == "capture.chair_occupied"
    with pytest.raises(Refusal) as caught:
        actions.leave_chair(CREW, first)
    assert caught.value.code == "capture.frame_undecided"
    assert CheckIn.objects.get().status == "open"


def test_b_only_rejected_frames_are_told_as_no_usable_frame(world, session, station):
    first = seat(session, add_candidate(world, 1))
    actions.reject_frame(CREW, expose(session, 1), reason="闭眼")
    actions.leave_chair(CREW, first)
    assert "没有合格的照片" in told(station())[0]


def test_c_a_gap_in_the_file_numbers(world, session, station):
    shot(world, session, 1)
    seat(session, add_candidate(world, 2))
    expose(session, 4)
    [alarm] = told(station())
    assert "照片 100CANON/0004 之前缺少 2 张。" in alarm
    assert "请查看相机存储卡" in alarm


def test_d_a_frame_taken_before_its_swipe_stays_unbound(world, session, station):
    shot(world, session, 1)
    seat(session, add_candidate(world, 2))
    frame = expose(session, 2, ahead_s=-12, seated_s=0)
    assert frame.check_in is None
    [alarm] = [one for one in told(station()) if "任一人" in one]
    assert "可能是 00001、00002 中任一人的" in alarm
    assert "请看照片确认是谁" in alarm


def test_e_a_clock_that_moved(world, session, station):
    for number in range(1, 6):
        shot(world, session, number)
    assert told(station()) == []
    seat(session, add_candidate(world, 6))
    expose(session, 6, ahead_s=75)
    [alarm] = [one for one in told(station()) if "时钟变动" in one]
    assert re.search(r"相机 SN1 的时钟变动了 \+7\d\.\d 秒", alarm)
    assert "再拍一次校时码" in alarm


def test_an_alarm_goes_when_somebody_says_what_it_was_and_leads_to_the_pairing(session, station, world):
    expose(session, 1)
    page = station()
    assert f'href="/capture/sessions/{session.pk}/pairing/"' in page
    client = Client()
    client.force_login(world.people[Role.PHOTOGRAPHER], BACKEND)
    client.post(f"/capture/alarms/{Alarm.objects.get().pk}/", {"note": "试拍"})
    assert told(station()) == []


def test_nobody_is_confirmed_and_nothing_closed_while_an_alarm_asks_whose_a_frame_is(world, session):
    """R100: one Enter must not confirm the suspicious one with all the others."""
    first = seat(session, add_candidate(world, 1))
    time_passes(session)
    actions.accept_frame(CREW, first, frame=expose(session, 1, seated_s=0))
    first.refresh_from_db()
    seat(session, add_candidate(world, 2))
    doubtful = expose(session, 2, seated_s=1.5)
    assert doubtful.check_in is None, "taken as soon as the next card was read: it may be either's"
    checker = world.actor(Role.SITE_STAFF)
    with pytest.raises(Refusal) as caught:
        actions.confirm_check_in(checker, first)
    assert caught.value.code == "capture.alarm_open"
    actions.leave_chair(CREW, CheckIn.objects.get(status="open"))
    with pytest.raises(Refusal) as caught:
        actions.close_session(world.actor(Role.PHOTOGRAPHER), session)
    assert caught.value.code == "capture.alarm_open"
    for alarm in session.alarms.all():
        actions.settle_alarm(CREW, alarm, note="是第一位的")
    actions.confirm_check_in(checker, first)
    session.refresh_from_db()
    actions.close_session(world.actor(Role.PHOTOGRAPHER), session)
    assert session.status == "closed"
