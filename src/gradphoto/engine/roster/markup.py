"""The roster given back: the same rows, faulty cells coloured, reasons and remedies beside them."""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Sequence

import xlsxwriter

from gradphoto.engine.roster.lint import Finding, Severity
from gradphoto.engine.roster.read import Table

_COLOURS = {Severity.ERROR: "#F8CBCB", Severity.WARNING: "#FFE9A8"}


def write_marked_workbook(table: Table, findings: Sequence[Finding]) -> bytes:
    """An xlsx of two sheets: 问题清单 (one line a finding) and 名册 (the rows with marks and a last column 问题与处理)."""
    out = io.BytesIO()
    workbook = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_numbers": False, "strings_to_formulas": False})
    _write_list(workbook, findings)
    _write_rows(workbook, table, findings)
    workbook.close()
    return out.getvalue()


def _write_list(workbook: xlsxwriter.Workbook, findings: Sequence[Finding]) -> None:
    sheet = workbook.add_worksheet("问题清单")
    bold = workbook.add_format({"bold": True, "bg_color": "#E8F1F9", "border": 1})
    wrap = workbook.add_format({"text_wrap": True, "valign": "top"})
    titles = ("行", "列", "原值", "级别", "原因", "处理办法", "Reason", "Remedy", "代码")
    for column, (title, width) in enumerate(zip(titles, (6, 12, 22, 8, 34, 44, 34, 44, 32), strict=True)):
        sheet.write_string(0, column, title, bold)
        sheet.set_column(column, column, width)
    for line, finding in enumerate(findings, start=1):
        level = "错误" if finding.severity is Severity.ERROR else "提醒"
        sheet.write_number(line, 0, finding.row_number, wrap)
        texts = (
            finding.column_title, finding.value, level, finding.reason.zh, finding.remedy.zh, finding.reason.en,
            finding.remedy.en, finding.code,
        )  # fmt: skip
        for column, text in enumerate(texts, start=1):
            sheet.write_string(line, column, text, wrap)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(1, len(findings)), len(titles) - 1)


def _write_rows(workbook: xlsxwriter.Workbook, table: Table, findings: Sequence[Finding]) -> None:
    sheet = workbook.add_worksheet("名册")
    marks = {severity: workbook.add_format({"bg_color": colour, "border": 1}) for severity, colour in _COLOURS.items()}
    bold = workbook.add_format({"bold": True, "bg_color": "#E8F1F9", "border": 1})
    by_row: dict[int, list[Finding]] = defaultdict(list)
    for finding in findings:
        by_row[finding.row_number].append(finding)
    width = max(len(row) for row in table.cells)
    sheet.set_column(0, width - 1, 14)
    sheet.set_column(width, width, 70)
    for index, row in enumerate(table.cells):
        number = index + 1
        is_header = number == table.header.row_number
        for column, text in enumerate(row):
            sheet.write_string(index, column, text, bold if is_header else None)
        if is_header:
            sheet.write_string(index, width, "问题与处理", bold)
        for finding in by_row.get(number, ()):
            marked = table.header.columns.get(finding.field)
            if marked is not None:
                text = row[marked] if marked < len(row) else ""
                sheet.write_string(index, marked, text, marks[finding.severity])
                sheet.write_comment(index, marked, f"{finding.reason.zh}{finding.remedy.zh}")
        if number in by_row:
            told = "；".join(f"{f.column_title}：{f.reason.zh}{f.remedy.zh}" for f in by_row[number])
            sheet.write_string(index, width, told)
    sheet.freeze_panes(table.header.row_number, 0)
