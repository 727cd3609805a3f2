"""Pages of the timetable."""

from __future__ import annotations

from itertools import groupby

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.core.wording import say
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.orgs.pages import EVERYONE, SignedInRequest, page
from gradphoto.apps.orgs.scope import get_scoped, scoped
from gradphoto.apps.schedule import actions, queries
from gradphoto.apps.schedule.forms import TimetableForm
from gradphoto.apps.schedule.models import Slot
from gradphoto.engine.wording import Wording

READERS = tuple(role for role in EVERYONE if role not in (Role.ADMINISTRATOR, Role.AUDITOR, Role.NATIONAL_REVIEWER))
PLANNERS = (Role.REGISTRAR, Role.COLLECTION_CENTRE)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@page(*READERS)
def board(request: SignedInRequest) -> HttpResponse:
    """The timetable day by day; a college sees its own slots."""
    slots = scoped(request.actor, Slot).select_related("department", "session__campaign")
    if season := request.GET.get("season"):
        slots = slots.filter(season=season)
    slots = slots.annotate(headcount=Count("appointments")).order_by("starts_at", "session__place")
    days = [(day, list(items)) for day, items in groupby(slots, lambda slot: timezone.localtime(slot.starts_at).date())]
    return render(request, "schedule/board.html", {"days": days, "can_plan": bool(set(PLANNERS) & request.user.roles)})


@page(*PLANNERS)
def make(request: SignedInRequest) -> HttpResponse:
    """Ask for days, places and stations, and plan everybody on the approved list."""
    campaigns = scoped(request.actor, Campaign).exclude(status="closed")
    form = TimetableForm(
        request.POST or None, initial={"first_day": timezone.localdate(), "last_day": timezone.localdate()}
    )
    if request.method == "POST" and form.is_valid():
        pk = request.POST.get("campaign", "")
        campaign = get_scoped(request.actor, campaigns, pk=int(pk) if pk.isdigit() else 0)
        result = actions.make_timetable(request.actor, campaign, blocks=form.blocks())
        text = Wording(
            f"已安排 {result.people} 人，{result.slots} 个时段。", f"{result.people} persons in {result.slots} slots."
        )
        messages.success(request, say(text))
        for reason in result.unplaced:
            messages.warning(request, say(reason))
        return redirect("schedule:list")
    return render(request, "schedule/make.html", {"form": form, "campaigns": campaigns})


@page(*READERS)
def slot_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """The shooting list of one slot, to print and to call by (R47, R102)."""
    slot = get_scoped(request.actor, Slot.objects.select_related("department", "session"), pk=pk)
    return render(request, "schedule/slot.html", {"slot": slot, "appointments": queries.shooting_list(slot)})


@page(*READERS)
def export(request: SignedInRequest) -> HttpResponse:
    """The timetable as xlsx."""
    slots = scoped(request.actor, Slot).select_related("department", "session").order_by("starts_at")
    response = HttpResponse(queries.timetable_workbook(slots), content_type=XLSX)
    response.headers["Content-Disposition"] = 'attachment; filename="timetable.xlsx"'
    return response
