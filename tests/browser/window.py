"""A Chromium page over the test's own transaction: no server, no sign-in, no second database.

The browser asks an address, and the test answers it itself, by Django's own client.
"""

from __future__ import annotations

import mimetypes
import os
import re
from collections.abc import Iterator
from contextvars import copy_context
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client
from playwright.sync_api import Page, Route

from axe import violations

SITE = "http://testserver"
WIDTHS = ((390, 844), (1280, 800))
REPORT = os.environ.get("GRADPHOTO_AXE_REPORT")
"""A file that gets each fault as it is found: a walk over all pages takes minutes."""

PAPER = {"width": 718, "height": 1046}
"""A4 at 96 dpi within margins of 10 mm."""
_ON_PAPER = """
() => {
  const seen = one => one.checkVisibility({visibilityProperty: true}) && one.getBoundingClientRect().width > 1;
  const told = one => one.outerHTML.replace(/\\s+/g, ' ').slice(0, 120);
  const faults = [];
  for (const one of document.querySelectorAll('button, input[type=submit], .topbar, nav, .help-link, .page-actions, .filters'))
    if (seen(one)) faults.push('on paper: ' + told(one));
  for (const one of document.querySelectorAll('main *'))
    if (['fixed', 'sticky'].includes(getComputedStyle(one).position) && seen(one)) faults.push('lies over the sheet: ' + told(one));
  if (document.documentElement.scrollWidth > document.documentElement.clientWidth + 1) faults.push('wider than the sheet');
  if (!document.querySelector('main') || document.querySelector('main').innerText.trim().length < 2) faults.push('an empty sheet');
  return faults.slice(0, 6);
}
"""


class Window:
    """A Chromium page whose requests are answered by a client of the test's own."""

    def __init__(self, page: Page) -> None:
        self.page, self.client = page, Client()
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
        yield from violations(self.page)
        if self.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth + 1"):
            yield "sticks out of the window"

    def print_faults(self) -> Iterator[str]:
        """What a sheet of A4 of the page has that it should not, or lacks."""
        width = self.page.viewport_size
        self.page.set_viewport_size(PAPER)
        self.page.emulate_media(media="print")
        yield from self.page.evaluate(_ON_PAPER)
        self.page.emulate_media(media="screen")
        self.page.set_viewport_size(width)
