"""The counter in a real browser: what is ticked is added up, the change is told, the keyboard is enough."""

import pytest
from playwright.sync_api import Browser, Page

from chromium import opened_chromium
from fees.fee_world import class_of, pay
from gradphoto.apps.fees.models import Collection, DayClosing
from gradphoto.apps.orgs.models import Role
from world import World, build_world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "demo-password-1"


@pytest.fixture
def browser():
    with opened_chromium() as opened:
        yield opened


def signed_in(browser: Browser, site: str, world: World, role: Role, width: int = 1280) -> Page:
    user = world.people[role]
    user.set_password(PASSWORD)
    user.save()
    page = browser.new_page(viewport={"width": width, "height": 844}, base_url=site)
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.on("console", lambda message: page.problems.append(message.text) if message.type == "error" else None)
    page.goto("/")
    page.fill("#id_login", user.username)
    page.fill("#id_password", PASSWORD)
    page.click("main button")
    page.wait_for_url(f"{site}/")
    return page


def test_a_class_is_ticked_added_up_and_booked(browser, live_server):
    world = build_world()
    class_of(world, 3)
    page = signed_in(browser, live_server.url, world, Role.COUNSELLOR)
    page.goto("/fees/bulk/")
    assert page.locator("[data-take]").is_disabled()
    page.check("[data-all]")
    assert page.inner_text("[data-total]") == "60.00"
    page.uncheck("input[name=person] >> nth=2")
    assert (page.inner_text("[data-total]"), page.inner_text("[data-count]")) == ("40.00", "2")
    page.fill("#collectmany-tendered", "39")
    assert page.inner_text("[data-change]") == "-1.00"
    page.fill("#collectmany-tendered", "50")
    assert page.inner_text("[data-change]") == "10.00"
    page.click("[data-take]")
    page.wait_for_selector("text=找零 10.00 元")
    assert page.locator("input[name=person]").count() == 1
    assert Collection.objects.get().change_fen == 1000
    assert page.problems == []


def test_the_keyboard_is_enough_at_the_counter(browser, live_server):
    world = build_world()
    people = class_of(world, 12)
    page = signed_in(browser, live_server.url, world, Role.SITE_STAFF, width=390)
    page.goto("/fees/counter/")
    page.keyboard.type("20220000")
    page.wait_for_selector("#found li >> nth=11")
    page.keyboard.type("05")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"h1:has-text('{people[4].name}')")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.keyboard.type("100")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=找零 80.00 元")
    assert page.evaluate("document.activeElement.name") == "q", "ready for the next student"
    assert page.problems == []


def test_the_cash_is_counted_by_its_pieces(browser, live_server):
    world = build_world()
    pay(world, class_of(world, 3))
    page = signed_in(browser, live_server.url, world, Role.COUNSELLOR)
    page.goto("/fees/my-day/")
    page.fill("[data-piece='2000']", "2")
    assert (page.input_value("[data-counted]"), page.inner_text("[data-difference]")) == ("40.00", "-20.00")
    page.fill("[data-piece='500']", "4")
    assert (page.input_value("[data-counted]"), page.inner_text("[data-difference]")) == ("60.00", "0.00")
    page.click("button:has-text('日结')")
    page.wait_for_selector("text=今日已日结")
    assert DayClosing.objects.get().denominations == {"2000": 2, "500": 4}
    assert page.problems == []
