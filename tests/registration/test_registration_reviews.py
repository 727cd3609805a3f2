"""The three-step review: who may do what, in which order, by how many persons (R163 steps 10-12, R170)."""

import pytest

from gradphoto.apps.core.encryption import blind_index
from gradphoto.apps.core.errors import PermissionRefusal, Refusal, StepRefusal
from gradphoto.apps.core.models import Job, JobState
from gradphoto.apps.orgs.models import Membership, Role
from gradphoto.apps.registration.actions import (
    apply_again,
    apply_review,
    approve_at_head_office,
    approve_nationally,
    return_review,
)
from gradphoto.apps.registration.bulk import advance_reviews, apply_confirmed
from gradphoto.apps.registration.models import LedgerEntry, Review, ReviewStatus
from gradphoto.apps.verification.models import VerificationCase
from page_text import flat
from verification.graduate_world import audited, confirmed_case, open_case, run_jobs, staff
from world import build_world, made_up_id_number

pytestmark = pytest.mark.django_db


def test_r163_centre_head_office_and_national_centre_in_this_order():
    world = build_world()
    case = confirmed_case(world, 1)
    review = apply_review(world.actor(Role.COLLEGE_OFFICER), case)
    with pytest.raises(StepRefusal):
        approve_nationally(world.actor(Role.NATIONAL_REVIEWER), review)
    approve_at_head_office(world.actor(Role.HEAD_OFFICE), review)
    with pytest.raises(StepRefusal):
        approve_at_head_office(world.actor(Role.HEAD_OFFICE), review)
    entry = approve_nationally(world.actor(Role.NATIONAL_REVIEWER), review)
    assert (entry.number, entry.kind, entry.portrait) == (1, "with_photo", case.portrait)
    assert review.status == ReviewStatus.APPROVED


def test_nobody_applies_for_an_unconfirmed_case_or_twice():
    world = build_world()
    officer = world.actor(Role.COLLEGE_OFFICER)
    with pytest.raises(Refusal, match=r"registration\.not_confirmed"):
        apply_review(officer, open_case(world, 1))
    case = confirmed_case(world, 2)
    apply_review(officer, case)
    with pytest.raises(Refusal, match=r"registration\.already_applied"):
        apply_review(officer, case)


def test_only_the_persons_own_department_applies():
    world = build_world()
    case = confirmed_case(world, 1, department=world.other_department)
    for actor in (world.actor(Role.COLLEGE_OFFICER), world.actor(Role.LEARNING_CENTRE), world.actor(Role.HEAD_OFFICE)):
        with pytest.raises(PermissionRefusal):
            apply_review(actor, case)
    outside = confirmed_case(world, 2, department=world.learning_centre)
    assert apply_review(world.actor(Role.LEARNING_CENTRE), outside).status == ReviewStatus.APPLIED


def test_four_eyes_the_applicant_does_not_approve():
    world = build_world()
    case = confirmed_case(world, 1)
    both = world.people[Role.COLLEGE_OFFICER]
    Membership.objects.create(user=both, organisation=world.school, role=Role.HEAD_OFFICE)
    review = apply_review(world.actor(Role.COLLEGE_OFFICER), case)
    with pytest.raises(Refusal, match=r"registration\.same_person"):
        approve_at_head_office(world.actor(Role.COLLEGE_OFFICER), review)
    approve_at_head_office(world.actor(Role.HEAD_OFFICE), review)
    Membership.objects.create(
        user=world.people[Role.HEAD_OFFICE], organisation=world.national, role=Role.NATIONAL_REVIEWER
    )
    with pytest.raises(Refusal, match=r"registration\.same_person"):
        approve_nationally(world.actor(Role.HEAD_OFFICE), review)
    assert not LedgerEntry.objects.exists()


def test_r170_corrections_take_effect_with_the_head_offices_approval_and_not_before():
    world = build_world()
    number = made_up_id_number(50, male=True)
    case = confirmed_case(world, 1, {"name": "测试改", "id_number": number})
    person = case.candidate
    review = apply_review(world.actor(Role.COLLEGE_OFFICER), case)
    person.refresh_from_db()
    assert person.name != "测试改"
    approve_at_head_office(world.actor(Role.HEAD_OFFICE), review)
    person.refresh_from_db()
    assert person.name == "测试改"
    assert person.id_number.decrypt() == number
    assert person.id_number_index == blind_index(number)
    assert all(correction.applied_at for correction in case.corrections.all())
    entry = audited("registration.correct_candidate")[0]
    assert entry.target_key == str(person.pk)
    assert entry.detail == {"fields": ["id_number", "name"]}
    registered = approve_nationally(world.actor(Role.NATIONAL_REVIEWER), review)
    assert (registered.name, registered.id_number.decrypt()) == ("测试改", number)


def test_a_correction_that_makes_two_persons_one_is_refused_whole():
    world = build_world()
    other = open_case(world, 3).candidate
    case = confirmed_case(world, 1, {"id_number": other.id_number.decrypt()})
    review = apply_review(world.actor(Role.COLLEGE_OFFICER), case)
    with pytest.raises(Refusal, match=r"registration\.correction_collides"):
        approve_at_head_office(world.actor(Role.HEAD_OFFICE), review)
    stored = Review.objects.get(pk=review.pk)
    assert (stored.status, stored.head_by) == (ReviewStatus.APPLIED, None)


def test_a_return_tells_why_and_an_unfounded_correction_can_be_withdrawn():
    world = build_world()
    case = confirmed_case(world, 1, {"major": "软件工程", "level": "专科"})
    officer, head = world.actor(Role.COLLEGE_OFFICER), world.actor(Role.HEAD_OFFICE)
    review = apply_review(officer, case)
    with pytest.raises(Refusal, match=r"registration\.reason_missing"):
        return_review(head, review, reason="  ")
    return_review(head, review, reason="专科与学籍不符")
    assert review.status == ReviewStatus.RETURNED
    apply_again(officer, review, withdraw=["level"])
    approve_at_head_office(head, review)
    case.candidate.refresh_from_db()
    assert (case.candidate.major, case.candidate.level) == ("软件工程", "本科")


def test_the_national_centre_may_return_it_too():
    world = build_world()
    review = apply_review(world.actor(Role.COLLEGE_OFFICER), confirmed_case(world, 1))
    approve_at_head_office(world.actor(Role.HEAD_OFFICE), review)
    return_review(world.actor(Role.NATIONAL_REVIEWER), review, reason="图像底色不符")
    apply_again(world.actor(Role.COLLEGE_OFFICER), review)
    assert (review.status, review.head_by) == (ReviewStatus.APPLIED, None)


@pytest.mark.parametrize("role", [Role.HEAD_OFFICE, Role.NATIONAL_REVIEWER])
def test_a_strangers_office_approves_nothing(role):
    world = build_world()
    review = apply_review(world.actor(Role.COLLEGE_OFFICER), confirmed_case(world, 1))
    with pytest.raises(PermissionRefusal):
        approve_at_head_office(world.stranger(role), review)
    browser = staff(world, role, stranger=True)
    assert browser.get(f"/registration/reviews/{review.pk}/").status_code == 404
    assert "2022000001" not in browser.get("/registration/reviews/?stage=applied").content.decode()


def test_bulk_steps_go_on_past_a_refusal():
    world = build_world()
    officer, head = world.actor(Role.COLLEGE_OFFICER), world.actor(Role.HEAD_OFFICE)
    ready = [confirmed_case(world, n) for n in (1, 2)]
    unready = open_case(world, 3)
    result = apply_confirmed(officer, world.campaign, cases=[ready[0], unready, ready[1]])
    assert result.done == 2
    assert [refused.error.code for refused in result.refused] == ["registration.not_confirmed"]
    approve_at_head_office(head, Review.objects.get(case=ready[0]))
    again = advance_reviews(
        head, world.campaign, action_name="registration.approve_at_head_office", reviews=Review.objects.all()
    )
    assert again.done == 1
    assert [refused.error.code for refused in again.refused] == ["core.step_not_allowed"]


def test_bulk_knows_only_the_reviews_steps():
    world = build_world()
    with pytest.raises(Refusal, match=r"registration\.step_unknown"):
        advance_reviews(
            world.actor(Role.HEAD_OFFICE), world.campaign, action_name="orgs.grant_role", reviews=Review.objects.all()
        )


def test_the_list_shows_corrections_on_top():
    world = build_world()
    for n, entered in ((1, None), (2, None), (3, {"major": "软件工程"})):
        confirmed_case(world, n, entered)
    page = flat(staff(world, Role.COLLEGE_OFFICER).get("/registration/reviews/"))
    places = [page.index(f"202200000{n}") for n in (3, 1, 2)]
    assert places == sorted(places)
    assert page.count("data-plain") == 2
    assert "有更正</span>专业名称" in page, "what was corrected stands beside it"


def test_ticked_persons_are_applied_for_on_the_page():
    world = build_world()
    cases = [confirmed_case(world, n) for n in (1, 2)]
    browser = staff(world, Role.COLLEGE_OFFICER)
    browser.post("/registration/reviews/?stage=confirmed", {"form": "advance_reviews", "cases": [cases[0].pk]})
    assert [review.case for review in Review.objects.all()] == [cases[0]]


def test_all_without_corrections_are_approved_in_the_background():
    world = build_world()
    for n, entered in ((1, None), (2, None), (3, {"major": "软件工程"})):
        apply_review(world.actor(Role.COLLEGE_OFFICER), confirmed_case(world, n, entered))
    staff(world, Role.HEAD_OFFICE).post("/registration/reviews/?stage=applied", {"form": "advance_all"})
    assert run_jobs() == 1
    states = dict(Review.objects.values_list("case__candidate__student_no", "status"))
    assert states == {
        "2022000001": "head_approved",
        "2022000002": "head_approved",
        "2022000003": "applied",
    }
    assert Job.objects.get().state == JobState.DONE
    assert Review.objects.filter(head_by=world.people[Role.HEAD_OFFICE]).count() == 2


def test_the_head_office_decides_on_the_reviews_page():
    world = build_world()
    case = confirmed_case(world, 1, {"major": "软件工程"})
    review = apply_review(world.actor(Role.COLLEGE_OFFICER), case)
    browser = staff(world, Role.HEAD_OFFICE)
    page = browser.get(f"/registration/reviews/{review.pk}/").content.decode()
    assert "软件工程" in page
    assert case.candidate.id_number.decrypt() not in page
    browser.post(f"/registration/reviews/{review.pk}/", {"form": "approve_at_head_office"})
    review.refresh_from_db()
    assert review.status == ReviewStatus.HEAD_APPROVED
    officer = staff(world, Role.COLLEGE_OFFICER)
    refused = officer.post(f"/registration/reviews/{review.pk}/", {"form": "return_review", "reason": "x"})
    assert refused.status_code == 403


def test_a_confirmed_case_waits_where_its_department_sees_it():
    world = build_world()
    confirmed_case(world, 1)
    elsewhere = confirmed_case(world, 2, department=world.other_department)
    page = flat(staff(world, Role.COLLEGE_OFFICER).get("/registration/reviews/"))
    assert "2022000001" in page
    assert elsewhere.candidate.student_no not in page
    assert VerificationCase.objects.count() == 2


def test_who_has_decided_goes_on_in_his_own_pile():
    world = build_world()
    officer = world.actor(Role.COLLEGE_OFFICER)
    first, second = (apply_review(officer, confirmed_case(world, n, {})) for n in (1, 2))
    browser = staff(world, Role.HEAD_OFFICE)
    for review, following in ((first, second), (second, None)):
        address = f"/registration/reviews/{review.pk}/"
        assert "下一位" not in browser.get(address).content.decode(), "nothing is decided yet"
        page = browser.post(address, {"form": "approve_at_head_office"}, follow=True).content.decode()
        assert "/registration/reviews/?stage=applied" in page
        assert (f"下一位：{following.case.candidate.name}" if following else "返回列表") in page
        assert ("下一位" in page) == (following is not None)
