"""What is wrong with a person's data, and the proof that sets it right (R31-R36)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from gradphoto.apps.core.encryption import EncryptedTextField, RowKeyField
from gradphoto.apps.core.lifecycle import StatusField
from gradphoto.apps.core.models import Blob
from gradphoto.apps.core.wording import bi
from gradphoto.apps.roster.models.candidates import Candidate


class CaseSource(models.TextChoices):
    """Who found it."""

    COLLEGE = "college", bi("学院核对", "College's check")
    STUDENT = "student", bi("学生本人", "The student")
    FIRST_AUDIT = "first_audit", bi("教务处初审", "Registry's first audit")


class Route(models.TextChoices):
    """By which document a value may change."""

    CARD = "card", bi("身份证原件核验", "ID card shown")
    ADMISSION = "admission", bi("录取信息更正审批表", "Approval for correcting admission information")
    STATUS = "status", bi("学籍信息更正审批表", "Approval for correcting student-status information")
    IDENTITY = "identity", bi("公民信息变更证明", "Certificate of change of citizen information")


class CorrectionStatus(models.TextChoices):
    """The side states of C1."""

    NOTED = "noted", bi("已登记", "Entered")
    PROVEN = "proven", bi("已出示证明", "Proof shown")
    CORRECTED = "corrected", bi("已更正", "Corrected")
    REFUSED = "refused", bi("不予更正", "Refused")
    WITHDRAWN = "withdrawn", bi("已撤销", "Cancelled")


OPEN_CASE = (CorrectionStatus.NOTED, CorrectionStatus.PROVEN)


class CorrectionCase(models.Model):
    """One wrong value of one person, from the note on the check table to the decision."""

    SCOPE = ("candidate__department__path", "candidate__campaign__centre__path")

    id = RowKeyField(primary_key=True)
    candidate = models.ForeignKey(Candidate, on_delete=models.CASCADE, related_name="correction_cases")
    field = models.CharField(max_length=40)
    claimed = EncryptedTextField()
    # What stood in the row when the error was noted: annex 3 and the approval forms print both (R57, R62).
    as_found = EncryptedTextField(null=True)  # type: ignore[misc]  # cases from before it was kept have none
    note = models.CharField(max_length=200, blank=True)
    source = models.CharField(max_length=12, choices=CaseSource.choices)
    route = models.CharField(max_length=10, choices=Route.choices, blank=True)
    copies = models.PositiveSmallIntegerField(default=0)
    status = StatusField(max_length=10, choices=CorrectionStatus.choices, default=CorrectionStatus.NOTED)
    noted_by = models.CharField(max_length=80)
    noted_at = models.DateTimeField(default=timezone.now)
    proven_by = models.CharField(max_length=80, blank=True)
    proven_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=80, blank=True)
    decided_at = models.DateTimeField(null=True)
    decision = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering: ClassVar = ["-noted_at", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["candidate", "field"], condition=Q(status__in=OPEN_CASE), name="roster_case_open_once"
            ),
            models.CheckConstraint(
                condition=Q(status__in=[CorrectionStatus.NOTED, CorrectionStatus.WITHDRAWN])
                | Q(status=CorrectionStatus.PROVEN, proven_at__isnull=False)
                | Q(status__in=[CorrectionStatus.CORRECTED, CorrectionStatus.REFUSED], decided_at__isnull=False),
                name="roster_case_dates",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["status", "candidate"], name="roster_case_open")]

    def __str__(self) -> str:
        return f"{self.candidate_id} {self.field} {self.status}"

    @property
    def is_open(self) -> bool:
        return self.status in OPEN_CASE

    @property
    def right_value(self) -> str:
        """The value that is said to be right; empty where nobody has said it yet."""
        return self.claimed.decrypt()

    @property
    def audit_organisation_id(self) -> int:
        return self.candidate.department_id


class ProofKind(models.TextChoices):
    ID_CARD = "id_card", bi("身份证复印件", "Copy of the ID card")
    FORM = "form", bi("更正审批表", "Approval form")
    CERTIFICATE = "certificate", bi("公民信息变更证明", "Certificate of change of citizen information")
    OTHER = "other", bi("其他证明材料", "Further proof")


class Proof(models.Model):
    """A scanned proof. Its name says what it is, never whose: the file's own name is not kept."""

    case = models.ForeignKey(CorrectionCase, on_delete=models.CASCADE, related_name="proofs")
    kind = models.CharField(max_length=12, choices=ProofKind.choices)
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    attached_by = models.CharField(max_length=80)
    attached_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["case", "blob"], name="roster_proof_once")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.kind}"
