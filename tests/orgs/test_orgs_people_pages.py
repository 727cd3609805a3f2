"""The administrator's pages: what is below, whose passwords may be renewed, and who is never shut out."""

import pytest
from django.test import Client

from gradphoto.apps.orgs.models import Membership, Organisation, OrganisationKind, Role, User

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def office(world):
    """An administrator of the school alone."""
    person = User.objects.create(username="school-admin", display_name="学校管理员")
    Membership.objects.create(user=person, organisation=world.school, role=Role.ADMINISTRATOR)
    client = Client()
    client.force_login(person, BACKEND)
    return client


def test_a_new_person_has_no_password_until_the_person_sets_one(office, world):
    form = {
        "username": "wang",
        "display_name": "王老师",
        "organisation": world.department.pk,
        "role": "college_officer",
        "telephone": "0311-8880",
        "office": "行政楼 204",
        "email": "wang@example.edu",
    }
    answer = office.post("/people/", {"form": "add_user", **form})
    made = User.objects.get(username="wang")
    assert answer.url == f"/people/{made.pk}/"
    assert not made.has_usable_password()
    assert office.post("/people/", {"form": "add_user", **form}).status_code == 422
    page = office.get("/people/?q=王老师").content.decode()
    assert f"/people/{made.pk}/" in page
    detail = office.get(f"/people/{made.pk}/").content.decode()
    assert all(said in detail for said in ("0311-8880", "行政楼 204", "wang@example.edu"))


def test_a_closed_sign_in_ends_at_once_and_opens_again(office, world):
    officer = world.people[Role.COLLEGE_OFFICER]
    theirs = Client()
    theirs.force_login(User.objects.get(pk=officer.pk), BACKEND)
    assert theirs.get("/").status_code == 200
    assert office.post(f"/people/{officer.pk}/", {"form": "set_user_active", "reason": ""}).status_code == 422
    office.post(f"/people/{officer.pk}/", {"form": "set_user_active", "reason": "离职"})
    assert theirs.get("/").status_code == 302
    assert "已停用" in office.get("/people/?off=1").content.decode()
    office.post(f"/people/{officer.pk}/", {"form": "set_user_active", "reason": "返聘"})
    assert User.objects.get(pk=officer.pk).is_active


def test_roles_are_given_and_withdrawn_and_the_only_one_stays(office, world):
    officer = world.people[Role.COLLEGE_OFFICER]
    grant = {"organisation": world.school.pk, "role": "auditor"}
    for _ in range(2):
        assert office.post(f"/people/{officer.pk}/", {"form": "grant_role", **grant}).status_code == 302
    first, second = Membership.objects.filter(user=officer.pk).order_by("pk")
    assert office.post(f"/people/{officer.pk}/", {"form": "withdraw_role", "membership": second.pk}).status_code == 302
    assert office.post(f"/people/{officer.pk}/", {"form": "withdraw_role", "membership": first.pk}).status_code == 422
    assert Membership.objects.filter(user=officer.pk).count() == 1


def test_the_tree_grows_below_the_administrator_only(office, world):
    form = {"parent": world.school.pk, "kind": "department", "name": "新学院", "code": "77"}
    assert office.post("/people/organisations/", form).status_code == 302
    made = Organisation.objects.get(name="新学院")
    assert (made.parent_id, made.kind, made.code) == (world.school.pk, OrganisationKind.DEPARTMENT, "77")
    assert office.post("/people/organisations/", form).status_code == 422
    assert office.post("/people/organisations/", form | {"parent": world.national.pk, "name": "外"}).status_code == 422
    page = office.get("/people/organisations/").content.decode()
    assert world.school.name in page
    assert world.strange_school.name not in page


def test_who_holds_a_role_elsewhere_is_not_the_schools_to_change(office, world):
    reviewer = world.people[Role.NATIONAL_REVIEWER]
    assert office.get(f"/people/{reviewer.pk}/").status_code == 404
    Membership.objects.create(user=reviewer, organisation=world.department, role=Role.COUNSELLOR)
    assert office.get(f"/people/{reviewer.pk}/").status_code == 200
    assert office.post("/people/", {"form": "invite", "person": reviewer.pk, "way": "slip"}).status_code == 403
    assert office.post(f"/people/{reviewer.pk}/", {"form": "set_user_active", "reason": "x"}).status_code == 403
    grant = {"organisation": world.school.pk, "role": "auditor"}
    assert office.post(f"/people/{reviewer.pk}/", {"form": "grant_role", **grant}).status_code == 403


def test_the_last_administrator_is_never_shut_out(office):
    mine = User.objects.get(username="school-admin")
    Membership.objects.filter(role=Role.ADMINISTRATOR).exclude(user=mine).delete()
    assert office.post(f"/people/{mine.pk}/", {"form": "set_user_active", "reason": "x"}).status_code == 409
    home = mine.memberships.get().organisation
    office.post(f"/people/{mine.pk}/", {"form": "grant_role", "organisation": home.pk, "role": "auditor"})
    held = mine.memberships.get(role=Role.ADMINISTRATOR)
    assert office.post(f"/people/{mine.pk}/", {"form": "withdraw_role", "membership": held.pk}).status_code == 409
    assert User.objects.get(pk=mine.pk).is_active
