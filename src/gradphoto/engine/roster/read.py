"""Reading a roster file: xlsx or csv, known by its content, within limits; every failure says what to do."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import python_calamine

from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.roster.layout import Header, find_header
from gradphoto.engine.wording import Wording

_OLE = b"\xd0\xcf\x11\xe0"
_ZIP = b"PK\x03\x04"


@dataclass(frozen=True, slots=True)
class Limits:
    """What a roster file may weigh."""

    bytes: int = 64 * 1024 * 1024
    unpacked_bytes: int = 1024 * 1024 * 1024
    unpack_ratio: int = 200
    rows: int = 200_000


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row as text by field; ``row_number`` is what the spreadsheet shows at the left edge."""

    row_number: int
    values: dict[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """A roster as read: the header, the rows with anything in them, and every cell for the marked-up copy."""

    header: Header
    rows: tuple[RawRow, ...]
    cells: tuple[tuple[str, ...], ...]


class RosterFileError(GradPhotoError):
    """The file as a whole cannot be read."""


def read_table(data: bytes, file_name: str = "", limits: Limits | None = None) -> Table:
    """Read the first sheet (or the csv). Raises :class:`RosterFileError`.

    Codes: ``roster.empty``, ``too_large``, ``encrypted``, ``old_format``, ``zip_bomb``, ``not_a_table``, ``mojibake``,
    ``too_many_rows``, ``header_not_found``.
    """
    limits = limits or Limits()
    if not data.strip():
        raise _error("empty", "文件是空的。", "The file is empty.", "请重新导出后再上传。", "Export it again.")
    if len(data) > limits.bytes:
        raise _error("too_large", "文件过大。", "The file is too large.", "请按学院拆分。", "Split it by department.")
    if data.startswith(_OLE):
        raise _ole_error(data)
    cells = _read_xlsx(data, limits) if data.startswith(_ZIP) else _read_csv(data, limits)
    header = find_header(cells)
    if header is None:
        raise _error(
            "header_not_found",
            "前15行中没有找到表头。",
            "No heading row was found in the first 15 rows.",
            "表头应含“学号、姓名、性别、身份证号”等列，可下载模板对照。",
            "It needs headings such as 学号, 姓名, 性别, 身份证号; compare with the template.",
        )
    rows = tuple(_rows(cells, header))
    if not rows:
        raise _error(
            "empty",
            "表头下面没有数据。",
            "There are no rows below the heading.",
            "请填写后再上传。",
            "Fill it in first.",
        )
    return Table(header, rows, tuple(cells))


def _rows(cells: Sequence[tuple[str, ...]], header: Header) -> list[RawRow]:
    columns = tuple(header.columns.items())
    rows = []
    for number, row in enumerate(cells[header.row_number :], start=header.row_number + 1):
        values = {field: row[column] if column < len(row) else "" for field, column in columns}
        if any(values.values()):
            rows.append(RawRow(number, values))
    return rows


def _read_xlsx(data: bytes, limits: Limits) -> list[tuple[str, ...]]:
    _refuse_zip_bomb(data, limits)
    try:
        workbook = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        sheet = workbook.get_sheet_by_index(0)
    except Exception as error:  # calamine has one exception a format; all mean the same to a person
        raise _not_a_table() from error
    if sheet.total_height > limits.rows:
        raise _too_many(limits)
    return [tuple(_text(cell) for cell in row) for row in sheet.to_python(skip_empty_area=False)]


def _refuse_zip_bomb(data: bytes, limits: Limits) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except zipfile.BadZipFile as error:
        raise _not_a_table() from error
    if unpacked > limits.unpacked_bytes or unpacked > limits.unpack_ratio * max(len(data), 10_000):
        raise _error(
            "zip_bomb",
            "文件解压后异常巨大，已拒绝。",
            "The file unpacks to an absurd size and was refused.",
            "请在表格软件中另存为新的 xlsx 后再上传。",
            "Save it as a new xlsx in your spreadsheet program.",
        )


def _read_csv(data: bytes, limits: Limits) -> list[tuple[str, ...]]:
    if b"\x00" in data[:4096]:
        raise _not_a_table()
    text = _decode(data)
    rows = [tuple(cell.strip() for cell in row) for row in csv.reader(io.StringIO(text, newline=""))]
    if len(rows) > limits.rows:
        raise _too_many(limits)
    return rows


def _decode(data: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _error(
        "mojibake",
        "文字编码无法识别。",
        "The text encoding cannot be recognised.",
        "请另存为 xlsx 或 UTF-8 编码的 csv。",
        "Save it as xlsx, or as csv in UTF-8.",
    )


def _text(cell: object) -> str:
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else str(cell)
    if isinstance(cell, datetime):
        return cell.strftime("%Y%m%d")
    if isinstance(cell, date):
        return cell.strftime("%Y%m%d")
    return "" if cell is None else str(cell)


def _ole_error(data: bytes) -> RosterFileError:
    if "EncryptedPackage".encode("utf-16-le") in data:
        return _error(
            "encrypted",
            "文件有打开密码。",
            "The file is protected by a password.",
            "请去掉密码后另存再上传。",
            "Remove the password and save it again.",
        )
    return _error(
        "old_format",
        "这是旧版 xls 格式。",
        "This is the old xls format.",
        "请在表格软件中另存为 xlsx。",
        "Save it as xlsx in your spreadsheet program.",
    )


def _not_a_table() -> RosterFileError:
    return _error(
        "not_a_table",
        "文件不是可读取的表格。",
        "The file is not a table that can be read.",
        "请上传 xlsx 或 csv；不要只改扩展名。",
        "Hand in an xlsx or csv; renaming is not enough.",
    )


def _too_many(limits: Limits) -> RosterFileError:
    return _error(
        "too_many_rows",
        f"超过 {limits.rows} 行。",
        f"More than {limits.rows} rows.",
        "请按学院拆分后分别上传。",
        "Split it by department.",
    )


def _error(code: str, zh: str, en: str, remedy_zh: str, remedy_en: str) -> RosterFileError:
    return RosterFileError(f"roster.{code}", Wording(zh, en), Wording(remedy_zh, remedy_en))
