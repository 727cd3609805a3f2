"""R63, R133, R138: receipts run on without a gap, need both sides, and are never used twice, whoever writes at once."""

from functools import partial

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from fees.fee_world import all_the_way_up, class_of, colleague, hand_in, paid_back, pay, purse
from gradphoto.apps.core.errors import PermissionRefusal, Refusal
from gradphoto.apps.fees.actions import cancel_payment
from gradphoto.apps.fees.ledger import prove
from gradphoto.apps.fees.models import Charge, Entry, Receipt, ReceiptBook
from gradphoto.apps.fees.receipts import cancel_receipt, receipt_for_collection, receipt_for_hand_in
from gradphoto.apps.fees.refunds import ask_refund
from gradphoto.apps.orgs.models import Role
from verification.graduate_world import at_once, several_connections
from world import build_world


@pytest.mark.django_db
def test_r133_no_receipt_before_both_sides_agree():
    world = build_world()
    pay(world, class_of(world, 2))
    made = hand_in(world, purse(world), world.department, Role.COUNSELLOR, None)
    with pytest.raises(Refusal, match=r"fees.not_agreed"):
        receipt_for_hand_in(world.actor(Role.COLLEGE_OFFICER), made)
    with pytest.raises(IntegrityError, match="receipt_needs_agreement"), transaction.atomic():
        Receipt.objects.create(
            campaign=world.campaign, issuer=world.department, year=2026, number=1, payer="x", matter="x",
            amount_fen=made.amount_fen, people_count=2, hand_in=made, issued_by=world.people[Role.REGISTRAR],
        )  # fmt: skip


@pytest.mark.django_db
def test_the_receiving_unit_issues_and_every_issuer_counts_by_itself():
    world = build_world()
    pay(world, class_of(world, 2))
    lists = all_the_way_up(world)
    with pytest.raises(PermissionRefusal):
        receipt_for_hand_in(world.actor(Role.REGISTRAR), lists[-1])
    made = [
        receipt_for_hand_in(world.actor(role), one)
        for role, one in zip((Role.COLLEGE_OFFICER, Role.REGISTRAR, Role.COLLECTION_CENTRE), lists, strict=True)
    ]
    assert [one.number for one in made] == [1, 1, 1]
    assert [one.issuer for one in made] == [world.department, world.school, world.centre]
    assert (made[-1].payer, made[-1].amount_fen, made[-1].people_count) == ("示范大学", 4000, 2)
    with pytest.raises(Refusal, match=r"fees.receipt_exists"):
        receipt_for_hand_in(world.actor(Role.COLLECTION_CENTRE), lists[-1])


@pytest.mark.django_db
def test_a_cancelled_number_stays_and_the_next_receipt_takes_the_next():
    world = build_world()
    officer = world.actor(Role.COLLEGE_OFFICER)
    taken = [pay(world, class_of(world, 1, first=n), Role.COLLEGE_OFFICER) for n in (1, 2)]
    first = receipt_for_collection(officer, taken[0])
    cancel_receipt(officer, first, reason="写错")
    with pytest.raises(Refusal, match=r"fees.receipt_is_cancelled"):
        cancel_receipt(officer, first, reason="再作废")
    assert [receipt_for_collection(officer, one).number for one in taken] == [2, 3]
    assert Receipt.objects.get(number=2).replaces == first


@pytest.mark.django_db
def test_money_with_a_receipt_out_is_not_given_back_before_the_receipt():
    world = build_world()
    counsellor = world.actor(Role.COUNSELLOR)
    receipt = receipt_for_collection(counsellor, pay(world, class_of(world, 1)))
    with pytest.raises(Refusal, match=r"fees.receipt_is_out"):
        cancel_payment(counsellor, Charge.objects.get(), reason="错")
    with pytest.raises(Refusal, match=r"fees.receipt_is_out"):
        ask_refund(counsellor, world.campaign, charges=Charge.objects.all(), reason="错")
    cancel_receipt(world.actor(Role.COLLEGE_OFFICER), receipt, reason="收回")
    paid_back(world, list(Charge.objects.all()), by=Role.COUNSELLOR, seen_by=Role.COLLEGE_OFFICER)
    with pytest.raises(Refusal, match=r"fees.collection_taken_back"):
        receipt_for_collection(counsellor, receipt.collection)


@pytest.mark.django_db
def test_a_number_is_not_skipped_by_a_receipt_that_fails():
    world = build_world()
    officer = world.actor(Role.COLLEGE_OFFICER)
    taken = [pay(world, class_of(world, 1, first=n), Role.COLLEGE_OFFICER) for n in (1, 2)]
    with transaction.atomic():
        assert receipt_for_collection(officer, taken[0]).number == 1
        transaction.set_rollback(True)  # the page broke after the receipt was written
    assert receipt_for_collection(officer, taken[1]).number == 1
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE fees_receiptbook SET last = 7")
    assert ReceiptBook.objects.get().last == 1


@pytest.mark.django_db(transaction=True)
def test_receipts_written_at_once_run_on_without_a_gap(tmp_path):
    world = build_world()
    people = class_of(world, 6)
    officers = [world.actor(Role.COLLEGE_OFFICER), colleague(world, Role.COLLEGE_OFFICER, world.department)]
    with several_connections(tmp_path):
        taken = [pay(world, [person], Role.COLLEGE_OFFICER) for person in people]
        outcomes = at_once(
            *(partial(receipt_for_collection, officers[0], one) for one in taken),
        )
        assert sorted(one.number for one in outcomes) == [1, 2, 3, 4, 5, 6], outcomes
        assert prove().right


@pytest.mark.django_db(transaction=True)
def test_two_counters_charge_one_person_once(tmp_path):
    world = build_world()
    [person] = class_of(world, 1)
    with several_connections(tmp_path):
        for role in (Role.COUNSELLOR, Role.SITE_STAFF, Role.REGISTRAR):
            purse(world, role)
        outcomes = at_once(
            *(partial(pay, world, [person], role) for role in (Role.COUNSELLOR, Role.SITE_STAFF, Role.REGISTRAR))
        )
        refused = [one for one in outcomes if isinstance(one, Refusal)]
        assert len(refused) == 2, outcomes
        assert {one.code for one in refused} == {"fees.not_due"}
        assert Entry.objects.filter(kind="collect").count() == 1
        assert prove().right
