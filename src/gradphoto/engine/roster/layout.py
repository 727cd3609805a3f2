"""The columns that schools use, by every heading known for them: S4's thirteen fields (R20), R52, CHSI's layout."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from gradphoto.engine.tables.headings import plain_heading, plain_without_notes
from gradphoto.engine.wording import Wording

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
    "graduation_kind": "毕（结）业",
    "remarks": "备注",
}
"""The fields of a roster in the order of the template, with the heading we print."""

EXTRA_TITLES: dict[str, str] = {
    "candidate_no": "考生号",
    "major_code": "专业代码",
    "study_form": "学习形式",
    "branch_school": "分院",
    "expected_graduation": "预计毕业日期",
    "department_code": "院系代码",
    "school_name": "院校名称",
    "school_code": "院校代码",
    "shooting_no": "拍摄序号",
    "id_type": "证件类型",
}
"""Fields that are read where a file has them and that our own template does not ask for."""

FIELD_TITLES: dict[str, str] = TITLES | EXTRA_TITLES
"""Every field that a column may be mapped to."""

_ENGLISH: dict[str, str] = {
    "student_no": "Student no.", "name": "Name", "sex": "Sex", "birth_date": "Birth date", "id_number": "ID number",
    "political_status": "Political status", "ethnic_group": "Ethnic group", "native_place": "Native place",
    "department": "Department", "class_name": "Class", "major": "Major", "direction": "Direction", "level": "Level",
    "length_of_study": "Years", "entry_date": "Entry date", "season": "Season", "degree_category": "Degree category",
    "school_kind": "School kind", "graduation_kind": "Leaves as", "remarks": "Remarks", "candidate_no": "Candidate no.",
    "major_code": "Major code", "study_form": "Form of study", "branch_school": "Branch school",
    "expected_graduation": "Expected graduation", "department_code": "Department code", "school_name": "School name",
    "school_code": "School code", "shooting_no": "Shooting no.", "id_type": "Kind of ID",
}  # fmt: skip
FIELD_WORDINGS: dict[str, Wording] = {name: Wording(zh, _ENGLISH[name]) for name, zh in FIELD_TITLES.items()}
"""What a person reads of a field; files and papers bear the Chinese heading alone."""

REQUIRED = ("student_no", "name", "sex", "birth_date", "id_number", "department", "major", "level", "season")
"""What a candidate cannot be without."""
DERIVABLE = frozenset({"sex", "birth_date"})
"""Required fields that a good ID number tells, so that their column may be missing."""


def derivable(columns: Collection[str]) -> frozenset[str]:
    """Required fields that these columns tell: an ID number tells sex and birth date, the day of graduation the season (R13)."""
    by_card = DERIVABLE if "id_number" in columns else frozenset[str]()
    return by_card | {"season"} if "expected_graduation" in columns else by_card


S4_FIELDS = (
    "student_no", "name", "sex", "birth_date", "political_status", "major", "entry_date", "length_of_study", "level",
    "ethnic_group", "id_number", "native_place", "remarks",
)  # fmt: skip
"""R20, in the order of the notice."""
R52_FIELDS = (
    "shooting_no", "name", "student_no", "sex", "id_number", "major", "degree_category", "school_kind",
    "department_code", "school_name", "school_code",
)  # fmt: skip
"""The summary table's eleven columns in their order."""
CHSI_COLUMNS: dict[str, str] = {
    "KSH": "candidate_no", "XH": "student_no", "XM": "name", "XB": "sex", "CSRQ": "birth_date", "SFZH": "id_number",
    "ZZMM": "political_status", "MZ": "ethnic_group", "ZYDM": "major_code", "ZYMC": "major", "CC": "level",
    "XZ": "length_of_study", "XXXS": "study_form", "RXRQ": "entry_date", "FY": "branch_school", "XSH": "department",
    "BH": "class_name", "YJBYRQ": "expected_graduation",
}  # fmt: skip
"""The status file's eighteen columns in their order (facts 2.1)."""
LAYOUTS: dict[str, tuple[str, ...]] = {"chsi": tuple(CHSI_COLUMNS.values()), "r52": R52_FIELDS, "s4": S4_FIELDS}

DATE_FIELDS = frozenset({"birth_date", "entry_date", "expected_graduation"})
"""Where a date is expected; a date elsewhere is what a spreadsheet made of something."""
MONTH_FIELDS = frozenset({"entry_date", "expected_graduation"})
"""Where a month without its day is usual."""

_OTHER_HEADINGS: dict[str, tuple[str, ...]] = {
    "student_no": ("学生学号",),
    "name": ("学生姓名", "考生姓名"),
    "birth_date": ("出生年月日", "出生年月", "生日"),
    "id_number": ("身份证号码", "证件号码", "证件号", "公民身份号码", "公民身份证号", "身份证", "有效证件号码"),
    "ethnic_group": ("民族名称",),
    "native_place": ("生源地",),
    "department": (
        "学院",
        "院(系)",
        "系",
        "学院名称",
        "院系名称",
        "(院)系",
        "所在学院",
        "教学点",
        "学习中心",
        "函授站",
    ),
    "class_name": (
        "班级名称",
        "所在班级",
        "班号",
        "行政班",
        "行政班级",
        "行政班名称",
        "自然班",
        "教学班",
        "班别",
        "班",
    ),
    "major": ("专业", "专业(方向)"),
    "direction": ("方向",),
    "level": ("层次", "学历层次"),
    "length_of_study": ("学习年限",),
    "entry_date": ("入学时间", "入学年月"),
    "season": ("毕业季别", "季别", "毕业批次", "毕业月份", "毕业季节"),
    "degree_category": ("学历类型",),
    "school_kind": ("校别",),
    "graduation_kind": (
        "毕结业",
        "毕/结业",
        "毕业或结业",
        "毕结业类别",
        "毕(结)业类别",
        "毕结业结论",
        "毕(结)业结论",
        "毕业结论",
        "毕业类别",
        "BJYJL",
    ),
    "remarks": ("BZ", "说明"),
    "candidate_no": ("录取考生号",),
    "branch_school": ("分校",),
    "expected_graduation": ("预计毕业时间", "预计毕业年月"),
    "department_code": ("(院)系代码", "院(系)代码", "系代码", "学院代码"),
    "school_name": ("所在院校名称", "学校名称", "YXMC"),
    "school_code": ("学校代码", "学校标识码", "YXDM"),
    "shooting_no": ("拍摄号", "拍照序号"),
    "id_type": ("证件类别", "身份证件类型"),
}
SEARCHED_ROWS = 15
"""How many rows from the top may hold the heading."""
_FEWEST_HEADINGS = 4
_MOST_OF_CHSI, _MOST_OF_R52, _MOST_OF_S4 = 10, 9, 11


@dataclass(frozen=True, slots=True)
class Header:
    """Where the table begins: ``row_number`` as the file counts (from 1), and the column index of each field."""

    row_number: int
    columns: dict[str, int]
    titles: tuple[str, ...]

    def title_of(self, field: str) -> str:
        """The heading as it stands in this file, or ours where the column is missing."""
        index = self.columns.get(field)
        return self.titles[index] if index is not None else FIELD_TITLES.get(field, field)

    @property
    def layout(self) -> str:
        """Which known layout the columns follow: ``chsi``, ``r52``, ``s4``, or ``own`` for our template and the rest."""
        return layout_of(self.titles, self.columns)


_BY_HEADING = {
    plain_heading(heading): field
    for field, title in FIELD_TITLES.items()
    for heading in (title, *_OTHER_HEADINGS.get(field, ()))
} | CHSI_COLUMNS


def field_of(heading: object) -> str | None:
    """The field that a heading is known for, also with a note in brackets behind it (身份证号（必填）), or None."""
    plain = plain_heading(heading)
    return _BY_HEADING.get(plain) or _BY_HEADING.get(plain_without_notes(plain))


def known_headings() -> dict[str, str]:
    """Every known heading in its plain form, with its field."""
    return dict(_BY_HEADING)


def find_header(rows: Sequence[Sequence[object]]) -> Header | None:
    """The upper row with the most known headings, four at least; titles above it are passed over.

    A heading merged over two rows (专业 above 名称 and 代码, 学号 beside them) is read as one; the table then begins
    below the second of them.
    """
    best: Header | None = None
    for index, row in enumerate(rows[:SEARCHED_ROWS]):
        found = header_at(row, index + 1)
        if index + 1 < len(rows):
            joined = header_at(_joined(row, rows[index + 1]), index + 2)
            lower = header_at(rows[index + 1], index + 2)
            if len(joined.columns) > max(len(found.columns), len(lower.columns)):
                found = joined
        if len(found.columns) >= _FEWEST_HEADINGS and (best is None or len(found.columns) > len(best.columns)):
            best = found
    return best


def header_at(row: Sequence[object], row_number: int) -> Header:
    """The header that a row of headings makes, however few it knows; of two equal headings the left one counts."""
    columns: dict[str, int] = {}
    for column, cell in enumerate(row):
        field = field_of(cell)
        if field is not None:
            columns.setdefault(field, column)
    return Header(row_number, columns, tuple(str(cell).strip() for cell in row))


def _joined(upper: Sequence[object], lower: Sequence[object]) -> list[str]:
    titles, over = [], ""
    for column in range(max(len(upper), len(lower))):
        above = str(upper[column]).strip() if column < len(upper) else ""
        below = str(lower[column]).strip() if column < len(lower) else ""
        over = above or (over if below else "")
        choices = (below, over + below) if below else (above,)
        titles.append(next((title for title in choices if field_of(title)), choices[-1]))
    return titles


def layout_of(titles: Sequence[str], columns: dict[str, int]) -> str:
    """Name the layout; our own template, which holds S4's fields and more, is ``own``."""
    if sum(plain_heading(title) in CHSI_COLUMNS for title in titles) >= _MOST_OF_CHSI:
        return "chsi"
    if sum(field in columns for field in R52_FIELDS) >= _MOST_OF_R52 and "birth_date" not in columns:
        return "r52"
    if sum(field in columns for field in S4_FIELDS) >= _MOST_OF_S4 and "season" not in columns:
        return "s4"
    return "own"


def required_in(layout: str) -> tuple[str, ...]:
    """The required fields that a known layout has at all: what can be asked of a file by itself."""
    fields = LAYOUTS.get(layout)
    return REQUIRED if fields is None else tuple(name for name in REQUIRED if name in fields)
