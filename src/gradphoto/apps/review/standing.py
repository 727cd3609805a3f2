"""What must hold before a decision counts: the frame is in use, nobody was faster, the verdict is the one shown."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass

from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.campaigns.rules import in_force, value_of
from gradphoto.apps.campaigns.settings_keys import REVIEW_FOUR_EYES, SELF_PHOTO_FOUR_EYES
from gradphoto.apps.capture.models import Assessment, CheckInStatus, Frame, FrameStatus, Identification
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import Refusal, refuse, within
from gradphoto.apps.orgs.policy import is_same_person
from gradphoto.apps.review.models import Choice, FrameReview, ReviewDecision, ReviewState
from gradphoto.engine.portrait.verdict import PICTURE_OUTCOMES

STANDING = (CheckInStatus.SHOT, CheckInStatus.CONFIRMED)


@dataclass(frozen=True, slots=True)
class Seen:
    """What the reviewer had before their eyes: the review's version and the assessment drawn on the picture."""

    version: int
    assessment_pk: int | None


def review_of(frame: Frame) -> FrameReview:
    """The frame's place in the review; an untouched one is made on first asking and says nothing."""
    return FrameReview.objects.get_or_create(frame=frame)[0]


def locked_frame(review: FrameReview) -> Frame:
    """The frame as it is now, kept from others until the transaction ends."""
    frames = Frame.objects.select_for_update(of=("self",))
    return frames.select_related("check_in__candidate", "check_in__campaign__rule_set").get(pk=review.frame_id)


def four_eyes(campaign: Campaign) -> frozenset[str]:
    """The verdicts that need two persons; none where the rule set does not say."""
    rule = in_force(campaign.rule_set, REVIEW_FOUR_EYES)
    return frozenset(REVIEW_FOUR_EYES.read(rule.value)) if rule else frozenset()


def is_own_photograph(frame: Frame) -> bool:
    """Whether the person took it themselves: nobody has seen them, so it is looked at one by one."""
    return frame.check_in is not None and frame.check_in.method == Identification.SELF_PHOTO


def eyes_for(frame: Frame, by_rule: frozenset[str]) -> frozenset[str]:
    """The verdicts of this frame that need two persons: every one, of a person's first own photograph (R9, R146)."""
    if not is_own_photograph(frame) or not value_of(frame.check_in.campaign, SELF_PHOTO_FOUR_EYES):  # type: ignore[union-attr]
        return by_rule
    earlier = FrameReview.objects.filter(
        frame__check_in__candidate=frame.check_in.candidate_id,  # type: ignore[union-attr]
        frame__check_in__method=Identification.SELF_PHOTO,
        decisions__after=ReviewState.ACCEPTED,
        decisions__undone_at=None,
    )
    return by_rule if earlier.exclude(frame=frame.pk).exists() else frozenset(map(str, PICTURE_OUTCOMES))


def require_unpacked(frame: Frame) -> None:
    """Raises ``capture.frame_packed`` once a package carries the photograph."""
    if frame.packed_at is not None:
        raise refuse(
            "capture.frame_packed",
            "照片已编入交付包，复核已截止。",
            "The photograph is in a delivery package; its review is closed.",
            "如图像有误，请在本人校对中按“图像有误”处理。",
            "If the photograph is wrong, use the dispute of the verification.",
        )


def require_same(review: FrameReview, frame: Frame, assessment: Assessment | None, seen: Seen) -> None:
    """Raises a refusal where the frame, its review or its verdict is not what the reviewer looked at."""
    require_unpacked(frame)
    if review.version != seen.version:
        raise _reviewed_meanwhile(review)
    if frame.status != FrameStatus.ACCEPTED or frame.check_in is None or frame.check_in.status not in STANDING:
        raise refuse(
            "capture.frame_not_in_use",
            "这张照片目前未被采用，无须复核。",
            "This photograph is not in use at present; there is nothing to review.",
            "请查看此人的最新照片。",
            "Look at the person's newest photograph.",
        )
    if (assessment.pk if assessment else None) != seen.assessment_pk:
        raise assessed_meanwhile()


def assessed_meanwhile() -> Refusal:
    """The verdict on the page is not the present one."""
    return refuse(
        "capture.assessed_meanwhile",
        "照片刚被重新测量，判定可能已改变。",
        "The photograph was measured again just now; its verdict may have changed.",
        "请重新打开该照片，看过新的判定再决定。",
        "Open the photograph again and decide on the new verdict.",
    )


def newer_decision() -> Refusal:
    """An undo that comes too late."""
    return refuse(
        "capture.not_the_last",
        "此后已有新的复核决定，不能撤销。",
        "There is a newer decision on this photograph; this one cannot be undone.",
        "请打开该照片查看最新决定。",
        "Open the photograph to see the newest decision.",
    )


def _reviewed_meanwhile(review: FrameReview) -> Refusal:
    by, at = review.decided_by, review.decided_at
    when = timezone.localtime(at).strftime("%H:%M:%S") if at else ""
    state = ReviewState(review.state)
    return refuse(
        "capture.reviewed_meanwhile",
        f"这张照片已由 {by or '他人'} 于 {when} 复核（{state.value}），您的决定没有生效。",
        f"{by or 'Somebody'} decided on this photograph at {when} ({state.value}); your decision was not taken.",
        "请重新打开该照片查看结果。",
        "Open the photograph again to see the result.",
    )


def after_accept(
    actor: Actor, review: FrameReview, assessment: Assessment | None, two_for: Collection[str]
) -> ReviewState:
    """Where an acceptance leads: to the second person where the rule set asks for one, else to the end.

    Raises ``capture.second_person`` when the first person would be their own second, ``capture.accepted_already``.
    """
    same_verdict = review.assessment_id == (assessment.pk if assessment else None)
    if review.state == ReviewState.ACCEPTED and same_verdict:
        raise refuse(
            "capture.accepted_already",
            "这张照片已经复核通过。",
            "This photograph has been accepted already.",
            "请继续复核下一张。",
            "Go on with the next one.",
        )
    if assessment is None or assessment.outcome not in two_for:
        return ReviewState.ACCEPTED
    if review.state != ReviewState.SECOND or not same_verdict:
        return ReviewState.SECOND
    if is_same_person(actor, review.decided_by_id):
        raise refuse(
            "capture.second_person",
            "规则集要求两人复核，第二人不能是同一人。",
            "The rule set asks for two persons; you were the first.",
            "请由另一位复核人通过。",
            "Have another reviewer accept it.",
        )
    return ReviewState.ACCEPTED


def decision_of(
    actor: Actor,
    review: FrameReview,
    frame: Frame,
    assessment: Assessment | None,
    choice: Choice,
    after: ReviewState,
    words: str = "",
    batch: uuid.UUID | None = None,
) -> ReviewDecision:
    """The decision as it will stand on record, not yet saved."""
    return ReviewDecision(
        review=review,
        choice=choice,
        before=review.state,
        after=after,
        assessment=assessment,
        source_sha256=frame.blob_id,
        pipeline_version=assessment.pipeline_version if assessment else "",
        rules_version=assessment.rules_version if assessment else "",
        outcome=assessment.outcome if assessment else "",
        words=within(words, 200, field="words"),
        by=actor.user,
        batch=batch,
    )


def follow(review: FrameReview, state: str, decision: ReviewDecision | None) -> None:
    """Move the review to a state on the strength of a decision (or of none), not yet saved."""
    review.state, review.version = state, review.version + 1
    review.assessment = decision.assessment if decision else None
    review.outcome = decision.outcome if decision else ""
    review.decided_by = decision.by if decision else None
    review.decided_at = decision.at if decision else None


FOLLOWED = ("state", "version", "assessment", "outcome", "decided_by", "decided_at")
