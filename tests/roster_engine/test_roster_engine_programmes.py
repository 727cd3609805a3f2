"""One person in two programmes (issue 14.6): two records of one person; only a true double is told as such."""

import importlib

import pytest
from made_up_rosters import RULES, csv_text, person

from gradphoto.engine.roster import LintRules, Severity, diff_rosters, lint, read_table
from gradphoto.engine.roster.lint import LintRun

pytestmark = pytest.mark.engine
MINOR = {"major": "法学（辅修）"}


def told(rows: list[dict[str, str]], rules: LintRules = RULES):
    table = read_table(csv_text(rows).encode())
    result = lint(table, rules)
    run = LintRun(table, rules)
    kept_out = {number for block in run.blocks() for number in block.bad}
    assert kept_out == result.bad, "what the blocks say must be what the whole says"
    return [(f.row_number, f.field, f.code.removeprefix("roster."), f.severity) for f in result.findings]


SECOND = ("id_number", "second_programme", Severity.WARNING)
DOUBLE = ("id_number", "duplicate", Severity.ERROR)


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({**MINOR, "student_no": "2022900001"}, [(3, *SECOND)]),
        (MINOR, [(3, *SECOND)]),  # the same student number: usual for a minor
        ({"level": "第二学士学位", "student_no": "2022900001"}, [(3, *SECOND)]),
        ({"student_no": "2022900001"}, [(3, *DOUBLE)]),
        ({**MINOR, "student_no": "2022900001", "name": "王五"}, [(3, *DOUBLE)]),
    ],
)
def test_two_rows_of_one_number_are_two_programmes_or_a_double(changes, found):
    assert told([person(1), person(1) | changes, person(5)]) == found


def test_one_name_in_two_writings_is_one_person():
    dotted = person(1) | {"name": "阿卜杜拉·买买提"}
    other = dotted | MINOR | {"name": "阿卜杜拉•买买提"}
    assert (3, *SECOND) in told([dotted, other])


def test_a_double_of_a_second_programme_is_a_double():
    rows = [person(1), person(1) | MINOR, person(1) | MINOR]
    assert told(rows) == [(3, *SECOND), (4, *DOUBLE)]


@pytest.mark.parametrize("written", ["法学(辅修)", "法学（ 辅修 ）", "法学（辅修） "])
def test_a_programme_whose_brackets_are_written_otherwise_is_no_second_one(written):
    rows = [person(1), person(1) | MINOR, person(1) | {"major": written}]
    assert [one for one in told(rows) if one[1] == "id_number"] == [(3, *SECOND), (4, *DOUBLE)]


def test_a_stranger_with_the_student_number_of_two_programmes_is_told():
    rows = [person(1), person(1) | MINOR, person(5) | {"student_no": person(1)["student_no"]}]
    assert told(rows) == [(3, *SECOND), (4, "student_no", "duplicate", Severity.ERROR)]


def test_rows_far_apart_are_compared_too(monkeypatch):
    monkeypatch.setattr(importlib.import_module("gradphoto.engine.roster.lint"), "_BLOCK", 2)
    stranger = person(7) | {"student_no": person(5)["student_no"]}
    rows = [person(1), person(2), person(5), person(6), person(1) | MINOR, person(2), person(1), stranger]
    found = [(row, field, code) for row, field, code, _ in told(rows)]
    assert found == [
        (6, "id_number", "second_programme"), (7, "id_number", "duplicate"), (8, "id_number", "duplicate"),
        (9, "student_no", "duplicate"),
    ]  # fmt: skip


def test_two_states_are_matched_programme_by_programme():
    def records(rows):
        return [row.record for row in lint(read_table(csv_text(rows).encode()), RULES).good]

    before = records([person(1), person(1) | MINOR, person(2)])
    again = diff_rosters(before, records([person(1) | MINOR, person(1) | {"class_name": "二班"}, person(2)]))
    assert (len(again.same), len(again.changed), again.added, again.gone) == (2, 1, (), ())
    assert again.changed[0].new.major == person(1)["major"]
    changed_major = diff_rosters(records([person(1)]), records([person(1) | MINOR]))
    assert [change.fields[0].field for change in changed_major.changed] == ["major"]
    added = diff_rosters(records([person(1)]), records([person(1), person(1) | MINOR]))
    assert ([one.major for one in added.added], added.gone) == ([MINOR["major"]], ())
