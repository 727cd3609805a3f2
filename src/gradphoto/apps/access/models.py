"""Who tried to enter, and the sessions of persons without an account."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from gradphoto.apps.core.blind_indexes import BlindIndexField
from gradphoto.apps.core.encryption import EncryptedTextField, RowKeyField
from gradphoto.apps.core.wording import bi


class EntryPoint(models.TextChoices):
    """Where somebody asks to be let in."""

    PORTAL = "portal", bi("校对系统", "Verification")
    SIGNING = "signing", bi("本人核对", "Signing page")
    MAKE_UP = "make_up", bi("补拍表", "Make-up form")
    SELF_PHOTO = "self_photo", bi("自助拍摄", "Own photograph")
    STAFF = "staff", bi("工作人员登录", "Staff sign-in")
    SECOND_FACTOR = "second_factor", bi("第二因素", "Second factor")
    PROGRAM = "program", bi("接口令牌", "Token of a program")


class AttemptOutcome(models.TextChoices):
    FAILED = "failed", bi("未通过", "Failed")
    SUCCEEDED = "succeeded", bi("通过", "Passed")
    REFUSED = "refused", bi("次数过多", "Refused, too many")


class AccessAttempt(models.Model):
    """One attempt to enter (R165: throttled and logged). Address, device and person only as blind indexes."""

    entry_point = models.CharField(max_length=13, choices=EntryPoint.choices)
    at = models.DateTimeField(default=timezone.now, db_index=True)
    address_index = BlindIndexField()
    device_index = BlindIndexField(blank=True)
    subject_index = BlindIndexField()
    outcome = models.CharField(max_length=9, choices=AttemptOutcome.choices, default=AttemptOutcome.FAILED)

    class Meta:
        ordering: ClassVar = ["-at"]
        indexes: ClassVar = [
            models.Index(fields=["address_index", "outcome", "at"], name="access_attempt_address"),
            models.Index(fields=["subject_index", "outcome", "at"], name="access_attempt_subject"),
            models.Index(fields=["device_index", "outcome"], name="access_attempt_device"),
        ]

    def __str__(self) -> str:
        return f"{self.entry_point} {self.at:%Y-%m-%d %H:%M} {self.outcome}"


class PersonalSession(models.Model):
    """A session of a person without an account, apart from any staff session.

    Its key lives in the person's browser; here is its index. Each entry point has a table of its own with the record
    that the session opens, so that a page reads both with one question (``access.sessions``).
    """

    key_index = BlindIndexField(unique=True)
    began_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now, db_index=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True


class EndReason(models.TextChoices):
    SIGNED_OUT = "signed_out", bi("已退出", "Signed out")
    IDLE = "idle", bi("长时间未操作", "Idle too long")
    LIMIT = "limit", bi("已达最长时间", "Longest time reached")
    ELSEWHERE = "elsewhere", bi("由本人在别处结束", "Ended by the person elsewhere")
    CLOSED = "closed", bi("账号已停用", "Account closed")
    PASSWORD = "password", bi("密码已更改", "Password changed")


class StaffSession(models.Model):
    """A staff session as its person sees it in the own list: since when, from where, in what browser."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="staff_sessions")
    session_key = models.CharField(max_length=40, unique=True)
    began_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now, db_index=True)
    address = models.CharField(max_length=45, blank=True)
    browser = models.CharField(max_length=80, blank=True)
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=10, choices=EndReason.choices, blank=True)

    class Meta:
        ordering: ClassVar = ["-seen_at"]

    def __str__(self) -> str:
        return f"{self.user_id} {self.began_at:%Y-%m-%d %H:%M}"


class HeldRequest(models.Model):
    """What a person had typed when the session ended or a proof was asked for: sealed, for that person alone, one hour."""

    id = RowKeyField(primary_key=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="held_requests")
    # Addresses too: a list's holds what was searched for, which may be an ID number.
    path = EncryptedTextField()
    page = EncryptedTextField()
    fields = EncryptedTextField()
    had_files = models.BooleanField(default=False)
    is_fragment = models.BooleanField(default=False)
    held_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        ordering: ClassVar = ["-held_at"]

    def __str__(self) -> str:
        return f"{self.user_id} {self.held_at:%Y-%m-%d %H:%M}"
