"""The files that people came in, and what was found in them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.core.encryption import EncryptedTextField, RowKeyField
from gradphoto.apps.core.lifecycle import StatusField
from gradphoto.apps.core.models import Blob, Job
from gradphoto.apps.core.wording import bi
from gradphoto.apps.orgs.models import Organisation


class ImportStatus(models.TextChoices):
    """Which column is which is confirmed, the file is read, what it would change is reviewed, and then it is done."""

    MAPPING = "mapping", bi("待确认各列", "Columns to confirm")
    READING = "reading", bi("读取中", "Being read")
    REVIEW = "review", bi("待确认导入", "To be reviewed")
    DONE = "done", bi("已办结", "Done")
    FAILED = "failed", bi("无法读取", "Unreadable")
    DISCARDED = "discarded", bi("已放弃", "Discarded")


class RosterImport(models.Model):
    """One roster file as it was handed in, and what became of its rows."""

    SCOPE = ("organisation__path",)

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="imports")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    source = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    file_name = models.CharField(max_length=200)
    status = StatusField(max_length=10, choices=ImportStatus.choices, default=ImportStatus.MAPPING)
    proposals = models.JSONField(default=list)
    """What the look at the sheets has found (``engine.roster.Proposal``); a few sample values, ID numbers masked."""
    sheets = models.JSONField(default=list)
    """The sheets that were read together, each with what is added to its row numbers."""
    mapping = models.JSONField(null=True)
    defaults = models.JSONField(default=dict)
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    row_count = models.PositiveIntegerField(default=0)
    good_count = models.PositiveIntegerField(default=0)
    bad_count = models.PositiveIntegerField(default=0)
    same_count = models.PositiveIntegerField(default=0)
    marked_up = models.ForeignKey(Blob, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["-created_at"]

    def __str__(self) -> str:
        return self.file_name

    @property
    def audit_organisation_id(self) -> int:
        return self.organisation_id

    def place_of(self, row: int | None) -> str:
        """A row as the file shows it: its number, with its sheet where several were read together."""
        if row is None:
            return ""
        if len(self.sheets) < 2:
            return str(row)
        sheet = next((one for one in reversed(self.sheets) if one["offset"] < row), self.sheets[0])
        return f"{sheet['sheet']} {row - sheet['offset']}"


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


class ColumnMemory(models.Model):
    """Which column is which, as a person confirmed it for a school's headings; used for the next file with the same."""

    SCOPE = ("school__path",)

    school = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    fingerprint = models.CharField(max_length=64)
    mapping = models.JSONField()
    defaults = models.JSONField(default=dict)
    used_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["school", "fingerprint"], name="roster_columnmemory_once")
        ]

    def __str__(self) -> str:
        return self.fingerprint[:12]


class ImportFix(models.Model):
    """A safe repair of one cell: offered after the check, applied or taken back by a person before anything is stored."""

    roster_import = models.ForeignKey(RosterImport, on_delete=models.CASCADE, related_name="fixes")
    row = models.PositiveIntegerField()
    field = models.CharField(max_length=40)
    column_title = models.CharField(max_length=60)
    before = models.CharField(max_length=120, blank=True)
    after = models.CharField(max_length=120, blank=True)
    applied = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar = ["row", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["roster_import", "row", "field"], name="roster_importfix_once")
        ]

    def __str__(self) -> str:
        return f"{self.row} {self.field}"


class DifferenceKind(models.TextChoices):
    ADDED = "added", bi("新增", "new")
    CHANGED = "changed", bi("有变化", "Changed")
    GONE = "gone", bi("新名册中没有", "Gone")


class DifferenceState(models.TextChoices):
    WAITING = "waiting", bi("待确认", "Waiting")
    TAKEN = "taken", bi("已采纳", "Accepted")
    DECLINED = "declined", bi("未采纳", "Declined")
    REFUSED = "refused", bi("未能办理", "Not done")


class ImportDifference(models.Model):
    """What a file would change, person by person; nothing changes until somebody accepts it.

    ``record`` is the new row as JSON, sealed because it holds the ID number; ``changes`` are the fields that differ,
    masked where personal. ``accepted`` is the decision, ``state`` what became of it.
    """

    id = RowKeyField(primary_key=True)
    roster_import = models.ForeignKey(
        RosterImport, on_delete=models.CASCADE, related_name="differences", db_index=False
    )
    kind = models.CharField(max_length=8, choices=DifferenceKind.choices)
    row = models.PositiveIntegerField(null=True)
    candidate = models.ForeignKey(
        "roster.Candidate", null=True, on_delete=models.CASCADE, related_name="import_differences", db_index=False
    )
    department = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", db_index=False)
    student_no = models.CharField(max_length=20)
    name = models.CharField(max_length=80)
    record = EncryptedTextField()
    changes = models.JSONField(default=list)
    accepted = models.BooleanField(null=True)
    state = models.CharField(max_length=8, choices=DifferenceState.choices, default=DifferenceState.WAITING)
    code = models.CharField(max_length=80, blank=True)
    message = models.JSONField(null=True)
    remedy = models.JSONField(null=True)

    class Meta:
        ordering: ClassVar = ["row", "pk"]
        # The state stands in no index: deciding on a hundred thousand rows then rewrites none.
        indexes: ClassVar = [
            models.Index(fields=["roster_import", "kind", "row"], name="roster_difference_kind"),
            models.Index(
                fields=["candidate"], condition=Q(candidate__isnull=False), name="roster_difference_candidate"
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(kind=DifferenceKind.ADDED) | Q(candidate__isnull=False), name="roster_difference_whose"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.student_no}"
