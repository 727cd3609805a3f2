"""The room that is killed again and again: one parent that never touches the database, many children that work and die.

``kill_room.py DATA FEED ACKS KILLS SEED`` prints a JSON report. Each child is forked, opens the station anew, tidies,
swipes whoever is next and takes frames from the hot folder, writing what was acknowledged to it; the parent kills it
with SIGKILL after a random while. POSIX only, as is the kill.
"""

from __future__ import annotations

import json
import os
import pickle
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from gradphoto.cli import server

server.prepare()

from django.db import connections  # noqa: E402
from station_people import jpeg  # noqa: E402

from gradphoto.apps.capture import pairer  # noqa: E402
from gradphoto.apps.capture.models import CheckIn, Frame  # noqa: E402
from gradphoto.apps.core import blobs  # noqa: E402
from gradphoto.apps.core.actors import Actor  # noqa: E402
from gradphoto.apps.roster.models import Candidate  # noqa: E402
from gradphoto.apps.schedule.models import CaptureSession  # noqa: E402
from gradphoto.apps.stations.runner import EventKind, StationEvent, StationRunner  # noqa: E402
from gradphoto.engine.devices.hot_folder import HotFolder  # noqa: E402
from gradphoto.engine.standards.profiles import load_profile  # noqa: E402
from world import add_candidate, build_world, made_up_id_number  # noqa: E402

PEOPLE = 1200


class Held:
    """The engine's answer to every frame, measured once: the test is about the store, not about faces."""

    def __init__(self) -> None:
        # In a process of its own: a parent that holds the engine's models is slow to fork.
        self.answer = pickle.loads(subprocess.run([sys.executable, __file__], capture_output=True, check=True).stdout)

    def assess(self, data: bytes, profile: object) -> object:
        return self.answer


def measure_once() -> None:
    from gradphoto.apps.capture.verdicts import assess
    from gradphoto.demo.sitters import good_sitters, picture

    sys.stdout.buffer.write(pickle.dumps(assess(picture(good_sitters()[0]), load_profile("mb2017_99"))))


class NoCards:
    def wait_for_card(self, timeout_s: float) -> None:
        return None

    def close(self) -> None: ...


def seed() -> None:
    world = build_world()
    first = add_candidate(world, 1)
    rows = []
    for n in range(2, PEOPLE + 1):
        number = made_up_id_number(n % 400, male=True) + str(n)
        rows.append(
            Candidate(
                campaign=first.campaign, department=first.department, season="spring", student_no=f"2022{n:06d}",
                name="测试乙", sex="male", birth_date=first.birth_date, id_number=number, id_number_index=f"{n:064d}",
                major="x", level="本科", status="accepted",
            )
        )  # fmt: skip
    Candidate.objects.bulk_create(rows, batch_size=500)
    CaptureSession.objects.create(campaign=world.campaign, date="2026-11-21", place="104", status="open")


def child(feed: Path, acks: Path, pipeline: Held, ready: int, people: int | None = None) -> None:
    """Work until killed (or until so many people are done). An acknowledgement is written after the station has given it, never before."""
    # Whose frame it is stands elsewhere: here every frame is of who sits there, and nothing acknowledged may be lost.
    pairer.place = lambda session, frame: ((CheckIn.objects.get(status="open").pk, {"basis": "live"}), [])
    log = os.open(acks, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    blobs.tidy(older_than_s=0)
    session = CaptureSession.objects.get()

    def on_event(event: StationEvent) -> None:
        if event.kind is EventKind.CHECKED_IN:
            os.write(log, f"C {event.check_in.nonce} {event.check_in.shooting_number}\n".encode())
        elif event.frame is not None and event.kind is EventKind.ACCEPTED:
            os.write(log, f"F {event.frame.blob_id} {event.check_in.shooting_number}\n".encode())

    runner = StationRunner(
        Actor.system("station"), session, NoCards(), HotFolder(feed, settle_s=0.0), pipeline,
        load_profile("mb2017_99"), on_event,
    )  # fmt: skip
    os.write(ready, b"r")
    while people is None or CheckIn.objects.filter(status="shot").count() < people:
        seated = session.check_ins.filter(status="open").first()
        if seated is None:
            waiting = Candidate.objects.filter(check_ins=None).order_by("pk").first()
            swiped = runner_check_in(runner, waiting)
            os.write(log, f"C {swiped.nonce} {swiped.shooting_number}\n".encode())
        elif not any(feed.glob("*.JPG")):
            name = feed / f".part-{seated.shooting_number}"
            name.write_bytes(jpeg(seated.shooting_number))
            name.rename(feed / f"IMG_{seated.shooting_number:04d}.JPG")
        runner.step()


def runner_check_in(runner: StationRunner, person: Candidate) -> CheckIn:
    """By hand, because a thousand cards would need a thousand numbers of the test region."""
    import uuid

    from gradphoto.apps.capture.actions import check_in
    from gradphoto.apps.capture.models import Identification

    made = check_in(
        runner.actor, runner.session, candidate=person, method=Identification.MANUAL, nonce=uuid.uuid4()
    ).check_in
    assert made is not None
    return made


def main(data: Path, feed: Path, acks: Path, kills: int, seed_of_chance: int) -> None:
    seed()
    pipeline = Held()
    chance = random.Random(seed_of_chance)
    # Warmed up, so that the children work from their first moment on and do not import.
    child(feed, acks, pipeline, os.open(os.devnull, os.O_WRONLY), people=3)
    connections.close_all()
    for _ in range(kills):
        wait, ready = os.pipe()
        pid = os.fork()
        if pid == 0:
            try:
                child(feed, acks, pipeline, ready)
            except BaseException as error:
                os.write(2, f"{type(error).__name__}: {error}\n".encode())
            finally:
                os._exit(3)
        os.close(ready)
        if chance.random() < 0.9:  # else it dies while it starts
            os.read(wait, 1)
        os.close(wait)
        time.sleep(chance.uniform(0.0, 0.14))
        os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
        if not os.WIFSIGNALED(status):
            raise SystemExit("a child stopped by itself")
    left_behind = blobs.tidy(older_than_s=0)
    stored = {path.name for path in (data / "blobs").rglob("*") if path.is_file()}
    print(
        json.dumps(
            {
                "check_ins": {str(c.nonce): c.shooting_number for c in CheckIn.objects.all()},
                "frames": {
                    blob: [number, status]
                    for blob, number, status in Frame.objects.values_list(
                        "blob_id", "check_in__shooting_number", "status"
                    )
                },
                "files_without_row": sorted(stored - set(blobs.Blob.objects.values_list("name", flat=True))),
                "rows_without_file": sorted(set(blobs.Blob.objects.values_list("name", flat=True)) - stored),
                "tidied_at_the_end": left_behind,
            }
        )
    )


if __name__ == "__main__" and len(sys.argv) == 1:
    measure_once()
elif __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5]))
