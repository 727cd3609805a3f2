"""References of cells, and the cells that are merged downwards."""

from __future__ import annotations

from typing import IO

from gradphoto.engine.tables import errors
from gradphoto.engine.tables.model import Limits
from gradphoto.engine.tables.xlsx_package import new_parser

_BLOCK = 1 << 18
_DIGITS = "0123456789"
_LAST_COLUMN = 16_384

Merges = dict[int, list[tuple[int, int]]]
"""Cells merged downwards by their first row: column and last row."""


def column_of(letters: str) -> int:
    """The index of a column from 0; raises ``roster.damaged`` for what is none."""
    index = 0
    for letter in letters:
        if not "A" <= letter <= "Z":
            raise errors.damaged()
        index = index * 26 + ord(letter) - 64
        if index > _LAST_COLUMN:
            raise errors.damaged()
    if not index:
        raise errors.damaged()
    return index - 1


def read_merges(stream: IO[bytes], limits: Limits) -> Merges:
    """The cells merged downwards. They stand behind the cells in the file and are needed before them."""
    merges: Merges = {}
    count = 0
    parser = new_parser()

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal count
        if name.endswith("mergeCell") and name.rpartition(":")[2] == "mergeCell":
            first, _, last = attributes.get("ref", "").partition(":")
            top, bottom = _row_of(first), _row_of(last or first)
            count += 1
            if count > limits.merges:
                raise errors.too_many_merges(limits.merges)
            if bottom > top:
                merges.setdefault(top, []).append((column_of(first.rstrip(_DIGITS)), bottom))

    parser.StartElementHandler = start
    while block := stream.read(_BLOCK):
        parser.Parse(block)
    parser.Parse(b"", True)
    return merges


def mentioned(stream: IO[bytes], *words: bytes) -> set[bytes]:
    """Which of the words stand anywhere in a part: a cheap look that saves a second parse."""
    found: set[bytes] = set()
    rest = b""
    while block := stream.read(1 << 20):
        found.update(word for word in words if word not in found and word in rest + block)
        rest = block[-max(map(len, words)) :]
    return found


def _row_of(reference: str) -> int:
    digits = reference.lstrip("$ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return int(digits) if digits.isdecimal() and len(digits) < 8 else 0
