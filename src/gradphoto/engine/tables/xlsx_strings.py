"""The shared strings of a workbook, in their order; what stands in phonetic guides is no text of the cell."""

from __future__ import annotations

import re
from typing import IO

from gradphoto.engine.tables.model import clean
from gradphoto.engine.tables.xlsx_package import new_parser

_BLOCK = 1 << 18
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


class EnoughError(Exception):
    """All strings that were wanted are there."""


def read_strings(stream: IO[bytes], most: int | None = None) -> tuple[list[str], set[int]]:
    """The strings, and the numbers of those that are struck through in all of their runs; ``most`` stops early."""
    strings: list[str] = []
    struck: set[int] = set()
    parts: list[str] = []
    # Whether text is wanted here; runs seen in this string; of them struck; the current run is struck.
    state = {"text": False, "phonetic": False, "runs": 0, "struck": 0, "now": False}
    names = dict.fromkeys(("si", "t", "r", "rPh", "strike"), "")
    parser = new_parser()
    parser.buffer_text = True

    def root(name: str, attributes: dict[str, str]) -> None:
        prefix = name[: name.rfind(":") + 1]
        names.update({bare: prefix + bare for bare in names})
        si, t, r, phonetic, strike = (names[key] for key in ("si", "t", "r", "rPh", "strike"))

        def start(name: str, attributes: dict[str, str]) -> None:
            if name == t:
                state["text"] = not state["phonetic"]
            elif name == si:
                parts.clear()
                state.update(runs=0, struck=0)
            elif name == r:
                state["runs"] += 1
                state["now"] = False
            elif name == phonetic:
                state["phonetic"] = True
            elif name == strike and attributes.get("val", "1").lower() not in ("0", "false"):
                state["struck"] += 1

        def end(name: str) -> None:
            if name == t:
                state["text"] = False
            elif name == si:
                text = parts[0] if len(parts) == 1 else "".join(parts)
                if state["runs"] and state["struck"] >= state["runs"]:
                    struck.add(len(strings))
                strings.append(unescaped(text))
                if most is not None and len(strings) >= most:
                    raise EnoughError
            elif name == phonetic:
                state["phonetic"] = False

        def text(found: str) -> None:
            if state["text"]:
                parts.append(found)

        parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text

    parser.StartElementHandler = root
    try:
        while block := stream.read(_BLOCK):
            parser.Parse(block)
        parser.Parse(b"", True)
    except EnoughError:
        pass
    return strings, struck


def unescaped(text: str) -> str:
    """A text with ``_x000D_`` and the like as the characters that they stand for."""
    return clean(_ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text)
