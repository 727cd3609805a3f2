"""What a walk through the pages needs: people signed in at their screens, graduates with their printed cards, pictures."""

from __future__ import annotations

import io
import os
import re
from pathlib import Path

import pypdfium2
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, Page

from gradphoto.apps.core import jobs
from gradphoto.apps.core.models import Job, JobState
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.verification.models import VerificationCase

PASSWORD = "demo-password-1"
PICTURES = os.environ.get("GRADPHOTO_PICTURES")
_MM = 72 / 25.4
_CARD, _EDGE = (63 * _MM, 92 * _MM), (10.5 * _MM, 10.5 * _MM)


def picture(page: Page, name: str) -> None:
    """Keep what the page shows for README and docs, small enough for them."""
    if not PICTURES:
        return
    page.wait_for_load_state("networkidle")
    shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    shot.quantize(256, dither=Image.Dither.NONE).save(Path(PICTURES) / f"{name}.png", optimize=True)


def work(page: Page) -> int:
    """Do what waits for the worker, then open the page again; returns how many jobs were done, each of them well.

    Meanwhile the page is left: one that shows a job's progress opens itself again when it is over, at a time of its own.
    """
    address = page.url
    page.goto("about:blank")
    waiting = list(Job.objects.filter(state=JobState.QUEUED).order_by("created_at"))
    for job in waiting:
        jobs.run(job.pk)
        job.refresh_from_db()
        assert job.state == JobState.DONE, f"{job.kind}: {job.state}"
    page.goto(address, wait_until="domcontentloaded")
    return len(waiting)


def watched(page: Page) -> Page:
    """Everything the browser complains of lands in ``page.problems``."""
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.on("console", lambda message: page.problems.append(message.text) if message.type == "error" else None)
    return page


def not_found(page: Page, address: str) -> bool:
    """Whether the server knows no such page for this person and says so in words; the browser's complaint is wanted."""
    answer = page.goto(address)
    page.problems[:] = [line for line in page.problems if "status of 404" not in line]
    return answer.status == 404 and "不在您的管理范围内" in said(page)


def press(page: Page, button: str, within: str = "main") -> None:
    """Press a button or link by its words and wait for the page it leads to; a refusal would be a red box on it."""
    with page.expect_navigation(wait_until="domcontentloaded"):
        page.locator(within).locator("button, a").filter(has_text=button).first.click()
    assert page.locator(".alert-danger").count() == 0, page.locator(".alert-danger").first.inner_text()


def download(page: Page, button: str, within: str = "main") -> bytes:
    with page.expect_download() as got:
        page.locator(within).locator("button, a").filter(has_text=button).first.click()
    return Path(got.value.path()).read_bytes()


def said(page: Page) -> str:
    return page.inner_text("main")


class Staff:
    """Everybody with a desk, each in a browser of their own, signed in when first asked for."""

    def __init__(self, browser: Browser, site: str) -> None:
        self._browser, self._site = browser, site
        self.pages: dict[str, Page] = {}

    def __call__(self, username: str, address: str = "") -> Page:
        page = self.pages.get(username) or self._sign_in(username)
        if address:
            page.goto(address, wait_until="domcontentloaded")
        return page

    def _sign_in(self, username: str) -> Page:
        page = watched(
            self._browser.new_page(viewport={"width": 1280, "height": 900}, base_url=self._site, locale="zh-CN")
        )
        page.goto("/")
        page.fill("#id_login", username)
        page.fill("#id_password", PASSWORD)
        page.click("main button")
        page.wait_for_url(f"{self._site}/")
        self.pages[username] = page
        return page


def cards_on(pdf: bytes) -> dict[str, str]:
    """Read the printed image cards as a person does: by student number the code at the card's lower edge.

    The QR code beside it is read as a phone reads it and must say the same.
    """
    found: dict[str, str] = {}
    for sheet in pypdfium2.PdfDocument(pdf):
        words, height = sheet.get_textpage(), sheet.get_height()
        codes = {code.text.split("#card=")[1] for code in zxingcpp.read_barcodes(sheet.render(scale=3).to_pil())}
        for place in range(9):
            left, top = _EDGE[0] + place % 3 * _CARD[0], height - _EDGE[1] - place // 3 * _CARD[1]
            text = words.get_text_bounded(left, top - _CARD[1], left + _CARD[0], top)
            number, code = re.search(r"\b2022\d{6}\b", text), re.search(r"\b([0-9A-Z]{4}) ([0-9A-Z]{4,})\b", text)
            if number and code:
                found[number[0]] = code[1] + code[2]
                assert found[number[0]] in codes
    return found


class Graduate:
    """A graduate with the printed card and a phone of 390 px."""

    def __init__(self, browser: Browser, site: str, person: Candidate, code: str) -> None:
        self.person, self.code, self._site = person, code, site
        size = {"width": 390, "height": 844}
        self.phone = watched(
            browser.new_page(viewport=size, base_url=site, locale="zh-CN", is_mobile=True, has_touch=True)
        )

    @property
    def case(self) -> VerificationCase:
        """The person's case as the database has it now."""
        return VerificationCase.objects.get(candidate=self.person)

    def knock(self, **other: str) -> None:
        """Scan the card's QR code, which fills in the code, and copy the rest from the card."""
        self.phone.goto("about:blank")
        self.phone.goto(f"/verify/sign-in/#card={self.code}")
        assert self.phone.input_value("#card-code") == self.code
        assert self.code not in self.phone.url, "the code does not stay in the address"
        school = self.person.campaign.school.code
        card = {"school_code": school, "student_no": self.person.student_no, "name": self.person.name}
        for field, text in {**card, **other}.items():
            self.phone.fill(f"#card-{field}", text)
        self.phone.locator("main form button").first.tap()

    def enter(self, page: str) -> Page:
        """Log in and stand on this page of the portal."""
        self.knock()
        self.phone.wait_for_url(f"**/verify/{page}/")
        return self.see()

    def press(self, words: str, page: str) -> Page:
        self.phone.locator("main").locator("button, a").filter(has_text=words).first.tap()
        self.phone.wait_for_url(f"**/verify/{page}/")
        return self.see()

    def confirm(self) -> Page:
        self.phone.locator("#own").check()
        return self.press("信息无误", "final")

    def see(self) -> Page:
        """The page fits the phone, and no address names the person or the code."""
        assert self.phone.evaluate("document.documentElement.scrollWidth") <= 390, self.phone.url
        assert self.person.student_no not in self.phone.url
        return self.phone
