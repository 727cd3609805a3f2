"""A long list of the money that is written in the background."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.core.models import Blob, Job
from gradphoto.apps.orgs.models import User


class FeeExport(models.Model):
    """Which table, as who asked for it and by which filter (``asked``, a query string), and the file."""

    SCOPE: ClassVar[tuple[str, ...]] = ("campaign__school__path", "campaign__centre__path")
    SHARED_DOWN: ClassVar[tuple[str, ...]] = ("campaign__school__path",)

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="+")
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    table = models.CharField(max_length=16)
    asked = models.TextField(blank=True)
    requested_at = models.DateTimeField(default=timezone.now)
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    blob = models.ForeignKey(Blob, null=True, on_delete=models.PROTECT, related_name="+")
    row_count = models.PositiveIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["-requested_at"]

    def __str__(self) -> str:
        return f"{self.table} {self.requested_at:%Y-%m-%d %H:%M}"

    @property
    def audit_organisation_id(self) -> int:
        return self.campaign.school_id
