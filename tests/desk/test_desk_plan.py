"""A campaign's plan as a dated chart with its twin as a list; rules and holidays show what they move before they are saved."""

from datetime import date

import pytest
from django.utils import timezone
from icalendar import Calendar

from gradphoto.apps.campaigns import settings_keys as keys
from gradphoto.apps.campaigns.agenda import Planned, plan
from gradphoto.apps.campaigns.models import CalendarDay, Campaign, Rule
from gradphoto.apps.campaigns.plan_chart import chart
from gradphoto.apps.core.models import AuditEntry
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.roster.models import Milestone
from gradphoto.apps.schedule.models import CaptureSession
from gradphoto.engine.standards.deadlines import OFFICIAL, Deadline, Kind, WorkCalendar, due_before
from gradphoto.engine.wording import Wording
from verification.graduate_world import staff
from world import add_candidate, build_world, put

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    """The plan of S4: data by 10 December 2008, shooting on the 13th and 14th, errata by 5 March 2009."""
    world = build_world()
    world.plan = f"/campaigns/{world.campaign.pk}/plan/"
    for kind, day in (("data_in", date(2008, 12, 10)), ("shooting", date(2008, 12, 13)), ("errata", date(2009, 3, 5))):
        Milestone.objects.create(campaign=world.campaign, kind=kind, due=day, source="处发[2008]71号")
    for day in (date(2008, 12, 13), date(2008, 12, 14)):
        CaptureSession.objects.create(campaign=world.campaign, date=day, place="体育馆", status="closed")
    add_candidate(world, 1, status="checked")
    return world


def shoot_once(world, day: date) -> None:
    CaptureSession.objects.all().delete()
    CaptureSession.objects.create(campaign=world.campaign, date=day, place="体育馆", status="closed")


def test_r41_e6_the_plan_of_s4_stands_on_one_page(world):
    days = {item.title.zh: item.day for item in plan(world.actor(Role.REGISTRAR), world.campaign)}
    assert days["院领导签字，数据、名单上交"] == date(2008, 12, 10)
    assert days["承诺开放校对"] == date(2009, 2, 12)
    assert days["勘误上报截止"] == date(2009, 3, 5)
    assert days["采集数据库交采集中心"] == date(2008, 12, 1), "ten working days before 13 December (R85, R175)"
    page = staff(world, Role.REGISTRAR).get(world.plan).content.decode()
    assert "<svg" in page
    assert "处发[2008]71号" in page
    assert "style=" not in page
    assert f"/campaigns/{world.campaign.pk}/rule/?key=verification.promised_workdays" in page
    assert "behind=data_in" in page


def test_everybody_of_the_campaign_sees_the_plan_and_only_the_registrar_edits(world):
    assert staff(world, Role.REGISTRAR, stranger=True).get(world.plan).status_code == 404
    for role in (Role.COLLEGE_OFFICER, Role.COLLECTION_CENTRE, Role.AUDITOR):
        page = staff(world, role).get(world.plan)
        assert page.status_code == 200
        assert "/rule/?key=" not in page.content.decode()
    reader = staff(world, Role.COLLEGE_OFFICER)
    page = reader.get(f"/campaigns/{world.campaign.pk}/rule/?key=schedule.early_minutes").content.decode()
    assert "查看影响" not in page
    assert str(world.people[Role.REGISTRAR]) in page, "who may not change it learns who may"
    asked = {"value": "20", "source": "x", "effective_from": "2026-01-01"}
    posted = reader.post(f"/campaigns/{world.campaign.pk}/rule/?key=schedule.early_minutes", asked)
    assert posted.status_code == 403


def test_the_plan_leaves_as_a_calendar_file(world):
    answer = staff(world, Role.REGISTRAR).get(f"{world.plan}?format=ics")
    events = Calendar.from_ical(answer.content).walk("VEVENT")
    assert date(2009, 2, 12) in [event["dtstart"].dt for event in events]
    assert (
        len({str(event["uid"]) for event in events})
        == len(events)
        == len(plan(world.actor(Role.REGISTRAR), world.campaign))
    )


def test_a_new_rule_shows_what_it_moves_before_it_is_saved(world):
    put(Campaign.objects.filter(pk=world.campaign.pk), status="collecting")
    shoot_once(world, timezone.localdate())
    browser = staff(world, Role.REGISTRAR)
    asked = {"key": "verification.promised_workdays", "value": "20", "source": "新通知", "effective_from": "2026-01-01"}
    address = f"/campaigns/{world.campaign.pk}/rule/"
    tried = browser.get(address, asked)
    assert [pair.before.title.en for pair in tried.context["moved"]] == ["Verification promised for"]
    assert tried.context["moved"][0].after.day < tried.context["moved"][0].before.day
    assert Rule.objects.filter(key=asked["key"]).count() == 1, "nothing is saved yet"
    browser.post(f"{address}?key={asked['key']}", asked)
    assert Rule.objects.filter(key=asked["key"], value=20, source="新通知").exists()
    promised = next(
        i for i in plan(world.actor(Role.REGISTRAR), world.campaign) if i.title.en == "Verification promised for"
    )
    assert promised.day == tried.context["moved"][0].after.day


@pytest.mark.parametrize("value", ["-1", "many", "[", "1.5"])
def test_a_rule_that_is_no_number_is_refused(world, value):
    asked = {"key": "verification.promised_workdays", "value": value, "source": "x", "effective_from": "2026-01-01"}
    assert staff(world, Role.REGISTRAR).get(f"/campaigns/{world.campaign.pk}/rule/", asked).status_code == 422


def test_a_rule_set_of_several_schools_is_not_one_registrars_to_change(world):
    Campaign.objects.create(
        cohort_year=2026,
        title="他校",
        school=world.strange_school,
        centre=world.centre,
        rule_set=world.campaign.rule_set,
    )
    asked = {"value": "20", "source": "新通知", "effective_from": "2026-01-01"}
    answer = staff(world, Role.REGISTRAR).post(
        f"/campaigns/{world.campaign.pk}/rule/?key=verification.promised_workdays", asked
    )
    assert answer.status_code == 409
    assert "其他学校" in answer.content.decode()


def test_r201_a_holiday_shows_what_it_moves_then_is_saved_and_stays_in_the_history(world):
    shoot_once(world, date(2026, 11, 2))
    browser = staff(world, Role.REGISTRAR)
    asked = {"first": "2026-11-25", "last": "2026-11-26", "works": "no", "source": "校运会"}
    tried = browser.get("/campaigns/calendar/", asked)
    moved = {pair.before.title.en: pair for pair in tried.context["moved"]}
    promised = moved["Verification promised for"]
    assert (promised.before.day, promised.after.day) == (date(2026, 12, 28), date(2026, 12, 30))
    assert not CalendarDay.objects.exists()
    browser.post("/campaigns/calendar/days/", {**asked, "row": world.school.pk})
    assert CalendarDay.objects.count() == 2
    (run,) = browser.get("/campaigns/calendar/?year=2026").context["runs"]
    clearing = browser.get(f"/campaigns/calendar/?{run.query}")
    assert any(pair.after.day < pair.before.day for pair in clearing.context["moved"])
    browser.post("/campaigns/calendar/days/clear/", {**asked, "row": world.school.pk})
    assert not CalendarDay.objects.exists()
    page = browser.get("/campaigns/calendar/").content.decode()
    assert "删除登记" in page
    assert "校运会" in page
    assert AuditEntry.objects.filter(action="campaigns.clear_days").count() == 1
    assert browser.get("/campaigns/calendar/?first=x").status_code == 400


def test_the_chart_keeps_every_mark_on_the_paper_and_draws_today_only_where_it_lies(world):
    items = plan(world.actor(Role.REGISTRAR), world.campaign)
    for shown, today in ((items, date(2008, 12, 20)), (items[:1], items[0].day), (items, date(2030, 1, 1))):
        drawn = chart(shown, today)
        marks = [mark for line in drawn.lines for mark in line.marks]
        assert len(marks) == len(shown)
        assert all(drawn.left <= (mark.from_x or mark.x) <= mark.x <= drawn.right for mark in marks)
        assert all(line.y < drawn.height for line in drawn.lines)
    assert chart([], date(2030, 1, 1)) is None
    done = Planned(
        key="x", campaign=world.campaign, day=date(2020, 1, 1), title=Wording("a", "a"), roles=(), url="/", done=True
    )
    assert chart([done], date(2030, 1, 1)).today_x is None, "a plan that is over is not stretched to today"


@pytest.mark.engine
def test_r175_ten_working_days_before_a_session_by_the_schools_table():
    ten = Deadline(Kind.WORKING_DAYS, 10)
    assert due_before(date(2013, 1, 4), ten, OFFICIAL).date == date(2012, 12, 18)
    own = WorkCalendar({date(2012, 12, 19): False})
    assert due_before(date(2013, 1, 4), ten, own).date == date(2012, 12, 17)
    assert due_before(date(2026, 3, 31), Deadline(Kind.MONTHS, 1), OFFICIAL).date == date(2026, 2, 28)
    assert due_before(date(2026, 3, 1), Deadline(Kind.CALENDAR_DAYS, 1), OFFICIAL).date == date(2026, 2, 28)


def test_a_setting_knows_its_unit():
    units = {key.name: key.unit for key in keys.KEYS.values() if key.unit}
    assert units["delivery.cycle_days"] is Kind.CALENDAR_DAYS
    assert units["delivery.check_months"] is Kind.MONTHS
    assert units["roster.database_workdays"] is Kind.WORKING_DAYS
