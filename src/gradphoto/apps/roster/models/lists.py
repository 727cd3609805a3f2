"""What the list remembers: a person's columns, and the result of a bulk step row by row."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.core.models import Job
from gradphoto.apps.core.wording import bi
from gradphoto.apps.orgs.models import User
from gradphoto.apps.roster.models.candidates import Candidate


class ColumnChoice(models.Model):
    """The columns that a person chose for the roster table, in their order."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="+")
    columns = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"{self.user_id}: {len(self.columns)}"


class BulkStep(models.Model):
    """One step asked for many rows. Large ones run in the background with progress and cancel."""

    SCOPE = ("campaign__school__path", "campaign__centre__path")
    SHARED_DOWN = ("campaign__school__path",)

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    action = models.CharField(max_length=80)
    detail = models.JSONField(default=dict)
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.action} {self.created_at:%Y-%m-%d %H:%M}"

    @property
    def audit_organisation_id(self) -> int:
        return self.campaign.school_id


class OutcomeState(models.TextChoices):
    WAITING = "waiting", bi("待办理", "Waiting")
    DONE = "done", bi("已办理", "Done")
    REFUSED = "refused", bi("未办理", "Not done")


class BulkOutcome(models.Model):
    """What became of one row of a bulk step, with reason and remedy where it was refused."""

    bulk = models.ForeignKey(BulkStep, on_delete=models.CASCADE, related_name="outcomes")
    candidate = models.ForeignKey(Candidate, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=8, choices=OutcomeState.choices, default=OutcomeState.WAITING)
    code = models.CharField(max_length=80, blank=True)
    message = models.JSONField(null=True)
    remedy = models.JSONField(null=True)

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["bulk", "candidate"], name="roster_bulkoutcome_once")]
        indexes: ClassVar = [models.Index(fields=["bulk", "state"], name="roster_bulkoutcome_state")]

    def __str__(self) -> str:
        return f"{self.bulk_id} {self.candidate_id} {self.state}"
