"""What every reader of tables hands on: sheets, rows as text, and what it noticed on the way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol

# First bytes of an old workbook: with its container, and without one as older school systems write it.
OLE = b"\xd0\xcf\x11\xe0"
BARE_BIFF = (b"\x09\x00\x04\x00", b"\x09\x02\x06\x00", b"\x09\x04\x06\x00", b"\x09\x08\x08\x00", b"\x09\x08\x10\x00")
LARGEST_EXACT = 1e15
"""Spreadsheets keep fifteen digits of a figure; the rest of a longer one is lost."""
CELL_END, ROW_END = "\x1f", "\x1e"
"""Stand between cells and rows of a packed block. No reader lets them through inside of a cell."""
_SEPARATORS = {ord(CELL_END): " ", ord(ROW_END): " "}
BLOCK_ROWS = 2_000
HEAD_ROWS = 60


@dataclass(frozen=True, slots=True)
class Limits:
    """What a table file may weigh. ``columns`` counts to the last cell with anything in it; ``marks`` per sheet."""

    bytes: int = 64 * 1024 * 1024
    unpacked_bytes: int = 1024 * 1024 * 1024
    unpack_ratio: int = 200
    rows: int = 200_000
    columns: int = 700
    sheets: int = 300
    marks: int = 20_000
    merges: int = 200_000


class MarkKind(StrEnum):
    """What a reader saw in a cell that its text does not tell."""

    ERROR_VALUE = "cell_error"
    NO_CACHED_VALUE = "formula_without_value"
    MONTH_AS_FIGURE = "month_as_figure"
    """A figure such as 2022.1: typed 2022.10 perhaps."""
    BECAME_DATE = "became_date"
    """A date where the caller expects none: 2-1 perhaps, or 3/4."""
    STRUCK = "struck"
    """A cell, or a part of it, is struck through in a row that is not."""
    BROKEN = "broken"
    """A byte that belongs to no character: something of the text is lost."""
    ELSEWHERE = "elsewhere"
    """The value stands in another file (memo fields of a dbf)."""
    CUT = "cut"
    """The text fills a column of fixed width to its last byte, or breaks off inside of a character."""


@dataclass(frozen=True, slots=True)
class CellMark:
    """A remark on one cell; ``row`` as the spreadsheet counts (from 1), ``column`` from 0, ``text`` what it shows."""

    row: int
    column: int
    kind: MarkKind
    text: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the caller looks for. ``headings`` in their plain form find the separator of a text and garbled encodings;
    ``columns`` are those that count, ``dates`` those of them where a date is expected, both only if known."""

    headings: frozenset[str] = frozenset()
    columns: frozenset[int] = frozenset()
    dates: frozenset[int] = frozenset()

    def counts(self, column: int) -> bool:
        """Whether a remark on a cell of this column is worth its place: a helper column full of #N/A would take them all."""
        return not self.columns or column in self.columns


@dataclass(slots=True)
class SheetFacts:
    """One sheet: what it is called, how much is in it, and what of it a person does not see.

    ``rows`` counts rows with anything in them; ``hidden_rows`` and ``struck_rows`` are those of them that are hidden
    (a filter hides rows too) or struck through. ``head`` are the first rows with their numbers.
    """

    title: str = ""
    hidden: bool = False
    rows: int = 0
    last_row: int = 0
    width: int = 0
    hidden_rows: list[int] = field(default_factory=list)
    struck_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)
    filtered: bool = False
    has_macros: bool = False
    head: list[tuple[int, tuple[str, ...]]] = field(default_factory=list)
    marks: list[CellMark] = field(default_factory=list)
    marks_left_out: int = 0
    records_said: int | None = None
    """How many rows the file itself says it has, where that is not true."""

    def mark(self, row: int, column: int, kind: MarkKind, text: str, most: int) -> None:
        """Keep a remark, up to ``most`` of them."""
        if len(self.marks) < most:
            self.marks.append(CellMark(row, column, kind, text[:100]))
        else:
            self.marks_left_out += 1

    def to_json(self) -> dict[str, Any]:
        """Plain values for the channel; rows as ranges."""
        plain = {name: getattr(self, name) for name in _PLAIN}
        return plain | {
            "hidden_rows": ranges(self.hidden_rows),
            "struck_rows": ranges(self.struck_rows),
            "head": [[number, list(row)] for number, row in self.head],
            "marks": [[m.row, m.column, str(m.kind), m.text] for m in self.marks],
        }

    @classmethod
    def from_json(cls, said: dict[str, Any]) -> SheetFacts:
        """Read :meth:`to_json`; ``ValueError``, ``TypeError`` or ``KeyError`` for anything else."""
        return cls(
            str(said["title"]), bool(said["hidden"]), int(said["rows"]), int(said["last_row"]), int(said["width"]),
            unranged(said["hidden_rows"]), unranged(said["struck_rows"]), [int(c) for c in said["hidden_columns"]],
            bool(said["filtered"]), bool(said["has_macros"]),
            [(int(number), tuple(map(str, row))) for number, row in said["head"]],
            [CellMark(int(r), int(c), MarkKind(k), str(t)) for r, c, k, t in said["marks"]],
            int(said["marks_left_out"]), None if said["records_said"] is None else int(said["records_said"]),
        )  # fmt: skip


_PLAIN = (
    "title", "hidden", "rows", "last_row", "width", "hidden_columns", "filtered", "has_macros", "marks_left_out",
    "records_said",
)  # fmt: skip
_MOST_IN_RANGES = 2_000_000


def ranges(numbers: Iterable[int]) -> list[list[int]]:
    """Rising numbers as pairs of first and last."""
    found: list[list[int]] = []
    for number in numbers:
        if found and number == found[-1][1] + 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return found


def unranged(pairs: Iterable[Sequence[int]]) -> list[int]:
    """The numbers that :func:`ranges` put together; ``ValueError`` for more than a sheet has."""
    found: list[int] = []
    for first, last in pairs:
        if not 0 < first <= last or last - first + len(found) > _MOST_IN_RANGES:
            raise ValueError("no rows of a sheet")
        found.extend(range(first, last + 1))
    return found


Row = tuple[int, list[str]]


class Source(Protocol):
    """An opened table file."""

    @property
    def sheets(self) -> Sequence[SheetFacts]:
        """The work sheets in their order; only title and ``hidden`` are filled in."""
        ...

    def look_for(self, wanted: Wanted) -> None:
        """What counts in the sheet that is read next."""
        ...

    def outline(self, sheet: int) -> SheetFacts:
        """Everything about a sheet but its cells, with its head."""
        ...

    def rows(self, sheet: int, facts: SheetFacts) -> Iterator[Row]:
        """The rows with anything in them, by number; ``facts`` is filled in on the way."""
        ...


def packed(rows: Sequence[Row]) -> str:
    """Rows as one text, column by column: the numbers, then the cells of each column, divided by control characters
    that no cell holds. By columns they are taken apart in a tenth of the time that rows take."""
    width = max(len(cells) for _, cells in rows)
    evened = [cells if len(cells) == width else [*cells, *[""] * (width - len(cells))] for _, cells in rows]
    columns = [[str(number) for number, _ in rows], *zip(*evened, strict=True)]
    return ROW_END.join([CELL_END.join(column) for column in columns])


def unpacked_columns(text: str) -> tuple[list[int], list[list[str]]]:
    """The numbers of the rows and the columns of :func:`packed`; ``ValueError`` for anything else."""
    numbers, *columns = [column.split(CELL_END) for column in text.split(ROW_END)]
    if any(len(column) != len(numbers) for column in columns):
        raise ValueError("columns of unequal length")
    return list(map(int, numbers)), columns


def unpacked(text: str) -> list[tuple[int, tuple[str, ...]]]:
    """The same row by row."""
    numbers, columns = unpacked_columns(text)
    return list(zip(numbers, zip(*columns, strict=True), strict=True))


def clean(text: str) -> str:
    """A cell's text without the two characters that divide cells and rows."""
    return text.translate(_SEPARATORS) if CELL_END in text or ROW_END in text else text


def text_of(cell: object) -> str:
    """A cell as the text that a person means by it: whole numbers without a point, dates as eight digits.

    A figure of more than fifteen digits keeps its exponent (``9.90101200403050E+17``), because its last digits are lost.
    """
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, (int, float)):
        return figure_text(cell)
    if isinstance(cell, (datetime, date)):
        return f"{cell.year:04d}{cell.month:02d}{cell.day:02d}"
    if isinstance(cell, time):
        return f"{cell:%H:%M:%S}"
    return "" if cell is None else str(cell)


def figure_text(figure: float) -> str:
    """A figure without a format of its own."""
    if figure != figure or figure in (float("inf"), float("-inf")):
        return ""
    if abs(figure) >= LARGEST_EXACT:
        return f"{figure:.14E}"
    if figure == int(figure):
        return str(int(figure))
    # Fifteen digits are what a spreadsheet keeps; what stands behind them is the noise of its arithmetic.
    return f"{Decimal(f'{figure:.15g}'):f}"


def may_be_october(text: str) -> bool:
    """Whether a figure may be a year and a month of which a spreadsheet ate the zero: 2022.1 for 2022.10."""
    year, point, month = text.partition(".")
    return bool(point) and month in ("1", "10") and len(year) == 4 and year[:2] in ("19", "20") and year.isdecimal()
