"""What pages say when there is nothing yet: before the first campaign, and in a campaign without anybody.

Every address that names no record is opened in both. A place that says so (``.empty``) says what to do next, by a second
sentence or by something to press; and no table stands there with its headings alone.
"""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from django.test import Client
from django.urls import reverse

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.orgs.models import Role
from pages.test_pages_walk import PORTALS, addresses, browser_for
from pages.walk_world import APART, Walk, everybody
from world import build_world

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
WELL = {
    "没有漏拍。", "没有差异。", "没有图像异议。", "没有更正申请。", "没有补登申请。", "没有需要裁定的记录。", "没有登记的问题。",
    "没有符合条件的毕业生。", "没有符合条件的记录。", "没有退回的照片。",
    "请从上面的清单开始：下一步是“人员”。",
}  # fmt: skip
"""Said where all is well, or where only the filter left nothing: nothing is to be done."""
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


class Places(HTMLParser):
    """The words of each ``.empty`` place, whether something in it can be pressed, and tables without a row."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.places: list[tuple[str, bool]] = []
        self.bare_tables = 0
        self._depth, self._words, self._pressed = 0, "", False
        self._rows: list[int] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        classes = (dict(attrs).get("class") or "").split()
        if self._depth and tag not in VOID:
            self._depth += 1
            self._pressed |= tag in ("a", "button", "form")
        elif "empty" in classes:
            self._depth, self._words, self._pressed = 1, "", False
        if tag == "table":
            self._rows.append(0)
        if tag == "td" and self._rows:
            self._rows[-1] += 1

    def handle_endtag(self, tag):
        if self._depth and tag not in VOID:
            self._depth -= 1
            if not self._depth:
                self.places.append(("".join(self._words.split()), self._pressed))
        if tag == "table" and self._rows and not self._rows.pop():
            self.bare_tables += 1

    def handle_data(self, data):
        if self._depth:
            self._words += data


def says_what_next(words: str, can_be_pressed: bool) -> bool:
    return can_be_pressed or words in WELL or words.count("。") >= 2 or "；" in words


@pytest.mark.parametrize(
    "with_campaign",
    [pytest.param(False, id="no-campaign", marks=pytest.mark.nightly), pytest.param(True, id="nobody-in-it")],
)
def test_an_empty_page_says_what_to_do_next(with_campaign):
    world = build_world()
    if not with_campaign:
        Campaign.objects.all().delete()
    walk = Walk(world, everybody(world, "staff", set(Role) - set(APART)), everybody(world, "office", APART))
    broken, silent, bare, seen, places = {}, {}, set(), 0, 0
    for name, needed, _ in addresses():
        if needed or name.startswith(("interface:", "mfa_", "set_language", "account_logout")):
            continue
        url = reverse(name)
        browser = Client(raise_request_exception=False) if url.startswith(PORTALS) else browser_for(walk, url)
        answer = browser.get(url)
        if answer.status_code >= 500:
            broken[name] = answer.status_code
        if answer.status_code != 200 or answer.streaming or "text/html" not in answer.headers["Content-Type"]:
            continue
        seen += 1
        page = Places(answer.content.decode())
        places += len(page.places)
        if page.bare_tables:
            bare.add(name)
        for words, can_be_pressed in page.places:
            if not says_what_next(words, can_be_pressed):
                silent.setdefault(words, set()).add(name)
    assert broken == {}
    assert (silent, bare) == ({}, set())
    assert (seen > 90, places > 30) == (True, True), (seen, places)


@pytest.mark.parametrize(
    ("words", "pressed", "enough"),
    [("还没有采集批次。", False, False), ("还没有采集批次。请教务处建立。", False, True), ("还没有。", True, True)],
)
def test_one_sentence_alone_is_not_enough(words, pressed, enough):
    html = f'<div class="panel empty"><p>{words}<br></p>{"<a>x</a>" if pressed else ""}</div><table><tr><th>a</th></tr></table>'
    page = Places(html)
    ((said, can),) = page.places
    assert says_what_next(said.removesuffix("x"), can) is enough
    assert page.bare_tables == 1
