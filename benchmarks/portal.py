"""The graduates' portal under load, against bare Django pages on the same server in the same run.

``python -m benchmarks.portal [--candidates 20000|400000] [--seconds 5] [--clients 8] [--database sqlite|postgresql|both]``

One granian process serves all of it. ``bare`` is what any Django page with a session costs: the site's own middleware,
the session read from the database, one row read by its key, one plain template. ``write`` is the same as a form that is
sent: the session, one row read, one row written and committed. ``empty`` is the middleware alone.

A commit waits for the disk, so what writes is told against a form that makes as many durable commits: a log-in two (the
attempt is on record before it is judged; then visit and audit entry), as ``write2``; a confirmation one, and the page that
is read before it belongs to it, as ``visit``: a bare page, then a bare form.

The rules. Yardstick and portal share server, worker, threads, middleware, database and its durability (``synchronous=FULL``,
``synchronous_commit``), and the check of the form's token; each reads its session as a row and writes a row. The yardstick
is Django as anybody writes it: a query set, a template, ``update`` in ``atomic``. It owes less than the portal does: no
limit of attempts, no comparison with what was shown, no audit entry, no form with fields. That is what the portal has to
make up for, and the reason why nothing may ever be added to the yardstick.

The kinds of request take turns round by round, in another order every round, and a ratio is the median of the rounds'
own ratios: what else the machine does in a second falls on a round, not on one kind of request.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import os
import re
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

from benchmarks import postgresql
from benchmarks.free_ports import free_port
from benchmarks.portal_card import Card
from gradphoto.cli.web_process import THREADS

GOALS = {"view": ("bare", 0.80), "log-in": ("write2", 0.60), "confirm": ("visit", 0.60)}
"""Issue 18: what each is measured against, and how much of its rate it should reach."""
ROUNDS = 7
_START_S = 60
_KEPT_S = 5.0
_BIG_TABLES = ("roster_candidate", "delivery_imagecard", "verificationcase", "accessattempt", "portalsession")


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
        tell_plans(cards[-1])
        cards.pop()  # its failure was just counted
        with _served() as (port, pid):
            measure(port, pid, cards, chosen.seconds, chosen.clients, chosen.database, chosen.candidates)


@contextlib.contextmanager
def _database(kind: str, folder: Path) -> Iterator[None]:
    os.environ["GRADPHOTO_DATA"] = str(folder)
    os.environ.pop("GRADPHOTO_DATABASE", None)
    if kind == "sqlite":
        yield
        return
    with postgresql.started() as address:
        os.environ["GRADPHOTO_DATABASE"] = address
        try:
            yield
        finally:
            from django.db import connections

            connections.close_all()


def populate(count: int) -> list[Card]:
    """A school of ``count`` graduates whose cases are open; their cards."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    from benchmarks.portal_people import Filler

    start = time.perf_counter()
    cards = Filler().fill(count)
    print(f"  {count} graduates in the database in {time.perf_counter() - start:.0f} s", flush=True)
    return cards


def tell_plans(card: Card) -> None:
    """How the database finds a card, its failures and a session; a table read from end to end ends the run."""
    from django.db import connection
    from django.http import HttpRequest
    from django.test.utils import CaptureQueriesContext

    from gradphoto.apps.access.client import Client
    from gradphoto.apps.verification import portal_sessions, sign_in

    request = HttpRequest()
    request.COOKIES[portal_sessions.SESSIONS.name] = "nobody"
    with CaptureQueriesContext(connection) as asked:
        with contextlib.suppress(sign_in.CardRefusal):
            sign_in.identify(
                school_code="99901", student_no=card.student_no, name="别人", code=card.code, client=Client("x")
            )
        portal_sessions.signed_in_candidate(request)
    explain = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN (COSTS OFF)"
    with connection.cursor() as cursor:
        for query in asked:
            if not query["sql"].startswith("SELECT"):
                continue
            cursor.execute(f"{explain} {query['sql'].replace('%', '%%')}")
            lines = [str(row[-1]).strip() for row in cursor.fetchall()]
            found = [
                line.removeprefix("->").strip()
                for line in lines
                if "SCAN " in line or "Scan " in line or "SEARCH " in line
            ]
            print("  plan: " + " | ".join(found))
            whole = [line for line in found if line.startswith(("SCAN ", "Seq Scan"))]
            if any(table in line for line in whole for table in _BIG_TABLES):
                raise AssertionError(f"a table is read from end to end: {whole}")


@contextlib.contextmanager
def _served() -> Iterator[tuple[int, int]]:
    port = free_port()
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
        self._port, self._used = port, time.monotonic()
        self._wire = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self._cookies: dict[str, str] = {}
        self.body = ""

    def another(self) -> Phone:
        """A phone on a connection of its own that has the log-in page before it, and nothing else."""
        other = Phone(self._port)
        other._cookies = dict(self._cookies)
        return other

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
        if time.monotonic() - self._used > _KEPT_S:
            self._wire.close()  # the server may have closed it meanwhile; the next request opens it again
        self._used = time.monotonic()
        self._wire.request(method, path, body, headers)
        answer = self._wire.getresponse()
        self.body = answer.read().decode("utf-8", "replace")
        for line in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = line.partition(";")[0].partition("=")
            self._cookies[name] = value
        return answer.status


def measure(port: int, pid: int, cards: list[Card], seconds: float, clients: int, database: str, count: int) -> None:
    """Every kind of request by ``clients`` at once, round by round; a wrong answer ends the run."""
    per_client = len(cards) // clients
    fresh = [iter(cards[n * per_client : (n + 1) * per_client]) for n in range(clients)]
    entered: list[list[Phone]] = [[] for _ in range(clients)]
    token = Phone(port)
    _expect(token.get("/verify/sign-in/"), 200)

    def log_in(n: int) -> None:
        card = next(fresh[n], None)
        if card is None:
            raise _Through
        phone = token.another()
        _expect(phone.log_in(card), 302)
        entered[n].append(phone)

    for n in range(clients):
        log_in(n)
    kept = [own.pop() for own in entered]
    # Apart: a graduate's phone holds no session of the site, and a bare page's visitor no visit of the portal.
    plain = [token.another() for _ in range(clients)]
    for phone in plain:
        _expect(phone.get("/bench/enter/"), 200)

    def page(path: str, phones: list[Phone] = kept) -> Callable[[int], None]:
        return lambda n: _expect(phones[n].get(path), 200)

    def confirm(n: int) -> None:
        if not entered[n]:
            raise _Through
        # What is confirmed is the page that was read: its fingerprint comes along, so this is a view and a confirmation.
        phone = entered[n].pop()
        _expect(phone.get("/verify/compare/"), 200)
        shown = re.search(r'name="shown"\s+value="([0-9a-f]{64})"', phone.body)
        _expect(phone.post("/verify/confirm/", {"own": "yes", "shown": shown[1] if shown else ""}), 302)

    def visit(n: int) -> None:
        _expect(plain[n].get("/bench/bare/"), 200)
        _expect(plain[n].post("/bench/write/", {}), 302)

    kinds: dict[str, Callable[[int], None]] = {
        "bare": page("/bench/bare/", plain),
        "view": page("/verify/compare/"),
        "write": lambda n: _expect(plain[n].post("/bench/write/", {}), 302),
        "write2": lambda n: _expect(plain[n].post("/bench/write/?commits=2", {}), 302),
        "visit": visit,
        "log-in": log_in,
        "confirm": confirm,
        "photo": page("/verify/photo/"),
        "empty": page("/bench/empty/", plain),
    }
    order, rounds = list(kinds), []
    for _ in range(ROUNDS):
        # Confirm stays behind log-in: it uses up who has just entered.
        rounds.append({name: _run(name, kinds[name], seconds / ROUNDS, clients, pid) for name in order})
        order = order[1:] + order[:1] if order[0] != "log-in" else order[2:] + order[:2]
    _tell(rounds, database, count)


class _Through(Exception):  # noqa: N818 - no fault
    """Everybody who logged in has confirmed."""


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


def _tell(rounds: list[dict[str, Measured]], database: str, count: int) -> None:
    def median(name: str, of: Callable[[Measured], float]) -> float:
        return statistics.median(of(one[name]) for one in rounds)

    def ratio(name: str, yardstick: str) -> float:
        return statistics.median(one[name].per_second / one[yardstick].per_second for one in rounds)

    print(f"portal on {database}, {count} graduates, one granian worker, {len(rounds)} rounds:")
    for name in rounds[0]:
        rate, p99, cpu = (median(name, of) for of in (_rate, _p99, _cpu))
        print(
            f"  {name:8} {rate:7.0f}/s   p99 {p99:6.1f} ms   server {cpu:5.2f} ms   "
            f"{ratio(name, 'bare'):5.2f} of bare   {ratio(name, 'write'):5.2f} of write"
        )
    for name, (yardstick, goal) in GOALS.items():
        value = ratio(name, yardstick)
        by_cpu = statistics.median(one[yardstick].cpu_ms / one[name].cpu_ms for one in rounds)
        print(
            f"  {name}: {value:.2f} of {yardstick} (goal {goal:.2f}): {'reached' if value >= goal else 'NOT reached'}"
            f"; by the server's processor {by_cpu:.2f}"
        )
    rates = {name: round(median(name, _rate), 1) for name in rounds[0]}
    print(json.dumps({"database": database, "candidates": count, **rates}))


def _rate(one: Measured) -> float:
    return one.per_second


def _p99(one: Measured) -> float:
    return one.p99_ms


def _cpu(one: Measured) -> float:
    return one.cpu_ms


if __name__ == "__main__":
    main()
