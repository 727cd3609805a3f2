"""kill -9 at any moment, a full disk, a clock that jumps: what was acknowledged is there, and the room is told."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import resource
import subprocess
import sys
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.storage import storages
from django.db import OperationalError, connection
from django.utils import timezone
from laptops import SOURCES, environment
from station_people import jpeg

from gradphoto.apps.capture import actions
from gradphoto.apps.capture.models import Alarm, CheckIn, Frame, Identification, RoomStep
from gradphoto.apps.capture.room_state import ClockWatch, troubles
from gradphoto.apps.core import blobs
from gradphoto.apps.core.models import Blob
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.schedule.models import CaptureSession
from gradphoto.apps.stations.runner import EventKind, StationRunner
from gradphoto.engine.devices.hot_folder import HotFolder
from gradphoto.engine.standards.profiles import load_profile
from world import add_candidate, build_world

KILLS = int(os.environ.get("GRADPHOTO_KILLS", "14"))
"""205 in the nightly run."""


@pytest.mark.slow
@pytest.mark.skipif(
    not hasattr(os, "fork"), reason="SIGKILL and fork are POSIX; Windows has the same store, not this test"
)
def test_kills_lose_nothing_that_was_acknowledged(tmp_path):
    data, feed, acks = tmp_path / "data", tmp_path / "feed", tmp_path / "acks"
    feed.mkdir()
    done = subprocess.run(
        [sys.executable, str(Path(__file__).parent / "kill_room.py"), *map(str, (data, feed, acks, KILLS, 20261121))],
        env=environment(data) | {"PYTHONPATH": os.pathsep.join(SOURCES)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout.splitlines()[-1])
    lines = [line.split() for line in acks.read_text().splitlines()]
    swiped = {(nonce, int(number)) for kind, nonce, number in lines if kind == "C"}
    photographed = {(sha256, int(number)) for kind, sha256, number in lines if kind == "F"}
    assert len(swiped) > KILLS // 18, "the children had time to work: a person's way took several lives"
    assert len(photographed) > KILLS // 26

    assert swiped <= set(found["check_ins"].items()), "every acknowledged check-in is there under its number"
    numbers = sorted(found["check_ins"].values())
    assert numbers == list(range(1, len(numbers) + 1)), "no number is used twice and none is lost"
    kept = {(sha256, number) for sha256, (number, status) in found["frames"].items() if status == "accepted"}
    assert photographed <= kept, "every acknowledged frame is there, accepted, with its person"
    for sha256, number in kept:
        assert hashlib.sha256(jpeg(number)).hexdigest() == sha256, "and it is that person's"
    assert found["files_without_row"] == []
    assert found["rows_without_file"] == []


@pytest.fixture
def room(db, tmp_path):
    """A session with two people and a hot folder."""
    world = build_world()
    session = CaptureSession.objects.create(
        campaign=world.campaign, date=timezone.localdate(), place="104", status="open"
    )
    people = [add_candidate(world, n) for n in (1, 2)]
    return world.actor(Role.PHOTOGRAPHER), session, people


class NoCards:
    def wait_for_card(self, timeout_s):
        return None


class Broken:
    def assess(self, data, profile):
        raise AssertionError("not reached")


def runner_of(room, folder: Path, told: list) -> StationRunner:
    actor, session, _ = room
    return StationRunner(
        actor, session, NoCards(), HotFolder(folder, settle_s=0), Broken(), load_profile("mb2017_99"), told.append
    )


def test_a_full_disk_is_told_and_the_frame_is_taken_in_when_there_is_room(room, tmp_path, monkeypatch):
    folder = tmp_path / "hot"
    folder.mkdir()
    told: list = []
    runner = runner_of(room, folder, told)
    (folder / "IMG_0001.JPG").write_bytes(jpeg(1))
    full = [True]
    real = os.fsync

    def fsync(descriptor):
        if full[0]:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    runner.step()
    runner.step()
    assert {event.kind for event in told} == {EventKind.STORE_FAILED}
    assert "磁盘空间已满" in told[0].sentence.zh
    assert (folder / "IMG_0001.JPG").exists(), "the frame is neither moved nor lost"
    assert not Frame.objects.exists()
    assert not Blob.objects.exists()
    full[0] = False
    runner.step()
    assert blobs.read(Frame.objects.get().blob) == jpeg(1)
    assert (folder / "taken" / "IMG_0001.JPG").exists()


@pytest.mark.skipif(not hasattr(resource, "RLIMIT_FSIZE"), reason="POSIX limit")
def test_a_file_that_finds_no_room_leaves_nothing_behind(db):
    """The kernel itself refuses the write (RLIMIT_FSIZE), half-way through the file."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    import signal

    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, hard))
    try:
        with pytest.raises(blobs.StoreRefusal) as caught:
            blobs.put_photograph(b"\xff\xd8\xff" + bytes(10_000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
    assert caught.value.code == "core.disk_full"
    folder = Path(storages["blobs"].location)
    assert not [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.real_clock  # a file's age
def test_unfinished_writes_and_files_without_a_row_are_tidied_away_at_the_start(db):
    kept = blobs.put_photograph(jpeg(1))
    folder = Path(storages["blobs"].location)
    (folder / "ab").mkdir()
    (folder / "ab" / ".writing-x").write_bytes(b"half")
    (folder / "ab" / hashlib.sha256(b"orphan").hexdigest()).write_bytes(b"orphan")
    assert blobs.tidy() == 0, "what is young may be another process's work"
    assert blobs.tidy(older_than_s=0) == 2
    assert blobs.read(kept) == jpeg(1)


def test_two_writers_of_the_same_photograph_leave_one_file(db):
    storage = storages["blobs"]
    digest = hashlib.sha256(jpeg(1)).hexdigest()
    name = f"{digest[:2]}/{digest[2:4]}/{digest}"
    from django.core.files.base import ContentFile

    assert storage.save(name, ContentFile(jpeg(1))) == name
    assert storage.save(name, ContentFile(jpeg(1))) == name, "never under a second name"


def test_a_clock_that_jumps_is_an_alarm_at_once(room, tmp_path, monkeypatch):
    folder = tmp_path / "hot"
    folder.mkdir()
    told: list = []
    runner = runner_of(room, folder, told)
    runner.step()
    runner.step()
    assert told == [], "a clock that goes on is no news"
    real = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: real() - timedelta(hours=1))
    runner.step()
    runner.step()
    assert [event.kind for event in told] == [EventKind.CLOCK_JUMPED]
    assert Alarm.objects.get().kind == "clock_jump"
    assert "向后跳了 3600 秒" in Alarm.objects.get().sentence["zh"]


def test_a_computer_that_slept_has_jumped_too():
    ticks = iter([0.0, 1.0, 2.0])
    watch = ClockWatch(monotonic=lambda: next(ticks))
    now = timezone.now()
    assert watch.jump_s(now) is None
    assert watch.jump_s(now + timedelta(seconds=1.2)) is None
    assert watch.jump_s(now + timedelta(seconds=602)) == pytest.approx(599.8, abs=0.1)


def test_a_clock_behind_the_last_check_in_stands_on_the_screen(room, client, monkeypatch):
    actor, session, people = room
    actions.check_in(actor, session, candidate=people[0], method=Identification.MANUAL, nonce=uuid.uuid4())
    assert troubles(session) == [] or troubles(session)[0].code.startswith("disk")
    CheckIn.objects.update(at=timezone.now() + timedelta(hours=3))
    (trouble,) = [one for one in troubles(session) if one.code == "clock_behind"]
    assert trouble.stops
    client.force_login(actor.user, backend="django.contrib.auth.backends.ModelBackend")
    assert trouble.sentence.zh[:8] in client.get(f"/capture/{session.pk}/").content.decode()


@pytest.fixture
def full_database(transactional_db):
    """A database that is not allowed to grow: the same refusal of SQLite's as a disk without room."""
    if connection.vendor != "sqlite":
        pytest.skip("SQLite's own refusal")
    world = build_world()
    session = CaptureSession.objects.create(
        campaign=world.campaign, date=timezone.localdate(), place="104", status="open"
    )
    person = add_candidate(world, 1)
    with connection.cursor() as cursor:
        most = cursor.execute("PRAGMA max_page_count").fetchone()[0]
        cursor.execute("CREATE TABLE filler (x)")
        cursor.execute(f"PRAGMA max_page_count = {cursor.execute('PRAGMA page_count').fetchone()[0]}")
        for size in (100_000, 1000, 10):
            with contextlib.suppress(OperationalError):
                while True:
                    cursor.execute("INSERT INTO filler VALUES (zeroblob(%s))", [size])
    yield world, session, person
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA max_page_count = {most}")
        cursor.execute("DROP TABLE filler")


def test_a_database_without_room_is_a_clear_state_and_no_broken_page(full_database, client, tmp_path):
    world, session, person = full_database
    actor = world.actor(Role.PHOTOGRAPHER)
    with connection.cursor() as cursor:  # room for the test's own sign-in, and then none again
        cursor.execute("PRAGMA max_page_count = 1073741823")
        client.force_login(actor.user, backend="django.contrib.auth.backends.ModelBackend")
        cursor.execute(f"PRAGMA max_page_count = {cursor.execute('PRAGMA page_count').fetchone()[0]}")
        with contextlib.suppress(OperationalError):
            while True:
                cursor.execute("INSERT INTO filler VALUES (zeroblob(10))")
    form = {"candidate": person.pk, "nonce": str(uuid.uuid4())}
    # A few more rows may fit into pages that are open already; then there is no room at all.
    for _ in range(40):
        answer = client.post(f"/capture/{session.pk}/check-in/", form)
        if answer.status_code == 507:
            break
        RoomStep.objects.all()._raw_delete("default")
        CheckIn.objects.all()._raw_delete("default")
        form["nonce"] = str(uuid.uuid4())
    assert answer.status_code == 507
    assert "磁盘空间已满" in answer.content.decode()
    assert "core.disk_full" in answer.content.decode()
    said = client.post(f"/capture/{session.pk}/check-in/", form, headers={"Accept": "application/json"})
    assert (said.status_code, said.json()["code"]) == (507, "core.disk_full")
    assert "没有生效" in said.json()["remedy"]["zh"]
    assert client.get(f"/capture/{session.pk}/").status_code == 200, "reading goes on"
    assert not CheckIn.objects.exists()

    told: list = []
    folder = tmp_path / "hot"
    folder.mkdir()
    (folder / "IMG_0001.JPG").write_bytes(jpeg(1))
    runner = runner_of((actor, session, [person]), folder, told)
    runner.step()
    runner.step()
    assert {event.kind for event in told} == {EventKind.STORE_FAILED}, "the devices go on and say it"
    assert (folder / "IMG_0001.JPG").exists(), "and nothing leaves the camera's folder"
    assert not Frame.objects.exists()
