"""What is wrong with a name as a certificate prints it: inner spaces (R25), other dots, look-alike characters."""

from __future__ import annotations

import functools
import unicodedata
from dataclasses import dataclass

from gradphoto.engine.standards.characters import (
    INVISIBLE,
    coded_character,
    half_width_letters,
    is_han,
    is_private,
    is_rare_han,
    looks_garbled,
    standard_form,
)
from gradphoto.engine.standards.names import (
    LOOK_ALIKE_DOTS,
    MIDDLE_DOT,
    ORDINARY_NAME,
    canonical_name,
    is_latin,
    with_middle_dots,
)
from gradphoto.engine.wording import Wording

WIDEST_NAME_BYTES = 40
"""Column XM of the status file is C(40), GBK (facts 2.1)."""


@dataclass(frozen=True, slots=True)
class NameFault:
    """What is wrong with a name, and whether ``names.canonical_name`` mends it without a doubt."""

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
_DOT_PLACE = NameFault(
    "name_dot_place",
    Wording("间隔号不应在姓名的首尾。", "The middle dot cannot begin or end a name."),
    Wording("对照身份证删除或补全。", "Compare with the card: delete it or complete the name."),
    False,
)
_WIDTH = NameFault(
    "name_width",
    Wording("姓名中有全角字母。", "The name has full-width letters."),
    Wording("改为普通字母。", "Use ordinary letters."),
    True,
)
_INVISIBLE = NameFault(
    "name_invisible",
    Wording("姓名中有看不见的字符。", "The name has an invisible character."),
    Wording("删除该字符。", "Delete it."),
    True,
)
_FORM = NameFault(
    "name_form",
    Wording(
        "姓名中有兼容字符或部首字符，字形相同而编码不同。", "The name has a compatibility form: same shape, other code."
    ),
    Wording("改为正式编码的汉字。", "Use the ideograph proper."),
    True,
)
_SIGN = NameFault(
    "name_form",
    Wording(
        "姓名中的附加符号、连字符或撇号不是标准编码。",
        "An accent, hyphen, dot or apostrophe of the name stands there as another code.",
    ),
    Wording("改为标准编码。", "Use the standard one."),
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
    """Every fault of a name in the order of its characters; an empty tuple for a good one.

    Latin names (passports) may have single spaces; Han names have none (R25).
    """
    name = text.strip()
    if ORDINARY_NAME.fullmatch(name):
        return ()
    if not name:
        return (_EMPTY,)
    latin = is_latin(name)
    faults: dict[str, NameFault] = {}
    for character in name:
        fault = _latin_fault(character) if latin else _han_fault(character)
        if fault is not None:
            faults.setdefault(fault.code, fault)
    mended = canonical_name(name)
    if latin and "  " in name:
        faults.setdefault(_SPACE.code, _SPACE)
    elif not latin and " " in mended and " ".join(name.split()) == name and mended.count(" ") == name.count(" "):
        faults.pop(_SPACE.code, None)  # a script that divides names by spaces
    if not latin and MIDDLE_DOT * 2 in with_middle_dots(name):
        faults.setdefault(_DOT.code, _DOT)
    if mended.startswith(MIDDLE_DOT) or mended.endswith(MIDDLE_DOT):
        faults.setdefault(_DOT_PLACE.code, _DOT_PLACE)
    return tuple(faults.values())


def name_hints(text: str) -> tuple[NameFault, ...]:
    """What is allowed but worth a look: rare ideographs, one character only, too long for the file, signs of mojibake."""
    name = text.strip()
    if not name or ORDINARY_NAME.fullmatch(name):
        return ()
    hints = []
    if rare := sorted({c for c in name if is_rare_han(c)}):
        hints.append(_rare(rare))
    if len(name) == 1:
        hints.append(_SHORT)
    if len(canonical_name(name).encode("gb18030", "replace")) > WIDEST_NAME_BYTES:
        hints.append(_LONG)
    if not is_latin(name) and any(c.isascii() and c.isalpha() for c in half_width_letters(name)):
        hints.append(_MIXED)
    if looks_garbled(name):
        hints.append(_GARBLED)
    return tuple(hints)


def _latin_fault(character: str) -> NameFault | None:
    if character.isascii():
        if character.isalpha() or character in " -'.,":
            return None
        return _SIGN if canonical_name(f"A{character}A") != f"A{character}A" else _CHARACTER
    if INVISIBLE.match(character):
        return _INVISIBLE
    if character.isspace():
        return _SPACE
    if half_width_letters(character) != character:
        return _WIDTH if half_width_letters(character).isalpha() else _CHARACTER
    if character.isalpha() or character in "’‘\u00b7":
        return None
    is_accent = unicodedata.combining(character) > 0
    return _SIGN if is_accent or canonical_name(f"A{character}A") != f"A{character}A" else _CHARACTER


def _han_fault(character: str) -> NameFault | None:
    if is_han(character) or character == MIDDLE_DOT:
        return None
    if INVISIBLE.match(character):
        return _INVISIBLE
    if character.isspace():
        return _SPACE
    if character in LOOK_ALIKE_DOTS:
        return _DOT
    if is_private(character):
        return _private(character)
    if is_han(standard_form(character)):
        return _FORM
    half = half_width_letters(character)
    if half.isascii() and half.isalpha():
        return None if half == character else _WIDTH
    return _CHARACTER


@functools.cache
def _private(character: str) -> NameFault:
    likely = coded_character(character)
    hint_zh = f"可能是“{likely}”（U+{ord(likely):04X}）；" if likely else ""
    hint_en = f"It may be {likely} (U+{ord(likely):04X}); " if likely else ""
    return NameFault(
        "name_private",
        Wording(
            f"姓名中有造字（U+{ord(character):04X}），在别的电脑上显示为空白或别的字。",
            f"The name has a private character (U+{ord(character):04X}) that no other machine can show.",
        ),
        Wording(f"{hint_zh}对照身份证改为正式编码的字。", f"{hint_en}use the coded character as on the card."),
        False,
    )


def _rare(characters: list[str]) -> NameFault:
    listed = "、".join(f"{c}（U+{ord(c):04X}）" for c in characters)
    return NameFault(
        "name_rare",
        Wording(f"姓名中有生僻字：{listed}。", f"The name has rare characters: {listed}."),
        Wording(
            "请对照身份证逐字核对，并确认打印和显示正常。", "Compare it with the card, and see that it prints properly."
        ),
        False,
    )


_SHORT = NameFault(
    "name_short",
    Wording("姓名只有一个字。", "The name has one character only."),
    Wording("请对照身份证核对是否缺字。", "Compare with the card whether one is missing."),
    False,
)
_LONG = NameFault(
    "name_long",
    Wording(
        f"姓名超过 {WIDEST_NAME_BYTES} 个字节，学籍数据文件放不下。",
        f"The name is longer than the {WIDEST_NAME_BYTES} bytes that the status file holds.",
    ),
    Wording("请与学籍数据核对写法。", "Compare it with the status record."),
    False,
)
_MIXED = NameFault(
    "name_mixed",
    Wording("姓名中汉字与字母混用。", "The name mixes ideographs and letters."),
    Wording("请对照身份证核对。", "Compare it with the card."),
    False,
)
_GARBLED = NameFault(
    "name_garbled",
    Wording("姓名像是乱码。", "The name looks like text in a wrong encoding."),
    Wording("请从原系统重新导出，或对照身份证改正。", "Export the file again, or correct it from the card."),
    False,
)
