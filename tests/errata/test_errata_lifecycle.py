"""Lifecycle C5: who may do what with a case, when its clock runs, and what mends it (R156-R160, R166-R170)."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from errata.errata_world import (
    CONTACT,
    SCAN,
    TODAY,
    at_the_agency,
    deliver_photograph,
    draft,
    hand_over,
    missing_case,
    on_a_form,
    receive,
    seal,
    send,
)
from gradphoto.apps.campaigns.calendars import calendar_of, set_days
from gradphoto.apps.campaigns.models import CalendarDay
from gradphoto.apps.capture.models import CheckIn, Frame
from gradphoto.apps.core import audit_proof, blobs
from gradphoto.apps.core.encryption import blind_index
from gradphoto.apps.core.errors import InvalidInput, PermissionRefusal, Refusal, StepRefusal
from gradphoto.apps.core.models import AuditEntry
from gradphoto.apps.delivery.models import Package, PackageItem, Portrait
from gradphoto.apps.errata import papers, steps
from gradphoto.apps.errata.drafting import Contact, Wrong, draft_case, draft_from_dispute
from gradphoto.apps.errata.kinds import FACTS, Channel, Corrector, ErrataKind
from gradphoto.apps.errata.models import CaseStatus, ErrataCase, ErrataItem, FormStatus
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.schedule.models import CaptureSession
from gradphoto.apps.verification.actions import dispute_photo, view_case
from gradphoto.apps.verification.corrections import CorrectionsRefusal
from gradphoto.apps.verification.models import CaseStatus as VerificationStatus
from gradphoto.apps.verification.queries import opening_dates
from gradphoto.engine.standards.deadlines import OFFICIAL, Deadline, Kind, due
from verification.graduate_world import add_graduate, confirm, graduate, jpeg, open_case
from world import add_candidate, build_world, made_up_id_number, put, save

pytestmark = pytest.mark.django_db


def test_c5_a_missing_photo_goes_all_its_way():
    world = build_world()
    case = missing_case(world)
    assert (str(case), case.corrector, case.status) == ("KW2026-0001", Corrector.AGENCY, CaseStatus.DRAFTED)
    form = at_the_agency(world, case)
    assert (form.status, case.status, case.channel) == (FormStatus.RECEIVED, CaseStatus.RECEIVED, Channel.FAX)
    centre, registrar = world.actor(Role.COLLECTION_CENTRE), world.actor(Role.REGISTRAR)
    steps.reissue_case(centre, case, on=TODAY(), note="SF 123")
    steps.return_result(registrar, case, reason="寄来的不是此人")
    assert (case.status, case.result_on) == (CaseStatus.RECEIVED, None)
    steps.reissue_case(centre, case, on=TODAY())
    with pytest.raises(Refusal, match=r"errata\.not_proven"):
        steps.confirm_case(registrar, case)
    deliver_photograph(world, case.items.get().candidate)
    steps.confirm_case(registrar, case)
    steps.file_case(registrar, case, place="档案柜 A3")
    assert case.status == CaseStatus.FILED
    done = list(AuditEntry.objects.filter(target_key=str(case.pk), target_type="errata.erratacase").values_list("action", flat=True))  # fmt: skip
    assert done == [
        "errata.seal_case", "errata.send_case", "errata.receive_case", "errata.reissue_case", "errata.return_result",
        "errata.reissue_case", "errata.confirm_case", "errata.file_case",
    ]  # fmt: skip
    assert all(report.whole for report in audit_proof.verify())


def test_r71_without_the_seal_nothing_leaves_for_the_agency():
    world = build_world()
    case = missing_case(world)
    with pytest.raises(Refusal, match=r"errata\.seal_missing"):
        steps.send_case(world.actor(Role.REGISTRAR), case, on=TODAY(), channel=Channel.FAX, to="图片社")
    form = on_a_form(world, case)
    with pytest.raises(Refusal, match=r"errata\.seal_missing"):
        steps.seal_case(world.actor(Role.REGISTRAR), case)
    with pytest.raises(Refusal, match=r"errata\.seal_missing"):
        send(world, form)
    form.refresh_from_db()
    assert form.status == FormStatus.DRAFTED
    with pytest.raises(InvalidInput, match=r"errata\.seal_facts"):
        papers.seal_form(
            world.actor(Role.REGISTRAR), form, seal=papers.Seal("", "李", "", TODAY()), data=SCAN,
            media_type="application/pdf",
        )  # fmt: skip
    seal(world, form)
    form.refresh_from_db()
    assert (form.seal_of, form.signed_by, blobs.read(form.scan)) == ("示范大学", "李主任", SCAN)
    send(world, form)
    case.refresh_from_db()
    assert case.status == CaseStatus.SENT


def test_a_damaged_print_is_told_by_mail_without_a_seal():
    world = build_world()
    case = draft(world, add_candidate(world), ErrataKind.DAMAGED)
    assert not case.needs_seal
    steps.send_case(world.actor(Role.REGISTRAR), case, on=TODAY(), channel=Channel.EMAIL, to="图片社邮箱")
    assert case.status == CaseStatus.SENT


@pytest.mark.parametrize("kind", [ErrataKind.MISSING, ErrataKind.DAMAGED])
def test_r156_r174_five_working_days_run_from_the_receipt(kind):
    world = build_world()
    case = draft(world, add_candidate(world), kind)
    at_the_agency(world, case, days_ago=3)
    five = Deadline(Kind.WORKING_DAYS, 5)
    assert case.due_on == due(TODAY() - timedelta(days=3), five, OFFICIAL).date


def test_r158_no_clock_runs_for_wrong_data_or_an_image_of_another():
    world = build_world()
    case = draft(world, add_candidate(world), ErrataKind.OTHER_PERSON)
    at_the_agency(world, case)
    assert case.due_on is None
    assert [kind for kind in ErrataKind if FACTS[kind].clock] == [ErrataKind.MISSING, ErrataKind.DAMAGED]


def test_a_new_holiday_moves_the_due_day_of_open_cases_at_once():
    world = build_world()
    case = missing_case(world)
    at_the_agency(world, case)
    before = case.due_on
    day = before
    set_days(world.actor(Role.REGISTRAR), world.school, first=day, last=day, works=False, source="校历")
    case.refresh_from_db()
    assert case.due_on > before
    assert calendar_of(world.department).workday(day).works is False
    assert calendar_of(world.strange_school).workday(day).works is True


def test_r176_the_promised_opening_follows_the_holiday_table_and_says_when_it_is_provisional():
    world = build_world()
    person = add_graduate(world, 1)
    dates = opening_dates(person)
    assert (dates.earliest - dates.shot_on).days == 40
    assert (dates.promised, dates.provisional) == (
        due(dates.shot_on, Deadline(Kind.WORKING_DAYS, 40), OFFICIAL).date,
        False,
    )
    day = dates.promised
    set_days(world.actor(Role.REGISTRAR), world.school, first=day, last=day, works=False, source="校历")
    assert opening_dates(person).promised > day
    CheckIn.objects.update(at=datetime(2035, 11, 20, 9, 0, tzinfo=UTC))
    assert opening_dates(person).provisional


def test_the_nearest_table_wins_and_a_stranger_may_not_touch_it():
    world = build_world()
    day = date(2026, 12, 1)
    set_days(world.actor(Role.ADMINISTRATOR), world.national, first=day, last=day, works=False, source="国办通知")
    set_days(world.actor(Role.REGISTRAR), world.school, first=day, last=day, works=True, source="校历")
    assert calendar_of(world.department).workday(day).works
    assert not calendar_of(world.strange_school).workday(day).works
    with pytest.raises(PermissionRefusal):
        set_days(world.stranger(Role.REGISTRAR), world.school, first=day, last=day, works=True, source="x")
    with pytest.raises(InvalidInput, match=r"campaigns\.day_without_source"):
        set_days(world.actor(Role.REGISTRAR), world.school, first=day, last=day, works=True, source=" ")
    assert CalendarDay.objects.count() == 2


@pytest.mark.parametrize(
    ("contact", "code"),
    [
        (Contact("", "0731-12345678", "某路1号"), "errata.contact_incomplete"),
        (Contact("王", "", "某路1号"), "errata.contact_incomplete"),
        (Contact("王", "0731-12345678", " "), "errata.contact_incomplete"),
        (Contact("王", "12345", "某路1号"), "errata.telephone"),
        (Contact("王", "请打办公室", "某路1号"), "errata.telephone"),
    ],
)
def test_r160_telephone_contact_and_address_must_be_complete(contact, code):
    world = build_world()
    with pytest.raises(InvalidInput) as refused:
        draft_case(
            world.actor(Role.REGISTRAR), world.campaign, kind=ErrataKind.MISSING,
            people=[Wrong(add_candidate(world))], contact=contact,
        )  # fmt: skip
    assert refused.value.code == code
    assert not ErrataCase.objects.exists()


def test_r160_the_database_holds_it_too():
    world = build_world()
    case = missing_case(world)
    with pytest.raises(IntegrityError), transaction.atomic():
        ErrataCase.objects.filter(pk=case.pk).update(telephone="")
    with pytest.raises(IntegrityError), transaction.atomic():
        put(ErrataCase.objects.filter(pk=case.pk), status=CaseStatus.SENT)
    with pytest.raises(IntegrityError), transaction.atomic():
        put(ErrataCase.objects.filter(pk=case.pk), status=CaseStatus.WITHDRAWN)


def test_the_same_error_of_a_person_is_open_once():
    world = build_world()
    case = missing_case(world)
    person = case.items.get().candidate
    with pytest.raises(Refusal, match=r"errata\.already_open"):
        draft(world, person)
    assert ErrataCase.objects.count() == 1
    steps.withdraw_case(world.actor(Role.REGISTRAR), case, reason="照片找到了")
    assert str(draft(world, person)) == "KW2026-0002"
    with pytest.raises(StepRefusal):
        steps.withdraw_case(world.actor(Role.REGISTRAR), case, reason="再次")


def test_r167_name_goes_to_the_registry_and_the_table_may_say_otherwise_by_field():
    world = build_world()
    person = add_candidate(world)
    case = draft(world, person, ErrataKind.DATA_WRONG, right={"name": "测试正"})
    assert case.corrector == Corrector.REGISTRY
    rule = world.campaign.rule_set.rules.get(key="errata.routes")
    rule.value = {**rule.value, "data_wrong.major": "agency"}
    rule.save()
    other = draft(world, person, ErrataKind.DATA_WRONG, right={"major": "软件工程"})
    assert other.corrector == Corrector.AGENCY
    with pytest.raises(Refusal, match=r"errata\.routes_differ"):
        draft(world, add_candidate(world, 2), ErrataKind.DATA_WRONG, right={"major": "软件工程", "name": "测试正"})
    rule.delete()
    assert draft(world, add_candidate(world, 3)).corrector == Corrector.AGENCY, "unset means the documented default"


def test_r168_a_college_leaves_what_goes_outside_to_the_registry():
    world = build_world()
    college = world.actor(Role.COLLEGE_OFFICER)
    case = draft(world, add_candidate(world), ErrataKind.NO_IMAGE, actor=college)
    with pytest.raises(Refusal, match=r"errata\.through_registry"):
        steps.send_case(college, case, on=TODAY(), channel=Channel.EMAIL, to="学信网")
    inside = draft(world, add_candidate(world, 2), ErrataKind.DATA_WRONG, actor=college, right={"name": "测试正"})
    hand_over(world, inside, by=Role.COLLEGE_OFFICER)
    assert inside.status == CaseStatus.RECEIVED


def test_r170_a_correction_takes_effect_with_a_second_persons_approval():
    world = build_world()
    person = add_candidate(world)
    number = made_up_id_number(9, male=True)
    case = draft(world, person, ErrataKind.DATA_WRONG, right={"name": "测试正", "id_number": number})
    hand_over(world, case)
    with pytest.raises(Refusal, match=r"errata\.four_eyes"):
        steps.correct_case(world.actor(Role.REGISTRAR), case, on=TODAY())
    person.refresh_from_db()
    assert person.name != "测试正"
    with pytest.raises(Refusal, match=r"errata\.not_the_corrector"):
        steps.correct_case(world.actor(Role.COLLECTION_CENTRE), case, on=TODAY())
    steps.correct_case(world.actor(Role.HEAD_OFFICE), case, on=TODAY())
    person.refresh_from_db()
    assert (person.name, person.id_number.decrypt(), person.id_number_index) == ("测试正", number, blind_index(number))
    assert number not in "".join(str(entry.detail) for entry in AuditEntry.objects.all())


def test_wrong_values_are_checked_like_the_graduates_own():
    world = build_world()
    with pytest.raises(CorrectionsRefusal) as refused:
        draft(world, add_candidate(world), ErrataKind.DATA_WRONG, right={"id_number": made_up_id_number(2)})
    assert set(refused.value.fields) == {"id_number"}
    with pytest.raises(CorrectionsRefusal):
        draft(world, add_candidate(world, 2), ErrataKind.DATA_WRONG)


def test_the_number_of_another_person_is_not_taken_over():
    world = build_world()
    person, other = add_candidate(world, 1), add_candidate(world, 3)
    case = draft(
        world, person, ErrataKind.DATA_WRONG, actor=world.actor(Role.COLLEGE_OFFICER),
        right={"id_number": other.id_number.decrypt()},
    )  # fmt: skip
    hand_over(world, case)
    with pytest.raises(Refusal, match=r"errata\.collides"):
        steps.correct_case(world.actor(Role.REGISTRAR), case, on=TODAY())
    case.refresh_from_db()
    assert case.status == CaseStatus.RECEIVED


def test_a_run_of_shifted_people_is_one_case_of_one_session():
    world = build_world()
    people = [add_graduate(world, n) for n in (1, 2, 3)]
    session = CaptureSession.objects.get()
    case = draft_case(
        world.actor(Role.REGISTRAR), world.campaign, kind=ErrataKind.DATA_SHIFTED,
        people=[Wrong(person) for person in people], contact=CONTACT, session=session,
    )  # fmt: skip
    assert [item.shooting_number for item in case.items.all()] == [1, 2, 3]
    assert (case.session, case.department) == (session, world.department)
    for wrong in ([Wrong(people[0])], [Wrong(people[0]), Wrong(people[0])]):
        with pytest.raises(InvalidInput, match=r"errata\.people"):
            draft_case(
                world.actor(Role.REGISTRAR), world.campaign, kind=ErrataKind.DATA_SHIFTED, people=wrong,
                contact=CONTACT, session=session,
            )  # fmt: skip


def test_people_of_several_departments_hang_at_the_school_out_of_a_colleges_hands():
    world = build_world()
    people = [add_candidate(world, 1), add_candidate(world, 2, department=world.other_department)]
    session = CaptureSession.objects.create(campaign=world.campaign, date=TODAY(), place="体育馆")
    wrong = [Wrong(person) for person in people]
    facts = {"kind": ErrataKind.DATA_SHIFTED, "people": wrong, "contact": CONTACT, "session": session}
    with pytest.raises(PermissionRefusal):
        draft_case(world.actor(Role.COLLEGE_OFFICER), world.campaign, **facts)
    assert draft_case(world.actor(Role.REGISTRAR), world.campaign, **facts).department == world.school


def test_r12_spring_and_autumn_stand_neither_in_one_case_nor_on_one_form():
    world = build_world()
    spring, autumn = add_candidate(world, 1), add_candidate(world, 2, season="autumn")
    session = CaptureSession.objects.create(campaign=world.campaign, date=TODAY(), place="体育馆")
    with pytest.raises(Refusal, match=r"errata\.seasons"):
        draft_case(
            world.actor(Role.REGISTRAR), world.campaign, kind=ErrataKind.DATA_SHIFTED,
            people=[Wrong(spring), Wrong(autumn)], contact=CONTACT, session=session,
        )  # fmt: skip
    with pytest.raises(Refusal, match=r"errata\.do_not_fit"):
        on_a_form(world, draft(world, spring), draft(world, autumn))


def _reshoot(world, case):
    """A session is open; the person sits down again and a frame is accepted and delivered."""
    session = CaptureSession.objects.create(campaign=world.campaign, date=TODAY(), place="补拍室", status="open")
    steps.seat_for_reshoot(world.actor(Role.PHOTOGRAPHER), case, session=session, nonce=uuid.uuid4())
    return session


def test_r137_r157_closed_eyes_lead_to_a_free_reshoot_with_its_reason():
    world = build_world()
    verification = open_case(world, 1)
    world.campaign.last_shooting_number = 1
    save(world.campaign)
    view_case(graduate(verification), verification)
    dispute_photo(graduate(verification), verification, reason="闭眼")
    case = draft_from_dispute(world.actor(Role.COLLEGE_OFFICER), verification, contact=CONTACT)
    assert (case.kind, case.corrector, case.facts.papers) == (ErrataKind.BAD_PHOTO, Corrector.CENTRE, ())
    steps.send_case(world.actor(Role.REGISTRAR), case, on=TODAY(), channel=Channel.BY_HAND, to="采集中心")
    steps.receive_case(world.actor(Role.COLLECTION_CENTRE), case, on=TODAY())
    with pytest.raises(Refusal, match=r"errata\.not_reshot"):
        steps.reshoot_case(world.actor(Role.COLLECTION_CENTRE), case, on=TODAY())
    _reshoot(world, case)
    first, second = CheckIn.objects.order_by("shooting_number")
    assert first.status == "cancelled"
    assert "免费重拍 KW2026-0001" in second.again_reason
    second.status = "confirmed"
    save(second)
    steps.reshoot_case(world.actor(Role.COLLECTION_CENTRE), case, on=TODAY())
    with pytest.raises(Refusal, match=r"errata\.photo_not_delivered"):
        steps.confirm_case(world.actor(Role.REGISTRAR), case)
    verification.refresh_from_db()
    assert verification.status == VerificationStatus.DISPUTED
    portrait = _deliver(world, second)
    steps.confirm_case(world.actor(Role.REGISTRAR), case)
    verification.refresh_from_db()
    assert (verification.status, verification.portrait_id) == (VerificationStatus.ANSWERED, portrait.pk)
    confirm(verification)
    with pytest.raises(StepRefusal):
        dispute_photo(graduate(verification), verification, reason="再次")


def _deliver(world, check_in):
    blob = blobs.put_photograph(jpeg(77))
    frame = Frame.objects.create(
        session=check_in.session, blob=blob, check_in=check_in, file_name="IMG_0077.JPG", status="accepted"
    )
    portrait = Portrait.objects.create(
        candidate=check_in.candidate, check_in=check_in, frame=frame, profile="mb2017_99", pipeline_version="test",
        blob=blob, width_px=48, height_px=64, provenance={},
    )  # fmt: skip
    package = Package.objects.get()
    Package.objects.filter(pk=package.pk).update(delivered_at="2026-11-20T00:00:00Z")
    PackageItem.objects.create(package=package, portrait=portrait, shooting_number=77)
    return portrait


def test_r168_b8_a_mended_image_opens_the_same_case_for_its_one_confirmation():
    world = build_world()
    verification = open_case(world, 1)
    view_case(graduate(verification), verification)
    dispute_photo(graduate(verification), verification, reason="图像模糊：看不清")
    case = draft_from_dispute(world.actor(Role.REGISTRAR), verification, contact=CONTACT)
    assert (case.kind, case.description) == (ErrataKind.BLURRED, "图像模糊：看不清")
    with pytest.raises(Refusal, match=r"errata\.already_open"):
        draft_from_dispute(world.actor(Role.REGISTRAR), verification, contact=CONTACT)
    at_the_agency(world, case)
    steps.correct_case(world.actor(Role.COLLECTION_CENTRE), case, on=TODAY())
    verification.refresh_from_db()
    assert verification.status == VerificationStatus.DISPUTED, "said to be mended, the photograph is the same"
    with pytest.raises(Refusal, match=r"errata\.not_proven"):
        steps.confirm_case(world.actor(Role.REGISTRAR), case)
    portrait = deliver_photograph(world, verification.candidate)
    steps.confirm_case(world.actor(Role.REGISTRAR), case)
    verification.refresh_from_db()
    assert (verification.status, verification.portrait_id) == (VerificationStatus.ANSWERED, portrait.pk)
    confirm(verification)


def test_r164_who_has_confirmed_gets_a_second_look_only_where_the_photograph_became_another():
    world = build_world()
    verification = open_case(world, 1)
    view_case(graduate(verification), verification)
    confirm(verification)
    case = draft(world, verification.candidate, ErrataKind.OTHER_PERSON)
    at_the_agency(world, case)
    steps.correct_case(world.actor(Role.COLLECTION_CENTRE), case, on=TODAY())
    verification.refresh_from_db()
    assert verification.status == VerificationStatus.CONFIRMED
    with pytest.raises(Refusal, match=r"errata\.not_disputed"):
        draft_from_dispute(world.actor(Role.REGISTRAR), verification, contact=CONTACT)


def test_two_errors_of_a_person_both_mended_before_he_verifies_again():
    world = build_world()
    verification = open_case(world, 1)
    view_case(graduate(verification), verification)
    dispute_photo(graduate(verification), verification, reason="图像模糊")
    blurred = draft_from_dispute(world.actor(Role.REGISTRAR), verification, contact=CONTACT)
    name = draft(
        world, verification.candidate, ErrataKind.DATA_WRONG, actor=world.actor(Role.COLLEGE_OFFICER),
        right={"name": "测试正"},
    )  # fmt: skip
    at_the_agency(world, blurred)
    deliver_photograph(world, verification.candidate)
    steps.correct_case(world.actor(Role.COLLECTION_CENTRE), blurred, on=TODAY())
    verification.refresh_from_db()
    assert verification.status == VerificationStatus.DISPUTED
    hand_over(world, name)
    steps.correct_case(world.actor(Role.REGISTRAR), name, on=TODAY())
    verification.refresh_from_db()
    assert verification.status == VerificationStatus.ANSWERED


def test_each_kind_is_mended_in_its_own_way_only():
    world = build_world()
    case = missing_case(world)
    at_the_agency(world, case)
    with pytest.raises(Refusal, match=r"errata\.other_remedy"):
        steps.correct_case(world.actor(Role.REGISTRAR), case, on=TODAY())
    with pytest.raises(Refusal, match=r"errata\.other_remedy"):
        _reshoot(world, case)


def test_dates_do_not_run_backwards_or_ahead():
    world = build_world()
    case = missing_case(world)
    form = on_a_form(world, case)
    seal(world, form)
    with pytest.raises(InvalidInput, match=r"errata\.date_ahead"):
        send(world, form, days_ago=-1)
    send(world, form, days_ago=1)
    with pytest.raises(InvalidInput, match=r"errata\.received_before_sent"):
        receive(world, form, days_ago=2)


@pytest.mark.parametrize("role", [Role.HEAD_OFFICE, Role.COLLECTION_CENTRE, Role.PHOTOGRAPHER, Role.AUDITOR])
def test_who_does_not_draft_is_refused(role):
    world = build_world()
    with pytest.raises(PermissionRefusal):
        draft(world, add_candidate(world), actor=world.actor(role))


def test_a_stranger_reaches_nothing():
    world = build_world()
    case = missing_case(world)
    for do in (
        lambda who: draft(world, add_candidate(world, 2), actor=who),
        lambda who: steps.withdraw_case(who, case, reason="x"),
        lambda who: papers.compile_form(who, world.campaign, cases=[case]),
    ):
        with pytest.raises(PermissionRefusal):
            do(world.stranger(Role.REGISTRAR))


def test_bulk_r168_many_cases_go_on_one_form_and_leave_it_by_withdrawal():
    world = build_world()
    cases = [missing_case(world, n) for n in (1, 2, 3)]
    form = on_a_form(world, *cases)
    cases[2].refresh_from_db()
    steps.withdraw_case(world.actor(Role.REGISTRAR), cases[2], reason="照片找到了")
    with pytest.raises(Refusal, match=r"errata\.not_a_draft"):
        on_a_form(world, cases[0])
    papers.dissolve_form(world.actor(Role.REGISTRAR), form)
    again = on_a_form(world, *cases[:2])
    assert (str(again), again.cases.count()) == ("KB2026-0002", 2)
    seal(world, again)
    with pytest.raises(Refusal, match=r"errata\.form_sealed"):
        papers.dissolve_form(world.actor(Role.REGISTRAR), again)
    assert ErrataItem.objects.filter(closed_at=None).count() == 2
