"""Reading a roster: the sheets chosen, the heading found, rows of people told from notes; every failure says what to do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter

from gradphoto.engine.bounded.reader import PackedBlock
from gradphoto.engine.roster import faults
from gradphoto.engine.roster.cells import PackedCells
from gradphoto.engine.roster.findings import Fault, Finding, Progress, Severity
from gradphoto.engine.roster.layout import (
    DATE_FIELDS,
    MONTH_FIELDS,
    SEARCHED_ROWS,
    Header,
    find_header,
    header_at,
    known_headings,
)
from gradphoto.engine.roster.mapping_types import ColumnMapping
from gradphoto.engine.roster.table import Part, RawRow, Table
from gradphoto.engine.tables import errors
from gradphoto.engine.tables.access import InProcess, TableReader, WantedSheet
from gradphoto.engine.tables.errors import RosterFileError
from gradphoto.engine.tables.model import HEAD_ROWS, Limits, MarkKind, SheetFacts, Wanted, may_be_october

__all__ = ["Limits", "RawRow", "ReadingAhead", "RosterFileError", "Table", "read_table"]

IN_PROCESS = InProcess()
_PROGRESS_ROWS = 10_000
_MOST_TOLD = 500
_FOOT_WORDS = (
    "合计", "总计", "小计", "共计", "制表", "填表", "审核", "负责人", "注:", "注：", "说明:", "说明：", "备注:", "备注：", "打印时间", "总人数", "盖章", "签字",
)  # fmt: skip
_WIDEST_FOOT = 3


def read_table(
    data: bytes,
    file_name: str = "",
    limits: Limits | None = None,
    mapping: ColumnMapping | None = None,
    progress: Progress | None = None,
    reader: TableReader = IN_PROCESS,
) -> Table:
    """Read what ``mapping`` names; without one the sheet with the best heading and those with the same columns.

    ``progress`` hears the rows read; an exception in it ends the reading. ``file_name`` decides nothing: the content
    does. What people hand in is read with a :class:`~gradphoto.engine.tables.access.Bounded` reader. Raises
    :class:`RosterFileError` ``roster.empty``, ``too_large``, ``too_many_rows``, ``too_wide``, ``encrypted``,
    ``zip_bomb``, ``truncated``, ``damaged``, ``not_a_table``, ``web_page``, ``bad_csv``, ``mojibake``,
    ``header_not_found``, ``no_such_sheet``, ``mapping_does_not_fit`` and others of ``tables.errors``.
    """
    limits = limits or Limits()
    outlines: Sequence[SheetFacts | RosterFileError] = ()
    if mapping is None:
        outlines = reader.outline(data, limits, Wanted(frozenset(known_headings())))
    plan = [mapping, *mapping.also] if mapping else _best(outlines)
    parts: list[Part] = []
    notes: list[Finding] = []
    macros = False
    answers = reader.rows(data, limits, [WantedSheet(one.sheet, _wanted(one)) for one in plan])
    for one in plan:
        offset = parts[-1].offset + parts[-1].cells.last_row if parts else 0
        part, told, facts = _read_part(one, answers, offset, _told(progress, parts))
        parts.append(part)
        notes.extend(told)
        macros = macros or facts.has_macros
    if not any(part.numbers for part in parts):
        raise _nobody(notes)
    first = parts[0].header.row_number
    if macros:
        notes.insert(0, faults.MACROS.at(first, "", "", ""))
    titles = tuple(one.title for one in outlines if isinstance(one, SheetFacts))
    notes.extend(_left_out(outlines, {one.sheet for one in plan}, first))
    return Table(tuple(parts), titles, tuple(notes), macros)


def _told(progress: Progress | None, parts: Sequence[Part]) -> Progress:
    before = sum(part.cells.count for part in parts)

    def tell(rows: int) -> None:
        if progress is not None and (before + rows) % _PROGRESS_ROWS == 0:
            progress(before + rows)

    return tell


def _read_part(
    mapping: ColumnMapping, answers: Iterator[PackedBlock | SheetFacts], offset: int, tell: Progress
) -> tuple[Part, list[Finding], SheetFacts]:
    """One sheet."""
    sheet = _Sheet(mapping, answers, tell)
    while sheet.more():
        pass
    return (*sheet.part(offset), sheet.facts_at_end())


class _Sheet:
    """A sheet that is being read. Its heading is in the first block, by which the rows of people are told from others."""

    def __init__(
        self,
        mapping: ColumnMapping,
        answers: Iterator[PackedBlock | SheetFacts],
        tell: Progress,
        *,
        ahead: bool = False,
    ) -> None:
        self.mapping, self._answers, self._tell = mapping, answers, tell
        self.cells = PackedCells(more=self.more if ahead else None)
        self.people: _People | None = None
        self.facts: SheetFacts | None = None

    def more(self) -> bool:
        """Take one block more; False at the end of the sheet."""
        if self.facts is not None:
            return False
        answer = next(self._answers, None)
        if answer is None:
            raise errors.damaged()
        if isinstance(answer, SheetFacts):
            if self.people is None:
                raise errors.mapping_does_not_fit() if answer.rows else errors.no_rows()
            self.facts = answer
            return False
        rows = self.cells.append(answer)
        if self.people is None:
            self.people = _People(self.mapping.header_for(dense(list(rows.items()))))
            self.cells.width = max(self.cells.width, len(self.people.header.titles))
        self.people.look(rows)
        self._tell(self.cells.count)
        return True

    def facts_at_end(self) -> SheetFacts:
        """What is known of a sheet that is read whole."""
        assert self.facts is not None, "It is not read to its end."
        return self.facts

    def part(self, offset: int) -> tuple[Part, list[Finding]]:
        """The sheet, and what there is to say about it."""
        assert self.people is not None, "It has no heading yet."
        return _part(self.people, self.cells, self.facts_at_end(), self.mapping, offset)


class ReadingAhead:
    """A file of one sheet whose rows are judged while the rest of it is still read in the reader's own process.

    ``table`` has no notes yet, and its rows grow while somebody goes through them. What is known of a sheet only behind its
    last row (hidden and struck rows, marks on cells) may change what the rows say: :meth:`finished` tells.
    """

    def __init__(
        self, data: bytes, mapping: ColumnMapping, reader: TableReader, progress: Progress | None = None
    ) -> None:
        answers = reader.rows(data, Limits(), [WantedSheet(mapping.sheet, _wanted(mapping))])
        self._sheet = _Sheet(mapping, answers, _told(progress, ()), ahead=True)
        self._sheet.more()
        people = self._sheet.people
        assert people is not None, "A sheet without rows is refused."
        self.table = Table((Part(mapping.sheet, people.header, self._sheet.cells, people.numbers),))

    def finished(self) -> tuple[Table, bool]:
        """The whole table as :func:`read_table` gives it, and whether all stands that was judged before its end."""
        while self._sheet.more():
            pass
        part, notes = self._sheet.part(0)
        if not part.numbers:
            raise _nobody(notes)
        ahead = self.table.parts[0]
        stands = part.cells is ahead.cells and part.numbers is ahead.numbers
        if notes:
            people = set(part.numbers)
            stands = stands and not any(
                one.row_number in people and (one.field or one.severity is Severity.ERROR) for one in notes
            )
        if self._sheet.facts_at_end().has_macros:
            notes.insert(0, faults.MACROS.at(part.header.row_number, "", "", ""))
        return Table((part,), (), tuple(notes), self._sheet.facts_at_end().has_macros), stands


def head_of(facts: SheetFacts) -> list[tuple[str, ...]]:
    """The first rows of a sheet, the blank ones too, all of one length; a row's place is its number less one."""
    return dense(facts.head)


def dense(numbered: Sequence[tuple[int, Sequence[str]]]) -> list[tuple[str, ...]]:
    """Rows by their numbers as a list from row 1 on, as far as a heading may stand."""
    rows = dict(numbered[:HEAD_ROWS])
    last = max((number for number in rows if number <= 4 * SEARCHED_ROWS), default=0)
    width = max((len(row) for row in rows.values()), default=0)
    found = (rows.get(number, ()) for number in range(1, last + 1))
    return [(*row, *("",) * (width - len(row))) for row in found]


def _best(outlines: Sequence[SheetFacts | RosterFileError]) -> list[ColumnMapping]:
    """The sheet with the best heading, a visible one first, and the visible ones that have the same columns."""
    found: list[tuple[SheetFacts, Header]] = []
    for facts in outlines:
        header = find_header(head_of(facts)) if isinstance(facts, SheetFacts) else None
        if header is not None and isinstance(facts, SheetFacts):
            found.append((facts, header))
    if not found:
        raise _no_heading(outlines)
    _, best = max(found, key=lambda one: (len(one[1].columns), not one[0].hidden))
    chosen = [
        (facts, header)
        for facts, header in found
        if header is best or (not facts.hidden and header.columns.keys() == best.columns.keys())
    ]
    return [ColumnMapping(facts.title, header.row_number, header.columns) for facts, header in chosen]


def _no_heading(outlines: Sequence[SheetFacts | RosterFileError]) -> RosterFileError:
    for one in outlines:
        if isinstance(one, RosterFileError):
            return one
    readable = [one for one in outlines if isinstance(one, SheetFacts)]
    if not any(one.rows for one in readable):
        return errors.empty()
    return errors.header_not_found(max(readable, key=lambda one: one.rows).title, SEARCHED_ROWS)


def _wanted(mapping: ColumnMapping) -> Wanted:
    columns = mapping.columns
    dates = frozenset(column for name, column in columns.items() if name in DATE_FIELDS)
    return Wanted(frozenset(known_headings()), frozenset(columns.values()), dates)


def _left_out(outlines: Sequence[SheetFacts | RosterFileError], taken: set[str], row_number: int) -> Iterator[Finding]:
    """Sheets with a heading that were not read, and those that could not be: nothing is dropped silently."""
    for one in outlines:
        if isinstance(one, SheetFacts) and one.title in taken:
            continue
        if isinstance(one, RosterFileError):
            yield faults.sheet_unreadable(one.message, one.remedy).at(row_number, "", "", "")
            continue
        header = find_header(head_of(one))
        if header is not None:
            people = one.rows - sum(1 for number, _ in one.head if number <= header.row_number)
            if people > 0:
                yield faults.sheet_left_out(one.title, people, hidden=one.hidden).at(row_number, "", "", one.title)


class _People:
    """Tells the rows of people from what else stands below a heading, block by block."""

    def __init__(self, header: Header) -> None:
        self.header = header
        self.numbers: list[int] = []
        self.notes: list[Finding] = []
        self._row_number = header.row_number
        self._columns = columns = tuple(sorted(set(header.columns.values())))
        self._titles = tuple(header.titles[column] for column in columns)
        self._probe = itemgetter(*columns[: _WIDEST_FOOT + 1], columns[0])

    def look(self, rows: dict[int, tuple[str, ...]]) -> None:
        """Take the rows below the heading."""
        probe, columns, numbers = self._probe, self._columns, self.numbers
        is_wide, first_title = len(columns) > _WIDEST_FOOT, self._titles[0]
        for number, row in rows.items():
            if number <= self._row_number:
                continue
            # Most rows are plainly people: more cells filled than any note below a table has, no heading among them.
            if is_wide and all(probed := probe(row)) and probed[0] != first_title:
                numbers.append(number)
                continue
            values = tuple(row[column].strip() for column in columns)
            filled = len(values) - values.count("")
            if values == self._titles:
                self.notes.append(faults.REPEATED_HEADER.at(number, "", "", ""))
            elif (0 < filled <= _WIDEST_FOOT and _is_foot(row)) or (filled == 1 and is_wide and self._is_title(row)):
                told = next(cell for cell in row if cell.strip())
                self.notes.append(faults.FOOT_LINE.at(number, "", "", told))
            elif filled:
                numbers.append(number)

    def _is_title(self, row: Sequence[str]) -> bool:
        """A line of its own between the people, as 计算机2201班 merged over all columns: the first cell alone is filled,
        and says neither a number nor somebody's name."""
        column = next(column for column, cell in enumerate(row) if cell.strip())
        text = row[column].strip()
        return (
            column in (0, self._columns[0])
            and sum(1 for cell in row if cell.strip()) == 1
            and column != self.header.columns.get("name")
            and not text.isascii()
        )


def _is_foot(row: Sequence[str]) -> bool:
    first = "".join(next(cell for cell in row if cell.strip()).split())
    return first.startswith(_FOOT_WORDS)


def _part(
    people: _People, cells: PackedCells, facts: SheetFacts, mapping: ColumnMapping, offset: int
) -> tuple[Part, list[Finding]]:
    """The sheet without the rows that a person wants left out, and what there is to say about it."""
    header = people.header
    numbers: Iterable[int] = people.numbers
    in_table = set(people.numbers)
    hidden, struck = in_table.intersection(facts.hidden_rows), in_table.intersection(facts.struck_rows)
    out = (hidden if mapping.leave_hidden else set()) | (struck if mapping.leave_struck else set())
    if out:
        numbers = (number for number in people.numbers if number not in out)
    kept = [number + offset for number in numbers] if offset or out else people.numbers
    titled = Header(header.row_number + offset, header.columns, header.titles)
    months = _october(facts, header, cells)
    part = Part(mapping.sheet or facts.title, titled, cells.with_changes(months) if months else cells, kept, offset)
    notes = list(_notes_on_columns(header, facts))
    notes += people.notes
    if facts.records_said is not None:
        told = faults.count_differs(facts.records_said, facts.last_row - 1)
        notes.append(told.at(header.row_number, "", "", ""))
    notes += _notes_on_rows(hidden - struck, faults.hidden_row(left=mapping.leave_hidden), facts, header)
    notes += _notes_on_rows(struck, faults.struck_row(left=mapping.leave_struck), facts, header)
    notes += _notes_on_cells(facts, header, in_table - out)
    without = _rows_without_values(facts, header, cells)
    cells.last_row = max(cells.last_row, *without, 0)
    notes += _notes_on_rows(without, faults.ROW_WITHOUT_VALUES, facts, header)
    return part, [note.moved(offset) for note in notes] if offset else notes


def _rows_without_values(facts: SheetFacts, header: Header, cells: PackedCells) -> set[int]:
    """Rows below the heading in which nothing is left: no reader hands them on, and somebody may stand there."""
    columns = set(header.columns.values())
    lost = {
        mark.row
        for mark in facts.marks
        if mark.kind in (MarkKind.ERROR_VALUE, MarkKind.NO_CACHED_VALUE)
        and mark.column in columns
        and mark.row > header.row_number
    }
    return {number for number in lost if not any(cells.row(number))}


def _nobody(notes: Iterable[Finding]) -> RosterFileError:
    lost = any(note.code == faults.ROW_WITHOUT_VALUES.at(0, "", "", "").code for note in notes)
    return errors.only_formulas() if lost else errors.no_rows()


def _october(facts: SheetFacts, header: Header, cells: PackedCells) -> dict[int, dict[int, str]]:
    """Months of which a spreadsheet ate the zero, with it again: who means January writes 2022.01. Below the last remark that
    was kept they are found by what they say: the same figure means the same in all rows."""
    months = {header.columns[name] for name in MONTH_FIELDS if name in header.columns}
    changes: dict[int, dict[int, str]] = {}
    for mark in facts.marks:
        if mark.kind is MarkKind.MONTH_AS_FIGURE and mark.column in months and mark.text.endswith(".1"):
            changes.setdefault(mark.row, {})[mark.column] = f"{mark.text}0"
    if facts.marks_left_out and changes:
        last = facts.marks[-1].row
        for numbers, columns in cells.columns():
            for column in months:
                for number, text in zip(numbers, columns[column], strict=True):
                    if number > last and len(text) == 6 and may_be_october(text):
                        changes.setdefault(number, {})[column] = f"{text}0"
    return changes


def _notes_on_rows(rows: set[int], fault: Fault, facts: SheetFacts, header: Header) -> Iterator[Finding]:
    told = sorted(rows)
    for number in told[:_MOST_TOLD]:
        yield fault.at(number, "", "", "")
    if len(told) > _MOST_TOLD:
        yield faults.more_rows(len(told) - _MOST_TOLD, fault).at(header.row_number, "", "", "")


def _notes_on_columns(header: Header, facts: SheetFacts) -> Iterator[Finding]:
    known = header_at(header.titles, header.row_number).columns
    for column, title in enumerate(header.titles):
        twin = next((name for name, first in known.items() if first < column and header.titles[first] == title), None)
        if title and twin is not None and header.columns.get(twin) != column:
            yield faults.COLUMN_TWICE.at(header.row_number, twin, title, title)
    hidden = set(facts.hidden_columns)
    for name, column in header.columns.items():
        if column in hidden:
            title = header.title_of(name)
            yield faults.HIDDEN_COLUMN.at(header.row_number, name, title, title)


def _notes_on_cells(facts: SheetFacts, header: Header, numbers: set[int]) -> Iterator[Finding]:
    names = {column: name for name, column in header.columns.items()}
    kept = 0
    for mark in facts.marks:
        name = names.get(mark.column)
        if name is None or mark.row not in numbers:
            continue
        fault = _fault_of(mark.kind, name, mark.text)
        if fault is not None:
            kept += 1
            yield fault.at(mark.row, name, header.title_of(name), mark.text)
    if facts.marks_left_out and kept:
        yield faults.more_marks(facts.marks_left_out).at(header.row_number, "", "", "")


def _fault_of(kind: MarkKind, name: str, text: str) -> Fault | None:
    if kind in _PLAIN_MARKS:
        return _PLAIN_MARKS[kind]
    if kind is MarkKind.BECAME_DATE:
        return faults.became_date(text)
    if kind is MarkKind.MONTH_AS_FIGURE and name in MONTH_FIELDS:
        return faults.month_as_figure(f"{text[:4]}10")
    return None


_PLAIN_MARKS = {
    MarkKind.ERROR_VALUE: faults.CELL_ERROR,
    MarkKind.NO_CACHED_VALUE: faults.FORMULA_WITHOUT_VALUE,
    MarkKind.STRUCK: faults.STRUCK_CELL,
    MarkKind.BROKEN: faults.BROKEN_CHARACTER,
    MarkKind.ELSEWHERE: faults.ELSEWHERE,
    MarkKind.CUT: faults.CUT,
}
