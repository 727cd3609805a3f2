"""The data directory is its owner's alone: 0700, and every file in it 0600, whoever makes it."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path


def keep_private(data_dir: Path) -> None:
    """From now on this process makes files for its owner only; what lay open before is closed. No-op on Windows."""
    if os.name != "posix":
        return
    os.umask(0o077)
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    # Another owner's directory (a container's volume) stays as that owner has made it.
    with contextlib.suppress(PermissionError):
        data_dir.chmod(0o700)
        for database in data_dir.glob("*.sqlite3*"):
            database.chmod(0o600)
