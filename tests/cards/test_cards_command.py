"""``gradphoto cards``: from a roster to paper and back to a workbook."""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from click.testing import CliRunner
from PIL import Image
from scanned_sheets import drawn, made_up_id

from gradphoto.cli import main

pytestmark = pytest.mark.engine
HEADINGS = ("学号", "姓名", "身份证号码", "院系", "学历类别", "所在校别")


def roster(path: Path, rows: list[tuple[str, ...]], headings: tuple[str, ...] = HEADINGS) -> Path:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as workbook:
        sheet = workbook.add_worksheet()
        for line, row in enumerate((headings, *rows)):
            sheet.write_row(line, 0, row)
    path.write_bytes(out.getvalue())
    return path


@pytest.fixture
def people():
    import numpy as np

    rng = np.random.default_rng(52)
    return [
        ("2010001", "单伟", made_up_id(rng), "信息学院", "本科", "普通高校"),
        ("2010A02", "王喆", made_up_id(rng), "信息学院", "本科", "普通高校"),
        ("2010003", "阿卜杜拉·买买提", made_up_id(rng), "土建学院", "专科", "网络教育"),
    ]


def run(*words: object, code: int = 0) -> str:
    result = CliRunner().invoke(main, ["cards", *(str(word) for word in words)])
    assert result.exit_code == code, result.output
    return result.output


SCHOOL = (
    "--school-name",
    "湖南理工学院",
    "--school-code",
    "10543",
    "--department",
    "信息学院=12",
    "--department",
    "土建学院=14",
)


def cells(path: Path, sheet: str) -> list[list[str]]:
    return [[c or "" for c in row] for row in openpyxl.load_workbook(path)[sheet].iter_rows(values_only=True)]


def test_a_roster_becomes_cards_and_cards_a_workbook(tmp_path, people):
    told = run("print", roster(tmp_path / "r.xlsx", people), tmp_path / "cards.pdf", *SCHOOL)
    assert "3 张卡" in told
    assert "“喆”无区位码，拼音 zhe" in told
    told = run("read", tmp_path / "cards.pdf", tmp_path / "out.xlsx")
    assert "3 已读出" in told
    assert not any(person[2] in told for person in people), "no ID number on the screen"
    heading, *rows = cells(tmp_path / "out.xlsx", "读卡结果")
    for row, person in zip(rows, people, strict=True):
        read = dict(zip(heading, row, strict=True))
        assert (read["学号"], read["姓名"], read["身份证号"]) == person[:3]
        assert (read["院校代码"], read["所在院校名称"], read["状态"]) == ("10543", "湖南理工学院", "已读出")
    assert [row[1] for row in rows] == ["10543-0002", "10543-0003", "10543-0004"]


def test_a_confirmed_reading_is_not_asked_again(tmp_path, people):
    told = run("print", roster(tmp_path / "r.xlsx", people), tmp_path / "c.pdf", *SCHOOL, "--pinyin", "喆=zhe")
    assert "请确认" not in told


def test_rows_that_get_no_card_are_told_with_their_reason(tmp_path, people):
    bad = [
        ("2010004", "李四", people[0][2][:-1] + "A", "信息学院", "本科", "普通高校"),
        ("2010005", "赵五", people[0][2], "外语学院", "本科", "普通高校"),
    ]
    told = run("print", roster(tmp_path / "r.xlsx", people[:1] + bad), tmp_path / "c.pdf", *SCHOOL, code=1)
    assert "第3行 李四 身份证号" in told
    assert "第4行 赵五" in told
    assert "1 张卡" in told
    assert bad[0][2] not in told


def test_the_summary_tables_own_columns_are_understood(tmp_path, people):
    headings = ("姓名", "学号", "身份证号码", "学历类别", "所在校别", "（院）系代码", "所在院校名称", "院校代码")
    row = (people[0][1], people[0][0], people[0][2], "本科", "普通高校", "004", "西北工业大学", "10699")
    run("print", roster(tmp_path / "r.xlsx", [row], headings), tmp_path / "c.pdf")
    run("read", tmp_path / "c.pdf", tmp_path / "out.xlsx")
    _, read = cells(tmp_path / "out.xlsx", "读卡结果")
    assert {"西北工业大学", "10699", "004"} <= set(read)


def test_pages_for_a_person_are_listed_with_their_picture(tmp_path, people):
    run("print", roster(tmp_path / "r.xlsx", people[:1]), tmp_path / "c.pdf", *SCHOOL, "--by-hand")
    told = run("read", tmp_path / "c.pdf", tmp_path / "out.xlsx", code=1)
    assert "1 待核对" in told
    assert len(cells(tmp_path / "out.xlsx", "待核对")) > 5


def test_images_are_read_too_and_a_card_scanned_twice_is_noticed(tmp_path, people):
    run("print", roster(tmp_path / "r.xlsx", people[:1]), tmp_path / "c.pdf", *SCHOOL)
    page = drawn((tmp_path / "c.pdf").read_bytes(), 150)[0]
    Image.fromarray(page).save(tmp_path / "a.jpg", quality=80)
    told = run("read", tmp_path / "a.jpg", tmp_path / "a.jpg", tmp_path / "out.xlsx", code=1)
    assert "卡号 10543-0002 出现在第 1、2 页" in told
    assert "卡号重复" in cells(tmp_path / "out.xlsx", "读卡结果")[1][-1]


def test_blank_cards(tmp_path):
    assert "2 张空白卡" in run("blank", 2, tmp_path / "b.pdf")
    assert len(drawn((tmp_path / "b.pdf").read_bytes(), 50)) == 2


def test_what_cannot_be_opened_is_said(tmp_path):
    (tmp_path / "x.pdf").write_bytes(b"%PDF nonsense")
    told = CliRunner().invoke(main, ["cards", "read", str(tmp_path / "x.pdf"), str(tmp_path / "o.xlsx")])
    assert told.exit_code == 2
    assert "cards.scan_broken" in told.output
    assert not (tmp_path / "o.xlsx").exists()
