"""One person in two programmes (issue 14.6): two records, one photograph, delivered, verified and registered for each."""

import io
import uuid
import zipfile
from dataclasses import astuple
from datetime import date

import pytest

from gradphoto.apps.capture import actions as room
from gradphoto.apps.capture.models import CheckIn, CheckInStatus, HoldReason, Identification
from gradphoto.apps.core import blobs, jobs
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.encryption import blind_index
from gradphoto.apps.core.errors import Refusal
from gradphoto.apps.delivery import queries
from gradphoto.apps.delivery.actions import build_package, deliver_package, make_portraits
from gradphoto.apps.delivery.checking import not_delivered
from gradphoto.apps.delivery.models import ImageCard, Portrait
from gradphoto.apps.desk.stages import BY_KEY
from gradphoto.apps.fees.actions import charge_people
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.registration.actions import apply_review, approve_at_head_office, approve_nationally
from gradphoto.apps.registration.models import LedgerEntry
from gradphoto.apps.roster import steps
from gradphoto.apps.roster.actions import correct_candidate
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.schedule.problem import listed
from gradphoto.apps.verification.actions import open_cases, view_case
from gradphoto.apps.verification.evidence import changed_since_confirmation
from gradphoto.apps.verification.models import VerificationCase
from gradphoto.engine.packet import read_summary
from review_world import open_session, shoot
from verification.graduate_world import confirm, graduate, set_verifying
from world import add_candidate, made_up_id_number, put

pytestmark = pytest.mark.django_db(transaction=True)
STAFF = Actor.system("test")


def second_record(world, first, **more):
    """The minor of the n-th candidate, as an officer adds it by hand."""
    values = {
        "student_no": first.student_no, "name": first.name, "sex": "男", "birth_date": "20040305",
        "id_number": first.id_number.decrypt(), "major": "法学", "level": "本科", "season": "春季",
        "degree_category": "辅修", **more,
    }  # fmt: skip
    return steps.add_candidate(STAFF, world.campaign, department=world.other_department, values=values, reason="辅修")


def accepted(candidate):
    put(Candidate.objects.filter(pk=candidate.pk), status="accepted")
    candidate.refresh_from_db()
    return candidate


def card_of(candidate):
    return room.CardFacts(candidate.name, "male", date(2004, 3, 5), candidate.id_number.decrypt())


def test_a_second_programme_goes_the_whole_way_with_one_photograph(world):
    first = add_candidate(world, 1)
    second = accepted(second_record(world, first))
    assert second.same_person == first
    assert list(listed(world.campaign)) == [first], "one seat, one fee"
    session = open_session(world)
    frame = shoot(session, first, "person_01", measured=False)
    room.confirm_check_in(world.actor(Role.SITE_STAFF), frame.check_in)
    shot = Candidate.objects.filter(BY_KEY["shot"].condition)
    assert set(shot) == {first, second}
    jobs.run(make_portraits(world.actor(Role.COLLECTION_CENTRE), world.campaign).pk)
    profiles = len(queries.profile_codes(world.campaign))
    assert Portrait.objects.filter(candidate=first).count() == profiles
    assert Portrait.objects.filter(candidate=second).count() == profiles
    assert not queries.frames_to_make(world.campaign).exists()

    package = build_package(
        world.actor(Role.COLLECTION_CENTRE), world.campaign, organisation=world.school, season="spring"
    )
    jobs.run(package.job.pk)
    package.refresh_from_db()
    deliver_package(world.actor(Role.COLLECTION_CENTRE), package)
    with zipfile.ZipFile(io.BytesIO(blobs.read(package.blob))) as found:
        assert [name for name in found.namelist() if name.startswith("photos/")] == ["photos/00001.JPG"]
        rows = read_summary(found.read("汇总表.xlsx"))
    school = world.school
    assert [astuple(row) for row in rows] == [
        (1, one.name, one.student_no, "男", first.id_number.decrypt(), one.major, one.degree_category, one.school_kind,
         one.department.code, school.name, school.code)
        for one in (first, second)
    ], "R52: the eleven columns as the roster and the school say them"  # fmt: skip
    assert [row.major for row in rows] == [first.major, "法学"]
    assert package.items.count() == 2
    assert ImageCard.objects.filter(candidate__in=[first, second]).count() == 2
    assert not not_delivered(package).exists()

    set_verifying(world)
    open_cases(world.actor(Role.REGISTRAR), world.campaign, early_reason="测试")
    for record, home in ((first, Role.COLLEGE_OFFICER), (second, None)):
        case = VerificationCase.objects.get(candidate=record)
        view_case(graduate(case), case)
        confirm(case)
        case.refresh_from_db()
        assert changed_since_confirmation(case) == ()
        review = apply_review(world.actor(home) if home else STAFF, case)
        approve_at_head_office(world.actor(Role.HEAD_OFFICE), review)
        approve_nationally(world.actor(Role.NATIONAL_REVIEWER), review)
    entries = LedgerEntry.objects.order_by("number").values_list("candidate", "kind", "facts__shooting_number")
    assert [(pk, kind) for pk, kind, _ in entries] == [(first.pk, "with_photo"), (second.pk, "with_photo")]


def test_a_record_that_comes_after_the_portraits_gets_them(world):
    first = add_candidate(world, 1)
    frame = shoot(open_session(world), first, "person_01", measured=False)
    room.confirm_check_in(world.actor(Role.SITE_STAFF), frame.check_in)
    jobs.run(make_portraits(world.actor(Role.COLLECTION_CENTRE), world.campaign).pk)
    assert not queries.frames_to_make(world.campaign).exists()
    second = accepted(second_record(world, first))
    assert queries.frames_to_make(world.campaign).count() == 1
    jobs.run(make_portraits(world.actor(Role.COLLECTION_CENTRE), world.campaign).pk)
    assert Portrait.objects.filter(candidate=second).exists()
    assert not queries.frames_to_make(world.campaign).exists()


def test_the_card_seats_the_person_once_under_whichever_record_is_approved(world):
    first = add_candidate(world, 1, status="issued")
    second = accepted(second_record(world, first))
    session = open_session(world)
    outcome = room.check_in(STAFF, session, card=card_of(first), method=Identification.ID_CARD, nonce=uuid.uuid4())
    assert outcome.check_in.candidate == second
    first.refresh_from_db()
    second.refresh_from_db()
    assert (second.same_person, first.same_person) == (None, second), "who is photographed is the first record"
    put(CheckIn.objects.all(), status=CheckInStatus.CONFIRMED)
    accepted(first)
    again = room.check_in(STAFF, session, card=card_of(first), method=Identification.ID_CARD, nonce=uuid.uuid4())
    assert again.hold.reason == HoldReason.ALREADY
    by_number = room.check_in(STAFF, session, candidate=first, method=Identification.MANUAL, nonce=uuid.uuid4())
    assert by_number.hold.reason == HoldReason.ALREADY, "by the other record, too"
    assert set(Candidate.objects.filter(BY_KEY["shot"].condition)) == {first, second}


def test_removing_the_first_record_leaves_the_person_on_the_list(world):
    first = add_candidate(world, 1, status="issued")
    second = accepted(second_record(world, first))
    steps.remove_candidate(STAFF, first, reason="不能毕业")
    assert list(listed(world.campaign)) == [second]
    steps.reinstate_candidate(STAFF, first, reason="误删")
    accepted(first)
    assert list(listed(world.campaign)) == [second], "still one seat"


def test_one_fee_a_person(world):
    first = add_candidate(world, 1)
    second = accepted(second_record(world, first))
    assert [charge.candidate for charge in charge_people(STAFF, world.campaign, candidates=[second, first])] == [first]


def test_only_a_true_double_is_refused(world):
    first = add_candidate(world, 1)
    second_record(world, first)
    stranger = add_candidate(world, 3)
    for more in (
        {"major": first.major},  # the same programme once more
        {"major": "会计", "name": "别人"},  # an ID number is one name's
        {"major": "会计", "student_no": stranger.student_no},
    ):
        with pytest.raises(Refusal, match=r"roster\.already_listed"):
            second_record(world, first, **more)
    number = made_up_id_number(3, male=True)
    with pytest.raises(Refusal, match=r"roster\.already_listed"):
        second_record(world, first, major="会计", id_number=number, student_no=first.student_no)
    assert Candidate.objects.count() == 3
    assert blind_index(number) == stranger.id_number_index


def test_a_correction_does_not_take_a_strangers_number(world):
    first, stranger = add_candidate(world, 1), add_candidate(world, 2)
    second = second_record(world, first, student_no="2022900001")
    correct_candidate(STAFF, second, field="student_no", value=first.student_no, reason="辅修与主修学号相同")
    with pytest.raises(Refusal, match=r"roster\.already_listed"):
        correct_candidate(STAFF, second, field="student_no", value=stranger.student_no, reason="录错")
    second.refresh_from_db()
    assert second.student_no == first.student_no
