"""Pages of the papers: the forms that carry cases, annex 6 of a college, and the table of who corrects what."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language

from gradphoto.apps.campaigns.calendars import calendar_of
from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.campaigns.rules import in_force
from gradphoto.apps.campaigns.settings_keys import ERRATA_ROUTES, ERRATA_SUMMARY_DUE
from gradphoto.apps.errata import lists, papers
from gradphoto.apps.errata.forms import PAPER_FORMS, DissolveForm, RoutesForm
from gradphoto.apps.errata.models import ErrataForm
from gradphoto.apps.errata.routing import routes
from gradphoto.apps.errata.views import blob_answer
from gradphoto.apps.orgs.models import Organisation, OrganisationKind
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import get_scoped, scoped
from gradphoto.apps.pages.downloads import PDF, XLSX, download
from gradphoto.apps.pages.forms import ActionForm, PageForms, form_action, posted_form
from gradphoto.engine.documents import TableForm
from gradphoto.engine.standards.deadlines import days_left

M = TypeVar("M", bound=Model)


def _answer(layout: TableForm, name: str, wanted: str) -> HttpResponse:
    language = get_language() or "zh"
    if wanted == "xlsx":
        return download(layout.to_xlsx(language), f"{name}.xlsx", XLSX)
    return download(layout.to_pdf(language), f"{name}.pdf", PDF)


@page("errata.read_forms")
def form_list(request: SignedInRequest) -> HttpResponse:
    """Every form in the viewer's scope, with its copy kept (R159)."""
    return render(request, "errata/forms.html", {"listing": lists.FORMS.page(request)})


def _form(request: SignedInRequest, pk: int) -> ErrataForm:
    forms = ErrataForm.objects.select_related("campaign__school", "organisation", "scan")
    return get_scoped(request.actor, forms, pk=pk)


@page("errata.read_forms")
def form_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """One form: its cases, the paper to print, the seal, the way it took."""
    if request.method == "POST":
        form = posted_form(request, PAPER_FORMS, _form(request, pk))
        dissolved = isinstance(form, DissolveForm)
        return form_action(
            request,
            form,
            again=lambda form: _detail(request, pk, form),
            done=lambda made: redirect("errata:list") if dissolved else redirect("errata:form", pk=pk),
        )
    return _detail(request, pk)


def _detail(request: SignedInRequest, pk: int, posted: ActionForm | None = None) -> HttpResponse:
    form = _form(request, pk)
    cases = list(lists.with_rows(form.cases.order_by("number")))
    lists.facts_of(request.actor, cases)
    context = {
        "form": form,
        "cases": cases,
        "needs_seal": any(case.needs_seal for case in cases),
        "page_forms": PageForms(request.actor, form, PAPER_FORMS, posted),
    }
    return render(request, "errata/form.html", context)


@page("errata.read_forms")
def form_paper(request: SignedInRequest, pk: int) -> HttpResponse:
    """The form as PDF, or as xlsx with ``?format=xlsx``; each print is on record, as it holds whole ID numbers."""
    form = _form(request, pk)
    return _answer(papers.print_form(request.actor, form), str(form), request.GET.get("format", ""))


@page("errata.read_forms")
def form_scan(request: SignedInRequest, pk: int) -> HttpResponse:
    """The scan of the sealed form: the copy the school keeps (R71, R159)."""
    form = _form(request, pk)
    if form.scan is None:
        raise Http404
    return blob_answer(form.scan, f"{form}-scan")


@page("errata.read_forms")
def summary(request: SignedInRequest) -> HttpResponse:
    """Annex 6: what is wrong online with the people of a college, to look at and to print."""
    campaigns = list(scoped(request.actor, Campaign).select_related("school", "rule_set"))
    colleges = list(
        scoped(request.actor, Organisation).filter(
            kind__in=(OrganisationKind.DEPARTMENT, OrganisationKind.LEARNING_CENTRE), candidates__isnull=False
        ).distinct()
    )  # fmt: skip
    campaign = _chosen(campaigns, request.GET.get("campaign", ""))
    college = _chosen(colleges, request.GET.get("organisation", ""))
    wanted = request.GET.get("format", "")
    if wanted and campaign and college:
        layout = papers.print_summary(request.actor, campaign, organisation=college)
        return _answer(layout, f"annex6-{campaign.cohort_year}-{college.pk}", wanted)
    rule = in_force(campaign.rule_set, ERRATA_SUMMARY_DUE) if campaign else None
    due_on = ERRATA_SUMMARY_DUE.read(rule.value) if rule else None
    context = {
        "campaigns": campaigns,
        "colleges": colleges,
        "campaign": campaign,
        "college": college,
        "lines": lists.summary_lines(request.actor, campaign, college) if campaign and college else {},
        "due_on": due_on,
        "left": days_left(due_on, timezone.localdate(), calendar_of(campaign.school)) if due_on and campaign else None,
        "source": rule.source if rule else "",
    }
    return render(request, "errata/summary.html", context)


def _chosen(found: list[M], wanted: str) -> M | None:
    return next((one for one in found if str(one.pk) == wanted), found[0] if found else None)


@page("errata.read_forms")
def routing_table(request: SignedInRequest) -> HttpResponse:
    """Who corrects what in a campaign (R167, B10): to read for all, to change for the registrar, with its source."""
    campaigns = list(scoped(request.actor, Campaign).select_related("school", "rule_set"))
    campaign = _chosen(campaigns, request.GET.get("campaign", ""))
    if request.method == "POST" and campaign is not None:
        form = posted_form(request, (RoutesForm,), campaign)
        return form_action(
            request,
            form,
            again=lambda form: _routes(request, campaigns, campaign, form),
            done=lambda made: redirect(f"{request.path}?campaign={campaign.pk}"),
        )
    return _routes(request, campaigns, campaign)


def _routes(
    request: SignedInRequest, campaigns: list[Campaign], campaign: Campaign | None, posted: ActionForm | None = None
) -> HttpResponse:
    may_change = campaign is not None and RoutesForm.is_offered(request.actor, campaign)
    context = {
        "campaigns": campaigns,
        "campaign": campaign,
        "routes": list(routes(campaign)) if campaign else (),
        "rule": in_force(campaign.rule_set, ERRATA_ROUTES) if campaign else None,
        "form": (posted or RoutesForm(request.actor, campaign)) if may_change else None,
        "page_forms": {"displaced": None if may_change else posted},
    }
    return render(request, "errata/routes.html", context)
