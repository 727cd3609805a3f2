"""A column mapping as a person confirmed it: what an app keeps for a school and applies to its next file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gradphoto.engine.roster.layout import FIELD_TITLES, Header, find_header
from gradphoto.engine.tables import errors
from gradphoto.engine.tables.headings import plain_heading

_FINGERPRINT_CHARACTERS = 32


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """Which sheet, which heading row (from 1), and the column index (from 0) of each field.

    ``also`` are further sheets that are read together with this one, each with its own heading. ``leave_hidden`` and
    ``leave_struck`` leave out the rows that are hidden or struck through in the file.
    """

    sheet: str
    header_row: int
    columns: dict[str, int]
    also: tuple[ColumnMapping, ...] = ()
    leave_hidden: bool = False
    leave_struck: bool = False

    def to_plain(self) -> dict[str, Any]:
        """The mapping as plain values."""
        return {
            "sheet": self.sheet, "header_row": self.header_row, "columns": self.columns,
            "also": [one.to_plain() for one in self.also], "leave_hidden": self.leave_hidden,
            "leave_struck": self.leave_struck,
        }  # fmt: skip

    def to_json(self) -> str:
        """The mapping as JSON text for a database column."""
        return json.dumps(self.to_plain(), ensure_ascii=False, sort_keys=True)

    @classmethod
    def from_plain(cls, values: Any) -> ColumnMapping:
        """Read :meth:`to_plain`; raises ``roster.mapping_does_not_fit`` for what is no mapping of known fields."""
        try:
            columns = {str(name): int(index) for name, index in values["columns"].items()}
            also = tuple(cls.from_plain(one) for one in values.get("also", ()))
            left = bool(values.get("leave_hidden")), bool(values.get("leave_struck"))
            mapping = cls(str(values["sheet"]), int(values["header_row"]), columns, also, *left)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise errors.mapping_does_not_fit() from error
        if not set(columns) <= set(FIELD_TITLES) or min(columns.values(), default=0) < 0:
            raise errors.mapping_does_not_fit()
        return mapping

    @classmethod
    def from_json(cls, text: str) -> ColumnMapping:
        """Read :meth:`to_json`; raises ``roster.mapping_does_not_fit``."""
        try:
            values = json.loads(text)
        except ValueError as error:
            raise errors.mapping_does_not_fit() from error
        return cls.from_plain(values)

    def header_for(self, cells: Sequence[tuple[str, ...]]) -> Header:
        """The header that this mapping makes of a sheet's first rows; raises ``roster.mapping_does_not_fit``."""
        if not 0 < self.header_row <= len(cells):
            raise errors.mapping_does_not_fit()
        found = find_header(cells)
        if found is not None and found.row_number == self.header_row:
            titles = found.titles
        else:
            titles = tuple(title.strip() for title in cells[self.header_row - 1])
        if not self.columns or max(self.columns.values()) >= len(titles):
            raise errors.mapping_does_not_fit()
        return Header(self.header_row, dict(self.columns), titles)


def fingerprint(titles: Sequence[str]) -> str:
    """The same 32 characters for the same headings in the same order, however they are spaced: the key under which a
    school's mapping is remembered."""
    text = "\x1f".join(plain_heading(title) for title in titles)
    return hashlib.sha256(text.encode()).hexdigest()[:_FINGERPRINT_CHARACTERS]
