"""The roster given back: the same rows, faulty cells coloured, reasons and remedies beside them."""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import xlsxwriter

from gradphoto.engine.roster.compare import Difference, Route
from gradphoto.engine.roster.findings import Finding, Progress, Severity
from gradphoto.engine.roster.fixes import AppliedFix
from gradphoto.engine.roster.table import Part, Table
from gradphoto.engine.workbooks import open_workbook

_COLOURS = {Severity.ERROR: "#F8CBCB", Severity.WARNING: "#FFE9A8"}
_LEVELS = {Severity.ERROR: "错误", Severity.WARNING: "提醒"}
_FIXED_COLOUR = "#CFEBD6"
_DIFFERENT_COLOUR = "#DCD3F2"
_MOST_COMMENTS = 5_000
"""Spreadsheet programs slow down with more; the last column of the row says it all the same."""
_MOST_LINES = 1_048_000
_PROGRESS_ROWS = 5_000
_ROUTES = {
    Route.ROSTER: "改名册",
    Route.ADMISSION: "录取信息更正（三份）",
    Route.STATUS: "学籍信息更正（两份）",
    Route.IDENTITY: "公民信息变更证明＋学籍信息更正（两份）",
    Route.ASK: "待查",
}


def write_marked_workbook(
    table: Table,
    findings: Sequence[Finding],
    fixes: Sequence[AppliedFix] = (),
    differences: Sequence[Difference] = (),
    progress: Progress | None = None,
) -> bytes:
    """An xlsx: 问题清单 (one line a finding), 名册 (the rows with marks, comments and a last column 问题与处理).

    With ``fixes`` a sheet 已修正 lists them and their cells are green; with ``differences`` a sheet 录取数据对比 lists
    them and their cells are violet. ID numbers stand whole only in the roster itself, as they came.
    """
    out = io.BytesIO()
    workbook = open_workbook(out)
    _write_findings(workbook, table, findings)
    if fixes:
        _write_fixes(workbook, table, fixes)
    if differences:
        _write_differences(workbook, table, differences)
    marks = _Marks(workbook)
    done = 0
    for part in table.parts:
        rows = _Rows(workbook, marks, table, part, findings, fixes, differences)
        done = rows.write(progress, done)
    workbook.close()
    return out.getvalue()


def _write_list(
    workbook: xlsxwriter.Workbook, name: str, columns: Sequence[tuple[str, int]], lines: Sequence[Sequence[object]]
) -> None:
    sheet = workbook.add_worksheet(name)
    bold = workbook.add_format({"bold": True, "bg_color": "#E8F1F9", "border": 1})
    wrap = workbook.add_format({"text_wrap": True, "valign": "top"})
    for column, (title, width) in enumerate(columns):
        sheet.write_string(0, column, title, bold)
        sheet.set_column(column, column, width)
    for line, values in enumerate(lines[:_MOST_LINES], start=1):
        for column, value in enumerate(values):
            if isinstance(value, int):
                sheet.write_number(line, column, value, wrap)
            elif value is not None:
                sheet.write_string(line, column, str(value), wrap)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(1, len(lines)), len(columns) - 1)


def _row(table: Table, number: int | None) -> int | str | None:
    """The row as the spreadsheet shows it, with its sheet where there are several."""
    if number is None:
        return None
    place = table.place(number)
    return f"{place.sheet} {place.row}" if place.sheet else place.row


def _write_findings(workbook: xlsxwriter.Workbook, table: Table, findings: Sequence[Finding]) -> None:
    columns = (
        ("行", 6), ("列", 12), ("原值", 22), ("级别", 8), ("原因", 34), ("处理办法", 44), ("Reason", 34), ("Remedy", 44),
        ("代码", 32), ("可改为", 22),
    )  # fmt: skip
    lines = [
        (
            _row(table, f.row_number), f.column_title, f.value, _LEVELS[f.severity], f.reason.zh, f.remedy.zh, f.reason.en,
            f.remedy.en, f.code, f.fix.shown if f.fix else "",
        )
        for f in findings
    ]  # fmt: skip
    _write_list(workbook, "问题清单", columns, lines)


def _write_fixes(workbook: xlsxwriter.Workbook, table: Table, fixes: Sequence[AppliedFix]) -> None:
    columns = (("行", 6), ("列", 12), ("原值", 24), ("改为", 24), ("依据", 50))
    lines = [
        (_row(table, f.row_number), f.column_title, f.shown_before, f.shown_after, "、".join(f.codes)) for f in fixes
    ]
    _write_list(workbook, "已修正", columns, lines)


def _write_differences(workbook: xlsxwriter.Workbook, table: Table, differences: Sequence[Difference]) -> None:
    columns = (
        ("名册行", 8), ("录取数据行", 10), ("列", 12), ("名册", 22), ("录取数据", 22), ("原因", 44), ("走哪种更正", 30),
        ("处理办法", 60), ("Reason", 44), ("Remedy", 60),
    )  # fmt: skip
    lines = [
        (
            _row(table, d.row_number), d.reference_row, d.column_title, d.ours, d.theirs, d.reason.zh, _ROUTES[d.route], d.remedy.zh,
            d.reason.en, d.remedy.en,
        )
        for d in differences
    ]  # fmt: skip
    _write_list(workbook, "录取数据对比", columns, lines)


class _Marks:
    """The formats of marked cells."""

    def __init__(self, workbook: xlsxwriter.Workbook) -> None:
        self.bold = workbook.add_format({"bold": True, "bg_color": "#E8F1F9", "border": 1})
        self.wrap = workbook.add_format({"text_wrap": False, "valign": "top"})
        colours: dict[str, str] = {str(severity): colour for severity, colour in _COLOURS.items()}
        colours |= {"fixed": _FIXED_COLOUR, "different": _DIFFERENT_COLOUR}
        self.of = {key: workbook.add_format({"bg_color": colour, "border": 1}) for key, colour in colours.items()}
        self.titles: set[str] = {"问题清单", "已修正", "录取数据对比"}

    def title_for(self, sheet: str, *, alone: bool) -> str:
        """The title of a sheet of rows: 名册, or that of the class where there are several; never one twice."""
        bare = "".join(" " if letter in "[]:*?/\\" else letter for letter in sheet).strip("' ")[:28]
        wanted = "名册" if alone or not bare else bare
        title, n = wanted, 1
        while title.lower() in {one.lower() for one in self.titles}:
            n += 1
            title = f"{wanted}{n}"
        self.titles.add(title)
        return title


class _Rows:
    """A sheet of rows in the making."""

    def __init__(
        self,
        workbook: xlsxwriter.Workbook,
        marks: _Marks,
        table: Table,
        part: Part,
        findings: Sequence[Finding],
        fixes: Sequence[AppliedFix],
        differences: Sequence[Difference],
    ) -> None:
        self.part = part
        self.sheet = workbook.add_worksheet(marks.title_for(part.sheet, alone=len(table.parts) == 1))
        self.bold, self.wrap = marks.bold, marks.wrap
        self.marked: dict[int, dict[int, Any]] = defaultdict(dict)
        self.said: dict[int, list[tuple[int | None, str]]] = defaultdict(list)
        columns = part.header.columns
        first, last = part.offset, part.offset + part.cells.last_row
        for fix in fixes:
            if first < fix.row_number <= last:
                self._mark(fix.row_number, columns.get(fix.field), marks.of["fixed"], f"已由“{fix.shown_before}”修正。")
        for difference in differences:
            if difference.row_number is not None and first < difference.row_number <= last:
                told = f"{difference.remark}{difference.remedy.zh}"
                self._mark(difference.row_number, columns.get(difference.field), marks.of["different"], told)
        # Errors are marked last: their colour wins over any other of the same cell.
        own = [finding for finding in findings if first < finding.row_number <= last]
        for finding in sorted(own, key=lambda f: f.severity is Severity.ERROR):
            told = f"{finding.reason.zh}{finding.remedy.zh}"
            self._mark(finding.row_number, columns.get(finding.field), marks.of[str(finding.severity)], told)

    def _mark(self, row_number: int, column: int | None, mark: Any, told: str) -> None:
        if column is not None:
            self.marked[row_number][column] = mark
        self.said[row_number].append((column, told))

    def write(self, progress: Progress | None, done: int) -> int:
        """Write all rows, then freeze and filter what stands below the heading; returns how many are done."""
        part, sheet = self.part, self.sheet
        width = part.cells.width
        heading = part.header.row_number
        sheet.set_column(0, max(0, width - 1), 14)
        sheet.set_column(width, width, 70)
        comments = 0
        for block in part.cells.blocks():
            for own, row in block.items():
                number = own + part.offset
                marked = self.marked.get(number, {})
                plain = self.bold if number == heading else None
                for column, text in enumerate(row):
                    if text or column in marked:
                        sheet.write_string(own - 1, column, text, marked.get(column, plain))
                if number in self.said:
                    sheet.write_string(own - 1, width, self._told(number), self.wrap)
                    comments += self._comment(number, _MOST_COMMENTS - comments)
                elif number == heading:
                    sheet.write_string(own - 1, width, "问题与处理", self.bold)
                done += 1
                if progress is not None and done % _PROGRESS_ROWS == 0:
                    progress(done)
        sheet.freeze_panes(heading - part.offset, 0)
        last = max(heading - part.offset, part.cells.last_row - 1)
        sheet.autofilter(heading - part.offset - 1, 0, last, width)
        return done

    def _told(self, number: int) -> str:
        titles = self.part.header.titles
        parts = [
            f"{titles[column]}：{told}" if column is not None and column < len(titles) else told
            for column, told in self.said[number]
        ]
        return "；".join(parts)

    def _comment(self, number: int, left: int) -> int:
        by_column: dict[int, list[str]] = defaultdict(list)
        for column, told in self.said[number]:
            if column is not None:
                by_column[column].append(told)
        for column, texts in list(by_column.items())[: max(0, left)]:
            self.sheet.write_comment(number - self.part.offset - 1, column, "\n".join(texts), {"x_scale": 2})
        return len(by_column)
