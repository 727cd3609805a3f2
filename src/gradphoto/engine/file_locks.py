"""A lock on an open file, and what a file system that knows none answers (shares of a network, drivers beside the kernel)."""

from __future__ import annotations

import errno
import os
from typing import Any

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

_NO_LOCKS_HERE = frozenset({errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP, errno.EINVAL, errno.ENOTTY})


def locked(descriptor: int, *, wait: bool = False) -> bool | None:
    """Whether this process holds the file from now on, until it closes it. ``False``: another one does (with ``wait`` only
    on Windows, after ten seconds). ``None``: nobody can, as the file system knows no locks; whoever waited for one would wait
    for ever."""
    try:
        if fcntl is not None:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        else:
            _lock_on_windows(descriptor, wait=wait)
    except OSError as error:
        return None if error.errno in _NO_LOCKS_HERE else False
    return True


def _lock_on_windows(descriptor: int, *, wait: bool) -> None:
    """One byte; an open file that lies on this computer can always be locked. Who waits is given ten seconds."""
    if os.name == "nt":
        import msvcrt

        windows: Any = msvcrt
        windows.locking(descriptor, windows.LK_LOCK if wait else windows.LK_NBLCK, 1)
