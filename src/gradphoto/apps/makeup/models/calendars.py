"""The published days and hours of a collection centre, half-hour by half-hour (R142, R143)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from gradphoto.apps.orgs.models import Organisation


class MakeUpCalendar(models.Model):
    """A centre's published make-up days, with the document that says so."""

    SCOPE = ("centre__path",)

    centre = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="make_up_calendars")
    code = models.CharField(max_length=40)
    title = models.CharField(max_length=120)
    source = models.CharField(max_length=200)
    place = models.CharField(max_length=160)
    by_telephone = models.BooleanField(default=False)
    published_at = models.DateTimeField(default=timezone.now)
    published_by = models.CharField(max_length=150)

    class Meta:
        ordering: ClassVar = ["centre", "title"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["centre", "code"], name="makeup_calendar_once"),
            models.CheckConstraint(condition=~Q(source=""), name="makeup_calendar_has_source"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def audit_organisation_id(self) -> int:
        return self.centre_id


class MakeUpSlot(models.Model):
    """Half an hour with its capacity. The database itself refuses the one too many."""

    SCOPE = ("calendar__centre__path",)

    calendar = models.ForeignKey(MakeUpCalendar, on_delete=models.CASCADE, related_name="slots")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    capacity = models.PositiveSmallIntegerField()
    taken = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["starts_at", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["calendar", "starts_at"], name="makeup_slot_once"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="makeup_slot_ends_after_start"),
            models.CheckConstraint(condition=Q(taken__lte=F("capacity")), name="makeup_slot_not_oversold"),
        ]

    def __str__(self) -> str:
        return f"{timezone.localtime(self.starts_at):%Y-%m-%d %H:%M}"

    @property
    def free(self) -> int:
        return self.capacity - self.taken

    @property
    def audit_organisation_id(self) -> int:
        return self.calendar.centre_id
