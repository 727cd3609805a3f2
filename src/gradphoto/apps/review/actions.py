"""The reviewers' decisions. Each names the verdict it rests on; nothing is decided over another person's decision."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone

from gradphoto.apps.capture.actions import confirm_check_in
from gradphoto.apps.capture.assessments import present_assessment
from gradphoto.apps.capture.models import Assessment, Frame, RetakeRequest
from gradphoto.apps.capture.reasons import known, say_reasons
from gradphoto.apps.capture.room import retakes
from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import invalid, refuse
from gradphoto.apps.review.models import Choice, DecisionReason, FrameReview, ReviewDecision, ReviewState
from gradphoto.apps.review.signals import reviews_changed
from gradphoto.apps.review.standing import (
    FOLLOWED,
    Seen,
    after_accept,
    decision_of,
    eyes_for,
    follow,
    four_eyes,
    locked_frame,
    newer_decision,
    require_same,
    require_unpacked,
    review_of,
)

_ROOM = Actor.system("review")


@action("review.accept", permission="review.decide")
def accept(actor: Actor, review: FrameReview, *, seen: Seen) -> ReviewDecision:
    """The photograph may be delivered. Where the rule set asks for four eyes, a second person must say so, too.

    Raises ``capture.frame_packed``, ``capture.frame_not_in_use``, ``capture.reviewed_meanwhile``,
    ``capture.assessed_meanwhile``, ``capture.second_person``, ``capture.accepted_already``.
    """
    frame, assessment = _look(review, seen)
    assert frame.check_in is not None
    after = after_accept(actor, review, assessment, eyes_for(frame, four_eyes(frame.check_in.campaign)))
    return _decide(decision_of(actor, review, frame, assessment, Choice.ACCEPT, after))


@action("review.reject", permission="review.decide")
def reject(actor: Actor, review: FrameReview, *, seen: Seen, reasons: Sequence[str], words: str = "") -> ReviewDecision:
    """The photograph is not used and its person is asked to come again; the reasons go with them (R18).

    Raises ``capture.reason_missing`` and what :func:`accept` raises.
    """
    frame, assessment = _look(review, seen)
    codes = known(reasons, [item["code"] for item in assessment.findings] if assessment else [])
    if not codes and not words.strip():
        raise invalid(
            "capture.reason_missing",
            "退回重拍必须有原因。",
            "A rejection needs a reason.",
            "请勾选至少一项原因，或写一句说明。",
            "Tick at least one reason or write a sentence.",
        )
    decision = _decide(decision_of(actor, review, frame, assessment, Choice.REJECT, ReviewState.REJECTED, words))
    DecisionReason.objects.bulk_create(DecisionReason(decision=decision, code=code) for code in codes)
    assert frame.check_in is not None
    said = say_reasons(codes, words).zh
    retakes.ask_retake(_ROOM, frame.check_in, frame=frame, reason=said, requested_by=actor.user)
    audit.note(reasons=codes)
    return decision


@action("review.hold", permission="review.decide")
def hold(actor: Actor, review: FrameReview, *, seen: Seen, words: str = "") -> ReviewDecision:
    """Not now: the photograph stays out of every package until somebody decides."""
    frame, assessment = _look(review, seen)
    return _decide(decision_of(actor, review, frame, assessment, Choice.HOLD, ReviewState.HELD, words))


@action("review.undo", permission="review.decide")
def undo(actor: Actor, review: FrameReview, *, decision: ReviewDecision) -> None:
    """Take back one's own last decision on a frame; it stays on record as undone.

    Raises ``capture.not_yours``, ``capture.not_the_last``, ``capture.frame_packed``, ``capture.shot_again``.
    """
    frame = locked_frame(review)
    require_unpacked(frame)
    standing = review.decisions.filter(undone_at=None).first()
    if standing is None or standing.pk != decision.pk:
        raise newer_decision()
    if standing.by_id != getattr(actor.user, "pk", None):
        raise refuse(
            "capture.not_yours",
            "只能撤销自己的决定。",
            "Only one's own decision can be undone.",
            "请由作出决定的人撤销，或另作决定。",
            "Have that person undo it, or decide anew.",
        )
    if standing.choice == Choice.REJECT:
        _use_again(frame)
    standing.undone_at = timezone.now()
    standing.save(update_fields=["undone_at"])
    follow(review, standing.before, review.decisions.filter(undone_at=None).first())
    review.save(update_fields=FOLLOWED)
    reviews_changed.send(sender=FrameReview, reviews=[review])
    audit.note(decision=standing.pk, choice=standing.choice, state=standing.before)


def ask_second_look(actor: Actor, frame: Frame) -> None:
    """The room's wish: the photograph waits on hold until somebody looked at it."""
    place, verdict = review_of(frame), present_assessment(frame)
    hold(actor, place, seen=Seen(place.version, verdict.pk if verdict else None))


def _look(review: FrameReview, seen: Seen) -> tuple[Frame, Assessment | None]:
    frame = locked_frame(review)
    assessment = present_assessment(frame)
    require_same(review, frame, assessment, seen)
    return frame, assessment


def _decide(decision: ReviewDecision) -> ReviewDecision:
    decision.save()
    follow(decision.review, decision.after, decision)
    decision.review.save(update_fields=FOLLOWED)
    reviews_changed.send(sender=FrameReview, reviews=[decision.review])
    audit.note(
        frame=decision.review.frame_id,
        state=decision.after,
        outcome=decision.outcome,
        source_sha256=decision.source_sha256,
        pipeline=decision.pipeline_version,
        rules=decision.rules_version,
        words=decision.words,
    )
    return decision


def _use_again(frame: Frame) -> None:
    request = RetakeRequest.objects.select_related("check_in").get(
        frame=frame, check_in=frame.check_in_id, withdrawn_at=None
    )
    check_in = request.check_in
    retakes.withdraw_retake(_ROOM, check_in, request=request)
    if request.was_confirmed:
        confirm_check_in(_ROOM, check_in)
