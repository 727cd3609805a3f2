"""The review by keyboard in a real browser: look, reject with reasons, undo, accept, until nothing is left."""

import pytest
from playwright.sync_api import Page

from chromium import opened_chromium
from gradphoto.apps.capture.models import RetakeRequest
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.review import actions
from gradphoto.apps.review.models import ReviewDecision
from gradphoto.apps.review.standing import review_of
from review_world import another, open_session, seen, shoot
from world import add_candidate, build_world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "demo-password-1"


@pytest.fixture
def browser():
    with opened_chromium() as opened:
        yield opened


@pytest.fixture
def frames():
    world = build_world()
    session = open_session(world)
    names = ("person_01", "defect_roll", "defect_blue_shirt", "person_02")
    made = [shoot(session, add_candidate(world, n), name) for n, name in enumerate(names, 1)]
    user = world.people[Role.REGISTRAR]
    user.set_password(PASSWORD)
    user.save()
    return world, made


def sign_in(browser, site: str, width: int = 1280, height: int = 900) -> Page:
    page = browser.new_page(viewport={"width": width, "height": height}, base_url=site)
    page.problems, page.flying = [], set()
    page.on("request", lambda request: page.flying.add(request))
    for over in ("requestfinished", "requestfailed"):
        page.on(over, lambda request: page.flying.discard(request))
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.on("console", lambda message: page.problems.append(message.text) if message.type == "error" else None)
    page.goto("/")
    page.fill("#id_login", "registrar")
    page.fill("#id_password", PASSWORD)
    page.click("main button")
    page.wait_for_url(f"{site}/")
    return page


def settle(page: Page) -> str:
    """Wait until no request is on its way and htmx has put everything in place; which frame is large now?"""
    for _ in range(500):
        page.wait_for_timeout(30)
        if not page.flying and not page.locator(".htmx-request, .htmx-swapping, .htmx-settling").count():
            break
    assert not page.flying
    return page.locator("[data-frame]").get_attribute("data-frame")


def test_a_reviewer_needs_no_mouse(browser, live_server, frames):
    _, (good, roll, shirt, other) = frames
    page = sign_in(browser, live_server.url)

    def press(key: str) -> str:
        page.keyboard.press(key)
        return settle(page)

    page.goto("/capture/review/")
    page.wait_for_load_state("networkidle")
    order = [tile.get_attribute("data-tile") for tile in page.locator("[data-tile]").all()]
    assert order == [str(frame.pk) for frame in (roll, shirt, good, other)], "exceptions first"
    assert page.locator("[data-frame]").get_attribute("data-frame") == str(roll.pk)

    assert press("j") == str(shirt.pk)
    assert press("k") == str(roll.pk)
    page.keyboard.press("?")
    assert page.locator("#review-help").is_visible()
    page.keyboard.press("a")
    assert not ReviewDecision.objects.exists(), "under the help a key decides nothing"
    page.keyboard.press("Escape")

    page.keyboard.press("r")
    assert page.locator('[data-reason="1"]').is_checked(), "what the engine found is ticked"
    page.keyboard.press("3")
    assert press("r") == str(shirt.pk)
    request = RetakeRequest.objects.get()
    assert request.reason.startswith("头部歪斜、")
    assert page.locator(f"#tile-{roll.pk}").get_attribute("data-state") == "rejected"

    assert press("u") == str(roll.pk)
    request.refresh_from_db()
    assert request.withdrawn_at is not None
    assert page.locator(f"#tile-{roll.pk}").get_attribute("data-state") == "awaiting"

    assert press("h") == str(shirt.pk)
    assert press("a") == str(good.pk)
    page.keyboard.press("z")
    assert page.locator("svg.verdict-picture").get_attribute("viewBox") == "0 0 720 960"
    assert press("a") == str(other.pk)
    page.keyboard.press("a")
    page.wait_for_selector("text=全部复核完毕")
    assert [review_of(frame).state for frame in (roll, shirt, good, other)] == ["held", *["accepted"] * 3]
    assert page.problems == []


def test_a_second_reviewer_is_told_and_sees_the_present_state(browser, live_server, frames):
    world, (_, roll, *_) = frames
    page = sign_in(browser, live_server.url, 390, 844)
    page.goto("/capture/review/")
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    actions.accept(another(world), review_of(roll), seen=seen(roll))
    page.keyboard.press("h")
    page.wait_for_selector("#messages .alert-danger")
    assert settle(page) == str(roll.pk)
    assert "second" in page.locator("#messages").inner_text()
    assert "通过" in page.locator(".review-history").inner_text(), "the frame is shown as it is now"
    assert review_of(roll).state == "accepted"
