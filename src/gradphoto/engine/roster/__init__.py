"""Roster files: read whatever a school sends, find what is wrong in it, give it back marked up. No server needed."""

from gradphoto.engine.roster.check import CheckReport, check_bytes, check_file
from gradphoto.engine.roster.compare import Difference, Route, compare_with_admissions
from gradphoto.engine.roster.diff import FieldChange, RecordChange, RosterDiff, diff_rosters
from gradphoto.engine.roster.duplicates import across
from gradphoto.engine.roster.findings import Finding, Fix, Progress, Severity
from gradphoto.engine.roster.fixes import AppliedFix, FixedRows, apply_fixes, fixed_table, undo_fixes
from gradphoto.engine.roster.layout import Header
from gradphoto.engine.roster.lint import CheckedRow, Cohort, LintResult, LintRules, RosterRecord, lint
from gradphoto.engine.roster.mapping import (
    ColumnMapping,
    Proposal,
    ProposedColumn,
    chosen_of,
    fingerprint,
    propose_mapping,
    propose_sheets,
)
from gradphoto.engine.roster.markup import write_marked_workbook
from gradphoto.engine.roster.read import read_table
from gradphoto.engine.roster.table import RawRow, Table
from gradphoto.engine.tables.errors import RosterFileError
from gradphoto.engine.tables.model import Limits

__all__ = [
    "AppliedFix",
    "CheckReport",
    "CheckedRow",
    "Cohort",
    "ColumnMapping",
    "Difference",
    "FieldChange",
    "Finding",
    "Fix",
    "FixedRows",
    "Header",
    "Limits",
    "LintResult",
    "LintRules",
    "Progress",
    "Proposal",
    "ProposedColumn",
    "RawRow",
    "RecordChange",
    "RosterDiff",
    "RosterFileError",
    "RosterRecord",
    "Route",
    "Severity",
    "Table",
    "across",
    "apply_fixes",
    "check_bytes",
    "check_file",
    "chosen_of",
    "compare_with_admissions",
    "diff_rosters",
    "fingerprint",
    "fixed_table",
    "lint",
    "propose_mapping",
    "propose_sheets",
    "read_table",
    "undo_fixes",
    "write_marked_workbook",
]  # fmt: skip
