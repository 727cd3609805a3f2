"""Reading a roster file, known by its content and never by its name, within limits; every failure says what to do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import overload

from gradphoto.engine.roster import faults, file_errors
from gradphoto.engine.roster.file_errors import RosterFileError
from gradphoto.engine.roster.findings import Finding, Progress
from gradphoto.engine.roster.grid import CellMark, Grid, Limits, MarkKind
from gradphoto.engine.roster.layout import SEARCHED_ROWS, Header, find_header, header_at
from gradphoto.engine.roster.mapping_types import ColumnMapping
from gradphoto.engine.roster.read_dbf import is_dbf, read_dbf
from gradphoto.engine.roster.read_text import UTF_16, read_text
from gradphoto.engine.roster.read_xls import BARE_BIFF, OLE, read_xls
from gradphoto.engine.roster.read_xlsx import read_xlsx

__all__ = ["Limits", "RawRow", "RosterFileError", "Table", "read_grid", "read_table"]

_ZIP = b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"
_OTHER_FILES: tuple[tuple[bytes, str, str], ...] = (
    (b"\xff\xd8\xff", "JPEG 照片", "a JPEG picture"),
    (b"\x89PNG", "PNG 图片", "a PNG picture"),
    (b"GIF8", "GIF 图片", "a GIF picture"),
    (b"II*\x00", "TIFF 图片", "a TIFF picture"),
    (b"%PDF", "PDF 文档", "a PDF document"),
    (b"Rar!", "RAR 压缩包", "a RAR archive"),
    (b"7z\xbc\xaf", "7z 压缩包", "a 7z archive"),
    (b"\x1f\x8b", "gz 压缩包", "a gzip archive"),
    (b"SQLite format 3", "数据库文件", "a database file"),
    (b"{\\rtf", "RTF 文档", "an RTF document"),
)
_WEB_PAGES = (b"<html", b"<!doctype html", b"<table", b"<?xml", b"mime-version:")
_FOOT_WORDS = (
    "合计",
    "总计",
    "小计",
    "共计",
    "制表",
    "填表",
    "审核",
    "负责人",
    "注:",
    "注：",
    "说明:",
    "说明：",
    "备注:",
    "备注：",
    "打印时间",
)
_WIDEST_FOOT = 3


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row as text by field; ``row_number`` is what the spreadsheet shows at the left edge."""

    row_number: int
    values: dict[str, str]


class RawRows(Sequence[RawRow]):
    """The rows of a table, each made when it is asked for: a hundred thousand dictionaries are never all needed."""

    __slots__ = ("_cells", "_columns", "_numbers")

    def __init__(self, cells: Sequence[tuple[str, ...]], numbers: Sequence[int], columns: dict[str, int]) -> None:
        self._cells, self._numbers, self._columns = cells, numbers, tuple(columns.items())

    def __len__(self) -> int:
        return len(self._numbers)

    @overload
    def __getitem__(self, index: int) -> RawRow: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[RawRow]: ...
    def __getitem__(self, index: int | slice) -> RawRow | Sequence[RawRow]:
        if isinstance(index, slice):
            return [self._row(number) for number in self._numbers[index]]
        return self._row(self._numbers[index])

    def __iter__(self) -> Iterator[RawRow]:
        return map(self._row, self._numbers)

    def _row(self, number: int) -> RawRow:
        row = self._cells[number - 1]
        return RawRow(number, {name: row[column] for name, column in self._columns})


@dataclass(frozen=True, slots=True)
class Table:
    """A roster as read: the header, the rows with anything in them, and every cell for the marked-up copy.

    ``cells`` holds all rows of the sheet from row 1 on, each of the same length, untrimmed; ``numbers`` says which of
    them are rows of the table. ``notes`` are the findings of the reading itself: macros, error values, merged or
    repeated headings, lines below the table that were not taken for people.
    """

    header: Header
    cells: Sequence[tuple[str, ...]]
    numbers: Sequence[int]
    sheet: str = ""
    sheets: tuple[str, ...] = ()
    notes: tuple[Finding, ...] = ()
    has_macros: bool = False
    rows: Sequence[RawRow] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "rows", RawRows(self.cells, self.numbers, self.header.columns))


def read_table(
    data: bytes,
    file_name: str = "",
    limits: Limits | None = None,
    mapping: ColumnMapping | None = None,
    progress: Progress | None = None,
) -> Table:
    """Read the sheet with the best heading, or what ``mapping`` names. Raises :class:`RosterFileError`.

    ``progress`` hears the rows read; an exception in it ends the reading. ``file_name`` decides nothing: the content
    does. Codes: ``roster.empty``, ``too_large``, ``too_many_rows``, ``too_wide``, ``encrypted``, ``zip_bomb``, ``truncated``,
    ``damaged``, ``not_a_table``, ``web_page``, ``bad_csv``, ``mojibake``, ``header_not_found``, ``no_such_sheet``,
    ``mapping_does_not_fit``.
    """
    grid = read_grid(data, limits or Limits(), mapping.sheet if mapping else None, progress)
    header = mapping.header_for(grid.cells) if mapping else find_header(grid.cells)
    if header is None:
        raise file_errors.header_not_found(grid.sheet, SEARCHED_ROWS)
    numbers, notes = _data_rows(grid.cells, header)
    if not numbers:
        raise file_errors.no_rows()
    found = (*_notes_on_file(grid, header), *notes, *_notes_on_cells(grid.marks, header, set(numbers)))
    return Table(header, grid.cells, numbers, grid.sheet, grid.sheets, found, grid.has_macros)


def read_grid(
    data: bytes,
    limits: Limits,
    sheet: str | None = None,
    progress: Progress | None = None,
    only_rows: int | None = None,
) -> Grid:
    """The cells of the file by the reader that its first bytes ask for."""
    if not data.strip():
        raise file_errors.empty()
    if len(data) > limits.bytes:
        raise file_errors.too_large()
    if data.startswith(_ZIP):
        return read_xlsx(data, limits, sheet, progress, only_rows)
    if data.startswith((OLE, *BARE_BIFF)):
        return read_xls(data, limits, sheet, progress, only_rows)
    if is_dbf(data):
        return read_dbf(data, limits, progress, only_rows)
    _refuse_other_files(data)
    return read_text(data, limits, progress, only_rows)


def _refuse_other_files(data: bytes) -> None:
    for magic, zh, en in _OTHER_FILES:
        if data.startswith(magic):
            raise file_errors.not_a_table(zh, en)
    start = data[:1024].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if start.startswith(_WEB_PAGES) or b"<table" in start:
        raise file_errors.web_page()
    if data.startswith(_EMPTY_ZIP) or (b"\x00" in data[:4096] and not data.startswith(UTF_16)):
        raise file_errors.not_a_table()


def _data_rows(cells: Sequence[tuple[str, ...]], header: Header) -> tuple[list[int], list[Finding]]:
    """The numbers of the rows below the header that hold a person, and notes on those passed over."""
    columns = tuple(sorted(set(header.columns.values())))
    titles = tuple(header.titles[column] for column in columns)
    probe = itemgetter(*columns[: _WIDEST_FOOT + 1], columns[0])
    numbers: list[int] = []
    notes: list[Finding] = []
    for number, row in enumerate(cells[header.row_number :], start=header.row_number + 1):
        # Most rows are plainly people: more cells filled than any note below a table has, and no heading among them.
        if all(probed := probe(row)) and probed[0] != titles[0] and len(columns) > _WIDEST_FOOT:
            numbers.append(number)
            continue
        values = tuple(row[column].strip() for column in columns)
        filled = len(values) - values.count("")
        if values == titles:
            notes.append(faults.REPEATED_HEADER.at(number, "", "", ""))
        elif 0 < filled <= _WIDEST_FOOT and _is_foot(row):
            notes.append(faults.FOOT_LINE.at(number, "", "", next(cell for cell in row if cell.strip())))
        elif filled:
            numbers.append(number)
    return numbers, notes


def _is_foot(row: Sequence[str]) -> bool:
    first = "".join(next(cell for cell in row if cell.strip()).split())
    return first.startswith(_FOOT_WORDS)


def _notes_on_file(grid: Grid, header: Header) -> Iterator[Finding]:
    if grid.has_macros:
        yield faults.MACROS.at(header.row_number, "", "", "")
    known = header_at(header.titles, header.row_number).columns
    for column, title in enumerate(header.titles):
        twin = next((name for name, first in known.items() if first < column and header.titles[first] == title), None)
        if title and twin is not None and header.columns.get(twin) != column:
            yield faults.COLUMN_TWICE.at(header.row_number, twin, title, title)


def _notes_on_cells(marks: Sequence[CellMark], header: Header, numbers: set[int]) -> Iterator[Finding]:
    names = {column: name for name, column in header.columns.items()}
    for mark in marks:
        name = names.get(mark.column)
        if name is not None and mark.row + 1 in numbers:
            fault = faults.CELL_ERROR if mark.kind is MarkKind.ERROR_VALUE else faults.FORMULA_WITHOUT_VALUE
            yield fault.at(mark.row + 1, name, header.title_of(name), mark.text)
