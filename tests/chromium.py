"""The Chromium of this machine for tests in a browser (Debian's, or Google's)."""

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

_QUIET = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run", "--disable-sync")


_OPEN: dict[tuple[str, ...], Browser] = {}


@contextmanager
def opened_chromium(*flags: str) -> Iterator[Browser]:
    """A browser without a window; its pages wait for what a busy machine shows late, and are closed at the end.

    The browser itself stays for the next test of this process: to start one costs more than many a walk, and every page
    has cookies, storage and cache of a context of its own.
    """
    if flags not in _OPEN or not _OPEN[flags].is_connected():
        _OPEN[flags] = _launched(flags)
    browser = _OPEN[flags]
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


def _launched(flags: tuple[str, ...]) -> Browser:
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    opened = _playwright().chromium.launch(executable_path=path, args=[*_QUIET, *flags], timeout=1000 * PROCESS_S)
    opened.new_page, opened.new_context = _patient(opened.new_page), _patient(opened.new_context)
    expect.set_options(timeout=1000 * THREAD_S)
    return opened


def _patient(make: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(make)
    def made(*given: Any, **named: Any) -> Any:
        one = make(*given, **named)
        one.set_default_timeout(1000 * THREAD_S)
        return one

    return made
