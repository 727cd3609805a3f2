"""The clean row, typed, and the rows of a checked file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, overload

from gradphoto.engine.roster.findings import Finding, Severity
from gradphoto.engine.standards.identity import Sex


@dataclass(frozen=True, slots=True)
class RosterRecord:
    """A clean row, typed. ``expected_graduation`` is eight digits or empty."""

    student_no: str
    name: str
    sex: Sex
    birth_date: date
    id_number: str
    department: str
    season: str
    major: str
    level: str
    class_name: str = ""
    direction: str = ""
    political_status: str = ""
    ethnic_group: str = ""
    native_place: str = ""
    length_of_study: str = ""
    entry_date: date | None = None
    degree_category: str = ""
    school_kind: str = ""
    graduation_kind: str = ""
    remarks: str = ""
    candidate_no: str = ""
    major_code: str = ""
    study_form: str = ""
    branch_school: str = ""
    expected_graduation: str = ""
    department_code: str = ""
    school_name: str = ""
    school_code: str = ""
    shooting_no: str = ""
    id_type: str = ""


RECORD_FIELDS = tuple(field.name for field in fields(RosterRecord))
"""The names of a record's fields in their order."""


@dataclass(frozen=True, slots=True)
class CheckedRow:
    """A row after the check: its record, or None where an error keeps it out."""

    row_number: int
    record: RosterRecord | None


class CheckedRows(Sequence[CheckedRow]):
    """The rows of a checked file. Their records are made when they are asked for, by reading the cells once more: a
    hundred thousand records are never all needed, and their values would be most of the memory."""

    __slots__ = ("_again", "_bad", "_count")

    def __init__(
        self,
        again: Callable[[], Iterator[tuple[Sequence[int], Mapping[str, Sequence[Any]]]]],
        count: int,
        bad: Set[int],
    ) -> None:
        self._again, self._count, self._bad = again, count, bad

    def column(self, field: str) -> tuple[Any, ...]:
        """One field of all good rows in their order."""
        return tuple(getattr(row.record, field) for row in self if row.record is not None)

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> CheckedRow: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[CheckedRow]: ...
    def __getitem__(self, index: int | slice) -> CheckedRow | Sequence[CheckedRow]:
        return list(self)[index]

    def __iter__(self) -> Iterator[CheckedRow]:
        for numbers, values in self._again():
            yield from rows_of(numbers, values, self._bad)


def rows_of(numbers: Sequence[int], values: Mapping[str, Sequence[Any]], bad: Set[int]) -> Iterator[CheckedRow]:
    """The rows of a block, with a record where no error keeps it out."""
    for number, *found in zip(numbers, *(values[name] for name in RECORD_FIELDS), strict=True):
        yield CheckedRow(number, None if number in bad else RosterRecord(*found))


@dataclass(frozen=True, slots=True)
class LintResult:
    """All rows and all findings, both in the order of the file. ``bad`` are the numbers of the rows kept out."""

    rows: CheckedRows
    findings: tuple[Finding, ...]
    bad: frozenset[int]

    @property
    def good(self) -> tuple[CheckedRow, ...]:
        """The rows that can be stored."""
        return tuple(row for row in self.rows if row.record is not None)

    @property
    def good_count(self) -> int:
        """How many rows can be stored, counted without making their records."""
        return len(self.rows) - len(self.bad)

    def count(self, severity: Severity) -> int:
        """How many findings are of a severity."""
        return sum(finding.severity is severity for finding in self.findings)
