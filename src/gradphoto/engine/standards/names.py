"""Names as a certificate prints them: no inner space (R25), one middle dot, no look-alike characters."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from gradphoto.engine.wording import Wording

MIDDLE_DOT = "\u00b7"
_LOOK_ALIKE_DOTS = frozenset("•・．‧∙⋅●.。")
_SPACES = frozenset(" \u3000\u00a0\t\u2002\u2003\u200b")


@dataclass(frozen=True, slots=True)
class NameFault:
    """What is wrong with a name, and whether :func:`canonical_name` mends it without a doubt."""

    code: str
    reason: Wording
    remedy: Wording
    safe_fix: bool


_EMPTY = NameFault(
    "name_empty", Wording("姓名为空。", "The name is missing."), Wording("请填写姓名。", "Fill it in."), False
)
_SPACE = NameFault(
    "name_space",
    Wording("姓名中间有空格。", "There is a space inside the name."),
    Wording("删除空格；少数民族姓名用间隔号“·”。", "Delete it; in minority names use the middle dot."),
    True,
)
_DOT = NameFault(
    "name_dot",
    Wording("姓名中的间隔号不是标准的“·”。", "The dot inside the name is not the standard middle dot."),
    Wording("改为间隔号“·”（U+00B7）。", "Use the middle dot (U+00B7)."),
    True,
)
_WIDTH = NameFault(
    "name_width",
    Wording("姓名中有全角字母。", "The name has full-width letters."),
    Wording("改为普通字母。", "Use ordinary letters."),
    True,
)
_CHARACTER = NameFault(
    "name_character",
    Wording("姓名中有不应出现的字符。", "The name has a character that cannot be part of one."),
    Wording(
        "对照身份证改正；生僻字请用正式编码，不要用造字。",
        "Correct it from the card; use the coded character, not a private one.",
    ),
    False,
)


def check_name(text: str) -> tuple[NameFault, ...]:
    """Every fault of a name, the most telling first; an empty tuple for a good one."""
    name = text.strip()
    if not name:
        return (_EMPTY,)
    faults: dict[str, NameFault] = {}
    for character in name:
        fault = _fault_of(character)
        if fault is not None:
            faults.setdefault(fault.code, fault)
    return tuple(faults.values())


def _fault_of(character: str) -> NameFault | None:
    if "\u4e00" <= character <= "\u9fff" or character == MIDDLE_DOT:
        return None
    if character in _SPACES:
        return _SPACE
    if character in _LOOK_ALIKE_DOTS:
        return _DOT
    if "\uff21" <= character <= "\uff5a":
        return _WIDTH
    if character.isdigit() or unicodedata.category(character) in ("Cc", "Cf", "Co", "Cn", "Cs"):
        return _CHARACTER
    return None if character.isalpha() or character in "-'" else _CHARACTER


def canonical_name(text: str) -> str:
    """The name with its safe faults mended: spaces gone between Han characters, dots and widths made standard."""
    letters = [MIDDLE_DOT if c in _LOOK_ALIKE_DOTS else c for c in text.strip()]
    name = "".join(unicodedata.normalize("NFKC", c) if "\uff21" <= c <= "\uff5a" else c for c in letters)
    if name.isascii():
        return " ".join(name.split())
    return "".join(c for c in name if c not in _SPACES)
