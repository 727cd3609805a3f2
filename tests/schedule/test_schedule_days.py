"""Days off are told, past days are asked about, a hall is never promised twice (R82, R201)."""

from datetime import date, time, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from gradphoto.apps.campaigns.calendars import set_days
from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.core.errors import Refusal
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.schedule import actions
from gradphoto.apps.schedule.actions import SessionBlock
from gradphoto.apps.schedule.days import days_off, listed
from gradphoto.apps.schedule.models import OpenPeriod
from gradphoto.engine.standards.workdays import WorkCalendar
from schedule.schedule_world import DAY, blocks, planned_school
from verification.graduate_world import staff
from world import put

pytestmark = pytest.mark.django_db
HOURS = {"morning_from": "08:30", "morning_to": "11:30", "afternoon_from": "14:00", "afternoon_to": "17:00",
         "stations": "1", "places": "104"}  # fmt: skip


def ask(world, first, last, **more):
    form = {**HOURS, "first_day": f"{first}", "last_day": f"{last}", **more}
    return staff(world, Role.REGISTRAR).post(
        f"{reverse('schedule:make')}?campaign={world.campaign.pk}", form, follow=True
    )


def coming(weekday):
    day = timezone.localdate() + timedelta(days=7)
    return day + timedelta(days=(weekday - day.weekday()) % 7)


def test_r201_the_days_left_out_are_named_by_the_schools_own_calendar(world):
    friday = coming(4)
    monday = friday + timedelta(days=3)
    registrar = world.actor(Role.REGISTRAR)
    for offset, works in ((0, True), (1, False), (2, False), (3, False)):
        day = friday + timedelta(days=offset)
        set_days(registrar, world.school, first=day, last=day, works=works, source="校历")
    answer = ask(world, friday, monday)
    told = listed([friday + timedelta(days=n) for n in (1, 2, 3)]).zh
    assert f"周末和节假日未排：{told}。" in answer.content.decode()
    assert {timezone.localtime(one.starts_at).date() for one in OpenPeriod.objects.all()} == {friday}
    nothing = ask(world, monday, monday)
    assert nothing.status_code == 422
    assert 'data-code="schedule.days_off"' in nothing.content.decode()


def test_runs_of_days_are_named_short():
    assert listed([date(2026, 10, day) for day in (1, 2, 3, 5)]).zh == "10月1日–3日、10月5日"
    assert listed([date(2026, 10, 31), date(2026, 11, 1)]).zh == "10月31日–11月1日"
    calendar = WorkCalendar({date(2026, 11, 25): False})
    assert days_off(date(2026, 11, 24), date(2026, 11, 26), calendar) == (date(2026, 11, 25),)


def test_a_past_day_is_asked_about_and_taken_when_it_is_meant(world):
    day = timezone.localdate() - timedelta(days=3)
    asked = ask(world, day, day, every_day="on")
    assert asked.status_code == 422
    assert 'data-code="schedule.days_past"' in asked.content.decode()
    assert not OpenPeriod.objects.exists()
    ask(world, day, day, every_day="on", past_meant="on")
    assert OpenPeriod.objects.count() == 2


@pytest.fixture
def planned():
    made = planned_school("学术报告厅")
    other = Campaign.objects.create(
        cohort_year=2026, title="成教批次", school=made.school, centre=made.centre, rule_set=made.campaign.rule_set
    )
    return made, other


@pytest.mark.parametrize("written", ["学术报告厅", "学术 报告厅"])
def test_r82_a_hall_is_not_promised_to_two_campaigns_on_one_day(planned, written):
    world, other = planned
    registrar = world.actor(Role.REGISTRAR)
    with pytest.raises(Refusal) as refusal:
        actions.set_up_rooms(registrar, other, blocks=blocks(written))
    assert refusal.value.code == "schedule.place_reserved"
    assert world.campaign.title in refusal.value.message.zh
    assert not other.rooms.exists()
    next_day = [SessionBlock(DAY + timedelta(days=1), written, time(8, 30), time(11, 30))]
    assert actions.set_up_rooms(registrar, other, blocks=next_day) == 1
    put(Campaign.objects.filter(pk=world.campaign.pk), status="closed")
    assert actions.set_up_rooms(registrar, other, blocks=blocks(written)) == 2


def test_r82_another_school_has_a_hall_of_the_same_name(planned):
    world, other = planned
    Campaign.objects.filter(pk=other.pk).update(school=world.strange_school)
    other.refresh_from_db()
    with pytest.raises(Refusal) as refusal:
        actions.set_up_rooms(world.stranger(Role.REGISTRAR), other, blocks=blocks("学术报告厅"))
    assert (refusal.value.code, refusal.value.field) == ("schedule.place_elsewhere", "other_hall")
    assert world.campaign.title not in refusal.value.message.zh, "the other school's campaign is its own"
    assert not other.rooms.exists()
    asked = blocks("学术报告厅")
    assert actions.set_up_rooms(world.stranger(Role.REGISTRAR), other, blocks=asked, other_hall=True) == 2
    client, page = Client(), f"{reverse('schedule:make')}?campaign={other.pk}"
    client.force_login(world.strangers[Role.REGISTRAR], "django.contrib.auth.backends.ModelBackend")
    form = {
        **HOURS,
        "places": "学术报告厅",
        "first_day": f"{DAY}",
        "last_day": f"{DAY}",
        "every_day": "on",
        "past_meant": "on",
    }
    told = client.post(page, form)
    assert told.status_code == 422
    assert 'data-code="schedule.place_elsewhere"' in told.content.decode()
    assert 'type="checkbox" name="other_hall"' in told.content.decode()
    assert client.post(page, form | {"other_hall": "on"}).status_code == 302
