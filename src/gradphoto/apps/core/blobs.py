"""The store of files.

Photographs are kept in the clear under their SHA-256: they are evidence, and two computers must agree on what they are.
Everything else (rosters, bank files, scans, exports, ledgers, packages) may hold whole ID numbers and is encrypted: chunk by
chunk with AES-256-GCM under a key of its own, which stands sealed in the database. Such a file has a random name, since a
hash of a small content would tell the content; that the same content was kept before is known by a keyed index.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import secrets
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage, storages
from django.db import models, transaction
from django.utils import timezone

from gradphoto.apps.core.encryption import BlindIndex, blind_index
from gradphoto.apps.core.models import Blob
from gradphoto.apps.core.store_errors import StoreRefusal, damaged, removed, store_errors
from gradphoto.engine.packet.durable import TEMPORARY, write_durably

__all__ = [
    "StoreRefusal", "columns_that_name_files", "forget", "forget_unnamed", "name_of", "open_proven", "put", "put_file", "put_photograph", "put_stream", "read", "stream",
    "tidy", "write_photograph",
]  # fmt: skip

_MAGIC = b"GPE1"
_CHUNK_BYTES = 64 * 1024
_TAG_BYTES = 16
_IN_MEMORY_BYTES = 8 << 20


class FolderBlobStorage(FileSystemStorage):
    """A folder in which a file is either there whole and on disk, or not at all."""

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """The name itself: it says what is in the file or is random, so two writers of one name write the same."""
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
    """Keep ``data`` encrypted and return its record, once it is on disk. The same content again returns the same record.

    Raises ``StoreRefusal``; nothing is left behind then.
    """
    index = content_index(hashlib.sha256(data).hexdigest())
    known = Blob.objects.filter(content_index=index, removed_at=None).order_by("created_at", "pk").first()
    if known is not None and _is_there(known.name):
        return known
    return put_stream((data,), media_type)


def put_stream(parts: Iterable[bytes], media_type: str) -> Blob:
    """Keep what ``parts`` yield, encrypted, in constant memory; always a file of its own. Raises ``StoreRefusal``."""
    name, secret = secrets.token_hex(32), secrets.token_bytes(32)
    sealing = _Sealing(parts, secret, name)
    with store_errors():
        storages["blobs"].save(name_of(name), File(io.BufferedReader(sealing, _CHUNK_BYTES), name))
    return Blob.objects.create(
        name=name, file_key=secret.hex(), content_index=content_index(sealing.plain.hexdigest()),
        size_bytes=sealing.size, media_type=media_type,
    )  # fmt: skip


def put_file(path: Path, media_type: str) -> Blob:
    """``put_stream`` for a file."""
    with path.open("rb") as stream:
        return put_stream(iter(lambda: stream.read(_CHUNK_BYTES), b""), media_type)


def write_photograph(data: bytes) -> str:
    """Only the bytes of a photograph, under their SHA-256 (returned), once they are on disk: before an action whose lock
    others wait for. Without a record they are cleared away as what no record names. Raises ``StoreRefusal``."""
    digest = hashlib.sha256(data).hexdigest()
    if not _is_there(digest):
        with store_errors():
            storages["blobs"].save(name_of(digest), ContentFile(data))
    return digest


def put_photograph(data: bytes, media_type: str = "image/jpeg") -> Blob:
    """Keep a photograph under its SHA-256, in the clear; the same bytes again return the same record.

    Raises ``StoreRefusal``; nothing is left behind then.
    """
    digest = write_photograph(data)
    blob, made = Blob.objects.get_or_create(name=digest, defaults={"size_bytes": len(data), "media_type": media_type})
    if not made and blob.removed_at is not None:
        Blob.objects.filter(pk=blob.pk).update(removed_at=None)
        blob.removed_at = None
    return blob


def read(blob: Blob) -> bytes:
    """The bytes, proven: against the SHA-256 that is a photograph's name, or by the seal of every chunk.

    Raises ``StoreRefusal``, ``core.blob_damaged``, ``core.blob_removed``.
    """
    if blob.file_key is not None:
        return b"".join(stream(blob))
    data = b"".join(_stored(blob))
    if hashlib.sha256(data).hexdigest() != blob.name:
        raise damaged()
    return data


def stream(blob: Blob) -> Iterator[bytes]:
    """The same piece by piece. Of an encrypted file each piece is proven before it is given; a photograph is not."""
    if blob.removed_at is not None:
        raise removed()
    if blob.file_key is None:
        return _stored(blob)
    return _unsealed(_stored(blob), bytes.fromhex(blob.file_key.decrypt()), blob.name)


def open_proven(blob: Blob) -> IO[bytes]:
    """The plain bytes as a file that can be read at any place, proven whole first; it lies on no disk under a name."""
    plain = tempfile.SpooledTemporaryFile(_IN_MEMORY_BYTES)  # noqa: SIM115 - the caller closes it
    digest = hashlib.sha256()
    for part in stream(blob):
        digest.update(part)
        plain.write(part)
    if blob.file_key is None and digest.hexdigest() != blob.name:
        plain.close()
        raise damaged()
    plain.seek(0)
    return plain


def content_index(sha256: str) -> BlindIndex:
    """Equal for equal contents; without the key it tells nothing, not even to who can guess the content."""
    return blind_index(f"gradphoto content\0{sha256}")


def _stored(blob: Blob) -> Iterator[bytes]:
    """The bytes as they lie in the store."""
    if blob.removed_at is not None:
        raise removed()
    try:
        with store_errors(), storages["blobs"].open(name_of(blob.name)) as held:
            while part := held.read(_CHUNK_BYTES):
                yield part
    except FileNotFoundError as error:
        raise damaged() from error


def _is_there(name: str) -> bool:
    with store_errors():
        return bool(storages["blobs"].exists(name_of(name)))


class _Sealing(io.RawIOBase):
    """A stream of plain parts read as the encrypted file: ``GPE1``, then chunks of 64 kB, each with its tag.

    The nonce counts the chunks and marks the last one, so that a file cut at a chunk's end is not whole.
    """

    def __init__(self, parts: Iterable[bytes], secret: bytes, name: str) -> None:
        super().__init__()
        self.plain, self.size = hashlib.sha256(), 0
        self._parts, self._cipher, self._bound_to = iter(parts), AESGCM(secret), name.encode()
        self._waiting, self._ready, self._count, self._ended = bytearray(), bytearray(_MAGIC), 0, False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._ready and not self._ended:
            self._next_chunk()
        taken = self._ready[: len(buffer)]
        buffer[: len(taken)] = taken
        del self._ready[: len(taken)]
        return len(taken)

    def _next_chunk(self) -> None:
        # One byte more than a chunk must be waiting before it is known not to be the last.
        while len(self._waiting) <= _CHUNK_BYTES:
            part = next(self._parts, None)
            if part is None:
                self._ended = True
                break
            self.plain.update(part)
            self.size += len(part)
            self._waiting += part
        chunk = bytes(self._waiting[:_CHUNK_BYTES])
        del self._waiting[:_CHUNK_BYTES]
        self._ended = self._ended and not self._waiting
        self._ready += self._cipher.encrypt(_nonce(self._count, last=self._ended), chunk, self._bound_to)
        self._count += 1


def _unsealed(stored: Iterator[bytes], secret: bytes, name: str) -> Iterator[bytes]:
    cipher, waiting, count = AESGCM(secret), bytearray(), 0
    whole, began = _CHUNK_BYTES + _TAG_BYTES, False
    for part in stored:
        waiting += part
        if not began and len(waiting) >= len(_MAGIC):
            if waiting[: len(_MAGIC)] != _MAGIC:
                raise damaged()
            del waiting[: len(_MAGIC)]
            began = True
        while began and len(waiting) > whole:
            yield _open_chunk(cipher, bytes(waiting[:whole]), name, count, last=False)
            del waiting[:whole]
            count += 1
    if not began:
        raise damaged()
    yield _open_chunk(cipher, bytes(waiting), name, count, last=True)


def _open_chunk(cipher: AESGCM, chunk: bytes, name: str, count: int, *, last: bool) -> bytes:
    try:
        return cipher.decrypt(_nonce(count, last=last), chunk, name.encode())
    except (InvalidTag, ValueError) as error:
        raise damaged() from error


def _nonce(count: int, *, last: bool) -> bytes:
    return count.to_bytes(11, "big") + (b"\x01" if last else b"\x00")


def forget(names: Iterable[str]) -> None:
    """Remove files from the store once the present transaction is committed; their rows stay and say what was there.

    Of an encrypted file the key goes with it, so that a copy of it in a backup of the store opens no more.
    """
    gone = list(names)
    for blob in Blob.objects.filter(pk__in=gone):
        blob.file_key = None  # type: ignore[assignment]
        blob.content_index, blob.removed_at = "", timezone.now()
        blob.save(update_fields=["file_key", "content_index", "removed_at"])

    def remove() -> None:
        for name in gone:
            # Windows removes no file that somebody reads; the station does it at its next start.
            with contextlib.suppress(PermissionError, FileNotFoundError), store_errors():
                storages["blobs"].delete(name_of(name))

    transaction.on_commit(remove)


def forget_unnamed(names: Iterable[str]) -> list[str]:
    """``forget``, but for those that a record still names: the same bytes are one file, whoever handed them in. Which went."""
    left = set(names)
    for model, column in columns_that_name_files():
        left -= set(model._base_manager.filter(**{f"{column}__in": left}).values_list(column, flat=True))
    forget(gone := sorted(left))
    return gone


def columns_that_name_files() -> Iterator[tuple[type[models.Model], str]]:
    """Every column of every model that names a file."""
    for field in Blob._meta.get_fields(include_hidden=True):
        if field.one_to_many or field.one_to_one:
            yield field.related_model, field.field.name  # type: ignore[union-attr, misc]


def tidy(older_than_s: float = 60.0) -> int:
    """Remove what a killed process left in the folder: unfinished writes, and files that no record names.

    Returns how many. For the start of a station; what is younger may be another process's work of this moment, whose
    row is not committed yet, and is left alone.
    """
    storage = storages["blobs"]
    if not isinstance(storage, FolderBlobStorage):
        return 0
    removed_files = 0
    known = set(Blob.objects.filter(removed_at=None).values_list("name", flat=True))
    before = time.time() - older_than_s
    for path in Path(storage.location).rglob("*"):
        if (
            path.is_file()
            and path.stat().st_mtime <= before
            and (path.name.startswith(TEMPORARY) or path.name not in known)
        ):
            path.unlink(missing_ok=True)
            removed_files += 1
    return removed_files


def name_of(name: str) -> str:
    """Where the file with this name lies in the store."""
    return f"{name[:2]}/{name[2:4]}/{name}"
