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

from gradphoto.engine.file_locks import locked

FOLDER = "tmp"
_LOCK = ".lock"
_held: list[IO[bytes]] = []
"""The locks of this process: they go with it, however it ends."""


def use_own_folder(data_dir: Path) -> Path | None:
    """From now on this process and its children lay temporary files there; what dead processes left is removed."""
    if os.name == "nt":  # its temporary folder is the account's own already
        return None
    place = data_dir / FOLDER
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (place / _LOCK).open("wb") as turn:  # a folder that is just being made must not look left behind
        locked(turn.fileno(), wait=True)
        remove_left_behind(place)
        folder = Path(tempfile.mkdtemp(dir=place))
        lock = (folder / _LOCK).open("wb")
        locked(lock.fileno(), wait=True)
    _held.append(lock)
    tempfile.tempdir = str(folder)
    atexit.register(_leave, os.getpid(), folder)
    return folder


def remove_left_behind(place: Path) -> int:
    """Folders whose process is gone; returns how many. Where no locks are known, none is: it may be somebody's."""
    removed = 0
    for folder in place.iterdir():
        if folder.is_dir() and not _is_in_use(folder):
            shutil.rmtree(folder, ignore_errors=True)
            removed += 1
    return removed


def _is_in_use(folder: Path) -> bool:
    try:
        with (folder / _LOCK).open("rb") as lock:
            return locked(lock.fileno()) is not True
    except FileNotFoundError:
        return False


def _leave(pid: int, folder: Path) -> None:
    if os.getpid() == pid:
        shutil.rmtree(folder, ignore_errors=True)
