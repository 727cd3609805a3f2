"""A campaign (采集批次), the rule set it points at and the holiday table: data with a source and a date (R6)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from gradphoto.apps.core.lifecycle import StatusField
from gradphoto.apps.core.wording import bi
from gradphoto.apps.orgs.models import Organisation


class Season(models.TextChoices):
    """Spring and autumn graduates of a year are kept apart everywhere (R12)."""

    SPRING = "spring", bi("春季", "Spring")
    AUTUMN = "autumn", bi("秋季", "Autumn")


class RuleSet(models.Model):
    """A named collection of rules, e.g. of one province and year."""

    SCOPE: ClassVar[tuple[str, ...]] = ("campaigns__school__path", "campaigns__centre__path")
    SHARED_DOWN: ClassVar[tuple[str, ...]] = ("campaigns__school__path",)

    name = models.CharField(max_length=120, unique=True)
    note = models.TextField(blank=True)

    def __str__(self) -> str:
        return self.name


class Issuer(models.TextChoices):
    """Whose document a rule comes from; the first in this order wins, whatever the dates (R6: 以省、部文件为准)."""

    MINISTRY = "ministry", bi("部（教育部）", "Ministry")
    PROVINCE = "province", bi("省（省教育厅、省采集中心）", "Province")
    SCHOOL = "school", bi("校", "School")

    @classmethod
    def rank(cls, issuer: str) -> int:
        """0 for the ministry; what is larger gives way."""
        return cls.values.index(issuer)


class Rule(models.Model):
    """One value of a rule set. Of one issuer a later effective date replaces an earlier one from that day on."""

    rule_set = models.ForeignKey(RuleSet, on_delete=models.CASCADE, related_name="rules")
    key = models.CharField(max_length=60)
    value = models.JSONField()
    source = models.CharField(max_length=200)
    issuer = models.CharField(max_length=10, choices=Issuer.choices, default=Issuer.SCHOOL)
    effective_from = models.DateField()
    withdrawn_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering: ClassVar = ["key", "-effective_from"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["rule_set", "key", "issuer", "effective_from"],
                condition=models.Q(withdrawn_reason=""),
                name="campaigns_rule_once",
            ),
            models.CheckConstraint(condition=models.Q(issuer__in=Issuer.values), name="campaigns_rule_issuer_known"),
        ]

    def __str__(self) -> str:
        return f"{self.key} = {self.value}"

    @property
    def precedence(self) -> tuple[int, int]:
        """The smaller wins: ministry before province before school, and of one issuer the newer (R6)."""
        return Issuer.rank(self.issuer), -self.effective_from.toordinal()

    @property
    def is_default(self) -> bool:
        """Whether this is the documented default of a key that nobody set."""
        return self.pk is None


class CampaignStatus(models.TextChoices):
    PREPARING = "preparing", bi("准备中", "Preparing")
    COLLECTING = "collecting", bi("采集中", "Collecting")
    VERIFYING = "verifying", bi("校对中", "Verifying")
    CLOSED = "closed", bi("已结束", "Closed")


class Campaign(models.Model):
    """One school's collection for one year class (届)."""

    SCOPE = ("school__path", "centre__path")
    SHARED_DOWN = ("school__path",)
    SCOPE_KEYS = True
    """Few campaigns own everything else: what hangs on them is asked for by their keys (``orgs.reach``)."""

    cohort_year = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=160)
    school = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="campaigns")
    centre = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="served_campaigns")
    rule_set = models.ForeignKey(RuleSet, on_delete=models.PROTECT, related_name="campaigns")
    status = StatusField(max_length=12, choices=CampaignStatus.choices, default=CampaignStatus.PREPARING)
    status_since = models.DateTimeField(null=True, blank=True)
    last_shooting_number = models.PositiveIntegerField(default=0)
    last_preassigned_number = models.PositiveIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["-cohort_year", "school"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["cohort_year", "school", "title"], name="campaigns_campaign_once")
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def agency_contacts(self) -> models.QuerySet[Contact]:
        """Where discs and money are sent (R151): the agency's contacts that have an address."""
        return self.contacts.filter(side=ContactSide.AGENCY).exclude(address="")

    @property
    def audit_organisation_id(self) -> int:
        return self.school_id


class ContactSide(models.TextChoices):
    """Whose contact it is (R202)."""

    SCHOOL = "school", bi("学校", "School")
    CENTRE = "centre", bi("采集中心", "Collection centre")
    AGENCY = "agency", bi("图片社", "Picture agency")
    STATION = "station", bi("校外学习中心、函授站", "Learning centre or station")


class Contact(models.Model):
    """A liaison of a campaign (R202); ``duty_from`` to ``duty_to``: the telephone is on all day (R84)."""

    SCOPE: ClassVar[tuple[str, ...]] = ("campaign__school__path", "campaign__centre__path")
    SHARED_DOWN: ClassVar[tuple[str, ...]] = ("campaign__school__path",)

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="contacts")
    side = models.CharField(max_length=8, choices=ContactSide.choices)
    name = models.CharField(max_length=120)
    telephone = models.CharField(max_length=40, blank=True)
    other_telephone = models.CharField(max_length=40, blank=True)
    fax = models.CharField(max_length=40, blank=True)
    email = models.EmailField(blank=True)
    address = models.CharField(max_length=200, blank=True)
    postcode = models.CharField(max_length=10, blank=True)
    duty_from = models.DateField(null=True, blank=True)
    duty_to = models.DateField(null=True, blank=True)
    source = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering: ClassVar = ["campaign", "-side", "name"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["campaign", "side", "name"], name="campaigns_contact_once"),
            models.CheckConstraint(condition=models.Q(side__in=ContactSide.values), name="campaigns_contact_side"),
            models.CheckConstraint(
                condition=models.Q(duty_from=None) | models.Q(duty_to__gte=models.F("duty_from")),
                name="campaigns_contact_duty_in_order",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def audit_organisation_id(self) -> int:
        return self.campaign.school_id


class CalendarDay(models.Model):
    """A day of the holiday table (R201): stands above the official calendar for an organisation and all below it."""

    SCOPE = ("organisation__path",)
    SHARED_DOWN = ("organisation__path",)

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="calendar_days")
    date = models.DateField()
    works = models.BooleanField()
    source = models.CharField(max_length=200)

    class Meta:
        ordering: ClassVar = ["date", "organisation__path"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "date"], name="campaigns_calendarday_once"),
            models.CheckConstraint(condition=~models.Q(source=""), name="campaigns_calendarday_has_source"),
        ]

    def __str__(self) -> str:
        return f"{self.date:%Y-%m-%d} {'work' if self.works else 'off'}"

    @property
    def audit_organisation_id(self) -> int:
        return self.organisation_id


class CodeName(models.Model):
    """A word that a school added to a code table, e.g. a school kind of its own (R14, R15): known to it and all below.

    The standard tables stay as they are (``engine.standards.codes``); an ended word is not offered any more, what was
    written with it stays.
    """

    SCOPE = ("organisation__path",)
    SHARED_DOWN = ("organisation__path",)

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="code_names")
    table = models.CharField(max_length=30)
    name = models.CharField(max_length=20)
    source = models.CharField(max_length=200)
    added_by = models.CharField(max_length=150)
    added_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["table", "added_at", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation", "table", "name"], condition=models.Q(ended_at=None),
                name="campaigns_codename_once",
            ),
            models.CheckConstraint(condition=~models.Q(source=""), name="campaigns_codename_has_source"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    @property
    def audit_organisation_id(self) -> int:
        return self.organisation_id
