"""The small code tables of the field, as CSV files whose first line names the source."""

from __future__ import annotations

import csv
import functools
from dataclasses import dataclass, field
from importlib import resources


@dataclass(frozen=True, slots=True)
class CodeTable:
    """Names by code, with the source of the table."""

    source: str
    names: dict[str, str]
    _known: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_known", frozenset(self.names.values()))

    def __contains__(self, name: object) -> bool:
        return name in self._known

    def name_of(self, code: str) -> str | None:
        """The name behind a code as files write it, with or without its leading zero (``1``, ``01``, ``01.0``)."""
        digits = code.removesuffix(".0")
        return self.names.get(digits) or self.names.get(digits.zfill(2)) if digits.isascii() else None


@functools.cache
def load_table(name: str) -> CodeTable:
    """A table by its file name in ``codes/``, e.g. ``political_status``; ``FileNotFoundError`` for an unknown one."""
    text = resources.files(__package__).joinpath("codes", f"{name}.csv").read_text(encoding="utf-8")
    first, *lines = text.splitlines()
    return CodeTable(first.removeprefix("#").strip(), {row[0]: row[1] for row in csv.reader(lines) if row})
