"""Image cards on paper (R64): nine to an A4 page with cut marks; photo above, the log-in data at the lower edge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gradphoto.engine.documents.typeset import qr_svg, template_text, typeset


@dataclass(frozen=True, slots=True)
class PrintedCard:
    """One card: the registered photo (JPEG) and what stands at its lower edge."""

    name: str
    student_no: str
    school_code: str
    school: str
    season: str
    class_name: str
    shooting_number: str
    code: str
    issue: int
    photo: bytes


def card_sheets(cards: Sequence[PrintedCard], *, title: str, portal: str, dated: datetime) -> bytes:
    """The cards as PDF/A, nine a page in the given order.

    The QR code holds the portal's address with the card's code behind ``#``, so that no server sees it in an address.
    Raises ``DocumentError`` for a name with a character that the font lacks.
    """
    files: dict[str, bytes] = {}
    rows = []
    for place, card in enumerate(cards):
        files[f"{place}.jpg"] = card.photo
        files[f"{place}.svg"] = qr_svg(f"{portal}/verify/sign-in/#card={card.code}")
        rows.append(
            {
                "name": card.name,
                "student_no": card.student_no,
                "school_code": card.school_code,
                "school": card.school,
                "season": card.season,
                "class_name": card.class_name,
                "shooting_number": card.shooting_number,
                "code": f"{card.code[:4]} {card.code[4:]}",
                "issue": card.issue,
            }
        )
    template = template_text("gradphoto.apps.delivery", "cards.typ")
    return typeset(template, {"cards": rows, "portal": f"{portal}/verify/"}, title=title, dated=dated, files=files)
