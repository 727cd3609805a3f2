"""What a room must not wait for in vain (R98): real processes, a reader on a pseudo-terminal, files in the hot folder, the page.

Bursts; cards that cannot be read; files that will never be frames; a database that refuses for a while; no gphoto2.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from benchmarks.station_live import plain, shows_person, shows_verdict
from test_station_live import Room, card

from gradphoto.apps.campaigns.models import Rule
from gradphoto.demo.sitters import good_sitters, picture
from gradphoto.engine.devices.sam_v.statuses import Status
from patience import PROCESS_S, until
from world import build_world

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.nightly, pytest.mark.slow]
AT_ONCE_S = 5.0
"""What a person hardly waits for. Asked only where the machine has nothing else to do."""
UNREADABLE = (Status.READ_FAILED, Status.SELECT_FAILED, Status.RANDOM_NUMBER_FAILED, Status.UNKNOWN_ERROR)
"""SW3 41, 81, 47, 24."""
NEVER_FRAMES = {
    "EMPTY_01.JPG": (b"", "空文件"),
    "HALF_001.JPG": (None, "只传了一部分"),
    "WRONG_01.JPG": (b"%PDF-1.7 no photograph at all, however long it lies here", "不是 JPEG"),
    "RAW_0001.CR3": (b"ftypcrx raw", "没有同名的 JPEG"),
    "HEIF_001.HIF": (b"ftypheix another format", "没有同名的 JPEG"),
}


@pytest.fixture
def room(tmp_path, settings) -> Iterator[Room]:
    settings.DATA_DIR = tmp_path / "centre"
    world = build_world()
    Rule.objects.filter(key="capture.identification").update(value=["id_card_swipe", "student_no"])
    Rule.objects.create(
        rule_set=world.campaign.rule_set, key="capture.soonest_shot_s", value=0, source="测试",
        effective_from="2020-01-01",
    )  # fmt: skip
    made = Room(tmp_path, world)
    with made.station, made.reader:
        made.station.open()
        made.screen = made.station.serve("--reader", made.reader.port_name, "--camera")
        made.screen.sign_in("photographer", made.pins["photographer"])
        yield made
        made.screen.close()


def test_r98_a_day_of_troubles_is_told_and_nothing_is_waited_for_in_vain(room: Room):
    room.measure()
    room.screen.post(f"/capture/{room.session}/", f"/capture/{room.session}/step/", step="capture.open_session")
    room.screen.watch(room.session)
    room.station.said(" 104")
    told: dict[str, float] = {}

    # --camera without gphoto2 or without a camera: told, and everything else goes on.
    room.screen.wait_for(lambda text: "gphoto2" in plain(text) or "没有找到相机" in plain(text))

    for status in UNREADABLE:
        begin = time.perf_counter()
        room.reader.refuse(status)
        room.reader.insert(card(room.people[0]))
        told[f"SW3 {status:02X}"] = (
            room.screen.wait_for(lambda text, said=status.sentence.zh: said in plain(text)) - begin
        )
        room.reader.lift()
        room.reader.refuse(None)
        room.screen.wait_for(lambda text, said=status.sentence.zh: said not in plain(text))

    for name, (content, words) in NEVER_FRAMES.items():
        begin = time.perf_counter()
        path = room.station.hot / name
        whole = picture(good_sitters()[0])
        path.write_bytes(whole[: len(whole) // 2] if content is None else content)
        told[name] = room.screen.wait_for(lambda text, words=words: words in plain(text)) - begin
        path.unlink()
        room.screen.wait_for(lambda text, words=words: words not in plain(text))

    # A burst of three, a quarter of a second apart; the next card comes while two of them are on the way.
    for place in (0, 1):
        number = f"{place + 1:05d}"
        room.swipe(place)
        room.screen.wait_for(shows_person(number))
        time.sleep(3)
        shutter = datetime.now(UTC)
        names = [good_sitters()[3 * place + n] for n in range(3)]
        behind = b"\0an embedded video" if place else b""
        for n, sitter in enumerate(names):
            at = shutter + timedelta(seconds=0.25 * n)
            room.camera.shoot(picture(sitter) + (behind and behind * 1000), at)
            time.sleep(0.25)
        room.screen.wait_for(shows_verdict(number))
        room.reader.lift()
        time.sleep(0.4)
    # One of three counts, the others stand beside it; what has something behind its picture is taken as well.
    owners = (
        "SELECT c.shooting_number, count(*) FROM capture_frame f JOIN capture_checkin c ON c.id = f.check_in_id "
        "GROUP BY c.shooting_number ORDER BY 1"
    )
    until(lambda: room.rows(owners) == [(1, 3), (2, 3)], told=lambda: room.rows(owners))
    assert room.rows("SELECT kind FROM capture_alarm") == [], "a burst stops nobody"

    # The database refuses for a while: the frame is tried again and nothing is stranded.
    room.swipe(2)
    room.screen.wait_for(shows_person("00003"))
    time.sleep(3)
    with closing(sqlite3.connect(room.station.data / "gradphoto.sqlite3", isolation_level=None)) as held:
        held.execute("PRAGMA busy_timeout = 20000")
        held.execute("BEGIN IMMEDIATE")
        room.camera.shoot(picture(good_sitters()[2]), datetime.now(UTC))
        time.sleep(12)
        held.execute("ROLLBACK")
    room.screen.wait_for(shows_verdict("00003"), timeout_s=PROCESS_S)

    print("told within seconds:", {name: round(seconds, 1) for name, seconds in told.items()})
    slow = os.getloadavg()[0] > (os.cpu_count() or 1)
    assert slow or max(told.values()) <= AT_ONCE_S, told
