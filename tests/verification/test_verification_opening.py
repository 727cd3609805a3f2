"""When a school opens and closes, what a graduate is told meanwhile, and how a disputed case gets on."""

from datetime import date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from gradphoto.apps.campaigns.models import Rule
from gradphoto.apps.capture.models import CheckIn
from gradphoto.apps.core import blobs
from gradphoto.apps.core.errors import PermissionRefusal, Refusal, StepRefusal
from gradphoto.apps.delivery.models import Package, PackageItem, Portrait
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.verification.actions import (
    confirm_case,
    dispute_photo,
    expire_case,
    open_cases,
    set_closing,
    settle_dispute,
    submit_corrections,
    view_case,
)
from gradphoto.apps.verification.evidence import fingerprint
from gradphoto.apps.verification.models import CaseStatus, Opening, VerificationCase
from verification.graduate_world import (
    SHOT_AT,
    add_graduate,
    at_once,
    audited,
    card_of,
    confirm,
    enter_portal,
    graduate,
    jpeg,
    let_the_day_pass,
    open_case,
    press_no_error,
    several_connections,
    staff,
)
from world import build_world

pytestmark = pytest.mark.django_db


def on(day: date):
    return time_machine.travel(datetime(day.year, day.month, day.day, 9, tzinfo=ZoneInfo("Asia/Shanghai")), tick=False)


def newer_portrait(case: VerificationCase, n: int = 77) -> Portrait:
    """A retake that was delivered in a package of its own."""
    old = case.portrait
    blob = blobs.put_photograph(jpeg(n))
    made = Portrait.objects.create(
        candidate=case.candidate, check_in=old.check_in, frame=old.frame, profile=old.profile,
        pipeline_version="again", blob=blob, width_px=48, height_px=64, provenance={},
    )  # fmt: skip
    first = Package.objects.first()
    package = Package.objects.create(
        campaign=first.campaign, organisation=first.organisation, season=first.season, status="delivered", number=99
    )
    PackageItem.objects.create(package=package, portrait=made, shooting_number=n)
    return made


def test_b4_verification_opens_on_the_fortieth_day_and_not_before():
    world = build_world()
    add_graduate(world, 1)
    registrar = world.actor(Role.REGISTRAR)
    with on(SHOT_AT.date() + timedelta(days=39)), pytest.raises(Refusal) as refused:
        open_cases(registrar, world.campaign)
    assert refused.value.code == "verification.too_early"
    assert "2026-10-24" in refused.value.message.zh
    with on(SHOT_AT.date() + timedelta(days=40)):
        assert open_cases(registrar, world.campaign) == 1


def test_b4_who_was_photographed_later_waits_while_the_others_open():
    world = build_world()
    add_graduate(world, 1)
    late = add_graduate(world, 2)
    CheckIn.objects.filter(candidate=late).update(at=SHOT_AT + timedelta(days=20))
    with on(SHOT_AT.date() + timedelta(days=45)):
        assert open_cases(world.actor(Role.REGISTRAR), world.campaign) == 1
    with on(SHOT_AT.date() + timedelta(days=60)):
        assert open_cases(world.actor(Role.REGISTRAR), world.campaign) == 1


def test_b4_opening_earlier_needs_a_reason_which_is_on_record():
    world = build_world()
    add_graduate(world, 1)
    with on(SHOT_AT.date() + timedelta(days=3)):
        assert open_cases(world.actor(Role.REGISTRAR), world.campaign, early_reason="省厅通知提前") == 1
    assert audited("verification.open_cases")[-1].detail["early_reason"] == "省厅通知提前"
    assert Opening.objects.get().early_reason == "省厅通知提前"


def test_b4_a_rule_set_without_days_means_the_forty_of_the_leaflet():
    world = build_world()
    Rule.objects.filter(key="verification.earliest_days").delete()
    add_graduate(world, 1)
    with on(SHOT_AT.date() + timedelta(days=39)), pytest.raises(Refusal, match=r"verification\.too_early"):
        open_cases(world.actor(Role.REGISTRAR), world.campaign)
    with on(SHOT_AT.date() + timedelta(days=40)):
        assert open_cases(world.actor(Role.REGISTRAR), world.campaign) == 1


def test_r161_schools_that_were_photographed_are_listed_with_their_dates():
    world = build_world()
    add_graduate(world, 1)
    page = Client().get("/verify/").content.decode()
    assert "尚未开放的院校" in page
    assert "最早 2026-10-24" in page
    assert "承诺 2026-11-13" in page


@pytest.mark.usefixtures("still_clock")
def test_r171_the_closing_day_is_published_counted_down_and_shuts_the_door():
    world = build_world()
    case = open_case(world, 1)
    opening = Opening.objects.get()
    closes = timezone.localdate() + timedelta(days=5)
    office = staff(world, Role.REGISTRAR)
    publish = {"form": "set_closing", "row": opening.pk, "closes_on": closes.isoformat()}
    assert office.post("/verification/", publish).status_code == 302
    assert "还剩 5 天" in enter_portal(case.candidate).get("/verify/compare/").content.decode()
    with time_machine.travel(datetime.now(ZoneInfo("Asia/Shanghai")) + timedelta(days=6), tick=False):
        phone = enter_portal(case.candidate)
        assert phone.get("/verify/compare/").url == "/verify/status/"
        assert phone.post("/verify/confirm/", {"own": "yes", "shown": ""}).status_code == 409
        with pytest.raises(Refusal) as refused:
            confirm(case)
        assert refused.value.code == "verification.not_open"


def test_the_closing_day_lies_ahead_and_is_the_registrars():
    world = build_world()
    open_case(world, 1)
    opening = Opening.objects.get()
    with pytest.raises(Refusal) as refused:
        set_closing(world.actor(Role.REGISTRAR), opening, closes_on=timezone.localdate() - timedelta(days=1))
    assert refused.value.code == "verification.closing_past"
    with pytest.raises(PermissionRefusal):
        set_closing(world.actor(Role.COLLEGE_OFFICER), opening, closes_on=timezone.localdate())


def test_b8_after_the_schools_answer_the_graduate_sees_the_new_photograph_and_confirms_himself():
    world = build_world()
    case = open_case(world, 1)
    phone = enter_portal(case.candidate)
    phone.post("/verify/dispute/", {"reason": "blurred"})
    assert phone.get("/verify/photo/").status_code == 404
    newer = newer_portrait(case)
    office = staff(world, Role.REGISTRAR)
    assert "新交付的照片" in office.get(f"/verification/{case.pk}/").content.decode()
    office.post(
        f"/verification/{case.pk}/", {"form": "settle_dispute", "photo": "newer", "answer": "已免费重拍，请重新核对"}
    )
    page = phone.get("/verify/compare/").content.decode()
    assert "已免费重拍" in page
    assert phone.get("/verify/photo/").content == jpeg(77)
    press_no_error(phone)
    case.refresh_from_db()
    assert (case.status, case.portrait_id) == (CaseStatus.CONFIRMED, newer.pk)


def test_b8_a_photograph_that_is_right_stays_and_the_case_goes_on():
    world = build_world()
    case = open_case(world, 1)
    view_case(graduate(case), case)
    dispute_photo(graduate(case), case, reason="发色不对")
    before = case.portrait_id
    settle_dispute(world.actor(Role.COLLECTION_CENTRE), case, answer="照片按规定不作修饰")
    assert (case.status, case.portrait_id) == (CaseStatus.ANSWERED, before)
    confirm(case)
    with pytest.raises(StepRefusal):
        settle_dispute(world.actor(Role.REGISTRAR), case, answer="再答")


def test_b8_only_a_delivered_newer_photograph_of_the_same_person_replaces_it():
    world = build_world()
    case, other = open_case(world, 1), open_case(world, 2)
    view_case(graduate(case), case)
    dispute_photo(graduate(case), case, reason="不是本人")
    for portrait in (other.portrait, case.portrait):
        with pytest.raises(Refusal) as refused:
            settle_dispute(world.actor(Role.REGISTRAR), case, answer="换", portrait=portrait)
        assert refused.value.code == "verification.not_a_replacement"
    with pytest.raises(PermissionRefusal):
        settle_dispute(world.actor(Role.COLLEGE_OFFICER), case, answer="换")


def test_r171_a_disputed_case_may_end_unverified():
    world = build_world()
    case = open_case(world, 1)
    view_case(graduate(case), case)
    dispute_photo(graduate(case), case, reason="闭眼")
    let_the_day_pass(world)
    expire_case(world.actor(Role.REGISTRAR), case)
    assert "校对已截止" in enter_portal(case.candidate).get("/verify/status/").content.decode()


def test_the_status_page_tells_who_has_the_case_and_what_comes_next():
    world = build_world()
    case = open_case(world, 1)
    phone = enter_portal(case.candidate)
    press_no_error(phone)
    page = enter_portal(case.candidate).get("/verify/status/").content.decode()
    assert "现在由谁办理" in page
    assert "<strong>计算机学院</strong>" in page
    assert "向学校总部申请审核" in page


@pytest.mark.django_db(transaction=True)
def test_r164_correcting_in_one_tab_and_confirming_in_another_leave_one_truth(tmp_path):
    world = build_world()
    case = open_case(world, 1)
    view_case(graduate(case), case)
    with several_connections(tmp_path):
        copies = [VerificationCase.objects.get(pk=case.pk) for _ in range(6)]
        calls = [
            partial(confirm_case, graduate(case), copy, shown=fingerprint(case))
            if n % 2
            else partial(submit_corrections, graduate(case), copy, entered={"major": f"软件工程{n}"})
            for n, copy in enumerate(copies)
        ]
        at_once(*calls)
        case = VerificationCase.objects.get(pk=case.pk)
        confirmed = audited("verification.confirm_case")
        # Whoever was first made the other tabs' pages out of date: a correction never shown is never confirmed.
        if case.status == CaseStatus.CONFIRMED:
            assert (len(confirmed), confirmed[0].detail["corrected"]) == (1, [])
            assert not case.corrections.exists()
        else:
            assert (case.status, confirmed) == (CaseStatus.CORRECTED, [])


@pytest.mark.django_db(transaction=True)
def test_two_registrars_who_open_at_once_give_one_case_a_person(tmp_path):
    world = build_world()
    for n in range(1, 6):
        add_graduate(world, n)
    actor = world.actor(Role.REGISTRAR)
    with several_connections(tmp_path):
        outcomes = at_once(*(partial(open_cases, actor, type(world.campaign).objects.get()) for _ in range(3)))
        assert sorted(outcomes) == [0, 0, 5]
        assert VerificationCase.objects.count() == 5


def _post(page: str, **fields: str):
    return lambda phone: phone.post(page, fields)


def _get(page: str):
    return lambda phone: phone.get(page)


def _questions(asked: CaptureQueriesContext) -> list[str]:
    kinds, keys = ("SELECT", "INSERT", "UPDATE", "DELETE"), ("sqlite_sequence", "nextval(")
    told = [query["sql"] for query in asked]
    return [sql[:110] for sql in told if sql.split()[0] in kinds and not any(key in sql for key in keys)]


CORRECTED, CONFIRMED, DISPUTED = (
    _post("/verify/correct/", wrong="major", value_major="软件工程"),
    press_no_error,
    _post("/verify/dispute/", reason="blurred"),
)


@pytest.mark.parametrize(
    ("before", "request_page", "answer", "questions"),
    [
        (None, _get("/verify/"), 200, 2),
        (None, _get("/verify/sign-in/"), 200, 0),
        (None, _get("/verify/compare/"), 200, 1),
        (None, _get("/verify/correct/"), 200, 1),
        (None, _get("/verify/dispute/"), 200, 1),
        (None, _get("/verify/photo/"), 200, 1),
        (None, _get("/verify/not-yet/"), 302, 1),
        (CORRECTED, _get("/verify/result/"), 200, 2),
        (CORRECTED, _get("/verify/compare/"), 200, 2),
        (CONFIRMED, _get("/verify/final/"), 200, 1),
        (DISPUTED, _get("/verify/status/"), 200, 2),
        (None, CONFIRMED, 302, 12),  # with the reading of the page that it confirms, and what was confirmed kept
        (None, CORRECTED, 302, 11),
        (None, DISPUTED, 302, 7),
        (None, _post("/verify/sign-out/"), 302, 1),
    ],
)
def test_every_page_asks_the_database_a_fixed_number_of_questions(before, request_page, answer, questions):
    """Neither more people nor more schools make a page ask more; savepoints and a new record's key are no questions."""
    world = build_world()
    case = open_case(world, 1)
    for n in range(2, 8):
        open_case(world, n)
    phone = enter_portal(case.candidate)
    if before:
        before(phone)
    with CaptureQueriesContext(connection) as asked:
        assert request_page(phone).status_code == answer
    told = _questions(asked)
    assert len(told) == questions, "\n".join(told)


def test_a_log_in_and_the_status_afterwards_ask_a_fixed_number_too():
    world = build_world()
    case, waiting = open_case(world, 1), add_graduate(world, 2)
    enter_portal(case.candidate)  # the first entry begins the department's audit chain
    for fields, questions in ((card_of(case.candidate), 13), (card_of(waiting, 2), 6)):
        with CaptureQueriesContext(connection) as asked:
            assert Client().post("/verify/sign-in/", fields).status_code == 302
        told = _questions(asked)
        assert len(told) == questions, "\n".join(told)
    phone = enter_portal(case.candidate)
    CONFIRMED(phone)
    phone = enter_portal(case.candidate)
    with CaptureQueriesContext(connection) as asked:
        assert phone.get("/verify/status/").status_code == 200
    assert len(asked) == 2


def test_r171_who_is_delivered_after_the_closing_day_still_has_time_to_look():
    """Else one tick closed somebody whose photograph came late and who never could verify."""
    world = build_world()
    early = open_case(world, 1)
    let_the_day_pass(world)
    late = open_case(world, 2)
    assert (early.reopened_until, late.reopened_until) == (None, timezone.localdate() + timedelta(days=14))
    registrar = world.actor(Role.REGISTRAR)
    with pytest.raises(Refusal, match="before_closing_day"):
        expire_case(registrar, late)
    view_case(graduate(late), late)
    with time_machine.travel(timezone.now() + timedelta(days=15)):
        expire_case(registrar, late)
    expire_case(registrar, early)
