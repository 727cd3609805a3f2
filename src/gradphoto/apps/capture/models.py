"""What happens in the room: check-ins, frames, the bond between them, and what must not pass silently."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from gradphoto.apps.core.encryption import EncryptedTextField, RowKeyField
from gradphoto.apps.core.models import Blob
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
    MANUAL = "manual", bi("人工查找", "Looked up by hand")
    MAILED = "mailed", bi("邮寄照片或电子图像", "Photo by mail or electronic image")
    SELF_ORGANISED = "self_organised", bi("学习中心自行采集", "Collected by the learning centre itself")


class CheckInStatus(models.TextChoices):
    """Lifecycle C2 from the swipe on."""

    OPEN = "open", bi("待拍摄", "In the chair")
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
    shooting_number = models.PositiveIntegerField()
    method = models.CharField(max_length=20, choices=Identification.choices)
    at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True)
    status = models.CharField(max_length=10, choices=CheckInStatus.choices, default=CheckInStatus.OPEN)
    again_reason = models.CharField(max_length=200, blank=True)
    cancel_reason = models.CharField(max_length=200, blank=True)
    nonce = models.UUIDField(unique=True)

    class Meta:
        ordering: ClassVar = ["campaign", "shooting_number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["campaign", "shooting_number"], name="capture_checkin_number_once"),
            models.UniqueConstraint(
                fields=["session"], condition=Q(status="open"), name="capture_checkin_one_in_the_chair"
            ),
            # R18: a second shot set needs its reason; the first is cancelled in the same action.
            models.UniqueConstraint(
                fields=["candidate"], condition=~Q(status="cancelled"), name="capture_checkin_once_a_person"
            ),
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


class FrameStatus(models.TextChoices):
    UNBOUND = "unbound", bi("未对应", "Unbound")
    BOUND = "bound", bi("已对应", "Bound")
    ACCEPTED = "accepted", bi("已采用", "Accepted")
    REJECTED = "rejected", bi("不采用", "Rejected")


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
    check_in = models.ForeignKey(CheckIn, null=True, on_delete=models.PROTECT, related_name="frames")
    file_name = models.CharField(max_length=120)
    folder = models.CharField(max_length=60, blank=True)
    file_number = models.PositiveIntegerField(null=True)
    camera_serial = models.CharField(max_length=60, blank=True)
    taken_at = models.DateTimeField(null=True)
    arrived_at = models.DateTimeField(default=timezone.now)
    status = models.CharField(max_length=10, choices=FrameStatus.choices, default=FrameStatus.UNBOUND)
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

    def __str__(self) -> str:
        return self.file_name

    @property
    def audit_organisation_id(self) -> int:
        return self.session.campaign.school_id


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
    measurements = models.JSONField(default=dict)
    crop = models.JSONField(null=True)
    current = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["frame", "profile", "pipeline_version", "rules_version"], name="capture_assessment_once"
            ),
            models.UniqueConstraint(fields=["frame"], condition=Q(current=True), name="capture_assessment_one_current"),
        ]

    def __str__(self) -> str:
        return f"{self.frame_id} {self.outcome}"


class HoldReason(models.TextChoices):
    NOT_LISTED = "not_listed", bi("不在采集名单", "Not on the list")
    NOT_APPROVED = "not_approved", bi("信息未核准", "Not yet accepted")
    DATA_DIFFER = "data_differ", bi("证件与名单不一致", "Card and list differ")
    ALREADY = "already", bi("已经拍摄", "Already photographed")
    WRONG_SEASON = "wrong_season", bi("不属于本场季别", "Another season")


class Hold(models.Model):
    """A swipe that must not pass silently (R103). It has no shooting number until a person decides."""

    SCOPE = ("session__campaign__school__path", "session__campaign__centre__path")

    id = RowKeyField(primary_key=True)
    session = models.ForeignKey(CaptureSession, on_delete=models.PROTECT, related_name="holds")
    reason = models.CharField(max_length=16, choices=HoldReason.choices)
    candidate = models.ForeignKey(Candidate, null=True, on_delete=models.PROTECT, related_name="holds")
    name = models.CharField(max_length=80)
    id_number = EncryptedTextField(null=True)  # type: ignore[misc]  # None for somebody without a card
    differences = models.JSONField(default=list)
    at = models.DateTimeField(default=timezone.now)
    decision = models.CharField(max_length=10, blank=True)
    decision_reason = models.CharField(max_length=200, blank=True)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    nonce = models.UUIDField(unique=True)

    class Meta:
        ordering: ClassVar = ["-at"]

    def __str__(self) -> str:
        return f"{self.name} {self.reason}"

    @property
    def audit_organisation_id(self) -> int:
        return self.session.campaign.school_id


class Alarm(models.Model):
    """A break in the order of swipes and frames, noticed at once (R98, facts 4.3)."""

    SCOPE = ("session__campaign__school__path", "session__campaign__centre__path")

    session = models.ForeignKey(CaptureSession, on_delete=models.CASCADE, related_name="alarms")
    kind = models.CharField(max_length=30)
    sentence = models.JSONField()
    remedy = models.JSONField()
    check_in = models.ForeignKey(CheckIn, null=True, on_delete=models.CASCADE, related_name="alarms")
    frame = models.ForeignKey(Frame, null=True, on_delete=models.CASCADE, related_name="alarms")
    at = models.DateTimeField(default=timezone.now)
    settled_at = models.DateTimeField(null=True)
    settled_note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering: ClassVar = ["-at"]

    def __str__(self) -> str:
        return self.kind

    @property
    def audit_organisation_id(self) -> int:
        return self.session.campaign.school_id


from gradphoto.apps.capture.packets.models import ClearedFrame as ClearedFrame  # noqa: E402
from gradphoto.apps.capture.packets.models import Conflict as Conflict  # noqa: E402 - they hang on the models above
from gradphoto.apps.capture.packets.models import OutgoingPacket as OutgoingPacket  # noqa: E402
from gradphoto.apps.capture.packets.models import PacketIntake as PacketIntake  # noqa: E402
from gradphoto.apps.capture.packets.models import StationKit as StationKit  # noqa: E402
from gradphoto.apps.capture.packets.models import StationReceipt as StationReceipt  # noqa: E402
from gradphoto.apps.capture.packets.models import StationRecord as StationRecord  # noqa: E402
from gradphoto.apps.capture.packets.models import StationSelf as StationSelf  # noqa: E402
from gradphoto.apps.capture.repair.models import Repair as Repair  # noqa: E402 - they hang on the models above
from gradphoto.apps.capture.repair.models import RepairChange as RepairChange  # noqa: E402
from gradphoto.apps.capture.review.models import (  # noqa: E402 - they hang on the models above
    AssessmentFinding as AssessmentFinding,
)
from gradphoto.apps.capture.review.models import DecisionReason as DecisionReason  # noqa: E402
from gradphoto.apps.capture.review.models import FramePreview as FramePreview  # noqa: E402
from gradphoto.apps.capture.review.models import FrameReview as FrameReview  # noqa: E402
from gradphoto.apps.capture.review.models import RetakeRequest as RetakeRequest  # noqa: E402
from gradphoto.apps.capture.review.models import ReviewDecision as ReviewDecision  # noqa: E402
from gradphoto.apps.capture.review.models import ReviewState as ReviewState  # noqa: E402
from gradphoto.apps.capture.room.models import CameraClock as CameraClock  # noqa: E402 - they hang on the models above
from gradphoto.apps.capture.room.models import RoomNotice as RoomNotice  # noqa: E402
from gradphoto.apps.capture.room.models import RoomStep as RoomStep  # noqa: E402
from gradphoto.apps.capture.room.models import StepKind as StepKind  # noqa: E402
