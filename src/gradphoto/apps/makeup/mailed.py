"""A photograph by mail or an electronic image for those in the army or abroad (R146)."""

from __future__ import annotations

import uuid

from django.utils import timezone

from gradphoto.apps.capture import actions as capture
from gradphoto.apps.capture.models import CheckIn, Identification
from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import refuse, stated_reason
from gradphoto.apps.makeup.lifecycle import UNDER_WAY
from gradphoto.apps.makeup.models import CaseStatus, MakeUpCase, Way
from gradphoto.apps.makeup.photographs import require_allowed, take_in
from gradphoto.apps.schedule.models import CaptureSession, SessionStatus

_ROOM = Actor.system("makeup")
_PLACE = "来件（邮寄照片、电子图像）"


@action("makeup.take_mailed", permission="makeup.take_mailed")
def take_mailed(actor: Actor, case: MakeUpCase, *, data: bytes, file_name: str, origin: str) -> CheckIn:
    """The picture becomes the person's frame, identified as mailed, and is always held until a person has looked.

    ``origin`` says how it came. The case follows by itself (``makeup.record_captured``). Raises
    ``makeup.not_by_mail``, ``makeup.reason_missing``, and what :func:`photographs.take_in` raises.
    """
    if case.way != Way.MAIL or case.status not in UNDER_WAY or case.status == CaseStatus.APPLIED:
        raise refuse(
            "makeup.not_by_mail",
            "此件未获准以邮寄照片或电子图像办理。",
            "This case is not approved for a mailed or electronic photograph.",
            "请学校先批准并选择该方式。",
            "Have the school approve it with this way first.",
        )
    words = stated_reason(origin, "makeup.reason_missing", field="origin")
    campaign = case.candidate.campaign
    require_allowed(campaign, Identification.MAILED)
    session, _ = CaptureSession.objects.get_or_create(campaign=campaign, date=timezone.localdate(), place=_PLACE)
    if session.status == SessionStatus.CLOSED:
        capture.reopen_session(_ROOM, session, reason=_PLACE)
    elif session.status == SessionStatus.PLANNED:
        capture.open_session(_ROOM, session)
    made = take_in(
        actor, session, case.candidate, method=Identification.MAILED, nonce=uuid.uuid4(), data=data,
        file_name=file_name, words=words, always_held=True,
    )  # fmt: skip
    capture.close_session(_ROOM, session)
    audit.note(check_in=made.pk, shooting_number=made.shooting_number, origin=words)
    return made
