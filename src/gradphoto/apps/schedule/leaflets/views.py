"""Pages and files of the papers: public by a class's signed address, the rest for those who sign in."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_GET

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.core.addresses import site_address
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.permissions import holds
from gradphoto.apps.orgs.scope import get_scoped, scoped
from gradphoto.apps.pages.downloads import PDF, download
from gradphoto.apps.schedule import lists, papers
from gradphoto.apps.schedule.group_photos import of_class
from gradphoto.apps.schedule.leaflets import duty, making, points, readiness, scene, steps
from gradphoto.apps.schedule.leaflets.drawing import flow_svg
from gradphoto.apps.schedule.leaflets.facts import DayFacts, facts_of
from gradphoto.apps.schedule.models import CaptureSession, CollectionRoom, Slot
from gradphoto.apps.schedule.problem import departments_of
from gradphoto.apps.schedule.views import campaign_of, paper_response

# ---- public, by the class's signed address


def class_leaflet(request: HttpRequest, token: str) -> HttpResponse:
    """The leaflet of a class, with its own time on top (R51)."""
    facts = facts_of_class(_slot(token))
    return render(request, "schedule/leaflets/leaflet.html", {**_leaflet(facts), "token": token})


def class_leaflet_pdf(request: HttpRequest, token: str) -> HttpResponse:
    """The same as one A4 page, with a QR code to the class's page."""
    address = site_address(reverse("schedule:class", args=[token]))
    return _pdf(making.leaflet_pdf([making.Sheet(facts_of_class(_slot(token)), address)]), "leaflet")


def class_flow(request: HttpRequest, token: str) -> HttpResponse:
    """The flow chart of the day for a class (R70)."""
    facts = facts_of_class(_slot(token))
    return render(request, "schedule/leaflets/flow.html", {**_flow(request, facts), "token": token})


def class_flow_pdf(request: HttpRequest, token: str) -> HttpResponse:
    """The same as one A4 page."""
    return _pdf(making.flow_pdf(facts_of_class(_slot(token)), _language(request)), "flow")


def _slot(token: str) -> Slot:
    slot = papers.slot_of_token(token)
    if slot is None:
        raise Http404
    return slot


def facts_of_class(slot: Slot) -> DayFacts:
    """The facts of a class with its group photograph."""
    return facts_of(slot.session.campaign, slot, of_class(slot))


# ---- for those who sign in


@page("schedule.read")
def hub(request: SignedInRequest) -> HttpResponse:
    """Every paper of a campaign: what to hand out, what to hang up, what to sign."""
    campaign = campaign_of(request)
    if campaign is None:
        return render(request, "schedule/leaflets/hub.html", {"campaign": None})
    context = {
        "campaign": campaign,
        "listing": lists.PAPERS.page(request, campaign=campaign.pk),
        "departments": departments_of(campaign).filter(
            pk__in=scoped(request.actor, Slot).filter(session__campaign=campaign).order_by().values("department")
        ),
        "sessions": _sessions(request, campaign),
        "rooms": campaign.rooms.all() if holds(request.user, "schedule.check_rooms") else (),
    }
    return render(request, "schedule/leaflets/hub.html", context)


@page("schedule.read")
def department_leaflets(request: SignedInRequest, pk: int) -> HttpResponse:
    """The leaflets of all classes of a department in one PDF, a page each, to print and hand out."""
    department = get_scoped(request.actor, Organisation, pk=pk)
    campaign = campaign_of(request)
    if campaign is None:
        raise Http404
    sheets = []
    for slot in _slots(request, campaign).filter(department=department):
        address = site_address(reverse("schedule:class", args=[papers.token_of(slot)]))
        sheets.append(making.Sheet(facts_of_class(slot), address))
    if not sheets:
        raise Http404
    return _pdf(making.leaflet_pdf(sheets), f"leaflets-{department.pk}")


@page("schedule.read")
def leaflet(request: SignedInRequest) -> HttpResponse:
    """The campaign's leaflet without a class; ``as=pdf`` as a file."""
    campaign = campaign_of(request)
    if campaign is None:
        return redirect("schedule:papers")
    facts = facts_of(campaign)
    if request.GET.get("as") == "pdf":
        return _pdf(making.leaflet_pdf([making.Sheet(facts)]), "leaflet")
    return render(request, "schedule/leaflets/leaflet.html", {**_leaflet(facts), "campaign": campaign})


@page("schedule.read")
def flow(request: SignedInRequest) -> HttpResponse:
    """The campaign's flow chart, to hang up; ``as=pdf`` as a file."""
    campaign = campaign_of(request)
    if campaign is None:
        return redirect("schedule:papers")
    facts = facts_of(campaign)
    if request.GET.get("as") == "pdf":
        return _pdf(making.flow_pdf(facts, _language(request)), "flow")
    return render(request, "schedule/leaflets/flow.html", {**_flow(request, facts), "campaign": campaign})


@page("schedule.read")
def duty_list(request: SignedInRequest, pk: int) -> HttpResponse:
    """Who stands where in a session; ``as=pdf`` or ``as=xlsx`` as a file (R91, R92)."""
    session = _session(request, pk)
    blocks = duty.blocks_of(request.actor, session)
    kind = request.GET.get("as", "")
    if kind in ("pdf", "xlsx"):
        return paper_response(duty.duty_form(session, blocks), f"duty-{session.date}", kind, _language(request))
    context = {
        "session": session,
        "blocks": blocks,
        "early": duty.early_words(session.campaign),
        "missing": sum(block.missing for block in blocks),
        "may_name": holds(request.user, "schedule.staff"),
    }
    return render(request, "schedule/leaflets/duty.html", context)


@page("schedule.check_rooms")
def readiness_paper(request: SignedInRequest, pk: int) -> HttpResponse:
    """A room's check list to print and sign, as PDF; ``as=xlsx`` as a sheet (R93)."""
    room = get_scoped(request.actor, CollectionRoom.objects.select_related("campaign__school"), pk=pk)
    kind = "xlsx" if request.GET.get("as") == "xlsx" else "pdf"
    return paper_response(readiness.readiness_form([room]), f"readiness-{pk}", kind, _language(request))


@page("schedule.check_rooms")
def readiness_papers(request: SignedInRequest) -> HttpResponse:
    """The check lists of all rooms, a page each."""
    campaign = campaign_of(request)
    rooms = list(campaign.rooms.prefetch_related("checks", "periods")) if campaign else []
    if not rooms:
        return redirect("schedule:rooms")
    return paper_response(readiness.readiness_form(rooms), "readiness", "pdf", _language(request))


def _session(request: SignedInRequest, pk: int) -> CaptureSession:
    return get_scoped(
        request.actor, CaptureSession.objects.select_related("room", "campaign__school", "campaign__centre"), pk=pk
    )


def _slots(request: SignedInRequest, campaign: Campaign) -> QuerySet[Slot]:
    found = lists.slots_of(request.actor).filter(session__campaign=campaign)
    return found.order_by("department__path", "starts_at")


def _sessions(request: SignedInRequest, campaign: Campaign) -> list[CaptureSession]:
    seen = scoped(request.actor, Slot).filter(session__campaign=campaign).values("session")
    return list(campaign.sessions.filter(pk__in=seen).order_by("date", "place"))


def _leaflet(facts: DayFacts) -> dict[str, Any]:
    return {
        "facts": facts,
        "title": points.TITLE,
        "when": making.when(facts),
        "own": making.own_lines(facts),
        "lines": (points.bring(facts), points.fee(facts), points.verification(facts)),
        "looks": [(look, _safe(look.picture)) for look in points.looks(facts)],
        "points": points.seven_points(facts),
        "warning": points.be_there(facts),
    }


def _flow(request: HttpRequest, facts: DayFacts) -> dict[str, Any]:
    boxes = steps.steps_of(facts)
    return {
        "facts": facts,
        "title": steps.TITLE,
        "subtitle": making.subtitle(facts),
        "steps": boxes,
        "chart": _safe(flow_svg(boxes, steps.TITLE, _language(request))),
        "note": making.NOTE,
    }


def _safe(svg: str) -> SafeString:
    return mark_safe(svg)  # noqa: S308 - drawn by us; every text in it is escaped


def _language(request: HttpRequest) -> str:
    return str(getattr(request, "LANGUAGE_CODE", "zh-hans"))


def _pdf(data: bytes, name: str) -> HttpResponse:
    return download(data, f"{name}.pdf", PDF, inline=True)


# ---- the form filled at the scene and the sign at the door, session by session (R50, R132)


def _kind(request: SignedInRequest) -> str:
    return "xlsx" if request.GET.get("as") == "xlsx" else "pdf"


@page("schedule.check_rooms")
@require_GET
def registration(request: SignedInRequest, pk: int) -> HttpResponse:
    """The registration form of a session as PDF; ``as=xlsx`` as a sheet."""
    session = _session(request, pk)
    form = scene.registration_form(session)
    return paper_response(form, f"scene-{session.date}", _kind(request), request.LANGUAGE_CODE)


@page("schedule.check_rooms")
@require_GET
def door(request: SignedInRequest, pk: int) -> HttpResponse:
    """The sign at the door of a session as PDF; ``as=xlsx`` as a sheet."""
    session = _session(request, pk)
    return paper_response(scene.room_sign(session), f"sign-{session.date}", _kind(request), request.LANGUAGE_CODE)
