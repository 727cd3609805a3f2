"""The stages from roster to registered: which people stand at each, and the filters a dashboard and its lists share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.http import urlencode

from gradphoto.apps.campaigns.models import Season
from gradphoto.apps.capture.models import AssessmentFinding, CheckIn, CheckInStatus, FrameStatus
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.delivery.models import PackageItem, PackageStatus
from gradphoto.apps.orgs.scope import scoped
from gradphoto.apps.registration.models import LedgerEntry
from gradphoto.apps.review.models import DecisionReason
from gradphoto.apps.roster.models import Candidate, CandidateStatus, HourTotal, Total
from gradphoto.apps.roster.models.totals import listed as listed_totals
from gradphoto.apps.roster.persons import photographed_as
from gradphoto.apps.verification.models import CaseStatus, VerificationCase
from gradphoto.engine.wording import Wording

_HOUR = 3600
PHOTOGRAPHED = (CheckInStatus.SHOT, CheckInStatus.CONFIRMED)


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage: its key in addresses, its title, the condition on a candidate, and its number among the totals."""

    key: str
    title: Wording
    condition: Q
    total: Sum


def _has(query: QuerySet) -> Q:
    return Q(Exists(query))


_OWN = OuterRef("pk")
STAGES: tuple[Stage, ...] = (
    Stage("roster", Wording("名册", "Roster"), Q(), Sum("people")),
    Stage(
        "accepted",
        Wording("已核准", "Accepted"),
        Q(status=CandidateStatus.ACCEPTED),
        Sum("people", filter=Q(status=CandidateStatus.ACCEPTED), default=0),
    ),
    Stage(
        "shot",
        Wording("已拍摄", "Photographed"),
        _has(CheckIn.objects.filter(candidate=photographed_as(), status__in=PHOTOGRAPHED)),
        Sum("shot"),
    ),
    Stage(
        "delivered",
        Wording("已交付", "Delivered"),
        _has(
            PackageItem.objects.filter(
                portrait__candidate=_OWN, package__status__in=(PackageStatus.DELIVERED, PackageStatus.CHECKED)
            )
        ),
        Sum("delivered"),
    ),
    Stage(
        "verified",
        Wording("本人已确认", "Confirmed by the graduate"),
        _has(VerificationCase.objects.filter(candidate=_OWN, status=CaseStatus.CONFIRMED)),
        Sum("verified"),
    ),
    Stage(
        "registered",
        Wording("有图像注册", "Registered with photo"),
        _has(LedgerEntry.objects.filter(candidate=_OWN, kind__in=("with_photo", "photo_added"))),
        Sum("registered"),
    ),
    Stage(
        "without_photo",
        Wording("无图像注册", "Registered without photograph"),
        _has(
            LedgerEntry.objects.filter(candidate=_OWN, kind="without_photo").exclude(
                candidate__ledger_entries__kind="photo_added"
            )
        ),
        Sum("without_photo"),
    ),
)
BY_KEY: dict[str, Stage] = {stage.key: stage for stage in STAGES}
WAY = STAGES[:-1]
"""The stages of the funnel; without a photograph is a way out, not a stage."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an address asks for; what it cannot mean is left out, and told by ``unread``: no file is made of it."""

    campaign: int | None = None
    department: int | None = None
    season: str = ""
    stage: str = ""
    day: date | None = None
    hour: int | None = None
    reason: str = ""
    without: str = ""

    @classmethod
    def read(cls, params: Mapping[str, str]) -> Wanted:
        season, hour = params.get("season", ""), _number(params.get("hour"))
        stage = params.get("stage", "")
        return cls(
            campaign=_number(params.get("campaign")),
            department=_number(params.get("department")),
            season=season if season in Season.values else "",
            stage=stage if stage in BY_KEY or stage.removeprefix("not_") in BY_KEY else "",
            day=_day(params.get("day", "")),
            hour=hour if hour is not None and hour < 24 else None,
            reason=params.get("reason", ""),
            without=params.get("without", "") if params.get("without", "") in BY_KEY else "",
        )

    @classmethod
    def unread(cls, params: Mapping[str, str]) -> list[str]:
        """The parameters that say something which they cannot mean."""
        found = cls.read(params)
        names = (field.name for field in fields(cls))
        return [name for name in names if params.get(name) and getattr(found, name) in (None, "")]

    def link(self, **changes: object) -> str:
        """The query string of the same filter with some parts changed."""
        parts = {
            "campaign": self.campaign, "department": self.department, "season": self.season, "stage": self.stage,
            "day": self.day, "hour": self.hour, "reason": self.reason, "without": self.without, **changes,
        }  # fmt: skip
        return urlencode({name: str(value) for name, value in parts.items() if value not in (None, "")})

    def people(self, actor: Actor) -> QuerySet[Candidate]:
        """The people within the viewer's scope that fit campaign, department and season."""
        return self._narrowed(scoped(actor, Candidate).exclude(status=CandidateStatus.REMOVED))

    def _narrowed(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        asked = {"campaign": self.campaign, "department": self.department, "season": self.season}
        return rows.filter(**{name: value for name, value in asked.items() if value})

    def totals(self, actor: Actor) -> QuerySet[Total]:
        """The same people as numbers, kept by the database (``roster.totals``)."""
        return self._narrowed(listed_totals(scoped(actor, Total)).order_by())

    def hours(self, actor: Actor) -> QuerySet[HourTotal]:
        """The same people by the hour in which they were photographed."""
        return self._narrowed(listed_totals(scoped(actor, HourTotal)).order_by())

    def listed(self, actor: Actor) -> QuerySet[Candidate]:
        """The people behind one number: at a stage (or short of it), of an hour in the room, of a rejection reason."""
        people = self.people(actor)
        if self.stage:
            stage = BY_KEY[self.stage.removeprefix("not_")]
            people = (
                people.exclude(stage.condition) if self.stage.startswith("not_") else people.filter(stage.condition)
            )
        if self.without:
            people = people.exclude(BY_KEY[self.without].condition)
        if self.day is not None:
            first, last = _hours_of(self.day, self.hour)
            people = people.filter(standing__shot_hour__gte=first, standing__shot_hour__lt=last)
        if self.reason:
            given, found = reasons_given(), findings_of_rejected()
            people = people.filter(
                _has(given.filter(code=self.reason, decision__review__frame__check_in__candidate=_OWN))
                | _has(found.filter(code=self.reason, assessment__frame__check_in__candidate=_OWN))
            )
        return people


def hour_begins(number: int) -> datetime:
    """The beginning of an hour that is counted from 1970, in local time."""
    return timezone.localtime(datetime.fromtimestamp(number * _HOUR, UTC))


def _hours_of(day: date, hour: int | None) -> tuple[int, int]:
    """The hours of a day (or one of it), counted from 1970; the second is the first that is not among them."""
    begins = timezone.make_aware(datetime.combine(day, time(hour or 0)))
    first = int(begins.timestamp()) // _HOUR
    return first, first + (24 if hour is None else 1)


def reasons_given() -> QuerySet[DecisionReason]:
    """Why a person rejected photographs, as far as it was not undone."""
    return DecisionReason.objects.filter(decision__undone_at=None).order_by()


def findings_of_rejected() -> QuerySet[AssessmentFinding]:
    """What the rules found at once on photographs that were then shot again."""
    return AssessmentFinding.objects.filter(
        outcome="fail", assessment__current=True, assessment__frame__status=FrameStatus.REJECTED
    ).order_by()


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 18 else None


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None
