"""Citizen ID numbers (GB 11643-1999), permits of Hong Kong, Macau and Taiwan, and foreigners' cards.

No region is ever refused: tables of regions are old or incomplete, and a refused graduate is worse than a warning.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from operator import mul

from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.standards.characters import INVISIBLE, half_width
from gradphoto.engine.wording import Wording

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"
_EIGHTEEN = re.compile(r"[0-9]{17}[0-9X]")
_FIFTEEN = re.compile(r"[0-9]{15}")
_FOREIGNER_OLD = re.compile(r"[A-Z]{3}[0-9]{12}")
_HMT_REGIONS = frozenset({"810000", "820000", "830000"})
_LOOK_ALIKE_DIGITS = str.maketrans(
    {**dict.fromkeys("OoＯОоΟοQD〇○", "0"), **dict.fromkeys("lI|iІіl∣ǀ!", "1"), **dict.fromkeys("ZzΖ", "2"),
     **dict.fromkeys("SsЅ", "5"), **dict.fromkeys("Bв", "8")}
)  # fmt: skip
_LOOK_ALIKE_X = str.maketrans(dict.fromkeys("xхХχΧ×✕✖╳ⅹⅩ*", "X"))
_PUNCTUATION = re.compile(r"[\s'’‘`\"“”,，.\-—–_]")
_BETWEEN_DIGITS = re.compile(r"(?<=[0-9]{2})[\s'’.\-–—_]{1,3}(?=[0-9]{2}|[0-9]?X)")
_WORD = re.compile(r"[0-9A-Z]+")
_MANY_DIGITS = re.compile(r"[0-9]{15,30}X?|[0-9]{3,17}X")
_WITH_LETTERS = re.compile(r"[HM][0-9]{8,10}|[A-Z]{1,2}[0-9]{7,8}|[A-Z]{3}[0-9]{12}")
_DAY_IN_DIGITS = re.compile(r"(?=((?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])))")


class Sex(StrEnum):
    """GB/T 2261.1, as far as a certificate names it."""

    MALE = "male"
    FEMALE = "female"


class IdKind(StrEnum):
    """What kind of document a number belongs to."""

    RESIDENT_18 = "resident_18"
    RESIDENT_15 = "resident_15"
    PERMIT_HMT = "permit_hmt"
    FOREIGNER_2023 = "foreigner_2023"
    FOREIGNER_OLD = "foreigner_old"
    PASSPORT = "passport"
    OFFICER = "officer"
    TRAVEL_PERMIT = "travel_permit"
    OTHER = "other"


_OTHER_FORMS: dict[IdKind, re.Pattern[str]] = {
    IdKind.TRAVEL_PERMIT: re.compile(r"[HM][0-9]{8}(?:[0-9]{2})?|[0-9]{8}|[0-9]{10}[A-Z]?"),
    IdKind.OFFICER: re.compile(r"[\u4e00-\u9fff]{1,4}字?第?[0-9]{4,8}号?"),
    IdKind.PASSPORT: re.compile(r"[A-Z]{1,3}[0-9]{5,9}[A-Z]?|[0-9]{9}|[A-Z]{2}[0-9A-Z]{6,7}"),
    IdKind.OTHER: re.compile(r"[0-9A-Z\u4e00-\u9fff]{5,30}"),
}
_TELLING = (IdKind.OFFICER, IdKind.PASSPORT)
"""The other documents whose numbers cannot be a mistyped ID number."""


@dataclass(frozen=True, slots=True)
class IdNumber:
    """A readable number. ``number`` is the 18-digit form where one exists, so that 15 and 18 digits are one person."""

    number: str
    as_given: str
    kind: IdKind
    region: str
    birth_date: date | None
    sex: Sex | None

    def __repr__(self) -> str:
        return f"IdNumber({mask(self.number)}, {self.kind})"


class IdNumberError(GradPhotoError):
    """A number that cannot be right. Neither message nor remedy repeats the number."""


def check_digit(first17: str) -> str:
    """The 18th character for 17 digits (ISO 7064 MOD 11-2); ``ValueError`` for anything but 17 ASCII digits."""
    if len(first17) != 17 or not (first17.isascii() and first17.isdigit()):
        raise ValueError("check_digit needs 17 digits")
    return _CHECK[(_weighed(first17[:6], 0) + _weighed(first17[6:14], 6) + _weighed(first17[14:], 14)) % 11]


@functools.lru_cache(65536)
def _weighed(digits: str, place: int) -> int:
    """The weighed sum of a part. A school's numbers share regions, birth dates and sequence numbers by the thousand."""
    return sum(map(mul, map(int, digits), _WEIGHTS[place:]))


def upgrade_15(number: str) -> str:
    """The 18-digit form of a 15-digit number: the century after the region, the check digit at the end."""
    first17 = f"{number[:6]}19{number[6:]}"
    return first17 + check_digit(first17)


def may_be_id_number(text: str) -> bool:
    """Whether words that somebody typed hold an ID number or a part of one: such words stand in no address and no log.

    Taken for one, whatever its spaces, dashes and width: 15 to 30 digits, the end of a number with its X, a permit or a
    passport with its letter, and any eight digits that are the birth date of somebody of fourteen years or more. A shorter
    part, and a travel permit of eight or ten plain digits, cannot be told from a student number.
    """
    if not any(map(str.isdigit, text)):
        return False
    written = half_width(text).translate(_LOOK_ALIKE_X).upper()
    joined = _WORD.findall(_BETWEEN_DIGITS.sub("", written))
    return any(_MANY_DIGITS.fullmatch(word) or _holds_birth_date(word) for word in joined) or any(
        map(_WITH_LETTERS.fullmatch, _WORD.findall(written))
    )


def _holds_birth_date(word: str) -> bool:
    if len(word) < 8 or not word.removesuffix("X").isdigit():
        return False
    youngest = datetime.now(tz=UTC).year - 14
    return any(1930 <= int(found[:4]) <= youngest for found in _DAY_IN_DIGITS.findall(word))


def mask(number: str) -> str:
    """The number with its middle hidden: three and four characters stay, of short ones (passports) one and two."""
    if len(number) >= 15:
        return f"{number[:3]}{'*' * (len(number) - 7)}{number[-4:]}"
    return f"{number[0]}{'*' * (len(number) - 3)}{number[-2:]}" if len(number) > 5 else "*" * len(number)


def parse_id_number(text: str, test_regions: Collection[str] = frozenset()) -> IdNumber:
    """Read a number of 15 or 18 characters (R27) or an older foreigner's number.

    ``test_regions`` are made-up region codes that a rule set allows; without them a leading 9 means a foreigner's
    card of 2023. Raises :class:`IdNumberError` with ``standards.id_length``, ``id_characters``, ``id_birth_date`` or
    ``id_check_digit``.
    """
    given = text if _EIGHTEEN.fullmatch(text) else text.strip().upper()
    if _EIGHTEEN.fullmatch(given):
        number, kind = given, _kind_of_18(given, test_regions)
    elif _FIFTEEN.fullmatch(given):
        number, kind = upgrade_15(given), IdKind.RESIDENT_15
    elif _FOREIGNER_OLD.fullmatch(given):
        return IdNumber(given, given, IdKind.FOREIGNER_OLD, given[:3], None, None)
    elif len(given) not in (15, 18):
        raise _error("id_length", f"证件号码有{len(given)}位。", f"The ID number has {len(given)} characters.",
                     "应为18位（旧号15位），请对照证件补全。", "It has 18 (old ones 15); complete it from the card.")  # fmt: skip
    else:
        raise _error("id_characters", "证件号码含有不允许的字符。", "The ID number has characters that cannot be.",
                     "只用数字，末位可为X；检查是否误用字母O或I。", "Digits only, the last may be X; look for O and I.")  # fmt: skip
    born = _birth_date(number[6:14])
    expected = check_digit(number[:17])
    if number[17] != expected:
        raise _error("id_check_digit", "证件号码的校验位不正确。", "The check digit of the ID number is wrong.",
                     f"按前17位推算末位应为{expected}；请对照证件逐位核对，通常是其中一位录错。",
                     f"By the first 17 digits it should be {expected}; compare with the card, one digit is mistyped.")  # fmt: skip
    return IdNumber(number, given, kind, number[:6], born, Sex.MALE if number[16] in "13579" else Sex.FEMALE)


def parse_document(text: str, kind: IdKind | None, test_regions: Collection[str] = frozenset()) -> IdNumber:
    """Read the number of any document: as the ``kind`` that the roster names, or as what it must be if it names none.

    Passports, officers' cards and travel permits (R99, R209) tell neither birth date nor sex. Without a kind only
    numbers that cannot be a mistyped ID number are taken for one of those. Raises :class:`IdNumberError`, beside the
    codes of :func:`parse_id_number` with ``standards.id_other_form``.
    """
    given = "".join(text.split()).upper()
    if kind in _OTHER_FORMS:
        if not _OTHER_FORMS[kind].fullmatch(given):
            raise _error("id_other_form", "证件号码与证件类型不符。", "The number does not fit the kind of document.",
                         "请对照证件核对类型和号码。", "Compare kind and number with the document.")  # fmt: skip
        return IdNumber(given, given, kind, "", None, None)
    try:
        return parse_id_number(given, test_regions)
    except IdNumberError:
        if kind is None:
            for other in _TELLING:
                if _OTHER_FORMS[other].fullmatch(given) and not given.isdigit():
                    return IdNumber(given, given, other, "", None, None)
        raise


def repair_id_number(text: str, test_regions: Collection[str] = frozenset()) -> str | None:
    """The number that a mistyped one must mean, or None: look-alikes (O, l, Cyrillic Х) exchanged, spaces dropped.

    Only a result of 18 characters whose birth date and check digit are right is given, so that the number itself
    proves the repair.
    """
    plain = tidy_id_number(text)
    if len(plain) != 18:
        return None
    mended = plain[:17].translate(_LOOK_ALIKE_DIGITS) + plain[17].translate(_LOOK_ALIKE_X).translate(_LOOK_ALIKE_DIGITS)
    try:
        return parse_id_number(mended, test_regions).number
    except IdNumberError:
        return None


def tidy_id_number(text: str) -> str:
    """The number as typed but without what typing adds: spaces, hyphens, quotes, full width, a small x."""
    if text.isascii() and text.isalnum() and "x" not in text:
        return text
    return _PUNCTUATION.sub("", INVISIBLE.sub("", half_width(text))).translate({ord("x"): "X"})


def _kind_of_18(number: str, test_regions: Collection[str]) -> IdKind:
    if number[:6] in _HMT_REGIONS:
        return IdKind.PERMIT_HMT
    if number[0] == "9" and number[:6] not in test_regions:
        return IdKind.FOREIGNER_2023
    return IdKind.RESIDENT_18


@functools.lru_cache(65536)
def _birth_date(digits: str) -> date:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        raise _error("id_birth_date", "证件号码中的出生日期不存在。", "The birth date inside the ID number does not exist.",
                     "请对照证件核对第7至14位。", "Compare digits 7 to 14 with the card.") from None  # fmt: skip


def _error(code: str, zh: str, en: str, remedy_zh: str, remedy_en: str) -> IdNumberError:
    return IdNumberError(f"standards.{code}", Wording(zh, en), Wording(remedy_zh, remedy_en))
