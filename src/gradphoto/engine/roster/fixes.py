"""The safe repairs: applied together, listed one by one, and taken back as listed."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass

from gradphoto.engine.roster.findings import Finding, shown
from gradphoto.engine.roster.table import RawRow, Table


@dataclass(frozen=True, slots=True)
class AppliedFix:
    """One cell that was changed: ``before`` and ``after`` whole (for undoing), masked in their shown forms."""

    row_number: int
    field: str
    column_title: str
    codes: tuple[str, ...]
    before: str = dataclasses.field(repr=False)
    after: str = dataclasses.field(repr=False)

    @property
    def shown_before(self) -> str:
        return shown(self.field, self.before)

    @property
    def shown_after(self) -> str:
        return shown(self.field, self.after)


@dataclass(frozen=True, slots=True)
class FixedRows:
    """The rows with their fixes, and what was changed, in the order of the rows."""

    rows: tuple[RawRow, ...]
    changes: tuple[AppliedFix, ...]


def apply_fixes(rows: Iterable[RawRow], findings: Iterable[Finding]) -> FixedRows:
    """Replace each cell that has a finding with a fix; findings without one change nothing.

    All fixes of a cell lead to the same canonical value, so giving only some of its findings is enough. Check the rows
    again afterwards: a fixed value may now contradict another, or prove it right.
    """
    wanted: dict[int, dict[str, list[Finding]]] = {}
    for finding in findings:
        if finding.fix is not None:
            wanted.setdefault(finding.row_number, {}).setdefault(finding.field, []).append(finding)
    fixed, changes = [], []
    for row in rows:
        made = [
            change for name, found in wanted.get(row.row_number, {}).items() if (change := _change(row, name, found))
        ]
        changes.extend(made)
        fixed.append(_with(row, {change.field: change.after for change in made}) if made else row)
    return FixedRows(tuple(fixed), tuple(changes))


def undo_fixes(rows: Iterable[RawRow], changes: Iterable[AppliedFix]) -> tuple[RawRow, ...]:
    """Put back what a fix changed, unless the cell was changed again since."""
    by_row: dict[int, list[AppliedFix]] = {}
    for change in changes:
        by_row.setdefault(change.row_number, []).append(change)
    return tuple(
        _with(row, {c.field: c.before for c in by_row.get(row.row_number, ()) if row.values.get(c.field) == c.after})
        for row in rows
    )


def fixed_table(table: Table, changes: Iterable[AppliedFix]) -> Table:
    """The table with the changed cells in place, to be checked again or written down."""
    cells: dict[int, dict[int, str]] = {}
    for change in changes:
        column = table.part_of(change.row_number).header.columns.get(change.field)
        if column is not None:
            cells.setdefault(change.row_number, {})[column] = change.after
    return table.with_changes(cells)


def _change(row: RawRow, name: str, findings: list[Finding]) -> AppliedFix | None:
    after = next(finding.fix.value for finding in findings if finding.fix is not None)
    before = row.values.get(name)
    if before is None or before == after:
        return None
    codes = tuple(finding.code for finding in findings)
    return AppliedFix(row.row_number, name, findings[0].column_title, codes, before, after)


def _with(row: RawRow, values: dict[str, str]) -> RawRow:
    return RawRow(row.row_number, {**row.values, **values}) if values else row
