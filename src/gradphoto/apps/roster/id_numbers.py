"""ID numbers in free text: where a person types one by mistake, it is recognised before it is kept or shown."""

from __future__ import annotations

import re

from gradphoto.engine.standards.identity import mask

_ID_NUMBER = re.compile(r"(?<!\d)(?:\d{17}[\dXx]|\d{15})(?!\d)")
_LONG_DIGITS = re.compile(r"\d{14,}[\dXx]")


def holds_id_number(text: str) -> bool:
    """Whether a text contains something in the form of an ID number (R27: 15 or 18 characters)."""
    return _ID_NUMBER.search(text) is not None


def without_id_numbers(text: str) -> str:
    """The text with every long number masked, mistyped ID numbers of 16, 17 or 19 digits included."""
    return _LONG_DIGITS.sub(lambda found: mask(found[0]), text)
