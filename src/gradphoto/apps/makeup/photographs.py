"""A photograph that no camera of ours took: measured like the others, given its number, looked at by a person."""

from __future__ import annotations

import uuid

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.campaigns.rules import value_of
from gradphoto.apps.campaigns.settings_keys import IDENTIFICATION
from gradphoto.apps.capture import actions as capture
from gradphoto.apps.capture.models import CheckIn, CheckInStatus, Frame, Identification
from gradphoto.apps.capture.verdicts import assess, standard_of
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import refuse
from gradphoto.apps.review.actions import hold
from gradphoto.apps.review.standing import Seen, review_of
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.schedule.models import CaptureSession
from gradphoto.engine.portrait.verdict import Outcome

_ROOM = Actor.system("makeup")


def require_allowed(campaign: Campaign, method: Identification) -> None:
    """Raises ``makeup.method_not_allowed`` where the rule set does not know this way of identification."""
    if str(method) not in value_of(campaign, IDENTIFICATION):
        raise refuse(
            "makeup.method_not_allowed",
            f"规则集不允许“{method.label}”。",
            f"The rule set does not allow: {method.value}.",
            "请管理员在规则集“身份识别方式”中注明来源后加入。",
            "Have the administrator add it to the ways of identification, with its source.",
        )


def take_in(
    reviewer: Actor,
    session: CaptureSession,
    candidate: Candidate,
    *,
    method: Identification,
    nonce: uuid.UUID,
    data: bytes,
    file_name: str,
    words: str,
    always_held: bool = False,
    to_review: bool = True,
) -> CheckIn:
    """Check the person in, keep the file as their frame, measure it, and hold it for a person's eyes unless it passes.

    Without ``to_review`` nothing is held: the caller has the review look at every one of them. A picture that the same
    person handed in and took back is theirs again.

    Call it inside a transaction: with any refusal nothing of it stays. Raises ``makeup.held`` where capture would not
    let the person pass silently (R103), and whatever capture and the portrait engine raise.
    """
    measured = assess(data, standard_of(session.campaign))
    outcome = capture.check_in(_ROOM, session, candidate=candidate, method=method, nonce=nonce)
    if outcome.check_in is None:
        reason = outcome.hold.get_reason_display() if outcome.hold else ""
        raise refuse(
            "makeup.held",
            f"不能接收此人的照片：{reason}。",
            f"This person's photograph cannot be taken in: {reason}.",
            "请先在名册和现场采集中查明。",
            "Settle it in the roster and the capture pages first.",
        )
    frame = capture.receive_frame(_ROOM, session, data=data, file_name=file_name, by_hand=True)
    if frame.check_in_id != outcome.check_in.pk and _was_taken_back(frame, outcome.check_in):
        capture.bind_frame(_ROOM, frame, check_in=outcome.check_in, reason="本人撤回后再次提交")
    if frame.check_in_id != outcome.check_in.pk:
        raise refuse(
            "makeup.same_picture",
            "这张照片已经属于另一人。",
            "This very picture already belongs to somebody else.",
            "请核对是否传错了文件。",
            "See whether the wrong file was sent.",
        )
    verdict = capture.record_assessment(_ROOM, frame, assessment=measured)
    capture.accept_frame(_ROOM, outcome.check_in, frame=frame)
    if to_review and (always_held or measured.verdict.outcome is not Outcome.PASS):
        place = review_of(frame)
        hold(reviewer, place, seen=Seen(place.version, verdict.pk), words=words)
    outcome.check_in.refresh_from_db()
    return outcome.check_in


def _was_taken_back(frame: Frame, check_in: CheckIn) -> bool:
    """Whether the frame is one of the same person, from a check-in that was cancelled."""
    before = frame.check_in
    return (
        before is not None
        and before.candidate_id == check_in.candidate_id
        and before.status == CheckInStatus.CANCELLED
        and frame.packed_at is None
    )
