"""What is wrong in a roster, row by row: R25-R31 and the standards. Good rows come out as typed records.

Columns are judged rather than rows, each distinct value once: a hundred thousand rows have two sexes and four lengths
of study, and nothing is made for a cell with nothing to say about it.
"""

from __future__ import annotations

import functools
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from typing import Any

from gradphoto.engine.roster import duplicates, faults
from gradphoto.engine.roster.findings import Fault, Finding, Progress, Severity
from gradphoto.engine.roster.layout import DERIVABLE, FIELD_TITLES, derivable
from gradphoto.engine.roster.lint_fields import ORDINARY, ColumnCheck, plausible_birth, season_of_graduation
from gradphoto.engine.roster.lint_ids import IdCheck
from gradphoto.engine.roster.records import CheckedRow, CheckedRows, LintResult, RosterRecord
from gradphoto.engine.roster.rules import Cohort, LintRules
from gradphoto.engine.roster.study import StudyCheck
from gradphoto.engine.roster.table import Part, Table, blocks_of
from gradphoto.engine.standards.dates import compact
from gradphoto.engine.standards.identity import IdNumber, Sex

__all__ = [
    "CheckedRow", "Cohort", "Finding", "LintResult", "LintRules", "RosterRecord", "Severity", "lint",
]  # fmt: skip

_BLOCK = 5_000
_PLAIN_FIELDS = tuple(name for name in FIELD_TITLES if name != "id_number")
_Block = Sequence[Sequence[str]]
"""Some rows of a sheet by their columns."""
_SEX_TEXT = {Sex.MALE: "男", Sex.FEMALE: "女"}
_TOLD_BY_READING = (faults.REQUIRED, faults.DATE_MONTH)
"""What need not be said of a cell about which the reading has something to say already."""


def lint(table: Table, rules: LintRules, progress: Progress | None = None) -> LintResult:
    """Check every row. ``progress`` hears the number of rows done; an exception in it ends the check."""
    run = LintRun(table, rules)
    done = 0
    for block in run.blocks():
        done += len(block.numbers)
        if progress is not None:
            progress(done)
    return run.result()


@dataclass(frozen=True, slots=True)
class CheckedBlock:
    """Some rows of one sheet: the values of their fields by column, and the rows that an error keeps out."""

    numbers: Sequence[int]
    values: Mapping[str, Sequence[Any]]
    bad: Set[int]


class LintRun:
    """A table under examination, block by block, so that nobody needs all of its values at once."""

    def __init__(self, table: Table, rules: LintRules) -> None:
        self.table, self.rules = table, rules
        self.findings: list[Finding] = list(table.notes)
        self._duplicates = duplicates.Duplicates()
        self._missing = False

    def blocks(self) -> Iterator[CheckedBlock]:
        """Judge the rows. What is said about rows that stand twice comes at the end: see :meth:`result`."""
        for part in self.table.parts:
            check = _Check(part, self.rules, self.table.notes)
            self._missing = self._missing or bool(check.missing)
            self.findings.extend(check.findings)
            for numbers, columns in blocks_of(part, _BLOCK):
                check.findings = []
                values = check.block(numbers, columns)
                again = self._duplicates.add(numbers, values)
                self.findings.extend(check.findings)
                errors = {one.row_number for one in check.findings if one.severity is Severity.ERROR}
                noted = {one.row_number for one in self.table.notes if one.severity is Severity.ERROR}
                yield CheckedBlock(numbers, values, set(numbers) if check.missing else errors | noted | again)

    def end_with(self, table: Table) -> None:
        """The same rows after all has been read: now with what the reading noticed (``read.ReadingAhead``)."""
        self.table = table
        self.findings[:0] = table.notes

    def result(self) -> LintResult:
        """The findings in the order of the file, and the rows without an error."""
        self.findings.extend(self._duplicates.findings(self.table))
        self.findings.sort(key=lambda finding: finding.row_number)
        errors = {finding.row_number for finding in self.findings if finding.severity is Severity.ERROR}
        bad: set[int] = set()
        for part in self.table.parts:
            lacks = bool(_Check(part, self.rules, ()).missing)
            bad |= set(part.numbers) if lacks else errors.intersection(part.numbers)
        rows = CheckedRows(self._again, len(self.table.rows), bad)
        return LintResult(rows, tuple(self.findings), frozenset(bad))

    def _again(self) -> Iterator[tuple[Sequence[int], Mapping[str, Sequence[Any]]]]:
        for part in self.table.parts:
            check = _Check(part, self.rules, self.table.notes)
            for numbers, columns in blocks_of(part, _BLOCK):
                yield numbers, check.block(numbers, columns)
                check.findings = []


class _Check:
    """A sheet under examination: how each of its columns is judged, and what is wrong in the present block."""

    def __init__(self, part: Part, rules: LintRules, notes: Sequence[Finding]) -> None:
        self.part, self.rules = part, rules
        self.header = part.header
        self.findings: list[Finding] = []
        self.noted = {(note.row_number, note.field) for note in notes}
        self.values: dict[str, list[Any]] = {}
        self.numbers: Sequence[int] = ()
        self.cells: _Block = ()
        layout = self.header.layout
        self.columns = {
            name: ColumnCheck(name, rules, required=self._asked(name), layout=layout) for name in FIELD_TITLES
        }
        self.id_columns: dict[str, IdCheck] = {}
        self.tells_season = not ({"season"} & {*self.header.columns, *rules.defaults}) and "season" in derivable(
            self.header.columns
        )
        self.study = StudyCheck(rules, self.header.columns)
        self._season_of = functools.cache(lambda text: season_of_graduation(text, rules))
        self.missing = [name for name in rules.required if not self._comes_from_somewhere(name)]
        for name in self.missing:
            title = self.header.title_of(name)
            self.findings.append(faults.column_missing(title).at(self.header.row_number, name, title, ""))

    def _asked(self, name: str) -> bool:
        return name in self.rules.required and (name in self.header.columns or name in self.rules.defaults)

    def _comes_from_somewhere(self, name: str) -> bool:
        derived = name in derivable(self.header.columns)
        return derived or name in self.header.columns or name in self.rules.defaults

    def block(self, numbers: Sequence[int], block: _Block) -> dict[str, list[Any]]:
        """Judge some rows: each column by itself, then what the columns say about each other."""
        self.values = {name: [] for name in FIELD_TITLES}
        self.numbers, self.cells = numbers, block
        for name in _PLAIN_FIELDS:
            self._column(name, block, numbers)
        if self.tells_season:
            self._seasons_by_graduation(block, numbers)
        ids = self._id_column(self._raw("id_number", block, numbers), numbers, self.values["id_type"])
        self._compare_with_ids(numbers, ids, block)
        for fault, place in self.study.faults(self.values, 0):
            number = numbers[place]
            self.say(number, "entry_date", self._cell(number, "entry_date"), fault)
        return self.values

    def _raw(self, name: str, block: _Block, numbers: Sequence[int]) -> Sequence[str]:
        column = self.header.columns.get(name)
        return block[column] if column is not None else (self.rules.defaults.get(name, ""),) * len(numbers)

    def _cell(self, number: int, name: str) -> str:
        column = self.header.columns.get(name)
        return self.cells[column][bisect_left(self.numbers, number)] if column is not None else ""

    def _column(self, name: str, block: _Block, numbers: Sequence[int]) -> None:
        check, values = self.columns[name], self.values[name]
        column = self.header.columns.get(name)
        if column is None:
            values.extend([check[self.rules.defaults.get(name, "")].value] * len(numbers))
            return
        raw = block[column]
        ordinary = ORDINARY.get(name)
        if ordinary is not None:
            odd = [place for place, found in enumerate(map(ordinary.fullmatch, raw)) if found is None]
            first = len(values)
            values.extend(raw)
            for place in odd:
                verdict = check[raw[place]]
                values[first + place] = verdict.value
                self._say_all(numbers[place], name, raw[place], verdict.faults, verdict.text)
            return
        verdicts = list(map(check.__getitem__, raw))
        values.extend([verdict.value for verdict in verdicts])
        if check.faulty:
            for number, text, verdict in zip(numbers, raw, verdicts, strict=True):
                if verdict.faults:
                    self._say_all(number, name, text, verdict.faults, verdict.text)

    def _seasons_by_graduation(self, block: _Block, numbers: Sequence[int]) -> None:
        """The season of a file without that column, told by the month of graduation (R13)."""
        seasons = self.values["season"]
        for place, (number, text) in enumerate(
            zip(numbers, self._raw("expected_graduation", block, numbers), strict=True)
        ):
            verdict = self._season_of(text)
            seasons[place] = verdict.value
            for fault in verdict.faults:
                # A file judged by its own layout owes no season.
                if fault is not faults.REQUIRED or "season" in self.rules.required:
                    self.say(number, "expected_graduation", text, fault, text)

    def _id_column(self, raw: Sequence[str], numbers: Sequence[int], types: Sequence[str]) -> list[IdNumber | None]:
        for kind in set(types) - self.id_columns.keys():
            self.id_columns[kind] = IdCheck(self.rules, kind, required=self._asked("id_number"))
        ids: list[IdNumber | None] = []
        for number, kind, text in zip(numbers, types, raw, strict=True):
            card, found, mended = self.id_columns[kind].judge(text)
            ids.append(card)
            if found:
                self._say_all(number, "id_number", text, found, mended)
        self.values["id_number"].extend([card.number if card else "" for card in ids])
        return ids

    def _say_all(self, number: int, name: str, text: str, found: Sequence[Fault], mended: str) -> None:
        for fault in found:
            # An empty date or sex waits for the ID number, which may tell it.
            if fault is not faults.REQUIRED or name not in DERIVABLE:
                self.say(number, name, text, fault, mended)

    def say(self, number: int, name: str, text: str, fault: Fault, mended: str | None = None) -> None:
        if fault in _TOLD_BY_READING and (number, name) in self.noted:
            return
        self.findings.append(fault.at(number, name, self.header.title_of(name), text, mended))

    def _compare_with_ids(self, numbers: Sequence[int], ids: Sequence[IdNumber | None], block: _Block) -> None:
        dates, sexes = self.values["birth_date"], self.values["sex"]
        raw_dates, raw_sexes = self._raw("birth_date", block, numbers), self._raw("sex", block, numbers)
        first = len(dates) - len(numbers)
        for place, (number, card) in enumerate(zip(numbers, ids, strict=True), start=first):
            born, by_card = dates[place], card.birth_date if card else None
            if born != by_card or born is None:
                dates[place] = self._birth_date(number, born, by_card, raw_dates[place - first])
            sex, by_card_sex = sexes[place], card.sex if card else None
            if sex is not by_card_sex or sex is None:
                sexes[place] = self._sex(number, sex, by_card_sex, raw_sexes[place - first])

    def _birth_date(self, number: int, born: date | None, by_card: date | None, raw: str) -> date | None:
        if born is not None and by_card is not None:
            self.say(number, "birth_date", raw, faults.birth_date_contradicts(by_card))
        elif born is None and not raw.strip():
            if "birth_date" in self.header.columns or by_card is None:
                self._say_derivable(number, "birth_date", raw, compact(by_card) if by_card else None)
            elif not plausible_birth(by_card, self.rules.today):
                self.say(number, "id_number", self._cell(number, "id_number"), faults.BIRTH_DATE_UNLIKELY)
            return by_card
        return born

    def _sex(self, number: int, sex: Sex | None, by_card: Sex | None, raw: str) -> Sex | None:
        if sex is not None and by_card is not None:
            self.say(number, "sex", raw, faults.SEX_CONTRADICTS)
        elif sex is None and not raw.strip():
            if "sex" in self.header.columns or by_card is None:
                self._say_derivable(number, "sex", raw, _SEX_TEXT[by_card] if by_card else None)
            return by_card
        return sex

    def _say_derivable(self, number: int, name: str, raw: str, derived: str | None) -> None:
        if name in self.rules.required:
            self.say(number, name, raw, faults.REQUIRED_AND_DERIVED if derived else faults.REQUIRED, derived)
