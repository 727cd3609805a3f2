"""csv and its relatives: UTF-8, UTF-16, GB 18030; comma, tab, semicolon, bar; wrong encodings recognised."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from gradphoto.engine.standards.characters import readings
from gradphoto.engine.tables import errors
from gradphoto.engine.tables.headings import plain_heading, plain_without_notes
from gradphoto.engine.tables.model import HEAD_ROWS, Limits, MarkKind, Row, SheetFacts, Wanted, clean, may_be_october

UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_UTF_8_MARK = b"\xef\xbb\xbf"
_SEPARATORS = (",", "\t", ";", "|", "，")
_HEAD_CHARACTERS = 8_000
_SEARCHED_ROWS = 15
_LONGEST_CELL = 131_072
_FEWEST_WORDS = 2
_FEWEST_WHOLE = 300
"""So many characters for each broken one."""


class Text:
    """A text file opened. The separator is the one under which the headings are best known."""

    def __init__(self, data: bytes, limits: Limits, wanted: Wanted) -> None:
        self._limits = limits
        self._text = _decoded(data.rstrip(b"\x00\x1a"))
        self._is_broken = "\ufffd" in self._text
        self._wanted = wanted
        head = self._text[:_HEAD_CHARACTERS]
        scores = {mark: _score(head, mark, wanted) for mark in _SEPARATORS}
        self._separator = max(_SEPARATORS, key=lambda mark: scores[mark])
        if not scores[self._separator]:
            if wanted.headings:
                _refuse_garbled(head, wanted)
            # No heading is known: the separator that is seen most often, as long as there is one.
            self._separator = max(_SEPARATORS, key=head.count)
        self.sheets: Sequence[SheetFacts] = [SheetFacts()]

    def look_for(self, wanted: Wanted) -> None:
        """What counts in the lines."""
        self._wanted = wanted

    def outline(self, sheet: int) -> SheetFacts:
        """The head and the count."""
        facts = self.sheets[0]
        for number, row in self.rows(0, facts):
            if len(facts.head) < HEAD_ROWS:
                facts.head.append((number, tuple(row)))
        facts.marks.clear()
        return facts

    def rows(self, sheet: int, facts: SheetFacts) -> Iterator[Row]:
        """The lines by number, a quoted line break inside of a cell counted as a spreadsheet program does: not."""
        csv.field_size_limit(_LONGEST_CELL)
        number = 0
        longest = 0
        reader = csv.reader(io.StringIO(self._text, newline=""), delimiter=self._separator)
        line = 0
        try:
            for row in reader:
                number, line = number + 1, reader.line_num
                if not any(row):
                    continue
                if len(row) > self._limits.columns:
                    row = self._without_blank_end(row)
                cells = [clean(_unwrapped(cell) if cell[:1] == "=" else cell) for cell in row]
                if not any(cell.strip() for cell in cells):
                    continue
                for column, cell in enumerate(cells):
                    is_month = len(cell) == 6 and may_be_october(cell)
                    if (is_month or (self._is_broken and "\ufffd" in cell)) and self._wanted.counts(column):
                        kind = MarkKind.MONTH_AS_FIGURE if is_month else MarkKind.BROKEN
                        facts.mark(number, column, kind, cell, self._limits.marks)
                facts.rows += 1
                if facts.rows > self._limits.rows:
                    raise errors.too_many_rows(self._limits.rows)
                facts.last_row = number
                facts.width = max(facts.width, len(cells))
                longest = max(map(len, cells)) if any("\n" in cell for cell in cells) else 0
                yield number, cells
        except csv.Error as error:
            # A quotation mark that is never closed swallows line after line.
            if "field larger" in str(error) and reader.line_num <= line + 1:
                raise errors.cell_too_long(number + 1) from error
            raise errors.unclosed_quote(number + 1) from error
        if longest > _HEAD_CHARACTERS:
            raise errors.unclosed_quote(number)

    def _without_blank_end(self, row: list[str]) -> list[str]:
        while row and not row[-1].strip():
            row.pop()
        if len(row) > self._limits.columns:
            raise errors.too_wide(self._limits.columns)
        return row


def is_utf_16(data: bytes) -> bool:
    """Whether a text is UTF-16 without a mark: every other byte of its digits, commas and line ends is nought."""
    return _utf_16_without_mark(data.rstrip(b"\x00")) is not None


def _utf_16_without_mark(data: bytes) -> str | None:
    head = data[:_HEAD_CHARACTERS]
    even, odd = head[0::2].count(0), head[1::2].count(0)
    fewest = len(head) // 20
    if odd > fewest and even == 0 and b"\n\x00" in head:
        return "utf-16-le"
    return "utf-16-be" if even > fewest and odd == 0 and b"\x00\n" in head else None


def _decoded(data: bytes) -> str:
    if data.startswith(UTF_16):
        return _decode(data + b"\x00" * (len(data) % 2), "utf-16")
    if data.startswith(_UTF_8_MARK):
        return _decode(data, "utf-8-sig")
    if (encoding := _utf_16_without_mark(data)) is not None:
        return _decode(data + b"\x00" * (len(data) % 2), encoding)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return _decode(data, "gb18030")


def _decode(data: bytes, encoding: str) -> str:
    """The text. A few bytes that are no character are told where they stand; with more of them it is another encoding."""
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        tried = (encoding, "utf-8") if encoding == "gb18030" else (encoding,)
        best = min((data.decode(one, "replace") for one in tried), key=lambda text: text.count("\ufffd"))
        if best.count("\ufffd") * _FEWEST_WHOLE <= len(best):
            return best
        raise errors.unknown_encoding(data.count(b"\n", 0, error.start) + 1) from error


def _score(head: str, separator: str, wanted: Wanted) -> int:
    """How many known headings the best of the first lines has under a separator; without any, how even the lines are."""
    lines = head.splitlines()[: _SEARCHED_ROWS + 1]
    try:
        rows = list(csv.reader(lines, delimiter=separator))
    except csv.Error:
        return 0
    return max((len({cell for cell in row if _is_known(cell, wanted)}) for row in rows), default=0)


def _is_known(cell: str, wanted: Wanted) -> bool:
    plain = plain_heading(cell)
    return plain in wanted.headings or plain_without_notes(plain) in wanted.headings


def _refuse_garbled(head: str, wanted: Wanted) -> None:
    """Refuse a text whose heading becomes known when it is read in the encoding that it once had."""
    for line in head.splitlines()[:_SEARCHED_ROWS]:
        # Reading in a wrong encoding loses single bytes, so each cell is tried by itself.
        cells = line.replace("\t", ",").replace(";", ",").split(",")[:200]
        words = [word for cell in cells for word in readings(cell.strip('" ')[:40]) if _is_known(word, wanted)]
        if len(words) >= _FEWEST_WORDS:
            raise errors.garbled("、".join(words[:3]))


def _unwrapped(cell: str) -> str:
    """``="0123"`` is how exports keep a spreadsheet from making a figure of a number."""
    return cell[2:-1] if cell.startswith('="') and cell.endswith('"') else cell
