"""A writer of old xls files, as small as they can be: no package writes them any more, schools still send them.

BIFF8 in an OLE container (MS-XLS, MS-CFB), and BIFF5 as a bare stream with GBK texts, as old school systems wrote it.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

_SECTOR = 512
_END, _FREE, _FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
ERROR_NA = b"\x2a\x01"


def _record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _cells(rows: Sequence[Sequence[object]], encoding: str) -> bytes:
    out = b""
    for row, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            place = struct.pack("<HHH", row, column, 0)
            if isinstance(cell, bytes):
                out += _record(0x0205, place + cell)
            elif isinstance(cell, float):
                out += _record(0x0203, place + struct.pack("<d", cell))
            elif isinstance(cell, str) and cell:
                body = cell.encode(encoding)
                head = struct.pack("<HB", len(cell), 1) if encoding == "utf-16-le" else struct.pack("<H", len(body))
                out += _record(0x0204, place + head + body)
    return out


def _stream(sheets: dict[str, Sequence[Sequence[object]]], encoding: str, *, encrypted: bool) -> bytes:
    version = 0x0600 if encoding == "utf-16-le" else 0x0500
    tail = struct.pack("<HHII", 0x0DBB, 1996, 0, 6) if version == 0x0600 else struct.pack("<HH", 0x0DBB, 1996)
    start = _record(0x0809, struct.pack("<HH", version, 5) + tail)
    if encrypted:
        start += _record(0x002F, struct.pack("<HHH", 1, 1, 1) + bytes(48))
    elif version == 0x0600:
        start += _record(0x0042, struct.pack("<H", 1200))
    parts = [
        _record(0x0809, struct.pack("<HH", version, 0x10) + tail) + _cells(rows, encoding) + _record(0x000A, b"")
        for rows in sheets.values()
    ]

    def directory(offsets: Sequence[int]) -> bytes:
        out = b""
        for title, offset in zip(sheets, offsets, strict=True):
            text = title.encode(encoding)
            name = struct.pack("<BB", len(title), 1) if version == 0x0600 else struct.pack("<B", len(text))
            out += _record(0x0085, struct.pack("<IBB", offset, 0, 0) + name + text)
        return out + _record(0x000A, b"")

    place = len(start) + len(directory([0] * len(parts)))
    offsets = []
    for part in parts:
        offsets.append(place)
        place += len(part)
    return start + directory(offsets) + b"".join(parts)


def bare_biff5(rows: Sequence[Sequence[object]]) -> bytes:
    """A workbook stream without a container and without a code page, texts in GBK."""
    return _stream({"学籍": rows}, "gbk", encrypted=False)


def xls(sheets: dict[str, Sequence[Sequence[object]]], *, encrypted: bool = False, with_macros: bool = False) -> bytes:
    """An Excel 97 file."""
    stream = _stream(sheets, "utf-16-le", encrypted=encrypted)
    # Streams under 4,096 bytes would have to live in the mini stream.
    stream += bytes(max(0, 4096 - len(stream)))
    stream += bytes(-len(stream) % _SECTOR)
    count = len(stream) // _SECTOR
    fat_sectors = 1
    while (count + 1 + fat_sectors) > fat_sectors * 128:
        fat_sectors += 1
    chain = [_FAT] * fat_sectors + [_END] + [fat_sectors + 2 + i for i in range(count - 1)] + [_END]
    fat = struct.pack(f"<{len(chain)}I", *chain)
    fat += struct.pack("<I", _FREE) * ((fat_sectors * _SECTOR - len(fat)) // 4)
    first = fat_sectors + 1
    entries = [("Root Entry", 5, 1, _END, 0), ("Workbook", 2, _FREE, first, len(stream))]
    if with_macros:
        entries.append(("_VBA_PROJECT_CUR", 1, _FREE, 0, 0))
    directory = b"".join(_entry(*entry) for entry in entries).ljust(_SECTOR, b"\x00")
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<IIIIIIIII", 0, fat_sectors, fat_sectors, 0, 4096, _END, 0, _END, 0)
    difat = list(range(fat_sectors)) + [_FREE] * (109 - fat_sectors)
    return head + struct.pack("<109I", *difat) + fat + directory + stream


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    text = name.encode("utf-16-le")
    head = text.ljust(64, b"\x00") + struct.pack("<HBB", len(text) + 2, kind, 1)
    links = struct.pack("<III", _FREE, _FREE, child)
    return head + links + bytes(36) + struct.pack("<IQ", start, size)
