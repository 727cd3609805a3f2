"""The main navigation: what a person's roles open, gathered by the stages of the journey."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, get_script_prefix, get_urlconf, resolve, reverse

from gradphoto.engine.wording import Wording

_STAGES: tuple[tuple[Wording, tuple[tuple[str, Wording], ...]], ...] = (
    (Wording("工作台", "Desk"), (("desk:home", Wording("工作台", "Desk")),)),
    (Wording("进度看板", "Dashboard"), (("desk:dashboard", Wording("进度看板", "Dashboard")),)),
    (
        Wording("准备", "Prepare"),
        (
            ("campaigns:list", Wording("采集批次与计划", "Campaigns and plans")),
            ("campaigns:calendar", Wording("工作日历", "Working calendar")),
            ("roster:list", Wording("名册", "Roster")),
            ("fees:list", Wording("缴费", "Fees")),
            ("schedule:list", Wording("时间安排", "Timetable")),
        ),
    ),
    (
        Wording("采集", "Photograph"),
        (
            ("capture:appearance", Wording("仪容检查", "Appearance check")),
            ("capture:list", Wording("现场采集", "Capture")),
            ("stations:list", Wording("采集站", "Stations")),
            ("station:hand_over", Wording("交回", "Hand over")),
            ("review:list", Wording("照片复核", "Photo review")),
            ("makeup:list", Wording("补拍散拍", "Make-up")),
            ("selfphoto:list", Wording("手机自助拍摄", "Photographing oneself")),
        ),
    ),
    (Wording("交付", "Deliver"), (("delivery:list", Wording("照片交付", "Delivery")),)),
    (
        Wording("校对", "Verify"),
        (
            ("verification:list", Wording("本人校对", "Verification by the graduate")),
            ("errata:list", Wording("勘误", "Errata")),
        ),
    ),
    (
        Wording("注册", "Register"),
        (
            ("registration:reviews", Wording("审核", "Review")),
            ("registration:ledger", Wording("注册台账", "Registration ledger")),
        ),
    ),
    (
        Wording("系统", "System"),
        (
            ("people:list", Wording("人员与角色", "People and roles")),
            ("api:tokens", Wording("接口", "Programs")),
            ("core:jobs", Wording("后台任务", "Jobs")),
            ("core:operations", Wording("运行状态", "Operations")),
            ("fonts:list", Wording("字库", "Fonts")),
            ("core:audit", Wording("审计", "Audit")),
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A link of the main navigation."""

    url: str
    title: Wording
    active: bool


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of the journey with what the viewer may open in it; a single link stands for itself."""

    title: Wording
    entries: tuple[Entry, ...]

    @property
    def active(self) -> bool:
        return any(entry.active for entry in self.entries)

    @property
    def only(self) -> Entry | None:
        return self.entries[0] if len(self.entries) == 1 else None


def navigation(request: HttpRequest) -> dict[str, Any]:
    """The stages a signed-in person may open, for the top bar; and whether everything here is a training."""
    user = getattr(request, "user", None)
    training = getattr(settings, "TRAINING", False)
    if user is None or not user.is_authenticated:
        return {"navigation": (), "training": training}
    links = [(title, list(_open_to(user.roles, entries))) for title, entries in _STAGES]
    marked = _marked(request, [way for _, entries in links for way, _ in entries])
    return {
        "training": training,
        "navigation": tuple(
            Stage(title, tuple(Entry(way.url, words, way.url == marked) for way, words in entries))
            for title, entries in links
            if entries
        ),
    }


@dataclass(frozen=True, slots=True)
class _Way:
    """Where a named page lies, who may open it and whose room it is in."""

    url: str
    allowed: frozenset[str]
    room: str


def _open_to(roles: frozenset[str], entries: tuple[tuple[str, Wording], ...]) -> Iterator[tuple[_Way, Wording]]:
    site = (get_urlconf() or settings.ROOT_URLCONF, get_script_prefix())
    for name, title in entries:
        way = _way(*site, name)
        if way is not None and roles & way.allowed:
            yield way, title


@functools.cache
def _way(urlconf: str, prefix: str, name: str) -> _Way | None:
    """Looked up once: a site's addresses do not change while it runs, and every page asked for thirty of them twice."""
    try:
        url = reverse(name, urlconf)
    except NoReverseMatch:
        return None
    page = resolve(url.removeprefix(prefix.rstrip("/")), urlconf)
    return _Way(url, getattr(page.func, "allowed_roles", frozenset()), page.app_name)


def _marked(request: HttpRequest, ways: list[_Way]) -> str | None:
    """The link whose address the page lies under, the longest; else the only link of the page's own room."""
    urls = [way.url for way in ways]
    under = max((url for url in urls if url != "/" and request.path.startswith(url)), key=len, default=None)
    if under is not None or request.resolver_match is None:
        return under
    here = request.resolver_match.app_name
    mine = [way.url for way in ways if way.room == here]
    return mine[0] if len(mine) == 1 or here == "desk" else None
