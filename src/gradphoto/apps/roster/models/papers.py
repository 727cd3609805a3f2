"""What is printed and what comes back: numbered papers, their scanned signed pages, bundles, the admissions check."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.core.blind_indexes import BlindIndexField
from gradphoto.apps.core.models import Blob, Job
from gradphoto.apps.core.wording import bi
from gradphoto.apps.orgs.models import Organisation, User
from gradphoto.apps.roster.models.candidates import Candidate
from gradphoto.apps.roster.models.cases import CorrectionCase


class PaperKind(models.TextChoices):
    """The papers of the roster, in the order in which a campaign needs them."""

    CHECK_TABLE = "check_table", bi("图像采集信息核对表", "Check table")
    CARDS = "cards", bi("图像采集信息卡", "Collection cards")
    MACHINE_CARDS = "machine_cards", bi("机读采集卡", "Machine-readable cards")
    MAKE_UP_CARDS = "make_up_cards", bi("补拍机读采集卡", "Machine-readable cards for make-up")
    REGISTER = "register", bi("预计毕业生情况登记表", "Register of expected graduates")
    ADDED = "added", bi("附表1　添加名单汇总表", "Annex 1: added graduates")
    DELETED = "deleted", bi("附表2　删除名单汇总表", "Annex 2: deleted graduates")
    ERRATA = "errata", bi("附表3　信息校对勘误汇总表", "Annex 3: errata of the data check")
    HEADCOUNT = "headcount", bi("附表4　人数统计表", "Annex 4: headcount")
    ONLINE_ERRATA = "online_errata", bi("附表6　网上图像信息检查勘误汇总表", "Annex 6: errata of the online images")
    ADMISSION = "admission", bi("录取信息更正审批表", "Approval for correcting admission information")
    STATUS = "status", bi("学籍信息更正审批表", "Approval for correcting student-status information")
    IDENTITY = "identity", bi("身份信息变更核验表", "Identity change sheet")
    SHOOTING_LIST = "shooting_list", bi("图像信息采集学生名单", "Shooting list")
    SUMMARY = "summary", bi("图像信息采集汇总表", "Summary table")
    NOTICE_LIST = "notice_list", bi("通知签收表", "Class list of the notice")
    STATISTICS = "statistics", bi("信息核对进度统计表", "Statistics of the check")


class Document(models.Model):
    """A paper that was printed, known by its number: the QR code on it leads here, and signed pages come back to it.

    ``digest`` is a keyed hash of all that stands on it: the same data keep their number, changed data get a new one.
    """

    SCOPE = ("organisation__path",)

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="documents")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16, choices=PaperKind.choices)
    season = models.CharField(max_length=8, choices=Season.choices)
    class_name = models.CharField(max_length=60, blank=True)
    case = models.ForeignKey(CorrectionCase, null=True, on_delete=models.SET_NULL, related_name="documents")
    number = models.CharField(max_length=40, unique=True)
    digest = BlindIndexField()
    people = models.PositiveIntegerField()
    whole_numbers = models.PositiveIntegerField(default=0)
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["-made_at", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["campaign", "organisation", "kind", "season", "class_name", "digest"],
                name="roster_document_once",
            ),
            models.CheckConstraint(condition=Q(season__in=Season.values), name="roster_document_season_known"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def audit_organisation_id(self) -> int:
        return self.organisation_id


class SignedPage(models.Model):
    """The scan of a signed and sealed paper: who signed in which role, when, and which seal (R71)."""

    SCOPE = ("document__organisation__path",)

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="signed_pages")
    scan = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    signatures = models.JSONField()
    seal = models.CharField(max_length=120)
    signed_on = models.DateField()
    attached_by = models.CharField(max_length=150)
    attached_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["-attached_at", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["document", "scan"], name="roster_signedpage_once"),
            models.CheckConstraint(condition=~Q(seal=""), name="roster_signedpage_sealed"),
        ]

    def __str__(self) -> str:
        return f"{self.document_id} {self.signed_on:%Y-%m-%d}"

    @property
    def audit_organisation_id(self) -> int:
        return self.document.organisation_id


class PaperBundle(models.Model):
    """All papers of a college for one season as one file, made in the background for the person who asked."""

    SCOPE = ("campaign__school__path",)
    SHARED_DOWN = ("campaign__school__path",)

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    season = models.CharField(max_length=8, choices=Season.choices)
    department = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT, related_name="+")
    class_name = models.CharField(max_length=60, blank=True)
    kinds = models.JSONField()
    address = models.CharField(max_length=200)
    language = models.CharField(max_length=12)
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    blob = models.ForeignKey(Blob, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.season} {self.created_at:%Y-%m-%d %H:%M}"

    @property
    def audit_organisation_id(self) -> int:
        return self.department_id or self.campaign.school_id


class CohortRule(models.Model):
    """One line of the object of a campaign (R7): intake year, of one length of study or major where named."""

    SCOPE = ("campaign__school__path", "campaign__centre__path")
    SHARED_DOWN = ("campaign__school__path",)

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="cohort_rules")
    intake_year = models.PositiveSmallIntegerField()
    length_of_study = models.CharField(max_length=4, blank=True)
    major = models.CharField(max_length=80, blank=True)
    source = models.CharField(max_length=200)

    class Meta:
        ordering: ClassVar = ["-intake_year", "length_of_study", "major"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["campaign", "intake_year", "length_of_study", "major"], name="roster_cohortrule_once"
            ),
            models.CheckConstraint(condition=~Q(source=""), name="roster_cohortrule_sourced"),
        ]

    def __str__(self) -> str:
        return f"{self.intake_year} {self.length_of_study} {self.major}".strip()

    @property
    def audit_organisation_id(self) -> int:
        return self.campaign.school_id


class AdmissionsCheck(models.Model):
    """The roster held against the admissions data (R31): the file, and how many were compared."""

    SCOPE = ("campaign__school__path",)

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="admissions_checks")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    source = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    file_name = models.CharField(max_length=200)
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    our_rows = models.PositiveIntegerField(default=0)
    their_rows = models.PositiveIntegerField(default=0)
    only_there = models.PositiveIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.file_name

    @property
    def audit_organisation_id(self) -> int:
        return self.campaign.school_id


class AdmissionsRoute(models.TextChoices):
    """The way that the comparison proposes; a person confirms it by the proof."""

    ADMISSION = "admission", bi("录取信息更正审批表，一式三份", "Admission information: approval, three copies")
    STATUS = "status", bi("学籍信息更正审批表，一式两份", "Student-status information: approval, two copies")
    IDENTITY = "identity", bi("公民信息变更证明", "Certificate of change of citizen information")
    ROSTER = "roster", bi("名册有误，直接更正", "The roster is wrong: correct it")
    ASK = "ask", bi("须人工查明", "To be found out")


class AdmissionsDifference(models.Model):
    """One difference between a row and the admissions data; values are masked where personal."""

    check_run = models.ForeignKey(AdmissionsCheck, on_delete=models.CASCADE, related_name="differences")
    candidate = models.ForeignKey(Candidate, on_delete=models.CASCADE, related_name="+")
    field = models.CharField(max_length=40, blank=True)
    ours = models.CharField(max_length=120, blank=True)
    theirs = models.CharField(max_length=120, blank=True)
    code = models.CharField(max_length=60)
    route = models.CharField(max_length=10, choices=AdmissionsRoute.choices)
    reason = models.JSONField()
    remedy = models.JSONField()
    case = models.ForeignKey(CorrectionCase, null=True, on_delete=models.SET_NULL, related_name="+")
    refused = models.JSONField(null=True)

    class Meta:
        ordering: ClassVar = ["pk"]
        indexes: ClassVar = [models.Index(fields=["check_run", "route"], name="roster_admissions_route")]

    def __str__(self) -> str:
        return f"{self.candidate_id} {self.field} {self.code}"
