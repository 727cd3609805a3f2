"""csv and its relatives: UTF-8, UTF-16, GB 18030; comma, tab, semicolon, bar; wrong encodings recognised."""

from __future__ import annotations

import csv
import io

from gradphoto.engine.roster import file_errors
from gradphoto.engine.roster.findings import Progress
from gradphoto.engine.roster.grid import Grid, Limits, evened
from gradphoto.engine.roster.layout import SEARCHED_ROWS, field_of, find_header
from gradphoto.engine.standards.characters import readings

UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_UTF_8_MARK = b"\xef\xbb\xbf"
_SEPARATORS = (",", "\t", ";", "|", "，")
_HEAD_CHARACTERS = 8_000
_PROGRESS_ROWS = 10_000
_FEWEST_WORDS = 2


def read_text(data: bytes, limits: Limits, progress: Progress | None = None, only_rows: int | None = None) -> Grid:
    """The rows of a text file. The separator is the one under which the heading is best known."""
    text = _decoded(data)
    head = text[:_HEAD_CHARACTERS]
    separator = max(_SEPARATORS, key=lambda mark: _score(head, mark))
    if not _score(head, separator):
        _refuse_garbled(head)
    rows: list[list[str]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        for row in reader:
            rows.append([_unwrapped(cell) if cell[:1] == "=" else cell for cell in row])
            if len(rows) > limits.rows:
                raise file_errors.too_many_rows(limits.rows)
            if len(rows) % _PROGRESS_ROWS == 0 and progress is not None:
                progress(len(rows))
            if len(rows) == only_rows:
                break
    except csv.Error as error:
        raise file_errors.unclosed_quote(len(rows) + 1) from error
    if rows and any("\n" in cell and len(cell) > _HEAD_CHARACTERS for cell in rows[-1]):
        raise file_errors.unclosed_quote(len(rows))
    return Grid(evened(rows))


def _decoded(data: bytes) -> str:
    if data.startswith(UTF_16):
        return _decode(data, "utf-16")
    if data.startswith(_UTF_8_MARK):
        return _decode(data, "utf-8-sig")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return _decode(data, "gb18030")


def _decode(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise file_errors.unknown_encoding(data.count(b"\n", 0, error.start) + 1) from error


def _score(head: str, separator: str) -> int:
    lines = head.splitlines()[: SEARCHED_ROWS + 1]
    try:
        header = find_header(list(csv.reader(lines, delimiter=separator)))
    except csv.Error:
        return 0
    return len(header.columns) if header else 0


def _refuse_garbled(head: str) -> None:
    """Refuse a text whose heading becomes known when it is read in the encoding that it once had."""
    for line in head.splitlines()[:SEARCHED_ROWS]:
        # Reading in a wrong encoding loses single bytes, so each cell is tried by itself.
        cells = line.replace("\t", ",").replace(";", ",").split(",")
        words = [word for cell in cells for word in readings(cell.strip('" ')) if field_of(word)]
        if len(words) >= _FEWEST_WORDS:
            raise file_errors.garbled("、".join(words[:3]))


def _unwrapped(cell: str) -> str:
    """``="0123"`` is how exports keep a spreadsheet from making a figure of a number."""
    return cell[2:-1] if cell.startswith('="') and cell.endswith('"') else cell
