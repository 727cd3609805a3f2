"""Reading and linting in one call, for the command line and for quick checks."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path

from gradphoto.engine.roster.findings import Progress
from gradphoto.engine.roster.layout import required_in
from gradphoto.engine.roster.lint import lint
from gradphoto.engine.roster.mapping_types import ColumnMapping
from gradphoto.engine.roster.read import read_table
from gradphoto.engine.roster.records import LintResult
from gradphoto.engine.roster.rules import LintRules
from gradphoto.engine.roster.table import Table


@dataclass(frozen=True, slots=True)
class CheckReport:
    """A checked file: the table as read and what was found."""

    table: Table
    result: LintResult


def check_bytes(
    data: bytes,
    file_name: str,
    rules: LintRules,
    *,
    mapping: ColumnMapping | None = None,
    progress: Progress | None = None,
    by_layout: bool = False,
) -> CheckReport:
    """Read and lint; raises :class:`RosterFileError` when the file as a whole cannot be read.

    ``by_layout`` asks of a file only what its own layout has (R20, R52, facts 2.1), not all that a campaign needs.
    """
    table = read_table(data, file_name, mapping=mapping)
    if by_layout:
        rules = dataclasses.replace(rules, required=required_in(table.header.layout))
    return CheckReport(table, lint(table, rules, progress))


def check_file(path: Path, rules: LintRules) -> CheckReport:
    """The same for a file on disk."""
    return check_bytes(path.read_bytes(), path.name, rules)
