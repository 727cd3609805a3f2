"""The server's own process: granian with its workers, in a process group of its own (see ``supervision``).

Two things granian leaves open are closed here. Its handler sets an ``Event``, whose lock is not re-entrant: a second signal in
the middle of the first, or one that meets the main loop as it begins to wait, deadlocks it. And a worker that is told to end
between its fork and its own handlers runs its parent's handler and goes on for ever.
"""

from __future__ import annotations

import _thread
import ctypes
import os
import shutil
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any

from granian.constants import Interfaces, SSLProtocols
from granian.log import LogLevels
from granian.server import Server

from gradphoto.site.environment import DATA
from gradphoto.site.temporary_files import use_own_folder

THREADS = 8
"""Of each worker: every thread keeps a database connection, and granian's own default is several hundred."""
_GRACE_S = 6
"""For requests that are under way; less than the parent's own patience."""
_PR_SET_PDEATHSIG = 1


class _Server(Server):  # type: ignore[misc,valid-type]
    """granian's parent with a handler that takes no lock."""

    def signal_handler_interrupt(self, *received: Any) -> None:
        self.interrupt_signal = True
        _thread.start_new_thread(self.main_loop_interrupt.set, ())


def run_server(host: str, port: int, workers: int, cert: Path | None, key: Path | None) -> None:
    """Serve until SIGTERM. Only the parent signals; Ctrl+C is none of this process's business."""
    signal.signal(signal.SIGTERM, _leave)  # until granian has its own
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    from gradphoto.cli.supervision import end_with_parent

    end_with_parent(_GRACE_S + 2)
    if hasattr(os, "register_at_fork"):
        _prepare_forks()
    _count_together()
    use_own_folder(DATA.read().resolve())
    _Server(
        "gradphoto.site.wsgi:application",
        address=host, port=port, interface=Interfaces.WSGI, workers=workers, blocking_threads=THREADS, websockets=False,
        respawn_failed_workers=True, workers_kill_timeout=_GRACE_S, log_level=LogLevels.error,
        ssl_cert=cert, ssl_key=key, ssl_protocol_min=SSLProtocols.tls12,
    ).serve()  # fmt: skip


def _count_together() -> None:
    """The processes of the server count their requests into one folder, which begins empty."""
    folder = DATA.read().resolve() / "metrics"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)


def _leave(number: int, frame: FrameType | None) -> None:
    os._exit(0)


def _prepare_forks() -> None:
    """A forked worker begins with the default for SIGTERM, and is killed with this process (Linux)."""
    parent = os.getpid()
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None

    def begin() -> None:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        if libc is not None:
            libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)

    os.register_at_fork(after_in_child=begin)
