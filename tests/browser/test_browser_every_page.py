"""Every page in Chromium, wide and narrow, in both languages: axe finds nothing, nothing sticks out, the keyboard gets around.

The pages are those of ``pages.test_pages_walk``: one world with every state in it. The browser asks an address, and the test
answers it itself, by Django's own client in the same transaction: no server, no sign-in, no second database.
"""

from __future__ import annotations

import mimetypes
import os
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextvars import copy_context
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.files.storage import storages
from django.db import transaction
from django.test import Client, override_settings
from playwright.sync_api import Page, Route

from browser.walk import chromium
from gradphoto.apps.orgs.models import Role
from pages.test_pages_walk import LANGUAGES, visits
from pages.walk_world import build_walk
from world import build_world

pytestmark = [pytest.mark.browser, pytest.mark.django_db]
SITE = "http://testserver"
WIDTHS = ((390, 844), (1280, 800))
MOST_OF_A_NAME = int(os.environ.get("GRADPHOTO_AXE_MOST", "3"))
"""Pages of one name that are looked at: the states of a record look alike but for their buttons."""
REPORT = os.environ.get("GRADPHOTO_AXE_REPORT")


class Window:
    """A Chromium page whose requests are answered by a client of the test's own."""

    def __init__(self, page: Page) -> None:
        self.page, self.client = page, Client()
        self.axe = Axe()
        page.set_default_timeout(20_000)
        page.route(re.compile("."), self._answer)

    def _answer(self, route: Route) -> None:
        path = route.request.url.removeprefix(SITE)
        if path.startswith("/static/") and (found := finders.find(path.partition("?")[0].removeprefix("/static/"))):
            kind = mimetypes.guess_type(found)[0] or "application/octet-stream"
            route.fulfill(body=Path(found).read_bytes(), content_type=kind)
        elif route.request.method != "GET":
            route.abort()
        else:
            asked = {name: value for name, value in route.request.headers.items() if name.startswith("hx-")}
            answer = self.context.run(self.client.get, path, headers=asked)
            body = b"".join(answer.streaming_content) if answer.streaming else answer.content
            route.fulfill(status=answer.status_code, body=body, headers=dict(answer.headers))

    def open(self, client: Client, url: str, language: str) -> bool:
        """Whether the address is a page: a file and an answer that leads on are none."""
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
        self.client = client
        # Playwright calls back in a context of its own, in which Django would open another connection.
        self.context = copy_context()
        answer = client.get(url)
        if answer.status_code != 200 or answer.streaming or "text/html" not in answer.headers["Content-Type"]:
            return False
        if "<html" not in answer.content.decode():
            return False  # a fragment
        self.page.goto(SITE + url, wait_until="load")
        return True

    def faults(self) -> Iterator[str]:
        """What axe objects to, and what sticks out of the window."""
        self.page.evaluate("document.getAnimations().forEach(one => one.finish())")
        for broken in self.axe.run(self.page).response["violations"]:
            for node in broken["nodes"][:2]:
                yield f"{broken['id']}: {node['html'][:160]}"
        if self.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth + 1"):
            yield "sticks out of the window"


@pytest.fixture(scope="module")
def window() -> Iterator[Window]:
    with chromium() as browser:
        yield Window(browser.new_page(base_url=SITE))


@pytest.fixture
def walk(tmp_path) -> Iterator:
    blobs = {**settings.STORAGES["blobs"], "OPTIONS": {"location": tmp_path / "blobs"}}
    with override_settings(STORAGES={**settings.STORAGES, "blobs": blobs}):
        storages._storages.clear()
        with transaction.atomic():
            yield build_walk()
            transaction.set_rollback(True)
    storages._storages.clear()


@pytest.mark.nightly
@pytest.mark.slow
@pytest.mark.parametrize("size", WIDTHS, ids=["phone", "desk"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing_on_any_page(walk, window, language, size):
    """``GRADPHOTO_AXE_REPORT`` names a file that gets each fault as it is found: a walk takes minutes."""
    width, height = size
    window.page.set_viewport_size({"width": width, "height": height})
    seen: Counter[str] = Counter()
    found: dict[str, str] = {}
    for name, url, client in visits(walk):
        if seen[name] < MOST_OF_A_NAME and window.open(client, url, language):
            seen[name] += 1
            for fault in window.faults():
                if found.setdefault(fault, url) == url and REPORT:
                    with Path(REPORT).open("a", encoding="utf-8") as report:
                        report.write(f"{url} {language} {width}: {fault}\n")
    assert len(seen) > 150
    assert found == {}


def test_axe_finds_nothing_on_pages_of_each_kind(window, client):
    """A list, a form, a page of tiles, a manual and a door: each in one language and at one width."""
    world = build_world()
    staff = Client()
    staff.force_login(world.people[Role.REGISTRAR], "django.contrib.auth.backends.ModelBackend")
    found = defaultdict(list)
    for (url, who), language, (width, height) in zip(
        [
            ("/", staff),
            ("/roster/", staff),
            ("/help/registrar/", staff),
            ("/accounts/login/", client),
            ("/verify/", client),
        ],
        [*LANGUAGES, *LANGUAGES, LANGUAGES[0]],
        [*WIDTHS, *WIDTHS, WIDTHS[0]],
        strict=True,
    ):
        window.page.set_viewport_size({"width": width, "height": height})
        assert window.open(who, url, language), url
        found[url] += window.faults()
    assert {url: faults for url, faults in found.items() if faults} == {}
