"""Collection cards as PDF: the form is set once, each card adds its marks, texts and code."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from importlib import resources
from pathlib import Path
from typing import Any

import typst

from gradphoto.engine.cards.data import (
    BLANK,
    CHOICES,
    LETTER,
    Card,
    CardData,
    CardField,
    CardForm,
    columns_of,
    require_card_id,
    require_good,
)
from gradphoto.engine.cards.errors import card_error
from gradphoto.engine.cards.layout import (
    BUBBLE_HEIGHT_MM,
    BUBBLE_WIDTH_MM,
    FIDUCIAL_MM,
    PAGE_HEIGHT_MM,
    PAGE_WIDTH_MM,
    TIMING_HEIGHT_MM,
    TIMING_WIDTH_MM,
    Box,
    Bubble,
    Layout,
    card_layout,
)
from gradphoto.engine.cards.payload import issue_bytes, qr_svg
from gradphoto.engine.documents.fonts import FRAME_RULE, typst_fonts, with_frames
from gradphoto.engine.wording import Wording

_HINTS = {
    CardField.SCHOOL_CODE: "教育部院校代码",
    CardField.DEPARTMENT_CODE: "不足三位时右侧留空",
    CardField.POSTCODE: "补拍时填写",
    CardField.STUDENT_NO: "从左起填写，右侧多余的列留空",
    CardField.ID_NUMBER: "18 位（旧证 15 位，从左起填写）",
}
_BLOCK_TITLES = {CardField.NAME: "姓名及区位码", CardField.DEPARTMENT_CODE: "院系代码"}
_BLOCK_TITLE_MM, _BLOCK_FOOT_MM = 5.5, 1.6
_UPPER_BLOCK_TOP_MM = 79.5
_LOWER_HINT_MM = 3.5


def print_cards(cards: Sequence[Card], form: CardForm) -> bytes:
    """An A4 PDF with one page a card, in the given order.

    Raises :class:`CardError`: ``cards.none`` for an empty list, ``cards.repeated`` for a card number used twice, the codes
    of :func:`faults_of` for data that must not be printed. A character without a glyph is framed
    (``documents.fonts``).
    """
    if not cards:
        raise card_error(
            "none",
            Wording("没有要打印的卡。", "There is no card to print."),
            Wording("请先选择学生。", "Choose first."),
        )
    _require_printable(cards, form)
    layout = card_layout()
    pages = [_page(card, form, layout) for card in cards]
    for page in pages:
        page["texts"] = with_frames(page["texts"])
    with tempfile.TemporaryDirectory(prefix="cards-") as folder:
        root = Path(folder)
        for name in ("form.typ", "cards.typ"):
            source = resources.files(__package__).joinpath(name)
            root.joinpath(name).write_text(FRAME_RULE + source.read_text(encoding="utf-8"), encoding="utf-8")
        _write_json(root / "layout.json", _form_table(form, layout))
        _write_json(root / "cards.json", pages)
        compiler = typst.Compiler(root=root, font_paths=typst_fonts())
        root.joinpath("form.pdf").write_bytes(_pdf(compiler, root / "form.typ"))
        return _pdf(compiler, root / "cards.typ")


def _pdf(compiler: typst.Compiler, source: Path) -> bytes:
    made = compiler.compile(input=source, format="pdf")
    if not isinstance(made, bytes):
        raise TypeError("a PDF is one file")
    return made


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")


def blank_cards(count: int, series: str = "BLANK") -> tuple[Card, ...]:
    """Numbered cards for nobody in particular, ``BLANK-0001`` onwards."""
    return tuple(Card(f"{series}-{number:04d}") for number in range(1, count + 1))


def marks_of(data: CardData, form: CardForm, layout: Layout | None = None) -> tuple[Bubble, ...]:
    """The bubbles that say this data, both 0 and 1 for a letter (R110)."""
    columns = columns_of(data, form)
    return tuple(
        bubble
        for bubble in (layout or card_layout()).bubbles
        if _is_marked(columns[bubble.field][bubble.column], bubble.row)
    )


def _is_marked(symbol: str, row: int) -> bool:
    if symbol == LETTER:
        return row in (0, 1)
    return symbol != BLANK and row == int(symbol)


def _require_printable(cards: Sequence[Card], form: CardForm) -> None:
    seen: set[str] = set()
    for card in cards:
        require_card_id(card.card_id)
        if card.card_id in seen:
            raise card_error(
                "repeated",
                Wording(f"卡号“{card.card_id}”重复。", f"The card number {card.card_id} is used twice."),
                Wording("每张卡用不同的卡号。", "Give every card a number of its own."),
            )
        seen.add(card.card_id)
        if card.data is not None:
            require_good(card.data, form)


def _page(card: Card, form: CardForm, layout: Layout) -> dict[str, Any]:
    data = card.data
    marks = marks_of(data, form, layout) if data is not None and card.marks else ()
    return {
        "marks": [
            (
                bubble.x - BUBBLE_WIDTH_MM / 2,
                bubble.y - BUBBLE_HEIGHT_MM / 2,
                BUBBLE_WIDTH_MM,
                BUBBLE_HEIGHT_MM,
            )
            for bubble in marks
        ],
        "texts": [
            {"box": asdict(box), "text": text, "size": size, "centred": centred}
            for box, text, size, centred in _texts(card, layout)
            if text
        ],
        "svg": qr_svg(issue_bytes(card, form)),
        "qr": asdict(layout.qr),
    }


def _texts(card: Card, layout: Layout) -> Iterator[tuple[Box, str, float, bool]]:
    qr, school = layout.qr, layout.texts[CardField.SCHOOL_NAME]
    yield Box(qr.x - 2, qr.y + qr.height + 0.5, qr.width + 4, 4), f"No. {card.card_id}", 7.5, True
    if card.leaves_as:
        yield Box(qr.x - 2, qr.y + qr.height + 4.5, qr.width + 4, 5), card.leaves_as, 10, True
    data = card.data
    if data is None:
        return
    if not card.marks:
        yield Box(school.x, school.y - 4.2, school.width, 4), f"本卡发给：{data.name}", 8, False
        return
    yield school, data.school_name, 12, False
    codes = card.name_codes
    if codes is not None and codes.codes:
        for place, character in enumerate(data.name):
            yield layout.characters[place], character, 17, True
        for note in codes.notes:
            yield layout.pinyin[note.position], note.pinyin, 8.5, True
    else:
        yield layout.texts[CardField.NAME], data.name, 15, False
    yield from _column_texts(data, layout)
    if data.make_up is not None:
        yield layout.texts[CardField.ADDRESS], data.make_up.address, 11, False
        yield layout.texts[CardField.RECIPIENT], data.make_up.recipient, 11, False


def _column_texts(data: CardData, layout: Layout) -> Iterator[tuple[Box, str, float, bool]]:
    texts = {
        CardField.SCHOOL_CODE: data.school_code,
        CardField.DEPARTMENT_CODE: data.department_code,
        CardField.NAME: "".join(data.zone_codes),
        CardField.POSTCODE: data.make_up.postcode if data.make_up else "",
        CardField.STUDENT_NO: data.student_no,
        CardField.ID_NUMBER: data.id_number,
    }
    for field, text in texts.items():
        for column, character in enumerate(text):
            yield layout.heads[field, column], character, 10, True


def _form_table(form: CardForm, layout: Layout) -> dict[str, Any]:
    """The layout as the form template reads it."""
    rows = {field: next(b.y for b in layout.bubbles if b.field is field) for field in CHOICES}
    return {
        "code": layout.code,
        "fingerprint": form.fingerprint,
        "page": (PAGE_WIDTH_MM, PAGE_HEIGHT_MM),
        "bubble": (BUBBLE_WIDTH_MM, BUBBLE_HEIGHT_MM),
        "fiducial": FIDUCIAL_MM,
        "fiducials": layout.fiducials,
        "upright_bar": asdict(layout.upright_bar),
        "timing": layout.timing,
        "timing_mark": (TIMING_WIDTH_MM, TIMING_HEIGHT_MM),
        "bubbles": [(b.x, b.y, str(b.row)) for b in layout.bubbles if b.field not in CHOICES],
        "heads": [asdict(box) for box in layout.heads.values()],
        "characters": [asdict(box) for box in layout.characters],
        "pinyin": [asdict(box) for box in layout.pinyin],
        "texts": {str(field): asdict(box) for field, box in layout.texts.items()},
        "choices": [
            {
                "title": field.heading.zh,
                "y": rows[field],
                "options": [
                    {"x": b.x, "title": form.options(field)[b.row]}
                    for b in layout.bubbles
                    if b.field is field and b.row < len(form.options(field))
                ],
            }
            for field in CHOICES
        ],
        "blocks": list(_blocks(layout)),
    }


def _blocks(layout: Layout) -> Iterable[dict[str, Any]]:
    for field in dict.fromkeys(field for field, _ in layout.heads):
        heads = [box for (owner, _), box in layout.heads.items() if owner is field]
        bottom = max(b.y for b in layout.bubbles if b.field is field) + BUBBLE_HEIGHT_MM / 2 + _BLOCK_FOOT_MM
        upper = heads[0].y == min(box.y for box in layout.heads.values())
        top = _UPPER_BLOCK_TOP_MM if upper else heads[0].y - _BLOCK_TITLE_MM - _LOWER_HINT_MM
        left = heads[0].x
        yield {
            "x": left,
            "y": top,
            "width": heads[-1].x + heads[-1].width - left,
            "height": bottom - top,
            "title": _BLOCK_TITLES.get(field, field.heading.zh),
            "title_height": _BLOCK_TITLE_MM,
            "hint": _HINTS.get(field, ""),
            "hint_height": heads[0].y - top - _BLOCK_TITLE_MM,
        }
