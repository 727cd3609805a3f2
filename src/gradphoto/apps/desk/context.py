"""The main navigation: what a person's roles open, in the order of the journey."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, resolve, reverse

from gradphoto.engine.wording import Wording

_ENTRIES: tuple[tuple[str, Wording], ...] = (
    ("desk:home", Wording("工作台", "Desk")),
    ("campaigns:list", Wording("采集批次", "Campaigns")),
    ("roster:list", Wording("名册", "Roster")),
    ("fees:list", Wording("缴费", "Fees")),
    ("schedule:list", Wording("时间安排", "Timetable")),
    ("capture:list", Wording("现场采集", "Capture")),
    ("capture:stations", Wording("采集站", "Stations")),
    ("station:hand_over", Wording("交回", "Hand over")),
    ("capture:review", Wording("照片复核", "Photo review")),
    ("makeup:list", Wording("补拍散拍", "Make-up")),
    ("delivery:list", Wording("照片交付", "Delivery")),
    ("verification:list", Wording("本人校对", "Verification")),
    ("errata:list", Wording("勘误", "Errata")),
    ("registration:reviews", Wording("审核", "Review")),
    ("registration:ledger", Wording("注册台账", "Ledger")),
    ("core:jobs", Wording("后台任务", "Jobs")),
    ("core:audit", Wording("审计", "Audit")),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A link of the main navigation."""

    url: str
    title: Wording
    active: bool


def navigation(request: HttpRequest) -> dict[str, Any]:
    """The links a signed-in person may open, for the top bar."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"navigation": ()}
    here = request.resolver_match.app_name if request.resolver_match else ""
    return {"navigation": tuple(_entries(user.roles, here, request))}


def _entries(roles: frozenset[str], here: str, request: HttpRequest) -> Iterator[Entry]:
    """The links in order; of a room with two of them the one whose address the page lies under is marked."""
    links = []
    for name, title in _ENTRIES:
        try:
            url = reverse(name)
        except NoReverseMatch:
            continue
        if roles & getattr(resolve(url).func, "allowed_roles", frozenset()):
            links.append((name.split(":")[0], url, title))
    mine = [url for room, url, _ in links if room == here]
    under = max((url for url in mine if request.path.startswith(url)), key=len, default=None)
    marked = mine[0] if under is None and len(mine) == 1 else under
    for _, url, title in links:
        yield Entry(url, title, url == marked)
