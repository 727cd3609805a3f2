"""Who signed a row, when and how; the student's personal code; the scanned check table (R24, R38, R71)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from gradphoto.apps.access.models import PersonalSession
from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.core.blind_indexes import BlindIndexField
from gradphoto.apps.core.encryption import EncryptedTextField, RowKeyField
from gradphoto.apps.core.models import Blob
from gradphoto.apps.core.wording import bi
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.roster.models.candidates import Candidate


class SignedTable(models.Model):
    """A class's check table, signed, stamped and scanned: who signed, when, which seal, and the scan itself (R71)."""

    SCOPE = ("department__path",)

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="signed_tables")
    department = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    season = models.CharField(max_length=8, choices=Season.choices)
    class_name = models.CharField(max_length=60, blank=True)
    scan = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    # The printed table that was signed, where its number is known; its page then shows the scan.
    document = models.ForeignKey("roster.Document", null=True, on_delete=models.PROTECT, related_name="signed_tables")
    counsellor_name = models.CharField(max_length=60)
    leader_name = models.CharField(max_length=60)
    seal = models.CharField(max_length=120)
    signed_on = models.DateField()
    attached_by = models.CharField(max_length=150)
    attached_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["-attached_at", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["campaign", "department", "season", "class_name", "scan"], name="roster_signedtable_once"
            ),
            models.CheckConstraint(condition=~Q(seal=""), name="roster_signedtable_sealed"),
        ]

    def __str__(self) -> str:
        return f"{self.class_name} {self.signed_on:%Y-%m-%d}"

    @property
    def audit_organisation_id(self) -> int:
        return self.department_id


class SignatureStep(models.TextChoices):
    """The links of the sign chain in their order (R21, R38, R16)."""

    CHECK = "check", bi("学院核对", "College's check")
    STUDENT = "student", bi("学生本人", "Student")
    COUNSELLOR = "counsellor", bi("辅导员", "Counsellor")
    LEADER = "leader", bi("主管院领导", "Leader in charge")
    REGISTRY = "registry", bi("教务处", "Registry")


class SignatureWay(models.TextChoices):
    SYSTEM = "system", bi("系统内", "In the system")
    PAPER = "paper", bi("纸质", "On paper")
    PHONE = "phone", bi("手机本人", "By phone, personally")
    TABLE = "table", bi("核对表扫描件", "Scanned check table")


class Signature(models.Model):
    """One person's signature under one row. A correction or a return voids it; it stays on record."""

    candidate = models.ForeignKey(Candidate, on_delete=models.CASCADE, related_name="signatures")
    step = models.CharField(max_length=10, choices=SignatureStep.choices)
    way = models.CharField(max_length=8, choices=SignatureWay.choices)
    signer = models.CharField(max_length=150)
    recorded_by = models.CharField(max_length=80)
    at = models.DateTimeField(default=timezone.now)
    table = models.ForeignKey(SignedTable, null=True, on_delete=models.PROTECT, related_name="signatures")
    voided_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["at", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["candidate", "step"], condition=Q(voided_at=None), name="roster_signature_live_once"
            ),
            models.CheckConstraint(
                condition=~Q(way=SignatureWay.TABLE) | Q(table__isnull=False), name="roster_signature_has_table"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.candidate_id} {self.step}"


class SigningCode(models.Model):
    """The one-time code of a student's personal link: spent by the signature, replaced by a new one, or run out."""

    SCOPE = ("candidate__department__path",)

    id = RowKeyField(primary_key=True)
    candidate = models.ForeignKey(Candidate, on_delete=models.CASCADE, related_name="signing_codes")
    code = EncryptedTextField()
    code_index = BlindIndexField(unique=True)
    issued_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-issued_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["candidate"], condition=Q(ended_at=None), name="roster_signingcode_live_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.candidate_id} {self.issued_at:%Y-%m-%d}"

    @property
    def is_live(self) -> bool:
        return self.ended_at is None and self.expires_at > timezone.now()


class SigningSession(PersonalSession):
    """A student's session on the own page; it lives no longer than the code that opened it."""

    code = models.ForeignKey(SigningCode, on_delete=models.CASCADE, related_name="sessions")

    class Meta:
        ordering: ClassVar = ["-seen_at"]

    def __str__(self) -> str:
        return f"{self.code_id} {self.seen_at:%Y-%m-%d %H:%M}"
