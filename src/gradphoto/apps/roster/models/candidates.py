"""The candidate (预计毕业生): the record that travels through the house."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.core.blind_indexes import BlindIndexField
from gradphoto.apps.core.encryption import EncryptedTextField, RowKeyField
from gradphoto.apps.core.lifecycle import StatusField
from gradphoto.apps.core.wording import bi
from gradphoto.apps.orgs.models import Organisation


class CandidateStatus(models.TextChoices):
    """Lifecycle C1 of a roster row: the sign chain of R38, and what leaves it (R8, R21)."""

    ISSUED = "issued", bi("已下发", "Issued")
    CHECKED = "checked", bi("学院已核对", "Checked by college")
    SIGNED = "signed", bi("学生已签字", "Signed by student")
    COUNTERSIGNED = "countersigned", bi("辅导员已签字", "Signed by counsellor")
    ENDORSED = "endorsed", bi("院领导已签字", "Signed by leader")
    ACCEPTED = "accepted", bi("已核准", "Accepted")
    DEFERRED = "deferred", bi("另行采集", "Deferred")
    REMOVED = "removed", bi("已删除", "Removed")


class Sex(models.TextChoices):
    MALE = "male", bi("男", "Male")
    FEMALE = "female", bi("女", "Female")


class Origin(models.TextChoices):
    """How a person came onto the list; who was added is named in annex 1 (R55), who was deferred to it was known (R8)."""

    IMPORTED = "imported", bi("名册导入", "By import")
    ADDED = "added", bi("添加", "Add")
    DEFERRED = "deferred", bi("上届延至本届", "Deferred to this class")


GRADUATING = "毕业"
"""What a person leaves as where the roster does not say (R15)."""


class Candidate(models.Model):
    """One expected graduate of a campaign."""

    SCOPE = ("department__path", "campaign__centre__path")
    OF_SCHOOL = True
    """The department is a unit of the campaign's school (``orgs.reach``)."""

    id = RowKeyField(primary_key=True)
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="candidates", db_index=False)
    department = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="candidates")
    season = models.CharField(max_length=8, choices=Season.choices)
    class_name = models.CharField(max_length=60, blank=True)
    student_no = models.CharField(max_length=20)
    name = models.CharField(max_length=80)
    sex = models.CharField(max_length=8, choices=Sex.choices)
    birth_date = models.DateField()
    id_number = EncryptedTextField()
    id_number_index = BlindIndexField(of="id_number")
    same_person = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="other_records", db_index=False
    )
    """Of a second programme (辅修, 双学位): the record under which this person is photographed; see ``roster.persons``."""
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
    graduation_kind = models.CharField(max_length=20, blank=True)
    """毕业 or 结业 (R15); empty where the roster does not say: 毕业."""
    remarks = models.CharField(max_length=200, blank=True)
    candidate_no = models.CharField(max_length=20, blank=True)
    major_code = models.CharField(max_length=20, blank=True)
    study_form = models.CharField(max_length=20, blank=True)
    branch_school = models.CharField(max_length=60, blank=True)
    expected_graduation = models.CharField(max_length=8, blank=True)
    id_type = models.CharField(max_length=40, blank=True)
    status = StatusField(max_length=16, choices=CandidateStatus.choices, default=CandidateStatus.ISSUED)
    status_reason = models.CharField(max_length=200, blank=True)
    deferred_to = models.PositiveSmallIntegerField(null=True)
    origin = models.CharField(max_length=8, choices=Origin.choices, default=Origin.IMPORTED)
    added_reason = models.CharField(max_length=200, blank=True)
    imported_from = models.ForeignKey(
        "roster.RosterImport", null=True, on_delete=models.SET_NULL, related_name="candidates", db_index=False
    )
    imported_row = models.PositiveIntegerField(null=True)
    preassigned_number = models.PositiveIntegerField(null=True)
    """预拍摄序号 (R47): given once, when the shooting list is issued; kept whoever drops out, never given again."""

    class Meta:
        ordering: ClassVar = ["campaign", "season", "department", "student_no"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["campaign", "id_number_index"],
                condition=Q(same_person=None),
                name="roster_candidate_id_number_once",
            ),
            models.UniqueConstraint(
                fields=["campaign", "student_no"],
                condition=Q(same_person=None),
                name="roster_candidate_student_no_once",
            ),
            models.UniqueConstraint(
                fields=["campaign", "id_number_index", "major", "level"], name="roster_candidate_programme_once"
            ),
            models.UniqueConstraint(
                fields=["campaign", "preassigned_number"],
                condition=Q(preassigned_number__isnull=False),
                name="roster_candidate_preassigned_once",
            ),
            models.CheckConstraint(condition=Q(season__in=Season.values), name="roster_candidate_season_known"),
            models.CheckConstraint(
                condition=Q(status__in=CandidateStatus.values), name="roster_candidate_status_known"
            ),
        ]
        # Every index is written for every row of an import: those of the keys alone would stand inside of these.
        indexes: ClassVar = [
            models.Index(fields=["campaign", "season", "department", "student_no"]),
            # The progress page counts by these three; the list filters by them.
            models.Index(fields=["campaign", "department", "status"], name="roster_candidate_progress"),
            models.Index(
                fields=["same_person"], condition=Q(same_person__isnull=False), name="roster_candidate_second"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.student_no} {self.name}"

    @property
    def leaves_as(self) -> str:
        """毕业 or 结业 as papers print it (R15)."""
        return self.graduation_kind or GRADUATING

    @property
    def preassigned_label(self) -> str:
        """The pre-assigned number as list, card and station show it; empty before the list is issued."""
        return "" if self.preassigned_number is None else f"{self.preassigned_number:04d}"

    @property
    def audit_organisation_id(self) -> int:
        return self.department_id


class StatusChangeKind(models.TextChoices):
    """R22, code table D5."""

    SCHOOL = "school", bi("转学", "Transfer of school")
    MAJOR = "major", bi("转专业", "Change of major")
    UPGRADE = "upgrade", bi("专升本", "Junior college to bachelor")
    SUSPENSION = "suspension", bi("休学", "Suspension")
    RESUMPTION = "resumption", bi("复学", "Resumption")
    WITHDRAWAL = "withdrawal", bi("退学", "Withdrawal")


class StatusChange(models.Model):
    """A change of a student's status (学籍异动); their photograph gets special attention later (R22, R23)."""

    SCOPE = ("candidate__department__path", "candidate__campaign__centre__path")

    candidate = models.ForeignKey(Candidate, on_delete=models.CASCADE, related_name="status_changes")
    kind = models.CharField(max_length=10, choices=StatusChangeKind.choices)
    changed_on = models.DateField()
    reason = models.CharField(max_length=200)
    noted_by = models.CharField(max_length=150)
    noted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["changed_on", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["candidate", "kind", "changed_on"], name="roster_statuschange_once"),
            models.CheckConstraint(
                condition=Q(kind__in=StatusChangeKind.values), name="roster_statuschange_kind_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.changed_on:%Y-%m-%d}"

    @property
    def audit_organisation_id(self) -> int:
        return self.candidate.department_id
