"""Pages around the room: the sessions, the checker's list, the missed, photographs of a person."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from gradphoto.apps.capture import actions, queries
from gradphoto.apps.capture.appearance import open_lines
from gradphoto.apps.capture.contact_sheet import Shown, ShownFaces, faces_of, first_to_see, not_shown, sheets_of
from gradphoto.apps.capture.drawing import draw
from gradphoto.apps.capture.forms import ConfirmForm, ScanForm, sent
from gradphoto.apps.capture.identify import identify
from gradphoto.apps.capture.lists import MISSED, SESSIONS
from gradphoto.apps.capture.models import (
    Assessment,
    CheckIn,
    CheckInStatus,
    Frame,
)
from gradphoto.apps.capture.previews import preview
from gradphoto.apps.capture.room.notices import refusal_kept
from gradphoto.apps.capture.room.pages import asked_chair, to_chair
from gradphoto.apps.capture.room.seating import person_of
from gradphoto.apps.core.actions import may
from gradphoto.apps.core.errors import Refusal
from gradphoto.apps.core.wording import say
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.permissions import holds
from gradphoto.apps.orgs.scope import get_scoped, scoped
from gradphoto.apps.pages.exporting import answer_export
from gradphoto.apps.pages.forms import sent_values
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.schedule.models import CaptureSession
from gradphoto.engine.wording import Wording

SESSION_STEPS = ("capture.open_session", "capture.close_session", "capture.reopen_session")


@page("capture.watch")
def session_list(request: SignedInRequest) -> HttpResponse:
    """Sessions with their counts, what is open first; all, or those of a campaign, a state or a day."""
    listing = SESSIONS.page(request)
    context = {
        "listing": listing,
        "counts": listing.lookups,  # hung on the sessions, too, for their tiles
        "may_check_appearance": holds(request.user, "capture.check_appearance"),
    }
    return render(request, "capture/list.html", context)


@page("capture.watch")
def check_list(request: SignedInRequest, pk: int) -> HttpResponse:
    """The checker's contact sheets: each person beside the photograph, in order, to be confirmed (R100)."""
    session = get_scoped(request.actor, CaptureSession, pk=pk)
    seen = ShownFaces(request.session, session)
    if request.method == "POST":
        _confirm(request, session, seen.read())
        return redirect("capture:check", pk=pk)
    faces = faces_of(session)
    sheets = sheets_of(faces)
    asked = request.GET.get("sheet", "")
    number = (
        int(asked) if asked.isdecimal() and 0 < int(asked[:9]) <= len(sheets) else first_to_see(sheets, seen.read())
    )
    sheet = sheets[number - 1]
    shown = seen.add(sheet, faces)
    mine = {face.check_in.pk for face in sheet if may(request.actor, "capture.confirm_check_in", face.check_in)}
    context = {
        "session": session,
        "faces": sheet,
        "number": number,
        "sheets": [(one, bool(not_shown(part, shown))) for one, part in enumerate(sheets, 1)],
        "awaits": sum(face.awaits for face in faces),
        "here": any(face.awaits and face.check_in.pk in mine for face in sheet),
        "mine": mine,
        "earlier": [one for one, part in enumerate(sheets[: number - 1], 1) if not_shown(part, shown)][:1],
    }
    return render(request, "capture/check.html", context)


def _confirm(request: SignedInRequest, session: CaptureSession, shown: Shown) -> None:
    """Confirm who was ticked, each by its own; whoever is refused stays, and the first reason is told."""
    waiting = scoped(request.actor, CheckIn).filter(session=session, status=CheckInStatus.SHOT)
    known = list(session.check_ins.values_list("pk", flat=True))
    ticked = waiting.filter(pk__in=sent_values(request, ConfirmForm, known=known)["check_in"]).order_by(
        "shooting_number"
    )
    confirmed, refused = 0, []
    for found in ticked:
        try:
            actions.confirm_check_in(request.actor, found, shown=shown)
            confirmed += 1
        except Refusal as error:
            refused.append(error)
    messages.success(request, say(Wording(f"已确认 {confirmed} 人。", f"{confirmed} confirmed.")))
    if refused:
        left = Wording(f"{len(refused)} 人没有确认：", f"{len(refused)} not confirmed: ")
        messages.warning(request, f"{say(left)}{say(refused[0].message)} {say(refused[0].remedy)}")


@page("capture.watch")
def missed_list(request: SignedInRequest, pk: int) -> HttpResponse:
    """The missed of a session (R104)."""
    session = get_scoped(request.actor, CaptureSession, pk=pk)
    return render(request, "capture/missed.html", {"session": session, "listing": MISSED.page(request, session=pk)})


@page("capture.watch")
def missed_export(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """The same as a file."""
    return answer_export(request, MISSED, session=get_scoped(request.actor, CaptureSession, pk=pk).pk)


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


@page("capture.watch")
@require_POST
def scan(request: SignedInRequest, pk: int) -> HttpResponse:
    """Check in whom the code names, or hold them. The code comes in the body, never in an address."""
    session = get_scoped(request.actor, CaptureSession.objects.select_related("campaign__rule_set"), pk=pk)
    chair, code = asked_chair(request, session), sent(request, ScanForm)["code"]
    with refusal_kept(request.actor, session, chair):
        found = identify(session, code)
    with refusal_kept(request.actor, session, chair, of=person_of(session, found.card, found.candidate)):
        actions.check_in(
            request.actor,
            session,
            card=found.card,
            candidate=found.candidate,
            method=found.method,
            nonce=uuid.uuid4(),
            chair=chair,
        )
    if found.caution is not None:
        messages.warning(request, say(found.caution))
    return to_chair(pk, chair)
