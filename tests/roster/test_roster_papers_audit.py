"""Before anything is issued: the admissions comparison (R31-R34) and who belongs to the class (R7)."""

import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from gradphoto.apps.core.errors import Refusal
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.roster import cohorts
from gradphoto.apps.roster.corrections import texts_of
from gradphoto.apps.roster.imports.rules import lint_rules as _rules
from gradphoto.apps.roster.models import AdmissionsCheck, Candidate, CohortRule, CorrectionCase
from gradphoto.engine.roster import Cohort
from queued_jobs import run_queued
from world import add_candidate, build_world, made_up_id_number

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def world():
    made = build_world()
    for n in range(1, 6):
        add_candidate(made, n)
    return made


def client(world, role=Role.REGISTRAR):
    browser = Client()
    browser.force_login(world.people[role], BACKEND)
    return browser


def admissions(**changes):
    """The admissions data of everybody, with changes by student number and field."""
    book = openpyxl.Workbook()
    sheet = book.active
    fields = {"student_no": "学号", "name": "姓名", "sex": "性别", "birth_date": "出生日期", "id_number": "身份证号"}
    sheet.append(list(fields.values()))
    for person in Candidate.objects.order_by("student_no"):
        texts = texts_of(person) | changes.get(f"n{person.student_no}", {})
        sheet.append([texts[name] for name in fields])
    out = io.BytesIO()
    book.save(out)
    return SimpleUploadedFile("录取.xlsx", out.getvalue())


def compare(browser, world, file):
    answer = browser.post("/roster/papers/admissions/", {"campaign": world.campaign.pk, "file": file})
    run_queued()
    return answer


def test_r31_what_differs_is_told_row_by_row_with_the_reason_and_the_way(world):
    browser = client(world)
    first, second, third = Candidate.objects.order_by("student_no")[:3]
    answer = compare(browser, world, admissions(
        **{f"n{first.student_no}": {"name": "侧试乙"}, f"n{second.student_no}": {"sex": "男"},
           f"n{third.student_no}": {"id_number": made_up_id_number(77, male=True)}}
    ))  # fmt: skip
    made = AdmissionsCheck.objects.get()
    assert (made.our_rows, made.their_rows, made.only_there) == (5, 5, 0)
    page = browser.get(answer.url).content.decode()
    for said in ("姓名", "性别", "证件号码", "一式三份", "公民信息变更证明"):
        assert said in page
    assert third.id_number.decrypt() not in page
    assert made_up_id_number(77, male=True) not in page


def test_one_click_makes_the_cases_with_the_reason_in_the_remarks_and_the_form_at_hand(world):
    browser = client(world)
    person = Candidate.objects.order_by("student_no").first()
    wrong = "女" if person.sex == "male" else "男"
    answer = compare(browser, world, admissions(**{f"n{person.student_no}": {"sex": wrong}}))
    browser.post(answer.url, {"all": "1"})
    case = CorrectionCase.objects.get()
    assert (case.candidate, case.field, case.source, case.route) == (person, "sex", "first_audit", "admission")
    data = browser.get(f"/roster/export/?q={person.student_no}").getvalue()
    cells = [str(cell.value) for row in openpyxl.load_workbook(io.BytesIO(data)).active.iter_rows() for cell in row]
    assert any("初审未通过：性别" in cell for cell in cells)
    page = browser.get(answer.url).content.decode()
    assert "没有待登记的差异" in page
    assert browser.post(answer.url, {"all": "1"}).status_code == 422, "nothing is noted twice"
    form = browser.post(
        f"/roster/papers/?campaign={world.campaign.pk}&season=spring",
        {"form": "make_paper", "row": world.campaign.pk, "kind": "admission", "made_as": "pdf"},
    )
    assert form.content.startswith(b"%PDF")


def test_a_second_comparison_ties_what_is_noted_already_to_its_case(world):
    browser = client(world)
    person = Candidate.objects.order_by("student_no").first()
    wrong = "女" if person.sex == "male" else "男"
    for _ in range(2):
        answer = compare(browser, world, admissions(**{f"n{person.student_no}": {"sex": wrong}}))
        browser.post(answer.url, {"all": "1"})
    assert CorrectionCase.objects.count() == 1
    assert AdmissionsCheck.objects.first().differences.get().case == CorrectionCase.objects.get()


def test_equal_data_and_useless_files_are_told_apart(world):
    browser = client(world)
    answer = compare(browser, world, admissions())
    assert "完全一致" in browser.get(answer.url).content.decode()
    useless = SimpleUploadedFile("a.csv", "专业,学制,层次,备注\n法学,4,本科,\n".encode())
    assert "roster.admissions_columns" in compare(browser, world, useless).content.decode()
    assert client(world, Role.COLLEGE_OFFICER).get("/roster/papers/admissions/").status_code == 403


def test_r7_the_cohort_rules_of_the_campaign_reach_the_check_of_an_import(world):
    browser = client(world)
    form = {
        "row": world.campaign.pk,
        "intake_year": "2022",
        "length_of_study": "",
        "major": "",
        "source": "校教通",
    }
    browser.post("/roster/papers/cohort/", form)
    browser.post("/roster/papers/cohort/", form | {"intake_year": "2021", "length_of_study": "5", "major": "建筑学"})
    assert cohorts.cohorts_of(world.campaign) == (Cohort(2022), Cohort(2021, "5", "建筑学"))

    class AnImport:
        campaign, defaults = world.campaign, {}

    assert _rules(AnImport).cohorts == (Cohort(2022), Cohort(2021, "5", "建筑学"))
    for wrong in ({"intake_year": "1066"}, {"source": " "}):
        assert browser.post("/roster/papers/cohort/", form | wrong).status_code == 422
    assert browser.post("/roster/papers/cohort/", form).status_code == 409
    browser.post(f"/roster/papers/cohort/{CohortRule.objects.get(intake_year=2021).pk}/drop/")
    assert CohortRule.objects.count() == 1
    with pytest.raises(Refusal):
        cohorts.add_cohort_rule(world.actor(Role.COUNSELLOR), world.campaign, intake_year=2020, source="x")
