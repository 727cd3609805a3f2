"""Background work of the registration app: the ledger's workbook, a whole list's step, the closing."""

from __future__ import annotations

import tempfile
from pathlib import Path

from django.db.models import QuerySet

from gradphoto.apps.access.throttling import forget_old_attempts
from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.core import audit, blobs
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.jobs import JobRun, handles
from gradphoto.apps.orgs.models import User
from gradphoto.apps.orgs.scope import scoped
from gradphoto.apps.registration import bulk
from gradphoto.apps.registration.bundle import naming_of, standing, write_bundle
from gradphoto.apps.registration.export import write_ledger
from gradphoto.apps.registration.models import ExportFormat, LedgerEntry, LedgerExport
from gradphoto.apps.registration.queries import (
    LACKING,
    PersonFilter,
    cases_to_apply,
    lacking,
    reviews_at,
    without_corrections,
)
from gradphoto.apps.verification.lifecycle import UNVERIFIED
from gradphoto.apps.verification.models import VerificationCase
from gradphoto.apps.verification.portal_sessions import SESSIONS

ZIP = "application/zip"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@handles("registration.export_ledger")
def export_ledger(run: JobRun) -> None:
    """Write one export of the ledger, as its asker may see it."""
    export = LedgerExport.objects.select_related("campaign__school", "requested_by").get(pk=run.params["export"])
    if export.blob_id is not None:
        return  # made already, by a worker that died before it could say so
    entries = scoped(Actor.of(export.requested_by), LedgerEntry).filter(campaign=export.campaign)
    if export.season:
        entries = entries.filter(candidate__season=export.season)
    if export.kind == LACKING:
        wanted = PersonFilter(export.campaign_id, None, export.season, "")
        entries = LedgerEntry.objects.filter(pk__in=lacking(Actor.of(export.requested_by), wanted).values("pk"))
    elif export.kind:
        entries = entries.filter(kind=export.kind)
    run.start(entries.count())
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"ledger.{export.format}"
        if export.format == ExportFormat.DBF:
            _write_zip(run, export, entries, path)
        else:
            _write_workbook(run, export, entries, path)
        export.blob = blobs.put(path.read_bytes(), ZIP if export.format == ExportFormat.DBF else XLSX)
    export.save(update_fields=["blob", "row_count", "left_out"])
    audit.record(
        run.actor, "registration.ledger_written", export, {"rows": export.row_count, "left_out": export.left_out}
    )


def _write_workbook(run: JobRun, export: LedgerExport, entries: QuerySet[LedgerEntry], path: Path) -> None:
    title = f"{export.campaign.school.name} {export.campaign.title} 学历证书电子注册台账"
    rows = entries.select_related("portrait__blob").order_by("number").iterator(chunk_size=500)
    export.row_count = write_ledger(path, title, rows, run.advance, naming_of(export.campaign))


def _write_zip(run: JobRun, export: LedgerExport, entries: QuerySet[LedgerEntry], path: Path) -> None:
    lines = standing(entries.select_related("portrait__blob").order_by("number"))
    made = write_bundle(path, lines, naming_of(export.campaign), run.advance)
    export.row_count, export.left_out = made.with_photo + made.without_photo, len(made.omitted)
    for omission in made.omitted:
        for fault in omission.faults:
            run.issue(f"{omission.entry.facts['student_no']} {omission.entry.name}", fault)


@handles("registration.advance_all")
def advance_all(run: JobRun) -> None:
    """Take one step for everyone of a list who has no corrections; each person is a step of the one who asked."""
    actor = Actor.of(User.objects.get(pk=run.params["user"]))
    campaign = Campaign.objects.get(pk=run.params["campaign"])
    wanted = PersonFilter(campaign.pk, run.params["department"], run.params["season"], "")
    step = run.params["action"]
    if step == "registration.apply_review":
        cases = list(without_corrections(cases_to_apply(actor, wanted)))
        run.start(len(cases))
        result = bulk.apply_confirmed(actor, campaign, cases=cases, progress=_told(run))
    else:
        reviews = list(without_corrections(reviews_at(actor, run.params["stage"], wanted)))
        run.start(len(reviews))
        result = bulk.advance_reviews(actor, campaign, action_name=step, reviews=reviews, progress=_told(run))
    for refused in result.refused:
        run.issue(refused.label, refused.error)


@handles("registration.close_verification")
def close_verification(run: JobRun) -> None:
    """Expire what is open and register those persons without a photograph (R171)."""
    actor = Actor.of(User.objects.get(pk=run.params["user"]))
    campaign = Campaign.objects.get(pk=run.params["campaign"])
    season = run.params["season"]
    run.start(VerificationCase.objects.filter(candidate__campaign=campaign, status__in=UNVERIFIED).count())
    bulk.register_unverified(
        actor, campaign, season=Season(season) if season else None, reason=run.params.get("reason", ""),
        progress=_told(run),
    )  # fmt: skip
    forget_old_attempts()
    SESSIONS.forget_old()


def _told(run: JobRun) -> bulk.Progress:
    return lambda done, failed: run.advance(done + failed, failed)
