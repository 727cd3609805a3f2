"""xlsx and xlsm by a streaming parser.

Calamine is three times as fast, and right about texts, dates and saved values. It tells nothing of number formats,
hidden and struck-through rows, error values and formulas without a value, knows one spelling of part names, and lays
out every cell up to the last: so it reads nothing that somebody hands in.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gradphoto.engine.tables import errors
from gradphoto.engine.tables.model import HEAD_ROWS, Limits, Row, SheetFacts, Wanted
from gradphoto.engine.tables.xlsx_counts import Unusual, count_rows
from gradphoto.engine.tables.xlsx_merges import mentioned, read_merges
from gradphoto.engine.tables.xlsx_package import BROKEN, Package, open_package
from gradphoto.engine.tables.xlsx_sheet import read_head, read_outline, read_rows
from gradphoto.engine.tables.xlsx_strings import Strings
from gradphoto.engine.tables.xlsx_styles import Styles, read_styles
from gradphoto.engine.tables.xlsx_values import Cells

_LARGE = 1 << 20
"""Bytes of a sheet above which the first look counts its rows without parsing the cells."""


class Xlsx:
    """An opened workbook."""

    def __init__(self, data: bytes, limits: Limits, wanted: Wanted) -> None:
        self._package: Package = open_package(data, limits)
        self._cells = Cells(limits, wanted=wanted, from_1904=self._package.from_1904)
        self._strings: Strings | None = None
        macros = self._package.has_macros
        self.sheets: Sequence[SheetFacts] = [
            SheetFacts(sheet.title, sheet.hidden, has_macros=macros) for sheet in self._package.sheets
        ]
        try:
            self._cells.styles = self._styles()
        except BROKEN as error:
            raise errors.damaged() from error

    def _styles(self) -> Styles:
        if self._package.styles is None:
            return Styles()
        with self._package.open(self._package.styles) as stream:
            return read_styles(stream)

    def _load_strings(self, *, everything: bool) -> None:
        """The shared strings: all of them, or as far as a head needs them where none is struck through."""
        if self._strings is None and self._package.strings is not None:
            with self._package.open(self._package.strings) as stream:
                everything = everything or bool(mentioned(stream, b"strike"))
            self._strings = Strings(self._package.open(self._package.strings))
            self._cells.strings, self._cells.struck_strings = self._strings, self._strings.struck
            self._cells.partly_struck_strings = self._strings.partly_struck
        if self._strings is not None and everything:
            self._cells.strings = self._strings.all()

    def look_for(self, wanted: Wanted) -> None:
        """What counts in the sheet that is read next."""
        self._cells.wanted = wanted

    def outline(self, sheet: int) -> SheetFacts:
        """The head and the counts, without the other cells."""
        facts, part = self.sheets[sheet], self._package.sheets[sheet].part
        try:
            self._load_strings(everything=False)
            if not self._counted(part, facts):
                with self._package.open(part) as stream:
                    read_outline(stream, facts, self._cells)
        except BROKEN as error:
            raise errors.damaged() from error
        del facts.head[HEAD_ROWS:]
        return facts

    def _counted(self, part: str, facts: SheetFacts) -> bool:
        """Whether a large sheet without anything struck through could be counted without its cells."""
        if self._cells.styles.struck or self._cells.struck_strings or self._package.size_of(part) < _LARGE:
            return False
        with self._package.open(part) as stream:
            read_head(stream, facts, self._cells)
        try:
            with self._package.open(part) as stream:
                count_rows(stream, facts, self._cells.limits.rows)
        except Unusual:
            facts.head.clear()
            facts.hidden_columns.clear()
            facts.marks.clear()
            facts.rows = facts.last_row = 0
            return False
        return True

    def rows(self, sheet: int, facts: SheetFacts) -> Iterator[Row]:
        """The rows by number."""
        part = self._package.sheets[sheet].part
        try:
            self._load_strings(everything=True)
            merges = {}
            with self._package.open(part) as stream:
                seen = mentioned(stream, b"mergeCell", b"<!")
            if b"mergeCell" in seen:
                with self._package.open(part) as stream:
                    merges = read_merges(stream, self._cells.limits)
            with self._package.open(part) as stream:
                yield from read_rows(stream, facts, self._cells, merges, may_be_plain=b"<!" not in seen)
        except BROKEN as error:
            raise errors.damaged() from error
