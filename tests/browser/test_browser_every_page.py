"""Every page in Chromium, wide and narrow, in both languages: axe finds nothing, nothing sticks out; and as a sheet of paper.

The pages are those of ``pages.test_pages_walk``: one world with every state in it.
"""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from django.test import Client

from browser.window import REPORT, WIDTHS
from gradphoto.apps.orgs.models import Role
from pages.test_pages_walk import LANGUAGES, visits
from world import build_world

pytestmark = [pytest.mark.browser, pytest.mark.django_db]
MOST_OF_A_NAME = int(os.environ.get("GRADPHOTO_AXE_MOST", "3"))
"""Pages of one name that are looked at: the states of a record look alike but for their buttons."""


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


@pytest.mark.nightly
@pytest.mark.slow
def test_every_page_prints_as_a_paper(walk, window):
    """What is told stands on it, what can be pressed does not, and nothing is cut off at the side."""
    seen: Counter[str] = Counter()
    found: dict[str, str] = {}
    for name, url, client in visits(walk):
        if seen[name] < 1 and window.open(client, url, LANGUAGES[1]):
            seen[name] += 1
            for fault in window.print_faults():
                if found.setdefault(fault, url) == url and REPORT:
                    with Path(REPORT).open("a", encoding="utf-8") as report:
                        report.write(f"{url} print: {fault}\n")
    assert len(seen) > 150
    assert found == {}


def test_a_double_click_sends_a_form_once(window, client):
    """Of two answers a browser shows the second one's: a refusal, though the first was taken. "Back" may send again."""
    assert window.open(client, "/accounts/login/", LANGUAGES[0])
    for field in ("login", "password"):
        window.page.fill(f"#id_{field}", "1")
    keep = "held = []; document.addEventListener('submit', (sent) => { held.push(sent.defaultPrevented); sent.preventDefault(); })"
    window.page.evaluate(keep)
    button = window.page.locator("main form button").first
    button.evaluate("one => { one.click(); one.click(); }")  # no time passes in between
    window.page.fill("#id_login", "2")
    button.click()
    assert window.page.evaluate("held") == [False, True, False], "what was changed in between is sent"
    other = "one => { const other = one.cloneNode(true); one.after(other); held = []; one.click(); other.click(); }"
    button.evaluate(other)
    assert window.page.evaluate("held") == [True, False], "another button asks for something else"


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
        found[url] += [*window.faults(), *window.print_faults()]
    assert {url: faults for url, faults in found.items() if faults} == {}
