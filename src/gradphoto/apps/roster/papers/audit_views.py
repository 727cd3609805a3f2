"""Pages of the registry before anything is issued: the admissions comparison (R31) and the cohort rules (R7)."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.core.errors import invalid
from gradphoto.apps.core.uploads import Kind, read_upload
from gradphoto.apps.core.wording import say
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import get_scoped, scoped
from gradphoto.apps.roster import cohorts
from gradphoto.apps.roster.models import AdmissionsCheck, AdmissionsRoute, CohortRule
from gradphoto.apps.roster.papers import admissions
from gradphoto.apps.roster.views.lists import progress_of
from gradphoto.apps.roster.views.plan import chosen_campaign
from gradphoto.engine.wording import Wording

_LIMIT_MB = 64


def _campaign(request: SignedInRequest) -> Campaign:
    wanted = request.POST.get("campaign", "")
    campaigns = Campaign.objects.select_related("school")
    return get_scoped(request.actor, campaigns, pk=int(wanted) if wanted.isdecimal() else 0)


@page("roster.audit")
def admissions_list(request: SignedInRequest) -> HttpResponse:
    """Hand in the admissions data; the comparisons so far."""
    if request.method == "POST":
        upload = request.FILES.get("file")
        if upload is None:
            raise invalid(
                "roster.no_file", "没有选择文件。", "No file was chosen.", "请选择招生数据文件。", "Choose the file."
            )
        data, _ = read_upload(upload, Kind.TABLE, limit_mb=_LIMIT_MB)
        made = admissions.check_admissions(
            request.actor, _campaign(request), file_name=upload.name or "admissions", data=data
        )
        return redirect("roster:admissions_result", pk=made.pk)
    context = {
        "campaign": chosen_campaign(request),
        "campaigns": scoped(request.actor, Campaign).exclude(status="closed"),
        "checks": scoped(request.actor, AdmissionsCheck)
        .select_related("job", "campaign")
        .annotate(Count("differences")),
    }
    return render(request, "roster/papers/admissions.html", context)


def _check(request: SignedInRequest, pk: int) -> AdmissionsCheck:
    return get_scoped(request.actor, AdmissionsCheck.objects.select_related("job", "campaign"), pk=pk)


@page("roster.audit")
@require_GET
def admissions_result(request: SignedInRequest, pk: int) -> HttpResponse:
    """What differs, row by row: why probably, and which form mends it; ticked rows become cases."""
    made = _check(request, pk)
    route = request.GET.get("route", "")
    found = made.differences.select_related("candidate__department", "case")
    told = dict(found.order_by().values_list("route").annotate(Count("pk")))
    if route in AdmissionsRoute.values:
        found = found.filter(route=route)
    context = {
        "made": made,
        "busy": made.job is not None and not made.job.is_over,
        "route": route,
        "counts": [(value, label, told.get(value, 0)) for value, label in AdmissionsRoute.choices],
        "total": sum(told.values()),
        "waiting": admissions.may_become_cases(found).count(),
        "page": Paginator(found, 100).get_page(request.GET.get("page")),
    }
    return render(request, "roster/papers/admissions_result.html", context)


@page("roster.audit")
@require_GET
def admissions_progress(request: SignedInRequest, pk: int) -> HttpResponse:
    """The bar alone."""
    return progress_of(request, _check(request, pk).job, "roster:admissions_progress", pk)


@page("roster.audit")
@require_POST
def admissions_cases(request: SignedInRequest, pk: int) -> HttpResponse:
    """Make first-audit cases of the ticked differences, or of all."""
    ticked = [int(text) for text in request.POST.getlist("difference") if text.isdecimal()]
    route = request.POST.get("route", "")
    told = admissions.note_admissions(
        request.actor, _check(request, pk), chosen=None if request.POST.get("all") else ticked, route=route
    )
    if told is not None:
        done = Wording("已登记 {n} 项初审未通过，{m} 项未登记。", "{n} noted as failed, {m} not noted.")
        messages.success(request, say(done).format(n=told.made, m=told.refused))
    return redirect(f"{reverse('roster:admissions_result', args=[pk])}{f'?route={route}' if route else ''}")


@page("roster.audit")
def cohort(request: SignedInRequest) -> HttpResponse:
    """Who belongs to the class (R7): the lines, and a form to add one."""
    if request.method == "POST":
        campaign, year = _campaign(request), request.POST.get("intake_year", "")
        cohorts.add_cohort_rule(
            request.actor,
            campaign,
            intake_year=int(year) if year.isdecimal() and len(year) <= 4 else 0,
            length_of_study=request.POST.get("length_of_study", ""),
            major=request.POST.get("major", ""),
            source=request.POST.get("source", ""),
        )
        return redirect(f"{reverse('roster:cohort')}?campaign={campaign.pk}")
    campaign_shown = chosen_campaign(request)
    context = {
        "campaign": campaign_shown,
        "campaigns": scoped(request.actor, Campaign).exclude(status="closed"),
        "rules": campaign_shown.cohort_rules.all() if campaign_shown else (),
    }
    return render(request, "roster/papers/cohort.html", context)


@page("roster.audit")
@require_POST
def drop_cohort(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take a line out."""
    rule = get_scoped(request.actor, CohortRule, pk=pk)
    cohorts.drop_cohort_rule(request.actor, rule)
    return redirect(f"{reverse('roster:cohort')}?campaign={rule.campaign_id}")
