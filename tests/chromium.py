"""The Chromium of this machine for tests in a browser (Debian's, or Google's).

The one without a window is taken where there is one: it draws and lays out the same for less than half of the processor.
"""

from __future__ import annotations

import atexit
import functools
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Playwright, expect, sync_playwright

from patience import PROCESS_S, THREAD_S

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""As ``scripts/need-chromium`` looks for them."""
_QUIET = (
    "--no-sandbox", "--disable-gpu", "--in-process-gpu", "--disable-background-networking", "--no-first-run",
    "--disable-sync",
)  # fmt: skip


_OPEN: dict[tuple[str, ...], Browser] = {}


@contextmanager
def opened_chromium(*flags: str, permissions: tuple[str, ...] = ()) -> Iterator[Browser]:
    """A browser without a window; its pages wait for what a busy machine shows late, and are closed at the end.

    ``permissions`` are those that whoever sits before it has given every site, e.g. ``camera``.
    The browser itself stays for the next test of this process: to start one costs more than many a walk, and every page
    has cookies, storage and cache of a context of its own.
    """
    key = (*flags, *permissions)
    if key not in _OPEN or not _OPEN[key].is_connected():
        _OPEN[key] = _launched(flags, permissions)
    browser = _OPEN[key]
    before = set(browser.contexts)
    try:
        yield browser
    finally:
        for context in browser.contexts:
            if context not in before:
                context.close()


@functools.cache
def _playwright() -> Playwright:
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright's own loop runs in this thread
    started = sync_playwright().start()
    atexit.register(started.stop)
    return started


def _launched(flags: tuple[str, ...], permissions: tuple[str, ...]) -> Browser:
    path = next(filter(None, map(shutil.which, NAMES)))
    opened = _playwright().chromium.launch(executable_path=path, args=[*_QUIET, *flags], timeout=1000 * PROCESS_S)
    opened.new_page = _patient(opened.new_page, permissions)
    opened.new_context = _patient(opened.new_context, permissions)
    expect.set_options(timeout=1000 * THREAD_S)
    return opened


def _patient(make: Callable[..., Any], permissions: tuple[str, ...]) -> Callable[..., Any]:
    @functools.wraps(make)
    def made(*given: Any, **named: Any) -> Any:
        # An empty list is no list: it would refuse everything, where a browser asks.
        one = make(*given, **({"permissions": list(permissions)} if permissions else {}) | named)
        one.set_default_timeout(1000 * THREAD_S)
        return one

    return made
