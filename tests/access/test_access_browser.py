"""Staff sign-in in a real Chromium: a passkey in a virtual authenticator (CDP WebAuthn), an app's codes, typed data kept.

Every page is looked at by axe and must keep its own content security policy.
"""

import re

import pytest
from playwright.sync_api import expect

from access.staff_world import PASSWORD, code_of_app, officer_of
from axe import WCAG_AA, violations
from chromium import opened_chromium
from gradphoto.apps.access.models import StaffSession
from gradphoto.apps.core.models import AuditEntry
from gradphoto.apps.orgs.models import Role, SecondFactorRule
from world import add_candidate

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def chromium():
    with opened_chromium() as opened:
        yield opened


def open_page(chromium, live_server, size=None):
    """A page with a virtual authenticator: a platform key that knows its owner's finger."""
    context = chromium.new_context(viewport=size or {"width": 1280, "height": 900}, base_url=live_server.url)
    page = context.new_page()
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.on("console", lambda said: page.problems.append(said.text) if "Content Security" in said.text else None)
    devtools = context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    page.authenticator = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]
    page.devtools = devtools
    return page


def fits_and_is_accessible(page):
    page.wait_for_load_state()  # a click that goes to another page answers before that page is there
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url
    assert violations(page, WCAG_AA) == [], page.url
    assert not page.problems


def sign_in(page, username="officer"):
    page.goto("/accounts/login/")
    page.fill("#id_login", username)
    page.fill("#id_password", PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()


def test_a_passkey_is_added_signs_in_alone_and_proves_again(chromium, live_server, world, settings):
    officer = officer_of(world.school)
    person = add_candidate(world, 1)
    page = open_page(chromium, live_server, PHONE)
    sign_in(page)
    page.goto("/accounts/mine/")
    fits_and_is_accessible(page)
    page.get_by_role("link", name="管理第二因素").click()
    fits_and_is_accessible(page)
    page.get_by_role("link", name="添加通行密钥").click()
    fits_and_is_accessible(page)
    page.get_by_role("button", name="添加", exact=True).click()
    expect(page.get_by_role("heading", name="恢复码")).to_be_visible()
    assert page.locator(".recovery-codes li").count() == 10
    fits_and_is_accessible(page)
    kept = page.devtools.send("WebAuthn.getCredentials", {"authenticatorId": page.authenticator})["credentials"]
    assert [one["isResidentCredential"] for one in kept] == [True]

    page.goto("/accounts/logout/")
    page.locator("main").get_by_role("button", name="退出").click()
    page.goto("/accounts/login/")
    fits_and_is_accessible(page)
    page.get_by_role("button", name="用通行密钥登录").click()
    expect(page.get_by_role("heading", name="王老师")).to_be_visible()
    assert StaffSession.objects.filter(user=officer, ended_at=None).count() == 1

    # The password alone is not enough any more: the same key is the second step.
    page.context.clear_cookies()
    sign_in(page)
    expect(page.get_by_role("heading", name="还差一步")).to_be_visible()
    fits_and_is_accessible(page)
    page.get_by_role("button", name="使用通行密钥").click()
    expect(page.get_by_role("heading", name="王老师")).to_be_visible()

    # A proof that is too old is asked for by the key, and the step goes on by itself with what was typed.
    page.goto(f"/roster/{person.pk}/")
    settings.REAUTHENTICATION_AGE_S = 0.001
    reveal = page.locator("form:has([name=form][value=reveal_id_number])")
    reveal.locator("[name=reason]").fill("核对身份证")
    reveal.get_by_role("button").click()
    expect(page.get_by_role("heading", name="请再次确认身份")).to_be_visible()
    fits_and_is_accessible(page)
    page.get_by_role("link", name="通行密钥").click()
    settings.REAUTHENTICATION_AGE_S = 600
    page.get_by_role("button", name="使用通行密钥").click()
    expect(page.get_by_text(person.id_number.decrypt())).to_be_visible()
    entry = AuditEntry.objects.get(action="roster.reveal_id_number")
    assert "核对身份证" in str(entry.detail)
    assert not page.problems


def test_an_app_and_a_rule_in_english_on_a_phone(chromium, live_server, world):
    SecondFactorRule.objects.create(organisation=world.school, role=Role.REGISTRAR)
    officer_of(world.school)
    page = open_page(chromium, live_server, PHONE)
    page.goto("/accounts/login/")
    page.get_by_role("button", name="菜单").click()
    page.get_by_role("button", name="English").click()
    page.fill("#id_login", "officer")
    page.fill("#id_password", PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_text("Your role demands a second factor")).to_be_visible()
    fits_and_is_accessible(page)
    page.get_by_role("link", name="Set up an authenticator app").click()
    secret = page.locator("#totp-secret").inner_text()
    fits_and_is_accessible(page)
    page.fill("#id_code", code_of_app(secret, 1))  # of a phone half a minute ahead: for a minute it cannot run out
    page.get_by_role("button", name="Use it").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    codes = page.locator(".recovery-codes code").all_inner_texts()
    page.goto("/roster/")
    assert re.search(r"/roster/$", page.url)
    page.context.clear_cookies()
    sign_in(page)
    page.fill("#id_code", codes[0])
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page.get_by_role("heading", name="王老师")).to_be_visible()
