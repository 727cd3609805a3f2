"""One person's make-up (补拍、散拍), from the request to the delivery to the school's recipient (C6, R140-R147)."""

from __future__ import annotations

import secrets
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from gradphoto.apps.access.models import PersonalSession
from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.capture.models import CheckIn
from gradphoto.apps.core.blind_indexes import BlindIndexField
from gradphoto.apps.core.encryption import EncryptedTextField, RowKeyField
from gradphoto.apps.core.lifecycle import StatusField
from gradphoto.apps.core.wording import bi
from gradphoto.apps.makeup.models.calendars import MakeUpCalendar, MakeUpSlot
from gradphoto.apps.orgs.models import Organisation, User
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.schedule.models import CaptureSession, OfCampaign


class ReasonKind(models.TextChoices):
    """Why somebody was not photographed with their class; all but the first are special reasons (R9, R145, R146)."""

    MISSED = "missed", bi("当日漏拍", "Missed on the day")
    ILLNESS = "illness", bi("生病", "Illness")
    INTERNSHIP = "internship", bi("外地实习", "Internship elsewhere")
    ARMY = "army", bi("参军", "In the army")
    ABROAD = "abroad", bi("出国留学", "Study abroad")
    OTHER = "other", bi("其他特殊原因", "Another special reason")


class Way(models.TextChoices):
    """Where the photograph is made (R9-R11, R146)."""

    CENTRE = "centre", bi("本省采集中心", "At the province's centre")
    BRANCH = "branch", bi("外省分社", "Branch in another province")
    MAIL = "mail", bi("邮寄照片或电子图像", "By mail or electronic image")


class CaseStatus(models.TextChoices):
    """Lifecycle C6."""

    APPLIED = "applied", bi("已申请", "Applied for")
    APPROVED = "approved", bi("学校已批准", "Approved by school")
    ISSUED = "issued", bi("已发散拍二维码", "Form QR issued")
    FILLED = "filled", bi("已填表，待预约", "Form filled, to be booked")
    BOOKED = "booked", bi("已预约", "Booked")
    NO_SHOW = "no_show", bi("未到场", "Did not come")
    ATTENDED = "attended", bi("已到场", "Attended")
    CAPTURED = "captured", bi("已拍摄", "Photographed")
    DELIVERED = "delivered", bi("已交学校收件人", "Delivered to the school's recipient")
    REFUSED = "refused", bi("学校未批准", "Refused by school")
    CANCELLED = "cancelled", bi("已取消", "Cancelled")
    EXPIRED = "expired", bi("已过期", "Expired")


OVER = (CaseStatus.DELIVERED, CaseStatus.REFUSED, CaseStatus.CANCELLED, CaseStatus.EXPIRED)


def _key() -> str:
    return secrets.token_hex(8)


class DeliveryRecipient(OfCampaign):
    """Who receives make-up photographs for a unit: never the student (R141, R147)."""

    id = RowKeyField(primary_key=True)
    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="make_up_recipients")
    unit = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=60)
    phone = EncryptedTextField()
    address = models.CharField(max_length=200)
    postcode = models.CharField(max_length=10, blank=True)

    class Meta:
        ordering: ClassVar = ["campaign", "unit"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["campaign", "unit"], name="makeup_recipient_one_a_unit"),
            models.CheckConstraint(condition=~Q(address="") & ~Q(name=""), name="makeup_recipient_whole"),
        ]

    def __str__(self) -> str:
        return f"{self.unit.name} {self.name}"


class MakeUpCase(models.Model):
    """One person's make-up; a person has at most one that is under way."""

    SCOPE = ("candidate__department__path", "candidate__campaign__centre__path")

    id = RowKeyField(primary_key=True)
    candidate = models.ForeignKey(Candidate, on_delete=models.PROTECT, related_name="make_up_cases")
    session = models.ForeignKey(CaptureSession, null=True, on_delete=models.SET_NULL, related_name="make_up_cases")
    reason_kind = models.CharField(max_length=10, choices=ReasonKind.choices)
    reason = models.CharField(max_length=200, blank=True)
    way = models.CharField(max_length=8, choices=Way.choices, default=Way.CENTRE)
    branch = models.CharField(max_length=20, blank=True)
    status = StatusField(max_length=10, choices=CaseStatus.choices, default=CaseStatus.APPLIED)
    applied_at = models.DateTimeField(default=timezone.now)
    applied_by = models.CharField(max_length=150)
    opened_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    """Who asked: another person approves. None for a case that a program opened."""
    decided_by = models.CharField(max_length=150, blank=True)
    decision_reason = models.CharField(max_length=200, blank=True)
    key = models.CharField(max_length=16, unique=True, default=_key)
    """What the personal QR names: it says nothing of the person, and a new one makes the old QR void."""
    consent_at = models.DateTimeField(null=True)
    phone = EncryptedTextField(null=True)  # type: ignore[misc]
    recipient = models.ForeignKey(DeliveryRecipient, null=True, on_delete=models.SET_NULL, related_name="cases")
    no_shows = models.PositiveSmallIntegerField(default=0)
    attended_at = models.DateTimeField(null=True)
    check_in = models.ForeignKey(CheckIn, null=True, on_delete=models.PROTECT, related_name="make_up_cases")
    delivered_at = models.DateTimeField(null=True)
    received_by = models.CharField(max_length=60, blank=True)
    went_out_with = models.CharField(max_length=120, blank=True)
    """What print or file carried the photograph out of the house, as delivery told it when it was received."""

    class Meta:
        ordering: ClassVar = ["-applied_at", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["candidate"],
                condition=~Q(status__in=[str(status) for status in OVER]),
                name="makeup_case_one_under_way",
            ),
            models.CheckConstraint(condition=Q(status__in=CaseStatus.values), name="makeup_case_status_known"),
            models.CheckConstraint(
                condition=~Q(status__in=["captured", "delivered"]) | Q(check_in__isnull=False),
                name="makeup_case_captured_has_number",
            ),
            models.CheckConstraint(
                condition=Q(reason_kind="missed") | ~Q(reason=""), name="makeup_case_special_reason_told"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["status", "applied_at"], name="makeup_case_list")]

    def __str__(self) -> str:
        return f"{self.candidate_id} {self.status}"

    @property
    def audit_organisation_id(self) -> int:
        return self.candidate.department_id

    @property
    def is_over(self) -> bool:
        return self.status in OVER

    @property
    def booking(self) -> MakeUpBooking | None:
        """The appointment that stands."""
        return self.bookings.filter(released_at=None).select_related("slot__calendar").first()


class FormCode(models.Model):
    """The one-time code behind the form's QR: spent when the form is filled, replaced by a new one, or run out."""

    id = RowKeyField(primary_key=True)
    case = models.ForeignKey(MakeUpCase, on_delete=models.CASCADE, related_name="codes")
    code = EncryptedTextField()
    code_index = BlindIndexField(unique=True)
    issued_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-issued_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case"], condition=Q(ended_at=None), name="makeup_formcode_live_once")
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.issued_at:%Y-%m-%d}"

    @property
    def is_live(self) -> bool:
        return self.ended_at is None and self.expires_at > timezone.now()


class FormSession(PersonalSession):
    """A student's session on the make-up form; ``case_key`` is the case's key when it began."""

    case = models.ForeignKey(MakeUpCase, on_delete=models.CASCADE, related_name="form_sessions")
    case_key = models.CharField(max_length=16)

    class Meta:
        ordering: ClassVar = ["-seen_at"]

    def __str__(self) -> str:
        return f"{self.case_id} {self.seen_at:%Y-%m-%d %H:%M}"


class MakeUpBooking(models.Model):
    """An appointment in a published half-hour, or one agreed by telephone with its own place and time."""

    SCOPE = ("case__candidate__department__path", "case__candidate__campaign__centre__path")

    case = models.ForeignKey(MakeUpCase, on_delete=models.CASCADE, related_name="bookings")
    slot = models.ForeignKey(MakeUpSlot, null=True, on_delete=models.PROTECT, related_name="bookings")
    at = models.DateTimeField()
    place = models.CharField(max_length=160)
    by_telephone = models.BooleanField(default=False)
    booked_by = models.CharField(max_length=150)
    booked_at = models.DateTimeField(default=timezone.now)
    released_at = models.DateTimeField(null=True)
    release_reason = models.CharField(max_length=200, blank=True)
    exception = models.CharField(max_length=200, blank=True)
    """Why the day lies outside the make-up season (R140); empty within it."""

    class Meta:
        ordering: ClassVar = ["-booked_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case"], condition=Q(released_at=None), name="makeup_booking_one_a_case"),
            models.CheckConstraint(
                condition=Q(slot__isnull=False) | Q(by_telephone=True), name="makeup_booking_slot_or_telephone"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.at:%Y-%m-%d %H:%M}"


class Waiting(models.Model):
    """A place on the waiting list of a calendar; told once, in the order of asking, when half an hour gets free."""

    SCOPE = ("case__candidate__department__path", "case__candidate__campaign__centre__path")

    case = models.OneToOneField(MakeUpCase, on_delete=models.CASCADE, related_name="waiting")
    calendar = models.ForeignKey(MakeUpCalendar, on_delete=models.CASCADE, related_name="waiting")
    since = models.DateTimeField(default=timezone.now)
    told_at = models.DateTimeField(null=True)
    slot = models.ForeignKey(MakeUpSlot, null=True, on_delete=models.SET_NULL, related_name="+")
    noticed_at = models.DateTimeField(null=True)
    """When the message about the free half-hour was taken by its carrier; ``notice`` says how, or why it was not."""
    notice = models.CharField(max_length=160, blank=True)

    class Meta:
        ordering: ClassVar = ["since", "pk"]

    def __str__(self) -> str:
        return f"{self.case_id} {self.since:%Y-%m-%d}"

    @property
    def audit_organisation_id(self) -> int:
        return self.case.candidate.department_id
