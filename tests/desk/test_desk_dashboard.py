"""The dashboard: each number is the length of the list it opens, within the viewer's scope; what is due is told."""

import io
import re

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gradphoto.apps.campaigns.models import Season
from gradphoto.apps.capture.models import Assessment, AssessmentFinding, Frame
from gradphoto.apps.core import blobs
from gradphoto.apps.desk.charts import HEIGHT, WIDTH, columns
from gradphoto.apps.desk.dashboard import by_college
from gradphoto.apps.desk.stages import Wanted
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.registration.actions import apply_review, approve_at_head_office, approve_nationally
from verification.graduate_world import SHOT_AT, add_graduate, confirmed_case, open_case, staff
from world import add_candidate, build_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    """One person at each stage of one college, two of another."""
    world = build_world()
    review = apply_review(world.actor(Role.COLLEGE_OFFICER), confirmed_case(world, 1))
    approve_at_head_office(world.actor(Role.HEAD_OFFICE), review)
    approve_nationally(world.actor(Role.NATIONAL_REVIEWER), review)
    confirmed_case(world, 2)
    open_case(world, 3)
    add_candidate(world, 4)
    add_candidate(world, 5, status="issued")
    add_graduate(world, 6, department=world.other_department, season=Season.AUTUMN)
    return world


WRONG = {
    "campaign": "abc", "department": "x", "season": "winter", "stage": "nowhere", "without": "nothing", "day": "2026-13-45",
    "hour": "99",
}  # fmt: skip


def test_a_number_that_an_address_cannot_mean_lists_and_exports_nobody(world):
    """An ignored part of it would list, and take home, everybody."""
    browser = staff(world, Role.REGISTRAR)
    assert browser.get("/dashboard/people/").context["listing"].page.paginator.count > 0
    for name, value in WRONG.items():
        page = browser.get("/dashboard/people/", {name: value})
        assert page.context["listing"].page.paginator.count == 0, name
        assert "pages.filter_invalid" in page.content.decode(), name
        for address in ("/dashboard/people/export/", "/dashboard/people/", "/dashboard/"):
            assert browser.get(address, {name: value, "format": "xlsx"}).status_code == 400, (address, name)


def test_the_funnel_counts_each_college_by_stage(world):
    rows = by_college(world.actor(Role.REGISTRAR), Wanted())
    counts = {row.title: [cell.count for cell in row.cells] for row in rows}
    assert counts == {
        "": [6, 5, 4, 4, 2, 1, 0],
        "计算机学院": [5, 4, 3, 3, 2, 1, 0],
        "外语学院": [1, 1, 1, 1, 0, 0, 0],
    }
    autumn = by_college(world.actor(Role.REGISTRAR), Wanted(season="autumn"))
    assert [[cell.count for cell in row.cells] for row in autumn] == [[1, 1, 1, 1, 0, 0, 0]]


def test_every_number_opens_a_list_of_that_length(world):
    office = staff(world, Role.REGISTRAR)
    page = office.get("/dashboard/").content.decode()
    numbers = re.findall(r'href="/dashboard/people/\?([^"]+)"[^>]*>(?:<rect[^>]*/><text[^>]*>)?(\d+)<', page)
    assert len(numbers) > 25
    for query, number in numbers:
        listed = office.get(f"/dashboard/people/?{query.replace('&amp;', '&')}").content.decode()
        assert f"{number} 人" in listed, (query, number)


def test_a_college_sees_its_own_people_only(world):
    officer = world.actor(Role.COLLEGE_OFFICER)
    assert [row.title for row in by_college(officer, Wanted())] == ["计算机学院"]
    listed = staff(world, Role.COLLEGE_OFFICER).get("/dashboard/people/?stage=roster").content.decode()
    assert "外语学院" not in listed
    stranger = staff(world, Role.REGISTRAR, stranger=True)
    assert "没有符合条件的毕业生" in stranger.get("/dashboard/").content.decode()


def test_who_is_short_of_a_stage_is_listed_too(world):
    office = staff(world, Role.REGISTRAR)
    listed = office.get("/dashboard/people/?stage=not_verified").content.decode()
    assert "4 人" in listed
    assert "未到：本人已确认" in listed


def test_the_hours_of_a_day_are_columns_with_a_text_for_who_does_not_see_them(world):
    page = staff(world, Role.REGISTRAR).get("/dashboard/").content.decode()
    assert "<title" in page
    assert "09:00 3" in page
    assert "09:00 1" in page
    assert "计划每小时 120 人" in page
    assert "style=" not in page


def test_the_numbers_leave_as_xlsx_without_id_numbers(world):
    office = staff(world, Role.REGISTRAR)
    book = openpyxl.load_workbook(io.BytesIO(office.get("/dashboard/?format=xlsx").content))
    assert [cell.value for cell in book["春季进度 Progress"][2]][:3] == ["计算机学院", 5, 4]
    assert [cell.value for cell in book["秋季进度 Progress"][2]][:3] == ["外语学院", 1, 1]
    people = office.get("/dashboard/people/?stage=roster&format=xlsx").getvalue()
    rows = list(openpyxl.load_workbook(io.BytesIO(people)).active.values)
    assert len(rows) == 7
    assert not re.search(r"990101\d{11}", str(rows))


def test_more_people_cost_no_more_queries(world):
    office = staff(world, Role.REGISTRAR)
    counts = []
    for more in ((), range(20, 26)):
        for n in more:
            add_graduate(world, n)
        with CaptureQueriesContext(connection) as asked:
            office.get("/dashboard/")
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_whatever_an_address_says_the_page_answers(world):
    office = staff(world, Role.REGISTRAR)
    for query in (
        "day=2026-02-31",
        "hour=99&day=x",
        "campaign=abc",
        "stage=nothing",
        "reason=%27%3B--",
        "department=" + "9" * 30,
    ):
        # What may be an ID number is sealed first, and read after that.
        assert office.get(f"/dashboard/?{query}", follow=True).status_code == 200
        assert office.get(f"/dashboard/people/?{query}", follow=True).status_code == 200


@pytest.mark.engine
def test_columns_stay_inside_their_chart():
    for numbers in ([0], [1, 0, 7], list(range(24))):
        chart = columns([(str(n), value, "") for n, value in enumerate(numbers)], limit=12)
        for bar in chart.bars:
            assert 0 <= bar.x <= bar.x + bar.width <= WIDTH
            assert 0 <= bar.y <= bar.y + bar.height <= HEIGHT
        assert chart.limit_y is not None
        assert 0 <= chart.limit_y <= HEIGHT


def test_the_photographed_hour_is_local_time(world):
    page = (
        staff(world, Role.REGISTRAR)
        .get(f"/dashboard/people/?day={SHOT_AT:%Y-%m-%d}&hour={SHOT_AT.hour}")
        .content.decode()
    )
    assert "4 人" in page


def test_reasons_of_rules_and_of_persons_count_a_person_once(world):
    frame = Frame.objects.get(check_in__candidate__student_no="2022000001")
    rejected = Frame.objects.create(
        session=frame.session,
        blob=blobs.put_photograph(b"again"),
        check_in=frame.check_in,
        file_name="r.jpg",
        status="rejected",
    )
    for n, (one, outcome) in enumerate(((rejected, "fail"), (rejected, "review"), (frame, "fail"))):
        made = Assessment.objects.create(
            frame=one, profile="mb2017_99", pipeline_version=f"v{n}", outcome=outcome, current=n != 1
        )
        AssessmentFinding.objects.create(assessment=made, code="portrait.eye_left_open", outcome=outcome)
    page = staff(world, Role.REGISTRAR).get("/dashboard/").content.decode()
    assert re.search(r'reason=portrait.eye_left_open"[^>]*>1<', page)
    listed = staff(world, Role.REGISTRAR).get("/dashboard/people/?reason=portrait.eye_left_open").content.decode()
    assert "2022000001" in listed
    assert "1 人" in listed


def test_who_sees_more_units_than_a_page_lists_has_a_row_a_school(world, monkeypatch):
    """Issue 18: a province has thousands of colleges, and their table was a page of 4.8 MB."""
    monkeypatch.setattr("gradphoto.apps.desk.dashboard._MOST_UNITS", 1)
    actor = world.actor(Role.REGISTRAR)
    rows = by_college(actor, Wanted())
    assert [row.title for row in rows] == [world.school.name]
    assert f"campaign={world.campaign.pk}" in rows[0].cells[0].link
    colleges = by_college(actor, Wanted(campaign=world.campaign.pk))
    assert len(colleges) > 2
    assert colleges[0].cells[0].count == rows[0].cells[0].count
