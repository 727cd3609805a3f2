"""The cards that were read, as a workbook: the data, and a list of what a person must look at, with its picture."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Sequence

import xlsxwriter

from gradphoto.engine.cards.data import CardField
from gradphoto.engine.cards.findings import CardFinding, Weight
from gradphoto.engine.cards.reading import CardReading
from gradphoto.engine.workbooks import open_workbook

_ITEMS = tuple(CardField)
_WIDTHS = {CardField.ID_NUMBER: 22, CardField.STUDENT_NO: 18, CardField.ADDRESS: 34, CardField.SCHOOL_NAME: 20}
_LIST = (("页", 6), ("卡号", 14), ("项目", 14), ("列", 6), ("级别", 10), ("看到的情况", 44), ("处理办法", 44),
         ("Seen", 44), ("Remedy", 44), ("代码", 26), ("图", 26))  # fmt: skip
_PICTURE_ROW_PT, _PICTURE_SCALE = 96, 0.32


def repeated_ids(readings: Sequence[CardReading]) -> dict[str, tuple[int, ...]]:
    """Card numbers that stand on more than one page, with the pages: a card scanned twice, or copied."""
    counts = Counter(r.card_id for r in readings if r.card_id)
    return {
        card: tuple(r.page for r in readings if r.card_id == card) for card, count in counts.items() if count > 1
    }  # fmt: skip


def write_readings(readings: Sequence[CardReading]) -> bytes:
    """An xlsx of two sheets: 读卡结果 (a line a page) and 待核对 (a line a finding, those to decide first)."""
    out = io.BytesIO()
    workbook = open_workbook(out)
    repeated = repeated_ids(readings)
    _write_results(workbook, readings, repeated)
    _write_findings(workbook, readings)
    workbook.close()
    return out.getvalue()


def _write_results(
    workbook: xlsxwriter.Workbook, readings: Sequence[CardReading], repeated: dict[str, tuple[int, ...]]
) -> None:
    sheet = workbook.add_worksheet("读卡结果")
    bold = workbook.add_format({"bold": True, "bg_color": "#E8F1F9", "border": 1})
    unsure = workbook.add_format({"bg_color": "#F8CBCB"})
    headings = ("页", "卡号", "状态", *(item.heading.zh for item in _ITEMS), "说明")
    widths = (6, 14, 10, *(_WIDTHS.get(item, 13) for item in _ITEMS), 60)
    for column, (heading, width) in enumerate(zip(headings, widths, strict=True)):
        sheet.write_string(0, column, heading, bold)
        sheet.set_column(column, column, width)
    for line, reading in enumerate(readings, start=1):
        sheet.write_number(line, 0, reading.page)
        sheet.write_string(line, 1, reading.card_id or "")
        sheet.write_string(line, 2, "已读出" if reading.data else "待核对", None if reading.data else unsure)
        doubtful = {f.field for f in reading.to_decide}
        for column, item in enumerate(_ITEMS, start=3):
            sheet.write_string(line, column, reading.texts.get(item, ""), unsure if item in doubtful else None)
        remarks = [f.seen.zh for f in reading.to_decide]
        if reading.card_id in repeated:
            remarks.append(f"卡号重复，见第{'、'.join(map(str, repeated[reading.card_id]))}页。")
        sheet.write_string(line, 3 + len(_ITEMS), "".join(remarks))
    sheet.freeze_panes(1, 3)
    sheet.autofilter(0, 0, max(1, len(readings)), len(headings) - 1)


def _write_findings(workbook: xlsxwriter.Workbook, readings: Sequence[CardReading]) -> None:
    sheet = workbook.add_worksheet("待核对")
    bold = workbook.add_format({"bold": True, "bg_color": "#E8F1F9", "border": 1})
    wrap = workbook.add_format({"text_wrap": True, "valign": "top"})
    for column, (heading, width) in enumerate(_LIST):
        sheet.write_string(0, column, heading, bold)
        sheet.set_column(column, column, width)
    found = [(reading, finding) for reading in readings for finding in reading.findings]
    found.sort(key=lambda pair: pair[1].weight is not Weight.DECIDE)
    for line, (reading, finding) in enumerate(found, start=1):
        sheet.write_number(line, 0, reading.page, wrap)
        for column, text in enumerate(_cells(reading, finding), start=1):
            sheet.write_string(line, column, text, wrap)
        if finding.picture is not None:
            sheet.set_row(line, _PICTURE_ROW_PT)
            options = {"image_data": io.BytesIO(finding.picture), "x_scale": _PICTURE_SCALE, "y_scale": _PICTURE_SCALE,
                       "x_offset": 4, "y_offset": 4}  # fmt: skip
            sheet.insert_image(line, len(_LIST) - 1, "spot.png", options)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(1, len(found)), len(_LIST) - 1)


def _cells(reading: CardReading, finding: CardFinding) -> tuple[str, ...]:
    return (
        reading.card_id or "",
        finding.field.heading.zh if finding.field else "",
        str(finding.column) if finding.column else "",
        "待决定" if finding.weight is Weight.DECIDE else "提示",
        finding.seen.zh,
        finding.remedy.zh,
        finding.seen.en,
        finding.remedy.en,
        finding.code,
    )
