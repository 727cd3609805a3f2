"""Roster files: read whatever a school sends, find what is wrong in it, give it back marked up. No server needed."""

from gradphoto.engine.roster.check import CheckReport, check_bytes, check_file
from gradphoto.engine.roster.lint import CheckedRow, Finding, LintResult, LintRules, RosterRecord, Severity, lint
from gradphoto.engine.roster.markup import write_marked_workbook
from gradphoto.engine.roster.read import Limits, RawRow, RosterFileError, Table, read_table

__all__ = [
    "CheckReport", "CheckedRow", "Finding", "Limits", "LintResult", "LintRules", "RawRow", "RosterFileError", "RosterRecord",
    "Severity", "Table", "check_bytes", "check_file", "lint", "read_table", "write_marked_workbook",
]  # fmt: skip
