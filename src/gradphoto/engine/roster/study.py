"""Entry date, length of study and class: whether they lead to this year's graduation (R7)."""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from gradphoto.engine.roster import faults
from gradphoto.engine.roster.findings import Fault
from gradphoto.engine.roster.rules import LintRules
from gradphoto.engine.standards.codes import load_table

_TOLERANCE_YEARS = 0.5
"""Courses end in January, March or July of the year that their length leads to (R12, R13)."""
_FIELDS = ("entry_date", "length_of_study", "expected_graduation", "major", "remarks")


class StudyCheck:
    """Judges each combination of the values once; does nothing where nothing is known to compare with."""

    def __init__(self, rules: LintRules, columns: Collection[str]) -> None:
        self._rules = rules
        self._wanted = "entry_date" in columns and bool(
            rules.graduation_year or rules.cohorts or "expected_graduation" in columns
        )
        self._changes = tuple(load_table("status_change").names.values())
        self._judged = functools.cache(self._judge)

    def faults(self, values: Mapping[str, Sequence[Any]], first: int) -> Iterator[tuple[Fault, int]]:
        """What is wrong with the rows from ``first`` on, with the place of each; nothing where remarks explain it (R22)."""
        if not self._wanted:
            return
        for place, combination in enumerate(zip(*(values[name][first:] for name in _FIELDS), strict=True), start=first):
            if combination[0] is not None:
                for fault in self._judged(*combination):
                    yield fault, place

    def _judge(self, entered: date, length: str | None, expected: str, major: str, remarks: str) -> tuple[Fault, ...]:
        if any(change in (remarks or "") for change in self._changes):
            return ()
        found = []
        year = int(expected[:4]) if expected else self._rules.graduation_year
        if length and year is not None:
            begins = year + (int(expected[4:6]) - 1) / 12 if expected else year
            ends = begins if expected else year + 1
            due = entered.year + (entered.month - 1) / 12 + float(length)
            if due < begins - _TOLERANCE_YEARS or due > ends + _TOLERANCE_YEARS:
                found.append(faults.study_contradicts(int(due), year))
        cohorts = self._rules.cohorts
        if cohorts and not any(cohort.holds(entered, length or "", major or "") for cohort in cohorts):
            found.append(faults.OUTSIDE_COHORT)
        return tuple(found)
