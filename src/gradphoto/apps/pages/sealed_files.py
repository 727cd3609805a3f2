"""A file encrypted at rest in pieces of 1 MiB: written and read without holding it whole (``core.encryption``)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from gradphoto.apps.core.encryption import decrypt, encrypt

PIECE_BYTES = 1024 * 1024
_SIZE_BYTES = 4


def seal(source: BinaryIO, label: str) -> Iterator[bytes]:
    """The encrypted pieces of ``source``, each behind its size.

    ``label`` and the piece's place are bound in: none can be moved, left out or cut off.
    """
    place, piece = 0, source.read(PIECE_BYTES)
    while True:
        following = source.read(PIECE_BYTES)
        sealed = encrypt(piece, _bound(label, place, last=not following))
        yield len(sealed).to_bytes(_SIZE_BYTES, "big") + sealed
        if not following:
            return
        place, piece = place + 1, following


def unseal(source: BinaryIO, label: str) -> Iterator[bytes]:
    """The plain pieces. Raises ``core.sealed_elsewhere`` where a piece was altered, moved or cut off."""
    place, piece = 0, _next(source)
    while True:
        following = _next(source)
        yield decrypt(piece, _bound(label, place, last=not following))
        if not following:
            return
        place, piece = place + 1, following


def _next(source: BinaryIO) -> bytes:
    return source.read(int.from_bytes(source.read(_SIZE_BYTES), "big"))


def _bound(label: str, place: int, *, last: bool) -> str:
    return f"{label}/{place}/{'end' if last else 'on'}"
