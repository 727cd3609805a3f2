"""Dates as rosters write them: eight digits, e.g. 19860305 (R26)."""

from __future__ import annotations

import functools
import re
from datetime import date, datetime, timedelta

from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.standards.characters import half_width
from gradphoto.engine.wording import Wording

_EIGHT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_WRITTEN = re.compile(r"([0-9]{4}) ?[-/.年] ?([0-9]{1,2}) ?[-/.月] ?([0-9]{1,2}) ?日?")
_MONTH = re.compile(r"([0-9]{4})(?:[-/.年]([0-9]{1,2})月?|([0-9]{2}))")
_SERIAL = re.compile(r"[0-9]{5}")
_WEEKDAY = r"(?:\s*[（(]?(?:星期|周|礼拜)[一二三四五六日天][)）]?)?"
_HALF_DAY = r"(?:上午|下午|凌晨|中午|晚上|AM|PM)"
_TIME_OF_DAY = re.compile(
    rf"(?<=[0-9日]){_WEEKDAY}(?:\s*{_HALF_DAY}\s*|\s+|T|(?<=日))"
    r"([0-9]{1,2})[:：时点]([0-9]{2})(?:[:：分](?:([0-9]{2})(?:[.,][0-9]+)?秒?)?)?"
    rf"\s*{_HALF_DAY}?\s*(Z|[+-][0-9]{{2}}:?[0-9]{{2}}|UTC|GMT)?\s*$",
    re.IGNORECASE,
)
_WEEKDAY_ALONE = re.compile(r"(?<=[0-9日])\s*[（(]?(?:星期|周|礼拜)[一二三四五六日天][)）]?\s*$")
_MOMENT = re.compile(
    r"((?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01]))(?:[01][0-9]|2[0-3])[0-5][0-9](?:[0-5][0-9])?"
)
_HERE, _FURTHEST = timedelta(hours=8), timedelta(hours=14)
_SERIAL_ZERO = date(1899, 12, 30)


class DateError(GradPhotoError):
    """A date that cannot be read or does not exist."""


@functools.lru_cache(65536)
def parse_date(text: str) -> date:
    """Read ``YYYYMMDD``, or a date as a spreadsheet shows it. Raises :class:`DateError` (``standards.date``)."""
    plain = without_time(half_width(text).strip()).strip()
    found = _EIGHT.fullmatch(plain) or _WRITTEN.fullmatch(plain)
    if found:
        try:
            return date(int(found[1]), int(found[2]), int(found[3]))
        except ValueError:
            pass
    raise DateError(
        "standards.date",
        Wording("日期不存在或格式不对。", "The date does not exist or is not written as one."),
        Wording("用八位数字填写，如 19860305。", "Write it as eight digits, e.g. 19860305."),
    )


def without_time(text: str) -> str:
    """A date without the time of day and the weekday that programs write behind it: ``2003-04-12 00:00:00``,
    ``2003/4/12 0:00``, ``2003年4月12日 星期六``, ``20030412000000``.

    A moment that names another zone is told by Beijing's day: ``2003-04-11T16:00:00Z`` is the midnight of the twelfth.
    """
    if len(text) <= 8:
        return text
    found = _TIME_OF_DAY.search(text)
    if found is None:
        moment = _MOMENT.fullmatch(text)
        return moment[1] if moment else _WEEKDAY_ALONE.sub("", text)
    day = text[: found.start()]
    return _day_in_china(day, found) if found[4] else day


def _day_in_china(day: str, found: re.Match[str]) -> str:
    written = _EIGHT.fullmatch(day.strip()) or _WRITTEN.fullmatch(day.strip())
    zone = found[4].lstrip("+-").replace(":", "")
    offset = timedelta(hours=int(zone[:2]), minutes=int(zone[2:])) if zone.isdigit() else timedelta()
    if written is None or offset > _FURTHEST:
        return day
    try:
        year, month, of_month = map(int, written.groups())
        # Its zone is taken off below.
        moment = datetime(year, month, of_month, int(found[1]), int(found[2]))  # noqa: DTZ001
        here = moment - (-offset if found[4][0] == "-" else offset) + _HERE
    except (ValueError, OverflowError):
        return day
    return day if here.date() == moment.date() else compact(here.date())


def parse_month(text: str) -> date | None:
    """The first of a month written without a day (``202209``, ``2022-9``, ``2022年9月``), or None."""
    found = _MONTH.fullmatch(without_time(half_width(text).strip()))
    if found is None:
        return None
    month = int(found[2] or found[3])
    return date(int(found[1]), month, 1) if 1 <= month <= 12 and found[1] > "1900" else None


def from_serial(text: str) -> date | None:
    """The date that a bare five-digit spreadsheet serial stands for (1900 system), or None: 31476 is 1986-03-05."""
    return _SERIAL_ZERO + timedelta(days=int(text)) if _SERIAL.fullmatch(text) else None


def compact(day: date) -> str:
    """The eight digits that the notices ask for, zero-padded on every platform."""
    return f"{day.year:04d}{day.month:02d}{day.day:02d}"


def is_compact(text: str) -> bool:
    """Whether the text has the eight-digit form that the notices ask for."""
    return bool(_EIGHT.fullmatch(text.strip()))
