"""A table is read as a person sees it: formats, what a spreadsheet ate, what is hidden, all sheets, every writer's file."""

import functools
import io
import zipfile

import pytest
from made_up_rosters import OWN_TITLES, RULES, as_changed_workbook, cells_of, person, workbook
from made_up_xls import xls

from gradphoto.engine.roster import lint, propose_mapping, read_table
from gradphoto.engine.tables.access import Bounded
from gradphoto.engine.tables.number_formats import read_format, shown

pytestmark = pytest.mark.engine
PEOPLE = [person(serial) for serial in range(1, 5)]
written = functools.partial(as_changed_workbook, PEOPLE)
SHEET = "xl/worksheets/sheet1.xml"


def at(title):
    return OWN_TITLES.index(title)


def codes(data, **more):
    return [
        (f.row_number, f.field, f.code.removeprefix("roster.")) for f in lint(read_table(data, **more), RULES).findings
    ]


def renamed(data, name_of, change=lambda name, body: body):
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            new.writestr(name_of(entry.filename), change(entry.filename, old.read(entry)))
    return out.getvalue()


@pytest.mark.parametrize(
    ("figure", "code", "text"),
    [
        (220200, "0000000", "0220200"), (7, "000", "007"), (12, '"A"0000', "A0012"), (22, '0000"级"', "0022级"),
        (1234, "#,##0", "1234"), (0.5, "0%", "50%"), (2022.1, "0.00", "2022.10"), (2022000001, "0.00E+00", "2022000001"),
        (4, "General", "4"), (2.5, "0", "2.5"), (5, "G/通用格式", "5"), (5, '[Red]000;-000', "005"), (7, "0_ ", "7"),
        (37723, "yyyy-mm-dd", "20030412"), (37723.5, 'yyyy"年"m"月"d"日"', "20030412 12:00:00"), (3, "[DBNum1]0", "三"),
        (990101200304120000, "0", "9.90101200304120E+17"), (-3, "000", "-003"), (1.255, "0.00", "1.26"),
        (220200, "0000-000", "0220-200"), (20220101, r"0000\-00\-00", "2022-01-01"), (13812345678, "(000) 0000-0000", "(138) 1234-5678"),
        (2203, 'General"班"', "2203班"), (4, 'G/通用格式"年"', "4年"), (2.5, '0"年"', "2.5年"), (1, '"班级" 0', "班级 1"),
        (101, "!班0", "班101"), (12.5, "[$¥-804]#,##0.00", "¥12.50"), (7, '_ ¥* #,##0_ ', "¥7"), (12345, '0.0,"千"', "12.3千"),
        (1, '[=1]"男";[=2]"女"', "男"), (2, '[=1]"男";[=2]"女"', "女"), (3, '[=1]"男";[=2]"女"', "3"), (2, '[=1]"男";"女"', "女"),
        (85, '[<60]"不合格";[<80]"合格";"良好"', "良好"), (-5, "0;(0)", "(5)"), (0, '0;-0;"无"', "无"), (0, "0;-0;;@", ""),
        (12, ";;;", "12"), (0, "#", ""), (5, ".00", "5.00"), (0.5, "# ?/?", "1/2"), (1.5, "# ?/?", "1 1/2"), (2, "# ?/?", "2"),
        (0.125, "# ?/8", "1/8"), (22, "[DBNum1][$-804]General", "二十二"), (105, "[DBNum2]General", "壹佰零伍"), (2024, "[DBNum1]0", "二〇二四"),
        (37723, "[DBNum1][$-804]yyyy\"年\"m\"月\"d\"日\"", "20030412"), (37723, "aaaa", "20030412"), (1.5, "[h]:mm", "36:00:00"),
        (0.1 + 0.2, "General", "0.3"), (2022.1000000000001, "General", "2022.1"), (1e-7, "General", "0.0000001"),
    ],
)  # fmt: skip
def test_a_figure_is_what_its_format_shows(figure, code, text):
    assert shown(float(figure), read_format(code)) == text


def test_a_text_is_what_its_format_puts_around_it():
    def change(book, sheet):
        sheet.write_string(1, at("班级"), "2201", book.add_format({"num_format": '"计科"@'}))
        sheet.write_string(2, at("班级"), "2202", book.add_format({"num_format": '0;-0;0;@"班"'}))
        sheet.write_string(3, at("班级"), "2203", book.add_format({"num_format": "@"}))

    assert [row.values["class_name"] for row in read_table(written(change)).rows][:3] == ["计科2201", "2202班", "2203"]


@pytest.mark.parametrize("title", ["学号", "班级", "专业名称", "备注"])
def test_leading_zeros_of_a_format_stay_whatever_the_column(title):
    def change(book, sheet):
        sheet.write_number(1, at(title), 220200, book.add_format({"num_format": "0000000"}))

    row = read_table(written(change)).rows[0].values
    assert "0220200" in row.values()


def test_months_of_which_a_spreadsheet_ate_the_zero_are_october_and_doubtful():
    def change(book, sheet):
        sheet.write_number(1, at("入学日期"), 2022.1)
        sheet.write_number(2, at("入学日期"), 2022.1, book.add_format({"num_format": "0.00"}))
        sheet.write_number(3, at("入学日期"), 2022.09)
        sheet.write_string(4, at("入学日期"), "2022.1")

    table = read_table(written(change))
    result = lint(table, RULES)
    assert [row.record.entry_date.month for row in result.rows] == [10, 10, 9, 1]
    told = [(f.row_number, f.code) for f in result.findings]
    assert told[:2] == [(2, "roster.month_as_figure"), (3, "roster.month_as_figure")]
    assert "202210" in result.findings[0].remedy.zh


def test_what_became_a_date_in_another_column_is_told():
    def change(book, sheet):
        sheet.write_number(1, at("班级"), 37723, book.add_format({"num_format": "m月d日"}))
        sheet.write_number(2, at("出生日期"), 37723, book.add_format({"num_format": "yyyy/m/d"}))

    assert [one for one in codes(written(change)) if one[2] == "became_date"] == [(2, "class_name", "became_date")]


def test_hidden_and_struck_rows_are_told_counted_and_left_out_when_asked():
    def change(book, sheet):
        struck = book.add_format({"font_strikeout": True})
        sheet.set_row(2, None, None, {"hidden": True})
        sheet.set_row(3, 0)
        for column, cell in enumerate(cells_of(PEOPLE)[4]):
            sheet.write_string(4, column, cell, struck)
        sheet.set_column(at("备注"), at("备注"), 10, None, {"hidden": True})

    data = written(change)
    assert codes(data) == [
        (1, "remarks", "hidden_column"), (3, "", "hidden_row"), (4, "", "hidden_row"), (5, "", "struck_row"),
    ]  # fmt: skip
    proposal = propose_mapping(data)
    assert (proposal.people, proposal.hidden_rows, proposal.struck_rows) == (4, 2, 1)
    import dataclasses

    mapping = dataclasses.replace(proposal.mapping(), leave_hidden=True, leave_struck=True)
    table = read_table(data, mapping=mapping)
    assert [row.row_number for row in table.rows] == [2]
    assert len([note for note in table.notes if note.code == "roster.hidden_row"]) == 2, "and still told"


def test_a_class_a_sheet_is_nine_people_and_rows_keep_their_place():
    sheets = {f"计科220{n}": cells_of([person(3 * n + k) for k in range(3)]) for n in (1, 2, 3)}
    sheets["代码表"] = [["代码", "名称"], ["01", "汉族"]]
    data = workbook(sheets)
    proposal = propose_mapping(data)
    assert [(one.sheet, one.people) for one in proposal.offers] == [
        ("计科2201", 3), ("计科2202", 3), ("计科2203", 3), ("代码表", 1),
    ]  # fmt: skip
    table = read_table(data, mapping=proposal.mapping())
    assert (len(table.rows), [part.sheet for part in table.parts]) == (9, ["计科2201", "计科2202", "计科2203"])
    places = [table.place(row.row_number) for row in table.rows]
    assert [(place.sheet, place.row) for place in places][3:5] == [("计科2202", 2), ("计科2202", 3)]
    assert len(read_table(data).rows) == 9


def test_a_sheet_that_is_left_out_and_a_hidden_one_are_told():
    sheets = {"名册": cells_of(PEOPLE), "补报": [row[:8] for row in cells_of([person(9)])]}
    assert ("sheet_left_out", "补报") in [(n.code.split(".")[1], n.value) for n in read_table(workbook(sheets)).notes]


def test_the_same_person_on_two_sheets_is_told_by_sheet_and_row():
    table = read_table(workbook({"甲": cells_of(PEOPLE), "乙": cells_of([PEOPLE[1]])}))
    found = next(f for f in lint(table, RULES).findings if f.code == "roster.duplicate")
    assert "“甲”第 3 行" in found.reason.zh


WRITERS = {
    "backslashes": lambda data: renamed(data, lambda name: name.replace("/", "\\")),
    "other part names": lambda data: renamed(
        data,
        lambda name: name.replace("sheet1.xml", "Tabelle.xml").replace("workbook.xml", "book2.xml"),
        lambda name, body: body.replace(b"sheet1.xml", b"Tabelle.xml").replace(b"workbook.xml", b"book2.xml"),
    ),
    "strict": lambda data: renamed(
        data, lambda name: name,
        lambda name, body: body.replace(b"http://schemas.openxmlformats.org/spreadsheetml/2006/main", b"http://purl.oclc.org/ooxml/spreadsheetml/main")
        .replace(b"http://schemas.openxmlformats.org/officeDocument/2006/relationships", b"http://purl.oclc.org/ooxml/officeDocument/relationships"),
    ),
    "no relationships": lambda data: renamed(data, lambda name: name.replace("xl/_rels/workbook", "xl/_rels/other")),
    "a prefix": lambda data: renamed(data, lambda name: name, lambda name, body: _prefixed(body) if name == SHEET else body),
    "no references": lambda data: renamed(data, lambda name: name, lambda name, body: _bare(body) if name == SHEET else body),
    "indented": lambda data: renamed(data, lambda name: name, lambda name, body: body.replace(b"><", b">\n  <") if name == SHEET else body),
}  # fmt: skip


def _prefixed(body):
    import re

    body = body.replace(b'xmlns="http', b'xmlns:x="http')
    return re.sub(rb"<(/?)([a-zA-Z])", rb"<\1x:\2", body.replace(b"<?xml", b"<?@")).replace(b"<?@", b"<?xml")


def _bare(body):
    import re

    return re.sub(rb' r="[A-Z]*[0-9]+"', b"", body)


@pytest.mark.parametrize("writer", WRITERS)
def test_every_writers_file_is_read_and_its_error_values_told(writer):
    def change(book, sheet):
        sheet.write_formula(1, at("民族"), "=NA()", None, "#N/A")
        sheet.write_formula(2, at("专业名称"), "=K9", None, "")

    data = WRITERS[writer](written(change))
    assert codes(data) == [(2, "ethnic_group", "cell_error"), (3, "major", "formula_without_value")]
    assert [row.values["student_no"] for row in read_table(data).rows] == [one["student_no"] for one in PEOPLE]


def test_a_month_of_graduation_is_a_season_by_rule():
    rows = [person(1, season="1月"), person(2, season="2026年7月"), person(3, season="5月")]
    result = lint(read_table(workbook({"名册": cells_of(rows)})), RULES)
    assert [row.record.season if row.record else None for row in result.rows] == ["spring", "autumn", None]
    assert [f.code for f in result.findings] == [
        "roster.season_by_month",
        "roster.season_by_month",
        "roster.season_month_unruled",
    ]


@pytest.mark.parametrize(
    ("graduation", "season", "code"),
    [
        ("2028年1月", "spring", None), ("20280701", "autumn", None), ("2028-07", "autumn", None),
        ("2028年6月", None, "roster.season_month_unruled"), ("", None, "roster.required"), ("明年", None, "roster.season_unknown"),
    ],
)  # fmt: skip
def test_a_file_without_seasons_has_them_by_its_days_of_graduation(graduation, season, code):
    """R13: the registrar's export names the month of graduation and no season."""
    headings, *rows = cells_of([person(n) for n in range(1, 4)])
    place = headings.index("毕业季")
    headings[place] = "预计毕业时间"
    for row, text in zip(rows, ("2028年7月", "2028年7月", graduation), strict=True):
        row[place] = text
    data = workbook({"名册": [headings, *rows]})
    assert "season" not in propose_mapping(data).missing_required
    result = lint(read_table(data), RULES)
    assert [row.record and row.record.season for row in result.rows][-1] == season
    assert code is None or f"{code}" in [f.code for f in result.findings if f.row_number == 4]


def test_the_bounded_reader_says_the_same():
    data = workbook({"甲": cells_of(PEOPLE), "乙": cells_of([person(9)])})
    here, there = read_table(data), read_table(data, reader=Bounded())
    assert [dict(row.values) for row in there.rows] == [dict(row.values) for row in here.rows]
    assert there.sheets == here.sheets == ("甲", "乙")


def test_old_workbooks_keep_their_figures():
    cells = cells_of(PEOPLE[:1])
    cells[1][at("学制")] = 4.0
    assert read_table(xls({"名册": cells}), reader=Bounded()).rows[0].values["length_of_study"] == "4"
