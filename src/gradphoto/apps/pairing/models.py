"""Repairs on record: who moved which frames from whom to whom, why, and whether it was taken back."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

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
