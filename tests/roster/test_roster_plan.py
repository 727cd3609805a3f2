"""The dated plan of a campaign (R41), who is late, the data's deadline (R85), and the data channel (R95)."""

from datetime import date, timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from gradphoto.apps.core.errors import PermissionRefusal, Refusal
from gradphoto.apps.core.models import AuditEntry
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.roster import cases, channel, plan
from gradphoto.apps.roster.imports import map as importing
from gradphoto.apps.roster.models import Candidate, CandidateStatus, ChannelConfirmation, Milestone, MilestoneKind
from gradphoto.apps.schedule.models import CaptureSession
from world import add_candidate

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
S, K = CandidateStatus, MilestoneKind


def staff(world, role):
    client = Client()
    client.force_login(world.people[role], BACKEND)
    return client


def text(answer):
    return answer.content.decode()


def in_days(n):
    return timezone.localdate() + timedelta(days=n)


def set_date(world, kind, due):
    return plan.set_milestone(
        world.actor(Role.REGISTRAR), world.campaign, kind=kind, due=due, source="校教通〔2012〕104号"
    )


def test_r41_a_date_needs_its_source_and_is_the_registrys(world):
    asked = {"kind": K.CARDS_OUT, "due": date(2012, 12, 14)}
    with pytest.raises(Refusal) as caught:
        plan.set_milestone(world.actor(Role.REGISTRAR), world.campaign, source=" ", **asked)
    assert caught.value.code == "roster.milestone_without_source"
    with pytest.raises(PermissionRefusal):
        plan.set_milestone(world.actor(Role.COLLEGE_OFFICER), world.campaign, source="x", **asked)
    set_date(world, K.CARDS_OUT, date(2012, 12, 14))
    set_date(world, K.CARDS_OUT, date(2012, 12, 15))
    assert Milestone.objects.get().due == date(2012, 12, 15)


def test_r41_who_is_late_is_told_college_by_college(world):
    for n, status in enumerate((S.ISSUED, S.CHECKED, S.SIGNED, S.ACCEPTED), start=1):
        add_candidate(world, n, status=status)
    add_candidate(world, 9, status=S.ACCEPTED, department=world.other_department)
    add_candidate(world, 10, status=S.DEFERRED, department=world.other_department)
    cases.note_error(world.actor(Role.COLLEGE_OFFICER), Candidate.objects.get(student_no="2022000002"), field="name")
    set_date(world, K.STUDENTS_SIGNED, in_days(-1))
    set_date(world, K.ERRORS_PROVEN, in_days(-1))
    set_date(world, K.ACCEPTED, in_days(5))
    people = Candidate.objects.all()
    assert [(p.milestone.kind, p.behind, p.is_late) for p in plan.plan_of(world.campaign, people)] == [
        (K.STUDENTS_SIGNED, 2, True), (K.ERRORS_PROVEN, 1, True), (K.ACCEPTED, 3, False),
    ]  # fmt: skip
    first, second = plan.standings(world.campaign, people)
    assert (first.total, first.percent, first.open_cases) == (4, 25, 1)
    assert [(stone.kind, missing) for stone, missing in first.late] == [(K.STUDENTS_SIGNED, 2)]
    assert (second.total, second.percent, second.late) == (1, 100, ())
    page = text(staff(world, Role.REGISTRAR).get("/roster/progress/"))
    assert "behind=students_signed" in page
    assert "25%" in page
    college = text(staff(world, Role.COLLEGE_OFFICER).get("/roster/progress/"))
    assert "外语学院" not in college
    classes = text(staff(world, Role.REGISTRAR).get(f"/roster/progress/?department={world.department.pk}"))
    assert "计科2201" in classes


def test_spring_and_autumn_have_their_own_lines(world):
    add_candidate(world, 1)
    add_candidate(world, 2, season="autumn")
    assert [line.season for line in plan.standings(world.campaign, Candidate.objects.all())] == ["spring", "autumn"]


def test_dates_are_set_and_dropped_on_the_page(world):
    browser = staff(world, Role.REGISTRAR)
    form = {"row": world.campaign.pk, "kind": "shooting", "due": "2027-01-03", "source": "校教通"}
    browser.post(f"/roster/progress/?campaign={world.campaign.pk}", form)
    page = text(browser.get("/roster/progress/"))
    assert "2027-01-03" in page
    assert "校教通" in page
    assert (
        staff(world, Role.COLLEGE_OFFICER).post(f"/roster/progress/?campaign={world.campaign.pk}", form).status_code
        == 403
    )
    browser.post(f"/roster/milestones/{Milestone.objects.get().pk}/drop/")
    assert not Milestone.objects.exists()


@time_machine.travel("2025-09-23 04:00Z", tick=False)
def test_r85_the_data_are_due_ten_working_days_before_the_first_session(world):
    assert plan.data_deadline(world.campaign) is None
    set_date(world, K.SHOOTING, date(2025, 12, 1))
    assert plan.data_deadline(world.campaign).session_on == date(2025, 12, 1)
    CaptureSession.objects.create(campaign=world.campaign, date=date(2025, 10, 20), place="104")
    deadline = plan.data_deadline(world.campaign)
    # 17, 16, 15, 14, 13, 11 (a working Saturday), 10, 9 October, then the holidays 1-8, then 30 and 29 September.
    assert (deadline.due, deadline.workdays, deadline.provisional) == (date(2025, 9, 29), 10, False)
    # 24, 25, 26, 28 (a working Sunday), 29 September.
    assert (deadline.workdays_left, deadline.is_past) == (5, False)
    page = text(staff(world, Role.REGISTRAR).get("/roster/imports/"))
    assert "2025-09-29" in page
    assert "还有 5 个工作日" in page


@time_machine.travel("2025-10-10 04:00Z", tick=False)
def test_r85_a_deadline_that_has_passed_says_so(world):
    CaptureSession.objects.create(campaign=world.campaign, date=date(2025, 10, 20), place="104")
    deadline = plan.data_deadline(world.campaign)
    assert (deadline.is_past, deadline.workdays_left) == (True, -3)
    assert "已过期" in text(staff(world, Role.REGISTRAR).get("/roster/imports/"))


def test_r95_template_and_upload_open_only_after_school_and_teacher_are_named(world):
    browser = staff(world, Role.REGISTRAR)
    assert browser.get("/roster/imports/template/").status_code == 409
    page = text(browser.get("/roster/imports/"))
    assert "确认身份" in page
    assert 'type="file"' not in page
    with pytest.raises(Refusal) as caught:
        importing.import_roster(
            world.actor(Role.REGISTRAR), world.campaign, organisation=world.school, file_name="a.csv", data=b"x"
        )
    assert caught.value.code == "roster.channel_not_confirmed"
    form = {"row": world.campaign.pk, "school": "示范大学", "teacher": "registrar"}
    for wrong in ({"school": "他校"}, {"school": ""}, {"teacher": "别人"}, {"teacher": ""}):
        code = "roster.identity_not_confirmed" if all(wrong.values()) else "pages.required"
        assert code in text(browser.post("/roster/imports/", {"form": "confirm_channel", **form, **wrong}))
    assert not ChannelConfirmation.objects.exists()
    browser.post("/roster/imports/", {"form": "confirm_channel", **form, "school": "９９９０１"})
    assert 'type="file"' in text(browser.get("/roster/imports/"))
    assert browser.get("/roster/imports/template/").content.startswith(b"PK")
    entry = AuditEntry.objects.get(action="roster.take_template")
    assert entry.detail["confirmed_at"]


def test_r95_a_confirmation_is_the_persons_own_and_the_schools(world):
    actor = world.actor(Role.REGISTRAR)
    channel.confirm_channel(actor, world.campaign, school="示范大学", teacher="registrar")
    assert staff(world, Role.COLLEGE_OFFICER).get("/roster/imports/template/").status_code == 409
    with pytest.raises(PermissionRefusal):
        channel.confirm_channel(
            world.stranger(Role.REGISTRAR), world.campaign, school="示范大学", teacher="stranger_registrar"
        )
