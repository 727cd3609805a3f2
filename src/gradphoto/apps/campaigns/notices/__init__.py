"""The notices that come with the product as templates of a campaign: rules, dates, places and contacts, each sourced.

A file holds what its notice says and nothing else; dates stand as the notice prints them and are moved to the class
of the new campaign by whole years (``moved``), for a person to change before the campaign is made.
"""

from __future__ import annotations

import functools
import tomllib
from dataclasses import dataclass
from datetime import date
from importlib import resources
from typing import Any

from gradphoto.apps.campaigns.models import ContactSide, Issuer
from gradphoto.apps.campaigns.settings_keys import KEYS, Key
from gradphoto.apps.core.errors import within
from gradphoto.engine.wording import Wording

_ORDER = ("today", "hunan_2014", "jiangxi_2020", "liaoning_2014", "npu_2010", "hunan_2009")


@dataclass(frozen=True, slots=True)
class SetRule:
    """A value with its document (R6), ready to be put into a rule set."""

    key: Key[Any]
    value: Any
    source: str
    issuer: Issuer
    effective_from: date


@dataclass(frozen=True, slots=True)
class NoticeDate:
    """A milestone as the notice prints it; ``kind`` is one of ``roster.MilestoneKind``."""

    kind: str
    day: date
    source: str


@dataclass(frozen=True, slots=True)
class NoticeCohort:
    """Who graduates: intake so many years before the class, of one major or of all (R7)."""

    years_before: int
    source: str
    major: str = ""


@dataclass(frozen=True, slots=True)
class NoticePlace:
    """A room that the notice names (R86)."""

    name: str
    stations: int
    source: str


@dataclass(frozen=True, slots=True)
class NoticeContact:
    """Whom to reach (R202): only what the notice prints."""

    side: ContactSide
    name: str
    source: str
    telephone: str = ""
    other_telephone: str = ""
    fax: str = ""
    address: str = ""
    postcode: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice as a template. ``cohort_year`` is 0 where it is of no one class."""

    code: str
    title: Wording
    notice: str
    issued_by: str
    cohort_year: int
    campaign_title: str
    left_out: Wording | None
    rules: tuple[SetRule, ...]
    dates: tuple[NoticeDate, ...]
    cohorts: tuple[NoticeCohort, ...]
    places: tuple[NoticePlace, ...]
    contacts: tuple[NoticeContact, ...]


@functools.cache
def notices() -> dict[str, Notice]:
    """Every template by its code, today's way first."""
    return {code: _read(code) for code in _ORDER}


def _read(code: str) -> Notice:
    text = resources.files(__package__).joinpath(f"{code}.toml").read_text(encoding="utf-8")
    said = tomllib.loads(text)
    return Notice(
        code=code,
        title=Wording(**said["title"]),
        notice=said["notice"],
        issued_by=said["issued_by"],
        cohort_year=said.get("cohort_year", 0),
        campaign_title=said["campaign_title"],
        left_out=Wording(**said["left_out"]) if "left_out" in said else None,
        rules=tuple(_rule(said, one) for one in said["rules"]),
        dates=tuple(NoticeDate(**one) for one in said.get("dates", ())),
        cohorts=tuple(NoticeCohort(**one) for one in said.get("cohorts", ())),
        places=tuple(NoticePlace(**one) for one in said.get("places", ())),
        contacts=tuple(NoticeContact(**{**one, "side": ContactSide(one["side"])}) for one in said.get("contacts", ())),
    )


def _rule(said: dict[str, Any], one: dict[str, Any]) -> SetRule:
    """A rule names the place in its notice; a document of somebody else names that document itself."""
    key, value = KEYS[one["key"]], one["value"]
    stored = value.isoformat() if isinstance(value, date) else value
    key.read(stored)
    source = f"{one.get('document', said['notice'])} {one['source']}".strip()
    return SetRule(
        key, stored, within(source, 200), Issuer(one.get("issuer", said["issuer"])), one.get("since", said["since"])
    )


def moved(day: date, years: int) -> date:
    """The same day of another year; the 29th of February becomes the 28th where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def moved_value(key: Key[Any], value: Any, years: int) -> Any:
    """A rule that is a date moves with the class; any other value stays."""
    return moved(date.fromisoformat(value), years).isoformat() if key.read == date.fromisoformat else value
