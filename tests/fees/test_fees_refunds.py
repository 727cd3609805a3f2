"""Money given back by four eyes, refunds of one payment, and part payments (R133, R138): as any cash office knows them."""

import uuid
from datetime import timedelta

import pytest
import time_machine
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from fees.fee_world import (
    all_the_way_up,
    charged,
    class_of,
    colleague,
    fresh,
    hand_in,
    paid_back,
    pay,
    purse,
    staff,
    till,
)
from gradphoto.apps.campaigns.models import Season
from gradphoto.apps.core.errors import PermissionRefusal, Refusal, StepRefusal
from gradphoto.apps.fees.actions import cancel_charge, cancel_payment, collect, refund_charge, waive_charge
from gradphoto.apps.fees.bank import _owed_by
from gradphoto.apps.fees.closing import hindrances
from gradphoto.apps.fees.handing import lying_in
from gradphoto.apps.fees.ledger import prove
from gradphoto.apps.fees.models import Channel, Charge, Entry, EntryKind, Refund, WaiveGround
from gradphoto.apps.fees.online import open_order
from gradphoto.apps.fees.parts import collect_part, parts
from gradphoto.apps.fees.queries import payers, with_money
from gradphoto.apps.fees.receipts import cancel_receipt, receipt_for_collection
from gradphoto.apps.fees.refunds import approve_refund, ask_refund, refuse_refund, withdraw_refund
from gradphoto.apps.fees.statements import StatementRow
from gradphoto.apps.fees.tills import till_of
from gradphoto.apps.orgs.models import Role

pytestmark = pytest.mark.django_db


def refused(code: str):
    return pytest.raises(Refusal, match=code)


def asked(world, role=Role.COUNSELLOR, charges=None):
    wanted = Charge.objects.all() if charges is None else charges
    return ask_refund(world.actor(role), world.campaign, charges=wanted, reason="不参加采集")


# four eyes ---------------------------------------------------------------------------------------------------------------


def test_who_asks_for_a_refund_does_not_pay_it_out_and_no_money_moves_before(world):
    pay(world, class_of(world, 1))
    made = asked(world)
    with refused("fees.four_eyes"):
        approve_refund(world.actor(Role.COUNSELLOR), made)
    with refused("fees.four_eyes"):
        refuse_refund(world.actor(Role.COUNSELLOR), made, reason="x")
    assert fresh(purse(world)).balance_fen == 2000
    with pytest.raises(PermissionRefusal):
        approve_refund(world.stranger(Role.COLLEGE_OFFICER), made)
    with pytest.raises(PermissionRefusal):
        refund_charge(world.actor(Role.COLLECTION_CENTRE), Charge.objects.get(), reason="一个人自己退")
    approve_refund(world.actor(Role.COLLEGE_OFFICER), made)
    assert (fresh(purse(world)).balance_fen, fresh(made).status) == (0, "paid")
    assert [e.kind for e in Entry.objects.all()] == ["charge", "collect", "refund", "cancel_charge"], "append-only"
    with pytest.raises(StepRefusal):
        approve_refund(world.actor(Role.COLLEGE_OFFICER), made)
    assert prove().right


def test_the_keeper_pays_what_the_registry_asks_for(world):
    pay(world, class_of(world, 1))
    paid_back(world, list(Charge.objects.all()), by=Role.REGISTRAR, seen_by=Role.COUNSELLOR)
    assert Charge.objects.get().status == "refunded"


def test_the_database_itself_wants_two_persons_and_a_request(world):
    pay(world, class_of(world, 1))
    made = asked(world)
    with pytest.raises(IntegrityError, match="four_eyes"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE fees_refund SET status = 'paid', decided_by_id = asked_by_id, decided_at = asked_at WHERE id = %s",
            [made.pk],
        )
    withdraw_refund(world.actor(Role.COUNSELLOR), made)
    paid = Entry.objects.get(kind="collect")
    back = Entry.objects.get(pk=paid.pk)
    back.pk, back._state.adding = None, True
    back.kind, back.debit_id, back.credit_id = EntryKind.REFUND, paid.credit_id, paid.debit_id
    back.reverses_id, back.reason = paid.pk, "没有申请"
    with pytest.raises(DatabaseError, match="refund_needs_request"), transaction.atomic():
        back.save()
    with pytest.raises(DatabaseError, match="refund_settled"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE fees_refund SET reason = 'x'")


def test_a_refund_is_refused_with_its_reason_or_withdrawn_and_may_be_asked_for_again(world):
    pay(world, class_of(world, 1))
    first = asked(world)
    with refused("fees.refund_asked"):
        asked(world, Role.REGISTRAR)
    with refused("fees.reason_missing"):
        refuse_refund(world.actor(Role.COLLEGE_OFFICER), first, reason=" ")
    refuse_refund(world.actor(Role.COLLEGE_OFFICER), first, reason="已经拍摄")
    second = asked(world)
    with pytest.raises(PermissionRefusal):
        withdraw_refund(world.actor(Role.COLLEGE_OFFICER), second)
    withdraw_refund(world.actor(Role.COUNSELLOR), second)
    assert list(Refund.objects.order_by("pk").values_list("status", flat=True)) == ["refused", "withdrawn"]
    assert fresh(purse(world)).balance_fen == 2000
    asked(world)


def test_what_has_moved_since_it_was_asked_for_is_not_paid_out(world):
    pay(world, class_of(world, 1))
    made = asked(world)
    hand_in(world, purse(world), world.department, Role.COUNSELLOR, Role.COLLEGE_OFFICER)
    with refused("fees.refund_moved"):
        approve_refund(world.actor(Role.COLLEGE_OFFICER), made)
    assert Charge.objects.get().status == "handed_in"


def test_nobody_asks_for_other_peoples_money_or_for_none(world):
    pay(world, class_of(world, 1))
    with pytest.raises(PermissionRefusal):
        ask_refund(world.stranger(Role.COUNSELLOR), world.campaign, charges=Charge.objects.all(), reason="x")
    with refused("fees.nothing_ticked"):
        asked(world, charges=[])
    with refused("fees.nothing_paid"):
        asked(world, charges=charged(world, class_of(world, 1, first=5)))


def test_a_collector_cancels_a_mistake_on_the_day_and_later_somebody_else_does(world):
    """Else a cancelled payment would be a refund with one pair of eyes."""
    pay(world, class_of(world, 1))
    charge = Charge.objects.get()
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        with refused("fees.four_eyes"):
            cancel_payment(world.actor(Role.COUNSELLOR), charge, reason="点错人")
        cancel_payment(world.actor(Role.REGISTRAR), charge, reason="点错人")
    assert fresh(charge).status == "due"


# of one payment ----------------------------------------------------------------------------------------------------------


def test_one_of_a_class_gets_it_back_and_the_receipt_is_written_anew_for_the_others(world):
    taken = pay(world, class_of(world, 3))
    counsellor, officer = world.actor(Role.COUNSELLOR), world.actor(Role.COLLEGE_OFFICER)
    first = receipt_for_collection(counsellor, taken)
    one = Charge.objects.first()
    with refused("fees.receipt_is_out"):
        asked(world, charges=[one])
    cancel_receipt(officer, first, reason="退款一人，收回")
    paid_back(world, [one], by=Role.COUNSELLOR, seen_by=Role.COLLEGE_OFFICER)
    second = receipt_for_collection(counsellor, taken)
    assert (second.amount_fen, second.people_count, second.replaces) == (4000, 2, first)
    cancel_receipt(officer, second, reason="全退")
    paid_back(world, list(Charge.objects.filter(status="collected")), by=Role.COUNSELLOR, seen_by=Role.COLLEGE_OFFICER)
    with refused("fees.collection_taken_back"):
        receipt_for_collection(counsellor, taken)
    assert (fresh(purse(world)).balance_fen, prove().right) == (0, True)


def test_the_page_of_a_payment_asks_for_who_is_ticked_and_another_person_approves(world):
    taken = pay(world, class_of(world, 3))
    one = Charge.objects.first()
    page = staff(world, Role.COUNSELLOR)
    sent = page.post(
        reverse("fees:collection", args=[taken.pk]),
        {"form": "ask_refund_of_payment", "charge": [one.pk], "reason": "不参加采集"},
    )
    made = Refund.objects.get()
    assert sent.url == reverse("fees:refund", args=[made.pk])
    own = page.get(sent.url).content.decode()
    assert 'value="approve_refund"' not in own
    assert "您是申请人" in own
    other = staff(world, Role.COLLEGE_OFFICER)
    assert str(made) in other.get(reverse("fees:refunds")).content.decode()
    assert 'value="approve_refund"' in other.get(sent.url).content.decode()
    other.post(sent.url, {"form": "approve_refund"})
    assert (fresh(made).status, fresh(one).status, made.people_count) == ("paid", "refunded", 1)
    assert staff(world, Role.COLLEGE_OFFICER, stranger=True).get(sent.url).status_code == 404
    assert "仍有效 2 人、40.00 元" in page.get(reverse("fees:collection", args=[taken.pk])).content.decode()


def test_money_in_two_tills_is_asked_for_apart(world):
    people = class_of(world, 2)
    pay(world, people[:1])
    pay(world, people[1:], Role.COLLEGE_OFFICER)
    with refused("fees.several_tills"):
        asked(world, Role.REGISTRAR)


# part payments -----------------------------------------------------------------------------------------------------------


def part(world, charge, fen, role=Role.COUNSELLOR, tendered=None, **more):
    actor = world.actor(role)
    detail = {"channel": Channel.CLASS, "nonce": uuid.uuid4(), **more}
    return collect_part(
        actor, till_of(actor, world.campaign), charge=charge, amount_fen=fen, tendered_fen=tendered or fen, **detail
    )


def lying(till):
    """Fen of each part payment in a till whose charge is still due."""
    return list(parts().filter(debit=till).values_list("amount_fen", flat=True))


def test_a_part_is_paid_the_rest_stays_due_and_the_rest_makes_it_whole(world):
    [charge] = charged(world, class_of(world, 1))
    taken = part(world, charge, 800, tendered=1000)
    assert (taken.total_fen, taken.change_fen, fresh(charge).status) == (800, 200, "due")
    assert (fresh(purse(world)).balance_fen, lying(purse(world)), prove().right) == (800, [800], True)
    [person] = with_money(payers(world.actor(Role.COUNSELLOR), world.campaign))
    assert (person.due_fen, person.paid_fen) == (1200, 800)
    part(world, charge, 500)
    rest = pay(world, [charge.candidate], tendered=1000, shown_fen=700)
    assert (rest.total_fen, rest.change_fen, fresh(charge).status) == (700, 300, "collected")
    assert (fresh(purse(world)).balance_fen, lying(purse(world)), prove().right) == (2000, [], True)
    assert [one.amount_fen for one in all_the_way_up(world)] == [2000] * 3
    assert prove().right


@pytest.mark.parametrize("fen", [0, 2000, 2001, -5])
def test_a_part_is_more_than_nothing_and_less_than_the_rest(world, fen):
    [charge] = charged(world, class_of(world, 1))
    with refused("fees.part_amount"):
        part(world, charge, fen, tendered=5000)
    assert not Entry.objects.filter(kind="collect").exists()


def test_a_repeated_click_takes_a_part_once_and_too_little_is_refused(world):
    [charge] = charged(world, class_of(world, 1))
    nonce = uuid.uuid4()
    assert part(world, charge, 800, nonce=nonce) == part(world, charge, 800, nonce=nonce)
    with refused("fees.too_little"):
        part(world, charge, 500, tendered=400)
    with pytest.raises(PermissionRefusal):
        part(world, charge, 500, role=Role.LEARNING_CENTRE)


def test_the_rest_is_paid_where_the_part_lies_and_by_no_other_way(world, settings):
    [charge] = charged(world, class_of(world, 1))
    part(world, charge, 800)
    for take in (
        lambda: pay(world, [charge.candidate], Role.COLLEGE_OFFICER),
        lambda: part(world, charge, 100, role=Role.COLLEGE_OFFICER),
    ):
        with refused("fees.part_elsewhere"):
            take()
    with refused("fees.part_paid"):
        open_order(world.actor(Role.REGISTRAR), charge.candidate, notify_url="http://testserver/")
    row = StatementRow(2, "", timezone.localdate(), 2000, "", charge.candidate.student_no)
    assert "12.00" in _owed_by(charge.candidate, row).reason.zh


def test_what_is_paid_in_part_is_neither_cancelled_waived_handed_in_nor_closed_over(world):
    [charge] = charged(world, class_of(world, 1))
    part(world, charge, 800)
    with refused("fees.part_paid"):
        cancel_charge(world.actor(Role.COUNSELLOR), charge, reason="错")
    with refused("fees.part_paid"):
        waive_charge(world.actor(Role.REGISTRAR), charge, ground=WaiveGround.HARDSHIP, reason="困难")
    assert not lying_in(purse(world)).exists()
    final = [one.sentence.zh for one in hindrances(world.campaign, Season.SPRING) if one.final]
    assert final == ["8.00 元是部分款，须补足或退回。"]
    asked(world)
    assert "1 件退款申请未办结。" in [one.sentence.zh for one in hindrances(world.campaign, Season.SPRING)]


def test_a_part_is_paid_back_by_four_eyes_and_a_mistaken_part_is_cancelled(world):
    [charge] = charged(world, class_of(world, 1))
    part(world, charge, 800)
    part(world, charge, 300)
    cancel_payment(world.actor(Role.COUNSELLOR), charge, reason="点错")
    assert (fresh(charge).status, fresh(purse(world)).balance_fen) == ("due", 800)
    made = asked(world)
    assert made.amount_fen == 800
    approve_refund(world.actor(Role.COLLEGE_OFFICER), made)
    assert (fresh(charge).status, fresh(purse(world)).balance_fen, prove().right) == ("refunded", 0, True)


def test_a_charge_paid_in_parts_and_handed_on_is_paid_back_whole_from_where_it_lies(world):
    [charge] = charged(world, class_of(world, 1))
    part(world, charge, 800)
    pay(world, [charge.candidate], tendered=1200)
    all_the_way_up(world)
    paid_back(world, [charge], by=Role.REGISTRAR, seen_by=Role.COLLECTION_CENTRE)
    assert Entry.objects.filter(kind="refund").count() == 2, "each payment by its own counter-entry"
    assert (fresh(till(world, world.centre)).balance_fen, prove().right) == (0, True)


def test_a_part_is_taken_on_the_page_and_told_there(world):
    [charge] = charged(world, class_of(world, 1))
    page, address = staff(world, Role.COUNSELLOR), reverse("fees:student", args=[charge.candidate_id])
    page.post(address, {
        "form": "collect_part", "charge": charge.pk, "amount_fen": "8", "tendered_fen": "", "channel": "class",
        "nonce": uuid.uuid4(),
    })  # fmt: skip
    shown = page.get(address).content.decode()
    assert "已付部分 8.00" in shown
    assert 'data-fen="1200"' in shown
    page.cookies["django_language"] = "en"
    english = page.get(address).content.decode()
    assert "8.00 paid in part" in english


def test_a_colleague_of_the_same_unit_approves(world):
    pay(world, class_of(world, 1), Role.COLLEGE_OFFICER)
    made = asked(world, Role.COLLEGE_OFFICER)
    approve_refund(colleague(world, Role.COLLEGE_OFFICER, world.department), made)
    assert fresh(made).status == "paid"


def test_a_collection_that_is_paid_twice_at_once_is_taken_once(world):
    [charge] = charged(world, class_of(world, 1))
    part(world, charge, 800)
    actor = world.actor(Role.COUNSELLOR)
    collect(actor, purse(world), channel=Channel.CLASS, tendered_fen=1200, nonce=uuid.uuid4(), charges=[charge])
    with refused("fees.not_due"):
        part(world, charge, 100)
