"""Background work of the registration app: the ledger's workbook, a whole list's step, the closing."""

from __future__ import annotations

from pathlib import Path

from django.db.models import QuerySet
from django.http import QueryDict

from gradphoto.apps.access.throttling import forget_old_attempts
from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import PermissionRefusal
from gradphoto.apps.core.jobs import JobRun, handles
from gradphoto.apps.core.queues import Queue
from gradphoto.apps.orgs.models import User
from gradphoto.apps.orgs.permissions import holds
from gradphoto.apps.orgs.scope import scoped
from gradphoto.apps.pages.exporting import makes
from gradphoto.apps.pages.models import Export, FileFormat
from gradphoto.apps.registration import bulk
from gradphoto.apps.registration.actions import LEDGER
from gradphoto.apps.registration.bundle import naming_of, standing, write_bundle
from gradphoto.apps.registration.export import write_ledger
from gradphoto.apps.registration.lists import REVIEWS
from gradphoto.apps.registration.models import LedgerEntry, Review
from gradphoto.apps.registration.queries import BY_KEY, CONFIRMED, LACKING, lacking
from gradphoto.apps.verification.lifecycle import UNVERIFIED
from gradphoto.apps.verification.models import VerificationCase
from gradphoto.apps.verification.portal_sessions import SESSIONS


@makes(LEDGER, permission="registration.export", whole_numbers=True)
def make_ledger(run: JobRun, export: Export, actor: Actor, path: Path) -> int:
    """Write one export of the ledger, as its asker may see it now; returns the number of lines."""
    if not holds(actor.user, "registration.export"):
        raise PermissionRefusal("registration.export_ledger")
    asked = QueryDict(export.query.decrypt())
    campaign = Campaign.objects.select_related("school").get(pk=asked["campaign"])
    entries = _asked_for(actor, campaign, asked["season"], asked["kind"])
    run.start(entries.count())
    naming = naming_of(campaign)
    if export.file_format == FileFormat.ZIP:
        made = write_bundle(path, standing(entries.order_by("number")), naming, run.advance)
        export.left_out = len(made.omitted)
        for omission in made.omitted:
            for fault in omission.faults:
                run.issue(f"{omission.entry.facts['student_no']} {omission.entry.name}", fault)
        return made.with_photo + made.without_photo
    title = f"{campaign.school.name} {campaign.title} 学历证书电子注册台账"
    return write_ledger(path, title, entries.order_by("number").iterator(chunk_size=500), run.advance, naming)


def _asked_for(actor: Actor, campaign: Campaign, season: str, kind: str) -> QuerySet[LedgerEntry]:
    entries = scoped(actor, LedgerEntry).filter(campaign=campaign).select_related("portrait__blob")
    if season:
        entries = entries.filter(candidate__season=season)
    if kind == LACKING:
        return entries.filter(pk__in=lacking(actor).filter(candidate__campaign=campaign).values("pk"))
    return entries.filter(kind=kind) if kind else entries


@handles("registration.advance_all", Queue.BULK)
def advance_all(run: JobRun) -> None:
    """Take one step for everyone of a list who has no corrections; each person is a step of the one who asked."""
    actor = Actor.of(User.objects.get(pk=run.params["user"]))
    campaign = Campaign.objects.get(pk=run.params["campaign"])
    asked = REVIEWS.asked(actor, QueryDict(run.params["query"]))
    cases = asked.rows.filter(exceptional=False, candidate__campaign=campaign)
    stage = BY_KEY[asked.value("stage")]
    run.start(cases.count())
    if stage.key == CONFIRMED:
        result = bulk.apply_confirmed(actor, campaign, cases=list(cases), progress=_told(run))
    else:
        reviews = list(Review.objects.filter(case__in=cases.values("pk")).select_related("case__candidate"))
        result = bulk.advance_reviews(actor, campaign, action_name=stage.action, reviews=reviews, progress=_told(run))
    for refused in result.refused:
        run.issue(refused.label, refused.error)


@handles("registration.close_verification", Queue.BULK)
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
