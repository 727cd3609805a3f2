"""The station of ``pairing_product``: its clock, cameras and cable, and the product's runner on a hot folder made of memory."""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

BEGIN = datetime(2026, 12, 2, 1, tzinfo=UTC)


class Time:
    """The computer's time, which only the play moves."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def at(self) -> datetime:
        return BEGIN + timedelta(seconds=self.now_s)

    @contextmanager
    def running(self) -> Iterator[None]:
        time = self

        class _Datetime(datetime):
            @classmethod
            def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
                return time.at()

        with patch("django.utils.timezone.datetime", _Datetime):
            yield


@dataclass(slots=True)
class Sitter:
    """Somebody of the class. ``called_s``: own card read, refused or called back; ``may_sit``: walks to the chair by now."""

    candidate: Any
    called_s: float | None = None
    may_sit: bool = False
    seated_s: float = 0.0
    done: bool = False


@dataclass(slots=True)
class Camera:
    serial: str
    ahead_s: float
    number: int
    whole: bool
    mean_s: float
    spread: float
    free_s: float = 0.0


@dataclass(slots=True)
class Habits:
    eager: float
    safety: float
    burst: float
    recalls: float
    undoes: float
    steps: float
    dead: float
    down: float
    unsigned: float


@dataclass(slots=True)
class Folder:
    """The hot folder: files that are there."""

    here: list[Any] = field(default_factory=list)
    expecting: bool = False

    def poll(self, now: datetime) -> list[Any]:
        found, self.here = self.here, []
        return found

    def read(self, frame: Any) -> bytes:
        return b"\xff\xd8\xff" + frame.file_name.encode()

    def done(self, frame: Any) -> None:
        """Nothing to move."""

    set_aside = done


class Station:
    """One session's devices, worked as the product works them: reader, cameras, cable, hot folder and runner."""

    def __init__(self, seed: int, world: Any, candidates: list[Any]) -> None:
        from gradphoto.apps.core.actors import Actor
        from gradphoto.apps.schedule.models import CaptureSession

        self.rng = rng = random.Random(seed * 6_700_417 + 5)
        self.time, self.world, self.files = Time(), world, itertools.count()
        self.habits = Habits(*(rng.choice((0.0, 0.0, one)) for one in (1.0, 0.6, 0.5, 1.0, 1.0, 1.0, 1.0, 1.0, 0.5)))
        self.people = [Sitter(one) for one in rng.sample(candidates, rng.randint(6, 12))]
        mean = rng.choice((0.4, 1.0, 2.0, 5.0))
        self.cameras = [
            Camera(f"P{n}", rng.gauss(0, 5000), rng.randint(1, 9980), rng.random() < 0.4, mean, rng.choice((0.05, 0.3)))
            for n in range(rng.choice((1, 1, 1, 2)))
        ]
        self.folder, self.cable = Folder(), list[tuple[float, int, Any]]()
        self.sits: Sitter | None = None
        self.shows: dict[str, Any] = {}
        self.machine: dict[int, int] = {}
        self.asked, self.in_vain = 0, 0
        self.dead_until_s, self.down_until_s = -1.0, -1.0
        self.devices = Actor.system("station devices")
        self.log: list[str] = []
        with self.time.running():
            self.session = CaptureSession.objects.create(campaign=world.campaign, date=date(2026, 12, 2), place="104")

    def say(self, what: str) -> None:
        self.log.append(f"{self.time.now_s:.1f} {what}")

    def opens(self) -> None:
        from gradphoto.apps.capture import actions
        from gradphoto.apps.orgs.models import Role

        self.crew = self.world.actor(Role.PHOTOGRAPHER)
        for camera in self.cameras:
            self.measures(camera)
        self.time.now_s = 20.0
        actions.open_session(self.crew, self.session)
        self.starts()

    def starts(self) -> None:
        from gradphoto.apps.stations.runner import StationRunner
        from gradphoto.engine.standards.profiles import load_profile

        self.runner = StationRunner(
            self.devices, self.session, SimpleNamespace(wait_for_card=lambda _: None), self.folder,
            SimpleNamespace(assess=self.judges), load_profile("mb2017_99"), lambda event: None,
        )  # type: ignore[arg-type]  # fmt: skip
        self.runner.watch = SimpleNamespace(jump_s=lambda now: None)  # type: ignore[assignment]

    def judges(self, data: bytes, profile: object) -> Any:
        """The made-up verdict: nobody there fails, a face mostly passes."""
        from gradphoto.engine.portrait.verdict import Outcome

        shows = self.shows[data[3:].decode()]
        good = shows is not None and self.rng.random() < 0.85
        return SimpleNamespace(
            verdict=SimpleNamespace(outcome=Outcome.PASS if good else Outcome.FAIL, findings=(), told=tuple)
        )

    def measures(self, camera: Camera) -> None:
        """The clock code is photographed: known to the product's own give, and the transfer with it."""
        from gradphoto.apps.capture import actions

        give = 0.75 if camera.whole else 0.3
        wrong = self.rng.uniform(-give, give) * 0.95
        actions.record_camera_clock(
            self.devices, self.session, camera_serial=camera.serial, offset_s=camera.ahead_s + wrong,
            uncertainty_s=give, transfer_s=self.crosses(camera) + wrong,
        )  # fmt: skip
        self.say(f"measured {camera.serial}")

    def crosses(self, camera: Camera) -> float:
        return 0.05 + camera.mean_s * self.rng.uniform(1 - camera.spread, 1 + camera.spread)

    def exposes(self, shows: Sitter | None) -> None:
        from gradphoto.engine.devices.frame_facts import FrameFacts
        from gradphoto.engine.devices.protocols import ArrivedFrame

        camera, rng = self.rng.choice(self.cameras), self.rng
        camera.number = camera.number % 9999 + 1
        name = f"{camera.serial}-{camera.number}-{next(self.files)}.JPG"
        self.shows[name] = None if shows is None else shows.candidate.pk
        if rng.random() < 0.01:
            return
        told = self.time.now_s + camera.ahead_s
        taken = BEGIN + timedelta(seconds=told // 1 if camera.whole else round(told, 2))
        takes = self.crosses(camera) + (rng.uniform(2, 40) if rng.random() < 0.02 else 0.0)
        begins = max(self.time.now_s, camera.free_s)
        camera.free_s = begins + takes
        facts = FrameFacts(taken, camera.serial, camera.number, "100")
        frame = ArrivedFrame(name, Path(name), 1, self.time.at(), facts, meanwhile=False)
        self.say(f"exposed {name} shows {self.shows[name]}, there at {camera.free_s:.1f}")
        heapq.heappush(self.cable, (camera.free_s, next(self.files), frame))

    def arrives(self, frame: Any) -> None:
        from dataclasses import replace

        down = self.time.now_s < self.down_until_s
        self.folder.here.append(replace(frame, arrived_at=self.time.at(), meanwhile=down))
        if not down:
            self.looks()

    def looks(self) -> None:
        from gradphoto.apps.capture.models import Frame

        before = set(self.session.frames.values_list("pk", flat=True))
        self.runner.step()
        for frame in Frame.objects.filter(session=self.session).exclude(pk__in=before):
            truth, seated = self.shows[frame.file_name], self.open
            self.say(f"arrived {frame.file_name} -> {frame.check_in and frame.check_in.candidate_id}")
            if frame.check_in_id is None:
                self.asked += 1
                self.in_vain += bool(
                    seated and seated.candidate_id == truth and self.sits and self.sits.candidate.pk == truth
                )
            else:
                self.machine[frame.pk] = frame.check_in_id

    @property
    def open(self) -> Any:
        return self.session.check_ins.filter(status="open").first()

    def tries(self, what: Callable[[], object]) -> bool:
        """A key of the page: refused or done."""
        from django.db import transaction

        from gradphoto.engine.errors import GradPhotoError

        try:
            with transaction.atomic():
                what()
        except GradPhotoError:
            return False
        return True
