"""The papers' pages in a real browser at 390 and 1280 px: nothing overflows, axe is content, a paper comes down."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from test_roster_browser import DESK, PHONE, chromium, look, open_page  # noqa: F401 - a fixture

from gradphoto.apps.orgs.models import Role
from gradphoto.apps.roster import cohorts
from gradphoto.apps.roster.models import AdmissionsCheck, CandidateStatus, Document, PaperBundle
from gradphoto.apps.roster.papers import admissions
from queued_jobs import run_queued
from world import add_candidate, build_world

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world():
    made = build_world()
    for n in range(1, 6):
        add_candidate(made, n, status=CandidateStatus.CHECKED)
    add_candidate(made, 8, department=made.other_department)
    registrar = made.actor(Role.REGISTRAR)
    cohorts.add_cohort_rule(registrar, made.campaign, intake_year=2022, source="校教通〔2026〕104号")
    rows = "学号,姓名,性别,出生日期\n2022000001,侧试乙,男,20040305\n2022000002,测试丙,男,20040305\n"
    upload = SimpleUploadedFile("录取数据.csv", rows.encode())
    admissions.check_admissions(registrar, made.campaign, file_name=upload.name, data=upload.read())
    run_queued()
    return made


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["390", "1280"])
def test_a_paper_is_printed_signed_and_found_again(world, chromium, live_server, size, tmp_path):  # noqa: F811
    page = open_page(chromium, live_server.url, size, world.people[Role.REGISTRAR])
    look(page, "/roster/papers/")
    page.screenshot(path=tmp_path / "empty.png", full_page=True)
    with page.expect_download() as coming:
        page.get_by_label("预计毕业生情况登记表 PDF").click()
    assert coming.value.suggested_filename.endswith(".pdf")
    page.goto("/roster/papers/")
    page.get_by_role("button", name="全部打印").click()
    run_queued()
    bundle = PaperBundle.objects.get()
    addresses = {
        "list": "/roster/papers/",
        "autumn": "/roster/papers/?season=autumn",
        "document": f"/roster/papers/d/{Document.objects.last().number}/",
        "bundle": f"/roster/papers/bundles/{bundle.pk}/",
        "admissions": "/roster/papers/admissions/",
        "result": f"/roster/papers/admissions/{AdmissionsCheck.objects.get().pk}/",
        "cohort": "/roster/papers/cohort/",
    }
    for name, address in addresses.items():
        look(page, address)
        page.screenshot(path=tmp_path / f"{name}.png", full_page=True)
