"""The room of a training: a simulated card reader and camera at a person's pace, with the faults a real day brings."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import close_old_connections
from django.utils import timezone

from gradphoto.apps.campaigns.rules import value_of
from gradphoto.apps.campaigns.settings_keys import SOONEST_SHOT_S
from gradphoto.apps.capture.models import CheckInStatus
from gradphoto.apps.capture.queries import missed
from gradphoto.apps.capture.verdicts import pipeline, standard_of
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.schedule.models import CaptureSession, SessionStatus
from gradphoto.apps.stations.runner import StationEvent, StationRunner
from gradphoto.demo.fast_clock import photographed_code
from gradphoto.demo.journey import card_of, stranger
from gradphoto.demo.sitters import good_sitters, picture
from gradphoto.engine.devices.camera_simulator import SimulatedCamera
from gradphoto.engine.devices.hot_folder import HotFolder
from gradphoto.engine.devices.protocols import IdReader
from gradphoto.engine.devices.sam_v.simulator import SimulatedReader
from gradphoto.engine.errors import GradPhotoError

STRANGER_EVERY, EYES_EVERY, NO_FACE_EVERY = 9, 5, 7
"""Every so many people: one who is not on the list, one with closed eyes, one who looked away."""
_IDLE_S, _ANSWER_S = 1.0, 20.0
_SITS_DOWN_S = 2.0
"""So much longer than the campaign's soonest shot a person takes from the card to the picture: nobody doubts whose it is."""


def run_room(pace_s: float, tell: Callable[[str], None]) -> None:
    """Serve whatever session is open, one person after the other; without one it waits. Does not return."""
    while True:
        close_old_connections()
        session = CaptureSession.objects.filter(status=SessionStatus.OPEN).order_by("date", "pk").first()
        if session is None:
            if not measure_clock_ahead(tell):
                time.sleep(_IDLE_S)
            continue
        with devices() as (reader, port, camera, frames):
            TrainingRoom(session, reader, port, camera, frames, tell).run(pace_s)


def measure_clock_ahead(tell: Callable[[str], None]) -> bool:
    """The simulated camera photographs the clock code of today's session, so that the trainee may open it as in life."""
    planned = CaptureSession.objects.filter(status=SessionStatus.PLANNED, date__lte=timezone.localdate(), clocks=None)
    session = planned.order_by("date", "pk").first()
    if session is None:
        return False
    with devices() as (reader, port, camera, frames):
        TrainingRoom(session, reader, port, camera, frames, tell).measure_clock()
    return True


@contextmanager
def devices() -> Iterator[tuple[SimulatedReader, IdReader, SimulatedCamera, HotFolder]]:
    """A reader on a pseudo-terminal and a camera that writes into a folder, as the demo has them."""
    from gradphoto.demo.journey import room

    # Within the training's own folder and under one name: the signal that ends the site leaves the pictures of this room
    # behind, and the next one takes them away.
    folder = Path(settings.DATA_DIR, "simulated-camera")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with room(folder) as found:
            yield found
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class TrainingRoom:
    """One session: whoever is next swipes and is photographed; what needs a person waits for the trainee."""

    def __init__(
        self,
        session: CaptureSession,
        reader: SimulatedReader,
        port: IdReader,
        camera: SimulatedCamera,
        frames: HotFolder,
        tell: Callable[[str], None],
    ) -> None:
        self.session, self.reader, self.camera, self.tell = session, reader, camera, tell
        self.events: list[StationEvent] = []
        profile = standard_of(session.campaign)
        self.runner = StationRunner(Actor.system("training"), session, port, frames, pipeline(), profile, self._said)

    def _said(self, event: StationEvent) -> None:
        self.events.append(event)
        self.tell(f"  {event.sentence.zh} {event.sentence.en}")

    def run(self, pace_s: float, most_s: float = float("inf")) -> None:
        """Until the session is closed, nobody is left, or ``most_s`` seconds are over."""
        place, until = 0, time.monotonic() + most_s
        self.measure_clock()
        while time.monotonic() < until and self._is_open() and (person := missed(self.session).first()) is not None:
            if self._busy():
                self._wait(_IDLE_S)
                continue
            place += 1
            try:
                if place % STRANGER_EVERY == 0:
                    self._swipe(stranger())
                else:
                    self._swipe(card_of(person))
                    self._shoot(place)
            except GradPhotoError as error:
                self.tell(f"  {error.message.zh}")
            self._wait(pace_s)

    def measure_clock(self) -> None:
        """The camera photographs the clock code on the screen; without that every frame would be asked about."""
        until = time.monotonic() + _ANSWER_S
        if not self.session.clocks.exists():
            now = timezone.now()
            self.camera.shoot(photographed_code(self.session.pk, now), now + timedelta(seconds=0.2))
        while not self.session.clocks.exists() and time.monotonic() < until:
            self.runner.prepare()
            time.sleep(0.1)

    def _is_open(self) -> bool:
        self.session.refresh_from_db()
        return self.session.status == SessionStatus.OPEN

    def _busy(self) -> bool:
        """Somebody is before the camera, or somebody who was held waits for a decision: the trainee has the word."""
        seated = self.session.check_ins.filter(status=CheckInStatus.OPEN).exists()
        return seated or self.session.holds.filter(decision="").exists()

    def _swipe(self, card: object) -> None:
        seen = len(self.events)
        self.reader.insert(card)  # type: ignore[arg-type]
        self._until_said(seen)
        self.reader.lift()
        self.runner.step(card_wait_s=0.01)

    def _shoot(self, place: int) -> None:
        sitters = good_sitters()
        names = [sitters[place % len(sitters)]]
        if place % EYES_EVERY == 0:
            names.insert(0, "defect_closed_eyes_1")
        elif place % NO_FACE_EVERY == 0:
            names.insert(0, "defect_no_face")
        for name in names:
            if not self.session.check_ins.filter(status=CheckInStatus.OPEN).exists():
                return
            self._wait(value_of(self.session.campaign, SOONEST_SHOT_S) + _SITS_DOWN_S)
            seen = len(self.events)
            self.camera.shoot(picture(name), timezone.now())
            self._until_said(seen)

    def _until_said(self, seen: int) -> None:
        """Work until the room has answered, but not for ever."""
        until = time.monotonic() + _ANSWER_S
        while len(self.events) == seen and time.monotonic() < until:
            self.runner.step(card_wait_s=0.2)

    def _wait(self, seconds: float) -> None:
        """Frames and cards are still taken while nobody new comes."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.runner.step(card_wait_s=0.1)
            time.sleep(0.05)
