"""The shooting lists: issued, printed under their number, their signed scans filed (R47, R71, R139)."""

from __future__ import annotations

from django.db.models import Count, Q
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.fees import actions, queries
from gradphoto.apps.fees import shooting_lists as lists
from gradphoto.apps.fees.forms.shooting import IssueShootingList, document_address
from gradphoto.apps.fees.lists import SHOOTING_LISTS
from gradphoto.apps.fees.views.frame import about_campaign, show
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import scoped
from gradphoto.apps.pages.downloads import PDF, download
from gradphoto.apps.pages.exporting import answer_export
from gradphoto.apps.pages.forms import ActionForm, PageForms, form_action, posted_form
from gradphoto.apps.roster.lifecycle import APPROVED
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.roster.papers import issuing
from gradphoto.engine.documents import TableForm

_FORMS = (IssueShootingList,)


@page("fees.collect")
@about_campaign
def shooting_lists(request: SignedInRequest, campaign: Campaign) -> HttpResponse:
    """Every college with its numbered people and the lists issued so far; the form that issues one."""
    if request.method == "POST":
        form = posted_form(request, _FORMS, campaign)
        here = f"{reverse('fees:shooting_lists')}?campaign={campaign.pk}"
        return form_action(
            request, form, again=lambda form: _page(request, campaign, form), done=lambda made: redirect(here)
        )
    return _page(request, campaign)


def _page(request: SignedInRequest, campaign: Campaign, posted: ActionForm | None = None) -> HttpResponse:
    people = scoped(request.actor, Candidate).filter(campaign=campaign, status__in=APPROVED).order_by()
    groups = people.values("department", "department__name", "season").annotate(
        people=Count("pk", distinct=True),
        numbered=Count("pk", filter=Q(preassigned_number__isnull=False), distinct=True),
    )
    listing = SHOOTING_LISTS.page(request, campaign=campaign.pk)
    context = {
        "groups": list(groups.order_by("department__path", "season")),
        "labels": dict(Season.choices),
        "listing": listing,
        "any_issued": listing.is_set or bool(listing.shown),
        "page_forms": PageForms(request.actor, campaign, _FORMS, posted),
        "only_paid": lists.only_paid(campaign),
    }
    return show(request, "fees/shooting_lists.html", campaign, context)


@page("fees.collect")
@about_campaign
def shooting_lists_export(request: SignedInRequest, campaign: Campaign) -> HttpResponseBase:
    """The lists that were issued, as the filter asks for them, as a file."""
    return answer_export(request, SHOOTING_LISTS, campaign=campaign.pk)


@page("fees.collect")
@require_GET
@about_campaign
def shooting_list(request: SignedInRequest, campaign: Campaign) -> HttpResponse:
    """The list of one season as xlsx or PDF, spring and autumn apart: as it was issued, else a draft without numbers."""
    season = Season(queries.season_in(request.GET) or Season.SPRING)
    people = lists.to_be_shot(request.actor, campaign, season, queries.number(request.GET.get("department")))
    actions.export_people(request.actor, campaign, what=f"shooting list {season}", count=len(people))
    as_pdf, language = request.GET.get("format") == "pdf", get_language() or "zh"
    made = lists.as_issued(campaign, people, document_address)
    if made is None:
        return _draft(lists.draft(campaign, season, people), f"draft-{campaign.cohort_year}-{season}", as_pdf, language)
    name = made[0].name if len(made) == 1 else f"shooting-list-{campaign.cohort_year}-{season}"
    if as_pdf:
        return download(issuing.as_pdf(made, language), f"{name}.pdf", PDF, inline=True)
    return download(issuing.as_xlsx(made, language), f"{name}.xlsx")


def _draft(form: TableForm, name: str, as_pdf: bool, language: str) -> HttpResponse:
    if as_pdf:
        return download(form.to_pdf(language), f"shooting-list-{name}.pdf", PDF, inline=True)
    return download(form.to_xlsx(language), f"shooting-list-{name}.xlsx")
