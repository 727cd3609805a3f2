"""How far the money is, department by department; the three-way reconciliation."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.fees import handing, lists, providers, queries, reconcile, shooting_lists, tills
from gradphoto.apps.fees.forms.counter import ChargePeople
from gradphoto.apps.fees.models import HandIn
from gradphoto.apps.fees.policy import keeps
from gradphoto.apps.fees.views.frame import about_campaign, show
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import scoped
from gradphoto.apps.pages.exporting import answer_export
from gradphoto.apps.pages.forms import ActionForm, PageForms, form_action, posted_form


@page("fees.collect")
@about_campaign
def overview(request: SignedInRequest, campaign: Campaign) -> HttpResponse:
    """The state of the money by department and season, the viewer's own purse, and what waits for them."""
    if request.method == "POST":
        return form_action(
            request,
            posted_form(request, (ChargePeople,), campaign),
            again=lambda form: _overview(request, campaign, form),
            done=lambda made: redirect(request.get_full_path()),
        )
    return _overview(request, campaign)


def _overview(request: SignedInRequest, campaign: Campaign, posted: ActionForm | None = None) -> HttpResponse:
    season = queries.season_in(request.GET)
    lines = queries.departments(request.actor, campaign, season)
    waiting = handing.waiting_for([campaign]).filter(pk__in=scoped(request.actor, HandIn))
    mine = [one for one in waiting.select_related("receiver__organisation") if _is_to(request, one)]
    return show(
        request,
        "fees/overview.html",
        campaign,
        {
            "lines": lines,
            "season": season,
            "people": sum(line.people for line in lines),
            "paid": sum(line.paid for line in lines),
            "unpaid": sum(line.unpaid for line in lines),
            "fen": sum(line.fen for line in lines),
            "own": tills.own_till(request.actor, campaign),
            "waiting": len(mine),
            "only_paid": shooting_lists.only_paid(campaign),
            "page_forms": PageForms(request.actor, campaign, (ChargePeople,), posted),
        },
    )


def _is_to(request: SignedInRequest, hand_in: HandIn) -> bool:
    return keeps(request.actor, hand_in.receiver)


@page("fees.collect")
@about_campaign
def reconciliation(request: SignedInRequest, campaign: Campaign) -> HttpResponse:
    """Listed, paid, photographed: counts a department, and the names behind every difference."""
    season = queries.season_in(request.GET)
    told = reconcile.shown_differences()
    return show(
        request,
        "fees/reconcile.html",
        campaign,
        {
            "lines": reconcile.lines(request.actor, campaign, season),
            "differences": [(name, title) for name, (title, _) in told.items()],
            "listing": lists.DIFFERENCES.page(request, campaign=campaign.pk),
            "photographed_known": providers.known(),
        },
    )


@page("fees.collect")
@about_campaign
def reconciliation_export(request: SignedInRequest, campaign: Campaign) -> HttpResponseBase:
    """The names behind the differences as xlsx."""
    return answer_export(request, lists.DIFFERENCES, campaign=campaign.pk)
