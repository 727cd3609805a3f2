"""The whole path of a station: swipe bytes into the reader, a 24 MP frame into the hot folder, the verdict on the screen.

``python -m benchmarks station`` (or ``python -m benchmarks.station --persons 40``). Real processes throughout: see
:mod:`benchmarks.station_live`. Beside them a process of the priority of the station's own worker renders the three
outputs of the person before, over and over, so that there is always a rendering under way.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from benchmarks.portrait import PROFILES, camera_file
from benchmarks.portrait import _start as begin_pipeline
from benchmarks.station_live import SOURCE, LiveStation, environment, plain, shows_person, shows_verdict

PASSPHRASE = "four unrelated long words"
SIZE = (4000, 6000)
FACE_PX = 2100
PACE_S = 5.0
"""A person every so many seconds: 150 an hour is one in 24; the rest of that time nothing happens."""
SWIPE_TO_SHUTTER_S = 3.0
"""The give of the measured clock and of a transfer; this room's rule says that people sit before they swipe."""
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


@dataclass(frozen=True, slots=True)
class Passage:
    """Seconds of one person: card laid down to name shown, file whole to verdict shown, file whole to picture shown."""

    swipe: float
    verdict: float
    picture: float

    @property
    def whole(self) -> float:
        """What the machine takes of the person's time."""
        return self.swipe + self.verdict


def run(persons: int = 36, *, rendering: bool = True) -> None:
    """Print the table for ``persons`` persons."""
    with tempfile.TemporaryDirectory() as name:
        passages = measure(Path(name), persons, rendering=rendering)
    report(passages, f"rendering beside it: {rendering}")


def report(passages: list[Passage], beside: str) -> None:
    """The table of the passages, with the load at which they were measured."""
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "?"
    print(f"Seconds, {len(passages)} persons, 24 MP, {os.cpu_count()} cores, load {load}, {beside}")
    print("| | p50 | p95 | max |\n|---|---|---|---|")
    columns = {
        "card laid down -> check-in shown": [one.swipe for one in passages],
        "frame written -> verdict shown": [one.verdict for one in passages],
        "frame written -> picture shown": [one.picture for one in passages],
        "both together: the whole path": [one.whole for one in passages],
    }
    for title, values in columns.items():
        ranked = sorted(values)
        p95 = ranked[min(len(ranked) - 1, round(0.95 * len(ranked)))]
        print(f"| {title} | {ranked[len(ranked) // 2]:.2f} | {p95:.2f} | {ranked[-1]:.2f} |")


def measure(folder: Path, persons: int, *, rendering: bool) -> list[Passage]:
    """One passage a person, the first (which loads the models) left out."""
    from gradphoto.engine.devices.camera_simulator import SimulatedCamera
    from gradphoto.engine.devices.sam_v.simulator import SimulatedReader

    kit, pin = _kit(folder / "centre", persons + 1)
    from gradphoto.demo.fast_clock import photographed_code  # only now: Django is set up by the kit's making

    begin_pipeline(None)
    frames = [camera_file(sitter, SIZE, FACE_PX) for sitter in _sitters(3)]
    passages: list[Passage] = []
    with LiveStation(folder, kit, PASSPHRASE) as station, SimulatedReader() as reader:
        station.open()
        screen = station.serve("--reader", reader.port_name)
        camera = SimulatedCamera(station.hot)
        screen.sign_in("photographer", pin)
        screen.watch(1)
        station.said(" 104")
        now = datetime.now(UTC)
        camera.shoot(photographed_code(1, now), now)
        screen.wait_for(lambda text: "state-good" in text and "已校时" in text)
        screen.post("/capture/1/", "/capture/1/step/", step="capture.open_session")
        with _renderer(station.hot / "taken") if rendering else contextlib.nullcontext():
            for n in range(1, persons + 2):
                began = time.perf_counter()
                number = f"{n:05d}"
                reader.insert(card(n))
                swipe = screen.wait_for(shows_person(number)) - began
                reader.lift()
                time.sleep(SWIPE_TO_SHUTTER_S)
                camera.shoot(_another(frames[n % len(frames)], n), datetime.now(UTC))
                written = time.perf_counter()
                verdict = screen.wait_for(shows_verdict(number)) - written
                time.sleep(max(0.0, PACE_S - (time.perf_counter() - began)))
                picture = list(screen.pictures().values())[-1] - written
                if n > 1:
                    passages.append(Passage(swipe, verdict, picture))
                if "state-bad" in screen.text:
                    print(plain(screen.text)[:600], file=sys.stderr)
        screen.close()
    return passages


_OF_A_SERVER = ("GRADPHOTO_DATABASE", "GRADPHOTO_DATA", "DJANGO_SETTINGS_MODULE")


def _sitters(count: int) -> list[bytes]:
    from gradphoto.demo.sitters import good_sitters, picture

    return [picture(name) for name in good_sitters()[:count]]


def _another(jpeg: bytes, n: int) -> bytes:
    """The same picture as another file: a comment of its own behind the start marker."""
    words = f"frame {n}".encode()
    return jpeg[:2] + b"\xff\xfe" + (len(words) + 2).to_bytes(2, "big") + words + jpeg[2:]


@contextlib.contextmanager
def _renderer(taken: Path) -> Iterator[None]:
    """The outputs of whoever was photographed last, rendered over and over by a process like the station's worker."""
    # A server's database travels with it (the rooms' benchmark names one), so that it sheds as the worker does.
    beside = os.environ if "GRADPHOTO_DATABASE" in os.environ else {}
    server = {name: beside[name] for name in _OF_A_SERVER if name in beside}
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.station", "--render", str(taken)],
        env=environment(taken) | server | {"PYTHONPATH": os.pathsep.join((str(SOURCE.parent), str(SOURCE)))},
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(10)


def render_for_ever(taken: Path) -> None:
    """Until terminated."""
    from gradphoto.cli.server import step_back
    from gradphoto.engine.portrait.pipeline import Pipeline
    from gradphoto.engine.standards.profiles import load_profile

    step_back()
    pipeline = Pipeline()
    profiles = [load_profile(code) for code in PROFILES]
    waits = _sheds()
    while True:
        waits()
        newest = max(taken.rglob("*.JPG"), key=lambda path: path.stat().st_mtime, default=None)
        if newest is None:
            time.sleep(0.2)
        else:
            pipeline.make(newest.read_bytes(), profiles)


def _sheds() -> Callable[[], object]:
    """On a server the worker lets verdicts go first; the laptop's process here knows no database."""
    if "GRADPHOTO_DATABASE" not in os.environ:
        return lambda: None
    import django

    django.setup()
    from gradphoto.apps.capture.verdicts import let_verdicts_go_first

    return let_verdicts_go_first


def card(n: int):  # type: ignore[no-untyped-def]
    """The n-th person's card: the test region 990101, a right check digit."""
    from gradphoto.engine.devices.sam_v.records import CardKind, CardRecord, Sex

    return CardRecord(
        kind=CardKind.RESIDENT, name=f"测试{n}号", id_number=_number(n), birth_date=date(2004, 2, 29),
        sex=Sex.MALE if n % 2 else Sex.FEMALE, valid_from=date(2020, 9, 1), valid_to=date(2030, 9, 1),
        ethnic="01", address="测试省测试市测试区甲路1号", issuer="测试市公安局",
    )  # fmt: skip


def _number(n: int) -> str:
    first = f"99010120040229{n:03d}"
    return first + "10X98765432"[sum(int(d) * w for d, w in zip(first, _WEIGHTS, strict=True)) % 11]


def _kit(data: Path, persons: int) -> tuple[bytes, str]:
    """A centre with one session and so many people; its kit and the photographer's PIN."""
    os.environ["GRADPHOTO_DATA"] = str(data)
    campaign = people_of(persons)
    from gradphoto.apps.core.actors import Actor
    from gradphoto.apps.stations.kits import make_kit
    from gradphoto.engine.packet.envelope import Receiver

    made = make_kit(Actor.system("benchmark"), campaign, station="A1", receivers=[Receiver(passphrase=PASSPHRASE)])
    return made.data, made.pins["photographer"]


def people_of(persons: int, chairs: int = 1) -> Any:
    """In the database that the environment names: a campaign with one session of today in a room with so many chairs."""
    from gradphoto.cli.server import prepare

    prepare()
    from django.utils import timezone

    from gradphoto.apps.campaigns.models import Campaign, Rule, RuleSet
    from gradphoto.apps.core.encryption import blind_index
    from gradphoto.apps.orgs.models import Membership, Organisation, Role, User
    from gradphoto.apps.roster.models import Candidate
    from gradphoto.apps.schedule.models import CaptureSession, CollectionRoom

    centre = Organisation.objects.create(kind="collection_centre", name="示范采集中心")
    school = Organisation.objects.create(kind="school", name="示范大学", code="99901")
    department = Organisation.objects.create(kind="department", name="计算机学院", code="01", parent=school)
    rules = RuleSet.objects.create(name="benchmark")
    values = {
        "photo.profile": "mb2017_99",
        "capture.identification": ["id_card_swipe"],
        "capture.soonest_shot_s": 0,
    }
    for key, value in values.items():
        Rule.objects.create(rule_set=rules, key=key, value=value, source="benchmark", effective_from=date(2020, 1, 1))
    campaign = Campaign.objects.create(
        cohort_year=2026, title="2026届图像采集", school=school, centre=centre, rule_set=rules, status="collecting"
    )
    photographer = User.objects.create(username="photographer", display_name="photographer")
    Membership.objects.create(user=photographer, organisation=centre, role=Role.PHOTOGRAPHER)
    room = CollectionRoom.objects.create(campaign=campaign, name="104", stations=chairs) if chairs > 1 else None
    CaptureSession.objects.create(campaign=campaign, date=timezone.localdate(), place="104", room=room)
    for n in range(1, persons + 1):
        one = card(n)
        Candidate.objects.create(
            campaign=campaign, department=department, season="spring", class_name="计科2201", student_no=f"2022{n:06d}",
            name=one.name, sex=one.sex.name.lower(), birth_date=one.birth_date, id_number=one.id_number,
            id_number_index=blind_index(one.id_number), major="计算机科学与技术", level="本科", status="accepted",
        )  # fmt: skip
    return campaign


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--persons", type=int, default=36)
    parser.add_argument("--alone", action="store_true", help="nothing is rendered beside it")
    parser.add_argument("--render", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.render:
        render_for_ever(options.render)
    else:
        run(options.persons, rendering=not options.alone)


if __name__ == "__main__":
    main()
