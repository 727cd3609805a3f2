"""dbf (dBASE III to Visual FoxPro): the form in which status data were exchanged for many years (facts 2.1).

Read here rather than by dbfread, which needs a file on disk: a roster full of ID numbers is never put down in a
temporary file only to be read.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from gradphoto.engine.tables import errors
from gradphoto.engine.tables.model import (
    HEAD_ROWS,
    Limits,
    MarkKind,
    Row,
    SheetFacts,
    Wanted,
    clean,
    figure_text,
    may_be_october,
)

_VERSIONS = frozenset({
    0x02, 0x03, 0x04, 0x05, 0x07, 0x30, 0x31, 0x32, 0x43, 0x63, 0x7B, 0x83, 0x87, 0x8B, 0x8E, 0xCB, 0xE5, 0xF5, 0xFB,
})  # fmt: skip
_VISUAL_FOXPRO = frozenset({0x30, 0x31, 0x32})
_TEXTS, _ELSEWHERE = "CV", "MGPW"
_EOF = 0x1A
_JULIAN_TO_ORDINAL = 1_721_425
_SAMPLE_BYTES = 1 << 22
_DESCRIPTORS_AT, _DESCRIPTOR, _END = 32, 32, 0x0D
_DELETED = ord("*")
_LESS_THAN_A_CHARACTER = {"gb18030": 1, "utf-8": 2}
_SHORTEST = 6
_LETTERS = re.compile(rb"[A-Za-z][A-Za-z ,.'-]{7,}")


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


class Dbf:
    """The records that are not deleted, below a row of the field names. Record 1 stands in row 2, also where records
    before it are deleted: a spreadsheet program shows them all, and counts them."""

    def __init__(self, data: bytes, limits: Limits, wanted: Wanted) -> None:
        self._data, self._limits = data, limits
        count, self._start, self._size = struct.unpack_from("<IHH", data, 4)
        if count > limits.rows:
            raise errors.too_many_rows(limits.rows)
        self._count, self._said = _records(data, self._start, self._size, count), count
        if self._count > limits.rows:
            raise errors.too_many_rows(limits.rows)
        self._columns = _columns(data, self._start, self._size)
        if len(self._columns) > limits.columns:
            raise errors.too_wide(limits.columns)
        self._is_foxpro = data[0] in _VISUAL_FOXPRO
        self._wanted = wanted
        self._encoding = _encoding(self._texts())
        self.sheets: Sequence[SheetFacts] = [SheetFacts()]

    def _texts(self) -> Iterator[bytes]:
        """The texts of the first records, as far as they are not plain ASCII."""
        texts = [column for column in self._columns if column.kind in _TEXTS]
        for start in range(self._start, min(self._start + self._count * self._size, _SAMPLE_BYTES), self._size):
            for column in texts:
                raw = self._data[start + column.start : start + column.end].split(b"\x00")[0].rstrip(b" ")
                if not raw.isascii():
                    yield raw

    def look_for(self, wanted: Wanted) -> None:
        """What counts in the records."""
        self._wanted = wanted

    def outline(self, sheet: int) -> SheetFacts:
        """The head and the count."""
        facts = self.sheets[0]
        for number, row in self.rows(0, facts):
            if len(facts.head) < HEAD_ROWS:
                facts.head.append((number, tuple(row)))
        facts.marks.clear()
        return facts

    def rows(self, sheet: int, facts: SheetFacts) -> Iterator[Row]:
        """The heading and the records by number."""
        facts.rows, facts.last_row, facts.width = 1, self._count + 1, len(self._columns)
        facts.records_said = self._said if self._said != self._count else None
        yield 1, [clean(column.title) for column in self._columns]
        for number in range(2, self._count + 2):
            start = self._start + (number - 2) * self._size
            if self._data[start] == _DELETED:
                continue
            record = self._data[start : start + self._size]
            row = [self._cell(record, column, place, number, facts) for place, column in enumerate(self._columns)]
            if any(row):
                facts.rows += 1
                yield number, row

    def _cell(self, record: bytes, column: _Column, place: int, number: int, facts: SheetFacts) -> str:
        raw = record[column.start : column.end]
        if column.kind in _ELSEWHERE:
            if raw.strip(b" \x000"):
                self._mark(facts, number, place, MarkKind.ELSEWHERE, "")
            return ""
        if column.kind not in _TEXTS:
            figure = self._figure(raw, column.kind)
            # With two decimals January is 2022.01; with one nobody can tell it from October.
            if len(figure) == 6 and may_be_october(figure):
                self._mark(facts, number, place, MarkKind.MONTH_AS_FIGURE, figure)
            return figure
        trimmed = raw.split(b"\x00")[0].rstrip(b" ")
        text, broken = _decoded(trimmed, self._encoding)
        # A name that fills its column to the last byte, or to the byte before half a character, was probably longer.
        # Codes fill their columns by design; a text of more than ASCII, or of many letters alone, does not.
        if (
            broken
            or (trimmed.isascii() and len(trimmed) == len(raw) and _LETTERS.fullmatch(trimmed))
            or (
                len(trimmed) >= len(raw) - _LESS_THAN_A_CHARACTER[self._encoding]
                and not trimmed.isascii()
                and len(raw) >= _SHORTEST
            )
        ):
            self._mark(facts, number, place, MarkKind.CUT, text)
        return clean(text)

    def _mark(self, facts: SheetFacts, number: int, place: int, kind: MarkKind, text: str) -> None:
        if self._wanted.counts(place):
            facts.mark(number, place, kind, text, self._limits.marks)

    def _figure(self, raw: bytes, kind: str) -> str:
        """A value that is no text; figures of bytes as Visual FoxPro and dBASE 7 keep them."""
        if kind in "I+" and len(raw) == 4 and not raw.strip().isdigit():
            return str(struct.unpack("<i", raw)[0])
        if kind in "BO" and len(raw) == 8 and self._is_foxpro:
            return figure_text(struct.unpack("<d", raw)[0])
        if kind == "Y" and len(raw) == 8:
            return figure_text(struct.unpack("<q", raw)[0] / 10_000)
        if kind == "T" and len(raw) == 8 and not raw.strip().isdigit():
            return _moment(*struct.unpack("<ii", raw))
        figure = clean(raw.decode("ascii", "replace").strip(" \x00"))
        if may_be_october(figure):
            return figure
        if kind in "NF" and "." in figure and figure.replace(".", "", 1).isdigit():
            return figure_text(float(figure))
        return figure if kind in "NFDLT" else ""


def _moment(day: int, milliseconds: int) -> str:
    if day <= _JULIAN_TO_ORDINAL or day > _JULIAN_TO_ORDINAL + 3_652_000:
        return ""
    found = date.fromordinal(day - _JULIAN_TO_ORDINAL)
    seconds = milliseconds // 1000
    text = f"{found:%Y%m%d}"
    return f"{text} {seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}" if seconds > 0 else text


def _columns(data: bytes, header_size: int, record_size: int) -> list[_Column]:
    columns, place = [], 1
    for at in range(_DESCRIPTORS_AT, header_size - _DESCRIPTOR + 1, _DESCRIPTOR):
        if data[at] == _END:
            break
        title = data[at : at + 11].split(b"\x00")[0].decode("gb18030", "replace").strip()
        columns.append(_Column(title, chr(data[at + 11]), place, place + data[at + 16]))
        place += data[at + 16]
    if place > record_size or not columns:
        raise errors.damaged()
    return columns


def _records(data: bytes, start: int, size: int, said: int) -> int:
    """How many whole records there are, whatever the header says: exports that broke off or never came back to the
    header leave an older count there. Raises ``roster.truncated`` for a file that ends inside of a record."""
    there = data[start:].rstrip(b"\x00")
    rest = len(there) % size
    whole = len(there) // size
    if said * size > len(there):
        # A last record of blanks may have lost them; half a record more is a broken copy.
        if said * size <= len(data) - start + 1:
            return said
        if rest > 1 or (rest == 1 and there[-1] != _EOF):
            raise errors.truncated()
        return whole
    more = said
    while more < whole and data[start + more * size] in b" *":
        more += 1
    is_end = start + more * size >= len(data) or data[start + more * size] in (_EOF, 0)
    return more if is_end else said


def _encoding(texts: Iterator[bytes]) -> str:
    """The language byte often lies: UTF-8 where every text is, but for a last character cut in two, and mostly Han;
    else GBK with its four-byte extension."""
    han = others = 0
    for raw in texts:
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError as error:
            if error.reason != "unexpected end of data":
                return "gb18030"
            text = raw[: error.start].decode("utf-8")
        beyond = [c for c in text if c > "\x7f"]
        found = sum(c >= "\u2e80" for c in beyond)
        han, others = han + found, others + len(beyond) - found
    return "utf-8" if han > others else "gb18030"


def _decoded(trimmed: bytes, encoding: str) -> tuple[str, bool]:
    """The text, and whether its last character was cut in two; what is broken inside stays visible as U+FFFD."""
    try:
        return trimmed.decode(encoding), False
    except UnicodeDecodeError:
        text = trimmed.decode(encoding, "replace")
        return text.removesuffix("\ufffd"), text.endswith("\ufffd")
