"""Attacks on money given back: what is asked twice, at once, of a moved sum, or behind the gateway's back (R133, R138)."""

import uuid

import pytest
from django.test import Client
from django.utils import timezone

from fees.fee_world import (
    charged,
    class_of,
    fresh,
    pay,
    purse,
)
from gradphoto.apps.core.errors import InvalidInput, Refusal
from gradphoto.apps.fees.actions import cancel_payment
from gradphoto.apps.fees.closing import close_day
from gradphoto.apps.fees.gateway import Event
from gradphoto.apps.fees.ledger import prove
from gradphoto.apps.fees.models import Channel, Charge, Collection
from gradphoto.apps.fees.money import parse_yuan
from gradphoto.apps.fees.online import GATEWAYS, ask_again, open_order
from gradphoto.apps.fees.parts import collect_part
from gradphoto.apps.fees.receipts import cancel_receipt, receipt_for_collection
from gradphoto.apps.fees.refunds import approve_refund, ask_refund
from gradphoto.apps.fees.tills import till_of
from gradphoto.apps.orgs.models import Membership, Role

pytestmark = pytest.mark.django_db


def refused(code: str):
    return pytest.raises(Refusal, match=code)


def part(world, charge, fen, role=Role.COUNSELLOR, **more):
    actor = world.actor(role)
    detail = {"channel": Channel.CLASS, "nonce": uuid.uuid4(), "tendered_fen": fen, **more}
    return collect_part(actor, till_of(actor, world.campaign), charge=charge, amount_fen=fen, **detail)


def online(world, tmp_path, settings):
    settings.DATA_DIR = tmp_path
    [person] = class_of(world, 1)
    order = open_order(world.actor(Role.REGISTRAR), person, notify_url="http://testserver/")
    gateway = GATEWAYS["test"]()
    gateway.pay(order.public_id)
    return ask_again(order)


def test_what_was_paid_online_is_never_cancelled_at_a_counter(world, tmp_path, settings):
    """The gateway would keep the money, the person would owe again, and one pair of eyes would have done it."""
    order = online(world, tmp_path, settings)
    assert order.status == "paid"
    with refused("fees.by_its_order"):
        cancel_payment(world.actor(Role.COLLECTION_CENTRE), Charge.objects.get(), reason="学生要求")
    assert (Charge.objects.get().status, prove().right) == ("collected", True)


def test_a_refund_by_the_gateway_waits_while_its_receipt_is_out_and_is_booked_when_told_again(
    world, tmp_path, settings
):
    order = online(world, tmp_path, settings)
    gateway, centre = GATEWAYS["test"](), world.actor(Role.COLLECTION_CENTRE)
    receipt = receipt_for_collection(centre, order.collection)
    headers, body = gateway.notice(order.public_id, Event.REFUNDED, 2000)
    door = "/fees/gateway/test/notify/"
    told = [Client().post(door, body, content_type="application/json", headers=headers)]
    cancel_receipt(centre, receipt, reason="已原路退款，收回")
    told.append(Client().post(door, body, content_type="application/json", headers=headers))
    assert [(one.status_code, one.json()) for one in told] == [
        (409, {"code": "fees.receipt_is_out"}), (200, {"outcome": "applied"}),
    ]  # fmt: skip
    assert (fresh(order).status, Charge.objects.get().status, prove().right) == ("refunded", "refunded", True)


def test_a_form_sent_again_with_other_contents_is_told_and_not_taken_for_done(world):
    """Back in the browser brings the old number with it: the second person's money would not be in the books."""
    first, second = class_of(world, 2)
    nonce = uuid.uuid4()
    done = pay(world, [first], nonce=nonce)
    assert pay(world, [first], nonce=nonce) == done
    with refused("fees.sent_before"):
        pay(world, [second], nonce=nonce)
    charge = charged(world, [second])[0]
    small = uuid.uuid4()
    taken = part(world, charge, 500, nonce=small)
    assert part(world, charge, 500, nonce=small) == taken
    with refused("fees.sent_before"):
        part(world, charge, 600, nonce=small)
    with refused("fees.sent_before"):
        pay(world, [second], nonce=nonce)
    with refused("fees.sent_before"):
        pay(world, [second], Role.COLLEGE_OFFICER, nonce=nonce)
    assert (Collection.objects.count(), fresh(purse(world)).balance_fen, prove().right) == (2, 2500, True)


def test_a_part_that_comes_while_a_refund_is_paid_out_is_not_given_back_unseen(world):
    [charge] = charged(world, class_of(world, 1))
    part(world, charge, 800)
    made = ask_refund(world.actor(Role.COUNSELLOR), world.campaign, charges=[charge], reason="不参加")
    part(world, charge, 300)
    with refused("fees.refund_moved"):
        approve_refund(world.actor(Role.COLLEGE_OFFICER), made)
    assert (fresh(purse(world)).balance_fen, prove().right) == (1100, True)


def test_one_person_under_two_roles_is_one_pair_of_eyes(world):
    pay(world, class_of(world, 1))
    made = ask_refund(world.actor(Role.COUNSELLOR), world.campaign, charges=Charge.objects.all(), reason="x")
    Membership.objects.create(
        user=world.people[Role.COUNSELLOR], organisation=world.department, role=Role.COLLEGE_OFFICER
    )
    with refused("fees.four_eyes"):
        approve_refund(world.actor(Role.COUNSELLOR), made)


@pytest.mark.usefixtures("still_clock")
def test_after_the_day_is_closed_nothing_is_paid_out(world):
    pay(world, class_of(world, 2))
    made = ask_refund(world.actor(Role.COUNSELLOR), world.campaign, charges=Charge.objects.all(), reason="x")
    close_day(world.actor(Role.COUNSELLOR), purse(world), day=timezone.localdate(), counted_fen=4000)
    with refused("fees.day_is_closed"):
        approve_refund(world.actor(Role.COLLEGE_OFFICER), made)
    assert (fresh(made).status, fresh(purse(world)).balance_fen, prove().right) == ("asked", 4000, True)


@pytest.mark.parametrize(
    "text",
    [
        "-5",
        "1.234",
        "12,50",
        "1,2",
        ",5",
        "5,",
        "1,2345",
        "1e3",
        "五元",
        "¥",
        "21474836.48",
        "999999999",
        "--",
        "1.5.2",
    ],
)
def test_what_is_no_amount_is_refused(text):
    with pytest.raises(InvalidInput):
        parse_yuan(text)


@pytest.mark.parametrize(
    ("text", "fen"),
    [("1,234.50", 123450), ("￥20元", 2000), ("２０．５", 2050), ("21474836.47", 2147483647), ("1,000,000", 100000000)],
)
def test_what_is_an_amount_is_read(text, fen):
    assert parse_yuan(text) == fen
