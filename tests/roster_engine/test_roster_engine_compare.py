"""R31-R34: the roster against the admissions data, and two states of a roster against each other."""

from __future__ import annotations

import dataclasses

import pytest
from made_up_rosters import RULES, csv_text, number, person

from gradphoto.engine.roster import RawRow, Route, compare_with_admissions, diff_rosters, lint, read_table

pytestmark = pytest.mark.engine
KEYS = ("candidate_no", "student_no", "name", "sex", "birth_date", "id_number")


def rows(*people: dict[str, str]) -> list[RawRow]:
    return [RawRow(place, {name: row.get(name, "") for name in KEYS}) for place, row in enumerate(people, start=2)]


def ours(**changes: str) -> dict[str, str]:
    return person(1, candidate_no="26430600000001", **changes)


OTHER_NUMBER = number("20050607", 3)


@pytest.mark.parametrize(
    ("mine", "theirs", "field", "code", "route", "copies"),
    [
        # The card bears out our value: the error dates from admission (R32).
        ({}, {"birth_date": "20040306"}, "birth_date", "birth_date_wrong_there", Route.ADMISSION, 3),
        ({}, {"sex": "女"}, "sex", "sex_wrong_there", Route.ADMISSION, 3),
        ({}, {"id_number": number()[:-1] + "#"}, "id_number", "id_number_wrong_there", Route.ADMISSION, 3),
        ({"name": "张伟"}, {"name": "张纬"}, "name", "name_same_sound", Route.ADMISSION, 3),
        # Another writing is nobody's error yet: a person looks.
        ({"name": "张伟"}, {"name": "張偉"}, "name", "name_written_otherwise", Route.ASK, 0),
        ({"name": "扎西·次仁"}, {"name": "扎西次仁"}, "name", "name_written_otherwise", Route.ASK, 0),
        # The card bears out theirs: our file is wrong.
        ({"birth_date": "20040306"}, {}, "birth_date", "birth_date_wrong_here", Route.ROSTER, 0),
        ({"sex": "女"}, {}, "sex", "sex_wrong_here", Route.ROSTER, 0),
        ({"id_number": number()[:-1] + "#"}, {}, "id_number", "id_number_wrong_here", Route.ROSTER, 0),
        ({"name": ""}, {}, "name", "value_missing_here", Route.ROSTER, 0),
        # Changed after entry (R34), on the status form (R33).
        ({"name": "张明远"}, {}, "name", "name_changed", Route.IDENTITY, 2),
        ({}, {"id_number": number(serial=21)}, "id_number", "id_number_changed", Route.IDENTITY, 2),
        # No number tells (R33).
        ({"id_number": "E12345678", "birth_date": "20040306"}, {"id_number": "E12345678"}, "birth_date",
         "birth_date_differs", Route.STATUS, 2),
    ],
)  # fmt: skip
def test_r31_each_difference_has_its_reason_and_its_form(mine, theirs, field, code, route, copies):
    found = compare_with_admissions(rows(ours(**mine)), rows(ours(**theirs)))
    assert [(d.row_number, d.reference_row, d.field, d.code) for d in found] == [(2, 2, field, f"roster.{code}")]
    assert (found[0].route, found[0].route.copies) == (route, copies)
    assert found[0].reason.en
    assert found[0].remedy.en


def test_a_new_age_and_a_new_number_together_are_a_changed_identity():
    found = compare_with_admissions(rows(ours(birth_date="20050607", id_number=OTHER_NUMBER)), rows(ours()))
    assert {(d.field, d.route) for d in found} == {("birth_date", Route.IDENTITY), ("id_number", Route.IDENTITY)}
    assert "公民信息变更证明" in found[0].remedy.zh


def test_another_way_of_writing_is_no_difference():
    old = person(1, id_number="990101860305001", birth_date="19860305", name="阿依古丽·买买提")
    new = {**old, "id_number": number("19860305", 1), "birth_date": "1986-3-5", "name": "阿依古丽•买买提", "sex": "1"}
    assert compare_with_admissions(rows(old), rows(new)) == ()


def test_rows_are_matched_by_candidate_number_then_id_number_then_student_number():
    mine = rows(
        ours(id_number="", student_no=""),
        person(2, candidate_no="", student_no=""),
        person(3, candidate_no="", id_number=""),
    )
    theirs = rows(person(3, name="王丽"), person(2, name="王芳"), ours(name="王伟"))
    found = compare_with_admissions(mine, theirs)
    assert [(d.row_number, d.reference_row) for d in found if d.field == "name"] == [(2, 4), (3, 3), (4, 2)]


def test_a_key_that_stands_twice_in_the_reference_matches_nobody():
    twin = ours(id_number="", student_no="")
    found = compare_with_admissions(rows(twin), rows(twin, twin))
    assert [d.code for d in found] == ["roster.not_in_admissions", "roster.not_in_roster", "roster.not_in_roster"]


def test_people_of_one_side_only_come_last():
    found = compare_with_admissions(rows(person(1), person(2)), rows(person(2, sex="男"), person(3)))
    assert [(d.row_number, d.reference_row, d.code) for d in found] == [
        (3, 2, "roster.sex_wrong_there"),
        (2, None, "roster.not_in_admissions"),
        (None, 3, "roster.not_in_roster"),
    ]


def test_the_remark_tells_the_reason_and_no_number():
    found = compare_with_admissions(rows(ours()), rows(ours(id_number=OTHER_NUMBER)))
    text = found[0].remark + repr(found)
    assert "初审未通过：身份证号" in found[0].remark
    assert OTHER_NUMBER not in text
    assert number() not in text


def test_an_empty_value_of_the_admissions_data_says_nothing():
    assert compare_with_admissions(rows(ours()), rows(ours(birth_date="", sex=""))) == ()


def records(*people: dict[str, str]):
    return [row.record for row in lint(read_table(csv_text(people).encode()), RULES).good]


def test_a_second_import_is_added_changed_gone_and_same():
    old = records(person(1), person(2), person(3))
    new = records(person(1), person(2, name="李静", class_name="计科2202"), person(4))
    diff = diff_rosters(old, new)
    assert [record.student_no for record in diff.added] == [person(4)["student_no"]]
    assert [record.student_no for record in diff.gone] == [person(3)["student_no"]]
    assert [record.student_no for record in diff.same] == [person(1)["student_no"]]
    change = diff.changed[0]
    assert change.matched_by == "id_number"
    assert [(c.field, c.title, c.old, c.new) for c in change.fields] == [
        ("name", "姓名", person(2)["name"], "李静"),
        ("class_name", "班级", "计科2201", "计科2202"),
    ]


def test_a_corrected_id_number_is_a_change_and_no_new_person():
    old, new = records(person(1)), records(person(1, id_number=number(serial=77)))
    diff = diff_rosters(old, new)
    assert (diff.added, diff.gone) == ((), ())
    assert [(c.field, diff.changed[0].matched_by) for c in diff.changed[0].fields] == [("id_number", "student_no")]
    assert new[0].id_number not in repr(diff.changed[0].fields)


def test_numbers_exchanged_between_two_people_follow_the_id_number():
    one, two = person(1), person(2)
    swapped = ({**one, "student_no": two["student_no"]}, {**two, "student_no": one["student_no"]})
    diff = diff_rosters(records(one, two), records(*swapped))
    assert [[c.field for c in change.fields] for change in diff.changed] == [["student_no"], ["student_no"]]


def test_a_column_that_the_new_file_lacks_changes_nothing():
    old = records(person(1))
    new = [dataclasses.replace(old[0], remarks="", native_place="", name="张炜")]
    diff = diff_rosters(old, new, fields=("name", "sex"))
    assert [c.field for c in diff.changed[0].fields] == ["name"]


def test_everybody_is_in_the_difference_once():
    old = records(*[person(serial) for serial in range(1, 30)])
    new = records(*[person(serial, class_name=f"{serial % 3}班") for serial in range(10, 40)])
    diff = diff_rosters(old, new)
    assert len(diff.added) + len(diff.changed) + len(diff.same) == len(new)
    assert len(diff.gone) + len(diff.changed) + len(diff.same) == len(old)
