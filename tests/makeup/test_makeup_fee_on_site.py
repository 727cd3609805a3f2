"""The photographer takes the fee from the liaison and writes the receipt on the spot, by persons photographed (R133)."""

import uuid

import pytest
from django.urls import reverse

from fees.fee_world import hand_in, pay, purse
from gradphoto.apps.campaigns.models import Contact
from gradphoto.apps.core.errors import PermissionRefusal
from gradphoto.apps.fees.actions import charge_people, waive_charge
from gradphoto.apps.fees.handing import list_hand_in, receive_hand_in
from gradphoto.apps.fees.ledger import prove
from gradphoto.apps.fees.models import Account, Channel, Charge, Receipt, WaiveGround
from gradphoto.apps.fees.parts import collect_part
from gradphoto.apps.fees.receipts import receipt_for_hand_in
from gradphoto.apps.fees.tills import unit_till
from gradphoto.apps.makeup import closings
from gradphoto.apps.makeup.fee_on_site import bill_of, take_fee
from gradphoto.apps.makeup.models import SessionClosing
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.schedule.models import CaptureSession
from makeup.makeup_world import client, make_up_world, refused, today
from repair_world import photographed
from world import add_candidate, put

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return make_up_world()


@pytest.fixture
def session(world):
    """Five photographed; one more is on the list and did not come."""
    made = CaptureSession.objects.create(campaign=world.campaign, date=today(), place="104", status="open")
    photographed(world, made, 5)
    add_candidate(world, 99)
    put(CaptureSession.objects.filter(pk=made.pk), status="closed")
    return CaptureSession.objects.get(pk=made.pk)


def agreed(world, session):
    sheet = closings.propose_closing(world.actor(Role.PHOTOGRAPHER), session)
    closings.agree_closing(world.actor(Role.SITE_STAFF), sheet)
    return SessionClosing.objects.get(pk=sheet.pk)


def _another_session(world):
    made = CaptureSession.objects.create(campaign=world.campaign, date=today(), place="105", status="closed")
    return CaptureSession.objects.get(pk=made.pk)


def take(world, sheet, role=Role.PHOTOGRAPHER, **more):
    detail = {
        "payer": "示范大学 李联系人", "channel": Channel.ON_THE_DAY, "shown_fen": 10000, "tendered_fen": 10000,
        "nonce": uuid.uuid4(),
    }  # fmt: skip
    return take_fee(world.actor(role), sheet, **{**detail, **more})


def test_r133_the_amount_is_by_persons_photographed_and_the_receipt_comes_in_the_same_step(world, session):
    sheet, nonce = agreed(world, session), uuid.uuid4()
    receipt = take(world, sheet, nonce=nonce)
    assert (receipt.amount_fen, receipt.people_count, receipt.payer) == (10000, 5, "示范大学 李联系人")
    assert (receipt.issuer, receipt.issued_by) == (world.centre, world.people[Role.PHOTOGRAPHER])
    sheet.refresh_from_db()
    assert sheet.receipt == receipt, "the closing sheet prints it"
    assert take(world, sheet, nonce=nonce) == receipt, "a second click"
    refused("fees.sent_before", take, world, agreed(world, _another_session(world)), nonce=nonce)
    own = Account.objects.get(keeper=world.people[Role.PHOTOGRAPHER])
    assert (own.organisation, own.balance_fen, prove().right) == (world.centre, 10000, True)
    refused("makeup.nothing_to_take", take, world, sheet)
    assert Receipt.objects.count() == 1


def test_r133_no_fee_and_no_receipt_before_both_sides_agree_the_count(world, session):
    sheet = closings.propose_closing(world.actor(Role.PHOTOGRAPHER), session)
    refused("makeup.count_not_agreed", take, world, sheet)
    page = client(world, Role.PHOTOGRAPHER).get(reverse("makeup:fee", args=[session.pk])).content.decode()
    assert "双方确认人数之后" in page
    assert 'value="take_fee"' not in page
    sheet = agreed(world, session)
    put(session.check_ins.filter(shooting_number=1), status="cancelled")
    refused("makeup.count_changed", take, world, sheet)
    closings.void_closing(world.actor(Role.PHOTOGRAPHER), sheet, reason="重新清点")
    refused("makeup.count_not_agreed", take, world, sheet)
    assert not Receipt.objects.exists()


def test_r133_who_paid_or_is_let_off_or_pays_in_parts_elsewhere_is_not_taken_again(world, session):
    people = [one.candidate for one in session.check_ins.order_by("shooting_number")]
    pay(world, people[:1])
    charge_people(world.actor(Role.REGISTRAR), world.campaign, candidates=people[1:3])
    waive_charge(
        world.actor(Role.REGISTRAR), Charge.objects.get(candidate=people[1]), ground=WaiveGround.HARDSHIP, reason="困难"
    )
    collect_part(
        world.actor(Role.COUNSELLOR), purse(world), charge=Charge.objects.get(candidate=people[2]), amount_fen=500,
        tendered_fen=500, channel=Channel.CLASS, nonce=uuid.uuid4(),
    )  # fmt: skip
    bill = bill_of(session)
    assert (bill.photographed, bill.paid, bill.waived, bill.amount_fen) == (5, 1, 1, 4000)
    assert bill.apart == (people[2],)
    assert set(bill.people) == set(people[3:])
    sheet = agreed(world, session)
    refused("fees.total_changed", take, world, sheet)
    assert take(world, sheet, shown_fen=4000, tendered_fen=5000).people_count == 2


def test_r133_nobody_else_takes_it_and_the_liaison_is_named(world, session):
    sheet = agreed(world, session)
    for role in (Role.SITE_STAFF, Role.REGISTRAR, Role.COUNSELLOR):
        with pytest.raises(PermissionRefusal):
            take(world, sheet, role)
    with pytest.raises(PermissionRefusal):
        take_fee(
            world.stranger(Role.PHOTOGRAPHER), sheet, payer="x", channel=Channel.ON_THE_DAY, shown_fen=1, tendered_fen=1,
            nonce=uuid.uuid4(),
        )  # fmt: skip
    refused("makeup.payer", take, world, sheet, payer=" ")
    assert client(world, Role.REGISTRAR).get(reverse("makeup:fee", args=[session.pk])).status_code == 403


def test_r133_on_the_page_in_both_languages(world, session):
    Contact.objects.create(campaign=world.campaign, side="school", name="李联系人")
    agreed(world, session)
    page, address = client(world, Role.PHOTOGRAPHER), reverse("makeup:fee", args=[session.pk])
    assert address in page.get(reverse("makeup:closing", args=[session.pk])).content.decode()
    shown = page.get(address).content.decode()
    assert "100.00" in shown
    assert "示范大学 李联系人" in shown
    page.cookies["django_language"] = "en"
    assert "By persons photographed" in page.get(address).content.decode()
    sent = page.post(address, {
        "form": "take_fee", "nonce": uuid.uuid4(), "shown_fen": "10000", "payer": "示范大学 李联系人", "tendered": "",
        "channel": "on_the_day",
    })  # fmt: skip
    assert sent.url == reverse("fees:receipt", args=[Receipt.objects.get().pk])
    assert page.get(sent.url).status_code == 200


def test_r133_what_the_school_collected_the_photographer_counts_and_receipts_on_the_spot(world, session):
    people = [one.candidate for one in session.check_ins.order_by("shooting_number")]
    pay(world, people, Role.REGISTRAR)
    own = purse(world, Role.REGISTRAR)
    made = list_hand_in(world.actor(Role.REGISTRAR), own, to=world.centre, season="spring")
    photographer = world.actor(Role.PHOTOGRAPHER)
    receive_hand_in(photographer, made, counted_fen=10000, counted_people=5)
    assert made.photographed_people == 5
    assert receipt_for_hand_in(photographer, made).issuer == world.centre
    assert unit_till(world.campaign, world.centre).balance_fen == 10000
    elsewhere = hand_in(world, _paid_by_class(world), world.department, Role.COUNSELLOR, None)
    with pytest.raises(PermissionRefusal):
        receive_hand_in(photographer, elsewhere, counted_fen=2000, counted_people=1)


def _paid_by_class(world):
    pay(world, [add_candidate(world, 50)])
    return purse(world)


def test_r133_a_hand_in_list_can_name_only_who_is_photographed(world, session):
    people = [one.candidate for one in session.check_ins.order_by("shooting_number")]
    late = add_candidate(world, 60)
    pay(world, [*people, late], Role.REGISTRAR)
    page, address = client(world, Role.REGISTRAR), reverse("fees:new_hand_in")
    assert late.student_no in page.get(address).content.decode()
    only = page.get(address, {"shot": "1"}).content.decode()
    assert late.student_no not in only
    assert people[0].student_no in only
