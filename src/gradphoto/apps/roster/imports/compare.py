"""What a file would change, person by person: matched by ID number and programme, then ID number, student number, candidate number.

Two states of a roster are compared block by block. Whoever is matched by ID number and programme is settled at once; a
row that is known only by one of its numbers waits for the end, as a later row may be that record's: somebody in two
programmes has two rows, and a row with a new programme is a change only where the earlier one is not in the file.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

from gradphoto.apps.core.blind_indexes import present_indexes
from gradphoto.apps.core.encryption import blind_index, indexer
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.roster.corrections import STORED
from gradphoto.apps.roster.imports.place import LISTED_ELSEWHERE, NOT_ON_LIST, Placing
from gradphoto.apps.roster.models import (
    Candidate,
    CandidateStatus,
    DifferenceKind,
    DifferenceState,
    RosterImport,
)
from gradphoto.engine.roster import RosterRecord, Table
from gradphoto.engine.roster.compare import PROBABLY_SAME
from gradphoto.engine.roster.diff import field_changes
from gradphoto.engine.roster.duplicates import PROGRAMME, written_plainly
from gradphoto.engine.roster.layout import derivable
from gradphoto.engine.roster.lint import CheckedBlock
from gradphoto.engine.roster.records import RECORD_FIELDS
from gradphoto.engine.standards.identity import Sex
from gradphoto.engine.standards.names import same_key

_CHUNK = 500
_LEFT = (CandidateStatus.REMOVED, CandidateStatus.DEFERRED)
_DATES = ("birth_date", "entry_date")
_NO_TEXTS = frozenset({*_DATES, "sex"})
"""What a checked row holds as something else than text."""
Tuple = tuple[Any, ...]
PersonKey = tuple[str, str, date | None]
"""Name, sex and birth date: who has all three in common is probably one person."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A row without a record of its ID number and programme, of which a number is known."""

    row: int
    department: Organisation
    values: Tuple
    index: str

    def value(self, name: str) -> str:
        return self.index if name == "id_number" else str(self.values[RECORD_FIELDS.index(name)])

    def is_known_in(self, numbers: Mapping[str, Mapping[str, object]]) -> bool:
        """Whether one of its numbers is among those of the people before."""
        return any(self.value(name) in known for name, known in numbers.items())


class Comparison:
    """The people of the campaign before, and the rows of the file that have passed so far."""

    FIELDS = (
        "roster_import", "kind", "row", "candidate", "department", "student_no", "name", "record", "changes", "state",
        "code",
    )  # fmt: skip

    def __init__(self, roster_import: RosterImport, table: Table, placing: Placing) -> None:
        self._import, self._table, self._placing = roster_import, table, placing
        self.same = 0
        self._fields = _compared(table, roster_import)
        self._by_programme: dict[tuple[str, str, str], int] = {}
        self._by_number: dict[str, dict[str, list[int]]] = {"id_number": {}, "student_no": {}, "candidate_no": {}}
        listed = Candidate.objects.filter(campaign=roster_import.campaign_id)
        self._indexes = dict(present_indexes(listed, "id_number_index"))
        columns = ("pk", "major", "level", "student_no", "candidate_no")
        for pk, major, level, student_no, candidate_no in listed.values_list(*columns).iterator():
            index = self._indexes[pk]
            self._by_programme[index, written_plainly(major), written_plainly(level)] = pk
            numbers = {"id_number": index, "student_no": student_no, "candidate_no": candidate_no}
            for name, number in numbers.items():
                if number:
                    self._by_number[name].setdefault(number, []).append(pk)
        self._unmatched = set(self._by_programme.values())
        self._by_person = _people_once(listed)
        self._waiting: list[_Waiting] = []
        self._covered: set[tuple[int, str]] = set()
        self._in_faulty_rows: set[str] = set()

    def add(self, block: CheckedBlock, placed: Sequence[tuple[int, Organisation]]) -> Iterator[Tuple]:
        """The rows of a block for :class:`ImportDifference`."""
        columns = [block.values[name] for name in RECORD_FIELDS]
        texts: list[Sequence[str]] = [
            _texts(column) if name in _NO_TEXTS or None in column else column
            for name, column in zip(RECORD_FIELDS, columns, strict=True)
        ]
        if not self._by_programme:
            yield from self._all_new(block, placed, texts)
            return
        id_numbers, seasons = block.values["id_number"], block.values["season"]
        numbers, known, elsewhere = block.numbers, self._by_programme, self._placing.knows_other_schools
        student_numbers, names = block.values["student_no"], block.values["name"]
        majors, levels = (block.values[name] for name in PROGRAMME)
        index_of, covered = indexer(), self._covered
        self._remember_faulty(block)
        matched: dict[int, tuple[int, Organisation, Tuple]] = {}
        for place, department in placed:
            number = numbers[place]
            covered.add((department.pk, seasons[place]))
            index = index_of(id_numbers[place])
            if elsewhere:
                self._placing.tell_other_school(number, index, id_numbers[place])
            person = known.get((index, written_plainly(majors[place]), written_plainly(levels[place])))
            if person is None and not self._unmatched:
                packed = _packed([column[place] for column in texts], department)
                yield self._row(
                    DifferenceKind.ADDED, number, None, department.pk, student_numbers[place], names[place], packed, ()
                )
                continue
            values = tuple([column[place] for column in columns])
            if person is not None:
                if person in self._unmatched:
                    self._unmatched.discard(person)
                    matched[person] = (number, department, values)
            elif (one := _Waiting(number, department, values, index)).is_known_in(self._by_number) or (
                self._key_of(values) in self._by_person
            ):
                self._waiting.append(one)
            else:
                yield self._added(one)
        yield from self._matched(matched)

    def _all_new(
        self, block: CheckedBlock, placed: Sequence[tuple[int, Organisation]], texts: list[Sequence[str]]
    ) -> Iterator[Tuple]:
        """Nobody is on the list yet: the rows are packed column by column, and nobody's number is looked for."""
        numbers, id_numbers = block.numbers, block.values["id_number"]
        if self._placing.knows_other_schools:
            index_of = indexer()
            for place, _ in placed:
                self._placing.tell_other_school(numbers[place], index_of(id_numbers[place]), id_numbers[place])
        departments = [""] * len(numbers)
        for place, department in placed:
            departments[place] = department.name
        texts[_DEPARTMENT] = departments
        records = list(map(_APART.join, zip(*texts, strict=True)))
        student_numbers, names = block.values["student_no"], block.values["name"]
        roster_import, kind = self._import.pk, str(DifferenceKind.ADDED)
        for place, department in placed:
            yield (
                roster_import, kind, numbers[place], None, department.id, student_numbers[place], names[place],
                records[place], "[]", _IS_WAITING, "",
            )  # fmt: skip

    def _remember_faulty(self, block: CheckedBlock) -> None:
        """Whoever stands in a row with an error is in the file, not gone from it."""
        if not self._unmatched or not block.bad:
            return
        part = self._table.part_of(block.numbers[0])
        for number in block.bad & set(block.numbers):
            values = part.values(part.row(number))
            self._in_faulty_rows.add(values.get("student_no", "").strip())
            self._in_faulty_rows.add(blind_index(values.get("id_number", "")))

    def finish(self, bad: Iterable[int]) -> Iterator[Tuple]:
        """What waited, and who is gone. ``bad`` are all rows with an error, those too that stand twice."""
        for name, known in self._by_number.items():
            matched: dict[int, tuple[int, Organisation, Tuple]] = {}
            left = []
            for one in self._waiting:
                people = known.get(one.value(name), ())
                person = next((pk for pk in people if pk in self._unmatched), None)
                if person is not None:
                    self._unmatched.discard(person)
                    matched[person] = (one.row, one.department, one.values)
                else:
                    left.append(one)
            self._waiting = left
            yield from self._matched(matched)
        yield from self._probably_same()
        for one in self._waiting:
            yield self._added(one)
        yield from self._gone()

    def _probably_same(self) -> Iterator[Tuple]:
        """Rows with nobody's numbers and with name, sex and birth date of somebody whom no row has: one case each (R31)."""
        keys = Counter(self._key_of(one.values) for one in self._waiting)
        matched: dict[int, tuple[int, Organisation, Tuple]] = {}
        left = []
        for one in self._waiting:
            key = self._key_of(one.values)
            person = self._by_person.get(key)
            if person is not None and person in self._unmatched and keys[key] == 1:
                self._unmatched.discard(person)
                matched[person] = (one.row, one.department, one.values)
            else:
                left.append(one)
        self._waiting = left
        yield from self._matched(matched, PROBABLY_SAME)

    @staticmethod
    def _key_of(values: Tuple) -> PersonKey:
        name, sex, born = (values[RECORD_FIELDS.index(field)] for field in ("name", "sex", "birth_date"))
        return same_key(name), str(sex), born

    def _gone(self) -> Iterator[Tuple]:
        left = Candidate.objects.filter(campaign=self._import.campaign_id).exclude(status__in=_LEFT)
        for person in left.select_related("department").iterator(_CHUNK):
            if (
                person.pk in self._unmatched
                and (person.department_id, person.season) in self._covered
                and not {person.student_no, self._indexes[person.pk]} & self._in_faulty_rows
            ):
                yield self._row(
                    DifferenceKind.GONE, None, person.pk, person.department_id, person.student_no, person.name, "", ()
                )

    def _matched(self, matched: dict[int, tuple[int, Organisation, Tuple]], code: str = "") -> Iterator[Tuple]:
        """Compare people with the rows that are theirs; ``code`` says why they are, where no number does."""
        if not matched:
            return
        people = Candidate.objects.select_related("department").in_bulk(list(matched))
        for pk, (row, department, values) in matched.items():
            person = people[pk]
            record = _placed_record(values, department)
            changes = list(field_changes(record_of(person), record, self._fields))
            if not changes:
                self.same += 1
            elif not person.department.path.startswith(self._import.organisation.path):
                self._placing.say(row, "student_no", record.student_no, *LISTED_ELSEWHERE)
            elif person.status in _LEFT:
                self._placing.say(row, "student_no", record.student_no, *NOT_ON_LIST)
            else:
                told = [asdict(change) for change in changes]
                yield self._row(
                    DifferenceKind.CHANGED, row, pk, department.pk, record.student_no, record.name,
                    _packed(_texts(values), department), told, code,
                )  # fmt: skip

    def _added(self, one: _Waiting) -> Tuple:
        packed = _packed(_texts(one.values), one.department)
        student_no, name = one.values[_STUDENT_NO], one.values[_NAME]
        return self._row(DifferenceKind.ADDED, one.row, None, one.department.pk, student_no, name, packed, ())

    def _row(
        self, kind: str, row: int | None, person: int | None, department: int, student_no: str, name: str, record: str,
        changes: Sequence[dict[str, str]], code: str = "",
    ) -> Tuple:  # fmt: skip
        told = json.dumps(changes, ensure_ascii=False) if changes else "[]"
        return (
            self._import.pk, str(kind), row, person, department, student_no, name, record, told, _IS_WAITING, code,
        )  # fmt: skip


_STUDENT_NO, _NAME = RECORD_FIELDS.index("student_no"), RECORD_FIELDS.index("name")
_DEPARTMENT = RECORD_FIELDS.index("department")
_IS_WAITING = str(DifferenceState.WAITING.value)
_PLACES = {name: place for place, name in enumerate(RECORD_FIELDS)}
_APART = "\x1f"
"""Between the values of a packed row: no cell holds it, and splitting costs a tenth of reading JSON."""


def _people_once(listed: QuerySet[Candidate]) -> dict[PersonKey, int]:
    """The people of a campaign by name, sex and birth date; who shares all three with another is not in it."""
    found: dict[PersonKey, int] = {}
    twice: set[PersonKey] = set()
    people = listed.filter(same_person=None)  # somebody in two programmes is one of them
    for pk, name, sex, born in people.values_list("pk", "name", "sex", "birth_date").iterator():
        key = (same_key(name), sex, born)
        if key in found:
            twice.add(key)
        found[key] = pk
    return {key: pk for key, pk in found.items() if key not in twice}


def _texts(column: Iterable[Any]) -> list[str]:
    """Values as texts: dates in ISO form, nothing where there is nothing."""
    return [one if one.__class__ is str else "" if one is None else str(one) for one in column]


def _packed(texts: list[str], department: Organisation) -> str:
    """A row as the text that is sealed: the department under the name that we know it by."""
    texts[_DEPARTMENT] = department.name
    return _APART.join(texts)


def _placed_record(values: Tuple, department: Organisation) -> RosterRecord:
    named: list[Any] = [*values[:_DEPARTMENT], department.name, *values[_DEPARTMENT + 1 :]]
    return RosterRecord(*named)


def unpacked(text: str) -> list[str]:
    """The values of a row in the order of ``RECORD_FIELDS``: what was sealed."""
    return text.split(_APART)


def value_of(values: Sequence[str], name: str) -> str:
    """One of :func:`unpacked`."""
    return values[_PLACES[name]]


def record_from(text: str) -> RosterRecord:
    """The same as a record."""
    values: dict[str, Any] = dict(zip(RECORD_FIELDS, unpacked(text), strict=False))
    values["sex"] = Sex(values["sex"])
    for name in _DATES:
        values[name] = date.fromisoformat(values[name]) if values[name] else None
    return RosterRecord(**values)


def record_of(person: Candidate) -> RosterRecord:
    """The person as a roster row, to be compared with one; the ID number is whole, so this is never shown as it is."""
    values = {name: getattr(person, name) for name in STORED}
    values |= {"department": person.department.name, "id_number": person.id_number.decrypt(), "sex": Sex(person.sex)}
    return RosterRecord(**values)


def _compared(table: Table, roster_import: RosterImport) -> tuple[str, ...]:
    """The fields that this file speaks of: a column that it does not have empties nothing."""
    spoken = set(roster_import.defaults)
    for part in table.parts:
        spoken |= part.header.columns.keys()
        spoken |= derivable(part.header.columns)
    return tuple(name for name in STORED if name in spoken)
