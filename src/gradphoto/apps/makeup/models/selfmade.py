"""Collection that a learning centre organises itself: its photographs, its summary table, its rows (R148-R152, R52)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.capture.models import CheckIn
from gradphoto.apps.core.encryption import EncryptedTextField, RowKeyField
from gradphoto.apps.core.lifecycle import StatusField
from gradphoto.apps.core.models import Blob, Job
from gradphoto.apps.core.wording import bi
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.schedule.models import CaptureSession


class SelfStatus(models.TextChoices):
    PREPARING = "preparing", bi("待联系图片社", "Agency to be contacted")
    OPEN = "open", bi("上传中", "Uploading")
    SUBMITTED = "submitted", bi("已提交", "Handed in")
    TAKING = "taking", bi("接收中", "Being taken over")
    TAKEN = "taken", bi("已接收", "Taken over")
    WITHDRAWN = "withdrawn", bi("已撤回", "Withdrawn")


class SelfCollection(models.Model):
    """One hand-in: what was a disc and a money order in the notice. Nothing leaves it before the agency takes it."""

    SCOPE = ("organisation__path", "campaign__centre__path")

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="self_collections")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="self_collections")
    title = models.CharField(max_length=120)
    status = StatusField(max_length=10, choices=SelfStatus.choices, default=SelfStatus.PREPARING)
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField(default=timezone.now)
    contacted_on = models.DateField(null=True)
    contacted_whom = models.CharField(max_length=80, blank=True)
    sending_agreed_on = models.DateField(null=True)
    sending_agreed_whom = models.CharField(max_length=80, blank=True)
    summary = models.ForeignKey(Blob, null=True, on_delete=models.PROTECT, related_name="+")
    summary_name = models.CharField(max_length=120, blank=True)
    checked_at = models.DateTimeField(null=True)
    session = models.ForeignKey(CaptureSession, null=True, on_delete=models.PROTECT, related_name="+")
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    return_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering: ClassVar = ["-made_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["campaign", "organisation", "title"], name="makeup_selfcollection_once"),
            models.CheckConstraint(
                condition=Q(status__in=["preparing", "withdrawn"]) | Q(contacted_on__isnull=False),
                name="makeup_selfcollection_contacted_first",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["submitted", "taking", "taken"]) | Q(sending_agreed_on__isnull=False),
                name="makeup_selfcollection_agreed_before_sending",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def audit_organisation_id(self) -> int:
        return self.organisation_id


class SelfPhoto(models.Model):
    """One file as uploaded. Its name says its shooting number, or is a fault that the report tells."""

    SCOPE = ("collection__organisation__path", "collection__campaign__centre__path")

    collection = models.ForeignKey(SelfCollection, on_delete=models.CASCADE, related_name="photos")
    file_name = models.CharField(max_length=120)
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    faults = models.JSONField(default=list)
    notes = models.JSONField(default=list)
    """What a finished file lacks (R152): it does not stop the hand-in, a person looks at the picture afterwards."""

    class Meta:
        ordering: ClassVar = ["file_name"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["collection", "file_name"], name="makeup_selfphoto_name_once")
        ]

    def __str__(self) -> str:
        return self.file_name


class SelfRow(models.Model):
    """One row of the summary table, what is wrong with it, and whose check-in it became."""

    SCOPE = ("collection__organisation__path", "collection__campaign__centre__path")

    id = RowKeyField(primary_key=True)
    collection = models.ForeignKey(SelfCollection, on_delete=models.CASCADE, related_name="rows")
    line = models.PositiveIntegerField()
    number = models.PositiveIntegerField(null=True)
    name = models.CharField(max_length=80)
    student_no = models.CharField(max_length=40)
    id_number = EncryptedTextField()
    photo = models.ForeignKey(SelfPhoto, null=True, on_delete=models.SET_NULL, related_name="rows")
    candidate = models.ForeignKey(Candidate, null=True, on_delete=models.SET_NULL, related_name="+")
    faults = models.JSONField(default=list)
    check_in = models.ForeignKey(CheckIn, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar = ["line"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["collection", "line"], name="makeup_selfrow_line_once"),
            models.UniqueConstraint(
                fields=["check_in"], condition=Q(check_in__isnull=False), name="makeup_selfrow_checkin_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line} {self.student_no}"
