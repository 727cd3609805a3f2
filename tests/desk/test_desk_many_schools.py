"""The number of a page's queries grows with neither schools nor people (issue 18, section 2)."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.orgs.models import Organisation, Role
from gradphoto.apps.schedule.models import CaptureSession
from verification.graduate_world import staff
from world import World, add_candidate, build_world

pytestmark = pytest.mark.django_db

PAGES = {
    Role.COLLECTION_CENTRE: ("/", "/dashboard/", "/roster/", "/verification/", "/capture/", "/delivery/"),
    Role.NATIONAL_REVIEWER: ("/", "/dashboard/", "/verification/", "/registration/reviews/", "/registration/ledger/"),
}


def add_schools(world: World, first: int, last: int) -> None:
    """Schools with a campaign under way, two people and a session each; nothing awaits the national centre."""
    for n in range(first, last):
        school = Organisation.objects.create(kind="school", name=f"第{n}大学", code=f"97{n:03d}", parent=world.national)
        unit = Organisation.objects.create(kind="department", name="学院", code="01", parent=school)
        campaign = Campaign.objects.create(
            cohort_year=2026, title=f"第{n}批", school=school, centre=world.centre, rule_set=world.campaign.rule_set,
            status="verifying",
        )  # fmt: skip
        CaptureSession.objects.create(campaign=campaign, date=date(2026, 9, 14), place="体育馆", status="closed")
        for k in range(2):
            person = add_candidate(world, 100 + 10 * n + k)
            person.campaign, person.department = campaign, unit
            person.save(update_fields=["campaign", "department"])


def asked(world: World) -> dict[tuple[str, str], int]:
    found = {}
    for role, pages in PAGES.items():
        browser = staff(world, role)
        for page in pages:
            with CaptureQueriesContext(connection) as queries:
                assert browser.get(page).status_code == 200, page
            found[role.value, page] = len(queries)
    return found


def test_pages_of_a_province_ask_as_many_questions_with_nine_schools_as_with_three():
    world = build_world()
    add_schools(world, 0, 3)
    asked(world)  # what is asked once a process
    few = asked(world)
    add_schools(world, 3, 9)
    assert asked(world) == few
    assert max(few.values()) < 90
