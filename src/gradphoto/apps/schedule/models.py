"""When and where: sessions (采集场次), their slots, and who comes in which slot."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.core.wording import bi
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.roster.models import Candidate


class SessionStatus(models.TextChoices):
    PLANNED = "planned", bi("已排定", "Planned")
    OPEN = "open", bi("采集中", "In session")
    CLOSED = "closed", bi("已结束", "Closed")


class CaptureSession(models.Model):
    """One station's day in one room."""

    SCOPE = ("campaign__school__path", "campaign__centre__path")
    SHARED_DOWN = ("campaign__school__path",)

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="sessions")
    date = models.DateField()
    place = models.CharField(max_length=120)
    status = models.CharField(max_length=8, choices=SessionStatus.choices, default=SessionStatus.PLANNED)

    class Meta:
        ordering: ClassVar = ["date", "place"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["campaign", "date", "place"], name="schedule_session_once")
        ]

    def __str__(self) -> str:
        return f"{self.date:%Y-%m-%d} {self.place}"

    @property
    def audit_organisation_id(self) -> int:
        return self.campaign.school_id


class Slot(models.Model):
    """A stretch of time for one class. Spring and autumn graduates never share one (R12)."""

    SCOPE = ("department__path", "session__campaign__centre__path")

    session = models.ForeignKey(CaptureSession, on_delete=models.CASCADE, related_name="slots")
    department = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="slots")
    class_name = models.CharField(max_length=60, blank=True)
    season = models.CharField(max_length=8, choices=Season.choices)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["starts_at", "session"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="schedule_slot_ends_after_start"),
        ]

    def __str__(self) -> str:
        return f"{self.starts_at:%m-%d %H:%M} {self.class_name}"


class Appointment(models.Model):
    """A candidate's place in the shooting order of a slot (student number ascending, R102)."""

    SCOPE = ("candidate__department__path", "slot__session__campaign__centre__path")

    slot = models.ForeignKey(Slot, on_delete=models.CASCADE, related_name="appointments")
    candidate = models.OneToOneField(Candidate, on_delete=models.CASCADE, related_name="appointment")
    position = models.PositiveIntegerField()

    class Meta:
        ordering: ClassVar = ["slot__starts_at", "slot", "position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["slot", "position"], name="schedule_appointment_position_once")
        ]

    def __str__(self) -> str:
        return f"{self.position} {self.candidate}"
