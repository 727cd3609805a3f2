"""A file's way in: columns confirmed, repairs chosen, differences accepted person by person, nothing overwritten in silence."""

import pytest
from django.test import Client
from roster_import_steps import (
    BACKEND,
    HEADINGS,
    S,
    as_csv,
    code_of,
    decide,
    kinds,
    read_in,
    registrar_of,
    row,
    run_last,
    upload,
)

from gradphoto.apps.campaigns.models import Rule
from gradphoto.apps.campaigns.settings_keys import TEST_REGIONS
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.roster.channel import confirm_channel
from gradphoto.apps.roster.imports import apply as deciding
from gradphoto.apps.roster.imports import map as importing
from gradphoto.apps.roster.imports import review
from gradphoto.apps.roster.models import (
    Candidate,
    ColumnMemory,
    ImportStatus,
    RosterImport,
)
from world import add_candidate, made_up_id_number, put

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(world):
    return registrar_of(world)


def test_nothing_is_stored_before_somebody_accepts_it(world, browser):
    made = read_in(browser, world, [row(n) for n in range(1, 6)])
    assert (made.status, made.good_count) == (ImportStatus.REVIEW, 5)
    assert not Candidate.objects.exists()
    page = browser.get(f"/roster/imports/{made.pk}/").content.decode()
    assert "加入名册" in page
    assert made_up_id_number(1, male=True) not in page
    decide(browser, made, "added")
    made.refresh_from_db()
    assert (made.status, Candidate.objects.count()) == (ImportStatus.DONE, 5)
    person = Candidate.objects.get(student_no="2022000001")
    assert person.id_number.decrypt() == made_up_id_number(1, male=True)
    assert (person.season, person.department, person.imported_row) == ("spring", world.department, 2)


def test_the_columns_are_confirmed_and_remembered_for_the_schools_headings(world, browser):
    headings = ("编号甲", "谁", "身份证号", "学院", "专业", "层次")
    rows = [
        {"编号甲": one["学号"], "谁": one["姓名"], "身份证号": one["身份证号"], "学院": one["院系"],
         "专业": one["专业名称"], "层次": one["培养层次"]}
        for one in (row(n) for n in range(1, 5))
    ]  # fmt: skip
    first = upload(browser, world, as_csv(rows, headings))
    page = browser.get(first.url).content.decode()
    assert made_up_id_number(1, male=True) not in page, "samples are masked"
    columns = {"column_2": "id_number", "column_3": "department", "column_4": "major", "column_5": "level"}
    refused = browser.post(first.url, columns)
    assert "roster.columns_missing" in refused.content.decode()
    assert "学号、姓名、毕业季" in refused.content.decode()
    columns |= {"column_0": "student_no", "column_1": "name", "default_season": "秋季"}
    twice = browser.post(first.url, columns | {"column_5": "major"})
    assert "roster.column_twice" in twice.content.decode()
    browser.post(first.url, columns)
    run_last()
    made = RosterImport.objects.get()
    decide(browser, made, "added")
    assert set(Candidate.objects.values_list("season", "sex")) == {("autumn", "male"), ("autumn", "female")}
    again = browser.get(upload(browser, world, as_csv(rows[:3], headings)).url)
    assert again.context["form"].is_remembered
    assert {column.title: field.value() for column, field in again.context["form"].columns()}["谁"] == "name"
    assert 'value="秋季"' in again.content.decode()
    memory = ColumnMemory.objects.get()
    assert memory.school == world.school
    stranger = Client()
    stranger.force_login(world.strangers[Role.REGISTRAR], BACKEND)
    assert stranger.get(first.url).status_code == 404


def test_a_second_file_is_a_reviewed_difference(world, browser):
    decide(browser, read_in(browser, world, [row(n) for n in range(1, 6)]), "added")
    made = read_in(
        browser, world,
        [row(1), row(2, 专业名称="软件工程"), row(3, 班级="计科2202"), row(5, 姓名="测 试"), row(7)],
    )  # fmt: skip
    assert kinds(made) == {
        "added": ["2022000007"], "changed": ["2022000002", "2022000003"], "gone": ["2022000004"],
    }  # fmt: skip
    assert (made.same_count, made.bad_count) == (1, 1), "who stands in a faulty row is not gone"
    second = Candidate.objects.get(student_no="2022000002")
    assert second.major == "计算机科学与技术"
    page = browser.get(f"/roster/imports/{made.pk}/?tab=changed").content.decode()
    assert "软件工程" in page
    one = made.differences.get(student_no="2022000002")
    decide(browser, made, "changed", difference=[one.pk])
    decide(browser, made, "changed", do="decline")
    decide(browser, made, "gone")
    made.refresh_from_db()
    assert made.status == ImportStatus.REVIEW, "who would be added still waits"
    decide(browser, made, "added", do="decline")
    made.refresh_from_db()
    assert made.status == ImportStatus.DONE
    second.refresh_from_db()
    assert (second.major, second.imported_from) == ("软件工程", made)
    assert Candidate.objects.get(student_no="2022000003").class_name == "计科2201"
    gone = Candidate.objects.get(student_no="2022000004")
    assert (gone.status, "名册.csv" in gone.status_reason) == (S.REMOVED, True)
    assert not Candidate.objects.filter(student_no="2022000007").exists()


def test_the_same_file_again_changes_nothing_and_asks_nothing(world, browser):
    rows = [row(n) for n in range(1, 4)]
    decide(browser, read_in(browser, world, rows), "added")
    made = read_in(browser, world, rows)
    assert (made.status, made.same_count, made.differences.count()) == (ImportStatus.DONE, 3, 0)


def test_a_file_speaks_only_of_its_own_columns_departments_and_season(world, browser):
    decide(browser, read_in(browser, world, [row(1), row(2), row(3, 院系="外语学院"), row(4, 毕业季="秋季")]), "added")
    Candidate.objects.update(remarks="保留")
    few = tuple(title for title in HEADINGS if title != "班级")
    made = read_in(browser, world, [row(1)], few)
    assert kinds(made) == {"added": [], "changed": [], "gone": ["2022000002"]}


def test_what_was_signed_for_is_not_changed_by_a_file_without_proof(world, browser):
    decide(browser, read_in(browser, world, [row(1), row(2), row(3)]), "added")
    put(Candidate.objects.filter(student_no="2022000001"), status=S.SIGNED)
    put(Candidate.objects.filter(student_no="2022000002"), status=S.SIGNED)
    put(Candidate.objects.filter(student_no="2022000003"), status=S.ACCEPTED)
    made = read_in(browser, world, [row(1, 姓名="测试新"), row(2, 专业名称="软件工程")])
    decide(browser, made, "changed")
    decide(browser, made, "gone")
    told = dict(made.differences.values_list("student_no", "code"))
    assert told == {"2022000001": "roster.proof_needed", "2022000002": "", "2022000003": "core.step_not_allowed"}
    assert Candidate.objects.get(student_no="2022000001").name == "测试乙"
    assert Candidate.objects.get(student_no="2022000002").status == S.CHECKED, "to be signed again"
    made.refresh_from_db()
    assert made.status == ImportStatus.REVIEW
    browser.post(f"/roster/imports/{made.pk}/", {"form": "discard_import"})
    made.refresh_from_db()
    assert made.status == ImportStatus.DONE


def test_people_elsewhere_or_off_the_list_are_told_not_touched(world, browser):
    add_candidate(world, 1, department=world.other_department, status=S.ISSUED)
    add_candidate(world, 2, status=S.DEFERRED)
    officer = world.actor(Role.COLLEGE_OFFICER)
    confirm_channel(officer, world.campaign, school=world.school.name, teacher="college_officer")
    data = as_csv([row(1, 专业名称="软件工程"), row(2, 专业名称="软件工程"), row(3, 院系="外语学院"), row(4)])
    made = importing.import_roster(officer, world.campaign, organisation=world.department, file_name="a.csv", data=data)
    run_last()
    made.refresh_from_db()
    assert kinds(made) == {"added": ["2022000004"], "changed": [], "gone": []}
    codes = dict(made.findings.filter(severity="error").values_list("row", "code"))
    assert codes == {2: "roster.already_listed", 3: "roster.not_on_list", 4: "roster.foreign_department"}
    assert (made.good_count, made.bad_count) == (1, 3)


def test_safe_repairs_are_listed_applied_and_taken_back(world, browser):
    made = read_in(browser, world, [row(1, 姓名="测 试"), row(2, 姓名="测 验"), row(3)])
    assert (made.good_count, made.bad_count) == (1, 2)
    page = browser.get(f"/roster/imports/{made.pk}/?tab=fixes").content.decode()
    assert "测 试" in page
    assert "测试" in page
    address = f"/roster/imports/{made.pk}/"
    assert "roster.no_fix_chosen" in browser.post(address, {"form": "choose_fixes", "do": "apply"}).content.decode()
    browser.post(address, {"form": "choose_fixes", "do": "apply", "fix": made.fixes.get(row=2).pk})
    run_last()
    made.refresh_from_db()
    assert (made.good_count, kinds(made)["added"]) == (2, ["2022000001", "2022000003"])
    assert list(made.fixes.values_list("row", "applied")) == [(2, True), (3, False)]
    browser.post(address, {"form": "choose_fixes", "do": "undo", "all": "1"})
    run_last()
    made.refresh_from_db()
    assert made.good_count == 1
    browser.post(address, {"form": "choose_fixes", "do": "apply", "all": "1"})
    run_last()
    decide(browser, made, "added")
    assert set(Candidate.objects.values_list("name", flat=True)) == {"测试", "测验", "测试丁"}
    made.refresh_from_db()
    actor = world.actor(Role.REGISTRAR)
    assert code_of(review.choose_fixes, actor, made, applied=False) == "roster.import_settled"


def test_a_large_acceptance_runs_in_the_background_and_survives_a_kill(world, browser, monkeypatch):
    monkeypatch.setattr(review, "AT_ONCE", 3)
    monkeypatch.setattr(deciding, "AT_ONCE", 3)
    monkeypatch.setattr(deciding, "_CHUNK", 4)
    made = read_in(browser, world, [row(n) for n in range(1, 11)])
    decide(browser, made, "added")
    assert not Candidate.objects.exists()
    actor = world.actor(Role.REGISTRAR)

    def die(done, refused):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        deciding.take_over(actor, made, die)
    assert Candidate.objects.count() == 4
    page = browser.get(f"/roster/imports/{made.pk}/").content.decode()
    assert f"/roster/imports/{made.pk}/progress/" in page
    run_last()
    assert Candidate.objects.count() == 10
    assert browser.get(f"/roster/imports/{made.pk}/progress/")["HX-Refresh"] == "true"
    made.refresh_from_db()
    assert made.status == ImportStatus.DONE


def test_two_files_accepted_one_after_the_other_list_nobody_twice(world, browser):
    first = read_in(browser, world, [row(1), row(2)])
    second = read_in(browser, world, [row(2), row(3)])
    decide(browser, first, "added")
    decide(browser, second, "added")
    assert sorted(Candidate.objects.values_list("student_no", flat=True)) == [
        "2022000001", "2022000002", "2022000003",
    ]  # fmt: skip
    assert second.differences.get(student_no="2022000002").code == "roster.already_listed"


def test_another_schools_student_is_warned_of(world, browser):
    theirs = add_candidate(world, 1)
    other = type(world.campaign).objects.create(
        cohort_year=2026, title="他校", school=world.strange_school, centre=world.centre,
        rule_set=world.campaign.rule_set,
    )  # fmt: skip
    Candidate.objects.filter(pk=theirs.pk).update(campaign=other, department=world.strange_department)
    made = read_in(browser, world, [row(1), row(2)])
    assert made.findings.get(row=2, code="roster.listed_at_another_school").severity == "warning"
    assert kinds(made)["added"] == ["2022000001", "2022000002"]


def test_the_sealed_rows_of_a_review_hold_no_number_in_plain(world, browser):
    made = read_in(browser, world, [row(1)])
    stored = made.differences.values_list("record", "changes", "name")[0]
    assert made_up_id_number(1, male=True) not in repr(stored)


def test_a_student_number_of_somebody_on_the_list_is_refused_with_a_second_programme(world, browser):
    made = read_in(browser, world, [row(1), row(1, 专业名称="法学（辅修）", 学号="2022000777")])
    owner = add_candidate(world, 7)
    put(Candidate.objects.filter(pk=owner.pk), student_no="2022000777")
    decide(browser, made, "added")
    assert Candidate.objects.get(student_no="2022000777") == owner
    assert Candidate.objects.filter(student_no="2022000001").count() == 1


def test_a_rule_for_demonstrations_need_not_be_set(world, browser):
    Rule.objects.filter(key=TEST_REGIONS.name).delete()
    made = read_in(browser, world, [row(1)])
    assert (made.status, made.row_count) == (ImportStatus.REVIEW, 1)


def test_two_rows_of_one_number_are_one_person_with_two_records(browser, world):
    """辅修、双学位 (issue 14.6): both rows go in, one is the record that is photographed; a true double stays out."""
    minor = {"专业名称": "法学（辅修）", "院系": "外语学院"}
    made = read_in(browser, world, [row(1), row(1, **minor), row(2), row(2)])
    assert (made.good_count, made.bad_count) == (3, 1)
    assert sorted(made.findings.filter(code__contains="programme").values_list("row", "severity")) == [(3, "warning")]
    decide(browser, made, "added")
    first = Candidate.objects.get(student_no="2022000001", department=world.department)
    mine = Candidate.objects.filter(id_number_index=first.id_number_index)
    assert {one.major: one.same_person for one in mine} == {first.major: None, minor["专业名称"]: first}
    page = browser.get(f"/roster/{first.pk}/").content.decode()
    assert "同一人的另一专业" in page
    assert minor["专业名称"] in page
    again = read_in(browser, world, [row(1, **minor), row(2), row(1, 班级="计科2202")])
    assert (again.same_count, kinds(again)) == (2, {"added": [], "changed": ["2022000001"], "gone": []})
    gone = read_in(browser, world, [row(1), row(2), row(3, 院系="外语学院")])
    assert kinds(gone)["gone"] == ["2022000001"], "the minor alone is gone"
    third = read_in(browser, world, [row(1), row(1, **minor), row(1, 专业名称="会计学"), row(2)])
    assert kinds(third) == {"added": ["2022000001"], "changed": [], "gone": []}
    decide(browser, third, "added")
    assert Candidate.objects.get(major="会计学").same_person == mine.get(same_person=None)


def test_r31_a_new_file_with_another_number_is_one_case_and_no_stranger(world, browser):
    person = add_candidate(world, 1, status=S.ISSUED, name="李明")
    other = row(1, 姓名="李明", 身份证号=made_up_id_number(9, male=True), 学号="2022000999")
    made = read_in(browser, world, [other])
    (difference,) = made.differences.all()
    assert (difference.kind, difference.candidate_id, difference.code) == (
        "changed", person.pk, "roster.probably_same_person",
    )  # fmt: skip
    assert "很可能是同一人" in browser.get(f"/roster/imports/{made.pk}/?kind=changed").content.decode()
    decide(browser, made, "changed")
    person.refresh_from_db()
    assert (Candidate.objects.count(), person.student_no) == (1, "2022000999")
