"""The files that people came in, and what was found in them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.core.models import Blob, Job
from gradphoto.apps.core.wording import bi
from gradphoto.apps.orgs.models import Organisation


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
    settled_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["row", "pk"]
        indexes: ClassVar = [models.Index(fields=["roster_import", "row"], name="roster_finding_row")]

    def __str__(self) -> str:
        return f"{self.row} {self.field} {self.code}"
