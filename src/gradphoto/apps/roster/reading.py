"""Reading a file in the background: check, repairs, places, and what it would change. Nothing is stored in the roster."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterable, Sequence
from datetime import date

from django.db import transaction
from django.utils import timezone

from gradphoto.apps.campaigns.rules import value_of
from gradphoto.apps.campaigns.settings_keys import TEST_REGIONS
from gradphoto.apps.core import blobs
from gradphoto.apps.core.encryption import blind_index
from gradphoto.apps.core.jobs import JobRun
from gradphoto.apps.roster.cohorts import cohorts_of
from gradphoto.apps.roster.corrections import STORED
from gradphoto.apps.roster.id_numbers import without_id_numbers
from gradphoto.apps.roster.importing import finish_reading
from gradphoto.apps.roster.models import (
    Candidate,
    CandidateStatus,
    DifferenceKind,
    ImportDifference,
    ImportFix,
    RosterFinding,
    RosterImport,
)
from gradphoto.apps.roster.placing import LISTED_ELSEWHERE, NOT_ON_LIST, Placed, Placing
from gradphoto.engine.roster import (
    AppliedFix,
    ColumnMapping,
    FieldChange,
    Finding,
    LintResult,
    LintRules,
    RosterRecord,
    Severity,
    Table,
    apply_fixes,
    diff_rosters,
    fixed_table,
    lint,
    read_table,
    write_marked_workbook,
)
from gradphoto.engine.roster.layout import DERIVABLE
from gradphoto.engine.roster.records import RECORD_FIELDS
from gradphoto.engine.standards.identity import Sex

_CHUNK = 500
_LEFT = (CandidateStatus.REMOVED, CandidateStatus.DEFERRED)


def read_file(run: JobRun, roster_import: RosterImport) -> None:
    """Read the file once, check it, and put on record what was found and what it would change.

    The result is written in small transactions, so that nobody waits for a large file, and counts only when the last
    of them says so; every phase reports, so that a cancel is heard and the worker is not taken for dead.
    """
    mapping = ColumnMapping.from_json(json.dumps(roster_import.mapping))
    table = read_table(blobs.read(roster_import.source), roster_import.file_name, mapping=mapping)
    told = _Told(run, len(table.rows))
    rules = _rules(roster_import)
    chosen = set(roster_import.fixes.filter(applied=True).values_list("row", "field"))
    result = lint(table, rules, progress=told.phase(0))
    table, result, applied = _repaired(table, result, rules, chosen)
    placing = Placing(roster_import, table.header)
    placed = placing.place((row.row_number, row.record) for row in result.rows if row.record is not None)
    placing.tell_other_schools(placed)
    same, differences = _differences(roster_import, table, result, placed, placing, told)
    findings = sorted([*result.findings, *placing.findings], key=lambda finding: finding.row_number)
    marked_up = write_marked_workbook(table, findings, applied, progress=told.phase(3)) if findings or applied else None
    bad = result.bad | {one.row_number for one in placing.findings if one.severity is Severity.ERROR}
    _keep(roster_import, findings, applied, differences, told)
    finish_reading(
        run.actor,
        roster_import,
        counts={
            "row_count": len(table.rows),
            "good_count": len(table.rows) - len(bad),
            "bad_count": len(bad),
            "same_count": same,
        },
        marked_up=marked_up,
    )


class _Told:
    """The progress of five phases, each as long as the table: check, old rows, new rows, marked copy, writing down."""

    _PHASES = 5

    def __init__(self, run: JobRun, rows: int) -> None:
        self.run, self.rows = run, max(rows, 1)
        run.start(self.rows * self._PHASES)

    def phase(self, number: int, of: int | None = None) -> Callable[[int], None]:
        """Hears how many of the ``of`` items of a phase are done; never the whole, which only the end is."""
        scale = self.rows / max(of or self.rows, 1)
        last = self.rows * self._PHASES - 1

        def advance(done: int) -> None:
            self.run.advance(min(last, round(self.rows * number + done * scale)))

        return advance


def _rules(roster_import: RosterImport) -> LintRules:
    campaign = roster_import.campaign
    return LintRules(
        timezone.localdate(),
        value_of(campaign, TEST_REGIONS),
        defaults=roster_import.defaults,
        school_code=campaign.school.code,
        school_name=campaign.school.name,
        cohorts=cohorts_of(campaign),
    )


def _repaired(
    table: Table, result: LintResult, rules: LintRules, chosen: set[tuple[int, str]]
) -> tuple[Table, LintResult, tuple[AppliedFix, ...]]:
    """The table with the chosen repairs, checked again: a mended value may now contradict another."""
    wanted = [finding for finding in result.findings if (finding.row_number, finding.field) in chosen]
    changes = apply_fixes(table.rows, wanted).changes if wanted else ()
    if not changes:
        return table, result, ()
    mended = fixed_table(table, changes)
    return mended, lint(mended, rules), changes


def _differences(
    roster_import: RosterImport,
    table: Table,
    result: LintResult,
    placed: Sequence[Placed],
    placing: Placing,
    told: _Told,
) -> tuple[int, list[ImportDifference]]:
    """How many people stay as they are, and what would change: added, changed, and gone from what the file covers."""
    listed = Candidate.objects.filter(campaign=roster_import.campaign_id).select_related("department")
    people = {person.pk: person for person in listed}
    olds: dict[int, RosterRecord] = {}
    advance = told.phase(1, len(people))
    for done, (pk, person) in enumerate(people.items()):
        olds[pk] = record_of(person)
        if done % _CHUNK == 0:
            advance(done)
    # The engine compares records; which person or row a record stands for is told by the object itself.
    whose = {id(record): people[pk] for pk, record in olds.items()}
    rows = {id(one.record): one for one in placed}
    diff = diff_rosters(olds.values(), (one.record for one in placed), _compared(table, roster_import))
    advance = told.phase(2, len(diff.added) + len(diff.changed))
    found = []
    for done, record in enumerate(diff.added):
        found.append(_difference(roster_import, DifferenceKind.ADDED, rows[id(record)], None, ()))
        if done % _CHUNK == 0:
            advance(done)
    for change in diff.changed:
        person, one = whose[id(change.old)], rows[id(change.new)]
        if not person.department.path.startswith(roster_import.organisation.path):
            placing.say(one.row, "student_no", one.record.student_no, *LISTED_ELSEWHERE)
        elif person.status in _LEFT:
            placing.say(one.row, "student_no", one.record.student_no, *NOT_ON_LIST)
        else:
            found.append(_difference(roster_import, DifferenceKind.CHANGED, one, person, change.fields))
    covered = {(one.department.pk, one.record.season) for one in placed}
    in_faulty_rows = _numbers_in_faulty_rows(table, result)
    for record in diff.gone:
        person = whose[id(record)]
        faulty = {person.student_no, person.id_number_index} & in_faulty_rows
        if (person.department_id, person.season) in covered and person.status not in _LEFT and not faulty:
            found.append(_gone(roster_import, person))
    return len(diff.same), found


def record_of(person: Candidate) -> RosterRecord:
    """The person as a roster row, to be compared with one; the ID number is whole, so this is never shown as it is."""
    values = {name: getattr(person, name) for name in STORED}
    values |= {"department": person.department.name, "id_number": person.id_number.decrypt(), "sex": Sex(person.sex)}
    return RosterRecord(**values)


def _compared(table: Table, roster_import: RosterImport) -> tuple[str, ...]:
    """The fields that this file speaks of: a column that it does not have empties nothing."""
    spoken = {*table.header.columns, *roster_import.defaults}
    if "id_number" in table.header.columns:
        spoken |= DERIVABLE
    return tuple(name for name in STORED if name in spoken)


def _difference(
    roster_import: RosterImport, kind: DifferenceKind, one: Placed, person: Candidate | None,
    fields: Iterable[FieldChange],
) -> ImportDifference:  # fmt: skip
    return ImportDifference(
        roster_import=roster_import,
        kind=kind,
        row=one.row,
        candidate=person,
        department=one.department,
        student_no=one.record.student_no,
        name=one.record.name,
        record=to_json(one.record),
        changes=[dataclasses.asdict(change) for change in fields],
    )


def _gone(roster_import: RosterImport, person: Candidate) -> ImportDifference:
    return ImportDifference(
        roster_import=roster_import,
        kind=DifferenceKind.GONE,
        candidate=person,
        department=person.department,
        student_no=person.student_no,
        name=person.name,
        record="",
    )


def to_json(record: RosterRecord) -> str:
    """A record as the text that is sealed."""
    # Not dataclasses.asdict: it copies every value deeply, which costs more than sealing it.
    values = {name: getattr(record, name) for name in RECORD_FIELDS}
    return json.dumps(values, ensure_ascii=False, default=str)


def from_json(text: str) -> RosterRecord:
    """Read :func:`to_json`."""
    values = json.loads(text)
    values["sex"] = Sex(values["sex"])
    for name in ("birth_date", "entry_date"):
        values[name] = date.fromisoformat(values[name]) if values[name] not in (None, "None") else None
    return RosterRecord(**values)


def _numbers_in_faulty_rows(table: Table, result: LintResult) -> set[str]:
    """Student numbers and blind indexes of rows with errors: whoever stands there is in the file, not gone from it."""
    found: set[str] = set()
    for row in table.rows:
        if row.row_number in result.bad:
            found |= {row.values.get("student_no", "").strip(), blind_index(row.values.get("id_number", ""))}
    return found


def _keep(
    roster_import: RosterImport,
    findings: Sequence[Finding],
    applied: Sequence[AppliedFix],
    differences: Sequence[ImportDifference],
    told: _Told,
) -> None:
    """Put the findings, repairs and differences in place of those of an earlier reading, a batch a transaction."""
    roster_import.findings.all().delete()
    roster_import.fixes.all().delete()
    roster_import.differences.all().delete()
    fixes = _fixes(roster_import, findings, applied)
    advance = told.phase(4, len(findings) + len(fixes) + len(differences))
    done = 0
    for model, made in (
        (RosterFinding, [_finding(roster_import, one) for one in findings]),
        (ImportFix, fixes),
        (ImportDifference, list(differences)),
    ):
        for start in range(0, len(made), _CHUNK):
            batch = made[start : start + _CHUNK]
            with transaction.atomic():
                model._default_manager.bulk_create(batch)  # type: ignore[arg-type]
            done += len(batch)
            advance(done)


def _finding(roster_import: RosterImport, finding: Finding) -> RosterFinding:
    # An ID number in the wrong column is a finding of that column, whose value the reader does not mask.
    return RosterFinding(
        roster_import=roster_import,
        row=finding.row_number,
        field=finding.field,
        column_title=finding.column_title[:60],
        value=without_id_numbers(finding.value)[:120],
        code=finding.code,
        severity=str(finding.severity),
        reason={"zh": finding.reason.zh, "en": finding.reason.en},
        remedy={"zh": finding.remedy.zh, "en": finding.remedy.en},
    )


def _fixes(roster_import: RosterImport, findings: Sequence[Finding], applied: Sequence[AppliedFix]) -> list[ImportFix]:
    """The repairs made and those still offered, one a cell."""
    made = {(fix.row_number, fix.field): (fix.column_title, fix.shown_before, fix.shown_after, True) for fix in applied}
    for one in findings:
        if one.fix is not None:
            made.setdefault((one.row_number, one.field), (one.column_title, one.value, one.fix.shown, False))
    return [
        ImportFix(
            roster_import=roster_import,
            row=row,
            field=field,
            column_title=title[:60],
            before=without_id_numbers(before)[:120],
            after=without_id_numbers(after)[:120],
            applied=done,
        )
        for (row, field), (title, before, after, done) in sorted(made.items())
    ]
