"""Asking for another photograph: a status of the check-in and a recorded reason (R18), never a deletion."""

from __future__ import annotations

from django.utils import timezone

from gradphoto.apps.capture.lifecycle import CHECK_IN, FRAME
from gradphoto.apps.capture.models import CheckIn, CheckInStatus, Frame, RetakeRequest
from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import refuse
from gradphoto.apps.orgs.models import User
from gradphoto.apps.roster.models import Candidate


@action("capture.ask_retake", permission="review.decide", lifecycle=CHECK_IN)
def ask_retake(
    actor: Actor, check_in: CheckIn, *, frame: Frame, reason: str, requested_by: User | None
) -> RetakeRequest:
    """The frame is not used and its person must come again; until then they stand among the missed (R104)."""
    FRAME.move_rows(Frame.objects.filter(pk=frame.pk), "capture.ask_retake")
    audit.note(frame=frame.pk, reason=reason)
    return RetakeRequest.objects.create(
        candidate=check_in.candidate,
        check_in=check_in,
        frame=frame,
        reason=reason,
        was_confirmed=check_in.status == CheckInStatus.CONFIRMED,
        requested_by=requested_by,
    )


@action("capture.withdraw_retake", permission="review.decide", lifecycle=CHECK_IN)
def withdraw_retake(actor: Actor, check_in: CheckIn, *, request: RetakeRequest) -> None:
    """The frame is used after all; refused once the person has been seated again."""
    if request.fulfilled_by_id is not None:
        raise refuse(
            "capture.shot_again",
            "此人已经重拍，不能再撤回。",
            "This person has been photographed again; it cannot be taken back.",
            "请复核新的照片。",
            "Review the new photograph.",
        )
    FRAME.move_rows(Frame.objects.filter(pk=request.frame_id), "capture.withdraw_retake")
    RetakeRequest.objects.filter(pk=request.pk).update(withdrawn_at=timezone.now())
    audit.note(frame=request.frame_id)


def reason_for(candidate: Candidate | None) -> str:
    """The recorded reason for which this person may be photographed again, or nothing."""
    if candidate is None:
        return ""
    waiting = candidate.retake_requests.filter(withdrawn_at=None, fulfilled_by=None)
    return waiting.values_list("reason", flat=True).first() or ""


def fulfil(earlier: CheckIn, made: CheckIn) -> None:
    """The person sits in the chair again."""
    RetakeRequest.objects.filter(check_in=earlier, withdrawn_at=None).update(fulfilled_by=made)
