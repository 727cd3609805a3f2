"""What a device cannot do stands on the room's page: the cheap half of ``test_station_troubles``, without processes (R98)."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from PIL import Image
from test_station_live import card

from gradphoto.apps.capture.room.notices import cards_in_vain
from gradphoto.apps.capture.room_clock import room_now
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.schedule.models import CaptureSession
from gradphoto.cli.station_devices import _Spoken, _tell_stalled
from gradphoto.cli.station_panel import Panel
from gradphoto.engine.devices.hot_folder import HotFolder
from gradphoto.engine.devices.sam_v.reader import SamVReader, SerialTransport
from gradphoto.engine.devices.sam_v.simulator import SimulatedReader
from gradphoto.engine.devices.sam_v.statuses import Status
from page_text import flat
from world import add_candidate, build_world

pytestmark = pytest.mark.django_db
UNREADABLE = (Status.READ_FAILED, Status.SELECT_FAILED, Status.RANDOM_NUMBER_FAILED, Status.UNKNOWN_ERROR)
"""SW3 41, 81, 47, 24."""


@pytest.fixture
def room():
    world = build_world()
    session = CaptureSession.objects.create(
        campaign=world.campaign, date=timezone.localdate(), place="104", status="open"
    )
    panel, client = Panel(), Client()
    client.force_login(world.people[Role.PHOTOGRAPHER], "django.contrib.auth.backends.ModelBackend")
    panel.enter(session)
    return add_candidate(world, 1), session, panel, lambda: flat(client.get(f"/capture/{session.pk}/"))


def test_each_card_that_cannot_be_read_is_named_and_its_holder_may_sit_down(room, monkeypatch):
    """The room looks for a tenth of a second at a time: failed reads add up over its looks, whatever the chip answers."""
    person, session, panel, page = room
    monkeypatch.setattr("gradphoto.cli.station_panel._PASSING_S", 0.0)
    with SimulatedReader() as desk, SamVReader(SerialTransport(desk.port_name), answer_s=0.2, poll_s=0.01) as reader:
        spoken = _Spoken(reader, panel)
        for n, status in enumerate(UNREADABLE, start=1):
            desk.refuse(status)
            desk.insert(card(person))
            for _ in range(200):
                assert spoken.wait_for_card(0.05) is None
                if session.notices.count() == n:
                    break
            desk.lift()
            assert status.sentence.zh in page(), status
            spoken.wait_for_card(0.05)
        assert len(cards_in_vain(session, 1)[0]) == len(UNREADABLE)
        desk.refuse(None)
        desk.insert(card(person))
        assert any(spoken.wait_for_card(0.2) for _ in range(10)), "the next one is read"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("EMPTY_01.JPG", b"", "空文件"),
        ("HALF_001.JPG", None, "只传了一部分"),
        ("WRONG_01.JPG", b"%PDF-1.7 no photograph at all", "不是 JPEG"),
        ("RAW_0001.CR3", b"ftypcrx raw", "没有同名的 JPEG"),
    ],
)
def test_a_file_that_will_never_be_a_frame_is_named_until_it_is_taken_away(room, tmp_path, name, content, said):
    _, _, panel, page = room
    out = io.BytesIO()
    Image.effect_noise((96, 128), 80).save(out, "JPEG")
    path = tmp_path / name
    path.write_bytes(out.getvalue()[:1500] if content is None else content)
    folder, long_ago = HotFolder(tmp_path), room_now() - timedelta(seconds=10)
    for seconds in (0, 1, 2):
        assert folder.poll(long_ago + timedelta(seconds=seconds)) == []
    folder.stalled(long_ago)
    _tell_stalled(folder, panel)
    text = page()
    assert name in text
    assert said in text
    path.unlink()
    folder.poll(room_now())
    _tell_stalled(folder, panel)
    assert said not in page()
