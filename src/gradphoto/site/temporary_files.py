"""Files on their way (an export being written, an upload, a paper's data) may hold whole ID numbers in the clear.

They lie in the data directory, whose owner's alone it is, and not in the machine's ``/tmp``; each process has a folder of
its own and holds its lock, so that the next start finds what a killed one left, and removes it.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path
from typing import IO

try:
    import fcntl
except ImportError:  # Windows: its temporary folder is the account's own already
    fcntl = None  # type: ignore[assignment]

FOLDER = "tmp"
_LOCK = ".lock"
_held: list[IO[bytes]] = []
"""The locks of this process: they go with it, however it ends."""


def use_own_folder(data_dir: Path) -> Path | None:
    """From now on this process and its children lay temporary files there; what dead processes left is removed."""
    if fcntl is None:
        return None
    place = data_dir / FOLDER
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (place / _LOCK).open("wb") as turn:  # a folder that is just being made must not look left behind
        fcntl.flock(turn, fcntl.LOCK_EX)
        remove_left_behind(place)
        folder = Path(tempfile.mkdtemp(dir=place))
        lock = (folder / _LOCK).open("wb")
        fcntl.flock(lock, fcntl.LOCK_EX)
    _held.append(lock)
    tempfile.tempdir = str(folder)
    atexit.register(_leave, os.getpid(), folder)
    return folder


def remove_left_behind(place: Path) -> int:
    """Folders whose process is gone; returns how many."""
    removed = 0
    for folder in place.iterdir():
        if folder.is_dir() and not _is_in_use(folder):
            shutil.rmtree(folder, ignore_errors=True)
            removed += 1
    return removed


def _is_in_use(folder: Path) -> bool:
    try:
        with (folder / _LOCK).open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        return False
    return False


def _leave(pid: int, folder: Path) -> None:
    if os.getpid() == pid:
        shutil.rmtree(folder, ignore_errors=True)
