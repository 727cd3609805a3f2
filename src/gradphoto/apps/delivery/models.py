"""The finished portraits, the package that carries them, and the image card of each graduate."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.capture.models import CheckIn, Frame
from gradphoto.apps.core.models import Blob, Job
from gradphoto.apps.core.sealed import SealedTextField
from gradphoto.apps.core.wording import bi
from gradphoto.apps.orgs.models import Organisation
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
            models.UniqueConstraint(fields=["frame", "profile", "pipeline_version"], name="delivery_portrait_once"),
        ]

    def __str__(self) -> str:
        return f"{self.check_in.number_label} {self.profile}"

    @property
    def audit_organisation_id(self) -> int:
        return self.candidate.department_id


class PackageStatus(models.TextChoices):
    MAKING = "making", bi("制作中", "Being made")
    READY = "ready", bi("待交付", "Ready")
    DELIVERED = "delivered", bi("已交付", "Delivered")
    CHECKED = "checked", bi("已核对", "Checked")


class Package(models.Model):
    """The delivery to one school or learning centre for one season: a signed zip (R52, R65, R118)."""

    SCOPE = ("organisation__path", "campaign__centre__path")

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="packages")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="packages")
    season = models.CharField(max_length=8, choices=Season.choices)
    status = models.CharField(max_length=10, choices=PackageStatus.choices, default=PackageStatus.MAKING)
    number = models.PositiveIntegerField()
    blob = models.ForeignKey(Blob, null=True, on_delete=models.PROTECT, related_name="+")
    manifest_sha256 = models.CharField(max_length=64, blank=True)
    key_id = models.CharField(max_length=32, blank=True)
    photo_count = models.PositiveIntegerField(default=0)
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
    def audit_organisation_id(self) -> int:
        return self.organisation_id


class PackageItem(models.Model):
    """A portrait in a package. A person is in one package of a campaign once."""

    SCOPE = ("portrait__candidate__department__path", "package__campaign__centre__path")

    package = models.ForeignKey(Package, on_delete=models.CASCADE, related_name="items")
    portrait = models.ForeignKey(Portrait, on_delete=models.PROTECT, related_name="package_items")
    shooting_number = models.PositiveIntegerField()

    class Meta:
        ordering: ClassVar = ["shooting_number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["package", "shooting_number"], name="delivery_item_number_once"),
            models.UniqueConstraint(fields=["package", "portrait"], name="delivery_item_portrait_once"),
        ]

    def __str__(self) -> str:
        return f"{self.package} {self.shooting_number}"


class ImageCard(models.Model):
    """The image card (图像信息卡, R64): the data at its lower edge and its code open the graduate's portal."""

    SCOPE = ("candidate__department__path", "candidate__campaign__centre__path")

    candidate = models.OneToOneField(Candidate, on_delete=models.PROTECT, related_name="image_card")
    code = SealedTextField()
    code_index = models.CharField(max_length=64, unique=True)
    issued_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"card of {self.candidate_id}"

    @property
    def audit_organisation_id(self) -> int:
        return self.candidate.department_id
