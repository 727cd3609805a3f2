"""Two states of a roster: a second import is looked through as added, changed and gone, never written over the first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from gradphoto.engine.roster.duplicates import PROGRAMME
from gradphoto.engine.roster.findings import shown
from gradphoto.engine.roster.layout import FIELD_TITLES
from gradphoto.engine.roster.records import RECORD_FIELDS, RosterRecord
from gradphoto.engine.standards.dates import compact
from gradphoto.engine.standards.identity import Sex

_KEYS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("id_number", ("id_number", *PROGRAMME)),
    ("id_number", ("id_number",)),
    ("student_no", ("student_no",)),
    ("candidate_no", ("candidate_no",)),
)
"""By what two records are matched, in this order; a person may have a record for each of two programmes."""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One value that changed, as a person reads it; ``old`` and ``new`` are masked where they are personal numbers."""

    field: str
    title: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class RecordChange:
    """A person in both states, and what differs; ``matched_by`` names the number that both have."""

    old: RosterRecord
    new: RosterRecord
    matched_by: str
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True)
class RosterDiff:
    """Everybody of both states, once."""

    added: tuple[RosterRecord, ...]
    changed: tuple[RecordChange, ...]
    gone: tuple[RosterRecord, ...]
    same: tuple[RosterRecord, ...]


def diff_rosters(
    old_records: Iterable[RosterRecord],
    new_records: Iterable[RosterRecord],
    fields: Sequence[str] = RECORD_FIELDS,
) -> RosterDiff:
    """Match by ID number and programme, then ID number, then student number, then candidate number, and compare ``fields``.

    Give as ``fields`` what the new file has columns for, so that a column left out empties nothing.
    """
    left = list(old_records)
    waiting = list(new_records)
    changed: list[RecordChange] = []
    same: list[RosterRecord] = []
    for key, names in _KEYS:
        by_key = {value: record for record in left if (value := _values(record, names))[0]}
        found: set[int] = set()
        unmatched = []
        for record in waiting:
            old = by_key.pop(_values(record, names), None)
            if old is None:
                unmatched.append(record)
                continue
            found.add(id(old))
            differing = tuple(field_changes(old, record, fields))
            if differing:
                changed.append(RecordChange(old, record, key, differing))
            else:
                same.append(record)
        waiting, left = unmatched, [record for record in left if id(record) not in found]
    return RosterDiff(tuple(waiting), tuple(changed), tuple(left), tuple(same))


def _values(record: RosterRecord, names: Sequence[str]) -> tuple[str, ...]:
    return tuple(getattr(record, name) for name in names)


def field_changes(old: RosterRecord, new: RosterRecord, fields: Sequence[str]) -> Iterable[FieldChange]:
    """The fields in which two records differ, masked where they are personal numbers."""
    if old == new:
        return
    for name in fields:
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            yield FieldChange(name, FIELD_TITLES[name], shown(name, _written(before)), shown(name, _written(after)))


def _written(value: object) -> str:
    if isinstance(value, Sex):
        return "男" if value is Sex.MALE else "女"
    if isinstance(value, date):
        return compact(value)
    return {"spring": "春季", "autumn": "秋季"}.get(str(value), str(value)) if value is not None else ""
