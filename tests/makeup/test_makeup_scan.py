"""The personal QR at the code field of a room: the right person, or a sentence that says why not (R103, R144, C6)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from gradphoto.apps.capture import actions as capture
from gradphoto.apps.capture.identify import identify
from gradphoto.apps.capture.models import CheckIn
from gradphoto.apps.core.errors import Refusal
from gradphoto.apps.makeup import booking, cases, forms_out, kits
from gradphoto.apps.makeup.models import MakeUpCase
from gradphoto.apps.makeup.tokens import personal_token
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.schedule.models import CaptureSession
from gradphoto.demo.sitters import picture
from makeup.makeup_world import approved, attended, client, filled
from world import add_candidate, save

pytestmark = pytest.mark.django_db


@pytest.fixture
def room(world):
    at = timezone.localtime() + timedelta(minutes=5)
    return CaptureSession.objects.create(campaign=world.campaign, date=at.date(), place="104", status="open")


def booked(world, person, *, days=0, **more):
    """A case with an appointment on the room's day, or so many days later."""
    case = filled(world, person, **more)
    at = timezone.now() + timedelta(minutes=5, days=days)
    booking.book_by_telephone(world.actor(Role.COUNSELLOR), case, at=at, place="示范路1号")
    return case


def scan(world, room, code):
    return client(world, Role.PHOTOGRAPHER).post(f"/capture/{room.pk}/scan/", {"code": code}, follow=True)


def refused(code, room, text):
    with pytest.raises(Refusal) as told:
        identify(room, text)
    assert told.value.code == code
    assert told.value.remedy.zh


def test_r144_the_qr_seats_its_own_person_and_the_case_goes_on_to_photographed(world, room):
    add_candidate(world, 1)
    person = add_candidate(world, 2)
    case = booked(world, person)
    page = scan(world, room, f"]Q1https://example.edu/make-up-form/{personal_token(case)}/\r").content.decode()
    made = CheckIn.objects.get()
    assert (made.candidate, made.method, made.shooting_number) == (person, "makeup_qr", 1)
    assert "查验学生证和身份证" in page
    case.refresh_from_db()
    assert (case.status, case.attended_at) == ("attended", made.at)
    photographer = world.actor(Role.PHOTOGRAPHER)
    frame = capture.receive_frame(photographer, room, data=picture("person_01"), file_name="1.jpg", by_hand=True)
    capture.accept_frame(photographer, made, frame=frame)
    case.refresh_from_db()
    assert (case.status, case.check_in) == ("captured", made)
    assert case.booking is not None, "the person came to the appointment: it is not given back"
    refused("makeup.photographed", room, personal_token(case))


def test_who_was_at_the_desk_needs_no_second_look_at_his_papers(world, room):
    case = attended(world, add_candidate(world, 1))
    page = scan(world, room, personal_token(case)).content.decode()
    assert CheckIn.objects.get().candidate == case.candidate
    assert "查验学生证和身份证" not in page


def test_another_campaigns_code_is_refused(world, room):
    other = add_candidate(world, 1)
    case = booked(world, other)
    campaign = world.campaign
    campaign.pk, campaign.cohort_year, campaign.title = None, 2027, "2027届图像采集"
    save(campaign)
    CaptureSession.objects.filter(pk=room.pk).update(campaign=campaign)
    room.refresh_from_db()
    refused("makeup.other_campaign", room, personal_token(case))


def test_what_is_not_approved_not_booked_or_over_is_told_with_its_remedy(world, room):
    registrar = world.actor(Role.REGISTRAR)
    waiting = cases.apply_for(registrar, add_candidate(world, 1), reason_kind="illness", reason="住院")
    refused("makeup.case_not_approved", room, personal_token(waiting))
    refused("makeup.not_booked", room, personal_token(filled(world, add_candidate(world, 2))))
    gone = booked(world, add_candidate(world, 3))
    cases.cancel_case(registrar, gone, reason="已退学")
    refused("makeup.case_over", room, personal_token(gone))
    refused("makeup.by_mail", room, personal_token(approved(world, add_candidate(world, 4), way="mail")))
    assert not CheckIn.objects.exists()


def test_another_day_is_told_with_the_day_that_was_booked(world, room):
    case = booked(world, add_candidate(world, 1), days=2)
    answer = scan(world, room, personal_token(case))
    assert answer.status_code == 409
    text = answer.content.decode()
    assert "makeup.other_day" in text
    assert f"{room.date + timedelta(days=2):%Y-%m-%d}" in text
    assert case.candidate.name not in text


def test_a_code_that_a_newer_one_replaced_and_a_forged_one_open_nothing(world, room):
    case = booked(world, add_candidate(world, 1))
    old = personal_token(case)
    booking.release_booking(world.actor(Role.COUNSELLOR), case)
    forms_out.issue_form(world.actor(Role.COUNSELLOR), case)
    refused("makeup.qr_unknown", room, old)
    case.refresh_from_db()
    refused("makeup.qr_unknown", room, f"MU1-{case.key}.forged")


def test_the_kit_tells_a_station_no_reason_and_no_telephone_number(world, room):
    case = booked(world, add_candidate(world, 1))
    (row,) = kits.gather(world.campaign, [case.candidate_id])
    assert (row["key"], row["status"]) == (case.key, "booked")
    assert "外省实习" not in str(row)
    assert "13900000000" not in str(row)
    MakeUpCase.objects.all().delete()
    kits.load(world.campaign, [row])
    loaded = MakeUpCase.objects.get()
    assert (loaded.pk, loaded.booking.at, loaded.reason) == (row["pk"], timezone.datetime.fromisoformat(row["at"]), "")
