"""What reviewers decided on frames, on which verdict, and who must be shot again."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from gradphoto.apps.capture.reasons import say_reasons
from gradphoto.apps.core.wording import bi
from gradphoto.apps.orgs.models import User
from gradphoto.engine.wording import Wording


class ReviewState(models.TextChoices):
    """Where a frame stands in the review."""

    AWAITING = "awaiting", bi("待复核", "To be reviewed")
    SECOND = "second", bi("待第二人复核", "Awaits a second person")
    HELD = "held", bi("暂缓", "On hold")
    ACCEPTED = "accepted", bi("复核通过", "Accepted in review")
    REJECTED = "rejected", bi("复核退回", "Rejected in review")


class FrameReview(models.Model):
    """The present state of one frame in the review: what its last standing decision made of it.

    ``version`` grows with every decision and every undo; a reviewer says which version they looked at, so that two
    persons never decide over each other. ``outcome`` is the verdict that the standing decision rests on.
    """

    SCOPE = ("frame__check_in__candidate__department__path", "frame__session__campaign__centre__path")

    frame = models.OneToOneField("capture.Frame", on_delete=models.CASCADE, related_name="review")
    state = models.CharField(max_length=10, choices=ReviewState.choices, default=ReviewState.AWAITING)
    version = models.PositiveIntegerField(default=0)
    assessment = models.ForeignKey("capture.Assessment", null=True, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=8, blank=True)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(state__in=ReviewState.values), name="review_state_known"),
        ]

    def __str__(self) -> str:
        return f"{self.frame_id} {self.state}"

    @property
    def audit_organisation_id(self) -> int:
        assert self.frame.check_in is not None
        return self.frame.check_in.candidate.department_id


class Choice(models.TextChoices):
    ACCEPT = "accept", bi("通过", "Accept")
    REJECT = "reject", bi("退回重拍", "Reject")
    HOLD = "hold", bi("暂缓", "On hold")


class ReviewDecision(models.Model):
    """One decision, never altered: undoing it leaves it on record as undone.

    It names what it rests on: the frame's bytes (``source_sha256``), the pipeline and the thresholds that judged it.
    """

    SCOPE = ("review__frame__check_in__candidate__department__path", "review__frame__session__campaign__centre__path")

    review = models.ForeignKey(FrameReview, on_delete=models.CASCADE, related_name="decisions")
    choice = models.CharField(max_length=8, choices=Choice.choices)
    before = models.CharField(max_length=10, choices=ReviewState.choices)
    after = models.CharField(max_length=10, choices=ReviewState.choices)
    assessment = models.ForeignKey("capture.Assessment", null=True, on_delete=models.PROTECT, related_name="+")
    source_sha256 = models.CharField(max_length=64)
    pipeline_version = models.CharField(max_length=40, blank=True)
    rules_version = models.CharField(max_length=16, blank=True)
    outcome = models.CharField(max_length=8, blank=True)
    words = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    batch = models.UUIDField(null=True, db_index=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-pk"]

    def __str__(self) -> str:
        return f"{self.review_id} {self.choice}"

    @property
    def said(self) -> Wording:
        """The reasons and the reviewer's own words as one sentence."""
        return say_reasons([reason.code for reason in self.reasons.all()], self.words)


class DecisionReason(models.Model):
    """Why a frame was rejected: the code of an engine's rule or of a person's own reason."""

    decision = models.ForeignKey(ReviewDecision, on_delete=models.CASCADE, related_name="reasons")
    code = models.CharField(max_length=60)

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["decision", "code"], name="review_decision_reason_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["code"])]

    def __str__(self) -> str:
        return self.code
