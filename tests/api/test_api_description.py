"""The description of the interface: the snapshot is what is served, and what is served is what is described."""

import json
from pathlib import Path

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from hypothesis import HealthCheck, settings

from api.api_world import confirm, let_in, row
from budget import examples
from gradphoto.apps.api.service import described
from gradphoto.apps.orgs.models import Role
from verification.graduate_world import add_graduate, staff
from world import build_world

pytestmark = pytest.mark.django_db
SNAPSHOT = Path(__file__).parents[2] / "docs" / "openapi.json"


def test_the_snapshot_is_the_description():
    now = json.dumps(described(), ensure_ascii=False, indent=1) + "\n"
    assert SNAPSHOT.read_text(encoding="utf-8") == now, "python manage.py interface > docs/openapi.json"


def test_pages_of_the_description_load_nothing_from_elsewhere():
    client = staff(build_world(), Role.REGISTRAR)
    page = client.get("/interface/description/").content.decode()
    assert "/api/v1/candidates/{pk}/photograph" in page
    assert "https://" not in page.partition("<main")[2]
    assert client.get("/interface/openapi.json").json()["openapi"].startswith("3.")


def application(environ, start_response):
    """The site, and at one address the description, which people see signed in only."""
    if environ["PATH_INFO"] == "/openapi.json":
        start_response("200 OK", [("Content-Type", "application/json")])
        return [SNAPSHOT.read_bytes()]
    return WSGIHandler()(environ, start_response)


schema = schemathesis.openapi.from_wsgi("/openapi.json", application)


@schema.parametrize()
@settings(
    max_examples=examples(8), deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much, HealthCheck.too_slow],
)  # fmt: skip
def test_every_answer_is_as_described(case, world):
    """Whatever is sent, well formed or not: no fault of the server, no status, type or shape that is not described."""
    case.call_and_validate(headers={"Authorization": f"Bearer {world}", "Host": "127.0.0.1"})


@pytest.fixture
def world(db, settings):
    settings.API_REQUESTS_A_MINUTE = 1_000_000
    made = build_world()
    confirm(made)
    add_graduate(made, 1)
    secret = let_in(made)[1]
    from api.api_world import Program

    Program(secret).tell(f"/campaigns/{made.campaign.pk}/roster/rows", {"rows": [row(5)]}, "the-first-push")
    return secret
