"""May see is not may change: what was done upward over HTTP is refused by the page and by the action itself."""

from datetime import date

import pytest
from django.test import Client

from gradphoto.apps.campaigns import actions as campaign_actions
from gradphoto.apps.campaigns import calendars
from gradphoto.apps.campaigns.models import CalendarDay, Campaign
from gradphoto.apps.core import audit, jobs
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import InvalidInput, PermissionRefusal
from gradphoto.apps.core.models import AuditEntry, Job
from gradphoto.apps.desk import operations
from gradphoto.apps.desk.queries import jobs_of
from gradphoto.apps.makeup import booking, selfmade
from gradphoto.apps.makeup import cases as makeup_cases
from gradphoto.apps.makeup.models import DeliveryRecipient, MakeUpCalendar, SelfCollection
from gradphoto.apps.orgs import actions as orgs_actions
from gradphoto.apps.orgs.models import Membership, Organisation, OrganisationKind, Role, User
from gradphoto.apps.schedule import place_actions
from gradphoto.apps.schedule.catalogue import POSTS
from gradphoto.apps.schedule.models import Duty
from gradphoto.engine.wording import Wording

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
REFUSED = (400, 403, 404, 422)


def client(world, role):
    browser = Client()
    browser.force_login(User.objects.get(pk=world.people[role].pk), BACKEND)
    return browser


def above(world):
    """What stands above the colleges of the school, and what stands beside them."""
    return [world.school, world.national, world.agency, world.centre, world.other_department, world.strange_school]


def test_duties_are_set_for_ones_own_unit_only(world):
    counsellor, post = client(world, Role.COUNSELLOR), POSTS[0].code
    form = {"post": post, "name": "王老师", "phone": "1"}
    address = f"/timetable/staff/?campaign={world.campaign.pk}"
    for unit in above(world):
        assert counsellor.post(address, form | {"row": unit.pk}).status_code in REFUSED, unit
        with pytest.raises(PermissionRefusal):
            place_actions.assign_duty(
                world.actor(Role.COUNSELLOR), unit, campaign=world.campaign, post=post, name="王老师"
            )
    assert not Duty.objects.exists()
    assert counsellor.post(address, form | {"row": world.department.pk}).status_code == 302
    made = Duty.objects.get()
    of_the_school = Duty.objects.create(campaign=world.campaign, department=world.school, post=post, name="李老师")
    assert counsellor.post(f"/timetable/staff/{of_the_school.pk}/release/").status_code in REFUSED
    assert set(Duty.objects.all()) == {made, of_the_school}


def test_nobody_below_becomes_the_schools_recipient(world):
    counsellor = client(world, Role.COUNSELLOR)
    form = {"campaign": world.campaign.pk, "name": "王", "phone": "1", "address": "某路1号"}
    for unit in above(world):
        assert counsellor.post("/make-up/recipients/", form | {"unit": unit.pk}).status_code in REFUSED, unit
        with pytest.raises(PermissionRefusal):
            makeup_cases.set_recipient(
                world.actor(Role.COUNSELLOR), world.campaign, unit=unit, name="王", phone="1", address="某路1号"
            )
    assert not DeliveryRecipient.objects.exists()
    assert counsellor.post("/make-up/recipients/", form | {"unit": world.department.pk}).status_code == 302


def test_a_learning_centre_opens_no_collection_but_its_own(world):
    officer = client(world, Role.LEARNING_CENTRE)
    form = {"campaign": world.campaign.pk, "title": "自行采集"}
    for unit in [*above(world), world.department]:
        answer = officer.post("/make-up/self-organised/", form | {"organisation": unit.pk})
        assert answer.status_code in REFUSED, unit
        with pytest.raises(PermissionRefusal):
            selfmade.open_collection(
                world.actor(Role.LEARNING_CENTRE), world.campaign, organisation=unit, title="自行采集"
            )
    assert not SelfCollection.objects.exists()
    assert (
        officer.post("/make-up/self-organised/", form | {"organisation": world.learning_centre.pk}).status_code == 302
    )


def test_a_photographer_publishes_days_for_no_one_above(world):
    photographer = client(world, Role.PHOTOGRAPHER)
    form = {
        "title": "补拍",
        "place": "某路1号",
        "source": "通知",
        "dates": "2026-12-05",
        "hours": "9:00-11:00",
        "capacity": "5",
    }
    for unit in (world.agency, world.national, world.school, world.strange_school):
        assert photographer.post("/make-up/days/", form | {"centre": unit.pk}).status_code in (*REFUSED, 422), unit
        with pytest.raises(PermissionRefusal):
            booking.publish_days(
                world.actor(Role.PHOTOGRAPHER), unit, published=None, first=date(2026, 12, 5),
                last=date(2026, 12, 5), capacity=5,
            )  # fmt: skip
    assert not MakeUpCalendar.objects.exists()
    assert photographer.post("/make-up/days/", form | {"centre": world.centre.pk}).status_code == 302


def job_of(organisation, starter="user:0"):
    made = Job.objects.create(
        kind="made.up", organisation_id=organisation.pk, title={"zh": "某任务", "en": "A job"}, created_by=starter
    )
    return Job.objects.get(pk=made.pk)


@pytest.mark.parametrize("role", [Role.COUNSELLOR, Role.LEARNING_CENTRE, Role.COLLEGE_OFFICER, Role.PHOTOGRAPHER])
def test_jobs_of_those_above_are_neither_seen_nor_cancelled(world, role):
    browser, actor = client(world, role), world.actor(role)
    for owner in (world.national, world.agency, world.school, world.strange_school):
        job = job_of(owner)
        assert browser.get(f"/jobs/{job.pk}/").status_code == 404
        assert browser.post(f"/jobs/{job.pk}/cancel/").status_code in REFUSED
        with pytest.raises(PermissionRefusal):
            operations.cancel(actor, job)
        job.refresh_from_db()
        assert not job.cancel_requested
    mine = job_of(world.school, actor.key)
    assert browser.post(f"/jobs/{mine.pk}/cancel/").status_code == 302
    mine.refresh_from_db()
    assert mine.cancel_requested
    assert AuditEntry.objects.filter(action="core.cancel_job", actor=actor.key).count() == 1


def test_who_is_above_stops_a_job_below_and_a_reader_of_the_same_unit_does_not(world):
    job = job_of(world.department)
    assert "任务" in client(world, Role.COUNSELLOR).get(f"/jobs/{job.pk}/").content.decode()
    assert "/cancel/" not in client(world, Role.COUNSELLOR).get("/jobs/").content.decode()
    assert client(world, Role.COUNSELLOR).post(f"/jobs/{job.pk}/cancel/").status_code == 403
    assert "/cancel/" in client(world, Role.REGISTRAR).get("/jobs/").content.decode()
    assert client(world, Role.REGISTRAR).post(f"/jobs/{job.pk}/cancel/").status_code == 302


def test_an_auditor_reads_the_chains_of_the_own_part_of_the_tree(world):
    auditor = User.objects.create(username="college-auditor")
    Membership.objects.create(user=auditor, organisation=world.department, role=Role.AUDITOR)
    for organisation in (world.national, world.school, world.department, world.strange_school):
        audit.record(Actor.system("test"), f"test.of_{organisation.pk}", organisation)
    browser = Client()
    browser.force_login(auditor, BACKEND)
    for address in ("/audit/", "/audit/?verify=1", f"/audit/?organisation={world.school.pk}", "/"):
        text = browser.get(address).content.decode()
        for organisation in (world.national, world.school, world.strange_school):
            assert f"test.of_{organisation.pk}" not in text, (address, organisation)
            assert address != "/audit/?verify=1" or organisation.name not in text
    assert f"test.of_{world.department.pk}" in browser.get("/audit/").content.decode()
    assert f"test.of_{world.school.pk}" in client(world, Role.AUDITOR).get("/audit/").content.decode()


def test_calendars_and_campaigns_of_others_are_not_made(world):
    registrar, day = world.actor(Role.REGISTRAR), date(2026, 12, 5)
    for unit in (world.national, world.agency, world.centre, world.strange_school):
        with pytest.raises(PermissionRefusal):
            calendars.set_days(registrar, unit, first=day, last=day, works=True, source="x")
        with pytest.raises(PermissionRefusal):
            campaign_actions.create_campaign(
                registrar, unit, cohort_year=2027, title="x", centre=world.centre, rule_set=world.campaign.rule_set
            )
    assert not CalendarDay.objects.exists()
    assert Campaign.objects.count() == 1


@pytest.fixture
def college_administrator(world):
    user = User.objects.create(username="college-admin")
    Membership.objects.create(user=user, organisation=world.department, role=Role.ADMINISTRATOR)
    browser = Client()
    browser.force_login(user, BACKEND)
    return browser, Actor.of(User.objects.get(pk=user.pk))


def test_an_administrator_gives_no_role_to_themselves(world, college_administrator):
    browser, actor = college_administrator
    for role in Role:
        for place in (world.department, world.school, world.national):
            form = {"organisation": place.pk, "role": role.value}
            assert browser.post(f"/people/{actor.user.pk}/", {"form": "grant_role", **form}).status_code in REFUSED, (
                role
            )
            with pytest.raises(PermissionRefusal):
                orgs_actions.grant_role(actor, place, user=actor.user, role=role)
    assert actor.user.memberships.count() == 1


@pytest.mark.parametrize("role", [Role.HEAD_OFFICE, Role.NATIONAL_REVIEWER, Role.REGISTRAR, Role.PHOTOGRAPHER])
def test_a_college_holds_no_head_office_and_no_national_reviewer(world, college_administrator, role):
    """Neither for a new account nor for one that is there, neither in the college nor in a unit made below it."""
    browser, actor = college_administrator
    officer, people = world.people[Role.COLLEGE_OFFICER], User.objects.count()
    form = {"organisation": world.department.pk, "role": role.value, "username": "new", "display_name": "新"}
    assert browser.post(f"/people/{officer.pk}/", {"form": "grant_role", **form}).status_code in REFUSED
    assert browser.post("/people/", {"form": "add_user", **form}).status_code in REFUSED
    with pytest.raises(InvalidInput, match=r"orgs\.role_misplaced"):
        orgs_actions.grant_role(actor, world.department, user=officer, role=role)
    for kind in set(OrganisationKind) - {OrganisationKind.DEPARTMENT, OrganisationKind.LEARNING_CENTRE}:
        with pytest.raises(InvalidInput, match=r"orgs\.kind_misplaced"):
            orgs_actions.add_organisation(actor, world.department, kind=kind, name="自立")
        made = {"parent": world.department.pk, "kind": kind.value, "name": "自立"}
        assert browser.post("/people/organisations/", made).status_code in REFUSED
    assert User.objects.count() == people
    assert officer.memberships.count() == 1
    assert not Organisation.objects.filter(name="自立").exists()


def test_an_administrator_holds_no_business_role_and_the_other_way_round(world):
    administrator, officer = world.actor(Role.ADMINISTRATOR), world.people[Role.COLLEGE_OFFICER]
    colleague = User.objects.create(username="second-admin")
    Membership.objects.create(user=colleague, organisation=world.school, role=Role.ADMINISTRATOR)
    with pytest.raises(InvalidInput, match=r"orgs\.roles_apart"):
        orgs_actions.grant_role(administrator, world.department, user=officer, role=Role.ADMINISTRATOR)
    with pytest.raises(InvalidInput, match=r"orgs\.roles_apart"):
        orgs_actions.grant_role(administrator, world.school, user=colleague, role=Role.REGISTRAR)
    orgs_actions.grant_role(administrator, world.strange_school, user=colleague, role=Role.ADMINISTRATOR)
    assert colleague.memberships.count() == 2


def test_the_job_that_fails_is_told_to_nobody_below(world):
    job = jobs.enqueue(
        "made.up", Actor.system("test"), Wording("某任务", "A job"), {}, organisation_id=world.school.pk
    )  # fmt: skip
    seen = {role for role in world.people if jobs_of(world.actor(role)).filter(pk=job.pk).exists()}
    assert seen == {
        Role.ADMINISTRATOR, Role.AUDITOR, Role.REGISTRAR, Role.HEAD_OFFICE, Role.SITE_STAFF, Role.NATIONAL_REVIEWER,
        Role.STUDENT_AFFAIRS,
    }  # fmt: skip
