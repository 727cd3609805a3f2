"""A file that is either there whole and on disk, or not at all: written beside its place, synced, renamed."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

TEMPORARY = ".writing-"
"""How a file's name begins while it is being written; what still bears it after a crash was never acknowledged."""


def write_durably(path: Path, chunks: bytes | Iterable[bytes], *, private: bool = False) -> None:
    """Write ``path`` so that it survives a power cut the moment this returns. ``OSError`` leaves nothing behind.

    ``private``: readable by its owner only, where the system knows owners.
    """
    _make_folder(path.parent)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=TEMPORARY)
    try:
        with os.fdopen(handle, "wb") as stream:
            for chunk in (chunks,) if isinstance(chunks, bytes) else chunks:
                stream.write(chunk)
            stream.flush()
            os.fsync(stream.fileno())
        if not private and os.name == "posix":
            # A stick that another account has mounted keeps no rights of files, and refuses to be told any.
            with contextlib.suppress(OSError):
                os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    sync_folder(path.parent)


def _make_folder(folder: Path) -> None:
    """Make ``folder`` and put each new name on disk: a file in a folder that is lost with the power is lost, too."""
    missing = []
    while not folder.is_dir():
        missing.append(folder)
        folder = folder.parent
    for one in reversed(missing):
        one.mkdir(exist_ok=True)
        sync_folder(one.parent)


def sync_folder(folder: Path) -> None:
    """Make renames in ``folder`` durable; Windows has no such call and needs none."""
    if hasattr(os, "O_DIRECTORY"):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        except OSError as error:
            # A USB stick's FAT driver may not sync folders; the file itself is on disk.
            if error.errno not in _CANNOT_SYNC:
                raise
        finally:
            os.close(descriptor)


_CANNOT_SYNC = frozenset({errno.EINVAL, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS})
