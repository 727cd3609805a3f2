"""Pages around the room: the sessions, the checker's list, the missed, photographs of a person."""

from __future__ import annotations

from contextlib import suppress
from datetime import date

from django.contrib import messages
from django.db.models import Count, Prefetch, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render

from gradphoto.apps.capture import actions, queries
from gradphoto.apps.capture.appearance import open_lines
from gradphoto.apps.capture.drawing import draw
from gradphoto.apps.capture.forms import ConfirmForm, sent
from gradphoto.apps.capture.models import (
    Assessment,
    CheckIn,
    CheckInStatus,
    Frame,
    FrameStatus,
)
from gradphoto.apps.capture.previews import preview
from gradphoto.apps.core.actions import may
from gradphoto.apps.core.errors import Refusal
from gradphoto.apps.core.wording import say
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.permissions import holds
from gradphoto.apps.orgs.scope import get_scoped, scoped
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.schedule.models import CaptureSession, SessionStatus
from gradphoto.engine.wording import Wording

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SESSION_STEPS = ("capture.open_session", "capture.close_session", "capture.reopen_session")


@page("capture.watch")
def session_list(request: SignedInRequest) -> HttpResponse:
    """All sessions with their counts, or those of a campaign, a state or a day."""
    done = Q(check_ins__status__in=queries.DONE)
    sessions = scoped(request.actor, CaptureSession).select_related("campaign__school")
    if request.GET.get("status") in SessionStatus.values:
        sessions = sessions.filter(status=request.GET["status"])
    if (campaign := request.GET.get("campaign", "")).isdecimal():
        sessions = sessions.filter(campaign=int(campaign[:18]))
    with suppress(ValueError):
        sessions = sessions.filter(date=date.fromisoformat(request.GET.get("day", "")))
    sessions = sessions.annotate(photographed=Count("check_ins", filter=done, distinct=True))
    rows = [(session, actions.count_session(session)) for session in sessions]
    context = {"rows": rows, "may_check_appearance": holds(request.user, "capture.check_appearance")}
    return render(request, "capture/list.html", context)


@page("capture.watch")
def check_list(request: SignedInRequest, pk: int) -> HttpResponse:
    """The checker's list: each person beside the photograph, to be confirmed (R100)."""
    session = get_scoped(request.actor, CaptureSession, pk=pk)
    if request.method == "POST":
        shot = scoped(request.actor, CheckIn).filter(session=session, status=CheckInStatus.SHOT)
        known = list(session.check_ins.values_list("pk", flat=True))
        awaiting = shot.filter(pk__in=sent(request, ConfirmForm, known=known)["check_in"])
        confirmed, refused = 0, []
        for found in awaiting:
            try:
                actions.confirm_check_in(request.actor, found)
                confirmed += 1
            except Refusal as error:
                refused.append(error)
        messages.success(request, say(Wording(f"已确认 {confirmed} 人。", f"{confirmed} confirmed.")))
        if refused:
            left = Wording(f"{len(refused)} 人没有确认：", f"{len(refused)} not confirmed: ")
            messages.warning(request, f"{say(left)}{say(refused[0].message)} {say(refused[0].remedy)}")
        return redirect("capture:check", pk=pk)
    done = session.check_ins.filter(status__in=queries.DONE).select_related("candidate__department")
    frames = {
        f.check_in_id: f
        for f in session.frames.filter(status=FrameStatus.ACCEPTED).prefetch_related(
            Prefetch("assessments", Assessment.objects.filter(current=True))
        )
    }
    rows = [(found, frames.get(found.pk)) for found in done]
    rows.sort(key=lambda row: (row[0].status == CheckInStatus.CONFIRMED, row[0].shooting_number))
    awaits = sum(found.status == CheckInStatus.SHOT for found, _ in rows)
    mine = bool(rows) and may(request.actor, "capture.confirm_check_in", rows[0][0])
    ticked = {frame.pk for _, frame in rows if frame is not None and _is_plain(frame)}
    context = {"session": session, "rows": rows, "awaits": awaits, "may_confirm": mine, "ticked": ticked}
    return render(request, "capture/check.html", context)


def _is_plain(frame: Frame) -> bool:
    """Whether the checker finds it ticked: it passed, and no evidence asks for a second look."""
    found, evidence = list(frame.assessments.all()), frame.evidence
    passed = bool(found) and found[0].outcome == "pass"
    return passed and not evidence.get("entered_afterwards") and not evidence.get("doubts")


@page("capture.watch")
def missed_list(request: SignedInRequest, pk: int) -> HttpResponse:
    """The missed of a session (R104), on a page or as xlsx."""
    session = get_scoped(request.actor, CaptureSession, pk=pk)
    people = queries.missed(session)
    if request.GET.get("format") == "xlsx":
        response = HttpResponse(queries.missed_workbook(people), content_type=XLSX)
        response.headers["Content-Disposition"] = f'attachment; filename="missed-{pk}.xlsx"'
        return response
    return render(request, "capture/missed.html", {"session": session, "people": people})


@page("capture.see")
def frame_image(request: SignedInRequest, pk: int) -> HttpResponse:
    """A small copy of a frame: ``size=thumb`` or ``preview``. The camera's own file never travels to a browser."""
    frame = get_scoped(request.actor, Frame.objects.select_related("blob"), pk=pk)
    return HttpResponse(preview(frame, request.GET.get("size", "preview")), content_type="image/jpeg")


@page("capture.see")
def person(request: SignedInRequest, pk: int) -> HttpResponse:
    """All photographs of a person with their verdicts and decisions; for htmx the fragment of the person's page."""
    candidate = get_scoped(request.actor, Candidate.objects.select_related("department", "campaign"), pk=pk)
    shots = [(frame, draw(frame, _present(frame))) for frame in queries.frames_of(candidate)]
    requests = candidate.retake_requests.filter(withdrawn_at=None).select_related("fulfilled_by", "requested_by")
    context = {"candidate": candidate, "shots": shots, "retakes": requests}
    context["appearance"] = open_lines([candidate.pk]).get(candidate.pk, [])
    return render(request, "capture/person_shots.html" if request.htmx else "capture/person.html", context)


def _present(frame: Frame) -> Assessment | None:
    return next(iter(frame.assessments.all()), None)
