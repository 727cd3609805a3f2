"""The check finds exactly what was planted, reads what schools send, and says why it will not read the rest."""

import io
import zipfile
from datetime import date

import openpyxl
import pytest

from gradphoto.demo.people import TEST_REGION, DepartmentPlan, make_roster, write_roster_xlsx
from gradphoto.engine.roster import LintRules, RosterFileError, Severity, check_bytes, read_table, write_marked_workbook

pytestmark = pytest.mark.engine
RULES = LintRules(today=date(2026, 3, 1), test_regions=frozenset({TEST_REGION}))
PLAN = [
    DepartmentPlan("计算机学院", "计算机科学与技术", "计科22", 4, 120),
    DepartmentPlan("外语学院", "英语", "英语22", 3, 92, "秋季"),
]


@pytest.fixture(scope="module")
def roster():
    plan = make_roster(PLAN)
    return plan, write_roster_xlsx(plan, "2026届预计毕业生名册")


def test_the_check_finds_exactly_the_planted_faults(roster):
    plan, data = roster
    report = check_bytes(data, "r.xlsx", RULES)
    found = {(f.row_number, f.field, f.code) for f in report.result.findings}
    assert found == {(f.row_number, f.field, f.code) for f in plan.faults}


def test_good_rows_are_not_lost_because_of_bad_ones(roster):
    plan, data = roster
    report = check_bytes(data, "r.xlsx", RULES)
    errors = {f.row_number for f in report.result.findings if f.severity is Severity.ERROR}
    assert len(report.result.good) == len(plan.rows) - len(errors) == 212 - 7
    assert len(report.result.bad) == 7


def test_r27_a_15_digit_number_goes_in_as_18_digits(roster):
    plan, data = roster
    row = next(f.row_number for f in plan.faults if f.code == "roster.id_15_digits")
    record = next(r.record for r in check_bytes(data, "r.xlsx", RULES).result.rows if r.row_number == row)
    assert record is not None
    assert record.id_number.startswith(f"{TEST_REGION}19860305001")
    assert len(record.id_number) == 18


def test_findings_mask_the_id_number(roster):
    _, data = roster
    report = check_bytes(data, "r.xlsx", RULES)
    values = [f.value for f in report.result.findings if f.field == "id_number"]
    assert values
    assert all("*******" in value for value in values)


def test_without_the_rule_set_the_test_region_is_no_resident(roster):
    """A 9 in front is a foreigner's card unless the rule set names the region."""
    _, data = roster
    result = check_bytes(data, "r.xlsx", LintRules(today=date(2026, 3, 1))).result
    assert result.good


def test_the_marked_workbook_shows_row_column_reason_remedy(roster):
    plan, data = roster
    report = check_bytes(data, "r.xlsx", RULES)
    book = openpyxl.load_workbook(io.BytesIO(write_marked_workbook(report.table, report.result.findings)))
    listed = book["问题清单"]
    assert listed.max_row == len(plan.faults) + 1
    assert listed[2][0].value == plan.faults[0].row_number
    marked = book["名册"]
    space = next(f for f in plan.faults if f.code == "roster.name_space")
    cell = marked.cell(space.row_number, 2)
    assert cell.fill.fgColor.rgb.endswith("F8CBCB")
    assert "空格" in cell.comment.text


def test_gb18030_csv_is_read():
    text = "学号,姓名,性别,身份证号,院系\n1,张伟,男,990101200403050017,计算机学院\n"
    table = read_table(text.encode("gb18030"))
    assert table.rows[0].values["name"] == "张伟"
    assert table.rows[0].row_number == 2


def _bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 60_000_000)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "roster.empty"),
        (b"   \n", "roster.empty"),
        (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "roster.encrypted"),
        (b"\xd0\xcf\x11\xe0 no workbook", "roster.not_a_table"),
        (b"PK\x03\x04 not really a zip", "roster.not_a_table"),
        (b"\x89PNG\x00\x00", "roster.not_a_table"),
        (b"\xff\xff\xff\x80\x81,\xff", "roster.mojibake"),
        ("甲,乙\n1,2\n".encode(), "roster.header_not_found"),
        ("学号,姓名,性别,身份证号\n".encode(), "roster.empty"),
        (_bomb(), "roster.zip_bomb"),
    ],
)
def test_a_file_that_cannot_be_read_says_why_and_what_to_do(data, code):
    with pytest.raises(RosterFileError) as caught:
        read_table(data)
    assert caught.value.code == code
    assert caught.value.remedy.zh
    assert caught.value.remedy.en
