"""Taking over what was accepted of a file: added people together, changes and departures person by person."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.blind_indexes import present_indexes
from gradphoto.apps.core.bulk_rows import insert_encrypted_rows
from gradphoto.apps.core.encryption import BlindIndex, blind_index, indexer, opened
from gradphoto.apps.roster.actions import write_values
from gradphoto.apps.roster.corrections import ALREADY_LISTED, STORED, fields_of
from gradphoto.apps.roster.imports.compare import record_from, unpacked, value_of
from gradphoto.apps.roster.imports.review import AT_ONCE, decide_differences
from gradphoto.apps.roster.lifecycle import CANDIDATE, IMPORT
from gradphoto.apps.roster.models import (
    Candidate,
    CandidateStatus,
    DifferenceKind,
    DifferenceState,
    ImportDifference,
    Origin,
    RosterImport,
)
from gradphoto.apps.roster.steps import remove_candidate
from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.roster.duplicates import PROGRAMME, written_plainly
from gradphoto.engine.roster.records import RECORD_FIELDS
from gradphoto.engine.standards.names import same

_CHUNK = 10_000
"""So many people are added in one transaction: their keys lie anywhere in the indexes, and every commit writes the pages
that it touched; a fifth of them writes a fifth less. It takes about half a second, for which other writers of SQLite wait."""
Progress = Callable[[int, int], None]
Tuple = tuple[Any, ...]


def accept_all(actor: Actor, roster_import: RosterImport, kind: DifferenceKind = DifferenceKind.ADDED) -> int:
    """Accept every waiting difference of a kind and take it over, at once or in the background."""
    count = decide_differences(actor, roster_import, accepted=True, chosen=roster_import.differences.filter(kind=kind))
    take_at_once(actor, roster_import)
    return count


def decided(roster_import: RosterImport) -> QuerySet[ImportDifference]:
    """The differences that are decided and not yet dealt with."""
    return roster_import.differences.filter(state=DifferenceState.WAITING, accepted__isnull=False)


def take_at_once(actor: Actor, roster_import: RosterImport) -> None:
    """Deal with a few decided differences here and now; many are the background's."""
    if decided(roster_import).count() <= AT_ONCE:
        take_over(actor, roster_import, lambda done, refused: None)


def take_over(actor: Actor, roster_import: RosterImport, progress: Progress) -> None:
    """Deal with every decided difference. A difference and its effect are written together, so that a second run after
    a kill takes nothing over twice. ``progress`` hears how many are done and how many were refused."""
    waiting = decided(roster_import)
    done = waiting.filter(accepted=False).update(state=DifferenceState.DECLINED)
    refused = 0
    added = list(waiting.filter(accepted=True, kind=DifferenceKind.ADDED).order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(added), _CHUNK):
        part = added[start : start + _CHUNK]
        refused += len(part) - add_from_import(actor, roster_import, first=part[0], last=part[-1])
        done += len(part)
        progress(done, refused)
    others = waiting.filter(accepted=True).exclude(kind=DifferenceKind.ADDED).select_related("candidate")
    for difference in others.iterator(_CHUNK):
        refused += not _take_one(actor, roster_import, difference)
        done += 1
        progress(done, refused)
    _close(roster_import)


def _take_one(actor: Actor, roster_import: RosterImport, difference: ImportDifference) -> bool:
    assert difference.candidate is not None
    try:
        with transaction.atomic():
            if difference.kind == DifferenceKind.GONE:
                remove_candidate(actor, difference.candidate, reason=f"新名册中没有此人（{roster_import.file_name}）")
            else:
                update_from_import(actor, difference.candidate, difference=difference.pk)
            _mark([difference.pk], DifferenceState.TAKEN)
    except GradPhotoError as error:
        _mark([difference.pk], DifferenceState.REFUSED, error)
        return False
    return True


def _mark(pks: Sequence[int], state: DifferenceState, error: GradPhotoError | None = None) -> None:
    told = {
        "code": error.code,
        "message": {"zh": error.message.zh, "en": error.message.en},
        "remedy": {"zh": error.remedy.zh, "en": error.remedy.en},
    } if error else {}  # fmt: skip
    ImportDifference.objects.filter(pk__in=pks).update(state=state, **told)


@action("roster.add_from_import", permission="roster.list")
def add_from_import(actor: Actor, roster_import: RosterImport, *, first: int, last: int) -> int:
    """Put people on the list who were not on it, all in one transaction; returns how many. No programme is listed twice.

    ``first`` and ``last`` are the keys of a stretch of accepted differences.
    """
    # Two files of one campaign may hold the same person: one after the other, the second is told.
    Campaign.objects.select_for_update().get(pk=roster_import.campaign_id)
    waiting = roster_import.differences.filter(
        pk__range=(first, last), state=DifferenceState.WAITING, accepted=True, kind=DifferenceKind.ADDED
    )
    index_of, id_number = indexer(), RECORD_FIELDS.index("id_number")
    chosen = [
        _Accepted(pk, row, department, values := unpacked(record), index_of(values[id_number]))
        for pk, row, department, record in opened(waiting, "record", "row", "department_id")
    ]
    fresh = chosen
    if not _all_inserted(roster_import, chosen):
        # A number of theirs is on the list already: only then is it worth asking whose.
        fresh = _not_listed(roster_import, chosen)
        _insert(roster_import, fresh, _first_records(roster_import, {one.id_index for one in fresh}))
    taken = {one.pk for one in fresh}
    _mark([one.pk for one in chosen if one.pk not in taken], DifferenceState.REFUSED, ALREADY_LISTED)
    waiting.update(state=DifferenceState.TAKEN)
    audit.note(added=len(fresh))
    return len(fresh)


def _all_inserted(roster_import: RosterImport, chosen: Sequence[_Accepted]) -> bool:
    """Whether nobody of them was on the list. Of second programmes the database does not say whose student number it is."""
    if len({one.id_index for one in chosen}) < len(chosen):
        return False
    try:
        with transaction.atomic():
            _insert(roster_import, chosen, {})
    except IntegrityError:
        return False
    return True


class _Accepted(NamedTuple):
    """A row that is to become a candidate. ``values`` as they were sealed; ``id_index`` of the ID number, under the keys of
    today: the file may have been read before the key was replaced."""

    pk: int
    row: int | None
    department: int
    values: list[str]
    id_index: BlindIndex

    @property
    def student_no(self) -> str:
        return value_of(self.values, "student_no")


def _first_records(roster_import: RosterImport, indexes: Collection[BlindIndex]) -> dict[str, int]:
    """By the index of an ID number the record under which its person is photographed."""
    listed = Candidate.objects.filter(campaign=roster_import.campaign_id, id_number_index__in=indexes)
    firsts = present_indexes(listed.filter(same_person=None).order_by(), "id_number_index")
    return {index: pk for pk, index in firsts}


def _not_listed(roster_import: RosterImport, chosen: Sequence[_Accepted]) -> list[_Accepted]:
    """Those whose programme is not on the list, nor their student number under another person (``roster.persons``)."""
    listed = Candidate.objects.filter(campaign=roster_import.campaign_id).order_by()
    indexes, numbers = [one.id_index for one in chosen], [one.student_no for one in chosen]
    names: dict[str, str] = {}
    programmes, owners = set[Tuple](), dict[str, str]()
    found = listed.filter(Q(id_number_index__in=indexes) | Q(student_no__in=numbers))
    index_of = dict(present_indexes(found, "id_number_index"))
    for pk, student_no, name, major, level in found.values_list("pk", "student_no", "name", "major", "level"):
        index = index_of[pk]
        names[index] = name
        programmes.add((index, written_plainly(major), written_plainly(level)))
        owners[student_no] = index
    fresh = []
    for one in chosen:
        programme = (one.id_index, *(written_plainly(value_of(one.values, name)) for name in PROGRAMME))
        name = value_of(one.values, "name")
        is_theirs = owners.get(one.student_no, one.id_index) == one.id_index
        if programme not in programmes and is_theirs and same(names.get(one.id_index, name), name):
            fresh.append(one)
            # Rows that stand twice in one file are told apart here at the latest.
            names.setdefault(one.id_index, name)
            programmes.add(programme)
            owners[one.student_no] = one.id_index
    return fresh


def _insert(roster_import: RosterImport, fresh: Sequence[_Accepted], people: Mapping[str, int]) -> None:
    """``people``: the first records that are there. Who stands in two rows gets the first of them before the second."""
    firsts: dict[str, _Accepted] = {}
    others = []
    for one in fresh:
        if one.id_index in people or one.id_index in firsts:
            others.append(one)
        else:
            firsts[one.id_index] = one
    rows = _candidates(roster_import, firsts.values(), {})
    insert_encrypted_rows(Candidate, _FIELDS, rows, encrypted="id_number")
    if others:
        people = _first_records(roster_import, {one.id_index for one in others})
        rows = _candidates(roster_import, others, people)
        insert_encrypted_rows(Candidate, _FIELDS, rows, encrypted="id_number")


_OF_ROW = tuple(name for name in STORED if name not in ("department", "id_number"))
_SET_BY_US = {
    "status": str(CandidateStatus.ISSUED.value), "status_reason": "", "origin": str(Origin.IMPORTED.value),
    "added_reason": "",
}  # fmt: skip
_FIELDS = (
    "campaign", "department", "id_number", "id_number_index", "same_person", "imported_from", "imported_row",
    *_SET_BY_US, *_OF_ROW,
)  # fmt: skip


def _candidates(
    roster_import: RosterImport, fresh: Iterable[_Accepted], people: Mapping[str, int]
) -> Iterator[tuple[Any, ...]]:
    """Rows for the candidates' table, without making model objects of them."""
    rest = tuple(_SET_BY_US.values())
    of_row = itemgetter(*(RECORD_FIELDS.index(name) for name in _OF_ROW))
    id_number, entry_date = RECORD_FIELDS.index("id_number"), RECORD_FIELDS.index("entry_date")
    for one in fresh:
        values: list[Any] = one.values
        values[entry_date] = values[entry_date] or None
        yield (
            roster_import.campaign_id, one.department, values[id_number], str(one.id_index), people.get(one.id_index),
            roster_import.pk, one.row, *rest, *of_row(values),
        )  # fmt: skip


@action("roster.update_from_import", permission="roster.list", lifecycle=CANDIDATE)
def update_from_import(actor: Actor, candidate: Candidate, *, difference: int) -> None:
    """Take over the changed fields of one person, under the same rules as a correction by hand."""
    accepted = candidate.import_differences.select_related("roster_import").get(pk=difference)
    record = record_from(accepted.record.decrypt())
    fields = [change["field"] for change in accepted.changes]
    values = fields_of(record)
    new = {name: values[name] for name in fields if name in values}
    if "department" in fields:
        new["department_id"] = accepted.department_id
    if "id_number" in new:
        new["id_number_index"] = blind_index(record.id_number)
    write_values(actor, candidate, new, None)
    candidate.imported_from, candidate.imported_row = accepted.roster_import, accepted.row
    candidate.save(update_fields=["imported_from", "imported_row"])
    audit.note(fields=fields, reason=accepted.roster_import.file_name)


def _close(roster_import: RosterImport) -> None:
    """A review with nothing left to decide is done; what was refused stays open to another try."""
    open_states = (DifferenceState.WAITING, DifferenceState.REFUSED)
    if not roster_import.differences.filter(state__in=open_states).exists():
        IMPORT.move_rows(RosterImport.objects.filter(pk=roster_import.pk), "roster.close_review")
