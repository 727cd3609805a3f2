"""Exposures as they left the camera, their small copies, and what the engine measured on them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from gradphoto.apps.capture.models.check_ins import CheckIn
from gradphoto.apps.capture.room_clock import room_now
from gradphoto.apps.core.lifecycle import StatusField
from gradphoto.apps.core.models import Blob
from gradphoto.apps.core.wording import bi
from gradphoto.apps.schedule.models import CaptureSession


class FrameStatus(models.TextChoices):
    UNBOUND = "unbound", bi("未对应", "Unbound")
    BOUND = "bound", bi("已对应", "Bound")
    ACCEPTED = "accepted", bi("已采用", "Accepted")
    REJECTED = "rejected", bi("不采用", "Not used")


BY_HAND = "by_hand"
"""The basis of a binding that somebody made who looked at the picture: it is never questioned by times."""


class Frame(models.Model):
    """One exposure as it left the camera. The blob is the evidence; nothing here changes it."""

    SCOPE = (
        "session__campaign__school__path",
        "session__campaign__centre__path",
        "check_in__candidate__department__path",
    )

    session = models.ForeignKey(CaptureSession, on_delete=models.PROTECT, related_name="frames")
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="frames")
    chair = models.PositiveSmallIntegerField(default=1)
    """Before which chair the camera stands."""
    check_in = models.ForeignKey(CheckIn, null=True, on_delete=models.PROTECT, related_name="frames")
    file_name = models.CharField(max_length=120)
    folder = models.CharField(max_length=60, blank=True)
    file_number = models.PositiveIntegerField(null=True)
    camera_serial = models.CharField(max_length=60, blank=True)
    taken_at = models.DateTimeField(null=True)
    arrived_at = models.DateTimeField(default=room_now)
    status = StatusField(max_length=10, choices=FrameStatus.choices, default=FrameStatus.UNBOUND)
    evidence = models.JSONField(default=dict)
    packed_at = models.DateTimeField(null=True)
    """Set by delivery when a package carries this frame's portrait: from then on the review is closed."""

    class Meta:
        ordering: ClassVar = ["arrived_at", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["session", "blob"], name="capture_frame_once"),
            # R98: number and frame are 1:1.
            models.UniqueConstraint(
                fields=["check_in"], condition=Q(status="accepted"), name="capture_frame_one_accepted"
            ),
            models.CheckConstraint(
                condition=Q(status="unbound", check_in__isnull=True)
                | Q(status="rejected")
                | Q(status__in=["bound", "accepted"], check_in__isnull=False),
                name="capture_frame_bound_to_somebody",
            ),
        ]
        indexes: ClassVar = [
            # What is still to be made, looked at and packed: few of a season's many.
            models.Index(
                fields=["session"], condition=Q(status="accepted", packed_at=None), name="capture_frame_under_way"
            ),
            models.Index(fields=["session"], condition=Q(status="unbound"), name="capture_frame_of_nobody"),
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def audit_organisation_id(self) -> int:
        return self.session.campaign.school_id


class FramePreview(models.Model):
    """A small copy of a frame for the screen, made once; the frame itself never travels to a browser."""

    frame = models.ForeignKey("capture.Frame", on_delete=models.CASCADE, related_name="previews")
    size = models.CharField(max_length=8)
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["frame", "size"], name="capture_preview_once")]

    def __str__(self) -> str:
        return f"{self.frame_id} {self.size}"


class Assessment(models.Model):
    """What the engine measured on a frame and what the rules say of it.

    One assessment of a frame is the present one (``current``); those by an older pipeline or other thresholds stay.
    ``severity`` puts frames in the order in which a person should look at them.
    """

    SCOPE = ("frame__session__campaign__school__path", "frame__session__campaign__centre__path")

    frame = models.ForeignKey(Frame, on_delete=models.CASCADE, related_name="assessments")
    profile = models.CharField(max_length=40)
    pipeline_version = models.CharField(max_length=40)
    rules_version = models.CharField(max_length=16, blank=True)
    outcome = models.CharField(max_length=8)
    severity = models.PositiveIntegerField(default=0)
    findings = models.JSONField(default=list)
    kept = models.JSONField(default=list)
    not_assessed = models.JSONField(default=list)
    measurements = models.JSONField(default=dict)
    crop = models.JSONField(null=True)
    current = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=room_now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["frame", "profile", "pipeline_version", "rules_version"], name="capture_assessment_once"
            ),
            models.UniqueConstraint(fields=["frame"], condition=Q(current=True), name="capture_assessment_one_current"),
        ]

    def __str__(self) -> str:
        return f"{self.frame_id} {self.outcome}"


class AssessmentFinding(models.Model):
    """A broken rule of an assessment by its code: what lists filter and statistics count by."""

    assessment = models.ForeignKey("capture.Assessment", on_delete=models.CASCADE, related_name="broken")
    code = models.CharField(max_length=60)
    outcome = models.CharField(max_length=8)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["assessment", "code"], name="capture_finding_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["code", "outcome"])]

    def __str__(self) -> str:
        return f"{self.code} {self.outcome}"
