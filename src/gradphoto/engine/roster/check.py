"""Reading and linting in one call, for the command line and for quick checks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from gradphoto.engine.roster.lint import LintResult, LintRules, Severity, lint
from gradphoto.engine.roster.read import Table, read_table


@dataclass(frozen=True, slots=True)
class CheckReport:
    """A checked file: the table as read and what was found."""

    table: Table
    result: LintResult

    @property
    def error_rows(self) -> int:
        """How many rows an error keeps out."""
        return len({f.row_number for f in self.result.findings if f.severity is Severity.ERROR})


def check_bytes(data: bytes, file_name: str, rules: LintRules) -> CheckReport:
    """Read and lint; raises :class:`RosterFileError` when the file as a whole cannot be read."""
    table = read_table(data, file_name)
    return CheckReport(table, lint(table, rules))


def check_file(path: Path, rules: LintRules) -> CheckReport:
    """The same for a file on disk."""
    return check_bytes(path.read_bytes(), path.name, rules)
