"""What people type about people: compared, searched for, and kept as a reason without any ID number in it."""

from __future__ import annotations

import re
import unicodedata
from functools import reduce
from operator import or_

from django.db.models import Q

from gradphoto.apps.core.errors import invalid, stated_reason
from gradphoto.engine.standards.identity import mask
from gradphoto.engine.standards.names import searched

_ID_NUMBER = re.compile(r"(?<!\d)(?:\d{17}[\dXx]|\d{15})(?!\d)")
_LONG_DIGITS = re.compile(r"\d{14,}[\dXx]")


def plain(text: str) -> str:
    """The text in half-width capitals without any space: how ``１２ ab`` and ``12AB`` become equal."""
    return "".join(unicodedata.normalize("NFKC", text).split()).upper()


def named(words: str, person: str = "") -> Q:
    """Whom searched words mean: a student number from its beginning, a name in any writing. ``person`` is the way from the rows to who has ``name`` and ``student_no`` (``candidate__``).

    A dot, apostrophe or width that another keyboard gives finds the person all the same.
    """
    spellings = [Q(**{f"{person}name__icontains": spelling}) for spelling in searched(words)]
    return reduce(or_, spellings, Q(**{f"{person}student_no__startswith": words.strip()}))


def holds_id_number(text: str) -> bool:
    """Whether a text contains something in the form of an ID number (R27: 15 or 18 characters)."""
    return _ID_NUMBER.search(text) is not None


def without_id_numbers(text: str) -> str:
    """The text with every long number masked, mistyped ID numbers of 16, 17 or 19 digits included."""
    return _LONG_DIGITS.sub(lambda found: mask(found[0]), text)


def stated(reason: str) -> str:
    """The reason, never empty, never with an ID number in it.

    Raises ``InvalidInput`` with ``roster.reason_missing`` or ``roster.reason_holds_id_number``.
    """
    why = stated_reason(reason, "roster.reason_missing")
    if holds_id_number(why):
        raise invalid(
            "roster.reason_holds_id_number",
            "原因中不能写证件号码。",
            "A reason must not hold an ID number.",
            "请改为文字说明，例如“对照身份证”。",
            "Say it in words, e.g. compared with the card.",
        )
    return why
