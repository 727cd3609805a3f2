"""A hand-in as R152 wants it: every row of the summary table has exactly one file named by its number, and vice versa."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gradphoto.engine.bounded.reader import BoundedError
from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.packet.summary import HEADINGS
from gradphoto.engine.tables.errors import RosterFileError, not_a_table
from gradphoto.engine.tables.model import OLE, Limits
from gradphoto.engine.tables.plain import read_plain
from gradphoto.engine.wording import Wording

_LOOK_DOWN = 8
_LIMITS = Limits(bytes=40 * 1024 * 1024, rows=50_000, columns=100)
_PHOTO_NAME = re.compile(r"0*([1-9]\d{0,8})\.jpe?g", re.IGNORECASE)


class HandInError(GradPhotoError):
    """The summary table cannot be read at all."""


@dataclass(frozen=True, slots=True)
class HandedRow:
    """A row as it stands in the file: its line there, its number (None where it is none), its eleven texts."""

    line: int
    number: int | None
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a row or a file, and what to do."""

    code: str
    message: Wording
    remedy: Wording


@dataclass(frozen=True, slots=True)
class OneToOne:
    """The file of every sound row by line, and the faults of rows (by line) and files (by name)."""

    files: Mapping[int, str]
    row_faults: Mapping[int, tuple[Fault, ...]]
    file_faults: Mapping[str, tuple[Fault, ...]]

    @property
    def ok(self) -> bool:
        return not self.row_faults and not self.file_faults


def number_of(file_name: str) -> int | None:
    """The shooting number that a file's name says (``7.jpg``, ``00007.JPG``), None where it says none."""
    found = _PHOTO_NAME.fullmatch(file_name)
    return int(found[1]) if found else None


def read_handed_table(data: bytes) -> list[HandedRow]:
    """The rows of a centre's own summary table (R52); spaces and brackets in its headings may be of either kind.

    Raises :class:`HandInError`: ``packet.table_unreadable`` or ``packet.table_columns``.
    """
    try:
        if not data.startswith((b"PK", OLE)):
            raise not_a_table()
        grid = read_plain(data, HEADINGS, _LIMITS)
    except (RosterFileError, BoundedError) as error:
        raise HandInError(
            "packet.table_unreadable",
            Wording(f"汇总表无法读取：{error.message.zh}", f"The summary table cannot be read: {error.message.en}"),
            Wording("请用 Excel 另存为 xlsx 后再上传。", "Save it as xlsx with Excel and upload it again."),
        ) from error
    wanted = tuple(_bare(heading) for heading in HEADINGS)
    width = len(wanted)
    head = next((n for n, (_, row) in enumerate(grid[:_LOOK_DOWN]) if tuple(map(_bare, row[:width])) == wanted), None)
    if head is None:
        raise HandInError(
            "packet.table_columns",
            Wording("汇总表的十一列与规定不一致。", "The eleven columns are not those prescribed."),
            Wording(f"表头依次为：{'、'.join(HEADINGS)}。", f"In this order: {', '.join(HEADINGS)}."),
        )
    rows = []
    for line, row in grid[head + 1 :]:
        texts = tuple(cell.strip() for cell in (*row, *[""] * width)[:width])
        if any(texts):
            number = int(texts[0]) if re.fullmatch(r"0*[1-9]\d{0,8}", texts[0]) else None
            rows.append(HandedRow(line, number, texts))
    return rows


def match(rows: Sequence[HandedRow], file_names: Sequence[str]) -> OneToOne:
    """Hold rows and files against each other by number; everything that is not one to one is told where it stands."""
    by_number: dict[int, list[str]] = {}
    file_faults: dict[str, list[Fault]] = {}
    for name in file_names:
        number = number_of(name)
        if number is None:
            file_faults[name] = [_BAD_NAME]
        else:
            by_number.setdefault(number, []).append(name)
    in_table = Counter(row.number for row in rows if row.number is not None)
    row_faults: dict[int, list[Fault]] = {}
    files: dict[int, str] = {}
    highest = 0
    for row in rows:
        faults = [] if row.number is not None else [_NO_NUMBER]
        if row.number is not None and row.number < highest:
            faults.append(_OUT_OF_ORDER)
        highest = max(highest, row.number or 0)
        named = by_number.get(row.number or 0, [])
        if row.number is not None and in_table[row.number] > 1:
            faults.append(_NUMBER_TWICE)
        if row.number is not None and not named:
            faults.append(_NO_FILE)
        if len(named) > 1:
            faults.append(_TWO_FILES)
        if faults:
            row_faults[row.line] = faults
        else:
            files[row.line] = named[0]
    for number, names in by_number.items():
        if number not in in_table:
            for name in names:
                file_faults.setdefault(name, []).append(_NO_ROW)
        elif len(names) > 1:
            for name in names:
                file_faults.setdefault(name, []).append(_TWO_FILES)
    return OneToOne(files, _frozen(row_faults), _frozen(file_faults))


def _frozen(faults: Mapping[int, list[Fault]] | Mapping[str, list[Fault]]) -> dict:  # type: ignore[type-arg]
    return {key: tuple(found) for key, found in faults.items()}


def _bare(cell: object) -> str:
    return re.sub(r"\s", "", str(cell)).replace("(", "（").replace(")", "）")


def _fault(code: str, zh: str, en: str, remedy_zh: str, remedy_en: str) -> Fault:
    return Fault(f"packet.{code}", Wording(zh, en), Wording(remedy_zh, remedy_en))


_BAD_NAME = _fault("file_name", "文件名不是拍摄序号。", "The file's name is no shooting number.",
                   "请改名为“序号.jpg”，如 7.jpg。", "Name it by its number, like 7.jpg.")  # fmt: skip
_NO_NUMBER = _fault("row_number", "拍摄序号不是正整数。", "The shooting number is no positive whole number.",
                    "请填写拍摄序号。", "Fill in the shooting number.")  # fmt: skip
_NUMBER_TWICE = _fault("number_twice", "拍摄序号重复。", "The shooting number stands in two rows.",
                       "请核对两行各是谁，改正其中一行。", "See who is who and correct one row.")  # fmt: skip
_OUT_OF_ORDER = _fault("row_order", "汇总表应按拍摄序号由小到大排列。", "The table stands in shooting-number order.",
                       "请按拍摄序号排序后重新上传。", "Sort it by the shooting number and upload it again.")  # fmt: skip
_NO_FILE = _fault("no_file", "没有以该序号命名的照片。", "There is no file of this number.",
                  "请补传照片，或删除该行。", "Upload the photograph or delete the row.")  # fmt: skip
_TWO_FILES = _fault("two_files", "同一序号有多张照片。", "There are several files of this number.",
                    "请只保留一张。", "Keep one of them.")  # fmt: skip
_NO_ROW = _fault("no_row", "汇总表中没有这个序号。", "This number is not in the table.",
                 "请在汇总表补上该行，或删除照片。", "Add the row or delete the file.")  # fmt: skip
