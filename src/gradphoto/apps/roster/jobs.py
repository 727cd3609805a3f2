"""Background work of the roster: reading an imported file, and one step for many rows."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from gradphoto.apps.campaigns.rules import value_of
from gradphoto.apps.campaigns.settings_keys import TEST_REGIONS
from gradphoto.apps.core import blobs
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.jobs import JobRun, handles
from gradphoto.apps.roster.actions import fail_import, finish_import
from gradphoto.apps.roster.bulk import work_off
from gradphoto.apps.roster.id_numbers import without_id_numbers
from gradphoto.apps.roster.models import BulkStep, ImportStatus, RosterFinding, RosterImport
from gradphoto.apps.roster.placing import Placing
from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.roster import Finding, LintRules, Severity, lint, read_table, write_marked_workbook

_CHUNK = 500


@handles("roster.import")
def import_file(run: JobRun) -> None:
    """Read, check and store one file. A second run after a kill finds its rows there and adds none twice."""
    roster_import = RosterImport.objects.select_related("campaign__school", "organisation", "source").get(
        pk=run.params["import"]
    )
    if roster_import.status == ImportStatus.CHECKED:
        return
    try:
        _read(run, roster_import)
    except GradPhotoError:
        fail_import(run.actor, roster_import)
        raise


def _read(run: JobRun, roster_import: RosterImport) -> None:
    table = read_table(blobs.read(roster_import.source), roster_import.file_name)
    run.start(len(table.rows) * 2)
    rules = LintRules(timezone.localdate(), value_of(roster_import.campaign, TEST_REGIONS))
    result = lint(table, rules, progress=run.advance)
    placing = Placing(roster_import, table.header)
    good = [(row.row_number, row.record) for row in result.rows if row.record is not None]
    for start in range(0, len(good), _CHUNK):
        placing.store(good[start : start + _CHUNK])
        run.advance(len(table.rows) + start)
    findings = sorted([*result.findings, *placing.findings], key=lambda finding: finding.row_number)
    marked_up = write_marked_workbook(table, findings) if findings else None
    bad = {finding.row_number for finding in findings if finding.severity is Severity.ERROR}
    with transaction.atomic():
        roster_import.findings.all().delete()
        RosterFinding.objects.bulk_create([_row(roster_import, finding) for finding in findings], batch_size=_CHUNK)
        finish_import(
            run.actor,
            roster_import,
            counts={"row_count": len(table.rows), "good_count": len(table.rows) - len(bad), "bad_count": len(bad)},
            marked_up=marked_up,
        )


def _row(roster_import: RosterImport, finding: Finding) -> RosterFinding:
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


@handles("roster.bulk")
def run_bulk(run: JobRun) -> None:
    """One step for many rows, taken as the person who asked for it, with the roles he holds now."""
    bulk = BulkStep.objects.select_related("user", "campaign").get(pk=run.params["bulk"])
    run.start(bulk.outcomes.count())
    work_off(Actor.of(bulk.user), bulk, run.advance)
