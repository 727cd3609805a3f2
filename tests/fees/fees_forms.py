"""The forms of the money, ready to be tried by ``tests/pages``."""

from __future__ import annotations

import uuid

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from fees.fee_world import all_the_way_up, charged, class_of, hand_in, pay, purse, staff
from gradphoto.apps.fees import actions
from gradphoto.apps.fees.forms import counter, handing, outside, prices, refunds
from gradphoto.apps.fees.models import Charge, OnlineOrder
from gradphoto.apps.fees.online import open_order
from gradphoto.apps.fees.prices import set_price
from gradphoto.apps.fees.receipts import receipt_for_hand_in
from gradphoto.apps.fees.refunds import ask_refund
from gradphoto.apps.orgs.models import Role
from pages.form_cases import Stage, form_case
from world import World

LONG = "很长的说明" * 50
TOO_LONG = (LONG, "pages.too_long")
NOT_OFFERED = ("x", "pages.not_offered")
NO_AMOUNT = ("二十", "fees.amount")


def _student(pk: int) -> str:
    return reverse("fees:student", args=[pk])


@form_case(counter.CollectOne)
def collect_from_one(world: World) -> Stage:
    [person] = class_of(world, 1)
    charged(world, [person])
    good = {
        "charge": [Charge.objects.latest("pk").pk], "tendered": "50", "channel": "on_the_day", "nonce": uuid.uuid4(),
        "shown_fen": "2000",
    }  # fmt: skip
    wrong = {"tendered": NO_AMOUNT, "channel": NOT_OFFERED, "shown_fen": ("-1", "pages.too_small")}
    return Stage(_student(person.pk), staff(world, Role.SITE_STAFF), good, wrong, {"charge": [10**6]})


@form_case(counter.CollectMany)
def collect_from_many(world: World) -> Stage:
    people = class_of(world, 2)
    good = {
        "person": [one.pk for one in people], "tendered": "40", "channel": "class", "nonce": uuid.uuid4(),
        "shown_fen": "4000", "payer": "班长",
    }  # fmt: skip
    wrong = {"tendered": NO_AMOUNT, "channel": NOT_OFFERED, "payer": ("班" * 81, "pages.too_long")}
    return Stage(reverse("fees:bulk"), staff(world, Role.COUNSELLOR), good, wrong, {"person": [10**6]})


@form_case(counter.BookExtra)
def book(world: World) -> Stage:
    [person] = class_of(world, 1)
    wrong = {"item": NOT_OFFERED, "quantity": ("100", "pages.too_large"), "reason": TOO_LONG}
    good = {"item": "make_up", "quantity": "1", "reason": "加洗"}
    return Stage(_student(person.pk), staff(world, Role.REGISTRAR), good, wrong)


def _step(world: World, charge: Charge, role: Role = Role.REGISTRAR, **more: str) -> Stage:
    good = {"row": charge.pk, "reason": "写错", **more}
    return Stage(_student(charge.candidate_id), staff(world, role), good, {"reason": TOO_LONG})


@form_case(counter.CancelCharge)
def cancel_charge(world: World) -> Stage:
    return _step(world, charged(world, class_of(world, 1))[0])


@form_case(counter.WaiveCharge)
def waive(world: World) -> Stage:
    stage = _step(world, charged(world, class_of(world, 1))[0], ground="hardship")
    return Stage(stage.url, stage.client, stage.good, {**stage.wrong, "ground": NOT_OFFERED})


@form_case(counter.CancelWaiver)
def cancel_waiver(world: World) -> Stage:
    [charge] = charged(world, class_of(world, 1))
    actions.waive_charge(world.actor(Role.REGISTRAR), charge, ground="hardship", reason="低保")
    return _step(world, charge)


@form_case(counter.CancelPayment)
def cancel_payment(world: World) -> Stage:
    pay(world, class_of(world, 1))
    return _step(world, Charge.objects.latest("pk"), Role.COUNSELLOR)


@form_case(refunds.AskRefund)
def ask_for_a_refund(world: World) -> Stage:
    pay(world, class_of(world, 1))
    all_the_way_up(world)
    return _step(world, Charge.objects.latest("pk"), Role.COLLECTION_CENTRE)


@form_case(refunds.AskRefundOfPayment)
def ask_for_a_refund_of_a_payment(world: World) -> Stage:
    taken = pay(world, class_of(world, 2))
    good = {"charge": [Charge.objects.first().pk], "reason": "不拍了"}
    url = reverse("fees:collection", args=[taken.pk])
    return Stage(url, staff(world, Role.COUNSELLOR), good, {"reason": TOO_LONG}, {"charge": [10**6]})


def _asked(world: World) -> str:
    pay(world, class_of(world, 1))
    made = ask_refund(
        world.actor(Role.COUNSELLOR),
        world.campaign,
        charges=Charge.objects.filter(candidate__campaign=world.campaign),
        reason="不拍了",
    )
    return reverse("fees:refund", args=[made.pk])


@form_case(refunds.RefuseRefund)
def refuse_a_refund(world: World) -> Stage:
    return Stage(_asked(world), staff(world, Role.COLLEGE_OFFICER), {"reason": "不符"}, {"reason": TOO_LONG})


@form_case(refunds.CollectPart)
def collect_a_part(world: World) -> Stage:
    [charge] = charged(world, class_of(world, 1))
    good = {"charge": charge.pk, "amount_fen": "8", "tendered_fen": "10", "channel": "class", "nonce": uuid.uuid4()}
    wrong = {"amount_fen": NO_AMOUNT, "tendered_fen": NO_AMOUNT, "channel": NOT_OFFERED}
    return Stage(_student(charge.candidate_id), staff(world, Role.COUNSELLOR), good, wrong, {"charge": 10**6})


@form_case(counter.ChargePeople)
def charge_everybody(world: World) -> Stage:
    class_of(world, 1)
    return Stage(reverse("fees:list"), staff(world, Role.REGISTRAR), {"season": "spring"}, {"season": NOT_OFFERED})


@form_case(handing.ListHandIn)
def draw_up_a_list(world: World) -> Stage:
    pay(world, class_of(world, 2))
    url = f"{reverse('fees:new_hand_in')}?till={purse(world).pk}"
    good = {
        "season": "spring", "charge": list(Charge.objects.values_list("pk", flat=True)), "to": world.department.pk,
        "means": "postal", "reference": "H-1", "remitted_on": str(timezone.localdate()),
    }  # fmt: skip
    wrong = {"means": NOT_OFFERED, "reference": ("号" * 81, "pages.too_long"), "remitted_on": ("x", "pages.invalid")}
    foreign = {"to": world.strange_school.pk, "charge": [10**6]}
    return Stage(url, staff(world, Role.COUNSELLOR), good, wrong, foreign)


@form_case(handing.ReceiveHandIn)
def count_a_list(world: World) -> Stage:
    pay(world, class_of(world, 2))
    made = hand_in(world, purse(world), world.department, Role.COUNSELLOR, None)
    wrong = {"counted_fen": NO_AMOUNT, "counted_people": ("-1", "pages.too_small")}
    url, good = reverse("fees:hand_in", args=[made.pk]), {"counted_fen": "40.00", "counted_people": "2"}
    return Stage(url, staff(world, Role.COLLEGE_OFFICER), good, wrong)


@form_case(handing.RefuseHandIn)
def send_a_list_back(world: World) -> Stage:
    pay(world, class_of(world, 1))
    made = hand_in(world, purse(world), world.department, Role.COUNSELLOR, None)
    url = reverse("fees:hand_in", args=[made.pk])
    return Stage(url, staff(world, Role.COLLEGE_OFFICER), {"reason": "少一人"}, {"reason": TOO_LONG})


@form_case(handing.WithdrawHandIn)
def withdraw_a_list(world: World) -> Stage:
    pay(world, class_of(world, 1))
    made = hand_in(world, purse(world), world.department, Role.COUNSELLOR, None)
    url = reverse("fees:hand_in", args=[made.pk])
    return Stage(url, staff(world, Role.COUNSELLOR), {"reason": "少一人"}, {"reason": TOO_LONG})


@form_case(handing.CancelReceipt)
def cancel_a_receipt(world: World) -> Stage:
    pay(world, class_of(world, 1))
    made = hand_in(world, purse(world), world.department, Role.COUNSELLOR, Role.COLLEGE_OFFICER)
    receipt = receipt_for_hand_in(world.actor(Role.COLLEGE_OFFICER), made)
    url = reverse("fees:receipt", args=[receipt.pk])
    return Stage(url, staff(world, Role.COLLEGE_OFFICER), {"reason": "抬头写错"}, {"reason": TOO_LONG})


@form_case(handing.CloseDay)
def close_the_day(world: World) -> Stage:
    pay(world, class_of(world, 1))
    wrong = {"counted": NO_AMOUNT, "piece_2000": ("-1", "pages.too_small"), "note": TOO_LONG}
    good = {"row": purse(world).pk, "piece_2000": "1", "counted": "20.00", "note": "无差额"}
    return Stage(reverse("fees:my_day"), staff(world, Role.COUNSELLOR), good, wrong)


@form_case(handing.CloseSeason)
def close_a_season(world: World) -> Stage:
    pay(world, class_of(world, 1))
    all_the_way_up(world)
    good = {"row": "spring", "season": "spring", "note": "已核对", "sure": "on"}
    wrong = {"note": TOO_LONG, "season": ("winter", "pages.not_offered")}
    return Stage(reverse("fees:seasons"), staff(world, Role.COLLECTION_CENTRE), good, wrong)


@form_case(prices.SetPrice)
def add_a_price(world: World) -> Stage:
    good = {
        "organisation": world.centre.pk, "item": "group_photo", "amount_fen": "12.50", "source": "中心公告",
        "effective_from": str(timezone.localdate()), "this_year": "on", "school_kind": "本科",
    }  # fmt: skip
    wrong = {
        "item": NOT_OFFERED,
        "amount_fen": NO_AMOUNT,
        "source": TOO_LONG,
        "effective_from": ("x", "pages.invalid"),
        "school_kind": ("类" * 21, "pages.too_long"),
    }
    foreign = {"organisation": world.strange_school.pk}
    return Stage(reverse("fees:prices"), staff(world, Role.COLLECTION_CENTRE), good, wrong, foreign)


@form_case(prices.WithdrawPrice)
def withdraw_a_price(world: World) -> Stage:
    made = set_price(
        world.actor(Role.COLLECTION_CENTRE), world.centre, item="group_photo", amount_fen=1250, source="公告",
        effective_from=timezone.localdate(),
    )  # fmt: skip
    good = {"row": made.pk, "reason": "写错"}
    return Stage(reverse("fees:prices"), staff(world, Role.COLLECTION_CENTRE), good, {"reason": TOO_LONG})


@form_case(prices.SetChannels)
def set_the_channels(world: World) -> Stage:
    good = {
        "channel": ["college", "online"], "gateway": "test", "source": "校发〔2026〕1号", "effective_from": "2026-01-01",
    }  # fmt: skip
    wrong = {
        "channel": (["x"], "pages.not_offered"),
        "gateway": ("", "fees.gateway_missing"),
        "source": TOO_LONG,
        "effective_from": ("2026-02-30", "pages.invalid"),
    }
    return Stage(reverse("fees:prices"), staff(world, Role.REGISTRAR), good, wrong)


@form_case(outside.ImportStatement)
def take_a_statement(world: World) -> Stage:
    table = SimpleUploadedFile("a.csv", "交易日期,金额,附言,流水号\n2026-01-05,20.00,x,L1\n".encode())
    wrong = {"file": (SimpleUploadedFile("a.csv", b"\x00\x01MZ"), "core.upload_wrong_kind")}
    return Stage(reverse("fees:outside"), staff(world, Role.REGISTRAR), {"file": table}, wrong)


@form_case(refunds.AskOrderRefund)
def pay_an_order_back(world: World) -> Stage:
    [person] = class_of(world, 1)
    made = open_order(world.actor(Role.REGISTRAR), person, notify_url="http://testserver/")
    client = staff(world, Role.REGISTRAR)
    client.post(reverse("fees:rehearse_payment", args=[made.pk]))
    assert OnlineOrder.objects.latest("pk").status == "paid"
    return Stage(reverse("fees:order", args=[made.pk]), client, {"reason": "多缴"}, {"reason": TOO_LONG})
