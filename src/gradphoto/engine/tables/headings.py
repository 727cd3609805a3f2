"""Headings without what varies from file to file."""

from __future__ import annotations

import re
import unicodedata

_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】|<[^<>]*>")
_LONGEST = 200


def plain_heading(heading: object) -> str:
    """A heading without what varies from file to file: white space, width, capitals, stars, a colon at the end."""
    text = "".join(unicodedata.normalize("NFKC", str(heading)[:_LONGEST]).split()).upper()
    return text.strip("*").rstrip(":")


def plain_without_notes(plain: str) -> str:
    """A plain heading without a note in brackets: 身份证号(必填)."""
    return _BRACKETS.sub("", plain).strip("*:")
