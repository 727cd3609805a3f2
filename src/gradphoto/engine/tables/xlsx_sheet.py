"""One work sheet, cell by cell as the parser comes to it: nothing is laid out, so a far cell costs nothing.

Prefixes are learnt from the root element, so that every writer's namespace does; attributes come in any order.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from typing import IO
from xml.parsers import expat

from gradphoto.engine.tables import errors
from gradphoto.engine.tables.model import (
    HEAD_ROWS,
    MarkKind,
    Row,
    SheetFacts,
)
from gradphoto.engine.tables.xlsx_merges import Merges, column_of
from gradphoto.engine.tables.xlsx_package import new_parser, whole_tags
from gradphoto.engine.tables.xlsx_plain import beginning, plain_rows
from gradphoto.engine.tables.xlsx_values import Cells, CellValues

_BLOCK = 1 << 18
_LONGEST_TEXT = 1 << 18
_DIGITS = "0123456789"
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LAST_ROW, _LAST_COLUMN = 1_048_576, 16_384
_MOST_REMEMBERED = 20_000
_TRUE = ("1", "true")
_TEXTS = ("s", "str", "inlineStr")
_NAMES = ("row", "c", "v", "is", "t", "f", "rPh", "col", "mergeCell", "autoFilter", "sheetData", "r", "strike")


def read_rows(
    stream: IO[bytes], facts: SheetFacts, cells: Cells, merges: Merges, *, may_be_plain: bool = False
) -> Iterator[Row]:
    """The rows with anything in them; ``facts`` are filled in on the way. ``may_be_plain``: nothing in the sheet is a
    comment or the like, so that rows can be told without a parser."""
    reading = SheetReading(facts, cells)
    down: dict[int, tuple[int, str]] = {}
    for number, row in reading.rows(stream, may_be_plain=may_be_plain):
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


def read_head(stream: IO[bytes], facts: SheetFacts, cells: Cells) -> None:
    """The head alone, and what stands before the rows; the counts of ``facts`` stay at nothing."""
    reading = SheetReading(facts, cells)
    for number, row in reading.parse(iter(lambda: stream.read(_BLOCK), b""), reading.full):
        facts.head.append((number, tuple(row)))
        if len(facts.head) == HEAD_ROWS:
            break
    facts.rows = facts.last_row = 0
    facts.hidden_rows, facts.struck_rows = [], []


def read_outline(stream: IO[bytes], facts: SheetFacts, cells: Cells) -> None:
    """Everything but the cells: ``facts`` with the head. Texts of shared strings are put in by the caller."""
    reading = SheetReading(facts, cells)
    for number, row in reading.parse(iter(lambda: stream.read(_BLOCK), b""), reading.full):
        if len(facts.head) < HEAD_ROWS:
            facts.head.append((number, tuple(row)))
            if len(facts.head) == HEAD_ROWS:
                reading.use(reading.light)


Handlers = tuple[Callable[[str, dict[str, str]], None], Callable[[str], None] | None, Callable[[str], None] | None]


class SheetReading(CellValues):
    """A parse under way: the row and the cell in the making, and the rows that are ready."""

    def __init__(self, facts: SheetFacts, cells: Cells) -> None:
        super().__init__(facts, cells)
        self.names: dict[str, str] = {}
        self.is_hidden = False
        self.ready: list[Row] = []
        self.columns: dict[str, int] = {}
        self.parser: expat.XMLParserType = new_parser()
        self.parser.buffer_text = True
        self.parser.buffer_size = _LONGEST_TEXT
        self.over: Callable[[], None] = lambda: None

    def rows(self, stream: IO[bytes], *, may_be_plain: bool) -> Iterator[Row]:
        """All rows, by patterns as far as they are plain."""
        styles = self.cells.styles
        head = stream.read(_BLOCK)
        start = beginning(head)
        blocks = itertools.chain((head,), iter(lambda: stream.read(_BLOCK), b""))
        if (
            start
            and may_be_plain
            and not (styles.struck or styles.texts or self.cells.struck_strings or self.cells.partly_struck_strings)
        ):
            self.begin(self.full)
            return plain_rows(blocks, start, self)
        return self.parse(blocks, self.full)

    def parse(self, blocks: Iterable[bytes], handlers: Callable[[], Handlers]) -> Iterator[Row]:
        """Feed the parser and hand on the rows that came out of each piece."""
        self.begin(handlers)
        for block in whole_tags(blocks):
            self.parser.Parse(block)
            yield from self.ready
            self.ready.clear()
        self.parser.Parse(b"", True)
        self.over()
        yield from self.ready

    def begin(self, handlers: Callable[[], Handlers]) -> None:
        """Listen for the root, which tells the names of the other elements."""

        def root(name: str, attributes: dict[str, str]) -> None:
            prefix = name[: name.rfind(":") + 1]
            self.names = {bare: prefix + bare for bare in _NAMES}
            self.use(handlers)

        self.parser.StartElementHandler = root

    def use(self, handlers: Callable[[], Handlers]) -> None:
        """Go on with other handlers."""
        parser = self.parser
        parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = handlers()

    def begin_row(self, attributes: dict[str, str]) -> None:
        said = attributes.get("r", "")
        if said and not (said.isdecimal() and len(said) < 8):
            raise errors.damaged()
        self.number = int(said) if said else 0
        if self.number:
            self._take_number()
        else:
            self.next_row += 1
        hidden = attributes.get("hidden") in _TRUE
        height = attributes.get("ht")
        self.is_hidden = hidden or (height is not None and height.strip("0.") == "" and height != "")

    def begin_plain_row(self, number: int) -> None:
        """A row that says its number and is not hidden."""
        self.number = number
        self.is_hidden = False
        self._take_number()

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
        """Handlers that only count: what begins is heard, what ends is not."""
        row, c, v, inline = (self.names[key] for key in ("row", "c", "v", "is"))
        struck_styles, struck_strings = self.cells.styles.struck, self.cells.struck_strings
        filled, struck, style, is_string = 0, 0, "", False
        looks_for_struck = bool(struck_styles or struck_strings)
        run, strike = self.names["r"], self.names["strike"]
        runs = struck_runs = 0

        def start(name: str, attributes: dict[str, str]) -> None:
            nonlocal filled, struck, style, is_string, runs, struck_runs
            if name == v:
                filled += 1
            elif name == c:
                struck += 0 < runs <= struck_runs
                runs = struck_runs = 0
                if looks_for_struck:
                    style, is_string = attributes.get("s", ""), attributes.get("t") == "s"
                if not self.number:
                    self.number_by_cell(attributes.get("r", "").lstrip(_LETTERS))
            elif name == row:
                self.over()
                self.begin_row(attributes)
            elif name == inline:
                filled += 1
            elif name == run:
                runs += 1
            elif name == strike:
                struck_runs += is_on(attributes)
            else:
                self.about_sheet(name, attributes)

        before: Callable[[], None] | None = self.over

        def over() -> None:
            """The row before is over; the first may have been begun by other handlers."""
            nonlocal filled, struck, before, runs, struck_runs
            struck += 0 < runs <= struck_runs
            runs = struck_runs = 0
            if before is not None:
                rows, begun = self.facts.rows, before
                before = None
                begun()
                if self.facts.rows > rows:
                    filled = 0
            if filled:
                self.end_row(struck=struck * 2 >= filled and struck > 0)
            filled = struck = 0

        def end(name: str) -> None:
            nonlocal struck
            if name in (v, inline):
                struck += style in struck_styles

        def text(found: str) -> None:
            nonlocal struck
            if is_string and found.isdecimal() and int(found) in struck_strings:
                struck += 1

        self.over = over
        return start, end if looks_for_struck else None, text if struck_strings else None

    def full(self) -> Handlers:
        """Handlers that read every cell. A cell is over when the next begins; that a text ends is heard, because the
        parser would hand it over together with the white space behind it.

        Long on purpose: the parser calls these for every element of a sheet, and what they share are variables of this
        function, which cost less than attributes.
        """
        names = self.names
        row_name, c, v, t, f, phonetic = (names[key] for key in ("row", "c", "v", "t", "f", "rPh"))
        strings, struck_strings = self.cells.strings, self.cells.struck_strings
        struck_styles = self.cells.styles.struck
        run, strike, partly = names["r"], names["strike"], self.cells.partly_struck_strings
        looks_for_struck = bool(struck_styles or struck_strings or partly)
        texts: list[str] = []
        row: list[str] = []
        crossed: list[tuple[int, str, bool]] = []
        column, filled, runs, struck_runs, digits = -1, 0, 0, 0, 0
        kind, style, collecting, is_formula, has_value, is_cell, skips = "n", "", False, False, False, False, False
        facts, most, known = self.facts, self.cells.limits.columns, self.columns
        dressed = self.cells.styles.texts

        def start(name: str, attributes: dict[str, str]) -> None:
            nonlocal column, kind, style, is_formula, has_value, collecting, skips, is_cell, runs, struck_runs
            if name == v:
                collecting = has_value = True
            elif name == c:
                if is_cell:
                    cell_over()
                get = attributes.get
                reference = get("r", "")
                # Most cells name the row that they stand in: what is before it is a column seen before.
                place = known.get(reference[:digits]) if digits else None
                column = self.place(reference, column) if place is None else place
                kind, style = get("t", "n"), get("s", "")
                is_cell, is_formula, has_value, collecting, skips = True, False, False, False, False
            elif name == row_name:
                begin_row(attributes)
            elif name == t:
                collecting = not skips
            elif name == f:
                is_formula = True
            elif name == phonetic:
                skips = True
            elif name == run:
                runs += 1
            elif name == strike:
                struck_runs += is_on(attributes)
            else:
                self.about_sheet(name, attributes)

        def end(name: str) -> None:
            nonlocal collecting, skips
            if name in (v, t):
                collecting = False
            elif name == phonetic:
                skips = False

        def data(found: str) -> None:
            if collecting:
                texts.append(found)

        def cell_over() -> None:
            nonlocal is_cell, filled, runs, struck_runs
            is_cell = False
            crosses, is_whole, runs, struck_runs = struck_runs > 0, struck_runs >= runs, 0, 0
            if not texts and not is_formula:
                return
            found = texts[0] if len(texts) == 1 else "".join(texts)
            texts.clear()
            if kind == "s" and found:
                text = strings[int(found)] if not found.isspace() else ""
            else:
                text = self.value(found, kind, style, column, is_formula=is_formula, has_value=has_value)
            if not text:
                return
            if dressed and style in dressed and kind in _TEXTS:
                text = text.join(dressed[style])
            width = len(row)
            if column == width < most:
                row.append(text)
            elif column < width:
                row[column] = text
            else:
                if column >= most:
                    raise errors.too_wide(most)
                row.extend([""] * (column - width))
                row.append(text)
            if text[0] > " " or not text.isspace():
                filled += 1
                if looks_for_struck and not crosses:
                    is_whole = style in struck_styles or (kind == "s" and int(found) in struck_strings)
                    crosses = is_whole or (kind == "s" and int(found) in partly)
                if crosses:
                    crossed.append((column, text, is_whole))

        def begin_row(attributes: dict[str, str]) -> None:
            nonlocal column, filled, row, digits
            self.over()
            self.begin_row(attributes)
            column, filled, row = -1, 0, []
            digits = -len(attributes.get("r", ""))

        def over() -> None:
            nonlocal filled
            if is_cell:
                cell_over()
            if filled:
                struck = sum(is_whole for _, _, is_whole in crossed)
                is_struck = struck > 0 and struck * 2 >= filled
                self.end_row(struck=is_struck)
                for place, text, _ in () if is_struck else crossed:
                    self._mark(place, MarkKind.STRUCK, text)
                crossed.clear()
                facts.width = max(facts.width, len(row))
                self.ready.append((self.number, row))
            filled = 0

        self.over = over
        return start, end, data


def is_on(attributes: dict[str, str]) -> bool:
    """Whether an element that is a switch is on."""
    return attributes.get("val", "1").lower() not in ("0", "false")
