"""What a person types is compared without regard to width, spaces and case."""

from __future__ import annotations

import unicodedata


def plain(text: str) -> str:
    """The text in half-width capitals without any space: how ``１２ ab`` and ``12AB`` become equal."""
    return "".join(unicodedata.normalize("NFKC", text).split()).upper()
