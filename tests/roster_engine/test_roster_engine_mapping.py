"""Which column is which: the three layouts, similar headings, content, and a mapping that is remembered."""

from __future__ import annotations

import pytest
from made_up_rosters import OWN_TITLES, RULES, cells_of, csv_text, number, person, workbook

from gradphoto.engine.roster import (
    ColumnMapping,
    LintRules,
    RosterFileError,
    fingerprint,
    lint,
    propose_mapping,
    read_table,
)
from gradphoto.engine.roster.layout import CHSI_COLUMNS, R52_FIELDS, S4_FIELDS, field_of

pytestmark = pytest.mark.engine

S4_HEADINGS = (
    "学号",
    "姓名",
    "性别",
    "出生日期",
    "政治面貌",
    "专业（方向）",
    "入学日期",
    "学制",
    "培养层次",
    "民族",
    "身份证号",
    "籍贯",
    "备注",
)
R52_HEADINGS = (
    "拍摄序号", "姓名", "学号", "性别", "身份证号码", "专业名称", "学历类别", "所在校别", "（院）系代码", "所在院校名称", "院校代码",
)  # fmt: skip


def test_r20_the_thirteen_fields_of_s4():
    assert tuple(field_of(heading) for heading in S4_HEADINGS) == S4_FIELDS
    proposal = propose_mapping((",".join(S4_HEADINGS) + "\n" + ",".join("x" * 13)).encode(), "s4.csv")
    assert proposal.layout == "s4"
    assert all(column.certainty == "known" for column in proposal.columns)
    assert proposal.missing_required == ("department", "season")


def test_r52_the_eleven_columns_of_the_summary_table():
    assert tuple(field_of(heading) for heading in R52_HEADINGS) == R52_FIELDS
    title = "高等教育学历证书图像信息采集汇总表\n校外学习中心（函授站）名称：江城学习中心\n"
    proposal = propose_mapping((title + ",".join(R52_HEADINGS) + "\n" + ",".join("x" * 11)).encode(), "r52.csv")
    assert (proposal.layout, proposal.header_row) == ("r52", 3)
    assert "birth_date" not in proposal.missing_required, "the ID number tells it"


def test_the_eighteen_columns_of_chsi():
    proposal = propose_mapping((",".join(CHSI_COLUMNS) + "\n" + ",".join("x" * 18)).encode(), "xj.csv")
    assert proposal.layout == "chsi"
    assert [column.field for column in proposal.columns] == list(CHSI_COLUMNS.values())
    assert proposal.missing_required == (), "the day of graduation tells the season (R13)"


def test_our_own_template_is_complete():
    proposal = propose_mapping(csv_text([person()]).encode(), "own.csv")
    assert (proposal.layout, proposal.missing_required) == ("own", ())


def test_a_chsi_row_becomes_a_record_with_all_its_fields():
    row = person(
        candidate_no="26430600000001", major_code="080901", study_form="普通全日制", branch_school="本部",
        expected_graduation="20260630",
    )  # fmt: skip
    text = ",".join(CHSI_COLUMNS) + "\n" + ",".join(row[name] for name in CHSI_COLUMNS.values())
    result = lint(read_table(text.encode()), LintRules(RULES.today, RULES.test_regions, defaults={"season": "春季"}))
    assert not result.findings
    record = result.good[0].record
    assert (record.candidate_no, record.major_code, record.study_form) == ("26430600000001", "080901", "普通全日制")
    assert (record.branch_school, record.expected_graduation, record.season) == ("本部", "20260630", "spring")


def test_headings_with_notes_stars_width_and_spaces_are_known():
    for heading in ("身份证号（必填）", "*姓 名", "姓名*", "出生日期(YYYYMMDD)", "性　别", "ｘｈ", "学号："):
        assert field_of(heading), heading


def test_similar_headings_are_proposed_and_never_taken_without_asking():
    text = "学员学号,学生姓名全称,性别,身份证件号码,所属院系,父亲姓名\n1,张伟,男,x,外语学院,张三\n"
    proposal = propose_mapping(text.encode(), "own.csv")
    certain = {column.title: (column.field, column.certainty) for column in proposal.columns}
    assert certain["学员学号"] == ("student_no", "similar")
    assert certain["学生姓名全称"] == ("name", "similar")
    assert certain["所属院系"] == ("department", "similar")
    assert certain["父亲姓名"] == (None, "none")
    assert "name" in proposal.missing_required
    assert "name" not in proposal.mapping().columns
    assert proposal.mapping(with_similar=True).columns["name"] == 1


def test_a_column_is_known_by_what_stands_in_it():
    rows = "\n".join(f"{i},{number(serial=i, region='110105')},{'男' if i % 2 else '女'},汉族" for i in range(1, 6))
    proposal = propose_mapping(f"甲,乙,丙,丁\n{rows}\n".encode(), "x.csv")
    assert [column.field for column in proposal.columns] == [None, "id_number", "sex", "ethnic_group"]
    assert proposal.header_row == 1


def test_samples_mask_the_id_number_even_under_an_unknown_heading():
    whole = number(region="110105")
    proposal = propose_mapping(f"学号,姓名,性别,院系,神秘列\n1,张伟,男,外语学院,{whole}\n".encode(), "x.csv")
    assert whole not in repr(proposal)
    assert proposal.columns[4].samples == (f"110{'*' * 11}{whole[-4:]}",)


def test_a_mapping_is_kept_as_json_and_used_for_the_next_file():
    data = csv_text([person()]).replace("姓名", "称呼").replace("院系", "部门").encode()
    proposal = propose_mapping(data, "x.csv")
    mapping = ColumnMapping(
        proposal.sheet, proposal.header_row, {**proposal.mapping().columns, "name": 1, "department": 8}
    )
    kept = ColumnMapping.from_json(mapping.to_json())
    assert kept == mapping
    table = read_table(data, mapping=kept)
    assert lint(table, RULES).good_count == 1
    assert table.header.title_of("name") == "称呼"
    later = propose_mapping(b"\n\n" + data, "y.csv")
    assert later.fingerprint == proposal.fingerprint
    assert read_table(b"\n\n" + data, mapping=later.remembered(kept)).rows[0].values["name"] == "张伟"


def test_the_fingerprint_is_of_the_headings_and_not_of_their_spacing():
    assert fingerprint(["学 号", "姓名*"]) == fingerprint(["学号", "姓名"]) != fingerprint(["姓名", "学号"])


def test_a_mapping_may_name_a_sheet_with_another_heading():
    data = workbook({"名册": cells_of([person(1)]), "补报": cells_of([person(2), person(3)])})
    mapping = propose_mapping(data, "x.xlsx", "补报").mapping()
    assert mapping.sheet == "补报"
    assert len(read_table(data, mapping=mapping).rows) == 2


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"sheet": "", "header_row": 1, "columns": {"password": 3}}',
        '{"sheet": "", "header_row": 1, "columns": {"name": -1}}',
    ],
)
def test_a_mapping_that_is_none_is_refused(text):
    with pytest.raises(RosterFileError) as caught:
        ColumnMapping.from_json(text)
    assert caught.value.code == "roster.mapping_does_not_fit"


@pytest.mark.parametrize(
    "mapping", [ColumnMapping("", 9, {"name": 0}), ColumnMapping("", 1, {"name": 40}), ColumnMapping("", 1, {})]
)
def test_a_mapping_of_another_file_is_refused(mapping):
    with pytest.raises(RosterFileError) as caught:
        read_table(csv_text([person()]).encode(), mapping=mapping)
    assert caught.value.code == "roster.mapping_does_not_fit"


def test_an_unknown_sheet_names_those_that_exist():
    with pytest.raises(RosterFileError) as caught:
        propose_mapping(workbook({"甲": cells_of([person()])}), "x.xlsx", "乙")
    assert caught.value.code == "roster.no_such_sheet"
    assert "甲" in caught.value.remedy.zh


def test_a_heading_that_stands_twice_is_read_once_and_told():
    cells = [[*OWN_TITLES, "姓名"], [*cells_of([person()])[1], "李四"]]
    result = lint(read_table(workbook({"名册": cells})), RULES)
    assert [(f.code, f.field) for f in result.findings] == [("roster.column_twice", "name")]
    assert result.good[0].record.name == "张伟"


def test_a_missing_column_is_one_finding_and_not_one_a_row():
    fields = [name for name in person() if name != "season"]
    result = lint(read_table(csv_text([person(i) for i in range(1, 9)], fields).encode()), RULES)
    assert [(f.row_number, f.field, f.code) for f in result.findings] == [(1, "season", "roster.column_missing")]
    assert result.good_count == 0


def test_sex_and_birth_date_may_come_from_the_id_number():
    fields = [name for name in person() if name not in ("sex", "birth_date")]
    record = lint(read_table(csv_text([person(1)], fields).encode()), RULES).good[0].record
    assert (str(record.sex), f"{record.birth_date:%Y%m%d}") == ("male", "20040305")
