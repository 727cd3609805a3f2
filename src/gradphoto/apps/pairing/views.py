"""The page of a session's pairing: timeline, proposal, difference, questions, rebinding by hand, history."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from gradphoto.apps.capture.models import Alarm, CheckIn
from gradphoto.apps.capture.room.sessions import FACES
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import get_scoped
from gradphoto.apps.pages.downloads import download
from gradphoto.apps.pages.first_rows import first_rows
from gradphoto.apps.pages.forms import ActionForm, PageForms, form_action, posted_form
from gradphoto.apps.pages.listing import page_of
from gradphoto.apps.pairing import actions, face_pages, faces, queries, timeline
from gradphoto.apps.pairing.board import Board, board_of, fault_key
from gradphoto.apps.pairing.face_people import policy_of
from gradphoto.apps.pairing.forms import (
    FORMS,
    AgreeRepair,
    ApplyRepair,
    EnterClock,
    KeepPairing,
    NoteConsents,
    RebindFrame,
    SettleFaces,
    UndoRepair,
    WithdrawConsent,
    WithdrawRepair,
    starting,
)
from gradphoto.apps.pairing.models import RepairState
from gradphoto.apps.schedule.models import CaptureSession

SHEET = 24
QUESTIONS = 40
FAULTS = 100
FACES_SHOWN = 12


@page("pairing.repair")
def pairing(request: SignedInRequest, pk: int) -> HttpResponse:
    """The session's pairing in one section of its timeline, with the proposal; ``format=xlsx`` gives the proposal."""
    if request.method == "POST":
        return form_action(
            request,
            posted_form(request, FORMS, _session(request, pk)),
            again=lambda form: _pairing(request, pk, form),
            done=lambda made: redirect("pairing:board", pk=pk),
        )
    return _pairing(request, pk)


def _pairing(request: SignedInRequest, pk: int, posted: ActionForm | None = None) -> HttpResponse:
    session = _session(request, pk)
    board = board_of(session)
    if request.GET.get("format") == "xlsx":
        return download(queries.workbook(board), f"pairing-{pk}.xlsx")
    repairs = first_rows(queries.history(session), 20)
    rows = queries.fault_rows(board)
    context: dict[str, Any] = {
        "session": session,
        "board": board,
        "faults": rows[:FAULTS],
        "more_faults": max(0, len(rows) - FAULTS),
        "told": first_rows(queries.told_rows(board), FAULTS),
        "waiting": next((one for one in repairs if one.state == RepairState.AWAITS_SECOND), None),
        "last": next((one for one in repairs if one.state == RepairState.APPLIED), None),
        "repairs": repairs,
        "cameras": queries.cameras(board),
        "four_eyes": actions.four_eyes(session.campaign),
        "faces": page_of(faces.most_urgent_first(faces.hints_of(session)), FACES_SHOWN, request.GET.get("faces")),
        "faces_asked": getattr(session, "faces_asked", False),
        "may_compare": policy_of(session.campaign).permitted,
    }
    if context["may_compare"]:
        context |= face_pages.standing(session)
    context |= _chosen(request, board, rows) | _section(request, board) | _asked(request, board)
    starts: dict[str, Any] = starting(board.fingerprint, context["waiting"], context["last"])
    context["page_forms"] = forms = PageForms(request.actor, session, _standing(context), posted, **starts)
    if context["faults"]:
        kept = isinstance(posted, KeepPairing) and "keep_pairing" in forms
        ticked = context["ticked_form"] = forms["keep_pairing" if kept else "apply_repair"]
        keys = ticked["faults"].value() if ticked.is_bound else [row.key for row in context["faults"] if row.ticked]
        context["ticked_faults"] = set(keys or ())
    context["marked"] = {one.pk for one in _marked(board, request)}
    return render(request, "pairing/pairing.html", context)


def _standing(context: dict[str, Any]) -> list[type[ActionForm]]:
    """The forms for which the page has something; a refusal of another one is told at its head."""
    has: dict[type[ActionForm], Any] = {
        SettleFaces: context["faces_asked"],
        NoteConsents: context["may_compare"],
        WithdrawConsent: context["may_compare"],
        ApplyRepair: context["faults"],
        KeepPairing: context["faults"],
        RebindFrame: context["rebindable"],
        EnterClock: context["cameras"],
        AgreeRepair: context["waiting"],
        WithdrawRepair: context["waiting"],
        UndoRepair: context["last"],
    }
    return [kind for kind, what in has.items() if what]


def _session(request: SignedInRequest, pk: int) -> CaptureSession:
    asking = Alarm.objects.filter(session=OuterRef("pk"), kind=FACES, settled_at=None)
    sessions = CaptureSession.objects.select_related("campaign__school", "campaign__rule_set")
    return get_scoped(request.actor, sessions.annotate(faces_asked=Exists(asking)), pk=pk)


def _chosen(request: SignedInRequest, board: Board, rows: list[queries.FaultRow]) -> dict[str, Any]:
    """The fault whose difference is shown: the one asked for, else the first."""
    wanted = request.GET.get("fault", "")
    row = next((one for one in rows if one.key == wanted), rows[0] if rows else None)
    if row is None:
        return {"chosen": None}
    here = page_of(queries.differences(board, row.fault), SHEET, request.GET.get("page"))
    place = rows.index(row)
    return {
        "chosen": row,
        "differences": here,
        "fault_before": rows[place - 1].key if place else None,
        "fault_after": rows[place + 1].key if place + 1 < len(rows) else None,
    }


def _section(request: SignedInRequest, board: Board) -> dict[str, Any]:
    zoom = _number(request, "zoom")
    zoom = zoom if zoom in timeline.ZOOMS else timeline.ZOOMS[1]
    cells = timeline.overview(board, zoom)
    if "section" in request.GET:
        wanted = _number(request, "section") or 0
    else:
        wanted = timeline.section_of(board, _first_person(board, request), zoom)
    section = min(wanted, max(0, len(cells) - 1))
    drawing, people, frames = timeline.draw(board, section, zoom)
    return {
        "zoom": zoom,
        "zooms": timeline.ZOOMS,
        "cells": cells,
        "section": section,
        "section_before": section - 1 if section else None,
        "section_after": section + 1 if section + 1 < len(cells) else None,
        "drawing": drawing,
        "people": [(one, board.held.get(one.pk, [])) for one in people],
        "rebindable": [
            (frame, board.check_ins.get(frame.check_in_id or 0))
            for frame in sorted(frames, key=lambda frame: (frame.check_in_id is not None, frame.pk))
        ],
    }


def _marked(board: Board, request: SignedInRequest) -> list[CheckIn]:
    """The run of shooting numbers that another page points to (``first``, ``last``), e.g. an errata case."""
    first, last = _number(request, "first"), _number(request, "last")
    if first is None or last is None:
        return []
    return [one for one in board.check_ins.values() if first <= one.shooting_number <= last]


def _first_person(board: Board, request: SignedInRequest) -> int | None:
    """The first of a marked run, else who is concerned by the fault asked for, else by the first of all."""
    if marked := _marked(board, request):
        return min(marked, key=lambda one: one.shooting_number).pk
    wanted = request.GET.get("fault", "")
    chosen = [fault for fault in board.mendable if fault_key(fault) == wanted] or board.mendable
    keys = [key for fault in chosen[:1] for key in fault.check_in_keys]
    return int(keys[0]) if keys else None


def _asked(request: SignedInRequest, board: Board) -> dict[str, Any]:
    rows = page_of(queries.question_rows(board), QUESTIONS, request.GET.get("questions"))
    return {"questions": rows}


def _number(request: SignedInRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None


@page("pairing.repair")
@require_POST
def compare(request: SignedInRequest, pk: int) -> HttpResponse:
    """Compare the faces of the session, where the rule set permits it."""
    job = faces.compare_faces(request.actor, _session(request, pk))
    return redirect("core:job", pk=job.pk)
