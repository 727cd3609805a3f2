"""The columns that schools use, by every heading known for them: S4's thirteen fields (R20), R52, CHSI's layout."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

TITLES: dict[str, str] = {
    "student_no": "学号",
    "name": "姓名",
    "sex": "性别",
    "birth_date": "出生日期",
    "id_number": "身份证号",
    "political_status": "政治面貌",
    "ethnic_group": "民族",
    "native_place": "籍贯",
    "department": "院系",
    "class_name": "班级",
    "major": "专业名称",
    "direction": "专业方向",
    "level": "培养层次",
    "length_of_study": "学制",
    "entry_date": "入学日期",
    "season": "毕业季",
    "degree_category": "学历类别",
    "school_kind": "所在校别",
    "remarks": "备注",
}
"""The fields of a roster in the order of the template, with the heading we print."""

REQUIRED = ("student_no", "name", "sex", "birth_date", "id_number", "department", "major", "level", "season")

_OTHER_HEADINGS: dict[str, tuple[str, ...]] = {
    "student_no": ("XH",),
    "name": ("XM",),
    "sex": ("XB",),
    "birth_date": ("CSRQ", "出生年月日", "出生年月"),
    "id_number": ("身份证号码", "证件号码", "公民身份号码", "SFZH"),
    "political_status": ("ZZMM",),
    "ethnic_group": ("MZ",),
    "native_place": ("生源地",),
    "department": ("学院", "院系名称", "(院)系", "教学点", "学习中心", "XSH"),
    "class_name": ("班级名称", "BH"),
    "major": ("专业", "专业(方向)", "ZYMC"),
    "level": ("层次", "学历层次", "CC"),
    "length_of_study": ("XZ",),
    "entry_date": ("入学时间", "入学年月", "RXRQ"),
    "season": ("毕业季别", "季别", "毕业批次"),
    "school_kind": ("校别",),
    "remarks": ("BZ", "说明"),
}
_SEARCHED_ROWS = 15
_FEWEST_HEADINGS = 4


@dataclass(frozen=True, slots=True)
class Header:
    """Where the table begins: ``row_number`` as the file counts (from 1), and the column index of each field."""

    row_number: int
    columns: dict[str, int]
    titles: tuple[str, ...]

    def title_of(self, field: str) -> str:
        """The heading as it stands in this file, or ours where the column is missing."""
        index = self.columns.get(field)
        return self.titles[index] if index is not None else TITLES.get(field, field)


def _plain(heading: object) -> str:
    text = "".join(str(heading).split()).upper().replace("（", "(").replace("）", ")")
    return text.removesuffix("*").removeprefix("*")


_BY_HEADING = {
    _plain(heading): field for field, title in TITLES.items() for heading in (title, *_OTHER_HEADINGS.get(field, ()))
}


def find_header(rows: Sequence[Sequence[object]]) -> Header | None:
    """The first of the upper rows with at least four known headings; titles above it are passed over."""
    for index, row in enumerate(rows[:_SEARCHED_ROWS]):
        columns: dict[str, int] = {}
        for column, cell in enumerate(row):
            field = _BY_HEADING.get(_plain(cell))
            if field is not None:
                columns.setdefault(field, column)
        if len(columns) >= _FEWEST_HEADINGS:
            return Header(index + 1, columns, tuple(str(cell) for cell in row))
    return None
