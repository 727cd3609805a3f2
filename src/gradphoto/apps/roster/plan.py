"""The dated plan of a campaign (R41): its milestones, who is late, and the deadline of the data (R85)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.db.models import Count, Min, Q, QuerySet
from django.utils import timezone

from gradphoto.apps.campaigns.calendars import calendar_of
from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.campaigns.rules import deadline_of
from gradphoto.apps.campaigns.settings_keys import DATABASE_WORKDAYS
from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import invalid, within
from gradphoto.apps.roster.lifecycle import CHAIN, not_yet
from gradphoto.apps.roster.models import Candidate, CandidateStatus, CorrectionStatus, Milestone, MilestoneKind
from gradphoto.engine.standards.deadlines import days_left, due_before

REACHED: Mapping[MilestoneKind, CandidateStatus] = {
    MilestoneKind.CHECKED: CandidateStatus.CHECKED,
    MilestoneKind.STUDENTS_SIGNED: CandidateStatus.SIGNED,
    MilestoneKind.DATA_IN: CandidateStatus.ENDORSED,
    MilestoneKind.ACCEPTED: CandidateStatus.ACCEPTED,
}
"""The state that every row of the list must have reached by a milestone; the others are dates only."""


@action("roster.set_milestone", permission="roster.plan")
def set_milestone(actor: Actor, campaign: Campaign, *, kind: MilestoneKind, due: date, source: str) -> Milestone:
    """Put a date into the campaign's plan, with the document that sets it (R6)."""
    if not source.strip():
        raise invalid(
            "roster.milestone_without_source",
            "节点日期须注明来源。",
            "A date of the plan needs its source.",
            "请填写通知名称或文号。",
            "Name the notice it comes from.",
        )
    milestone, _ = Milestone.objects.update_or_create(
        campaign=campaign, kind=kind, defaults={"due": due, "source": within(source, 200, field="source")}
    )
    audit.note(kind=str(kind), due=due.isoformat(), source=milestone.source)
    return milestone


@action("roster.drop_milestone", permission="roster.plan")
def drop_milestone(actor: Actor, milestone: Milestone) -> None:
    """Take a date out of the plan."""
    audit.note(kind=milestone.kind, due=milestone.due.isoformat())
    Milestone.objects.filter(pk=milestone.pk).delete()


def behind(people: QuerySet[Candidate], kind: str) -> QuerySet[Candidate]:
    """Who of ``people`` has not reached a milestone; nobody for one that is a date only."""
    if kind == MilestoneKind.ERRORS_PROVEN:
        return people.filter(correction_cases__status=CorrectionStatus.NOTED).distinct()
    target = REACHED.get(MilestoneKind(kind))
    return people.filter(status__in=not_yet(target)) if target else people.none()


@dataclass(frozen=True, slots=True)
class PlannedDate:
    """A milestone as a page shows it: days left (negative: past), and how many people are behind it."""

    milestone: Milestone
    days_left: int
    behind: int

    @property
    def days_ago(self) -> int:
        return -self.days_left

    @property
    def is_late(self) -> bool:
        return self.days_left < 0 and self.behind > 0


def plan_of(campaign: Campaign, people: QuerySet[Candidate]) -> list[PlannedDate]:
    """The plan in the order of its dates, counted over ``people``."""
    today = timezone.localdate()
    return [
        PlannedDate(milestone, (milestone.due - today).days, behind(people, milestone.kind).count())
        for milestone in campaign.milestones.all()
    ]


@dataclass(frozen=True, slots=True)
class DataDeadline:
    """Until when the database must be with the centre, and how long that still is."""

    session_on: date
    due: date
    workdays_left: int
    workdays: int
    provisional: bool

    @property
    def is_past(self) -> bool:
        return self.due < timezone.localdate()


def data_deadline(campaign: Campaign) -> DataDeadline | None:
    """Ten working days (a setting) before the first session, or before the planned shooting; None without a date."""
    # Sessions belong to a later app: they are read by their relation, not imported.
    first = campaign.sessions.aggregate(first=Min("date"))["first"]
    if first is None:
        planned = campaign.milestones.filter(kind=MilestoneKind.SHOOTING).first()
        if planned is None:
            return None
        first = planned.due
    deadline, calendar = deadline_of(campaign, DATABASE_WORKDAYS), calendar_of(campaign.school)
    reached = due_before(first, deadline, calendar)
    left = days_left(reached, timezone.localdate(), calendar)
    return DataDeadline(first, reached.date, left.working_days, deadline.count, reached.provisional)


@dataclass(frozen=True, slots=True)
class Standing:
    """One line of the progress page: a college (or class) of one season, by states of the chain."""

    campaign: int
    season: str
    department: int
    name: str
    class_name: str | None
    counts: Mapping[str, int]
    open_cases: int
    late: tuple[tuple[Milestone, int], ...]

    @property
    def query(self) -> str:
        """The list behind this line, as a query string."""
        asked = {"campaign": self.campaign, "season": self.season, "department": self.department}
        return urlencode(asked | ({"class_name": self.class_name} if self.class_name else {}))

    @property
    def total(self) -> int:
        """Who is on the list: neither deferred nor removed."""
        return sum(self.counts.get(state, 0) for state in CHAIN)

    @property
    def percent(self) -> int:
        return 100 * self.counts.get(CandidateStatus.ACCEPTED, 0) // self.total if self.total else 0

    @property
    def cells(self) -> list[tuple[str, int]]:
        """State and count in the order of the chain, then what left it."""
        states = (*CHAIN, CandidateStatus.DEFERRED, CandidateStatus.REMOVED)
        return [(str(state), self.counts.get(state, 0)) for state in states]


def standings(campaign: Campaign, people: QuerySet[Candidate], *, by_class: bool = False) -> list[Standing]:
    """Spring and autumn apart, college by college (with ``by_class`` class by class), in three queries."""
    keys = ("season", "department", "department__name", *(("class_name",) if by_class else ()))
    order = ("-season", "department__path", *(("class_name",) if by_class else ()))
    counted: dict[tuple[object, ...], dict[str, int]] = {}
    for *key, status, count in people.order_by(*order).values_list(*keys, "status").annotate(Count("pk")):
        counted.setdefault(tuple(key), {})[status] = count
    is_open = Q(correction_cases__status__in=(CorrectionStatus.NOTED, CorrectionStatus.PROVEN))
    open_cases = {
        tuple(key): count
        for *key, count in people.filter(is_open).order_by().values_list(*keys).annotate(Count("correction_cases"))
    }
    today = timezone.localdate()
    past = [milestone for milestone in campaign.milestones.all() if milestone.due < today]
    return [
        Standing(
            campaign=campaign.pk,
            season=str(key[0]),
            department=int(str(key[1])),
            name=str(key[2]),
            class_name=str(key[3]) if by_class else None,
            counts=counts,
            open_cases=open_cases.get(key, 0),
            late=tuple((stone, missing) for stone in past if (missing := _missing(counts, stone.kind))),
        )
        for key, counts in counted.items()
    ]


def _missing(counts: Mapping[str, int], kind: str) -> int:
    target = REACHED.get(MilestoneKind(kind))
    return sum(counts.get(state, 0) for state in not_yet(target)) if target else 0
