"""Every kind of notice tells whom it concerns what they need; and what came of it is kept (R83, R203, R204)."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from datetime import timedelta
from email.message import EmailMessage
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from errata.errata_world import TODAY, draft
from gradphoto.apps.campaigns.models import Contact, Rule
from gradphoto.apps.campaigns.notice_keys import NOTICE_KEYS, TEXTS
from gradphoto.apps.campaigns.rules import value_of
from gradphoto.apps.core.errors import Refusal
from gradphoto.apps.errata import steps
from gradphoto.apps.errata.kinds import Channel as ErrataChannel
from gradphoto.apps.errata.kinds import ErrataKind
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.schedule.models import Appointment, CaptureSession, Slot
from gradphoto.apps.verification.notices.actions import keep_contacts, send_notices
from gradphoto.apps.verification.notices.audience import contacts_of, people_of
from gradphoto.apps.verification.notices.class_lists import count_class_list
from gradphoto.apps.verification.notices.models import REACHED, Channel, Notice, NoticeKind, NoticeState
from gradphoto.apps.verification.notices.receipts import Came, Report, read_dsn, read_link, read_reports, take_reports
from makeup.makeup_world import filled, recipient
from verification.class_list_world import printed_class_list, signed_class_list
from verification.graduate_world import open_case, run_jobs, staff
from world import add_candidate

pytestmark = pytest.mark.django_db


@pytest.fixture
def outbox(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    settings.SITE_URL = "https://verify.example.edu"
    settings.SMS_CARRIER = "verification.carrier_for_tests.TakesAll"
    settings.WEBHOOK_SECRET = "our secret"
    return tmp_path / "outbox" / "sms.jsonl"


def listed(world, *people, hours=30, place="104", status="planned"):
    """The people on the list of a session that begins in so many hours."""
    start = (timezone.now() + timedelta(hours=hours)).replace(second=0, microsecond=0)
    session = CaptureSession.objects.create(
        campaign=world.campaign, date=timezone.localtime(start).date(), place=place, status=status
    )
    slot = Slot.objects.create(
        session=session, department=world.department, class_name="计科2201", season="spring",
        starts_at=start, ends_at=start + timedelta(hours=1),
    )  # fmt: skip
    for position, person in enumerate(people, 1):
        Appointment.objects.create(slot=slot, candidate=person, position=position)
    return slot


def reachable(world, *people):
    found = {one.student_no: [("sms", f"138{one.pk:08d}")] for one in people}
    keep_contacts(world.actor(Role.REGISTRAR), world.campaign, found=found)


def send(world, kind, text=None, **told):
    registrar = world.actor(Role.REGISTRAR)
    told = told or {"people": list(people_of(registrar, world.campaign, kind))}
    made = send_notices(
        registrar, world.campaign, kind=kind, channel=Channel.SMS, text=text or TEXTS[kind][1].zh, **told
    )
    run_jobs()
    return made


def messages(outbox) -> list[str]:
    return [json.loads(line)["text"] for line in outbox.read_text(encoding="utf-8").splitlines()]


def test_r83_the_session_is_told_with_time_place_id_card_and_clothes(world, outbox):
    person, without = add_candidate(world, 1), add_candidate(world, 2)
    slot = listed(world, person)
    reachable(world, person, without)
    send(world, NoticeKind.SESSION)
    [text] = messages(outbox)
    start = timezone.localtime(slot.starts_at)
    for part in (person.name, f"{start:%Y-%m-%d}", f"{start:%H:%M}", "104", f"{start - timedelta(minutes=10):%H:%M} 前到场",
                 "二代身份证", "勿穿浅蓝色上衣", "不得外出"):  # fmt: skip
        assert part in text, part
    assert "{" not in text
    assert "—，" not in text


def test_a_change_is_told_to_those_whose_time_changed_since_they_were_told(world, outbox):
    people = [add_candidate(world, n) for n in (1, 2)]
    slot = listed(world, people[0])
    listed(world, people[1], place="115")
    reachable(world, *people)
    registrar = world.actor(Role.REGISTRAR)
    assert not people_of(registrar, world.campaign, NoticeKind.CHANGED).exists(), "nobody was told yet"
    send(world, NoticeKind.SESSION)
    assert not people_of(registrar, world.campaign, NoticeKind.CHANGED).exists()
    slot.starts_at += timedelta(minutes=30)
    slot.save(update_fields=["starts_at"])
    assert list(people_of(registrar, world.campaign, NoticeKind.CHANGED)) == [people[0]]
    send(world, NoticeKind.CHANGED)
    assert f"{timezone.localtime(slot.starts_at):%H:%M}" in messages(outbox)[-1]
    assert not people_of(registrar, world.campaign, NoticeKind.CHANGED).exists(), "they know by now"


def test_who_missed_and_who_is_to_be_made_up_is_told(world, outbox):
    person, other = add_candidate(world, 1), add_candidate(world, 2)
    listed(world, person, hours=-30, status="closed")
    reachable(world, person, other)
    send(world, NoticeKind.MISSED)
    assert "未参加" in messages(outbox)[-1]
    recipient(world)
    filled(world, other)
    send(world, NoticeKind.MAKE_UP)
    assert "补拍二维码" in messages(outbox)[-1]
    assert len(messages(outbox)) == 2


def test_r204_r84_stations_and_liaisons_are_told_by_their_own_addresses(world, outbox):
    listed(world, add_candidate(world, 1))
    station = Contact.objects.create(
        campaign=world.campaign, side="station", name="江城学习中心 李老师", telephone="13900000001"
    )
    Contact.objects.create(campaign=world.campaign, side="station", name="北山函授站")
    Contact.objects.create(campaign=world.campaign, side="school", name="王老师", telephone="13900000002")
    made = send(world, NoticeKind.STATIONS, contacts=list(contacts_of(world.campaign, NoticeKind.STATIONS)))
    assert "江城学习中心 李老师" in messages(outbox)[0]
    assert "104" in messages(outbox)[0]
    states = {one.contact_id: one.state for one in made.notices.all()}
    assert states.pop(station.pk) == NoticeState.SENT
    assert list(states.values()) == [NoticeState.NO_ADDRESS], "a station without an address is named, not dropped"
    send(world, NoticeKind.LIAISON, contacts=list(contacts_of(world.campaign, NoticeKind.LIAISON)))
    assert "全天畅通" in messages(outbox)[-1]


def test_an_answer_to_an_errata_case_is_told_as_what_it_is(world):
    person = add_candidate(world, 1)
    registrar = world.actor(Role.REGISTRAR)
    assert not people_of(registrar, world.campaign, NoticeKind.ERRATA).exists()
    case = draft(world, person, ErrataKind.NO_IMAGE)
    registry = world.actor(Role.REGISTRAR)
    steps.send_case(registry, case, on=TODAY(), channel=ErrataChannel.EMAIL, to="学信网")
    steps.receive_case(registry, case, on=TODAY())
    steps.correct_case(registry, case, on=TODAY())
    assert list(people_of(registrar, world.campaign, NoticeKind.ERRATA)) == [person]
    page = staff(world, Role.REGISTRAR).get("/verification/notices/?kind=errata").content.decode()
    assert "尚待对方的答复已存入本件" in page, "not called done before it is"


@pytest.mark.parametrize("kind", list(NoticeKind.values))
def test_the_page_of_every_kind_shows_its_text_and_a_real_person(world, kind):
    person = open_case(world, 1).candidate
    listed(world, person)
    page = staff(world, Role.REGISTRAR).get(f"/verification/notices/?kind={kind}")
    assert page.status_code == 200
    assert page.context["page_forms"]["send_notices"].initial["text"] == TEXTS[kind][1].zh
    if kind in ("session", "opened", "reminder"):
        assert f"{person.name}同学" in page.content.decode()


def test_a_notice_is_a_rule_of_the_campaign_and_its_placeholders_are_checked(world):
    key = NOTICE_KEYS["session"]
    assert value_of(world.campaign, key) == TEXTS["session"][1].zh
    Rule.objects.create(
        rule_set=world.campaign.rule_set,
        key=key.name,
        value="{姓名}，{地点}见。",
        source="本校",
        effective_from="2020-01-01",
    )
    listed(world, add_candidate(world, 1))
    page = staff(world, Role.REGISTRAR).get("/verification/notices/?kind=session").content.decode()
    assert "，104见。" in page
    for wrong in ("{证件号码}", "", "长" * 501):
        with pytest.raises(ValueError):  # noqa: PT011 - the reader of a rule says no
            key.read(wrong)


def test_unknown_numbers_of_a_contact_table_are_told(world):
    add_candidate(world, 1)
    table = SimpleUploadedFile("a.csv", "学号,手机\n2022000001,13800000000\n2022999999,13800000001\n".encode())
    office = staff(world, Role.REGISTRAR)
    answer = office.post(
        "/verification/notices/", {"form": "keep_contacts", "campaign": world.campaign.pk, "file": table}, follow=True
    )
    page = answer.content.decode()
    assert "2022999999" in page
    assert "不在您的名册中" in page


# ---- receipts


def sent_notice(world) -> Notice:
    person = open_case(world, 1).candidate
    reachable(world, person)
    send(world, NoticeKind.REMINDER, text="{姓名}", people=[person])
    return Notice.objects.get()


def test_a_refused_message_is_no_proof_and_a_delivered_one_says_when(world, outbox):
    notice = sent_notice(world)
    assert take_reports([Report(notice.pk, Came.FAILED, words="空号")]) == 1
    notice.refresh_from_db()
    assert notice.state not in REACHED
    assert "空号" in notice.error["zh"]
    assert take_reports([Report(notice.pk, Came.DELIVERED), Report(10**6, Came.DELIVERED)]) == 1
    notice.refresh_from_db()
    assert (notice.state, notice.delivered_at is not None, notice.error) == (NoticeState.DELIVERED, True, None)
    assert take_reports([Report(notice.pk, Came.FAILED)]) == 0, "what was delivered does not come back"


def test_the_call_back_is_taken_under_its_signature_only(world, outbox, client):
    notice = sent_notice(world)
    body = json.dumps(
        [{"key": f"notice-{notice.pk}", "state": "delivered", "at": "2026-11-30T09:00:00+08:00"}]
    ).encode()
    signature = hmac.new(b"our secret", body, hashlib.sha256).hexdigest()

    def post(data, sign):
        return client.post(
            reverse("verification:receipts"),
            data,
            content_type="application/json",
            headers={"X-GradPhoto-Signature": sign},
        )

    assert post(body, "0" * 64).status_code == 403
    assert post(b"{", hmac.new(b"our secret", b"{", hashlib.sha256).hexdigest()).status_code == 400
    assert post(body, signature).json() == {"taken": 1}
    assert post(body, signature).json() == {"taken": 0}
    for odd in (b"[1]", b'[{"key": "x", "state": "read"}]', b'[{"key": "notice-1", "state": "eaten"}]'):
        with pytest.raises(Refusal):
            read_reports(odd)


def dsn(notice: Notice, action: str = "failed") -> bytes:
    original = EmailMessage()
    original["Message-ID"], original["Subject"] = f"<notice-{notice.pk}@verify.example.edu>", "x"
    original.set_content("x")
    mail = MIMEMultipart("report", report_type="delivery-status")
    mail.attach(MIMEText("could not be delivered"))
    status = MIMEMessage(EmailMessage(), "delivery-status")
    whole, one = EmailMessage(), EmailMessage()
    whole["Reporting-MTA"] = "dns; mx.example.edu"
    one["Final-Recipient"], one["Action"], one["Status"] = "rfc822; a@example.edu", action, "5.1.1"
    status.set_payload([whole, one])
    mail.attach(status)
    mail.attach(MIMEMessage(original))
    return mail.as_bytes()


def test_a_mail_servers_answer_is_read(world, outbox):
    notice = sent_notice(world)
    [report] = read_dsn(dsn(notice))
    assert (report.notice, report.came, report.words) == (notice.pk, Came.FAILED, "5.1.1")
    assert read_dsn(dsn(notice, "delayed")) == []
    assert read_dsn(b"Subject: hello\n\nnotice-1") == []


def test_read_is_what_the_person_confirms_behind_the_signed_link(world, outbox, client):
    notice = sent_notice(world)
    link = re.search(r"https://verify\.example\.edu(/verify/read/\S+/)", messages(outbox)[0])[1]
    assert read_link(notice).endswith(link)
    page = client.get(link).content.decode()
    assert notice.candidate.name in page
    notice.refresh_from_db()
    assert notice.read_at is None, "programs look at links, too"
    assert "已确认阅读" in client.post(link).content.decode()
    notice.refresh_from_db()
    assert (notice.state, notice.read_at is not None) == (NoticeState.READ, True)
    assert client.get(link[:-3] + "xx/").status_code == 404


def test_a_printed_class_list_signed_counts(world):
    people = [add_candidate(world, n) for n in (1, 2, 3)]
    registrar = world.actor(Role.REGISTRAR)
    with pytest.raises(Refusal) as told:
        count_class_list(registrar, printed_class_list(world, people[0]))
    assert told.value.code == "verification.list_unsigned"
    document = signed_class_list(world, people[0])
    with pytest.raises(Refusal) as told:
        count_class_list(registrar, document, absent=["1"])
    assert told.value.code == "verification.list_absent"
    assert count_class_list(registrar, document, absent=[people[2].student_no]) == 2
    assert {one.candidate_id for one in Notice.objects.filter(state__in=REACHED)} == {people[0].pk, people[1].pk}
    with pytest.raises(Refusal) as told:
        count_class_list(registrar, document)
    assert told.value.code == "verification.list_counted"
