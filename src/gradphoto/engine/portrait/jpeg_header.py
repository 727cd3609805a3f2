"""A JPEG's own statements, read by walking its markers (ITU-T T.81 annex B) without decoding a pixel."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from gradphoto.engine.portrait.errors import photo_error

_START_OF_FRAME = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_STANDALONE = frozenset(range(0xD0, 0xD8)) | {0x01}
_START_OF_SCAN = 0xDA
_END_OF_IMAGE = b"\xff\xd9"


@dataclass(frozen=True, slots=True)
class JpegHeader:
    """Size in pixels as stored, number of colour components, density, and whether the end marker is there.

    ``quality`` is the setting of the usual scale (IJG, 1 to 100) whose luminance table comes nearest to the file's.
    """

    width: int
    height: int
    components: int
    bits: int
    dpi: tuple[int, int] | None
    complete: bool
    quality: int | None = None
    has_exif: bool = False
    has_icc: bool = False


def read_jpeg_header(data: bytes) -> JpegHeader:
    """The header of a JPEG; raises ``portrait.truncated`` when it ends before the first scan."""
    frame: tuple[int, int, int, int] | None = None
    dpi: tuple[int, int] | None = None
    quality: int | None = None
    has_exif = has_icc = False
    position = 2
    while True:
        start = data.find(b"\xff", position)
        while 0 <= start < len(data) - 1 and data[start + 1] == 0xFF:
            start += 1
        if start < 0 or start + 4 > len(data):
            break
        marker = data[start + 1]
        if marker in _STANDALONE or marker == 0:
            position = start + 2
            continue
        length = int.from_bytes(data[start + 2 : start + 4], "big")
        payload = data[start + 4 : start + 2 + length]
        if marker in _START_OF_FRAME and len(payload) >= 6:
            frame = (
                int.from_bytes(payload[3:5], "big"),
                int.from_bytes(payload[1:3], "big"),
                payload[5],
                payload[0],
            )
        elif marker == 0xE0 and payload.startswith(b"JFIF\x00") and len(payload) >= 12 and payload[7] == 1:
            dpi = int.from_bytes(payload[8:10], "big"), int.from_bytes(payload[10:12], "big")
        elif marker == 0xDB and quality is None:
            quality = _quality(payload)
        elif marker == 0xE1 and payload.startswith(b"Exif\x00"):
            has_exif = True
        elif marker == 0xE2 and payload.startswith(b"ICC_PROFILE\x00"):
            has_icc = True
        elif marker == _START_OF_SCAN:
            if frame is None:
                break
            # Inside a scan every FF byte is stuffed, so an FFD9 after it ends the picture. It stands near the file's end:
            # looking from there spares a walk through megabytes.
            complete = data.rfind(_END_OF_IMAGE, start + 2 + length) >= 0
            return JpegHeader(*frame, dpi, complete, quality, has_exif, has_icc)
        position = start + 2 + max(length, 2)
    raise photo_error("truncated", "图像文件不完整或已损坏。", "The image file is incomplete or damaged.")


# Annex K.1 of ITU-T T.81, in zigzag order: what the usual scale of quality multiplies.
_LUMINANCE = (
    16, 11, 12, 14, 12, 10, 16, 14, 13, 14, 18, 17, 16, 19, 24, 40, 26, 24, 22, 22, 24, 49, 35, 37, 29, 40, 58, 51, 61, 60, 57,
    51, 56, 55, 64, 72, 92, 78, 64, 68, 87, 69, 55, 56, 80, 109, 81, 87, 95, 98, 103, 104, 103, 62, 77, 113, 121, 112, 100,
    120, 92, 101, 103, 99,
)  # fmt: skip


def _quality(payload: bytes) -> int | None:
    """The quality whose luminance table has the nearest sum; cameras with tables of their own get the nearest likeness."""
    deep, number = (payload[0] >> 4, payload[0] & 15) if payload else (0, 1)
    size = 128 if deep else 64
    if number != 0 or len(payload) < 1 + size:
        return None
    table = payload[1 : 1 + size]
    total = sum(int.from_bytes(table[n : n + 2], "big") for n in range(0, 128, 2)) if deep else sum(table)
    return min(range(1, 101), key=lambda quality: abs(_table_sum(quality) - total))


@functools.cache
def _table_sum(quality: int) -> int:
    percent = 5000 // quality if quality < 50 else 200 - 2 * quality
    return sum(min(255, max(1, (base * percent + 50) // 100)) for base in _LUMINANCE)
