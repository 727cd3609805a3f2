"""What schools send: every format by its content, headings wherever they stand, and a sentence for what cannot be read."""

from __future__ import annotations

import io
import random
import struct
import zipfile

import dbf
import openpyxl
import pytest
import xlsxwriter
from made_up_rosters import OWN_TITLES, RULES, cells_of, csv_text, person, workbook
from made_up_xls import ERROR_NA, bare_biff5, xls

from gradphoto.engine.roster import Limits, RosterFileError, lint, read_table
from gradphoto.engine.roster.layout import CHSI_COLUMNS

pytestmark = pytest.mark.engine
PEOPLE = [person(serial) for serial in range(1, 6)]
TEXT = csv_text(PEOPLE)


def values(data: bytes, name: str = "", **more: object) -> list[dict[str, str]]:
    return [dict(row.values) for row in read_table(data, name, **more).rows]


def refused(data: bytes, **more: object) -> RosterFileError:
    with pytest.raises(RosterFileError) as caught:
        read_table(data, **more)
    assert caught.value.remedy.zh
    assert caught.value.remedy.en
    return caught.value


@pytest.mark.parametrize("separator", [",", "\t", ";", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_text_in_every_encoding_and_with_every_separator(encoding, separator):
    assert values(csv_text(PEOPLE, separator=separator).encode(encoding)) == PEOPLE


def test_a_roster_is_known_by_its_content_and_never_by_its_name():
    assert values(TEXT.encode(), "roster.xlsx") == PEOPLE
    assert values(workbook({"名册": cells_of(PEOPLE)}), "roster.csv") == PEOPLE


def test_exports_that_keep_numbers_as_formulas_of_text():
    text = TEXT.replace(PEOPLE[0]["id_number"], f'="{PEOPLE[0]["id_number"]}"')
    assert values(text.encode())[0]["id_number"] == PEOPLE[0]["id_number"]


def test_an_old_xls_in_its_container():
    table = read_table(xls({"说明": [["填表说明"]], "名册": [["2026届名册"], *cells_of(PEOPLE)]}))
    assert (table.sheet, table.sheets) == ("名册", ("说明", "名册"))
    assert [dict(row.values) for row in table.rows] == PEOPLE
    assert table.header.row_number == 2


def test_an_xls_of_before_unicode_without_container_or_code_page_is_gbk():
    assert values(bare_biff5(cells_of(PEOPLE))) == PEOPLE


def test_an_xls_keeps_figures_and_names_its_error_values():
    cells = cells_of(PEOPLE[:2])
    cells[1][OWN_TITLES.index("学制")] = 4.0
    cells[2][OWN_TITLES.index("民族")] = ERROR_NA
    table = read_table(xls({"名册": cells}))
    assert table.rows[0].values["length_of_study"] == "4"
    assert [(n.row_number, n.field, n.code, n.value) for n in table.notes] == [
        (3, "ethnic_group", "roster.cell_error", "#N/A")
    ]


def test_an_xls_with_a_password_or_macros():
    assert refused(xls({"名册": cells_of(PEOPLE)}, encrypted=True)).code == "roster.encrypted"
    table = read_table(xls({"名册": cells_of(PEOPLE)}, with_macros=True))
    assert [note.code for note in table.notes] == ["roster.macros"]


def _dbf(tmp_path, rows, codepage="cp936"):
    path = tmp_path / "xj.dbf"
    widths = {"XM": 40, "KSH": 18, "XH": 15, "SFZH": 18, "ZYMC": 50, "MZ": 24, "XSH": 40}
    structure = "; ".join(f"{title} C({widths.get(title, 16)})" for title in CHSI_COLUMNS)
    table = dbf.Table(str(path), structure, codepage=codepage)
    table.open(dbf.READ_WRITE)
    for row in rows:
        table.append({title: row.get(name, "") for title, name in CHSI_COLUMNS.items()})
    table.close()
    return path


def test_chsi_status_data_as_dbf_in_gbk(tmp_path):
    rows = [person(serial, candidate_no=f"264306000000{serial:02d}", study_form="普通全日制") for serial in range(1, 4)]
    table = read_table(_dbf(tmp_path, rows).read_bytes())
    assert table.header.layout == "chsi"
    assert [row.values["name"] for row in table.rows] == [row["name"] for row in rows]
    assert table.rows[0].values["candidate_no"] == "26430600000001"
    assert table.rows[0].row_number == 2


def test_deleted_records_of_a_dbf_are_gone_and_padding_is_no_fault(tmp_path):
    path = _dbf(tmp_path, [person(1), person(2)])
    table = dbf.Table(str(path))
    table.open(dbf.READ_WRITE)
    dbf.delete(table[0])
    table.close()
    read = read_table(path.read_bytes())
    assert [row.values["student_no"] for row in read.rows] == [person(2)["student_no"]]
    assert not any(finding.code == "roster.outer_space" for finding in lint(read, RULES).findings)


def test_a_dbf_that_is_cut_off_or_too_long_says_so(tmp_path):
    data = _dbf(tmp_path, [person(1), person(2)]).read_bytes()
    assert refused(data[:-400]).code == "roster.truncated"
    assert refused(data, limits=Limits(rows=1)).code == "roster.too_many_rows"


def test_the_sheet_with_the_best_heading_is_read_and_any_other_can_be_asked_for():
    sheets = {"代码表": [["代码", "名称"], ["01", "汉族"]], "名册": cells_of(PEOPLE), "空表": []}
    table = read_table(workbook(sheets))
    assert (table.sheet, table.sheets) == ("名册", ("代码表", "名册", "空表"))


def test_headings_below_titles_and_after_an_empty_column():
    cells = [["某某大学"], [None, "2026届预计毕业生名册"], [], *[["", *row] for row in cells_of(PEOPLE)]]
    table = read_table(workbook({"名册": cells}))
    assert table.header.row_number == 4
    assert [dict(row.values) for row in table.rows] == PEOPLE


def test_a_heading_merged_over_two_rows():
    upper = ["学号", "姓名", "性别", "证件", "", "专业", "", "院系", "层次", "毕业季", "出生日期"]
    lower = ["", "", "", "类型", "号码", "名称", "代码", "", "", "", ""]
    person_cells = [
        "1",
        "张伟",
        "男",
        "居民身份证",
        person()["id_number"],
        "英语",
        "050201",
        "外语学院",
        "本科",
        "春季",
    ]
    table = read_table(workbook({"名册": [["名册"], upper, lower, [*person_cells, "20040305"]]}))
    assert table.header.row_number == 3
    row = table.rows[0].values
    assert (row["id_type"], row["major"], row["major_code"]) == ("居民身份证", "英语", "050201")
    assert table.header.title_of("student_no") == "学号"


def test_cells_merged_downwards_count_for_every_row():
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet = book.add_worksheet()
    merged = OWN_TITLES.index("院系")
    for line, row in enumerate(cells_of(PEOPLE[:3])):
        for column, cell in enumerate(row):
            if not line or column != merged:
                sheet.write_string(line, column, cell)
    sheet.merge_range(1, merged, 3, merged, "外语学院")
    book.close()
    assert [row["department"] for row in values(out.getvalue())] == ["外语学院"] * 3


def test_lines_below_the_table_and_repeated_headings_are_no_people_and_are_told():
    cells = cells_of(PEOPLE)
    cells[3:3] = [list(OWN_TITLES)]
    cells += [["合计：5人"], [], ["制表人：某某", "", "审核："]]
    table = read_table(workbook({"名册": cells}))
    assert len(table.rows) == 5
    assert [(n.row_number, n.code) for n in table.notes] == [
        (4, "roster.repeated_header"),
        (8, "roster.foot_line"),
        (10, "roster.foot_line"),
    ]


def test_a_formula_counts_by_its_saved_value_and_without_one_is_a_finding():
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet = book.add_worksheet()
    for line, row in enumerate(cells_of(PEOPLE[:4])):
        for column, cell in enumerate(row):
            sheet.write_string(line, column, cell)
    name, major = OWN_TITLES.index("姓名"), OWN_TITLES.index("专业名称")
    sheet.write_formula(1, name, "=B3", None, "王芳")
    sheet.write_formula(2, major, "=K9", None, "")
    sheet.write_formula(3, major, "=NA()", None, "#N/A")
    book.close()
    table = read_table(out.getvalue())
    assert table.rows[0].values["name"] == "王芳"
    findings = [(f.row_number, f.field, f.code) for f in lint(table, RULES).findings]
    assert findings == [(3, "major", "roster.formula_without_value"), (4, "major", "roster.cell_error")]


def test_formulas_written_by_a_program_that_never_computed_them():
    book = openpyxl.Workbook()
    for row in cells_of(PEOPLE[:1]):
        book.active.append(row)
    book.active.cell(2, OWN_TITLES.index("院系") + 1).value = '="计算机"&"学院"'
    out = io.BytesIO()
    book.save(out)
    assert [note.code for note in read_table(out.getvalue()).notes] == ["roster.formula_without_value"]


def test_dates_and_figures_become_what_a_person_means():
    cells = cells_of(PEOPLE[:1])
    cells[1][OWN_TITLES.index("学制")] = 2.5
    cells[1][OWN_TITLES.index("学号")] = 2022000001
    cells[1][OWN_TITLES.index("身份证号")] = int(PEOPLE[0]["id_number"][:17] + "0")
    row = values(workbook({"名册": cells}))[0]
    assert (row["length_of_study"], row["student_no"]) == ("2.5", "2022000001")
    assert "E+17" in row["id_number"], "fifteen digits are all a spreadsheet keeps of a figure"


def test_an_xlsm_is_read_and_its_macros_are_told():
    data = workbook({"名册": cells_of(PEOPLE)})
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for entry in old.infolist():
            new.writestr(entry, old.read(entry))
        new.writestr("xl/vbaProject.bin", b"\xcc\x61")
    table = read_table(out.getvalue(), "名册.xlsm")
    assert table.has_macros
    assert [note.code for note in lint(table, RULES).findings] == ["roster.macros"]
    assert len(lint(table, RULES).good) == 5


def test_more_rows_than_allowed_are_refused():
    data = workbook({"名册": cells_of([person(serial) for serial in range(1, 60)])})
    assert refused(data, limits=Limits(rows=50)).code == "roster.too_many_rows"


def test_two_million_rows_of_text_are_refused_without_being_read(monkeypatch):
    data = (csv_text([]) + "1,2,3,4\n" * 2_000_000).encode()
    seen = []
    with pytest.raises(RosterFileError) as caught:
        read_table(data, progress=seen.append)
    assert caught.value.code == "roster.too_many_rows"
    assert max(seen, default=0) <= Limits().rows


def test_blank_formatted_rows_down_to_the_end_are_no_rows():
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet, grey = book.add_worksheet(), book.add_format({"bg_color": "#EEEEEE"})
    for line, row in enumerate(cells_of(PEOPLE)):
        for column, cell in enumerate(row):
            sheet.write_string(line, column, cell)
    for line in range(6, 3_000):
        sheet.write_blank(line, 0, None, grey)
    book.close()
    assert len(read_table(out.getvalue(), limits=Limits(rows=100)).rows) == 5


def _repacked(data: bytes, part: str, change) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            body = old.read(entry)
            new.writestr(entry.filename, change(body) if entry.filename == part else body)
    return out.getvalue()


def test_a_stray_value_at_the_far_corner_does_not_take_all_memory():
    """Loading lays out every cell up to the last: sixteen thousand columns by a million rows."""
    data = workbook({"名册": cells_of(PEOPLE)})
    corner = b'<row r="7"><c r="XFD7"><v>1</v></c></row></sheetData>'
    wide = _repacked(data, "xl/worksheets/sheet1.xml", lambda body: body.replace(b"</sheetData>", corner))
    assert refused(wide).code == "roster.too_wide"


def test_a_zip_bomb_is_refused_by_its_directory():
    bomb = _repacked(workbook({"名册": cells_of(PEOPLE)}), "xl/theme/theme1.xml", lambda body: bytes(60_000_000))
    assert refused(bomb).code == "roster.zip_bomb"


def test_a_bomb_that_lies_about_its_size_is_found_out():
    blank = b" " * 60_000_000 + b"</sheetData>"
    sheet = "xl/worksheets/sheet1.xml"
    data = bytearray(
        _repacked(workbook({"名册": cells_of(PEOPLE)}), sheet, lambda body: body.replace(b"</sheetData>", blank))
    )
    declared = len(zipfile.ZipFile(io.BytesIO(data)).read(sheet))
    for place in range(len(data) - 4):
        if data[place : place + 4] == struct.pack("<I", declared):
            data[place : place + 4] = struct.pack("<I", 6_000)
    assert refused(bytes(data)).code == "roster.damaged"


def test_half_a_zip_is_told_from_no_zip():
    data = workbook({"名册": cells_of(PEOPLE)})
    assert refused(data[: len(data) // 2]).code == "roster.truncated"
    assert refused(b"PK\x03\x04 not really a zip").code == "roster.not_a_table"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"\xff\xd8\xff\xe0 roster", "JPEG"),
        (b"\x89PNG\r\n\x1a\n\x00", "PNG"),
        (b"%PDF-1.7 roster", "PDF"),
        (b"Rar!\x1a\x07\x00", "RAR"),
        (b"\xd0\xcf\x11\xe0" + "WordDocument".encode("utf-16-le"), "Word"),
    ],
)
def test_a_renamed_picture_or_document_is_called_by_its_name(data, says):
    error = refused(data)
    assert error.code == "roster.not_a_table"
    assert says in error.message.zh


def test_a_word_file_and_an_archive_are_no_workbook():
    for name, says in (("word/document.xml", "Word"), ("photos/1.jpg", "压缩包")):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr(name, b"x")
        assert says in refused(out.getvalue()).message.zh


def test_the_web_page_that_calls_itself_xls():
    assert refused(f"<html><table><tr><td>{TEXT}</td></tr></table></html>".encode()).code == "roster.web_page"


def test_text_that_decodes_but_was_read_in_a_wrong_encoding():
    as_gbk = TEXT.encode().decode("gb18030", "replace")
    as_latin = TEXT.encode("gb18030").decode("latin-1")
    for garbled in (as_gbk, as_latin):
        error = refused(garbled.encode())
        assert error.code == "roster.mojibake"
        assert "学号" in error.message.zh or "性别" in error.message.zh or "姓名" in error.message.zh


def test_bytes_of_no_encoding_name_the_line():
    error = refused(TEXT.encode("gb18030") + b"\n\xff\xff\xff")
    assert error.code == "roster.mojibake"
    assert "第 8 行" in error.message.zh


def test_a_quotation_mark_that_is_never_closed():
    text = TEXT.replace("张伟", '"张伟', 1) + TEXT * 900
    assert refused(text.encode()).code == "roster.bad_csv"


def _damaged(data: bytes, rng: random.Random) -> bytes:
    """The file with some bytes changed, dropped or put in, as bad disks and broken transfers leave it."""
    broken = bytearray(data)
    for _ in range(rng.choice((1, 3, 20))):
        place = rng.randrange(len(broken))
        how = rng.randrange(3)
        broken[place : place + (1, 30, 0)[how]] = rng.randbytes((1, 0, 5)[how])
    return bytes(broken)


def _damaged_inside(data: bytes, rng: random.Random) -> bytes:
    part = rng.choice(
        [
            "xl/workbook.xml",
            "xl/_rels/workbook.xml.rels",
            "xl/worksheets/sheet1.xml",
            "xl/sharedStrings.xml",
            "xl/styles.xml",
        ]
    )
    return _repacked(data, part, lambda body: _damaged(body, rng))


@pytest.mark.parametrize("kind", ["xlsx", "inside xlsx", "xls", "bare xls", "dbf", "csv"])
def test_a_file_damaged_at_any_place_is_read_or_refused_with_a_sentence(kind, tmp_path):
    make, damage = {
        "xlsx": (workbook({"名册": cells_of(PEOPLE)}), _damaged),
        "inside xlsx": (workbook({"名册": cells_of(PEOPLE)}), _damaged_inside),
        "xls": (xls({"名册": cells_of(PEOPLE)}), _damaged),
        "bare xls": (bare_biff5(cells_of(PEOPLE)), _damaged),
        "dbf": (_dbf(tmp_path, PEOPLE).read_bytes(), _damaged),
        "csv": (TEXT.encode("gb18030"), _damaged),
    }[kind]
    rng = random.Random(kind)
    outcomes = {"read": 0, "refused": 0}
    for _ in range(60):
        try:
            result = lint(read_table(damage(make, rng)), RULES)
        except RosterFileError:
            outcomes["refused"] += 1
        else:
            outcomes["read"] += len(list(result.rows)) > 0
    assert outcomes["refused"] > 0
    assert sum(outcomes.values()) == 60


def test_a_package_with_a_zip_password():
    data = bytearray(workbook({"名册": cells_of(PEOPLE)}))
    for magic, place in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        at = data.find(magic)
        while at >= 0:
            data[at + place] |= 1
            at = data.find(magic, at + 4)
    assert refused(bytes(data)).code == "roster.encrypted"


def test_progress_is_told_and_an_exception_in_it_stops_the_reading():
    class PressedCancelError(Exception):
        pass

    def cancel(done):
        assert done == 10_000
        raise PressedCancelError

    many = [person(serial) for serial in range(1, 12_000)]
    for data in (csv_text(many).encode(), workbook({"名册": cells_of(many)})):
        with pytest.raises(PressedCancelError):
            read_table(data, progress=cancel)
    told = []
    table = read_table(csv_text(many).encode())
    lint(table, RULES, told.append)
    assert told == sorted(told)
    assert (len(told) > 1, told[-1]) == (True, 11_999)
    with pytest.raises(PressedCancelError):
        lint(table, RULES, lambda done: cancel(10_000))
