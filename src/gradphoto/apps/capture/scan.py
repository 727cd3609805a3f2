"""A scanned code on the station's page: from a keyboard-wedge scanner, or typed."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.views.decorators.http import require_POST

from gradphoto.apps.capture import actions
from gradphoto.apps.capture.forms import ScanForm, sent
from gradphoto.apps.capture.identify import identify
from gradphoto.apps.capture.room.pages import asked_chair, to_chair
from gradphoto.apps.core.wording import say
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import get_scoped
from gradphoto.apps.schedule.models import CaptureSession


@page("capture.watch")
@require_POST
def scan(request: SignedInRequest, pk: int) -> HttpResponse:
    """Check in whom the code names, or hold them. The code comes in the body, never in an address."""
    session = get_scoped(request.actor, CaptureSession.objects.select_related("campaign__rule_set"), pk=pk)
    found = identify(session, sent(request, ScanForm)["code"])
    chair = asked_chair(request, session)
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
