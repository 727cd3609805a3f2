"""Pages of what runs behind the pages: jobs and the audit trail."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from gradphoto.apps.core import audit, jobs
from gradphoto.apps.core.models import AuditEntry, Job
from gradphoto.apps.orgs.models import Organisation, Role
from gradphoto.apps.orgs.pages import EVERYONE, SignedInRequest, page
from gradphoto.apps.orgs.scope import scoped


def _jobs(request: SignedInRequest) -> QuerySet[Job]:
    """Jobs of the viewer's organisations, and those he started himself."""
    organisations = scoped(request.actor, Organisation).values("pk")
    return Job.objects.filter(Q(organisation_id__in=organisations) | Q(created_by=request.actor.key))


def _job(request: SignedInRequest, pk: Any) -> Job:
    job = _jobs(request).filter(pk=pk).first()
    if job is None:
        raise Http404
    return job


@page(*EVERYONE)
def job_list(request: SignedInRequest) -> HttpResponse:
    """What runs, what waits, what failed."""
    return render(request, "core/jobs.html", {"page": Paginator(_jobs(request), 50).get_page(request.GET.get("page"))})


@page(*EVERYONE)
def job_detail(request: SignedInRequest, pk: Any) -> HttpResponse:
    """One job with its failures, row by row."""
    return render(request, "core/job.html", {"job": _job(request, pk)})


@page(*EVERYONE)
def job_progress(request: SignedInRequest, pk: Any) -> HttpResponse:
    """The progress fragment, asked for every second; when the job is over the whole page is loaded anew."""
    job = _job(request, pk)
    response = render(request, "core/job_progress.html", {"job": job})
    if job.is_over:
        response.headers["HX-Refresh"] = "true"
    return response


@page(*EVERYONE)
@require_POST
def cancel_job(request: SignedInRequest, pk: Any) -> HttpResponse:
    """Ask a job to stop."""
    job = _job(request, pk)
    jobs.cancel(job)
    audit.record(request.actor, "core.cancel_job", job, {"kind": job.kind})
    return redirect("core:job", pk=pk)


@page(Role.AUDITOR, Role.ADMINISTRATOR)
def audit_list(request: SignedInRequest) -> HttpResponse:
    """The audit trail of the viewer's organisations, and whether every chain is whole."""
    organisations = list(scoped(request.actor, Organisation).values_list("pk", flat=True))
    entries = AuditEntry.objects.filter(chain__in=organisations).order_by("-at", "-pk")
    if name := request.GET.get("action", "").strip():
        entries = entries.filter(action__startswith=name)
    reports = audit.verify(organisations) if request.GET.get("verify") else None
    context = {
        "page": Paginator(entries, 100).get_page(request.GET.get("page")),
        "names": dict(Organisation.objects.filter(pk__in=organisations).values_list("pk", "name")),
        "reports": reports,
        "whole": reports is not None and all(report.whole for report in reports),
    }
    return render(request, "core/audit.html", context)
