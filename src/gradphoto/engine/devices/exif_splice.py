"""Puts EXIF into a JPEG without touching a pixel: a new APP1 segment takes the place of the old one.

A JPEG is ``FFD8`` and then segments ``FF <mark> <length, 2 bytes big-endian, itself included> ...`` up to the start of
scan (``FFDA``), behind which only compressed pixels and the end mark come (ITU-T T.81 B.1). EXIF is the APP1 segment
(``FFE1``) that begins with ``Exif 00 00`` and should stand first (CIPA DC-008).
"""

from __future__ import annotations

from PIL import Image

_START = b"\xff\xd8"
_APP1 = 0xE1
_FIRST_WITHOUT_LENGTH = frozenset({0xD8, 0xD9, 0xDA})
_EXIF = b"Exif\0\0"


def splice_exif(jpeg: bytes, exif: Image.Exif) -> bytes:
    """``jpeg`` with ``exif`` instead of its own EXIF. Raises :class:`ValueError` when ``jpeg`` is not a JPEG."""
    if not jpeg.startswith(_START):
        raise ValueError("not a JPEG")
    payload = exif.tobytes()
    payload = payload if payload.startswith(_EXIF) else _EXIF + payload
    segment = bytes([0xFF, _APP1]) + (len(payload) + 2).to_bytes(2, "big") + payload
    return _START + segment + _without_exif(jpeg[len(_START) :])


def _without_exif(body: bytes) -> bytes:
    """The segments before the scan, less EXIF, and the rest as it is."""
    kept, at = b"", 0
    while len(body) - at >= 4 and body[at] == 0xFF and body[at + 1] not in _FIRST_WITHOUT_LENGTH:
        end = at + 2 + int.from_bytes(body[at + 2 : at + 4], "big")
        if not (body[at + 1] == _APP1 and body[at + 4 : end].startswith(_EXIF)):
            kept += body[at:end]
        at = end
    return kept + body[at:]
