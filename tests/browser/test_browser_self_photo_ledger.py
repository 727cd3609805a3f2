"""Every step of an own photograph as its person sees it: from the code of the link to the ledger, with a return on the way."""

import re

import pytest
from fake_camera import chromium_with_camera, film
from own_phone import OwnPhone

from gradphoto.apps.capture.models import CheckIn
from gradphoto.apps.core import jobs
from gradphoto.apps.delivery.actions import build_package, deliver_package, make_portraits
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.registration.actions import apply_review, approve_at_head_office, approve_nationally
from gradphoto.apps.review import actions as review
from gradphoto.apps.review.standing import review_of
from gradphoto.apps.selfphoto.models import SelfPortrait
from gradphoto.apps.verification.actions import open_cases
from gradphoto.apps.verification.models import VerificationCase
from makeup.makeup_world import approved
from review_world import another, seen
from selfphoto.selfphoto_world import linked, self_photo_world, somebody
from verification.graduate_world import set_verifying

pytestmark = [pytest.mark.browser, pytest.mark.nightly, pytest.mark.django_db(transaction=True)]


def test_r9_somebody_abroad_is_photographed_returned_photographed_again_and_registered(live_server, tmp_path):
    world = self_photo_world(("special",))
    person = somebody(world)
    approved(world, person, reason_kind="abroad")
    camera = tmp_path / "camera.y4m"
    film(camera, "person_02")
    with chromium_with_camera(camera) as browser:
        phone = OwnPhone(browser, live_server.url, person, camera)
        phone.scan(linked(world, person).code)
        phone.say_who()
        phone.in_english("consent")
        phone.agree()
        phone.opens()
        phone.takes(seconds=3)
        assert phone.sends() in ("good", "warn")
        phone.in_english("verdict")
        phone.press("提交这张", "**/mine/")
        _is_taken_back_and_handed_in_again(phone)
        _is_returned(world, phone)
        assert phone.photographs("person_01") == "good"
        phone.press("提交这张", "**/mine/")
        _is_approved_by_two(world, phone)
        _is_delivered(world, phone)
        entry = _is_verified_and_registered(world, phone)
        assert phone.problems == []
    portrait = SelfPortrait.objects.get()
    assert (entry.kind, entry.candidate, entry.portrait.check_in) == ("with_photo", person, portrait.check_in)
    assert portrait.tries.count() == 2


def _is_taken_back_and_handed_in_again(phone):
    page = phone.page
    page.locator("summary").filter(has_text="撤回，换一张").tap()
    page.fill("#withdraw-reason", "领子没翻好")
    phone.press("撤回照片", "**/mine/")
    assert "您已撤回照片" in phone.said()
    phone.in_english("withdrawn")
    phone.press("提交最好的一张", "**/tries/**")
    phone.press("提交这张", "**/mine/")
    assert "已提交，等待审核" in phone.said()
    assert CheckIn.objects.exclude(status="cancelled").count() == 1


def _is_returned(world, phone):
    frame = SelfPortrait.objects.get().check_in.frames.get()
    registrar = world.actor(Role.REGISTRAR)
    review.reject(registrar, review_of(frame), seen=seen(frame), reasons=["person.hair"], words="请把头发扎起来")
    phone.page.reload()
    for words in ("照片被退回，请重拍", "头发遮眉遮耳", "请把头发扎起来", "再拍一次"):
        assert words in phone.said()
    assert phone.page.locator(".my-tries .state").all_inner_texts() == ["已退回"]
    assert "拍摄序号" not in phone.said(), "its number is void"
    phone.in_english("returned")


def _is_approved_by_two(world, phone):
    frame = SelfPortrait.objects.get().check_in.frames.get()
    review.accept(world.actor(Role.REGISTRAR), review_of(frame), seen=seen(frame))
    phone.page.reload()
    assert "第一人已通过，等待第二人" in phone.said()
    review.accept(another(world), review_of(frame), seen=seen(frame))
    phone.page.reload()
    assert "照片已通过审核" in phone.said()
    assert SelfPortrait.objects.get().check_in.number_label in phone.said()
    phone.in_english("approved")
    phone.page.goto("/my-photo/camera/")
    assert "您的照片已经采集，无需再拍" in phone.said()


def _is_delivered(world, phone):
    centre = world.actor(Role.COLLECTION_CENTRE)
    jobs.run(make_portraits(centre, world.campaign).pk)
    package = build_package(centre, world.campaign, organisation=world.school, season="spring")
    jobs.run(package.job_id)
    package.refresh_from_db()
    deliver_package(centre, package)
    phone.page.goto("/my-photo/mine/")
    done = phone.page.locator(".progress-list .is-done").all_inner_texts()
    assert any("制作并交付学校" in line for line in done)


def _is_verified_and_registered(world, phone):
    """The person compares on the same phone; the staff's three steps are actions."""
    set_verifying(world)
    world.campaign.refresh_from_db()
    open_cases(world.actor(Role.REGISTRAR), world.campaign, early_reason="测试")
    page, person = phone.page, phone.person
    page.goto(f"/verify/sign-in/#card={person.image_card.code.decrypt()}")
    card = {"school_code": world.campaign.school.code, "student_no": person.student_no, "name": person.name}
    for field, text in card.items():
        page.fill(f"#card-{field}", text)
    page.tap("main form button")
    page.wait_for_url(re.compile("/verify/(compare|status)/"))
    page.check("#own")
    phone.press("信息无误", "**/verify/final/")
    page.goto("/my-photo/mine/")
    last = page.locator(".progress-list li").last
    assert "本人校对" in last.inner_text()
    assert "is-done" in last.get_attribute("class")
    phone.looks("verified")
    asked = apply_review(world.actor(Role.COLLEGE_OFFICER), VerificationCase.objects.get(candidate=person))
    approve_at_head_office(world.actor(Role.HEAD_OFFICE), asked)
    return approve_nationally(world.actor(Role.NATIONAL_REVIEWER), asked)
