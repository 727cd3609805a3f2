"""One work sheet, cell by cell as the parser comes to it: nothing is laid out, so a far cell costs nothing.

Prefixes are learnt from the root element, so that every writer's namespace does; attributes come in any order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import IO
from xml.parsers import expat

from gradphoto.engine.tables import errors
from gradphoto.engine.tables.model import (
    HEAD_ROWS,
    LARGEST_EXACT,
    Limits,
    MarkKind,
    Row,
    SheetFacts,
    Wanted,
    clean,
)
from gradphoto.engine.tables.number_formats import shown
from gradphoto.engine.tables.xlsx_package import new_parser
from gradphoto.engine.tables.xlsx_strings import unescaped
from gradphoto.engine.tables.xlsx_styles import Styles

_BLOCK = 1 << 18
_DIGITS = "0123456789"
_LAST_ROW, _LAST_COLUMN = 1_048_576, 16_384
_MOST_REMEMBERED = 20_000
_TRUE = ("1", "true")
_NAMES = ("row", "c", "v", "is", "t", "f", "rPh", "col", "mergeCell", "autoFilter", "sheetData")


@dataclass(slots=True)
class Cells:
    """What a sheet's cells refer to."""

    limits: Limits
    strings: list[str] = field(default_factory=list)
    struck_strings: set[int] = field(default_factory=set)
    styles: Styles = field(default_factory=Styles)
    from_1904: bool = False
    wanted: Wanted = field(default_factory=Wanted)


Merges = dict[int, list[tuple[int, int]]]
"""Cells merged downwards by their first row: column and last row."""


def column_of(letters: str) -> int:
    """The index of a column from 0; raises ``roster.damaged`` for what is none."""
    index = 0
    for letter in letters:
        if not "A" <= letter <= "Z":
            raise errors.damaged()
        index = index * 26 + ord(letter) - 64
        if index > _LAST_COLUMN:
            raise errors.damaged()
    if not index:
        raise errors.damaged()
    return index - 1


def read_merges(stream: IO[bytes], limits: Limits) -> Merges:
    """The cells merged downwards. They stand behind the cells in the file and are needed before them."""
    merges: Merges = {}
    count = 0
    parser = new_parser()

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal count
        if name.endswith("mergeCell") and name.rpartition(":")[2] == "mergeCell":
            first, _, last = attributes.get("ref", "").partition(":")
            top, bottom = _row_of(first), _row_of(last or first)
            count += 1
            if count > limits.merges:
                raise errors.too_many_merges()
            if bottom > top:
                merges.setdefault(top, []).append((column_of(first.rstrip(_DIGITS)), bottom))

    parser.StartElementHandler = start
    while block := stream.read(_BLOCK):
        parser.Parse(block)
    parser.Parse(b"", True)
    return merges


def mentions(stream: IO[bytes], word: bytes) -> bool:
    """Whether a word stands anywhere in a part: a cheap look that saves a second parse, and decides nothing else."""
    rest = b""
    while block := stream.read(1 << 20):
        if word in rest + block:
            return True
        rest = block[-len(word) :]
    return False


def _row_of(reference: str) -> int:
    digits = reference.lstrip("$ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return int(digits) if digits.isdecimal() and len(digits) < 8 else 0


def read_rows(stream: IO[bytes], facts: SheetFacts, cells: Cells, merges: Merges) -> Iterator[Row]:
    """The rows with anything in them; ``facts`` are filled in on the way."""
    reading = _Reading(facts, cells)
    down: dict[int, tuple[int, str]] = {}
    for number, row in reading.parse(stream, reading.full):
        for column in [column for column, (bottom, _) in down.items() if bottom < number]:
            del down[column]
        for column, (_, text) in down.items():
            if column >= len(row):
                row.extend([""] * (column + 1 - len(row)))
            row[column] = row[column] or text
        for column, bottom in merges.get(number, ()) if merges else ():
            if column < len(row) and row[column]:
                down[column] = (bottom, row[column])
        yield number, row


def read_outline(stream: IO[bytes], facts: SheetFacts, cells: Cells) -> None:
    """Everything but the cells: ``facts`` with the head. Texts of shared strings are put in by the caller."""
    reading = _Reading(facts, cells)
    for number, row in reading.parse(stream, reading.full):
        facts.head.append((number, tuple(row)))
        if len(facts.head) == HEAD_ROWS:
            reading.use(reading.light)


Handlers = tuple[Callable[[str, dict[str, str]], None], Callable[[str], None], Callable[[str], None] | None]


class _Reading:
    """A parse under way: the row and the cell in the making, and the rows that are ready."""

    def __init__(self, facts: SheetFacts, cells: Cells) -> None:
        self.facts, self.cells = facts, cells
        self.names: dict[str, str] = {}
        self.number = 0
        self.next_row = 0
        self.is_hidden = False
        self.ready: list[Row] = []
        self.figures: dict[tuple[str, str], str] = {}
        self.columns: dict[str, int] = {}
        self.parser: expat.XMLParserType = new_parser()
        self.parser.buffer_text = True

    def parse(self, stream: IO[bytes], handlers: Callable[[], Handlers]) -> Iterator[Row]:
        """Feed the parser and hand on the rows that came out of each piece."""

        def root(name: str, attributes: dict[str, str]) -> None:
            prefix = name[: name.rfind(":") + 1]
            self.names = {bare: prefix + bare for bare in _NAMES}
            self.use(handlers)

        self.parser.StartElementHandler = root
        while block := stream.read(_BLOCK):
            self.parser.Parse(block)
            yield from self.ready
            self.ready.clear()
        self.parser.Parse(b"", True)
        yield from self.ready

    def use(self, handlers: Callable[[], Handlers]) -> None:
        """Go on with other handlers."""
        parser = self.parser
        parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = handlers()

    def begin_row(self, attributes: dict[str, str]) -> None:
        said = attributes.get("r", "")
        self.number = int(said) if said.isdecimal() and len(said) < 8 else 0
        if self.number:
            self._take_number()
        else:
            self.next_row += 1
        hidden = attributes.get("hidden") in _TRUE
        height = attributes.get("ht")
        self.is_hidden = hidden or (height is not None and height.strip("0.") == "" and height != "")

    def number_by_cell(self, digits: str) -> None:
        """A row without a number of its own has that of its first cell, else it follows the row before."""
        if digits.isdecimal() and len(digits) < 8:
            self.number = int(digits)
            self.next_row -= 1
            self._take_number()
        else:
            self.number = self.next_row

    def _take_number(self) -> None:
        if not self.next_row < self.number <= _LAST_ROW:
            raise errors.damaged()
        self.next_row = self.number

    def end_row(self, *, struck: bool) -> None:
        """A row with something in it is over."""
        facts = self.facts
        if not self.number:
            self.number = self.next_row
        facts.rows += 1
        facts.last_row = self.number
        if facts.rows > self.cells.limits.rows:
            raise errors.too_many_rows(self.cells.limits.rows)
        if self.is_hidden:
            facts.hidden_rows.append(self.number)
        if struck:
            facts.struck_rows.append(self.number)

    def place(self, reference: str, before: int) -> int:
        """The column of a cell; one without a reference follows the cell before it."""
        if not reference:
            return before + 1
        letters = reference.rstrip(_DIGITS)
        column = self.columns.get(letters)
        if column is None:
            column = self.columns[letters] = column_of(letters)
        if not self.number:
            self.number_by_cell(reference[len(letters) :])
        return column

    def about_sheet(self, name: str, attributes: dict[str, str]) -> None:
        """Elements beside the cells."""
        if name == self.names["col"]:
            if attributes.get("hidden") in _TRUE or attributes.get("width", "1").strip("0.") == "":
                first, last = (attributes.get(side, "") for side in ("min", "max"))
                if first.isdecimal() and last.isdecimal() and len(first + last) < 12:
                    most = self.cells.limits.columns
                    self.facts.hidden_columns.extend(range(int(first) - 1, min(int(last), most)))
                    del self.facts.hidden_columns[most:]
        elif name == self.names["autoFilter"]:
            self.facts.filtered = True

    def light(self) -> Handlers:
        """Handlers that only count."""
        row, c, v, inline, text = (self.names[key] for key in ("row", "c", "v", "is", "t"))
        struck_styles, struck_strings = self.cells.styles.struck, self.cells.struck_strings
        column, filled, struck, style = -1, 0, 0, ""
        is_value, is_string = False, False
        most = self.cells.limits.columns
        facts = self.facts

        def start(name: str, attributes: dict[str, str]) -> None:
            nonlocal column, filled, struck, style, is_value, is_string
            if name == c:
                column = self.place(attributes.get("r", ""), column)
                style = attributes.get("s", "")
                is_string = attributes.get("t") == "s"
            elif name in (v, inline):
                filled += 1
                is_value = True
                if column >= facts.width:
                    if column >= most:
                        raise errors.too_wide()
                    facts.width = column + 1
                struck += style in struck_styles
            elif name == row:
                self.begin_row(attributes)
                column, filled, struck = -1, 0, 0
            elif name != text:
                self.about_sheet(name, attributes)

        def end(name: str) -> None:
            nonlocal is_value
            is_value = False
            if name == row and filled:
                self.end_row(struck=struck * 2 >= filled > 0 and struck > 0)

        def data(found: str) -> None:
            nonlocal struck
            if is_value and is_string and found.isdecimal() and int(found) in struck_strings:
                struck += 1

        return start, end, data if struck_strings else None

    def full(self) -> Handlers:
        """Handlers that read every cell."""
        names = self.names
        row_name, c, v, t, f, phonetic = (names[key] for key in ("row", "c", "v", "t", "f", "rPh"))
        strings, struck_styles, struck_strings = (
            self.cells.strings,
            self.cells.styles.struck,
            self.cells.struck_strings,
        )
        looks_for_struck = bool(struck_styles or struck_strings)
        texts: list[str] = []
        row: list[str] = []
        column, filled, struck = -1, 0, 0
        kind, style, collecting, is_formula, is_given, skips = "n", "", False, False, False, False
        facts, most = self.facts, self.cells.limits.columns

        def start(name: str, attributes: dict[str, str]) -> None:
            nonlocal column, kind, style, is_formula, is_given, collecting, row, filled, struck, skips
            if name == c:
                column = self.place(attributes.get("r", ""), column)
                kind, style = attributes.get("t", "n"), attributes.get("s", "")
                is_formula = is_given = False
                texts.clear()
            elif name == v or (name == t and not skips):
                collecting = True
            elif name == row_name:
                self.begin_row(attributes)
                column, filled, struck, row = -1, 0, 0, []
            elif name == f:
                is_formula = True
            elif name == phonetic:
                skips = True
            else:
                self.about_sheet(name, attributes)

        def data(found: str) -> None:
            if collecting:
                texts.append(found)

        def end(name: str) -> None:
            nonlocal collecting, is_given, filled, struck, skips
            if name in (v, t):
                collecting = False
                is_given = True
            elif name == c:
                if not is_given and not is_formula:
                    return
                found = texts[0] if len(texts) == 1 else "".join(texts)
                if kind == "s":
                    try:
                        text = strings[int(found)]
                    except (ValueError, IndexError):
                        raise errors.damaged() from None
                else:
                    text = self.value(found, kind, style, column, is_formula=is_formula)
                if not text:
                    return
                if column >= len(row):
                    if column >= most:
                        raise errors.too_wide()
                    row.extend([""] * (column - len(row)))
                    row.append(text)
                else:
                    row[column] = text
                if not text.isspace():
                    filled += 1
                    if looks_for_struck:
                        struck += style in struck_styles or (kind == "s" and int(found) in struck_strings)
            elif name == row_name:
                if filled:
                    self.end_row(struck=struck * 2 >= filled and struck > 0)
                    if len(row) > facts.width:
                        facts.width = len(row)
                    self.ready.append((self.number, row))
            elif name == phonetic:
                skips = False

        return start, end, data

    def value(self, found: str, kind: str, style: str, column: int, *, is_formula: bool) -> str:
        """The text of a cell that is no shared string."""
        if kind == "e":
            self._mark(column, MarkKind.ERROR_VALUE, found or "#")
            return ""
        if not found:
            if is_formula and kind != "str":
                self._mark(column, MarkKind.NO_CACHED_VALUE)
            return ""
        if kind in ("str", "inlineStr"):
            return unescaped(found)
        if kind == "b":
            return "TRUE" if found.strip() in _TRUE else "FALSE"
        if kind == "d":
            return _iso(found)
        return self._figure(found, style, column)

    def _figure(self, found: str, style: str, column: int) -> str:
        form = self.cells.styles.format_of(style) if style else None
        if (form is None or form.kind == "general") and found.isdecimal() and len(found) <= 15:
            return found if found[0] != "0" or len(found) == 1 else str(int(found))
        key = (found, style)
        text = self.figures.get(key)
        if text is None:
            try:
                figure = float(found)
            except ValueError:
                return clean(found)
            text = shown(figure, form, from_1904=self.cells.from_1904) if form else _general(figure)
            if len(self.figures) < _MOST_REMEMBERED:
                self.figures[key] = text
        if form is not None and form.kind == "date":
            wanted = self.cells.wanted
            if column in wanted.columns and column not in wanted.dates:
                self._mark(column, MarkKind.BECAME_DATE, text)
        elif len(text) <= 7 and may_be_october(text):
            self._mark(column, MarkKind.MONTH_AS_FIGURE, text)
        return text

    def _mark(self, column: int, kind: MarkKind, text: str = "") -> None:
        self.facts.mark(self.number or self.next_row, column, kind, text, self.cells.limits.marks)


def may_be_october(text: str) -> bool:
    """Whether a figure may be a year and a month of which a spreadsheet ate the zero: 2022.1 for 2022.10."""
    year, point, month = text.partition(".")
    return bool(point) and month in ("1", "10") and len(year) == 4 and year[:2] in ("19", "20") and year.isdecimal()


def _general(figure: float) -> str:
    if abs(figure) >= LARGEST_EXACT:
        return f"{figure:.14E}"
    return str(int(figure)) if figure == int(figure) else repr(figure)


def _iso(found: str) -> str:
    day, _, moment = found.strip().partition("T")
    plain = day.replace("-", "") if len(day) == 10 else day
    moment = moment[:8]
    return clean(plain if not moment.strip("0:") else f"{plain} {moment}")
