"""kill -9 of the worker during portrait making: every frame is processed exactly once in effect."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest

from budget import examples
from forked import forge
from patience import PROCESS_S, until

pytestmark = pytest.mark.slow
FRAMES = 12 if examples(1) > 1 else 8
PROFILES = 3
HERE = Path(__file__).parent
SOURCES = [str(HERE.parents[1] / "src"), str(HERE.parent)]


@pytest.fixture
def installation(tmp_path):
    """A data directory of its own, with a lease short enough to wait for and long enough for a worker that hardly runs."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GRADPHOTO_")}
    if "GRADPHOTO_MODELS" in os.environ:
        environment["GRADPHOTO_MODELS"] = os.environ["GRADPHOTO_MODELS"]
    environment |= {
        "GRADPHOTO_DATA": str(tmp_path / "data"),
        "GRADPHOTO_LEASE_SECONDS": "5",
        "DJANGO_SETTINGS_MODULE": "gradphoto.site.settings",
        "PYTHONPATH": os.pathsep.join(SOURCES),
    }
    _run(environment, "seed", str(FRAMES))
    return environment


def _run(environment: dict[str, str], *arguments: str) -> str:
    done = forge().run(arguments, environment, script=HERE / "kill_world.py")
    assert done.returncode == 0, done.stderr
    return done.stdout


def _worker(environment: dict[str, str]) -> subprocess.Popen[bytes]:
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen([sys.executable, "-m", "gradphoto.cli", "worker"], env=environment, **quiet)


def _rows(environment: dict[str, str], query: str) -> list[tuple]:
    path = Path(environment["GRADPHOTO_DATA"]) / "gradphoto.sqlite3"
    with closing(sqlite3.connect(path, timeout=PROCESS_S)) as database, suppress(sqlite3.OperationalError):
        return database.execute(query).fetchall()
    return []


def _wait(environment: dict[str, str], worker: subprocess.Popen[bytes], holds: Callable[[], bool]) -> None:
    """Until it holds; a worker that ended by itself is told at once, with what it said."""
    job = "SELECT state, attempts, lease_until, done, failed, error_code, error FROM core_job"
    log = Path(environment["GRADPHOTO_DATA"]) / "gradphoto.log"

    def told() -> str:
        return f"{_rows(environment, job)} {log.read_text()[-2000:] if log.exists() else ''}"

    def there_or_over() -> bool:
        return holds() or worker.poll() is not None

    until(there_or_over, told=told)
    assert holds(), f"the worker ended with {worker.poll()}: {told()}"


def test_a_killed_worker_loses_nothing_and_does_nothing_twice(installation):
    def portraits() -> int:
        rows = _rows(installation, "SELECT count(*) FROM delivery_portrait")
        return rows[0][0] if rows else 0

    first = _worker(installation)
    _wait(installation, first, lambda: portraits() >= 2 * PROFILES)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    at_the_kill = portraits()
    assert at_the_kill < FRAMES * PROFILES, "the kill came in the middle"
    assert _rows(installation, "SELECT state FROM core_job") == [("running",)]

    second = _worker(installation)  # its own sweeper finds the job once the lease has run out
    try:
        _wait(installation, second, lambda: _rows(installation, "SELECT state FROM core_job") == [("done",)])
    finally:
        second.terminate()
        second.wait(PROCESS_S)
    per_frame = _rows(
        installation, "SELECT frame_id, count(*), count(DISTINCT profile) FROM delivery_portrait GROUP BY 1"
    )
    assert len(per_frame) == FRAMES
    assert {(count, different) for _, count, different in per_frame} == {(PROFILES, PROFILES)}
    recorded = "SELECT count(*) FROM core_auditentry WHERE action = 'delivery.record_portraits'"
    assert _rows(installation, recorded) == [(FRAMES,)], "each frame was recorded once"
    assert _rows(installation, "SELECT attempts FROM core_job") == [(2,)]
    proof = forge().run(["audit", "verify"], installation)
    assert proof.returncode == 0, proof.stdout
