"""The rows of a sheet in the plain form in which the common programs write them, found by patterns, not by a parser.

Office, WPS, LibreOffice, POI, openpyxl and xlsxwriter write nearly every cell as ``<c r="B7" s="2" t="s"><v>41</v></c>`` or
with its text inside. A pattern finds these four times as fast as a parser calls for them. A row with anything else in
it (formulas, rich text, entities, other attributes) goes to the parser by itself, and a sheet that is not plain in its
beginning, or has a comment anywhere, goes there whole: what is read is the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from gradphoto.engine.tables import errors
from gradphoto.engine.tables.xlsx_strings import unescaped

if TYPE_CHECKING:
    from gradphoto.engine.tables.model import Row
    from gradphoto.engine.tables.xlsx_sheet import SheetReading

_CELL = re.compile(
    rb'<c r="([A-Z]{1,3})[0-9]{1,7}"(?: s="([0-9]{1,6})")?(?: t="(s|n|str|inlineStr)")?(?:/>|></c>|'
    rb'><v>([^<&\r]*)</v></c>|><is><t(?: xml:space="preserve")?>([^<&\r]*)</t></is></c>)'
)
_IN_ITS_COLUMN = (
    rb'(?:<c r="%s[0-9]{1,7}"(?: s="([0-9]{1,6})")?(?: t="s"><v>([0-9]{1,9})</v></c>|(?: t="n")?><v>([^<&\r]+)</v></c>|'
    rb' t="inlineStr"><is><t(?: xml:space="preserve")?>([^<&\r]*)</t></is></c>|/>))?'
)
"""One cell or none: its style, and the number of a shared string, a figure, or a text inside."""
_ROWS_BEFORE_A_PATTERN, _WIDEST_PATTERN, _MOST_PATTERNS = 20, 100, 4
_NUMBER = re.compile(rb'\sr="([0-9]{1,7})"')
_ATTRIBUTE = re.compile(r'\s(hidden|ht|r)="([^"]*)"')
_ROW_END = b"</row>"
_HEAD_BYTES = 1 << 16
_MARK = b"\xef\xbb\xbf"
_LONGEST_ROW = 1 << 24


def beginning(head: bytes) -> int:
    """Where the rows begin in the first bytes of a sheet that may be plain; 0 for any other."""
    start = head.find(b"<sheetData>") + len(b"<sheetData>")
    before = head[:start]
    declared = before[: before.find(b"?>")].lower()
    is_plain = (
        start >= len(b"<sheetData>")
        and before.removeprefix(_MARK).startswith(b"<?xml")
        and b"<worksheet" in before
        and (b"encoding" not in declared or b"utf-8" in declared)
    )
    return start if is_plain else 0


def plain_rows(blocks: Iterable[bytes], start: int, reading: SheetReading) -> Iterator[Row]:
    """The rows of a plain sheet; ``blocks`` are its bytes, of which the first holds the beginning up to ``start``."""
    rest = b""
    reader = _Plain(reading)
    is_first = True
    for block in blocks:
        if is_first:
            reading.parser.Parse(block[:start])
            block, is_first = block[start:], False
        *pieces, rest = (rest + block).split(_ROW_END)
        for piece in pieces:
            reader.row(piece)
        if len(rest) > _LONGEST_ROW:
            raise errors.damaged()
        yield from reading.ready
        reading.ready.clear()
    reading.parser.Parse(rest, True)
    reading.over()
    yield from reading.ready


class _Plain:
    """One sheet's rows, one after the other."""

    def __init__(self, reading: SheetReading) -> None:
        self._reading = reading
        self._strings: Sequence[str] = reading.cells.strings
        self._columns: dict[bytes, int] = {}
        self._most = reading.cells.limits.columns
        self._rows, self._width, self._patterns = 0, 0, 0
        self._pattern: re.Pattern[bytes] | None = None

    def row(self, piece: bytes) -> None:
        """A row, without its end tag, and what stands before it."""
        start = piece.rfind(b"<row")
        inside = piece.find(b">", start) + 1
        head = piece[start:inside]
        number = _NUMBER.search(head)
        whole = self._pattern.fullmatch(piece, inside) if self._pattern is not None else None
        found = _CELL.findall(piece, inside) if whole is None else []
        if start < 0 or number is None or (whole is None and not _is_all(piece, inside, len(found))):
            self._reading.parser.Parse(piece + _ROW_END)
            self._reading.over()
            return
        reading = self._reading
        if b"hidden" in head or b"ht=" in head:
            reading.begin_row(dict(_ATTRIBUTE.findall(head.decode())))
        else:
            reading.begin_plain_row(int(number[1]))
        row = self._cells(found) if whole is None else self._whole(whole.groups())
        while row and not row[-1]:
            row.pop()
        if not row or (row[0][:1] <= " " and not any(text and not text.isspace() for text in row)):
            return
        if whole is None:
            self._learn(self._columns[found[-1][0]] + 1)  # blank cells at the end are cells, too
        reading.end_row(struck=False)
        reading.facts.width = max(reading.facts.width, len(row))
        reading.ready.append((reading.number, row))

    def _learn(self, width: int) -> None:
        """A pattern for whole rows, once it is known how wide they are: a third of the time of cell by cell."""
        self._rows += 1
        self._width = max(self._width, width)
        is_time = self._rows >= _ROWS_BEFORE_A_PATTERN and self._patterns < _MOST_PATTERNS
        if is_time and self._width <= min(_WIDEST_PATTERN, self._most):
            self._rows = 0
            self._patterns += 1
            self._pattern = re.compile(b"".join(_IN_ITS_COLUMN % _letters(column) for column in range(self._width)))

    def _whole(self, groups: tuple[bytes | None, ...]) -> list[str]:
        """The texts of a row that the pattern knows: four groups a column."""
        strings, figures, texts = groups[1::4], groups[2::4], groups[3::4]
        find = self._strings.__getitem__
        if None in strings:
            row = ["" if one is None else find(int(one)) for one in strings]
        else:
            return list(map(find, map(int, strings)))  # type: ignore[arg-type]
        if figures.count(None) < len(row):
            for column, figure in enumerate(figures):
                if figure is not None:
                    style = (groups[4 * column] or b"").decode()
                    row[column] = self._reading.value(figure.decode(), "n", style, column, is_formula=False)
        if texts.count(None) < len(row):
            for column, text in enumerate(texts):
                if text is not None:
                    row[column] = unescaped(text.decode())
        return row

    def _cells(self, found: Iterable[tuple[bytes, ...]]) -> list[str]:
        """The texts of cells of every kind in their columns."""
        row: list[str] = []
        for letters, style, kind, value, inside in found:
            column = self._columns.get(letters)
            if column is None:
                column = self._columns[letters] = self._reading.place(letters.decode(), 0)
            text = self._text(kind, style, value, inside, column)
            if not text:
                continue
            if column >= self._most:
                raise errors.too_wide(self._most)
            if column >= len(row):
                row.extend([""] * (column + 1 - len(row)))
            row[column] = text
        return row

    def _text(self, kind: bytes, style: bytes, value: bytes, inside: bytes, column: int) -> str:
        if kind == b"s":
            return self._strings[int(value)] if value and not value.isspace() else ""
        if kind == b"inlineStr":
            return unescaped(inside.decode())
        if not value:
            return ""
        return self._reading.value(value.decode(), kind.decode() or "n", style.decode(), column, is_formula=False)


def _letters(column: int) -> bytes:
    first, last = divmod(column, 26)
    return bytes((64 + first, 65 + last)) if first else bytes((65 + last,))


def _is_all(piece: bytes, inside: int, found: int) -> bool:
    """Whether the cells found are all that stands in the row: every tag in it is one of theirs."""
    count = piece.count
    cells, ends, values, texts = (count(tag, inside) for tag in (b"<c ", b"</c>", b"<v>", b"<is>"))
    tags = (cells - ends) + 2 * (ends - values - texts) + 4 * values + 6 * texts
    return found == cells and count(b"<", inside) == tags
