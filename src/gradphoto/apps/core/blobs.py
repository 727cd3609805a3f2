"""The content-addressed store: a photo is kept by its SHA-256, written once, never altered."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, storages

from gradphoto.apps.core.errors import refuse
from gradphoto.apps.core.models import Blob


class FolderBlobStorage(FileSystemStorage):
    """A folder in which a file is either there whole and on disk, or not at all."""

    def _save(self, name: str, content: Any) -> str:
        final = Path(self.path(name))
        final.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=final.parent, prefix=".writing-")
        try:
            with os.fdopen(handle, "wb") as stream:
                for chunk in content.chunks():
                    stream.write(chunk)
                stream.flush()
                os.fsync(stream.fileno())
            os.replace(temporary, final)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(temporary)
            raise
        _sync_folder(final.parent)
        return name


def _sync_folder(folder: Path) -> None:
    """Make the rename itself durable; Windows has no such call and needs none."""
    if hasattr(os, "O_DIRECTORY"):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def put(data: bytes, media_type: str) -> Blob:
    """Keep ``data`` and return its record. Keeping the same bytes again returns the same record."""
    digest = hashlib.sha256(data).hexdigest()
    storage = storages["blobs"]
    name = _name(digest)
    if not storage.exists(name):
        storage.save(name, ContentFile(data))
    blob, _ = Blob.objects.get_or_create(sha256=digest, defaults={"size_bytes": len(data), "media_type": media_type})
    return blob


def read(blob: Blob) -> bytes:
    """The bytes, proven against their name. A missing or altered file is a refusal, never a wrong picture."""
    try:
        with storages["blobs"].open(_name(blob.sha256)) as stream:
            data: bytes = stream.read()
    except FileNotFoundError:
        data = b""
    if hashlib.sha256(data).hexdigest() != blob.sha256:
        raise refuse(
            "core.blob_damaged",
            "存储的文件缺失或已损坏。",
            "A stored file is missing or damaged.",
            "请从备份恢复数据目录，再重试。",
            "Restore the data directory from the backup and try again.",
        )
    return data


def _name(digest: str) -> str:
    return f"{digest[:2]}/{digest[2:4]}/{digest}"
