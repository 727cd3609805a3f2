"""Pages of the timetable: the list for everybody, the board for those who plan, and what is printed of it."""

from __future__ import annotations

from collections.abc import Callable

from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.permissions import holds
from gradphoto.apps.orgs.scope import get_scoped, scoped
from gradphoto.apps.pages.downloads import PDF, download
from gradphoto.apps.pages.forms import PageForms, form_action, posted_form
from gradphoto.apps.schedule import lists, papers
from gradphoto.apps.schedule.models import Appointment, Slot
from gradphoto.apps.schedule.plan_forms import MakeTimetable
from gradphoto.apps.schedule.problem import departments_of
from gradphoto.engine.documents import TableForm


def campaign_of(request: SignedInRequest) -> Campaign | None:
    """The campaign that the page is about: the one asked for, else the newest that is not closed."""
    campaigns = scoped(request.actor, Campaign).select_related("school", "rule_set")
    asked = request.POST.get("campaign") or request.GET.get("campaign", "")
    if asked.isdigit():
        return get_scoped(request.actor, campaigns, pk=int(asked))
    return campaigns.exclude(status="closed").order_by("-cohort_year", "pk").first() or campaigns.first()


@page("schedule.read")
def slot_list(request: SignedInRequest) -> HttpResponse:
    """The timetable in the order of time; a college sees its own slots."""
    listing = lists.SLOTS.page(request)
    campaign = campaign_of(request)
    departments = scoped(request.actor, departments_of(campaign)) if campaign else Organisation.objects.none()
    context = {
        "listing": listing,
        "campaign": campaign,
        "departments": departments,
        "can_plan": holds(request.user, "schedule.plan"),
        "total": lists.total_of(listing.rows) if listing.is_valid else 0,
    }
    return render(request, "schedule/list.html", context)


@page("schedule.plan")
def make(request: SignedInRequest) -> HttpResponseBase:
    """Ask for days, places, hours and stations; the search runs in the background and its answer stands on the board."""
    campaign = campaign_of(request)
    if campaign is None:
        return redirect("schedule:list")
    if request.method != "POST":
        return _make(request, campaign)
    form = posted_form(request, (MakeTimetable,), campaign)
    return form_action(
        request, form, again=lambda form: _make(request, campaign, form),
        done=lambda made: redirect(f"{reverse('schedule:board')}?campaign={campaign.pk}"),
    )  # fmt: skip


def _make(request: SignedInRequest, campaign: Campaign, posted: MakeTimetable | None = None) -> HttpResponse:
    context = {
        "campaign": campaign,
        "campaigns": scoped(request.actor, Campaign).exclude(status="closed"),
        "page_forms": PageForms(request.actor, campaign, (MakeTimetable,), posted),
    }
    return render(request, "schedule/make.html", context)


@page("schedule.read")
def slot_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """The shooting list of one slot, to print and to call by (R47, R102)."""
    slot = get_scoped(request.actor, Slot.objects.select_related("department", "session"), pk=pk)
    return render(request, "schedule/slot.html", {"slot": slot, "appointments": _shooting_list(slot)})


@page("schedule.plan")
def annex_one(request: SignedInRequest) -> HttpResponse:
    """S1's annex 1, as xlsx or PDF."""
    return _paper(request, papers.annex_one, "annex-1")


@page("schedule.plan")
def annex_five(request: SignedInRequest) -> HttpResponse:
    """S4's annex 5, as xlsx or PDF."""
    return _paper(request, papers.annex_five, "annex-5")


@page("schedule.read")
def calendar(request: SignedInRequest, pk: int) -> HttpResponse:
    """A department's slots as a calendar file (ics)."""
    department = get_scoped(request.actor, Organisation, pk=pk)
    campaign = campaign_of(request)
    if campaign is None:
        return redirect("schedule:list")
    return download(papers.calendar_of(campaign, department), f"timetable-{pk}.ics", "text/calendar; charset=utf-8")


def paper_response(form: TableForm, name: str, kind: str, language: str) -> HttpResponse:
    """A paper in the format asked for: xlsx unless ``kind`` is pdf."""
    if kind == "pdf":
        return download(form.to_pdf(language), f"{name}.pdf", PDF)
    return download(form.to_xlsx(language), f"{name}.xlsx")


def _paper(request: SignedInRequest, paper: Callable[[Campaign], TableForm], name: str) -> HttpResponse:
    campaign = campaign_of(request)
    if campaign is None:
        return redirect("schedule:list")
    return paper_response(paper(campaign), name, request.GET.get("as", "xlsx"), request.LANGUAGE_CODE)


def _shooting_list(slot: Slot) -> QuerySet[Appointment]:
    """The slot's people in shooting order."""
    return slot.appointments.select_related("candidate__department").order_by("position")
