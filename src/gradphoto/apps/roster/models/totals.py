"""How many people stand where: kept by the database itself (``roster.totals``), read by home pages, dashboards and plans."""

from __future__ import annotations

from typing import ClassVar, TypeVar

from django.db import models
from django.db.models import Sum
from django.db.models.query import QuerySet

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.orgs.models import Organisation


class _Facts(models.Model):
    """What is counted beside the roster's own state; later rooms say when each is true (``roster.totals.facts``)."""

    shot = models.IntegerField(default=0)
    undelivered = models.IntegerField(default=0)
    delivered = models.IntegerField(default=0)
    unverified = models.IntegerField(default=0)
    disputed = models.IntegerField(default=0)
    verified = models.IntegerField(default=0)
    unseen = models.IntegerField(default=0)
    viewed = models.IntegerField(default=0)
    corrected = models.IntegerField(default=0)
    answered = models.IntegerField(default=0)
    expired = models.IntegerField(default=0)
    unproven = models.IntegerField(default=0)
    to_apply = models.IntegerField(default=0)
    returned = models.IntegerField(default=0)
    applied = models.IntegerField(default=0)
    head_approved = models.IntegerField(default=0)
    approved = models.IntegerField(default=0)
    registered = models.IntegerField(default=0)
    without_photo = models.IntegerField(default=0)

    class Meta:
        abstract = True


FACTS = tuple(field.name for field in _Facts._meta.local_fields)
HOUR = "shot_hour"


class Standing(_Facts):
    """Where one candidate stands; every fact is 0 or 1. Triggers write it, nobody else."""

    candidate = models.OneToOneField(
        "roster.Candidate", models.DO_NOTHING, primary_key=True, db_constraint=False, related_name="standing"
    )
    campaign = models.ForeignKey(Campaign, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    department = models.ForeignKey(
        Organisation, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    season = models.CharField(max_length=8)
    status = models.CharField(max_length=16)
    shot_hour = models.IntegerField(default=0)
    """In which hour the candidate's own check-in was, counted from 1970 (UTC); 0: in none."""

    def __str__(self) -> str:
        return f"{self.candidate_id} {self.status}"


class Total(_Facts):
    """How many people of one campaign, unit, season and state of the roster there are, and of how many each fact holds.

    On PostgreSQL a change is added as a line of its own (``base`` is null), so that two transactions never wait for one
    another; ``roster.totals.fold`` adds such lines up. A number is therefore always a sum.
    """

    SCOPE: ClassVar[tuple[str, ...]] = ("department__path", "campaign__centre__path")
    OF_SCHOOL: ClassVar[bool] = True

    campaign = models.ForeignKey(Campaign, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    department = models.ForeignKey(Organisation, models.DO_NOTHING, db_constraint=False, related_name="+")
    season = models.CharField(max_length=8)
    status = models.CharField(max_length=16)
    base = models.SmallIntegerField(null=True)
    people = models.IntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["campaign", "department", "season", "status", "base"], name="roster_total_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id} {self.department_id} {self.season} {self.status}: {self.people}"


class UnitTotal(Total):
    """The same as those see it who see the units' own records: the review knows no collection centre."""

    SCOPE: ClassVar[tuple[str, ...]] = ("department__path",)

    class Meta:
        proxy = True


class HourTotal(models.Model):
    """How many of them were photographed in which hour: the days of the room, without looking at every check-in."""

    SCOPE: ClassVar[tuple[str, ...]] = Total.SCOPE
    OF_SCHOOL: ClassVar[bool] = True

    campaign = models.ForeignKey(Campaign, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    department = models.ForeignKey(Organisation, models.DO_NOTHING, db_constraint=False, related_name="+")
    season = models.CharField(max_length=8)
    status = models.CharField(max_length=16)
    shot_hour = models.IntegerField()
    base = models.SmallIntegerField(null=True)
    people = models.IntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["campaign", "department", "season", "status", "shot_hour", "base"],
                name="roster_hour_total_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id} {self.department_id} {self.season} {self.status} {self.shot_hour}: {self.people}"


AnyTotal = TypeVar("AnyTotal", Total, HourTotal)


def counted(totals: QuerySet[Total], column: str) -> int:
    """The sum of a column."""
    return int(totals.aggregate(n=Sum(column))["n"] or 0)


def listed(totals: QuerySet[AnyTotal]) -> QuerySet[AnyTotal]:
    """Without who was taken off the list."""
    return totals.exclude(status="removed")
