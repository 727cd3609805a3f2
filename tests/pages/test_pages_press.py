"""May see is not may change: no page of a role leads to one that is closed to it, or shows a button that it may not press.

One world of all stages (``walk_world``), walked by one person a role; the newest record of each state. A link or a button
is judged by the roles of the page it asks for; what depends on the record is refused to the press, so it is pressed, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from django.conf import settings
from django.core.files.storage import storages
from django.db import transaction
from django.test import Client, override_settings
from django.urls import Resolver404, resolve, reverse

from gradphoto.apps.orgs.models import Role
from pages.test_pages_walk import _arguments, addresses
from pages.walk_world import BACKEND, Walk, build_walk

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.nightly]
FORBIDDEN = 403


class _Ways(HTMLParser):
    """Where a page leads: by links, and by forms that have a button, with what stands in them."""

    def __init__(self) -> None:
        super().__init__()
        self.with_button: set[int] = set()
        self.links: set[str] = set()
        self.forms: list[tuple[str, dict[str, list[str]]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attrs}
        if tag == "a" and known.get("href", "").startswith("/"):
            self.links.add(known["href"].partition("#")[0])
        elif tag == "form" and "post" in (known.get("method", "").lower(), *(["post"] if "hx-post" in known else [])):
            self.forms.append((known.get("hx-post") or known.get("action", ""), {}))
        if tag == "button" and known.get("type") != "button":
            self.with_button.add(len(self.forms) - 1)
        if (
            self.forms
            and known.get("name")
            and tag in ("input", "button")
            and known.get("type") not in ("checkbox", "radio")
        ):
            self.forms[-1][1].setdefault(known["name"], []).append(known.get("value", ""))


@pytest.fixture(scope="module")
def walk(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[Walk]:
    blobs = {**settings.STORAGES["blobs"], "OPTIONS": {"location": tmp_path_factory.mktemp("press")}}
    with django_db_blocker.unblock(), override_settings(STORAGES={**settings.STORAGES, "blobs": blobs}):
        storages._storages.clear()
        with transaction.atomic():
            yield build_walk()
            transaction.set_rollback(True)
    storages._storages.clear()


def _pages_of(walk: Walk, role: Role) -> Iterator[str]:
    for name, needed, converters in addresses():
        for values in _arguments(walk, name, needed, converters):
            url = reverse(name, kwargs=dict(zip(needed, values, strict=True)))
            if role in getattr(resolve(url).func, "allowed_roles", ()):
                yield url


def _is_closed(address: str, role: Role) -> bool:
    try:
        allowed = getattr(resolve(address.partition("?")[0]).func, "allowed_roles", None)
    except Resolver404:
        return not address.startswith(("/static/", "/accounts/"))
    return allowed is not None and role not in allowed


@pytest.mark.parametrize("role", list(Role), ids=str)
def test_a_page_leads_nowhere_that_is_closed_to_its_reader(walk, role):
    browser = Client(raise_request_exception=False)
    browser.force_login(walk.world.people[role], BACKEND)
    found, pressed, opened = set(), set(), 0
    for url in _pages_of(walk, role):
        page = browser.get(url)
        if page.status_code != 200 or page.streaming or "text/html" not in page.headers["Content-Type"]:
            continue
        opened += 1
        view = resolve(url).view_name
        ways = _Ways()
        ways.feed(page.content.decode())
        found |= {(view, "link", one) for one in ways.links if _is_closed(one, role)}
        for place, (action, data) in enumerate(ways.forms):
            if place not in ways.with_button:
                continue
            action = url + action if not action or action.startswith("?") else action
            name = resolve(action.partition("?")[0]).view_name
            asked = (view, name, *data.get("form", []))
            if asked in pressed or name in ("account_logout", "set_language", "search:ask"):
                continue
            pressed.add(asked)
            mark = transaction.savepoint()
            if browser.post(action, data).status_code == FORBIDDEN:
                found.add((view, "button", *asked[1:]))
            transaction.savepoint_rollback(mark)
    assert opened > 5
    assert found == set()
