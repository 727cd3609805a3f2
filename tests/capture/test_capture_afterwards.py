"""Entered by hand after the collection (R99), and the school's checker (R100)."""

import re

import pytest
from django.test import Client
from django.utils import timezone

from gradphoto.apps.capture import actions
from gradphoto.apps.capture.models import Alarm, CheckIn, Frame
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.roster.models import CandidateStatus
from gradphoto.apps.schedule.models import CaptureSession
from gradphoto.demo.sitters import picture
from world import add_candidate

pytestmark = pytest.mark.django_db


@pytest.fixture
def session(world):
    """One was photographed by card, one without: that frame is nobody's. The session is over."""
    made = CaptureSession.objects.create(campaign=world.campaign, date=timezone.localdate(), place="104", status="open")
    photographer = world.actor(Role.PHOTOGRAPHER)
    actions.receive_frame(photographer, made, data=picture("person_01"), file_name="IMG_0007.JPG")
    actions.close_session(photographer, made)
    return made


def client(world, role):
    found = Client()
    found.force_login(world.people[role], backend="django.contrib.auth.backends.ModelBackend")
    return found


def enter(page, session, person, frame, **changes):
    said = {"candidate": person.pk, "frame": frame.pk, "reason": "留学生，没有二代身份证", **changes}
    return page.post(f"/capture/{session.pk}/afterwards/", said, follow=True)


def test_r99_a_person_without_a_card_is_entered_after_the_session_and_confirmed_by_the_checker(world, session):
    person, frame, page = add_candidate(world, 1), Frame.objects.get(), client(world, Role.SITE_STAFF)
    assert Alarm.objects.filter(frame=frame, settled_at=None).exists(), "a frame without a person is told at once"
    form = page.get(f"/capture/{session.pk}/afterwards/?q={person.student_no}").content.decode()
    assert "IMG_0007.JPG" in form
    nonce = re.search(r'name="nonce" value="([^"]+)"', form)[1]
    answer = enter(page, session, person, frame, nonce=nonce).content.decode()
    enter(page, session, person, frame, nonce=nonce)
    made = CheckIn.objects.get()
    assert (made.candidate, made.method, made.status, made.shooting_number) == (person, "manual", "shot", 1)
    frame.refresh_from_db()
    assert (frame.check_in, frame.status) == (made, "accepted")
    assert frame.assessments.count() == 1, "judged when it became somebody's"
    assert "00001" in answer
    assert not Alarm.objects.filter(settled_at=None).exists()
    page.get(f"/capture/{session.pk}/check/")
    page.post(f"/capture/{session.pk}/check/", {"check_in": [made.pk]})
    made.refresh_from_db()
    assert made.status == "confirmed"


def test_r99_nobody_is_entered_twice_unapproved_or_onto_anothers_photograph(world, session):
    frame, page = Frame.objects.get(), client(world, Role.REGISTRAR)
    deferred = add_candidate(world, 2, status=CandidateStatus.DEFERRED)
    assert "capture.not_on_list" in enter(page, session, deferred, frame).content.decode()
    assert "pages.required" in enter(page, session, add_candidate(world, 3), frame, reason=" ").content.decode()
    person = add_candidate(world, 1)
    enter(page, session, person, frame)
    assert "capture.frame_taken" in enter(page, session, add_candidate(world, 4), frame).content.decode()
    other = actions.receive_frame(
        world.actor(Role.PHOTOGRAPHER), session, data=picture("person_02"), file_name="IMG_0008.JPG"
    )
    assert "capture.already_photographed" in enter(page, session, person, other).content.decode()
    assert CheckIn.objects.count() == 1


def test_r100_nothing_is_ticked_for_the_checker_and_the_photographer_does_not_confirm(world, session):
    person = add_candidate(world, 1)
    enter(client(world, Role.SITE_STAFF), session, person, Frame.objects.get())
    url = f"/capture/{session.pk}/check/"
    mine = client(world, Role.SITE_STAFF).get(url).content.decode()
    box = re.search(r'<input[^>]*name="check_in"[^>]*>', mine)[0]
    assert "checked" not in box
    assert str(person.id_number) in mine
    assert person.id_number.decrypt() not in mine
    assert 'name="check_in"' not in client(world, Role.PHOTOGRAPHER).get(url).content.decode()
