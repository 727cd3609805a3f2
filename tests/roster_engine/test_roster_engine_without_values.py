"""Cells of which nothing was saved are told by cell or by row, whatever else the file is full of (issue 14, points 2 and 3)."""

import struct

import pytest
from made_up_rosters import OWN_TITLES, RULES, person
from test_roster_engine_as_seen import PEOPLE, SHEET, at, codes, renamed, written

from gradphoto.engine.roster import Limits, lint, read_table
from gradphoto.engine.roster.layout import TITLES
from gradphoto.engine.roster.read import RosterFileError
from gradphoto.engine.standards.dates import compact

pytestmark = pytest.mark.engine
NAME, CLASS, REMARKS = (at(title) for title in ("姓名", "班级", "备注"))


def with_formulas(lines, columns, cell):
    """A workbook in which these cells are formulas; ``cell`` is what stands in the file for ``<c r="..`` of one."""

    def change(book, sheet):
        for line in lines:
            for column in columns:
                sheet.write_formula(line, column, "=X1", None, "~")

    def saved(name, body):
        text = body.decode()
        return text.replace(' t="str"><f>X1</f><v>~</v>', cell).encode() if name == SHEET else body

    return renamed(written(change), lambda name: name, saved)


@pytest.mark.parametrize("cell", [' t="str"><f>X1</f>', "><f>X1</f><v></v>", "><f>X1</f>", ' t="s"><f>X1</f>'])
def test_a_formula_without_a_saved_value_is_told_whatever_its_kind(cell):
    assert (3, "name", "formula_without_value") in codes(with_formulas([2], [NAME], cell))


def test_the_saved_result_of_a_formula_may_be_an_empty_text():
    empty = ' t="str"><f>X1</f><v></v>'
    assert not [one for one in codes(with_formulas([2], [CLASS], empty)) if "formula" in one[2]]


def test_a_row_of_nothing_but_such_formulas_is_no_blank_row():
    bare = "><f>X1</f>"
    told = codes(with_formulas([2, 4], range(len(OWN_TITLES)), bare))
    assert [one for one in told if one[2] == "row_without_values"] == [
        (3, "", "row_without_values"), (5, "", "row_without_values"),
    ]  # fmt: skip
    with pytest.raises(RosterFileError, match="only_formulas"):
        read_table(with_formulas([1, 2, 3, 4], range(len(OWN_TITLES)), bare))


def test_a_helper_column_full_of_errors_hides_no_other():
    def change(book, sheet):
        sheet.write_string(0, len(OWN_TITLES), "辅助列")
        for line in range(1, len(PEOPLE) + 1):
            sheet.write_formula(line, len(OWN_TITLES), "=VLOOKUP(A1,B:B,1)", None, "#N/A")
        sheet.write_formula(len(PEOPLE), REMARKS, "=1/0", None, "#DIV/0!")

    table = read_table(written(change), limits=Limits(marks=2))
    told = [(note.row_number, note.field, note.code) for note in table.notes]
    assert told == [(len(PEOPLE) + 1, "remarks", "roster.cell_error")]


def test_months_that_lost_their_zero_are_october_below_the_last_remark_too():
    def change(book, sheet):
        for line in range(1, len(PEOPLE) + 1):
            sheet.write_number(line, at("入学日期"), 2022.1 if line != 3 else 2022.09)

    table = read_table(written(change), limits=Limits(marks=1))
    assert [row.record.entry_date.month for row in lint(table, RULES).rows] == [10, 10, 9, 10]
    assert "roster.more_marks" in {note.code for note in table.notes}


@pytest.mark.parametrize("text", ["NaT", "<NA>", r"\N", "nan"])
def test_what_programs_write_for_nothing_is_nothing(text):
    table = read_table(written(lambda book, sheet: sheet.write_string(2, at("入学日期"), text)))
    result = lint(table, RULES)
    assert (result.rows[1].record.entry_date, [one.code for one in result.findings]) == (None, ["roster.placeholder"])


@pytest.mark.parametrize("text", ["#SPILL!", "#CALC!", "#GETTING_DATA", "Err:502"])
def test_error_values_that_came_as_texts_are_told_in_a_free_column_too(text):
    data = written(lambda book, sheet: sheet.write_string(2, REMARKS, text))
    assert codes(data) == [(3, "remarks", "cell_error")]


def test_a_date_of_a_strict_file_that_was_a_class_is_told():
    def change(book, sheet):
        sheet.write_number(2, CLASS, 12345)
        sheet.write_number(2, at("出生日期"), 54321)

    def saved(name, body):
        text = body.decode()
        for figure in ("12345", "54321"):
            text = text.replace(f"><v>{figure}</v>", ' t="d"><v>2004-03-05T00:00:00.000</v>')
        return text.encode() if name == SHEET else body

    data = renamed(written(change), lambda name: name, saved)
    assert [one for one in codes(data) if "date" in one[2]] == [(3, "class_name", "became_date")]
    assert compact(lint(read_table(data), RULES).rows[1].record.birth_date) == person(2)["birth_date"]


def dbf_of(row, figures):
    """A dbf of one row; ``figures`` are the fields that are numeric, with their decimals."""
    size, head = 1 + 30 * len(TITLES), 32 + 32 * len(TITLES) + 1
    out = struct.pack("<BBBBIHH", 0x03, 124, 3, 5, 1, head, size) + bytes(20)
    for name, title in TITLES.items():
        kind = b"N" if name in figures else b"C"
        out += title.encode("gbk").ljust(11, b"\0") + kind + bytes(4) + bytes([30, figures.get(name, 0)]) + bytes(14)
    cells = [row[name].rjust(30) if name in figures else row[name] for name in TITLES]
    return out + b"\r " + b"".join(cell.encode("gbk").ljust(30) for cell in cells) + b"\x1a"


@pytest.mark.parametrize(
    ("name", "told"),
    [("MUHAMMADJON ABDURAHMONOV ALIEV", True), ("MUHAMMADJON ABDURAHMONOV ALIE", False), ("王五", False)],
)
def test_a_latin_name_that_fills_its_column_of_a_dbf_was_probably_cut(name, told):
    notes = [(note.field, note.code) for note in read_table(dbf_of(person(1, name=name), {})).notes]
    assert (("name", "roster.cut") in notes) is told


@pytest.mark.parametrize(
    ("figure", "decimals", "month", "told"),
    [("2022.10", 2, 10, False), ("2022.01", 2, 1, False), ("2022.09", 2, 9, False), ("2022.1", 1, 10, True)],
)
def test_a_month_as_a_figure_of_a_dbf_is_read_with_its_decimals(figure, decimals, month, told):
    data = dbf_of({**person(1), "entry_date": figure}, figures={"entry_date": decimals})
    result = lint(read_table(data), RULES)
    assert result.rows[0].record.entry_date.month == month
    assert ("roster.month_as_figure" in {one.code for one in result.findings}) is told
