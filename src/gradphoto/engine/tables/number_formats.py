"""A figure as its number format shows it (ECMA-376 part 1, 18.8.30 and 18.8.31): 220200 under 0000000 is 0220200.

Sections and their conditions, literals between the digits, fractions, Chinese numerals count; what only decorates is
left out: colours, padding, thousands separators, exponents. Two things are told rather than shown. A figure of more than
fifteen digits keeps its exponent, because its last digits are lost whatever the format shows. And decimals that a format
without any would round away stay: 2.5 under 0 shows 3, which nobody means.
"""

from __future__ import annotations

import functools
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from gradphoto.engine.tables.model import LARGEST_EXACT, figure_text
from gradphoto.engine.tables.number_sections import EMPTY, PLAIN, Section, read_section

_DATE_IDS = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
"""Built-in formats of dates and times, those of Chinese programs (27-36, 50-58) among them."""
_CODES = {1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?", 13: "# ??/??",
          37: "#,##0", 38: "#,##0", 39: "#,##0.00", 40: "#,##0.00", 41: "#,##0", 43: "#,##0.00", 48: "##0.0E+0",
          49: "@"}  # fmt: skip
_CONDITION = re.compile(r"\[(<=|>=|<>|<|>|=)\s*(-?[0-9]+(?:\.[0-9]+)?)\]")
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "=": operator.eq, "<>": operator.ne,
}  # fmt: skip
_ELAPSED = re.compile(r"\[(h+|m+|s+)\]", re.IGNORECASE)
_DATE_FIRST, _DATE_LAST = 1.0, 2_958_466.0
_EPOCH, _EPOCH_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)  # noqa: DTZ001 - a sheet's dates have no zone
_LOST_LEAP_DAY = 60
_LONGEST_CODE = 255
_MOST_SECTIONS = 4


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """A format read once. ``kind``: ``general``, ``date`` or ``digits``; ``sections`` each with its condition, if any.

    ``text`` is what stands before and behind a text under it, where there is anything.
    """

    kind: str
    sections: tuple[tuple[Callable[[float], bool] | None, Section], ...] = ()
    text: tuple[str, str] | None = None
    elapsed: bool = False


GENERAL = NumberFormat("general")
DATE = NumberFormat("date")
_ELAPSED_TIME = NumberFormat("date", elapsed=True)


def format_of(number: int, codes: dict[int, str]) -> NumberFormat:
    """The format with this id: the file's own code where it has one, else the built-in."""
    code = codes.get(number)
    if code is None:
        return DATE if number in _DATE_IDS else read_format(_CODES.get(number, ""))
    return read_format(code)


@functools.lru_cache(maxsize=4_096)
def read_format(code: str) -> NumberFormat:
    """Read a format code."""
    parts = _split(code[:_LONGEST_CODE])[:_MOST_SECTIONS]
    # An empty section shows nothing: 0;-0;;@ hides noughts. Under ;;; a cell shows nothing at all and still counts.
    sections = [EMPTY if place and not part else read_section(part) for place, part in enumerate(parts)]
    text = _text_of(sections)
    if text is not None and (sections[-1].kind == "text" and len(sections) > 1):
        parts, sections = parts[:-1], sections[:-1]
    if sections[0].kind == "date":
        return _ELAPSED_TIME if _ELAPSED.search(parts[0]) else DATE
    if not parts[0] or all(section.is_plain for section in sections):
        return GENERAL if text is None else NumberFormat("general", text=text)
    return NumberFormat("digits", tuple(zip(map(_condition, parts), sections, strict=True)), text)


def _split(code: str) -> list[str]:
    """The sections of a code, which semicolons divide outside of quotes and escapes."""
    parts, start, quoted, escaped = [], 0, False, False
    for place, letter in enumerate(code):
        if escaped:
            escaped = False
        elif letter == '"':
            quoted = not quoted
        elif letter in "\\!_*" and not quoted:
            escaped = True
        elif letter == ";" and not quoted:
            parts.append(code[start:place])
            start = place + 1
    return [*parts, code[start:]]


def _text_of(sections: list[Section]) -> tuple[str, str] | None:
    """What a text shows before and behind itself: the section with an @ says so, the fourth or the only one."""
    last = sections[-1]
    if last.kind != "text" or not (last.before or last.behind):
        return None
    return last.before, last.behind


def _condition(part: str) -> Callable[[float], bool] | None:
    found = _CONDITION.search(part)
    if found is None:
        return None
    compare, limit = _COMPARE[found[1]], float(found[2])
    return lambda figure: compare(figure, limit)


def shown(figure: float, form: NumberFormat, *, from_1904: bool = False) -> str:
    """The figure as a person sees it; a date as eight digits (with the time where it has one), or the bare figure."""
    if form.kind == "date":
        return _elapsed(figure) if form.elapsed else date_text(figure, from_1904=from_1904)
    if form.kind == "general" or abs(figure) >= LARGEST_EXACT or figure != figure:
        return figure_text(figure)
    section, is_signed = _section_for(figure, form)
    if section.kind == "date":
        return date_text(figure, from_1904=from_1904)
    return section.shown(figure, is_signed=is_signed)


def _section_for(figure: float, form: NumberFormat) -> tuple[Section, bool]:
    """The section that holds for a figure, and whether it shows a minus by itself (a section of negatives does not)."""
    sections = form.sections
    conditions = [condition for condition, _ in sections]
    if not any(conditions):
        if figure < 0 and len(sections) > 1:
            return sections[1][1], False
        if figure == 0 and len(sections) > 2:
            return sections[2][1], True
        return sections[0][1], True
    for place, (condition, section) in enumerate(sections):
        if condition is not None:
            if condition(figure):
                return section, True
        elif place == len(sections) - 1 or (place == 1 and figure < 0):
            return section, place != 1 or len(sections) == 2
    return PLAIN, True


def _elapsed(figure: float) -> str:
    seconds = round(abs(figure) * 86_400)
    return f"{'-' if figure < 0 else ''}{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


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
