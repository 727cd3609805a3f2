"""Every step of a campaign is shown before it is taken, says what is open, and can be taken back as its page says."""

import uuid
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign, CampaignStatus
from gradphoto.apps.campaigns.steps import REOPEN_DAYS, STEPS
from gradphoto.apps.capture import actions
from gradphoto.apps.core.errors import Refusal
from gradphoto.apps.core.models import AuditEntry
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.schedule.models import CaptureSession
from verification.graduate_world import confirmed_case, open_case, staff
from world import add_candidate, put

pytestmark = pytest.mark.django_db


def at(world, status, **more):
    put(Campaign.objects.filter(pk=world.campaign.pk), status=status, **more)
    world.campaign.refresh_from_db()


def address(world, step):
    return f"/campaigns/{world.campaign.pk}/step/{step}/"


def session_of(world, days=0, status="planned"):
    day = timezone.localdate() + timedelta(days=days)
    return CaptureSession.objects.create(campaign=world.campaign, date=day, place="104", status=status)


def test_no_step_is_taken_without_its_page_and_no_two_buttons_have_one_name(world):
    client = staff(world, Role.REGISTRAR)
    titles = [step.title.zh for step in STEPS.values()]
    assert len(set(titles)) == len(titles)
    assert "开放校对" not in titles, "that is what opens the cases, under Verification"
    page = client.get(f"/campaigns/{world.campaign.pk}/").content.decode()
    assert "<form" not in page.split("下一步")[1].split("</section>")[0]
    shown = client.get(address(world, "open_verification")).content.decode()
    assert STEPS["campaigns.open_verification"].undo.zh in shown
    world.campaign.refresh_from_db()
    assert world.campaign.status == CampaignStatus.COLLECTING
    assert client.post(address(world, "open_verification")).status_code == 302
    world.campaign.refresh_from_db()
    assert world.campaign.status == CampaignStatus.VERIFYING


def test_the_end_says_who_was_not_photographed_and_wants_a_reason(world):
    at(world, "verifying")
    add_candidate(world, 1)
    add_candidate(world, 2)
    client = staff(world, Role.REGISTRAR)
    assert "2 人没有拍摄" in client.get(address(world, "close_campaign")).content.decode()
    refused = client.post(address(world, "close_campaign"), {"reason": "  "})
    assert refused.status_code == 422
    world.campaign.refresh_from_db()
    assert world.campaign.status == CampaignStatus.VERIFYING
    client.post(address(world, "close_campaign"), {"reason": "本届办理完毕"})
    world.campaign.refresh_from_db()
    assert world.campaign.status == CampaignStatus.CLOSED
    noted = AuditEntry.objects.filter(action="campaigns.close_campaign").latest("pk").detail
    assert noted["reason"] == "本届办理完毕"
    assert "2 persons have no photograph" in noted["still_open"]


def test_an_ended_campaign_opens_again_for_a_week_and_not_after(world):
    at(world, "closed", status_since=timezone.now())
    client = staff(world, Role.REGISTRAR)
    assert "可以重新打开到" in client.get(f"/campaigns/{world.campaign.pk}/").content.decode()
    with time_machine.travel(timezone.now() + timedelta(days=REOPEN_DAYS, minutes=1)):
        late = staff(world, Role.REGISTRAR).post(address(world, "reopen_campaign"), {"reason": "漏了一人"})
        assert late.status_code == 409
        assert "不能重新打开" in late.content.decode()
    client.post(address(world, "reopen_campaign"), {"reason": "漏了一人"})
    world.campaign.refresh_from_db()
    assert world.campaign.status == CampaignStatus.VERIFYING


def test_back_to_preparing_only_while_nobody_was_photographed(world):
    client = staff(world, Role.REGISTRAR)
    session = session_of(world, status="open")
    person = add_candidate(world, 1)
    actions.check_in(world.actor(Role.PHOTOGRAPHER), session, candidate=person, method="manual", nonce=_nonce())
    answer = client.post(address(world, "back_to_preparing"), {"reason": "太早"})
    assert answer.status_code == 409
    assert "已有 1 人登记拍摄" in answer.content.decode()
    session.check_ins.all().delete()
    put(CaptureSession.objects.all(), status="closed")
    assert client.post(address(world, "back_to_preparing"), {"reason": "太早"}).status_code == 302


def test_back_to_collecting_only_while_no_graduate_has_answered(world):
    at(world, "verifying")
    client = staff(world, Role.REGISTRAR)
    open_case(world, 1)
    confirmed_case(world, 2)
    answer = client.post(address(world, "back_to_collecting"), {"reason": "太早"})
    assert "已有 1 名毕业生提交了结论" in answer.content.decode()
    assert answer.status_code == 409


def _nonce():
    return uuid.uuid4()


@pytest.mark.parametrize(("status", "code"), [("preparing", "campaigns.not_begun"), ("closed", "campaigns.over")])
def test_the_room_obeys_the_campaigns_state(world, status, code):
    photographer, person = world.actor(Role.PHOTOGRAPHER), add_candidate(world, 1)
    opened, planned = (
        session_of(world, status="open"),
        CaptureSession.objects.create(campaign=world.campaign, date=timezone.localdate(), place="115"),
    )
    at(world, status)
    with pytest.raises(Refusal, match=code.replace(".", r"\.")):
        actions.check_in(photographer, opened, candidate=person, method="manual", nonce=_nonce())
    with pytest.raises(Refusal, match=code.replace(".", r"\.")):
        actions.open_session(photographer, planned)


def test_make_up_goes_on_while_graduates_verify(world):
    at(world, "verifying")
    session, person = session_of(world, status="open"), add_candidate(world, 1)
    made = actions.check_in(world.actor(Role.PHOTOGRAPHER), session, candidate=person, method="manual", nonce=_nonce())
    assert made.check_in is not None


@pytest.mark.usefixtures("still_clock")
def test_tomorrows_session_is_asked_about_before_it_is_opened_today(world):
    tomorrow = session_of(world, days=1)
    client = staff(world, Role.PHOTOGRAPHER)
    step = f"/capture/{tomorrow.pk}/step/"
    asked = client.post(step, {"step": "capture.open_session"})
    assert asked["Location"] == f"/capture/{tomorrow.pk}/confirm/open_session/"
    assert "为什么今天开始" in client.get(asked["Location"]).content.decode()
    without = client.post(asked["Location"], {"early_reason": " "})
    assert (without.status_code, without.content.decode().count('data-code="pages.required"')) == (422, 2)
    client.post(asked["Location"], {"early_reason": "摄影师提前到校", "no_clock_reason": "相机明天才到"})
    tomorrow.refresh_from_db()
    assert tomorrow.status == "open"


def test_the_end_of_a_session_is_asked_with_who_has_not_come(world):
    session = session_of(world, status="open")
    client = staff(world, Role.PHOTOGRAPHER)
    step = f"/capture/{session.pk}/step/"
    page = client.post(step, {"step": "capture.close_session"}, follow=True).content.decode()
    assert "随时写明原因重新开始" in page
    session.refresh_from_db()
    assert session.status == "open"
    client.post(f"/capture/{session.pk}/confirm/close_session/")
    session.refresh_from_db()
    assert session.status == "closed"
    again = client.post(step, {"step": "capture.reopen_session"})["Location"]
    client.post(again, {"reason": "还有人"})
    session.refresh_from_db()
    assert session.status == "open"


@pytest.mark.parametrize("role", [Role.COLLEGE_OFFICER, Role.PHOTOGRAPHER, Role.AUDITOR])
def test_who_may_not_take_a_step_does_not_see_its_page(world, role):
    client = staff(world, role)
    assert "下一步" not in client.get(f"/campaigns/{world.campaign.pk}/").content.decode()
    assert client.get(address(world, "close_campaign")).status_code == 403
    assert client.get(address(world, "nothing")).status_code == 404
