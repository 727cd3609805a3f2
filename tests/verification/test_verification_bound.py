"""A confirmation is bound to what was shown, and the record does not change under it (R163, R164, R170, R171)."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from errata.errata_world import TODAY, draft, hand_over
from gradphoto.apps.campaigns.models import Season
from gradphoto.apps.capture.models import CheckInStatus
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import InvalidInput, PermissionRefusal, Refusal
from gradphoto.apps.errata import steps
from gradphoto.apps.errata.kinds import ErrataKind
from gradphoto.apps.orgs.models import Membership, Role, User
from gradphoto.apps.registration.actions import (
    apply_again,
    apply_review,
    approve_at_head_office,
    approve_nationally,
    register_without_photo,
)
from gradphoto.apps.registration.bulk import register_unverified
from gradphoto.apps.registration.models import LedgerEntry
from gradphoto.apps.roster.actions import correct_candidate
from gradphoto.apps.verification.actions import expire_case, set_closing, view_case
from gradphoto.apps.verification.evidence import changed_since_confirmation
from gradphoto.apps.verification.models import CaseStatus, Opening, Reopening
from gradphoto.apps.verification.reopening import (
    approve_early_end,
    approve_reopening,
    propose_early_end,
    propose_reopening,
)
from verification.graduate_world import (
    confirm,
    confirmed_case,
    enter_portal,
    graduate,
    jpeg,
    let_the_day_pass,
    open_case,
    press_no_error,
    staff,
)
from verification.test_verification_opening import newer_portrait
from world import World, put, save

pytestmark = pytest.mark.django_db


def another_registrar(world: World) -> Actor:
    user = User.objects.create(username="registrar2", display_name="registrar2")
    Membership.objects.create(user=user, organisation=world.school, role=Role.REGISTRAR)
    return Actor.of(user)


def shown_by(phone) -> str:
    return re.search(r'name="shown"\s+value="([0-9a-f]{64})"', phone.get("/verify/compare/").content.decode())[1]


def change_the_major(world, case, to="软件工程") -> None:
    """The registry writes to the record of somebody who is on the accepted list."""
    case.candidate.refresh_from_db()
    correct_candidate(world.actor(Role.REGISTRAR), case.candidate, field="major", value=to, reason="核对学籍")


def soon(days=14):
    return timezone.localdate() + timedelta(days=days)


# --- what is confirmed is what was shown ---


def test_r163_a_second_tab_confirms_no_correction_that_it_never_showed(world):
    case = open_case(world, 1)
    phone, tab = enter_portal(case.candidate), enter_portal(case.candidate)
    old = shown_by(tab)
    phone.post("/verify/correct/", {"wrong": ["major"], "value_major": "软件工程"})
    answer = tab.post("/verify/confirm/", {"own": "yes", "shown": old})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "verification.changed_meanwhile" in page
    assert "软件工程" in page, "the page shows the new state, to be compared once more"
    case.refresh_from_db()
    assert case.status == CaseStatus.CORRECTED
    assert tab.post("/verify/confirm/", {"own": "yes", "shown": shown_by(tab)}).url == "/verify/final/"


def test_r163_a_change_of_the_registry_meanwhile_is_not_confirmed_by_the_old_page(world):
    case = open_case(world, 1)
    phone = enter_portal(case.candidate)
    old = shown_by(phone)
    change_the_major(world, case)
    assert phone.post("/verify/confirm/", {"own": "yes", "shown": old}).status_code == 409
    case.refresh_from_db()
    assert case.status == CaseStatus.VIEWED
    assert press_no_error(phone).url == "/verify/final/"


@pytest.mark.parametrize("shown", ["", "0" * 64, "x"])
def test_r163_a_confirmation_without_the_pages_own_fingerprint_does_not_count(world, shown):
    case = open_case(world, 1)
    phone = enter_portal(case.candidate)
    assert phone.post("/verify/confirm/", {"own": "yes", "shown": shown}).status_code == 409
    case.refresh_from_db()
    assert case.status == CaseStatus.VIEWED


def test_r163_one_persons_page_confirms_nobody_else(world):
    first, second = open_case(world, 1), open_case(world, 2)
    phones = enter_portal(first.candidate), enter_portal(second.candidate, 2)
    assert phones[1].post("/verify/confirm/", {"own": "yes", "shown": shown_by(phones[0])}).status_code == 409


def test_r98_a_photograph_that_stands_no_more_is_not_confirmed(world):
    case = open_case(world, 1)
    phone = enter_portal(case.candidate)
    shown = shown_by(phone)
    case.portrait.check_in.status = CheckInStatus.CANCELLED
    save(case.portrait.check_in)
    answer = phone.post("/verify/confirm/", {"own": "yes", "shown": shown})
    assert answer.status_code == 409
    assert "verification.photo_withdrawn" in answer.content.decode()


# --- afterwards the record does not change under it ---


def test_r170_a_record_changed_after_the_confirmation_stays_out_of_the_ledger_and_the_review_shows_it(world):
    case = confirmed_case(world, 1)
    review = apply_review(world.actor(Role.COLLEGE_OFFICER), case)
    change_the_major(world, case)
    case.refresh_from_db()
    assert changed_since_confirmation(case) == ("major",)
    with pytest.raises(Refusal, match=r"verification\.changed_after_confirmation"):
        approve_at_head_office(world.actor(Role.HEAD_OFFICE), review)
    for address in ("/registration/reviews/?stage=applied", f"/registration/reviews/{review.pk}/"):
        page = staff(world, Role.HEAD_OFFICE).get(address).content.decode()
        assert "确认后有变动" in page, address
    assert not LedgerEntry.objects.exists()


def test_r170_the_last_step_sees_a_change_made_after_the_head_office(world):
    case = confirmed_case(world, 1)
    review = apply_review(world.actor(Role.COLLEGE_OFFICER), case)
    approve_at_head_office(world.actor(Role.HEAD_OFFICE), review)
    change_the_major(world, case)
    with pytest.raises(Refusal, match=r"verification\.changed_after_confirmation"):
        approve_nationally(world.actor(Role.NATIONAL_REVIEWER), review)


def test_r170_the_graduates_own_corrections_are_no_change_under_it(world):
    case = confirmed_case(world, 1, entered={"major": "软件工程"})
    review = apply_review(world.actor(Role.COLLEGE_OFFICER), case)
    approve_at_head_office(world.actor(Role.HEAD_OFFICE), review)
    entry = approve_nationally(world.actor(Role.NATIONAL_REVIEWER), review)
    assert entry.facts["major"] == "软件工程"


def test_r170_a_second_look_is_asked_by_one_approved_by_another_and_begins_the_review_anew(world):
    case = confirmed_case(world, 1)
    review = apply_review(world.actor(Role.COLLEGE_OFFICER), case)
    change_the_major(world, case)
    registrar = world.actor(Role.REGISTRAR)
    made = propose_reopening(registrar, case, reason="专业已由省厅更正，附件1", until=soon())
    with pytest.raises(Refusal, match=r"verification\.same_person"):
        approve_reopening(registrar, made)
    with pytest.raises(PermissionRefusal):
        approve_reopening(world.actor(Role.COLLEGE_OFFICER), made)
    approve_reopening(another_registrar(world), made)
    case.refresh_from_db()
    review.refresh_from_db()
    assert (case.status, review.status) == (CaseStatus.ANSWERED, "returned")
    phone = enter_portal(case.candidate)
    page = phone.get("/verify/compare/").content.decode()
    assert "软件工程" in page
    assert "学校更正了：专业名称" in page
    assert press_no_error(phone).url == "/verify/final/"
    apply_again(world.actor(Role.COLLEGE_OFFICER), review)
    approve_at_head_office(world.actor(Role.HEAD_OFFICE), review)
    assert approve_nationally(world.actor(Role.NATIONAL_REVIEWER), review).facts["major"] == "软件工程"


def test_r164_nobody_gets_a_second_look_where_nothing_changed(world):
    case = confirmed_case(world, 1)
    with pytest.raises(Refusal, match=r"verification\.nothing_changed"):
        propose_reopening(world.actor(Role.REGISTRAR), case, reason="本人后悔", until=soon())


def test_r170_a_second_look_outlasts_the_seasons_closing_day(world):
    case = confirmed_case(world, 1)
    change_the_major(world, case)
    let_the_day_pass(world)
    made = propose_reopening(world.actor(Role.REGISTRAR), case, reason="更正", until=soon())
    approve_reopening(world.actor(Role.HEAD_OFFICE), made)
    case.refresh_from_db()
    with pytest.raises(Refusal, match=r"verification\.before_closing_day"):
        expire_case(world.actor(Role.REGISTRAR), case)
    assert register_unverified(world.actor(Role.REGISTRAR), world.campaign) == 0
    assert press_no_error(enter_portal(case.candidate)).url == "/verify/final/"


def test_r170_an_errata_that_two_persons_answer_for_reopens_the_case(world):
    case = confirmed_case(world, 1)
    error = draft(
        world,
        case.candidate,
        ErrataKind.DATA_WRONG,
        actor=world.actor(Role.COLLEGE_OFFICER),
        right={"major": "软件工程"},
    )
    hand_over(world, error)
    steps.correct_case(world.actor(Role.REGISTRAR), error, on=TODAY())
    case.refresh_from_db()
    made = Reopening.objects.get()
    assert case.status == CaseStatus.ANSWERED
    assert (made.changed, made.status) == (["major"], "approved")
    assert {made.proposed_by.username, made.decided_by.username} == {"college_officer", "registrar"}


def test_r1_another_photograph_delivered_after_the_confirmation_is_seen_by_the_review(world):
    case = confirmed_case(world, 1)
    review = apply_review(world.actor(Role.COLLEGE_OFFICER), case)
    case.portrait.check_in.status = CheckInStatus.CANCELLED
    save(case.portrait.check_in)
    assert changed_since_confirmation(case) == ("photograph",)
    with pytest.raises(Refusal, match=r"verification\.changed_after_confirmation"):
        approve_at_head_office(world.actor(Role.HEAD_OFFICE), review)


def test_r170_the_walk_on_the_pages(world):
    case = confirmed_case(world, 1)
    change_the_major(world, case)
    office = staff(world, Role.REGISTRAR)
    page = office.get(f"/verification/{case.pk}/").content.decode()
    assert "确认后有变动" in page
    lacking = office.post(f"/verification/{case.pk}/", {"form": "propose_reopening", "reason": ""})
    assert lacking.status_code == 422
    office.post(
        f"/verification/{case.pk}/", {"form": "propose_reopening", "reason": "附省厅批复", "until": str(soon())}
    )
    made = Reopening.objects.get()
    assert "批准重新校对" not in office.get(f"/verification/reopenings/{made.pk}/").content.decode()
    head = staff(world, Role.HEAD_OFFICE)
    assert "待另一人批准" in head.get("/verification/").content.decode()
    assert "附省厅批复" in head.get(f"/verification/reopenings/{made.pk}/").content.decode()
    head.post(f"/verification/reopenings/{made.pk}/", {"form": "approve_reopening", "seen": "on"})
    case.refresh_from_db()
    assert case.status == CaseStatus.ANSWERED


# --- the published day ---


def publish(world, days):
    opening = Opening.objects.get()
    set_closing(world.actor(Role.REGISTRAR), opening, closes_on=soon(days))
    return opening


@pytest.mark.parametrize("days", [None, 0, 21])
@pytest.mark.usefixtures("still_clock")
def test_r171_nobody_is_registered_before_the_published_day_has_passed(world, days):
    case = open_case(world, 1)
    if days is not None:
        publish(world, days)
    registrar = world.actor(Role.REGISTRAR)
    for step in (
        lambda: register_unverified(registrar, world.campaign),
        lambda: register_unverified(registrar, world.campaign, season=Season.SPRING),
        lambda: expire_case(registrar, case),
        lambda: register_without_photo(registrar, case.candidate),
    ):
        with pytest.raises(Refusal, match=r"verification\.before_closing_day"):
            step()
    answer = staff(world, Role.REGISTRAR).post(
        f"/registration/ledger/close/?campaign={world.campaign.pk}", {"reason": "提前", "sure": "yes"}
    )
    assert answer.status_code == 409
    assert not LedgerEntry.objects.exists()
    case.refresh_from_db()
    assert case.status == CaseStatus.OPEN


def test_r171_not_even_a_closed_campaign_brings_the_day_forward(world):
    open_case(world, 1)
    publish(world, 21)
    put(type(world.campaign).objects.all(), status="closed")
    world.campaign.refresh_from_db()
    with pytest.raises(Refusal, match=r"verification\.before_closing_day"):
        register_unverified(world.actor(Role.REGISTRAR), world.campaign)


def test_r171_a_published_day_is_brought_forward_by_two_persons_and_published_first(world):
    open_case(world, 1)
    opening, registrar = publish(world, 21), world.actor(Role.REGISTRAR)
    with pytest.raises(Refusal, match=r"verification\.closing_earlier"):
        set_closing(registrar, opening, closes_on=soon(3))
    with pytest.raises(InvalidInput):
        propose_early_end(registrar, opening, closes_on=soon(30), reason="全体已校对")
    made = propose_early_end(registrar, opening, closes_on=soon(3), reason="本季毕业生已全部离校")
    with pytest.raises(Refusal, match=r"verification\.same_person"):
        approve_early_end(registrar, made)
    approve_early_end(world.actor(Role.HEAD_OFFICE), made)
    opening.refresh_from_db()
    assert opening.closes_on == soon(3)
    with pytest.raises(Refusal, match=r"verification\.before_closing_day"):
        register_unverified(registrar, world.campaign)
    let_the_day_pass(world)
    assert register_unverified(registrar, world.campaign) == 1


def test_r171_the_walk_of_an_early_end_on_the_pages(world):
    open_case(world, 1)
    opening = publish(world, 21)
    office, head = staff(world, Role.REGISTRAR), staff(world, Role.HEAD_OFFICE)
    address = f"/verification/openings/{opening.pk}/"
    assert "提出提前截止" in office.get(address).content.decode()
    office.post(address, {"form": "propose_early_end", "closes_on": str(soon(3)), "reason": "已全部离校"})
    made = opening.early_ends.get()
    decision = f"/verification/early-ends/{made.pk}/"
    assert "批准并公布" not in office.get(decision).content.decode()
    assert "批准并公布" in head.get(decision).content.decode()
    head.post(decision, {"form": "approve_early_end", "seen": "on"})
    opening.refresh_from_db()
    assert opening.closes_on == soon(3)


def test_r1_who_has_not_confirmed_sees_the_photograph_delivered_last(world):
    case = open_case(world, 1)
    newer = newer_portrait(case)
    view_case(graduate(case), case)
    assert enter_portal(case.candidate).get("/verify/photo/").content == jpeg(77)
    confirm(case)
    assert case.portrait_id == newer.pk
