"""From columns to data: zone codes become characters, letters are taken from the code or asked for, all is cross-checked."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gradphoto.engine.cards import findings as told
from gradphoto.engine.cards.data import (
    BLANK,
    CHOICES,
    COLUMNS,
    LETTER,
    LETTER_FIELDS,
    CardData,
    CardField,
    CardForm,
    MakeUp,
    columns_of,
    faults_of,
)
from gradphoto.engine.cards.findings import CardFinding, Weight
from gradphoto.engine.cards.layout import DIGITS, ROW_PITCH_MM, Box, card_layout
from gradphoto.engine.cards.marks import ColumnReading, Doubt
from gradphoto.engine.cards.payload import CHECK_GROUPS, Issue, check_values
from gradphoto.engine.standards.identity import check_digit
from gradphoto.engine.standards.names import characters_of
from gradphoto.engine.standards.zonecode import CODE_DIGITS, NO_CODE, character_of, zone_code
from gradphoto.engine.wording import Wording

_KEY_IN = Wording("请对照卡上的书写内容录入。", "Key it in from what is written on the card.")
_LOOK = Wording("请对照原卡核对并改正，或换新卡重填。", "Compare with the card and correct it, or fill in a new one.")
_RESIDENT_FIRST = 17
_MUCH_DARKER = 1.5
_MOST_POSSIBILITIES = 16  # against 65,536 check values


@dataclass(frozen=True, slots=True)
class Seen:
    """Everything that was found on a page. ``written_heads`` are the squares above the columns that carry writing."""

    columns: Mapping[CardField, tuple[ColumnReading, ...]]
    written_heads: frozenset[tuple[CardField, int]]
    written_boxes: frozenset[CardField]
    issue: Issue | None
    form: CardForm
    schools: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Data when certain, the items' texts as far as known, and what was found."""

    data: CardData | None
    texts: dict[CardField, str]
    findings: tuple[CardFinding, ...]


def resolve(seen: Seen, picture: Callable[[Box], bytes]) -> Outcome:
    """Decide what the page says. ``picture`` cuts a place out of it as PNG."""
    return _Resolver(seen, picture).run()


class _Resolver:
    """Collects texts and findings item by item."""

    def __init__(self, seen: Seen, picture: Callable[[Box], bytes]) -> None:
        self._seen, self._picture = seen, picture
        # A blank card's code has a number but says nothing about a person.
        self._issue = seen.issue if seen.issue is not None and not seen.issue.blank else None
        self._findings: list[CardFinding] = []
        self._texts: dict[CardField, str] = {}
        self._proven: dict[CardField, str] = {}

    def run(self) -> Outcome:
        if self._seen.issue is None:
            self._findings.append(told.NO_CODE)
        proven = self._prove()
        patterns = {item: self._pattern(item, confirmed=item in proven) for item in self._seen.columns}
        for item, pattern in patterns.items():
            if pattern is not None and item not in CHOICES and not (item in proven and self._printed()):
                self._compare_with_writing(item, pattern)
        for item in (CardField.SCHOOL_CODE, CardField.DEPARTMENT_CODE, CardField.POSTCODE, *LETTER_FIELDS):
            self._number(item, patterns[item])
        for item in CHOICES:
            self._choice(item, patterns[item])
        self._name(patterns[CardField.NAME])
        self._school_name()
        self._make_up()
        return Outcome(self._data(patterns), self._texts, tuple(self._findings))

    def _prove(self) -> dict[CardField, str]:
        """The items whose marks agree with the check values of the card's code, doubtful columns included.

        The code never says what stands in a column, only whether a whole item is right: where a column shows two things,
        the one that agrees was meant. Few possibilities are tried, so that none agrees by chance.
        """
        proven: dict[CardField, str] = {}
        if self._issue is None:
            return proven
        for number, fields in enumerate(CHECK_GROUPS):
            issued = self._issue.checks[number]
            possible = [
                _possible(column, printed=self._printed()) for item in fields for column in self._seen.columns[item]
            ]
            if math.prod(len(symbols) for symbols in possible) > _MOST_POSSIBILITIES:
                continue
            certain = all(len(symbols) == 1 for symbols in possible)
            agreeing = []
            for symbols in itertools.product(*possible):
                split = self._split(fields, symbols)
                if check_values(self._issue.card_id, self._filler() | split)[number] == issued:
                    agreeing.append(split)
            if len(agreeing) == 1:
                proven |= agreeing[0]
            elif certain:
                self._differs(fields)
        self._proven = proven
        return proven

    def _split(self, fields: tuple[CardField, ...], symbols: tuple[str, ...]) -> dict[CardField, str]:
        remaining = iter(symbols)
        return {item: "".join(next(remaining) for _ in self._seen.columns[item]) for item in fields}

    def _filler(self) -> dict[CardField, str]:
        return dict.fromkeys(self._seen.columns, "")

    def _differs(self, fields: tuple[CardField, ...]) -> None:
        names = "、".join(item.heading.zh for item in fields)
        english = ", ".join(item.heading.en for item in fields)
        seen = Wording(
            f"填涂内容与发卡时的{names}不一致。",
            f"The marks differ from what the card was issued for ({english}).",
        )
        self._findings.append(told.at_field("differs", fields[0], seen, _LOOK))

    def _pattern(self, item: CardField, *, confirmed: bool) -> str | None:
        """The item's symbols; ``None`` when a column is doubtful, each of which becomes a finding."""
        columns = self._seen.columns[item]
        for column in columns:
            picture = self._picture(_column_box(column)) if column.doubt is not None else None
            finding = told.of_column(column, self._seen.form, picture, confirmed=confirmed)
            if finding is not None:
                self._findings.append(finding)
        if confirmed:
            return self._proven[item]
        symbols = [column.symbol for column in columns]
        return None if None in symbols else "".join(str(s) for s in symbols)

    def _compare_with_writing(self, item: CardField, pattern: str) -> None:
        """A mark without a written character above it, or the reverse: one of the two was forgotten."""
        columns = self._seen.columns[item]
        written = [(item, column.column) in self._seen.written_heads for column in columns]
        filled = [symbol != BLANK for symbol in pattern]
        if any(filled) and not any(written):
            self._findings.append(told.at_field(
                "nothing_written", item,
                Wording("涂点上方的方格没有书写，无法互相核对。", "Nothing is written above the marks to compare them with."),
                Wording("请人工抽查。", "Have a look at some of them."), weight=Weight.NOTE,
            ))  # fmt: skip
            return
        for column, has_writing, has_mark in zip(columns, written, filled, strict=True):
            if has_writing == has_mark:
                continue
            seen = (
                Wording("方格内有字但没有填涂。", "A character is written but no mark is filled.")
                if has_writing
                else Wording("有填涂但方格内没有字。", "A mark is filled but nothing is written above it.")
            )
            code = "not_filled" if has_writing else "not_written"
            box = _column_box(column)
            self._findings.append(
                told.at_column(code, item, column.column, seen, _LOOK, self._picture(box), column.rows)
            )

    def _number(self, item: CardField, pattern: str | None) -> None:
        if pattern is None:
            return
        text = pattern.rstrip(BLANK)
        if not text and item is not CardField.POSTCODE:
            seen = Wording("没有填涂。", "Nothing is filled.")
            self._findings.append(told.at_field("empty", item, seen, _LOOK))
        if BLANK in text:
            column = text.index(BLANK)
            self._findings.append(told.at_column(
                "gap", item, column, Wording("中间有空列。", "It is empty between filled ones."), _LOOK,
                self._picture(_column_box(self._seen.columns[item][column])),
            ))  # fmt: skip
            return
        resolved = self._with_letters(item, text) if LETTER in text else text
        if resolved is not None:
            self._texts[item] = resolved

    def _with_letters(self, item: CardField, text: str) -> str | None:
        """R110: what stands where 0 and 1 are both filled."""
        letters = self._issue.letters[item] if self._issue else ""
        if len(letters) == text.count(LETTER):
            remaining = iter(letters)
            return "".join(next(remaining) if c == LETTER else c for c in text)
        first = text[:_RESIDENT_FIRST]
        if item is CardField.ID_NUMBER and len(text) == COLUMNS[item] and first.isdigit() and check_digit(first) == "X":
            # Only X can stand there, and the other seventeen digits say that it does.
            return first + "X"
        for column, symbol in enumerate(text):
            if symbol == LETTER:
                box = _column_box(self._seen.columns[item][column])
                seen = Wording(
                    "同时填涂了0和1，此处为字母或汉字。", "0 and 1 are both filled: a letter or a character."
                )
                self._findings.append(told.at_column("letter", item, column, seen, _KEY_IN, self._picture(box), (0, 1)))
        return None

    def _choice(self, item: CardField, pattern: str | None) -> None:
        if pattern is None:
            return
        if pattern == BLANK:
            options = "、".join(self._seen.form.options(item))
            self._findings.append(told.at_field(
                "no_choice", item, Wording("没有填涂。", "Nothing is filled."),
                Wording(f"请选择：{options}。", f"Choose one: {options}."),
            ))  # fmt: skip
            return
        self._texts[item] = self._seen.form.options(item)[int(pattern)]

    def _name(self, pattern: str | None) -> None:
        if pattern is None:
            return
        if not pattern.strip(BLANK):
            self._block_script()
            return
        codes = [pattern[i : i + CODE_DIGITS] for i in range(0, len(pattern), CODE_DIGITS)]
        while codes[-1] == BLANK * CODE_DIGITS:
            codes.pop()
        issued = characters_of(self._issue.name) if self._issue else ""
        known = issued if len(issued) == len(codes) else None
        characters = [self._character(place, code, known) for place, code in enumerate(codes)]
        if all(characters):
            read = "".join(c or "" for c in characters)
            # A dot has no code: whoever was issued one keeps it (R111).
            self._texts[CardField.NAME] = self._issue.name if self._issue and read == issued else read

    def _character(self, place: int, code: str, known: str | None) -> str | None:
        box = card_layout().characters[place]
        column = place * CODE_DIGITS
        if BLANK in code:
            seen = Wording(
                "这个字的区位码没有填满四位。", "The zone code of this character has fewer than four digits."
            )
            self._findings.append(told.at_column("gap", CardField.NAME, column + code.index(BLANK), seen, _LOOK,
                                                 self._picture(box)))  # fmt: skip
            return None
        if code == NO_CODE:
            if known is not None and zone_code(known[place]) == NO_CODE:
                return known[place]
            seen = Wording(f"第{place + 1}字填涂了0000，区位码表中没有这个字。",
                           f"Character {place + 1} is filled as 0000: the table does not have it.")  # fmt: skip
            self._findings.append(
                told.at_column("no_zone_code", CardField.NAME, column, seen, _KEY_IN, self._picture(box))
            )
            return None
        character = character_of(code)
        if character is None:
            seen = Wording(f"区位码{code}没有对应的字。", f"No character has the zone code {code}.")
            self._findings.append(
                told.at_column("empty_zone_code", CardField.NAME, column, seen, _LOOK, self._picture(box))
            )
        return character

    def _block_script(self) -> None:
        """R111: no codes at all; the name is the written one."""
        if self._issue is not None:
            self._texts[CardField.NAME] = self._issue.name
            return
        box = card_layout().texts[CardField.NAME]
        written = CardField.NAME in self._seen.written_boxes
        seen = (
            Wording("姓名未填区位码，以正楷书写。", "The name carries no zone codes; it is written in block script.")
            if written
            else Wording("没有填写姓名。", "No name is filled in.")
        )
        remedy = _KEY_IN if written else _LOOK
        self._findings.append(told.at_field("block_script" if written else "no_name", CardField.NAME, seen, remedy,
                                            self._picture(box)))  # fmt: skip

    def _school_name(self) -> None:
        code = self._texts.get(CardField.SCHOOL_CODE, "")
        name = self._issue.school_name if self._issue else self._seen.schools.get(code)
        if name:
            self._texts[CardField.SCHOOL_NAME] = name
        elif code:
            seen = Wording("不知道这个院校代码对应的校名。", "The school of this code is not known.")
            box = card_layout().texts[CardField.SCHOOL_NAME]
            self._findings.append(
                told.at_field("school_unknown", CardField.SCHOOL_NAME, seen, _KEY_IN, self._picture(box))
            )

    def _printed(self) -> bool:
        """Whether everything on the card was printed: ink in an empty box is then a stray stroke."""
        return self._issue is not None and self._issue.marked

    def _make_up(self) -> None:
        """A make-up card has a postcode, an address and a recipient (R114)."""
        texts = {CardField.ADDRESS: "", CardField.RECIPIENT: ""}
        if self._issue is not None:
            texts = {CardField.ADDRESS: self._issue.address, CardField.RECIPIENT: self._issue.recipient}
        postcode = self._texts.get(CardField.POSTCODE)
        for item, text in texts.items():
            if text:
                self._texts[item] = text
            elif postcode or (item in self._seen.written_boxes and not self._printed()):
                seen = Wording("手写内容需录入。", "What is written must be keyed in.")
                box = card_layout().texts[item]
                self._findings.append(told.at_field("written", item, seen, _KEY_IN, self._picture(box)))

    def _data(self, patterns: Mapping[CardField, str | None]) -> CardData | None:
        texts = self._texts
        if any(f.weight is Weight.DECIDE for f in self._findings):
            return None
        make_up = None
        if texts.get(CardField.POSTCODE) or texts.get(CardField.ADDRESS) or texts.get(CardField.RECIPIENT):
            make_up = MakeUp(*(texts.get(i, "") for i in (CardField.ADDRESS, CardField.POSTCODE, CardField.RECIPIENT)))
        data = CardData(
            school_name=texts.get(CardField.SCHOOL_NAME, ""),
            school_code=texts.get(CardField.SCHOOL_CODE, ""),
            department_code=texts.get(CardField.DEPARTMENT_CODE, ""),
            degree_category=texts.get(CardField.DEGREE_CATEGORY, ""),
            school_kind=texts.get(CardField.SCHOOL_KIND, ""),
            name=texts.get(CardField.NAME, ""),
            student_no=texts.get(CardField.STUDENT_NO, ""),
            id_number=texts.get(CardField.ID_NUMBER, ""),
            make_up=make_up,
        )
        faults = faults_of(data, self._seen.form)
        self._findings += [told.of_fault(fault) for fault in faults]
        if faults or self._not_said(data, patterns):
            return None
        return data

    def _not_said(self, data: CardData, patterns: Mapping[CardField, str | None]) -> bool:
        """The last proof: printed again, the data would give exactly the marks that were read."""
        again = columns_of(data, self._seen.form)
        wrong = [item for item, pattern in patterns.items() if again[item] != pattern]
        for item in wrong:
            seen = Wording("读出的内容与填涂不能互相印证。", "What was read would not give these marks.")
            self._findings.append(told.at_field("not_proven", item, seen, _LOOK))
        return bool(wrong)


def _possible(column: ColumnReading, *, printed: bool) -> tuple[str, ...]:
    """What a column may say: one symbol when it is clear, otherwise a row with ink in it, or nothing at all.

    Where a person filled the card, only what is much the darkest may be meant: somebody who corrects what the card was
    issued for erases the old mark, and the code must not bring it back.
    """
    if column.symbol is not None:
        return (column.symbol,)
    both = (LETTER,) if column.field in LETTER_FIELDS and {0, 1} <= set(column.rows) else ()
    if printed:
        return (*(str(row) for row in column.rows), *both, BLANK)
    darkest, *others = sorted(column.rows, key=lambda row: -column.darkness[row])
    if any(column.darkness[darkest] < _MUCH_DARKER * column.darkness[row] for row in others):
        return ()
    return (str(darkest), BLANK) if column.doubt is Doubt.FAINT else (str(darkest),)


def _column_box(column: ColumnReading) -> Box:
    """A column with the square above it; for a choice the whole row."""
    layout = card_layout()
    places = [b for b in layout.bubbles if b.field is column.field and b.column == column.column]
    if column.field in CHOICES:
        return Box(places[0].x - 3, places[0].y - 3, places[len(column.darkness) - 1].x - places[0].x + 18, 6)
    head = layout.heads[column.field, column.column]
    return Box(head.x, head.y, head.width, places[0].y - head.y + DIGITS * ROW_PITCH_MM)
