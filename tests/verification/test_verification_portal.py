"""The graduate's phone pages: the twelve steps of R163, once, and nobody else's business."""

import re
import time

import pytest
import time_machine
from django.test import Client

from gradphoto.apps.orgs.models import Role
from gradphoto.apps.registration.actions import apply_review, approve_at_head_office, approve_nationally
from gradphoto.apps.verification.actions import open_cases, view_case
from gradphoto.apps.verification.models import CaseStatus, PortalSession, VerificationCase
from gradphoto.apps.verification.portal_sessions import SESSIONS
from gradphoto.apps.verification.steps import STEPS
from page_text import flat
from verification.graduate_world import (
    add_graduate,
    audited,
    card_of,
    confirm,
    enter_portal,
    graduate,
    jpeg,
    open_case,
    press_no_error,
    set_verifying,
    staff,
)
from world import build_world, made_up_id_number, put

pytestmark = pytest.mark.django_db


def text(answer) -> str:
    return flat(answer)


def present_step(answer) -> int:
    return int(re.search(r'aria-current="step"><span class="dot" aria-hidden="true">(\d+)<', text(answer)).group(1))


def test_r163_the_twelve_steps_on_the_real_pages():
    world = build_world()
    case = open_case(world, 1)
    person, phone = case.candidate, Client()
    start = phone.get("/verify/")  # 1 open the site
    assert present_step(start) == 1
    assert "示范大学" in text(start)
    assert len(STEPS) == 12
    assert "/verify/sign-in/" in text(start)  # 2 choose the verification system
    login = phone.get("/verify/sign-in/")
    assert present_step(login) == 3
    assert text(login).count(" required ") == 4
    entered = phone.post("/verify/sign-in/", card_of(person))  # 3 the card's data
    assert entered.url == "/verify/compare/"
    compare = phone.get("/verify/compare/")  # 4 compare
    assert present_step(compare) == 4
    assert person.id_number.decrypt() in text(compare)
    assert person.name in text(compare)
    assert "信息无误" in text(compare)  # 5
    assert "信息有误" in text(compare)
    correct = phone.get("/verify/correct/")  # 6 tick the circle, enter the right value
    assert present_step(correct) == 6
    assert person.id_number.decrypt() not in text(correct)
    sent = phone.post(
        "/verify/correct/", {"wrong": ["name", "major"], "value_name": "测试 已改", "value_major": "软件工程"}
    )
    assert sent.url == "/verify/result/"
    result = phone.get("/verify/result/")  # 7 the conclusion
    assert present_step(result) == 7
    assert "测试已改" in text(result)
    person.refresh_from_db()
    assert person.name != "测试已改"  # no effect yet
    again = phone.get("/verify/compare/")  # 8 once more
    assert present_step(again) == 8
    assert "软件工程" in text(again)
    done = press_no_error(phone)  # 9 final
    final = phone.get(done.url)
    assert present_step(final) == 9
    assert "所有信息均确认无误！" in text(final)
    case.refresh_from_db()
    assert case.status == CaseStatus.CONFIRMED
    assert phone.get("/verify/compare/").url == "/verify/final/"

    review = apply_review(world.actor(Role.COLLEGE_OFFICER), case)  # 10 the centre applies
    back = enter_portal(person)
    assert present_step(back.get("/verify/status/")) == 11
    approve_at_head_office(world.actor(Role.HEAD_OFFICE), review)  # 11 the head office approves
    assert present_step(back.get("/verify/status/")) == 12
    approve_nationally(world.actor(Role.NATIONAL_REVIEWER), review)  # 12 the national centre approves
    assert "学历电子注册已完成" in text(back.get("/verify/status/"))


def test_the_card_still_opens_the_portal_after_the_name_was_corrected():
    world = build_world()
    case = open_case(world, 1)
    printed = card_of(case.candidate)
    phone = enter_portal(case.candidate)
    phone.post("/verify/correct/", {"wrong": ["name"], "value_name": "测试改"})
    press_no_error(phone)
    review = apply_review(world.actor(Role.COLLEGE_OFFICER), case)
    approve_at_head_office(world.actor(Role.HEAD_OFFICE), review)
    case.candidate.refresh_from_db()
    assert case.candidate.name == "测试改"
    assert Client().post("/verify/sign-in/", printed).url == "/verify/status/"


def test_r205_every_wrong_card_gets_the_same_answer():
    world = build_world()
    case = open_case(world, 1)
    right = card_of(case.candidate)
    wrongs = [
        {**right, "name": "别人"},
        {**right, "code": "KQ7M2XW999"},
        {**right, "student_no": "2022999999"},
        {**right, "school_code": "10001"},
    ]
    answers = set()
    for wrong in wrongs:
        answer = Client().post("/verify/sign-in/", wrong)
        body = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"|"X-CSRFToken": "[^"]+"', "", text(answer))
        typed = set(wrong.values())
        assert typed == {value for value in re.findall(r'value="([^"]*)"', body) if value in typed}, "it stays"
        answers.add((answer.status_code, re.sub(r'value="[^"]*"', "", body)))
    assert len(answers) == 1
    assert answers.pop()[0] == 403
    empty = Client().post("/verify/sign-in/", {**right, "code": ""})
    assert (empty.status_code, text(empty).count("data-code=")) == (403, 1), "beside its field; the rest is the same"
    phone = {"HTTP_HX_REQUEST": "true"}
    fragments = {text(Client().post("/verify/sign-in/", wrong, REMOTE_ADDR="10.0.0.2", **phone)) for wrong in wrongs}
    assert len(fragments) == 1


def test_b4_not_yet_tells_the_dates_after_the_right_card_only():
    world = build_world()
    person = add_graduate(world, 1)
    phone = Client()
    assert phone.get("/verify/not-yet/").url == "/verify/sign-in/"
    assert phone.post("/verify/sign-in/", {**card_of(person), "name": "别人"}).status_code == 403
    assert phone.get("/verify/not-yet/").url == "/verify/sign-in/"
    assert phone.post("/verify/sign-in/", card_of(person)).url == "/verify/not-yet/"
    page = text(phone.get("/verify/not-yet/"))
    assert "2026-10-24" in page  # 40 days after 2026-09-14
    assert "2026-11-13" in page  # 40 working days: the holidays of 2026 off, the make-up days of 20 Sep and 10 Oct on
    assert "信息正确" in page
    set_verifying(world)
    open_cases(world.actor(Role.REGISTRAR), world.campaign)
    assert phone.get("/verify/not-yet/").url == "/verify/compare/"


def test_r161_a_school_is_listed_only_while_it_verifies():
    world = build_world()
    assert "目前还没有院校开放校对" in text(Client().get("/verify/"))
    open_case(world, 1)
    page = text(Client().get("/verify/"))
    assert "示范大学" in page
    assert "尚未开放，并不表示您的信息有误" in page


def test_r205_the_photo_goes_to_its_owner_only_and_is_not_kept():
    world = build_world()
    case = open_case(world, 1)
    other = open_case(world, 2)
    assert Client().get("/verify/photo/").status_code == 404
    for n, one in ((1, case), (2, other)):
        answer = enter_portal(one.candidate, n).get("/verify/photo/")
        assert answer.content == jpeg(n)
        assert "no-store" in answer["Cache-Control"]
    registrar = staff(world, Role.REGISTRAR)
    assert registrar.get("/verify/photo/").status_code == 404
    phone = enter_portal(case.candidate, 1)
    press_no_error(phone)
    assert phone.get("/verify/photo/").status_code == 404


def test_a_session_ends_after_twenty_idle_minutes():
    world = build_world()
    phone = enter_portal(open_case(world, 1).candidate)
    assert phone.get("/verify/compare/").status_code == 200
    with time_machine.travel(time.time() + 20 * 60 + 5, tick=True):
        outside = phone.get("/verify/compare/").url
        assert outside == "/verify/sign-in/?over"
        assert "本次登录已结束" in text(phone.get(outside))
        assert phone.get("/verify/photo/").status_code == 404
    assert "本次登录已结束" not in text(phone.get("/verify/sign-in/"))


def test_every_log_in_begins_a_session_of_its_own_and_a_staff_sign_in_stays():
    world = build_world()
    case = open_case(world, 1)
    browser = staff(world, Role.REGISTRAR)
    session = browser.session.session_key
    browser.cookies[SESSIONS.name] = "planted"
    answer = browser.post("/verify/sign-in/", card_of(case.candidate))
    given = answer.cookies[SESSIONS.name]
    assert given.value != "planted"
    assert (given["httponly"], given["samesite"], given["path"]) == (True, "Lax", "/verify/")
    assert browser.post("/verify/sign-in/", card_of(case.candidate)).cookies[SESSIONS.name].value != given.value
    assert browser.session.session_key == session
    assert browser.get("/verification/").status_code == 200
    thief = Client()
    thief.cookies[SESSIONS.name] = given.value
    assert thief.get("/verify/compare/").url == "/verify/sign-in/?over", (
        "a new log-in ends what the browser held before"
    )
    browser.post("/verify/sign-out/")
    assert browser.get("/verify/compare/").url == "/verify/sign-in/?over"
    assert browser.get("/verification/").status_code == 200
    assert not PortalSession.objects.exists()


def test_the_sessions_key_is_in_no_table_and_sessions_are_forgotten():
    case = open_case(build_world(), 1)
    phone = enter_portal(case.candidate)
    key = phone.cookies[SESSIONS.name].value
    assert len(key) == 64
    assert PortalSession.objects.get().key_index != key
    with time_machine.travel(time.time() + 2 * 24 * 3600, tick=True):
        assert SESSIONS.forget_old() == 1


def test_a_replayed_confirmation_is_told_that_it_is_final():
    world = build_world()
    case = open_case(world, 1)
    phone, second_tab = enter_portal(case.candidate), enter_portal(case.candidate)
    assert press_no_error(phone).url == "/verify/final/"
    for one in (phone, second_tab):
        answer = one.post("/verify/confirm/", {"own": "yes"})
        assert answer.status_code == 409
        assert "不能再次校对" in text(answer)
    assert len(audited("verification.confirm_case")) == 1


def test_r165_confirming_needs_the_persons_own_word():
    world = build_world()
    case = open_case(world, 1)
    assert enter_portal(case.candidate).post("/verify/confirm/").status_code == 400
    case.refresh_from_db()
    assert case.status == CaseStatus.VIEWED


def test_every_visit_that_shows_the_number_is_audited_without_it():
    world = build_world()
    case = open_case(world, 1)
    for _ in range(2):
        enter_portal(case.candidate)
    entries = audited("verification.view_case")
    assert len(entries) == 2
    assert {entry.actor for entry in entries} == {f"graduate:{case.pk}"}
    assert all(case.candidate.name not in str(entry.detail) for entry in entries)


def test_wrong_corrections_are_told_beside_their_fields():
    world = build_world()
    case = open_case(world, 1)
    phone = enter_portal(case.candidate)
    number = case.candidate.id_number.decrypt()
    broken = number[:-1] + ("0" if number[-1] != "0" else "1")
    answer = phone.post(
        "/verify/correct/",
        {"wrong": ["id_number", "major", "level"], "value_id_number": broken, "value_level": "专科"},
    )
    assert answer.status_code == 400
    assert 'id="error_id_number"' in text(answer)
    assert 'id="error_major"' in text(answer)
    assert 'id="error_level"' not in text(answer)
    assert 'value="专科"' in text(answer)
    case.refresh_from_db()
    assert case.status == CaseStatus.VIEWED
    assert not case.corrections.exists()


def test_nothing_ticked_is_no_conclusion():
    world = build_world()
    answer = enter_portal(open_case(world, 1).candidate).post("/verify/correct/", {"value_major": "软件工程"})
    assert answer.status_code == 400
    assert "至少点选一项" in text(answer)


def test_r169_a_disputed_photo_goes_to_the_school_and_cannot_be_confirmed():
    world = build_world()
    case = open_case(world, 1)
    phone = enter_portal(case.candidate)
    assert phone.post("/verify/dispute/", {}).status_code == 400
    assert phone.post("/verify/dispute/", {"reason": "not_me", "words": "是同班同学"}).url == "/verify/status/"
    assert phone.post("/verify/confirm/", {"own": "yes"}).status_code == 409
    case.refresh_from_db()
    assert case.status == CaseStatus.DISPUTED
    listed = text(staff(world, Role.COLLEGE_OFFICER).get("/verification/disputes/"))
    assert "不是本人图像：是同班同学" in listed


def test_no_address_of_the_portal_holds_personal_data():
    world = build_world()
    case = open_case(world, 1)
    phone = enter_portal(case.candidate)
    number, secrets = made_up_id_number(1, male=True), (case.candidate.student_no, case.candidate.name)
    for address in ("/verify/compare/", "/verify/correct/", "/verify/dispute/"):
        links = " ".join(re.findall(r'(?:href|src|action|hx-post)="([^"]*)"', text(phone.get(address))))
        assert number not in links
        assert not any(secret in links for secret in secrets)


def test_the_portal_is_shut_when_the_campaign_is_closed():
    world = build_world()
    case = open_case(world, 1)
    phone = enter_portal(case.candidate)
    put(type(world.campaign).objects.all(), status="closed")
    assert phone.get("/verify/compare/").url == "/verify/status/"
    assert "本批次的校对已结束" in text(phone.get("/verify/status/"))
    assert phone.post("/verify/confirm/", {"own": "yes"}).status_code == 409
    assert VerificationCase.objects.get(pk=case.pk).status == CaseStatus.VIEWED


def test_the_pages_speak_english_too():
    world = build_world()
    case = open_case(world, 1)
    phone = enter_portal(case.candidate)
    phone.post("/language/", {"language": "en", "next": "/verify/compare/"})
    page = text(phone.get("/verify/compare/"))
    assert "No error" in page
    assert "Step 4 of 12" in page


def test_a_confirmed_graduate_who_returns_sees_the_status_and_no_number():
    world = build_world()
    case = open_case(world, 1)
    view_case(graduate(case), case)
    confirm(case)
    phone = Client()
    assert phone.post("/verify/sign-in/", card_of(case.candidate)).url == "/verify/status/"
    page = text(phone.get("/verify/status/"))
    assert case.candidate.id_number.decrypt() not in page
    assert phone.get("/verify/correct/").url == "/verify/status/"
    assert len(audited("verification.see_status")) == 1
