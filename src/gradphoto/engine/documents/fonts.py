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
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typst

from gradphoto.engine.carried_files import font_file
from gradphoto.engine.environment import Variable, existing_folder
from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.font_file import CharacterMap, FontError, map_of
from gradphoto.engine.late_import import late
from gradphoto.engine.standards.characters import INVISIBLE
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
_LEAST_IDEOGRAPH = 0x3400


@dataclass(frozen=True, slots=True)
class Block:
    """A block of ideographs that GB 18030-2022 asks for at an implementation level."""

    name: str
    level: int
    first: int
    last: int

    @property
    def title(self) -> Wording:
        """The block as a page names it; ``name`` is its key in what was counted."""
        zh = self.name.replace("Extension ", "扩展").replace("URO ", "基本区 ")
        return Wording(f"汉字{zh}", self.name)


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
    return font_file()


_added: Callable[[], Sequence[Path]] = tuple


def add_fonts_from(provider: Callable[[], Sequence[Path]]) -> None:
    """Name who knows the font files that an administrator has added; asked again for every paper."""
    global _added
    _added = provider


def fallback_files() -> tuple[Path, ...]:
    """The fonts behind the first, in the order in which they are asked for a glyph."""
    folder = FONTS.read()
    named = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES) if folder else []
    return tuple(path for path in (*_added(), *named) if path.is_file())


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
    """``data`` (anything that JSON holds) with every undrawn character made ready for ``FRAME_RULE``; told by the way.

    What nobody sees (marks of direction before a pasted telephone number, variation selectors) has no glyph and needs none.
    """
    missing = undrawn([json.dumps(data, ensure_ascii=False)])
    if not missing:
        return data
    seen = [character for character in missing if not INVISIBLE.match(character)]
    listener = _listener.get()
    if listener is not None:
        listener.update(seen)
    return _replaced(data, str.maketrans(dict.fromkeys(missing, "") | {one: framed(one) for one in seen}))


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
    return coverage_of([character_map(path) for path in paths])


def coverage_of(maps: Sequence[CharacterMap]) -> dict[Block, int]:
    """The same for character maps."""
    return {
        block: sum(any(_covers(ranges, code) for ranges in maps) for code in range(block.first, block.last + 1))
        for block in GB18030_BLOCKS
    }


@functools.lru_cache(16)
def character_map(path: Path) -> CharacterMap:
    """The characters of a font file. Raises :class:`FontError` for a file that is no TrueType or OpenType font."""
    return map_of(path.read_bytes())


def lay_proof(folder: Path, data: bytes, suffix: str, characters: CharacterMap) -> None:
    """Put a font and a paper with some of its characters into an empty folder, for :func:`set_proof`."""
    codes = [code for first, last in characters for code in (first, last) if code >= _LEAST_IDEOGRAPH]
    codes = codes or [code for first, last in characters for code in (first, last) if code > _LEAST_PRINTED]
    if not codes:
        raise _UNUSABLE
    some = "".join(chr(code) for code in (codes[0], codes[len(codes) // 2], codes[-1]))
    (folder / f"font{suffix}").write_bytes(data)
    (folder / "text.json").write_text(json.dumps(some), encoding="utf-8")
    (folder / "proof.typ").write_text('#json("text.json")', encoding="utf-8")


def set_proof(folder: Path) -> None:
    """Set that paper: a font that cannot be set would stop papers later. Raises ``documents.font_unusable``.

    Only within the bounded reader: on some broken fonts the typesetter never comes back.
    """
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(folder)])
    try:
        if not fonts.families():
            raise _UNUSABLE
        typst.compile(
            folder / "proof.typ",
            root=folder,
            font_paths=fonts,
            ignore_system_fonts=True,
            format="pdf",
            pdf_standards="a-2b",
        )
    except typst.TypstError as error:
        raise _UNUSABLE from error


_UNUSABLE = FontError(
    "documents.font_unusable",
    Wording("字库无法用于排版。", "Papers cannot be set with this font."),
    Wording("请换用其他字库文件（ttf、otf、ttc）。", "Use another file (ttf, otf, ttc)."),
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
