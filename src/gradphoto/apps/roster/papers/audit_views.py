"""Pages of the registry before anything is issued: the admissions comparison (R31) and the cohort rules (R7)."""

from __future__ import annotations

from typing import Any

from django.db.models import Count
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import get_scoped, scoped
from gradphoto.apps.pages.exporting import answer_export
from gradphoto.apps.pages.forms import ActionForm, PageForms, form_action, posted_form, ticks
from gradphoto.apps.roster import cohorts
from gradphoto.apps.roster.forms.papers import AddCohortRule, CheckAdmissions, NoteAdmissions
from gradphoto.apps.roster.models import AdmissionsCheck, AdmissionsRoute, CohortRule
from gradphoto.apps.roster.papers import admissions
from gradphoto.apps.roster.papers.lists import DIFFERENCES
from gradphoto.apps.roster.views.lists import progress_of
from gradphoto.apps.roster.views.plan import chosen_campaign, posted_campaign


@page("roster.audit")
def admissions_list(request: SignedInRequest) -> HttpResponse:
    """Hand in the admissions data; the comparisons so far."""
    if request.method == "POST":
        form = posted_form(request, (CheckAdmissions,), None)
        return form_action(
            request, form, again=lambda form: _admissions(request, form),
            done=lambda made: redirect("roster:admissions_result", pk=made.pk),
        )  # fmt: skip
    return _admissions(request)


def _admissions(request: SignedInRequest, posted: ActionForm | None = None) -> HttpResponse:
    campaign = chosen_campaign(request)
    checks = scoped(request.actor, AdmissionsCheck).select_related("job", "campaign").annotate(Count("differences"))
    context = {
        "campaign": campaign,
        "form": posted or CheckAdmissions(request.actor, initial={"campaign": campaign}),
        "checks": checks,
    }
    return render(request, "roster/papers/admissions.html", context)


def _check(request: SignedInRequest, pk: int) -> AdmissionsCheck:
    return get_scoped(request.actor, AdmissionsCheck.objects.select_related("job", "campaign"), pk=pk)


@page("roster.audit")
def admissions_result(request: SignedInRequest, pk: int) -> HttpResponse:
    """What differs, row by row: why probably, and which form mends it; ticked rows become cases."""
    if request.method == "POST":
        form = posted_form(request, (NoteAdmissions,), _check(request, pk))
        return form_action(
            request,
            form,
            again=lambda form: _result(request, pk, form),
            done=lambda made: redirect(request.get_full_path()),
        )
    return _result(request, pk)


def _result(request: SignedInRequest, pk: int, posted: ActionForm | None = None) -> HttpResponse:
    made = _check(request, pk)
    listing = DIFFERENCES.page(request, check=pk)
    told = dict(made.differences.order_by().values_list("route").annotate(Count("pk")))
    shown = listing.rows if listing.is_valid else made.differences.none()
    route = request.GET.get("route", "")
    context = {
        "made": made,
        "busy": made.job is not None and not made.job.is_over,
        "route": route,
        "counts": [(value, label, told.get(value, 0)) for value, label in AdmissionsRoute.choices],
        "waiting": admissions.may_become_cases(shown).count(),
        "listing": listing,
        "page_forms": PageForms(request.actor, made, (NoteAdmissions,), posted, note_admissions={"route": route}),
        "ticked": ticks(posted, "difference"),
    }
    return render(request, "roster/papers/admissions_result.html", context)


@page("roster.audit")
def differences_export(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """The same as a file; values are masked where personal."""
    _check(request, pk)
    return answer_export(request, DIFFERENCES, check=pk)


@page("roster.audit")
@require_GET
def admissions_progress(request: SignedInRequest, pk: int) -> HttpResponse:
    """The bar alone."""
    return progress_of(request, _check(request, pk).job, "roster:admissions_progress", pk)


@page("roster.audit")
def cohort(request: SignedInRequest) -> HttpResponse:
    """Who belongs to the class (R7): the lines, and a form to add one."""
    if request.method == "POST":
        campaign = posted_campaign(request)
        form = posted_form(request, (AddCohortRule,), campaign)
        return form_action(
            request, form, again=lambda form: _cohort(request, form), done=lambda made: _cohort_page(campaign)
        )
    return _cohort(request)


def _cohort(request: SignedInRequest, posted: ActionForm | None = None) -> HttpResponse:
    campaign = chosen_campaign(request)
    context: dict[str, Any] = {
        "campaign": campaign,
        "rules": campaign.cohort_rules.all() if campaign else (),
        "page_forms": PageForms(request.actor, campaign, (AddCohortRule,), posted, key=str(campaign.pk))
        if campaign
        else {},
    }
    return render(request, "roster/papers/cohort.html", context)


def _cohort_page(campaign: Campaign) -> HttpResponse:
    return redirect(f"{reverse('roster:cohort')}?campaign={campaign.pk}")


@page("roster.audit")
@require_POST
def drop_cohort(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take a line out."""
    rule = get_scoped(request.actor, CohortRule, pk=pk)
    cohorts.drop_cohort_rule(request.actor, rule)
    return _cohort_page(rule.campaign)
