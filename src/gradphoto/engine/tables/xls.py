"""The old xls (BIFF 2 to 8), with or without its OLE container, by xlrd with its formatting."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

import xlrd

from gradphoto.engine.tables import errors
from gradphoto.engine.tables.model import (
    HEAD_ROWS,
    OLE,
    Limits,
    MarkKind,
    Row,
    SheetFacts,
    Wanted,
    clean,
    may_be_october,
    text_of,
)
from gradphoto.engine.tables.number_formats import DATE, GENERAL, NumberFormat, read_format, shown

_UNICODE_BIFF = 80
_WESTERN = (None, 1252)
_T = TypeVar("_T")


class Xls:
    """An opened workbook. Cached values of formulas are read; macros are not run."""

    def __init__(self, data: bytes, limits: Limits, wanted: Wanted) -> None:
        if data.startswith(OLE):
            _look_into_container(data)
        self._limits, self._wanted = limits, wanted
        self._book = _guarded(lambda: _opened(data))
        self._formats: dict[int, tuple[NumberFormat, bool]] = {}
        macros = "_VBA_PROJECT_CUR".encode("utf-16-le") in data
        self.sheets: Sequence[SheetFacts] = _guarded(
            lambda: [
                SheetFacts(clean(sheet.name), bool(getattr(sheet, "visibility", 0)), has_macros=macros)
                for sheet in self._book.sheets()
            ]
        )

    def look_for(self, wanted: Wanted) -> None:
        """What counts in the sheet that is read next."""
        self._wanted = wanted

    def outline(self, sheet: int) -> SheetFacts:
        """The head and the counts."""
        facts = self.sheets[sheet]
        for number, row in self.rows(sheet, facts):
            if len(facts.head) < HEAD_ROWS:
                facts.head.append((number, tuple(row)))
        facts.marks.clear()
        return facts

    def rows(self, sheet: int, facts: SheetFacts) -> Iterator[Row]:
        """The rows by number."""
        found = _guarded(lambda: self._book.sheet_by_index(sheet))
        rows_info = getattr(found, "rowinfo_map", {})
        merges = self._merges(found)
        down: dict[int, tuple[int, str]] = {}
        facts.hidden_columns = sorted(
            column
            for column, info in getattr(found, "colinfo_map", {}).items()
            if (info.hidden or info.width == 0) and column < self._limits.columns
        )
        for index in range(found.nrows):
            row, struck = _guarded(lambda index=index: self._row(found, index, facts))  # type: ignore[misc]
            for column, (bottom, text) in list(down.items()):
                if bottom < index:
                    del down[column]
                elif column < len(row) and row[column]:
                    pass
                elif any(row):
                    row.extend([""] * (column + 1 - len(row)))
                    row[column] = text
            for column, bottom in merges.get(index, ()):
                if column < len(row) and row[column]:
                    down[column] = (bottom, row[column])
            filled = sum(1 for text in row if text and not text.isspace())
            if not filled:
                continue
            self._count(facts, index, row)
            info = rows_info.get(index)
            if info is not None and (info.hidden or info.height == 0):
                facts.hidden_rows.append(index + 1)
            if struck and len(struck) * 2 >= filled:
                facts.struck_rows.append(index + 1)
            else:
                for column in struck:
                    self._mark(facts, index, column, MarkKind.STRUCK, row[column])
            yield index + 1, row

    def _mark(self, facts: SheetFacts, index: int, column: int, kind: MarkKind, text: str) -> None:
        if self._wanted.counts(column):
            facts.mark(index + 1, column, kind, text, self._limits.marks)

    def _count(self, facts: SheetFacts, index: int, row: list[str]) -> None:
        facts.rows += 1
        facts.last_row = index + 1
        if facts.rows > self._limits.rows:
            raise errors.too_many_rows(self._limits.rows)
        while row and not row[-1]:
            row.pop()
        if len(row) > self._limits.columns:
            raise errors.too_wide(self._limits.columns)
        facts.width = max(facts.width, len(row))

    def _merges(self, sheet: Any) -> dict[int, list[tuple[int, int]]]:
        merges: dict[int, list[tuple[int, int]]] = {}
        for top, below, left, _ in getattr(sheet, "merged_cells", ()):
            if below - top > 1:
                merges.setdefault(top, []).append((left, below - 1))
        return merges

    def _row(self, sheet: Any, index: int, facts: SheetFacts) -> tuple[list[str], list[int]]:
        row: list[str] = []
        struck: list[int] = []
        for column, cell in enumerate(sheet.row(index)):
            form, is_struck = self._format(cell)
            if cell.ctype == xlrd.XL_CELL_ERROR:
                told = xlrd.error_text_from_code.get(cell.value, "#")
                self._mark(facts, index, column, MarkKind.ERROR_VALUE, told)
            text = clean(self._text(cell, form))
            if text and (is_struck or self._is_partly_struck(sheet, index, column)):
                struck.append(column)
            row.append(text)
            if cell.ctype == xlrd.XL_CELL_NUMBER and may_be_october(text):
                self._mark(facts, index, column, MarkKind.MONTH_AS_FIGURE, text)
            wanted = self._wanted
            if cell.ctype == xlrd.XL_CELL_DATE and column in wanted.columns and column not in wanted.dates:
                self._mark(facts, index, column, MarkKind.BECAME_DATE, text)
        return row, struck

    def _is_partly_struck(self, sheet: Any, index: int, column: int) -> bool:
        runs = getattr(sheet, "rich_text_runlist_map", {}).get((index, column), ())
        try:
            return any(self._book.font_list[font].struck_out for _, font in runs)
        except (LookupError, AttributeError):
            return False

    def _format(self, cell: Any) -> tuple[NumberFormat, bool]:
        number = getattr(cell, "xf_index", None)
        if number is None:
            return GENERAL, False
        known = self._formats.get(number)
        if known is None:
            try:
                style = self._book.xf_list[number]
                code = self._book.format_map[style.format_key].format_str
                known = read_format(code), bool(self._book.font_list[style.font_index].struck_out)
            except (LookupError, AttributeError):
                known = GENERAL, False
            self._formats[number] = known
        return known

    def _text(self, cell: Any, form: NumberFormat) -> str:
        if cell.ctype == xlrd.XL_CELL_TEXT:
            text = str(cell.value)
            return text.join(form.text) if form.text and text else text
        if cell.ctype == xlrd.XL_CELL_BOOLEAN:
            return text_of(bool(cell.value))
        if cell.ctype in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK, xlrd.XL_CELL_ERROR):
            return ""
        if cell.ctype == xlrd.XL_CELL_DATE:
            return shown(float(cell.value), form if form.kind == "date" else DATE, from_1904=bool(self._book.datemode))
        return shown(float(cell.value), form, from_1904=bool(self._book.datemode))


def _look_into_container(data: bytes) -> None:
    """Tell an encrypted xlsx, a Word file and an empty container from a workbook by the names of their streams."""
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise errors.encrypted()
    if not any(name.encode("utf-16-le") in data for name in ("Workbook", "Book")):
        if "WordDocument".encode("utf-16-le") in data:
            raise errors.not_a_table("Word 文档", "a Word document")
        raise errors.not_a_table()


def _guarded(read: Callable[[], _T]) -> _T:
    """xlrd lets struct errors, index errors and assertions of its own through: to a person all mean a damaged file."""
    try:
        return read()
    except (errors.RosterFileError, MemoryError):
        raise
    except Exception as error:
        raise (errors.encrypted() if "encrypt" in str(error).lower() else errors.damaged()) from error


def _opened(data: bytes) -> Any:
    book = _open_with_formats(data, None)
    if book.biff_version < _UNICODE_BIFF and book.codepage in _WESTERN:
        # Before Unicode the file should name its code page; Chinese programs that forgot it wrote GBK.
        book = _open_with_formats(data, "gb18030")
    return book


def _open_with_formats(data: bytes, encoding: str | None) -> Any:
    """With the formatting, or without where that is what is damaged: the cells matter more."""
    more = {"encoding_override": encoding} if encoding else {}
    try:
        return xlrd.open_workbook(file_contents=data, logfile=io.StringIO(), formatting_info=True, **more)
    except Exception as error:
        if "encrypt" in str(error).lower() or isinstance(error, MemoryError):
            raise
        return xlrd.open_workbook(file_contents=data, logfile=io.StringIO(), **more)
