"""Between the database and the planner: the campaign as a ``Problem``, and its slots as the planner's slots."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Count, Min, QuerySet
from django.utils import timezone

from gradphoto.apps.campaigns.calendars import calendar_of
from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.campaigns.rules import in_force, value_of
from gradphoto.apps.campaigns.settings_keys import (
    ADULT_MOST,
    ADULT_PER_HOUR,
    EARLY_MINUTES,
    FULL_TIME_MOST,
    FULL_TIME_PER_HOUR,
    SLOT_MINUTES,
    Key,
)
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.roster.lifecycle import APPROVED
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.roster.persons import once_a_person
from gradphoto.apps.schedule.models import OpenPeriod, SessionStatus, Slot, WishKind
from gradphoto.engine.planning import Crew, Group, Kind, Period, Problem, Rates, Room, Span, Wish
from gradphoto.engine.planning import Slot as PlannedSlot

_ADULT_KINDS = ("成人",)


def listed(campaign: Campaign) -> QuerySet[Candidate]:
    """Who is to be photographed in a session: the approved list (R16)."""
    return once_a_person(campaign.candidates.filter(status__in=APPROVED))


def group_key(candidate: Candidate) -> str:
    """The class that a candidate comes with."""
    return f"{candidate.season}/{candidate.department_id}/{candidate.class_name}"


def groups_of(campaign: Campaign) -> tuple[Group, ...]:
    """Every class of the approved list with its headcount and lowest student number (R78, R102)."""
    rows = (
        listed(campaign)
        .order_by("season", "department__path", "class_name")
        .values("season", "department_id", "department__name", "class_name")
        .annotate(headcount=Count("pk"), first=Min("student_no"), category=Min("degree_category"))
    )
    return tuple(
        Group(
            f"{row['season']}/{row['department_id']}/{row['class_name']}",
            row["department__name"],
            row["class_name"],
            row["season"],
            Kind.ADULT if row["category"].startswith(_ADULT_KINDS) else Kind.FULL_TIME,
            row["headcount"],
            row["first"],
        )
        for row in rows
    )


def rates_of(campaign: Campaign) -> Rates:
    """Persons an hour and station, planned with and at most (R79)."""
    return Rates(
        value_of(campaign, FULL_TIME_PER_HOUR),
        value_of(campaign, ADULT_PER_HOUR),
        _optional(campaign, FULL_TIME_MOST),
        _optional(campaign, ADULT_MOST),
    )


def _optional(campaign: Campaign, key: Key[int]) -> int | None:
    rule = in_force(campaign.rule_set, key)
    return None if rule is None else key.read(rule.value)


def problem_of(campaign: Campaign, locked: Iterable[PlannedSlot] = ()) -> Problem:
    """The campaign as the planner sees it; ``locked`` slots stand as they are."""
    return Problem(
        groups_of(campaign),
        rooms_of(campaign),
        rates_of(campaign),
        calendar_of(campaign.school),
        crews=tuple(Crew(str(team.pk), team.name, team.stations) for team in campaign.teams.all()),
        wishes=_wishes(campaign),
        locked=tuple(locked),
        early_minutes=value_of(campaign, EARLY_MINUTES),
        band_minutes=value_of(campaign, SLOT_MINUTES),
    )


def rooms_of(campaign: Campaign) -> tuple[Room, ...]:
    """The rooms with their half-days; one that failed its check list is not ready."""
    rooms = campaign.rooms.prefetch_related("periods", "checks")
    return tuple(
        Room(str(room.pk), room.name, room.stations, tuple(map(_period, room.periods.all())), not room.refused)
        for room in rooms
    )


def _period(period: OpenPeriod) -> Period:
    pause = ()
    if period.break_from and period.break_to:
        pause = (Span(local(period.break_from), local(period.break_to)),)  # type: ignore[assignment]
    return Period(local(period.starts_at), local(period.ends_at), pause)


def local(moment: datetime) -> datetime:
    """The moment by the clock on the wall."""
    return timezone.localtime(moment)


def _wishes(campaign: Campaign) -> tuple[Wish, ...]:
    made: dict[str, Wish] = {}
    for row in campaign.wishes.all():
        key = f"{row.season}/{row.department_id}/{row.class_name}"
        old = made.get(key, Wish(key))
        span = Span(local(row.starts_at), local(row.ends_at))
        if row.kind == WishKind.FIXED:
            made[key] = Wish(key, span.start, old.room, old.forbidden, old.preferred)
        elif row.kind == WishKind.FORBIDDEN:
            made[key] = Wish(key, old.start, old.room, (*old.forbidden, span), old.preferred)
        else:
            made[key] = Wish(key, old.start, old.room, old.forbidden, (*old.preferred, span))
    known = {group.key for group in groups_of(campaign)}
    return tuple(wish for key, wish in made.items() if key in known)


def slots_of(campaign: Campaign) -> QuerySet[Slot]:
    """Every slot of the campaign in order of time."""
    found = Slot.objects.filter(session__campaign=campaign).select_related("department", "session__room")
    return found.order_by("starts_at", "session__place")


def planned(slots: Iterable[Slot]) -> list[PlannedSlot]:
    """The slots as the planner knows them; a session without a room of the campaign is not the planner's."""
    return [
        PlannedSlot(slot.group_key, str(slot.session.room_id), local(slot.starts_at), local(slot.ends_at))
        for slot in slots
        if slot.session.room_id
    ]


def standing(campaign: Campaign) -> list[PlannedSlot]:
    """The slots that a new plan must leave alone: locked ones, and those of sessions that were opened."""
    slots = [slot for slot in slots_of(campaign) if slot.locked or slot.session.status != SessionStatus.PLANNED]
    known = {group.key for group in groups_of(campaign)}
    return [slot for slot in planned(slots) if slot.group in known]


def departments_of(campaign: Campaign) -> QuerySet[Organisation]:
    """The departments and learning centres that have people on the approved list."""
    return Organisation.objects.filter(pk__in=listed(campaign).values("department_id")).order_by("path")
