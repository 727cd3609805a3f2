"""Published days and hours: the centre puts them up, everybody concerned reads them (R142, R143)."""

from __future__ import annotations

from django.db.models import Sum
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.makeup import booking, queries
from gradphoto.apps.makeup.forms.days import Capacity, PublishDays
from gradphoto.apps.makeup.models import MakeUpCalendar, MakeUpSlot, Waiting
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.permissions import holds
from gradphoto.apps.orgs.scope import get_scoped, scoped
from gradphoto.apps.pages.forms import ActionForm, PageForms, form_action, posted_form, sent_values


@page("makeup.read")
def days(request: SignedInRequest) -> HttpResponse:
    """The calendars of the centres that serve the viewer, day by day with what is free; published here."""
    if request.method == "POST":
        return form_action(
            request,
            posted_form(request, (PublishDays,), None),
            again=lambda form: _days(request, form),
            done=lambda made: redirect("makeup:days"),
        )
    return _days(request)


def _days(request: SignedInRequest, posted: ActionForm | None = None) -> HttpResponse:
    centres = scoped(request.actor, Campaign).values("centre")
    known = scoped(request.actor, MakeUpCalendar) | MakeUpCalendar.objects.filter(centre__in=centres)
    shown = []
    for calendar in known.distinct().select_related("centre"):
        ahead = calendar.slots.filter(ends_at__gt=timezone.now())
        counts = calendar.slots.aggregate(capacity=Sum("capacity"), taken=Sum("taken"))
        shown.append((calendar, queries.days_of(ahead), counts))
    context = {
        "shown": shown,
        "may_set": holds(request.user, "makeup.publish"),
        "page_forms": PageForms(request.actor, None, (PublishDays,), posted),
        "waiting": scoped(request.actor, Waiting).select_related("case__candidate", "slot", "calendar"),
    }
    return render(request, "makeup/days.html", context)


@page("makeup.publish")
@require_POST
def capacity(request: SignedInRequest, pk: int) -> HttpResponse:
    """More or fewer persons in a half-hour."""
    slot = get_scoped(request.actor, MakeUpSlot.objects.select_related("calendar"), pk=pk)
    booking.set_capacity(request.actor, slot, capacity=sent_values(request, Capacity)["capacity"])
    return redirect("makeup:days")
