"""The same decision for many frames: one action with one entry in the trail, told row by row.

The number of queries does not grow with the number of frames.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.capture.models import Assessment, Frame
from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import Refusal, refuse
from gradphoto.apps.review.models import Choice, FrameReview, ReviewDecision
from gradphoto.apps.review.signals import reviews_changed
from gradphoto.apps.review.standing import (
    FOLLOWED,
    Seen,
    after_accept,
    assessed_meanwhile,
    decision_of,
    follow,
    four_eyes,
    is_own_photograph,
    newer_decision,
    require_same,
    require_unpacked,
)
from gradphoto.apps.roster.status_marks import marks_of

_PASS = "pass"  # noqa: S105  an outcome, no password
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class BulkRow:
    """What became of one frame of a bulk decision; ``refusal`` is empty where it was done."""

    frame: Frame
    refusal: Refusal | None


@dataclass(slots=True)
class BulkResult:
    """A bulk decision row by row; ``batch`` names it, to be listed or undone as a whole."""

    batch: uuid.UUID
    rows: list[BulkRow] = field(default_factory=list)

    @property
    def done(self) -> int:
        return sum(row.refusal is None for row in self.rows)

    @property
    def refused(self) -> list[BulkRow]:
        return [row for row in self.rows if row.refusal is not None]


@action("review.accept_passed", permission="review.decide")
def accept_passed(actor: Actor, campaign: Campaign, *, shown: Mapping[int, Seen]) -> BulkResult:
    """Accept every frame of ``shown`` (frame -> what was shown) that the engine passed: one action, told row by row.

    Photographs of people with a change of status are left to a person's look, one by one (R23).

    What changed since the list was shown is left alone and told; the others are accepted all the same.
    """
    result = BulkResult(uuid.uuid4())
    frames = _shown_frames(campaign, shown)
    reviews, verdicts, two_for = _reviews(frames, campaign), _verdicts(campaign), four_eyes(campaign)
    decisions: list[ReviewDecision] = []
    marked = marks_of(frame.check_in.candidate_id for frame in frames if frame.check_in)
    for frame in frames:
        review, assessment = reviews[frame.pk], verdicts.get(frame.pk)
        try:
            _require_unmarked(frame, marked)
            require_same(review, frame, assessment, shown[frame.pk])
            if assessment is None or assessment.outcome != _PASS:
                raise assessed_meanwhile()
            after = after_accept(actor, review, assessment, two_for)
        except Refusal as error:
            result.rows.append(BulkRow(frame, error))
            continue
        decision = decision_of(actor, review, frame, assessment, Choice.ACCEPT, after, batch=result.batch)
        follow(review, after, decision)
        decisions.append(decision)
        result.rows.append(BulkRow(frame, None))
    ReviewDecision.objects.bulk_create(decisions, batch_size=_AT_ONCE)
    FrameReview.objects.bulk_update([one.review for one in decisions], FOLLOWED, batch_size=_AT_ONCE)
    reviews_changed.send(sender=FrameReview, reviews=[one.review for one in decisions])
    audit.note(
        batch=str(result.batch),
        accepted=[row.frame.pk for row in result.rows if row.refusal is None],
        refused={str(row.frame.pk): row.refusal.code for row in result.rows if row.refusal},
    )
    return result


def _require_unmarked(frame: Frame, marked: Mapping[int, str]) -> None:
    """Who has a change of status (R23), or photographed themselves, is looked at one by one."""
    if is_own_photograph(frame):
        raise refuse(
            "review.own_photograph",
            "此照片由本人用手机拍摄，不能成批通过。",
            "The person took this photograph themselves: not accepted in bulk.",
            "请单独打开这张照片，核对本人后通过。",
            "Open it by itself, see whether it is the person, and accept it then.",
        )
    if frame.check_in is not None and frame.check_in.candidate_id in marked:
        said = marked[frame.check_in.candidate_id]
        raise refuse(
            "review.status_changed",
            f"此人有学籍异动（{said}），不能成批通过。",
            f"This person's status changed ({said}): not accepted in bulk.",
            "请单独打开这张照片，核对姓名、院系和本人后通过。",
            "Open the photograph by itself, compare name, department and person, and accept it then.",
        )


# The campaign is asked for whole and sifted here: thousands of keys in one condition are too many for a database.
def _shown_frames(campaign: Campaign, shown: Mapping[int, Seen]) -> list[Frame]:
    frames = Frame.objects.select_for_update(of=("self",)).filter(check_in__campaign=campaign)
    ordered = frames.select_related("check_in__candidate").order_by("check_in__shooting_number", "pk")
    return [frame for frame in ordered if frame.pk in shown]


def _reviews(frames: Sequence[Frame], campaign: Campaign) -> dict[int, FrameReview]:
    known_ones = FrameReview.objects.filter(frame__check_in__campaign=campaign)
    have = set(known_ones.values_list("frame", flat=True))
    FrameReview.objects.bulk_create([FrameReview(frame=frame) for frame in frames if frame.pk not in have])
    reviews = known_ones.select_for_update(of=("self",)).select_related("decided_by")
    return {review.frame_id: review for review in reviews}


def _verdicts(campaign: Campaign) -> dict[int, Assessment]:
    present = Assessment.objects.filter(current=True, frame__check_in__campaign=campaign)
    return {row.frame_id: row for row in present.only("frame", "outcome", "pipeline_version", "rules_version")}


@action("review.undo_batch", permission="review.decide")
def undo_batch(actor: Actor, campaign: Campaign, *, batch: uuid.UUID) -> BulkResult:
    """Take back one's own bulk decision where nobody has decided since and no package has been made."""
    result = BulkResult(batch)
    mine = ReviewDecision.objects.filter(
        batch=batch, by=actor.user, undone_at=None, review__frame__check_in__campaign=campaign
    )
    decisions = list(mine.select_related("review__frame__check_in__candidate").order_by("pk"))
    others = ReviewDecision.objects.filter(review__decisions__batch=batch, undone_at=None).exclude(batch=batch)
    last = {other.review_id: other for other in others.select_related("assessment", "by").order_by("pk").distinct()}
    undone: list[ReviewDecision] = []
    for decision in decisions:
        review, before = decision.review, last.get(decision.review_id)
        try:
            require_unpacked(review.frame)
            if before is not None and before.pk > decision.pk:
                raise newer_decision()
        except Refusal as error:
            result.rows.append(BulkRow(review.frame, error))
            continue
        decision.undone_at = timezone.now()
        follow(review, decision.before, before)
        undone.append(decision)
        result.rows.append(BulkRow(review.frame, None))
    ReviewDecision.objects.bulk_update(undone, ["undone_at"], batch_size=_AT_ONCE)
    FrameReview.objects.bulk_update([one.review for one in undone], FOLLOWED, batch_size=_AT_ONCE)
    reviews_changed.send(sender=FrameReview, reviews=[one.review for one in undone])
    audit.note(batch=str(batch), undone=[one.review.frame_id for one in undone])
    return result
