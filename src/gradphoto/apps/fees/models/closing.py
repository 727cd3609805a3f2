"""What is closed does not change: a till's day, a campaign's season."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.fees.models.append_only import AppendOnly
from gradphoto.apps.fees.models.ledger import Account
from gradphoto.apps.orgs.models import User


class DayClosing(AppendOnly):
    """A till's cash, counted at the end of a day. From then on no entry of that day or an earlier one touches it."""

    SCOPE = ("till__organisation__path", "till__campaign__centre__path")

    till = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="closings")
    day = models.DateField()
    expected_fen = models.PositiveBigIntegerField()
    counted_fen = models.PositiveBigIntegerField()
    denominations = models.JSONField(default=dict)
    note = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar = ["-day", "till"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["till", "day"], name="fees_dayclosing_once"),
            models.CheckConstraint(
                condition=Q(counted_fen=F("expected_fen")) | ~Q(note=""), name="fees_dayclosing_difference_explained"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.till_id} {self.day}"

    @property
    def difference_fen(self) -> int:
        return self.counted_fen - self.expected_fen


class SeasonClosing(AppendOnly):
    """The end of the money of one season of a campaign; ``totals`` are the figures that were agreed."""

    SCOPE = ("campaign__school__path", "campaign__centre__path")

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="fee_closings")
    season = models.CharField(max_length=8, choices=Season.choices)
    totals = models.JSONField()
    note = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar = ["-at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["campaign", "season"], name="fees_seasonclosing_once"),
            models.CheckConstraint(condition=Q(season__in=Season.values), name="fees_seasonclosing_season_known"),
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id} {self.season}"
