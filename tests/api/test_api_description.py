"""The description of the interface: the snapshot is what is served, and what is served is what is described."""

import json
from pathlib import Path

import pytest
import schemathesis
from django.conf import settings as site
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from django.test import override_settings
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from api.api_world import Program, confirm, let_in, row
from budget import examples
from gradphoto.apps.access.throttling import Limits
from gradphoto.apps.api import authentication
from gradphoto.apps.api.description import described
from verification.graduate_world import add_graduate
from world import build_world

pytestmark = pytest.mark.django_db
SNAPSHOT = Path(__file__).parents[2] / "docs" / "openapi.json"


def test_the_snapshot_is_the_description():
    now = json.dumps(described(), ensure_ascii=False, indent=1) + "\n"
    assert SNAPSHOT.read_text(encoding="utf-8") == now, "python manage.py interface > docs/openapi.json"


def application(environ, start_response):
    """The site, and at one address the description, which people see signed in only."""
    if environ["PATH_INFO"] == "/openapi.json":
        start_response("200 OK", [("Content-Type", "application/json")])
        return [SNAPSHOT.read_bytes()]
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)  # Django's own test client puts it back at each of its requests
    return WSGIHandler()(environ, start_response)


THOROUGH = examples(1) > 1
_config = schemathesis.Config.from_dict(
    {"phases": {"coverage": {"enabled": THOROUGH}}, "generation": {"mode": "all", "deterministic": True}}
)
schema = schemathesis.openapi.from_wsgi("/openapi.json", application, config=_config)


@schema.parametrize()
@settings(
    max_examples=examples(6), deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much, HealthCheck.too_slow],
)  # fmt: skip
def test_every_answer_is_as_described(case, secret):
    """Whatever is sent, well formed or not: no fault of the server, no status, type or shape that is not described."""
    # What a form or a roster says is judged beyond its shape: that it is refused is no fault of the description.
    excluded = [positive_data_acceptance] if case.method == "POST" else []
    case.call_and_validate(headers={"Authorization": f"Bearer {secret}", "Host": "127.0.0.1"}, excluded_checks=excluded)


@pytest.fixture(scope="module")
def secret(django_db_setup, django_db_blocker, tmp_path_factory):
    """One world for all endpoints, rolled back at the end: so no request may close the connection, as a server's does."""
    blobs = {**site.STORAGES["blobs"], "OPTIONS": {"location": tmp_path_factory.mktemp("described")}}
    patch = pytest.MonkeyPatch()
    patch.setattr(authentication, "FOR_PROGRAMS", Limits(free_here=1_000_000, free_everywhere=1_000_000))
    changed = override_settings(API_REQUESTS_A_MINUTE=1_000_000, STORAGES={**site.STORAGES, "blobs": blobs})
    with django_db_blocker.unblock(), changed, transaction.atomic():
        made = build_world()
        confirm(made)
        add_graduate(made, 1)
        _, key = let_in(made)
        Program(key).tell(f"/campaigns/{made.campaign.pk}/roster/rows", {"rows": [row(5)]}, "the-first-push")
        yield key
        transaction.set_rollback(True)
    patch.undo()
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)
