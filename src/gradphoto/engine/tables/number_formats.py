"""A figure as its number format shows it (ECMA-376 part 1, 18.8.30 and 18.8.31): 220200 under 0000000 is 0220200.

What only decorates is left out: colours, padding, thousands separators, exponents of numbers that are whole. A figure
of more than fifteen digits keeps its exponent, because its last digits are lost whatever the format shows.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from gradphoto.engine.tables.model import LARGEST_EXACT, figure_text

_DATE_IDS = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
"""Built-in formats of dates and times, those of Chinese programs (27-36, 50-58) among them."""
_CODES = {1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00", 37: "#,##0", 38: "#,##0",
          39: "#,##0.00", 40: "#,##0.00", 48: "##0.0E+0", 49: "@"}  # fmt: skip
_TOKEN = re.compile(r'"([^"]*)"|\\(.)|\[[^\]]*\]|_.|\*.|(General|G/通用格式)|(E[+-]0+)|(.)', re.IGNORECASE | re.DOTALL)
_DATE_LETTERS = frozenset("ymdhs")
_DATE_FIRST, _DATE_LAST = 1.0, 2_958_466.0
_EPOCH, _EPOCH_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)  # noqa: DTZ001 - a sheet's dates have no zone
_LOST_LEAP_DAY = 60
_MOST_PLACES = 15


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """A format read once. ``kind``: ``general``, ``date`` or ``digits`` (``places`` before and behind the point)."""

    kind: str
    prefix: str = ""
    suffix: str = ""
    whole_places: int = 0
    fixed_places: int = 0
    loose_places: int = 0
    percent: bool = False


GENERAL = NumberFormat("general")
DATE = NumberFormat("date")


def format_of(number: int, codes: dict[int, str]) -> NumberFormat:
    """The format with this id: the file's own code where it has one, else the built-in."""
    code = codes.get(number)
    if code is None:
        return DATE if number in _DATE_IDS else read_format(_CODES.get(number, ""))
    return read_format(code)


@functools.lru_cache(maxsize=4_096)
def read_format(code: str) -> NumberFormat:
    """Read the part of a format code that holds for positive numbers."""
    tokens = list(_TOKEN.finditer(_first_section(code)[:255]))
    letters = {t[5].lower() for t in tokens if t[5]}
    if any(t[3] for t in tokens) or not letters or "@" in letters or "?" in letters or "/" in letters - _DATE_LETTERS:
        if letters & _DATE_LETTERS and not any(t[3] for t in tokens) and "@" not in letters:
            return DATE
        return GENERAL
    if letters & _DATE_LETTERS or re.search(r"\[(?:h+|m+|s+)\]", code, re.IGNORECASE):
        return DATE
    if any(t[4] for t in tokens):
        return GENERAL
    return _digits(tokens)


def _first_section(code: str) -> str:
    quoted = False
    for place, letter in enumerate(code):
        if letter == '"':
            quoted = not quoted
        elif letter == ";" and not quoted and (place == 0 or code[place - 1] != "\\"):
            return code[:place]
    return code


def _digits(tokens: list[re.Match[str]]) -> NumberFormat:
    prefix, suffix = "", ""
    whole = fixed = loose = 0
    seen = behind = percent = False
    for token in tokens:
        letter = token[5] or ""
        if letter in ("0", "#"):
            seen = True
            if behind:
                fixed, loose = fixed + (letter == "0"), loose + 1
            elif letter == "0":
                whole += 1
        elif letter == ".":
            behind = seen = True
        elif letter == "%":
            percent = True
            suffix += "%"
        elif letter in (",", ""):
            literal = token[1] or token[2] or ""
            prefix, suffix = (prefix, suffix + literal) if seen else (prefix + literal, suffix)
        else:
            prefix, suffix = (prefix, suffix + letter) if seen else (prefix + letter, suffix)
    if not seen:
        return GENERAL
    return NumberFormat("digits", prefix.strip(), suffix.strip(), whole, fixed, loose, percent)


def shown(figure: float, form: NumberFormat, *, from_1904: bool = False) -> str:
    """The figure as a person sees it; a date as eight digits (with the time where it has one), or the bare figure."""
    if form.kind == "date":
        return date_text(figure, from_1904=from_1904)
    if form.kind == "general" or abs(figure) >= LARGEST_EXACT or figure != figure:
        return figure_text(figure)
    value = Decimal(repr(figure)) * (100 if form.percent else 1)
    rounded = value.quantize(Decimal(1).scaleb(-min(form.loose_places, _MOST_PLACES)), ROUND_HALF_UP)
    if not form.percent and rounded != value and not form.loose_places:
        # 2.5 under the format 0 shows 3, which nobody means: what is in the cell counts.
        return figure_text(figure)
    whole, _, behind = f"{abs(rounded):f}".partition(".")
    behind = behind[: form.fixed_places] + behind[form.fixed_places :].rstrip("0")
    text = whole.zfill(form.whole_places) + (f".{behind}" if behind else "")
    return f"{'-' if rounded < 0 else ''}{form.prefix}{text}{form.suffix}"


def date_text(serial: float, *, from_1904: bool = False) -> str:
    """A spreadsheet's serial number as ``20030412``, or ``20030412 08:30:00`` with a time; less than a day as a time."""
    if not 0 <= serial < _DATE_LAST:
        return figure_text(serial)
    seconds = round(serial % 1 * 86_400)
    if serial < _DATE_FIRST and not from_1904:
        return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    # Serial 60 is 1900-02-29, which never was: days before it stand one later.
    day = int(serial) + (1 if not from_1904 and serial < _LOST_LEAP_DAY else 0)
    moment = (_EPOCH_1904 if from_1904 else _EPOCH) + timedelta(days=day, seconds=seconds)
    return f"{moment:%Y%m%d}" if not seconds else f"{moment:%Y%m%d %H:%M:%S}"
