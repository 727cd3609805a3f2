"""A file encrypted at rest in pieces: written and read without holding it whole (AES-256-GCM, 1 MiB a piece)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import BinaryIO

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

PIECE_BYTES = 1024 * 1024
_NONCE_BYTES, _TAG_BYTES = 12, 16


def seal(source: BinaryIO, label: str) -> Iterator[bytes]:
    """The encrypted pieces of ``source``. ``label`` and the piece's place are bound in: none can be moved or left out."""
    cipher = AESGCM(settings.SEAL_KEY)
    place, piece = 0, source.read(PIECE_BYTES)
    while True:
        following = source.read(PIECE_BYTES)
        nonce = os.urandom(_NONCE_BYTES)
        yield nonce + cipher.encrypt(nonce, piece, _bound(label, place, last=not following))
        if not following:
            return
        place, piece = place + 1, following


def unseal(source: BinaryIO, label: str) -> Iterator[bytes]:
    """The plain pieces. Raises ``cryptography.exceptions.InvalidTag`` where a piece was altered, moved or cut off."""
    cipher = AESGCM(settings.SEAL_KEY)
    size = _NONCE_BYTES + PIECE_BYTES + _TAG_BYTES
    place, piece = 0, source.read(size)
    while True:
        following = source.read(size)
        nonce, body = piece[:_NONCE_BYTES], piece[_NONCE_BYTES:]
        yield cipher.decrypt(nonce, body, _bound(label, place, last=not following))
        if not following:
            return
        place, piece = place + 1, following


def _bound(label: str, place: int, *, last: bool) -> bytes:
    return f"{label}/{place}/{'end' if last else 'on'}".encode()
