"""The twelve steps of R163 as a graduate walks them: on a phone of 390 px, by keyboard alone, in both languages and in
letters of twice the size. axe finds nothing to say, and the page's own policy refuses nothing.
"""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page

from axe import violations
from chromium import opened_chromium
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.verification.actions import settle_dispute
from gradphoto.apps.verification.models import CaseStatus
from verification.graduate_world import add_graduate, card_of, open_case
from world import build_world

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
PICTURES = os.environ.get("GRADPHOTO_PORTAL_PICTURES")
WIDTH = 390


@pytest.fixture
def phone(live_server):
    with opened_chromium() as browser:
        context = browser.new_context(viewport={"width": WIDTH, "height": 844}, base_url=live_server.url)
        page = context.new_page()
        page.problems = []
        page.on("pageerror", lambda error: page.problems.append(str(error)))
        page.on("console", lambda said: page.problems.append(said.text) if said.type == "error" else None)
        yield page
        assert page.problems == []


def look(page: Page, name: str) -> None:
    """The page in both languages and at 200 %: nothing sticks out, and axe finds nothing."""
    for language in ("en", "zh-hans"):
        page.context.add_cookies([{"name": "django_language", "value": language, "domain": "localhost", "path": "/"}])
        page.reload()
        page.evaluate("document.fonts.ready")
        assert page.get_attribute("html", "lang") == {"en": "en", "zh-hans": "zh-Hans"}[language]
        assert violations(page) == [], name
        for size in ("200%", ""):
            page.evaluate(f"document.documentElement.style.fontSize = '{size}'")
            assert page.evaluate("document.documentElement.scrollWidth") <= WIDTH, (name, language, size)
            if PICTURES:
                page.screenshot(path=Path(PICTURES) / f"{name}-{language}-{size or '100%'}.png", full_page=True)


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the focus stands there: what a keyboard cannot reach fails."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            return
    raise AssertionError(f"the keyboard does not reach {selector}")


def press(page: Page, selector: str, key: str = "Enter") -> None:
    tab_to(page, selector)
    page.keyboard.press(key)


def log_in(page: Page, card: dict[str, str]) -> None:
    for field in ("school_code", "student_no", "name", "code"):
        tab_to(page, f"#card-{field}")
        page.keyboard.insert_text(card[field])
    press(page, "main form button")


def test_r163_the_twelve_steps_by_keyboard_on_a_phone(phone):
    world = build_world()
    case = open_case(world, 1)
    card = card_of(case.candidate)
    phone.goto("/verify/")
    look(phone, "1-start")
    press(phone, "a[href='/verify/sign-in/']")
    phone.wait_for_url("**/verify/sign-in/")
    look(phone, "3-sign-in")
    log_in(phone, {**card, "name": "别人"})
    phone.wait_for_selector("#messages .alert-danger")
    assert phone.input_value("#card-student_no") == card["student_no"], "what was typed stays"
    phone.problems.clear()  # the browser itself notes the answer 403
    phone.reload()
    phone.context.clear_cookies()  # as a staff sign-in in the same browser does: the page's token is refused
    log_in(phone, card)
    phone.wait_for_selector("#messages .alert-danger >> text=请再按一次")
    phone.context.set_offline(True)
    phone.click("main form button")
    phone.wait_for_selector("#messages .alert-danger >> text=没有收到服务器的答复")
    phone.context.set_offline(False)
    phone.problems.clear()
    phone.click("main form button")
    phone.wait_for_url("**/verify/compare/")
    look(phone, "4-compare")
    press(phone, "a[href='/verify/correct/']")
    phone.wait_for_url("**/verify/correct/")
    press(phone, "#wrong_major", "Space")
    tab_to(phone, "#value_major")
    phone.keyboard.insert_text(case.candidate.major)
    press(phone, "main form button")
    phone.wait_for_selector("#error_major")
    phone.problems.clear()
    assert phone.get_attribute("#value_major", "aria-describedby") == "error_major"
    phone.goto("/verify/correct/")
    look(phone, "6-correct")
    press(phone, "#wrong_major", "Space")
    tab_to(phone, "#value_major")
    phone.keyboard.insert_text("英语")
    press(phone, "main form button")
    phone.wait_for_url("**/verify/result/")
    look(phone, "7-result")
    press(phone, "a[href='/verify/compare/']")
    phone.wait_for_url("**/verify/compare/")
    look(phone, "8-compare")
    press(phone, "#own", "Space")
    press(phone, "form[action='/verify/confirm/'] button")
    phone.wait_for_url("**/verify/final/")
    assert phone.inner_text("h1") == "所有信息均确认无误！"
    look(phone, "9-final")
    press(phone, "main a[href='/verify/sign-in/']")
    phone.wait_for_url("**/verify/sign-in/")
    log_in(phone, card)
    phone.wait_for_url("**/verify/status/")
    look(phone, "10-status")
    case.refresh_from_db()
    assert case.status == CaseStatus.CONFIRMED


def test_a_disputed_photograph_and_a_school_that_is_not_open_yet(phone):
    world = build_world()
    waiting = add_graduate(world, 2)
    phone.goto("/verify/sign-in/")
    log_in(phone, card_of(waiting, 2))
    phone.wait_for_url("**/verify/not-yet/")
    look(phone, "3-not-yet")
    press(phone, "form[action='/verify/sign-out/'] button")
    phone.wait_for_url("**/verify/")
    case = open_case(world, 1)
    phone.goto("/verify/sign-in/")
    log_in(phone, card_of(case.candidate))
    phone.wait_for_url("**/verify/compare/")
    press(phone, "a[href='/verify/dispute/']")
    phone.wait_for_url("**/verify/dispute/")
    look(phone, "6-dispute")
    press(phone, "input[name=reason]", "Space")
    press(phone, "main form button")
    phone.wait_for_url("**/verify/status/")
    look(phone, "6-disputed")
    case.refresh_from_db()
    settle_dispute(world.actor(Role.REGISTRAR), case, answer="照片按规定不作修饰")
    phone.reload()
    press(phone, "main a[href='/verify/compare/']")
    phone.wait_for_url("**/verify/compare/")
    look(phone, "4-answered")
