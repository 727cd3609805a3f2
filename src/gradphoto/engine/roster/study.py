"""Entry date, length of study and class: whether they lead to this year's graduation (R7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from gradphoto.engine.roster import faults
from gradphoto.engine.roster.findings import Fault
from gradphoto.engine.roster.rules import LintRules
from gradphoto.engine.standards.codes import load_table

_TOLERANCE_YEARS = 0.5
"""Courses end in January, March or July of the year that their length leads to (R12, R13)."""


class StudyCheck:
    """Judges each combination of the values once."""

    def __init__(self, rules: LintRules) -> None:
        self._rules = rules
        self._changes = tuple(load_table("status_change").names.values())
        self._known: dict[tuple[Any, ...], tuple[Fault, ...]] = {}

    def faults(self, values: Mapping[str, Sequence[Any]], place: int) -> tuple[Fault, ...]:
        """What is wrong with the row at ``place``; nothing where its remarks explain it (R22)."""
        entered = values["entry_date"][place]
        if entered is None:
            return ()
        key = (
            entered, values["length_of_study"][place], values["expected_graduation"][place], values["major"][place],
            values["remarks"][place],
        )  # fmt: skip
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = tuple(self._judged(*key))
        return found

    def _judged(self, entered: date, length: str | None, expected: str, major: str, remarks: str) -> list[Fault]:
        if any(change in (remarks or "") for change in self._changes):
            return []
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
        return found
