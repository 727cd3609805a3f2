"""The main navigation: what a person's roles open, gathered by the stages of the journey."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, get_script_prefix, get_urlconf, resolve, reverse
from django.utils.functional import SimpleLazyObject

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
    """The stages a signed-in person may open, for the top bar; and whether everything here is a training.

    Put together only where a template reads them: a fragment of the room has no top bar, and is asked for several times a second.
    """
    return {
        "training": getattr(settings, "TRAINING", False),
        "navigation": SimpleLazyObject(lambda: stages_of(request)),
    }


def stages_of(request: HttpRequest) -> tuple[Stage, ...]:
    """The stages of the journey with what the viewer may open in each; none for who is not signed in."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return ()
    roles = user.roles
    links = [
        (title, [link for link in links if roles & link.roles])
        for title, links in _links(get_urlconf() or settings.ROOT_URLCONF, get_script_prefix())
    ]
    marked = _marked(request, [link for _, mine in links for link in mine])
    return tuple(
        Stage(title, tuple(Entry(link.url, link.title, link.url == marked) for link in mine))
        for title, mine in links
        if mine
    )


@dataclass(frozen=True, slots=True)
class _Link:
    url: str
    title: Wording
    room: str
    """The app whose page it is."""
    roles: frozenset[str]


@functools.lru_cache(maxsize=8)
def _links(urlconf: str, prefix: str) -> tuple[tuple[Wording, tuple[_Link, ...]], ...]:
    """Every link that this site has, the same for everybody: addresses are resolved once, not on each page."""
    return tuple((title, tuple(_found(entries))) for title, entries in _STAGES)


def _found(entries: tuple[tuple[str, Wording], ...]) -> Iterator[_Link]:
    for name, title in entries:
        try:
            url = reverse(name)
        except NoReverseMatch:
            continue
        page = resolve(url)
        yield _Link(url, title, page.app_name, getattr(page.func, "allowed_roles", frozenset()))


def _marked(request: HttpRequest, links: list[_Link]) -> str | None:
    """The link whose address the page lies under, the longest; else the only link of the page's own room."""
    under = [link.url for link in links if link.url != "/" and request.path.startswith(link.url)]
    if under:
        return max(under, key=len)
    here = request.resolver_match.app_name if request.resolver_match else None
    mine = [link.url for link in links if here is not None and link.room == here]
    return mine[0] if len(mine) == 1 or (mine and here == "desk") else None
