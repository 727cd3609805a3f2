"""The shared strings of a workbook, in their order; what stands in phonetic guides is no text of the cell."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import IO, overload

from gradphoto.engine.tables.model import clean
from gradphoto.engine.tables.xlsx_package import new_parser

_BLOCK = 1 << 18
_MAY_BE_PLAIN = True
_ITEM_END = b"</si>"
_PLAIN = re.compile(
    rb'<si><t(?: xml:space="preserve")?>([^<&\r]*)</t>(?:<phoneticPr [^<>]*/>)?</si>|<si><t(?: xml:space="preserve")?/></si>'
)
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


class Strings(Sequence[str]):
    """The strings of a workbook, read as far as they are asked for; ``struck`` are the numbers of those read that are
    struck through in all of their runs."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream: IO[bytes] | None = stream
        self.found: list[str] = []
        self.struck: set[int] = set()
        self.partly_struck: set[int] = set()
        self._is_plain: bool | None = None
        self._rest = b""
        self._parser = new_parser()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._root

    def __len__(self) -> int:
        return len(self.found)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[str]: ...
    def __getitem__(self, index: int | slice) -> str | Sequence[str]:
        if isinstance(index, int):
            while index >= len(self.found) and self._read_on():
                pass
        return self.found[index]

    def all(self) -> list[str]:
        """Every string."""
        while self._read_on():
            pass
        return self.found

    def _read_on(self) -> bool:
        if self._stream is None:
            return False
        block = self._stream.read(_BLOCK)
        if self._is_plain is None:
            self._begin(block)
        elif self._is_plain:
            self._take(block)
        else:
            self._parser.Parse(block, not block)
        if not block:
            self._stream.close()
            self._stream = None
        return bool(block)

    def _begin(self, block: bytes) -> None:
        """See whether the strings are written without prefixes, in UTF-8; items of the plain form need no parser then."""
        start = block.find(b"<si>")
        before = block[:start].lower()
        self._is_plain = (
            _MAY_BE_PLAIN and start > 0 and b"<!" not in before and (b"encoding" not in before or b"utf-8" in before)
        )
        self._parser.Parse(block[:start] if self._is_plain else block, not block)
        if self._is_plain:
            self._take(block[start:])

    def _take(self, block: bytes) -> None:
        """The items of a block; any that is more than one text goes to the parser by itself."""
        whole, end, rest = (self._rest + block).rpartition(_ITEM_END)
        self._rest = rest
        found = _PLAIN.findall(whole + end)
        tags = whole.count(b"<") + bool(end)
        # A comment may hold whole items: then the parser goes on by itself from here.
        if b"<!" in whole or b"<!" in rest:
            self._is_plain, self._rest = False, b""
            self._parser.Parse(whole + end + rest, not block)
        elif tags == 4 * len(found) + whole.count(b"<phoneticPr ") - whole.count(b"<t/>") - whole.count(b'preserve"/>'):
            self.found.extend([unescaped(text.decode()) for text in found])
        else:
            for item in whole.split(_ITEM_END) if end else ():
                plain = _PLAIN.fullmatch(item.lstrip() + _ITEM_END)
                if plain is not None:
                    self.found.append(unescaped((plain[1] or b"").decode()))
                else:
                    self._parser.Parse(item + _ITEM_END)
        if not block and self._is_plain:
            self._parser.Parse(self._rest, True)

    def _root(self, name: str, attributes: dict[str, str]) -> None:
        prefix = name[: name.rfind(":") + 1]
        si, t, r, phonetic, strike = (prefix + bare for bare in ("si", "t", "r", "rPh", "strike"))
        parts: list[str] = []
        strings, struck_strings, partly = self.found, self.struck, self.partly_struck
        wanted, is_phonetic, runs, struck = False, False, 0, 0

        def start(name: str, attributes: dict[str, str]) -> None:
            nonlocal wanted, is_phonetic, runs, struck
            if name == t:
                wanted = not is_phonetic
            elif name == si:
                parts.clear()
                runs = struck = 0
            elif name == r:
                runs += 1
            elif name == phonetic:
                is_phonetic = True
            elif name == strike and attributes.get("val", "1").lower() not in ("0", "false"):
                struck += 1

        def end(name: str) -> None:
            nonlocal wanted, is_phonetic
            if name == t:
                wanted = False
            elif name == si:
                if struck:
                    (struck_strings if struck >= runs else partly).add(len(strings))
                strings.append(unescaped(parts[0] if len(parts) == 1 else "".join(parts)))
            elif name == phonetic:
                is_phonetic = False

        def text(found: str) -> None:
            if wanted:
                parts.append(found)

        parser = self._parser
        parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text


def unescaped(text: str) -> str:
    """A text with ``_x000D_`` and the like as the characters that they stand for."""
    return clean(_ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text)
