"""The board in a real browser: a class is dragged, the conflict is told, the change is taken back."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page
from schedule_world import DAY, planned_school, slot

from chromium import opened_chromium
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.schedule import papers

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PICTURES = os.environ.get("GRADPHOTO_PICTURES")
PASSWORD = "demo-password-1"


@pytest.fixture
def browser():
    with opened_chromium() as opened:
        yield opened


def signed_in(browser, site: str, username: str, width: int, height: int = 900) -> Page:
    page = browser.new_page(viewport={"width": width, "height": height}, base_url=site)
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.on("console", lambda message: page.problems.append(message.text) if message.type == "error" else None)
    page.goto("/")
    page.fill("#id_login", username)
    page.fill("#id_password", PASSWORD)
    page.click("main button")
    page.wait_for_url(f"{site}/")
    return page


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.wait_for_load_state("networkidle")
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


def test_a_class_is_dragged_locked_and_taken_back(browser, live_server):
    world = planned_school("至善楼104", "至善楼115", people=31)
    user = world.people[Role.REGISTRAR]
    user.set_password(PASSWORD)
    user.save()
    page = signed_in(browser, live_server.url, user.username, 1280, 1900)
    page.goto(f"/timetable/board/?day={DAY}")
    picture(page, "board-1280")
    first, second = slot("甲班"), slot("乙班")
    source = page.locator(".slot", has_text="乙班").bounding_box()
    target = page.locator(".slot", has_text="甲班").bounding_box()
    page.mouse.move(source["x"] + 20, source["y"] + 2)
    page.mouse.down()
    page.mouse.move(target["x"] + 20, target["y"] + 20, steps=8)
    page.mouse.move(target["x"] + 20, target["y"] + 2, steps=4)
    with page.expect_response(lambda answer: "/move/" in answer.url):
        page.mouse.up()
    page.wait_for_selector("text=时间重叠")
    picture(page, "board-conflict")
    assert slot("乙班").starts_at == first.starts_at
    page.click("button:has-text('撤销')")
    page.wait_for_selector("text=没有冲突")
    assert slot("乙班").starts_at == second.starts_at
    page.locator(".slot", has_text="丙班").click()
    page.wait_for_selector("button:has-text('锁定')")
    page.click("button:has-text('锁定')")
    page.wait_for_selector("button:has-text('解锁')")
    assert slot("丙班").locked
    picture(page, "board-chosen")
    # A whole-page picture puts a style of its own into the page, which the page's policy refuses.
    assert PICTURES or page.problems == []


def test_the_pages_fit_a_phone(browser, live_server):
    world = planned_school("至善楼104", "至善楼115", people=31)
    user = world.people[Role.REGISTRAR]
    user.set_password(PASSWORD)
    user.save()
    names = ("", "board", "rooms", "staff", "notices", "bookings", "make")
    for width in (390, 1280):
        page = signed_in(browser, live_server.url, user.username, width)
        for name in names:
            page.goto(f"/timetable/{name}/" if name else "/timetable/")
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, width)
            picture(page, f"{name or 'list'}-{width}")
        page.goto(f"/timetable/rooms/{slot('甲班').session.room_id}/")
        picture(page, f"room-{width}")
        page.goto(f"/timetable/class/{papers.token_of(slot('甲班'))}/")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        picture(page, f"class-{width}")
        assert PICTURES or page.problems == []
