"""A JPEG's own statements, read by walking its markers (ITU-T T.81 annex B) without decoding a pixel."""

from __future__ import annotations

from dataclasses import dataclass

from gradphoto.engine.portrait.errors import photo_error

_START_OF_FRAME = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_STANDALONE = frozenset(range(0xD0, 0xD8)) | {0x01}
_START_OF_SCAN = 0xDA
_END_OF_IMAGE = b"\xff\xd9"


@dataclass(frozen=True, slots=True)
class JpegHeader:
    """Size in pixels as stored, number of colour components, density, and whether the end marker is there."""

    width: int
    height: int
    components: int
    bits: int
    dpi: tuple[int, int] | None
    complete: bool


def read_jpeg_header(data: bytes) -> JpegHeader:
    """The header of a JPEG; raises ``portrait.truncated`` when it ends before the first scan."""
    frame: tuple[int, int, int, int] | None = None
    dpi: tuple[int, int] | None = None
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
        elif marker == _START_OF_SCAN:
            if frame is None:
                break
            # Inside a scan every FF byte is stuffed, so the first FFD9 after it is the real end of the picture.
            return JpegHeader(*frame, dpi=dpi, complete=data.find(_END_OF_IMAGE, start + 2 + length) >= 0)
        position = start + 2 + max(length, 2)
    raise photo_error("truncated", "图像文件不完整或已损坏。", "The image file is incomplete or damaged.")
