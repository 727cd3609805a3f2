"""What a collection card says (R44, R105-R114), what must be true of it, and the columns it becomes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from gradphoto.engine.cards.errors import CardError, card_error
from gradphoto.engine.standards.codes import load_table
from gradphoto.engine.standards.identity import IdNumberError, mask, parse_id_number
from gradphoto.engine.standards.name_faults import check_name
from gradphoto.engine.standards.zonecode import CODE_DIGITS, NAME_PLACES, NameCodes, PinyinNote, encode_name
from gradphoto.engine.wording import Wording

LETTER = "*"
"""A column in which both 0 and 1 are filled: a letter or a Chinese character stands there (R110)."""
BLANK = " "
DIGITS = "0123456789"
SEPARATOR = "|"
"""Stands between the texts inside the printed code, so no text may hold it."""


class CardField(StrEnum):
    """The items of a card."""

    SCHOOL_NAME = "school_name"
    SCHOOL_CODE = "school_code"
    DEPARTMENT_CODE = "department_code"
    DEGREE_CATEGORY = "degree_category"
    SCHOOL_KIND = "school_kind"
    NAME = "name"
    STUDENT_NO = "student_no"
    ID_NUMBER = "id_number"
    ADDRESS = "address"
    POSTCODE = "postcode"
    RECIPIENT = "recipient"

    @property
    def heading(self) -> Wording:
        """The item's name as people know it."""
        return _HEADINGS[self]


_HEADINGS = {
    CardField.SCHOOL_NAME: Wording("所在院校名称", "School"),
    CardField.SCHOOL_CODE: Wording("院校代码", "School code"),
    CardField.DEPARTMENT_CODE: Wording("（院）系代码", "Department code"),
    CardField.DEGREE_CATEGORY: Wording("学历类别", "Degree category"),
    CardField.SCHOOL_KIND: Wording("所在校别", "School kind"),
    CardField.NAME: Wording("姓名", "Name"),
    CardField.STUDENT_NO: Wording("学号", "Student no."),
    CardField.ID_NUMBER: Wording("身份证号", "ID number"),
    CardField.ADDRESS: Wording("学校地址", "School address"),
    CardField.POSTCODE: Wording("邮政编码", "Postcode"),
    CardField.RECIPIENT: Wording("收件人", "Recipient"),
}

COLUMNS: Mapping[CardField, int] = {
    CardField.SCHOOL_CODE: 5,
    CardField.DEPARTMENT_CODE: 3,
    CardField.NAME: NAME_PLACES * CODE_DIGITS,
    CardField.POSTCODE: 6,
    CardField.STUDENT_NO: 15,
    CardField.ID_NUMBER: 18,
}
"""Columns of digits by item; the student number is CHSI's XH C(15)."""
CHOICES = (CardField.DEGREE_CATEGORY, CardField.SCHOOL_KIND)
LETTER_FIELDS = frozenset({CardField.STUDENT_NO, CardField.ID_NUMBER})

_TEXT_LIMITS = {CardField.SCHOOL_NAME: 30, CardField.NAME: 40, CardField.ADDRESS: 60, CardField.RECIPIENT: 20}
_NUMBER = re.compile(r"[0-9A-Z\u3400-\u4dbf\u4e00-\u9fff]+")
_DIGITS_OF_A_RESIDENT = 12
_CARD_ID = re.compile(r"[0-9A-Z-]{1,20}")


@dataclass(frozen=True, slots=True)
class MakeUp:
    """Where a photograph made up elsewhere is sent (R114)."""

    address: str
    postcode: str
    recipient: str


@dataclass(frozen=True, slots=True)
class CardData:
    """One graduate's card. Two cards with the same data are equal."""

    school_name: str
    school_code: str
    department_code: str
    degree_category: str
    school_kind: str
    name: str
    student_no: str
    id_number: str
    make_up: MakeUp | None = None

    @property
    def zone_codes(self) -> tuple[str, ...]:
        """The four-digit codes of the name; empty for a name in block script (R111)."""
        return encode_name(self.name).codes

    def __repr__(self) -> str:
        return f"CardData({self.name}, {self.student_no}, {mask(self.id_number)}, {self.school_code}-{self.department_code})"


@dataclass(frozen=True, slots=True)
class Card:
    """A card to be printed.

    Without ``data`` it is blank. With data and ``marks`` the bubbles are printed solid; with data but no marks the holder
    fills it by hand, and the reader compares what was filled with what the card was issued for. ``pinyin`` are
    confirmed readings by character; others are proposed.
    """

    card_id: str
    data: CardData | None = None
    marks: bool = True
    pinyin: tuple[tuple[str, str], ...] = ()
    leaves_as: str = ""
    """毕业 or 结业 (R15): printed beside the number for people, no part of what is read back."""

    @property
    def name_codes(self) -> NameCodes | None:
        """The name's codes with the readings printed beside characters that have none."""
        return encode_name(self.data.name, dict(self.pinyin)) if self.data else None

    @property
    def notes(self) -> tuple[PinyinNote, ...]:
        """The readings on this card."""
        codes = self.name_codes
        return codes.notes if codes else ()


@dataclass(frozen=True, slots=True)
class CardForm:
    """What a school chooses about its cards: the options offered (R107, R108) and the lengths (R106).

    ``department_digits`` or ``student_no_length`` of ``None`` allow any. Printer and reader must use the same options: the
    card carries their fingerprint.
    """

    degree_categories: tuple[str, ...]
    school_kinds: tuple[str, ...]
    department_digits: int | None = None
    student_no_length: int | None = None

    def __post_init__(self) -> None:
        for options in (self.degree_categories, self.school_kinds):
            if not 1 <= len(options) <= MOST_OPTIONS or len(set(options)) != len(options):
                raise card_error(
                    "options",
                    Wording(f"选项应为1至{MOST_OPTIONS}个且不重复。", f"There must be 1 to {MOST_OPTIONS} different options."),
                    Wording("请调整学历类别或所在校别的选项。", "Change the options of degree category or school kind."),
                )  # fmt: skip
        if self.department_digits not in (None, 2, 3):
            raise card_error(
                "department_digits",
                Wording("院系代码为两位或三位。", "A department code has two or three digits."),
                Wording("请在设置中改为2或3。", "Set it to 2 or 3."),
            )

    def options(self, field: CardField) -> tuple[str, ...]:
        """The options of one of :data:`CHOICES`."""
        return self.degree_categories if field is CardField.DEGREE_CATEGORY else self.school_kinds

    @property
    def fingerprint(self) -> str:
        """Four hex digits that differ when the printed options differ."""
        text = SEPARATOR.join((*self.degree_categories, "", *self.school_kinds))
        return hashlib.sha256(text.encode()).hexdigest()[:4]


MOST_OPTIONS = 8


def standard_form(department_digits: int | None = None, student_no_length: int | None = None) -> CardForm:
    """The options of the code tables (S3 二.4, 二.5)."""
    return CardForm(
        tuple(load_table("degree_category").names.values()),
        tuple(load_table("school_kind").names.values()),
        department_digits,
        student_no_length,
    )


@dataclass(frozen=True, slots=True)
class CardFault:
    """What is wrong with an item of a card. Neither sentence repeats the ID number."""

    field: CardField
    code: str
    message: Wording
    remedy: Wording


def faults_of(data: CardData, form: CardForm) -> tuple[CardFault, ...]:
    """Everything that keeps a card from being printed or accepted; empty for a good one."""
    return tuple(_faults(data, form))


def require_good(data: CardData, form: CardForm) -> None:
    """Raise :class:`CardError` with the first fault (``cards.school_code``, ``cards.id_number`` ...)."""
    for fault in _faults(data, form):
        heading = fault.field.heading
        raise CardError(
            fault.code,
            Wording(f"{heading.zh}：{fault.message.zh}", f"{heading.en}: {fault.message.en}"),
            fault.remedy,
        )


def is_card_id(text: str) -> bool:
    """Whether the text is 1 to 20 capitals, digits and hyphens."""
    return bool(_CARD_ID.fullmatch(text))


def require_card_id(card_id: str) -> None:
    """Raise :class:`CardError` (``cards.card_id``) unless it is 1 to 20 capitals, digits and hyphens."""
    if not is_card_id(card_id):
        raise card_error(
            "card_id",
            Wording(f"卡号“{card_id}”不可用。", f"The card number {card_id} cannot be used."),
            Wording("用1至20位大写字母、数字和连字符。", "Use 1 to 20 capital letters, digits and hyphens."),
        )


def _faults(data: CardData, form: CardForm) -> Iterator[CardFault]:
    yield from _text_faults(data)
    if not re.fullmatch(r"[0-9]{5}", data.school_code):
        yield _fault(CardField.SCHOOL_CODE, "应为五位数字。", "It has five digits.",
                     "按教育部院校代码填写，如10543。", "Use the ministry's school code, e.g. 10543.")  # fmt: skip
    digits = str(form.department_digits or "2,3")
    if not re.fullmatch(rf"[0-9]{{{digits}}}", data.department_code):
        told = digits.replace(",", "或")
        yield _fault(CardField.DEPARTMENT_CODE, f"应为{told}位数字。", f"It has {digits.replace(',', ' or ')} digits.",
                     "按学校公布的院系代码填写，不足位补0。", "Use the school's list; put zeros in front.")  # fmt: skip
    for field in CHOICES:
        if getattr(data, field) not in form.options(field):
            names = "、".join(form.options(field))
            yield _fault(
                field, "不在选项中。", "It is not one of the options.", f"可选：{names}。", f"Choose: {names}."
            )
    yield from _number_faults(data, form)


def _text_faults(data: CardData) -> Iterator[CardFault]:
    make_up = data.make_up
    texts = {CardField.SCHOOL_NAME: data.school_name, CardField.NAME: data.name}
    if make_up is not None:
        texts |= {CardField.ADDRESS: make_up.address, CardField.RECIPIENT: make_up.recipient}
        if not re.fullmatch(r"[0-9]{6}", make_up.postcode):
            yield _fault(CardField.POSTCODE, "应为六位数字。", "It has six digits.", "请核对后填写。", "Check it.")
    for field, text in texts.items():
        if not text or text != text.strip():
            yield _fault(field, "不能为空，首尾不能有空格。", "It must not be empty or have spaces at its ends.",
                         "请填写完整。", "Fill it in.")  # fmt: skip
        elif len(text) > _TEXT_LIMITS[field] or SEPARATOR in text or not text.isprintable():
            yield _fault(field, f"最多{_TEXT_LIMITS[field]}字，不能有“|”或换行。",
                         f"At most {_TEXT_LIMITS[field]} characters, no “|”, no line breaks.",
                         "请缩短或删去这些字符。", "Shorten it or take those characters out.")  # fmt: skip
    for wrong in check_name(data.name)[:1] if data.name.strip() else ():
        yield CardFault(CardField.NAME, "cards.name", wrong.reason, wrong.remedy)


def _number_faults(data: CardData, form: CardForm) -> Iterator[CardFault]:
    for field in (CardField.STUDENT_NO, CardField.ID_NUMBER):
        text = getattr(data, field)
        if not _NUMBER.fullmatch(text) or len(text) > COLUMNS[field]:
            yield _fault(field, f"应为1至{COLUMNS[field]}位数字、大写字母或汉字。",
                         f"It has 1 to {COLUMNS[field]} digits, capital letters or Chinese characters.",
                         "去掉空格和符号后填写。", "Take out spaces and signs.")  # fmt: skip
    if form.student_no_length is not None and len(data.student_no) != form.student_no_length:
        yield _fault(CardField.STUDENT_NO, f"本校学号为{form.student_no_length}位。",
                     f"This school's student numbers have {form.student_no_length} characters.",
                     "填写学校分配的学号，不得自编。", "Use the number the school has assigned (R112).")  # fmt: skip
    # Officers' cards, passports and permits have no check digit; what has as many digits as a resident's number must be
    # one, or a slip of the finger (O for 0) would pass as another kind of document.
    if sum(c in DIGITS for c in data.id_number) >= _DIGITS_OF_A_RESIDENT:
        try:
            parse_id_number(data.id_number)
        except IdNumberError as error:
            yield CardFault(CardField.ID_NUMBER, "cards.id_number", error.message, error.remedy)


def _fault(field: CardField, zh: str, en: str, remedy_zh: str, remedy_en: str) -> CardFault:
    return CardFault(field, f"cards.{field}", Wording(zh, en), Wording(remedy_zh, remedy_en))


def columns_of(data: CardData, form: CardForm) -> dict[CardField, str]:
    """What stands in the columns of each marked item: a digit, :data:`LETTER` or :data:`BLANK` a column.

    A choice is one column whose digit is the place of the option. The same table is printed, read and checked.
    """
    texts = {
        CardField.SCHOOL_CODE: data.school_code,
        CardField.DEPARTMENT_CODE: data.department_code,
        CardField.NAME: "".join(data.zone_codes),
        CardField.POSTCODE: data.make_up.postcode if data.make_up else "",
        CardField.STUDENT_NO: data.student_no,
        CardField.ID_NUMBER: data.id_number,
    }
    columns = {
        field: "".join(c if c in DIGITS else LETTER for c in text).ljust(COLUMNS[field], BLANK)
        for field, text in texts.items()
    }
    return columns | {field: str(form.options(field).index(getattr(data, field))) for field in CHOICES}


def letters_of(number: str) -> str:
    """The characters of a number that its columns cannot say (R110), in order."""
    return "".join(c for c in number if c not in DIGITS)
