"""The small code tables of the field, as CSV files whose first line names the source."""

from __future__ import annotations

import csv
import functools
from dataclasses import dataclass
from importlib import resources


@dataclass(frozen=True, slots=True)
class CodeTable:
    """Names by code, with the source of the table."""

    source: str
    names: dict[str, str]

    def __contains__(self, name: object) -> bool:
        return name in self.names.values()


@functools.cache
def load_table(name: str) -> CodeTable:
    """A table by its file name in ``codes/``, e.g. ``political_status``; ``FileNotFoundError`` for an unknown one."""
    text = resources.files(__package__).joinpath("codes", f"{name}.csv").read_text(encoding="utf-8")
    first, *lines = text.splitlines()
    return CodeTable(first.removeprefix("#").strip(), {row[0]: row[1] for row in csv.reader(lines) if row})
