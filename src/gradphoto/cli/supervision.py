"""The processes of an installation under one parent: started, kept running, ended when told.

Each part (server, worker, devices) has a session and process group of its own, so that Ctrl+C in a terminal and a service
manager's signal reach the parent alone. The parent signals each part once, waits with a limit, then kills the group; a second
signal kills at once. A part that ends by itself is started again. A part whose parent was killed sees the end of its
standard input and ends, too (``end_with_parent``).
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from types import FrameType

import click

GRACE_S = 10.0
"""How long a part may take to end before it is killed."""
_POLL_S = 0.25
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.5, 30.0
_STEADY_S = 20.0
"""A part that ran so long is healthy: its next end begins a new count."""
_MOST_QUICK_ENDS = 6
_SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)]

_alive: set[subprocess.Popen[bytes]] = set()
"""What this process has started and not yet seen end."""


@dataclass(eq=False)
class Part:
    """One child process that is kept running. ``title`` is how a person calls it."""

    title: str
    command: Sequence[str]
    environment: dict[str, str] | None = None
    creation_flags: int = 0
    process: subprocess.Popen[bytes] | None = None
    quick_ends: int = 0
    _started: float = field(default=0.0, repr=False)
    _due: float = field(default=0.0, repr=False)

    def start(self) -> None:
        """Begin the process, in a group of its own and with its lifeline as standard input."""
        new_group = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
        self.process = subprocess.Popen(  # noqa: S603 - our own interpreter
            [sys.executable, "-m", "gradphoto.cli", *self.command],
            env=self.environment, stdin=subprocess.PIPE, start_new_session=True,
            creationflags=self.creation_flags | new_group,
        )  # fmt: skip
        _alive.add(self.process)
        self._started = time.monotonic()

    def tend(self) -> None:
        """Start the process again when it ended by itself, after a pause that grows while it ends quickly."""
        now = time.monotonic()
        if self.process is not None and (status := self.process.poll()) is not None:
            _kill_group(self.process)  # whatever it left behind
            self.process = None
            self.quick_ends = 1 if now - self._started > _STEADY_S else self.quick_ends + 1
            self._due = now + min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2 ** (self.quick_ends - 1))
            click.secho(f"{self.title} 退出（{status}），将重新启动 ended and is started again", fg="red", err=True)
        if self.process is None and now >= self._due and not self.hopeless:
            self.start()

    @property
    def hopeless(self) -> bool:
        """Whether it ended so often at once that starting it again helps nobody."""
        return self.quick_ends >= _MOST_QUICK_ENDS


class _Told:
    """Counts the signals that arrive; a handler that takes no lock, and a wait that a signal ends."""

    def __init__(self) -> None:
        self.count = 0
        self._wake, self._waker = socket.socketpair()
        for end in (self._wake, self._waker):
            end.setblocking(False)

    def __enter__(self) -> _Told:
        self._before = [(number, signal.signal(number, self._count)) for number in _SIGNALS]
        self._fd_before = signal.set_wakeup_fd(self._waker.fileno(), warn_on_full_buffer=False)
        return self

    def __exit__(self, *error: object) -> None:
        signal.set_wakeup_fd(self._fd_before)
        for number, handler in self._before:
            signal.signal(number, handler)
        self._wake.close()
        self._waker.close()

    def _count(self, number: int, frame: FrameType | None) -> None:
        self.count += 1

    def wait(self, seconds: float) -> None:
        """Until a signal comes, at most so long."""
        if select.select([self._wake], [], [], seconds)[0]:
            self._wake.recv(4096)


def run_parts(parts: Sequence[Part], started: Callable[[], None]) -> int:
    """Run the parts until a signal comes; returns the exit status: 0 when told to end, 1 when a part cannot be kept up."""
    with _Told() as told:
        for part in parts:
            part.start()
        started()
        while not told.count and not any(part.hopeless for part in parts):
            told.wait(_POLL_S)
            if not told.count:
                for part in parts:
                    part.tend()
        hopeless = [part for part in parts if part.hopeless]
        for part in hopeless:
            click.secho(f"{part.title} 反复退出，已停止 keeps ending; giving up", fg="red", err=True)
        _end([part.process for part in parts if part.process is not None], told)
    return 1 if hopeless else 0


def _end(processes: Sequence[subprocess.Popen[bytes]], told: _Told) -> None:
    """Signal each once, wait, kill what is left; the second signal of an impatient person kills at once."""
    for process in processes:
        if process.poll() is None:
            process.terminate()
    deadline, asked = time.monotonic() + GRACE_S, told.count
    while any(process.poll() is None for process in processes):
        if time.monotonic() > deadline or told.count > max(1, asked):
            break
        told.wait(0.05)
    _kill(processes)


def stop(process: subprocess.Popen[bytes] | None, patience_s: float = GRACE_S) -> None:
    """End one process that we started, gently first."""
    if process is None:
        return
    if process.poll() is None:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(patience_s)
    _kill([process])


def _kill(processes: Iterable[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        _kill_group(process)
        if process.stdin is not None:
            process.stdin.close()
        process.wait()
        _alive.discard(process)


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    """The process and everything it started: its group bears its number, also when it has ended itself."""
    _alive.discard(process)
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError, PermissionError):  # nobody is left, or ended and not yet seen
            os.killpg(process.pid, signal.SIGKILL)
    elif process.poll() is None:
        process.kill()


def end_at_once_when_told() -> None:
    """While an installation is only being prepared, a signal ends this process on the spot, with what it has started.

    Nothing can swallow that: no exception travels through foreign code. What was being written is a transaction.
    """

    def end(number: int, frame: FrameType | None) -> None:
        for process in list(_alive):
            _kill_group(process)
        os.write(2, "\n已停止 stopped\n".encode())
        os._exit(128 + number)

    for number in _SIGNALS:
        signal.signal(number, end)


def end_with_parent(grace_s: float) -> None:
    """In a part: end when the parent is gone, however it went. Standard input is a pipe whose other end only it holds."""
    threading.Thread(target=_watch_parent, args=(grace_s,), name="parent", daemon=True).start()


def _watch_parent(grace_s: float) -> None:
    with contextlib.suppress(OSError):
        while os.read(0, 64):
            pass
    if grace_s:
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(grace_s)
    if hasattr(os, "killpg") and os.getpgrp() == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(1)
