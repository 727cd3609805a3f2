"""Everybody concerned is told, by the way that reaches them, and the proof is kept (R172, R203)."""

import hashlib
import hmac
import http.client
import http.server
import io
import json
import threading
from datetime import timedelta

import openpyxl
import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from gradphoto.apps.core.errors import InvalidInput, PermissionRefusal, Refusal
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.verification.actions import set_closing
from gradphoto.apps.verification.models import Opening
from gradphoto.apps.verification.notices import jobs as notice_jobs
from gradphoto.apps.verification.notices.actions import keep_contacts, note_told, send_again, send_notices
from gradphoto.apps.verification.notices.contacts import read_contacts
from gradphoto.apps.verification.notices.models import (
    Channel,
    ContactPoint,
    Notice,
    NoticeKind,
    NoticeRound,
    NoticeState,
)
from gradphoto.apps.verification.notices.texts import DEFAULTS, check_text, filled, proposed
from verification.graduate_world import confirmed_case, open_case, run_jobs, staff
from world import build_world

pytestmark = pytest.mark.django_db(transaction=True)

TABLE = "学号,手机,邮箱\n2022000001,138 0000 0001,one@example.edu\n2022000002,12345,\n2022000003,,nobody\n"


@pytest.fixture(autouse=True)
def outbox(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    settings.SITE_URL = "https://verify.example.edu"
    settings.SMS_CARRIER = "verification.carrier_for_tests.TakesAll"
    return tmp_path / "outbox"


def send(world, cases, channel=Channel.SMS, kind=NoticeKind.REMINDER, role=Role.REGISTRAR, text=None):
    made = send_notices(
        world.actor(role), world.campaign, kind=kind, channel=channel, text=text or DEFAULTS[kind].zh, cases=cases
    )
    run_jobs()
    made.job.refresh_from_db()
    return made


def test_contacts_are_read_from_a_table_sealed_and_bad_rows_told_by_number():
    world = build_world()
    cases = [open_case(world, n) for n in (1, 2, 3)]
    table = read_contacts(TABLE.encode("utf-8"))
    assert [bad.row for bad in table.bad] == [3, 4]
    assert keep_contacts(world.actor(Role.REGISTRAR), world.campaign, found=table.found) == 2
    assert keep_contacts(world.actor(Role.REGISTRAR), world.campaign, found=table.found) == 2
    points = ContactPoint.objects.filter(candidate=cases[0].candidate)
    assert {point.address.decrypt() for point in points} == {"13800000001", "one@example.edu"}
    assert b"13800000001" not in bytes(points.get(channel="sms").address.sealed())


def test_nobody_keeps_addresses_of_other_peoples_students():
    world = build_world()
    open_case(world, 1, department=world.other_department)
    table = read_contacts(TABLE.encode("utf-8"))
    assert keep_contacts(world.actor(Role.COLLEGE_OFFICER), world.campaign, found=table.found) == 0
    with pytest.raises(PermissionRefusal):
        keep_contacts(world.stranger(Role.REGISTRAR), world.campaign, found=table.found)


@pytest.mark.usefixtures("still_clock")
def test_r203_a_text_message_goes_to_each_with_proof_and_the_others_are_named(outbox):
    world = build_world()
    first, second = open_case(world, 1), open_case(world, 2)
    registrar = world.actor(Role.REGISTRAR)
    keep_contacts(registrar, world.campaign, found={first.candidate.student_no: [("sms", "13800000001")]})
    set_closing(registrar, Opening.objects.get(), closes_on=timezone.localdate() + timedelta(days=9))
    made = send(world, [first, second], kind=NoticeKind.LAST_CALL)
    (line,) = (outbox / "sms.jsonl").read_text().splitlines()
    message = json.loads(line)
    assert message["to"] == "13800000001"
    assert "还剩 9 天" in message["text"]
    assert "https://verify.example.edu/verify/" in message["text"]
    states = dict(made.notices.values_list("candidate", "state"))
    assert states == {first.candidate_id: NoticeState.SENT, second.candidate_id: NoticeState.NO_ADDRESS}
    assert made.notices.get(state="sent").at is not None
    assert first.candidate.id_number.decrypt() not in line


def test_r203_without_a_carrier_a_message_is_not_sent_and_no_proof(outbox, settings):
    settings.SMS_CARRIER = ""
    world = build_world()
    case, registrar = open_case(world, 1), world.actor(Role.REGISTRAR)
    keep_contacts(registrar, world.campaign, found={case.candidate.student_no: [("sms", "13800000001")]})
    made = send(world, [case])
    notice = made.notices.get()
    assert (notice.state, notice.at) == (NoticeState.OUTBOX, None)
    assert "13800000001" in (outbox / "sms.jsonl").read_text(), "it stands in the outbox, to be handed on another way"
    office = staff(world, Role.REGISTRAR)
    assert "未发出，待另行转交" in office.get(f"/verification/notices/{made.pk}/").content.decode()
    page = office.get("/verification/notices/").content.decode()
    assert "没有配置发送渠道" in page
    assert '<div class="count">0</div>有告知凭据' in " ".join(page.split())
    settings.SMS_CARRIER = "verification.carrier_for_tests.TakesAll"
    assert send_again(registrar, made) == 1
    run_jobs()
    assert made.notices.get().state == NoticeState.SENT


def test_a_round_run_again_tells_nobody_twice(outbox):
    world = build_world()
    case = open_case(world, 1)
    keep_contacts(
        world.actor(Role.REGISTRAR), world.campaign, found={case.candidate.student_no: [("sms", "13800000001")]}
    )
    made = send(world, [case])
    type(made.job).objects.filter(pk=made.job_id).update(state="queued")
    run_jobs()
    assert len((outbox / "sms.jsonl").read_text().splitlines()) == 1


def test_e_mails_go_through_django():
    world = build_world()
    case = open_case(world, 1)
    keep_contacts(
        world.actor(Role.REGISTRAR), world.campaign, found={case.candidate.student_no: [("email", "a@example.edu")]}
    )
    send(world, [case], channel=Channel.EMAIL, kind=NoticeKind.OPENED)
    (letter,) = mail.outbox
    assert letter.to == ["a@example.edu"]
    assert case.candidate.name in letter.body
    assert Notice.objects.get().reference == letter.extra_headers["Message-ID"]


class _Service(http.server.BaseHTTPRequestHandler):
    answers: list[int] = []
    taken: list[tuple[http.client.HTTPMessage, bytes]] = []

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        type(self).taken.append((self.headers, body))
        self.send_response(type(self).answers.pop(0))
        self.end_headers()

    def log_message(self, *args):
        pass


@pytest.fixture
def service(settings, monkeypatch):
    """The school's message service: give it the answers it shall give, and see what it took."""
    monkeypatch.setattr(notice_jobs, "PAUSES_S", (0.01, 0.02))
    _Service.answers, _Service.taken = [], []
    with http.server.HTTPServer(("127.0.0.1", 0), _Service) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.WEBHOOK_URL, settings.WEBHOOK_SECRET = f"http://127.0.0.1:{server.server_port}/", "s3cret"
        yield _Service
        server.shutdown()


def test_the_schools_own_service_gets_signed_json_and_a_refusal_is_told_for_the_person(service):
    world = build_world()
    cases = [open_case(world, n) for n in (1, 2)]
    service.answers = [200, 400]
    made = send(world, cases, channel=Channel.WEBHOOK)
    headers, body = service.taken[0]
    assert headers["X-GradPhoto-Signature"] == hmac.new(b"s3cret", body, hashlib.sha256).hexdigest()
    assert json.loads(body)["to"] == cases[0].candidate.student_no
    assert len(service.taken) == 2, "what is refused for good is not tried again"
    assert sorted(made.notices.values_list("state", flat=True)) == ["failed", "sent"]
    assert made.job.issues.get().code == "verification.notice_not_sent"


def test_what_the_service_cannot_take_just_now_is_tried_again_under_the_same_key(service):
    world = build_world()
    cases = [open_case(world, n) for n in (1, 2)]
    service.answers = [503, 200, 429, 200]
    made = send(world, cases, channel=Channel.WEBHOOK)
    keys = [headers["Idempotency-Key"] for headers, _ in service.taken]
    assert len(keys) == 4
    assert len(set(keys)) == 2
    assert set(made.notices.values_list("state", flat=True)) == {"sent"}
    assert (made.job.done, made.job.failed) == (2, 0)


def test_a_round_is_tried_again_for_the_unreached_only(service):
    world = build_world()
    cases = [open_case(world, n) for n in (1, 2)]
    service.answers = [200, 503, 503, 503]
    made = send(world, cases, channel=Channel.WEBHOOK)
    office = staff(world, Role.REGISTRAR)
    assert "补发未送达者" in office.get(f"/verification/notices/{made.pk}/").content.decode()
    service.answers, service.taken = [200], []
    office.post(f"/verification/notices/{made.pk}/again/")
    run_jobs()
    ((_, body),) = service.taken
    assert json.loads(body)["to"] == cases[1].candidate.student_no
    assert set(made.notices.values_list("state", "error")) == {("sent", None)}
    assert office.post(f"/verification/notices/{made.pk}/again/").status_code == 409
    assert (
        staff(world, Role.REGISTRAR, stranger=True).post(f"/verification/notices/{made.pk}/again/").status_code == 404
    )


def test_who_had_no_address_is_reached_once_it_is_known(outbox):
    world = build_world()
    case = open_case(world, 1)
    registrar = world.actor(Role.REGISTRAR)
    made = send(world, [case])
    with pytest.raises(Refusal, match=r"verification\.nobody_to_try_again"):
        send_again(registrar, made)
    keep_contacts(registrar, world.campaign, found={case.candidate.student_no: [("sms", "13800000001")]})
    assert send_again(registrar, made) == 1
    with pytest.raises(Refusal, match=r"verification\.notices_under_way"):
        send_again(registrar, made)
    run_jobs()
    assert made.notices.get().state == NoticeState.SENT


def test_a_form_sent_twice_is_one_round():
    world = build_world()
    open_case(world, 1)
    office = staff(world, Role.REGISTRAR)
    page = office.get("/verification/notices/?kind=reminder&in=both").content.decode()
    nonce = page.split('name="nonce" value="')[1].split('"')[0]
    form = {
        "form": "send_notices",
        "campaign": world.campaign.pk,
        "kind": "reminder",
        "channel": "webhook",
        "text": "{姓名}",
        "nonce": nonce,
    }
    first, second = (office.post("/verification/notices/", form).url for _ in range(2))
    assert first == second
    assert Notice.objects.count() == 1
    told = office.post("/verification/notices/", {**form, "text": "{姓名}，别的话"})
    assert "表单已经发送过" in told.content.decode()
    open_case(world, 2)
    assert "表单已经发送过" in office.post("/verification/notices/", form).content.decode(), "others than before"
    assert Notice.objects.count() == 1


@pytest.mark.parametrize("kind", ["opened", "reminder", "last_call"])
def test_every_proposed_text_says_the_same_in_both_languages(kind):
    world = build_world()
    type(world.school).objects.filter(pk=world.school.pk).update(name_en="Model University")
    person = open_case(world, 1).candidate
    closes = timezone.localdate() + timedelta(days=5)
    both = check_text(proposed(kind, "both"))
    zh, en = filled(both, person, closes, timezone.localdate()).split("\n")
    for text in (zh, en):
        assert person.name in text
        assert closes.isoformat() in text
        assert "https://verify.example.edu/verify/" in text
        assert "{" not in text
    unknown = filled(both, person, None, timezone.localdate())
    assert "学校另行通知" in unknown
    assert "to be announced" in unknown


def test_telling_in_person_is_proof_with_a_name():
    world = build_world()
    case = open_case(world, 1)
    office = staff(world, Role.COUNSELLOR)
    office.post("/verification/", {"form": "note_told", "cases": [case.pk]})
    notice = Notice.objects.get()
    assert (notice.state, notice.by) == (NoticeState.TOLD, world.people[Role.COUNSELLOR])
    assert "当面告知" in office.get(f"/verification/{case.pk}/").content.decode()
    with pytest.raises(PermissionRefusal):
        note_told(world.stranger(Role.REGISTRAR), case)


def test_reminders_go_to_the_unverified_of_ones_own_college_only():
    world = build_world()
    waiting = open_case(world, 1)
    confirmed_case(world, 2)
    open_case(world, 3, department=world.other_department)
    office = staff(world, Role.COLLEGE_OFFICER)
    form = {
        "form": "send_notices",
        "campaign": world.campaign.pk,
        "kind": "reminder",
        "channel": "webhook",
        "text": "{姓名}：请校对。",
    }
    office.post("/verification/notices/", form)
    run_jobs()
    made = NoticeRound.objects.get()
    assert [notice.candidate_id for notice in Notice.objects.all()] == [waiting.candidate_id]
    book = openpyxl.load_workbook(io.BytesIO(b"".join(office.get(f"/verification/notices/export/?round={made.pk}"))))
    row = [cell.value for cell in book.active[2]]
    assert row[3:5] == [waiting.candidate.student_no, waiting.candidate.name]
    assert row[6] == "未发出，待另行转交", "no message service is configured"
    assert staff(world, Role.COLLEGE_OFFICER, stranger=True).get(f"/verification/notices/{made.pk}/").status_code == 404


@pytest.mark.parametrize("text", ["", "x" * 501, "{证件号码}"])
def test_a_text_is_checked_before_anybody_gets_it(text):
    world = build_world()
    case = open_case(world, 1)
    with pytest.raises(InvalidInput):
        send_notices(
            world.actor(Role.REGISTRAR),
            world.campaign,
            kind=NoticeKind.REMINDER,
            channel=Channel.SMS,
            text=text,
            cases=[case],
        )


def test_a_table_without_the_columns_is_refused_with_what_to_do():
    world = build_world()
    answer = staff(world, Role.REGISTRAR).post(
        "/verification/notices/",
        {
            "form": "keep_contacts",
            "campaign": world.campaign.pk,
            "file": SimpleUploadedFile("x.csv", "甲,乙\n1,2\n".encode()),
        },
    )
    assert answer.status_code == 422
    assert "学号" in answer.content.decode()


@pytest.mark.usefixtures("still_clock")
def test_r171_the_reminder_list_tells_days_left_and_whether_somebody_was_told():
    world = build_world()
    case = open_case(world, 1)
    registrar = world.actor(Role.REGISTRAR)
    set_closing(registrar, Opening.objects.get(), closes_on=timezone.localdate() + timedelta(days=7))
    office = staff(world, Role.REGISTRAR)
    before = office.get("/verification/reminder/").content
    note_told(registrar, case)
    after = office.get("/verification/reminder/").content
    rows = [[cell.value for cell in openpyxl.load_workbook(io.BytesIO(data)).active[4]] for data in (before, after)]
    assert rows[0][8:] == ["7", "未告知"]
    assert rows[1][9] == timezone.localdate().isoformat()
