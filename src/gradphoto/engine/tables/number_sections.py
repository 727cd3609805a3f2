"""One section of a number format: its tokens read once, and a figure set into them digit by digit."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from gradphoto.engine.tables.model import figure_text

_TOKEN = re.compile(
    r'"([^"]*)"|[\\!](.)|\[\$([^\]-]*)[^\]]*\]|(\[[^\]]*\])|_.|\*.|(General|G/通用格式)|(E[+-]0+)|(.)',
    re.IGNORECASE | re.DOTALL,
)
_DATE_LETTERS = frozenset("ymdhsge")
_WEEKDAY = re.compile(r"a{3,4}", re.IGNORECASE)
_PLACES = frozenset("0#?")
_MOST_PLACES = 15
_FRACTION = re.compile(r"([?#0]+)\s*/\s*([?#0]+|[1-9][0-9]*)")
_NUMERALS = {"1": "〇一二三四五六七八九", "2": "零壹贰叁肆伍陆柒捌玖"}
_UNITS = {"1": ("", "十", "百", "千"), "2": ("", "拾", "佰", "仟")}
_MYRIADS = ("", "万", "亿", "万亿")


@dataclass(frozen=True, slots=True)
class Section:
    """``kind``: ``general`` (with what stands before and behind), ``date``, ``digits`` (tokens, each a placeholder, the
    point or a literal), ``fraction`` (digits of the denominator, or the denominator itself), ``literal`` (no figure at
    all), ``text``."""

    kind: str
    before: str = ""
    behind: str = ""
    tokens: tuple[tuple[str, str], ...] = ()
    percent: bool = False
    thousands: int = 0
    numerals: str = ""
    denominator: int = 0
    denominator_digits: int = 0

    @property
    def is_plain(self) -> bool:
        """Whether a figure shows as it is."""
        return self.kind in ("general", "text") and not (self.before or self.behind or self.numerals)

    def shown(self, figure: float, *, is_signed: bool) -> str:
        """The figure in this section; with a minus of its own where ``is_signed``."""
        if self.kind == "literal":
            return self.before.strip()
        sign = "-" if figure < 0 and is_signed else ""
        if self.kind == "fraction":
            return f"{sign}{self.before}{self._fraction(abs(figure))}{self.behind}".strip()
        if self.kind == "digits":
            return self._digits(figure, sign)
        text = figure_text(abs(figure))
        if self.numerals and text.isdecimal():
            text = _in_words(text, self.numerals)
        return f"{sign}{self.before}{text}{self.behind}".strip()

    def _fraction(self, figure: float) -> str:
        exact = Fraction(repr(figure))
        if self.denominator:
            near = Fraction(round(exact * self.denominator), self.denominator)
            over, under = round((near % 1) * self.denominator), self.denominator
        else:
            near = exact.limit_denominator(10**self.denominator_digits - 1)
            over, under = (near % 1).numerator, (near % 1).denominator
        whole = int(near)
        if not over:
            return str(whole)
        return f"{whole} {over}/{under}" if whole else f"{over}/{under}"

    def _digits(self, figure: float, sign: str) -> str:
        marks = [mark for kind, mark in self.tokens if kind == "place"]
        point = next((place for place, (kind, _) in enumerate(self.tokens) if kind == "point"), len(self.tokens))
        decimals = sum(kind == "place" for kind, _ in self.tokens[point:])
        value = abs(Decimal(repr(figure))) * (100 if self.percent else 1) / 1000**self.thousands
        rounded = value.quantize(Decimal(1).scaleb(-min(decimals, _MOST_PLACES)), ROUND_HALF_UP)
        kept = ""
        if not decimals and not self.percent and not self.thousands and rounded != value:
            whole, _, kept = figure_text(float(value)).partition(".")
        else:
            whole, _, behind = f"{rounded:f}".partition(".")
        if whole.strip("0") == "" and not kept and not rounded and "0" not in marks:
            return ""
        written = [*self._whole(whole.lstrip("0"), point)]
        if kept:
            written.append((self._last_place(point), f".{kept}"))
        elif decimals:
            written += self._behind(behind, point)
        texts = dict.fromkeys(range(len(self.tokens) + 1), "")
        for place, text in written:
            texts[place] += text
        told = "".join(
            texts[place] + (mark if kind == "literal" else "") for place, (kind, mark) in enumerate(self.tokens)
        )
        if self.numerals:
            told = told.translate(str.maketrans("0123456789", _NUMERALS[self.numerals]))
        return f"{sign}{told}".strip()

    def _last_place(self, point: int) -> int:
        return max((p for p, (kind, _) in enumerate(self.tokens[:point]) if kind == "place"), default=0)

    def _whole(self, whole: str, point: int) -> list[tuple[int, str]]:
        """The digits before the point from the right; the first placeholder takes all that are left."""
        places = [(place, mark) for place, (kind, mark) in enumerate(self.tokens[:point]) if kind == "place"]
        if not places:
            return [(point, whole or "0")]
        written = []
        for place, mark in reversed(places):
            is_first = place == places[0][0]
            digits, whole = (whole, "") if is_first else (whole[-1:], whole[:-1])
            written.append((place, digits or ("0" if mark == "0" else "")))
        return written

    def _behind(self, behind: str, point: int) -> list[tuple[int, str]]:
        """The digits behind the point, without the zeros at the end that no 0 asks for; with the point, if there is any."""
        places = [(place, mark) for place, (kind, mark) in enumerate(self.tokens) if kind == "place" and place > point]
        fixed = max((n for n, (_, mark) in enumerate(places, start=1) if mark == "0"), default=0)
        digits = behind[:fixed] + behind[fixed:].rstrip("0")
        written = [(place, digit) for (place, _), digit in zip(places, digits, strict=False)]
        if written:
            written[0] = (written[0][0], f".{written[0][1]}")
        return written


PLAIN = Section("general")
EMPTY = Section("literal")


def read_section(code: str) -> Section:
    """Read one section of a format code."""
    tokens = [_token(found) for found in _TOKEN.finditer(code)]
    letters = {text.lower() for kind, text in tokens if kind == "letter"}
    numerals = next((text for kind, text in tokens if kind == "numerals"), "")
    before, behind = _around(tokens)
    if any(kind == "general" for kind, _ in tokens):
        return Section("general", before, behind, numerals=numerals)
    if "@" in letters:
        return Section("text", before, behind)
    if any(kind == "exponent" for kind, _ in tokens):
        return PLAIN
    bare = "".join(text for kind, text in tokens if kind == "letter")
    is_elapsed = any(kind == "elapsed" for kind, _ in tokens)
    if letters & _DATE_LETTERS or _WEEKDAY.search(bare) or is_elapsed:
        return Section("date")
    fraction = _FRACTION.search(bare)
    if fraction is not None:
        under = fraction[2]
        fixed = int(under) if under.isdecimal() and under.strip("0") else 0
        return Section("fraction", denominator=fixed, denominator_digits=min(len(under), 5))
    if not letters & _PLACES:
        if numerals and not (before or behind):
            return Section("general", numerals=numerals)
        return Section("literal" if code or numerals else "general", before + behind)
    return _digits_of(tokens, numerals)


def _token(found: re.Match[str]) -> tuple[str, str]:
    quoted, escaped, currency, bracket, general, exponent, letter = found.groups()
    if general:
        return "general", general
    if exponent:
        return "exponent", exponent
    if letter is not None:
        return "letter", letter
    if bracket:
        inner = bracket[1:-1].lower()
        if inner.startswith("dbnum") and inner[5:] in _NUMERALS:
            return "numerals", inner[5:]
        return ("elapsed", inner) if inner and set(inner) <= set("hms") and len(set(inner)) == 1 else ("literal", "")
    return "literal", quoted or escaped or currency or ""


def _around(tokens: list[tuple[str, str]]) -> tuple[str, str]:
    """The literals before and behind the figure; letters that stand for themselves among them."""
    before, behind, seen = "", "", False
    for kind, text in tokens:
        if kind == "general" or (kind == "letter" and (text == "@" or text in _PLACES)):
            seen = True
        elif kind == "literal" or (kind == "letter" and text not in ",."):
            before, behind = (before, behind + text) if seen else (before + text, behind)
    return before, behind


def _digits_of(tokens: list[tuple[str, str]], numerals: str) -> Section:
    made: list[tuple[str, str]] = []
    last = max(place for place, (kind, text) in enumerate(tokens) if kind == "letter" and text in _PLACES)
    thousands, percent, has_point = 0, False, False
    for place, (kind, text) in enumerate(tokens):
        if kind == "letter" and text in _PLACES:
            made.append(("place", text))
        elif kind == "letter" and text == "." and not has_point:
            has_point = True
            made.append(("point", ""))
        elif kind == "letter" and text == ",":
            thousands += place > last and all(other == ("letter", ",") for other in tokens[last + 1 : place])
        elif kind in ("letter", "literal"):
            percent = percent or (kind == "letter" and text == "%")
            made.append(("literal", text))
    return Section("digits", tokens=tuple(made), percent=percent, thousands=thousands, numerals=numerals)


def _in_words(digits: str, numerals: str) -> str:
    """A whole number as Chinese says it: 二十二, 一百零五."""
    zero, units = _NUMERALS[numerals][0], _UNITS[numerals]
    text = digits.lstrip("0")
    if not text:
        return zero
    groups = [text[max(0, end - 4) : end] for end in range(len(text), 0, -4)][::-1]
    told = ""
    for place, group in enumerate(groups):
        words, gap = "", False
        for at, digit in enumerate(group):
            if digit == "0":
                gap = True
                continue
            if gap and (told or words):
                words += zero
            gap = False
            words += _NUMERALS[numerals][int(digit)] + units[len(group) - at - 1]
        if words:
            told += words + _MYRIADS[len(groups) - place - 1]
    return told
