"""A campaign with three classes in two departments, an autumn class, rooms and half-days in November 2026."""

from __future__ import annotations

from datetime import date, datetime, time

from django.utils import timezone

from gradphoto.apps.campaigns import settings_keys as keys
from gradphoto.apps.campaigns.models import Rule, Season
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.schedule.actions import SessionBlock, make_timetable
from gradphoto.apps.schedule.models import CollectionRoom, Slot
from world import World, add_candidate, build_world

DAY = date(2026, 11, 24)
SEASON = {
    keys.SEASON_WINDOW: ["10-09", "02-28"],
    keys.MAKE_UP_WINDOW: ["03-01", "04-30"],
    keys.REPORT_MONTHS: ["1", "2"],
    keys.FULL_TIME_MOST: 150,
    keys.ADULT_MOST: 120,
}


def at(hour: int, minute: int = 0, day: date = DAY) -> datetime:
    return datetime.combine(day, time(hour, minute), timezone.get_current_timezone())


def build_school(people: int = 10) -> World:
    """Classes 甲班 and 乙班 (spring, computing), 丙班 (spring, languages), 丁班 (autumn, learning centre)."""
    world = build_world()
    for key, value in SEASON.items():
        Rule.objects.create(
            rule_set=world.campaign.rule_set, key=key.name, value=value, source="测试", effective_from=date(2020, 1, 1)
        )
    n = 0
    for name, department, season in (
        ("甲班", world.department, Season.SPRING),
        ("乙班", world.department, Season.SPRING),
        ("丙班", world.other_department, Season.SPRING),
        ("丁班", world.learning_centre, Season.AUTUMN),
    ):
        for _ in range(people):
            n += 1
            candidate = add_candidate(world, n, department=department, season=season)
            Candidate.objects.filter(pk=candidate.pk).update(class_name=name)
    return world


def blocks(*places: str) -> list[SessionBlock]:
    """A morning and an afternoon in each place."""
    hours = ((time(8, 30), time(11, 30)), (time(14), time(17)))
    return [SessionBlock(DAY, place, start, end) for place in places for start, end in hours]


def planned_school(*places: str, people: int = 10) -> World:
    """The school with its timetable made."""
    world = build_school(people)
    make_timetable(world.actor(Role.REGISTRAR), world.campaign, blocks=blocks(*(places or ("104",))))
    return world


def slot(name: str) -> Slot:
    return Slot.objects.select_related("session__room").get(class_name=name)


def room(name: str = "104") -> CollectionRoom:
    return CollectionRoom.objects.get(name=name)
