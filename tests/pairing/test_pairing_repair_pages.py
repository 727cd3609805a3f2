"""The page of a session's pairing: timeline, proposal, contact sheet, questions, by hand, history, and who may open it."""

import io
import re
from datetime import date

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gradphoto.apps.campaigns import settings_keys as keys
from gradphoto.apps.campaigns.models import Rule
from gradphoto.apps.capture.models import CheckIn, Frame
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.pairing.models import Repair
from page_text import flat
from repair_world import owners_of, photographed, record, shift
from review_world import open_session

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def session(world):
    return open_session(world)


@pytest.fixture
def registrar(world):
    return browser(world.people[Role.REGISTRAR])


def browser(user) -> Client:
    client = Client()
    client.force_login(user, BACKEND)
    return client


def address(session, more: str = "") -> str:
    return f"/capture/sessions/{session.pk}/pairing/{more}"


def text(answer) -> str:
    return flat(answer)


def fingerprint(page: str) -> str:
    return re.search(r'name="fingerprint" value="(\w+)"', page).group(1)


def test_a_session_without_anything_has_its_empty_states(session, registrar):
    page = text(registrar.get(address(session)))
    assert "没有需要更正的对应" in page
    assert "本段没有照片" in page


def test_a_right_session_says_so_and_draws_every_binding(world, session, registrar):
    photographed(world, session, 12)
    page = text(registrar.get(address(session)))
    assert "对应一致" in page
    assert page.count("pair-thread pair-good") == 12
    assert page.count("pair-is-bad") == 0
    assert not re.search(r"<script(?![^>]*\bsrc=)|\sstyle=|\son\w+=", page), "nothing the content policy forbids"


def test_a_shift_is_drawn_told_and_applied_through_the_page(world, session, registrar):
    check_ins, frames = photographed(world, session, 12)
    shift(check_ins, frames, 2, 7)
    page = text(registrar.get(address(session)))
    assert "00003 至 00008 连续错位" in page
    assert page.count("pair-thread pair-wrong") == 5
    assert page.count("pair-thread pair-new") == 6
    assert page.count('class="pairing-pair"') == 6
    assert "IMG_0004.JPG" in page
    assert "拍摄于 00004 刷卡后" in page
    [key] = re.findall(r'name="faults" value="(\d+)" checked', page)
    sent = {"form": "apply_repair", "fingerprint": fingerprint(page), "faults": key, "reason": "错位"}
    answer = registrar.post(address(session), sent, follow=True)
    assert "涉及的人须重新现场确认" in text(answer)
    assert owners_of(session)["IMG_0008.JPG"] == 8
    again = registrar.post(address(session), sent)
    assert again.status_code == 409
    assert "capture.repair_stale" in text(again)
    page = text(registrar.get(address(session)))
    assert "修复记录" in page
    undo = {"repair": Repair.objects.get().pk, "form": "undo_repair", "reason": "弄错"}
    assert "恢复到修复之前" in text(registrar.post(address(session), undo, follow=True))
    assert owners_of(session)["IMG_0008.JPG"] == 7


def test_one_pair_is_rebound_by_hand_with_its_reason(world, session, registrar):
    _check_ins, frames = photographed(world, session, 4)
    page = text(registrar.get(address(session)))
    sent = {
        "form": "rebind_frame",
        "fingerprint": fingerprint(page),
        "frame": frames[1].pk,
        "number": "3",
        "exchange": "on",
        "reason": "看照片",
    }
    registrar.post(address(session), sent)
    assert (owners_of(session)["IMG_0002.JPG"], owners_of(session)["IMG_0003.JPG"]) == (3, 2)
    sent |= {"fingerprint": fingerprint(text(registrar.get(address(session)))), "number": "77"}
    assert "capture.repair_number_unknown" in text(registrar.post(address(session), sent))


def test_where_four_eyes_are_asked_for_the_page_waits_for_the_second_person(world, session, registrar):
    Rule.objects.create(
        rule_set=world.campaign.rule_set, key=keys.REPAIR_FOUR_EYES.name, value=True, source="测试",
        effective_from=date(2020, 1, 1),
    )  # fmt: skip
    check_ins, frames = photographed(world, session, 6)
    record(frames, {2: check_ins[3], 3: check_ins[2]})
    page = text(registrar.get(address(session)))
    assert "提交，由第二人同意" in page
    ticked = re.findall(r'name="faults" value="(\d+)" checked', page)
    registrar.post(
        address(session), {"form": "apply_repair", "fingerprint": fingerprint(page), "faults": ticked, "reason": "互换"}
    )
    assert "等待第二人同意" in text(registrar.get(address(session)))
    agree = {"repair": Repair.objects.get().pk, "form": "agree_repair"}
    assert "capture.second_person" in text(registrar.post(address(session), agree))
    checker = browser(world.people[Role.SITE_STAFF])
    assert "涉及的人须重新现场确认" in text(checker.post(address(session), agree, follow=True))
    assert owners_of(session)["IMG_0003.JPG"] == 3


def test_what_cannot_be_decided_is_asked(world, session, registrar):
    _check_ins, frames = photographed(world, session, 6)
    Frame.objects.filter(pk=frames[3].pk).delete()
    page = text(registrar.get(address(session)))
    assert "待人判断 1 项" in page
    assert "00004 没有照片" in page
    assert page.count("pair-swipe pair-is-bad") == 1
    assert 'class="pair-gap"' in page


def test_packed_frames_cannot_be_ticked_and_say_what_to_do(world, session, registrar):
    check_ins, frames = photographed(world, session, 6)
    record(frames, {2: check_ins[3], 3: check_ins[2]})
    Frame.objects.filter(pk=frames[3].pk).update(packed_at="2026-11-21T03:00:00Z")
    page = text(registrar.get(address(session)))
    assert re.search(r'name="faults" value="\d+" disabled', page)
    assert "请按勘误办理" in page


def test_the_timeline_is_zoomed_and_walked_by_section_with_keys(world, session, registrar):
    check_ins, frames = photographed(world, session, 60)
    record(frames, {50: check_ins[51], 51: check_ins[50]})
    page = text(registrar.get(address(session)))
    assert 'href="?section=1#timeline"' in page, "opens at the fault: the third section of twenty"
    assert 'data-key="["' in page
    assert re.search(r'section=2#timeline" class="is-bad" aria-current="true"', page)
    zoomed = text(registrar.get(address(session, "?zoom=10&section=0")))
    assert zoomed.count("pair-swipe ") == 10
    assert zoomed.count('#timeline" class=') == 6
    for broken in ("?section=999", "?section=x&zoom=7&fault=q&page=z&questions=-1"):
        assert registrar.get(address(session, broken)).status_code == 200


def test_the_difference_goes_out_as_a_workbook(world, session, registrar):
    check_ins, frames = photographed(world, session, 6)
    record(frames, {2: check_ins[3], 3: check_ins[2]})
    book = openpyxl.load_workbook(io.BytesIO(registrar.get(address(session, "?format=xlsx")).content))
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    assert [row[1] for row in rows[1:]] == ["100CANON/IMG_0003.JPG", "100CANON/IMG_0004.JPG"]
    assert (rows[1][2], rows[1][4]) == ("00004", "00003")


def test_english_readers_read_english(world, session, registrar):
    check_ins, frames = photographed(world, session, 6)
    record(frames, {2: check_ins[3], 3: check_ins[2]})
    registrar.cookies["django_language"] = "en"
    page = text(registrar.get(address(session)))
    assert "hold each other&#x27;s frame" in page
    assert "Carry out what is ticked" in page


def cost(client, where) -> int:
    with CaptureQueriesContext(connection) as caught:
        assert client.get(where).status_code == 200
    return len(caught)


@pytest.mark.slow
def test_hundreds_of_pairs_cost_no_more_statements_than_a_few(world, session, registrar):
    check_ins, frames = photographed(world, session, 8)
    shift(check_ins, frames, 2, 6)
    few = cost(registrar, address(session))
    large = open_session(world, "105")
    check_ins, frames = photographed(world, large, 400, first=200)
    shift(check_ins, frames, 3, 390)
    assert cost(registrar, address(large)) == few
    assert few <= 26
    page = text(registrar.get(address(large)))
    assert "建议更正 388 张" in page
    assert page.count('class="pairing-pair"') == 24
    assert len(page) < 250_000


def test_only_the_crew_of_this_school_and_centre_opens_it(world, session):
    _check_ins, _frames = photographed(world, session, 4)
    for role in (Role.PHOTOGRAPHER, Role.SITE_STAFF, Role.REGISTRAR, Role.COLLECTION_CENTRE):
        assert browser(world.people[role]).get(address(session)).status_code == 200
        stranger = browser(world.strangers[role])
        assert stranger.get(address(session)).status_code == 404
        for form in ("apply_repair", "rebind_frame", "undo_repair"):
            assert stranger.post(address(session), {"form": form}).status_code == 404
    assert browser(world.people[Role.COUNSELLOR]).get(address(session)).status_code == 403
    assert Client().get(address(session)).status_code == 302
    assert CheckIn.objects.filter(status="confirmed").count() == 4
