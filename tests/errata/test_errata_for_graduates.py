"""What the graduate sees of the errata case that came of a dispute: who has it, what comes next (R163, R166, B8)."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from errata.errata_world import CONTACT, TODAY, at_the_agency, deliver_photograph, on_a_form, seal, send
from gradphoto.apps.errata import steps
from gradphoto.apps.errata.drafting import draft_from_dispute
from gradphoto.apps.errata.kinds import Channel
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.schedule.models import CaptureSession
from verification.graduate_world import enter_portal, open_case
from world import build_world, put, save

pytestmark = pytest.mark.django_db


@pytest.fixture
def disputed():
    """A graduate who says that the eyes are closed, or whatever ``reason`` is; the phone shows the status page."""

    def build(reason: str):
        world = build_world()
        verification = open_case(world, 1)
        world.campaign.last_shooting_number = 1
        save(world.campaign)
        phone = enter_portal(verification.candidate)
        phone.post("/verify/dispute/", {"reason": reason})
        verification.refresh_from_db()
        return world, verification, lambda: phone.get("/verify/status/").content.decode()

    return build


def now(page: str) -> str:
    """The station of the way that is at work, as the page shows it."""
    return page.split('class="is-now"')[1].split("</li>")[0]


def test_b8_from_the_dispute_to_the_second_look_the_page_says_who_has_it(disputed):
    world, verification, status = disputed("blurred")
    page = status()
    assert "到学院教务办公室登记" in page
    assert 'class="is-now"' not in page, "no station is promised before somebody made a case of it"
    case = draft_from_dispute(world.actor(Role.REGISTRAR), verification, contact=CONTACT)
    page = status()
    assert f"学校登记勘误 {case}" in page
    assert "送交更正" in now(page)
    assert "<strong>示范大学</strong>" in page
    form = on_a_form(world, case)
    seal(world, form)
    send(world, form)
    page = status()
    assert "更正图像" in now(page)
    assert "<strong>图片社</strong>" in page
    case.refresh_from_db()
    steps.receive_case(world.actor(Role.COLLECTION_CENTRE), case, on=TODAY())
    steps.correct_case(world.actor(Role.COLLECTION_CENTRE), case, on=TODAY())
    page = status()
    assert "尚待完成" in page, "the corrector's word is not the end"
    assert "办结" not in page
    deliver_photograph(world, verification.candidate)
    case.refresh_from_db()
    steps.confirm_case(world.actor(Role.REGISTRAR), case)
    page = status()
    assert "学校已处理您的图像问题" in page
    assert "学校已更正" in page
    assert "/verify/compare/" in page


def test_r157_closed_eyes_lead_to_the_collection_point_and_then_to_the_new_photograph(disputed):
    world, verification, status = disputed("eyes_closed")
    case = draft_from_dispute(world.actor(Role.COLLEGE_OFFICER), verification, contact=CONTACT)
    steps.send_case(world.actor(Role.REGISTRAR), case, on=TODAY(), channel=Channel.BY_HAND, to="采集中心")
    page = status()
    assert "免费重拍" in now(page)
    assert "<strong>示范采集中心</strong>" in page
    assert "时间地点请向学院教务办公室询问" in page
    steps.receive_case(world.actor(Role.COLLECTION_CENTRE), case, on=TODAY())
    room = CaptureSession.objects.create(campaign=world.campaign, date=TODAY(), place="补拍室", status="open")
    steps.seat_for_reshoot(world.actor(Role.PHOTOGRAPHER), case, session=room, nonce=uuid.uuid4())
    assert "补拍室" in status()
    put(type(case.reshoot).objects.filter(pk=case.reshoot_id), status="confirmed")
    case.refresh_from_db()
    steps.reshoot_case(world.actor(Role.COLLECTION_CENTRE), case, on=TODAY())
    page = status()
    assert "新照片交付学校" in now(page)
    assert "<strong>示范大学</strong>" in page


def test_what_the_corrector_refuses_is_told_with_its_reason(disputed):
    world, verification, status = disputed("blurred")
    case = draft_from_dispute(world.actor(Role.REGISTRAR), verification, contact=CONTACT)
    at_the_agency(world, case)
    steps.refuse_case(world.actor(Role.COLLECTION_CENTRE), case, reason="照片清晰度符合标准")
    page = status()
    assert "未获受理" in page
    assert "照片清晰度符合标准" in page


def test_the_status_page_of_a_dispute_asks_two_questions(disputed):
    world, verification, status = disputed("blurred")
    draft_from_dispute(world.actor(Role.REGISTRAR), verification, contact=CONTACT)
    with CaptureQueriesContext(connection) as asked:
        status()
    assert len(asked) == 2
