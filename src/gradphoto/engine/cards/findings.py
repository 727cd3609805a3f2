"""What the reader was not sure of: where, what was seen, and what a person does about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from gradphoto.engine.cards.data import CHOICES, CardFault, CardField, CardForm
from gradphoto.engine.cards.marks import ColumnReading, Doubt
from gradphoto.engine.wording import Wording


class Weight(StrEnum):
    """``DECIDE``: the card's data are withheld until a person has decided. ``NOTE``: read, and worth knowing."""

    DECIDE = "decide"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class CardFinding:
    """One thing to look at. ``column`` counts from 1; ``rows`` are digits or options; ``picture`` is a PNG of the spot."""

    code: str
    weight: Weight
    field: CardField | None
    column: int | None
    rows: tuple[int, ...]
    seen: Wording
    remedy: Wording
    picture: bytes | None = None


_DOUBTS = {
    Doubt.FAINT: Wording("有{rows}处浅淡或未涂满的痕迹", "a faint or partial mark at {rows}"),
    Doubt.SEVERAL: Wording("{rows}有多处涂黑或痕迹", "several marks or traces at {rows}"),
    Doubt.SMUDGED: Wording("整列有污渍", "the whole column is smudged"),
    Doubt.ERASED: Wording("{rows}中有擦改痕迹，已按涂黑的一处读取", "an erasure among {rows}; the dark mark was read"),
}
_DOUBT_REMEDIES = {
    Doubt.FAINT: Wording("对照方格内的字符确认，或请本人用2B铅笔涂满后重扫。", "Compare with the character written above, or have it filled properly and scan again."),
    Doubt.SEVERAL: Wording("对照方格内的字符确认，或请本人擦净后重扫。", "Compare with the character written above, or have it erased and scan again."),
    Doubt.SMUDGED: Wording("擦净后重扫，或换新卡重填。", "Clean it and scan again, or fill in a new card."),
    Doubt.ERASED: Wording("如方格内的字符与读取结果不符，请改正。", "Correct it if the character written above differs."),
}  # fmt: skip


_CONFIRMED = Wording(
    "读取结果已由卡上二维码的校验值证实，无需处理。",
    "The check value in the card's QR confirms the reading; nothing to do.",
)


def of_column(column: ColumnReading, form: CardForm, picture: bytes | None, *, confirmed: bool) -> CardFinding | None:
    """The finding of a doubtful column, or of a clear one with an erasure in it.

    ``confirmed``: the card's check value has already decided among what was seen, so nobody needs to.
    """
    doubt = column.doubt
    if doubt is None:
        return None
    rows = row_names(column, form)
    place = _place(column.field, column.column)
    seen = _DOUBTS[doubt].format(rows=rows)
    return CardFinding(
        f"cards.read.{doubt}",
        Weight.NOTE if confirmed or doubt is Doubt.ERASED else Weight.DECIDE,
        column.field,
        column.column + 1,
        column.rows,
        Wording(f"{place.zh}：{seen.zh}。", f"{place.en}: {seen.en}."),
        _CONFIRMED if confirmed else _DOUBT_REMEDIES[doubt],
        picture,
    )


def row_names(column: ColumnReading, form: CardForm) -> str:
    """The digits or options that carry ink."""
    if column.field in CHOICES:
        return "、".join(f"“{form.options(column.field)[row]}”" for row in column.rows)
    return "、".join(str(row) for row in column.rows)


def at_column(code: str, field: CardField, column: int, seen: Wording, remedy: Wording, picture: bytes | None = None,
              rows: Sequence[int] = ()) -> CardFinding:  # fmt: skip
    """Something else about one column (``column`` counts from 0), for a person to decide."""
    place = _place(field, column)
    told = Wording(f"{place.zh}：{seen.zh}", f"{place.en}: {seen.en}")
    return CardFinding(f"cards.read.{code}", Weight.DECIDE, field, column + 1, tuple(rows), told, remedy, picture)


def at_field(code: str, field: CardField, seen: Wording, remedy: Wording, picture: bytes | None = None,
             weight: Weight = Weight.DECIDE) -> CardFinding:  # fmt: skip
    """Something about a whole item."""
    told = Wording(f"{field.heading.zh}：{seen.zh}", f"{field.heading.en}: {seen.en}")
    return CardFinding(f"cards.read.{code}", weight, field, None, (), told, remedy, picture)


def of_fault(fault: CardFault) -> CardFinding:
    """A rule that the read data break."""
    found = at_field("rule", fault.field, fault.message, fault.remedy)
    return CardFinding(fault.code, found.weight, found.field, None, (), found.seen, found.remedy)


def _place(field: CardField, column: int) -> Wording:
    title = field.heading
    if field in CHOICES:
        return title
    return Wording(f"{title.zh}第{column + 1}列", f"{title.en}, column {column + 1}")


NO_CARD = CardFinding(
    "cards.read.no_card", Weight.DECIDE, None, None, (),
    Wording("这一页上没有找到采集卡。", "No collection card was found on this page."),
    Wording("检查四角黑块与两侧黑条是否完整、页面是否扫全，再重扫；空白页可忽略。",
            "See that the corner squares and the bars at both edges are whole and in the picture, and scan again; ignore it if the page is empty."),
)  # fmt: skip
NO_CODE = CardFinding(
    "cards.read.no_code", Weight.NOTE, None, None, (),
    Wording("卡上的二维码无法识读，未能交叉核对卡号与内容。", "The card's QR cannot be read, so card number and content were not cross-checked."),
    Wording("如需核对，请以300 dpi重扫。", "Scan again at 300 dpi to have them compared."),
)  # fmt: skip
OTHER_FORM = CardFinding(
    "cards.read.other_form", Weight.DECIDE, None, None, (),
    Wording("这张卡是按另一种版式或选项打印的。", "The card was printed with another layout or other options."),
    Wording("请用打印时的选项设置读取，或换新卡。", "Read it with the options it was printed with, or use a new card."),
)  # fmt: skip
