"""The summary table 《高等教育学历证书图像信息采集汇总表》: eleven columns in the order of R52."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass

from gradphoto.engine.bounded.reader import BoundedError
from gradphoto.engine.tables.errors import RosterFileError
from gradphoto.engine.tables.model import Limits
from gradphoto.engine.tables.plain import read_plain
from gradphoto.engine.workbooks import open_workbook

TITLE = "高等教育学历证书图像信息采集汇总表"
HEADINGS = (
    "拍摄序号", "姓名", "学号", "性别", "身份证号码", "专业名称", "学历类别", "所在校别", "（院）系代码", "所在院校名称", "院校代码",
)  # fmt: skip
_WIDTHS = (9, 14, 14, 6, 21, 22, 10, 10, 11, 20, 10)
_HEADER_ROW = 2


@dataclass(frozen=True, slots=True)
class SummaryRow:
    """One person of the table, in the order of its columns."""

    shooting_number: int
    name: str
    student_no: str
    sex: str
    id_number: str
    major: str
    degree_category: str
    school_kind: str
    department_code: str
    school_name: str
    school_code: str


def write_summary(rows: Sequence[SummaryRow], centre_name: str) -> bytes:
    """The table as xlsx, A4 landscape, headings on every page; numbers are text, so that no program shortens them."""
    out = io.BytesIO()
    workbook = open_workbook(out)
    workbook.set_properties({"title": TITLE})
    sheet = workbook.add_worksheet("汇总表")
    title = workbook.add_format({"bold": True, "font_size": 14, "align": "center"})
    head = workbook.add_format({"bold": True, "border": 1, "align": "center", "text_wrap": True, "bg_color": "#E8F1F9"})
    cell = workbook.add_format({"border": 1})
    sheet.merge_range(0, 0, 0, len(HEADINGS) - 1, TITLE, title)
    sheet.write_string(1, 0, f"校外学习中心（函授站）名称：{centre_name}")
    for column, (heading, width) in enumerate(zip(HEADINGS, _WIDTHS, strict=True)):
        sheet.write_string(_HEADER_ROW, column, heading, head)
        sheet.set_column(column, column, width)
    for line, row in enumerate(rows, start=_HEADER_ROW + 1):
        for column, value in enumerate(astuple(row)):
            sheet.write_string(line, column, number_label(value) if column == 0 else str(value), cell)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(_HEADER_ROW)
    sheet.freeze_panes(_HEADER_ROW + 1, 0)
    sheet.set_footer("&C第 &P 页 共 &N 页")
    workbook.close()
    return out.getvalue()


def read_summary(data: bytes) -> list[SummaryRow]:
    """Read the table back. ``ValueError`` when it is no workbook or its columns are not those of R52."""
    try:
        found = dict(read_plain(data, HEADINGS, Limits(columns=100)))
    except (RosterFileError, BoundedError) as error:
        raise ValueError("not a workbook") from error
    if tuple(found.get(_HEADER_ROW + 1, ())[: len(HEADINGS)]) != HEADINGS:
        raise ValueError("the columns are not those of the summary table")
    return [
        SummaryRow(int(row[0]), *row[1 : len(HEADINGS)])
        for number, row in found.items()
        if number > _HEADER_ROW + 1 and row[0].strip()
    ]


def doubtful_numbers(rows: Iterable[SummaryRow]) -> set[int]:
    """The numbers that stand in more than one row and are not one person's two programmes (辅修, 双学位)."""
    seen: dict[int, tuple[SummaryRow, set[tuple[str, str, str]]]] = {}
    doubtful = set()
    for row in rows:
        first, programmes = seen.setdefault(row.shooting_number, (row, set()))
        programme = (row.student_no, row.major, row.degree_category)
        if (row.id_number, row.name) != (first.id_number, first.name) or programme in programmes:
            doubtful.add(row.shooting_number)
        programmes.add(programme)
    return doubtful


def number_label(shooting_number: int) -> str:
    """The shooting number as it names files and stands in tables: five digits."""
    return f"{shooting_number:05d}"
