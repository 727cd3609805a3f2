"""Reading a file in the background: check, repairs, places, and what it would change. Nothing is stored in the roster.

One pass, block by block: what a block says is written down before the next is looked at, so that a large file needs no
more memory than a small one; a file of one sheet is judged while it is still being read. The result counts only when :func:`review.finish_reading` says so.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from operator import itemgetter

from django.db import transaction

from gradphoto.apps.core import blobs
from gradphoto.apps.core.bulk_rows import insert_encrypted_rows, insert_rows, ready
from gradphoto.apps.core.errors import shortened
from gradphoto.apps.core.jobs import JobCancelledError, JobRun
from gradphoto.apps.roster.imports.compare import Comparison
from gradphoto.apps.roster.imports.place import Placing
from gradphoto.apps.roster.imports.receive import BOUNDED
from gradphoto.apps.roster.imports.review import finish_reading
from gradphoto.apps.roster.imports.rules import lint_rules
from gradphoto.apps.roster.models import ImportDifference, ImportFix, ImportStatus, RosterFinding, RosterImport
from gradphoto.apps.roster.typed import without_id_numbers
from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.roster import (
    AppliedFix,
    ColumnMapping,
    Finding,
    LintRules,
    Severity,
    Table,
    apply_fixes,
    fixed_table,
    lint,
    read_table,
)
from gradphoto.engine.roster.lint import LintRun
from gradphoto.engine.roster.read import ReadingAhead

_CHUNK = 1_000


def read_file(run: JobRun, roster_import: RosterImport) -> None:
    """Read the file, check it, and put on record what was found and what it would change.

    Every block is a small transaction, so that nobody waits for a large file, and reports, so that a cancel is heard
    and the worker is not taken for dead.
    """
    rules = lint_rules(roster_import)
    run.start(max(1, 2 * _expected(roster_import)))
    applied: tuple[AppliedFix, ...] = ()
    checked = _checked_while_read(run, roster_import, rules)
    if checked is None:
        heard = lambda done: run.advance(0)  # noqa: E731 - the reader's progress only says that we are alive
        table, applied = with_chosen_fixes(roster_import, read_import_table(roster_import, heard), rules)
        checked = _Checked(run, roster_import, table, rules)
    table, placing, comparison = checked.run.table, checked.placing, checked.comparison
    done = len(table.rows)
    result = checked.run.result()
    _write_differences(run, roster_import, comparison.finish(result.bad))
    findings = sorted([*result.findings, *placing.findings], key=lambda finding: finding.row_number)
    for found in _in_parts((_finding(roster_import, one) for one in findings), run, done):
        with still_wanted(run, roster_import):
            insert_rows(RosterFinding, _FINDING_FIELDS, found)
    for offered in _in_parts(_fixes(roster_import, findings, applied), run, done):
        with still_wanted(run, roster_import):
            insert_rows(ImportFix, _FIX_FIELDS, offered)
    bad = result.bad | {one.row_number for one in placing.findings if one.severity is Severity.ERROR}
    with still_wanted(run, roster_import):
        finish_reading(
            run.actor,
            roster_import,
            counts={
                "row_count": len(table.rows),
                "good_count": len(table.rows) - len(bad),
                "bad_count": len(bad),
                "same_count": comparison.same,
            },
            sheets=[{"sheet": part.sheet, "offset": part.offset, "people": len(part.numbers)} for part in table.parts],
        )


@contextmanager
def still_wanted(run: JobRun, roster_import: RosterImport) -> Iterator[None]:
    """One transaction, in which the file is still being read by this very job.

    Its columns may be chosen anew while it is read: whatever the job before wrote then, the new one would not sweep away.
    """
    with transaction.atomic():
        held = RosterImport.objects.select_for_update(no_key=True).filter(pk=roster_import.pk)
        if list(held.values_list("status", "job")) != [(ImportStatus.READING, run.job.pk)]:
            raise JobCancelledError
        yield


class _Checked:
    """The rows of a table judged block by block; what they would change is put on record in place of what was there."""

    def __init__(self, job: JobRun, roster_import: RosterImport, table: Table, rules: LintRules) -> None:
        with still_wanted(job, roster_import):
            for earlier in (roster_import.findings, roster_import.fixes, roster_import.differences):
                earlier.all().delete()
        self.run = LintRun(table, rules)
        self.placing = Placing(roster_import, table)
        self.comparison = Comparison(roster_import, table, self.placing)
        done = 0
        for block in self.run.blocks():
            _write_differences(job, roster_import, self.comparison.add(block, self.placing.place(block)))
            done += len(block.numbers)
            job.advance(done)


def _checked_while_read(job: JobRun, roster_import: RosterImport, rules: LintRules) -> _Checked | None:
    """The same of a file of one sheet while the reader still reads it; None where that cannot be, or does not hold.

    Reading and judging cost alike and need a processor each. What is written of a file that turns out unreadable goes again.
    """
    mapping = ColumnMapping.from_plain(roster_import.mapping)
    if mapping.also or roster_import.fixes.filter(applied=True).exists():
        return None
    ahead = ReadingAhead(blobs.read(roster_import.source), mapping, BOUNDED, lambda done: job.advance(0))
    try:
        checked = _Checked(job, roster_import, ahead.table, rules)
        table, stands = ahead.finished()
    except GradPhotoError:
        with still_wanted(job, roster_import):
            roster_import.differences.all().delete()
        raise
    if not stands:
        return None
    checked.run.end_with(table)
    return checked


def _expected(roster_import: RosterImport) -> int:
    """How many rows the first look at the file has counted in the sheets that are read."""
    mapping = ColumnMapping.from_plain(roster_import.mapping)
    titles = {mapping.sheet, *(one.sheet for one in mapping.also)}
    return sum(int(one.get("people", 0)) for one in roster_import.proposals if one.get("sheet") in titles)


def read_import_table(roster_import: RosterImport, progress: Callable[[int], None] | None = None) -> Table:
    """The file by its confirmed columns."""
    mapping = ColumnMapping.from_plain(roster_import.mapping)
    data = blobs.read(roster_import.source)
    return read_table(data, roster_import.file_name, mapping=mapping, reader=BOUNDED, progress=progress)


def with_chosen_fixes(
    roster_import: RosterImport, table: Table, rules: LintRules
) -> tuple[Table, tuple[AppliedFix, ...]]:
    """The table with the chosen repairs, to be checked again: a mended value may now contradict another."""
    chosen = set(roster_import.fixes.filter(applied=True).values_list("row", "field"))
    if not chosen:
        return table, ()
    wanted = [one for one in lint(table, rules).findings if (one.row_number, one.field) in chosen]
    changes = apply_fixes(table.rows, wanted).changes
    return (fixed_table(table, changes), changes) if changes else (table, ())


def _write_differences(job: JobRun, roster_import: RosterImport, rows: Iterable[tuple[object, ...]]) -> None:
    with still_wanted(job, roster_import):
        insert_encrypted_rows(ImportDifference, Comparison.FIELDS, rows, encrypted="record")


def _in_parts(rows: Iterator[tuple[object, ...]], run: JobRun, done: int) -> Iterator[list[tuple[object, ...]]]:
    """Each row is made when its part is written: of a file in which every row has a fault that is most of the memory."""
    while part := list(itertools.islice(rows, _CHUNK)):
        yield part
        run.advance(done)


_FINDING_FIELDS = (
    "roster_import", "row", "field", "column_title", "value", "code", "severity", "reason", "remedy",
    "settled_at",
)  # fmt: skip
_FIX_FIELDS = ("roster_import", "row", "field", "column_title", "before", "after", "applied")


def _finding(roster_import: RosterImport, finding: Finding) -> tuple[object, ...]:
    as_json, as_time = ready(RosterFinding, "reason"), ready(RosterFinding, "settled_at")
    # An ID number in the wrong column is a finding of that column, whose value the reader does not mask.
    return (
        roster_import.pk,
        finding.row_number,
        finding.field,
        shortened(finding.column_title, 60),
        without_id_numbers(finding.value)[:120],
        finding.code,
        str(finding.severity),
        as_json({"zh": finding.reason.zh, "en": finding.reason.en}),
        as_json({"zh": finding.remedy.zh, "en": finding.remedy.en}),
        as_time(roster_import.created_at) if _is_about_spelling(finding) else None,
    )


def _is_about_spelling(finding: Finding) -> bool:
    """Whether the value came in as meant: a file may be told, but nothing stays open about the person (2005-01-01)."""
    return finding.severity is Severity.WARNING and finding.fix is not None


def _fixes(
    roster_import: RosterImport, findings: Iterable[Finding], applied: Iterable[AppliedFix]
) -> Iterator[tuple[object, ...]]:
    """The repairs made and those still offered, one a cell; ``findings`` come in the order of their rows."""
    made = [(fix.row_number, fix.field, fix.column_title, fix.shown_before, fix.shown_after, True) for fix in applied]
    offered = (
        (one.row_number, one.field, one.column_title, one.value, one.fix.shown, False)
        for one in findings
        if one.fix is not None
    )
    by_row = itemgetter(0)
    for row, fixes in itertools.groupby(heapq.merge(sorted(made), offered, key=by_row), by_row):
        told: set[str] = set()
        for _, field, title, before, after, done in fixes:
            if field not in told:
                told.add(field)
                yield (
                    roster_import.pk, row, field, shortened(title, 60), without_id_numbers(before)[:120],
                    without_id_numbers(after)[:120], done,
                )  # fmt: skip
