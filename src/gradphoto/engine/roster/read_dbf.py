"""dbf (dBASE III to Visual FoxPro): the form in which status data were exchanged for many years (facts 2.1).

Read here rather than by dbfread, which needs a file on disk: a roster full of ID numbers is never put down in a
temporary file only to be read.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from gradphoto.engine.roster import file_errors
from gradphoto.engine.roster.findings import Progress
from gradphoto.engine.roster.grid import Grid, Limits, text_of

_VERSIONS = frozenset({0x02, 0x03, 0x04, 0x05, 0x30, 0x31, 0x32, 0x43, 0x83, 0x8B, 0x8E, 0xF5})
_DESCRIPTORS_AT, _DESCRIPTOR, _END = 32, 32, 0x0D
_DELETED = ord("*")
_PROGRESS_ROWS = 10_000


@dataclass(frozen=True, slots=True)
class _Column:
    title: str
    kind: str
    start: int
    end: int


def is_dbf(data: bytes) -> bool:
    """Whether a file begins with a dbf header: version, a real date, sizes that fit each other and the descriptors."""
    if len(data) < _DESCRIPTORS_AT + _DESCRIPTOR or data[0] not in _VERSIONS:
        return False
    header_size, record_size = struct.unpack_from("<HH", data, 8)
    month, day = data[2], data[3]
    end = data.find(bytes((_END,)), _DESCRIPTORS_AT, header_size)
    while end >= 0 and (end - _DESCRIPTORS_AT) % _DESCRIPTOR:
        end = data.find(bytes((_END,)), end + 1, header_size)
    return month <= 12 and day <= 31 and record_size > 1 and _DESCRIPTORS_AT < end < header_size <= len(data)


def read_dbf(data: bytes, limits: Limits, progress: Progress | None = None, only_rows: int | None = None) -> Grid:
    """The records that are not deleted, below a row of the field names; so record 1 stands in row 2."""
    count, header_size, record_size = struct.unpack_from("<IHH", data, 4)
    if count > limits.rows:
        raise file_errors.too_many_rows(limits.rows)
    if header_size + count * record_size > len(data) + 1:
        raise file_errors.truncated()
    columns = _columns(data, header_size, record_size)
    encoding = _encoding(data[header_size:])
    cells: list[tuple[str, ...]] = [tuple(column.title for column in columns)]
    for start in range(header_size, header_size + min(count, only_rows or count) * record_size, record_size):
        if data[start] == _DELETED:
            continue
        record = data[start : start + record_size]
        cells.append(tuple([_text(record[column.start : column.end], column.kind, encoding) for column in columns]))
        if len(cells) % _PROGRESS_ROWS == 0 and progress is not None:
            progress(len(cells))
    return Grid(cells)


def _columns(data: bytes, header_size: int, record_size: int) -> list[_Column]:
    columns, place = [], 1
    for at in range(_DESCRIPTORS_AT, header_size - _DESCRIPTOR + 1, _DESCRIPTOR):
        if data[at] == _END:
            break
        title = data[at : at + 11].split(b"\x00")[0].decode("gb18030", "replace").strip()
        columns.append(_Column(title, chr(data[at + 11]), place, place + data[at + 16]))
        place += data[at + 16]
    if place > record_size or not columns:
        raise file_errors.damaged()
    return columns


def _encoding(records: bytes) -> str:
    """The language byte often lies: UTF-8 only when all records are, else GBK with its four-byte extension."""
    try:
        records.decode("utf-8")
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8"


def _text(raw: bytes, kind: str, encoding: str) -> str:
    if kind == "C":
        trimmed = raw.rstrip(b" \x00")
        try:
            return trimmed.decode(encoding)
        except UnicodeDecodeError:
            # A fixed width may cut the last character in two; what is broken inside stays visible as U+FFFD.
            return trimmed.decode(encoding, "replace").removesuffix("\ufffd")
    if kind in "NF":
        figure = raw.decode("ascii", "replace").strip(" \x00")
        return text_of(float(figure)) if "." in figure and figure.replace(".", "", 1).isdigit() else figure
    if kind in "DL":
        return raw.decode("ascii", "replace").strip(" \x00")
    return ""
