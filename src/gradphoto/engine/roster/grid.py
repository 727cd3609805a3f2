"""What every reader hands on: one sheet as text, and what it noticed on the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

LARGEST_EXACT = 1e15
"""Spreadsheets keep fifteen digits of a figure; the rest of a longer one is lost."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a roster file may weigh."""

    bytes: int = 64 * 1024 * 1024
    unpacked_bytes: int = 1024 * 1024 * 1024
    unpack_ratio: int = 200
    rows: int = 200_000


class MarkKind(StrEnum):
    """What a reader saw in a cell that its text does not tell."""

    ERROR_VALUE = "cell_error"
    NO_CACHED_VALUE = "formula_without_value"


@dataclass(frozen=True, slots=True)
class CellMark:
    """A remark on one cell; ``row`` and ``column`` count from 0, ``text`` is what the cell shows (``#N/A``)."""

    row: int
    column: int
    kind: MarkKind
    text: str = ""


@dataclass(frozen=True, slots=True)
class Grid:
    """One sheet as rows of equal length, each cell as text, untrimmed; ``sheets`` names all that can be chosen."""

    cells: Sequence[tuple[str, ...]]
    sheet: str = ""
    sheets: tuple[str, ...] = ()
    marks: tuple[CellMark, ...] = ()
    has_macros: bool = False
    filled_cells: int = 0


def text_of(cell: object) -> str:
    """A cell as the text that a person means by it: whole numbers without a point, dates as eight digits.

    A figure of more than fifteen digits keeps its exponent (``9.90101200403050E+17``), because its last digits are lost.
    """
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, (int, float)):
        if abs(cell) >= LARGEST_EXACT:
            return f"{cell:.14E}"
        return str(int(cell)) if cell == int(cell) else repr(cell)
    if isinstance(cell, (datetime, date)):
        return f"{cell.year:04d}{cell.month:02d}{cell.day:02d}"
    if isinstance(cell, (time, timedelta)) or cell is not None:
        return str(cell)
    return ""


def evened(rows: Sequence[Sequence[str]]) -> list[tuple[str, ...]]:
    """The rows filled up with empty cells to one length, so that every column is there in every row."""
    width = max(map(len, rows), default=0)
    return [tuple(row) if len(row) == width else (*row, *("",) * (width - len(row))) for row in rows]
