"""One picture in, one card out: data when everything is certain, otherwise findings, never a guess."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

import cv2
import numpy as np

from gradphoto.engine.cards import findings as told
from gradphoto.engine.cards.data import BLANK, CHOICES, LETTER, CardData, CardField, CardForm, standard_form
from gradphoto.engine.cards.findings import CardFinding, Weight
from gradphoto.engine.cards.layout import Box, card_layout
from gradphoto.engine.cards.locate import Sheet, find_card
from gradphoto.engine.cards.marks import ColumnReading, read_columns
from gradphoto.engine.cards.pages import Picture, ScanLimits, open_pages
from gradphoto.engine.cards.payload import Issue, read_issue
from gradphoto.engine.cards.resolve import Seen, resolve
from gradphoto.engine.late_import import late

if TYPE_CHECKING:
    import zxingcpp
else:
    zxingcpp = late("zxingcpp")

_NO_SCHOOLS: Mapping[str, str] = MappingProxyType({})
_INK_DARKNESS, _INK_SHARE = 0.35, 0.012
_FRAME_MM = 0.7
_UNSURE = "?"


@dataclass(frozen=True, slots=True)
class CardReading:
    """What a page says.

    ``data`` is there only when nothing is left for a person to decide. ``texts`` are the items as far as they were read,
    with ``?`` for a doubtful column and ``*`` for a letter. ``pictures`` are PNGs of the written boxes, for whoever keys
    them in. ``turned`` is how far the page was turned to read it.
    """

    page: int
    card_id: str | None = None
    data: CardData | None = None
    texts: Mapping[CardField, str] = field(default_factory=dict)
    columns: Mapping[CardField, tuple[ColumnReading, ...]] = field(default_factory=dict)
    findings: tuple[CardFinding, ...] = ()
    pictures: Mapping[CardField, bytes] = field(default_factory=dict)
    turned: int = 0

    @property
    def to_decide(self) -> tuple[CardFinding, ...]:
        """The findings that withhold the data."""
        return tuple(f for f in self.findings if f.weight is Weight.DECIDE)

    @property
    def confidence(self) -> float:
        """That of the least certain column, 0 to 1."""
        return min((c.confidence for columns in self.columns.values() for c in columns), default=0.0)


def read_card(
    image: bytes | Picture, form: CardForm | None = None, schools: Mapping[str, str] = _NO_SCHOOLS, page: int = 1
) -> CardReading:
    """Read one card from a picture (uint8, grey or RGB), or from the first page of a file's bytes.

    ``form`` must hold the options that the card was printed with; ``schools`` names schools by code for cards filled by
    hand. Raises :class:`CardError` only when bytes cannot be opened; everything about the card itself is a finding.
    """
    picture = next(open_pages(image)) if isinstance(image, bytes) else image
    form = form or standard_form()
    sheet = find_card(picture)
    if sheet is None:
        return CardReading(page, findings=(told.NO_CARD,))
    issue = _read_code(sheet)
    if issue is not None and (issue.layout_code, issue.form_fingerprint) != (card_layout().code, form.fingerprint):
        return CardReading(page, issue.card_id, findings=(told.OTHER_FORM,), turned=sheet.turned)
    columns = read_columns(sheet, form)
    seen = Seen(columns, _heads_with_ink(sheet), _boxes_with_ink(sheet), issue, form, schools)
    outcome = resolve(seen, lambda box: _png(sheet, box))
    return CardReading(
        page,
        issue.card_id if issue else None,
        outcome.data,
        _texts(columns, form) | outcome.texts,
        columns,
        outcome.findings,
        {f: _png(sheet, card_layout().texts[f]) for f in seen.written_boxes if f in card_layout().texts}
        | {CardField.NAME: _name_picture(sheet, seen)},
        sheet.turned,
    )


def read_cards(
    data: bytes,
    form: CardForm | None = None,
    schools: Mapping[str, str] = _NO_SCHOOLS,
    limits: ScanLimits | None = None,
    first_page: int = 1,
) -> Iterator[CardReading]:
    """Every page of a scan in turn, so that a long one needs no more memory than a page."""
    form = form or standard_form()
    for page, picture in enumerate(open_pages(data, limits), start=first_page):
        yield read_card(picture, form, schools, page)


def _texts(columns: Mapping[CardField, tuple[ColumnReading, ...]], form: CardForm) -> dict[CardField, str]:
    texts = {
        item: "".join(_UNSURE if c.symbol is None else c.symbol for c in read).rstrip(BLANK)
        for item, read in columns.items()
    }
    for choice in CHOICES:
        if texts[choice].isdigit():
            texts[choice] = form.options(choice)[int(texts[choice])]
    return texts


def _read_code(sheet: Sheet) -> Issue | None:
    rows, columns = sheet.cut(card_layout().qr, margin_mm=2.0)
    crop = sheet.picture[rows, columns]
    for size in (1, 2):
        # A coarse scan leaves three pixels a module: enlarged, the decoder's own threshold works better.
        tried = crop if size == 1 else cv2.resize(crop, None, fx=size, fy=size, interpolation=cv2.INTER_CUBIC)
        for found in zxingcpp.read_barcodes(
            np.ascontiguousarray(tried), formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
        ):
            issue = read_issue(bytes(found.bytes))
            if issue is not None:
                return issue
    return None


def _heads_with_ink(sheet: Sheet) -> frozenset[tuple[CardField, int]]:
    return frozenset(key for key, box in card_layout().heads.items() if _has_ink(sheet, box))


def _boxes_with_ink(sheet: Sheet) -> frozenset[CardField]:
    return frozenset(item for item, box in card_layout().texts.items() if _has_ink(sheet, box, share=0.002))


def _has_ink(sheet: Sheet, box: Box, share: float = _INK_SHARE) -> bool:
    rows, columns = sheet.cut(box, margin_mm=-_FRAME_MM)
    return float((sheet.darkness[rows, columns] > _INK_DARKNESS).mean()) >= share


def _name_picture(sheet: Sheet, seen: Seen) -> bytes:
    layout = card_layout()
    if CardField.NAME in seen.written_boxes:
        return _png(sheet, layout.texts[CardField.NAME])
    first, last = layout.characters[0], layout.pinyin[-1]
    return _png(sheet, Box(first.x, first.y, last.x + last.width - first.x, last.y + last.height - first.y))


def _png(sheet: Sheet, box: Box) -> bytes:
    rows, columns = sheet.cut(box, margin_mm=0.5)
    _, encoded = cv2.imencode(".png", cv2.resize(sheet.picture[rows, columns], None, fx=0.6, fy=0.6,
                                                 interpolation=cv2.INTER_AREA))  # fmt: skip
    return encoded.tobytes()


__all__ = ["LETTER", "CardReading", "read_card", "read_cards"]
