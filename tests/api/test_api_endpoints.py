"""The interface as a school's program uses it: a roster in; candidates, photographs, results out; nothing of others."""

import io
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from api.api_world import ROOT, Program, confirm, let_in, program, row
from gradphoto.apps.api.models import CandidateChange, RosterPush
from gradphoto.apps.api.pushing import workbook_of
from gradphoto.apps.core.models import AuditEntry, JobIssue
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.roster.models import Candidate, CandidateStatus, RosterImport
from queued_jobs import run_queued
from verification.graduate_world import add_graduate, confirmed_case, jpeg, open_case, set_verifying
from world import add_candidate, made_up_id_number, put

pytestmark = [pytest.mark.django_db, pytest.mark.both]
KEY = "push-2026-06-01"


def test_rows_come_in_are_read_reviewed_and_taken_over(world):
    confirm(world)
    client = program(world)
    path = f"/campaigns/{world.campaign.pk}/roster/rows"
    rows = [row(1), row(2, name="=1+1"), row(3, id_number="123"), row(4, name="")]
    pushed = client.tell(path, {"rows": rows}, KEY)
    assert pushed.status_code == 202, pushed.content
    pk = pushed.json()["id"]
    again = client.tell(path, {"rows": rows}, KEY)
    assert (again.status_code, again.json()["id"], again.headers["Idempotency-Replayed"]) == (202, pk, "true")
    assert RosterImport.objects.count() == RosterPush.objects.count() == 1
    other = client.tell(path, {"rows": rows[:1]}, KEY)
    assert (other.status_code, other.json()["code"]) == (422, "api.key_used_otherwise")
    run_queued()
    job = client.ask(f"/jobs/{pushed.json()['job']}").json()
    assert (job["state"], job["issues"], job["next"]) == ("done", [], None)
    told = client.ask(f"/imports/{pk}").json()
    assert (told["status"], told["rows"]) == ("review", 4)
    findings = client.ask(f"/imports/{pk}/findings").json()["items"]
    bad = {(one["row"], one["field"]) for one in findings if one["severity"] == "error"}
    assert {(4, "id_number"), (5, "name")} <= bad
    assert all(one["code"] and one["zh"] and one["en"] and one["remedy"]["en"] for one in findings)
    assert not Candidate.objects.exists()
    differences = client.ask(f"/imports/{pk}/differences", kind="added").json()["items"]
    decided = client.tell(f"/imports/{pk}/decisions", {"kind": "added"})
    assert decided.json()["count"] == len(differences) > 0
    assert Candidate.objects.filter(student_no="2022000001").exists()
    assert AuditEntry.objects.filter(action="roster.upload_roster").get().detail["token"]


def test_every_issue_of_a_job_is_told_page_by_page_and_wrong_values_are_counted(world):
    confirm(world)
    client = program(world)
    path = f"/campaigns/{world.campaign.pk}/roster/rows"
    pushed = client.tell(path, {"rows": [row(1)]}, KEY).json()
    said = {"zh": "缺", "en": "Missing"}
    JobIssue.objects.bulk_create(
        JobIssue(job_id=pushed["job"], subject=f"row {n}", code="x.missing", message=said, remedy=said)
        for n in range(205)
    )
    first = client.ask(f"/jobs/{pushed['job']}").json()
    rest = client.ask(f"/jobs/{pushed['job']}", cursor=first["next"]).json()
    assert [one["field"] for one in first["issues"] + rest["issues"]] == [f"row {n}" for n in range(205)]
    assert (len(first["issues"]), rest["next"]) == (200, None)
    assert len(client.ask(f"/jobs/{pushed['job']}", limit=3).json()["issues"]) == 3
    wrong = client.tell(path, {"rows": [{"student_no": "1", "rank": "x"}] * 150}, "push-of-wrong-rows").json()
    assert (wrong["code"], len(wrong["errors"])) == ("api.not_valid", 100)
    assert wrong["errors_total"] >= 150


def test_a_file_comes_in_with_its_columns_named(world):
    confirm(world)
    client = program(world)
    data = workbook_of([row(1)])
    path = f"{ROOT}/campaigns/{world.campaign.pk}/roster"
    fields = ("student_no", "name", "id_number", "department", "major", "level", "season")
    titles = ("学号", "姓名", "身份证号", "院系", "专业名称", "培养层次", "毕业季")

    def send(key, **more):
        form = {"file": SimpleUploadedFile("名册.xlsx", data), **more}
        return client.post(path, form, headers={"Idempotency-Key": key})

    named = send("by-heading-1", mapping=json.dumps(dict(zip(fields, titles, strict=True))))
    assert named.status_code == 202, named.content
    assert send("by-heading-2").status_code == 202
    short = send("by-heading-3", mapping=json.dumps({"name": "姓名"}))
    assert (short.status_code, short.json()["code"]) == (422, "roster.columns_missing")
    strange = send("by-heading-4", mapping=json.dumps({"name": "称呼"}))
    assert strange.json()["errors"][0]["field"] == "name"
    for wrong in ("[]", "{", '{"name": 1}', "[" * 3000):
        assert send("by-heading-5", mapping=wrong).json()["code"] == "api.not_an_object"
    assert client.post(path, {"file": SimpleUploadedFile("x.xlsx", data)}).status_code == 422
    empty = client.post(path, {"file": SimpleUploadedFile("x.xlsx", b"")}, headers={"Idempotency-Key": "by-heading-6"})
    assert empty.json()["code"] == "core.upload_empty"
    assert RosterImport.objects.count() == 2, "nothing is kept of what was refused"


def test_who_has_not_confirmed_the_channel_is_told_so(world):
    answer = program(world).tell(f"/campaigns/{world.campaign.pk}/roster/rows", {"rows": [row(1)]}, KEY)
    assert (answer.status_code, answer.json()["code"]) == (409, "roster.channel_not_confirmed")
    assert not RosterPush.objects.exists()


def test_mass_assignment_is_refused(world):
    confirm(world)
    client = program(world)
    path = f"/campaigns/{world.campaign.pk}/roster/rows"
    for said in ({"rows": [row(1, status="accepted")]}, {"rows": [row(1)], "organisation": 1}, {"rows": []}, [], None):
        assert client.tell(path, said, KEY).status_code == 422
    for deep in ("[" * 100_000, '{"rows":' + "[" * 100_000):
        answer = client.post(f"{ROOT}{path}", deep, content_type="application/json", headers={"Idempotency-Key": KEY})
        assert answer.status_code in (400, 422)
    assert (
        client.post(f"{ROOT}{path}", "{", content_type="application/json", headers={"Idempotency-Key": KEY}).status_code
        == 400
    )


def test_candidates_by_stage_unit_and_change(world):
    first, second = add_candidate(world, 1), add_candidate(world, 2, department=world.other_department)
    add_graduate(world, 3)
    client = program(world)
    everyone = client.ask("/candidates", limit=2).json()
    assert [one["id"] for one in everyone["items"]] == [first.pk, second.pk]
    rest = client.ask("/candidates", limit=2, cursor=everyone["next"]).json()
    assert (len(rest["items"]), rest["next"]) == (1, None)
    assert (rest["items"][0]["stage"], rest["items"][0]["has_photograph"]) == ("delivered", True)
    assert "*" in rest["items"][0]["id_number"]
    unit = client.ask("/candidates", unit=world.other_department.pk).json()["items"]
    assert [one["id"] for one in unit] == [second.pk]
    assert len(client.ask("/candidates", stage="delivered").json()["items"]) == 1
    assert client.ask(f"/candidates/{first.pk}").json()["student_no"] == first.student_no
    CandidateChange.objects.update(changed_at="2020-01-01T00:00:00Z")
    put(Candidate.objects.filter(pk=second.pk), status=CandidateStatus.REMOVED)
    changed = client.ask("/candidates", changed_since="2024-01-01T00:00:00+08:00").json()["items"]
    assert [(one["id"], one["status"]) for one in changed] == [(second.pk, "removed")]
    for extreme in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"):
        assert client.ask("/candidates", changed_since=extreme).status_code == 200
    for wrong in (
        {"changed_since": "2024-01-01"},
        {"changed_since": "0.5"},
        {"sesaon": "spring"},
        {"season": "winter"},
    ):
        assert client.ask("/candidates", **wrong).status_code == 422, wrong


def test_a_photograph_is_the_registered_file_with_its_etag(world):
    person = add_graduate(world, 1)
    client = program(world)
    got = client.ask(f"/candidates/{person.pk}/photograph")
    assert (got.status_code, got.headers["Content-Type"], got.content) == (200, "image/jpeg", jpeg(1))
    assert AuditEntry.objects.filter(action="api.take_photograph").count() == 1
    same = client.get(f"{ROOT}/candidates/{person.pk}/photograph", headers={"If-None-Match": got.headers["ETag"]})
    assert (same.status_code, same.content) == (304, b"")
    assert client.ask(f"/candidates/{add_candidate(world, 2).pk}/photograph").status_code == 404


def test_numbers_are_looked_up_in_a_body_and_whole_ones_need_their_right(world):
    person = add_candidate(world, 1)
    number = made_up_id_number(1, male=True)
    wanted = {"campaign": world.campaign.pk, "id_numbers": [number]}
    guessing = program(world, rights=["candidates.read"]).tell("/candidates/look-up", wanted)
    assert (guessing.status_code, guessing.json()["code"]) == (403, "api.right_missing"), (
        "a hundred guesses find a number"
    )
    found = program(world, rights=["candidates.read", "numbers.whole"]).tell("/candidates/look-up", wanted)
    assert [one["id"] for one in found.json()["items"]] == [person.pk]
    assert number not in found.content.decode()
    refused = program(world, rights=["candidates.read"]).tell(
        "/candidates/look-up",
        {"campaign": world.campaign.pk, "student_numbers": [person.student_no], "whole_numbers": True},
    )
    assert refused.status_code == 403
    whole = program(world).tell("/candidates/look-up", {**wanted, "whole_numbers": True})
    assert whole.json()["items"][0]["id_number"] == number
    assert number not in str(list(AuditEntry.objects.values()))


def test_verification_and_the_ledger(world):
    set_verifying(world)
    confirmed_case(world, 1)
    open_case(world, 2)
    client = program(world)
    cases = client.ask(f"/campaigns/{world.campaign.pk}/verification").json()["items"]
    assert sorted(one["status"] for one in cases) == ["confirmed", "open"]
    only = client.ask(f"/campaigns/{world.campaign.pk}/verification", status="confirmed").json()["items"]
    assert [one["status"] for one in only] == ["confirmed"]
    assert client.ask(f"/campaigns/{world.campaign.pk}/ledger").json() == {"items": [], "next": None}


def test_the_ledger_leaves_as_a_file(world):
    client = program(world)
    asked = client.tell(f"/campaigns/{world.campaign.pk}/ledger/exports", {"format": "xlsx"})
    assert asked.status_code == 202
    pk = asked.json()["id"]
    early = client.ask(f"/exports/{pk}/file")
    assert (early.status_code, early.json()["code"]) == (409, "pages.export_not_ready")
    run_queued()
    assert client.ask(f"/exports/{pk}").json()["ready"]
    file = client.ask(f"/exports/{pk}/file")
    assert io.BytesIO(b"".join(file.streaming_content)).getvalue()[:2] == b"PK"
    college = program(world, Role.HEAD_OFFICE)
    assert college.ask(f"/exports/{pk}").status_code == 404, "another person's file"


def paths_of(world, person, pushed):
    campaign = world.campaign.pk
    yield from (f"/campaigns/{campaign}/verification", f"/campaigns/{campaign}/ledger")
    yield from (f"/candidates/{person.pk}", f"/candidates/{person.pk}/photograph")
    yield from (f"/imports/{pushed['id']}", f"/imports/{pushed['id']}/findings", f"/imports/{pushed['id']}/differences")
    yield f"/jobs/{pushed['job']}"


def test_another_school_finds_nothing_of_ours(world):
    confirm(world)
    person = add_graduate(world, 1)
    pushed = program(world).tell(f"/campaigns/{world.campaign.pk}/roster/rows", {"rows": [row(5)]}, KEY).json()
    stranger = Program(let_in(world, stranger=True)[1])
    for path in paths_of(world, person, pushed):
        assert stranger.ask(path).status_code == 404, path
    assert stranger.ask("/candidates").json()["items"] == []
    assert stranger.ask("/campaigns").json()["items"] == []
    for query in ({"campaign": world.campaign.pk}, {"unit": world.school.pk}):
        assert stranger.ask("/candidates", **query).status_code == 404, query
    push = stranger.tell(f"/campaigns/{world.campaign.pk}/roster/rows", {"rows": [row(1)]}, KEY)
    assert push.status_code == 404
    assert stranger.tell(f"/imports/{pushed['id']}/decisions", {"kind": "added"}).status_code == 404
    assert stranger.tell(f"/campaigns/{world.campaign.pk}/ledger/exports", {}).status_code == 404
    look_up = {"campaign": world.campaign.pk, "student_numbers": [person.student_no]}
    assert stranger.tell("/candidates/look-up", look_up).status_code == 404


def test_a_college_has_its_own_people_only(world):
    confirm(world, Role.COLLEGE_OFFICER)
    mine, other = add_candidate(world, 1), add_candidate(world, 2, department=world.other_department)
    client = program(world, Role.COLLEGE_OFFICER)
    assert [one["id"] for one in client.ask("/candidates").json()["items"]] == [mine.pk]
    assert client.ask(f"/candidates/{other.pk}").status_code == 404
    wrong = {"unit": world.other_department.pk, "rows": [row(5)]}
    assert client.tell(f"/campaigns/{world.campaign.pk}/roster/rows", wrong, KEY).status_code in (403, 404)


@pytest.mark.parametrize("length", [str(80 * 1024 * 1024)])
def test_a_huge_body_is_refused_before_it_is_read(world, length):
    secret = let_in(world)[1]
    answer = Program(secret).generic(
        "POST", f"{ROOT}/campaigns/{world.campaign.pk}/roster/rows", b"{}", content_type="application/json",
        CONTENT_LENGTH=length, HTTP_IDEMPOTENCY_KEY=KEY,
    )  # fmt: skip
    assert (answer.status_code, answer.json()["code"]) == (413, "api.body_too_large")


def test_a_body_larger_than_the_site_takes_is_413(world):
    client = program(world)
    rows = [row(1, remarks="很" * 250)] * 5000
    answer = client.tell(f"/campaigns/{world.campaign.pk}/roster/rows", {"rows": rows}, KEY)
    assert (answer.status_code, answer.json()["code"]) == (413, "api.body_too_large")
