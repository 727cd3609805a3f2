"""Teaching points report for the main school's table (R67); stations are told their sessions by city, with proof (R11, R204)."""

from datetime import date

import pytest
from django.core import mail

from gradphoto.apps.core.errors import PermissionRefusal, Refusal
from gradphoto.apps.orgs.models import Organisation, OrganisationKind, Role, User
from gradphoto.apps.schedule import stations
from gradphoto.apps.schedule.models import NoticeWay, PointReport, PointTable, StationNotice
from schedule.schedule_world import planned_school
from verification.graduate_world import staff

pytestmark = pytest.mark.django_db
LINE = {
    "city": "岳阳", "address": "学院路", "spring_count": 30, "autumn_count": 5, "first_day": date(2026, 12, 1),
    "last_day": date(2026, 12, 2), "contact": "刘老师", "telephone": "0730-1",
}  # fmt: skip


@pytest.fixture
def world():
    return planned_school("104")


def station(world, name):
    return Organisation.objects.create(kind=OrganisationKind.LEARNING_CENTRE, name=name, parent=world.school)


def report(world, point, **more):
    return stations.report_point(world.actor(Role.REGISTRAR), world.campaign, point=point, **{**LINE, **more})


def told(world, point):
    return StationNotice.objects.filter(station=point).latest("pk")


def test_r67_the_table_goes_out_whole_or_not_at_all(world):
    other = station(world, "联合办学点")
    registrar = world.actor(Role.REGISTRAR)
    stations.report_point(world.actor(Role.LEARNING_CENTRE), world.campaign, point=world.learning_centre, **LINE)
    with pytest.raises(Refusal) as refusal:
        stations.send_point_table(registrar, world.campaign)
    assert refusal.value.code == "schedule.points_missing"
    assert other.name in refusal.value.message.zh
    report(world, other, spring_count=10, autumn_count=0)
    sent = stations.send_point_table(registrar, world.campaign)
    assert (sent.points, sent.people) == (2, 45)
    form = stations.point_form(world.campaign, list(PointReport.objects.select_related("point")))
    assert form.sections[0].total.zh == "共 2 个教学点，45 人"
    assert "总校盖章" in form.seal.zh
    assert form.to_pdf().startswith(b"%PDF-")


def test_r67_a_station_reports_itself_and_nobody_else(world):
    other = station(world, "联合办学点")
    with pytest.raises(PermissionRefusal):
        stations.report_point(world.actor(Role.LEARNING_CENTRE), world.campaign, point=other, **LINE)
    with pytest.raises(PermissionRefusal):
        stations.report_point(world.actor(Role.REGISTRAR), world.campaign, point=world.strange_school, **LINE)
    assert not PointReport.objects.exists()


def test_r11_each_station_is_told_its_own_slots_its_citys_sessions_or_its_branch(world):
    here, away = station(world, "岳阳函授站"), station(world, "武汉函授站")
    report(world, here)
    report(world, away, region="湖北", city="武汉")
    registrar = world.actor(Role.REGISTRAR)
    stations.set_room_city(registrar, world.campaign.rooms.get(), city="岳阳")
    result = stations.tell_stations(registrar, world.campaign)
    assert (result.told, result.known) == (3, 0)
    assert "丁班" in told(world, world.learning_centre).text, "it has a slot of its own"
    assert "2026-11-24 岳阳 104" in told(world, here).text
    assert "湖北分社" in told(world, away).text
    assert "027-68881175" in told(world, away).text
    again = stations.tell_stations(registrar, world.campaign)
    assert (again.told, again.known) == (0, 3), "who knows it is not told twice"


def test_r204_that_a_station_was_told_is_proven_by_its_own_click_or_by_a_noted_call(
    world, django_capture_on_commit_callbacks
):
    other = station(world, "联合办学点")
    User.objects.filter(pk=world.people[Role.LEARNING_CENTRE].pk).update(email="station@example.edu.cn")
    with django_capture_on_commit_callbacks(execute=True):
        stations.tell_stations(world.actor(Role.REGISTRAR), world.campaign)
    assert [one.to for one in mail.outbox] == [["station@example.edu.cn"]]
    assert told(world, world.learning_centre).mailed_to == 1
    browser = staff(world, Role.LEARNING_CENTRE)
    page = browser.get("/timetable/stations/").content.decode()
    assert "已知悉" in page
    assert other.name not in page
    browser.post(
        "/timetable/stations/", {"form": "acknowledge_notice", "notice": told(world, world.learning_centre).pk}
    )
    mine = told(world, world.learning_centre)
    assert (mine.way, mine.reached_at is not None) == (NoticeWay.SYSTEM, True)
    registrar = world.actor(Role.REGISTRAR)
    stations.note_told(registrar, told(world, other), way=NoticeWay.TELEPHONE, reached="刘老师")
    assert "刘老师" in staff(world, Role.REGISTRAR).get("/timetable/stations/").content.decode()
    with pytest.raises(Refusal) as refusal:
        stations.note_told(registrar, told(world, other), way=NoticeWay.POST, reached="门卫")
    assert refusal.value.code == "schedule.told_already"


def test_r204_the_booking_page_is_open_to_a_station(world):
    browser = staff(world, Role.LEARNING_CENTRE)
    page = browser.get("/timetable/bookings/")
    assert page.status_code == 200
    assert "全省日程" not in page.content.decode()
    assert browser.get("/timetable/stations/").status_code == 200


def test_nothing_is_told_before_the_timetable_stands(world):
    world.campaign.sessions.all().delete()
    with pytest.raises(Refusal) as refusal:
        stations.tell_stations(world.actor(Role.REGISTRAR), world.campaign)
    assert refusal.value.code == "schedule.nothing_to_tell"
    assert not PointTable.objects.exists()
