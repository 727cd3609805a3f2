"""What an identity card says: the four 256-byte text records of facts 3.3, read and built.

The chip photograph (WLT) can only be decoded by a licensed library and nobody here needs it (R96), so it is not kept.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from gradphoto.engine.devices.errors import ReaderError
from gradphoto.engine.wording import Wording

TEXT_BYTES = 256
PHOTO_BYTES = 1024
MARK_OFFSET = 248
_LONG_TERM = "长期"
_ENCODING = "utf-16-le"


class CardKind(StrEnum):
    """The four cards; the values are stable names for files and the database."""

    RESIDENT = "resident"
    HMT_PERMIT = "hmt_permit"
    FOREIGNER_2017 = "foreigner_2017"
    FOREIGNER_2023 = "foreigner_2023"


class Sex(StrEnum):
    """GB/T 2261.1, the code as the card holds it."""

    UNKNOWN = "0"
    MALE = "1"
    FEMALE = "2"
    NOT_STATED = "9"


@dataclass(frozen=True, slots=True)
class CardRecord:
    """One card's text. What names a person stays out of ``repr``, so that no log ever holds it.

    ``name`` is the Chinese name (may be empty on a foreigner's card; ``shown_name`` is what such a card says of its
    holder). A field that the chip holds half or blank is in ``unread`` and empty or ``None``: only a number that cannot be
    read makes the whole card unreadable. ``ethnic`` is the two-digit code of GB/T 3304.
    ``valid_to`` is ``None`` for a card without an end, and then ``long_term`` tells whether it says 长期.
    ``issuer`` is the authority's name, or the four-digit office code on the foreigner's card of 2017.
    ``nationality`` is the three-letter country code. ``renewals`` counts issues (permit) or renewals (2023 card).
    """

    kind: CardKind
    name: str = field(repr=False)
    id_number: str = field(repr=False)
    birth_date: date | None = field(repr=False)
    sex: Sex
    valid_from: date | None
    valid_to: date | None
    long_term: bool = False
    english_name: str = field(default="", repr=False)
    ethnic: str = ""
    address: str = field(default="", repr=False)
    issuer: str = ""
    nationality: str = ""
    pass_number: str = field(default="", repr=False)
    renewals: str = ""
    card_version: str = ""
    old_number_link: str = field(default="", repr=False)
    newest_address: str = field(default="", repr=False)
    """Written onto the card after a move (command 30 03); not part of the text record."""
    unread: tuple[str, ...] = ()
    """The fields that could not be understood, by name."""

    @property
    def shown_name(self) -> str:
        """The Chinese name, else the one in Latin letters (foreigners' cards of 2017 and 2023, permits)."""
        return self.name or self.english_name


@dataclass(frozen=True, slots=True)
class _Place:
    """Where one piece of text stands, in bytes."""

    name: str
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Layout:
    """One kind's places, gap-free over the 256 bytes, and the mark at byte 248 that tells it from the others."""

    mark: str
    places: tuple[_Place, ...]


def _layout(mark: str, *names_and_lengths: tuple[str, int]) -> Layout:
    places, offset = [], 0
    for name, length in names_and_lengths:
        places.append(_Place(name, offset, length))
        offset += length
    return Layout(mark, tuple(places))


# A name that comes twice is one text in two places. "-" is reserved, "mark" is the type mark.
LAYOUTS: dict[CardKind, Layout] = {
    CardKind.RESIDENT: _layout(
        " ",
        ("name", 30),
        ("sex", 2),
        ("ethnic", 4),
        ("birth_date", 16),
        ("address", 70),
        ("id_number", 36),
        ("issuer", 30),
        ("valid_from", 16),
        ("valid_to", 16),
        ("-", 36),
    ),
    CardKind.HMT_PERMIT: _layout(
        "J",
        ("name", 30),
        ("sex", 2),
        ("-", 4),
        ("birth_date", 16),
        ("address", 70),
        ("id_number", 36),
        ("issuer", 30),
        ("valid_from", 16),
        ("valid_to", 16),
        ("pass_number", 18),
        ("renewals", 4),
        ("-", 6),
        ("mark", 2),
        ("-", 6),
    ),
    CardKind.FOREIGNER_2017: _layout(
        "I",
        ("english_name", 120),
        ("sex", 2),
        ("id_number", 30),
        ("nationality", 6),
        ("name", 30),
        ("valid_from", 16),
        ("valid_to", 16),
        ("birth_date", 16),
        ("card_version", 4),
        ("issuer", 8),
        ("mark", 2),
        ("-", 6),
    ),
    CardKind.FOREIGNER_2023: _layout(
        "Y",
        ("name", 30),
        ("sex", 2),
        ("renewals", 4),
        ("birth_date", 16),
        ("english_name", 70),
        ("id_number", 36),
        ("-", 30),
        ("valid_from", 16),
        ("valid_to", 16),
        ("english_name", 22),
        ("nationality", 6),
        ("mark", 2),
        ("old_number_link", 6),
    ),
}
_KIND_BY_MARK = {layout.mark: kind for kind, layout in LAYOUTS.items()}


def parse_record(text: bytes) -> CardRecord:
    """The card behind a 256-byte text record.

    What cannot be understood is marked (``unread``) and the rest read; a half character at the end of a field is a cut
    one and dropped. Raises :class:`ReaderError` ``reader.record_*`` where length, kind or number are wrong.
    """
    if len(text) != TEXT_BYTES:
        raise _record_error("length", "证件文字信息长度不对。", "The card's text record has a wrong length.")
    mark = _decode(text[MARK_OFFSET : MARK_OFFSET + 2])[0] or " "
    kind = _KIND_BY_MARK.get(mark)
    if kind is None:
        raise _record_error("kind", "证件类型无法识别。", "The kind of the card is not known.")
    pieces: dict[str, bytes] = {}
    for place in LAYOUTS[kind].places:
        pieces[place.name] = pieces.get(place.name, b"") + text[place.offset : place.offset + place.length]
    said, unread = {}, set()
    for name, piece in pieces.items():
        if name not in ("-", "mark"):
            said[name], whole = _decode(piece)
            if not whole:
                unread.add(name)
    if "id_number" in unread or not said["id_number"]:
        raise _field_error("id_number")
    return _record(kind, said, unread)


def _record(kind: CardKind, said: dict[str, str], unread: set[str]) -> CardRecord:
    def day(name: str) -> date | None:
        found = _date(said.pop(name))
        if found is None:
            unread.add(name)
        return found

    try:
        sex = Sex(said.pop("sex"))
    except ValueError:
        sex = Sex.UNKNOWN
        unread.add("sex")
    if said["valid_to"] in ("", _LONG_TERM):
        long_term, valid_to = said.pop("valid_to") == _LONG_TERM, None
    else:
        long_term, valid_to = False, day("valid_to")
    birth_date, valid_from = day("birth_date"), day("valid_from")
    if not said["name"] and not said.get("english_name"):
        unread.add("name")
    return CardRecord(
        kind=kind,
        sex=sex,
        name=said.pop("name"),
        id_number=said.pop("id_number"),
        birth_date=birth_date,
        valid_from=valid_from,
        valid_to=valid_to,
        long_term=long_term,
        unread=tuple(sorted(unread)),
        **said,
    )


def build_record(card: CardRecord) -> bytes:
    """The 256 bytes a chip would hold, space padded: the inverse of :func:`parse_record`.

    Raises :class:`ReaderError` ``reader.record_field_too_long`` rather than cut a person's name.
    """
    layout = LAYOUTS[card.kind]
    room: dict[str, int] = {}
    for place in layout.places:
        room[place.name] = room.get(place.name, 0) + place.length
    texts = {name: _encode(_said(card, name, layout.mark), size, name) for name, size in room.items()}
    record = bytearray()
    for place in layout.places:
        record += texts[place.name][: place.length]
        texts[place.name] = texts[place.name][place.length :]
    return bytes(record)


def _said(card: CardRecord, name: str, mark: str) -> str:
    if name in ("-", "mark"):
        return mark if name == "mark" else ""
    if name == "valid_to" and card.valid_to is None:
        return _LONG_TERM if card.long_term else ""
    value = getattr(card, name)
    return f"{value:%Y%m%d}" if isinstance(value, date) else str(value or "")


def _encode(text: str, room_bytes: int, name: str) -> bytes:
    raw = text.encode(_ENCODING)
    if len(raw) > room_bytes:
        most = room_bytes // 2
        raise _record_error(
            "field_too_long",
            f"“{name}”超出证件长度：最多 {most} 个字。",
            f"'{name}' is longer than the card's field of {most} characters.",
        )
    return raw + " ".encode(_ENCODING) * ((room_bytes - len(raw)) // 2)


def _decode(raw: bytes) -> tuple[str, bool]:
    """Text without its padding, and whether every character of it is whole.

    Readers pad with spaces or NULs, an erased chip with FF FF. A space inside a name is the card's own and stays. A field
    that is full may end in half a character of two units; that half is dropped, any other damage becomes U+FFFD.
    """
    text = _CONTROLS.sub("\ufffd", raw.decode(_ENCODING, "replace").translate(_PADDING).strip())
    whole = "\ufffd" not in text
    return (text if whole else text.rstrip("\ufffd").strip()), whole


_PADDING = {0: " ", 0xFFFF: " "}
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\ufffe\uffff]")


def _date(text: str) -> date | None:
    if len(text) == 8 and text.isascii() and text.isdigit():
        try:
            return datetime.strptime(text, "%Y%m%d").date()  # noqa: DTZ007  a calendar day has no zone
        except ValueError:
            return None
    return None


_REMEDY = Wording(
    "请拿起证件重新放上；仍不行请改用人工查找登记。",
    "Lift the card and put it down again; if that fails, look the person up by hand.",
)


def _record_error(code: str, zh: str, en: str) -> ReaderError:
    return ReaderError(f"reader.record_{code}", Wording(zh, en), _REMEDY)


def _field_error(name: str) -> ReaderError:
    # The value is not told: it may be a person's number, and errors end up in logs.
    return _record_error("field", f"证件上的“{name}”无法读懂。", f"'{name}' on the card cannot be understood.")


def parse_answer(data: bytes) -> CardRecord:
    """The card in the data of a 30 01 or 30 10 answer (facts 3.2); photograph and fingerprint are passed over.

    Raises :class:`ReaderError` ``reader.record_length`` when the lengths it announces do not add up.
    """
    text_size, photo_size = int.from_bytes(data[:2], "big"), int.from_bytes(data[2:4], "big")
    for header in (4, 6):  # 30 10 has two more bytes, the length of the fingerprints
        finger_size = int.from_bytes(data[4:6], "big") if header == 6 else 0
        if text_size == TEXT_BYTES and len(data) == header + text_size + photo_size + finger_size:
            return parse_record(data[header : header + text_size])
    raise _record_error("length", "读卡器给出的证件信息不完整。", "The card's data came incomplete from the reader.")


def build_answer(card: CardRecord, photo: bytes = bytes(PHOTO_BYTES), finger: bytes | None = None) -> bytes:
    """The data of a 30 01 answer, or of a 30 10 answer when ``finger`` is given (1024, 512 or 0 bytes)."""
    text = build_record(card)
    sizes = [len(text), len(photo)] + ([] if finger is None else [len(finger)])
    return b"".join(size.to_bytes(2, "big") for size in sizes) + text + photo + (finger or b"")
