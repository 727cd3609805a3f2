"""Characters that do not look like what they are: full width, invisible, private use, and text in a wrong encoding."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_UNSEEN = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164"
    "\ufeff\uffa0\ufff9-\ufffb\x00-\x08\x0e-\x1f\x7f-\x9f"
)
_VARIANTS = "\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0000-\U000e0fff"
_INVISIBLE = _UNSEEN + _VARIANTS
INVISIBLE = re.compile(f"[{_INVISIBLE}]")
"""Zero-width and control characters and variation selectors: nobody sees them, every comparison does."""

_BLANK = re.compile(f"[{_UNSEEN}]")

_UNTIDY = re.compile(rf"^\s|\s$|[\t\r\n\x0b\x0c\u3000{_INVISIBLE}\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]")
_TO_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_LETTERS_TO_HALF_WIDTH = {
    code: half for code, half in _TO_HALF_WIDTH.items() if chr(half).isascii() and chr(half).isalnum()
}

# GB 18030-2022, characters that older GBK fonts kept in the private use area and Python's codec still does.
_STILL_PRIVATE = {
    0xE816: 0x20087, 0xE817: 0x20089, 0xE818: 0x200CC, 0xE81E: 0x9FB4, 0xE826: 0x9FB5, 0xE82B: 0x9FB6,
    0xE82C: 0x9FB7, 0xE831: 0x215D7, 0xE832: 0x9FB8, 0xE83B: 0x2298F, 0xE843: 0x9FB9, 0xE854: 0x9FBA,
    0xE855: 0x241FE, 0xE864: 0x9FBB,
}  # fmt: skip
_GBK_PRIVATE = range(0xE815, 0xE865)
_MISREADINGS = (("gb18030", "utf-8"), ("cp1252", "gb18030"), ("latin-1", "gb18030"), ("latin-1", "utf-8"))


def is_untidy(text: str) -> bool:
    """Whether a text has outer white space, line breaks, invisible characters or full-width letters and digits."""
    return _UNTIDY.search(text) is not None


def tidied(text: str) -> str:
    """What a person sees of a line that was typed or pasted: one space for any white space, no invisible characters.

    Variation selectors stay: they choose the writing of a character.
    """
    return " ".join(_BLANK.sub("", text).split())


def half_width(text: str) -> str:
    """All full-width ASCII forms made ordinary: for numbers, codes and dates."""
    return text.translate(_TO_HALF_WIDTH)


def half_width_letters(text: str) -> str:
    """Only letters and digits made ordinary: for Chinese text, whose brackets and commas are rightly wide."""
    return text.translate(_LETTERS_TO_HALF_WIDTH)


def is_han(character: str) -> bool:
    """Whether a character is a Han ideograph of any plane, extensions newer than this Python included."""
    code = ord(character)
    return (
        0x4E00 <= code <= 0x9FFF
        or 0x3400 <= code <= 0x4DBF
        or 0x20000 <= code <= 0x3FFFD
        or code == 0x3007
        or (0xF900 <= code <= 0xFAFF and unicodedata.normalize("NFC", character) == character)
    )


def is_rare_han(character: str) -> bool:
    """Whether an ideograph lies outside the basic block, where many fonts, printers and readers have no glyph."""
    return is_han(character) and not "\u4e00" <= character <= "\u9fa5" and character != "\u3007"


def is_private(character: str) -> bool:
    """Whether a code point means something only on the machine that made it (造字)."""
    return unicodedata.category(character) == "Co"


def coded_character(private: str) -> str | None:
    """The coded character that older GBK fonts kept at this private code point (GB 18030-2022), else None.

    A likely reading, never a certain one: 䶮 often comes as U+E863.
    """
    code = ord(private)
    if code in _STILL_PRIVATE:
        return chr(_STILL_PRIVATE[code])
    if code not in _GBK_PRIVATE:
        return None
    trail = 0x50 + code - _GBK_PRIVATE.start
    found = bytes((0xFE, trail + (trail >= 0x7F))).decode("gb18030", "ignore")
    return found if found and not is_private(found) else None


_RADICALS = dict(zip(
    "⺁⺌⺒⺓⺝⺠⺧⺩⺬⺮⺶⺻⻁⻄⻅⻆⻉⻋⻓⻔⻘⻚⻛⻜⻝⻡⻢⻣⻤⻥⻦⻧⻨⻩⻪⻬⻮⻰", "厂小巳幺月民牛王示竹羊聿虎西见角贝车长门青页风飞食首马骨鬼鱼鸟卤麦黄黾齐齿龙", strict=True
))  # fmt: skip
"""Radicals that normalization leaves alone and that stand for a whole character where text is copied out of a PDF."""


def standard_form(character: str) -> str:
    """A compatibility ideograph or radical (⼀, ⻢, 﨑) as the ideograph it stands for; any other character unchanged."""
    code = ord(character)
    if character in _RADICALS:
        return _RADICALS[character]
    if 0x2E80 <= code <= 0x2FDF or 0xF900 <= code <= 0xFAFF or 0x2F800 <= code <= 0x2FA1F:
        return unicodedata.normalize("NFKC", character)
    return character


_UTF8_LEADS = range(0xE4, 0xEA)
"""First bytes of the common ideographs in UTF-8."""
GARBLED_FIRST = "".join(
    sorted({bytes((lead, trail)).decode("gb18030", "ignore") for lead in _UTF8_LEADS for trail in range(0x80, 0xC0)})
)
"""What such a byte and the one behind it become when they are read as GBK: some hundred rare ideographs."""


def looks_garbled(text: str) -> bool:
    """Whether a text carries the marks of a wrong encoding: U+FFFD, 锟斤拷, 烫烫, or Chinese UTF-8 read as GBK or Latin."""
    if "\ufffd" in text or "锟斤拷" in text or "烫烫烫" in text:
        return True
    if len(text) < 3 or text.isascii():
        return False
    if max(text) <= "\xff":
        return any(read and all(map(is_han, read)) for read in readings(text))
    if text[0] not in GARBLED_FIRST:
        return False
    try:
        read = text[: len(text) // 3 * 3].encode("gb18030").decode("utf-8")
    except UnicodeError:
        return False
    return all(map(is_han, read))


def readings(text: str) -> Iterable[str]:
    """What a text may have said before it was read in a wrong encoding; only readings that decode without a fault."""
    for wrong, right in _MISREADINGS:
        try:
            yield text.encode(wrong).decode(right)
        except UnicodeError:
            continue
