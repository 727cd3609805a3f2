"""The font of the card, and whether it has a glyph: a card with an empty box instead of a character is never printed."""

from __future__ import annotations

import functools
import struct
from collections.abc import Iterable
from pathlib import Path

import noto_cjk_sans_otc
import typst

from gradphoto.engine.cards.errors import card_error
from gradphoto.engine.wording import Wording

FAMILY = "Noto Sans CJK SC"
_FORMAT_12 = 12


def font_file() -> Path:
    """The collection file inside the installed font package."""
    return Path(str(noto_cjk_sans_otc.FONT_PATH))


@functools.cache
def typst_fonts() -> typst.Fonts:
    """Only our font, never the machine's own: a card looks the same wherever it is printed."""
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(font_file().parent)]
    )  # fmt: skip


def require_glyphs(texts: Iterable[str]) -> None:
    """Raise :class:`CardError` (``cards.missing_glyph``) naming the first character that the font cannot draw."""
    known = _characters()
    for character in sorted(set("".join(texts))):
        if not any(first <= ord(character) <= last for first, last in known):
            raise card_error(
                "missing_glyph",
                Wording(
                    f"字库中没有“{character}”（U+{ord(character):04X}），不能打印。",
                    f"The font has no glyph for {character} (U+{ord(character):04X}), so it cannot be printed.",
                ),
                Wording(
                    "检查是否为造字或编码错误；确为生僻字的，请印空白卡由本人正楷填写。",
                    "See whether it is a private character or a wrong code; if it is right, print a blank card to be "
                    "written by hand.",
                ),
            )


@functools.cache
def _characters() -> tuple[tuple[int, int], ...]:
    """Ranges of code points in the font's character map (OpenType cmap, format 12)."""
    data = font_file().read_bytes()
    offset = struct.unpack_from(">I", data, 12)[0] if data[:4] == b"ttcf" else 0
    tables = struct.unpack_from(">H", data, offset + 4)[0]
    for i in range(tables):
        tag, _, start, _ = struct.unpack_from(">4sIII", data, offset + 12 + 16 * i)
        if tag == b"cmap":
            return _ranges(data, start)
    raise ValueError("the font has no character map")


def _ranges(data: bytes, start: int) -> tuple[tuple[int, int], ...]:
    for i in range(struct.unpack_from(">H", data, start + 2)[0]):
        table = start + struct.unpack_from(">I", data, start + 4 + 8 * i + 4)[0]
        if struct.unpack_from(">H", data, table)[0] == _FORMAT_12:
            count = struct.unpack_from(">I", data, table + 12)[0]
            groups = struct.iter_unpack(">III", data[table + 16 : table + 16 + 12 * count])
            return tuple((first, last) for first, last, _ in groups)
    raise ValueError("the font's character map has no full table")
