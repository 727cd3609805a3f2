"""Dates as rosters write them: eight digits, e.g. 19860305 (R26)."""

from __future__ import annotations

import re
from datetime import date

from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.wording import Wording

_EIGHT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_WRITTEN = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]00:00:00)?")


class DateError(GradPhotoError):
    """A date that cannot be read or does not exist."""


def parse_date(text: str) -> date:
    """Read ``YYYYMMDD``, or a date as a spreadsheet shows it. Raises :class:`DateError` (``standards.date``)."""
    found = _EIGHT.fullmatch(text.strip()) or _WRITTEN.fullmatch(text.strip())
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


def is_compact(text: str) -> bool:
    """Whether the text has the eight-digit form that the notices ask for."""
    return bool(_EIGHT.fullmatch(text.strip()))
