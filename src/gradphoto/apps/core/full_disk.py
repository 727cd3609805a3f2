"""A database that finds no room: the same clear state as a full disk for photographs, not a broken page."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError

from gradphoto.apps.core.blobs import StoreRefusal
from gradphoto.engine.wording import Wording

_PG_DISK_FULL = "53100"
_REMEDY = Wording(
    "请立即停止刷证，清理磁盘空间后再做一次；已确认的登记和照片都在，没有写入的这一步没有生效。",
    "Stop swiping, make room on the disk and do it once more; what was acknowledged is there, and the step that was not "
    "written has not happened.",
)


def store_refusal(error: DatabaseError) -> StoreRefusal | None:
    """What a person is told when the database cannot write; ``None`` for any other trouble."""
    cause = error.__cause__
    if isinstance(cause, sqlite3.Error):
        known = getattr(cause, "sqlite_errorcode", 0) & 0xFF
        full, failed = known == sqlite3.SQLITE_FULL, known == sqlite3.SQLITE_IOERR
    else:
        full, failed = getattr(cause, "sqlstate", "") == _PG_DISK_FULL, False
    if full:
        said = Wording("磁盘空间已满，数据库无法写入。", "The disk is full; the database cannot be written.")
        return StoreRefusal("core.disk_full", said, _REMEDY)
    if failed:
        said = Wording("磁盘写入失败，数据库无法写入。", "The disk could not be written by the database.")
        return StoreRefusal("core.disk_failed", said, _REMEDY)
    return None


@contextmanager
def room_to_write() -> Iterator[None]:
    """A database without room becomes a ``StoreRefusal``; put it around the transaction, so that all is undone."""
    try:
        yield
    except DatabaseError as error:
        if (refusal := store_refusal(error)) is not None:
            raise refusal from error
        raise
