"""The school goes through what was delivered, class by class, and reports what is not right (R154-R158)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from gradphoto.apps.campaigns.models import Season
from gradphoto.apps.core.errors import PermissionRefusal, Refusal
from gradphoto.apps.delivery.actions import mark_class, report_photo, settle_report, withdraw_report
from gradphoto.apps.delivery.checking import classes_of, not_delivered
from gradphoto.apps.delivery.handover import handover_protocol
from gradphoto.apps.delivery.models import DeliveryReport, Package, ReportAction, ReportKind, ReportStatus
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.roster.models import Candidate, StatusChange
from gradphoto.apps.roster.status_marks import marks_of
from verification.graduate_world import add_graduate, staff
from world import build_world, put, save

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    world = build_world()
    for n in range(1, 7):
        person = add_graduate(world, n, department=world.department if n < 5 else world.other_department)
        if n in (3, 4):
            Candidate.objects.filter(pk=person.pk).update(class_name="计科2202")
    Package.objects.update(delivered_at=timezone.now(), check_due=timezone.localdate() + timedelta(days=20))
    return world


def package() -> Package:
    return Package.objects.get(status="delivered")


def test_r154_class_by_class_until_all_are_looked_through(world):
    office, where = staff(world, Role.REGISTRAR), f"/delivery/{package().pk}/check/"
    page = office.get(where).content.decode()
    assert "已核对 0 / 3 个班" in page
    assert page.count("data-photo") == 2
    people = list(Candidate.objects.filter(class_name="计科2201", department=world.department))
    form = {"department": world.department.pk, "class": "计科2201", f"mark_{people[0].pk}": "damaged"}
    following = office.post(where + "class/", form)
    assert "2202" in following.url
    assert [part.checked for part in classes_of(package())] == [True, False, False]
    report = DeliveryReport.objects.get()
    assert (report.candidate, report.kind, report.action) == (people[0], ReportKind.DAMAGED, ReportAction.REMAKE)
    office.post(where + "class/", {"department": world.department.pk, "class": "计科2202"})
    last = office.post(where + "class/", {"department": world.other_department.pk, "class": "计科2201"})
    assert last.url == f"/delivery/{package().pk}/"


def changed(person, day="2025-09-01", kind="major"):
    return StatusChange.objects.create(candidate=person, kind=kind, changed_on=day, reason="学校批准", noted_by="x")


def test_r23_people_with_a_change_of_status_are_marked_first_and_a_class_is_not_closed_over_them(world):
    office, where = staff(world, Role.REGISTRAR), f"/delivery/{package().pk}/check/"
    person = Candidate.objects.get(student_no="2022000002")
    changed(person)
    page = office.get(where).content.decode()
    assert "学籍异动：转专业 2025-09-01" in page
    assert page.index("2022000002") < page.index("2022000001"), "first in the class"
    assert "异动 1" in page
    form = {"department": world.department.pk, "class": "计科2201"}
    answer = office.post(where + "class/", form, follow=True).content.decode()
    assert "有学籍异动的还没有逐一核对：2022000002" in answer
    assert not any(part.checked for part in classes_of(package()))
    office.post(where + "class/", {**form, f"looked_{person.pk}": "on"})
    assert [(part.checked, part.marked) for part in classes_of(package())] == [(True, 1), (False, 0), (False, 0)]


def test_r23_what_is_reported_of_the_person_counts_as_looked_at(world):
    person = Candidate.objects.get(student_no="2022000002")
    changed(person)
    registrar, where = world.actor(Role.REGISTRAR), {"department": world.department, "class_name": "计科2201"}
    with pytest.raises(Refusal, match="changed_not_looked_at"):
        mark_class(registrar, package(), **where)
    report_photo(registrar, package(), candidate=person, kind=ReportKind.WRONG)
    mark_class(registrar, package(), **where)


def test_r23_the_mark_goes_with_package_file_protocol_and_college(world):
    person = Candidate.objects.get(student_no="2022000002")
    changed(person)
    office = staff(world, Role.REGISTRAR)
    assert "data-status-change" in office.get(f"/delivery/{package().pk}/").content.decode()
    only = office.get(f"/delivery/{package().pk}/?changed=1").content.decode()
    assert person.name in only
    assert "2022000001" not in only
    told = b"".join(office.get(f"/delivery/photographs/export/?package={package().pk}&format=csv")).decode("utf-8-sig")
    assert ["2022000002" in line for line in told.splitlines() if "转专业 2025-09-01" in line] == [True]
    assert "学籍异动 1 人" in {row[5] for section in handover_protocol(package()).sections for row in section.rows}
    college = (
        staff(world, Role.COLLEGE_OFFICER)
        .get(
            f"/delivery/college/{world.campaign.pk}/class/",
            {"department": world.department.pk, "season": "spring", "class": "计科2201"},
        )
        .content.decode()
    )
    assert "学籍异动：转专业" in college


def test_r23_a_change_in_a_second_programme_marks_the_photograph_of_the_first(world):
    first, second = Candidate.objects.filter(student_no__in=["2022000001", "2022000002"]).order_by("student_no")
    second.same_person = first
    save(second, "same_person")
    changed(second, "2025-03-01", "suspension")
    changed(first, "2025-09-01", "resumption")
    said = "休学 2025-03-01；复学 2025-09-01"
    assert {pk: text.replace(" Suspension", "").replace(" Resumption", "") for pk, text in marks_of([first.pk, second.pk]).items()} == {
        first.pk: said, second.pk: said,
    }  # fmt: skip


def test_a_mark_taken_away_withdraws_its_report(world):
    office, where = staff(world, Role.REGISTRAR), f"/delivery/{package().pk}/check/class/"
    person = Candidate.objects.get(student_no="2022000001")
    form = {"department": world.department.pk, "class": "计科2201"}
    office.post(where, {**form, f"mark_{person.pk}": "wrong"})
    office.post(where, {**form, f"mark_{person.pk}": "missing"})
    report = DeliveryReport.objects.get()
    assert (report.kind, report.action, report.status) == (ReportKind.MISSING, ReportAction.REISSUE, ReportStatus.OPEN)
    office.post(where, form)
    report.refresh_from_db()
    assert report.status == ReportStatus.WITHDRAWN


def test_every_mark_is_kept_at_once_and_an_empty_one_takes_it_back(world):
    office, where = staff(world, Role.REGISTRAR), f"/delivery/{package().pk}/check/mark/"
    person = Candidate.objects.get(student_no="2022000001")
    assert office.post(where, {"person": person.pk, f"mark_{person.pk}": "damaged"}).status_code == 204
    page = office.get(f"/delivery/{package().pk}/check/").content.decode()
    assert 'data-mark="damaged"' in page
    assert "已核对 0 / 3 个班" in page, "a mark alone does not end the class"
    office.post(where, {"person": person.pk, f"mark_{person.pk}": ""})
    assert DeliveryReport.objects.get().status == ReportStatus.WITHDRAWN
    outsider = add_graduate(world, 9, season=Season.AUTUMN)
    assert office.post(where, {"person": outsider.pk, f"mark_{outsider.pk}": "wrong"}).status_code == 404


def test_that_a_class_was_checked_is_taken_back_and_its_reports_stay(world):
    office, where = staff(world, Role.REGISTRAR), f"/delivery/{package().pk}/check/class/"
    person = Candidate.objects.get(student_no="2022000001")
    form = {"department": world.department.pk, "class": "计科2201"}
    office.post(where, {**form, f"mark_{person.pk}": "wrong"})
    answer = office.post(where, {**form, "undo": "1"})
    assert "2201" in answer.url
    assert not any(part.checked for part in classes_of(package()))
    assert DeliveryReport.objects.get().status == ReportStatus.OPEN


def test_r156_a_missing_person_is_found_and_reported_by_number(world):
    left_out = add_graduate(world, 9, package_status="ready")
    assert list(not_delivered(package())) == [left_out]
    office, where = staff(world, Role.REGISTRAR), f"/delivery/{package().pk}"
    assert left_out.student_no in office.get(f"{where}/check/").content.decode()
    office.post(f"{where}/reports/", {"form": "report_photo", "student_no": left_out.student_no, "note": "光盘中没有"})
    report = DeliveryReport.objects.get()
    assert (report.candidate, report.action, report.note) == (left_out, ReportAction.REISSUE, "光盘中没有")
    office.post(f"{where}/reports/", {"form": "report_photo", "student_no": "0000"})
    assert DeliveryReport.objects.count() == 1


def test_r12_who_belongs_to_another_season_is_not_reported_here(world):
    autumn = add_graduate(world, 9, season=Season.AUTUMN)
    spring = Package.objects.get(season="spring")
    with pytest.raises(Refusal) as refused:
        report_photo(world.actor(Role.REGISTRAR), spring, candidate=autumn, kind=ReportKind.MISSING)
    assert refused.value.code == "delivery.report_stranger"


def test_the_centre_settles_and_the_school_withdraws_and_nobody_else(world):
    registrar, centre = world.actor(Role.REGISTRAR), world.actor(Role.COLLECTION_CENTRE)
    people = list(Candidate.objects.all()[:2])
    one, two = (report_photo(registrar, package(), candidate=person, kind=ReportKind.WRONG) for person in people)
    with pytest.raises(PermissionRefusal):
        settle_report(registrar, one, note="自己处理")
    settle_report(centre, one, note="已更正数据库")
    assert (one.status, one.settled_note) == (ReportStatus.SETTLED, "已更正数据库")
    with pytest.raises(PermissionRefusal):
        withdraw_report(world.stranger(Role.REGISTRAR), two)
    withdraw_report(registrar, two)
    with pytest.raises(Refusal):
        settle_report(centre, two, note="再处理")


def test_r155_the_days_left_are_shown_and_overdue_is_said(world):
    office = staff(world, Role.REGISTRAR)
    assert "还剩 20 天" in office.get("/delivery/").content.decode()
    Package.objects.update(check_due=timezone.localdate() - timedelta(days=1))
    assert "已逾期" in office.get(f"/delivery/{package().pk}/check/").content.decode()
    put(Package.objects.all(), status="checked")
    assert "已逾期" not in office.get("/delivery/").content.decode()


def test_a_strangers_office_sees_nothing_of_it(world):
    where = f"/delivery/{package().pk}"
    for page in ("check", "reports", "cards", "protocol"):
        assert staff(world, Role.REGISTRAR, stranger=True).get(f"{where}/{page}/").status_code == 404


def test_the_sheet_of_a_class_costs_no_query_a_photo(world):
    office = staff(world, Role.REGISTRAR)
    counts = []
    for more in ((), (21, 22, 23, 24)):
        for n in more:
            add_graduate(world, n)
        with CaptureQueriesContext(connection) as asked:
            office.get(f"/delivery/{package().pk}/check/?department={world.department.pk}&class=计科2201")
        counts.append(len(asked))
    assert counts[0] == counts[1]
