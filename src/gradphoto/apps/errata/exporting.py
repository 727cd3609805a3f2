"""The list of cases as a file: a short one while the person waits, a long one in the background with progress."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from django.db.models import QuerySet
from django.urls import reverse

from gradphoto.apps.core import audit, blobs
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.jobs import JobRun, enqueue, handles
from gradphoto.apps.errata import lists
from gradphoto.apps.errata.models import ErrataCase, ErrataExport
from gradphoto.apps.orgs.models import Organisation, User
from gradphoto.engine.wording import Wording

AT_ONCE = 500
"""So many cases are written while the person waits."""
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_CHUNK = 200


@action("errata.export_later", permission="errata.read")
def export_later(actor: Actor, organisation: Organisation, *, wanted: lists.CaseFilter) -> ErrataExport:
    """Have a long list written in the background, as the asker may see it then."""
    export = ErrataExport.objects.create(
        organisation=organisation, requested_by=actor.user, wanted=dataclasses.asdict(wanted)
    )
    export.job = enqueue(
        "errata.export",
        actor,
        Wording("勘误列表导出", "Export of errata cases"),
        {"export": export.pk},
        organisation_id=organisation.pk,
        result_url=reverse("errata:exported", args=[export.pk]),
    )
    export.save(update_fields=["job"])
    audit.note(export=export.pk)
    return export


@handles("errata.export")
def write_export(run: JobRun) -> None:
    """Write the workbook; run again after a crash, it begins anew unless the file is there."""
    export = ErrataExport.objects.get(pk=run.params["export"])
    if export.blob_id is not None:
        return
    actor = Actor.of(User.objects.get(pk=export.requested_by_id))
    cases = lists.with_rows(lists.CaseFilter(**export.wanted).cases(actor))
    export.row_count = cases.count()
    run.start(export.row_count)
    export.blob = blobs.put(lists.workbook(_rows(run, cases)), XLSX)
    export.save(update_fields=["blob", "row_count"])
    audit.record(run.actor, "errata.export_written", export, {"rows": export.row_count})


def _rows(run: JobRun, cases: QuerySet[ErrataCase]) -> Iterator[lists.Row]:
    """The rows chunk by chunk; each chunk reports, and so can be cancelled."""
    done = 0
    while chunk := lists.rows_of(cases[done : done + _CHUNK]):
        yield from chunk
        done += len(chunk)
        run.advance(done)


@action("errata.fetch_export", permission="errata.read")
def fetch_export(actor: Actor, export: ErrataExport) -> None:
    """Somebody takes a finished list home: on record."""
    audit.note(rows=export.row_count)
