"""Hand in, take back, returned, approved, taken back again; four eyes; another person on the photograph."""

import pytest

from gradphoto.apps.capture.actions import confirm_check_in
from gradphoto.apps.capture.models import CheckIn, Frame
from gradphoto.apps.core.errors import Refusal
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.review import actions as review
from gradphoto.apps.review import bulk
from gradphoto.apps.review.standing import review_of
from gradphoto.apps.selfphoto.models import PortraitTry, SelfPortrait
from gradphoto.demo.sitters import picture
from makeup.makeup_world import client
from review_world import another, seen
from selfphoto.selfphoto_world import agreed, good, let_in, linked, self_photo_world, send, somebody

pytestmark = pytest.mark.django_db


@pytest.fixture
def handed_in():
    """The world, the person, their browser and the waiting frame."""
    world = self_photo_world(SELF_PHOTO_FOUR_EYES=False)
    person = somebody(world)
    browser = agreed(world, person)
    said = send(browser, good()).json()
    assert browser.post(said["submit_url"]).status_code == 302
    return world, person, browser, said


def portrait():
    return SelfPortrait.objects.get()


def test_a_double_submit_and_a_replay_are_one(handed_in):
    world, _person, browser, said = handed_in
    assert browser.post(said["submit_url"]).status_code == 302
    assert CheckIn.objects.count() == 1
    review.accept(world.actor(Role.REGISTRAR), review_of(Frame.objects.get()), seen=seen(Frame.objects.get()))
    assert browser.post(said["submit_url"]).status_code == 302
    assert (CheckIn.objects.count(), portrait().status) == (1, "approved")
    answer = send(browser, picture("person_02"))
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "selfphoto.photographed")


def test_taken_back_while_it_waits_and_handed_in_again_under_another_number(handed_in):
    world, _person, browser, said = handed_in
    assert send(browser, picture("person_02")).json()["error"]["code"] == "selfphoto.waits"
    long = browser.post("/my-photo/withdraw/", {"reason": "头发没理好" * 40})
    assert (long.status_code, f'value="{"头发没理好" * 40}"' in long.content.decode()) == (422, True)
    browser.post("/my-photo/withdraw/", {"reason": "头发没理好"})
    first = CheckIn.objects.get()
    assert (portrait().status, first.status, first.cancel_reason) == ("withdrawn", "cancelled", "本人撤回：头发没理好")
    browser.post(said["submit_url"])
    assert (portrait().status, portrait().check_in.shooting_number) == ("submitted", 2)
    frame = Frame.objects.get()
    assert frame.check_in == portrait().check_in, "the same file is one frame, and number and frame are one to one"
    review.accept(world.actor(Role.REGISTRAR), review_of(frame), seen=seen(frame))
    browser.post("/my-photo/withdraw/")
    assert portrait().status == "approved", "decided: nothing to take back"


def test_returned_with_reasons_and_another_one_handed_in(handed_in):
    world, _person, browser, said = handed_in
    frame, registrar = Frame.objects.get(), world.actor(Role.REGISTRAR)
    review.reject(registrar, review_of(frame), seen=seen(frame), reasons=["person.hair"], words="请把头发扎起来")
    page = browser.get("/my-photo/mine/").content.decode()
    assert "头发遮眉遮耳" in page
    assert "请把头发扎起来" in page
    answer = browser.post(said["submit_url"])
    assert answer.status_code == 409, "the same photograph is not handed in again"
    again = send(browser, picture("person_02")).json()
    browser.post(again["submit_url"])
    assert (portrait().status, portrait().check_in.shooting_number, portrait().rejection) == ("submitted", 2, None)
    assert CheckIn.objects.get(shooting_number=1).status == "cancelled"
    frame = portrait().check_in.frames.get()
    decision = review.reject(registrar, review_of(frame), seen=seen(frame), reasons=["person.eyes"])
    assert portrait().status == "rejected"
    review.undo(registrar, review_of(frame), decision=decision)
    assert (portrait().status, portrait().rejection) == ("submitted", None)


def test_an_acceptance_taken_back_waits_again_and_is_not_packed(handed_in):
    from gradphoto.apps.delivery.queries import to_pack

    world, *_ = handed_in
    frame, registrar = Frame.objects.get(), world.actor(Role.REGISTRAR)
    decision = review.accept(registrar, review_of(frame), seen=seen(frame))
    assert portrait().status == "approved"
    review.undo(registrar, review_of(frame), decision=decision)
    assert portrait().status == "submitted"
    assert not to_pack(world.campaign).exists()


def test_the_first_of_each_person_needs_two_and_none_goes_in_bulk():
    world = self_photo_world()
    browser = agreed(world, somebody(world))
    browser.post(send(browser, good()).json()["submit_url"])
    frame, registrar = Frame.objects.get(), world.actor(Role.REGISTRAR)
    page = client(world, Role.REGISTRAR).get(f"/capture/review/accept-passed/?campaign={world.campaign.pk}")
    assert (page.context["count"], page.context["own"]) == (0, 1), "nobody is promised what is refused afterwards"
    beside = client(world, Role.REGISTRAR).get(f"/capture/review/?frame={frame.pk}").content.decode()
    assert "须两人先后通过" in beside
    result = bulk.accept_passed(registrar, world.campaign, shown={frame.pk: seen(frame)})
    assert [row.refusal.code for row in result.refused] == ["review.own_photograph"]
    review.accept(registrar, review_of(frame), seen=seen(frame))
    assert (portrait().status, review_of(frame).state) == ("submitted", "second")
    with pytest.raises(Refusal) as told:
        review.accept(registrar, review_of(frame), seen=seen(frame))
    assert told.value.code == "capture.second_person"
    with pytest.raises(Refusal) as told:
        confirm_check_in(world.actor(Role.SITE_STAFF), CheckIn.objects.get())
    assert told.value.code == "capture.own_photograph", "nobody confirms on site what no site has seen"
    review.accept(another(world), review_of(frame), seen=seen(frame))
    assert portrait().status == "approved"


def test_another_person_on_it_stops_everything_until_the_college_has_looked(handed_in):
    world, person, browser, _said = handed_in
    frame = Frame.objects.get()
    review.reject(world.actor(Role.REGISTRAR), review_of(frame), seen=seen(frame), reasons=["person.not_the_person"])
    assert browser.get("/my-photo/mine/").status_code == 302, "the link has ended, and the session with it"
    assert portrait().blocked_reason
    browser = let_in(world, person, linked(world, person).code)
    assert not portrait().blocked_reason, "the college has seen the person and gave a new link"
    assert send(browser, picture("person_02")).status_code == 200


def test_what_fails_goes_with_the_persons_own_words_or_not_at_all():
    world = self_photo_world()
    browser = agreed(world, somebody(world))
    said = send(browser, picture("defect_closed_eyes_1")).json()
    nobody = send(browser, picture("defect_no_face")).json()
    assert (said["outcome"], said["needs_explanation"], said["may_submit"]) == ("fail", True, True)
    assert (nobody["may_submit"], nobody["crop"], bool(nobody["why_not"])) == (False, None, True)
    page = browser.post(said["submit_url"])
    assert (page.status_code, 'data-code="selfphoto.explanation_missing"' in page.content.decode()) == (422, True)
    long = browser.post(said["submit_url"], {"explanation": "很长的说明" * 61})
    assert (long.status_code, 'data-code="pages.too_long"' in long.content.decode()) == (422, True)
    assert "很长的说明" * 61 in long.content.decode(), "what was typed stays"
    assert browser.post(said["submit_url"], {"explanation": "左眼先天不能睁开"}).status_code == 302
    assert PortraitTry.objects.get(pk=said["try"]).explanation == "左眼先天不能睁开"
    assert browser.post(nobody["submit_url"], {"explanation": "x"}).status_code == 409


def test_tries_are_counted_and_more_are_granted():
    from gradphoto.apps.selfphoto.links import grant_tries

    world = self_photo_world(SELF_PHOTO_TRIES=1)
    person = somebody(world)
    browser = agreed(world, person)
    assert send(browser, good()).json()["tries"] == {"used": 1, "most": 1, "left": 0}
    assert send(browser, good()).json()["number"] == 1, "the same file again is the same try"
    answer = send(browser, picture("person_02"))
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "selfphoto.no_tries_left")
    grant_tries(world.actor(Role.COUNSELLOR), portrait(), more=2, reason="网络中断")
    assert send(browser, picture("person_02")).json()["tries"] == {"used": 2, "most": 3, "left": 1}


def test_consent_taken_back_deletes_the_tries_and_ends():
    from django.core.files.storage import storages

    from gradphoto.apps.core.blobs import name_of

    world = self_photo_world()
    person = somebody(world)
    browser = agreed(world, person)
    said = send(browser, good()).json()
    name = PortraitTry.objects.get().blob_id
    assert storages["blobs"].exists(name_of(name))
    browser.post("/my-photo/consent/withdraw/", {"purpose": "photograph"})
    assert (portrait().status, PortraitTry.objects.get().blob_id) == ("ended", None)
    assert portrait().consents.get().withdrawn_at is not None
    assert browser.get(said["picture"]["url"]).status_code in (302, 404)
