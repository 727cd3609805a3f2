"""The staff's pages over a province: the time that the database spends on each, and how many queries, as ratios to a bare page.

    python -m benchmarks.staff [PEOPLE] [--postgresql] [--keep FOLDER] [--sql]

Three people look: the registrar of one school, the collection centre that photographs all of them, the national reviewer.
Each sees every page of their main navigation, and some that stand behind it, three times; the quickest counts. A bare page
(the list of one's own exports) is asked for before and after each: ``x`` is how many times its SQL a page needs.
Where others use the machine, the wall says little of the database: ``cpu`` is what PostgreSQL's own process spent on the
page (without parallel workers, which are switched off), and what is compared with the limit. On SQLite it is the whole page.
``--keep``: the province is built once into FOLDER and used again; ``--sql`` shows the slowest statement of every page.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.postgresql import database

if TYPE_CHECKING:
    from django.test import Client

    from benchmarks.staff_world import Province

PEOPLE, SCHOOL = 400_000, 8_000
LIMIT_MS = {"registrar": 150.0, "centre": 400.0, "reviewer": 400.0}
"""Issue 18: the SQL of a page on PostgreSQL with 400,000 people, for each of the three."""
BARE = "/exports/"
BEHIND = {
    "registrar": (
        "/verification/?status=unverified&page=100", "/roster/?sort=name", "/registration/reviews/?stage=approved",
        "/verification/disputes/", "/delivery/college/",
    ),
    "centre": (
        "/verification/?status=unverified&page=100", "/roster/?sort=name", "/roster/?status=accepted&page=200",
        "/dashboard/people/?stage=not_verified", "/verification/disputes/",
    ),
    "reviewer": (
        "/verification/?status=unverified&page=100", "/registration/reviews/?stage=approved", "/dashboard/people/?stage=shot",
        "/registration/ledger/?kind=with_photo",
    ),
}  # fmt: skip
"""Pages that the main navigation does not name: far ones, sorted ones, those behind a number."""
_LOOKS = 3


def build_or_find(people: int, folder: Path) -> Province:
    """The province that FOLDER knows, or a new one."""
    from django.core.management import call_command
    from django.db import connection

    from benchmarks.staff_world import Province, build

    known = folder / "province.json"
    if known.is_file():
        return Province(**json.loads(known.read_bytes()))
    call_command("migrate", verbosity=0)
    schools = max(2, people // SCHOOL)
    start = time.perf_counter()
    province = build(people, schools)
    known.write_text(json.dumps(asdict(province)))
    took = time.perf_counter() - start
    print(f"{connection.vendor}: {province.people} people in {schools} schools, built in {took:.0f} s")
    return province


@dataclass(frozen=True)
class Look:
    """One answer: its state and size, what it asked of the database, and the processor's seconds."""

    status: int
    size: int
    queries: int
    sql_ms: float
    backend_ms: float
    processor: float
    slowest: str

    @property
    def spent_ms(self) -> float:
        """What the database took of a processor; SQLite runs in our own process and is not told apart."""
        return self.backend_ms or self.processor * 1000


def look(client: Client, address: str) -> Look:
    """The quickest of several looks."""
    return min((_once(client, address) for _ in range(_LOOKS)), key=lambda one: one.spent_ms)


def _backend_ms() -> float:
    """The processor's time of PostgreSQL's process for this connection so far; 0 where there is none here."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return 0.0
    connection.ensure_connection()
    known = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat")
    return int(known.read_text().split()[0]) / 1e6 if known.is_file() else 0.0


def _once(client: Client, address: str) -> Look:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as asked:
        backend, processor = _backend_ms(), time.process_time()
        answer = client.get(address)
        processor, backend = time.process_time() - processor, _backend_ms() - backend
    ms = [float(query["time"]) * 1000 for query in asked]
    slowest = max(zip(ms, asked, strict=True), key=lambda one: one[0], default=(0.0, {"sql": ""}))
    told = f"slowest {slowest[0]:.0f} ms: {slowest[1]['sql'][:1500]}"
    return Look(answer.status_code, len(answer.content), len(ms), sum(ms), backend, processor, told)


def pages_of(client: Client, who: str) -> list[str]:
    """The main navigation as this person sees it, and what stands behind it."""
    shown = client.get("/").content.decode()
    navigation = shown[shown.index("<nav") : shown.index("</nav>")]
    found = dict.fromkeys(re.findall(r'href="(/[^"]*)"', navigation))
    return [*found, *BEHIND[who]]


def measure(people: int, folder: Path) -> None:
    """Look at every page, with a bare page before and after it."""
    from django.db import connection
    from django.test import Client, override_settings

    from gradphoto.apps.orgs.models import User

    province = build_or_find(people, folder)
    over = wrong = 0
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET max_parallel_workers_per_gather = 0")
    with override_settings(ALLOWED_HOSTS=["*"]):
        for who, limit in LIMIT_MS.items():
            client = Client()
            client.force_login(User.objects.get(pk=getattr(province, who)), "django.contrib.auth.backends.ModelBackend")
            bare = look(client, BARE)
            for address in pages_of(client, who):
                found, after = look(client, address), look(client, BARE)
                spent = found.spent_ms
                times = spent / ((bare.spent_ms + after.spent_ms) / 2)
                bare, late = after, spent > limit
                over, wrong = over + late, wrong + (found.status != 200)
                print(
                    f"  {who:9} {address:44} {found.status} {found.queries:3} queries {found.sql_ms:6.0f} ms SQL, "
                    f"cpu {spent:4.0f} ms {times:5.1f} x bare ({bare.spent_ms:.1f} ms), "
                    f"page {found.processor:.2f} s, "
                    f"{found.size // 1024} kB{'  OVER' if late else ''}"
                )
                if late or "--sql" in sys.argv:
                    print(f"      {found.slowest}")
    print(f"load {os.getloadavg()[0]:.1f}; {over} page(s) over the limit, {wrong} not answered 200")


def run(people: int, folder: Path, address: str = "") -> None:
    """Set the app up over the data directory ``folder`` and measure it."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
    os.environ["GRADPHOTO_DATA"] = str(folder)
    if address:
        os.environ["GRADPHOTO_DATABASE"] = address
    os.environ["DJANGO_SETTINGS_MODULE"] = "gradphoto.site.settings"
    import django

    django.setup()
    measure(people, folder)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("people", nargs="?", type=int, default=PEOPLE)
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--sql", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as passing:
        folder = asked.keep or Path(passing)
        (folder / "data").mkdir(parents=True, exist_ok=True)
        with database("postgresql" if asked.postgresql else "sqlite", folder / "postgresql") as address:
            run(asked.people, folder / "data", address)


if __name__ == "__main__":
    main()
