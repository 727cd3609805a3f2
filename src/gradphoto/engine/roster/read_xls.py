"""The old xls (BIFF 2 to 8), with or without its OLE container, by xlrd."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any, TypeVar

import xlrd

from gradphoto.engine.roster import file_errors
from gradphoto.engine.roster.findings import Progress
from gradphoto.engine.roster.grid import CellMark, Grid, Limits, MarkKind, evened, text_of
from gradphoto.engine.roster.layout import SEARCHED_ROWS, find_header

OLE = b"\xd0\xcf\x11\xe0"
BARE_BIFF = (b"\x09\x00\x04\x00", b"\x09\x02\x06\x00", b"\x09\x04\x06\x00", b"\x09\x08\x08\x00", b"\x09\x08\x10\x00")
"""First bytes of a workbook stream without a container, as older school systems write it."""
_UNICODE_BIFF = 80
_WESTERN = (None, 1252)
_PROGRESS_ROWS = 10_000
_T = TypeVar("_T")


def read_xls(
    data: bytes, limits: Limits, sheet: str | None, progress: Progress | None = None, only_rows: int | None = None
) -> Grid:
    """The asked sheet, or the one with the best heading. Cached values of formulas are read; macros are not run."""
    if data.startswith(OLE):
        _look_into_container(data)
    book = _guarded(lambda: _opened(data))
    names = tuple(book.sheet_names())
    if sheet and sheet not in names:
        raise file_errors.no_such_sheet(sheet, names)
    title = sheet or _guarded(lambda: _best(book, names))
    chosen = _guarded(lambda: book.sheet_by_name(title))
    if chosen.nrows > limits.rows:
        raise file_errors.too_many_rows(limits.rows)
    cells: list[tuple[str, ...]] = []
    marks: list[CellMark] = []
    for row in range(min(chosen.nrows, only_rows or chosen.nrows)):
        cells.append(tuple(_text(book, cell) for cell in chosen.row(row)))
        marks.extend(
            CellMark(row, column, MarkKind.ERROR_VALUE, xlrd.error_text_from_code.get(cell.value, "#"))
            for column, cell in enumerate(chosen.row(row))
            if cell.ctype == xlrd.XL_CELL_ERROR
        )
        if len(cells) % _PROGRESS_ROWS == 0 and progress is not None:
            progress(len(cells))
    return Grid(evened(cells), title, names, tuple(marks), "_VBA_PROJECT_CUR".encode("utf-16-le") in data)


def _look_into_container(data: bytes) -> None:
    """Tell an encrypted xlsx, a Word file and an empty container from a workbook by the names of their streams."""
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise file_errors.encrypted()
    if not any(name.encode("utf-16-le") in data for name in ("Workbook", "Book")):
        if "WordDocument".encode("utf-16-le") in data:
            raise file_errors.not_a_table("Word 文档", "a Word document")
        raise file_errors.not_a_table()


def _guarded(read: Callable[[], _T]) -> _T:
    """xlrd lets struct errors, index errors and assertions of its own through: to a person all mean a damaged file."""
    try:
        return read()
    except Exception as error:
        raise (file_errors.encrypted() if "encrypt" in str(error).lower() else file_errors.damaged()) from error


def _opened(data: bytes) -> Any:
    book = xlrd.open_workbook(file_contents=data, logfile=io.StringIO(), on_demand=True)
    if book.biff_version < _UNICODE_BIFF and book.codepage in _WESTERN:
        # Before Unicode the file should name its code page; Chinese programs that forgot it wrote GBK.
        book = xlrd.open_workbook(
            file_contents=data, logfile=io.StringIO(), on_demand=True, encoding_override="gb18030"
        )
    return book


def _best(book: Any, names: tuple[str, ...]) -> str:
    scores = {}
    for name in names:
        sheet = book.sheet_by_name(name)
        head = [[_text(book, cell) for cell in sheet.row(row)] for row in range(min(sheet.nrows, SEARCHED_ROWS + 1))]
        header = find_header(head)
        scores[name] = len(header.columns) if header else 0
    return max(scores, key=lambda name: scores[name])


def _text(book: Any, cell: Any) -> str:
    if cell.ctype == xlrd.XL_CELL_TEXT:
        return str(cell.value)
    if cell.ctype == xlrd.XL_CELL_DATE:
        try:
            return text_of(xlrd.xldate_as_datetime(cell.value, book.datemode))
        except (ValueError, OverflowError):
            return text_of(cell.value)
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return text_of(bool(cell.value))
    if cell.ctype in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK, xlrd.XL_CELL_ERROR):
        return ""
    return text_of(cell.value)
