"""The board: look, move, lock, take back, search, and what to do when a room runs late."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import get_scoped, scoped
from gradphoto.apps.pages.forms import ActionForm, PageForms, form_action, posted_form, row_forms
from gradphoto.apps.schedule.board import board_of
from gradphoto.apps.schedule.forms import (
    AcceptProposal,
    LockSlot,
    MoveSlot,
    PlaceClass,
    ReplanDay,
    SearchPlan,
    SetAside,
    Undo,
)
from gradphoto.apps.schedule.models import CollectionRoom, PlanRun, Slot
from gradphoto.apps.schedule.problem import local, slots_of
from gradphoto.apps.schedule.views import campaign_of


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
    campaign, day = _of(slot)
    return _take(request, MoveSlot, slot, campaign, day, lambda made: _again(request, campaign, *_shown(made)), slot)


@page("schedule.plan")
@require_POST
def place(request: SignedInRequest, pk: int) -> HttpResponse:
    """Give a class that waits a place; ``pk`` is the campaign."""
    campaign = _campaign(request, pk)
    return _take(request, PlaceClass, campaign, campaign, None, lambda made: _again(request, campaign, *_shown(made)))


@page("schedule.plan")
@require_POST
def lock(request: SignedInRequest, pk: int) -> HttpResponse:
    """Lock or unlock a class."""
    slot = _slot(request, pk)
    campaign, day = _of(slot)
    return _take(request, LockSlot, slot, campaign, day, lambda made: _again(request, campaign, day, slot), slot)


@page("schedule.plan")
@require_POST
def aside(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take a class off the board."""
    slot = _slot(request, pk)
    campaign, day = _of(slot)
    return _take(request, SetAside, slot, campaign, day, lambda made: _again(request, campaign, day, None), slot)


@page("schedule.plan")
@require_POST
def search(request: SignedInRequest, pk: int) -> HttpResponse:
    """Plan in the background, beside what stands or all anew; ``pk`` is the campaign."""
    campaign = _campaign(request, pk)
    return _take(
        request, SearchPlan, campaign, campaign, None, lambda made: redirect(_address(campaign, _day(request)))
    )


@page("schedule.plan")
@require_POST
def accept(request: SignedInRequest, pk: int) -> HttpResponse:
    """Accept what a search proposed; ``pk`` is the run."""
    run = get_scoped(request.actor, PlanRun.objects.select_related("campaign"), pk=pk)
    return _take(request, AcceptProposal, run, run.campaign, None, lambda made: redirect(_address(run.campaign, "")))


@page("schedule.plan")
@require_POST
def undo(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take back the last change; ``pk`` is the campaign."""
    campaign = _campaign(request, pk)
    return _take(request, Undo, campaign, campaign, None, lambda made: redirect(_address(campaign, _day(request))))


@page("schedule.plan")
@require_POST
def late(request: SignedInRequest, pk: int) -> HttpResponse:
    """A room runs late: the rest moves as little as possible; ``pk`` is the room."""
    room = get_scoped(request.actor, CollectionRoom.objects.select_related("campaign"), pk=pk)
    campaign = room.campaign
    return _take(request, ReplanDay, room, campaign, None, lambda made: redirect(_address(campaign, _day(request))))


def _take(
    request: SignedInRequest,
    kind: type[ActionForm],
    target: Any,
    campaign: Campaign,
    day: date | None,
    done: Callable[[Any], HttpResponse],
    slot: Slot | None = None,
) -> HttpResponse:
    """One step on the board; what is refused draws the board again with what was typed."""
    form = posted_form(request, (kind,), target, key=str(target.pk))
    chosen = str(slot.pk) if slot is not None else ""
    again = str(day) if day is not None else _day(request)
    return form_action(request, form, again=lambda form: _draw(request, campaign, again, chosen, form), done=done)


def _day(request: SignedInRequest) -> str:
    """The day of the board that the form stood on, as the form's own address says it."""
    return request.GET.get("day", "")


def _campaign(request: SignedInRequest, pk: int) -> Campaign:
    return get_scoped(request.actor, Campaign, pk=pk)


def _of(slot: Slot) -> tuple[Campaign, date]:
    return slot.session.campaign, local(slot.starts_at).date()


def _shown(slot: Slot) -> tuple[date, Slot]:
    return local(slot.starts_at).date(), slot


def _slot(request: SignedInRequest, pk: int) -> Slot:
    return get_scoped(request.actor, Slot.objects.select_related("session__campaign__rule_set"), pk=pk)


def _address(campaign: Campaign, day: str | date, slot: Slot | None = None) -> str:
    chosen = f"&slot={slot.pk}" if slot else ""
    return f"{reverse('schedule:board')}?campaign={campaign.pk}&day={day}{chosen}"


def _again(request: SignedInRequest, campaign: Campaign, day: date, slot: Slot | None) -> HttpResponse:
    if request.htmx:
        return _draw(request, campaign, f"{day}", str(slot.pk) if slot else "")
    return redirect(_address(campaign, day, slot))


_DRAWN = (MoveSlot, PlaceClass, ReplanDay)
"""Forms that have a place of their own on the board; what another refuses is told at its head."""


def _draw(
    request: SignedInRequest, campaign: Campaign, day: str, chosen: str, posted: ActionForm | None = None
) -> HttpResponse:
    try:
        asked = date.fromisoformat(day)
    except ValueError:
        asked = None
    slot = slots_of(campaign).filter(pk=int(chosen)).first() if chosen.isdigit() else None
    shown = board_of(campaign, asked)
    actor, rooms = request.actor, list(campaign.rooms.all())
    forms = PageForms(actor, campaign, (PlaceClass,), posted, place_class={"day": shown.day, "at": time(8, 30)})
    context: dict[str, Any] = {
        "board": shown,
        "page_forms": forms,
        "slot_forms": PageForms(actor, slot, (MoveSlot,), posted) if slot is not None else None,
        "refused": posted if posted is not None and not isinstance(posted, _DRAWN) else None,
        "late": row_forms(actor, rooms, (ReplanDay,), posted),
        "campaigns": scoped(request.actor, Campaign).exclude(status="closed"),
        "chosen": slot,
        "rooms": rooms,
    }
    return render(request, "schedule/board_live.html" if request.htmx else "schedule/board.html", context)
