"""What a rule may be chosen from. The rooms that own the codes register them; pages then show words and offer choices."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from gradphoto.apps.campaigns.settings_keys import (
    BACKDROP,
    CARD_DEPARTMENT_DIGITS,
    EXTRA_PROFILES,
    JEWELLERY_RULE,
    MAKE_UP_WEEKENDS,
    NEW_BACKGROUND,
    PHOTO_PROFILE,
    SEASON_MONTHS,
    Key,
    fen,
    least_and_most,
    month_days,
)
from gradphoto.apps.core.wording import say
from gradphoto.engine.standards.deadlines import Deadline
from gradphoto.engine.standards.profiles import JEWELLERY, backdrops, load_profile, profile_codes
from gradphoto.engine.wording import Wording

Choices = Iterable[tuple[str, Any]]
"""Codes with their labels, as ``TextChoices.choices`` gives them."""

_YES, _NO = Wording("是", "yes"), Wording("否", "no")
_NONE = Wording("无", "none")


@dataclass(frozen=True, slots=True)
class _Source:
    values: Callable[[], Choices]
    lines: Callable[[], Choices]


_SOURCES: dict[str, _Source] = {}


def offer(key: Key[Any], values: Callable[[], Choices], lines: Callable[[], Choices] = tuple) -> None:
    """Register the codes a rule may hold; ``lines`` are those on the left side of a table.

    Both are functions: labels are read with each request, in the language of whoever reads.
    """
    _SOURCES[key.name] = _Source(values, lines)


def values_of(key: Key[Any]) -> dict[str, str]:
    """The codes a rule may hold, with their labels; empty where any text will do."""
    return _read(_SOURCES[key.name].values) if key.name in _SOURCES else {}


def lines_of(key: Key[Any]) -> dict[str, str]:
    """The left side of a rule that is a table, with its labels."""
    return _read(_SOURCES[key.name].lines) if key.name in _SOURCES else {}


def _read(choices: Callable[[], Choices]) -> dict[str, str]:
    return {str(code): str(label) for code, label in choices()}


def in_words(key: Key[Any], value: Any) -> list[str]:
    """A rule's stored value as a person reads it, a line an entry; a code that nobody knows any more stays as it is."""
    known = values_of(key)
    if isinstance(value, bool):
        return [say(_YES if value else _NO)]
    if key.read is fen:
        return [say(Wording("{yuan} 元", "{yuan} yuan").format(yuan=f"{value / 100:.2f}".removesuffix(".00")))]
    if key.read in (month_days, least_and_most):
        return [f"{value[0]} – {value[1]}"]
    if isinstance(value, int) and key.unit is not None:
        return [say(Deadline(key.unit, value).wording)]
    if value in ((), [], ""):
        return [say(_NONE)]
    if isinstance(value, Mapping):
        left = lines_of(key)
        return [f"{left.get(str(one), one)} → {known.get(str(code), code)}" for one, code in value.items()]
    if isinstance(value, (list, tuple)):
        return [known.get(str(code), str(code)) for code in value]
    return [known.get(str(value), str(value))]


def _profiles() -> Choices:
    return [(code, say(load_profile(code).title)) for code in profile_codes()]


def _backdrops() -> Choices:
    return [(one.code, say(one.title)) for one in backdrops().values()]


def _jewellery() -> Choices:
    return [(code, say(words)) for code, words in JEWELLERY.items()]


def _new_backgrounds() -> Choices:
    """A background that is put in its place is one of the standard's."""
    return {one.code: say(one.title) for code in profile_codes() for one in load_profile(code).backdrops}.items()


def swatches() -> dict[str, str]:
    """The colour of each backdrop as ``#rrggbb``."""
    return {code: "#{:02x}{:02x}{:02x}".format(*one.rgb) for code, one in backdrops().items()}


def _months() -> Choices:
    return [(str(month), say(Wording(f"{month}月", f"month {month}"))) for month in range(1, 13)]


def _seasons() -> Choices:
    return [("春季", say(Wording("春季", "Spring"))), ("秋季", say(Wording("秋季", "Autumn")))]


def _digits() -> Choices:
    return [(str(n), say(Wording(f"{n} 位", f"{n} digits"))) for n in (2, 3)]


offer(SEASON_MONTHS, _seasons, _months)
offer(MAKE_UP_WEEKENDS, _months)
offer(CARD_DEPARTMENT_DIGITS, _digits)
for _key, _values in (
    (PHOTO_PROFILE, _profiles), (EXTRA_PROFILES, _profiles), (BACKDROP, _backdrops), (NEW_BACKGROUND, _new_backgrounds),
    (JEWELLERY_RULE, _jewellery),
):  # fmt: skip
    offer(_key, _values)
