"""From a roster file to cards: a row becomes a card, or a line that says why not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gradphoto.engine.cards.data import Card, CardData, CardForm, MakeUp, faults_of
from gradphoto.engine.roster.read import Table
from gradphoto.engine.standards.names import canonical_name
from gradphoto.engine.standards.zonecode import PinyinNote
from gradphoto.engine.wording import Wording

# Columns of the summary table (R52) and of make-up lists that a roster as such does not know.
_HEADINGS: Mapping[str, tuple[str, ...]] = {
    "school_name": ("所在院校名称", "院校名称", "学校名称"),
    "school_code": ("院校代码", "学校代码"),
    "department_code": ("(院)系代码", "院系代码", "系代码"),
    "address": ("学校地址", "通讯地址"),
    "postcode": ("邮政编码", "邮编"),
    "recipient": ("收件人",),
}


@dataclass(frozen=True, slots=True)
class CardDefaults:
    """What a roster does not say row by row: the school, the codes of its departments by name, where make-ups go."""

    school_name: str = ""
    school_code: str = ""
    department_codes: Mapping[str, str] = field(default_factory=dict)
    degree_category: str = ""
    school_kind: str = ""
    make_up: MakeUp | None = None
    series: str = ""
    pinyin: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class RowFault:
    """Why a row became no card."""

    row_number: int
    name: str
    code: str
    message: Wording
    remedy: Wording


@dataclass(frozen=True, slots=True)
class RowNote:
    """A reading that a person must confirm (R109)."""

    row_number: int
    name: str
    note: PinyinNote


@dataclass(frozen=True, slots=True)
class RosterCards:
    """The cards in the order of the rows, and what stood in the way of the others."""

    cards: tuple[Card, ...]
    faults: tuple[RowFault, ...]
    to_confirm: tuple[RowNote, ...]


def cards_of_table(table: Table, form: CardForm, defaults: CardDefaults, *, marks: bool = True) -> RosterCards:
    """A card a row, numbered ``<series>-<row>``; the series is the school's code unless one is given."""
    cards, faults, notes = [], [], []
    for row in table.rows:
        part = table.part_of(row.row_number)
        columns, cells = _extra_columns(part.header.titles), part.row(row.row_number)
        extra = {key: cells[index].strip() for key, index in columns.items() if index < len(cells)}
        data = _data({**row.values, **extra}, defaults)
        found = [
            RowFault(
                row.row_number,
                data.name,
                fault.code,
                Wording(
                    f"{fault.field.heading.zh}：{fault.message.zh}", f"{fault.field.heading.en}: {fault.message.en}"
                ),
                fault.remedy,
            )
            for fault in faults_of(data, form)
        ]
        faults += found
        if not found:
            card = Card(
                f"{defaults.series or data.school_code}-{row.row_number:04d}", data, marks, defaults.pinyin, row.values.get("graduation_kind", "").strip(),
            )  # fmt: skip
            cards.append(card)
            notes += [RowNote(row.row_number, data.name, note) for note in card.notes if note.proposed]
    return RosterCards(tuple(cards), tuple(faults), tuple(notes))


def _data(values: Mapping[str, str], defaults: CardDefaults) -> CardData:
    def said(key: str, otherwise: str) -> str:
        return values.get(key, "").strip() or otherwise

    department = said("department", "")
    code = said("department_code", defaults.department_codes.get(department, ""))
    make_up = defaults.make_up
    if values.get("address"):
        make_up = MakeUp(values["address"], values.get("postcode", ""), values.get("recipient", ""))
    return CardData(
        school_name=said("school_name", defaults.school_name),
        school_code=said("school_code", defaults.school_code),
        department_code=code or (department if department.isdigit() else ""),
        degree_category=said("degree_category", defaults.degree_category),
        school_kind=said("school_kind", defaults.school_kind),
        name=canonical_name(values.get("name", "")),
        student_no=values.get("student_no", "").strip().upper(),
        id_number=values.get("id_number", "").strip().upper(),
        make_up=make_up,
    )


def _extra_columns(titles: Sequence[str]) -> dict[str, int]:
    plain = ["".join(title.split()).replace("（", "(").replace("）", ")") for title in titles]
    return {
        key: plain.index(heading) for key, headings in _HEADINGS.items() for heading in headings[::-1] if heading in plain
    }  # fmt: skip
