"""Who sat down and how they were known, and who must come again (C2, R18, R96-R101)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from gradphoto.apps.capture.room_clock import room_now
from gradphoto.apps.core.lifecycle import StatusField
from gradphoto.apps.core.wording import bi
from gradphoto.apps.orgs.models import User
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.schedule.models import CaptureSession


class Identification(models.TextChoices):
    """How a person was recognised (R96-R101; a campaign's rule set names the lawful ones)."""

    ID_CARD = "id_card_swipe", bi("刷身份证", "ID card")
    MACHINE_CARD = "machine_card", bi("采集卡二维码", "Collection card")
    MAKEUP_QR = "makeup_qr", bi("补拍二维码", "Make-up code")
    PREASSIGNED = "preassigned_number", bi("预分配序号", "Pre-assigned number")
    STUDENT_NO = "student_no", bi("学号条码", "Student number")
    CHSI_CODE = "chsi_code", bi("采集码", "Collection code")
    MANUAL = "manual", bi("人工查找", "Look up")
    MAILED = "mailed", bi("邮寄照片或电子图像", "By mail or electronic image")
    SELF_ORGANISED = "self_organised", bi("学习中心自行采集", "Collected by the learning centre itself")
    SELF_PHOTO = "self_photo", bi("手机自助拍摄", "Photographing oneself")


class CheckInStatus(models.TextChoices):
    """Lifecycle C2 from the swipe on."""

    OPEN = "open", bi("待拍摄", "Still to be photographed")
    SHOT = "shot", bi("已拍摄", "Photographed")
    CONFIRMED = "confirmed", bi("现场已确认", "Confirmed on site")
    RETAKE = "retake", bi("待重拍", "To be shot again")
    CANCELLED = "cancelled", bi("已撤销", "Cancelled")


class CheckIn(models.Model):
    """A person in the chair. The shooting number is born here (R97) and never used twice, not even when cancelled."""

    SCOPE = ("candidate__department__path", "session__campaign__centre__path")

    session = models.ForeignKey(CaptureSession, on_delete=models.PROTECT, related_name="check_ins")
    campaign = models.ForeignKey("campaigns.Campaign", on_delete=models.PROTECT, related_name="check_ins")
    candidate = models.ForeignKey(Candidate, on_delete=models.PROTECT, related_name="check_ins")
    chair = models.PositiveSmallIntegerField(default=1)
    """Which of the room's chairs (R86): each has its own reader, camera, queue and numbers."""
    shooting_number = models.PositiveIntegerField()
    method = models.CharField(max_length=20, choices=Identification.choices)
    at = models.DateTimeField(default=room_now)
    closed_at = models.DateTimeField(null=True)
    again_at = models.DateTimeField(null=True)
    """When the person was called back into the chair last: who sat there until then may be on a frame still."""
    status = StatusField(max_length=10, choices=CheckInStatus.choices, default=CheckInStatus.OPEN)
    again_reason = models.CharField(max_length=200, blank=True)
    cancel_reason = models.CharField(max_length=200, blank=True)
    nonce = models.UUIDField(unique=True)

    class Meta:
        ordering: ClassVar = ["campaign", "shooting_number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["campaign", "shooting_number"], name="capture_checkin_number_once"),
            models.UniqueConstraint(
                fields=["session", "chair"], condition=Q(status="open"), name="capture_checkin_one_in_the_chair"
            ),
            # R18: a second shot set needs its reason; the first is cancelled in the same action.
            models.UniqueConstraint(
                fields=["candidate"], condition=~Q(status="cancelled"), name="capture_checkin_once_a_person"
            ),
        ]
        indexes: ClassVar = [
            # Who is still to be confirmed on site: few of a season's many.
            models.Index(fields=["session"], condition=Q(status="shot"), name="capture_checkin_to_confirm"),
        ]

    def __str__(self) -> str:
        return f"{self.number_label} {self.candidate}"

    @property
    def number_label(self) -> str:
        """The shooting number as it names files and forms."""
        return f"{self.shooting_number:05d}"

    @property
    def audit_organisation_id(self) -> int:
        return self.candidate.department_id


class RetakeRequest(models.Model):
    """A person must be photographed again, and why: the reason that R18 wants for a second shot set.

    It is fulfilled by the next check-in, which carries the reason, or withdrawn when the rejection is undone.
    """

    SCOPE = ("candidate__department__path", "candidate__campaign__centre__path")

    candidate = models.ForeignKey(Candidate, on_delete=models.PROTECT, related_name="retake_requests")
    check_in = models.ForeignKey("capture.CheckIn", on_delete=models.PROTECT, related_name="retake_requests")
    frame = models.ForeignKey("capture.Frame", on_delete=models.PROTECT, related_name="retake_requests")
    reason = models.CharField(max_length=200)
    was_confirmed = models.BooleanField()
    requested_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=room_now)
    fulfilled_by = models.ForeignKey("capture.CheckIn", null=True, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-at"]
        constraints: ClassVar = [
            # R18: no second shot set without a recorded reason.
            models.CheckConstraint(condition=~Q(reason=""), name="capture_retake_has_reason"),
            models.UniqueConstraint(
                fields=["check_in"], condition=Q(withdrawn_at=None), name="capture_retake_once_a_check_in"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.candidate} {self.reason}"

    @property
    def audit_organisation_id(self) -> int:
        return self.candidate.department_id
