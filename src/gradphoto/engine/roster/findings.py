"""What the check says about one cell: the reason, the remedy, and the repair where one is safe."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from gradphoto.engine.standards.identity import mask
from gradphoto.engine.wording import Wording

MASKED_FIELDS = frozenset({"id_number"})
"""Fields whose values are personal numbers: never shown whole."""
SHOWN_CHARACTERS = 100

Progress = Callable[[int], None]
"""Hears how many rows are done; an exception raised in it (a cancel) ends the work and goes through unchanged."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row stands: its sheet (empty where only one was read) and its row there."""

    sheet: str
    row: int

    @property
    def zh(self) -> str:
        return f"{f'“{self.sheet}”' if self.sheet else ''}第 {self.row} 行"

    @property
    def en(self) -> str:
        return f"row {self.row}{f' of sheet {self.sheet}' if self.sheet else ''}"


class Severity(StrEnum):
    """An error keeps the row out; a warning goes in with it."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Fix:
    """A safe replacement of the whole cell. ``shown`` is masked where ``value`` is a personal number."""

    value: str = field(repr=False)
    shown: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault of one cell, with the reason and the remedy. ``value`` is masked where it is an ID number.

    ``row_number`` counts as the spreadsheet does; findings about a whole column or file stand at the heading row.
    """

    row_number: int
    field: str
    column_title: str
    value: str
    code: str
    severity: Severity
    reason: Wording
    remedy: Wording
    fix: Fix | None = None

    def moved(self, rows: int) -> Finding:
        """The same so many rows further down: where several sheets are read together."""
        return replace(self, row_number=self.row_number + rows)


@dataclass(frozen=True, slots=True)
class Fault:
    """A kind of fault apart from where it stands. ``safe``: the canonical form of the cell mends it without a doubt."""

    code: str
    severity: Severity
    reason: Wording
    remedy: Wording
    safe: bool = False

    def at(self, row_number: int, name: str, title: str, value: str, mended: str | None = None) -> Finding:
        """The finding of this fault at one cell; ``mended`` becomes its fix when the fault is safe to mend."""
        fix = Fix(mended, shown(name, mended)) if self.safe and mended is not None and mended != value else None
        return Finding(
            row_number,
            name,
            title,
            shown(name, value),
            f"roster.{self.code}",
            self.severity,
            self.reason,
            self.remedy,
            fix,
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a cell says: its canonical text, the value for the record, and its faults."""

    text: str
    value: object
    faults: tuple[Fault, ...] = ()


def error(code: str, zh: str, en: str, remedy_zh: str, remedy_en: str, *, safe: bool = False) -> Fault:
    """A fault that keeps its row out."""
    return Fault(code, Severity.ERROR, Wording(zh, en), Wording(remedy_zh, remedy_en), safe)


def warning(code: str, zh: str, en: str, remedy_zh: str, remedy_en: str, *, safe: bool = False) -> Fault:
    """A fault that goes in with its row."""
    return Fault(code, Severity.WARNING, Wording(zh, en), Wording(remedy_zh, remedy_en), safe)


def shown(name: str, value: str) -> str:
    """A value as findings may show it: masked in personal fields, and never longer than a line."""
    return mask(value.strip()) if name in MASKED_FIELDS else value[:SHOWN_CHARACTERS]
