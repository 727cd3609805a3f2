"""A lost code, the day of attendance, the season, and who receives what went out (R140, R144, R147)."""

from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from gradphoto.apps.campaigns.models import Rule
from gradphoto.apps.makeup import booking, cases, forms_out, queries, seating
from gradphoto.apps.makeup.models import FormCode, MakeUpCase
from gradphoto.apps.makeup.season import dated
from gradphoto.apps.makeup.tokens import personal_token
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.roster.permissions import student
from gradphoto.apps.schedule.models import CaptureSession
from makeup.makeup_world import (
    approved,
    attended,
    client,
    come_to_the_day,
    filled,
    published,
    refused,
    today,
    went_out,
)
from repair_world import photographed
from world import add_candidate, put, save

pytestmark = pytest.mark.django_db


def season(world, first, last):
    Rule.objects.create(
        rule_set=world.campaign.rule_set, key="schedule.make_up_window", value=[first, last],
        source="辽宁2014届 一", effective_from="2013-10-09",
    )  # fmt: skip


def at(world, n, state):
    """A case whose form was filled and which then went on to the state."""
    case = filled(world, add_candidate(world, n))
    if state != "filled":
        slot = published(world, capacity=9).slots.first()
        booking.book(student(case.candidate_id), case, slot=slot)
    if state == "attended":
        come_to_the_day(case)
        forms_out.attend(world.actor(Role.SITE_STAFF), case, student_card=True, id_card=True)
    if state == "no_show":
        with time_machine.travel(timezone.now() + timedelta(days=4)):
            booking.mark_no_show(world.actor(Role.SITE_STAFF), case)
    return MakeUpCase.objects.get(pk=case.pk)


@pytest.mark.parametrize("state", ["filled", "booked", "no_show", "attended"])
def test_r144_a_lost_qr_is_given_anew_at_any_state_and_form_and_appointment_stay(world, state):
    case = at(world, 1, state)
    old, standing = personal_token(case), case.booking
    sheet = client(world, Role.COUNSELLOR).post("/make-up/", {"form": "issue_forms", "case": [case.pk]})
    page = sheet.content.decode()
    assert case.candidate.student_no in page
    assert "补发" in page
    case.refresh_from_db()
    assert (case.status, case.booking, case.phone.decrypt()) == (state, standing, "13900000000")
    refused("makeup.qr_unknown", seating.case_of_scan, world.actor(Role.PHOTOGRAPHER), old)


def test_r144_the_new_code_opens_the_page_with_qr_and_appointment_once(world):
    case = at(world, 1, "booked")
    code = forms_out.issue_form(world.actor(Role.COUNSELLOR), case).code
    entered = {"code": code, "student_no": case.candidate.student_no}
    phone = Client()
    phone.post("/make-up-form/", entered)
    page = phone.get("/make-up-form/mine/").content.decode()
    assert "data:image/svg" in page
    assert timezone.localtime(case.booking.at).strftime("%Y-%m-%d %H:%M") in page
    assert not FormCode.objects.filter(ended_at=None).exists(), "a one-time code"
    assert Client().post("/make-up-form/", entered).status_code == 403


def test_r144_who_cannot_have_a_code_is_told_by_name_and_the_others_are_printed(world):
    good = approved(world, add_candidate(world, 1))
    asked = cases.apply_for(
        world.actor(Role.COUNSELLOR), add_candidate(world, 2), reason_kind="illness", reason="住院"
    )  # fmt: skip
    page = client(world, Role.COUNSELLOR)
    sheet = page.post("/make-up/", {"form": "issue_forms", "case": [good.pk, asked.pk]}).content.decode()
    assert good.candidate.student_no in sheet
    assert f"{asked.candidate.name} {asked.candidate.class_name}：补拍申请尚未获学校批准" in sheet
    alone = page.post("/make-up/", {"form": "issue_forms", "case": [asked.pk]})
    assert alone.status_code == 409, "no empty sheet"
    assert "makeup.case_not_approved" in alone.content.decode()


def test_r144_no_code_for_who_is_photographed(world):
    case = attended(world, add_candidate(world, 5))
    room = CaptureSession.objects.create(campaign=world.campaign, date=today(), place="补拍", status="open")
    check_ins, _ = photographed(world, room, 1)
    put(MakeUpCase.objects.filter(pk=case.pk), status="captured", check_in=check_ins[0])
    refused("makeup.photographed", forms_out.issue_forms, world.actor(Role.COUNSELLOR), [MakeUpCase.objects.get()])


@pytest.mark.parametrize("days", [-1, 1])
def test_r144_attended_is_marked_on_the_day_of_the_appointment_only(world, days):
    case = at(world, 1, "booked")
    staff = world.actor(Role.SITE_STAFF)
    day = timezone.localtime(case.booking.at)
    with time_machine.travel(day + timedelta(days=days)):
        refused("makeup.other_day", forms_out.attend, staff, case, student_card=True, id_card=True)
        page = client(world, Role.COLLECTION_CENTRE).get(reverse("makeup:case", args=[case.pk])).content.decode()
        assert "到场只在当天登记" in page
        assert 'name="student_card"' not in page
    with time_machine.travel(day):
        forms_out.attend(staff, case, student_card=True, id_card=True)
    assert case.status == "attended"


def test_r144_who_attended_on_another_day_is_not_seated_today_but_booked_anew(world):
    case = attended(world, add_candidate(world, 1))
    MakeUpCase.objects.filter(pk=case.pk).update(attended_at=timezone.now() - timedelta(days=1))
    case.refresh_from_db()
    room = CaptureSession.objects.create(campaign=world.campaign, date=today(), place="补拍", status="open")
    refused("makeup.other_day", seating.require_seatable, case, room)
    refused("makeup.other_day", seating.seat, world.actor(Role.PHOTOGRAPHER), case, room, None)
    soon = timezone.now() + timedelta(minutes=5)
    booking.book_by_telephone(world.actor(Role.COUNSELLOR), case, at=soon, place="示范路1号")
    assert case.status == "booked"


@pytest.mark.parametrize(
    ("year", "first", "last", "expected"),
    [
        (2014, "03-01", "04-30", (date(2014, 3, 1), date(2014, 4, 30))),
        (2020, "09-01", "04-25", (date(2019, 9, 1), date(2020, 4, 25))),  # R143 runs over New Year
        (2024, "10-09", "02-28", (date(2023, 10, 9), date(2024, 2, 29))),
        (2026, "01-01", "02-29", (date(2026, 1, 1), date(2026, 2, 28))),
    ],
)
def test_r140_the_season_is_days_of_the_classs_year(year, first, last, expected):
    found = dated(year, first, last, "通知")
    assert (found.first, found.last) == expected
    assert found.holds(found.first)
    assert found.holds(found.last)
    assert not found.holds(found.first - timedelta(days=1))
    assert not found.holds(found.last + timedelta(days=1))


def _on(day, hour=10):
    return timezone.make_aware(datetime.combine(day, datetime.min.time())) + timedelta(hours=hour)


def test_r140_a_half_hour_outside_the_season_is_neither_published_nor_shown_nor_booked(world):
    with time_machine.travel(_on(date(2026, 4, 20))):
        case = filled(world, add_candidate(world, 1))
        slot = published(world, days_ahead=3).slots.first()  # 23 April
        season(world, "03-01", "04-22")
        refusal = refused("makeup.out_of_season", booking.book, student(case.candidate_id), case, slot=slot)
        assert "2026-04-22" in refusal.message.zh
        assert "辽宁2014届" in refusal.message.zh
        assert not any(days for _, days in queries.open_days(world.campaign))
        refused("makeup.days_out_of_season", published, world, days_ahead=4)
        inside = published(world, days_ahead=2).slots.first()  # the last day
        assert [one.day for _, days in queries.open_days(world.campaign) for one in days] == [date(2026, 4, 22)]
        booking.book(student(case.candidate_id), case, slot=inside)
    assert case.status == "booked"


def test_r140_a_free_place_outside_the_season_is_offered_to_nobody_who_could_not_take_it(world):
    with time_machine.travel(_on(date(2026, 4, 20))):
        case = filled(world, add_candidate(world, 1))
        calendar = published(world, capacity=1, days_ahead=3)
        booking.wait(student(case.candidate_id), case, calendar=calendar)
        season(world, "03-01", "04-22")
        booking.set_capacity(world.actor(Role.COLLECTION_CENTRE), calendar.slots.first(), capacity=2)
        case.waiting.refresh_from_db()
        assert case.waiting.told_at is None


def test_r140_by_telephone_a_day_outside_is_recorded_as_the_exception_it_is(world):
    with time_machine.travel(_on(date(2026, 4, 20))):
        season(world, "03-01", "04-22")
        case, page = filled(world, add_candidate(world, 1)), client(world, Role.COLLECTION_CENTRE)
        late = {"form": "book_by_telephone", "at": "2026-04-24T09:00", "place": "示范路1号", "exception": " "}
        answer = page.post(reverse("makeup:case", args=[case.pk]), late)
        assert answer.status_code == 422
        assert "makeup.exception_missing" in answer.content.decode()
        assert not case.bookings.exists()
        page.post(reverse("makeup:case", args=[case.pk]), {**late, "exception": "部队四月底才准假"})
        assert case.booking.exception == "部队四月底才准假"
        shown = page.get(reverse("makeup:case", args=[case.pk])).content.decode()
        assert "时段外例外" in shown
        assert "部队四月底才准假" in shown
        inside = {**late, "at": "2026-04-21T09:00", "exception": "不需要"}
        page.post(reverse("makeup:case", args=[case.pk]), inside)
        assert case.booking.exception == "", "a day of the season is no exception"


def _captured(world, name="王丽娟"):
    room = CaptureSession.objects.create(campaign=world.campaign, date=today(), place="补拍", status="open")
    check_ins, _ = photographed(world, room, 1)
    person = check_ins[0].candidate
    person.name = name
    save(person, "name")
    return MakeUpCase.objects.create(
        candidate=person, reason_kind="missed", applied_by="x", status="captured", check_in=check_ins[0],
        recipient=cases.recipient_for(person),
    )  # fmt: skip


@pytest.mark.parametrize(
    "name", ["阿卜杜热西提·买买提", "阿卜杜热西提.买买提", " 阿卜杜热西提•买买提 ", "阿卜杜热西提买买提"]
)
def test_r147_a_receiver_who_is_the_student_is_refused_however_the_name_is_written(world, name):
    case = _captured(world, "阿卜杜热西提·买买提")
    went_out(case)
    refused("makeup.not_to_the_student", cases.deliver, world.actor(Role.COLLECTION_CENTRE), case, received_by=name)
    case.refresh_from_db()
    assert case.status == "captured"


def test_r147_a_recorded_recipient_whose_name_is_only_like_the_students_may_sign(world):
    case = _captured(world, "王秘书琴")
    went_out(case)
    cases.deliver(world.actor(Role.COLLECTION_CENTRE), case, received_by="王秘书")
    assert case.status == "delivered"


def test_r147_delivered_needs_the_present_photograph_in_a_package_that_was_handed_over(world):
    case, centre = _captured(world), world.actor(Role.COLLECTION_CENTRE)
    page = client(world, Role.COLLECTION_CENTRE).get(reverse("makeup:case", args=[case.pk])).content.decode()
    assert "照片还没有随交付包交出" in page
    assert 'name="received_by"' not in page
    package = went_out(case)
    put(type(package).objects.filter(pk=package.pk), status="ready", delivered_at=None)
    refused("makeup.nothing_went_out", cases.deliver, centre, case, received_by="王秘书")
    put(type(package).objects.filter(pk=package.pk), status="delivered", delivered_at=timezone.now())
    frame = case.check_in.frames.get()
    put(type(frame).objects.filter(pk=frame.pk), status="rejected")
    refused("makeup.nothing_went_out", cases.deliver, centre, case, received_by="王秘书")
    put(type(frame).objects.filter(pk=frame.pk), status="accepted")
    cases.deliver(centre, case, received_by="王秘书")
    assert case.went_out_with == f"{package}（{today():%Y-%m-%d}）"


def test_r147_not_even_a_recorded_recipient_of_the_students_very_name_signs(world):
    case = _captured(world, "王秘书")
    went_out(case)
    refused("makeup.not_to_the_student", cases.deliver, world.actor(Role.COLLECTION_CENTRE), case, received_by="王秘书")
