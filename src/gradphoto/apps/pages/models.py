"""The one record of a list that leaves as a file: whose, of which list, by which filter, how far, until when."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from gradphoto.apps.core.encryption import EncryptedTextField, RowKeyField
from gradphoto.apps.core.models import Blob, Job
from gradphoto.apps.core.wording import bi
from gradphoto.apps.orgs.models import Organisation, User


class FileFormat(models.TextChoices):
    XLSX = "xlsx", bi("Excel 表格（xlsx）", "Excel workbook (xlsx)")
    CSV = "csv", bi("CSV 文本", "CSV text")
    ZIP = "zip", bi("压缩包（zip）", "Archive (zip)")


class AddedFont(models.Model):
    """A font that an administrator added for rare characters; its file lies in the store, so that every node has it."""

    SCOPE = ("organisation__path",)

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64, unique=True)
    family = models.CharField(max_length=80)
    file_name = models.CharField(max_length=120)
    suffix = models.CharField(max_length=5)
    characters = models.PositiveIntegerField()
    covered = models.JSONField()
    """How many characters of each block of GB 18030-2022 it draws, by the block's name."""
    added_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    added_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["added_at", "pk"]

    def __str__(self) -> str:
        return self.family

    @property
    def audit_organisation_id(self) -> int:
        return self.organisation_id


class Export(models.Model):
    """A list written to a file: by whom, under which filter, and the file until it expires.

    The filter is sealed, as a search may hold an ID number; the file is encrypted in the store and its bytes go once
    the day has come. A document that is more than a list (a ledger with pictures, a package) is made by its room's own
    maker under the same record: ``listing`` names it. So is the report on what was handed in (``upload``), file by file.
    """

    SCOPE = ("organisation__path",)

    id = RowKeyField(primary_key=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="exports")
    listing = models.CharField(max_length=60)
    title = models.JSONField()
    query = EncryptedTextField()
    file_format = models.CharField(max_length=8, choices=FileFormat.choices, default=FileFormat.XLSX)
    file_name = models.CharField(max_length=80)
    requested_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    blob = models.ForeignKey(Blob, null=True, on_delete=models.SET_NULL, related_name="+")
    upload = models.ForeignKey(Blob, null=True, on_delete=models.SET_NULL, related_name="+")
    """What was handed in to be worked off, where the file reports on it; it goes once it was read, is read no more, or the
    day has come."""
    size_bytes = models.PositiveBigIntegerField(default=0)
    row_count = models.PositiveIntegerField(default=0)
    left_out = models.PositiveIntegerField(default=0)
    fetched_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-requested_at", "-pk"]
        indexes: ClassVar = [models.Index(fields=["expires_at"])]

    def __str__(self) -> str:
        return f"{self.listing} {timezone.localtime(self.requested_at):%Y-%m-%d %H:%M}"

    @property
    def audit_organisation_id(self) -> int:
        return self.organisation_id

    @property
    def is_expired(self) -> bool:
        return self.expires_at <= timezone.now()

    @property
    def is_ready(self) -> bool:
        return self.blob_id is not None and not self.is_expired
