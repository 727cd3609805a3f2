"""A file that is judged while it is still read says what it says when it is read first (issue 14, point 7)."""

import functools
import itertools

import pytest
from made_up_rosters import OWN_TITLES, RULES, as_changed_workbook, person

from gradphoto.engine.roster import lint, propose_sheets, read_table
from gradphoto.engine.roster.lint import LintRun
from gradphoto.engine.roster.read import ReadingAhead
from gradphoto.engine.tables import reading
from gradphoto.engine.tables.access import Bounded, InProcess
from gradphoto.engine.tables.errors import RosterFileError

pytestmark = pytest.mark.engine
PEOPLE = [person(serial) for serial in range(1, 31)]
written = functools.partial(as_changed_workbook, PEOPLE)
MONTH = OWN_TITLES.index("入学日期")


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch):
    monkeypatch.setattr(reading, "BLOCK_ROWS", 4)


def both(data: bytes, *, leave=()):
    """What both ways say, and whether what was judged ahead stands; it is judged 5 rows at a time."""
    (found, *_) = propose_sheets(data, reader=InProcess())
    mapping = found.mapping()
    for name in leave:
        object.__setattr__(mapping, name, True)
    first = lint(read_table(data, mapping=mapping), RULES)
    ahead = ReadingAhead(data, mapping, InProcess())
    run = LintRun(ahead.table, RULES)
    rows = [(number, block.values["name"][at]) for block in run.blocks() for at, number in enumerate(block.numbers)]
    table, stands = ahead.finished()
    run.end_with(table)
    return first, run.result(), rows, stands


def hidden(book, sheet):
    sheet.set_row(7, None, None, {"hidden": True})


def error_value(book, sheet):
    sheet.write_formula(9, OWN_TITLES.index("姓名"), "=A1/0", None, "#DIV/0!")


def eaten_month(book, sheet):
    for line in range(1, len(PEOPLE) + 1):
        sheet.write_number(line, MONTH, 2022.1)


def wider_below(book, sheet):
    sheet.write_string(25, len(OWN_TITLES) + 3, "看这里")


def foot(book, sheet):
    sheet.write_string(len(PEOPLE) + 2, 0, "合计")


def faulty(book, sheet):
    sheet.write_string(5, OWN_TITLES.index("性别"), "不详")
    sheet.write_string(20, OWN_TITLES.index("学号"), PEOPLE[3]["student_no"])


@pytest.mark.parametrize(
    ("change", "leave", "stands"),
    [
        (lambda book, sheet: None, (), True),
        (faulty, (), True),
        (wider_below, (), True),
        (foot, (), True),
        (hidden, (), True),
        (hidden, ("leave_hidden",), False),
        (error_value, (), False),
        (eaten_month, (), False),
    ],
)
def test_what_is_said_ahead_is_what_is_said_after(change, leave, stands):
    first, ahead, rows, held = both(written(change), leave=leave)
    assert held is stands
    if stands:
        assert sorted(map(str, ahead.findings)) == sorted(map(str, first.findings))
        assert (ahead.bad, len(ahead.rows)) == (first.bad, len(first.rows))
        assert [number for number, _ in rows] == [one.row_number for one in first.rows]


def test_a_file_that_breaks_in_the_middle_is_refused_after_some_rows_were_judged():
    data = written()
    (found, *_) = propose_sheets(data, reader=InProcess())

    class Breaking(InProcess):
        def rows(self, *asked):
            yield from itertools.islice(super().rows(*asked), 3)

    ahead = ReadingAhead(data, found.mapping(), Breaking())
    judged = LintRun(ahead.table, RULES).blocks()
    with pytest.raises(RosterFileError, match=r"roster\.damaged"):
        list(judged)


def test_the_bounded_reader_runs_ahead_of_who_hears_it():
    data = written()
    (found, *_) = propose_sheets(data, reader=Bounded())
    ahead = ReadingAhead(data, found.mapping(), Bounded())
    names = [name for block in LintRun(ahead.table, RULES).blocks() for name in block.values["name"]]
    assert names == [one["name"] for one in PEOPLE]
    assert ahead.finished()[1]
