"""The board: look, move, lock, take back, search, and what to do when a room runs late."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.core.errors import invalid
from gradphoto.apps.core.wording import say
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import get_scoped, scoped
from gradphoto.apps.schedule import actions, board_actions
from gradphoto.apps.schedule.board import board_of
from gradphoto.apps.schedule.forms import PlaceForm
from gradphoto.apps.schedule.models import CollectionRoom, PlanRun, Slot
from gradphoto.apps.schedule.problem import local, slots_of
from gradphoto.apps.schedule.views import campaign_of
from gradphoto.engine.wording import Wording


@page("schedule.plan")
def board(request: SignedInRequest) -> HttpResponse:
    """The board of a campaign and day; ``slot`` opens one class beside it."""
    campaign = campaign_of(request)
    if campaign is None:
        return render(request, "schedule/board.html", {"campaigns": []})
    return _draw(request, campaign, request.GET.get("day", ""), request.GET.get("slot", ""))


@page("schedule.plan")
@require_POST
def move(request: SignedInRequest, pk: int) -> HttpResponse:
    """Put a class into a room at a time: the end of a drag, or the form beside the board."""
    slot = _slot(request, pk)
    form = _place(request)
    room = get_scoped(request.actor, CollectionRoom, pk=form.cleaned_data["room"])
    slot = board_actions.move_slot(request.actor, slot, room=room, starts_at=form.moment())
    return _again(request, slot.session.campaign, local(slot.starts_at).date(), slot)


@page("schedule.plan")
@require_POST
def place(request: SignedInRequest, pk: int) -> HttpResponse:
    """Give a class that waits a place; ``pk`` is the campaign."""
    campaign = get_scoped(request.actor, Campaign, pk=pk)
    form = _place(request)
    room = get_scoped(request.actor, CollectionRoom, pk=form.cleaned_data["room"])
    slot = board_actions.place_class(
        request.actor, campaign, group=request.POST.get("group", ""), room=room, starts_at=form.moment()
    )
    return _again(request, campaign, local(slot.starts_at).date(), slot)


@page("schedule.plan")
@require_POST
def lock(request: SignedInRequest, pk: int) -> HttpResponse:
    """Lock or unlock a class."""
    slot = _slot(request, pk)
    board_actions.lock_slot(request.actor, slot, locked=request.POST.get("locked") == "yes")
    return _again(request, slot.session.campaign, local(slot.starts_at).date(), slot)


@page("schedule.plan")
@require_POST
def aside(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take a class off the board."""
    slot = _slot(request, pk)
    campaign, day = slot.session.campaign, local(slot.starts_at).date()
    board_actions.set_aside(request.actor, slot)
    return _again(request, campaign, day, None)


@page("schedule.plan")
@require_POST
def search(request: SignedInRequest, pk: int) -> HttpResponse:
    """Plan in the background, beside what stands or all anew; ``pk`` is the campaign."""
    campaign = get_scoped(request.actor, Campaign, pk=pk)
    actions.search_plan(request.actor, campaign, anew=request.POST.get("anew") == "yes")
    return redirect(_address(campaign, request.POST.get("day", "")))


@page("schedule.plan")
@require_POST
def accept(request: SignedInRequest, pk: int) -> HttpResponse:
    """Accept what a search proposed; ``pk`` is the run."""
    run = get_scoped(request.actor, PlanRun.objects.select_related("campaign"), pk=pk)
    actions.accept_proposal(request.actor, run)
    return redirect(_address(run.campaign, ""))


@page("schedule.plan")
@require_POST
def undo(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take back the last change; ``pk`` is the campaign."""
    campaign = get_scoped(request.actor, Campaign, pk=pk)
    words = board_actions.undo(request.actor, campaign)
    messages.success(request, say(Wording(f"已撤销：{words.zh}", f"Taken back: {words.en}")))
    return redirect(_address(campaign, request.POST.get("day", "")))


@page("schedule.plan")
@require_POST
def late(request: SignedInRequest, pk: int) -> HttpResponse:
    """A room runs late: the rest moves as little as possible; ``pk`` is the room."""
    room = get_scoped(request.actor, CollectionRoom.objects.select_related("campaign"), pk=pk)
    minutes = request.POST.get("minutes", "")
    board_actions.replan_day(request.actor, room.campaign, room=room, minutes=int(minutes) if minutes.isdigit() else 0)
    return redirect(_address(room.campaign, request.POST.get("day", "")))


def _slot(request: SignedInRequest, pk: int) -> Slot:
    return get_scoped(request.actor, Slot.objects.select_related("session__campaign__rule_set"), pk=pk)


def _place(request: SignedInRequest) -> PlaceForm:
    form = PlaceForm(request.POST)
    if not form.is_valid():
        raise invalid("schedule.place", "请选择场地、日期和时间。", "Choose a room, a day and a time.",
                      "请检查填写内容。", "Check what you entered.")  # fmt: skip
    return form


def _address(campaign: Campaign, day: str | date, slot: Slot | None = None) -> str:
    chosen = f"&slot={slot.pk}" if slot else ""
    return f"{reverse('schedule:board')}?campaign={campaign.pk}&day={day}{chosen}"


def _again(request: SignedInRequest, campaign: Campaign, day: date, slot: Slot | None) -> HttpResponse:
    if request.htmx:
        return _draw(request, campaign, f"{day}", str(slot.pk) if slot else "")
    return redirect(_address(campaign, day, slot))


def _draw(request: SignedInRequest, campaign: Campaign, day: str, chosen: str) -> HttpResponse:
    try:
        asked = date.fromisoformat(day)
    except ValueError:
        asked = None
    slots = slots_of(campaign)
    context: dict[str, Any] = {
        "board": board_of(campaign, asked),
        "campaigns": scoped(request.actor, Campaign).exclude(status="closed"),
        "chosen": slots.filter(pk=int(chosen)).first() if chosen.isdigit() else None,
        "rooms": campaign.rooms.all(),
    }
    return render(request, "schedule/board_live.html" if request.htmx else "schedule/board.html", context)
