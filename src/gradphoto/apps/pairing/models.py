"""Repairs on record: who moved which frames from whom to whom, why, and whether it was taken back."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from gradphoto.apps.capture.models import Frame
from gradphoto.apps.core.wording import bi
from gradphoto.apps.orgs.models import User
from gradphoto.apps.schedule.models import CaptureSession


class RepairState(models.TextChoices):
    AWAITS_SECOND = "awaits_second", bi("待第二人同意", "Awaits a second person")
    APPLIED = "applied", bi("已修复", "Applied")
    WITHDRAWN = "withdrawn", bi("未获同意", "Withdrawn")
    UNDONE = "undone", bi("已撤销", "Undone")


class Repair(models.Model):
    """One repair of a session: a set of frames that moved together.

    ``before`` and ``after`` are fingerprints of the session's pairing: nothing is applied or taken back over a state
    that nobody looked at. ``standing``: by check-in, its status before and after.
    """

    SCOPE = ("session__campaign__school__path", "session__campaign__centre__path")

    session = models.ForeignKey(CaptureSession, on_delete=models.PROTECT, related_name="repairs")
    state = models.CharField(max_length=14, choices=RepairState.choices)
    by_hand = models.BooleanField(default=False)
    reason = models.CharField(max_length=200)
    before = models.CharField(max_length=64)
    after = models.CharField(max_length=64, blank=True)
    standing = models.JSONField(default=dict)
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    second = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    second_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True)
    undo_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(reason=""), name="pairing_repair_has_reason"),
            models.CheckConstraint(
                condition=Q(second__isnull=True) | ~Q(second=F("by")), name="pairing_repair_four_eyes"
            ),
            models.UniqueConstraint(
                fields=["session"], condition=Q(state="awaits_second"), name="pairing_repair_one_waiting"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.session_id} {self.state}"

    @property
    def audit_organisation_id(self) -> int:
        return self.session.campaign.school_id


class RepairChange(models.Model):
    """One frame touched by a repair: moved, or used or no longer used because another moved."""

    SCOPE = ("repair__session__campaign__school__path", "repair__session__campaign__centre__path")

    repair = models.ForeignKey(Repair, on_delete=models.CASCADE, related_name="changes")
    frame = models.ForeignKey("capture.Frame", on_delete=models.PROTECT, related_name="repair_changes")
    from_check_in = models.ForeignKey("capture.CheckIn", null=True, on_delete=models.PROTECT, related_name="+")
    to_check_in = models.ForeignKey("capture.CheckIn", null=True, on_delete=models.PROTECT, related_name="+")
    status_before = models.CharField(max_length=10)
    status_after = models.CharField(max_length=10, blank=True)
    evidence = models.JSONField(default=dict)
    certainty = models.CharField(max_length=6, blank=True)
    evidence_before = models.JSONField(default=dict)

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["repair", "frame"], name="pairing_repair_frame_once"),
        ]

    def __str__(self) -> str:
        return f"{self.frame_id}: {self.from_check_in_id} -> {self.to_check_in_id}"


class FaceHintKind(models.TextChoices):
    TWO_NAMES = "two_names", bi("两个序号像同一人", "One face under two numbers")
    ONE_NAME = "one_name", bi("一个序号像两个人", "Two faces under one number")


class FaceHint(models.Model):
    """Two frames of a session whose faces do not go with their numbers: evidence with a score, never a decision.

    Only the score is kept; what it was made of, the measurement of each face, is never stored.
    """

    SCOPE = ("session__campaign__school__path", "session__campaign__centre__path")

    session = models.ForeignKey(CaptureSession, on_delete=models.CASCADE, related_name="face_hints")
    kind = models.CharField(max_length=10, choices=FaceHintKind.choices)
    frame = models.ForeignKey("capture.Frame", on_delete=models.CASCADE, related_name="+")
    other = models.ForeignKey("capture.Frame", on_delete=models.CASCADE, related_name="+")
    score = models.FloatField()
    calibration = models.CharField(max_length=40)
    source = models.TextField()
    """The rule that permitted the comparison."""
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["-at", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["frame", "other"], name="pairing_face_hint_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.frame_id} {self.other_id} {self.score:.2f}"

    @property
    def both(self) -> tuple[Frame, Frame]:
        """The two frames, to be seen side by side."""
        return self.frame, self.other

    @property
    def audit_organisation_id(self) -> int:
        return self.session.campaign.school_id
