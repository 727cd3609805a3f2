"""Uploads by the browser: what is no roster is refused with a sentence, and nothing is half-written."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from gradphoto.apps.core import jobs
from gradphoto.apps.core.models import Blob, Job
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.roster.channel import confirm_channel
from gradphoto.apps.roster.imports.apply import accept_all
from gradphoto.apps.roster.imports.map import import_roster
from gradphoto.apps.roster.models import Candidate, RosterImport
from gradphoto.demo.people import DepartmentPlan, make_roster, write_roster_xlsx
from world import add_candidate, put

pytestmark = pytest.mark.django_db
PLAN = [DepartmentPlan("计算机学院", "计算机科学与技术", "计科22", 4, 120)]


@pytest.fixture
def browser(world):
    actor = world.actor(Role.REGISTRAR)
    confirm_channel(actor, world.campaign, school=world.school.name, teacher=str(actor.user))
    client = Client()
    client.force_login(world.people[Role.REGISTRAR], "django.contrib.auth.backends.ModelBackend")
    return client


def send(browser, world, data: bytes, name: str = "roster.xlsx"):
    upload = SimpleUploadedFile(name, data)
    return browser.post("/roster/imports/", {"form": "upload_roster", "row": world.campaign.pk, "file": upload})


def take_in(world, data: bytes) -> RosterImport:
    """Hand the file in, let it be read, and accept whoever is new."""
    actor = world.actor(Role.REGISTRAR)
    made = import_roster(actor, world.campaign, organisation=world.school, file_name="roster.xlsx", data=data)
    _run(made)
    if made.differences.filter(kind="added").exists():
        accept_all(actor, made)
        _run(made)
    return made


def _run(made: RosterImport) -> None:
    made.refresh_from_db()
    jobs.run(made.job.pk)
    job = Job.objects.get(pk=made.job.pk)
    assert job.state == "done", (job.error_code, job.error)
    made.refresh_from_db()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "core.upload_empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00", "roster.not_a_table"),
        (b"PK\x03\x04 half a zip", "roster."),
        (b"\r\n \r\n", "roster.empty"),
    ],
)
def test_a_bad_file_is_refused_with_its_code_and_leaves_nothing(world, browser, data, code):
    answer = send(browser, world, data)
    assert answer.status_code == 422
    assert code in answer.content.decode()
    assert not RosterImport.objects.exists()
    assert not Blob.objects.exists()
    assert not Job.objects.exists()


def test_a_strangers_campaign_cannot_be_filled(world):
    client = Client()
    client.force_login(world.strangers[Role.REGISTRAR], "django.contrib.auth.backends.ModelBackend")
    assert send(client, world, write_roster_xlsx(make_roster(PLAN), "t")).status_code == 404


def test_an_import_adds_nobody_twice_and_overwrites_nobody(world, browser):
    known = add_candidate(world, 1)
    Candidate.objects.filter(pk=known.pk).update(student_no="2022010003", name="原有姓名", birth_date=date(2004, 3, 5))
    data = write_roster_xlsx(make_roster(PLAN), "t")
    first = take_in(world, data)
    added = Candidate.objects.count()
    second = take_in(world, data)
    assert first.good_count + first.bad_count == first.row_count == 120
    assert first.differences.get(kind="changed").candidate == known
    assert set(second.differences.values_list("kind", flat=True)) == {"changed"}
    known.refresh_from_db()
    assert known.name == "原有姓名"
    assert Candidate.objects.count() == added == first.good_count


def test_an_import_that_is_read_again_after_a_kill_changes_nothing(world, browser):
    actor, data = world.actor(Role.REGISTRAR), write_roster_xlsx(make_roster(PLAN), "t")
    made = import_roster(actor, world.campaign, organisation=world.school, file_name="roster.xlsx", data=data)
    _run(made)
    count = made.differences.count()
    put(RosterImport.objects.filter(pk=made.pk), status="reading")
    Job.objects.filter(pk=made.job.pk).update(state="queued", lease_until=None)
    _run(made)
    assert (made.differences.count(), made.good_count, made.row_count) == (count, count, 120)


def test_an_id_number_is_found_by_post_and_stays_out_of_the_url(world, browser):
    person = add_candidate(world, 1)
    person.refresh_from_db()
    page = browser.post("/roster/by-number/", {"id_number": person.id_number.decrypt()}).content.decode()
    assert person.name in page
    assert person.id_number.decrypt() not in page


def test_pages_speak_chinese_until_english_is_chosen(world, browser):
    assert "名册" in browser.get("/roster/", HTTP_ACCEPT_LANGUAGE="en").content.decode()
    browser.post("/language/", {"language": "en", "next": "/roster/"})
    assert "Roster" in browser.get("/roster/").content.decode()
