"""Several rooms on one server on PostgreSQL: each with its reader, camera, devices' process and screen, all at once.

``python -m benchmarks.station_rooms [--rooms 3] [--persons 8] [--alone]``. Beside them a process of the worker's priority
renders without pause; like the worker it lets verdicts go first. The rooms are the chairs of one session: to database,
server and processor the same as three sessions.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import postgresql
from benchmarks.free_ports import free_port
from benchmarks.portrait import _start as begin_pipeline
from benchmarks.portrait import camera_file
from benchmarks.station import (
    FACE_PX,
    PACE_S,
    SIZE,
    SWIPE_TO_SHUTTER_S,
    Passage,
    _another,
    _renderer,
    _sitters,
    card,
    people_of,
    report,
)
from benchmarks.station_live import Screen, shows_person, shows_verdict

_DEVICES = (
    "import sys; from pathlib import Path; from gradphoto.cli.station_devices import run_devices; "
    "run_devices(sys.argv[1], Path(sys.argv[2]), None, with_cameras=False, chair=int(sys.argv[3]))"
)
_START_S = 90.0
_KEY = "sessionid"


def run(rooms: int, persons: int, *, rendering: bool) -> None:
    """Print the table for ``persons`` persons in each of the rooms."""
    with tempfile.TemporaryDirectory() as name, postgresql.started() as address:
        os.environ |= {
            "GRADPHOTO_DATA": str(Path(name) / "data"),
            "GRADPHOTO_DATABASE": address,
            "DJANGO_SETTINGS_MODULE": "gradphoto.site.settings",
        }
        passages = measure(Path(name), rooms, persons, rendering=rendering)
    report(passages, f"{rooms} rooms on one server on PostgreSQL, rendering beside them: {rendering}")


def measure(folder: Path, rooms: int, persons: int, *, rendering: bool) -> list[Passage]:
    """One passage a person of every room, the first of each (which loads the models) left out."""
    people_of(rooms * (persons + 1), chairs=rooms)
    from django.test import Client

    from gradphoto.apps.capture.actions import open_session
    from gradphoto.apps.core.actors import Actor
    from gradphoto.apps.orgs.models import User
    from gradphoto.apps.schedule.models import CaptureSession

    begin_pipeline(None)
    frames = [camera_file(sitter, SIZE, FACE_PX) for sitter in _sitters(3)]
    browser, photographer = Client(), User.objects.get(username="photographer")
    browser.force_login(photographer, backend="django.contrib.auth.backends.ModelBackend")
    key, passages = browser.cookies[_KEY].value, list[Passage]()
    with contextlib.ExitStack() as stack:
        address = stack.enter_context(_serving())
        made = [stack.enter_context(_Room(folder, chair, address, key, frames)) for chair in range(1, rooms + 1)]
        for room in made:
            room.measures()
        open_session(Actor.of(photographer), CaptureSession.objects.get())
        if rendering:
            stack.enter_context(_renderer(made[0].hot / "taken"))
        work = [threading.Thread(target=room.works, args=(persons + 1, passages)) for room in made]
        for thread in work:
            thread.start()
            time.sleep(PACE_S / rooms)
        for thread in work:
            thread.join()
    return passages


@contextlib.contextmanager
def _serving() -> Iterator[str]:
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "gradphoto.cli", "serve", "--port", str(port), "--no-worker"])
    address, ends = f"http://127.0.0.1:{port}", time.monotonic() + _START_S
    try:
        while time.monotonic() < ends:
            with contextlib.suppress(OSError):
                Screen(address).get("/healthz")
                break
            time.sleep(0.2)
        yield address
    finally:
        process.terminate()
        process.wait(30)


class _Room:
    """Reader, camera, devices' process and screen of one of the rooms."""

    def __init__(self, folder: Path, chair: int, address: str, key: str, frames: list[bytes]) -> None:
        from gradphoto.engine.devices.camera_simulator import SimulatedCamera
        from gradphoto.engine.devices.sam_v.simulator import SimulatedReader

        self.chair, self.frames, self.hot = chair, frames, folder / f"hot-{chair}"
        self.hot.mkdir()
        self.reader, self.camera = SimulatedReader(), SimulatedCamera(self.hot, f"ROOM{chair}")
        self.screen = Screen(address)
        self.screen.enter(key)
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> _Room:
        arguments = [self.reader.port_name, str(self.hot), str(self.chair)]
        self._process = subprocess.Popen([sys.executable, "-c", _DEVICES, *arguments])
        self.screen.watch(1, self.chair)
        return self

    def __exit__(self, *_: object) -> None:
        self.screen.close()
        if self._process is not None:
            self._process.terminate()
            self._process.wait(30)
        self.reader.close()

    def measures(self) -> None:
        """The clock code is photographed, and again until the devices' process has begun its work."""
        from gradphoto.apps.capture.models import CameraClock
        from gradphoto.demo.fast_clock import photographed_code

        ends = time.monotonic() + _START_S
        while not CameraClock.objects.filter(chair=self.chair).exists():
            assert time.monotonic() < ends, f"room {self.chair} was not measured"
            now = datetime.now(UTC)
            self.camera.shoot(photographed_code(1, now), now)
            time.sleep(4)

    def works(self, persons: int, passages: list[Passage]) -> None:
        """One person after the other."""
        for n in range(persons):
            began, person = time.perf_counter(), (self.chair - 1) * persons + n + 1
            number = f"{50 * (self.chair - 1) + n + 1:05d}"
            self.reader.insert(card(person))
            swipe = self.screen.wait_for(shows_person(number), 60) - began
            self.reader.lift()
            time.sleep(SWIPE_TO_SHUTTER_S)
            self.camera.shoot(_another(self.frames[n % len(self.frames)], person), datetime.now(UTC))
            written = time.perf_counter()
            verdict = self.screen.wait_for(shows_verdict(number), 60) - written
            if n:
                passages.append(Passage(swipe, verdict, verdict))
            time.sleep(max(0.0, PACE_S - (time.perf_counter() - began)))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--rooms", type=int, default=3)
    parser.add_argument("--persons", type=int, default=8)
    parser.add_argument("--alone", action="store_true", help="nothing is rendered beside them")
    asked = parser.parse_args()
    run(asked.rooms, asked.persons, rendering=not asked.alone)
