"""Pages of the room: sessions, the station, the checker's list, the missed."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.db import transaction
from django.db.models import Count, Prefetch, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from gradphoto.apps.campaigns.rules import value_of
from gradphoto.apps.campaigns.settings_keys import PHOTO_PROFILE
from gradphoto.apps.capture import actions, queries
from gradphoto.apps.capture.drawing import draw
from gradphoto.apps.capture.models import (
    Alarm,
    Assessment,
    CheckIn,
    CheckInStatus,
    Frame,
    FrameStatus,
    Hold,
    Identification,
)
from gradphoto.apps.capture.news import awaited_stamp
from gradphoto.apps.capture.previews import preview
from gradphoto.apps.capture.review.actions import hold
from gradphoto.apps.capture.review.standing import Seen, present_assessment, review_of
from gradphoto.apps.capture.verdicts import assess
from gradphoto.apps.core import blobs
from gradphoto.apps.core.actions import REGISTRY, offered
from gradphoto.apps.core.errors import invalid
from gradphoto.apps.core.uploads import Kind, read_upload
from gradphoto.apps.core.wording import say
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import get_scoped, scoped
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.schedule.models import CaptureSession
from gradphoto.engine.wording import Wording

CREW = (Role.PHOTOGRAPHER, Role.SITE_STAFF, Role.REGISTRAR, Role.COLLECTION_CENTRE)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SESSION_STEPS = ("capture.open_session", "capture.close_session", "capture.reopen_session")
SEERS = (*CREW, Role.COLLEGE_OFFICER, Role.COUNSELLOR, Role.LEARNING_CENTRE, Role.HEAD_OFFICE)
"""Who may see photographs: the room's crew, and those who look after the people on them."""


@page(*CREW)
def session_list(request: SignedInRequest) -> HttpResponse:
    """All sessions with their counts."""
    done = Q(check_ins__status__in=queries.DONE)
    sessions = scoped(request.actor, CaptureSession).select_related("campaign__school")
    sessions = sessions.annotate(photographed=Count("check_ins", filter=done, distinct=True))
    rows = [(session, actions.count_session(session)) for session in sessions]
    return render(request, "capture/list.html", {"rows": rows})


@page(*CREW)
def session_page(request: SignedInRequest, pk: int) -> HttpResponse:
    """The station: who is in the chair, the frame and its verdict, the queue, holds and alarms.

    The page asks and is answered when something has happened (``news``); an answer without news is empty, so that
    nothing flickers and nothing half typed is lost.
    """
    session = get_scoped(request.actor, CaptureSession.objects.select_related("campaign__school"), pk=pk)
    seen, waits = request.GET.get("seen", ""), "wait" in request.GET
    stamp = awaited_stamp(session, seen) if request.htmx and waits else queries.stamp(session)
    if request.htmx and seen == stamp:
        return HttpResponse(status=204)
    context = _station(request, session) | {"stamp": stamp}
    template = "capture/station_live.html" if request.htmx else "capture/station.html"
    return render(request, template, context)


def _station(request: SignedInRequest, session: CaptureSession) -> dict[str, object]:
    chair = queries.in_chair(session)
    before = None if chair else queries.just_left(session)
    seated = chair or before
    frame = queries.last_frame(seated) if seated else None
    return {
        "session": session,
        "steps": [step for step in offered(request.actor, session) if step in SESSION_STEPS],
        "count": actions.count_session(session),
        "chair": chair,
        "before": before,
        "frame": frame,
        "drawing": draw(frame, present_assessment(frame)) if frame else None,
        "queue": queries.missed(session)[:8],
        "found": queries.search(session, request.GET.get("q", "")),
        "holds": session.holds.filter(decision="").select_related("candidate"),
        "alarms": session.alarms.filter(settled_at=None).select_related("frame", "check_in"),
        "meanwhile": session.frames.filter(status=FrameStatus.UNBOUND, evidence__meanwhile=True)[:12],
    }


@page(*CREW)
@require_POST
def session_step(request: SignedInRequest, pk: int) -> HttpResponse:
    """Open, close or reopen a session."""
    session = get_scoped(request.actor, CaptureSession, pk=pk)
    step = request.POST.get("step", "")
    if step not in SESSION_STEPS:
        raise invalid("capture.step", "未知操作。", "Unknown step.", "请刷新页面。", "Reload the page.")
    detail = {"reason": request.POST.get("reason", "")} if step == "capture.reopen_session" else {}
    REGISTRY[step].function(request.actor, session, **detail)
    return redirect("capture:session", pk=pk)


@page(*CREW)
@require_POST
def check_in(request: SignedInRequest, pk: int) -> HttpResponse:
    """Check a person in by hand; the form's nonce keeps a double click from doing it twice."""
    session = get_scoped(request.actor, CaptureSession.objects.select_related("campaign"), pk=pk)
    wanted = request.POST.get("candidate", "")
    candidate = get_scoped(
        request.actor, Candidate, pk=int(wanted) if wanted.isdigit() else 0, campaign=session.campaign
    )
    outcome = actions.check_in(
        request.actor,
        session,
        candidate=candidate,
        method=Identification.MANUAL,
        nonce=_nonce(request),
        again_reason=request.POST.get("again_reason", ""),
    )
    if outcome.hold is not None:
        messages.warning(request, f"{outcome.hold.name}: {outcome.hold.get_reason_display()}")
    return redirect("capture:session", pk=pk)


def _nonce(request: SignedInRequest) -> uuid.UUID:
    try:
        return uuid.UUID(request.POST.get("nonce", ""))
    except ValueError:
        return uuid.uuid4()


@page(*CREW)
@require_POST
def upload_frame(request: SignedInRequest, pk: int) -> HttpResponse:
    """A frame by the browser, where no hot folder is at hand: kept, bound, measured."""
    session = get_scoped(request.actor, CaptureSession.objects.select_related("campaign__rule_set"), pk=pk)
    upload = request.FILES.get("frame")
    if upload is None:
        raise invalid(
            "capture.no_file", "没有选择照片。", "No photo was chosen.", "请选择 JPEG 文件。", "Choose a JPEG file."
        )
    data, _ = read_upload(upload, Kind.JPEG, limit_mb=40)
    frame = actions.receive_frame(request.actor, session, data=data, file_name=upload.name or "frame.jpg")
    if not frame.assessments.exists():
        measured = assess(data, value_of(session.campaign, PHOTO_PROFILE))
        actions.record_assessment(request.actor, frame, assessment=measured)
    return redirect("capture:session", pk=pk)


@page(*CREW)
@require_POST
def decide_frame(request: SignedInRequest, pk: int) -> HttpResponse:
    """Accept or reject a frame, or take it with the wish that somebody looks at it in the review."""
    frame = get_scoped(request.actor, Frame.objects.select_related("check_in", "session"), pk=pk)
    decision = request.POST.get("decision", "")
    if decision == "hold" and frame.check_in is not None:
        with transaction.atomic():
            if frame.status != FrameStatus.ACCEPTED:
                actions.accept_frame(request.actor, frame.check_in, frame=frame)
            place, verdict = review_of(frame), present_assessment(frame)
            hold(request.actor, place, seen=Seen(place.version, verdict.pk if verdict else None))
    elif decision == "bind":
        _take_for_chair(request, frame)
    elif decision == "accept" and frame.check_in is not None:
        actions.accept_frame(request.actor, frame.check_in, frame=frame)
    else:
        actions.reject_frame(request.actor, frame, reason=request.POST.get("reason") or _why(frame))
    return redirect("capture:session", pk=frame.session_id)


def _take_for_chair(request: SignedInRequest, frame: Frame) -> None:
    """A frame taken while the station did not work is the person's in the chair: somebody who was there says so."""
    chair = queries.in_chair(frame.session)
    if chair is None or str(chair.pk) != request.POST.get("check_in"):
        raise invalid(
            "capture.chair_changed",
            "座位上已不是这个人。",
            "Somebody else is in the chair now.",
            "请在“核查对应”中处理这张照片。",
            "Look at the pairing and decide there.",
        )
    said = say(Wording("停机期间拍摄，现场确认", "Taken while the station did not work; confirmed on site"))
    with transaction.atomic():
        actions.bind_frame(request.actor, frame, check_in=chair, reason=said)
    if not frame.assessments.exists():
        measured = assess(blobs.read(frame.blob), value_of(frame.session.campaign, PHOTO_PROFILE))
        actions.record_assessment(request.actor, frame, assessment=measured)


def _why(frame: Frame) -> str:
    """The reason for another frame, when the operator gives none: what the engine found first."""
    verdict = present_assessment(frame)
    findings = verdict.findings if verdict else []
    return findings[0]["sentence"]["zh"] if findings else say(Wording("现场重拍", "Retake on site"))


@page(*CREW)
@require_POST
def check_in_step(request: SignedInRequest, pk: int) -> HttpResponse:
    """Confirm, retake or cancel a check-in, or say that the person left without a photograph."""
    found = get_scoped(request.actor, CheckIn, pk=pk)
    step = request.POST.get("step", "")
    if step == "confirm":
        actions.confirm_check_in(request.actor, found)
        return redirect("capture:check", pk=found.session_id)
    if step == "leave":
        actions.leave_chair(request.actor, found)
        return redirect("capture:session", pk=found.session_id)
    reason = request.POST.get("reason", "")
    if step == "retake":
        last = queries.last_frame(found)
        actions.retake(request.actor, found, reason=reason or (_why(last) if last else ""))
    else:
        actions.cancel_check_in(request.actor, found, reason=reason)
    return redirect("capture:session", pk=found.session_id)


@page(*CREW)
@require_POST
def decide_hold(request: SignedInRequest, pk: int) -> HttpResponse:
    """Admit or send away somebody who was held."""
    hold = get_scoped(request.actor, Hold.objects.select_related("session__campaign", "candidate"), pk=pk)
    admit = request.POST.get("decision") == "admit"
    actions.decide_hold(request.actor, hold, admit=admit, reason=request.POST.get("reason", ""))
    return redirect("capture:session", pk=hold.session_id)


@page(*CREW)
@require_POST
def settle_alarm(request: SignedInRequest, pk: int) -> HttpResponse:
    """Say what an alarm was."""
    alarm = get_scoped(request.actor, Alarm, pk=pk)
    actions.settle_alarm(request.actor, alarm, note=request.POST.get("note", ""))
    return redirect("capture:session", pk=alarm.session_id)


@page(*CREW)
def check_list(request: SignedInRequest, pk: int) -> HttpResponse:
    """The checker's list: each person beside the photograph, to be confirmed (R100)."""
    session = get_scoped(request.actor, CaptureSession, pk=pk)
    if request.method == "POST":
        ticked = [int(one) for one in request.POST.getlist("check_in") if one.isdigit()]
        for found in scoped(request.actor, CheckIn).filter(pk__in=ticked, session=session, status=CheckInStatus.SHOT):
            actions.confirm_check_in(request.actor, found)
        messages.success(request, say(Wording(f"已确认 {len(ticked)} 人。", f"{len(ticked)} confirmed.")))
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
    return render(request, "capture/check.html", {"session": session, "rows": rows})


@page(*CREW)
def missed_list(request: SignedInRequest, pk: int) -> HttpResponse:
    """The missed of a session (R104), on a page or as xlsx."""
    session = get_scoped(request.actor, CaptureSession, pk=pk)
    people = queries.missed(session)
    if request.GET.get("format") == "xlsx":
        response = HttpResponse(queries.missed_workbook(people), content_type=XLSX)
        response.headers["Content-Disposition"] = f'attachment; filename="missed-{pk}.xlsx"'
        return response
    return render(request, "capture/missed.html", {"session": session, "people": people})


@page(*SEERS)
def frame_image(request: SignedInRequest, pk: int) -> HttpResponse:
    """A small copy of a frame: ``size=thumb`` or ``preview``. The camera's own file never travels to a browser."""
    frame = get_scoped(request.actor, Frame.objects.select_related("blob"), pk=pk)
    return HttpResponse(preview(frame, request.GET.get("size", "preview")), content_type="image/jpeg")


@page(*SEERS)
def person(request: SignedInRequest, pk: int) -> HttpResponse:
    """All photographs of a person with their verdicts and decisions; for htmx the fragment of the person's page."""
    candidate = get_scoped(request.actor, Candidate.objects.select_related("department", "campaign"), pk=pk)
    shots = [(frame, draw(frame, _present(frame))) for frame in queries.frames_of(candidate)]
    requests = candidate.retake_requests.filter(withdrawn_at=None).select_related("fulfilled_by", "requested_by")
    context = {"candidate": candidate, "shots": shots, "retakes": requests}
    return render(request, "capture/person_shots.html" if request.htmx else "capture/person.html", context)


def _present(frame: Frame) -> Assessment | None:
    return next(iter(frame.assessments.all()), None)
