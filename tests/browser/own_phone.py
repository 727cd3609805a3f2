"""A person with a link and a phone of 390 px, before a camera that is a file (fake_camera.py)."""

from __future__ import annotations

import os
from pathlib import Path

from fake_camera import film
from playwright.sync_api import Browser, Page

from axe import violations
from gradphoto.apps.roster.models import Candidate

PICTURES = os.environ.get("GRADPHOTO_PORTAL_PICTURES")
WIDTH = 390
_NO_COMPLAINTS = ("XNNPACK", "Failed to load resource")
"""What the face model tells on the error console, and answers that a test asks for."""


class OwnPhone:
    """What the person does, page by page; whatever the browser complains of lands in ``problems``."""

    def __init__(self, browser: Browser, site: str, person: Candidate, camera: Path, *, width: int = WIDTH) -> None:
        self.person, self.camera, self.problems = person, camera, []
        self.code = ""
        phone = {"width": width, "height": 844}
        self.context = browser.new_context(
            viewport=phone, base_url=site, locale="zh-CN", is_mobile=width == WIDTH, has_touch=True
        )
        self.page: Page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("console", self._hear)
        self.devtools = self.context.new_cdp_session(self.page)
        self.devtools.send("Network.enable")

    def _hear(self, message) -> None:
        if message.type == "error" and not any(known in message.text for known in _NO_COMPLAINTS):
            self.problems.append(message.text)

    def network(self, *, offline: bool = False, up_bytes_s: int = -1) -> None:
        """Cut the network, or make its way up slow."""
        self.devtools.send(
            "Network.emulateNetworkConditions",
            {"offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": up_bytes_s},
        )

    def scan(self, code: str) -> None:
        """The QR's link: the code leaves the address bar and stands in the form."""
        self.page.goto(f"/my-photo/l/{code}/")
        assert self.page.url.endswith("/my-photo/")
        assert self.page.input_value("#linkentry-code") == code

    def say_who(self, **other: str) -> None:
        known = {"student_no": self.person.student_no, "name": self.person.name, **other}
        for field, text in known.items():
            self.page.fill(f"#linkentry-{field}", text)
        with self.page.expect_navigation():
            self.page.tap("main form button >> nth=0")

    def agree(self) -> None:
        self.page.check("#photograph")
        self.press("同意，去拍摄", "**/camera/")

    def press(self, words: str, address: str) -> None:
        """Press a button or a link by its words and stand on the next page."""
        with self.page.expect_navigation(url=address):
            self.page.locator("main").locator("button, a").filter(has_text=words).first.tap()

    def opens(self) -> None:
        """The camera's picture is seen."""
        self.page.wait_for_selector("#camera[data-state=live]")

    def hinted(self, name: str) -> None:
        self.page.wait_for_selector(f"#camera[data-hint={name}]")

    def takes(self, seconds: int = 0) -> None:
        """Press the shutter, with the timer or without it, and look at the still."""
        self.page.select_option("[data-part=timer]", str(seconds))
        self.page.tap("[data-part=shutter]")
        self.page.wait_for_selector("#camera[data-state=taken]")

    def sends(self) -> str:
        """Send the still and stand on the verdict's page; its colour: good, warn or bad."""
        self.page.tap("[data-part=use]")
        return self.is_told()

    def is_told(self) -> str:
        self.page.wait_for_url("**/tries/**")
        return self.page.get_attribute(".verdict-line .state", "class").split("state-")[-1]

    def photographs(self, who: str, film_of=film) -> str:
        """Another picture from the camera's page to the verdict."""
        film_of(self.camera, who)
        self.page.goto("/my-photo/camera/")
        self.opens()
        self.takes()
        return self.sends()

    def looks(self, name: str) -> None:
        """The page fits the phone, axe finds nothing, and the address names nobody."""
        assert violations(self.page) == [], name
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= self.page.viewport_size["width"], (name, wide)
        assert self.person.student_no not in self.page.url
        if PICTURES:
            self.page.screenshot(path=Path(PICTURES) / f"own-{name}.png", full_page=True)

    def in_english(self, name: str) -> None:
        """The same page in English, and back."""
        for language in ("en", "zh-hans"):
            cookie = {"name": "django_language", "value": language, "domain": "localhost", "path": "/"}
            self.context.add_cookies([cookie])
            self.page.reload()
            self.looks(f"{name}-{language}")

    def said(self) -> str:
        return self.page.inner_text("main")
