"""The content-addressed store: a photo is kept by its SHA-256, written once, never altered."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage, storages
from django.db import transaction

from gradphoto.apps.core.errors import Refusal, refuse
from gradphoto.apps.core.models import Blob
from gradphoto.engine.packet.durable import TEMPORARY, write_durably
from gradphoto.engine.wording import Wording


class FolderBlobStorage(FileSystemStorage):
    """A folder in which a file is either there whole and on disk, or not at all."""

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """The name itself: it says what is in the file, so two writers of one name write the same."""
        return name

    def _save(self, name: str, content: Any) -> str:
        final = Path(self.path(name))
        try:
            write_durably(final, content.chunks(), private=True)
        except PermissionError:
            # Windows does not replace a file that somebody reads; the same bytes are there already.
            if not final.exists():
                raise
        return name


def put(data: bytes, media_type: str) -> Blob:
    """Keep ``data`` and return its record, once it is on disk. Keeping the same bytes again returns the same record.

    Raises ``StoreRefusal`` (``core.disk_full``, ``core.disk_failed``); nothing is left behind then.
    """
    digest = hashlib.sha256(data).hexdigest()
    storage = storages["blobs"]
    name = name_of(digest)
    if not storage.exists(name):
        try:
            storage.save(name, ContentFile(data))
        except OSError as error:
            raise _store_failed(error) from error
    blob, _ = Blob.objects.get_or_create(sha256=digest, defaults={"size_bytes": len(data), "media_type": media_type})
    return blob


def put_file(path: Path, media_type: str) -> Blob:
    """Keep a file's bytes as ``put`` does, without holding them whole."""
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    storage = storages["blobs"]
    name = name_of(digest)
    if not storage.exists(name):
        try:
            with path.open("rb") as stream:
                storage.save(name, File(stream))
        except OSError as error:
            raise _store_failed(error) from error
    size = path.stat().st_size
    blob, _ = Blob.objects.get_or_create(sha256=digest, defaults={"size_bytes": size, "media_type": media_type})
    return blob


def open_proven(blob: Blob) -> File:
    """The file open for reading, proven whole against its name first. Raises ``core.blob_damaged`` as ``read`` does."""
    try:
        stream = storages["blobs"].open(name_of(blob.sha256))
    except FileNotFoundError:
        raise _damaged() from None
    if hashlib.file_digest(stream, "sha256").hexdigest() != blob.sha256:
        stream.close()
        raise _damaged()
    stream.seek(0)
    return stream


def read(blob: Blob) -> bytes:
    """The bytes, proven against their name. A missing or altered file is a refusal, never a wrong picture."""
    try:
        with storages["blobs"].open(name_of(blob.sha256)) as stream:
            data: bytes = stream.read()
    except FileNotFoundError:
        data = b""
    if hashlib.sha256(data).hexdigest() != blob.sha256:
        raise _damaged()
    return data


def _damaged() -> Refusal:
    return refuse(
        "core.blob_damaged",
        "存储的文件缺失或已损坏。",
        "A stored file is missing or damaged.",
        "请从备份恢复数据目录，再重试。",
        "Restore the data directory from the backup and try again.",
    )


class StoreRefusal(Refusal):
    """The store cannot keep anything now. What was to be kept is still good: hand it in again later."""

    status = 507


def _store_failed(error: OSError) -> StoreRefusal:
    if error.errno in _FULL:
        return StoreRefusal(
            "core.disk_full",
            Wording("磁盘空间已满，照片未能保存。", "The disk is full; the photograph could not be kept."),
            Wording(
                "请立即停止刷证，清理磁盘空间；照片仍在相机和接收文件夹中，腾出空间后会自动补收。",
                "Stop swiping and make room; the photograph is still in the camera and in its folder, and is taken in "
                "by itself once there is room.",
            ),
        )
    return StoreRefusal(
        "core.disk_failed",
        Wording("磁盘写入失败，照片未能保存。", "The disk could not be written; the photograph was not kept."),
        Wording("请检查磁盘连接和写入权限，然后重试。", "Check the disk and its permissions, then try again."),
    )


def forget(digests: Iterable[str]) -> None:
    """Remove bytes from the store once the present transaction is committed; their rows stay and say what was there."""

    def remove() -> None:
        for digest in digests:
            # Windows removes no file that somebody reads; the station does it at its next start.
            with contextlib.suppress(PermissionError):
                storages["blobs"].delete(name_of(digest))

    transaction.on_commit(remove)


_FULL = (errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC))


def tidy(older_than_s: float = 60.0) -> int:
    """Remove what a killed process left in the folder: unfinished writes, and files that no record names.

    Returns how many. For the start of a station; what is younger may be another process's work of this moment, whose
    row is not committed yet, and is left alone.
    """
    storage = storages["blobs"]
    if not isinstance(storage, FolderBlobStorage):
        return 0
    removed = 0
    known = set(Blob.objects.values_list("sha256", flat=True))
    before = time.time() - older_than_s
    for path in Path(storage.location).rglob("*"):
        if (
            path.is_file()
            and path.stat().st_mtime <= before
            and (path.name.startswith(TEMPORARY) or path.name not in known)
        ):
            path.unlink(missing_ok=True)
            removed += 1
    return removed


def name_of(digest: str) -> str:
    """Where the bytes with this SHA-256 lie in the store."""
    return f"{digest[:2]}/{digest[2:4]}/{digest}"
