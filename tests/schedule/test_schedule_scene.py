"""Papers of the room (R50, R91, R132), the province's list (R49), bands (R180), touring and weekends (R74), headcounts (R48)."""

from datetime import date, timedelta

import pytest
from django.http import QueryDict

from gradphoto.apps.campaigns.actions import set_contact
from gradphoto.apps.campaigns.models import Campaign, ContactSide, Rule
from gradphoto.apps.core.errors import InvalidInput
from gradphoto.apps.makeup.booking import publish_days
from gradphoto.apps.orgs.models import Role, User
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.roster.steps import strike_candidate
from gradphoto.apps.schedule import booking_actions, papers
from gradphoto.apps.schedule.bands import Bands
from gradphoto.apps.schedule.catalogue import POST
from gradphoto.apps.schedule.leaflets import points, scene
from gradphoto.apps.schedule.leaflets.duty import blocks_of, duty_form
from gradphoto.apps.schedule.leaflets.facts import facts_of
from gradphoto.apps.schedule.lists import SLOTS
from gradphoto.apps.schedule.models import Appointment
from gradphoto.engine.standards.make_up import published_days
from schedule.schedule_world import DAY, planned_school, slot
from verification.graduate_world import staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return planned_school("104")


@pytest.fixture
def session(world):
    return world.campaign.sessions.get()


def rule(world, key, value, source="测试"):
    Rule.objects.create(
        rule_set=world.campaign.rule_set, key=key, value=value, source=source, effective_from=date(2020, 1, 1)
    )


def test_r50_the_form_of_the_scene_links_person_and_shooting_number(world, session):
    Candidate.objects.filter(student_no="2022000001").update(preassigned_number=7, graduation_kind="结业")
    form = scene.registration_form(session)
    assert [column.title.zh for column in form.columns][5:7] == ["实际拍摄序号", "照片序号"]
    assert len(form.sections) == 4, "a class a page"
    mine = next(row for part in form.sections for row in part.rows if row[2] == "2022000001")
    assert (mine[0], mine[1], *mine[4:]) == ("1", "0007", "结业", "", "", "")
    answer = staff(world, Role.SITE_STAFF).get(f"/timetable/papers/scene/{session.pk}/")
    assert answer.content.startswith(b"%PDF-")
    assert staff(world, Role.COUNSELLOR).get(f"/timetable/papers/scene/{session.pk}/").status_code == 403


def test_r132_nobody_without_business_comes_in_says_leaflet_sign_and_duty_list(world, session):
    assert "无关人员" in points.be_there(facts_of(world.campaign)).zh
    sign = scene.room_sign(session)
    assert any("无关人员" in note.zh for note in sign.notes)
    assert any("专用" in note.zh for note in sign.notes), "R82: the room is reserved"
    assert [row[2] for row in sign.sections[0].rows] == ["甲班", "乙班", "丙班", "丁班"] or len(
        sign.sections[0].rows
    ) == 4
    duty = duty_form(session, blocks_of(world.actor(Role.REGISTRAR), session))
    assert any("无关人员" in note.zh for note in duty.notes)
    assert staff(world, Role.REGISTRAR).get(f"/timetable/papers/sign/{session.pk}/").content.startswith(b"%PDF-")


def test_r91_student_cadres_stand_on_the_duty_list_one_or_two_a_group(world, session):
    assert "学生干部" in POST["cadre"].words.zh
    assert POST["cadre"].needed(3) == 3
    duty = duty_form(session, blocks_of(world.actor(Role.REGISTRAR), session))
    assert any("学生干部" in row[2] for row in duty.sections[0].rows)


def test_r49_the_provinces_timetable_has_year_class_and_issuer(world):
    booking = booking_actions.report_headcount(
        world.actor(Role.REGISTRAR), world.campaign, spring_count=30, autumn_count=10, first_day=date(2026, 11, 24),
        last_day=date(2026, 11, 25), place="南校区",
    )  # fmt: skip
    form = papers.province_form([booking], world.centre)
    assert form.title.zh == "2026届图像信息采集日程安排"
    assert form.issuer.zh == world.centre.name
    row = form.sections[0].rows[0]
    assert row[:3] == ("2026-11-24—11-25", "示范大学", "2026届")


def test_r180_a_class_is_called_in_the_hour_that_the_rule_names(world):
    one = slot("甲班")
    band = Bands(world.campaign).of(one)
    assert band.end - band.start == timedelta(hours=1)
    assert band.start <= one.starts_at < one.ends_at <= band.end
    assert f"（{band}时段）" in papers.notice(one, 10, "https://x", 10, band=band)
    (line,) = SLOTS.asked(world.actor(Role.REGISTRAR), QueryDict("q=甲班")).file_rows()
    assert line[1] == str(band)
    rule(world, "schedule.slot_minutes", 0)
    own = Bands(world.campaign).of(one)
    assert (own.start, own.end) == (one.starts_at, one.ends_at)
    assert "时段）" not in papers.notice(one, 10, "https://x", 10, band=own)


def test_r180_a_long_class_takes_whole_steps(world):
    rule(world, "schedule.slot_minutes", 15)
    one = slot("甲班")
    one.ends_at = one.starts_at + timedelta(minutes=40)
    band = Bands(world.campaign).of(one)
    assert (band.end - band.start) % timedelta(minutes=15) == timedelta(0)
    assert band.start <= one.starts_at < one.ends_at <= band.end


def test_r74_days_outside_the_touring_months_are_told(world):
    assert booking_actions.touring_of(world.campaign, DAY, DAY) is None
    rule(world, "schedule.touring_window", ["10-09", "12-31"], "第一条")
    assert booking_actions.touring_of(world.campaign, DAY, DAY) is None
    told = booking_actions.touring_of(world.campaign, date(2027, 1, 5), date(2027, 1, 6))
    assert "10-09 至 12-31（第一条）" in told.zh


def test_r74_make_up_on_weekends_in_the_months_of_the_rule_only(world):
    jiangxi = next(one for one in published_days() if one.code == "jiangxi_2020")
    publish = {"published": jiangxi, "first": date(2020, 3, 1), "last": date(2020, 4, 30), "capacity": 5}
    Campaign.objects.update(cohort_year=2020)
    rule(world, "makeup.weekend_months", ["3"])
    with pytest.raises(InvalidInput) as refusal:
        publish_days(world.actor(Role.COLLECTION_CENTRE), world.centre, **publish)
    assert refusal.value.code == "makeup.weekend"
    assert "2020-04-11" in refusal.value.message.zh
    assert "2020-03-07" not in refusal.value.message.zh
    march = publish | {"last": date(2020, 3, 31)}
    assert publish_days(world.actor(Role.COLLECTION_CENTRE), world.centre, **march)[1] > 0


def test_r48_annex_1_counts_who_is_on_the_roster_with_or_without_a_slot(world):
    person = Candidate.objects.get(student_no="2022000001")
    Appointment.objects.filter(candidate=person).delete()
    lines = {line.department.name: line.heads for line in papers.lines_of(world.campaign)}
    assert sum(lines.values()) == 40


def test_r21_who_is_taken_off_the_list_frees_the_place(world):
    person = Candidate.objects.get(student_no="2022000001")
    strike_candidate(world.actor(Role.REGISTRAR), person, reason="退学")
    assert not Appointment.objects.filter(candidate=person).exists()
    assert slot("甲班").appointments.count() == 9
    assert sum(line.heads for line in papers.lines_of(world.campaign)) == 39


def test_r202_r84_the_liaisons_of_both_sides_stand_on_the_papers_with_their_duty_days(world, session):
    registrar = world.actor(Role.REGISTRAR)
    set_contact(
        registrar, world.campaign, side=ContactSide.SCHOOL, name="刘老师", telephone="0730-1", other_telephone="13800000000",
        fax="0730-2", email="a@example.edu.cn", address="学院路", postcode="414006", duty_from=date(2026, 11, 23),
        duty_to=date(2026, 11, 25),
    )  # fmt: skip
    set_contact(registrar, world.campaign, side=ContactSide.CENTRE, name="采集中心", telephone="0731-1")
    duty = duty_form(session, blocks_of(registrar, session))
    for form in (papers.annex_one(world.campaign), papers.annex_five(world.campaign), duty):
        said = " ".join(note.zh for note in form.notes)
        for wanted in (
            "校方联系人：刘老师",
            "13800000000",
            "传真 0730-2",
            "414006",
            "手机全天开机 2026-11-23",
            "采集中心联系人",
        ):
            assert wanted in said, wanted


def test_r72_the_headcount_report_starts_with_what_is_known(world):
    """Heads by season on the roster, the hall, and who reports with the telephone: nothing is counted by hand."""
    User.objects.filter(pk=world.people[Role.REGISTRAR].pk).update(telephone="0730-8640001")
    page = staff(world, Role.REGISTRAR).get("/timetable/bookings/").content.decode()
    form = page.split('name="spring_count"')[1]
    assert f'value="{world.campaign.candidates.filter(season="spring").count()}"' in form.split(">")[0]
    assert 'value="104"' in page.split('name="place"')[1].split(">")[0]
    assert "0730-8640001" in page.split('name="contact"')[1].split(">")[0]
