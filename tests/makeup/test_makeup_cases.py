"""Lifecycle C6 of a make-up case: applied, approved, QR, form, booked, attended, photographed, delivered (R104, R140-R147)."""

import io
import uuid

import openpyxl
import pytest
from django.db import IntegrityError, transaction
from django.http import QueryDict
from django.utils import timezone

from budget import examples
from gradphoto.apps.campaigns.models import Rule
from gradphoto.apps.campaigns.settings_keys import MAKE_UP_SPECIAL_ONLY
from gradphoto.apps.capture import actions as capture
from gradphoto.apps.capture.models import CheckIn
from gradphoto.apps.core.errors import PermissionRefusal, StepRefusal
from gradphoto.apps.core.models import AuditEntry
from gradphoto.apps.makeup import booking, cases, forms_out, seating
from gradphoto.apps.makeup.lists import RECIPIENTS
from gradphoto.apps.makeup.models import CaseStatus, MakeUpCase
from gradphoto.apps.makeup.tokens import key_of, personal_token
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.roster.models import CandidateStatus
from gradphoto.apps.roster.permissions import student
from gradphoto.apps.schedule.models import CaptureSession
from gradphoto.demo.sitters import picture
from makeup.makeup_world import (
    approved,
    attended,
    client,
    come_to_the_day,
    filled,
    make_up_world,
    published,
    recipient,
    refused,
    session_with,
    today,
    went_out,
)
from world import add_candidate, save

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return make_up_world()


def test_r104_one_click_makes_the_cases_of_all_missed_and_never_two_for_one(world):
    session, people = session_with(world, 3)
    page = client(world, Role.REGISTRAR)
    assert f"/make-up/missed/{session.pk}/" in page.get(f"/capture/{session.pk}/missed/").content.decode()
    assert people[0].name in page.get(f"/make-up/missed/{session.pk}/").content.decode()
    ticked = {"candidate": [p.pk for p in people], f"kind_{people[2].pk}": "army"}
    assert "makeup.reason" in page.post(f"/make-up/missed/{session.pk}/", ticked).content.decode()
    page.post(f"/make-up/missed/{session.pk}/", {**ticked, f"why_{people[2].pk}": "九月入伍"})
    assert MakeUpCase.objects.filter(session=session, reason_kind="missed", status="applied").count() == 2
    assert MakeUpCase.objects.get(reason_kind="army").reason == "九月入伍"
    book = openpyxl.load_workbook(io.BytesIO(page.get(f"/make-up/missed/{session.pk}/?format=xlsx").content))
    assert [row[3] for row in book.active.values] == ["姓名", *(p.name for p in people)]
    poster = page.get(f"/make-up/missed/{session.pk}/poster/").content.decode()
    assert "计科2201" in poster
    assert people[0].name not in poster
    assert cases.open_missed(world.actor(Role.REGISTRAR), session) == []
    with pytest.raises(IntegrityError), transaction.atomic():
        MakeUpCase.objects.create(candidate=people[0], reason_kind="missed", applied_by="x")


def test_r104_nobody_is_missed_before_the_session_is_closed(world):
    session, _ = session_with(world, 1, status="open")
    refused("makeup.session_not_closed", cases.open_missed, world.actor(Role.REGISTRAR), session)


def test_a_college_opens_cases_for_its_own_people_only(world):
    session, people = session_with(world, 2)
    people[1].department = world.other_department
    save(people[1])
    assert [c.candidate for c in cases.open_missed(world.actor(Role.COLLEGE_OFFICER), session)] == [people[0]]


def test_a_special_reason_is_told_and_only_accepted_rows_are_asked_for(world):
    registrar, person = world.actor(Role.REGISTRAR), add_candidate(world, 1)
    refused("makeup.reason", cases.apply_for, registrar, person, reason_kind="army", reason=" ")
    cases.apply_for(registrar, person, reason_kind="army", reason="服役")
    refused("makeup.case_under_way", cases.apply_for, registrar, person, reason_kind="army", reason="服役")
    other = add_candidate(world, 2, status=CandidateStatus.SIGNED)
    refused("makeup.not_approved_row", cases.apply_for, registrar, other, reason_kind="illness", reason="住院")


def test_r145_for_special_reasons_only_where_the_rules_say_so(world):
    session, _ = session_with(world, 1)
    (case,) = cases.open_missed(world.actor(Role.COLLEGE_OFFICER), session)
    Rule.objects.create(
        rule_set=world.campaign.rule_set, key=MAKE_UP_SPECIAL_ONLY.name, value=True, source="江西2020届 四",
        effective_from="2019-09-01",
    )  # fmt: skip
    refused("makeup.special_reason", cases.approve_case, world.actor(Role.REGISTRAR), case)
    cases.approve_case(world.actor(Role.REGISTRAR), case, reason_kind="illness", reason="当日急诊")
    assert (case.status, case.reason_kind) == ("approved", "illness")


def test_r145_who_asks_does_not_approve(world):
    registrar = world.actor(Role.REGISTRAR)
    own = cases.apply_for(registrar, add_candidate(world, 1), reason_kind="illness", reason="住院")
    other = cases.apply_for(world.actor(Role.COUNSELLOR), add_candidate(world, 2), reason_kind="illness", reason="住院")
    refused("makeup.four_eyes", cases.approve_case, registrar, own)
    page = client(world, Role.REGISTRAR)
    assert "由另一人批准" in page.get(f"/make-up/cases/{own.pk}/").content.decode()
    alone = page.post("/make-up/", {"form": "approve_many", "case": [own.pk]})
    assert (alone.status_code, "makeup.four_eyes" in alone.content.decode()) == (409, True)
    told = page.post("/make-up/", {"form": "approve_many", "case": [own.pk, other.pk]}, follow=True).content.decode()
    assert "已批准 1 件；您自己申请的 1 件须由另一人批准" in told
    assert [MakeUpCase.objects.get(pk=one.pk).status for one in (own, other)] == ["applied", "approved"]


def test_r145_the_school_hands_out_the_qr_and_the_centre_does_not(world):
    recipient(world)
    case = approved(world, add_candidate(world, 1))
    with pytest.raises(PermissionRefusal):
        forms_out.issue_form(world.actor(Role.COLLECTION_CENTRE), case)
    with pytest.raises(PermissionRefusal):
        cases.approve_case(world.actor(Role.COUNSELLOR), case)
    slip = forms_out.issue_form(world.actor(Role.COUNSELLOR), case)
    assert case.status == "issued"
    assert case.candidate.id_number.decrypt() not in slip.qr("https://example.edu/") + slip.code


def test_r141_no_qr_before_the_schools_recipient_is_known(world):
    case = approved(world, add_candidate(world, 1))
    refused("makeup.no_recipient", forms_out.issue_form, world.actor(Role.COUNSELLOR), case)
    recipient(world)
    case.refresh_from_db()
    assert case.recipient.unit == world.school, "cases approved before get it now"
    forms_out.issue_form(world.actor(Role.COUNSELLOR), case)


def test_the_personal_qr_is_signed_says_nothing_of_the_person_and_ends_with_a_new_code(world):
    recipient(world)
    case = filled(world, add_candidate(world, 1))
    token = personal_token(case)
    assert key_of(token) == case.key
    assert key_of(f"https://example.edu/make-up-form/{token}/") == case.key
    assert key_of(token[:-1] + ("A" if token[-1] != "A" else "B")) is None
    assert case.candidate.student_no not in token
    photographer = world.actor(Role.PHOTOGRAPHER)
    assert seating.case_of_scan(photographer, token) == case
    refused("makeup.qr_unknown", seating.case_of_scan, world.stranger(Role.PHOTOGRAPHER), token)
    forms_out.issue_form(world.actor(Role.COUNSELLOR), case)
    refused("makeup.qr_unknown", seating.case_of_scan, photographer, token)


def test_c6_from_the_desk_into_the_chair_to_the_recipient(world):
    recipient(world)
    person = add_candidate(world, 1)
    case = attended(world, person)
    session = CaptureSession.objects.create(campaign=world.campaign, date=today(), place="补拍", status="open")
    photographer = world.actor(Role.PHOTOGRAPHER)
    seated = seating.seat(photographer, case, session, uuid.uuid4()).check_in
    assert (seated.shooting_number, seated.method) == (1, "makeup_qr")
    frame = capture.receive_frame(photographer, session, data=picture("person_01"), file_name="1.jpg", by_hand=True)
    capture.accept_frame(photographer, seated, frame=frame)
    case.refresh_from_db()
    assert (case.status, case.check_in) == (CaseStatus.CAPTURED, seated)
    centre = world.actor(Role.COLLECTION_CENTRE)
    refused("makeup.not_to_the_student", cases.deliver, centre, case, received_by=person.name)
    refused("makeup.nothing_went_out", cases.deliver, centre, case, received_by="王秘书")
    package = went_out(case)
    cases.deliver(centre, case, received_by="王秘书")
    assert (case.status, case.received_by) == ("delivered", "王秘书")
    assert case.went_out_with.startswith(str(package)), "what carried it is on record"


def test_a_retake_brings_the_person_back_to_the_desk(world):
    recipient(world)
    case = attended(world, add_candidate(world, 1))
    session = CaptureSession.objects.create(campaign=world.campaign, date=today(), place="补拍", status="open")
    photographer = world.actor(Role.PHOTOGRAPHER)
    seated = seating.seat(photographer, case, session, uuid.uuid4()).check_in
    frame = capture.receive_frame(photographer, session, data=picture("person_01"), file_name="1.jpg", by_hand=True)
    capture.accept_frame(photographer, seated, frame=frame)
    capture.cancel_check_in(photographer, CheckIn.objects.get(pk=seated.pk), reason="认错了人")
    case.refresh_from_db()
    assert (case.status, case.check_in) == (CaseStatus.ATTENDED, None)


def test_whoever_is_photographed_with_another_class_needs_no_make_up_any_more(world):
    session, people = session_with(world, 1)
    (case,) = cases.open_missed(world.actor(Role.REGISTRAR), session)
    other = CaptureSession.objects.create(campaign=world.campaign, date=today(), place="另一场", status="open")
    photographer = world.actor(Role.PHOTOGRAPHER)
    seated = capture.check_in(photographer, other, candidate=people[0], method="manual", nonce=uuid.uuid4()).check_in
    frame = capture.receive_frame(photographer, other, data=picture("person_01"), file_name="1.jpg", by_hand=True)
    capture.accept_frame(photographer, seated, frame=frame)
    case.refresh_from_db()
    assert case.status == CaseStatus.CAPTURED


def test_r144_student_card_and_id_card_are_seen_at_the_desk(world):
    recipient(world)
    person = add_candidate(world, 1)
    case = filled(world, person)
    with pytest.raises(StepRefusal):
        forms_out.attend(world.actor(Role.SITE_STAFF), case, student_card=True, id_card=True)
    booking.book(student(person.pk), case, slot=published(world).slots.first())
    come_to_the_day(case)
    refused(
        "makeup.papers_missing", forms_out.attend, world.actor(Role.SITE_STAFF), case, student_card=True, id_card=False
    )


def test_cancelling_needs_its_reason_and_frees_the_half_hour(world):
    recipient(world)
    case = filled(world, add_candidate(world, 1))
    slot = published(world).slots.first()
    registrar = world.actor(Role.REGISTRAR)
    booking.book(registrar, case, slot=slot)
    refused("makeup.reason_missing", cases.cancel_case, registrar, case, reason=" ")
    cases.cancel_case(registrar, case, reason="已退学")
    slot.refresh_from_db()
    assert (case.status, slot.taken) == ("cancelled", 0)
    cases.apply_for(registrar, case.candidate, reason_kind="illness", reason="又一次")


def test_r140_what_the_season_leaves_open_expires(world, settings):
    registrar = world.actor(Role.REGISTRAR)
    case = approved(world, add_candidate(world, 1))
    refused("makeup.season_not_over", cases.expire_overdue, registrar, world.campaign)
    Rule.objects.create(
        rule_set=world.campaign.rule_set, key="schedule.make_up_window", value=["03-01", "04-30"],
        source="辽宁2014届 一", effective_from="2013-10-09",
    )  # fmt: skip
    assert cases.expire_overdue(registrar, world.campaign) == 1, "30 April 2026 is over"
    case.refresh_from_db()
    assert case.status == "expired"
    with pytest.raises(StepRefusal):
        cases.approve_case(registrar, case)


def test_the_list_is_searched_filtered_ordered_and_exported(world):
    recipient(world)
    filled(world, add_candidate(world, 1))
    approved(world, add_candidate(world, 2), way="branch", branch="湖北分社")
    page = client(world, Role.REGISTRAR)
    both = page.get("/make-up/?status=open&sort=student_no").content.decode()
    assert both.index("2022000001") < both.index("2022000002")
    assert "2022000001" not in page.get("/make-up/?way=branch").content.decode()
    assert "2022000002" not in page.get("/make-up/?q=2022000001").content.decode()
    book = openpyxl.load_workbook(io.BytesIO(b"".join(page.get("/make-up/export/"))))
    rows = list(book.active.values)
    assert len(rows) == 3
    text = str(rows)
    assert "湖北分社" in text
    assert "13900000000" not in text


def test_the_telephone_is_masked_and_a_look_is_on_record(world):
    recipient(world)
    case = filled(world, add_candidate(world, 1))
    page = client(world, Role.REGISTRAR)
    assert "13900000000" not in page.get(f"/make-up/cases/{case.pk}/").content.decode()
    shown = page.post(f"/make-up/cases/{case.pk}/contact/", follow=True)
    assert "13900000000" in shown.content.decode()
    entry = AuditEntry.objects.filter(action="makeup.show_contact").get()
    assert "139" not in str(entry.detail)


def test_scope_every_page_answers_its_roles_and_a_stranger_finds_nothing(world):
    recipient(world)
    session, _ = session_with(world, 2)
    case = approved(world, add_candidate(world, 5))
    published(world)
    urls = (
        "/make-up/", "/make-up/days/", "/make-up/branches/", "/make-up/new/?q=2022", f"/make-up/cases/{case.pk}/",
        f"/make-up/missed/{session.pk}/", "/make-up/recipients/", "/make-up/scan/", "/make-up/closings/",
        f"/make-up/closings/{session.pk}/", "/make-up/self-organised/",
    )  # fmt: skip
    every = 1 if examples(1) > 1 else 3  # each page by a third of the roles; by all of them at night
    for turn, role in enumerate(Role):
        mine, strange = client(world, role), client(world, role, strange=True)
        for url in urls[turn % every :: every]:
            status, other = mine.get(url).status_code, strange.get(url).status_code
            assert status in (200, 403, 404), (role, url, status)
            if status == 403:
                assert other == 403, (role, url)
            if any(ch.isdigit() for ch in url.split("?")[0]) and status == 200:
                assert other == 404, (role, url, other)
            assert case.candidate.name not in strange.get(url).content.decode() or status == 403


def test_a_college_reads_who_receives_for_it_and_for_the_school_and_for_nobody_else(world):
    recipient(world)
    for unit, name in ((world.department, "本院秘书"), (world.other_department, "外院秘书")):
        cases.set_recipient(
            world.actor(Role.REGISTRAR), world.campaign, unit=unit, name=name, phone="0730-1234567", address="学院路2号"
        )
    read = {
        role: {one.name for one in RECIPIENTS.asked(world.actor(role), QueryDict()).rows}
        for role in (Role.REGISTRAR, Role.COLLEGE_OFFICER, Role.TEACHING_SECRETARY)
    }
    assert read[Role.REGISTRAR] == {"王秘书", "本院秘书", "外院秘书"}
    assert read[Role.COLLEGE_OFFICER] == read[Role.TEACHING_SECRETARY] == {"王秘书", "本院秘书"}
    file = b"".join(client(world, Role.COLLEGE_OFFICER).get("/make-up/recipients/export/?format=csv")).decode(
        "utf-8-sig"
    )
    assert "本院秘书" in file
    assert "外院秘书" not in file
    assert "1234567" not in file


def test_a_notice_names_no_deadline_of_the_past(world):
    campaign, today = world.campaign, timezone.localdate()
    rule = Rule.objects.create(
        rule_set=campaign.rule_set, key="schedule.make_up_window", value=["03-01", "04-30"], source="湘", effective_from="2020-01-01"
    )  # fmt: skip
    campaign.cohort_year = today.year - 1
    assert cases.last_day_of(campaign) == ""
    campaign.cohort_year = today.year + 1
    assert cases.last_day_of(campaign) == f"{today.year + 1}-04-30（{rule.source}）"
