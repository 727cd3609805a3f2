"""Made-up rosters in the forms that schools send."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date, timedelta

import xlsxwriter

from gradphoto.engine.roster import LintRules
from gradphoto.engine.roster.layout import TITLES
from gradphoto.engine.standards.identity import check_digit

REGION = "990101"
_GIVEN = (
    "伟娜磊敏静强洋艳勇军杰娟涛超明霞秀兰刚平燕辉玲桂英飞丹萍鹏华红玉鑫波斌宇浩凯健俊帆雪帅亮倩慧欣雨晨佳嘉琪涵轩博文昊"
)
RULES = LintRules(today=date(2026, 11, 21), test_regions=frozenset({REGION}))
OWN_TITLES = tuple(TITLES.values())


def number(born: str = "20040305", serial: int = 1, region: str = REGION) -> str:
    """An ID number with a right check digit; an odd serial is male."""
    first17 = f"{region}{born}{serial:03d}"
    return first17 + check_digit(first17)


def name_of(serial: int) -> str:
    """A name that few others have; the first is 张伟."""
    more = _GIVEN[serial // len(_GIVEN) % len(_GIVEN)] if serial >= len(_GIVEN) else ""
    return "张李王刘陈"[(serial - 1) % 5] + _GIVEN[(serial - 1) % len(_GIVEN)] + more


def person(serial: int = 1, **other: str) -> dict[str, str]:
    """A row without a fault, by field."""
    born = f"{date(2004, 3, 5) + timedelta(days=serial // 500):%Y%m%d}"
    row = {
        "student_no": f"2022{serial:06d}",
        "name": name_of(serial),
        "sex": "男" if serial % 2 else "女",
        "birth_date": born,
        "id_number": number(born, serial % 500 * 2 + serial % 2),
        "political_status": "共青团员",
        "ethnic_group": "汉族",
        "native_place": "湖南省平江县",
        "department": "计算机学院",
        "class_name": "计科2201",
        "major": "计算机科学与技术",
        "direction": "",
        "level": "本科",
        "length_of_study": "4",
        "entry_date": "20220901",
        "season": "春季",
        "degree_category": "本科",
        "school_kind": "普通高校",
        "graduation_kind": "",
        "remarks": "",
    }
    return {**row, **other}


def csv_text(rows: Sequence[dict[str, str]], fields: Sequence[str] = tuple(TITLES), separator: str = ",") -> str:
    """The rows as text under our headings; fields unknown to the template keep their own name as heading."""
    lines = [separator.join(TITLES.get(name, name) for name in fields)]
    lines += [separator.join(_quoted(row.get(name, "")) for name in fields) for row in rows]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return f'"{text}"' if "\n" in text else text


def cells_of(rows: Sequence[dict[str, str]]) -> list[list[str]]:
    """Headings and rows as a table."""
    return [list(OWN_TITLES), *[[row[name] for name in TITLES] for row in rows]]


def workbook(sheets: dict[str, Sequence[Sequence[object]]]) -> bytes:
    """An xlsx; texts as texts, figures as figures, None as nothing."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    for title, cells in sheets.items():
        sheet = book.add_worksheet(title)
        for line, row in enumerate(cells):
            for column, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(line, column, cell)
                elif cell is not None:
                    sheet.write(line, column, cell)
    book.close()
    return out.getvalue()


def as_changed_workbook(people, change=lambda book, sheet: None) -> bytes:
    """A workbook of these people, all text; ``change(book, sheet)`` may write over cells, hide rows and more."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet = book.add_worksheet("名册")
    for line, row in enumerate(cells_of(people)):
        for column, cell in enumerate(row):
            sheet.write_string(line, column, cell)
    change(book, sheet)
    book.close()
    return out.getvalue()
