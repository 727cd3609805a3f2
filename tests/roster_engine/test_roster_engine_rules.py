"""Every rule of R25-R31 and of the standards, one line each: what is written, what is said, what it becomes."""

from __future__ import annotations

import dataclasses
from datetime import date

import pytest
from made_up_rosters import REGION, RULES, csv_text, number, person

from gradphoto.engine.roster import Cohort, LintRules, Severity, across, lint, read_table
from gradphoto.engine.roster.layout import TITLES

pytestmark = pytest.mark.engine
WHOLE = number()
EXTRA = (
    *TITLES,
    "考生号",
    "专业代码",
    "学习形式",
    "预计毕业日期",
    "院系代码",
    "院校名称",
    "院校代码",
    "拍摄序号",
    "证件类型",
)
_HEADING = {
    "candidate_no": "考生号", "major_code": "专业代码", "study_form": "学习形式", "expected_graduation": "预计毕业日期",
    "department_code": "院系代码", "school_name": "院校名称", "school_code": "院校代码", "shooting_no": "拍摄序号",
    "id_type": "证件类型",
}  # fmt: skip


def checked(rules: LintRules = RULES, **changes: str):
    """One person's row with some values changed, checked: the findings and the record."""
    row = {_HEADING.get(name, name): value for name, value in person(1, **changes).items()}
    fields = [name for name in EXTRA if name in row]
    result = lint(read_table(csv_text([row, person(2)], fields).encode("utf-16")), rules)
    return [f for f in result.findings if f.row_number == 2], result.rows[0].record


def codes(**changes: str) -> list[str]:
    findings, _ = checked(**changes)
    return [finding.code.removeprefix("roster.") for finding in findings]


def test_a_good_row_has_nothing_to_say():
    findings, record = checked()
    assert findings == []
    assert record.birth_date == date(2004, 3, 5)


@pytest.mark.parametrize(
    ("field", "written", "code", "fix"),
    [
        # R25 and names
        ("name", "张 伟", "name_space", "张伟"),
        ("name", " 张伟", "outer_space", "张伟"),
        ("name", "张伟\u3000", "outer_space", "张伟"),
        ("name", "张\u200b伟", "name_invisible", "张伟"),
        ("name", "阿依古丽.买买提", "name_dot", "阿依古丽·买买提"),
        ("name", "阿依古丽・买买提", "name_dot", "阿依古丽·买买提"),
        ("name", "阿依古丽﹒买买提", "name_dot", "阿依古丽·买买提"),
        ("name", "阿依古丽··买买提", "name_dot", "阿依古丽·买买提"),
        ("name", "阿依古丽·", "name_dot_place", None),
        ("name", "张伟1", "name_character", None),
        ("name", "张伟（小）", "name_character", None),
        ("name", "刘\ue863", "name_private", None),
        ("name", "⼤伟", "name_form", "大伟"),
        ("name", "ＴＯＭ ＬＥＥ", "name_width", "TOM LEE"),
        # R26
        ("birth_date", "2004-03-05", "date_form", "20040305"),
        ("birth_date", "2004年3月5日", "date_form", "20040305"),
        ("birth_date", "２００４０３０５", "full_width", "20040305"),
        ("birth_date", "20040230", "date", None),
        ("birth_date", "040305", "date", None),
        ("birth_date", "38051", "date_serial", "20040305"),
        ("birth_date", "", "required", "20040305"),
        ("birth_date", "20040306", "birth_date_contradicts_id", None),
        # R27
        ("id_number", WHOLE[:-1], "id_length", None),
        ("id_number", f" {WHOLE}", "outer_space", WHOLE),
        ("id_number", f"'{WHOLE}", "id_form", WHOLE),
        ("id_number", f"{WHOLE[:6]} {WHOLE[6:14]} {WHOLE[14:]}", "id_form", WHOLE),
        ("id_number", "".join(chr(ord(c) + 0xFEE0) for c in WHOLE), "id_form", WHOLE),
        ("id_number", WHOLE.replace("0", "O"), "id_look_alike", WHOLE),
        ("id_number", WHOLE.replace("1", "l"), "id_look_alike", WHOLE),
        ("id_number", "9.90101200403050E+17", "id_as_number", None),
        ("id_number", "E12345678", "id_other_document", None),
        ("id_number", "军字第2001988号", "id_other_document", None),
        # tables
        ("sex", "1", "code_for_name", "男"),
        ("sex", "男性", "short_form", "男"),
        ("sex", "0", "sex_unknown", None),
        ("sex", "女", "sex_contradicts_id", None),
        ("sex", "", "required", "男"),
        ("political_status", "03", "code_for_name", "共青团员"),
        ("political_status", "3", "code_for_name", "共青团员"),
        ("political_status", "团员", "political_status_unknown", "共青团员"),
        ("political_status", "党员", "political_status_unknown", None),
        ("political_status", "无党派人士", "political_status_other", None),
        ("ethnic_group", "汉", "short_form", "汉族"),
        ("ethnic_group", "01", "code_for_name", "汉族"),
        ("ethnic_group", "1", "code_for_name", "汉族"),
        ("ethnic_group", "97", "code_for_name", "其他"),
        ("ethnic_group", "98", "code_for_name", "外国血统中国籍人士"),
        ("ethnic_group", "汉 族", "inner_space", "汉族"),
        ("ethnic_group", "穿青人", "ethnic_group_uncounted", None),
        ("ethnic_group", "火星族", "ethnic_group_unknown", None),
        ("length_of_study", "四年", "short_form", "4"),
        ("length_of_study", "4年制", "short_form", "4"),
        ("length_of_study", "４", "full_width", "4"),
        ("length_of_study", "9", "length_of_study_unknown", None),
        ("season", "夏季", "season_unknown", None),
        ("level", "学前班", "level_unknown", None),
        ("degree_category", "博士后", "degree_category_unknown", None),
        ("school_kind", "幼儿园", "school_kind_unknown", None),
        ("study_form", "自学", "study_form_unknown", None),
        # R28
        ("native_place", "湖南平江县", "native_place_form", "湖南省平江县"),
        ("native_place", "湖南平江", "native_place_form", None),
        ("native_place", "湖南省", "native_place_form", None),
        ("native_place", "430626", "native_place_form", None),
        # dates of study
        ("entry_date", "20301301", "date", None),
        ("entry_date", "20270901", "entry_date_ahead", None),
        ("entry_date", "202209", "date_month", None),
        ("entry_date", "2022/9/1", "date_form", "20220901"),
        ("expected_graduation", "2026-06-30", "date_form", "20260630"),
        # numbers and codes
        ("student_no", "20220 00001", "inner_space", "2022000001"),
        ("student_no", "２０２２０００００１", "full_width", "2022000001"),
        ("student_no", "2.02200000000001E+15", "figure_lost", None),
        ("student_no", "学号1", "student_no_form", None),
        ("candidate_no", "123", "candidate_no_form", None),
        ("major_code", "工程", "major_code_form", None),
        ("department_code", "1", "department_code_form", None),
        ("school_code", "1054", "school_code_form", None),
        ("shooting_no", "17", "shooting_no_filled", None),
        ("id_type", "身份证", "short_form", "居民身份证"),
        ("id_type", "01", "code_for_name", "居民身份证"),
        ("id_type", "会员卡", "id_type_unknown", None),
        # any cell
        ("major", "", "required", None),
        ("major", "—", "required", None),
        ("major", "英语\n(师范)", "line_break", "英语(师范)"),
        ("major", "#REF!", "cell_error", None),
        ("major", "英" * 81, "too_long", None),
        ("class_name", "计科２２０１", "full_width", "计科2201"),
        ("class_name", "NULL", "placeholder", ""),
    ],
)
def test_each_rule(field, written, code, fix):
    findings, _ = checked(**{field: written})
    found = {finding.code.removeprefix("roster."): finding for finding in findings}
    assert code in found
    finding = found[code]
    assert finding.field == field
    assert finding.reason.zh
    assert finding.reason.en
    assert finding.remedy.zh
    assert finding.remedy.en
    assert (finding.fix.value if finding.fix else None) == fix


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "镕喆堃"},
        {"name": "刘〇"},
        {"name": "阿依古丽·买买提·艾合买提"},
        {"name": "JOHN A. SMITH-O'NEIL"},
        {"season": "春季毕业生"},
        {"season": "2026年春季"},
        {"native_place": "北京市海淀区"},
        {"native_place": "新疆维吾尔自治区巴音郭楞蒙古自治州"},
        {"native_place": "香港特别行政区"},
        {"native_place": "", "ethnic_group": "", "political_status": ""},
        {"remarks": "无"},
        {"id_type": "居民身份证"},
        {"school_code": "10543", "department_code": "01"},
        {"school_code": "4143010543", "department_code": "004"},
        {"candidate_no": "26430600000001", "major_code": "080901K"},
        {"length_of_study": "2.5"},
    ],
)
def test_what_is_right_is_left_alone(changes):
    assert codes(**changes) == []


@pytest.mark.parametrize(
    ("name", "hint"), [("䶮", "name_short"), ("刘\u4dae", "name_rare"), ("\U00020bb7田", "name_rare")]
)
def test_rare_characters_go_in_with_a_word_of_care(name, hint):
    findings, record = checked(name=name)
    assert hint in [f.code.removeprefix("roster.") for f in findings]
    assert all(finding.severity is Severity.WARNING for finding in findings)
    assert record.name == name


def test_a_private_character_is_named_with_its_likely_reading():
    findings, record = checked(name="刘\ue863")
    assert "䶮" in findings[0].remedy.zh
    assert record is None


@pytest.mark.parametrize(
    ("region", "born", "document"),
    [("810000", "19990101", "港澳居民居住证"), ("820000", "19990101", "港澳居民居住证"), ("830000", "19990101", "台湾居民居住证"),
     ("910123", "19900101", "外国人永久居留身份证")],
)  # fmt: skip
def test_permits_and_foreigners_of_18_digits_go_in(region, born, document):
    findings, record = checked(id_number=number(born, 1, region), birth_date=born, id_type=document)
    assert findings == []
    assert record.id_number.startswith(region)


def test_an_older_foreigners_number_tells_neither_sex_nor_birth_date():
    findings, record = checked(id_number="CAN310105000001", id_type="外国人永久居留身份证")
    assert findings == []
    assert record.id_number == "CAN310105000001"


@pytest.mark.parametrize(
    ("document", "written"),
    [("护照", "E12345678"), ("护照", "EA1234567"), ("军官证", "军字第2001988号"), ("港澳通行证", "H12345678"), ("台胞证", "12345678"),
     ("其他", "STU-2022-1")],
)  # fmt: skip
def test_r99_other_documents_are_read_as_what_the_roster_calls_them(document, written):
    findings, record = checked(id_number=written, id_type=document)
    assert record is not None
    assert not [finding for finding in findings if finding.field == "id_number" and finding.code != "roster.id_form"]


def test_an_id_card_that_is_called_a_passport_is_still_one():
    findings, record = checked(id_type="护照")
    assert [(f.field, f.code, f.severity) for f in findings] == [
        ("id_number", "roster.id_type_contradicts", Severity.WARNING)
    ]
    assert record.id_number == person(1)["id_number"]


def test_a_passport_needs_birth_date_and_sex_in_the_roster():
    findings, _ = checked(id_number="E12345678", id_type="护照", birth_date="", sex="")
    assert [(f.field, f.code, f.fix) for f in findings] == [
        ("birth_date", "roster.required", None),
        ("sex", "roster.required", None),
    ]


def test_a_number_that_is_no_passport_is_no_passport():
    assert codes(id_number="外婆", id_type="护照") == ["id_other_form"]


def test_r27_fifteen_digits_are_upgraded():
    findings, record = checked(id_number=f"{REGION}860305001", birth_date="19860305")
    assert [(f.code, f.severity, f.fix.value) for f in findings] == [
        ("roster.id_15_digits", Severity.WARNING, number("19860305", 1))
    ]
    assert record.id_number == number("19860305", 1)


def test_a_small_x_goes_in_as_a_capital():
    serial = next(s for s in range(1, 99, 2) if number(serial=s).endswith("X"))
    whole = number(serial=serial)
    findings, record = checked(id_number=whole.lower())
    assert [(f.code, f.fix.value) for f in findings] == [("roster.id_form", whole)]
    assert record.id_number == whole


@pytest.mark.parametrize("mark", ["х", "Х", "×", "ｘ", "χ"])
def test_every_x_that_is_none_is_seen_through(mark):
    serial = next(s for s in range(1, 99, 2) if number(serial=s).endswith("X"))
    whole = number(serial=serial)
    findings, _ = checked(id_number=whole[:-1] + mark)
    assert findings[0].fix.value == whole


def test_a_whole_number_is_shown_nowhere_in_a_finding():
    for changes in (
        {"id_number": WHOLE[:-1] + "0"},
        {"id_number": f"'{WHOLE}"},
        {"id_number": WHOLE.replace("0", "O")},
    ):
        findings, _ = checked(**changes)
        text = repr(findings)
        assert WHOLE not in text
        assert WHOLE[6:14] not in text


def test_a_number_repeated_in_15_and_18_digits_is_one_person():
    old = person(1, id_number=f"{REGION}860305001", birth_date="19860305")
    new = person(3, id_number=number("19860305", 1), birth_date="19860305")
    result = lint(read_table(csv_text([old, new]).encode()), RULES)
    assert [(f.row_number, f.code) for f in result.findings if f.severity is Severity.ERROR] == [
        (3, "roster.duplicate")
    ]


def test_duplicates_of_student_number_and_of_name_with_birth_date():
    rows = [person(1), person(2, student_no=person(1)["student_no"]), person(3, name=person(1)["name"])]
    result = lint(read_table(csv_text(rows).encode()), RULES)
    assert [(f.row_number, f.field, f.code, f.severity) for f in result.findings] == [
        (3, "student_no", "roster.duplicate", Severity.ERROR),
        (4, "name", "roster.duplicate_person", Severity.WARNING),
    ]
    assert "第 2 行" in result.findings[0].reason.zh


def test_letters_among_digits_of_student_numbers():
    rows = [person(serial) for serial in range(1, 40)]
    rows[4]["student_no"] = "2O22000005"
    findings = lint(read_table(csv_text(rows).encode()), RULES).findings
    assert [(f.row_number, f.code) for f in findings] == [(6, "roster.student_no_look_alike")]


def test_duplicates_across_schools_by_blind_keys():
    def blind(text: str) -> str:
        return f"key of {text[::-1]}"

    rows = lint(read_table(csv_text([person(1), person(2)]).encode()), RULES).rows
    found = across(rows, {"江城学院": {blind(person(2)["id_number"])}, "山城学院": set()}, blind)
    assert [(f.row_number, f.code, f.severity) for f in found] == [(3, "roster.listed_elsewhere", Severity.WARNING)]
    assert "江城学院" in found[0].reason.zh
    assert across(rows, {"甲": [person(1)["id_number"]]})[0].row_number == 2


def test_r7_entry_date_and_length_of_study_lead_to_the_class():
    rules = dataclasses.replace(RULES, graduation_year=2026)
    assert checked(rules)[0] == []
    findings, record = checked(rules, length_of_study="3", entry_date="20210901")
    assert [(f.code, f.field) for f in findings] == [("roster.study_contradicts", "entry_date")]
    assert record is not None, "a warning only"
    assert checked(rules, length_of_study="3", entry_date="20210901", remarks="休学一年")[0] == [], "R22 explains it"
    assert checked(rules, length_of_study="2.5", entry_date="20230901")[0] == [], "January graduates"
    assert [f.code for f in checked(expected_graduation="20280630")[0]] == ["roster.study_contradicts"]


def test_r7_cohorts_of_intake_year_length_and_major():
    cohorts = (Cohort(2022), Cohort(2021, "5", "建筑学"))
    rules = dataclasses.replace(RULES, cohorts=cohorts)
    assert checked(rules)[0] == []
    assert checked(rules, entry_date="20210901", length_of_study="5", major="建筑学")[0] == []
    findings, _ = checked(rules, entry_date="20210901", length_of_study="5")
    assert [f.code for f in findings] == ["roster.outside_cohort"]


def test_the_school_and_its_department_codes():
    rules = dataclasses.replace(RULES, school_code="10543", school_name="示范大学", departments={"13": "计算机学院"})
    good = {"school_code": "4143010543", "school_name": "示范大学", "department_code": "13"}
    assert checked(rules, **good)[0] == []
    findings, record = checked(rules, **{**good, "school_code": "10699", "department_code": "99"})
    assert {f.code for f in findings} == {"roster.school_other", "roster.department_code_unknown"}
    assert record is None
    findings, record = checked(rules, **good, department="13")
    assert [(f.code, f.fix.value) for f in findings] == [("roster.code_for_name", "计算机学院")]
    assert record.department == "计算机学院"


def test_defaults_stand_for_missing_columns_only():
    fields = [name for name in TITLES if name != "season"]
    rules = dataclasses.replace(RULES, defaults={"season": "秋季", "department": "外语学院"})
    record = lint(read_table(csv_text([person()], fields).encode()), rules).good[0].record
    assert (record.season, record.department) == ("autumn", "计算机学院")


def test_an_error_keeps_its_row_out_and_no_other():
    rows = [person(1), person(2, sex="甲"), person(3)]
    result = lint(read_table(csv_text(rows).encode()), RULES)
    assert [row.record is None for row in result.rows] == [False, True, False]
    assert [row.row_number for row in result.good] == [2, 4]
    assert (result.good_count, result.bad, result.count(Severity.ERROR)) == (2, frozenset({3}), 1)
    assert result.rows[1] == list(result.rows)[1]
    assert [row.row_number for row in result.rows[1:]] == [3, 4]
    assert result.rows.column("student_no") == tuple(row.record.student_no for row in result.good)


@pytest.mark.parametrize(("written", "season"), [("2026年1月", "spring"), ("7月", "autumn"), ("5月", None)])
def test_r13_the_month_of_graduation_tells_the_season_and_is_shown_for_a_look(written, season):
    findings, record = checked(season=written)
    said = {finding.code.removeprefix("roster.") for finding in findings}
    assert said == {"season_by_month" if season else "season_month_unruled"}
    assert record is None or record.season == season
    assert (record is None) == (season is None)
