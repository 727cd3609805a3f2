"""Rooms, staff, appointments, and what goes out to people."""

import io
from datetime import date, timedelta

import openpyxl
import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar
from schedule_world import DAY, at, blocks, build_school, planned_school, room, slot

from gradphoto.apps.core.errors import Refusal
from gradphoto.apps.core.models import Job
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.schedule import actions, board_actions, booking_actions, papers, place_actions
from gradphoto.apps.schedule.booking_actions import Window
from gradphoto.apps.schedule.models import Appointment, Booking, Duty
from queued_jobs import run_queued

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


def client_of(world, role: Role) -> Client:
    client = Client()
    client.force_login(world.people[role], BACKEND)
    return client


# ---- readiness


def test_r93_each_item_is_passed_or_failed_by_somebody_at_some_time():
    world = planned_school()
    checker = world.actor(Role.SITE_STAFF)
    assert place_actions.check_room(checker, room(), results={"size": True, "curtains": True, "mirror": False}) == 3
    checks = {check.item: check for check in room().checks.all()}
    assert checks["size"].passed
    assert checks["size"].checked_by == checker.label
    assert not room().refused, "a mirror is only desirable"
    place_actions.check_room(checker, room(), results={"power": False})
    assert room().refused
    assert place_actions.check_room(checker, room(), results={"power": False}) == 0, "nothing new"


def test_r93_a_room_that_failed_is_not_planned_in():
    world = build_school()
    registrar = world.actor(Role.REGISTRAR)
    actions.set_up_rooms(registrar, world.campaign, blocks=blocks("104", "115"))
    place_actions.check_room(world.actor(Role.SITE_STAFF), room("104"), results={"power": False})
    actions.make_timetable(registrar, world.campaign, blocks=blocks("104", "115"))
    assert set(Appointment.objects.values_list("slot__session__place", flat=True)) == {"115"}


def test_the_check_list_page_keeps_what_was_ticked():
    world = planned_school()
    client = client_of(world, Role.PHOTOGRAPHER)
    page = client.post(
        reverse("schedule:room", args=[room().pk]), {"item_power": "fail", "item_size": "pass"}, follow=True
    )
    assert "未通过" in page.content.decode()


# ---- staff


def test_r92_a_college_sees_whether_its_posts_are_filled():
    world = planned_school()
    client = client_of(world, Role.COLLEGE_OFFICER)
    values = {"row": world.department.pk, "post": "doors", "name": "王老师", "phone": ""}
    assert client.post(reverse("schedule:staff"), values).status_code == 302
    page = client.get(reverse("schedule:staff")).content.decode()
    assert "王老师" in page
    assert "1/2" in page
    other = {**values, "row": world.other_department.pk}
    assert client.post(reverse("schedule:staff"), other).status_code == 404
    assert Duty.objects.count() == 1


# ---- appointments


def report(world, first: date, last: date | None = None) -> Booking:
    return booking_actions.report_headcount(
        world.actor(Role.REGISTRAR), world.campaign, spring_count=30, autumn_count=10, first_day=first,
        last_day=last or first, place="至善楼",
    )  # fmt: skip


def test_r75_an_appointment_between_may_and_september_is_refused_but_for_a_very_special_case():
    world = build_school()
    with pytest.raises(Refusal) as caught:
        report(world, date(2027, 6, 1))
    assert caught.value.code == "schedule.out_of_season"
    booking = report(world, date(2026, 12, 24))
    centre = world.actor(Role.COLLECTION_CENTRE)
    with pytest.raises(Refusal):
        booking_actions.agree_booking(centre, booking, first_day=date(2027, 6, 1), last_day=date(2027, 6, 1))
    day = date(2027, 6, 1)
    booking_actions.agree_booking(centre, booking, first_day=day, last_day=day, exception="支教返校，省厅同意")
    booking.refresh_from_db()
    assert (booking.status, booking.first_day) == ("agreed", day)


@pytest.mark.parametrize(
    ("day", "inside"),
    [(date(2013, 10, 8), False), (date(2013, 10, 9), True), (date(2014, 1, 1), True), (date(2014, 2, 28), True),
     (date(2016, 2, 29), True), (date(2014, 3, 1), False)],
)  # fmt: skip
def test_r74_the_season_runs_over_new_year(day, inside):
    assert Window("10-09", "02-28", "S0").holds(day) is inside


def test_r76_a_season_within_one_year():
    window = Window("09-01", "11-30", "S3")
    assert window.holds(date(2009, 10, 15))
    assert not window.holds(date(2009, 12, 1))


def test_r72_a_report_is_told_when_it_is_not_one_to_two_months_ahead():
    world = build_school()
    assert booking_actions.notice_of(world.campaign, date(2026, 12, 31), date(2026, 11, 21)) is None
    words = booking_actions.notice_of(world.campaign, date(2026, 12, 1), date(2026, 11, 21))
    assert "10天" in words.zh


def test_r85_the_data_are_due_ten_working_days_before():
    world = build_school()
    assert booking_actions.data_due(world.campaign, date(2013, 1, 4)) == date(2012, 12, 18), (
        "three days of holiday lie between"
    )


def test_r72_the_centre_agrees_or_sends_back_with_a_reason():
    world = build_school()
    booking = report(world, date(2026, 12, 24))
    with pytest.raises(Refusal) as caught:
        report(world, date(2026, 12, 25))
    assert caught.value.code == "schedule.booked_already"
    with pytest.raises(Refusal):
        booking_actions.agree_booking(
            world.actor(Role.REGISTRAR), booking, first_day=booking.first_day, last_day=booking.last_day
        )
    booking_actions.refuse_booking(world.actor(Role.COLLECTION_CENTRE), booking, reason="人数与备案不符")
    assert report(world, date(2026, 12, 25)).status == "reported"


def test_r49_the_provinces_timetable_lists_what_is_agreed():
    world = build_school()
    booking = report(world, date(2026, 12, 24), date(2026, 12, 25))
    centre = client_of(world, Role.COLLECTION_CENTRE)
    assert "示范大学" in centre.get(reverse("schedule:bookings")).content.decode()
    answer = centre.post(
        reverse("schedule:bookings"),
        {"form": "agree_booking", "row": booking.pk, "first_day": "2026-12-24", "last_day": "2026-12-25"},
    )
    assert answer.status_code == 302
    book = openpyxl.load_workbook(io.BytesIO(centre.get(reverse("schedule:province")).content))
    texts = [cell for row in book.active.iter_rows(values_only=True) for cell in row if cell]
    assert "2026-12-24—12-25" in texts
    assert "示范大学" in texts


# ---- papers


def test_r48_annex_one_has_the_columns_of_s1_and_the_place_at_its_foot():
    world = planned_school()
    place_actions.assign_duty(
        world.actor(Role.COLLEGE_OFFICER), world.department, campaign=world.campaign, post="leader", name="李老师",
        phone="0730-0000000",
    )  # fmt: skip
    form = papers.annex_one(world.campaign)
    assert [column.title.zh for column in form.columns] == [
        "日期", "时间", "学院", "毕业季", "在籍人数", "负责人", "联系电话",
    ]  # fmt: skip
    rows = form.sections[0].rows
    assert sum(int(row[4]) for row in rows) == 40
    mine = next(row for row in rows if row[2] == "计算机学院")
    assert mine[4] == "20", "the two classes of a college follow each other and stand in one row"
    assert mine[5] == "李老师"
    assert form.notes[-1].zh == "地点：104"
    assert form.to_xlsx().startswith(b"PK")


def test_r59_annex_five_has_the_place_of_each_college_and_comes_as_pdf():
    world = planned_school("104", "115")
    client = client_of(world, Role.REGISTRAR)
    answer = client.get(reverse("schedule:annex_five"), {"as": "pdf"})
    assert answer.content.startswith(b"%PDF")
    book = openpyxl.load_workbook(io.BytesIO(client.get(reverse("schedule:annex_five")).content))
    texts = [cell for row in book.active.iter_rows(values_only=True) for cell in row if cell]
    assert "地点" in texts


def test_a_departments_calendar_holds_its_slots_and_nobody_elses():
    world = planned_school()
    client = client_of(world, Role.COLLEGE_OFFICER)
    answer = client.get(reverse("schedule:calendar", args=[world.department.pk]))
    events = Calendar.from_ical(answer.content).walk("VEVENT")
    assert {str(event["summary"])[:-5].split()[-1] for event in events} == {"甲班", "乙班"}
    assert events[0]["dtstart"].dt in {slot("甲班").starts_at, slot("乙班").starts_at}
    assert client.get(reverse("schedule:calendar", args=[world.other_department.pk])).status_code == 404


def test_r83_a_notice_names_time_place_early_arrival_and_the_id_card_but_no_person():
    world = planned_school()
    page = client_of(world, Role.COUNSELLOR).get(reverse("schedule:notices")).content.decode()
    assert "甲班" in page
    assert "丙班" not in page
    assert "二代身份证" in page
    start = timezone.localtime(slot("甲班").starts_at)
    assert f"请于 {start - timedelta(minutes=10):%H:%M} 前到场" in page, "ten minutes before the slot, not at it (R80)"
    assert "<svg" in page
    assert "测试" not in page.split("<textarea")[1].split("</textarea>")[0]


def test_the_class_page_is_open_by_its_signed_address_and_follows_a_change():
    world = planned_school()
    token = papers.token_of(slot("甲班"))
    address = reverse("schedule:class", args=[token])
    assert Client().get(address).status_code == 200
    board_actions.move_slot(world.actor(Role.REGISTRAR), slot("甲班"), room=room(), starts_at=at(16))
    page = Client().get(address).content.decode()
    assert "16:00" in page
    assert "15:50" in page
    assert "测试" not in page
    assert Client().get(reverse("schedule:class", args=[token[:-2] + "xx"])).status_code == 404


@time_machine.travel("2026-11-21 08:00+08:00")
def test_late_is_asked_for_on_the_board_and_told_in_words():
    world = planned_school()
    answer = client_of(world, Role.REGISTRAR).post(
        f"{reverse('schedule:late', args=[room().pk])}?day={DAY}", {"minutes": "15"}, follow=True
    )
    assert "schedule.replan" in set(Job.objects.values_list("kind", flat=True))
    run_queued()
    answer = client_of(world, Role.REGISTRAR).get(answer.request["PATH_INFO"], {"day": f"{DAY}"})
    assert "谁都不需要移动" in answer.content.decode(), "the day has not begun"
    refused = client_of(world, Role.REGISTRAR).post(reverse("schedule:late", args=[room().pk]), {"minutes": "0"})
    assert refused.status_code == 422
