"""The dated plan of a campaign (R41), and who may use its data channel (R95)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.core.models import Blob
from gradphoto.apps.core.wording import bi
from gradphoto.apps.orgs.models import User


class MilestoneKind(models.TextChoices):
    """The milestones of S1 and S4 in their order, and the two that end the journey (R163 steps 10-12)."""

    CARDS_OUT = "cards_out", bi("核对表和采集卡下发", "Check tables and cards handed out")
    CHECKED = "checked", bi("学院核对完成", "Checked by the colleges")
    ERRORS_PROVEN = "errors_proven", bi("错误信息持证核验截止", "Errors proven with the ID card")
    STUDENTS_SIGNED = "students_signed", bi("学生签字完成", "Signed by the students")
    DATA_IN = "data_in", bi("院领导签字，数据、名单上交", "Signed by the leaders, data and lists handed in")
    ACCEPTED = "accepted", bi("教务处核准", "Accepted by the registry")
    SHOOTING = "shooting", bi("图像采集", "Shooting")
    VERIFICATION = "verification", bi("网上校对", "Online verification")
    ERRATA = "errata", bi("勘误上报截止", "Errata handed in")
    REVIEWED = "reviewed", bi("三级审核完成", "Review done at all three levels")
    REGISTERED = "registered", bi("学历电子注册完成", "Registered")


class Milestone(models.Model):
    """One date of a campaign's plan, with the document that sets it (R6)."""

    SCOPE = ("campaign__school__path", "campaign__centre__path")
    SHARED_DOWN = ("campaign__school__path",)

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="milestones")
    kind = models.CharField(max_length=16, choices=MilestoneKind.choices)
    due = models.DateField()
    source = models.CharField(max_length=200)

    class Meta:
        ordering: ClassVar = ["due", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["campaign", "kind"], name="roster_milestone_once"),
            models.CheckConstraint(condition=~Q(source=""), name="roster_milestone_sourced"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.due:%Y-%m-%d}"

    @property
    def audit_organisation_id(self) -> int:
        return self.campaign.school_id


class ChannelConfirmation(models.Model):
    """A person named the school and themselves before using the template and the upload (R95 身份验证)."""

    SCOPE = ("campaign__school__path",)

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="channel_confirmations")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    school_name = models.CharField(max_length=120)
    teacher_name = models.CharField(max_length=60)
    confirmed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["-confirmed_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["campaign", "user"], name="roster_channelconfirmation_once")
        ]

    def __str__(self) -> str:
        return f"{self.school_name} {self.teacher_name}"

    @property
    def audit_organisation_id(self) -> int:
        return self.campaign.school_id


class ProvinceApproval(models.Model):
    """The province's approval of the list (经省教育厅审核, R2, R16): its document, for how many people, and the scan."""

    SCOPE = ("campaign__school__path", "campaign__centre__path")

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="province_approvals")
    season = models.CharField(max_length=8, choices=Season.choices)
    document = models.CharField(max_length=120)
    approved_on = models.DateField()
    people = models.PositiveIntegerField()
    scan = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    noted_by = models.CharField(max_length=150)
    noted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["-noted_at", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["campaign", "season", "document"], name="roster_provinceapproval_once"),
            models.CheckConstraint(condition=~Q(document=""), name="roster_provinceapproval_named"),
        ]

    def __str__(self) -> str:
        return self.document

    @property
    def audit_organisation_id(self) -> int:
        return self.campaign.school_id
