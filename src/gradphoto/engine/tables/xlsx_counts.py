"""Counting the rows of a sheet without parsing its cells: for the first look at a large file, which shows only counts.

What is counted here is counted as the parser does, for the plain form in which every common program writes; anything
else (prefixes, comments, another encoding, rows without numbers) is left to the parser. The reading itself always parses.
"""

from __future__ import annotations

import re
from typing import IO

from gradphoto.engine.tables import errors
from gradphoto.engine.tables.model import SheetFacts

_BLOCK = 1 << 20
_ROW_END = b"</row>"
_NUMBER = re.compile(rb'\sr="(\d{1,7})"')
_HIDDEN = re.compile(rb'\shidden="(?:1|true)"|\sht="[0.]+"')
_UNUSUAL = (b"<!", b"<?", b"CDATA", b"<strike")
_LONGEST_ROW = 1 << 24


class Unusual(Exception):  # noqa: N818 - a way out, no error
    """This sheet is for the parser."""


def count_rows(stream: IO[bytes], facts: SheetFacts, most: int) -> None:
    """Fill in rows, last row, hidden rows and the filter. Raises :class:`Unusual`, and ``roster.too_many_rows``."""
    rest = _beginning(stream)
    last, hidden, rows = 0, list[int](), 0
    is_over = False
    while not is_over:
        block = stream.read(_BLOCK)
        is_over = not block
        rest += block
        if any(mark in block for mark in _UNUSUAL) or len(rest) > _LONGEST_ROW:
            raise Unusual
        *pieces, rest = rest.split(_ROW_END)
        for piece in pieces:
            start = piece.rfind(b"<row")
            if start < 0:
                raise Unusual
            head = piece[start : piece.find(b">", start)]
            number = _NUMBER.search(head)
            if number is None or int(number[1]) <= last:
                raise Unusual
            last_seen = int(number[1])
            if b"<v" in piece or b"<is" in piece:
                rows += 1
                facts.last_row = last_seen
                if (b"hidden=" in head or b"ht=" in head) and _HIDDEN.search(head):
                    hidden.append(last_seen)
                if rows > most:
                    raise errors.too_many_rows(most)
            last = last_seen
    if not rows or b"<v" in rest:
        raise Unusual
    facts.rows, facts.hidden_rows = rows, hidden
    facts.filtered = facts.filtered or b"<autoFilter" in rest


def _beginning(stream: IO[bytes]) -> bytes:
    """What stands before the rows, without it: it must say nothing of another encoding or of prefixes."""
    head = stream.read(1 << 16)
    start = head.find(b"<sheetData")
    if start < 0 or not head.startswith(b"<?xml") or b"<worksheet" not in head[:start]:
        raise Unusual
    declared = head[: head.find(b"?>")].lower()
    if b"encoding" in declared and b"utf-8" not in declared:
        raise Unusual
    if any(mark in head[head.find(b"?>") + 2 :] for mark in _UNUSUAL):
        raise Unusual
    return head[start:]
