"""Repairs on record: who moved which frames from whom to whom, why, and whether it was taken back."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from gradphoto.apps.capture.models import Frame
from gradphoto.apps.core.wording import bi
from gradphoto.apps.orgs.models import User
from gradphoto.apps.roster.models import Candidate
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


class FaceConsent(models.Model):
    """Somebody's own consent to the comparison of faces in the room, signed on paper; who entered it, and its end.

    Without one no face of theirs is measured. It is separate from the consent to be photographed (facts 5.1).
    """

    SCOPE = ("candidate__department__path", "candidate__campaign__centre__path")

    candidate = models.ForeignKey(Candidate, on_delete=models.CASCADE, related_name="face_consents")
    paper = models.CharField(max_length=120)
    """Where the signed sheet lies."""
    given_at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["candidate"], condition=Q(withdrawn_at=None), name="pairing_face_consent_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.candidate_id} {self.paper}"

    @property
    def audit_organisation_id(self) -> int:
        return self.candidate.department_id


class FaceHintKind(models.TextChoices):
    TWO_NAMES = "two_names", bi("两个序号像同一人", "One face under two numbers")
    ONE_NAME = "one_name", bi("一个序号像两个人", "Two faces under one number")
    UNLIKE_REFERENCE = "unlike", bi("与留存照片不像", "Unlike the photograph on file")
    LIKE_ANOTHER = "another", bi("更像另一人的留存照片", "More like another's photograph on file")


class FaceHint(models.Model):
    """A frame whose face does not go with its number: evidence with a score, never a decision.

    It is held against ``other``, a frame of the same session, or against the photograph on file of ``reference_of``
    (``own_score``: that of the frame with the photograph on file of whose name it bears). Only scores are kept; what
    they were made of, the measurement of each face, is never stored. ``alarm`` asks a person; without one it waits
    until fewer are open.
    """

    SCOPE = ("session__campaign__school__path", "session__campaign__centre__path")

    session = models.ForeignKey(CaptureSession, on_delete=models.CASCADE, related_name="face_hints")
    kind = models.CharField(max_length=10, choices=FaceHintKind.choices)
    frame = models.ForeignKey("capture.Frame", on_delete=models.CASCADE, related_name="+")
    other = models.ForeignKey("capture.Frame", null=True, on_delete=models.CASCADE, related_name="+")
    reference_of = models.ForeignKey(Candidate, null=True, on_delete=models.CASCADE, related_name="+")
    score = models.FloatField()
    own_score = models.FloatField(null=True)
    calibration = models.CharField(max_length=40)
    source = models.TextField()
    """The rule that permitted the comparison."""
    alarm = models.ForeignKey("capture.Alarm", null=True, on_delete=models.SET_NULL, related_name="face_hints")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["-at", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["frame", "other"], name="pairing_face_hint_once"),
            models.UniqueConstraint(
                fields=["frame", "reference_of"], condition=Q(other=None), name="pairing_face_hint_reference_once"
            ),
            models.CheckConstraint(
                condition=Q(other__isnull=False) ^ Q(reference_of__isnull=False), name="pairing_face_hint_against_one"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.frame_id} {self.other_id or self.reference_of_id} {self.score:.2f}"

    @property
    def holds(self) -> bool:
        """Whether the numbers are still as they were: a frame that was bound anew since is in another name now."""
        mine = self.frame.check_in
        if mine is None:
            return False
        if self.other is None:
            return (mine.candidate_id == self.reference_of_id) is (self.kind == FaceHintKind.UNLIKE_REFERENCE)
        if self.other.check_in_id is None:
            return False
        return (mine.pk == self.other.check_in_id) is (self.kind == FaceHintKind.ONE_NAME)

    @property
    def both(self) -> list[Frame]:
        """The frames of this session, to be seen side by side."""
        return [one for one in (self.frame, self.other) if one is not None]

    @property
    def asks(self) -> bool:
        """Whether nobody has said yet what it was. Without an alarm it waits for its turn to be asked about."""
        return self.alarm is None or self.alarm.settled_at is None

    @property
    def audit_organisation_id(self) -> int:
        return self.session.campaign.school_id
