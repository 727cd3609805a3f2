"""Starting the parts of an installation: database, server, worker."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import click

from gradphoto.apps.core.queues import ALL, Queue, written
from gradphoto.cli.listening import Listening, check_certificate, hold_port
from gradphoto.cli.supervision import Part, end_at_once_when_told, run_parts, stop
from gradphoto.site.starting import start_django

__all__ = ["prepare", "run_worker", "serve_site", "start_worker", "step_back", "stop"]
_SWEEP_S = 5.0


def prepare() -> None:
    """Bring the database to the present schema; a new data directory becomes an installation."""
    start_django()
    from django.conf import settings

    from gradphoto.site.migrating import migrate

    migrate(
        lambda: click.echo(
            "另一进程正在升级数据库，等待中 another process is migrating the database; waiting", err=True
        )
    )
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
    from gradphoto.apps.core.key_register import require_known_keys
    from gradphoto.site.keys import publish_public_keys
    from gradphoto.site.settings_trail import note_settings

    require_known_keys()
    note_settings()
    publish_public_keys(settings.KEYRING, settings.DATA_DIR)


def serve_site(
    where: Listening,
    workers: int,
    *,
    with_worker: bool,
    behind: bool = False,
    beside: Sequence[Part] = (),
    for_others: bool = True,
) -> int:
    """Serve until interrupted; worker and further parts ``beside`` end with the server. Returns the exit status.

    ``behind``: the worker works when nobody waits. ``for_others``: people elsewhere use the site, so it needs its address.
    Raises ``server.port_taken`` before anything is started.
    """
    end_at_once_when_told()
    check_certificate(where.cert, where.key)
    held = hold_port(where)
    unset = _choose_site_url(where) and for_others
    prepare()
    from django.db import connections

    connections.close_all()  # this process only watches from here on
    parts = [_server_part(where, workers), *(_worker_parts(behind=behind) if with_worker else []), *beside]

    def started() -> None:
        click.echo(f"GradPhoto: {where.own_address}/   (Ctrl+C 结束 to stop)")
        if unset:
            _tell_of_site_url(where)

    try:
        return run_parts(parts, started)
    finally:
        held.close()


def _choose_site_url(where: Listening) -> bool:
    """Without ``GRADPHOTO_SITE_URL`` addresses name this machine; returns whether that is so."""
    from gradphoto.site.environment import HOSTS, SITE_URL, TLS

    if where.cert and TLS.read() is None:
        os.environ[TLS.name] = "1"
    if SITE_URL.read() or HOSTS.read():
        return not SITE_URL.read()
    os.environ[SITE_URL.name] = where.own_address
    return True


def _tell_of_site_url(where: Listening) -> None:
    from django.conf import settings

    click.secho(
        f"未设置 GRADPHOTO_SITE_URL：打印的地址、二维码和消息都写成 {settings.SITE_URL}\n"
        f"GRADPHOTO_SITE_URL is not set: printed addresses, QR codes and messages say {settings.SITE_URL}",
        fg="yellow", bold=where.is_open_to_others, err=True,
    )  # fmt: skip


def _server_part(where: Listening, workers: int) -> Part:
    tls = [f"--tls-cert={where.cert}", f"--tls-key={where.key}"] if where.cert else []
    listen = [f"--host={where.host}", f"--port={where.port}", f"--workers={workers}"]
    return Part("服务器 the server", ["web-process", *listen, *tls])


def _worker_parts(*, behind: bool) -> list[Part]:
    """One worker for everything, and one that keeps free for what people wait for; a laptop in a room has the first only."""
    everything = _worker_part(behind=behind)
    return [everything] if behind else [everything, _worker_part(behind=False, taken=(Queue.QUICK,))]


def _worker_part(*, behind: bool, taken: Sequence[Queue] = ALL) -> Part:
    quiet = {**os.environ, "PYTHONWARNINGS": "ignore:::celery.platforms"}
    command = ["worker", "--with-parent", f"--queues={written(taken)}", *(["--behind"] if behind else [])]
    # Windows gives a priority at birth; elsewhere the worker steps back by itself.
    lower = getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0) if behind else 0
    return Part(f"后台任务 the worker ({written(taken)})", command, quiet, lower)


def as_typed() -> str:
    """This command as it is typed here: with its folder where the shell does not find it by its name."""
    started = Path(sys.argv[0])
    found = started.name != "gradphoto" or shutil.which("gradphoto") is not None
    return "gradphoto" if found else str(started)


def start_worker(*, behind: bool = False) -> subprocess.Popen[bytes]:
    """The background worker as a process of its own; ``behind`` all others for the processor."""
    part = _worker_part(behind=behind)
    part.start()
    assert part.process is not None
    return part.process


def step_back() -> None:
    """From now on this process works when nobody else wants the processor: a verdict goes before a rendering."""
    if hasattr(os, "nice"):
        os.nice(10)


def run_worker(taken: Sequence[Queue] = ALL) -> None:
    """Work off the jobs of some queues in this process; a thread beside it re-issues what a dead worker left."""
    from gradphoto.apps.core import heartbeats
    from gradphoto.site.celery import app
    from gradphoto.site.environment import DATA
    from gradphoto.site.temporary_files import use_own_folder

    use_own_folder(DATA.read().resolve())
    threading.Thread(target=_sweep_for_ever, args=(taken,), daemon=True, name="sweeper").start()
    # One process, one job at a time: handlers use the cores themselves, and the pool works on Windows, too.
    options = [
        "-Q",
        written(taken),
        "-P",
        "solo",
        "--without-gossip",
        "--without-mingle",
        "--without-heartbeat",
        "-l",
        "warning",
    ]
    try:
        app.worker_main(["-q", "worker", *options])
    finally:
        heartbeats.leave(heartbeats.own_name())


def _sweep_for_ever(taken: Sequence[Queue] = ALL) -> None:
    import logging

    from django.db import close_old_connections

    from gradphoto.apps.core import heartbeats, jobs, tasks

    name = heartbeats.own_name()
    while True:
        try:
            heartbeats.beat(name, jobs.in_hand(), taken)
            jobs.sweep()
            tasks.upkeep()
        except Exception:
            # The database may be away for a moment; the next round tries again.
            logging.getLogger(__name__).exception("sweeper.failed")
        close_old_connections()
        time.sleep(_SWEEP_S)
