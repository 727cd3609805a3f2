"""Starting the parts of an installation: database, server, worker."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from types import FrameType

import click

_SWEEP_S = 5.0
THREADS = 8
"""Of each server process: every thread keeps a database connection, and granian's own default is several hundred."""


def prepare() -> None:
    """Bring the database to the present schema; a new data directory becomes an installation."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gradphoto.site.settings")
    import django
    from django.conf import settings

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
    from gradphoto.site.keys import publish_public_keys

    publish_public_keys(settings.KEYRING, settings.DATA_DIR)


def serve_site(port: int, workers: int, *, with_worker: bool, behind: bool = False) -> None:
    """Serve on 127.0.0.1 until interrupted; the worker ends with the server. ``behind``: it works when nobody waits."""
    prepare()
    worker = start_worker(behind=behind) if with_worker else None
    server = subprocess.Popen(  # noqa: S603 - our own interpreter
        [
            sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
            "--workers", str(workers), "--blocking-threads", str(THREADS), "--no-ws", "--log-level", "error", "gradphoto.site.wsgi:application",
        ],
    )  # fmt: skip
    click.echo(f"GradPhoto: http://127.0.0.1:{port}/   (Ctrl+C 结束 to stop)")
    _forward_end(server)
    try:
        server.wait()
    finally:
        for process in (server, worker):
            stop(process)


def _forward_end(server: subprocess.Popen[bytes]) -> None:
    def end(signum: int, frame: FrameType | None) -> None:
        server.terminate()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)


def start_worker(*, behind: bool = False) -> subprocess.Popen[bytes]:
    """The background worker as a process of its own; ``behind`` all others for the processor."""
    quiet = {**os.environ, "PYTHONWARNINGS": "ignore:::celery.platforms", "TF_CPP_MIN_LOG_LEVEL": "2"}
    command = [sys.executable, "-m", "gradphoto.cli", "worker", *(["--behind"] if behind else [])]
    # Windows gives a priority at birth; elsewhere the worker steps back by itself.
    lower = getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0) if behind else 0
    return subprocess.Popen(command, env=quiet, creationflags=lower)  # noqa: S603 - our own interpreter


def stop(process: subprocess.Popen[bytes] | None, patience_s: float = 10) -> None:
    """End a process that we started, gently first."""
    if process is None or process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(patience_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def step_back() -> None:
    """From now on this process works when nobody else wants the processor: a verdict goes before a rendering."""
    if hasattr(os, "nice"):
        os.nice(10)


def run_worker() -> None:
    """Work off jobs in this process; a thread beside it re-issues what a dead worker left."""
    from gradphoto.site.celery import app

    threading.Thread(target=_sweep_for_ever, daemon=True, name="sweeper").start()
    # One process, one job at a time: handlers use the cores themselves, and the pool works on Windows, too.
    app.worker_main(
        ["-q", "worker", "-P", "solo", "--without-gossip", "--without-mingle", "--without-heartbeat", "-l", "warning"]
    )


def _sweep_for_ever() -> None:
    import logging

    from django.db import close_old_connections

    from gradphoto.apps.core import jobs

    ticker = threading.Event()
    while not ticker.wait(_SWEEP_S):
        try:
            jobs.sweep()
        except Exception:
            # The database may be away for a moment; the next round tries again.
            logging.getLogger(__name__).exception("sweeper.failed")
        close_old_connections()
