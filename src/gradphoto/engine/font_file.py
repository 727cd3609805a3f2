"""What an OpenType or TrueType file says of itself: its family, and which characters it draws."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.wording import Wording

CharacterMap = tuple[tuple[int, int], ...]
"""Ranges of code points, sorted and apart."""
_KINDS = (b"\x00\x01\x00\x00", b"OTTO", b"true")
_LAST_CODE = 0x10FFFF
_MOST_RANGES = 200_000
_FAMILY, _WHOLE_NAME = 1, 4
_WINDOWS, _MACINTOSH = 3, 1


class FontError(GradPhotoError):
    """A file that is no usable font."""


def map_of(data: bytes) -> CharacterMap:
    """The characters of a font (cmap formats 4 and 12), of the first one of a collection.

    Raises :class:`FontError` (``documents.font_unreadable``) for what is no font, or whose map is out of order.
    """
    try:
        found = _ranges(data, _table(data, b"cmap"))
    except (struct.error, ValueError, IndexError) as error:
        raise no_font() from error
    last = -1
    for first, end in found:
        if not last < first <= end <= _LAST_CODE:
            raise no_font()
        last = end
    if not found:
        raise no_font()
    return found


def family_of(data: bytes) -> str:
    """The family's name as the file gives it; empty where it gives none that can be read."""
    try:
        names = dict(_names(data, _table(data, b"name")))
    except (struct.error, FontError, ValueError):
        return ""
    return " ".join((names.get(_FAMILY) or names.get(_WHOLE_NAME) or "").split())[:80]


def _table(data: bytes, wanted: bytes) -> int:
    offset = struct.unpack_from(">I", data, 12)[0] if data[:4] == b"ttcf" else 0
    if data[offset : offset + 4] not in _KINDS:
        raise no_font()
    for i in range(struct.unpack_from(">H", data, offset + 4)[0]):
        tag, _, start, _ = struct.unpack_from(">4sIII", data, offset + 12 + 16 * i)
        if tag == wanted:
            return int(start)
    raise no_font()


def _ranges(data: bytes, start: int) -> CharacterMap:
    found: dict[int, int] = {}
    for i in range(struct.unpack_from(">H", data, start + 2)[0]):
        table = start + struct.unpack_from(">I", data, start + 4 + 8 * i + 4)[0]
        found[struct.unpack_from(">H", data, table)[0]] = table
    if 12 in found:
        table = found[12]
        count = min(struct.unpack_from(">I", data, table + 12)[0], _MOST_RANGES)
        groups = struct.iter_unpack(">III", data[table + 16 : table + 16 + 12 * count])
        return tuple((first, last) for first, last, glyph in groups if glyph or last > first)
    if 4 in found:
        table = found[4]
        half = struct.unpack_from(">H", data, table + 6)[0]
        ends = struct.unpack_from(f">{half // 2}H", data, table + 14)
        starts = struct.unpack_from(f">{half // 2}H", data, table + 16 + half)
        return tuple((a, b) for a, b in zip(starts, ends, strict=True) if a <= b < 0xFFFF)
    raise no_font()


def _names(data: bytes, start: int) -> Iterator[tuple[int, str]]:
    """Name records, those of Windows last, so that they count."""
    count, texts = struct.unpack_from(">HH", data, start + 2)
    records = [struct.unpack_from(">6H", data, start + 6 + 12 * i) for i in range(count)]
    for platform, _, _, name, length, offset in sorted(records, key=lambda record: record[0]):
        raw = data[start + texts + offset : start + texts + offset + length]
        if platform == _WINDOWS:
            yield name, raw.decode("utf-16-be", "ignore")
        elif platform == _MACINTOSH and raw.isascii():
            yield name, raw.decode("ascii")


def no_font() -> FontError:
    """The refusal of a file that is none."""
    return FontError(
        "documents.font_unreadable",
        Wording("这不是可用的字库文件。", "This is no usable font file."),
        Wording(
            "请上传 TrueType 或 OpenType 字库（ttf、otf、ttc）。", "Upload a TrueType or OpenType font (ttf, otf, ttc)."
        ),
    )
