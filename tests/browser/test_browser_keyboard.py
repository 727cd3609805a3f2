"""Every page by keyboard alone: Tab reaches whatever can be pressed, one sees where one stands, nothing holds one fast.

A listener in the page writes down what takes the focus and whether that shows; what has a hand for a pointer must be something
that the keyboard reaches. Enter opens a menu or a question, Esc closes it and leads back.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client

from browser.window import REPORT, WIDTHS, Window
from gradphoto.apps.core import jobs
from gradphoto.apps.core.models import Job, JobState
from gradphoto.apps.orgs.models import Role
from gradphoto.engine.wording import Wording
from pages.test_pages_walk import visits
from world import build_world

pytestmark = [pytest.mark.browser, pytest.mark.django_db]
MOST_OF_A_NAME = int(os.environ.get("GRADPHOTO_AXE_MOST", "1"))
MOST_STOPS = 400
"""Stops looked at on one page: a long list's rows are all alike."""

_WATCH = """
() => {
  const still = new CSSStyleSheet();
  still.replaceSync('*, *::before, *::after { transition: none !important; scroll-behavior: auto !important; }');
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, still];
  const can = 'a[href], area[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex], iframe, audio[controls]';
  const shown = one => one.checkVisibility({visibilityProperty: true}) && !one.disabled && !one.closest('[inert]')
    && one.tabIndex >= 0 && !one.matches(':disabled');
  const told = one => one.outerHTML.replace(/\\s+/g, ' ').slice(0, 140);
  const looks = one => { const s = getComputedStyle(one); return [s.outlineStyle, s.outlineWidth, s.outlineColor, s.boxShadow,
    s.borderColor, s.backgroundColor, s.color, s.textDecorationLine, s.stroke, s.strokeWidth].join('|'); };
  const all = [...document.querySelectorAll(can)].filter(shown);
  const group = one => one.type === 'radio' && one.name ? [...document.querySelectorAll('input[type=radio]')]
    .filter(other => other.name === one.name && other.form === one.form) : [one];
  // an input may be drawn by its label, and a card by what stands in it
  const around = one => [one, one.parentElement, ...(one.labels || []), ...[...one.querySelectorAll('*')].slice(0, 6)];
  const calm = new Map(all.map(one => [one, around(one).map(looks)]));
  const reached = new Set(), faults = [];
  let stops = 0;
  document.addEventListener('focusin', event => {
    const one = event.target;
    stops += 1;
    if (reached.has(one)) return;
    reached.add(one);
    const box = one.getBoundingClientRect();
    const before = calm.get(one);
    if (before && around(one).map(looks).every((now, at) => now === before[at])) faults.push('no focus seen: ' + told(one));
    if (box.width && (box.bottom < 0 || box.top > innerHeight || box.right < 0 || box.left > innerWidth))
      faults.push('stands outside of the window: ' + told(one));
  });
  for (const one of document.querySelectorAll('main *, header *, nav *'))
    if (getComputedStyle(one).cursor === 'pointer' && one.checkVisibility()
        && !one.closest(can + ', label, option') && !one.querySelector(can)) faults.push('for a mouse only: ' + told(one));
  for (const one of all) if (one.tabIndex > 0) faults.push('an order of its own: ' + told(one));
  window.byKeys = {
    count: all.length + 5 * document.querySelectorAll('[type=date], [type=time], [type=datetime-local], [type=month]').length,
    end: () => [...faults, ...all.filter(one => one.checkVisibility() && !group(one).some(other => reached.has(other)))
      .map(one => 'not reached: ' + told(one))],
    stops: () => stops,
  };
}
"""
_OPENERS = '[data-bs-toggle="dropdown"], [data-open]'


def faults(window: Window) -> Iterator[str]:
    """What the keyboard misses on the page that is open."""
    page = window.page
    page.evaluate(
        "document.activeElement?.blur(); scrollTo(0, 0); document.getAnimations().forEach(one => one.finish())"
    )
    page.evaluate(_WATCH)
    count = page.evaluate("byKeys.count")
    for _ in range(min(count, MOST_STOPS) + 3):
        page.keyboard.press("Tab")
    if count <= MOST_STOPS:
        yield from page.evaluate("byKeys.end()")


def skips(window: Window) -> Iterator[str]:
    """The first stop leads past the menu."""
    page = window.page
    page.goto(page.url, wait_until="load")
    if page.evaluate("document.activeElement !== document.body || !document.querySelector('nav')"):
        return  # a field has the cursor already, or there is nothing to skip
    page.keyboard.press("Tab")
    if page.evaluate("document.activeElement.getAttribute('href')") != "#content":
        yield "no link to skip the menu"
        return
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    if page.evaluate("document.activeElement.closest('nav, header') && !document.activeElement.closest('main')"):
        yield "the skip link leads to the menu"


def opens_and_closes(window: Window) -> Iterator[str]:
    """Each menu and question: Enter opens it, Esc closes it, and the focus is where it was."""
    page = window.page
    for opener in page.locator(_OPENERS).all():
        if not opener.is_visible() or opener.is_disabled():
            continue
        opener.focus()
        page.keyboard.press("Enter")
        if not page.evaluate("document.querySelector('dialog[open], .dropdown-menu.show') !== null"):
            yield f"Enter does not open: {opener.evaluate('one => one.outerHTML')[:140]}"
            continue
        page.keyboard.press("Escape")
        if page.evaluate("document.querySelector('dialog[open], .dropdown-menu.show') !== null"):
            yield f"Esc does not close: {opener.evaluate('one => one.outerHTML')[:140]}"
            return
        if not opener.evaluate("one => document.activeElement === one"):
            yield f"Esc leads elsewhere: {opener.evaluate('one => one.outerHTML')[:140]}"


@pytest.mark.nightly
@pytest.mark.slow
@pytest.mark.parametrize("size", WIDTHS, ids=["phone", "desk"])
def test_every_page_is_worked_by_keys(walk, window, size):
    """``GRADPHOTO_AXE_REPORT`` names a file here, too."""
    width, height = size
    window.page.set_viewport_size({"width": width, "height": height})
    seen: Counter[str] = Counter()
    found: dict[str, str] = {}
    for name, url, client in visits(walk):
        if seen[name] >= MOST_OF_A_NAME or not window.open(client, url, "zh-hans"):
            continue
        seen[name] += 1
        for look in (faults, opens_and_closes, skips):
            for fault in look(window):
                if found.setdefault(fault, url) == url and REPORT:
                    with Path(REPORT).open("a", encoding="utf-8") as report:
                        report.write(f"{url} {width}: {fault}\n")
    assert len(seen) > 150
    assert found == {}


def test_pages_of_each_kind_are_worked_by_keys(window, client):
    """A desk with its menus, a list with its filter, a form, the sign-in and a phone's door."""
    world = build_world()
    staff = Client()
    staff.force_login(world.people[Role.REGISTRAR], "django.contrib.auth.backends.ModelBackend")
    found = {}
    for url, who, (width, height) in [
        ("/", staff, WIDTHS[1]),
        ("/roster/", staff, WIDTHS[1]),
        ("/roster/add/", staff, WIDTHS[0]),
        ("/accounts/login/", client, WIDTHS[1]),
        ("/verify/", client, WIDTHS[0]),
    ]:
        window.page.set_viewport_size({"width": width, "height": height})
        assert window.open(who, url, "zh-hans"), url
        found[url] = [*faults(window), *opens_and_closes(window), *skips(window)]
    assert {url: said for url, said in found.items() if said} == {}


def test_a_piece_that_is_drawn_anew_keeps_the_keyboards_place(window):
    """A running job's page asks each second: whoever stands on its button stays there."""
    world = build_world()
    staff = Client()
    staff.force_login(world.people[Role.REGISTRAR], "django.contrib.auth.backends.ModelBackend")
    job = jobs.enqueue(
        "delivery.make_portraits", world.actor(Role.REGISTRAR), Wording("制作照片", "Making portraits"), {},
        organisation_id=world.school.pk,
    )  # fmt: skip
    assert window.open(staff, f"/jobs/{job.pk}/", "zh-hans")
    button = window.page.get_by_role("button", name="取消", exact=True)
    button.focus()
    drawn = button.element_handle()
    Job.objects.update(state=JobState.RUNNING, total=40, done=10)
    window.page.wait_for_function("one => !one.isConnected", arg=drawn)
    window.page.wait_for_function("() => document.activeElement.textContent.trim() === '取消'")
    window.page.goto("about:blank")  # it asks each second, and this test's database is gone in a moment
