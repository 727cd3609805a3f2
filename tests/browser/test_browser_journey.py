"""The people concerned walk the chapter from the delivery to the ledger in a real browser: staff at 1280 px, graduates on phones.

The world up to the last capture is made once by the demo's journey; everything after it is done by clicks and keys. Each step
asserts what the next person sees and what the database then says.
"""

from dataclasses import replace

import pytest
from walk import PASSWORD, Graduate, Staff, picture, said
from walk_desks import (
    CLOSES_IN_DAYS,
    COMPUTING,
    LEARNING,
    apply_for_ones_own,
    approve_at_the_head_office,
    approve_nationally,
    check_the_delivery,
    confirm_the_rest,
    deliver,
    look_at_the_roster,
    mend_what_is_disputed,
    open_the_ledger,
    open_verification,
    print_the_cards,
    remind_and_apply,
    verify_again,
)

from chromium import opened_chromium
from gradphoto.apps.core import jobs
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.verification.models import CaseStatus, VerificationCase
from gradphoto.demo import journey as demo

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def browser():
    with opened_chromium() as opened:
        yield opened


def test_the_people_concerned_walk_the_chapter(browser, live_server, monkeypatch, settings, tmp_path):
    settings.SMS_CARRIER = "verification.carrier_for_tests.TakesAll"
    small_classes = (replace(demo.DEPARTMENTS[0], classes=24), *demo.DEPARTMENTS[1:])
    monkeypatch.setattr(demo, "DEPARTMENTS", small_classes)
    # Ten of the learning centre, then eight of the college: each photograph costs two seconds until it is on a card.
    of_the_room = demo.missed
    monkeypatch.setattr(demo, "missed", lambda session: [*(all_ := list(of_the_room(session)))[:10], *all_[24:]])
    world = demo.Journey(PASSWORD, lambda line: None, lambda job: jobs.run(job.pk), most_people=18)
    for step in (
        world.set_up, world.import_roster, world.check_roster, world.plan, world.pay, world.shoot, world.confirm_on_site,
    ):  # fmt: skip
        step()
    staff = Staff(browser, live_server.url)
    look_at_the_roster(staff("registrar"))
    confirm_the_rest(staff("checker"))
    school, own = deliver(staff)
    cards = {**print_the_cards(staff("registrar"), school), **print_the_cards(staff("learning"), own)}
    check_the_delivery(staff, school, own)

    def graduates(department: str) -> list[Graduate]:
        people = Candidate.objects.filter(department__name=department, student_no__in=cards).order_by("student_no")
        return [Graduate(browser, live_server.url, person, cards[person.student_no]) for person in people[:4]]

    assert len(graduates(COMPUTING)) == 4, "the demo has another order or other sizes: choose anew who is photographed"
    plain, correcting, disputing, late = graduates(COMPUTING)
    learner, *_ = graduates(LEARNING)
    _not_yet_is_not_wrong(plain)
    open_verification(staff("registrar"))
    _confirm(plain)
    _correct_and_confirm(correcting)
    _dispute(disputing)
    _confirm(learner)
    remind_and_apply(staff("college1"), late)
    apply_for_ones_own(staff, school)
    mend_what_is_disputed(staff, disputing)
    verify_again(disputing, staff("college1"))
    approve_at_the_head_office(staff, correcting, disputing)
    approve_nationally(staff, plain, correcting, learner)
    open_the_ledger(staff, correcting, tmp_path)
    for page in (*staff.pages.values(), *(one.phone for one in (plain, correcting, disputing, learner))):
        assert page.problems == []


def _not_yet_is_not_wrong(graduate):
    """R161: the right card before the opening tells the dates; a wrong one tells nothing, whoever is named (R205)."""
    phone = graduate.enter("not-yet")
    assert "您填写的信息正确" in said(phone)
    assert graduate.person.name in said(phone)
    told = set()
    for wrong in ({"name": "王不对"}, {"student_no": "2022999999"}, {"code": "AAAA0000"}):
        graduate.knock(**wrong)
        phone.wait_for_selector("#messages .alert")
        told.add(phone.inner_text("#messages"))
    assert len(told) == 1
    assert "不一致" in told.pop()
    assert not VerificationCase.objects.exists()


def _confirm(graduate):
    phone = graduate.phone
    phone.goto("/verify/")
    graduate.press("进入图像校对系统", "sign-in")
    picture(phone, "sign-in")
    graduate.enter("compare")
    assert graduate.person.id_number.decrypt() in said(phone)
    assert f"还剩 {CLOSES_IN_DAYS} 天" in said(phone)
    assert phone.evaluate("document.querySelector('.photo').naturalWidth") == 480
    picture(phone, "portal")
    assert graduate.case.status == CaseStatus.VIEWED
    graduate.confirm()
    assert "所有信息均确认无误" in said(phone)
    assert graduate.person.name not in said(phone)
    assert graduate.case.status == CaseStatus.CONFIRMED
    graduate.press("查看办理进度", "sign-in")
    graduate.enter("status")
    assert f"现在由谁办理\n{graduate.person.department.name}" in said(phone)
    assert "向学校总部申请审核" in said(phone)


def _correct_and_confirm(graduate):
    """Two items are ticked; nothing has effect before the second look, and nothing on the record before the approval."""
    phone, person = graduate.enter("compare"), graduate.person
    graduate.press("信息有误", "correct")
    for field, right in (("major", "软件工程"), ("school_kind", "成人高校")):
        phone.check(f"#wrong_{field}")
        phone.fill(f"#value_{field}", right)
    graduate.press("提交校对结论", "result")
    assert "尚未生效" in said(phone)
    assert "软件工程" in said(phone)
    picture(phone, "result")
    graduate.press("再次校对", "compare")
    assert phone.locator("ins").all_inner_texts() == ["软件工程", "成人高校"]
    graduate.confirm()
    case = graduate.case
    assert case.status == CaseStatus.CONFIRMED
    assert case.corrections.count() == 2
    assert Candidate.objects.get(pk=person.pk).major == person.major


def _dispute(graduate):
    phone = graduate.enter("compare")
    graduate.press("图像有问题", "dispute")
    phone.check("#reason_blurred")
    phone.fill("[name=words]", "眼睛看不清")
    graduate.press("提交给学校", "status")
    assert "学校正在处理您的图像问题" in said(phone)
    assert "示范大学" in said(phone)
    assert "眼睛看不清" in said(phone)
    assert phone.locator("a:has-text('继续校对')").count() == 0
    assert graduate.case.status == CaseStatus.DISPUTED
