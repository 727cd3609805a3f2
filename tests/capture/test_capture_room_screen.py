"""The room's screen and its undo: what must be seen is on it, what was done is taken back, devices speak to people."""

import json
import re
import threading
import uuid
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from test_capture_room import swipe

from gradphoto.apps.campaigns.models import Rule
from gradphoto.apps.capture import actions, news, room_state, stamps
from gradphoto.apps.capture.models import Alarm, CameraClock, CheckIn, Frame, Hold, Identification, RoomNotice
from gradphoto.apps.capture.room.clocks import known_clocks
from gradphoto.apps.core.errors import Refusal
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.pairing.board import board_of
from gradphoto.apps.schedule.models import CaptureSession
from gradphoto.apps.stations import place_frames
from gradphoto.apps.stations.carried import everything
from gradphoto.apps.stations.models import RecordKind
from gradphoto.demo.sitters import picture
from gradphoto.engine.devices.errors import ReaderError
from gradphoto.engine.wording import Wording
from page_text import flat
from patience import THREAD_S
from repair_world import AHEAD, photographed
from review_world import CREW, measured, open_session, seat, shoot, time_passes
from world import add_candidate, build_world, put

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def session(world):
    return open_session(world)


@pytest.fixture
def photographer(world):
    client = Client()
    client.force_login(world.people[Role.PHOTOGRAPHER], "django.contrib.auth.backends.ModelBackend")
    return client


def states(session) -> list:
    """Everything that an undo has to bring back."""
    return [
        list(session.check_ins.values_list("pk", "status", "cancel_reason").order_by("pk")),
        list(session.frames.values_list("pk", "status", "check_in").order_by("pk")),
        list(session.holds.values_list("pk", "decision").order_by("pk")),
        list(session.alarms.values_list("pk", "settled_note").order_by("pk")),
    ]


def arrive(session, number: int, ago_s: float = 0.0, ahead_s: float = 0.0) -> Frame:
    if not session.clocks.exists():
        measured(session, offset_s=ahead_s)
    time_passes(session)
    taken = timezone.now() + timedelta(seconds=ahead_s - ago_s)
    return actions.receive_frame(
        CREW, session, data=picture("person_01") + str(number).encode(), file_name=f"IMG_{number:04d}.JPG",
        folder="100CANON", file_number=number, camera_serial="SN1", taken_at=taken,
    )  # fmt: skip


def test_step_after_step_is_taken_back_to_the_empty_chair(world, session):
    check_in = seat(session, add_candidate(world, 1))
    seen = [states(session)]
    first = arrive(session, 1)
    seen[-1] = states(session)
    actions.reject_frame(CREW, first, reason="闭眼")
    seen.append(states(session))
    second = arrive(session, 2)
    seen[-1] = states(session)
    actions.accept_frame(CREW, check_in, frame=second)
    seen.append(states(session))
    actions.retake(CREW, check_in, reason="头发")
    for before in reversed(seen):
        actions.undo_step(CREW, session)
        if before is not seen[0]:
            assert states(session) == before
    assert set(session.frames.values_list("status", flat=True)) == {"bound"}
    with pytest.raises(Refusal) as caught:
        actions.undo_step(CREW, session)
    assert caught.value.code == "capture.not_to_take_back", "a check-in with frames is cancelled with its reason"


def test_r97_an_undone_check_in_leaves_its_number_used(world, session):
    seat(session, add_candidate(world, 1))
    actions.undo_step(CREW, session)
    assert CheckIn.objects.get().status == "cancelled"
    assert seat(session, add_candidate(world, 2)).shooting_number == 2
    actions.undo_step(CREW, session)
    with pytest.raises(Refusal) as caught:
        actions.undo_step(CREW, session)
    assert caught.value.code == "capture.nothing_to_take_back"


def test_who_left_is_back_in_the_chair_and_the_alarm_is_over(world, session):
    check_in = seat(session, add_candidate(world, 1))
    actions.leave_chair(CREW, check_in)
    assert Alarm.objects.get().settled_at is None
    actions.undo_step(CREW, session)
    check_in.refresh_from_db()
    assert (check_in.status, check_in.closed_at, check_in.shooting_number) == ("open", None, 1)
    assert Alarm.objects.get().settled_at is not None


def test_the_undo_never_seats_two_people(world, session):
    shoot(session, add_candidate(world, 1), measured=False)
    seat(session, add_candidate(world, 2))
    actions.undo_step(CREW, session)  # the second person's check-in
    actions.undo_step(CREW, session)  # the first person's frame
    assert list(CheckIn.objects.order_by("pk").values_list("status", flat=True)) == ["open", "cancelled"]


def test_a_second_shot_is_not_undone_because_the_first_is_gone(world, session):
    person = add_candidate(world, 1)
    shoot(session, person, measured=False)
    swipe(world, session, 1, again="闭眼")
    with pytest.raises(Refusal) as caught:
        actions.undo_step(CREW, session)
    assert caught.value.code == "capture.not_to_take_back"
    assert person.check_ins.filter(status="open").exists()


def test_r100_what_the_checker_confirmed_is_not_reopened_by_the_undo(world, session):
    frame = shoot(session, add_candidate(world, 1), measured=False)
    actions.confirm_check_in(world.actor(Role.SITE_STAFF), frame.check_in)
    with pytest.raises(Refusal):
        actions.undo_step(CREW, session)
    frame.check_in.refresh_from_db()
    assert frame.check_in.status == "confirmed"


def test_r103_what_card_and_list_say_stands_side_by_side(world, session, photographer):
    add_candidate(world, 1)
    swipe(world, session, 1, name="测试某")
    page = flat(photographer.get(f"/capture/{session.pk}/"))
    assert "证件与名单不一致" in page
    assert "<td>测试某</td><td>测试乙</td>" in page
    photographer.post(f"/capture/holds/{Hold.objects.get().pk}/", {"decision": "admit", "reason": ["", "确为本人"]})
    assert CheckIn.objects.get().status == "open"
    assert Hold.objects.get().decision_reason == "确为本人"


def test_who_only_watches_the_room_sees_all_of_it_and_no_key(world, session, photographer):
    """R2: the centre's officer follows the room; what a key sends would be refused, so that none stands there."""
    add_candidate(world, 1)
    swipe(world, session, 1)
    arrive(session, 1)
    watcher = Client()
    watcher.force_login(world.people[Role.COLLECTION_CENTRE], "django.contrib.auth.backends.ModelBackend")
    address = f"/capture/{session.pk}/"
    crew, seen = photographer.get(address).content.decode(), watcher.get(address).content.decode()
    keys = ("data-scan", 'id="upload"', 'name="decision"', 'name="step"', 'data-open="find"', "/afterwards/")
    assert [key for key in keys if key not in crew] == []
    assert [key for key in keys if key in seen] == []
    assert world.campaign.candidates.get(student_no="2022000001").name in seen


def test_r98_a_frame_without_a_person_is_given_to_whom_it_shows(world, session, photographer):
    seated = shoot(session, add_candidate(world, 1), measured=False).check_in
    lonely = arrive(session, 7)
    page = flat(photographer.get(f"/capture/{session.pk}/"))
    assert f"/capture/frames/{lonely.pk}/image/?size=thumb" in page, "one must see the picture to say whose it is"
    alarm = Alarm.objects.get(kind="frame_without_person")
    photographer.post(f"/capture/alarms/{alarm.pk}/", {"frame": str(seated.pk), "note": ""})
    lonely.refresh_from_db()
    assert (lonely.check_in, lonely.status) == (seated, "bound")
    alarm.refresh_from_db()
    assert seated.number_label in alarm.settled_note
    late = photographer.post(f"/capture/alarms/{alarm.pk}/", {"frame": "reject", "note": ""}, headers=HTMX)
    lonely.refresh_from_db()
    assert ("已有人处理" in late.content.decode(), lonely.check_in, lonely.status) == (True, seated, "bound")
    actions.undo_step(CREW, session)
    actions.undo_step(CREW, session)
    lonely.refresh_from_db()
    assert (lonely.check_in, lonely.status) == (None, "unbound")


def test_a_full_disk_shows_itself_though_nothing_happens_in_the_room(world, session, photographer, monkeypatch):
    monkeypatch.setattr(room_state, "free_bytes", lambda: 50 * 1024**3)
    page = flat(photographer.get(f"/capture/{session.pk}/"))
    ask = page.split('hx-get="')[1].split('"')[0]
    assert photographer.get(ask, headers=HTMX).status_code == 204
    monkeypatch.setattr(room_state, "free_bytes", lambda: 10_000_000)
    answer = photographer.get(ask, headers=HTMX)
    assert answer.status_code == 200
    assert 'data-sound="stop"' in answer.content.decode()


def test_what_a_device_says_stands_on_the_screen_until_it_works_again(world, session, photographer):
    error = ReaderError("reader.unplugged", Wording("读卡器已拔出。", "Unplugged."), Wording("请插好。", "Plug it in."))
    for _ in range(2):
        actions.tell_room(CREW, session, source="reader", error=error)
    assert RoomNotice.objects.filter(cleared_at=None).count() == 1, "said once"
    assert "读卡器已拔出。" in photographer.get(f"/capture/{session.pk}/").content.decode()
    actions.works_again(CREW, session, "camera")
    assert RoomNotice.objects.filter(cleared_at=None).exists()
    actions.works_again(CREW, session, "reader")
    assert "读卡器已拔出。" not in photographer.get(f"/capture/{session.pk}/").content.decode()


@pytest.mark.parametrize(("rule", "closes"), [(None, False), (False, False), (True, True)])
def test_whether_the_next_swipe_ends_a_turn_is_the_rule_sets_word(world, session, rule, closes):
    if rule is not None:
        Rule.objects.create(
            rule_set=world.campaign.rule_set, key="capture.next_swipe_closes", value=rule, source="测试",
            effective_from="2020-01-01",
        )  # fmt: skip
    first, second = add_candidate(world, 1), add_candidate(world, 2)
    seat(session, first)

    def next_swipe(person):
        return actions.check_in(CREW, session, candidate=person, method=Identification.MANUAL, nonce=uuid.uuid4())

    with pytest.raises(Refusal) as caught:
        next_swipe(first)
    assert caught.value.code == "capture.swiped_again", "the same card twice ends nobody's turn"
    if closes:
        assert next_swipe(second).check_in.status == "open"
        assert Alarm.objects.get().kind == "person_without_frame"
    else:
        with pytest.raises(Refusal):
            next_swipe(second)


def test_a_measured_clock_tells_from_the_first_frame_on(world, session):
    """Without it every frame is asked, as nobody knows how long it was on its way."""
    seat(session, add_candidate(world, 1))
    time_passes(session)
    asked = actions.receive_frame(
        CREW, session, data=picture("person_01"), file_name="IMG_0001.JPG", camera_serial="SN1",
        taken_at=timezone.now() + timedelta(seconds=400),
    )  # fmt: skip
    assert asked.check_in is None
    assert "未校时" in Alarm.objects.get(kind="whose_frame").sentence["zh"]
    actions.record_camera_clock(CREW, session, camera_serial="SN1", offset_s=400.0)
    right = arrive(session, 2, ago_s=1, ahead_s=400)
    assert right.check_in is not None
    assert right.evidence["clock_offset_s"] == pytest.approx(400.0)


def test_a_clock_that_the_frames_contradict_is_not_believed(world, session):
    photographed(world, session, 8)
    true = AHEAD.total_seconds()
    CameraClock.objects.all().delete()
    for offset, believed in ((true, True), (true - 60, False), (true + 3600, False)):
        actions.record_camera_clock(CREW, session, camera_serial="SN1", offset_s=offset)
        assert known_clocks(session, session.frames.all())["SN1"].believed is believed
        proposal = board_of(session).proposal
        assert (len(proposal.changes), len(proposal.open)) == (0, 0), "a wrong reading does no harm"


def test_a_measured_clock_travels_to_the_centre_once(world, session):
    """The repair is often made at the centre: without the station's reading it would have to guess."""
    actions.record_camera_clock(CREW, session, camera_serial="SN1", offset_s=12.5, uncertainty_s=0.1)
    CameraClock.objects.exclude(offset_s=12.5).delete()
    [carried] = [one for one in everything({}) if one.kind == RecordKind.CLOCK]
    CameraClock.objects.all().delete()
    record = SimpleNamespace(
        payload=json.loads(json.dumps(carried.payload)), kit=SimpleNamespace(campaign=world.campaign)
    )
    for _ in range(2):
        place_frames.clock(record)
    arrived = CameraClock.objects.get()
    assert (arrived.session, arrived.camera_serial, arrived.offset_s, arrived.by_hand) == (session, "SN1", 12.5, False)


def test_frames_from_a_card_are_read_by_the_measured_clock(world, session):
    """Imported hours later, one exposure each and by an even rhythm: only a measured clock says whose they are."""
    check_ins, frames = photographed(world, session, 12)
    imported = timezone.now() + timedelta(hours=3)
    for place, frame in enumerate(frames):
        owner = check_ins[(place + 1) % 12] if 4 <= place < 9 else check_ins[place]
        put(
            Frame.objects.filter(pk=frame.pk),
            arrived_at=imported + timedelta(seconds=place),
            check_in=owner,
            status="rejected",
        )
    CameraClock.objects.all().delete()
    assert not board_of(session).proposal.changes, "without a clock nothing is proposed"
    actions.record_camera_clock(CREW, session, camera_serial="SN1", offset_s=AHEAD.total_seconds(), by_hand=True)
    moved = {int(one.frame_key): one.to_check_in for one in board_of(session).proposal.changes}
    assert moved == {frames[place].pk: check_ins[place].pk for place in range(4, 9)}


def test_the_clock_is_entered_on_the_page_of_the_pairing(world, session, photographer):
    photographed(world, session, 5)
    address = f"/capture/sessions/{session.pk}/pairing/"
    form = {"form": "record_camera_clock", "camera": "1/SN1"}
    photographer.post(address, {**form, "offset_s": "431"})
    page = flat(photographer.get(address))
    assert "431.0 ± 0.5" in page
    assert "人工填写" in page
    assert photographer.post(address, {**form, "offset_s": "gleich"}).status_code == 422
    assert photographer.post(address, {**form, "camera": "1/SN9", "offset_s": "1"}).status_code == 422


def test_an_unsettled_alarm_does_not_hide_the_next_verdict(world, session, photographer):
    """A frame that waited in the folder tells of the pause once, moves no clock, and the room goes on."""
    waited = actions.receive_frame(
        CREW, session, data=picture("person_02"), file_name="IMG_0001.JPG", folder="100CANON", file_number=1,
        camera_serial="SN1", taken_at=timezone.now() - timedelta(minutes=40), meanwhile=True,
    )  # fmt: skip
    assert "停止工作期间" in photographer.get(f"/capture/{session.pk}/").content.decode()
    seat(session, add_candidate(world, 1))
    page = flat(photographer.get(f"/capture/{session.pk}/"))
    assert '<p class="room-word">请拍照</p>' in page
    assert waited.file_name in page
    time_passes(session)
    arrive(session, 2)
    assert list(session.alarms.values_list("kind", flat=True)) == ["taken_meanwhile"], "neither clock nor gap"


def test_a_refused_swipe_is_over_when_the_chair_is_free(world, session, photographer):
    check_in = seat(session, add_candidate(world, 1))
    with pytest.raises(Refusal) as refused:
        seat(session, add_candidate(world, 2))
    actions.tell_room(CREW, session, source="reader", error=refused.value, passing=True)
    assert "上一位还没有拍完" in photographer.get(f"/capture/{session.pk}/").content.decode()
    actions.cancel_check_in(CREW, check_in, reason="刷错了人")
    assert "上一位还没有拍完" not in photographer.get(f"/capture/{session.pk}/").content.decode()


@pytest.mark.parametrize(("reason", "code"), [("", "capture.reason_missing"), ("长" * 201, "pages.too_long")])
def test_wrong_words_in_a_question_are_told_beside_the_field_and_change_nothing(
    world, session, photographer, reason, code
):
    """Issue 12: 422, so that the question stays open; without scripts the page of a refusal."""
    found = seat(session, add_candidate(world, 1))
    address, sent = f"/capture/check-ins/{found.pk}/", {"step": "cancel", "reason": ["", reason]}
    told = photographer.post(address, sent, headers=HTMX)
    assert (told.status_code, code in told.content.decode()) == (422, True)
    assert photographer.post(address, sent).status_code in (400, 422)
    found.refresh_from_db()
    assert found.status == "open"
    page = photographer.get(f"/capture/{session.pk}/").content.decode()
    assert 'maxlength="200"' not in page, "a browser would cut what is pasted"
    question = re.search(r'<dialog[^>]* id="ask-cancel".*?</dialog>', page, re.S)[0]
    assert question.index("data-refused") < question.index("data-other")


def test_closing_tells_what_is_left_open(world, session, photographer):
    arrive(session, 1)
    closed = photographer.post(f"/capture/{session.pk}/confirm/close_session/", follow=True)
    assert "警报 1 个，拦下 0 人，无人照片 1 张" in closed.content.decode()


def test_the_screen_of_a_session_that_is_gone_is_answered_404(session, photographer, monkeypatch):
    """Deleted while the page waits for news: not found, and no fault of the server."""
    page = photographer.get(f"/capture/{session.pk}/", headers=HTMX).content.decode()
    asks = re.search(r'data-poll\s+hx-get="([^"]+)"', page)[1].replace("&amp;", "&")
    monkeypatch.setattr(news, "_ANYWAY_S", 0.0)
    monkeypatch.setattr(news.time, "sleep", lambda seconds: CaptureSession.objects.filter(pk=session.pk).delete())
    assert photographer.get(asks, headers=HTMX).status_code == 404
    assert photographer.get(asks, headers=HTMX).status_code == 404, "and from then on at once"


@pytest.mark.django_db(transaction=True)
def test_a_page_that_waits_is_answered_by_what_another_process_wrote_on_either_database(monkeypatch):
    """By the database's own counter, not by asking for the figures now and then (R102)."""
    session = open_session(build_world())
    gone = ReaderError("reader.gone", Wording("读卡器已拔出。", "Unplugged."), Wording("请插上。", "Plug it in."))
    writes = iter([lambda: actions.tell_room(CREW, session, source="reader", error=gone)])

    slept = []

    def sleep(seconds):
        slept.append(seconds)
        thread = threading.Thread(target=lambda: (next(writes, lambda: None)(), connection.close()))
        thread.start()
        thread.join()

    monkeypatch.setattr(news, "_ANYWAY_S", 600.0)
    monkeypatch.setattr(news.time, "sleep", sleep)
    monkeypatch.setattr(news, "_MOST_S", THREAD_S)
    before = stamps.stamp(session, 1)
    assert news.awaited_stamp(session, before, 1) != before
    assert len(slept) == 1, "at its first look after the write"
