"""Teaching points and stations: what each reports for the main school's table (R67), and what each was told (R11, R204)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.core.wording import bi
from gradphoto.apps.orgs.models import Organisation


class PointReport(models.Model):
    """One line of the report table of teaching points (附件四, R67): who, where, when, how many, whom to call.

    ``region`` is the province of a station outside the school's own (R11), empty inside it.
    """

    SCOPE = ("point__path", "campaign__centre__path")

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="point_reports")
    point = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="point_reports")
    region = models.CharField(max_length=20, blank=True)
    city = models.CharField(max_length=40)
    address = models.CharField(max_length=160)
    spring_count = models.PositiveIntegerField()
    autumn_count = models.PositiveIntegerField()
    first_day = models.DateField()
    last_day = models.DateField()
    contact = models.CharField(max_length=60)
    telephone = models.CharField(max_length=40)
    reported_by = models.CharField(max_length=150)
    reported_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["point__path"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["campaign", "point"], name="schedule_pointreport_once"),
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")), name="schedule_pointreport_days_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.point} {self.city}"

    @property
    def people(self) -> int:
        return self.spring_count + self.autumn_count

    @property
    def audit_organisation_id(self) -> int:
        return self.point_id


class PointTable(models.Model):
    """The main school handed its report table in, whole and once (提前、准确、完整、及时、统一, R67)."""

    SCOPE = ("campaign__school__path", "campaign__centre__path")

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="point_tables")
    points = models.PositiveIntegerField()
    people = models.PositiveIntegerField()
    sent_by = models.CharField(max_length=150)
    sent_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["-sent_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.campaign} {self.sent_at:%Y-%m-%d}"

    @property
    def audit_organisation_id(self) -> int:
        return self.campaign.school_id


class NoticeWay(models.TextChoices):
    """How it is known that a station was reached."""

    SYSTEM = "system", bi("本人在系统内确认", "Confirmed here by the station")
    TELEPHONE = "telephone", bi("电话告知", "By telephone")
    POST = "post", bi("信函或传真", "By post or fax")
    OTHER = "other", bi("其他方式", "Otherwise")


class StationNotice(models.Model):
    """The sessions that a station was told (R11, R204), and the proof that it was: who confirmed or was spoken to, and when."""

    SCOPE = ("station__path",)

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="station_notices")
    station = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="station_notices")
    text = models.TextField()
    mailed_to = models.PositiveSmallIntegerField(default=0)
    sent_by = models.CharField(max_length=150)
    sent_at = models.DateTimeField(default=timezone.now)
    way = models.CharField(max_length=10, choices=NoticeWay.choices, blank=True)
    reached = models.CharField(max_length=150, blank=True)
    reached_at = models.DateTimeField(null=True)
    noted_by = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering: ClassVar = ["-sent_at", "-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(reached_at=None) | (~Q(way="") & ~Q(reached="")), name="schedule_stationnotice_proof_whole"
            )
        ]

    def __str__(self) -> str:
        return f"{self.station} {self.sent_at:%Y-%m-%d %H:%M}"

    @property
    def audit_organisation_id(self) -> int:
        return self.station_id
