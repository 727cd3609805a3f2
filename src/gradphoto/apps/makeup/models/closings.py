"""The end of a session: what both sides counted, who signed for it, and the check tables that came back (R104, R130)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from gradphoto.apps.fees.models import Receipt
from gradphoto.apps.orgs.models import Organisation, User
from gradphoto.apps.roster.models import SignedTable
from gradphoto.apps.schedule.models import CaptureSession


class SessionClosing(models.Model):
    """The closing sheet: counts by kind as they stood, proposed by one side and agreed by the other."""

    SCOPE = ("session__campaign__school__path", "session__campaign__centre__path")

    session = models.ForeignKey(CaptureSession, on_delete=models.PROTECT, related_name="closings")
    counts = models.JSONField()
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_for = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(default=timezone.now)
    agreed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    agreed_at = models.DateTimeField(null=True)
    voided_at = models.DateTimeField(null=True)
    void_reason = models.CharField(max_length=200, blank=True)
    receipt = models.ForeignKey(Receipt, null=True, on_delete=models.PROTECT, related_name="+")
    receipt_note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering: ClassVar = ["-proposed_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["session"], condition=Q(voided_at=None), name="makeup_closing_one_a_session"
            ),
            models.CheckConstraint(
                condition=Q(agreed_by__isnull=True, agreed_at__isnull=True)
                | Q(agreed_by__isnull=False, agreed_at__isnull=False) & ~Q(agreed_by=models.F("proposed_by")),
                name="makeup_closing_two_persons",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.session}"

    @property
    def audit_organisation_id(self) -> int:
        return self.session.campaign.school_id


class SessionCrew(models.Model):
    """Who was at which post in this room on this day (R91, R92): names by post code, as the closing sheet prints them.

    The timetable's duty list names people for a whole campaign; who really stood there is put down here.
    """

    SCOPE = ("session__campaign__school__path", "session__campaign__centre__path")

    session = models.OneToOneField(CaptureSession, on_delete=models.CASCADE, related_name="crew")
    names = models.JSONField(default=dict)
    noted_by = models.CharField(max_length=150)
    noted_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.session}"


class ReturnedTable(models.Model):
    """A college's signed check table, handed to the registry's staff at the scene (R130)."""

    SCOPE = ("session__campaign__school__path", "session__campaign__centre__path")

    session = models.ForeignKey(CaptureSession, on_delete=models.PROTECT, related_name="returned_tables")
    department = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    handed_in_by = models.CharField(max_length=60)
    received_by = models.CharField(max_length=150)
    received_at = models.DateTimeField(default=timezone.now)
    sheets = models.PositiveSmallIntegerField(default=1)
    table = models.ForeignKey(SignedTable, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering: ClassVar = ["department"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["session", "department"], name="makeup_returnedtable_once"),
            models.CheckConstraint(condition=Q(sheets__gte=1), name="makeup_returnedtable_sheets"),
        ]

    def __str__(self) -> str:
        return f"{self.session} {self.department}"
