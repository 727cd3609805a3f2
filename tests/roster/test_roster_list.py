"""The roster table: found, sorted, shown as chosen, corrected in place, moved on in bulk, exported."""

import csv
import io
import re

import openpyxl
import pytest
from django.test import Client

from gradphoto.apps.campaigns.models import Season
from gradphoto.apps.core import blobs, jobs
from gradphoto.apps.core.models import AuditEntry, Job, JobState
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.roster import bulk, cases
from gradphoto.apps.roster.models import (
    BulkStep,
    Candidate,
    CandidateStatus,
    ColumnChoice,
    RosterFinding,
    RosterImport,
    StatusChange,
)
from gradphoto.engine.roster.layout import TITLES
from page_text import flat
from world import add_candidate

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
S = CandidateStatus


def staff(world, role=Role.COLLEGE_OFFICER):
    client = Client()
    client.force_login(world.people[role], BACKEND)
    return client


def text(answer):
    return flat(answer)


def listed(browser, query=""):
    """The student numbers on the page, in its order."""
    return re.findall(r'<a href="/roster/\d+/">(2022\d{6})</a>', text(browser.get(f"/roster/?{query}")))


def test_search_filter_and_sort(world):
    browser = staff(world, Role.REGISTRAR)
    one, two = add_candidate(world, 1, status=S.ISSUED), add_candidate(world, 2, season=Season.AUTUMN)
    three = add_candidate(world, 3, department=world.other_department)
    Candidate.objects.filter(pk=three.pk).update(class_name="英语2201")
    cases.note_error(world.actor(Role.COLLEGE_OFFICER), one, field="name", value="测试新")
    made = RosterImport.objects.create(
        campaign=world.campaign, organisation=world.school, file_name="a.xlsx",
        source=blobs.put(b"x", "text/csv"),
    )  # fmt: skip
    Candidate.objects.filter(pk=two.pk).update(imported_from=made, imported_row=4)
    RosterFinding.objects.create(
        roster_import=made, row=4, field="native_place", column_title="籍贯", code="roster.native_place_form",
        severity="warning", reason={"zh": "籍贯", "en": ""}, remedy={"zh": "", "en": ""},
    )  # fmt: skip
    numbers = {person: person.student_no for person in (one, two, three)}
    for query, expected in (
        ("", (one, three, two)),
        (f"q={two.student_no}", (two,)),
        (f"q={three.name}", (three,)),
        ("season=autumn", (two,)),
        (f"department={world.other_department.pk}", (three,)),
        ("class_name=英语2201", (three,)),
        ("status=issued", (one,)),
        ("findings=any", (one, two)),
        ("findings=case", (one,)),
        ("findings=remark", (two,)),
        ("findings=none", (three,)),
        ("behind=accepted", (one,)),
        ("sort=-student_no", (three, two, one)),
        ("sort=nonsense", (one, three, two)),
    ):
        assert listed(browser, query) == [numbers[person] for person in expected], query
    assert "没有符合条件的人" in text(browser.get("/roster/?q=nobody"))


def test_columns_are_remembered_for_the_person(world):
    browser = staff(world)
    add_candidate(world, 1)
    assert "培养层次</th>" not in text(browser.get("/roster/"))
    browser.post("/roster/", {"form": "choose_columns", "names": ["level", "major"]})
    page = text(browser.get("/roster/"))
    assert "培养层次</th>" in page
    assert "毕业季</a></th>" not in page
    assert ">学号</a></th>" in page, "a row can always be told from its neighbour"
    assert "培养层次</th>" not in text(staff(world, Role.REGISTRAR).get("/roster/"))
    browser.post("/roster/", {"form": "choose_columns"})
    assert "毕业季" in text(browser.get("/roster/"))
    assert ColumnChoice.objects.get().columns == []


def test_a_cell_is_corrected_in_place_with_its_reason(world):
    browser, person = staff(world), add_candidate(world, 1, status=S.CHECKED)
    form = text(browser.get(f"/roster/{person.pk}/cell/?field=class_name", HTTP_HX_REQUEST="true"))
    assert 'value="计科2201"' in form
    secret = text(browser.get(f"/roster/{person.pk}/cell/?field=id_number", HTTP_HX_REQUEST="true"))
    assert person.id_number.decrypt() not in secret
    address = f"/roster/{person.pk}/cell/?field=class_name"
    refused = browser.post(address, {"value": "计科2202", "reason": ""}, HTTP_HX_REQUEST="true")
    assert (refused.status_code, "pages.required" in text(refused)) == (422, True)
    assert text(refused).strip().startswith("<tr"), "the row stands there with its cell open"
    assert 'value="计科2202"' in text(refused), "what was typed stays"
    row = text(browser.post(address, {"value": "计科2202", "reason": "转班"}, HTTP_HX_REQUEST="true"))
    assert row.strip().startswith("<tr")
    assert "计科2202" in row
    person.refresh_from_db()
    assert person.class_name == "计科2202"


def test_a_bulk_step_is_told_row_by_row(world):
    browser = staff(world)
    ready, late = add_candidate(world, 1, status=S.ISSUED), add_candidate(world, 2, status=S.SIGNED)
    other = add_candidate(world, 3, status=S.ISSUED, department=world.other_department)
    answer = browser.post(
        "/roster/", {"form": "start_bulk", "step": "roster.check_candidate", "candidate": [ready.pk, late.pk]}
    )
    page = text(browser.get(answer.url))
    assert "当前状态下不能执行这一步" in page
    foreign = {"form": "start_bulk", "step": "roster.check_candidate", "candidate": [other.pk]}
    assert "pages.not_offered" in text(browser.post("/roster/", foreign)), "a row of another college is none of theirs"
    told = bulk.counts(BulkStep.objects.get())
    assert told == {"waiting": 0, "done": 1, "refused": 1}
    assert text(browser.get(f"{answer.url}?state=done")).count("/roster/") < page.count("/roster/")
    assert staff(world, Role.REGISTRAR).get(answer.url).status_code == 404, "a result is its asker's"


def test_all_that_match_means_the_filters_of_the_page(world):
    browser = staff(world)
    for n in range(1, 61):
        add_candidate(world, n, status=S.ISSUED, season=Season.AUTUMN if n > 55 else Season.SPRING)
    browser.post("/roster/?season=spring", {"form": "start_bulk", "step": "roster.check_candidate", "all": "1"})
    assert Candidate.objects.filter(status=S.CHECKED).count() == 55
    assert not Candidate.objects.filter(status=S.CHECKED, season=Season.AUTUMN).exists()


def test_a_step_that_needs_a_reason_or_somebody_is_refused_without_it(world):
    browser, person = staff(world), add_candidate(world, 1, status=S.ISSUED)
    form = {"form": "start_bulk", "step": "roster.remove_candidate", "candidate": person.pk}
    assert "roster.reason_missing" in text(browser.post("/roster/", form))
    assert "roster.nothing_chosen" in text(
        browser.post("/roster/", {"form": "start_bulk", "step": "roster.check_candidate"})
    )
    assert "pages.not_offered" in text(
        browser.post("/roster/", {"form": "start_bulk", **form, "step": "capture.check_in"})
    )
    browser.post(
        "/roster/",
        {"form": "start_bulk", **form, "step": "roster.defer_candidate", "reason": "实习", "to_year": "2028"},
    )
    person.refresh_from_db()
    assert (person.status, person.deferred_to) == (S.DEFERRED, 2028)


def many(world, count, monkeypatch):
    monkeypatch.setattr(bulk, "AT_ONCE", 5)
    for n in range(1, count + 1):
        add_candidate(world, n, status=S.ISSUED)


def test_a_large_step_runs_in_the_background_as_the_person_who_asked(world, monkeypatch):
    many(world, 12, monkeypatch)
    browser = staff(world)
    answer = browser.post("/roster/", {"form": "start_bulk", "step": "roster.check_candidate", "all": "1"})
    assert Candidate.objects.filter(status=S.ISSUED).count() == 12
    job = Job.objects.get()
    assert f"/jobs/{job.pk}/" in text(browser.get(answer.url)), "progress and cancel are on the result page"
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.total) == (JobState.DONE, 12)
    assert Candidate.objects.filter(status=S.CHECKED).count() == 12
    entry = AuditEntry.objects.filter(action="roster.check_candidate").first()
    assert entry.actor == f"user:{world.people[Role.COLLEGE_OFFICER].pk}"


def test_a_second_run_after_a_kill_takes_no_row_twice(world, monkeypatch):
    many(world, 8, monkeypatch)
    actor = world.actor(Role.COLLEGE_OFFICER)
    made = bulk.start_bulk(
        actor, world.campaign, action_name="roster.check_candidate", candidates=Candidate.objects.all()
    )

    monkeypatch.setattr(bulk, "_BATCH", 3)

    def die(done, refused):
        if done == 6:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bulk.work_off(actor, made, die)
    assert bulk.counts(made) == {"waiting": 2, "done": 6, "refused": 0}
    bulk.work_off(actor, made, lambda done, refused: None)
    assert bulk.counts(made) == {"waiting": 0, "done": 8, "refused": 0}
    assert AuditEntry.objects.filter(action="roster.check_candidate").count() == 8


def test_a_cancelled_step_leaves_the_waiting_rows_as_they_are(world, monkeypatch):
    many(world, 8, monkeypatch)
    browser = staff(world)
    answer = browser.post("/roster/", {"form": "start_bulk", "step": "roster.check_candidate", "all": "1"})
    jobs.cancel(Job.objects.get())
    assert "已取消" in text(browser.get(answer.url))
    assert Candidate.objects.filter(status=S.ISSUED).count() == 8


def test_the_export_holds_what_the_filters_show_and_is_on_record(world):
    person = add_candidate(world, 1)
    add_candidate(world, 2, season=Season.AUTUMN)
    StatusChange.objects.create(candidate=person, kind="major", changed_on="2025-03-01", reason="x", noted_by="y")
    cases.fail_first_audit(world.actor(Role.REGISTRAR), person, field="name", reason="与录取数据不一致")
    Candidate.objects.filter(pk=person.pk).update(remarks="=HYPERLINK(1)")
    answer = staff(world, Role.REGISTRAR).get("/roster/export/?season=spring")
    rows = list(openpyxl.load_workbook(io.BytesIO(answer.getvalue())).active.values)
    assert rows[0][:-1] == tuple(TITLES.values())
    assert len(rows) == 2
    assert person.id_number.decrypt() in rows[1]
    assert any("转专业（20250301）；初审未通过：姓名 与录取数据不一致" in str(cell) for cell in rows[1])
    masked = staff(world).get("/roster/export/?format=csv&season=spring")
    line = list(csv.reader(io.StringIO(masked.getvalue().decode("utf-8-sig"))))[1]
    assert person.id_number.decrypt() not in line
    assert any(cell.startswith("'=HYPERLINK(1)") for cell in line), "no cell runs as a formula"
    counts = [entry.detail["with_id_numbers"] for entry in AuditEntry.objects.filter(action="roster.record_export")]
    assert counts == [1, 0]


def test_an_empty_roster_says_what_to_do(world):
    assert "导入名册文件" in text(staff(world, Role.REGISTRAR).get("/roster/"))
    assert "教务处或学院导入后" in text(staff(world, Role.COUNSELLOR).get("/roster/"))


@pytest.mark.parametrize("rows", [3, 60])
def test_the_page_asks_as_often_for_fifty_rows_as_for_three(world, django_assert_max_num_queries, rows):
    for n in range(1, rows + 1):
        add_candidate(world, n)
    browser = staff(world, Role.REGISTRAR)
    browser.get("/roster/")
    with django_assert_max_num_queries(18):
        browser.get("/roster/")
    with django_assert_max_num_queries(15):
        browser.get("/roster/progress/")
