"""The pipe between reader and product: one letter, a length, a body.

``J`` a JSON value · ``T`` text, compressed · ``B`` bytes · ``E`` a typed error · ``.`` the end. A reader that was
taken over by a hostile file can send wrong values, and no more than that.
"""

from __future__ import annotations

import struct
import zlib
from typing import Any, BinaryIO

from gradphoto.engine.bounded.strict_json import strict_json

HEAD = struct.Struct(">cI")
MOST_FRAME_BYTES = 384 * 1024 * 1024
_MOST_TEXT_BYTES = 64 * 1024 * 1024
_LEVEL = 1


def write(out: BinaryIO, kind: bytes, body: bytes) -> None:
    """Send one frame; ``ValueError`` for one that would not be accepted."""
    if len(body) > MOST_FRAME_BYTES:
        raise ValueError("too much for one frame")
    out.write(HEAD.pack(kind, len(body)))
    out.write(body)


def pack_text(text: str) -> bytes:
    """The body of a ``T`` frame."""
    return zlib.compress(text.encode("utf-8", "replace"), _LEVEL)


def unpack_text(body: bytes) -> str:
    """Read :func:`pack_text`; ``ValueError`` for anything else or for more than a block may hold."""
    work = zlib.decompressobj()
    try:
        text = work.decompress(body, _MOST_TEXT_BYTES)
    except zlib.error as error:
        raise ValueError("no text") from error
    if work.unconsumed_tail or not work.eof:
        raise ValueError("too much text")
    return text.decode("utf-8")


def unpack_json(body: bytes) -> Any:
    """Read a ``J`` or ``E`` frame; ``ValueError`` for anything else."""
    return strict_json(body)
