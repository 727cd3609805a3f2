"""The interface as somebody attacks it: forged, tampered with, guessed at; every answer is a problem and tells nothing."""

import json
import logging

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from api.api_world import ROOT, Program, confirm, let_in, program, row
from gradphoto.apps.api.models import ApiToken
from gradphoto.apps.api.pushing import workbook_of
from gradphoto.apps.core.models import AuditEntry
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.roster.models import RosterImport
from verification.graduate_world import add_graduate
from world import add_candidate, made_up_id_number

pytestmark = [pytest.mark.django_db, pytest.mark.both]
KEY = "push-2026-06-01"
NOBODYS = 999_999_999


def said_of(answer):
    """Everything that an answer tells, but the number of the request."""
    return answer.status_code, {name: one for name, one in answer.json().items() if name != "number"}


def test_a_foreign_key_and_one_that_never_was_are_one_answer(world):
    confirm(world)
    person = add_graduate(world, 1)
    pushed = program(world).tell(f"/campaigns/{world.campaign.pk}/roster/rows", {"rows": [row(5)]}, KEY).json()
    stranger = Program(let_in(world, stranger=True)[1])
    for path, key in (
        ("/candidates/{}", person.pk), ("/candidates/{}/photograph", person.pk), ("/campaigns/{}/ledger", world.campaign.pk),
        ("/campaigns/{}/verification", world.campaign.pk), ("/imports/{}", pushed["id"]),
        ("/imports/{}/findings", pushed["id"]), ("/candidates?campaign={}", world.campaign.pk),
        ("/candidates?unit={}", world.school.pk),
    ):  # fmt: skip
        theirs, never = said_of(stranger.ask(path.format(key))), said_of(stranger.ask(path.format(NOBODYS)))
        assert theirs == never, path
        assert theirs[0] == 404
    college = program(world, Role.COLLEGE_OFFICER)
    for unit in (world.other_department.pk, NOBODYS):
        answer = college.tell(f"/campaigns/{world.campaign.pk}/roster/rows", {"unit": unit, "rows": [row(5)]}, KEY)
        assert answer.status_code == 404, unit


def test_the_key_of_another_token_plays_nothing_back(world):
    """Idempotency is a token's own: neither another program of the school nor another school learns what was pushed."""
    confirm(world)
    path, rows = f"/campaigns/{world.campaign.pk}/roster/rows", {"rows": [row(5)]}
    first = program(world).tell(path, rows, KEY)
    again = program(world).tell(path, rows, KEY)
    assert (first.status_code, again.status_code) == (202, 202)
    assert "Idempotency-Replayed" not in again.headers
    assert first.json()["id"] != again.json()["id"]


@pytest.mark.parametrize(
    "value",
    ['{"student_no": "\\ud800"}', '{"student_no": "\\u0000"}', '{"\\udfff": "x"}', '{"a": {"b": 1}}'],
)
@pytest.mark.parametrize("field", ["mapping", "defaults"])
def test_what_json_can_write_and_no_database_takes_is_told(world, field, value):
    confirm(world)
    answer = program(world).post(
        f"{ROOT}/campaigns/{world.campaign.pk}/roster",
        {"file": SimpleUploadedFile("名册.xlsx", workbook_of([row(1)])), field: value},
        headers={"Idempotency-Key": KEY},
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "api.not_an_object")
    assert not RosterImport.objects.exists()


BODIES = (
    b"", b"{", b"[" * 100_000, b'{"rows":' + b'[' * 50_000, b"\xff\xfe", b"null", b"[]", b"NaN", b'{"rows":[{"name":"\\ud800"}]}',
    b'{"rows":[{"name":"\\u0000"}]}', b'{"unit":' + b"9" * 5000 + b',"rows":[{}]}', b'{"unit":1e400,"rows":[{}]}',
    b'{"unit":-1,"rows":[{}]}', b'{"unit":"1","rows":[{}]}', b'{"unit":true,"rows":[{}]}', b'{"rows":{}}', b'{"rows":[1]}',
    b'{"rows":[{"id":1}]}', b'{"rows":[{"status":"accepted"}]}', b"<rows/>",
)  # fmt: skip


@pytest.mark.parametrize(
    "kind", ["application/json", "text/plain", "application/xml", "multipart/form-data; boundary=x", ""]
)
def test_no_body_of_whatever_kind_breaks_it(world, kind):
    confirm(world)
    client = program(world)
    for path in (f"/campaigns/{world.campaign.pk}/roster/rows", "/candidates/look-up"):
        for body in BODIES:
            answer = client.generic("POST", f"{ROOT}{path}", body, content_type=kind, HTTP_IDEMPOTENCY_KEY=KEY)
            assert answer.status_code in (400, 422), (path, kind, body[:40], answer.status_code)
            assert answer.headers["Content-Type"] == "application/problem+json"
    assert not RosterImport.objects.exists()


def test_a_forged_cursor_shows_nothing_of_others(world):
    add_candidate(world, 1)
    stranger = Program(let_in(world, stranger=True)[1])
    for cursor in (
        "after0",
        "after999999999999999999",
        "after-1",
        "before1",
        "after1 OR 1=1",
        "after٣",
        "after1\n",
        "1",
    ):
        answer = stranger.ask("/candidates", cursor=cursor)
        assert answer.status_code in (200, 400, 422), cursor
        assert answer.status_code != 200 or answer.json()["items"] == []


def test_no_header_makes_another_address_of_a_guesser(world):
    """Wrong tokens are counted at the address of the connection, whatever a stranger writes into headers."""
    tries = []
    for n in range(12):
        client = Client(headers={
            "Authorization": f"Bearer gradphoto_{n:064d}", "X-Forwarded-For": f"198.51.100.{n}", "X-Real-IP": f"198.51.100.{n}",
            "Forwarded": f"for=198.51.100.{n}",
        })  # fmt: skip
        tries.append(client.get(f"{ROOT}/campaigns").status_code)
    assert tries[-1] == 429


def test_a_token_opens_no_page_and_a_session_no_endpoint(world):
    secret = let_in(world)[1]
    for page in ("/roster/", "/interface/mine/", "/interface/openapi.json", "/accounts/mine/"):
        assert Program(secret).get(page).status_code == 302, page
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(world.people[Role.REGISTRAR], backend="django.contrib.auth.backends.ModelBackend")
    path = f"{ROOT}/campaigns/{world.campaign.pk}/roster/rows"
    assert browser.post(path, "{}", content_type="text/plain").status_code == 401


def test_neither_a_secret_nor_a_number_is_put_into_log_or_trail(world, caplog):
    caplog.set_level(logging.DEBUG)
    person, number = add_candidate(world, 1), made_up_id_number(1, male=True)
    secret = let_in(world)[1]
    client = Program(secret)
    wanted = {"campaign": world.campaign.pk, "id_numbers": [number], "whole_numbers": True}
    assert client.tell("/candidates/look-up", wanted).json()["items"][0]["id"] == person.pk
    client.tell("/candidates/look-up", {**wanted, number: number})
    client.ask("/candidates", **{number: "1"})
    Program("gradphoto_" + "e" * 64).ask("/campaigns")
    kept = caplog.text + str([vars(one) for one in caplog.records if "sql" not in vars(one)])
    kept += json.dumps(list(AuditEntry.objects.values("action", "detail")), default=str) + str(
        ApiToken.objects.values()
    )
    assert secret not in kept
    assert "e" * 64 not in kept
    assert number not in str(list(AuditEntry.objects.values()))
