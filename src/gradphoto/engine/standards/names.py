"""Whether two writings of a name are the same person's: decided here and nowhere else.

A name is stored and printed as it is written. It is compared by :func:`same` (certain: a dot, a space, a width or a code
point is written another way) and :func:`probably_same` (a person sees both side by side and decides once).
"""

from __future__ import annotations

import functools
import re
import unicodedata

from gradphoto.engine.standards.characters import (
    GARBLED_FIRST,
    INVISIBLE,
    coded_character,
    half_width_letters,
    is_han,
    is_private,
    is_rare_han,
    standard_form,
)
from gradphoto.engine.standards.name_variants import plain_forms

MIDDLE_DOT = "\u00b7"
CARD_NAME_CHARACTERS = 15
"""The chip of an ID card holds 30 bytes of UTF-16 for the name (GA 450): longer ones are cut there."""

LOOK_ALIKE_DOTS = frozenset(
    "•・･．‧∙⋅●。｡﹒.˙⸱\u0387\u2024\u25e6\u22ef\u16eb\u1427\u2981\u2e30\u2e33\u318d\ua78f\uff65\u2219\u22c5\u2218\u25aa\u26ab"
)
_DOTS = str.maketrans(dict.fromkeys(LOOK_ALIKE_DOTS, MIDDLE_DOT))
_APOSTROPHES = str.maketrans(
    dict.fromkeys("’‘‛ʼʻʹˈ′＇`´\u02bd\u02be\u02bf\u055a\u05f3\u07f4\u07f5\u275b\u275c\ua78c", "'")
)
_HYPHENS = str.maketrans(dict.fromkeys("‐‑‒–—―−－﹣", "-"))
ORDINARY_NAME = re.compile(rf"(?![{GARBLED_FIRST}])[\u4e00-\u9fa5]{{2,8}}(?:\u00b7[\u4e00-\u9fa5]{{1,10}})?")
"""Names of common ideographs, with one middle dot at most, that no rule has anything to say about."""

_LATIN_SIGNS = str.maketrans(
    dict.fromkeys(LOOK_ALIKE_DOTS - {"."}, MIDDLE_DOT) | dict.fromkeys("．。｡", ".")
    | dict.fromkeys("‐‑‒–—―−－﹣", "-") | dict.fromkeys("`´ˈ′＇", "'") | {"，": ","}
)  # fmt: skip
"""What a keyboard or an office program put where a Latin name has a dot, a hyphen, an apostrophe. ’ is one of its own."""

_UNDRAWN = frozenset("?？□■○〇*＊_＿\ufffd")
"""What stands in a file or on a card where a system had no glyph or no code for a rare character."""
_LONGEST_READING = 6
_MOST_UNDRAWN = 4
"""So many of them stand for one character at most: a question mark for each of its bytes (GB 18030, UTF-8)."""
# Letters that no decomposition takes apart, and the digraphs that stand for accented ones, as ICAO Doc 9303 writes them in a passport's machine-readable zone.
_PLAIN_LETTERS = str.maketrans(
    {"đ": "d", "ð": "d", "ø": "o", "ł": "l", "ħ": "h", "ı": "i", "ŧ": "t", "æ": "ae", "œ": "oe", "þ": "th", "ß": "ss"}
)
_DIGRAPHS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "ñ": "nn", "ə": "e"})


def canonical(text: str) -> str:
    """The one writing of a name: widths, invisible characters, dots, apostrophes, spaces and known code points settled.

    Chinese names have no space (R25), Latin names single ones. Private code points of older systems become the character
    that GB 18030-2022 gives them. Used to compare and to look up; never written over what a document says.
    """
    if ORDINARY_NAME.fullmatch(text):
        return text
    coded = "".join((coded_character(c) or c) if is_private(c) else c for c in unicodedata.normalize("NFC", text))
    return canonical_name(coded.translate(_APOSTROPHES).translate(_HYPHENS))


def same(one: str, other: str, *, cut_at: int | None = None) -> bool:
    """Whether two writings are certainly one name; empty ones never are.

    ``cut_at``: the width in characters of the carrier of ``other`` (``CARD_NAME_CHARACTERS`` for a swiped card); a name
    that fills it and begins the longer one is the same.
    """
    if one == other:
        return bool(one.strip())
    first, second = same_key(one), same_key(other)
    if not first or not second:
        return False
    if first == second:
        return True
    return cut_at is not None and _is_cut(one, other, cut_at)


def probably_same(one: str, other: str) -> bool:
    """Whether a person should be asked: everything that :func:`same` takes, and names that differ as systems spoil them.

    Lost dots, accents and apostrophes, another order of a Latin name's parts, a private or undrawn character in place of
    a rare one, another form of a character (呂 and 吕, 陳 and 陈), a name cut by its column.
    """
    if same(one, other):
        return True
    first, second = loose_key(one), loose_key(other)
    if not first or not second:
        return False
    if first == second or _parts(one) == _parts(other) or _in_digraphs(one) == _in_digraphs(other):
        return True
    return _cut(first, second) or _cut(second, first) or _drawn_as(one, other) or _drawn_as(other, one)


def same_key(text: str) -> str:
    """Equal for two names exactly when :func:`same` holds (but for a cut): what an index of names is made of."""
    if ORDINARY_NAME.fullmatch(text):
        return text
    return "".join(canonical(text).split()).casefold()


def loose_key(text: str) -> str:
    """Only the letters, without accents, dots, hyphens and case, each Han character in one of its forms: equal for names
    that a keyboard may not tell apart."""
    if ORDINARY_NAME.fullmatch(text) and MIDDLE_DOT not in text:
        return plain_forms(text)
    folded = unicodedata.normalize("NFD", plain_forms(same_key(text))).translate(_PLAIN_LETTERS)
    return "".join(c for c in folded if c.isalnum() or is_han(c) or is_private(c) or c in _UNDRAWN)


def searched(words: str) -> tuple[str, ...]:
    """The spellings of a name, or of a part of one, that are worth looking for in a list when this was typed."""
    typed = words.strip()
    return tuple(dict.fromkeys((typed, canonical(typed))))


def canonical_name(text: str) -> str:
    """The name with its safe faults mended, for a roster: dots and widths standard, and no space beside a Han character.

    Other scripts than Chinese divide a name by spaces: they keep single ones.
    """
    name = text.strip()
    if ORDINARY_NAME.fullmatch(name):
        return name
    name = INVISIBLE.sub("", half_width_letters(name))
    if is_latin(name):
        return " ".join(unicodedata.normalize("NFC", name).translate(_LATIN_SIGNS).split())
    dotted = "".join(standard_form(c) for c in name).translate(_DOTS)
    words = dotted.split()
    joined = words[0] if words else ""
    for word in words[1:]:
        apart = _divides_by_spaces(joined[-1]) and _divides_by_spaces(word[0])
        joined += f" {word}" if apart else word
    return re.sub(f"{MIDDLE_DOT}+", MIDDLE_DOT, joined)


def _divides_by_spaces(character: str) -> bool:
    return character.isalpha() and not is_han(character)


def characters_of(name: str) -> str:
    """The characters that count when a form counts them: a dot is none (R111, 扎西·次仁 has four)."""
    return with_middle_dots(name).replace(MIDDLE_DOT, "")


def with_middle_dots(text: str) -> str:
    """The text with every look-alike of the middle dot replaced by it."""
    return text.translate(_DOTS)


@functools.lru_cache(4096)
def is_latin(name: str) -> bool:
    """Whether a name is written in Latin letters, as in a passport."""
    letters = [c for c in half_width_letters(name) if c.isalpha()]
    return bool(letters) and all(
        c.isascii() or unicodedata.name(c, "").startswith(("LATIN ", "MODIFIER LETTER ")) for c in letters
    )


def _parts(name: str) -> list[str]:
    """The parts of a Latin name in a fixed order: passports put the family name first."""
    if not is_latin(name) or len(parts := re.split(r"[\s,·-]+", canonical(name))) < 2:
        return [name]
    return sorted(filter(None, map(loose_key, parts)))


def _cut(whole: str, part: str) -> bool:
    """Whether ``part`` begins ``whole`` and is as long as the narrowest column known holds (20 bytes of GBK)."""
    return len(part) < len(whole) and len(part.encode("gb18030", "replace")) >= 19 and whole.startswith(part)


def _is_cut(name: str, other: str, width: int) -> bool:
    """Whether ``other`` is the name as far as a carrier of ``width`` UTF-16 units holds it: a rare character takes two of
    them, and one that does not fit in whole is left out or stands there broken. A space that came last is lost."""
    part = other.strip().rstrip("\ufffd")
    key, whole = same_key(part), same_key(name)
    if len(key) >= len(whole) or not whole.startswith(key):
        return False
    had_space = canonical(name).casefold().startswith(f"{canonical(part).casefold()} ")
    return _units(part) + had_space + _units(whole[len(key)]) > width


def _units(text: str) -> int:
    return sum(1 + (c > "\uffff") for c in text)


def _in_digraphs(name: str) -> str:
    """The letters with ä as ae and the like, the other of the two ways in which passports write them."""
    return loose_key(unicodedata.normalize("NFC", name).casefold().translate(_DIGRAPHS))


def _drawn_as(name: str, spoilt: str) -> bool:
    """Whether ``spoilt`` is the name on a machine that could not draw all of it: other signs, its reading or nothing in place
    of a rare character or a dot, a sign for any other character. Something of the name must be left."""
    whole, seen = same_key(name), same_key(spoilt)
    reached = {(0, False)}
    for character in whole:
        reached = _after(character, seen, reached)
        if not reached:
            return False
    return (len(seen), True) in reached


def _after(character: str, seen: str, reached: set[tuple[int, bool]]) -> set[tuple[int, bool]]:
    """How far into ``seen`` one more character may lead from each place, and whether one was drawn as it is by then."""
    may_vanish = is_rare_han(character) or character == MIDDLE_DOT or is_private(character)
    found: set[tuple[int, bool]] = set()
    for place, drawn in reached:
        if may_vanish:
            found.add((place, drawn))
        if seen[place : place + 1] == character:
            found.add((place + 1, drawn or (not _undrawn(character) and character != MIDDLE_DOT)))
        for after in range(place + 1, min(place + _MOST_UNDRAWN, len(seen)) + 1):
            if not _undrawn(seen[after - 1]):
                break
            found.add((after, drawn))
        # Banks and tickets write its reading: 张YAN for 张䶮.
        for after in range(place + 1, min(place + _LONGEST_READING, len(seen)) + 1 if may_vanish else 0):
            if not (seen[after - 1].isascii() and seen[after - 1].isalpha()):
                break
            found.add((after, drawn))
    return found


def _undrawn(character: str) -> bool:
    return is_private(character) or character in _UNDRAWN
