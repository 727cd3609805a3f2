"""What is due comes from the deadline engine, app by app; every number on a home page opens a list of that length."""

import copy
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import resolve
from django.utils import timezone

from gradphoto.apps.campaigns import settings_keys as keys
from gradphoto.apps.campaigns.agenda import due, plan
from gradphoto.apps.campaigns.models import CalendarDay, Rule, Season
from gradphoto.apps.capture.models import Alarm, CheckIn, Frame, Hold
from gradphoto.apps.core import blobs
from gradphoto.apps.core.actions import offered
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import StepRefusal
from gradphoto.apps.core.jobs import enqueue
from gradphoto.apps.core.lifecycle import Lifecycle
from gradphoto.apps.core.models import Job
from gradphoto.apps.delivery.models import DeliveryReport, Package
from gradphoto.apps.desk.queries import with_others
from gradphoto.apps.errata.models import ErrataCase
from gradphoto.apps.makeup.models import MakeUpBooking, MakeUpCase
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.registration.actions import apply_review
from gradphoto.apps.roster.models import Candidate, Milestone, MilestoneKind
from gradphoto.apps.schedule.models import CaptureSession, Slot
from gradphoto.apps.verification.actions import set_closing
from gradphoto.apps.verification.lifecycle import CASE
from gradphoto.apps.verification.models import Opening, VerificationCase
from gradphoto.engine.wording import Wording
from verification.graduate_world import SHOT_AT, add_graduate, confirmed_case, open_case, staff
from world import add_candidate, build_world, put, save

pytestmark = pytest.mark.django_db
TODAY = datetime(2026, 11, 21, 10, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def today(monkeypatch):
    """The day on which these tests were written, so that dates can be told by name."""
    monkeypatch.setattr(timezone, "now", lambda: TODAY)
    return TODAY.date()


@pytest.fixture(scope="module")
def school(django_db_setup, django_db_blocker):
    """The world, built once for all tests here and rolled back at the end."""
    with (
        django_db_blocker.unblock(),
        pytest.MonkeyPatch.context() as patched,
        transaction.atomic(),
    ):
        patched.setattr(timezone, "now", lambda: TODAY)
        yield _school()
        transaction.set_rollback(True)


@pytest.fixture
def world(school, today, db):
    """A copy of its own for each test, which may turn what the records say."""
    return copy.deepcopy(school)


def _school():
    """Something in every room: rows short of acceptance, a hold, an alarm, reports, disputes, errata, make-up, jobs."""
    world = build_world()
    campaign, registrar, today = world.campaign, world.actor(Role.REGISTRAR), TODAY.date()
    Rule.objects.create(
        rule_set=campaign.rule_set, key=keys.DELIVERY_DAYS.name, value=40, source="毕业生须知 第四条",
        effective_from=date(2020, 1, 1),
    )  # fmt: skip
    for n, kind in enumerate(MilestoneKind):
        Milestone.objects.create(campaign=campaign, kind=kind, due=today + timedelta(days=n - 4), source="通知")
    apply_review(world.actor(Role.COLLEGE_OFFICER), confirmed_case(world, 1))
    confirmed_case(world, 2)
    open_case(world, 3)
    open_case(world, 4, season=Season.AUTUMN)
    put(VerificationCase.objects.filter(candidate__student_no="2022000004"), status="disputed")
    for n, status in enumerate(("issued", "checked", "signed", "countersigned", "endorsed"), start=10):
        add_candidate(world, n, status=status, season=Season.AUTUMN if n % 2 else Season.SPRING)
    session = CaptureSession.objects.get()
    held = Hold.objects.create(session=session, reason="not_listed", name="路人", nonce="0" * 32)
    Alarm.objects.create(
        session=session, kind="frame_without_swipe", sentence={"zh": "多出一张", "en": "One frame too many"}, remedy={}
    )
    Frame.objects.create(session=session, blob=blobs.put_photograph(b"nobody"), file_name="nobody.jpg")
    CaptureSession.objects.create(campaign=campaign, date=today, place="今天的房间")
    package = Package.objects.get(season="spring")
    Package.objects.filter(pk=package.pk).update(
        delivered_at=TODAY - timedelta(days=40), check_due=today - timedelta(days=2), photo_count=3
    )
    person = Candidate.objects.get(student_no="2022000001")
    DeliveryReport.objects.create(
        package=package, candidate=person, kind="missing", action="reissue", reported_at=TODAY - timedelta(days=1)
    )
    for season in Season.values:
        set_closing(registrar, Opening.objects.get(season=season), closes_on=today + timedelta(days=3))
    case = MakeUpCase.objects.create(
        candidate=add_candidate(world, 30), reason_kind="missed", status="booked", applied_by="x"
    )
    MakeUpBooking.objects.create(
        case=case, at=TODAY + timedelta(days=1), place="采集中心", by_telephone=True, booked_by="x"
    )
    job = enqueue("desk.test", registrar, Wording("失败的任务", "failed"), {}, organisation_id=world.school.pk)
    Job.objects.filter(pk=job.pk).update(state="failed")
    assert held.pk
    return world


def count_shown(response) -> int:
    """How many rows the list of a page has, on all its pages."""
    context = response.context
    if "listing" in context:
        return context["listing"].page.paginator.count
    if "page" in context:
        return context["page"].paginator.count
    return len(context["rows"]) if "rows" in context else 1  # one row alone opens where it is done


@pytest.mark.parametrize("role", list(Role), ids=str)
def test_every_number_on_a_home_page_opens_a_list_of_that_length(world, role):
    browser = staff(world, role)
    page = browser.get("/")
    tiles = [*page.context["wrong"], *page.context["next"], *page.context["nothing"]]
    for tile in tiles:
        listed = browser.get(tile.url)
        assert listed.status_code == 200, (role, tile)
        assert count_shown(listed) == tile.count, (role, tile)
    for one in [*page.context["due"], *page.context["due_later"]]:
        assert one.url, (role, one.item.title)
        listed = browser.get(one.url)
        assert listed.status_code == 200, (role, one.url)
        if one.item.count is not None:
            assert count_shown(listed) == one.item.count, (role, one.item.title, one.url)


def test_every_number_on_the_plan_opens_a_list_of_that_length(world):
    browser, counted = staff(world, Role.REGISTRAR), 0
    for one in browser.get(f"/campaigns/{world.campaign.pk}/plan/").context["shown"]:
        if one.item.count is not None and one.url:
            assert count_shown(browser.get(one.url)) == one.item.count, (one.item.title, one.url)
            counted += 1
    assert counted > 15


def test_something_awaits_every_role_that_works_on_the_journey(world):
    quiet = {Role.ADMINISTRATOR, Role.AUDITOR}
    add_candidate(world, 80, department=world.learning_centre, status="issued")
    for role in set(Role) - quiet:
        page = staff(world, role).get("/")
        assert page.context["next"] or page.context["wrong"] or page.context["due"], role


def test_due_is_sorted_by_day_overdue_first_and_says_who_has_it_and_why(world, today):
    found = due(world.actor(Role.REGISTRAR))
    assert [item.day for item in found] == sorted(item.day for item in found)
    assert found[0].is_late
    check = next(item for item in found if "核对交付照片" in item.title.zh)
    assert (check.days_left, check.deadline.wording.zh, check.source) == (-2, "1 个月", "测试")
    assert "学习中心" in check.who
    page = staff(world, Role.REGISTRAR).get("/").content.decode()
    assert "逾期 2 天" in page
    assert "今天的房间" in page


def test_the_reissue_clock_counts_working_days_by_the_schools_own_table(world, today):
    def clock():
        return next(item for item in due(world.actor(Role.COLLECTION_CENTRE)) if "补发" in item.title.zh)

    assert today.isoweekday() == 6
    assert clock().day == date(2026, 11, 27), "reported on Friday 20 November: five working days"
    CalendarDay.objects.create(organisation=world.school, date=date(2026, 11, 25), works=False, source="校运会")
    assert clock().day == date(2026, 11, 30)


def test_e5_e6_the_promised_day_is_told_apart_from_the_earliest_and_marked_provisional(world, today):
    def openings():
        items = plan(world.actor(Role.REGISTRAR), world.campaign)
        return {item.title.en: item for item in items if item.season == "spring"}

    Opening.objects.all().delete()
    CaptureSession.objects.filter(date=today).delete()
    earliest, promised = openings()["Verification may open from"], openings()["Verification promised for"]
    assert (earliest.day, earliest.provisional) == (SHOT_AT.date() + timedelta(days=40), False)
    assert promised.deadline.wording.zh == "40 个工作日"
    assert promised.day > earliest.day
    CaptureSession.objects.create(campaign=world.campaign, date=date(2026, 12, 15), place="补场")
    assert openings()["Verification promised for"].provisional, "its working days reach a year not announced yet"
    assert not openings()["Verification may open from"].provisional, "calendar days need no holiday table"
    page = staff(world, Role.REGISTRAR).get(f"/campaigns/{world.campaign.pk}/plan/").content.decode()
    assert "暂定" in page


def test_r12_spring_and_autumn_have_their_own_lines(world):
    Slot.objects.create(
        session=CaptureSession.objects.get(date=SHOT_AT.date()), department=world.department, season="spring",
        starts_at=SHOT_AT, ends_at=SHOT_AT + timedelta(hours=1),
    )  # fmt: skip
    items = plan(world.actor(Role.REGISTRAR), world.campaign)
    closings = [item.season for item in items if item.title.en == "Verification closes"]
    assert sorted(closings) == ["autumn", "spring"]
    shooting = {item.day: item.season for item in items if item.title.en == "Capture sessions"}
    assert shooting[SHOT_AT.date()] == "spring"


def test_a_college_counts_only_its_own_people(world):
    add_candidate(world, 40, department=world.other_department, status="issued")
    mine = [item for item in due(world.actor(Role.COLLEGE_OFFICER)) if item.key.startswith("1.")]
    all_of_it = [item for item in plan(world.actor(Role.REGISTRAR), world.campaign) if item.key.startswith("1.")]
    assert sum(item.count or 0 for item in mine) < sum(item.count or 0 for item in all_of_it)
    assert due(world.stranger(Role.REGISTRAR)) == []
    assert due(world.actor(Role.AUDITOR)) == []


def test_a_college_is_told_only_of_sessions_to_which_it_sends_somebody(world, today):
    """R11: who sees the whole timetable of the school is still told only of what is theirs; so, too, of others' turn."""
    college, (shot, room) = world.actor(Role.COLLEGE_OFFICER), CaptureSession.objects.order_by("date")
    put(CaptureSession.objects.all(), status="open")

    def told(actor) -> set[str]:
        lines = [*due(actor), *plan(actor, world.campaign)]
        return {item.detail for item in lines if item.title.en == "Capture sessions"}

    def send(department, season: str) -> None:
        times = {"starts_at": TODAY, "ends_at": TODAY + timedelta(hours=1)}
        Slot.objects.create(session=room, department=department, season=season, **times)

    send(world.other_department, "autumn")
    assert told(college) == set()
    assert not any("场次" in line.zh for line in with_others(college))
    assert told(world.actor(Role.REGISTRAR)) == {shot.place, room.place}
    send(world.department, "spring")
    assert told(college) == {room.place}
    assert [line.zh for line in with_others(college) if "场次进行中" in line.zh] == [
        "1 个场次进行中（教务处、摄影师、现场检验员）"
    ]
    (line,) = (item for item in due(college) if item.title.en == "Capture sessions")
    assert line.season == "spring", "the other college's season is not theirs"
    assert staff(world, Role.COLLEGE_OFFICER).get(line.url).context["listing"].page.paginator.count == 1


def test_a_college_is_not_told_the_dates_of_a_campaign_of_others(world, today):
    college, own = world.actor(Role.COLLEGE_OFFICER), world.campaign.pk
    world.campaign.pk, world.campaign.title, world.campaign._state.adding = None, "学习中心的批次", True
    save(world.campaign)
    Milestone.objects.create(campaign=world.campaign, kind=MilestoneKind.CHECKED, due=today, source="通知")
    assert {item.campaign.pk for item in due(college)} == {own, world.campaign.pk}, "nobody is on its list yet"
    add_candidate(world, 70, department=world.other_department, status="issued")
    assert {item.campaign.pk for item in due(college)} == {own}
    assert world.campaign.pk in {item.campaign.pk for item in due(world.actor(Role.REGISTRAR))}
    add_candidate(world, 71, status="issued")
    assert world.campaign.pk in {item.campaign.pk for item in due(college)}


@pytest.mark.parametrize("role", [Role.REGISTRAR, Role.COLLECTION_CENTRE, Role.COLLEGE_OFFICER, Role.NATIONAL_REVIEWER])
def test_more_people_cost_no_more_queries(world, role):
    browser = staff(world, role)
    counts = {"/": [], "/dashboard/": [], f"/campaigns/{world.campaign.pk}/plan/": []}
    for more in ((), range(60, 66)):
        for n in more:
            add_graduate(world, n)
            add_candidate(world, n + 100, status="issued")
        for url, found in counts.items():
            with CaptureQueriesContext(connection) as asked:
                assert browser.get(url).status_code == 200
            found.append(len(asked))
    for url, (before, after) in counts.items():
        assert before == after, url


def test_more_campaigns_cost_what_is_due_no_more_queries(world):
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            due(world.actor(Role.REGISTRAR))
        return len(queries)

    before = asked()
    for n in range(3):
        world.campaign.pk, world.campaign.title, world.campaign._state.adding = None, f"又一批{n}", True
        save(world.campaign)
    assert asked() == before


def test_an_action_is_offered_to_its_own_model_only(world):
    """An open case and an open session share a state's name, and nothing else."""
    case = VerificationCase.objects.get(candidate__student_no="2022000003")
    put(VerificationCase.objects.filter(pk=case.pk), status="open")
    case.refresh_from_db()
    session = CaptureSession.objects.filter(status="open").first() or CaptureSession(status="open")
    names = offered(Actor.system("test"), case)
    assert names
    assert {name.partition(".")[0] for name in names} == {"verification"}
    assert isinstance(CASE, Lifecycle)
    assert CASE.available(session) == ()
    with pytest.raises(StepRefusal):
        CASE.next_state(session, names[0])


def test_the_desks_own_lists_are_closed_to_other_roles_and_to_strangers(world):
    assert staff(world, Role.REGISTRAR).get("/todo/?of=holds").context["listing"].page.paginator.count == 1
    assert (
        staff(world, Role.REGISTRAR, stranger=True).get("/todo/?of=holds").context["listing"].page.paginator.count == 0
    )
    assert staff(world, Role.COUNSELLOR).get("/todo/?of=holds").status_code == 403
    assert staff(world, Role.REGISTRAR).get("/todo/?of=nothing").status_code == 302


@pytest.mark.parametrize("role", list(Role), ids=str)
def test_the_navigation_opens_what_the_role_may_open(world, role):
    browser = staff(world, role)
    page = browser.get("/")
    stages = page.context["navigation"]
    assert len(stages) <= 8
    for stage in stages:
        for entry in stage.entries:
            assert role in resolve(entry.url).func.allowed_roles
    assert page.content.decode().count('aria-current="page"') == 1


def test_jobs_are_searched_filtered_and_cancelled(world):
    browser = staff(world, Role.REGISTRAR)
    assert browser.get("/jobs/?state=failed").context["listing"].page.paginator.count == 1
    assert browser.get("/jobs/?q=失败").context["listing"].page.paginator.count == 1
    assert "没有符合条件的任务" in browser.get("/jobs/?q=没有这个").content.decode()
    job = enqueue(
        "desk.test", world.actor(Role.REGISTRAR), Wording("等待", "waits"), {}, organisation_id=world.school.pk
    )
    assert "hx-get" in browser.get("/jobs/").content.decode(), "the page asks again while something waits"
    browser.post(f"/jobs/{job.pk}/cancel/")
    job.refresh_from_db()
    assert job.state == "cancelled"


def test_the_audit_trail_is_filtered_by_action_person_target_and_day(world):
    browser = staff(world, Role.AUDITOR)

    def count(query: str) -> int:
        return browser.get(f"/audit/?{query}").context["listing"].page.paginator.count

    everything = count("")
    closings = count("action=verification.set_closing")
    assert 0 < closings < everything
    assert count(f"organisation={world.school.pk}") < everything
    assert count("until=2020-01-01") == 0
    assert count("since=2020-01-01") == everything
    assert count("by=registrar") < everything
    assert count("since=nonsense&organisation=x") == 0, "a filter that means nothing is told, not ignored"
    assert CheckIn.objects.exists()
    assert not ErrataCase.objects.exists()
