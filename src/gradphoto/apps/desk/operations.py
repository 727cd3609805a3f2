"""Pages of what runs behind the pages: jobs and the audit trail."""

from __future__ import annotations

from typing import Any

import rules
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from gradphoto.apps.core import audit, audit_proof, jobs
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor, ActorKind
from gradphoto.apps.core.errors import refuse
from gradphoto.apps.core.models import AuditEntry, Job
from gradphoto.apps.desk.lists import AUDIT, JOBS, audited
from gradphoto.apps.desk.queries import jobs_of
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import changeable


@rules.predicate
def may_cancel(actor: Actor, job: Any = None) -> bool:
    """Who started a job stops it; anybody else's is stopped at or above the organisation that it belongs to."""
    if not isinstance(job, Job):
        return False
    if actor.kind is ActorKind.SYSTEM or job.created_by == actor.key:
        return True
    return changeable(actor, Organisation, "desk.cancel_jobs").filter(pk=job.organisation_id or 0).exists()


@action("core.cancel_job", permission=may_cancel)
def cancel(actor: Actor, job: Job) -> None:
    """Ask a job to stop."""
    jobs.cancel(job)
    audit.note(kind=job.kind)


@action("core.retry_job", permission=may_cancel)
def retry(actor: Actor, job: Job) -> None:
    """Begin a job again that failed or left something undone. Raises ``core.job_not_over``."""
    if not jobs.retry(job):
        raise refuse(
            "core.job_not_over",
            "该任务正在进行或已全部完成，无须重试。",
            "The job is under way or has done all; there is nothing to try again.",
            "请刷新页面查看最新状态。",
            "Reload the page to see the present state.",
        )
    audit.note(kind=job.kind)


def _job(request: SignedInRequest, pk: Any) -> Job:
    job = jobs_of(request.actor).filter(pk=pk).first()
    if job is None:
        raise Http404
    return job


@page("desk.open")
def job_list(request: SignedInRequest) -> HttpResponse:
    """What runs, what waits, what failed; searched by title, filtered by state and by whose it is.

    An htmx request gets the table alone: the page asks again as long as something runs.
    """
    listing = JOBS.page(request)
    context = {"listing": listing, "moving": any(not job.is_over for job in listing.shown)}
    return render(request, "core/job_table.html" if request.htmx else "core/jobs.html", context)


@page("desk.open")
def job_detail(request: SignedInRequest, pk: Any) -> HttpResponse:
    """One job with its failures, row by row."""
    return render(request, "core/job.html", {"job": _job(request, pk)})


@page("desk.open")
def job_progress(request: SignedInRequest, pk: Any) -> HttpResponse:
    """The progress fragment, asked for every second; when the job is over the whole page is loaded anew."""
    job = _job(request, pk)
    response = render(request, "core/job_progress.html", {"job": job})
    if job.is_over:
        response.headers["HX-Refresh"] = "true"
    return response


@page("desk.open")
@require_POST
def cancel_job(request: SignedInRequest, pk: Any) -> HttpResponse:
    """Ask a job to stop."""
    job = _job(request, pk)
    cancel(request.actor, job)
    return redirect("core:job", pk=pk)


@page("desk.open")
@require_POST
def retry_job(request: SignedInRequest, pk: Any) -> HttpResponse:
    """Begin a job again."""
    retry(request.actor, _job(request, pk))
    return redirect("core:job", pk=pk)


def latest(actor: Actor, most: int = 8) -> QuerySet[AuditEntry]:
    """The newest entries of the organisations that the viewer watches, for the home page."""
    organisations = changeable(actor, Organisation, "desk.audit").values("pk")
    return AuditEntry.objects.filter(chain__in=organisations).order_by("-at", "-pk")[:most]


@page("desk.audit")
def audit_list(request: SignedInRequest) -> HttpResponse:
    """The audit trail of the organisations the viewer audits, those above not among them, and whether every chain is whole."""
    reports = None
    if request.GET.get("verify"):
        reports = audit_proof.verify(list(audited(request.actor).values_list("pk", flat=True)))
    context = {
        "listing": AUDIT.page(request),
        "reports": reports,
        "whole": reports is not None and all(report.whole for report in reports),
    }
    return render(request, "core/audit.html", context)
