"""Face hints on pages: side by side in the room, before the checker and on the board; the photograph on file beside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_GET

from gradphoto.apps.capture.models import Alarm
from gradphoto.apps.capture.room.sessions import FACES
from gradphoto.apps.core import blobs
from gradphoto.apps.core.models import Job
from gradphoto.apps.core.slots import fills
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import get_scoped
from gradphoto.apps.pairing.face_people import consenting, people_of, policy_of
from gradphoto.apps.pairing.faces import COMPARING, hints_of, hints_with_people, most_urgent_first
from gradphoto.apps.pairing.models import FaceConsent, FaceHint
from gradphoto.apps.pairing.providers import references_of
from gradphoto.apps.schedule.models import CaptureSession


def standing(session: CaptureSession) -> dict[str, Any]:
    """What the board says of the comparison itself: how many may be compared, with what, and how the last one went."""
    agreed = consenting(session)
    return {
        "consents": len(agreed),
        "people_here": people_of(session).count(),
        "on_file": len(references_of(agreed)),
        "last_comparison": Job.objects.filter(kind=COMPARING, params__session=session.pk)
        .order_by("-created_at")
        .first(),
    }


@fills("room.alarm")
def beside_alarm(request: HttpRequest, alarms: Sequence[Alarm], **_: object) -> Mapping[Any, SafeString]:
    """In the dialog of an alarm: the faces that it speaks of."""
    asked = [alarm.pk for alarm in alarms if alarm.kind == FACES]
    if not asked:
        return {}
    shown: dict[int, list[FaceHint]] = {}
    for hint in hints_with_people(FaceHint.objects.filter(alarm__in=asked)).order_by("-score"):
        shown.setdefault(hint.alarm_id or 0, []).append(hint)
    return {pk: _drawn(hints[:_IN_A_DIALOG], request, left=len(hints[_IN_A_DIALOG:])) for pk, hints in shown.items()}


@fills("check.panels")
def before_checker(request: HttpRequest, sessions: Sequence[CaptureSession], **_: object) -> Mapping[Any, SafeString]:
    """Before the contact sheet: what nobody has looked at yet."""
    found = {}
    for session in sessions:
        if policy_of(session.campaign).permitted and (asking := [one for one in hints_of(session) if one.asks]):
            shown = most_urgent_first(asking)[:_BEFORE_CHECKER]
            found[session.pk] = _drawn(shown, request, board=session, left=len(asking) - len(shown))
    return found


_BEFORE_CHECKER = 6
_IN_A_DIALOG = 2


def _drawn(
    hints: list[FaceHint], request: HttpRequest, *, board: CaptureSession | None = None, left: int = 0
) -> SafeString:
    context = {"faces": hints, "board": board, "caveat": True, "left": left}
    return mark_safe(render_to_string("pairing/face_pairs.html", context, request=request))  # noqa: S308


@page("capture.see")
@require_GET
def on_file(request: SignedInRequest, pk: int) -> HttpResponse:
    """The photograph on file that a hint speaks of: only while the rule, the consent and the hint stand."""
    hints = hints_with_people(FaceHint.objects.select_related("session__campaign__rule_set"))
    hint = get_scoped(request.actor, hints, pk=pk)
    agreed = FaceConsent.objects.filter(candidate=hint.reference_of, withdrawn_at=None).values_list(
        "candidate", flat=True
    )
    blob = next(iter(references_of(list(agreed)).values()), None)
    if blob is None or not hint.holds or not policy_of(hint.session.campaign).permitted:
        raise Http404
    headers = {"Cache-Control": "no-store, private", "Vary": "Cookie"}
    return HttpResponse(blobs.read(blob), content_type="image/jpeg", headers=headers)
