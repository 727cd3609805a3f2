"""One-click fixes: only safe ones, listed one by one, and undone as they were done."""

from __future__ import annotations

import io

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up_rosters import OWN_TITLES, RULES, csv_text, number, person

from gradphoto.engine.roster import apply_fixes, fixed_table, lint, read_table, undo_fixes, write_marked_workbook
from gradphoto.engine.roster.layout import TITLES

pytestmark = pytest.mark.engine
WHOLE = number()


def dirty_table():
    rows = [
        person(1, name="张\u3000伟 ", ethnic_group="汉", birth_date="2004-3-5"),
        person(2),
        person(3, id_number=person(3)["id_number"].replace("0", "O"), sex=""),
        person(4, major="", political_status="党员"),
    ]
    return read_table(csv_text(rows).encode("utf-16"))


def test_fixes_are_listed_one_cell_each_with_their_reasons():
    table = dirty_table()
    fixed = apply_fixes(table.rows, lint(table, RULES).findings)
    assert [(c.row_number, c.field, c.codes) for c in fixed.changes] == [
        (2, "name", ("roster.outer_space", "roster.name_space")),
        (2, "birth_date", ("roster.date_form",)),
        (2, "ethnic_group", ("roster.short_form",)),
        (4, "id_number", ("roster.id_look_alike",)),
    ]
    assert fixed.rows[0].values["name"] == "张伟"
    assert fixed.rows[1] == table.rows[1]


def test_what_needs_a_person_is_left_to_a_person():
    table = dirty_table()
    fixed = fixed_table(table, apply_fixes(table.rows, lint(table, RULES).findings).changes)
    again = lint(fixed, RULES)
    assert [(f.row_number, f.field, f.code) for f in again.findings] == [
        (4, "sex", "roster.required"),
        (5, "political_status", "roster.political_status_unknown"),
        (5, "major", "roster.required"),
    ]
    sex = again.findings[0]
    assert sex.fix.value == "男", "the mended ID number now tells it"
    twice = apply_fixes(fixed.rows, again.findings)
    assert [(c.row_number, c.field, c.after) for c in twice.changes] == [(4, "sex", "男")]


def test_undo_puts_back_exactly_what_was_changed_and_nothing_changed_since():
    table = dirty_table()
    fixed = apply_fixes(table.rows, lint(table, RULES).findings)
    assert undo_fixes(fixed.rows, fixed.changes) == tuple(table.rows)
    corrected = [row.values | {"ethnic_group": "苗族"} for row in fixed.rows[:1]]
    since = (type(fixed.rows[0])(2, corrected[0]), *fixed.rows[1:])
    assert undo_fixes(since, fixed.changes)[0].values["ethnic_group"] == "苗族"


def test_only_the_fixes_of_the_findings_given_are_made():
    table = dirty_table()
    wanted = [f for f in lint(table, RULES).findings if f.field == "ethnic_group"]
    assert [c.field for c in apply_fixes(table.rows, wanted).changes] == ["ethnic_group"]


def test_a_listed_fix_shows_no_whole_id_number():
    table = dirty_table()
    change = next(c for c in apply_fixes(table.rows, lint(table, RULES).findings).changes if c.field == "id_number")
    whole = person(3)["id_number"]
    assert change.after == whole
    assert whole not in repr(change)
    assert change.shown_after == f"990{'*' * 11}{whole[-4:]}"


@given(st.sampled_from([name for name in TITLES if name != "remarks"]), st.data())
def test_fixing_once_is_enough_and_never_makes_a_row_worse(field, data):
    """Whatever stands in a cell: after its fixes no safe fix of that cell is left, and no new error appears in it."""
    text = data.draw(
        st.text(st.sampled_from("张伟·•・ 　０１2xXＯOl-—/.年月日男女汉族\u200b\ufeff无团员省市县"), max_size=12)
    )
    table = read_table(csv_text([person(1, **{field: text}), person(2)]).encode("utf-16"))
    before = lint(table, RULES)
    after = lint(fixed_table(table, apply_fixes(table.rows, before.findings).changes), RULES)
    assert not [f for f in after.findings if f.field == field and f.fix is not None and f.row_number == 2]
    assert {f.code for f in after.findings if f.row_number == 2 and f.field == field} <= {
        *(f.code for f in before.findings), "roster.required", "roster.birth_date_contradicts_id",
        "roster.birth_date_unlikely", "roster.entry_date_ahead", "roster.sex_contradicts_id", "roster.name_dot_place",
    }  # fmt: skip


def test_the_marked_workbook_shows_fixes_colours_comments_and_lists():
    table = dirty_table()
    fixes = apply_fixes(table.rows, lint(table, RULES).findings).changes
    mended = fixed_table(table, fixes)
    book = openpyxl.load_workbook(io.BytesIO(write_marked_workbook(mended, lint(mended, RULES).findings, fixes)))
    assert book.sheetnames == ["问题清单", "已修正", "名册"]
    assert book["已修正"].max_row == len(fixes) + 1
    roster = book["名册"]
    name = roster.cell(2, OWN_TITLES.index("姓名") + 1)
    assert (name.value, name.fill.fgColor.rgb[-6:]) == ("张伟", "CFEBD6")
    assert "已由" in name.comment.text
    major = roster.cell(5, OWN_TITLES.index("专业名称") + 1)
    assert major.fill.fgColor.rgb[-6:] == "F8CBCB"
    assert "必填" in major.comment.text
    assert "专业名称：必填项为空" in roster.cell(5, len(OWN_TITLES) + 1).value
    lists = "".join(str(cell.value) for sheet in ("问题清单", "已修正") for row in book[sheet] for cell in row)
    assert not any(row["id_number"] in lists for row in (person(1), person(3)))


def test_a_cell_that_begins_like_a_formula_stays_text():
    table = read_table(csv_text([person(1, remarks="=1+1", class_name="@SUM(A1)")]).encode())
    book = openpyxl.load_workbook(io.BytesIO(write_marked_workbook(table, ())))
    cell = book["名册"].cell(2, OWN_TITLES.index("备注") + 1)
    assert (cell.value, cell.data_type) == ("=1+1", "s")
