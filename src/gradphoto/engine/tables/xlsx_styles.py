"""What the cell styles of a workbook say about its cells: how a figure is shown, and what is struck through."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import IO

from gradphoto.engine.tables.number_formats import GENERAL, NumberFormat, format_of
from gradphoto.engine.tables.xlsx_package import bare, new_parser

_MOST_STYLES = 70_000
"""ECMA-376 allows 65,490 cell formats."""
_BLOCK = 1 << 18


@dataclass(frozen=True, slots=True)
class Styles:
    """By the number of a style: its format, and whether its font is struck through."""

    formats: tuple[NumberFormat, ...] = ()
    struck: frozenset[str] = frozenset()
    """The numbers as text, as cells name them."""
    texts: dict[str, tuple[str, str]] = field(default_factory=dict)
    """By the number: what a format puts before and behind a text (``"计科"@``)."""

    def format_of(self, style: str) -> NumberFormat:
        """The format of a cell; ``style`` as its attribute stands, general where it names none."""
        number = int(style) if style.isdecimal() and len(style) < 7 else 0
        return self.formats[number] if number < len(self.formats) else GENERAL


@dataclass(slots=True)
class _Reading:
    """The style part in the making."""

    codes: dict[int, str] = field(default_factory=dict)
    struck_fonts: list[bool] = field(default_factory=list)
    cells: list[tuple[int, int]] = field(default_factory=list)
    within: list[str] = field(default_factory=list)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        name = bare(name)
        parent = self.within[-1] if self.within else ""
        self.within.append(name)
        if name == "numFmt" and parent == "numFmts":
            self.codes[_number(attributes, "numFmtId")] = attributes.get("formatCode", "")
        elif name == "font" and parent == "fonts":
            self.struck_fonts.append(False)
        elif name == "strike" and parent == "font" and self.struck_fonts and "fonts" in self.within:
            self.struck_fonts[-1] = attributes.get("val", "1").lower() not in ("0", "false")
        elif name == "xf" and parent == "cellXfs" and len(self.cells) < _MOST_STYLES:
            self.cells.append((_number(attributes, "numFmtId"), _number(attributes, "fontId")))

    def end(self, name: str) -> None:
        self.within.pop()


def _number(attributes: dict[str, str], name: str) -> int:
    text = attributes.get(name, "0")
    return int(text) if text.isdecimal() and len(text) < 7 else 0


def read_styles(stream: IO[bytes]) -> Styles:
    """Read the style part."""
    reading = _Reading()
    parser = new_parser()
    parser.StartElementHandler, parser.EndElementHandler = reading.start, reading.end
    while block := stream.read(_BLOCK):
        parser.Parse(block)
    parser.Parse(b"", True)
    formats = tuple(format_of(number, reading.codes) for number, _ in reading.cells)
    fonts = reading.struck_fonts
    struck = frozenset(str(n) for n, (_, font) in enumerate(reading.cells) if font < len(fonts) and fonts[font])
    texts = {str(n): form.text for n, form in enumerate(formats) if form.text is not None}
    return Styles(formats, struck, texts)
