"""The Chromium of this machine for tests in a browser (Debian's, or Google's)."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

from playwright.sync_api import Browser, expect, sync_playwright

from patience import PROCESS_S, THREAD_S

_QUIET = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run", "--disable-sync")


@contextmanager
def opened_chromium(*flags: str) -> Iterator[Browser]:
    """A browser without a window, closed at the end. Its pages wait for what a busy machine shows late."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright's own loop runs in this thread
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=[*_QUIET, *flags], timeout=1000 * PROCESS_S)
        opened.new_page, opened.new_context = _patient(opened.new_page), _patient(opened.new_context)
        expect.set_options(timeout=1000 * THREAD_S)
        yield opened
        opened.close()


def _patient(make: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(make)
    def made(*given: Any, **named: Any) -> Any:
        one = make(*given, **named)
        one.set_default_timeout(1000 * THREAD_S)
        return one

    return made
