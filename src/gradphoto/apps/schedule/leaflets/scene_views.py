"""The form filled at the scene and the sign at the door, session by session (R50, R132)."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import get_scoped
from gradphoto.apps.schedule.leaflets import scene
from gradphoto.apps.schedule.models import CaptureSession
from gradphoto.apps.schedule.views import paper_response


def _session(request: SignedInRequest, pk: int) -> CaptureSession:
    return get_scoped(request.actor, CaptureSession.objects.select_related("room", "campaign__school"), pk=pk)


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
