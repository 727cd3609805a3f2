"""The three-step review and the registration ledger (R163 steps 10-12, R171, R214)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.core.encryption import EncryptedTextField, RowKeyField
from gradphoto.apps.core.lifecycle import StatusField
from gradphoto.apps.core.wording import bi
from gradphoto.apps.delivery.models import Portrait
from gradphoto.apps.orgs.models import User
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.verification.models import VerificationCase


class ReviewStatus(models.TextChoices):
    APPLIED = "applied", bi("中心已申请，待总部审核", "Applied, with the head office")
    HEAD_APPROVED = (
        "head_approved",
        bi("总部已审核，待国家中心", "Approved by the head office, with the national centre"),
    )
    APPROVED = "approved", bi("国家中心已审核", "Approved by the national centre")
    RETURNED = "returned", bi("退回更正", "Returned for correction")


class Review(models.Model):
    """One confirmed case on its way through centre, head office and national centre, by different persons."""

    SCOPE = ("case__candidate__department__path",)

    case = models.OneToOneField(VerificationCase, on_delete=models.PROTECT, related_name="review")
    status = StatusField(max_length=14, choices=ReviewStatus.choices, default=ReviewStatus.APPLIED)
    applied_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    applied_at = models.DateTimeField(default=timezone.now)
    head_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    head_at = models.DateTimeField(null=True)
    national_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    national_at = models.DateTimeField(null=True)
    returned_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering: ClassVar = [
            "case__candidate__season",
            "case__candidate__department",
            "case__candidate__student_no",
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(head_by__isnull=True) | ~Q(head_by=models.F("applied_by")),
                name="registration_review_four_eyes",
            ),
            models.CheckConstraint(
                condition=Q(national_by__isnull=True)
                | (~Q(national_by=models.F("applied_by")) & ~Q(national_by=models.F("head_by"))),
                name="registration_review_third_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.status}"

    @property
    def audit_organisation_id(self) -> int:
        return self.case.candidate.department_id


class EntryKind(models.TextChoices):
    WITH_PHOTO = "with_photo", bi("有图像", "With photograph")
    WITHOUT_PHOTO = "without_photo", bi("无图像", "Without photograph")
    CORRECTION = "correction", bi("更正", "Corrections")
    PHOTO_ADDED = "photo_added", bi("补登图像", "Photograph added")


REGISTERING = (EntryKind.WITH_PHOTO, EntryKind.WITHOUT_PHOTO)
"""The kinds of lines by which a person is registered: one a person. All later lines only add to it."""


class LedgerEntries(models.QuerySet["LedgerEntry"]):
    """Refuses what would go round ``LedgerEntry.save``: no line is rewritten or struck out in bulk."""

    def update(self, **kwargs: Any) -> int:
        raise TypeError("A ledger entry is never changed; a correction is a new entry.")

    def delete(self) -> tuple[int, dict[str, int]]:
        raise TypeError("A ledger entry is never deleted.")


class LedgerEntry(models.Model):
    """A line of the registration ledger. It is never changed; a later correction is a new line.

    A line with a photograph stands on its ``review``, and so on the graduate's own confirmation.
    """

    SCOPE = ("candidate__department__path",)
    OF_SCHOOL = True
    """The line's campaign is its person's (``orgs.reach``)."""
    objects = LedgerEntries.as_manager()

    id = RowKeyField(primary_key=True)
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="ledger")
    number = models.PositiveIntegerField()
    candidate = models.ForeignKey(Candidate, on_delete=models.PROTECT, related_name="ledger_entries")
    kind = models.CharField(max_length=14, choices=EntryKind.choices)
    portrait = models.ForeignKey(Portrait, null=True, on_delete=models.PROTECT, related_name="ledger_entries")
    review = models.OneToOneField(Review, null=True, on_delete=models.PROTECT, related_name="ledger_entry")
    name = models.CharField(max_length=80)
    id_number = EncryptedTextField()
    facts = models.JSONField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["campaign", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["campaign", "number"], name="registration_entry_number_once"),
            models.UniqueConstraint(
                fields=["candidate"], condition=Q(kind__in=REGISTERING), name="registration_entry_once_a_person"
            ),
            # What was not confirmed is not registered with a photograph, and the other way round.
            models.CheckConstraint(
                condition=Q(kind="with_photo", portrait__isnull=False, review__isnull=False)
                | Q(kind="without_photo", portrait__isnull=True, review__isnull=True)
                | Q(kind="photo_added", portrait__isnull=False, review__isnull=True)
                | Q(kind="correction"),
                name="registration_entry_photo_as_kind",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise TypeError("A ledger entry is never changed; a correction is a new entry.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise TypeError("A ledger entry is never deleted.")

    @property
    def audit_organisation_id(self) -> int:
        return self.candidate.department_id


class CorrectionStatus(models.TextChoices):
    PROPOSED = "proposed", bi("待审核", "Awaits review")
    APPROVED = "approved", bi("已更正", "Corrected")
    REJECTED = "rejected", bi("未同意", "Rejected")


class LedgerCorrection(models.Model):
    """One registered value that the registry wants corrected, and the line of the ledger that it became."""

    SCOPE = ("entry__candidate__department__path",)

    id = RowKeyField(primary_key=True)
    entry = models.ForeignKey(LedgerEntry, on_delete=models.PROTECT, related_name="corrections")
    field = models.CharField(max_length=40)
    shown = models.CharField(max_length=120)
    entered = EncryptedTextField()
    reason = models.CharField(max_length=200)
    status = StatusField(max_length=10, choices=CorrectionStatus.choices, default=CorrectionStatus.PROPOSED)
    proposed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    refusal = models.CharField(max_length=200, blank=True)
    result = models.OneToOneField(LedgerEntry, null=True, on_delete=models.PROTECT, related_name="correction")

    class Meta:
        ordering: ClassVar = ["-proposed_at"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=models.F("proposed_by")),
                name="registration_correction_four_eyes",
            ),
            models.UniqueConstraint(
                fields=["entry", "field"], condition=Q(status="proposed"), name="registration_correction_waits_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entry_id} {self.field}"

    @property
    def audit_organisation_id(self) -> int:
        return self.entry.candidate.department_id


class AdditionStatus(models.TextChoices):
    PROPOSED = "proposed", bi("待国家中心审核", "With the national centre")
    APPROVED = "approved", bi("已补登", "Added")
    REJECTED = "rejected", bi("未同意", "Rejected")


class PhotoAddition(models.Model):
    """A delivered photograph that somebody registered without one shall have, and the line it became (R171, R214)."""

    SCOPE = ("entry__candidate__department__path",)

    entry = models.ForeignKey(LedgerEntry, on_delete=models.PROTECT, related_name="additions")
    portrait = models.ForeignKey(Portrait, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=200)
    status = StatusField(max_length=10, choices=AdditionStatus.choices, default=AdditionStatus.PROPOSED)
    proposed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    refusal = models.CharField(max_length=200, blank=True)
    result = models.OneToOneField(LedgerEntry, null=True, on_delete=models.PROTECT, related_name="addition")

    class Meta:
        ordering: ClassVar = ["-proposed_at", "-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=models.F("proposed_by")),
                name="registration_addition_four_eyes",
            ),
            models.UniqueConstraint(
                fields=["entry"], condition=Q(status="proposed"), name="registration_addition_waits_once"
            ),
            models.CheckConstraint(
                condition=~Q(status="approved") | Q(result__isnull=False, decided_by__isnull=False),
                name="registration_addition_has_its_line",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entry_id} {self.status}"

    @property
    def audit_organisation_id(self) -> int:
        return self.entry.candidate.department_id


class ExportFormat(models.TextChoices):
    XLSX = "xlsx", bi("xlsx（含缩略图）", "xlsx with small pictures")
    DBF = "dbf", bi("DBF 与照片（zip）", "DBF and photographs (zip)")
