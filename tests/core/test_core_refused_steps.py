"""A refusal enters the audit trail (issue 11, 3), and values that no form sends are told as such (issue 11, 4)."""

import pytest
from django.db import OperationalError, connection, transaction
from django.test import Client

from gradphoto.apps.core import audit
from gradphoto.apps.core.errors import PermissionRefusal
from gradphoto.apps.core.models import AuditEntry
from gradphoto.apps.orgs.actions import add_user
from gradphoto.apps.orgs.models import Role

pytestmark = pytest.mark.django_db


def browser_of(world, role):
    browser = Client(raise_request_exception=False)
    browser.force_login(world.people[role], "django.contrib.auth.backends.ModelBackend")
    return browser


def refused():
    return list(AuditEntry.objects.filter(action="core.refuse").values_list("chain", "actor", "detail__step"))


def attempt(world):
    actor = world.actor(Role.COUNSELLOR)
    with pytest.raises(PermissionRefusal):
        add_user(actor, world.school, username="friend", display_name="友", role=Role.REGISTRAR)
    return actor


def test_a_refused_step_stands_in_the_chain_of_its_target_with_who_tried(world):
    actor = attempt(world)
    assert refused() == [(world.school.pk, actor.key, "orgs.add_user")]


def test_a_refused_page_stands_in_the_persons_own_chain(world):
    person = world.people[Role.COUNSELLOR]
    assert browser_of(world, Role.COUNSELLOR).get("/audit/").status_code == 403
    ((chain, actor, step),) = refused()
    assert (chain, actor) == (person.audit_organisation_id, f"user:{person.pk}")
    assert step.startswith("page:")


def test_a_trail_that_cannot_be_written_does_not_turn_a_refusal_into_a_fault(world, monkeypatch):
    def away(*args, **kwargs):
        raise OperationalError("disk I/O error")

    monkeypatch.setattr(audit, "record", away)
    attempt(world)


def test_a_callers_transaction_goes_on_whole_where_the_trail_could_not_be_written(world, monkeypatch):
    """PostgreSQL answers nothing more in a transaction that had an error, but behind a savepoint."""

    def refuses(*args, **kwargs):
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM no_such_table")

    monkeypatch.setattr(audit, "record", refuses)
    with transaction.atomic():
        attempt(world)
        assert not refused()


STRANGE = ("²", "9" * 5_000, "9" * 30, "1\0", "-1", "٣", "NaN", "１２")
PLACES = ("/roster/", "/errata/", "/make-up/", "/capture/", "/timetable/", "/delivery/")


@pytest.mark.parametrize("value", STRANGE, ids=lambda value: repr(value[:3]))
def test_no_number_that_is_none_breaks_a_page(world, value):
    """Lists by query, choices by body: never a 500, whatever stands where a number is expected (once: 60 pages)."""
    browser = browser_of(world, Role.REGISTRAR)
    fields = dict.fromkeys(("campaign", "department", "candidate", "case", "pick", "page", "unit", "room"), value)
    for place in PLACES:
        assert browser.get(place, fields).status_code in (200, 302, 400, 404), place
    for place in ("/make-up/approve/", "/roster/", "/verification/notices/told/"):
        assert browser.post(place, fields).status_code in (200, 302, 400, 404, 405, 409, 422), place


@pytest.mark.parametrize("value", ["²", "9" * 5_000, "1\0"], ids=lambda value: repr(value[:3]))
def test_what_no_form_of_ours_sends_is_refused_at_the_door(world, value):
    browser = browser_of(world, Role.REGISTRAR)
    assert browser.get("/roster/", {"q": value}).status_code == 400
    assert browser.post("/roster/", {"candidate": ["1", value]}).status_code == 400
    assert browser.post("/roster/", {value: "1"}).status_code == 400
    assert browser.get("/roster/", {"q": "9" * 64}).status_code == 200, "a bank's reference may be long"
