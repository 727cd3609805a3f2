"""The data directory is its owner's alone: 0700, and every file in it 0600, whoever makes it."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.wording import Wording


def keep_private(data_dir: Path) -> None:
    """From now on this process makes files for its owner only; what lay open before is closed. No-op on Windows.

    Raises ``settings.data_unusable`` for a place where no directory can be.
    """
    if os.name != "posix":
        return
    os.umask(0o077)
    try:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise GradPhotoError(
            "settings.data_unusable",
            Wording(f"GRADPHOTO_DATA：{data_dir} 不能作为数据目录（{error.strerror}）。",
                    f"GRADPHOTO_DATA: {data_dir} cannot be the data directory ({error.strerror})."),
            Wording("请改为本账户可以写入的文件夹。", "Name a folder that this account may write to."),
        ) from error  # fmt: skip
    # Another owner's directory (a container's volume) stays as that owner has made it; FAT keeps no rights and says so in its way.
    with contextlib.suppress(OSError):
        data_dir.chmod(0o700)
        for database in data_dir.glob("*.sqlite3*"):
            database.chmod(0o600)
