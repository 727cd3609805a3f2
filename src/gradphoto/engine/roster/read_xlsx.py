"""xlsx and xlsm: the package is looked through before it is opened, then read by calamine."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO
from xml.etree import ElementTree

import python_calamine

from gradphoto.engine.roster import file_errors
from gradphoto.engine.roster.findings import Progress
from gradphoto.engine.roster.grid import CellMark, Grid, Limits, MarkKind, text_of
from gradphoto.engine.roster.layout import SEARCHED_ROWS, find_header

_WORKBOOK = "xl/workbook.xml"
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
_MACROS = "vbaProject.bin"
_BLOCK = 1 << 20
_ENCRYPTED = 0x1
_PROGRESS_ROWS = 10_000
_SMALL_PART = 1 << 22
_CELL = re.compile(rb'<(?:\w+:)?c r="([A-Z]{1,3})([0-9]{1,7})"([^>/]*)>(.*?)</(?:\w+:)?c>', re.DOTALL)
_VALUE = re.compile(rb"<(?:\w+:)?v[^>]*>([^<]+)</")
_ROW = b'row r="'
_NUMBER = re.compile(rb"[0-9]{1,7}")
_FAR_COLUMN = re.compile(rb'r="[A-Z]{3}[0-9]{1,7}"[^>/]*>')
_BROKEN = (
    zipfile.BadZipFile, zlib.error, ElementTree.ParseError, EOFError, OSError, ValueError, LookupError, NotImplementedError,
    RuntimeError, struct.error,
)  # fmt: skip
"""All that a package damaged at some place makes the standard library raise."""
_REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


@dataclass(frozen=True, slots=True)
class _Scan:
    """What a sheet's XML tells without being parsed."""

    refusal: file_errors.RosterFileError | None = None
    marks: tuple[CellMark, ...] = ()


def read_xlsx(
    data: bytes, limits: Limits, sheet: str | None, progress: Progress | None = None, only_rows: int | None = None
) -> Grid:
    """The asked sheet, or the visible one with the best heading. ``only_rows`` stops early (for a preview)."""
    with _opened(data) as package:
        _refuse_package(package, len(data), limits)
        names = set(package.namelist())
        if _WORKBOOK not in names:
            raise _what_zip(names)
        try:
            parts = _sheet_parts(package)
            scans = {part: _scan(package, part, limits.rows) for part in names if _SHEET.fullmatch(part)}
            _prove_sizes(package, scans)
        except _BROKEN as error:
            raise file_errors.damaged() from error
    refused = {title: why for title, part in parts.items() if part in scans and (why := scans[part].refusal)}
    if refused and len(refused) == len(parts):
        raise next(iter(refused.values()))
    try:
        workbook = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        title, loaded = _choose(workbook, sheet, refused)
        cells = _cells(loaded, progress, only_rows)
    except python_calamine.PasswordError as error:
        raise file_errors.encrypted() from error
    except python_calamine.CalamineError as error:
        raise file_errors.damaged() from error
    scan = scans.get(parts.get(title, ""), _Scan())
    has_macros = any(name.endswith(_MACROS) for name in names)
    return Grid(_filled_from_merges(cells, loaded), title, _sheet_names(workbook), scan.marks, has_macros)


def _opened(data: bytes) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(io.BytesIO(data))
    except _BROKEN as error:
        # A local header in order and no directory at the end: the beginning of a whole archive.
        if len(data) > 30 and data[8:10] in (b"\x00\x00", b"\x08\x00") and data[26:30] != b"\x00\x00\x00\x00":
            name = data[30 : 30 + int.from_bytes(data[26:28], "little")]
            if name.isascii() and b" " not in name and (b"." in name or b"/" in name):
                raise file_errors.truncated() from error
        raise file_errors.not_a_table() from error


def _what_zip(names: set[str]) -> file_errors.RosterFileError:
    known = (
        ("word/", "Word 文档", "a Word document"), ("ppt/", "演示文稿", "a presentation"),
        ("xl/workbook.bin", "xlsb 工作簿", "an xlsb workbook"), ("content.xml", "OpenDocument 文件", "an OpenDocument file"),
    )  # fmt: skip
    for start, zh, en in known:
        if any(name.startswith(start) for name in names):
            return file_errors.not_a_table(zh, en)
    return file_errors.not_a_table("压缩包", "an archive")


def _refuse_package(package: zipfile.ZipFile, packed: int, limits: Limits) -> None:
    if any(entry.flag_bits & _ENCRYPTED for entry in package.infolist()):
        raise file_errors.encrypted()
    unpacked = sum(entry.file_size for entry in package.infolist())
    if unpacked > limits.unpacked_bytes or unpacked > limits.unpack_ratio * max(packed, 10_000):
        raise file_errors.zip_bomb()


def _prove_sizes(package: zipfile.ZipFile, scanned: dict[str, _Scan]) -> None:
    """Unpack what was not scanned, as a directory that names too small a size fails its check sum here."""
    for entry in package.infolist():
        if entry.filename not in scanned and entry.filename.endswith((".xml", ".rels")):
            with package.open(entry) as part:
                while part.read(_BLOCK):
                    pass


def _sheet_parts(package: zipfile.ZipFile) -> dict[str, str]:
    """The part of each sheet by its title."""
    rels_name = "xl/_rels/workbook.xml.rels"
    if rels_name not in package.namelist():
        return {}
    for name in (_WORKBOOK, rels_name):
        if package.getinfo(name).file_size > _SMALL_PART:
            raise file_errors.zip_bomb()
    targets = {
        rel.get("Id", ""): rel.get("Target", "")
        for rel in ElementTree.fromstring(package.read(rels_name))  # noqa: S314
    }
    book = ElementTree.fromstring(package.read(_WORKBOOK))  # noqa: S314 - expat refuses entity bombs; parts are small
    sheets = (element for element in book.iter() if element.tag.endswith("}sheet"))
    found = {}
    for element in sheets:
        target = targets.get(element.get(_REL, ""), "").removeprefix("/")
        found[element.get("name", "")] = target if target.startswith("xl/") else f"xl/{target}"
    return found


def _scan(package: zipfile.ZipFile, part: str, most_rows: int) -> _Scan:
    """Look at a sheet before it is loaded, as loading lays out every cell up to the last: where the last value stands,
    and which cells hold error values or formulas without a value. Ends at the limit."""
    rows = 0
    marks: list[CellMark] = []
    with package.open(part) as stream:
        for block in _blocks(stream):
            rows = max(rows, _last_row_with_value(block) or rows + block.count(b"row>") // 2)
            if rows > most_rows:
                return _Scan(file_errors.too_many_rows(most_rows))
            if _FAR_COLUMN.search(block):
                return _Scan(file_errors.too_wide())
            if b't="e"' in block or b"<f" in block or b":f>" in block:
                marks.extend(_marks(block))
    return _Scan(marks=tuple(marks))


def _last_row_with_value(block: bytes) -> int:
    """Formatted blanks often go down to the last row of a sheet: they do not count."""
    value = max(block.rfind(b"v>"), block.rfind(b"is>"))
    start = block.rfind(_ROW, 0, max(value, 0))
    found = _NUMBER.match(block, start + len(_ROW)) if start >= 0 else None
    return int(found[0]) if found else 0


def _blocks(stream: IO[bytes]) -> Iterator[bytes]:
    """The XML in pieces that end where a row ends."""
    rest = b""
    while chunk := stream.read(_BLOCK):
        rest += chunk
        end = rest.rfind(b"row>") + 4
        if end > 4 or len(rest) > 8 * _BLOCK:
            cut = end if end > 4 else len(rest)
            yield rest[:cut]
            rest = rest[cut:]
    if rest:
        yield rest


def _marks(block: bytes) -> Iterator[CellMark]:
    for found in _CELL.finditer(block):
        letters, number, attributes, body = found.groups()
        value = _VALUE.search(body)
        if b't="e"' in attributes:
            text = value[1].decode("utf-8", "replace") if value else "#"
            yield CellMark(int(number) - 1, _column(letters), MarkKind.ERROR_VALUE, text)
        elif value is None and (b"<f" in body or b":f" in body) and b't="str"' not in attributes:
            yield CellMark(int(number) - 1, _column(letters), MarkKind.NO_CACHED_VALUE)


def _column(letters: bytes) -> int:
    index = 0
    for letter in letters:
        index = index * 26 + letter - 64
    return index - 1


def _sheet_names(workbook: python_calamine.CalamineWorkbook) -> tuple[str, ...]:
    """The work sheets, visible ones first."""
    sheets = [s for s in workbook.sheets_metadata if s.typ == python_calamine.SheetTypeEnum.WorkSheet]
    return tuple(s.name for s in sorted(sheets, key=lambda s: s.visible != python_calamine.SheetVisibleEnum.Visible))


def _choose(
    workbook: python_calamine.CalamineWorkbook, asked: str | None, refused: dict[str, file_errors.RosterFileError]
) -> tuple[str, python_calamine.CalamineSheet]:
    names = _sheet_names(workbook)
    if asked:
        if asked not in names:
            raise file_errors.no_such_sheet(asked, names)
        names = (asked,)
    best: tuple[int, str, python_calamine.CalamineSheet] | None = None
    for name in names:
        if name in refused:
            continue
        loaded = workbook.get_sheet_by_name(name)
        header = find_header([[text_of(c) for c in row] for row in _head(loaded)]) if loaded.total_height else None
        score = len(header.columns) if header else 0
        if best is None or score > best[0]:
            best = (score, name, loaded)
    if best is None or not best[0]:
        for name in names:
            if name in refused:
                raise refused[name]
    if best is None:
        raise file_errors.empty()
    return best[1], best[2]


def _head(sheet: python_calamine.CalamineSheet) -> Sequence[Sequence[object]]:
    return sheet.to_python(skip_empty_area=False, nrows=SEARCHED_ROWS + 1)


def _cells(
    sheet: python_calamine.CalamineSheet, progress: Progress | None, only_rows: int | None
) -> list[tuple[str, ...]]:
    left = ("",) * (sheet.start[1] if sheet.start else 0)
    cells: list[tuple[str, ...]] = []
    for row in sheet.iter_rows():
        cells.append((*left, *[c if c.__class__ is str else text_of(c) for c in row]))
        if len(cells) % _PROGRESS_ROWS == 0 and progress is not None:
            progress(len(cells))
        if len(cells) == only_rows:
            break
    return cells


def _filled_from_merges(cells: list[tuple[str, ...]], sheet: python_calamine.CalamineSheet) -> list[tuple[str, ...]]:
    """Give every row of a vertically merged cell the value that a person sees beside it."""
    for (top, left), (bottom, _) in sheet.merged_cell_ranges or ():
        if top == bottom or top >= len(cells) or left >= len(cells[top]):
            continue
        value = cells[top][left]
        for row in range(top + 1, min(bottom + 1, len(cells))):
            if not cells[row][left]:
                cells[row] = (*cells[row][:left], value, *cells[row][left + 1 :])
    return cells
