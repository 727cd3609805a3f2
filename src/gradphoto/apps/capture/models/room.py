"""What the room remembers beside people and frames: holds, alarms, its steps (for the undo), its troubles, its clocks."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from django.db import models

from gradphoto.apps.capture.models.check_ins import CheckIn
from gradphoto.apps.capture.models.frames import Frame
from gradphoto.apps.capture.room_clock import room_now
from gradphoto.apps.core.encryption import EncryptedTextField, RowKeyField
from gradphoto.apps.core.wording import bi
from gradphoto.apps.orgs.models import User
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.schedule.models import CaptureSession


class HoldReason(models.TextChoices):
    NOT_LISTED = "not_listed", bi("不在采集名单", "Not on the list")
    NOT_APPROVED = "not_approved", bi("信息未核准", "Not yet accepted")
    DATA_DIFFER = "data_differ", bi("证件与名单不一致", "Card and list differ")
    ALREADY = "already", bi("已经拍摄", "Already photographed")
    WRONG_SEASON = "wrong_season", bi("与本场次毕业季不符", "Another season")


class Hold(models.Model):
    """A swipe that must not pass silently (R103). It has no shooting number until a person decides."""

    SCOPE = ("session__campaign__school__path", "session__campaign__centre__path")

    id = RowKeyField(primary_key=True)
    session = models.ForeignKey(CaptureSession, on_delete=models.PROTECT, related_name="holds")
    chair = models.PositiveSmallIntegerField(default=1)
    reason = models.CharField(max_length=16, choices=HoldReason.choices)
    candidate = models.ForeignKey(Candidate, null=True, on_delete=models.PROTECT, related_name="holds")
    name = models.CharField(max_length=80)
    id_number = EncryptedTextField(null=True)  # type: ignore[misc]  # None for somebody without a card
    differences = models.JSONField(default=list)
    at = models.DateTimeField(default=room_now)
    decision = models.CharField(max_length=10, blank=True)
    decision_reason = models.CharField(max_length=200, blank=True)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    """By the room's clock; until then the holder of the card may sit down all the same (R98)."""
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
    chair = models.PositiveSmallIntegerField(default=1)
    kind = models.CharField(max_length=30)
    sentence = models.JSONField()
    remedy = models.JSONField()
    check_in = models.ForeignKey(CheckIn, null=True, on_delete=models.CASCADE, related_name="alarms")
    frame = models.ForeignKey(Frame, null=True, on_delete=models.CASCADE, related_name="alarms")
    at = models.DateTimeField(default=room_now)
    settled_at = models.DateTimeField(null=True)
    settled_note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering: ClassVar = ["-at"]

    def __str__(self) -> str:
        return self.kind

    @property
    def audit_organisation_id(self) -> int:
        return self.session.campaign.school_id


class StepKind(models.TextChoices):
    """A step that can be taken back, as the undo key names it."""

    CHECK_IN = "check_in", bi("登记", "Check-in")
    ACCEPT = "accept", bi("采用照片", "Accepted frame")
    REJECT = "reject", bi("不采用照片", "Rejected frame")
    CALL_BACK = "call_back", bi("请回来重拍", "Call back, again")
    CANCEL = "cancel", bi("撤销登记", "Cancelled")
    LEAVE = "leave", bi("离开没有照片", "Gone without a photograph")
    SEND_AWAY = "send_away", bi("不拍摄", "Sent away")
    SETTLE = "settle", bi("警报已处理", "Settled alarm")
    BIND = "bind", bi("对应照片", "Bound frame")
    CHOOSE = "choose", bi("换用照片", "Chose another frame")


class RoomStep(models.Model):
    """One step of the room with what stood before it. Nothing is deleted by an undo: it is marked and stays."""

    SCOPE = ("session__campaign__school__path", "session__campaign__centre__path")

    session = models.ForeignKey(CaptureSession, on_delete=models.CASCADE, related_name="steps")
    chair = models.PositiveSmallIntegerField(default=1)
    kind = models.CharField(max_length=10, choices=StepKind.choices)
    check_in = models.ForeignKey("capture.CheckIn", null=True, on_delete=models.CASCADE, related_name="+")
    frame = models.ForeignKey("capture.Frame", null=True, on_delete=models.CASCADE, related_name="+")
    hold = models.ForeignKey("capture.Hold", null=True, on_delete=models.CASCADE, related_name="+")
    alarm = models.ForeignKey("capture.Alarm", null=True, on_delete=models.CASCADE, related_name="+")
    before = models.JSONField(default=dict)
    at = models.DateTimeField(default=room_now)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar = ["-pk"]

    def __str__(self) -> str:
        return f"{self.session_id} {self.kind}"

    @property
    def audit_organisation_id(self) -> int:
        return self.session.campaign.school_id


class RoomNotice(models.Model):
    """What a device says to the room: a pulled plug, a refused swipe. It stands until it is mended, put away, or ``until``."""

    SCOPE = ("session__campaign__school__path", "session__campaign__centre__path")

    session = models.ForeignKey(CaptureSession, on_delete=models.CASCADE, related_name="notices")
    chair = models.PositiveSmallIntegerField(default=1)
    source = models.CharField(max_length=20)
    code = models.CharField(max_length=60)
    sentence = models.JSONField()
    remedy = models.JSONField()
    candidate = models.ForeignKey(Candidate, null=True, on_delete=models.SET_NULL, related_name="+")
    """Whose card it was that was refused, where that is known."""
    at = models.DateTimeField(default=room_now)
    until = models.DateTimeField(null=True)
    cleared_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-pk"]

    def __str__(self) -> str:
        return self.code

    @property
    def event(self) -> str:
        """How the screen's banner names it."""
        return f"notice-{self.pk}"

    @property
    def audit_organisation_id(self) -> int:
        return self.session.campaign.school_id


class CameraClock(models.Model):
    """How far a camera's clock is ahead of the computer's: measured by the station, or entered by a person."""

    SCOPE = ("session__campaign__school__path", "session__campaign__centre__path")

    session = models.ForeignKey(CaptureSession, on_delete=models.CASCADE, related_name="clocks")
    chair = models.PositiveSmallIntegerField(default=1)
    camera_serial = models.CharField(max_length=60, blank=True)
    offset_s = models.FloatField()
    uncertainty_s = models.FloatField(default=0.5)
    transfer_s = models.FloatField(null=True)
    """How long the frame with the clock code took to arrive, where the measurement tells it."""
    measured_at = models.DateTimeField(default=room_now)
    by_hand = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar = ["-measured_at", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["session", "chair", "camera_serial", "measured_at"], name="capture_clock_reading_once"
            ),
            models.CheckConstraint(condition=models.Q(uncertainty_s__gte=0), name="capture_clock_give_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.camera_serial} {self.offset_s:+.1f} s"

    @property
    def audit_organisation_id(self) -> int:
        return self.session.campaign.school_id

    @property
    def offset(self) -> timedelta:
        """Camera clock minus computer clock."""
        return timedelta(seconds=self.offset_s)


class ChairNumbers(models.Model):
    """The shooting numbers that a chair of a room with several gives out (R97): its own run, so that they go on with its
    camera's numbers (R98). ``following`` is given next; after ``last`` another run is reserved."""

    SCOPE = ("session__campaign__school__path", "session__campaign__centre__path")

    session = models.ForeignKey(CaptureSession, on_delete=models.CASCADE, related_name="chair_numbers")
    chair = models.PositiveSmallIntegerField()
    following = models.PositiveIntegerField()
    last = models.PositiveIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["session", "chair"], name="capture_chair_numbers_once"),
        ]

    def __str__(self) -> str:
        return f"{self.session_id}/{self.chair} {self.following}-{self.last}"

    @property
    def audit_organisation_id(self) -> int:
        return self.session.campaign.school_id
