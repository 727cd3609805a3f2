"""The items a graduate verifies (R173: the fields of the image card): how they are named, shown and entered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum

from gradphoto.apps.core.encryption import EncryptedText
from gradphoto.apps.core.wording import say
from gradphoto.apps.roster.models import Candidate, Sex
from gradphoto.engine.wording import Wording


class Input(Enum):
    """How the right value is entered on a phone."""

    TEXT = "text"
    DATE = "date"
    SEX = "sex"
    ID_NUMBER = "id_number"


@dataclass(frozen=True, slots=True)
class Item:
    """One verified item: a field of the candidate, its title, how it is entered and what helps to enter it."""

    field: str
    title: Wording
    input: Input = Input.TEXT
    hint: Wording | None = None


ITEMS: tuple[Item, ...] = (
    Item("name", Wording("姓名", "Name"), hint=Wording("与身份证一致，不加空格", "As on the ID card, without spaces")),
    Item("sex", Wording("性别", "Sex"), Input.SEX),
    Item("birth_date", Wording("出生日期", "Birth date"), Input.DATE),
    Item(
        "id_number",
        Wording("证件号码", "ID number"),
        Input.ID_NUMBER,
        Wording("18 位，末位可为 X", "18 characters, the last may be X"),
    ),
    Item("student_no", Wording("学号", "Student no.")),
    Item("major", Wording("专业名称", "Major")),
    Item("level", Wording("层次", "Level"), hint=Wording("如：本科、专科", "For example 本科 or 专科")),
    Item("degree_category", Wording("学历类别", "Degree category")),
    Item("school_kind", Wording("所在校别", "School kind")),
)
BY_FIELD: dict[str, Item] = {item.field: item for item in ITEMS}


def text_of(value: object) -> str:
    """A value of any item as plain text; a sealed number is opened, so this never goes into a log or a URL."""
    if isinstance(value, EncryptedText):
        return value.decrypt()
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def label_of(field: str, text: str) -> str:
    """The text of a value as a person reads it: a sex by its word, everything else as it is."""
    return str(Sex(text).label) if field == "sex" and text in Sex.values else text


def mask_of(field: str, text: str) -> str:
    """The same, with an ID number masked."""
    return str(EncryptedText.of(text)) if field == "id_number" else label_of(field, text)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a page that compares: the item, what the record holds, what was entered instead (both as shown)."""

    item: Item
    shown: str
    entered: str = ""

    @property
    def title(self) -> str:
        return say(self.item.title)


def lines(candidate: Candidate, entered: Mapping[str, str], *, with_number: bool = False) -> list[Line]:
    """Every item of a candidate beside the entered values; the ID number in full only ``with_number``."""
    show = label_of if with_number else mask_of
    return [
        Line(
            item,
            show(item.field, text_of(getattr(candidate, item.field))),
            show(item.field, entered[item.field]) if item.field in entered else "",
        )
        for item in ITEMS
    ]
