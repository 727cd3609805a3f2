"""One calendar: nobody counts a date without one, and a school's own days off reach everybody who counts (R201, R179)."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from dataclasses import is_dataclass
from datetime import date, time
from pathlib import Path

import pytest
from django.utils import timezone

import gradphoto
from gradphoto.apps.campaigns import calendars
from gradphoto.apps.core.errors import Refusal
from gradphoto.apps.makeup import booking
from gradphoto.apps.makeup.models import MakeUpSlot
from gradphoto.apps.makeup.queries import open_days
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.schedule.booking_actions import data_due, notice_of
from gradphoto.apps.schedule.leaflets.facts import facts_of
from gradphoto.apps.schedule.models import CaptureSession
from gradphoto.apps.schedule.plan_forms import MakeTimetable
from gradphoto.apps.schedule.problem import problem_of
from gradphoto.engine import planning, standards
from gradphoto.engine.planning.explain import _more_half_days
from gradphoto.engine.planning.problem import Period, Room
from gradphoto.engine.standards.deadlines import OFFICIAL, WorkCalendar
from gradphoto.engine.standards.make_up import PublishedDays
from gradphoto.engine.wording import Wording
from makeup.makeup_world import filled, make_up_world, published, recipient
from world import add_candidate, build_world

pytestmark = pytest.mark.django_db
SHOT = date(2026, 11, 24)


def closed(world, *days: date, organisation=None) -> None:
    role = Role.ADMINISTRATOR if organisation is not None else Role.REGISTRAR
    for day in days:
        calendars.set_days(
            world.actor(role), organisation or world.school, first=day, last=day, works=False, source="校历"
        )


def test_no_function_and_no_type_counts_with_a_calendar_of_its_own_choice():
    """The calendar is a demanded argument everywhere: a default would be the bug that nobody sees."""
    for package in (standards, planning):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            module = importlib.import_module(found.name)
            for name, one in vars(module).items():
                if (
                    not (inspect.isfunction(one) or (inspect.isclass(one) and is_dataclass(one)))
                    or one.__module__ != module.__name__
                ):
                    continue
                for parameter in inspect.signature(one).parameters.values():
                    if "WorkCalendar" in str(parameter.annotation) or parameter.name == "overrides":
                        assert parameter.default is inspect.Parameter.empty, f"{found.name}.{name}"


def test_no_app_counts_by_the_official_calendar_alone():
    apps = Path(gradphoto.__file__).parent / "apps"
    users = [
        path for path in apps.rglob("*.py") if re.search(r"\bOFFICIAL\b|import chinese_calendar", path.read_text())
    ]
    assert users == []


def test_the_leaflet_promises_the_day_that_the_schools_calendar_gives():
    world = build_world()
    CaptureSession.objects.create(campaign=world.campaign, date=SHOT, place="104")
    before = facts_of(world.campaign).promised
    closed(world, before.date)
    after = facts_of(world.campaign).promised
    assert after.date > before.date
    assert after.date == calendars.calendar_of(world.school).add_workdays(SHOT, 40).date


def test_the_planner_leaves_the_schools_days_off_out_and_proposes_none_of_them():
    world = build_world()
    closed(world, date(2026, 11, 25), date(2026, 11, 26))
    data = {
        "first_day": "2026-11-24", "last_day": "2026-11-27", "places": "104", "stations": 1,
        "morning_from": "08:30", "morning_to": "11:30", "afternoon_from": "14:00", "afternoon_to": "17:00",
        "past_meant": True,
    }  # fmt: skip
    form = MakeTimetable(world.actor(Role.REGISTRAR), world.campaign, data)
    assert form.is_valid(), form.errors
    assert {block.date for block in form.blocks()} == {date(2026, 11, 24), date(2026, 11, 27)}
    asked = problem_of(world.campaign)
    morning = Period(*(timezone.make_aware(timezone.datetime.combine(SHOT, time(h))) for h in (8, 11)))
    [more] = _more_half_days(Room("r", "104", 1, (morning,)), 1, asked.calendar)
    assert more.day == date(2026, 11, 27)


def test_the_data_are_due_before_the_schools_own_days_off():
    world = build_world()
    assert data_due(world.campaign, SHOT) == OFFICIAL.subtract_workdays(SHOT, 10).date
    closed(world, date(2026, 11, 20))
    assert data_due(world.campaign, SHOT) == OFFICIAL.subtract_workdays(SHOT, 11).date


def test_a_closed_wednesday_is_not_published():
    wednesdays = PublishedDays(
        "weekly", Wording("每周三", "Wednesdays"), "附件3", "长沙", ((time(9), time(10)),), weekday=2, first="09-01", last="04-30"
    )  # fmt: skip
    own = WorkCalendar({date(2026, 11, 25): False})
    assert wednesdays.days(date(2026, 11, 18), date(2026, 12, 2), own) == (date(2026, 11, 18), date(2026, 12, 2))
    world = build_world()
    closed(world, date(2026, 12, 9), organisation=world.centre)
    booking.publish_days(
        world.actor(Role.COLLECTION_CENTRE), world.centre, published=wednesdays,
        first=date(2026, 12, 2), last=date(2026, 12, 16), capacity=2,
    )  # fmt: skip
    days = {timezone.localtime(slot.starts_at).date() for slot in MakeUpSlot.objects.all()}
    assert days == {date(2026, 12, 2), date(2026, 12, 16)}


def test_a_day_that_the_centre_closes_later_is_offered_and_booked_no_more():
    world = make_up_world()
    recipient(world)
    case = filled(world, add_candidate(world))
    slot = published(world).slots.first()
    day = timezone.localtime(slot.starts_at).date()
    assert [one.day for _, days in open_days(world.campaign) for one in days] == [day]
    closed(world, day, organisation=world.centre)
    assert [one.day for _, days in open_days(world.campaign) for one in days] == []
    with pytest.raises(Refusal) as caught:
        booking.book(world.actor(Role.REGISTRAR), case, slot=slot)
    assert caught.value.code == "makeup.day_closed"


@pytest.mark.parametrize(
    ("shooting", "reported", "in_time"),
    [
        ("2027-03-31", "2027-02-28", True),  # a month before 31 March is the last of February: 31 days
        ("2027-03-31", "2027-03-01", False),  # 30 days, but less than a month
        ("2027-03-31", "2027-01-31", True),  # two months: 59 days
        ("2026-08-31", "2026-06-30", True),  # two months: 62 days
        ("2026-08-31", "2026-06-29", False),
    ],
)
def test_r179_one_to_two_months_are_months(shooting, reported, in_time):
    world = build_world()
    told = notice_of(world.campaign, date.fromisoformat(shooting), date.fromisoformat(reported))
    assert (told is None) is in_time, told
