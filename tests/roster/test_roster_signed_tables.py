"""The scanned check table of a class moves its rows on (R38, R71)."""

import re
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from gradphoto.apps.core.models import Blob
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.roster import cases, steps
from gradphoto.apps.roster.models import BulkStep, Candidate, CandidateStatus, SignedTable
from world import add_candidate

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
S = CandidateStatus


@pytest.fixture
def browser(world):
    client = Client()
    client.force_login(world.people[Role.COLLEGE_OFFICER], BACKEND)
    return client


def key(world, class_name="计科2201", department=None, season="spring"):
    return f"{world.campaign.pk}|{(department or world.department).pk}|{season}|{class_name}"


def send(browser, world, people, **changed):
    form = {
        "counsellor_name": "王辅导", "leader_name": "李书记", "seal": "计算机学院公章",
        "signed_on": "2026-11-18", "candidate": [person.pk for person in people],
        "file": SimpleUploadedFile("核对表.pdf", b"%PDF-1.7 signed"), **changed,
    }  # fmt: skip
    return browser.post(f"/roster/tables/attach/?{urlencode({'group': form.pop('group', key(world))})}", form)


def test_r71_the_scan_moves_the_rows_that_signed_and_keeps_who_when_and_which_seal(world, browser):
    people = [add_candidate(world, n, status=S.CHECKED) for n in range(1, 5)]
    steps.sign_candidate(world.actor(Role.COLLEGE_OFFICER), people[0])
    cases.note_error(world.actor(Role.COLLEGE_OFFICER), people[2], field="name", value="测试新")
    form = browser.get(f"/roster/tables/attach/?group={key(world)}").content.decode()
    assert len(re.findall(r"\schecked\s+aria-label", form)) == 4, "three ticked rows and the box above them"
    answer = send(browser, world, people[:3])
    table = SignedTable.objects.get()
    assert (table.counsellor_name, table.leader_name, table.seal) == ("王辅导", "李书记", "计算机学院公章")
    states = list(Candidate.objects.order_by("student_no").values_list("status", flat=True))
    assert states == [S.ENDORSED, S.ENDORSED, S.CHECKED, S.CHECKED]
    assert list(people[0].signatures.values_list("step", "way")) == [
        ("student", "paper"), ("counsellor", "table"), ("leader", "table"),
    ]  # fmt: skip
    result = browser.get(answer.url).content.decode()
    assert "该生还有未处理的信息错误" in result
    scan = browser.get(f"/roster/tables/{table.pk}/scan/")
    assert scan.content == b"%PDF-1.7 signed"
    steps.accept_candidate(world.actor(Role.REGISTRAR), people[0])


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"seal": " "}, "pages.required"),
        ({"leader_name": ""}, "pages.required"),
        ({"leader_name": "王辅导"}, "roster.four_eyes"),
        ({"signed_on": "2099-01-01"}, "pages.day_ahead"),
        ({"signed_on": "yesterday"}, "pages.invalid"),
        ({"group": "1|1|winter|x"}, "roster.class"),
        ({"file": SimpleUploadedFile("a.pdf", b"MZ")}, "core.upload_wrong_kind"),
    ],
)
def test_a_table_without_signature_or_seal_is_not_accepted(world, browser, changed, code):
    people = [add_candidate(world, 1, status=S.CHECKED)]
    answer = send(browser, world, people, **changed)
    assert (answer.status_code, code in answer.content.decode()) == (400 if code == "roster.class" else 422, True)
    assert not SignedTable.objects.exists()
    assert not Blob.objects.exists()


def test_the_very_same_scan_is_not_taken_twice_nor_for_another_class(world, browser):
    first, other = add_candidate(world, 1, status=S.CHECKED), add_candidate(world, 2, status=S.CHECKED)
    send(browser, world, [first])
    assert "roster.table_attached_already" in send(browser, world, [other]).content.decode()
    Candidate.objects.filter(pk=other.pk).update(class_name="计科2202")
    send(browser, world, [other], group=key(world, "计科2202"), candidate=[other.pk])
    assert BulkStep.objects.count() == 2
    other.refresh_from_db()
    assert other.status == S.ENDORSED


def test_a_stranger_sees_no_scan_and_attaches_none(world, browser):
    person = add_candidate(world, 1, status=S.CHECKED)
    send(browser, world, [person])
    stranger = Client()
    stranger.force_login(world.strangers[Role.COLLEGE_OFFICER], BACKEND)
    assert stranger.get(f"/roster/tables/{SignedTable.objects.get().pk}/scan/").status_code == 404
    assert send(stranger, world, [person]).status_code == 404
