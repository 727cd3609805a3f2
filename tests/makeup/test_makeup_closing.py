"""The closing sheet: counted by one side, agreed by the other, void when it changes; tables and receipt (R104, R130, R133)."""

import uuid

import pypdfium2
import pytest
from django.db import IntegrityError, transaction

from gradphoto.apps.capture import actions as capture
from gradphoto.apps.makeup import closings
from gradphoto.apps.makeup.models import ReturnedTable, SessionClosing
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.schedule.place_actions import assign_duty
from gradphoto.demo.sitters import picture
from makeup.makeup_world import client, make_up_world, refused, session_with

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return make_up_world()


@pytest.fixture
def session(world):
    """Three on the list; one photographed, one photographed again, one missed."""
    made, people = session_with(world, 3, status="open")
    photographer = world.actor(Role.PHOTOGRAPHER)
    for n, (person, again) in enumerate(((people[0], ""), (people[1], ""), (people[1], "闭眼"))):
        seat = capture.check_in(
            photographer, made, candidate=person, method="manual", nonce=uuid.uuid4(), again_reason=again
        ).check_in
        frame = capture.receive_frame(
            photographer, made, data=picture("person_01") + bytes([n]), file_name="1.jpg", by_hand=True
        )
        capture.accept_frame(photographer, seat, frame=frame)
    capture.close_session(photographer, made)
    return made


def test_counts_by_kind_with_spring_and_autumn_apart(world, session):
    counts = closings.counts_of(session)
    assert counts["total"] == {"listed": 3, "photographed": 2, "confirmed": 0, "reshoots": 1, "missed": 1}
    assert [(r["department__name"], r["season"]) for r in counts["rows"]] == [("计算机学院", "spring")]
    assert (counts["ways"], counts["cancelled"]) == ({"manual": 2}, 1)


def test_both_sides_agree_and_never_one_person_for_both(world, session):
    photographer, staff = world.actor(Role.PHOTOGRAPHER), world.actor(Role.SITE_STAFF)
    sheet = closings.propose_closing(photographer, session)
    refused("makeup.same_side", closings.agree_closing, photographer, sheet)
    refused("makeup.same_side", closings.agree_closing, world.actor(Role.COLLECTION_CENTRE), sheet)
    closings.agree_closing(staff, sheet)
    assert sheet.agreed_by == staff.user
    refused("makeup.closing_stands", closings.propose_closing, photographer, session)
    with pytest.raises(IntegrityError), transaction.atomic():
        SessionClosing.objects.filter(pk=sheet.pk).update(agreed_by=photographer.user)


def test_a_count_that_changed_is_not_agreed(world, session):
    photographer, staff = world.actor(Role.PHOTOGRAPHER), world.actor(Role.SITE_STAFF)
    sheet = closings.propose_closing(photographer, session)
    capture.confirm_check_in(staff, session.check_ins.filter(status="shot").first())
    refused("makeup.count_changed", closings.agree_closing, staff, sheet)
    assert "数字有变化" in client(world, Role.SITE_STAFF).get(f"/make-up/closings/{session.pk}/").content.decode()
    closings.agree_closing(staff, closings.propose_closing(photographer, session))
    assert SessionClosing.objects.filter(voided_at=None).count() == 1


def test_r130_tables_come_back_and_stand_on_the_sheet_with_the_receipt_note(world, session):
    page = client(world, Role.REGISTRAR)
    url = f"/make-up/closings/{session.pk}/"
    page.post(url, {"form": "propose_closing"})
    sheet = SessionClosing.objects.get()
    assert "agree_closing" not in page.get(url).content.decode(), "who counted does not agree"
    client(world, Role.PHOTOGRAPHER).post(url, {"form": "agree_closing", "row": sheet.pk})
    table = {"form": "return_table", "row": world.department.pk, "handed_in_by": "张老师", "sheets": "4"}
    page.post(url, table)
    page.post(url, {**table, "sheets": "5"})
    assert ReturnedTable.objects.get().sheets == 5
    assign_duty(world.actor(Role.REGISTRAR), world.department, campaign=world.campaign, post="leader", name="赵主任")
    assert 'value="赵主任"' in page.get(url).content.decode(), "suggested from the duty list"
    page.post(url, {"form": "note_crew", "crew_leader": "钱主任", "crew_checker": "孙老师、李老师"})
    page.post(url, {"form": "note_receipt", "row": sheet.pk, "receipt": "", "note": "随院系缴费另开"})
    answer = page.get(f"{url}sheet/")
    assert answer["Content-Type"] == "application/pdf"
    pages = pypdfium2.PdfDocument(answer.content)
    text = "".join(p.get_textpage().get_text_range() for p in pages)
    for told in (
        "图像采集场次结算单",
        "计算机学院",
        "应到 3",
        "漏拍 1",
        "张老师",
        "随院系缴费另开",
        "采集中心代表",
        "学校盖章",
        "负责人 钱主任；检验确认刷卡信息 孙老师、李老师",
    ):
        assert told in text, told
    assert page.get(f"{url}sheet/?as=xlsx").status_code == 200
    assert client(world, Role.REGISTRAR, strange=True).get(url).status_code == 404


def test_a_sheet_is_voided_with_its_reason_and_stays_on_record(world, session):
    staff = world.actor(Role.SITE_STAFF)
    sheet = closings.propose_closing(staff, session)
    refused("makeup.reason_missing", closings.void_closing, staff, sheet, reason="")
    closings.void_closing(staff, sheet, reason="重新开始")
    assert SessionClosing.objects.get().void_reason == "重新开始"
    capture.reopen_session(staff, session, reason="还有人")
    refused("makeup.session_not_closed", closings.propose_closing, staff, session)


def test_a_sheet_that_was_replaced_meanwhile_is_not_agreed_unseen(world, session):
    """The page that the other side still looks at holds the old count."""
    staff, page = world.actor(Role.SITE_STAFF), client(world, Role.PHOTOGRAPHER)
    old = closings.propose_closing(staff, session)
    new = closings.propose_closing(staff, session)
    url = f"/make-up/closings/{session.pk}/"
    answer = page.post(url, {"form": "agree_closing", "row": old.pk})
    assert (answer.status_code, "makeup.closing_moved" in answer.content.decode()) == (422, True)
    assert page.post(url, {"form": "agree_closing", "row": new.pk}).status_code == 302
    typed = page.post(url, {"form": "note_receipt", "row": new.pk, "receipt": "99901-2026-000077", "note": "另开"})
    shown = typed.content.decode()
    assert (typed.status_code, 'data-code="makeup.receipt_unknown"' in shown) == (422, True)
    assert 'value="99901-2026-000077"' in shown
    assert 'value="另开"' in shown
