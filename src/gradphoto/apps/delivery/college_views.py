"""The college's pages of a delivery, to read only: its classes, the people of one, the list to hand out cards."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render

from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.delivery import college
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import get_scoped, scoped
from gradphoto.apps.pages.downloads import XLSX, download
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.roster.status_marks import marks_of

_UNITS_AT_ONCE = 3


@page("delivery.hand_out")
def progress(request: SignedInRequest) -> HttpResponse:
    """How far the delivery is for the viewer's own classes; who sees many colleges sees one of them at a time."""
    campaigns = list(scoped(request.actor, Campaign).select_related("school"))
    wanted, season = request.GET.get("campaign", ""), request.GET.get("season", "")
    season = season if season in Season.values else ""
    campaign = next((one for one in campaigns if str(one.pk) == wanted), campaigns[0] if campaigns else None)
    units = college.units_of(request.actor, campaign) if campaign else []
    asked = request.GET.get("department", "")
    unit = next((one for one in units if str(one.pk) == asked), units[0] if len(units) > _UNITS_AT_ONCE else None)
    rows = college.classes(request.actor, campaign, season, unit) if campaign else []
    sums = {name: sum(getattr(row, name) for row in rows) for name in ("people", *college.STEPS, "unverified")}
    context = {
        "campaigns": campaigns,
        "campaign": campaign,
        "season": season,
        "seasons": Season.choices,
        "units": units,
        "unit": unit,
        "all_units": len(units) <= _UNITS_AT_ONCE,
        "rows": rows,
        "sums": sums,
    }
    return render(request, "delivery/college.html", context)


def _class(request: SignedInRequest, pk: int) -> tuple[Campaign, list[Candidate]]:
    campaign = get_scoped(request.actor, Campaign.objects.select_related("school"), pk=pk)
    department, season = request.GET.get("department", ""), request.GET.get("season", "")
    people = college.people_of_class(
        request.actor,
        campaign,
        department=int(department) if department.isascii() and department.isdigit() else 0,
        season=season,
        class_name=request.GET.get("class", ""),
    )
    found = list(people)
    if not found:
        raise Http404
    return campaign, found


@page("delivery.hand_out")
def one_class(request: SignedInRequest, pk: int) -> HttpResponse:
    """The people of a class: photograph, card, verification."""
    campaign, people = _class(request, pk)
    portraits = college.delivered_portraits(people)
    show = request.GET.get("show", "")
    keep = {
        "unverified": lambda one: one.opened and not one.confirmed,
        "without_card": lambda one: not one.printed,
    }.get(show, lambda one: True)
    marks = marks_of(person.pk for person in people)
    context = {
        "campaign": campaign,
        "first": people[0],
        "count": len(people),
        "show": show,
        "rows": [(person, portraits.get(person.pk), marks.get(person.pk)) for person in people if keep(person)],
        "unverified": sum(one.opened and not one.confirmed for one in people),  # type: ignore[attr-defined]
        "without_card": sum(not one.printed for one in people),  # type: ignore[attr-defined]
    }
    return render(request, "delivery/college_class.html", context)


@page("delivery.hand_out")
def hand_out(request: SignedInRequest, pk: int) -> HttpResponse:
    """The list of one class to sign for the cards, as PDF, or as xlsx with ``format=xlsx``."""
    campaign, people = _class(request, pk)
    first = people[0]
    form = college.hand_out_list(campaign, first.department, first.season, first.class_name, people)
    name = f"cards-{campaign.cohort_year}-{first.season}-{first.department_id}"
    if request.GET.get("format") == "xlsx":
        data, media_type, name = form.to_xlsx(request.LANGUAGE_CODE), XLSX, f"{name}.xlsx"
    else:
        data, media_type, name = form.to_pdf(request.LANGUAGE_CODE), "application/pdf", f"{name}.pdf"
    return download(data, name, media_type, inline=True)
