"""The roster against the provincial admissions data (R31): what differs, why probably, and which form mends it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.late_import import late
from gradphoto.engine.roster.findings import shown
from gradphoto.engine.roster.layout import FIELD_TITLES
from gradphoto.engine.roster.table import RawRow
from gradphoto.engine.standards.dates import compact, parse_date
from gradphoto.engine.standards.identity import IdNumber, IdNumberError, Sex, parse_document, tidy_id_number
from gradphoto.engine.standards.names import canonical, probably_same, same, same_key
from gradphoto.engine.wording import Wording

if TYPE_CHECKING:
    import pypinyin
else:
    pypinyin = late("pypinyin")

KEY_FIELDS = ("name", "sex", "birth_date", "id_number")
"""The key fields of R31."""
_SEXES = {"男": Sex.MALE, "女": Sex.FEMALE, "1": Sex.MALE, "2": Sex.FEMALE}
_SEX_TEXT = {Sex.MALE: "男", Sex.FEMALE: "女"}


PROBABLY_SAME = "roster.probably_same_person"


class Route(StrEnum):
    """Who has to mend a difference, and on which form."""

    ROSTER = "roster"
    """Our file is wrong: correct it, no form."""
    ADMISSION = "admission"
    """R32: approval for correcting admission information, three copies, with proofs."""
    STATUS = "status"
    """R33: approval for correcting student-status information, two copies, with proofs."""
    IDENTITY = "identity"
    """R34: R33's form with the police certificate of changed identity and a copy of the ID card."""
    ASK = "ask"
    """Nobody can tell from the two files."""

    @property
    def copies(self) -> int:
        """How many copies of the form are handed in; 0 where there is none (R187)."""
        return {Route.ADMISSION: 3, Route.STATUS: 2, Route.IDENTITY: 2}.get(self, 0)


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference between a row and the admissions data; ``ours`` and ``theirs`` are masked where personal.

    ``field`` is empty where the whole row is missing on one side: ``row_number`` or ``reference_row`` is then None.
    ``route`` is a proposal that a person confirms; ``remark`` is the text for the remarks of the issued file (R31).
    """

    row_number: int | None
    reference_row: int | None
    field: str
    column_title: str
    ours: str
    theirs: str
    code: str
    route: Route
    reason: Wording
    remedy: Wording

    @property
    def remark(self) -> str:
        """R31: the reason as it stands in the remarks; personal numbers are not repeated there."""
        return f"初审未通过：{self.column_title or '名册'}——{self.reason.zh}"


_REMEDIES = {
    Route.ROSTER: Wording("请改正名册，无需填表。", "Correct the roster; no form is needed."),
    Route.ADMISSION: Wording(
        "填写《高等学校学生录取信息更正审批表》一式三份，附证明。",
        "Fill in the approval for correcting admission information, three copies, with proofs.",
    ),
    Route.STATUS: Wording(
        "填写《高等学校学生学籍信息更正审批表》一式两份，附证明。",
        "Fill in the approval for correcting student-status information, two copies, with proofs.",
    ),
    Route.IDENTITY: Wording(
        "由县级以上公安局出具《公民信息变更证明》原件，附身份证复印件，并填《高等学校学生学籍信息更正审批表》一式两份。",
        "Bring the original police certificate of changed identity and a copy of the ID card, with the student-status"
        " correction approval in two copies.",
    ),
    Route.ASK: Wording(
        "请对照身份证和录取名册查明哪一方正确，再选择更正表。",
        "Find out from the card and the admission register which is right, then choose the form.",
    ),
}


@dataclass(frozen=True, slots=True)
class _Person:
    """One row with its key fields in comparable form; None where a value is missing or unreadable."""

    row: RawRow
    name: str
    sex: Sex | None
    birth_date: str | None
    card: IdNumber | None
    number: str

    def value(self, name: str) -> str | None:
        if name == "sex":
            return _SEX_TEXT.get(self.sex) if self.sex else None
        return {"name": self.name, "birth_date": self.birth_date, "id_number": self.number}[name] or None

    @property
    def same_person_key(self) -> tuple[str, Sex, str] | None:
        """By what two rows without a common number are probably of one person; None where one of the three is missing."""
        if not self.name or self.sex is None or self.birth_date is None:
            return None
        return same_key(self.name), self.sex, self.birth_date

    def agrees_with_card(self, name: str) -> bool | None:
        """Whether sex or birth date is what the same row's ID number says; None where the number does not tell."""
        if self.card is None or self.card.birth_date is None:
            return None
        by_card = self.card.sex if name == "sex" else compact(self.card.birth_date)
        return (self.sex if name == "sex" else self.birth_date) == by_card


def compare_with_admissions(rows: Iterable[RawRow], reference_rows: Iterable[RawRow]) -> tuple[Difference, ...]:
    """Compare name, sex, birth date and ID number of each row with the admissions data (R31).

    Rows are matched by candidate number, then ID number, then student number; what looks alike only by its writing (a
    wide dot, a date with hyphens, 15 for 18 digits) is no difference. Rows that no number brings together and that have
    the same name, sex and birth date are one difference of the ID number (``PROBABLY_SAME``), not two strangers. Rows of
    one side only come last.
    """
    theirs = [_person(row) for row in reference_rows]
    finders = [_finder(theirs, key) for key in _KEYS]
    matched: set[int] = set()
    found: list[Difference] = []
    strangers: list[_Person] = []
    for row in rows:
        ours = _person(row)
        reference = next((person for find in finders if (person := find(ours)) is not None), None)
        if reference is None:
            strangers.append(ours)
            continue
        matched.add(reference.row.row_number)
        found.extend(_differences(ours, reference))
    left = [person for person in theirs if person.row.row_number not in matched]
    probable = _probable_pairs(strangers, left)
    found.extend(_probably_same(ours, other) for ours, other in probable)
    paired = {id(person) for pair in probable for person in pair}
    unknown = [_missing(one.row.row_number, None, one.row) for one in strangers if id(one) not in paired]
    unknown.extend(_missing(None, one.row.row_number, one.row) for one in left if id(one) not in paired)
    return (*found, *unknown)


def _probable_pairs(ours: Sequence[_Person], theirs: Sequence[_Person]) -> list[tuple[_Person, _Person]]:
    """Rows of both sides that no number brings together, with the same name, sex and birth date, each of them once."""
    by_key = Counter(one.same_person_key for one in theirs)
    mine = Counter(one.same_person_key for one in ours)
    once = {one.same_person_key: one for one in theirs if by_key[one.same_person_key] == 1}
    return [
        (one, once[key]) for one in ours if (key := one.same_person_key) is not None and key in once and mine[key] == 1
    ]


def _probably_same(ours: _Person, theirs: _Person) -> Difference:
    written = [one.row.values.get("id_number", "").strip() for one in (ours, theirs)]
    return Difference(
        ours.row.row_number, theirs.row.row_number, "id_number", FIELD_TITLES["id_number"],
        shown("id_number", written[0]), shown("id_number", written[1]), PROBABLY_SAME, Route.ASK,
        Wording("姓名、性别、出生日期都相同，证件号码不同：很可能是同一人。",
                "Same name, sex and birth date, another ID number: probably the same person."),
        _REMEDIES[Route.ASK],
    )  # fmt: skip


def _person(row: RawRow) -> _Person:
    values = row.values
    text = tidy_id_number(values.get("id_number", ""))
    card = None
    if text:
        try:
            card = parse_document(text, None)
        except IdNumberError:
            card = None
    try:
        born: str | None = compact(parse_date(values.get("birth_date", "")))
    except GradPhotoError:
        born = None
    sex = _SEXES.get(values.get("sex", "").strip())
    name = canonical(values.get("name", ""))
    return _Person(row, name, sex, born, card, card.number if card else text)


def _key(name: str) -> Callable[[_Person], str]:
    return lambda person: "".join(person.row.values.get(name, "").split()).upper()


_KEYS: tuple[Callable[[_Person], str], ...] = (_key("candidate_no"), lambda person: person.number, _key("student_no"))


def _finder(people: Iterable[_Person], key: Callable[[_Person], str]) -> Callable[[_Person], _Person | None]:
    by_key: dict[str, _Person | None] = {}
    for person in people:
        value = key(person)
        # A key that stands twice decides nothing.
        by_key[value] = None if value in by_key else person
    by_key.pop("", None)
    return lambda person: by_key.get(key(person))


def _differences(ours: _Person, theirs: _Person) -> Iterable[Difference]:
    for name in KEY_FIELDS:
        mine, other = ours.value(name), theirs.value(name)
        written_mine, written_other = (p.row.values.get(name, "").strip() for p in (ours, theirs))
        if name == "name" and same(written_mine, written_other):
            continue
        if not written_other or mine == other or (mine is None and not written_mine and name not in ours.row.values):
            continue
        code, route, reason = _JUDGES[name](ours, theirs)
        yield Difference(
            ours.row.row_number, theirs.row.row_number, name, FIELD_TITLES[name], shown(name, written_mine),
            shown(name, written_other), f"roster.{code}", route, reason, _REMEDIES[route],
        )  # fmt: skip


def _judge_name(ours: _Person, theirs: _Person) -> tuple[str, Route, Wording]:
    if not ours.name:
        return _MISSING_HERE
    if probably_same(ours.name, theirs.name):
        return (
            "name_written_otherwise",
            Route.ASK,
            Wording(
                "姓名很可能相同，只是写法不同（繁体或异体字、间隔号、生僻字、截断）。",
                "Probably the same name in another writing (form of a character, dot, rare character, cut).",
            ),
        )
    if pypinyin.lazy_pinyin(ours.name) == pypinyin.lazy_pinyin(theirs.name):
        return (
            "name_same_sound",
            Route.ADMISSION,
            Wording(
                "姓名同音不同字，多为录取时录入错误。", "Same sound, other characters: probably mistyped at admission."
            ),
        )
    if ours.number and ours.number == theirs.number:
        return (
            "name_changed",
            Route.IDENTITY,
            Wording(
                "证件号码相同而姓名不同，可能入学后更名。", "Same ID number, other name: probably changed after entry."
            ),
        )
    return "name_differs", Route.ASK, Wording("姓名与录取数据不同。", "The name differs from the admissions data.")


def _judge_by_card(name: str) -> Callable[[_Person, _Person], tuple[str, Route, Wording]]:
    title = Wording(*{"sex": ("性别", "sex"), "birth_date": ("出生日期", "birth date")}[name])

    def judge(ours: _Person, theirs: _Person) -> tuple[str, Route, Wording]:
        if ours.value(name) is None:
            return _MISSING_HERE
        mine, other = ours.agrees_with_card(name), theirs.agrees_with_card(name)
        same_card = ours.number == theirs.number
        if mine and (other is False or (other is None and not theirs.number)):
            return (
                f"{name}_wrong_there",
                Route.ADMISSION,
                Wording(
                    f"本名册的{title.zh}与证件号码一致，录取数据不一致。",
                    f"Our {title.en} agrees with the ID number, that of the admissions data does not.",
                ),
            )
        if mine is False and (other or same_card):
            return (
                f"{name}_wrong_here",
                Route.ROSTER,
                Wording(
                    f"录取数据的{title.zh}与证件号码一致，本名册不一致。",
                    f"The {title.en} of the admissions data agrees with the ID number, ours does not.",
                ),
            )
        if mine and other and not same_card:
            return (
                f"{name}_changed",
                Route.IDENTITY,
                Wording(
                    f"{title.zh}和证件号码都变了，且各自一致，可能入学后变更了身份信息。",
                    f"The {title.en} and the ID number both changed and each fits: identity probably changed after entry.",
                ),
            )
        return (
            f"{name}_differs",
            Route.STATUS,
            Wording(
                f"{title.zh}与录取数据不同，无法由证件号码判断。",
                f"The {title.en} differs from the admissions data and no ID number tells which is right.",
            ),
        )

    return judge


def _judge_number(ours: _Person, theirs: _Person) -> tuple[str, Route, Wording]:
    if not ours.number:
        return _MISSING_HERE
    if ours.card is not None and theirs.card is None:
        return (
            "id_number_wrong_there",
            Route.ADMISSION,
            Wording(
                "录取数据中的证件号码不成立，本名册的成立。",
                "The ID number of the admissions data cannot be right, ours can.",
            ),
        )
    if ours.card is None:
        return (
            "id_number_wrong_here",
            Route.ROSTER,
            Wording("本名册的证件号码不成立。", "Our ID number cannot be right."),
        )
    return (
        "id_number_changed",
        Route.IDENTITY,
        Wording(
            "两个证件号码都成立，可能入学后变更了证件号码。",
            "Both ID numbers can be right: probably changed after entry.",
        ),
    )


_MISSING_HERE = (
    "value_missing_here",
    Route.ROSTER,
    Wording("本名册没有填写，录取数据中有。", "Blank here, filled in there."),
)
_JUDGES: Mapping[str, Callable[[_Person, _Person], tuple[str, Route, Wording]]] = {
    "name": _judge_name,
    "sex": _judge_by_card("sex"),
    "birth_date": _judge_by_card("birth_date"),
    "id_number": _judge_number,
}


def _missing(row_number: int | None, reference_row: int | None, row: RawRow) -> Difference:
    name = row.values.get("name", "").strip()
    if reference_row is None:
        return Difference(
            row_number, None, "", "", name, "", "roster.not_in_admissions", Route.ASK,
            Wording("录取数据中没有此人。", "The admissions data do not have this person."),
            Wording("请核对考生号和证件号码；确属漏报的由招生部门补充。", "Check candidate and ID number; admissions must add the person."),
        )  # fmt: skip
    return Difference(
        None, reference_row, "", "", "", name, "roster.not_in_roster", Route.ASK,
        Wording("名册中没有此人。", "The roster does not have this person."),
        Wording("应届的用附表1添加；不能毕业的无需处理。", "Add graduates with annex 1; nothing to do for others."),
    )  # fmt: skip
