"""What the printed QR of a card says, so that the reader can compare it with the marks.

Written texts stand in it as they are (they are printed on the card anyway), numbers only as short check values salted with
the card's number: the ID number cannot be read off the code. Bytes are GB 18030, two a character, to keep it coarse.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass

import segno

from gradphoto.engine.cards.data import SEPARATOR, Card, CardField, CardForm, columns_of, is_card_id, letters_of
from gradphoto.engine.cards.layout import LAYOUT_CODE

_MAGIC = "GPC1"
_MARKED, _BY_HAND, _UNISSUED = "M", "H", "B"
_ENCODING = "gb18030"
_PARTS = 12
_CHECK_DIGITS = 4
_COARSEST_COMFORTABLE_VERSION = 10

_CHECKS = re.compile(r"[0-9a-f]{16}")

CHECK_GROUPS: tuple[tuple[CardField, ...], ...] = (
    (
        CardField.SCHOOL_CODE,
        CardField.DEPARTMENT_CODE,
        CardField.DEGREE_CATEGORY,
        CardField.SCHOOL_KIND,
        CardField.POSTCODE,
    ),
    (CardField.NAME,),
    (CardField.STUDENT_NO,),
    (CardField.ID_NUMBER,),
)
"""Items that share one check value."""


@dataclass(frozen=True, slots=True)
class Issue:
    """What a card was issued as. ``checks`` is empty for a blank card; the texts are then empty, too."""

    layout_code: str
    form_fingerprint: str
    card_id: str
    marked: bool
    checks: tuple[str, ...]
    school_name: str
    name: str
    letters: dict[CardField, str]
    address: str
    recipient: str

    @property
    def blank(self) -> bool:
        """Whether the card was printed for nobody in particular."""
        return not self.checks


def check_values(card_id: str, columns: Mapping[CardField, str]) -> tuple[str, ...]:
    """Four hex digits for each of :data:`CHECK_GROUPS`."""
    values = []
    for fields in CHECK_GROUPS:
        said = SEPARATOR.join((card_id, *(f"{field}={columns[field]}" for field in fields)))
        values.append(hashlib.sha256(said.encode()).hexdigest()[:_CHECK_DIGITS])
    return tuple(values)


def issue_bytes(card: Card, form: CardForm) -> bytes:
    """The content of a card's code."""
    parts = [_MAGIC, LAYOUT_CODE, form.fingerprint, card.card_id, _UNISSUED]
    data = card.data
    if data is not None:
        checks = "".join(check_values(card.card_id, columns_of(data, form)))
        make_up = (data.make_up.address, data.make_up.recipient) if data.make_up else ("", "")
        parts[-1] = _MARKED if card.marks else _BY_HAND
        parts += [
            checks,
            data.school_name,
            data.name,
            letters_of(data.student_no),
            letters_of(data.id_number),
            *make_up,
        ]
    return SEPARATOR.join(parts + [""] * (_PARTS - len(parts))).encode(_ENCODING)


def read_issue(content: bytes) -> Issue | None:
    """The same back; ``None`` when the code is not one of ours."""
    try:
        parts = content.decode(_ENCODING).split(SEPARATOR)
    except UnicodeDecodeError:
        return None
    if len(parts) != _PARTS or parts[0] != _MAGIC:
        return None
    _, layout_code, fingerprint, card_id, kind, checks, school_name, name, student, identity, address, recipient = parts
    # Anyone can print a code: what does not have the form of ours is none.
    if not is_card_id(card_id) or (checks and not _CHECKS.fullmatch(checks)):
        return None
    return Issue(
        layout_code,
        fingerprint,
        card_id,
        kind == _MARKED,
        tuple(checks[i : i + _CHECK_DIGITS] for i in range(0, len(checks), _CHECK_DIGITS)),
        school_name,
        name,
        {CardField.STUDENT_NO: student, CardField.ID_NUMBER: identity},
        address,
        recipient,
    )


def qr_svg(content: bytes) -> str:
    """The code as SVG without a margin; long ones give up some error correction to keep their squares large."""
    code = segno.make_qr(content, mode="byte", error="m", boost_error=False)
    if int(code.version) > _COARSEST_COMFORTABLE_VERSION:
        code = segno.make_qr(content, mode="byte", error="l", boost_error=False)
    out = io.BytesIO()
    code.save(out, kind="svg", border=0, xmldecl=False, svgns=True)
    return out.getvalue().decode()
