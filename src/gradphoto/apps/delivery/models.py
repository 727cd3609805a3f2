"""The finished portraits, the package that carries them, and the image card of each graduate."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.capture.models import CheckIn, Frame
from gradphoto.apps.core.blind_indexes import BlindIndexField
from gradphoto.apps.core.encryption import EncryptedTextField, RowKeyField
from gradphoto.apps.core.lifecycle import StatusField
from gradphoto.apps.core.models import Blob, Job
from gradphoto.apps.core.wording import bi
from gradphoto.apps.orgs.models import Organisation, User
from gradphoto.apps.roster.models import Candidate


class Portrait(models.Model):
    """One output of one frame: crop, scale and encoding only. ``provenance`` lets anyone make it again and prove it."""

    SCOPE = ("candidate__department__path", "candidate__campaign__centre__path")

    candidate = models.ForeignKey(Candidate, on_delete=models.PROTECT, related_name="portraits")
    check_in = models.ForeignKey(CheckIn, on_delete=models.PROTECT, related_name="portraits")
    frame = models.ForeignKey(Frame, on_delete=models.PROTECT, related_name="portraits")
    profile = models.CharField(max_length=40)
    pipeline_version = models.CharField(max_length=40)
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="portraits")
    width_px = models.PositiveIntegerField()
    height_px = models.PositiveIntegerField()
    provenance = models.JSONField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["check_in__shooting_number", "profile"]
        constraints: ClassVar = [
            # Somebody in two programmes has the same portrait under each record.
            models.UniqueConstraint(
                fields=["frame", "profile", "pipeline_version", "candidate"], name="delivery_portrait_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.check_in.number_label} {self.profile}"

    @property
    def audit_organisation_id(self) -> int:
        return self.candidate.department_id


class PackageStatus(models.TextChoices):
    MAKING = "making", bi("制作中", "Being made")
    READY = "ready", bi("待交付", "Not delivered")
    DELIVERED = "delivered", bi("已交付", "Delivered")
    CHECKED = "checked", bi("已核对", "Checked")


class Package(models.Model):
    """The delivery to one school or learning centre for one season: a signed zip (R52, R65, R118)."""

    SCOPE = ("organisation__path", "campaign__centre__path")

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="packages")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="packages")
    season = models.CharField(max_length=8, choices=Season.choices)
    status = StatusField(max_length=10, choices=PackageStatus.choices, default=PackageStatus.MAKING)
    number = models.PositiveIntegerField()
    blob = models.ForeignKey(Blob, null=True, on_delete=models.PROTECT, related_name="+")
    manifest_sha256 = models.CharField(max_length=64, blank=True)
    key_id = models.CharField(max_length=32, blank=True)
    photo_count = models.PositiveIntegerField(default=0)
    verified_at = models.DateTimeField(null=True)
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    delivered_at = models.DateTimeField(null=True)
    check_due = models.DateField(null=True)
    checked_note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering: ClassVar = ["-created_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["campaign", "number"], name="delivery_package_number_once")
        ]

    def __str__(self) -> str:
        return f"{self.campaign.cohort_year}-{self.number:03d}"

    @property
    def days_left(self) -> int | None:
        """Days until the check is due (R155); negative when overdue, None once it is checked or not yet delivered."""
        if self.check_due is None or self.status != PackageStatus.DELIVERED:
            return None
        return (self.check_due - timezone.localdate()).days

    @property
    def audit_organisation_id(self) -> int:
        return self.organisation_id


class PackageItem(models.Model):
    """A portrait in a package. A person is in one package of a campaign once; somebody in two programmes once for each,
    with one number."""

    SCOPE = ("portrait__candidate__department__path", "package__campaign__centre__path")

    package = models.ForeignKey(Package, on_delete=models.CASCADE, related_name="items")
    portrait = models.ForeignKey(Portrait, on_delete=models.PROTECT, related_name="package_items")
    shooting_number = models.PositiveIntegerField()

    class Meta:
        ordering: ClassVar = ["shooting_number", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["package", "portrait"], name="delivery_item_portrait_once"),
        ]

    def __str__(self) -> str:
        return f"{self.package} {self.shooting_number}"


class ImageCard(models.Model):
    """The image card (图像信息卡, R64): the data at its lower edge and its code open the graduate's portal.

    The code can be read until the card is printed; afterwards only its blind index stays. A card that is issued anew
    gets another code, and the earlier one opens nothing any more.
    """

    SCOPE = ("candidate__department__path", "candidate__campaign__centre__path")

    id = RowKeyField(primary_key=True)
    candidate = models.OneToOneField(Candidate, on_delete=models.PROTECT, related_name="image_card")
    code = EncryptedTextField(null=True)  # type: ignore[misc]  # None once the card is printed
    code_index = BlindIndexField(unique=True)
    issued_at = models.DateTimeField(default=timezone.now)
    issue = models.PositiveSmallIntegerField(default=1)
    printed_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(issue__gte=1), name="delivery_card_issue_counted"),
        ]

    def __str__(self) -> str:
        return f"card of {self.candidate_id}"

    @property
    def audit_organisation_id(self) -> int:
        return self.candidate.department_id


class CheckedClass(models.Model):
    """A class of a package that somebody looked through, photo by photo (R154)."""

    SCOPE = ("package__organisation__path", "package__campaign__centre__path")

    package = models.ForeignKey(Package, on_delete=models.CASCADE, related_name="checked_classes")
    department = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    class_name = models.CharField(max_length=60, blank=True)
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["package", "department", "class_name"], name="delivery_class_checked_once"),
        ]

    def __str__(self) -> str:
        return f"{self.package_id} {self.class_name}"


class ReportKind(models.TextChoices):
    MISSING = "missing", bi("缺照片", "Missing")
    DAMAGED = "damaged", bi("照片损坏", "Damaged")
    WRONG = "wrong", bi("照片或数据有误", "Wrong photo or data")


class ReportAction(models.TextChoices):
    """What the report asks for (R156-R158)."""

    REISSUE = "reissue", bi("补发照片", "Re-issue the photo")
    REMAKE = "remake", bi("重新制作", "Make it again")
    ERRATA = "errata", bi("勘误", "Errata")


ACTION_OF: dict[str, ReportAction] = {
    ReportKind.MISSING: ReportAction.REISSUE,
    ReportKind.DAMAGED: ReportAction.REMAKE,
    ReportKind.WRONG: ReportAction.ERRATA,
}


class ReportStatus(models.TextChoices):
    OPEN = "open", bi("待处理", "Open")
    SETTLED = "settled", bi("已处理", "Settled")
    WITHDRAWN = "withdrawn", bi("已撤回", "Withdrawn")


class DeliveryReport(models.Model):
    """One person's photo that is missing, damaged or wrong, as found when the delivery was checked (R154, R156-R158)."""

    SCOPE = ("package__organisation__path", "package__campaign__centre__path")

    package = models.ForeignKey(Package, on_delete=models.PROTECT, related_name="reports")
    candidate = models.ForeignKey(Candidate, on_delete=models.PROTECT, related_name="delivery_reports")
    kind = models.CharField(max_length=8, choices=ReportKind.choices)
    action = models.CharField(max_length=8, choices=ReportAction.choices)
    note = models.CharField(max_length=200, blank=True)
    status = StatusField(max_length=10, choices=ReportStatus.choices, default=ReportStatus.OPEN)
    reported_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    reported_at = models.DateTimeField(default=timezone.now)
    settled_at = models.DateTimeField(null=True)
    settled_note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering: ClassVar = ["-reported_at", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["package", "candidate"], condition=models.Q(status="open"), name="delivery_report_open_once"
            ),
            models.CheckConstraint(
                condition=models.Q(status="open") | models.Q(settled_at__isnull=False), name="delivery_report_end_dated"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.candidate_id} {self.kind}"

    @property
    def audit_organisation_id(self) -> int:
        return self.package.organisation_id
