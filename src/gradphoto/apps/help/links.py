"""Which paragraph a page leads to: ``pages.toml`` says for each manual and paragraph which pages it is about.

A reader gets the paragraph of a manual of their own; if none of theirs tells about the page, another manual's.
``"room:*"`` and ``"mfa_*"`` stand for whatever page of a room is not named, so that a new page is never without help.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

from django.urls import reverse

from gradphoto.apps.help.manuals import TITLES, manual_of, manuals_for

_ANYBODY = ("basics", "graduate")
"""Manuals that are asked after the reader's own."""


@cache
def table() -> dict[str, dict[str, str]]:
    """Manual -> name of a page (or ``room:*``) -> anchor."""
    read = tomllib.loads(Path(__file__).with_name("pages.toml").read_text(encoding="utf-8"))
    return {
        manual: {page: anchor for anchor, pages in paragraphs.items() for page in pages}
        for manual, paragraphs in read.items()
    }


def paragraph_of(page: str, roles: frozenset[str]) -> tuple[str, str] | None:
    """(manual, anchor) for a page by the name of its address; None for one that no manual tells about."""
    mine = manuals_for(roles)
    others = tuple(name for name in TITLES if name not in mine and name not in _ANYBODY)
    room = re.sub(r"[:_].*", lambda rest: f"{rest[0][0]}*", page, count=1)
    for manuals in (mine, _ANYBODY, others):
        for wanted in (page, room):
            for name in manuals:
                if anchor := table().get(name, {}).get(wanted):
                    return name, anchor
    return None


@cache
def help_url(page: str, roles: frozenset[str]) -> str:
    """The address of the page's paragraph; of the index where there is none. Worked out once for each set of roles."""
    found = paragraph_of(page, roles)
    return f"{manual_of(found[0]).url}#{found[1]}" if found else reverse("help:index")
