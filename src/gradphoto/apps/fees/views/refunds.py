"""Refunds: what waits for another person's eyes, and one request with its steps."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.fees.charge_lists import REFUND_CHARGES
from gradphoto.apps.fees.forms.refunds import REFUND_FORMS
from gradphoto.apps.fees.models import Refund
from gradphoto.apps.fees.views.frame import about_campaign, show
from gradphoto.apps.fees.working_lists import REFUNDS
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.policy import is_same_person
from gradphoto.apps.orgs.scope import get_scoped
from gradphoto.apps.pages.exporting import answer_export
from gradphoto.apps.pages.forms import ActionForm, PageForms, form_action, posted_form


@page("fees.collect")
@about_campaign
def refunds(request: SignedInRequest, campaign: Campaign) -> HttpResponse:
    """The requests of the viewer's part of the tree; those that wait first."""
    listing = REFUNDS.page(request, campaign=campaign.pk)
    return show(request, "fees/refunds.html", campaign, {"listing": listing, "tabs_of_list": listing.tabs("state")})


@page("fees.collect")
@about_campaign
def refunds_export(request: SignedInRequest, campaign: Campaign) -> HttpResponseBase:
    """The same as a file."""
    return answer_export(request, REFUNDS, campaign=campaign.pk)


@page("fees.collect")
def refund(request: SignedInRequest, pk: int) -> HttpResponse:
    """One request: who gets what back, who asked, and what this viewer may do with it."""
    if request.method == "POST":
        return form_action(
            request,
            posted_form(request, REFUND_FORMS, get_scoped(request.actor, _whole(), pk=pk)),
            again=lambda form: _refund(request, pk, form),
            done=lambda made: redirect("fees:refund", pk=pk),
        )
    return _refund(request, pk)


def _refund(request: SignedInRequest, pk: int, posted: ActionForm | None = None) -> HttpResponse:
    found = get_scoped(request.actor, _whole(), pk=pk)
    context = {
        "refund": found,
        "listing": REFUND_CHARGES.page(request, refund=found.pk),
        "mine": is_same_person(request.actor, found.asked_by_id),
        "page_forms": PageForms(request.actor, found, REFUND_FORMS, posted),
    }
    return show(request, "fees/refund.html", found.campaign, context)


def _whole() -> QuerySet[Refund]:
    return Refund.objects.select_related(
        "campaign__school", "campaign__centre", "organisation", "till__organisation", "till__keeper", "order",
        "asked_by", "decided_by",
    )  # fmt: skip
