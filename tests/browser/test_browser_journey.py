"""The people concerned, in a real browser: the staff at 1280 px, the graduate on a phone of 390 px."""

import os
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from gradphoto.apps.core import jobs
from gradphoto.apps.core.models import Job
from gradphoto.apps.delivery.models import DeliveryReport, Package
from gradphoto.apps.delivery.queries import card_data
from gradphoto.apps.verification.models import CaseStatus, VerificationCase
from gradphoto.demo.journey import Journey

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "demo-password-1"
PICTURES = os.environ.get("GRADPHOTO_PICTURES")


@pytest.fixture
def browser():
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright's own loop runs in this thread
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    quiet = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run", "--disable-sync"]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=quiet)
        yield chromium
        chromium.close()


def finish(job: Job) -> None:
    jobs.run(job.pk)


def staff(browser: Browser, site: str, username: str) -> Page:
    page = browser.new_page(viewport={"width": 1280, "height": 900}, base_url=site)
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.problems = problems
    page.goto("/")
    page.fill("#id_login", username)
    page.fill("#id_password", PASSWORD)
    page.click("main button")
    page.wait_for_url(f"{site}/")
    return page


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.wait_for_load_state("networkidle")
        page.screenshot(path=Path(PICTURES) / f"{name}.png")


def test_the_people_concerned_walk_the_journey(browser, live_server):
    journey = Journey(PASSWORD, lambda line: None, finish, most_people=44)
    journey.run()
    site = live_server.url
    registrar = staff(browser, site, "registrar")
    assert "等您办理" in registrar.content()
    picture(registrar, "desk")
    _roster(registrar)
    checker = staff(browser, site, "checker")
    _confirm_the_rest(checker)
    _check_of_a_delivery(registrar)
    _the_graduate(browser, site)
    _review(browser, site)
    for page in (registrar, checker):
        assert page.problems == []


def _roster(page: Page) -> None:
    page.goto("/roster/imports/")
    page.click("text=2026届名册.xlsx")
    assert "姓名中间有空格" in page.content()
    picture(page, "import")
    with page.expect_download() as download:
        page.click("text=下载标注文件")
    assert Path(download.value.path()).read_bytes().startswith(b"PK")
    page.goto("/roster/")
    picture(page, "roster")
    page.click("text=English")
    assert "Roster" in page.inner_text("h1")
    page.click("text=中文")


def _confirm_the_rest(page: Page) -> None:
    page.goto("/capture/")
    page.locator("a.tile").first.click()
    page.click("text=现场确认")
    picture(page, "check")
    assert page.locator("input[name=check_in]").count() == 3
    for box in page.locator("input[name=check_in]").all():
        box.check()
    page.click("button:has-text('确认勾选者')")
    assert page.locator("input[name=check_in]").count() == 0


def _check_of_a_delivery(page: Page) -> None:
    """By keyboard only; every mark is kept at once, taken back by Z, and there again after the page was left (R154)."""
    package = Package.objects.filter(delivered_at__isnull=False).first()
    where = f"/delivery/{package.pk}/check/"
    page.goto(where)
    page.wait_for_selector("[data-photo]:focus")
    before = DeliveryReport.objects.count()
    with page.expect_response("**/check/mark/"):
        page.keyboard.press("3")
    page.keyboard.press("ArrowRight")
    with page.expect_response("**/check/mark/"):
        page.keyboard.press("2")
    with page.expect_response("**/check/mark/"):
        page.keyboard.press("z")
    page.keyboard.press("Space")
    assert page.locator("[data-look]").is_visible()
    page.goto(where)
    assert page.locator('[data-mark="wrong"]').count() == 1
    assert page.locator('[data-mark="damaged"]').count() == 0
    assert DeliveryReport.objects.filter(status="open").count() == 1
    assert DeliveryReport.objects.count() == before + 2, "what was taken back stays on record"


def _the_graduate(browser: Browser, site: str) -> None:
    case = VerificationCase.objects.filter(status=CaseStatus.OPEN).first()
    card = card_data(case.candidate)
    phone = browser.new_page(viewport={"width": 390, "height": 844}, base_url=site, is_mobile=True, has_touch=True)
    phone.goto("/verify/")
    phone.locator("a[href='/verify/sign-in/']").first.click()
    picture(phone, "sign-in")
    for field in ("school_code", "student_no", "name", "code"):
        phone.fill(f"#{field}", getattr(card, field))
    phone.locator("main form button").first.click()
    phone.wait_for_url("**/verify/compare/")
    picture(phone, "portal")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    phone.goto("/verify/correct/")
    phone.check("#wrong_major")
    phone.fill("#value_major", "英语")
    phone.click("button:has-text('提交校对结论')")
    phone.wait_for_url("**/verify/result/")
    phone.goto("/verify/compare/")
    phone.check("#own")
    phone.click("button:has-text('信息无误')")
    phone.wait_for_url("**/verify/final/")
    assert "所有信息均确认无误" in phone.content()
    case.refresh_from_db()
    assert case.status == CaseStatus.CONFIRMED


def _review(browser: Browser, site: str) -> None:
    for username, address in (("headoffice", "/registration/reviews/"), ("national", "/registration/ledger/")):
        page = staff(browser, site, username)
        page.goto(address)
        picture(page, f"{username}")
        assert page.locator("table, .panel").count() > 0
        assert page.problems == []
