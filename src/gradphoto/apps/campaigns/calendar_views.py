"""The page of the holiday table: the year at a glance, and the days that stand above the official calendar."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from gradphoto.apps.campaigns import agenda, calendars
from gradphoto.apps.campaigns.forms import ClearDays, SetDays
from gradphoto.apps.campaigns.models import CalendarDay, Campaign
from gradphoto.apps.core.errors import invalid
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.permissions import seats
from gradphoto.apps.orgs.scope import scoped
from gradphoto.apps.pages.forms import ActionForm, form_action, posted_form, posted_row

_YEARS = range(2004, 2100)


def _below_mine(request: SignedInRequest) -> QuerySet[Organisation]:
    """What an editor may change: their own organisations and those below. Those above are shown to them, and no more."""
    below = Q(pk__in=[])
    for home in _mine(request):
        below |= Q(path__startswith=home.path)
    return Organisation.objects.filter(below)


def _mine(request: SignedInRequest) -> list[Organisation]:
    """The organisations whose table the viewer keeps."""
    return seats(request.actor, "campaigns.set_days")


@page("campaigns.read")
def calendar_page(request: SignedInRequest) -> HttpResponse:
    """The working calendar by which the viewer's organisation counts its deadlines (R201)."""
    return _page(request)


def _page(request: SignedInRequest, posted: ActionForm | None = None) -> HttpResponse:
    mine = _mine(request)
    home = _chosen(request, mine) or (mine or [held.organisation for held in request.user.held])[0]
    year = _year(request)
    asked: QuerySet[CalendarDay] = scoped(request.actor, CalendarDay).filter(date__year=year)
    context = {
        "home": home,
        "mine": mine,
        "form": posted,
        "shown": calendars.year_shown(year, calendars.calendar_of(home)),
        "runs": calendars.runs(
            asked.filter(organisation__path__in=home.ancestor_paths()).select_related("organisation")
        ),
        "editable": {organisation.pk for organisation in mine},
        "history": calendars.history(home) if mine else (),
        **_trial(request, home, mine),
    }
    return render(request, "campaigns/calendar.html", context)


def _trial(request: SignedInRequest, home: Organisation, mine: list[Organisation]) -> dict[str, object]:
    """What a run of days that is filled in, but not saved, would move (``?first=...&works=...``)."""
    if not mine or not request.GET.get("first"):
        return {}
    first = _date(request.GET["first"])
    last = _date(request.GET.get("last") or request.GET["first"])
    works = {"yes": True, "no": False}.get(request.GET.get("works", ""))
    change = agenda.Change(home.path, dict.fromkeys(calendars.run_of(first, last), works))
    concerned = scoped(request.actor, Campaign).filter(school__path__startswith=home.path).exclude(status="closed")
    found = agenda.moved(request.actor, list(concerned.select_related("school", "rule_set").distinct()), change)
    return {
        "tried": {"first": first, "last": last, "works": works, "source": request.GET.get("source", "")},
        "moved": found,
    }


@page("campaigns.set_days")
@require_POST
def set_days(request: SignedInRequest) -> HttpResponse:
    """Put a run of days into the table."""
    organisation = posted_row(request, _below_mine(request))
    form = posted_form(request, (SetDays,), organisation)
    return _take(request, form, organisation)


@page("campaigns.set_days")
@require_POST
def clear_days(request: SignedInRequest) -> HttpResponse:
    """Take a run of days out of the table."""
    organisation = posted_row(request, _below_mine(request))
    form = posted_form(request, (ClearDays,), organisation)
    return _take(request, form, organisation)


def _take(request: SignedInRequest, form: ActionForm, organisation: Organisation) -> HttpResponse:
    return form_action(
        request, form, again=lambda form: _page(request, form),
        done=lambda made: _back(organisation, form.cleaned_data["first"].year),
    )  # fmt: skip


def _back(organisation: Organisation, year: int) -> HttpResponse:
    return redirect(f"{reverse('campaigns:calendar')}?{urlencode({'year': year, 'organisation': organisation.pk})}")


def _chosen(request: SignedInRequest, mine: list[Organisation]) -> Organisation | None:
    wanted = request.GET.get("organisation", "")
    return next((one for one in mine if str(one.pk) == wanted), None)


def _year(request: SignedInRequest) -> int:
    text = request.GET.get("year", "")
    wanted = int(text) if text.isascii() and text.isdigit() and len(text) == 4 else 0
    return wanted if wanted in _YEARS else timezone.localdate().year


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise invalid(
            "campaigns.day_form", "请选择日期。", "Choose a date.", "在日历中选择起止日期。", "Pick it in the calendar."
        ) from None
