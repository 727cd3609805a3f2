"""Which fonts a paper is set in, and what happens to a character that none of them can draw.

The first font is Noto Sans CJK (package ``noto-cjk-sans-otc``, 65,535 glyphs). Behind it stand, glyph by glyph, the files
of ``fallback_files``: what an administrator has added by page, and the folder that ``GRADPHOTO_FONTS`` names. The machine's
own fonts are never used unasked, so that a paper looks alike wherever it is printed.

A character without a glyph never stops a paper and is never an empty box: it is set as the field writes it by hand
(R109), its reading above its code in a frame, and whoever asked for the paper is told (``telling``).
"""

from __future__ import annotations

import functools
import json
import struct
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import noto_cjk_sans_otc
import typst

from gradphoto.engine.environment import Variable, existing_folder
from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.late_import import late
from gradphoto.engine.wording import Wording

if TYPE_CHECKING:
    import pypinyin
else:
    pypinyin = late("pypinyin")

FAMILY = "Noto Sans CJK SC"
FONTS = Variable[Path | None](
    "GRADPHOTO_FONTS", existing_folder, None, "a folder", "further fonts for rare characters, asked glyph by glyph behind "
    "the built-in one (Debian's fonts-hanazono: `/usr/share/fonts/truetype/hanazono`)", "Place and address", "none",
)  # fmt: skip
SUFFIXES = (".ttf", ".otf", ".ttc")

_OPEN, _BETWEEN, _CLOSE = "\ue0f0", "\ue0f1", "\ue0f2"
FRAME_RULE = f"""#show regex("{_OPEN}[^{_CLOSE}]*{_CLOSE}"): it => {{
  let parts = it.text.slice({len(_OPEN.encode())}, it.text.len() - {len(_CLOSE.encode())}).split("{_BETWEEN}")
  box(stroke: 0.4pt, inset: 0.08em, outset: (y: 0.05em), baseline: 0.12em, align(center, stack(
    dir: ttb, spacing: 0.12em, ..parts.filter(part => part != "").map(part => text(0.42em, part)),
  )))
}}
"""
"""Typst: how a framed character is set; stands before every template."""

_LEAST_PRINTED = 0x20
_MAP_FORMATS = (4, 12)


class FontError(GradPhotoError):
    """A file that is no usable font."""


@dataclass(frozen=True, slots=True)
class Block:
    """A block of ideographs that GB 18030-2022 asks for at an implementation level."""

    name: str
    level: int
    first: int
    last: int


GB18030_BLOCKS = (
    Block("URO 4E00-9FFF", 2, 0x4E00, 0x9FFF),
    Block("Extension A", 2, 0x3400, 0x4DBF),
    Block("Extension B", 3, 0x20000, 0x2A6DF),
    Block("Extension C", 3, 0x2A700, 0x2B739),
    Block("Extension D", 3, 0x2B740, 0x2B81D),
    Block("Extension E", 3, 0x2B820, 0x2CEA1),
    Block("Extension F", 3, 0x2CEB0, 0x2EBE0),
)
"""GB 18030-2022, 6 and annex: level 2 takes the basic blocks, level 3 all 87,887 ideographs and radicals."""


def first_file() -> Path:
    """The collection file inside the installed font package."""
    return Path(str(noto_cjk_sans_otc.FONT_PATH))


def fallback_files() -> tuple[Path, ...]:
    """The fonts behind the first, in the order in which they are asked for a glyph."""
    folder = FONTS.read()
    named = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES) if folder else []
    return tuple(path for path in named if path.is_file())


def typst_fonts() -> typst.Fonts:
    """The fonts of a paper."""
    return _typst_fonts(fallback_files())


@functools.lru_cache(4)
def _typst_fonts(files: tuple[Path, ...]) -> typst.Fonts:
    # Typst looks into folders; a file named alone is passed over without a word.
    paths = list(dict.fromkeys(str(path.parent) for path in (first_file(), *files)))
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=paths)


def undrawn(texts: Iterable[str]) -> tuple[str, ...]:
    """The characters of ``texts`` that no font can draw, each once, in the order of their codes."""
    maps = [character_map(path) for path in (first_file(), *fallback_files())]
    return tuple(
        character
        for character in sorted(set("".join(texts)))
        if ord(character) >= _LEAST_PRINTED and not any(_covers(ranges, ord(character)) for ranges in maps)
    )


def with_frames(data: Any) -> Any:
    """``data`` (anything that JSON holds) with every undrawn character made ready for ``FRAME_RULE``; told by the way."""
    missing = undrawn([json.dumps(data, ensure_ascii=False)])
    if not missing:
        return data
    listener = _listener.get()
    if listener is not None:
        listener.update(missing)
    return _replaced(data, str.maketrans({character: framed(character) for character in missing}))


def framed(character: str) -> str:
    """Reading and code of a character between the marks that ``FRAME_RULE`` looks for."""
    reading = "".join(pypinyin.lazy_pinyin(character, errors="ignore"))
    return f"{_OPEN}{reading}{_BETWEEN}U+{ord(character):04X}{_CLOSE}"


_listener: ContextVar[set[str] | None] = ContextVar("framed_characters", default=None)


@contextmanager
def telling() -> Iterator[set[str]]:
    """Collect the characters that were framed inside the block: for the job that makes the papers."""
    found: set[str] = set()
    token = _listener.set(found)
    try:
        yield found
    finally:
        _listener.reset(token)


def framed_error(character: str) -> GradPhotoError:
    """What a job tells of a framed character."""
    code = f"U+{ord(character):04X}"
    return GradPhotoError(
        "documents.glyph_framed",
        Wording(
            f"字库中没有“{character}”（{code}），已印成拼音和编码。",
            f"No font has a glyph for {character} ({code}); reading and code were printed instead.",
        ),
        Wording(
            "核对是否为造字；确为生僻字的，请管理员在“字库”页添加含该字的字库后重新打印。",
            "See whether it is a private character. If it is a real one, have a font that holds it added and print again.",
        ),
    )


def coverage(*paths: Path) -> dict[Block, int]:
    """How many characters of each block of GB 18030-2022 the font files draw, one behind the other."""
    maps = [character_map(path) for path in paths]
    return {
        block: sum(any(_covers(ranges, code) for ranges in maps) for code in range(block.first, block.last + 1))
        for block in GB18030_BLOCKS
    }


@functools.lru_cache(16)
def character_map(path: Path) -> tuple[tuple[int, int], ...]:
    """Ranges of code points in a font's character map (OpenType cmap formats 4 and 12), sorted and apart.

    Raises :class:`FontError` (``documents.font_unreadable``) for a file that is no TrueType or OpenType font.
    """
    data = path.read_bytes()
    try:
        offset = struct.unpack_from(">I", data, 12)[0] if data[:4] == b"ttcf" else 0
        if data[offset : offset + 4] not in (b"\x00\x01\x00\x00", b"OTTO", b"true"):
            raise _no_font()
        for i in range(struct.unpack_from(">H", data, offset + 4)[0]):
            tag, _, start, _ = struct.unpack_from(">4sIII", data, offset + 12 + 16 * i)
            if tag == b"cmap":
                return _ranges(data, start)
    except struct.error as error:
        raise _no_font() from error
    raise _no_font()


def _ranges(data: bytes, start: int) -> tuple[tuple[int, int], ...]:
    found: dict[int, int] = {}
    for i in range(struct.unpack_from(">H", data, start + 2)[0]):
        table = start + struct.unpack_from(">I", data, start + 4 + 8 * i + 4)[0]
        found[struct.unpack_from(">H", data, table)[0]] = table
    if 12 in found:
        table = found[12]
        count = struct.unpack_from(">I", data, table + 12)[0]
        groups = struct.iter_unpack(">III", data[table + 16 : table + 16 + 12 * count])
        return tuple((first, last) for first, last, glyph in groups if glyph or last > first)
    if 4 in found:
        table = found[4]
        half = struct.unpack_from(">H", data, table + 6)[0]
        ends = struct.unpack_from(f">{half // 2}H", data, table + 14)
        starts = struct.unpack_from(f">{half // 2}H", data, table + 16 + half)
        return tuple((a, b) for a, b in zip(starts, ends, strict=True) if a <= b < 0xFFFF)
    raise _no_font()


def _no_font() -> FontError:
    return FontError(
        "documents.font_unreadable",
        Wording("这不是可用的字库文件。", "This is no usable font file."),
        Wording(
            "请上传 TrueType 或 OpenType 字库（ttf、otf、ttc）。", "Upload a TrueType or OpenType font (ttf, otf, ttc)."
        ),
    )


def _covers(ranges: tuple[tuple[int, int], ...], code: int) -> bool:
    low, high = 0, len(ranges)
    while low < high:
        middle = (low + high) // 2
        first, last = ranges[middle]
        if code < first:
            high = middle
        elif code > last:
            low = middle + 1
        else:
            return True
    return False


def _replaced(data: Any, table: dict[int, str]) -> Any:
    if isinstance(data, str):
        return data.translate(table)
    if isinstance(data, dict):
        return {key: _replaced(value, table) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_replaced(value, table) for value in data]
    return data
