"""A roster's whole way through the app, from the file to the candidates, as a ratio to calamine's bare read in the same run.

    python -m benchmarks.roster_app [ROWS] [--postgresql]

Made anew: a database of its own, the organisation tree and a campaign of the tests' small world.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from benchmarks.postgresql import database

ROWS = 100_000
LIMIT, AIM = 8.0, 5.0
"""Issue 14: at most eight bare reads on either database; five is the aim."""


def measure(rows: int) -> dict[str, float]:
    """Seconds of the bare read and of each part of the way, and the peak of this process's memory."""
    from django.core.management import call_command
    from django.db import connection
    from django.urls import reverse

    from gradphoto.apps.core import jobs
    from gradphoto.apps.orgs.models import Role
    from gradphoto.apps.roster.channel import confirm_channel
    from gradphoto.apps.roster.imports.apply import accept_all
    from gradphoto.apps.roster.imports.map import proposal_of, read_import
    from gradphoto.apps.roster.imports.receive import upload_roster
    from gradphoto.apps.roster.models import Candidate, RosterImport
    from world import build_world

    call_command("migrate", verbosity=0)
    world = build_world()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "bench.xlsx"
        in_a_process(make, file, rows)
        bare, bare_cpu = in_a_process(read_bare, file)
        data = file.read_bytes()
    actor = world.actor(Role.REGISTRAR)
    reverse("roster:list")  # a server has loaded its addresses long before
    confirm_channel(actor, world.campaign, school=world.school.name, teacher=str(actor.user))
    told: dict[str, float] = {"bare": bare}
    forget_the_peak()
    before = peak_kb()
    own, readers = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    spent = own.ru_utime + own.ru_stime + readers.ru_utime + readers.ru_stime
    box: dict[str, Any] = {}

    def upload() -> None:
        box["import"] = upload_roster(
            actor, world.campaign, organisation=world.school, file_name="bench.xlsx", data=data
        )

    told["upload"] = _timed(upload)
    made: RosterImport = box["import"]
    told["columns"] = _timed(lambda: read_import(actor, made, mapping=proposal_of(made).mapping(), defaults={}))
    told["read"] = _timed(lambda: jobs.run(made.job.pk))
    made.refresh_from_db()
    assert made.job.state == "done", (made.job.error_code, made.job.error)

    def take() -> None:
        accept_all(actor, made)
        made.refresh_from_db()
        jobs.run(made.job.pk)

    told["take"] = _timed(take)
    made.refresh_from_db()
    assert made.job.state == "done", (made.job.error_code, made.job.error)
    told["people"] = Candidate.objects.count()
    assert told["people"] == made.good_count > 0.9 * rows
    own, readers = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    told["cpu"] = own.ru_utime + own.ru_stime + readers.ru_utime + readers.ru_stime - spent
    told["ours"] = told["upload"] + told["columns"] + told["read"] + told["take"]
    told["before_mb"] = before / 1024
    told["peak_mb"] = peak_kb() / 1024
    print(
        f"{connection.vendor}, {rows} rows x 20 columns, from file to {told['people']:.0f} candidates: "
        f"upload {told['upload']:.2f} s, columns {told['columns']:.2f} s, reading {told['read']:.2f} s, "
        f"taking over {told['take']:.2f} s; bare read {told['bare']:.2f} s, ratio {told['ours'] / told['bare']:.2f} "
        f"(limit {LIMIT:g}, aim {AIM:g}); processor {told['cpu']:.2f} s, "
        f"{told['cpu'] / bare_cpu:.2f} bare reads; memory {told['before_mb']:.0f} -> {told['peak_mb']:.0f} MB"
    )
    return told


def in_a_process(work: Callable[..., Any], *given: object) -> Any:
    """Making the file and reading it bare lay out every cell: they do it elsewhere, so that the app's own memory is seen."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(work, *given).result()


def make(file: Path, rows: int) -> None:
    """Write the made-up roster."""
    from benchmarks.roster import made_up_file

    file.write_bytes(made_up_file(rows))


def read_bare(file: Path) -> tuple[float, float]:
    """Seconds of calamine's bare read, the best of three, and its processor time."""
    from benchmarks.roster import bare_read

    data = file.read_bytes()
    wall = min(_timed(lambda: bare_read(data)) for _ in range(3))
    return wall, _timed(lambda: bare_read(data), time.process_time)


def forget_the_peak() -> None:
    """Begin to measure the peak of this process anew (Linux)."""
    Path("/proc/self/clear_refs").write_text("5")


def peak_kb() -> int:
    """The peak of this process's memory since then."""
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))


def _timed(work: Any, clock: Any = time.perf_counter) -> float:
    start = clock()
    work()
    return float(clock() - start)


def run(rows: int, address: str = "") -> None:
    """Set the app up in a folder of its own and measure it."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
    with tempfile.TemporaryDirectory() as folder:
        os.environ["GRADPHOTO_DATA"] = folder
        if address:
            os.environ["GRADPHOTO_DATABASE"] = address
        os.environ["DJANGO_SETTINGS_MODULE"] = "gradphoto.site.settings"
        import django

        django.setup()
        measure(rows)


def main() -> None:
    """The command."""
    asked = [text for text in sys.argv[1:] if text.isdecimal()]
    rows = int(asked[0]) if asked else ROWS
    with database("postgresql" if "--postgresql" in sys.argv else "sqlite") as address:
        run(rows, address)


if __name__ == "__main__":
    main()
