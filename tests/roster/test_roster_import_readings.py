"""A file is read: its sheets, hidden and struck rows, values for the whole file, a reading that fails, breaks or is overtaken."""

import io
import sys

import openpyxl
import pytest
import xlsxwriter
from roster_import_steps import HEADINGS, as_csv, decide, read_in, registrar_of, row, run_last, upload

from gradphoto.apps.core import jobs
from gradphoto.apps.core.models import Job, JobState
from gradphoto.apps.roster.models import (
    Candidate,
    ColumnMemory,
    ImportStatus,
    RosterImport,
)
from gradphoto.engine.bounded.reader import too_slow
from gradphoto.engine.roster.lint import LintRun
from gradphoto.engine.tables import access

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(world):
    return registrar_of(world)


def test_a_reading_that_is_cancelled_can_be_started_again_or_discarded(world, browser):
    answer = upload(browser, world, as_csv([row(1)]))
    made = RosterImport.objects.get()
    page = browser.get(answer.url)
    confirmed = {field.html_name: field.value() for column, field in page.context["form"].columns()}
    browser.post(answer.url, confirmed)
    jobs.cancel(Job.objects.get())
    assert "重新开始" in browser.get(f"/roster/imports/{made.pk}/").content.decode()
    browser.post(answer.url, confirmed)
    run_last()
    made.refresh_from_db()
    assert made.status == ImportStatus.REVIEW
    browser.post(f"/roster/imports/{made.pk}/", {"form": "discard_import"})
    made.refresh_from_db()
    assert (made.status, Candidate.objects.count()) == (ImportStatus.DISCARDED, 0)


def test_the_table_is_looked_at_once_and_read_once_on_its_way_in(world, browser, monkeypatch):
    done = []
    run = access.run
    monkeypatch.setattr(access, "run", lambda task, *more: done.append(task) or run(task, *more))
    read_in(browser, world, [row(1)])
    assert done == ["table.outline", "table.rows"]


def in_sheets(sheets, hide=(), strike=()):
    """A workbook of these sheets; ``hide`` and ``strike`` are row numbers of the first."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    struck = book.add_format({"font_strikeout": True})
    for number, (title, rows) in enumerate(sheets.items()):
        sheet = book.add_worksheet(title)
        for line, cells in enumerate([HEADINGS, *[[one[name] for name in HEADINGS] for one in rows]]):
            for column, text in enumerate(cells):
                sheet.write_string(line, column, text, struck if not number and line + 1 in strike else None)
            if not number and line + 1 in hide:
                sheet.set_row(line, None, None, {"hidden": True})
    book.close()
    return out.getvalue()


def confirmed_columns(page):
    return {field.html_name: field.value() for column, field in page.context["form"].columns()}


def test_nine_people_on_three_sheets_are_offered_and_taken_together(world, browser):
    data = in_sheets({f"计科220{n}": [row(3 * n + k) for k in range(3)] for n in (1, 2, 3)})
    answer = upload(browser, world, data, "名册.xlsx")
    page = browser.get(answer.url)
    assert [(one.sheet, one.people, taken) for _, one, taken in page.context["form"].sheets()] == [
        ("计科2201", 3, False), ("计科2202", 3, True), ("计科2203", 3, True),
    ]  # fmt: skip
    browser.post(answer.url, confirmed_columns(page) | {"sheet": ["1", "2"]})
    run_last()
    made = RosterImport.objects.get()
    assert (made.row_count, made.good_count) == (9, 9)
    shown = browser.get(f"/roster/imports/{made.pk}/?tab=added").content.decode()
    assert "计科2203 4" in shown
    decide(browser, made, "added")
    assert Candidate.objects.count() == 9


def test_hidden_and_struck_rows_are_decided_by_a_person(world, browser):
    data = in_sheets({"名册": [row(n) for n in range(1, 6)]}, hide=(3,), strike=(5,))
    answer = upload(browser, world, data, "名册.xlsx")
    page = browser.get(answer.url)
    assert (page.context["hidden_count"], page.context["struck_count"]) == (1, 1)
    columns = confirmed_columns(page)
    assert "roster.rows_undecided" in browser.post(answer.url, columns).content.decode()
    assert not Job.objects.exists()
    browser.post(answer.url, columns | {"hidden": "take", "struck": "leave"})
    run_last()
    made = RosterImport.objects.get()
    assert made.row_count == 4
    told = dict(made.findings.values_list("row", "code"))
    assert told == {3: "roster.hidden_row", 5: "roster.struck_row"}
    marked = browser.get(f"/roster/imports/{made.pk}/marked/")
    assert marked.status_code == 200
    assert openpyxl.load_workbook(io.BytesIO(marked.content)).sheetnames == ["问题清单", "名册"]
    made.refresh_from_db()
    assert made.marked_up is not None, "kept once made"


def test_a_value_for_the_whole_file_is_checked_like_a_cell_and_not_remembered_when_wrong(world, browser):
    headings = tuple(title for title in HEADINGS if title != "毕业季")
    answer = upload(browser, world, as_csv([row(1)], headings))
    page = browser.get(answer.url)
    choices = {
        one.name: [text for text, _ in one.field.widget.choices]
        for one in page.context["form"].defaults()
        if hasattr(one.field.widget, "choices")
    }
    assert choices["default_season"] == ["", "春季", "秋季"]
    assert "计算机学院" in choices["default_department"]
    refused = browser.post(answer.url, confirmed_columns(page) | {"default_season": "2014届"})
    assert "roster.default_wrong" in refused.content.decode()
    assert not ColumnMemory.objects.exists()
    browser.post(answer.url, confirmed_columns(page) | {"default_season": "秋季"})
    run_last()
    assert RosterImport.objects.get().good_count == 1


def test_a_failed_file_is_read_again_by_one_click_with_its_columns_kept(world, browser, monkeypatch):
    answer = upload(browser, world, as_csv([row(1)]))
    made = RosterImport.objects.get()
    browser.post(answer.url, confirmed_columns(browser.get(answer.url)))
    monkeypatch.setattr(access, "run", lambda *more: (_ for _ in ()).throw(too_slow()))
    job = Job.objects.get()
    jobs.run(job.pk)
    job.refresh_from_db()
    made.refresh_from_db()
    assert (job.error_code, made.status) == ("file.too_slow", ImportStatus.FAILED)
    monkeypatch.undo()
    page = browser.get(f"/roster/imports/{made.pk}/")
    assert "reread_import" in page.content.decode()
    browser.post(f"/roster/imports/{made.pk}/", {"form": "reread_import"})
    run_last()
    made.refresh_from_db()
    assert made.good_count == 1


def test_a_file_that_breaks_after_some_rows_leaves_nothing_of_them(world, browser, monkeypatch):
    """It is judged and written down while it is still read (issue 14, point 7)."""
    answer = upload(browser, world, as_csv([row(1), row(2)]))
    made = RosterImport.objects.get()
    browser.post(answer.url, confirmed_columns(browser.get(answer.url)))
    written = []

    def breaking(*asked):
        yield next(run(*asked))
        written.append(made.differences.count())
        raise too_slow()

    run = access.run
    monkeypatch.setattr(access, "run", breaking)
    monkeypatch.setattr(sys.modules[LintRun.__module__], "_BLOCK", 1)
    jobs.run(Job.objects.get().pk)
    made.refresh_from_db()
    assert written == [2]
    assert (made.status, made.differences.count()) == (ImportStatus.FAILED, 0)


def test_a_reading_that_is_overtaken_leaves_nothing_and_ends_nothing(world, browser, monkeypatch):
    """The columns are confirmed once more while the file is being read: the later reading alone counts."""
    answer = upload(browser, world, as_csv([row(1), row(2), row(3)]))
    made = RosterImport.objects.get()
    confirmed = confirmed_columns(browser.get(answer.url))
    browser.post(answer.url, confirmed)
    first = Job.objects.get()

    def overtaken(*asked):
        yield next(run(*asked))
        browser.post(answer.url, confirmed)
        monkeypatch.setattr(access, "run", run)
        raise too_slow()

    run = access.run
    monkeypatch.setattr(access, "run", overtaken)
    monkeypatch.setattr(sys.modules[LintRun.__module__], "_BLOCK", 1)
    jobs.run(first.pk)
    first.refresh_from_db()
    made.refresh_from_db()
    assert (first.state, made.status) == (JobState.CANCELLED, ImportStatus.READING), "its failure fails nothing"
    run_last()
    made.refresh_from_db()
    assert (made.status, made.differences.count()) == (ImportStatus.REVIEW, 3)
