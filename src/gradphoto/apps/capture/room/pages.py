"""The room's screen and its keys. By htmx each answer is the screen itself, so that the page never reloads."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import transaction
from django.db.models import Prefetch
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from gradphoto.apps.capture import actions, queries, stamps
from gradphoto.apps.capture.appearance import lines_of
from gradphoto.apps.capture.assessments import present_assessment
from gradphoto.apps.capture.drawing import draw
from gradphoto.apps.capture.forms import (
    AlarmForm,
    CheckInForm,
    CheckInStepForm,
    DecideFrameForm,
    FindPersonForm,
    FrameForm,
    HoldForm,
    SessionStepForm,
    sent,
    told_beside,
)
from gradphoto.apps.capture.models import (
    Alarm,
    Assessment,
    CameraClock,
    CheckIn,
    CheckInStatus,
    Frame,
    FrameStatus,
    Hold,
    HoldReason,
    Identification,
)
from gradphoto.apps.capture.news import awaited_stamp
from gradphoto.apps.capture.providers import ask_second_look
from gradphoto.apps.capture.room import screen
from gradphoto.apps.capture.room.chairs import chairs_here, chairs_of
from gradphoto.apps.capture.room.clock_code import draw_code
from gradphoto.apps.capture.room.confirming import asks_first
from gradphoto.apps.capture.room.frames import judge_if_new
from gradphoto.apps.capture.room.notices import refusal_kept, standing
from gradphoto.apps.capture.room.seating import person_of
from gradphoto.apps.capture.room.steps import last_step
from gradphoto.apps.capture.room_clock import room_now
from gradphoto.apps.capture.room_state import troubles
from gradphoto.apps.capture.verdicts import assess, standard_of
from gradphoto.apps.core.actions import REGISTRY, offered
from gradphoto.apps.core.errors import invalid
from gradphoto.apps.core.prepared import Prepared
from gradphoto.apps.core.wording import say
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.permissions import holds
from gradphoto.apps.orgs.scope import get_scoped
from gradphoto.apps.pages.first_rows import first_rows
from gradphoto.apps.pages.forms import sent_form, sent_values
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.schedule.models import CaptureSession, SessionStatus
from gradphoto.engine.wording import Wording

SESSION_STEPS = ("capture.open_session", "capture.close_session", "capture.reopen_session")
_QUEUE = 5
_MEANWHILE = 12
_BESIDE = 6
_MOST_ALARMS = 2
"""So many stand on the screen, the gravest first: it has room for them above who sits there, and one is settled at a time."""


@page("capture.watch")
def session_page(request: SignedInRequest, pk: int) -> HttpResponse:
    """The screen: who is in the chair, the frame and its verdict, the queue, holds and alarms.

    The page asks and is answered when something has happened (``news``); an answer without news is empty, so that
    nothing flickers and nothing half typed is lost.
    """
    session = get_scoped(request.actor, CaptureSession.objects.select_related("campaign__school", "room"), pk=pk)
    chair = asked_chair(request, session)
    if request.htmx and request.htmx.target == "found":
        return render(request, "capture/room/found.html", _found(request, session, chair))
    seen, waits = request.GET.get("seen", ""), "wait" in request.GET
    stamp = awaited_stamp(session, seen, chair) if request.htmx and waits else stamps.stamp(session, chair)
    if request.htmx and seen == stamp:
        return HttpResponse(status=204)
    context = _screen(request, session, chair) | _found(request, session, chair) | {"stamp": stamp}
    return render(request, "capture/station_live.html" if request.htmx else "capture/station.html", context)


def asked_chair(request: SignedInRequest, session: CaptureSession) -> int:
    """The chair whose screen it is (``?chair=2``); without it this computer's first."""
    wanted = request.GET.get("chair", "")
    if not wanted:
        here = chairs_here(session)
        return here[0] if here else 1
    if not wanted.isdecimal() or len(wanted) > 3:
        raise Http404
    chair = int(wanted)
    if not 1 <= chair <= session.chairs and chair not in chairs_of(session):
        raise Http404
    return chair


def to_chair(session_pk: int, chair: int) -> HttpResponse:
    """Back to the screen of a chair."""
    address = reverse("capture:session", args=[session_pk])
    return redirect(address if chair == 1 else f"{address}?chair={chair}")


def _found(request: SignedInRequest, session: CaptureSession, chair: int) -> dict[str, Any]:
    """Who is looked for by hand: posted, as people type ID numbers there, too, and these stand in no address."""
    form = sent_form(request, FindPersonForm)
    wanted = form.cleaned_data["q"] if form.is_bound and form.is_valid() else request.GET.get("q", "")
    return {"session": session, "chair": chair, "wanted": wanted.strip(), "found": queries.search(session, wanted)}


def room_of(session: CaptureSession, number: int) -> screen.Room:
    """What stands at a chair."""
    chair = queries.in_chair(session, number)
    before = None if chair else queries.just_left(session, number)
    seated = chair or before
    frame = queries.last_frame(seated) if seated else None
    told = standing(session, number)
    return screen.Room(
        session=session,
        chair=chair,
        before=before,
        frame=frame,
        drawing=draw(frame, present_assessment(frame)) if frame else None,
        holds=queries.here(session, _HOLDS, chair=number),
        alarms=screen.gravest_first(queries.here(session, _ALARMS, chair=number)),
        notices=[one for one in told if chair is not None or one.code != "capture.chair_occupied"],
        troubles=troubles(session),
    )


def _screen(request: SignedInRequest, session: CaptureSession, number: int) -> dict[str, Any]:
    room = room_of(session, number)
    chair, before, banner = room.chair, room.before, screen.banner(room)
    seated = chair or before
    waiting = queries.next_at(session, number, _QUEUE + 1)
    queue = [one for one in waiting if chair is None or one.pk != chair.candidate_id]
    class_name = seated.candidate.class_name if seated else queue[0].class_name if queue else ""
    away = [one for one in queries.not_come(session, class_name) if chair is None or one.pk != chair.candidate_id]
    step = last_step(session, number) if session.status == SessionStatus.OPEN else None
    return {
        "session": session,
        "room": room,
        "banner": banner,
        "alarm_tones": f"{'stop' if banner.tone == 'stop' and not room.holds else 'attention'},attention",
        "works": holds(request.user, "capture.work"),  # who only watches sees the room and no key of it
        "steps": [name for name in offered(request.actor, session) if name in SESSION_STEPS],
        "count": actions.count_session(session),
        "queue": queue[:_QUEUE],
        "class_name": class_name,
        "appearance": lines_of(seated.candidate) if seated else [],
        "away": away,
        "step": step,
        "may_confirm": bool(before) and "capture.confirm_check_in" in offered(request.actor, before),
        "retake_reasons": _retake_reasons(room),
        "cancel_reasons": screen.CANCEL_REASONS,
        "admit_reasons": screen.ADMIT_REASONS.get(HoldReason(room.holds[0].reason), []) if room.holds else [],
        "send_reasons": screen.SEND_REASONS,
        "alarms_shown": room.alarms[:_MOST_ALARMS],
        "alarms_left": max(0, len(room.alarms) - _MOST_ALARMS),
        "alarm_notes": screen.notes_for(room.alarms),
        "bindable": _bindable(room),
        "last_file": _LAST_FILE.first(session=session.pk, chair=number),
        "clocks": _CLOCKS.all(session=session.pk, chair=number),
        "chairs": chairs_of(session) if session.chairs > 1 else [],
        **_beside(before),
        "meanwhile": first_rows(queries.here(session, _TAKEN_MEANWHILE, chair=number), _MEANWHILE),
    }


_HOLDS: Prepared[Hold] = Prepared(
    lambda session, chair: Hold.objects.filter(session=session, chair=chair, decision="").select_related(
        "candidate__department"
    )
)
_ALARMS: Prepared[Alarm] = Prepared(
    lambda session, chair: Alarm.objects.filter(session=session, chair=chair, settled_at=None).select_related("frame")
)
_LAST_FILE: Prepared[Frame] = Prepared(
    lambda session, chair: Frame.objects.filter(session=session, chair=chair).order_by("-arrived_at", "-pk")[:1]
)
_CLOCKS: Prepared[CameraClock] = Prepared(
    lambda session, chair: CameraClock.objects.filter(session=session, chair=chair)[:4]
)
_TAKEN_MEANWHILE: Prepared[Frame] = Prepared(
    lambda session, chair: Frame.objects.filter(
        session=session, chair=chair, status=FrameStatus.UNBOUND, evidence__meanwhile=True
    )[: _MEANWHILE + 1]
)


def _beside(before: CheckIn | None) -> dict[str, Any]:
    """The frames beside the accepted one of who was just photographed, and the best of them if it is better."""
    if before is None or before.status != CheckInStatus.SHOT:
        return {"beside": [], "better": None}
    frames = list(before.frames.prefetch_related(Prefetch("assessments", Assessment.objects.filter(current=True))))
    accepted = next((one for one in frames if one.status == FrameStatus.ACCEPTED), None)
    others = [one for one in frames if one is not accepted]
    best = min((one for one in others if one.assessments.all()), key=_severity, default=None)
    if accepted is None or best is None or _severity(best) >= _severity(accepted):
        best = None
    return {"beside": others[-_BESIDE:], "better": best}


def _severity(frame: Frame) -> int:
    found = frame.assessments.all()
    return found[0].severity if found else 0


def _retake_reasons(room: screen.Room) -> list[Wording]:
    """What the engine found first, then what only a person sees."""
    worst = room.drawing.worst if room.drawing else None
    return [*([worst.sentence] if worst else []), *screen.RETAKE_REASONS]


def _bindable(room: screen.Room) -> list[tuple[CheckIn, Frame | None]]:
    """To whom the frame of the newest alarm may belong: who is in the chair, who was there last."""
    frame = room.alarms[0].frame if room.alarms else None
    if frame is None or frame.status != FrameStatus.UNBOUND:
        return []
    people = [one for one in (room.chair, queries.just_left(room.session, frame.chair)) if one is not None]
    return [(one, queries.last_frame(one)) for one in people if one.status in ("open", "shot")]


@page("capture.watch")
@require_POST
def session_step(request: SignedInRequest, pk: int) -> HttpResponse:
    """Open a session; what ends it, begins it anew or on another day is asked on a page of its own."""
    session = get_scoped(request.actor, CaptureSession, pk=pk)
    step = sent_values(request, SessionStepForm)["step"]
    if step not in SESSION_STEPS:
        raise invalid("capture.step", "未知操作。", "Unknown step.", "请刷新页面。", "Reload the page.")
    if asks_first(session, step):
        return redirect("capture:session_confirm", pk=pk, step=step.removeprefix("capture."))
    REGISTRY[step].function(request.actor, session)
    return to_chair(pk, asked_chair(request, session))


@page("capture.watch")
@require_POST
def check_in(request: SignedInRequest, pk: int) -> HttpResponse:
    """Check a person in by hand; the form's nonce keeps a double click from doing it twice."""
    session = get_scoped(request.actor, CaptureSession.objects.select_related("campaign"), pk=pk)
    given = sent(request, CheckInForm)
    candidate = get_scoped(request.actor, Candidate, pk=given["candidate"], campaign=session.campaign)
    chair = asked_chair(request, session)
    with refusal_kept(request.actor, session, chair, of=person_of(session, None, candidate)):
        actions.check_in(
            request.actor,
            session,
            candidate=candidate,
            method=Identification.MANUAL,
            nonce=given["nonce"] or uuid.uuid4(),
            again_reason=given["again_reason"],
            chair=chair,
        )
    return to_chair(pk, chair)


@page("capture.watch")
@require_POST
@told_beside
def upload_frame(request: SignedInRequest, pk: int) -> HttpResponse:
    """A frame by the browser, where no hot folder is at hand: kept, bound, measured."""
    session = get_scoped(request.actor, CaptureSession.objects.select_related("campaign__rule_set"), pk=pk)
    upload = sent(request, FrameForm)["frame"]
    data, chair, name = upload.data, asked_chair(request, session), upload.name or "frame.jpg"
    frame = actions.receive_frame(request.actor, session, data=data, file_name=name, by_hand=True, chair=chair)
    if not frame.assessments.exists():
        measured = assess(data, standard_of(session.campaign))
        actions.record_assessment(request.actor, frame, assessment=measured)
    return to_chair(pk, chair)


@page("capture.watch")
@require_POST
@told_beside
def decide_frame(request: SignedInRequest, pk: int) -> HttpResponse:
    """Accept or reject a frame, or take it with the wish that somebody looks at it in the review."""
    frame = get_scoped(request.actor, Frame.objects.select_related("check_in", "session"), pk=pk)
    given = sent(request, DecideFrameForm)
    decision = given["decision"]
    if decision == "hold" and frame.check_in is not None:
        with transaction.atomic():
            if frame.status != FrameStatus.ACCEPTED:
                actions.accept_frame(request.actor, frame.check_in, frame=frame)
            ask_second_look(request.actor, frame)
    elif decision == "bind":
        _take_for_chair(request, frame, given["check_in"])
    elif decision == "accept" and frame.check_in is not None:
        actions.accept_frame(request.actor, frame.check_in, frame=frame)
    else:
        actions.reject_frame(request.actor, frame, reason=given["reason"] or _why(frame))
    return to_chair(frame.session_id, frame.chair)


def _take_for_chair(request: SignedInRequest, frame: Frame, seated: int | None) -> None:
    """A frame taken while the station did not work is the person's in the chair: somebody who was there says so."""
    chair = queries.in_chair(frame.session, frame.chair)
    if chair is None or chair.pk != seated:
        raise invalid(
            "capture.chair_changed",
            "座位上已不是这个人。",
            "Somebody else is in the chair now.",
            "请在“核查对应”中处理这张照片。",
            "Look at the pairing and decide there.",
        )
    said = say(Wording("停机期间拍摄，现场确认", "Taken while the station did not work; confirmed on site"))
    actions.bind_frame(request.actor, frame, check_in=chair, reason=said)
    judge_if_new(request.actor, frame)


def _why(frame: Frame) -> str:
    """The reason for another frame, when the operator gives none: what the engine found first."""
    verdict = present_assessment(frame)
    findings = verdict.findings if verdict else []
    return findings[0]["sentence"]["zh"][:200] if findings else say(Wording("现场重拍", "Retake on site"))


@page("capture.watch")
@require_POST
@told_beside
def check_in_step(request: SignedInRequest, pk: int) -> HttpResponse:
    """Confirm, retake or cancel a check-in, or say that the person left without a photograph."""
    found = get_scoped(request.actor, CheckIn, pk=pk)
    given = sent(request, CheckInStepForm)
    step, reason = given["step"], given["reason"]
    if step == "confirm":
        # One key confirms only the face that stands large on the screen; any other is looked at on the contact sheet.
        large = queries.just_left(found.session, found.chair) == found
        actions.confirm_check_in(request.actor, found, shown=None if large else {})
    elif step == "leave":
        actions.leave_chair(request.actor, found)
    elif step == "retake":
        last = queries.last_frame(found)
        actions.retake(request.actor, found, reason=reason or (_why(last) if last else ""))
    else:
        actions.cancel_check_in(request.actor, found, reason=reason)
    return to_chair(found.session_id, found.chair)


@page("capture.watch")
@require_POST
@told_beside
def decide_hold(request: SignedInRequest, pk: int) -> HttpResponse:
    """Admit or send away somebody who was held."""
    hold = get_scoped(request.actor, Hold.objects.select_related("session__campaign", "candidate"), pk=pk)
    given = sent(request, HoldForm)
    actions.decide_hold(request.actor, hold, admit=given["decision"] == "admit", reason=given["reason"])
    return to_chair(hold.session_id, hold.chair)


@page("capture.watch")
@require_POST
@told_beside
def settle_alarm(request: SignedInRequest, pk: int) -> HttpResponse:
    """Say what an alarm was; with ``frame`` what becomes of its frame as well: ``reject``, or the owner's check-in."""
    alarm = get_scoped(request.actor, Alarm.objects.select_related("frame"), pk=pk)
    given = sent(request, AlarmForm)
    wanted, note = given["frame"], given["note"]
    with transaction.atomic():
        if alarm.frame is not None and wanted == "reject":
            note = note or say(screen.ALARM_NOTES[0])
            actions.reject_frame(request.actor, alarm.frame, reason=note)
        elif alarm.frame is not None and wanted.isdigit():
            owner = get_scoped(request.actor, CheckIn, pk=int(wanted), session=alarm.session_id)
            note = note or say(Wording(f"是 {owner.number_label} 的照片", f"It is the frame of {owner.number_label}"))
            actions.bind_frame(request.actor, alarm.frame, check_in=owner, reason=note)
            judge_if_new(request.actor, alarm.frame)
        actions.settle_alarm(request.actor, alarm, note=note)
    return to_chair(alarm.session_id, alarm.chair)


@page("capture.work")
@require_POST
def choose_frame(request: SignedInRequest, pk: int) -> HttpResponse:
    """Another frame of the person who was just photographed counts."""
    frame = get_scoped(request.actor, Frame.objects.select_related("check_in"), pk=pk)
    if frame.check_in is None:
        raise Http404
    actions.choose_frame(request.actor, frame.check_in, frame=frame)
    return to_chair(frame.session_id, frame.chair)


@page("capture.watch")
def clock_code(request: SignedInRequest, pk: int) -> HttpResponse:
    """The clock code of this very moment, to be photographed."""
    session = get_scoped(request.actor, CaptureSession, pk=pk)
    return HttpResponse(draw_code(session.pk, room_now()), content_type="image/svg+xml")


@page("capture.watch")
@require_POST
def undo(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take the last step back."""
    session = get_scoped(request.actor, CaptureSession, pk=pk)
    chair = asked_chair(request, session)
    actions.undo_step(request.actor, session, chair=chair)
    return to_chair(pk, chair)


@page("capture.watch")
@require_POST
def clear_notices(request: SignedInRequest, pk: int) -> HttpResponse:
    """What the devices said has been read."""
    session = get_scoped(request.actor, CaptureSession, pk=pk)
    chair = asked_chair(request, session)
    actions.clear_notices(request.actor, session, chair=chair)
    return to_chair(pk, chair)
