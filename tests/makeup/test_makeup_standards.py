"""Published days (R142, R143), the directory of branches (R69, D8), and rows against files (R152)."""

import io
import re
from datetime import date, time

import openpyxl
import pytest

from gradphoto.engine.packet.one_to_one import HandInError, match, number_of, read_handed_table
from gradphoto.engine.packet.summary import HEADINGS, SummaryRow, write_summary
from gradphoto.engine.standards.make_up import branches, half_hours, published_days
from gradphoto.engine.standards.workdays import OFFICIAL, WorkCalendar

pytestmark = pytest.mark.engine


def calendar(code):
    return next(one for one in published_days() if one.code == code)


def test_r142_hunan_takes_every_wednesday_from_september_to_april_but_no_holiday():
    days = calendar("hunan_weekly").days(date(2013, 8, 1), date(2014, 8, 31), OFFICIAL)
    assert {day.weekday() for day in days} == {2}
    assert (days[0], days[-1]) == (date(2013, 9, 4), date(2014, 4, 30))
    for holiday in (date(2013, 10, 2), date(2014, 1, 1), date(2014, 2, 5)):
        assert holiday.weekday() == 2
        assert holiday not in days, "National Day, New Year, Spring Festival of the official calendar"
    assert len(days) == 35 - 3


def test_r142_the_schools_own_calendar_comes_first():
    fifth = date(2014, 3, 5)
    assert fifth in calendar("hunan_weekly").days(fifth, fifth, OFFICIAL)
    assert calendar("hunan_weekly").days(fifth, fifth, WorkCalendar({fifth: False})) == ()


def test_e4_all_twenty_jiangxi_days_are_weekend_days_and_no_working_saturday_is_among_them():
    days = calendar("jiangxi_2020").days(date(2019, 1, 1), date(2020, 12, 31), OFFICIAL)
    assert len(days) == 20
    assert {day.weekday() for day in days} == {5, 6}
    assert date(2019, 10, 12) not in days
    assert OFFICIAL.workday(date(2019, 10, 12)).works, "a working Saturday by the official calendar"
    assert [day for day in days if OFFICIAL.workday(day).works] == []


def test_hours_are_cut_into_half_hours():
    assert len(half_hours(calendar("hunan_weekly").hours)) == 6 + 4
    assert len(half_hours(calendar("jiangxi_2020").hours)) == 6 + 6
    assert half_hours(((time(8, 30), time(9, 15)),)) == ((time(8, 30), time(9, 0)),)


def test_r69_every_branch_has_its_telephone_to_call_first():
    assert all(re.fullmatch(r"0\d{2,3}-\d{7,8}(、\d{7,8})?", branch.telephone) for branch in branches())
    found = {branch.name: branch for branch in branches()}
    assert found["湖南分社"].telephone == "0731-82250811、82684582"
    assert found["湖南分社"].first_number == "073182250811"


def test_d8_thirty_branches_with_the_printed_text_kept_beside_its_correction():
    found = {branch.name: branch for branch in branches()}
    assert len(found) == 30
    assert found["天津分社"].printed == "天津市南天区迎水道新华园"
    assert found["天津分社"].address == "天津市南开区迎水道新华园"
    assert "哈乐滨市" in found["黑龙江分社"].printed
    assert found["黑龙江分社"].address.startswith("哈尔滨市")
    assert found["湖北分社"].corrected == ""
    assert not any("—" in branch.printed or "-" in branch.printed for branch in found.values()), "no telephone numbers"


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("7.jpg", 7),
        ("00007.JPG", 7),
        ("12.jpeg", 12),
        ("0.jpg", None),
        ("张三.jpg", None),
        ("7 (1).jpg", None),
        ("7.png", None),
    ],
)
def test_a_file_is_named_by_its_shooting_number(name, number):
    assert number_of(name) == number


def table(*numbers, headings=HEADINGS):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["高等教育学历证书图像信息采集汇总表"])
    sheet.append(["校外学习中心（函授站）名称:江城"])
    sheet.append(list(headings))
    for number in numbers:
        sheet.append(
            [number, "测试甲", "2022000001", "男", "x", "计算机", "本科", "普通高校", "01", "示范大学", "99901"]
        )
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_r52_a_centres_own_table_is_read_with_the_headings_as_s3_prints_them():
    printed = tuple(h.replace("（院）", "(院)").replace("拍摄序号", "拍摄\n序号") for h in HEADINGS)
    rows = read_handed_table(table(1, "00002", "三", headings=printed))
    assert [(row.line, row.number) for row in rows] == [(4, 1), (5, 2), (6, None)]
    ours = write_summary([SummaryRow(3, *["x"] * 10)], "江城")
    assert read_handed_table(ours)[0].number == 3
    for bad, code in (
        (b"no workbook", "packet.table_unreadable"),
        (table(headings=HEADINGS[::-1]), "packet.table_columns"),
    ):
        with pytest.raises(HandInError) as told:
            read_handed_table(bad)
        assert told.value.code == code


def test_r152_every_row_has_exactly_one_file_and_every_file_one_row():
    rows = read_handed_table(table(1, 2, 3, 3, 5, "六"))
    found = match(rows, ["1.jpg", "3.jpg", "00005.jpg", "5.jpg", "9.jpg", "人像.jpg"])
    assert found.files == {4: "1.jpg"}
    assert {line: [f.code for f in faults] for line, faults in found.row_faults.items()} == {
        5: ["packet.no_file"], 6: ["packet.number_twice"], 7: ["packet.number_twice"],
        8: ["packet.two_files"], 9: ["packet.row_number"],
    }  # fmt: skip
    assert {name: [f.code for f in faults] for name, faults in found.file_faults.items()} == {
        "00005.jpg": ["packet.two_files"], "5.jpg": ["packet.two_files"], "9.jpg": ["packet.no_row"],
        "人像.jpg": ["packet.file_name"],
    }  # fmt: skip
    assert match(rows[:1], ["1.jpg"]).ok
