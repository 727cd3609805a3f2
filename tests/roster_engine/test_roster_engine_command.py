"""``gradphoto roster check``: what it prints, writes and returns, without any server."""

from __future__ import annotations

import json

import openpyxl
import pytest
import xlsxwriter
from click.testing import CliRunner
from made_up_rosters import REGION, cells_of, csv_text, person, workbook
from made_up_xls import xls

from gradphoto.cli import main
from gradphoto.engine.roster.layout import CHSI_COLUMNS

pytestmark = pytest.mark.engine


@pytest.fixture
def run(tmp_path):
    def call(name: str, data: bytes, *options: str):
        path = tmp_path / name
        path.write_bytes(data)
        return CliRunner().invoke(main, ["roster", "check", str(path), "--test-region", REGION, *options])

    return call


def test_nothing_to_mend_is_status_0(run):
    answer = run("r.csv", csv_text([person(1), person(2)]).encode())
    assert answer.exit_code == 0
    assert "2 行 rows, 2 可用 good, 0 有误 bad" in answer.output


def test_a_row_to_mend_is_status_1_with_reason_and_remedy_in_both_languages(run):
    answer = run("r.xls", xls({"名册": cells_of([person(1, sex="甲")])}))
    assert answer.exit_code == 1
    assert "第2行 性别「甲」 性别应为“男”或“女”。请改正。" in answer.output
    assert "The sex must be" in answer.output


def test_a_warning_alone_is_status_0(run):
    assert run("r.csv", csv_text([person(1, ethnic_group="汉")]).encode()).exit_code == 0


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7", "甲,乙\n1,2\n".encode()])
def test_a_file_that_cannot_be_read_is_status_2_with_a_remedy(run, data):
    answer = run("r.xlsx", data)
    assert answer.exit_code == 2
    assert "→" in answer.output


def test_fix_writes_a_corrected_and_marked_copy_and_leaves_the_file_alone(run, tmp_path):
    data = workbook({"名册": cells_of([person(1, name="张 伟", ethnic_group="汉"), person(2, major="")])})
    out = tmp_path / "out.xlsx"
    answer = run("r.xlsx", data, "--fix", str(out))
    assert answer.exit_code == 1, "the missing major is left to a person"
    assert "「张 伟」→「张伟」" in answer.output
    assert (tmp_path / "r.xlsx").read_bytes() == data
    book = openpyxl.load_workbook(out)
    assert book["名册"]["B2"].value == "张伟"
    assert [row[1].value for row in book["已修正"].iter_rows(min_row=2)] == ["姓名", "民族"]
    assert not list(tmp_path.glob(".*.part"))


def test_out_is_marked_as_it_came_and_fix_with_its_fixes(run, tmp_path):
    out, fix = tmp_path / "out.xlsx", tmp_path / "fix.xlsx"
    run("r.csv", csv_text([person(1, name="张 伟")]).encode(), "--out", str(out), "--fix", str(fix))
    assert [openpyxl.load_workbook(path)["名册"]["B2"].value for path in (out, fix)] == ["张 伟", "张伟"]


def test_a_row_whose_only_fault_was_fixed_is_good(run, tmp_path):
    assert run("r.csv", csv_text([person(1, name="张 伟")]).encode()).exit_code == 1
    assert run("r.csv", csv_text([person(1, name="张 伟")]).encode(), "--fix", str(tmp_path / "o.xlsx")).exit_code == 0


def test_the_output_may_not_be_the_input(run, tmp_path):
    answer = run("r.csv", csv_text([person(1)]).encode(), "--fix", str(tmp_path / "r.csv"))
    assert answer.exit_code == 2
    assert (tmp_path / "r.csv").read_text().startswith("学号")


def test_a_folder_that_is_not_there_is_a_sentence(run, tmp_path):
    answer = run("r.csv", csv_text([person(1)]).encode(), "--out", str(tmp_path / "no" / "o.xlsx"))
    assert answer.exit_code == 2
    assert "无法写入" in answer.output


def test_json_is_a_list_of_findings_with_masked_numbers(run):
    row = person(1, id_number=f"'{person(1)['id_number']}")
    found = json.loads(run("r.csv", csv_text([row]).encode(), "--json").output)
    assert [(f["row"], f["field"], f["code"]) for f in found] == [(2, "id_number", "roster.id_form")]
    assert found[0]["fix"].startswith("990***********")


def test_admissions_data_are_compared_and_the_form_is_named(run, tmp_path):
    reference = tmp_path / "admissions.csv"
    reference.write_text(csv_text([person(1, sex="女"), person(2)]))
    data = csv_text([person(1), person(2), person(3)]).encode()
    answer = run("r.csv", data, "--admissions", str(reference), "--out", str(tmp_path / "o.xlsx"))
    assert answer.exit_code == 1
    assert "录取信息更正审批表》一式三份" in answer.output
    assert "2 处与录取数据不同" in answer.output
    sheet = openpyxl.load_workbook(tmp_path / "o.xlsx")["录取数据对比"]
    assert [sheet.cell(line, 7).value for line in (2, 3)] == ["录取信息更正（三份）", "待查"]
    told = json.loads(run("r.csv", data, "--admissions", str(reference), "--json").output)
    assert [(d["route"], d["copies"]) for d in told["differences"]] == [("admission", 3), ("ask", 0)]


def test_a_known_layout_is_asked_only_for_what_it_has(run):
    text = ",".join(CHSI_COLUMNS) + "\n" + ",".join(person(1).get(name, "") for name in CHSI_COLUMNS.values())
    answer = run("xj.csv", text.encode())
    assert answer.exit_code == 0, answer.output
    assert "layout chsi" in answer.output


def test_a_sheet_can_be_chosen(run):
    data = workbook({"甲班": cells_of([person(1)]), "乙班": cells_of([person(2), person(3)])})
    assert "2 行 rows" in run("r.xlsx", data, "--sheet", "乙班").output
    assert run("r.xlsx", data, "--sheet", "丙班").exit_code == 2


def test_the_class_is_compared_with_the_entry_dates(run):
    assert "2027" in run("r.csv", csv_text([person(1, entry_date="20190901")]).encode(), "--class-of", "2027").output


def test_hidden_and_struck_rows_are_counted_and_left_out_when_asked(tmp_path):
    out = tmp_path / "r.xlsx"
    book = xlsxwriter.Workbook(out)
    sheet, struck = book.add_worksheet("名册"), book.add_format({"font_strikeout": True})
    for line, row in enumerate(cells_of([person(n) for n in range(1, 5)])):
        for column, cell in enumerate(row):
            sheet.write_string(line, column, cell, struck if line == 4 else None)
    sheet.set_row(2, None, None, {"hidden": True})
    book.close()
    check = ("roster", "check", str(out), "--test-region", "990101")
    all_rows = CliRunner().invoke(main, check).output
    assert "4 行 rows" in all_rows
    assert "1 行隐藏或筛选掉 hidden, 1 行画了删除线 struck through" in all_rows
    assert "2 行 rows" in CliRunner().invoke(main, (*check, "--leave-hidden", "--leave-struck")).output
