"""Remembering each step of the room, so that the last one can be taken back."""

from __future__ import annotations

from typing import Any

from gradphoto.apps.capture.models import Alarm, CheckIn, Frame, Hold, RoomStep, StepKind
from gradphoto.apps.core.prepared import Prepared
from gradphoto.apps.schedule.models import CaptureSession


def remember(
    session: CaptureSession,
    kind: StepKind,
    *,
    check_in: CheckIn | None = None,
    frame: Frame | None = None,
    hold: Hold | None = None,
    alarm: Alarm | None = None,
    before: dict[str, Any] | None = None,
) -> None:
    """Write a step down, within the transaction of the step itself."""
    about = check_in or frame or hold or alarm
    chair = about.chair if about is not None else 1
    RoomStep.objects.create(
        session=session,
        chair=chair,
        kind=kind,
        check_in=check_in,
        frame=frame,
        hold=hold,
        alarm=alarm,
        before=before or {},
    )


def statuses(check_in: CheckIn) -> dict[str, Any]:
    """The statuses of a person's frames by key, as JSON keeps them."""
    return {"frames": {str(pk): status for pk, status in check_in.frames.values_list("pk", "status")}}


def last_step(session: CaptureSession, chair: int) -> RoomStep | None:
    """The step at this chair that the undo takes back next."""
    step = _LAST.first(session=session.pk, chair=chair)
    if step is not None:
        step.session = session
    return step


_LAST: Prepared[RoomStep] = Prepared(
    lambda session, chair: RoomStep.objects.filter(session=session, chair=chair, undone_at=None).select_related(
        "check_in__candidate", "hold", "frame", "alarm"
    )[:1]
)
