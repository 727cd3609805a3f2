"""Broken on purpose: uploads without end, races, rules and consents that change midway, links in bulk, another's picture."""

import io
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from PIL import Image

from gradphoto.apps.campaigns import settings_keys as keys
from gradphoto.apps.campaigns.models import Campaign, CampaignStatus
from gradphoto.apps.capture.models import CheckIn, Frame
from gradphoto.apps.core import jobs
from gradphoto.apps.core.errors import Refusal
from gradphoto.apps.core.lifecycle import writes_allowed
from gradphoto.apps.core.models import Blob, Job
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.review import actions as review
from gradphoto.apps.review.standing import review_of
from gradphoto.apps.roster.models import Candidate, CandidateStatus
from gradphoto.apps.roster.permissions import student
from gradphoto.apps.schedule.models import CaptureSession
from gradphoto.apps.selfphoto import comparing, links, notices, submission, uploads
from gradphoto.apps.selfphoto.models import Comparison, PersonalLink, PictureUpload, PortraitTry, SelfPortrait
from gradphoto.demo.sitters import picture
from review_world import seen
from selfphoto.selfphoto_world import agreed, begin, good, linked, part, rule, self_photo_world, send, somebody

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return self_photo_world(SELF_PHOTO_FOUR_EYES=False)


def portrait():
    return SelfPortrait.objects.get()


def code_of(answer):
    return answer.status_code, answer.json()["error"]["code"]


def parts_in_store():
    return Blob.objects.filter(media_type="application/octet-stream", removed_at=None).count()


def submitted(world, person):
    browser = agreed(world, person)
    said = send(browser, good()).json()
    assert browser.post(said["submit_url"]).status_code == 302
    return browser, said


def test_one_sum_under_many_sizes_leaves_no_file_behind(world):
    browser = agreed(world, somebody(world))
    for size in (1000, 1001, 1002):
        place = begin(browser, good(), size=size).json()
        part(browser, place["url"], 0, b"x" * 900)
    assert parts_in_store() == 1


def test_an_upload_that_ended_is_begun_anew_by_the_same_file(world):
    browser = agreed(world, somebody(world))
    place = begin(browser, good()).json()
    part(browser, place["url"], 0, good()[:500])
    PictureUpload.objects.update(began_at=timezone.now() - timedelta(hours=25))
    assert send(browser, good()).status_code == 200
    assert parts_in_store() == 0


def test_files_that_come_to_nothing_are_counted_and_end(world, monkeypatch):
    monkeypatch.setattr(uploads, "MOST_IN_VAIN", 4)
    browser = agreed(world, somebody(world))
    assert code_of(send(browser, b"GIF89a" + bytes(50)))[0] == 422
    assert code_of(send(browser, b"GIF89a" + bytes(50)))[0] == 422, "the same file again counts again"
    for count in range(5):
        begin(browser, b"x" * (count + 1))
    assert code_of(begin(browser, b"another")) == (409, "selfphoto.too_many_files")
    PictureUpload.objects.update(began_at=timezone.now() - timedelta(hours=25))
    assert send(browser, good()).status_code == 200, "a day later it is forgotten"


def test_two_finishes_at_once_are_one_try(world, monkeypatch):
    """The slower one finds no parts any more: it tells the same verdict, and does not throw the upload away."""
    browser = agreed(world, somebody(world))
    place = begin(browser, good()).json()
    part(browser, place["url"], 0, good())
    actor, upload = student(portrait().candidate_id), place["upload"]
    reading = uploads.blobs.read

    def faster(blob):
        monkeypatch.setattr(uploads.blobs, "read", reading)
        uploads.finish(actor, portrait(), upload)
        return reading(blob)

    monkeypatch.setattr(uploads.blobs, "read", faster)
    made = uploads.finish(actor, portrait(), upload)
    assert made == PortraitTry.objects.get()
    assert PictureUpload.objects.get().made == made


def test_the_gallery_is_closed_while_an_upload_runs(world):
    rule(world, keys.SELF_PHOTO_GALLERY, True)
    browser = agreed(world, somebody(world))
    place = begin(browser, good(), source="gallery").json()
    part(browser, place["url"], 0, good())
    rule(world, keys.SELF_PHOTO_GALLERY, False)
    answer = browser.post(place["finish_url"], "{}", content_type="application/json")
    assert code_of(answer) == (403, "selfphoto.gallery_forbidden")
    assert parts_in_store() == 0


def test_a_consent_taken_back_takes_the_open_uploads_with_it(world):
    browser = agreed(world, somebody(world))
    part(browser, begin(browser, good()).json()["url"], 0, good()[:500])
    browser.post("/my-photo/consent/withdraw/", {"purpose": "photograph"})
    assert portrait().status == "ended"
    assert (parts_in_store(), PictureUpload.objects.count()) == (0, 0)


def test_a_return_taken_back_does_not_bring_a_picture_back_whose_consent_has_gone(world):
    browser, _ = submitted(world, somebody(world))
    frame, registrar = Frame.objects.get(), world.actor(Role.REGISTRAR)
    decision = review.reject(registrar, review_of(frame), seen=seen(frame), reasons=["person.hair"])
    browser.post("/my-photo/consent/withdraw/", {"purpose": "photograph"})
    with pytest.raises(Refusal) as told:
        review.undo(registrar, review_of(frame), decision=decision)
    assert told.value.code == "selfphoto.consent_withdrawn"
    assert (portrait().status, CheckIn.objects.get().status) == ("ended", "retake")


def test_a_return_taken_back_after_another_one_was_handed_in_changes_nothing(world):
    browser, _ = submitted(world, somebody(world))
    frame, registrar = Frame.objects.get(), world.actor(Role.REGISTRAR)
    decision = review.reject(registrar, review_of(frame), seen=seen(frame), reasons=["person.hair"])
    browser.post(send(browser, picture("person_02")).json()["submit_url"])
    with pytest.raises(Refusal):
        review.undo(registrar, review_of(frame), decision=decision)
    assert portrait().status == "submitted"
    assert CheckIn.objects.exclude(status="cancelled").get() == portrait().check_in


def test_two_presses_of_the_button_at_once_are_one(world, monkeypatch):
    person = somebody(world)
    browser = agreed(world, person)
    send(browser, good())
    tried, actor, really = PortraitTry.objects.get(), student(person.pk), submission.submit

    def slower(actor, mine, **more):
        really(actor, portrait(), **more)
        return really(actor, mine, **more)

    monkeypatch.setattr(submission, "submit", slower)
    submission.hand_in(actor, portrait(), tried)
    assert CheckIn.objects.count() == 1


def test_handing_in_and_taking_back_without_end_uses_up_no_numbers(world):
    rule(world, keys.SELF_PHOTO_TRIES, 1)
    browser, said = submitted(world, somebody(world))
    for _ in range(2):
        browser.post("/my-photo/withdraw/")
        browser.post(said["submit_url"])
    browser.post("/my-photo/withdraw/")
    answer = browser.post(said["submit_url"])
    assert answer.status_code == 409
    assert "已提交 3 次" in answer.content.decode()
    assert portrait().status == "withdrawn"


def test_one_file_is_not_the_photograph_of_two_people_on_two_days(world):
    submitted(world, somebody(world))
    CaptureSession.objects.update(date=timezone.localdate() - timedelta(days=1))
    other = agreed(world, somebody(world, 2))
    said = send(other, good()).json()
    answer = other.post(said["submit_url"])
    assert answer.status_code == 409
    assert "已经属于另一人" in answer.content.decode()
    assert CheckIn.objects.count() == 1


def test_links_for_many_do_not_free_whom_a_reviewer_has_stopped(world):
    person = somebody(world)
    submitted(world, person)
    frame = Frame.objects.get()
    review.reject(world.actor(Role.REGISTRAR), review_of(frame), seen=seen(frame), reasons=["person.not_the_person"])
    officer = world.actor(Role.COLLEGE_OFFICER)
    issued, left_out = links.issue_links(officer, [person])
    assert (issued, [why.code for _, why in left_out]) == ([], ["selfphoto.stopped"])
    notices.ContactPoint.objects.create(candidate=person, channel="sms", address="13900000000")
    assert notices.tell_link(officer, person, key="k").code == "selfphoto.stopped"
    assert portrait().blocked_reason
    assert not PersonalLink.objects.filter(ended_at=None).exists()
    linked(world, person)
    assert not portrait().blocked_reason, "on the person's own page, one by one"


def test_a_comparison_that_ends_after_the_consent_is_not_kept(world, monkeypatch):
    rule(world, keys.SELF_PHOTO_COMPARE, True)
    person = somebody(world)
    comparing.keep_reference(world.actor(Role.REGISTRAR), person, data=picture("person_02"), origin="录取照片")
    browser = agreed(world, person, compare="on")
    browser.post(send(browser, good()).json()["submit_url"])
    really = comparing.compare

    def taken_back(*args, **more):
        browser.post("/my-photo/consent/withdraw/", {"purpose": "compare"})
        return really(*args, **more)

    monkeypatch.setattr(comparing, "compare", taken_back)
    jobs.run(Job.objects.get(kind="selfphoto.compare").pk)
    assert not Comparison.objects.exists()


def test_the_collection_code_is_offered_only_where_an_adapter_reads_it(world):
    def page():
        return Client().get("/my-photo/").content.decode()

    assert "采集码" not in page()
    rule(world, keys.COLLECTION_CODE, "nobody:has-this")
    assert "采集码" not in page(), "named, but not installed"
    rule(world, keys.COLLECTION_CODE, "trial:words")
    assert "采集码" in page()
    rule(world, keys.SELF_PHOTO_FOR, [])
    assert "采集码" not in page()


def test_scripts_in_names_and_behind_the_picture_stay_text_and_a_huge_name_is_refused(world):
    browser = agreed(world, somebody(world))
    assert code_of(begin(browser, good(), name="x" * 5000))[0] == 400
    polyglot = good() + b"<script>alert(1)</script>"
    place = begin(browser, polyglot, name="<script>.jpg").json()
    part(browser, place["url"], 0, polyglot)
    how = '{"how": "<script>alert(1)</script>"}'
    said = browser.post(place["finish_url"], how, content_type="application/json").json()
    shown = browser.get(said["picture"]["url"])
    assert b"<script>" not in shown.content, "the copy is made anew"
    assert (shown["Content-Type"], shown["X-Content-Type-Options"]) == ("image/jpeg", "nosniff")
    page = browser.get(said["url"])
    assert "<script>alert" not in page.content.decode()
    assert page["X-Frame-Options"] == "DENY", "no other site draws it into a frame of its own"


def test_another_try_is_not_handed_in_while_one_waits_nor_after_the_approval_nor_after_the_link(world):
    person = somebody(world)
    browser = agreed(world, person)
    second = send(browser, picture("person_02")).json()
    browser.post(send(browser, good()).json()["submit_url"])
    assert browser.post(second["submit_url"]).status_code == 409, "one waits"
    frame = Frame.objects.get()
    review.accept(world.actor(Role.REGISTRAR), review_of(frame), seen=seen(frame))
    assert browser.post(second["submit_url"]).status_code == 409, "one is approved"
    links.revoke_link(world.actor(Role.COLLEGE_OFFICER), portrait(), reason="丢了手机")
    assert browser.post(second["submit_url"])["Location"] == "/my-photo/?over", "no session any more"
    assert (CheckIn.objects.count(), portrait().status) == (1, "approved")


@pytest.mark.parametrize("how", ["campaign", "row"])
def test_who_leaves_the_roster_or_whose_campaign_ends_meanwhile_hands_nothing_in(world, how):
    person = somebody(world)
    browser = agreed(world, person)
    said = send(browser, good()).json()
    with writes_allowed():
        if how == "campaign":
            Campaign.objects.update(status=CampaignStatus.CLOSED)
        else:
            Candidate.objects.filter(pk=person.pk).update(status=CandidateStatus.REMOVED)
    assert browser.post(said["submit_url"]).status_code == 409
    assert begin(browser, picture("person_02")).status_code == 409
    assert browser.get("/my-photo/mine/").status_code == 200, "the page still tells why"
    assert not CheckIn.objects.exists()
    assert browser.post("/my-photo/consent/withdraw/", {"purpose": "photograph"}).status_code == 302
    assert portrait().status == "ended", "a consent can always be taken back"


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF", "BMP"])
def test_who_cannot_hand_it_in_is_not_told_that_it_is_right(world, kind):
    """A PNG was judged, counted, called good, and refused at the last button."""
    out = io.BytesIO()
    Image.open(io.BytesIO(good())).convert("RGB").resize((300, 400)).save(out, kind)
    answer = send(agreed(world, somebody(world)), out.getvalue())
    assert code_of(answer) == (422, "selfphoto.not_jpeg")
    assert "相机" in answer.json()["error"]["remedy"]
    assert not PortraitTry.objects.exists()
