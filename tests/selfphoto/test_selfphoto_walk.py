"""From the link to the ledger (R9, R144-R148): a person's own photograph goes the way of all others."""

import re

import pytest
from django.test import Client

from gradphoto.apps.capture.models import CheckIn, Frame
from gradphoto.apps.core import jobs
from gradphoto.apps.core.errors import Refusal
from gradphoto.apps.delivery.actions import build_package, deliver_package, make_portraits
from gradphoto.apps.delivery.models import Portrait
from gradphoto.apps.makeup.models import MakeUpCase
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.registration.actions import apply_review, approve_at_head_office, approve_nationally
from gradphoto.apps.registration.models import LedgerEntry
from gradphoto.apps.review import actions as review
from gradphoto.apps.review.standing import review_of
from gradphoto.apps.selfphoto.models import SelfPortrait
from gradphoto.apps.verification.actions import open_cases
from gradphoto.apps.verification.models import VerificationCase
from makeup.makeup_world import approved
from review_world import another, seen
from selfphoto.selfphoto_world import agreed, good, self_photo_world, send, somebody
from verification.graduate_world import set_verifying

pytestmark = pytest.mark.django_db


def approve(world, frame):
    """Two persons accept it, as nobody has seen the person."""
    review.accept(world.actor(Role.REGISTRAR), review_of(frame), seen=seen(frame))
    assert SelfPortrait.objects.get(check_in=frame.check_in).status == "submitted", "one person is not enough"
    review.accept(another(world), review_of(frame), seen=seen(frame))


def test_r144_an_own_photograph_of_a_make_up_case_comes_to_the_ledger():
    world = self_photo_world(("special",))
    person = somebody(world)
    case = approved(world, person, reason_kind="abroad")
    browser = agreed(world, person)
    said = send(browser, good()).json()
    assert (said["outcome"], said["may_submit"], said["is_best"], said["tries"]["used"]) == ("pass", True, True, 1)
    browser.post(said["submit_url"])
    made = CheckIn.objects.get()
    assert (made.method, made.status, made.shooting_number) == ("self_photo", "shot", 1)
    frame = Frame.objects.get()
    assert (frame.status, frame.check_in, frame.blob_id) == ("accepted", made, said_sha(said, person))
    assert "等待审核" in browser.get("/my-photo/mine/").content.decode()
    centre = world.actor(Role.COLLECTION_CENTRE)
    jobs.run(make_portraits(centre, world.campaign).pk)
    with pytest.raises(Refusal):
        build_package(centre, world.campaign, organisation=world.school, season="spring")
    approve(world, frame)
    made.refresh_from_db()
    assert made.status == "confirmed"
    assert MakeUpCase.objects.get(pk=case.pk).status == "captured", "the make-up case follows"
    package = build_package(centre, world.campaign, organisation=world.school, season="spring")
    jobs.run(package.job_id)
    package.refresh_from_db()
    deliver_package(centre, package)
    assert Portrait.objects.filter(candidate=person, profile="mb2017_99").exists()
    assert "制作并交付" in browser.get("/my-photo/mine/").content.decode()
    entry = _verified_and_registered(world, person)
    assert (entry.candidate, entry.kind, entry.portrait.check_in) == (person, "with_photo", made)


def said_sha(said, person):
    return person.self_portrait.tries.get(pk=said["try"]).sha256


def _verified_and_registered(world, person):
    set_verifying(world)
    world.campaign.refresh_from_db()
    open_cases(world.actor(Role.REGISTRAR), world.campaign, early_reason="测试")
    phone, card = Client(), person.image_card
    phone.post(
        "/verify/sign-in/",
        {"school_code": "99901", "student_no": person.student_no, "name": person.name, "code": card.code.decrypt()},
    )
    page = phone.get("/verify/compare/").content.decode()
    shown = re.search(r'name="shown"\s+value="([^"]+)"', page)
    phone.post("/verify/confirm/", {"own": "yes", "shown": shown[1]})
    case = VerificationCase.objects.get(candidate=person)
    assert case.status == "confirmed"
    found = apply_review(world.actor(Role.COLLEGE_OFFICER), case)
    approve_at_head_office(world.actor(Role.HEAD_OFFICE), found)
    approve_nationally(world.actor(Role.NATIONAL_REVIEWER), found)
    return LedgerEntry.objects.get()
