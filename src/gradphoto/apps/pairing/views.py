"""The page of a session's pairing: timeline, proposal, difference, questions, rebinding by hand, history."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from gradphoto.apps.capture.models import CheckIn, Frame
from gradphoto.apps.capture.room.clocks import record_camera_clock
from gradphoto.apps.core.errors import invalid
from gradphoto.apps.core.wording import say
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import get_scoped, scoped
from gradphoto.apps.pairing import actions, faces, queries, timeline
from gradphoto.apps.pairing.board import Board, board_of, fault_key
from gradphoto.apps.pairing.gates import keep_pairing
from gradphoto.apps.pairing.models import Repair, RepairState
from gradphoto.apps.schedule.models import CaptureSession
from gradphoto.engine.wording import Wording

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHEET = 24
QUESTIONS = 40
FAULTS = 100


@page("pairing.repair")
def pairing(request: SignedInRequest, pk: int) -> HttpResponse:
    """The session's pairing in one section of its timeline, with the proposal; ``format=xlsx`` gives the proposal."""
    session = _session(request, pk)
    board = board_of(session)
    if request.GET.get("format") == "xlsx":
        response = HttpResponse(queries.workbook(board), content_type=XLSX)
        response.headers["Content-Disposition"] = f'attachment; filename="pairing-{pk}.xlsx"'
        return response
    repairs = list(queries.history(session)[:20])
    rows = queries.fault_rows(board)
    context: dict[str, Any] = {
        "session": session,
        "board": board,
        "faults": rows[:FAULTS],
        "more_faults": max(0, len(rows) - FAULTS),
        "told": queries.told_rows(board)[:FAULTS],
        "waiting": next((one for one in repairs if one.state == RepairState.AWAITS_SECOND), None),
        "last": next((one for one in repairs if one.state == RepairState.APPLIED), None),
        "repairs": repairs,
        "cameras": queries.cameras(board),
        "four_eyes": actions.four_eyes(session.campaign),
        "faces": faces.hints_of(session),
        "may_compare": faces.policy_of(session.campaign).permitted,
    }
    context |= _chosen(request, board, rows) | _section(request, board) | _asked(request, board)
    context["marked"] = {one.pk for one in _marked(board, request)}
    return render(request, "pairing/pairing.html", context)


def _session(request: SignedInRequest, pk: int) -> CaptureSession:
    sessions = CaptureSession.objects.select_related("campaign__school", "campaign__rule_set")
    return get_scoped(request.actor, sessions, pk=pk)


def _chosen(request: SignedInRequest, board: Board, rows: list[queries.FaultRow]) -> dict[str, Any]:
    """The fault whose difference is shown: the one asked for, else the first."""
    wanted = request.GET.get("fault", "")
    row = next((one for one in rows if one.key == wanted), rows[0] if rows else None)
    if row is None:
        return {"chosen": None}
    here = Paginator(queries.differences(board, row.fault), SHEET).get_page(request.GET.get("page"))
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
    rows = Paginator(queries.question_rows(board), QUESTIONS).get_page(request.GET.get("questions"))
    return {"questions": rows}


def _number(request: SignedInRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None


@page("pairing.repair")
@require_POST
def apply(request: SignedInRequest, pk: int) -> HttpResponse:
    """Carry out what is ticked."""
    session = _session(request, pk)
    repair = actions.apply_repair(
        request.actor,
        session,
        fingerprint=request.POST.get("fingerprint", ""),
        faults=set(request.POST.getlist("fault")),
        reason=request.POST.get("reason", ""),
    )
    return _told(request, pk, repair)


@page("pairing.repair")
@require_POST
def rebind(request: SignedInRequest, pk: int) -> HttpResponse:
    """Give one frame to the person with a shooting number, or to nobody."""
    session = _session(request, pk)
    wanted, number = request.POST.get("frame", ""), request.POST.get("number", "").strip()
    frame = get_scoped(request.actor, Frame, pk=int(wanted) if wanted.isdigit() else 0, session=session)
    check_in = None
    if number:
        found = scoped(request.actor, CheckIn).filter(session=session, shooting_number=_shooting_number(number))
        check_in = found.first()
        if check_in is None:
            raise invalid(
                "capture.repair_number_unknown",
                f"本场次没有拍摄序号 {number[:12]}。",
                f"This session has no shooting number {number[:12]}.",
                "请核对序号；留空表示不对应任何人。",
                "Check the number; leave it empty for nobody.",
            )
    repair = actions.rebind_frame(
        request.actor,
        session,
        fingerprint=request.POST.get("fingerprint", ""),
        frame=frame,
        check_in=check_in,
        exchange=request.POST.get("exchange") == "on",
        reason=request.POST.get("reason", ""),
    )
    return _told(request, pk, repair)


def _shooting_number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else -1


def _told(request: SignedInRequest, pk: int, repair: Repair) -> HttpResponse:
    if repair.state == RepairState.AWAITS_SECOND:
        said = Wording("已记录，等待第二人同意后执行。", "Recorded; it is carried out when a second person agrees.")
    else:
        said = Wording("已修复；涉及的人须重新现场确认。", "Repaired; the persons concerned are confirmed anew.")
    messages.success(request, say(said))
    return redirect("pairing:board", pk=pk)


@page("pairing.repair")
@require_POST
def compare(request: SignedInRequest, pk: int) -> HttpResponse:
    """Compare the faces of the session, where the rule set permits it."""
    job = faces.compare_faces(request.actor, _session(request, pk))
    return redirect("core:job", pk=job.pk)


@page("pairing.repair")
@require_POST
def keep(request: SignedInRequest, pk: int) -> HttpResponse:
    """The ticked faults are none: the record stays as it is."""
    keep_pairing(
        request.actor,
        _session(request, pk),
        fingerprint=request.POST.get("fingerprint", ""),
        faults=request.POST.getlist("fault"),
        reason=request.POST.get("reason", ""),
    )
    messages.success(request, say(Wording("已保留原样，不再作为建议。", "Kept as it is; it is proposed no more.")))
    return redirect("pairing:board", pk=pk)


@page("pairing.repair")
@require_POST
def clock(request: SignedInRequest, pk: int) -> HttpResponse:
    """How far a camera's clock is ahead, as somebody read it off both; the proposal is made anew by it."""
    session = _session(request, pk)
    before, slash, after = request.POST.get("camera", "").partition("/")
    camera, chair = (after, max(1, _shooting_number(before))) if slash else (before, 1)
    if not session.frames.filter(chair=chair, camera_serial=camera).exists():
        raise Http404
    try:
        seconds = float(request.POST.get("seconds", "").strip().replace("，", ".").replace(",", "."))
    except ValueError:
        seconds = float("nan")  # which the action refuses, with the sentence that helps
    record_camera_clock(request.actor, session, camera_serial=camera, offset_s=seconds, by_hand=True, chair=chair)
    messages.success(request, say(Wording("已记录，建议已按此重新计算。", "Kept; the proposal was made anew by it.")))
    return redirect(reverse("pairing:board", args=[pk]))


@page("pairing.repair")
@require_POST
def decide(request: SignedInRequest, pk: int) -> HttpResponse:
    """Agree to a waiting repair, withdraw it, or undo the last one."""
    session = _session(request, pk)
    wanted, step = request.POST.get("repair", ""), request.POST.get("step", "")
    repair = get_scoped(request.actor, Repair, pk=int(wanted) if wanted.isdigit() else 0, session=session)
    reason = request.POST.get("reason", "")
    if step == "agree":
        return _told(request, pk, actions.agree_repair(request.actor, session, repair=repair))
    if step == "withdraw":
        actions.withdraw_repair(request.actor, session, repair=repair, reason=reason)
        said = Wording("已撤回，没有改动。", "Withdrawn; nothing was changed.")
    elif step == "undo":
        actions.undo_repair(request.actor, session, repair=repair, reason=reason)
        said = Wording("已恢复到修复之前。", "As it was before the repair.")
    else:
        raise Http404
    messages.success(request, say(said))
    return redirect(reverse("pairing:board", args=[pk]))
