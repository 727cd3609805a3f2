"""The file given back with its faults marked: made when somebody asks for it first, and kept."""

from __future__ import annotations

from django.urls import reverse

from gradphoto.apps.core import audit, blobs, jobs
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import refuse
from gradphoto.apps.core.jobs import JobRun
from gradphoto.apps.core.models import Job
from gradphoto.apps.core.uploads import Kind
from gradphoto.apps.orgs.policy import by_system
from gradphoto.apps.roster.imports.guards import require_status
from gradphoto.apps.roster.imports.read import read_import_table, with_chosen_fixes
from gradphoto.apps.roster.imports.rules import lint_rules
from gradphoto.apps.roster.models import ImportStatus, RosterFinding, RosterImport
from gradphoto.engine.roster import Finding, Severity, write_marked_workbook
from gradphoto.engine.wording import Wording

AT_ONCE_ROWS = 2_000
"""Up to so many rows are marked while the person waits; more in the background."""


def can_be_marked(roster_import: RosterImport) -> bool:
    """Whether there is anything to mark."""
    return roster_import.findings.exists() or roster_import.fixes.filter(applied=True).exists()


@action("roster.ask_marked_up", permission="roster.list")
def ask_marked_up(actor: Actor, roster_import: RosterImport) -> Job | None:
    """Have the marked-up copy made; returns the job that makes it, or None where it is there now.

    Raises ``roster.not_marked_up`` where nothing was found.
    """
    require_status(roster_import, ImportStatus.REVIEW, ImportStatus.DONE, ImportStatus.DISCARDED)
    if roster_import.marked_up_id is not None:
        return None
    if not can_be_marked(roster_import):
        raise refuse(
            "roster.not_marked_up",
            "这个文件没有标注件。",
            "There is no marked-up copy of this file.",
            "没有发现问题的文件不需要标注。",
            "A file in which nothing was found needs none.",
        )
    if roster_import.row_count <= AT_ONCE_ROWS:
        roster_import.marked_up = blobs.put(_marked(roster_import, None), Kind.XLSX.value[1])
        roster_import.save(update_fields=["marked_up"])
        return None
    job = jobs.enqueue(
        "roster.mark",
        actor,
        Wording(f"标注 {roster_import.file_name}", f"Mark up {roster_import.file_name}"),
        {"import": roster_import.pk},
        organisation_id=roster_import.organisation_id,
        result_url=reverse("roster:marked_up", args=[roster_import.pk]),
    )
    audit.note(background=True)
    return job


@action("roster.keep_marked_up", permission=by_system)
def keep_marked_up(actor: Actor, roster_import: RosterImport, *, data: bytes) -> None:
    """Put the copy in place."""
    roster_import.marked_up = blobs.put(data, Kind.XLSX.value[1])
    roster_import.save(update_fields=["marked_up"])


@action("roster.take_marked_up", permission="roster.list")
def take_marked_up(actor: Actor, roster_import: RosterImport) -> bytes:
    """The file given back with its faults marked. It holds ID numbers as they were handed in, so it is on record."""
    assert roster_import.marked_up is not None, "ask_marked_up comes first"
    return blobs.read(roster_import.marked_up)


def mark_file(run: JobRun, roster_import: RosterImport) -> None:
    """The background's part."""
    if roster_import.marked_up_id is None:
        keep_marked_up(run.actor, roster_import, data=_marked(roster_import, run))


def _marked(roster_import: RosterImport, run: JobRun | None) -> bytes:
    table = read_import_table(roster_import)
    if run is not None:
        run.start(len(table.rows))
    table, applied = with_chosen_fixes(roster_import, table, lint_rules(roster_import))
    findings = [_finding(one) for one in roster_import.findings.iterator(1_000)]
    return write_marked_workbook(table, findings, applied, progress=run.advance if run is not None else None)


def _finding(one: RosterFinding) -> Finding:
    reason, remedy = Wording(**one.reason), Wording(**one.remedy)
    return Finding(one.row, one.field, one.column_title, one.value, one.code, Severity(one.severity), reason, remedy)
