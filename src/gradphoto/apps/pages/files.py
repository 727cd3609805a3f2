"""A list's rows as xlsx or csv, line by line: memory does not grow with the list. No other app opens a workbook."""

from __future__ import annotations

import csv
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from django.utils import timezone

from gradphoto.apps.pages.columns import Cell, shown_cell
from gradphoto.apps.pages.models import FileFormat
from gradphoto.engine.workbooks import open_workbook

MEDIA_TYPES = {
    FileFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    FileFormat.CSV: "text/csv; charset=utf-8",
    FileFormat.ZIP: "application/zip",
}
_NOT_IN_A_SHEETS_NAME = re.compile(r"[\[\]:*?/\\]")
_RUN_BY_SPREADSHEETS = ("=", "+", "-", "@", "\t", "\r")
_PLAIN_NUMBER = re.compile(r"-?\d+(\.\d+)?")


def write_file(
    path: Path, made_as: FileFormat, title: str, heads: Sequence[tuple[str, int]], lines: Iterable[Sequence[Cell]]
) -> int:
    """Write ``path`` and return the number of lines. ``heads``: each column's heading and width in characters."""
    return (write_csv if made_as == FileFormat.CSV else write_xlsx)(path, title, heads, lines)


def write_xlsx(path: Path, title: str, heads: Sequence[tuple[str, int]], lines: Iterable[Sequence[Cell]]) -> int:
    """A workbook of one sheet: heading, frozen first line, filter arrows; numbers and days are such, all else is text."""
    count = 0
    with open_workbook(path, row_by_row=True) as book:
        sheet = book.add_worksheet(_NOT_IN_A_SHEETS_NAME.sub(" ", title)[:31])
        bold = book.add_format({"bold": True, "bg_color": "#E8F1F9", "border": 1})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        money = book.add_format({"num_format": "#,##0.00"})
        for column, (heading, width) in enumerate(heads):
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, heading, bold)
        for count, line in enumerate(lines, start=1):
            for column, value in enumerate(line):
                if value is None or value == "":
                    continue
                if isinstance(value, datetime):
                    sheet.write_datetime(count, column, timezone.localtime(value).replace(tzinfo=None), moment)
                elif isinstance(value, date):
                    sheet.write_datetime(count, column, datetime(value.year, value.month, value.day), day)  # noqa: DTZ001
                elif isinstance(value, Decimal):
                    sheet.write_number(count, column, value, money)
                elif isinstance(value, int | float) and not isinstance(value, bool):
                    sheet.write_number(count, column, value)
                else:
                    sheet.write_string(count, column, str(value))
        sheet.freeze_panes(1, 1)
        sheet.autofilter(0, 0, max(count, 1), max(len(heads) - 1, 0))
    return count


def write_csv(path: Path, title: str, heads: Sequence[tuple[str, int]], lines: Iterable[Sequence[Cell]]) -> int:
    """The same as text for any program: UTF-8 with its mark, as spreadsheets ask for it; no cell is run as a formula."""
    count = 0
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([heading for heading, _ in heads])
        for line in lines:
            count += 1
            writer.writerow([_tame(shown_cell(value)) for value in line])
    return count


def _tame(text: str) -> str:
    return f"'{text}" if text.startswith(_RUN_BY_SPREADSHEETS) and not _PLAIN_NUMBER.fullmatch(text) else text


def reporting(
    lines: Iterable[Sequence[Cell]], advance: Callable[[int], None], every: int = 500
) -> Iterator[Sequence[Cell]]:
    """The lines as they come, with a report now and then; a cancelled job stops at its next report."""
    for done, line in enumerate(lines, start=1):
        yield line
        if done % every == 0:
            advance(done)


def temporary_folder() -> tempfile.TemporaryDirectory[str]:
    """A folder that is gone with its block, whatever happens in it."""
    return tempfile.TemporaryDirectory(prefix="gradphoto-export-")
