"""The roster's pages in a real browser: nothing overflows, nothing is refused by the page's own policy, and axe is content."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from axe import WCAG_AA, violations
from chromium import opened_chromium
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.roster import cases, plan
from gradphoto.apps.roster.models import Candidate, CandidateStatus, MilestoneKind
from gradphoto.apps.roster.signing_codes import issue_signing_codes
from world import add_candidate, build_world

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}


@pytest.fixture
def world():
    made = build_world()
    for n in range(1, 9):
        add_candidate(made, n, status=CandidateStatus.CHECKED if n < 7 else CandidateStatus.SIGNED)
    cases.note_error(made.actor(Role.COLLEGE_OFFICER), Candidate.objects.last(), field="name", value="测试新")
    yesterday = timezone.localdate() - timedelta(days=1)
    plan.set_milestone(
        made.actor(Role.REGISTRAR), made.campaign, kind=MilestoneKind.STUDENTS_SIGNED, due=yesterday, source="校教通"
    )
    return made


@pytest.fixture
def chromium():
    with opened_chromium() as opened:
        yield opened


def open_page(chromium, site, size, user=None):
    context = chromium.new_context(viewport=size, base_url=site)
    if user is not None:
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        key = client.cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": site}])
    page = context.new_page()
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.on("console", lambda said: page.problems.append(said.text) if said.type == "error" else None)
    return page


def look(page, address):
    page.goto(address)
    assert violations(page, WCAG_AA) == [], address
    width = page.viewport_size["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width, address
    assert page.problems == [], address


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["390", "1280"])
def test_every_page_fits_and_can_be_used_by_everybody(world, chromium, live_server, size):
    page = open_page(chromium, live_server.url, size, world.people[Role.COLLEGE_OFFICER])
    person = Candidate.objects.last()
    group = f"{world.campaign.pk}%7C{world.department.pk}%7Cspring%7C计科2201"
    for address in (
        "/roster/", f"/roster/{person.pk}/", "/roster/add/", "/roster/progress/", "/roster/cases/",
        f"/roster/cases/{person.correction_cases.get().pk}/", "/roster/slips/", "/roster/tables/",
        f"/roster/tables/attach/?group={group}", "/roster/imports/",
    ):  # fmt: skip
        look(page, address)


def test_a_cell_is_corrected_and_rows_are_ticked_without_leaving_the_page(world, chromium, live_server):
    page = open_page(chromium, live_server.url, DESK, world.people[Role.COLLEGE_OFFICER])
    page.goto("/roster/?sort=student_no")
    page.locator("button.cell:has-text('计科2201')").first.click()
    page.fill(".cell-form [name=value]", "计科2299")
    page.fill(".cell-form [name=reason]", "转班")
    page.keyboard.press("Enter")
    page.wait_for_selector("button.cell:has-text('计科2299')")
    assert Candidate.objects.get(student_no="2022000001").class_name == "计科2299"
    page.check("[data-tick-all]")
    assert page.inner_text(".bulk-count") == "已勾选 8 人"
    assert page.problems == []


def test_the_student_signs_on_his_phone(world, chromium, live_server):
    person = Candidate.objects.get(student_no="2022000002")
    (slip,) = issue_signing_codes(
        world.actor(Role.COLLEGE_OFFICER), world.campaign, candidates=Candidate.objects.filter(pk=person.pk)
    )
    phone = open_page(chromium, live_server.url, PHONE)
    look(phone, f"/sign/{slip.code}/")
    phone.fill("[name=student_no]", person.student_no)
    phone.click("main form button")
    phone.wait_for_url("**/sign/row/")
    assert slip.code not in phone.url
    look(phone, "/sign/row/")
    look(phone, "/sign/report/?field=native_place")
    phone.goto("/sign/row/")
    phone.check("[name=own]")
    phone.fill("[name=typed_name]", person.name)
    phone.click("button:has-text('签字确认')")
    phone.wait_for_url("**/sign/done/")
    person.refresh_from_db()
    assert person.status == CandidateStatus.SIGNED
