"""The candidate (预计毕业生) and the files he came in."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.core.models import Blob, Job
from gradphoto.apps.core.sealed import SealedTextField
from gradphoto.apps.core.wording import bi
from gradphoto.apps.orgs.models import Organisation


class CandidateStatus(models.TextChoices):
    """Lifecycle C1 of a roster row."""

    ISSUED = "issued", bi("已下发", "Issued")
    CHECKED = "checked", bi("学院已核对", "Checked by college")
    SIGNED = "signed", bi("学生已确认", "Signed by student")
    ACCEPTED = "accepted", bi("已核准", "Accepted")
    DEFERRED = "deferred", bi("另行采集", "Deferred")
    REMOVED = "removed", bi("已删除", "Removed")


class Sex(models.TextChoices):
    MALE = "male", bi("男", "Male")
    FEMALE = "female", bi("女", "Female")


class Candidate(models.Model):
    """One expected graduate of a campaign: the record that travels through the house."""

    SCOPE = ("department__path", "campaign__centre__path")

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="candidates")
    department = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="candidates")
    season = models.CharField(max_length=8, choices=Season.choices)
    class_name = models.CharField(max_length=60, blank=True)
    student_no = models.CharField(max_length=20)
    name = models.CharField(max_length=80)
    sex = models.CharField(max_length=8, choices=Sex.choices)
    birth_date = models.DateField()
    id_number = SealedTextField()
    id_number_index = models.CharField(max_length=64)
    political_status = models.CharField(max_length=20, blank=True)
    ethnic_group = models.CharField(max_length=20, blank=True)
    native_place = models.CharField(max_length=80, blank=True)
    major = models.CharField(max_length=80)
    direction = models.CharField(max_length=80, blank=True)
    level = models.CharField(max_length=20)
    length_of_study = models.CharField(max_length=4, blank=True)
    entry_date = models.DateField(null=True)
    degree_category = models.CharField(max_length=20, blank=True)
    school_kind = models.CharField(max_length=20, blank=True)
    remarks = models.CharField(max_length=200, blank=True)
    status = models.CharField(max_length=10, choices=CandidateStatus.choices, default=CandidateStatus.ISSUED)
    status_reason = models.CharField(max_length=200, blank=True)
    imported_from = models.ForeignKey(
        "roster.RosterImport", null=True, on_delete=models.SET_NULL, related_name="candidates"
    )
    imported_row = models.PositiveIntegerField(null=True)

    class Meta:
        ordering: ClassVar = ["campaign", "season", "department", "student_no"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["campaign", "id_number_index"], name="roster_candidate_id_number_once"),
            models.UniqueConstraint(fields=["campaign", "student_no"], name="roster_candidate_student_no_once"),
            models.CheckConstraint(condition=Q(season__in=Season.values), name="roster_candidate_season_known"),
        ]
        indexes: ClassVar = [models.Index(fields=["campaign", "season", "department", "student_no"])]

    def __str__(self) -> str:
        return f"{self.student_no} {self.name}"

    @property
    def audit_organisation_id(self) -> int:
        return self.department_id


class ImportStatus(models.TextChoices):
    UPLOADED = "uploaded", bi("读取中", "Being read")
    CHECKED = "checked", bi("已导入", "Imported")
    FAILED = "failed", bi("无法读取", "Unreadable")


class RosterImport(models.Model):
    """One roster file as it was handed in, and what became of its rows."""

    SCOPE = ("organisation__path",)

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="imports")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    source = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    file_name = models.CharField(max_length=200)
    status = models.CharField(max_length=10, choices=ImportStatus.choices, default=ImportStatus.UPLOADED)
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    row_count = models.PositiveIntegerField(default=0)
    good_count = models.PositiveIntegerField(default=0)
    bad_count = models.PositiveIntegerField(default=0)
    marked_up = models.ForeignKey(Blob, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["-created_at"]

    def __str__(self) -> str:
        return self.file_name

    @property
    def audit_organisation_id(self) -> int:
        return self.organisation_id


class RosterFinding(models.Model):
    """One finding on one cell of an imported file. ``value`` is masked where it is a personal number."""

    roster_import = models.ForeignKey(RosterImport, on_delete=models.CASCADE, related_name="findings")
    row = models.PositiveIntegerField()
    field = models.CharField(max_length=40)
    column_title = models.CharField(max_length=60)
    value = models.CharField(max_length=120, blank=True)
    code = models.CharField(max_length=60)
    severity = models.CharField(max_length=8)
    reason = models.JSONField()
    remedy = models.JSONField()

    class Meta:
        ordering: ClassVar = ["row", "pk"]

    def __str__(self) -> str:
        return f"{self.row} {self.field} {self.code}"
