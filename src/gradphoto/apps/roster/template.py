"""The template that schools fill in."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from gradphoto.engine.roster.layout import EXTRA_TITLES, REQUIRED, TITLES
from gradphoto.engine.standards.codes import load_table
from gradphoto.engine.workbooks import open_workbook

_HEADING = {"bold": True, "bg_color": "#E8F1F9", "border": 1}
_TEMPLATE_ROWS = 5000


SHOOTING_NO = EXTRA_TITLES["shooting_no"]


def _standard_words(table: str) -> Sequence[str]:
    return tuple(load_table(table).names.values())


def template_workbook(words: Callable[[str], Sequence[str]] = _standard_words) -> bytes:
    """An empty roster for schools: our headings (* must be filled), every cell text, so that no ID number is rounded.

    ``words`` gives the words of a code table, so that a school chooses its own, too. 拍摄序号 stands there empty: it is born
    by the swipe (R45, R97).
    """
    headings = (*(f"{title}*" if name in REQUIRED else title for name, title in TITLES.items()), SHOOTING_NO)
    out, workbook, sheet = new_workbook("名册", headings)
    sheet.set_column(0, len(TITLES), 14, workbook.add_format({"num_format": "@"}))
    lists = {
        "sex": ["男", "女"],
        "season": ["春季", "秋季"],
        **{name: list(words(name)) for name in ("political_status", "length_of_study", "graduation_kind")},
    }
    empty = {"validate": "length", "criteria": "==", "value": 0, "ignore_blank": True, "error_title": SHOOTING_NO,
             "error_message": "拍摄序号不要填，刷卡时自然生成。"}  # fmt: skip
    sheet.data_validation(1, len(TITLES), _TEMPLATE_ROWS, len(TITLES), empty)
    for column, name in enumerate(TITLES):
        if name in lists:
            sheet.data_validation(1, column, _TEMPLATE_ROWS, column, {"validate": "list", "source": lists[name]})
    _write_guide(workbook)
    workbook.close()
    return out.getvalue()


def _write_guide(workbook: Any) -> None:
    sheet = workbook.add_worksheet("填写说明")
    sheet.set_column(0, 0, 14)
    sheet.set_column(1, 2, 60, workbook.add_format({"text_wrap": True}))
    for line, (title, zh, en) in enumerate(_GUIDE):
        for column, text in enumerate((title, zh, en)):
            sheet.write_string(line, column, text)


def new_workbook(name: str, headings: Iterable[str]) -> tuple[io.BytesIO, Any, Any]:
    """A workbook in memory with one sheet and its headings: the buffer, the workbook, the sheet."""
    out = io.BytesIO()
    workbook = open_workbook(out)
    sheet = workbook.add_worksheet(name)
    bold = workbook.add_format(_HEADING)
    for column, heading in enumerate(headings):
        sheet.write_string(0, column, heading, bold)
    sheet.set_column(0, len(TITLES), 14)
    sheet.freeze_panes(1, 2)
    return out, workbook, sheet


_GUIDE = (
    ("项目", "填写要求", "Requirement"),
    ("带 * 的列", "必填。", "Must be filled in."),
    ("姓名", "中间不能有空格；少数民族姓名用间隔号“·”。", "No space inside; in minority names the middle dot ·."),
    ("出生日期", "以身份证为准，八位数字，如 19860305。", "As on the ID card, eight digits, e.g. 19860305."),
    ("身份证号", "18 位（旧号 15 位），单元格保持文本格式。", "18 characters (old ones 15); keep the cell a text."),
    ("籍贯", "××省××县（市）。", "Province and county, e.g. 湖南省平江县."),
    ("院系", "系统中的院系或学习中心的名称或代码。", "Name or code of a department or learning centre that the system knows."),
    ("毕业季", "春季或秋季；两季须严格分开。", "春季 or 秋季; the two are kept apart."),
    ("毕（结）业", "毕业或结业；空白即毕业。", "毕业 or 结业; blank means 毕业."),
    ("拍摄序号", "不要填写，学生刷卡时自然生成。", "Leave it empty: the swipe gives the number."),
    ("备注", "转学、转专业、专升本、休学、复学、退学等异动在此说明。", "Changes of status: transfer, change of major, suspension ..."),
)  # fmt: skip
