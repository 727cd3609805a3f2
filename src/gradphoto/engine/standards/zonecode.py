"""GB 2312 zone codes (区位码) of names, as the collection card asks for them (R109, R111)."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.late_import import late
from gradphoto.engine.standards.names import characters_of
from gradphoto.engine.wording import Wording

if TYPE_CHECKING:
    import pypinyin
else:
    pypinyin = late("pypinyin")

NO_CODE = "0000"
"""What is filled in for a character that the table does not have (R109)."""
NAME_PLACES = 4
"""Characters that a card has columns for: longer names carry no codes (R111)."""
CODE_DIGITS = 4

_OFFSET = 0xA0  # GB 2312 in EUC form: both bytes stand 0xA0 above zone and position
_LAST = 94
_READING = re.compile("[a-zü]{1,6}")
# Readings that a character has only as a surname; dictionaries give the everyday one first.
_SURNAME_READINGS = (
    "单:shan 解:xie 仇:qiu 区:ou 朴:piao 查:zha 曾:zeng 任:ren 盖:ge 员:yun 乐:yue 翟:zhai 缪:miao 种:chong 重:chong 繁:po 黑:he 秘:bi "
    "折:she 覃:qin 召:shao 能:nai 阚:kan 祭:zhai 隗:wei 郇:xun 乜:nie 佴:nai 卜:bu 参:shen 句:gou 洗:xian 会:gui 牟:mu 薄:bo"
)
_SURNAMES: Mapping[str, str] = MappingProxyType(dict(entry.split(":", 1) for entry in _SURNAME_READINGS.split()))
_NOT_A_SURNAME_ALONE = frozenset({"单于"})
_NOTHING: Mapping[str, str] = MappingProxyType({})


class ZoneCodeError(GradPhotoError):
    """A code or a reading that cannot be."""


class NameWay(StrEnum):
    """How a name goes onto the card."""

    CODED = "coded"
    BLOCK_SCRIPT = "block_script"


@dataclass(frozen=True, slots=True)
class PinyinNote:
    """The reading to be written beside a character without a code; ``proposed`` until a person has confirmed it."""

    position: int
    character: str
    pinyin: str
    alternatives: tuple[str, ...]
    proposed: bool


@dataclass(frozen=True, slots=True)
class NameCodes:
    """A name as the card carries it: one code a character, or none at all and block script instead (R111)."""

    name: str
    way: NameWay
    codes: tuple[str, ...]
    notes: tuple[PinyinNote, ...]


def zone_code(character: str) -> str:
    """Four digits, zone and position of one character (GB 2312-1980); ``0000`` where the table has none.

    The middle dot of minority names (U+00B7) has none: the table's own dot is another character.
    """
    try:
        pair = character.encode("gb2312")
    except UnicodeEncodeError:
        return NO_CODE
    return f"{pair[0] - _OFFSET:02d}{pair[1] - _OFFSET:02d}" if len(pair) == 2 else NO_CODE


def character_of(code: str) -> str | None:
    """The character of a code; ``None`` for ``0000`` and for places that the table leaves empty.

    Raises :class:`ZoneCodeError` (``standards.zone_code``) for anything but four digits.
    """
    if not re.fullmatch(r"[0-9]{4}", code):
        raise ZoneCodeError(
            "standards.zone_code",
            Wording("区位码不是四位数字。", "A zone code has four digits."),
            Wording("请查区位码表后重填。", "Look it up in the table of zone codes."),
        )
    zone, position = int(code[:2]), int(code[2:])
    if not (1 <= zone <= _LAST and 1 <= position <= _LAST):
        return None
    try:
        return bytes((_OFFSET + zone, _OFFSET + position)).decode("gb2312")
    except UnicodeDecodeError:
        return None


def encode_name(name: str, confirmed: Mapping[str, str] = _NOTHING) -> NameCodes:
    """The codes of a name (as :func:`canonical_name` writes it), and the readings for what has no code.

    A dot is no character: 扎西·次仁 has four and is coded without it. Names of more than four characters carry no codes
    (R111); neither do names with Latin letters, which no zone code could give back. Positions count coded characters. ``confirmed`` maps a character to the reading that a person has confirmed; every other reading
    is a proposal. Raises :class:`ZoneCodeError` (``standards.pinyin``) for a confirmed reading that is none.
    """
    coded = characters_of(name)
    if len(coded) > NAME_PLACES or any(c.isascii() for c in coded):
        return NameCodes(name, NameWay.BLOCK_SCRIPT, (), ())
    codes = tuple(zone_code(c) for c in coded)
    readings = propose_readings(coded)
    notes = tuple(
        _note(position, coded[position], readings[position], confirmed)
        for position, code in enumerate(codes)
        if code == NO_CODE and readings[position]
    )
    return NameCodes(name, NameWay.CODED, codes, notes)


def propose_readings(name: str) -> tuple[tuple[str, ...], ...]:
    """For each character its readings without tones, the likeliest first; an empty tuple where there is none.

    A surname is read as one (单 shan, 解 xie, 尉迟 yu chi): general dictionaries do not.
    """
    likeliest: list[str] = []
    for readable, run in itertools.groupby(name, key=lambda c: bool(_readings(c))):
        # Dictionaries know words, so neighbouring characters are read together.
        together = "".join(run)
        likeliest += pypinyin.lazy_pinyin(together, v_to_u=True) if readable else list(together)
    surname = _SURNAMES.get(name[:1]) if len(name) > 1 and name[:2] not in _NOT_A_SURNAME_ALONE else None
    found = []
    for position, character in enumerate(name):
        readings = _readings(character)
        first = surname if position == 0 and surname else likeliest[position]
        found.append(tuple(dict.fromkeys((first, *readings))) if readings else ())
    return tuple(found)


def _readings(character: str) -> tuple[str, ...]:
    rows = pypinyin.pinyin(character, style=pypinyin.Style.NORMAL, heteronym=True, errors="ignore", v_to_u=True)
    return tuple(rows[0]) if rows else ()


def _note(position: int, character: str, readings: tuple[str, ...], confirmed: Mapping[str, str]) -> PinyinNote:
    said = confirmed.get(character)
    if said is None:
        return PinyinNote(position, character, readings[0], readings[1:], proposed=True)
    if not _READING.fullmatch(said):
        raise ZoneCodeError(
            "standards.pinyin",
            Wording(f"“{said}”不是汉语拼音。", f"“{said}” is no pinyin."),
            Wording("用小写字母填写一个音节，如 zhe。", "Write one syllable in small letters, e.g. zhe."),
        )
    others = tuple(other for other in readings if other != said)
    return PinyinNote(position, character, said, others, proposed=False)
