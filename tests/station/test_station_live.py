"""``gradphoto station serve`` itself: cards over a wire, codes over another, frames into a folder, and what the page shows."""

from __future__ import annotations

import hashlib
import os
import re
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from benchmarks.station_live import LiveStation, Screen, plain, shows_person, shows_verdict
from django.utils import timezone
from laptops import PASSPHRASE

from budget import examples
from gradphoto.apps.campaigns.models import Rule
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.schedule.models import CaptureSession
from gradphoto.apps.stations.kits import make_kit
from gradphoto.demo.fast_clock import photographed_code
from gradphoto.demo.sitters import good_sitters, picture
from gradphoto.engine.devices.camera_simulator import SimulatedCamera
from gradphoto.engine.devices.sam_v.records import CardKind, CardRecord, Sex
from gradphoto.engine.devices.sam_v.simulator import SimulatedReader
from gradphoto.engine.packet.envelope import Receiver
from patience import until
from world import World, add_candidate, build_world

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="simulators need a pseudo-terminal"),
]
PEOPLE = 6
NIGHTLY = examples(1) > 1
_SITS_S = 3.0
"""Between card and shutter: the clock is known to 0.3 s, and this room's rule says that people sit before they swipe."""


def card(person) -> CardRecord:
    return CardRecord(
        kind=CardKind.RESIDENT, name=person.name, id_number=person.id_number.decrypt(), birth_date=person.birth_date,
        sex=Sex.MALE if person.sex == "male" else Sex.FEMALE, valid_from=date(2020, 9, 1),
        valid_to=date(2030, 9, 1), ethnic="01", address="测试省测试市测试区甲路1号", issuer="测试市公安局",
    )  # fmt: skip


class Scanner:
    """A scanner on a line of its own."""

    def __init__(self) -> None:
        import tty

        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        self.port_name = os.ttyname(self._slave)

    def send(self, code: str) -> None:
        os.write(self._master, f"{code}\r\n".encode())


class Room:
    """Six people, a laptop, a reader, a scanner, a camera and the page."""

    def __init__(self, folder: Path, world: World) -> None:
        self.people = [add_candidate(world, n) for n in range(1, PEOPLE + 1)]
        session = CaptureSession.objects.create(campaign=world.campaign, date=timezone.localdate(), place="104")
        made = make_kit(
            world.actor(Role.COLLECTION_CENTRE), world.campaign, station="A1",
            receivers=[Receiver(passphrase=PASSPHRASE)],
        )  # fmt: skip
        self.session, self.pins = session.pk, made.pins
        self.station = LiveStation(folder, made.data, PASSPHRASE)
        self.reader, self.scanner = SimulatedReader(), Scanner()
        self.camera = SimulatedCamera(self.station.hot, "SN1")
        self.screen: Screen
        self.sent: dict[str, int] = {}

    def begin(self) -> None:
        self.screen = self.station.serve("--reader", self.reader.port_name, "--scanner", self.scanner.port_name)
        self.screen.sign_in("photographer", self.pins["photographer"])

    def swipe(self, place: int) -> None:
        self.reader.insert(card(self.people[place]))

    def shoot(self, place: int) -> None:
        time.sleep(_SITS_S)
        path = self.camera.shoot(picture(good_sitters()[place]), datetime.now(UTC))
        self.sent[hashlib.sha256(path.read_bytes()).hexdigest()] = place

    def measure(self) -> None:
        """The camera photographs the code on the screen, before the session opens."""
        now = datetime.now(UTC)
        self.camera.shoot(photographed_code(self.session, now), now)
        until(lambda: self.rows("SELECT 1 FROM capture_cameraclock"), told=self.station.log)

    def shows(self, words: str) -> None:
        self.screen.wait_for(lambda text: words in plain(text))

    def rows(self, sql: str) -> list[tuple]:
        with closing(sqlite3.connect(self.station.data / "gradphoto.sqlite3")) as database:
            return database.execute(sql).fetchall()


@pytest.fixture
def room(tmp_path, settings) -> Iterator[Room]:
    settings.DATA_DIR = tmp_path / "centre"
    world = build_world()
    Rule.objects.filter(key="capture.identification").update(value=["id_card_swipe", "student_no"])
    Rule.objects.create(
        rule_set=world.campaign.rule_set,
        key="capture.soonest_shot_s",
        value=0,
        source="测试",
        effective_from="2020-01-01",
    )
    made = Room(tmp_path, world)
    with made.station, made.reader:
        made.station.open()
        made.begin()
        yield made
        made.screen.close()


def test_everybody_gets_his_own_frame_on_the_screen_and_nobody_elses(room):
    room.measure()
    room.screen.post("/capture/1/".replace("1", str(room.session)), f"/capture/{room.session}/step/",
                     step="capture.open_session")  # fmt: skip
    room.screen.watch(room.session)
    room.station.said(" 104")

    # R98: a frame before anybody sits there belongs to nobody, and the page says so at once.
    room.shoot(0)
    room.shows("没有对应的人")
    room.sent.clear()

    for place in range(4):
        number = f"{place + 1:05d}"
        room.swipe(place)
        room.screen.wait_for(shows_person(number))
        assert room.people[place].name in plain(room.screen.text)
        if place == 1:
            # R97: the card of the same person once more, before the frame: no second number.
            room.reader.lift()
            time.sleep(0.4)
            room.swipe(place)
            room.shows("不用再刷")
        room.shoot(place)
        room.screen.wait_for(shows_verdict(number))
        assert room.people[place].name in plain(room.screen.text)
        room.reader.lift()

    # R103: who is done already and swipes again is held, not seated.
    time.sleep(0.4)
    room.swipe(0)
    room.shows("已经拍摄")
    room.reader.lift()
    # As long as the crew has not sent that person away, the next one's photograph may be theirs, and is asked about.
    held = room.rows("SELECT id FROM capture_hold")[0][0]
    room.screen.post(
        f"/capture/{room.session}/", f"/capture/holds/{held}/", decision="send_away", reason="已有合格照片"
    )

    # A code from a scanner on a line, not typed by a keyboard.
    room.scanner.send(room.people[4].student_no)
    room.screen.wait_for(shows_person("00005"))
    room.shoot(4)
    room.screen.wait_for(shows_verdict("00005"))

    if NIGHTLY:
        _stops_with_somebody_in_the_chair(room)
    bound = room.rows(
        "SELECT f.blob_id, c.shooting_number, c.candidate_id FROM capture_frame f "
        "JOIN capture_checkin c ON c.id = f.check_in_id ORDER BY c.shooting_number"
    )
    assert [number for _, number, _ in bound] == [1, 2, 3, 4, 5, 6][: 6 if NIGHTLY else 5]
    for blob, number, person in bound:
        assert room.sent[blob] == number - 1, "the frame that was shot while this person sat there"
        assert room.people[number - 1].pk == person


def _stops_with_somebody_in_the_chair(room):
    """The camera goes on; by day tests/capture/test_capture_room_screen.py asks what the room makes of such a frame."""
    time.sleep(0.2)
    room.swipe(5)
    room.screen.wait_for(shows_person("00006"))
    room.screen.close()
    room.station.stop()
    room.shoot(5)
    room.begin()
    room.screen.watch(room.session)
    room.shows("停机期间拍的照片")
    found = room.rows("SELECT pk.id FROM capture_frame pk WHERE status = 'unbound' AND evidence LIKE '%meanwhile%'")
    assert len(found) == 1, "it came once, and is bound to nobody although somebody sits there"
    assert shows_person("00006")(room.screen.text)
    chair = re.search(r'name="check_in" value="(\d+)"', room.screen.text)
    room.screen.post(f"/capture/{room.session}/", f"/capture/frames/{found[0][0]}/decide/", decision="bind",
                     check_in=chair[1])  # fmt: skip
    room.screen.wait_for(shows_verdict("00006"))
