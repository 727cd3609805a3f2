"""Starting ``gradphoto`` as a process of its own, and finding everything it started."""

from __future__ import annotations

import contextlib
import os
import pty
import select
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from forked import forge
from patience import PROCESS_S, until

ROOT = Path(__file__).parents[2]


def environment(data: Path, **given: str) -> dict[str, str]:
    """Nothing of the test's own settings; the models stay where they are."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("GRADPHOTO_", "DJANGO_"))}
    if "GRADPHOTO_MODELS" in os.environ:
        kept["GRADPHOTO_MODELS"] = os.environ["GRADPHOTO_MODELS"]
    return {**kept, "PYTHONPATH": str(ROOT / "src"), "GRADPHOTO_DATA": str(data), **given}


def run(data: Path, *arguments: str, **given: str) -> subprocess.CompletedProcess[str]:
    """One command to its end."""
    return forge().run(arguments, environment(data, **given))


def of_installation(data: Path) -> list[int]:
    """Every living process that was given this data directory, however far it has moved from its parent."""
    mark, found = f"GRADPHOTO_DATA={data}".encode(), []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdigit() and mark in (entry / "environ").read_bytes().split(b"\0"):
                state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
                if state != "Z":
                    found.append(int(entry.name))
    return found


def answers(address: str) -> int:
    """The status of a page; 0 when nobody listens."""
    try:
        with urllib.request.urlopen(address, timeout=PROCESS_S) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


class Terminal:
    """A command in a terminal of its own: keys pressed there reach its whole foreground group."""

    def __init__(self, data: Path, *arguments: str, **given: str) -> None:
        self.data = data
        self.pid, self._screen = pty.fork()
        if self.pid == 0:
            command = [sys.executable, "-m", "gradphoto.cli", *arguments]
            os.execvpe(command[0], command, environment(data, **given))
        self.said = ""
        self.status: int | None = None

    def press(self, key: bytes) -> None:
        os.write(self._screen, key)

    def read(self, seconds: float = 0.05) -> str:
        """What has come on the screen so far."""
        with contextlib.suppress(OSError):
            while select.select([self._screen], [], [], seconds)[0]:
                more = os.read(self._screen, 65536)
                if not more:
                    break
                self.said += more.decode(errors="replace")
        return self.said

    def wait_for(self, text: str) -> None:
        until(lambda: text in self.read(), told=lambda: self.said)

    def ended(self) -> bool:
        """Whether it is over; ``status`` then holds how."""
        self.read(0)
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = status
        return self.status is not None

    def close(self) -> None:
        for pid in of_installation(self.data):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        until(self.ended)
        os.close(self._screen)


@contextlib.contextmanager
def terminal(data: Path, *arguments: str, **given: str) -> Iterator[Terminal]:
    opened = Terminal(data, *arguments, **given)
    try:
        yield opened
    finally:
        opened.close()
