"""The one place that opens an xlsx to write: what is text stays text, whatever it looks like.

A cell that begins with ``=`` would run in the reader's spreadsheet, and a long number would be shortened. A list writes
its file by ``apps.pages``; a paper with a layout of its own opens its workbook here.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import xlsxwriter

_TEXT_STAYS_TEXT = {"strings_to_numbers": False, "strings_to_formulas": False, "strings_to_urls": False}


def open_workbook(to: io.BytesIO | Path, *, row_by_row: bool = False) -> xlsxwriter.Workbook:
    """A workbook written to a buffer or a path; close it, or use it as a context.

    ``row_by_row``: rows are written in order and leave the memory at once, beside ``to`` where it is a path; for lists
    of any length.
    """
    options: dict[str, Any] = dict(_TEXT_STAYS_TEXT)
    if not row_by_row:
        options["in_memory"] = True
    else:
        options["constant_memory"] = True
        if isinstance(to, Path):
            options["tmpdir"] = str(to.parent)
    return xlsxwriter.Workbook(str(to) if isinstance(to, Path) else to, options)
