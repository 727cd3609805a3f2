"""After registration nothing is rewritten: a correction is proposed, decided by another, and a line of its own (R170, R214)."""

import pytest
from django.http import QueryDict

from gradphoto.apps.core.errors import PermissionRefusal, Refusal, StepRefusal
from gradphoto.apps.orgs.models import Membership, Role
from gradphoto.apps.registration.actions import apply_review, approve_at_head_office, approve_nationally
from gradphoto.apps.registration.correcting import approve_correction, propose_correction, reject_correction
from gradphoto.apps.registration.lists import REVIEWS
from gradphoto.apps.registration.models import EntryKind, LedgerCorrection, LedgerEntry, Review
from gradphoto.apps.verification.actions import dispute_photo, settle_dispute, view_case
from gradphoto.apps.verification.corrections import CorrectionsRefusal
from verification.graduate_world import audited, confirm, confirmed_case, graduate, open_case, staff

pytestmark = pytest.mark.django_db


def registered(world, n: int = 1) -> LedgerEntry:
    review = apply_review(world.actor(Role.COLLEGE_OFFICER), confirmed_case(world, n))
    approve_at_head_office(world.actor(Role.HEAD_OFFICE), review)
    return approve_nationally(world.actor(Role.NATIONAL_REVIEWER), review)


def propose(world, entry, field="name", entered="测试改", reason="公安机关姓名变更证明"):
    return propose_correction(world.actor(Role.REGISTRAR), entry, field=field, entered=entered, reason=reason)


def test_r214_an_approved_correction_is_a_new_line_and_the_old_one_stays(world):
    entry = registered(world)
    before = (entry.name, entry.number)
    made = approve_correction(world.actor(Role.HEAD_OFFICE), propose(world, entry))
    entry = LedgerEntry.objects.get(pk=entry.pk)
    assert (entry.name, entry.number) == before
    assert (made.kind, made.name, made.number) == (EntryKind.CORRECTION, "测试改", 2)
    assert made.portrait_id == entry.portrait_id
    assert made.facts["corrects"] == {"number": 1, "field": "name", "reason": "公安机关姓名变更证明"}
    made.candidate.refresh_from_db()
    assert made.candidate.name == "测试改"


def test_nothing_changes_before_the_decision_and_after_a_rejection(world):
    entry = registered(world)
    proposal = propose(world, entry)
    assert LedgerEntry.objects.count() == 1
    reject_correction(world.actor(Role.HEAD_OFFICE), proposal, reason="缺证明原件")
    assert LedgerEntry.objects.count() == 1
    entry.candidate.refresh_from_db()
    assert entry.candidate.name != "测试改"
    with pytest.raises(StepRefusal):
        approve_correction(world.actor(Role.HEAD_OFFICE), proposal)
    propose(world, entry)  # with better proof it may be proposed again


def test_four_eyes_nobody_decides_what_he_proposed(world):
    entry = registered(world)
    Membership.objects.create(user=world.people[Role.REGISTRAR], organisation=world.school, role=Role.HEAD_OFFICE)
    proposal = propose(world, entry)
    with pytest.raises(Refusal) as refused:
        approve_correction(world.actor(Role.REGISTRAR), proposal)
    assert refused.value.code == "registration.same_person"


def test_only_the_registry_proposes_and_only_the_own_head_office_decides(world):
    entry = registered(world)
    for actor in (world.actor(Role.COLLEGE_OFFICER), world.stranger(Role.REGISTRAR)):
        with pytest.raises(PermissionRefusal):
            propose_correction(actor, entry, field="name", entered="别名", reason="x")
    proposal = propose(world, entry)
    for actor in (world.actor(Role.REGISTRAR), world.stranger(Role.HEAD_OFFICE)):
        with pytest.raises(PermissionRefusal):
            approve_correction(actor, proposal)


@pytest.mark.parametrize(
    ("field", "entered"), [("id_number", "123"), ("birth_date", "昨天"), ("photo", "x"), ("name", " ")]
)
def test_a_proposed_value_is_checked_like_the_graduates_own(world, field, entered):
    with pytest.raises(CorrectionsRefusal):
        propose(world, registered(world), field=field, entered=entered)


def test_one_item_waits_for_one_decision_and_a_superseded_line_is_not_corrected(world):
    entry = registered(world)
    proposal = propose(world, entry)
    with pytest.raises(Refusal) as refused:
        propose(world, entry, entered="测试另")
    assert refused.value.code == "registration.correction_waits"
    approve_correction(world.actor(Role.HEAD_OFFICE), proposal)
    with pytest.raises(Refusal) as refused:
        propose(world, entry, field="major", entered="软件工程")
    assert refused.value.code == "registration.not_standing"


def test_it_goes_through_the_pages_with_the_number_masked_and_the_audit_silent(world):
    entry = registered(world)
    office, head = staff(world, Role.REGISTRAR), staff(world, Role.HEAD_OFFICE)
    where, propose = f"/registration/ledger/{entry.pk}/", {"form": "propose_correction", "field": "name"}
    bad = office.post(where, {**propose, "entered": "1", "reason": "x"})
    assert bad.status_code == 422
    office.post(where, {**propose, "entered": "测试改", "reason": "证明"})
    proposal = LedgerCorrection.objects.get()
    assert "测试改" in head.get("/registration/corrections/").content.decode()
    head.post("/registration/corrections/", {"form": "approve_correction", "row": proposal.pk})
    page = office.get(f"/registration/ledger/{entry.pk}/").content.decode()
    assert "更正第 1 条：姓名" in page
    assert entry.id_number.decrypt() not in page
    assert "测试改" not in str([one.detail for one in audited("registration.approve_correction")])
    assert staff(world, Role.REGISTRAR, stranger=True).get(f"/registration/ledger/{entry.pk}/").status_code == 404


def test_whoever_disputed_his_photograph_stands_among_the_exceptions(world):
    plain = confirmed_case(world, 1)
    case = open_case(world, 2)
    view_case(graduate(case), case)
    dispute_photo(graduate(case), case, reason="模糊")
    settle_dispute(world.actor(Role.REGISTRAR), case, answer="清晰度符合标准")
    confirm(case)
    for one in (plain, case):
        apply_review(world.actor(Role.COLLEGE_OFFICER), one)
    asked = REVIEWS.asked(world.actor(Role.HEAD_OFFICE), QueryDict("stage=applied"))
    assert [(row.pk, row.exceptional) for row in asked.rows] == [(case.pk, True), (plain.pk, False)]


def test_ticked_reviews_are_returned_with_one_reason(world):
    for n in (1, 2):
        apply_review(world.actor(Role.COLLEGE_OFFICER), confirmed_case(world, n))
    head = staff(world, Role.HEAD_OFFICE)
    form = {"form": "return_reviews", "cases": [review.case_id for review in Review.objects.all()]}
    assert head.post("/registration/reviews/?stage=applied", form).status_code == 422
    assert not Review.objects.filter(status="returned").exists()
    head.post("/registration/reviews/?stage=applied", {**form, "reason": "缺学籍证明"})
    assert set(Review.objects.values_list("status", "returned_reason")) == {("returned", "缺学籍证明")}
