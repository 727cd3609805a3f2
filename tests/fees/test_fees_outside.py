"""Money from outside: the gateway's notices, however they come, and a bank's statement, row by row."""

import io
import json
import uuid

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from fees.fee_world import charged, class_of, fresh, pay, staff
from gradphoto.apps.campaigns.models import Campaign, Rule, Season
from gradphoto.apps.core import jobs
from gradphoto.apps.core.errors import InvalidInput, PermissionRefusal, Refusal
from gradphoto.apps.fees.actions import book_extra
from gradphoto.apps.fees.bank import import_statement
from gradphoto.apps.fees.closing import close_season
from gradphoto.apps.fees.gateway import Event, GatewayError, Notice
from gradphoto.apps.fees.ledger import prove
from gradphoto.apps.fees.models import (
    BankImport,
    BankRow,
    Charge,
    Collection,
    Entry,
    GatewayNotice,
    Item,
    OnlineOrder,
    Refund,
)
from gradphoto.apps.fees.online import GATEWAYS, SYSTEM, ask_again, open_order, take_notice
from gradphoto.apps.fees.prices import set_price
from gradphoto.apps.fees.refunds import approve_refund, ask_order_refund
from gradphoto.apps.orgs.models import Role
from world import add_candidate

pytestmark = pytest.mark.django_db
DOOR = "/fees/gateway/test/notify/"


@pytest.fixture(autouse=True)
def gateway(tmp_path, settings):
    settings.DATA_DIR = tmp_path
    return GATEWAYS["test"]()


def ordered(world, n: int = 1) -> OnlineOrder:
    person = add_candidate(world, n)
    return open_order(world.actor(Role.REGISTRAR), person, notify_url=f"http://testserver{DOOR}")


def knock(headers: dict[str, str], body: bytes):
    return Client().post(DOOR, body, content_type="application/json", headers=headers)


def test_an_order_says_nothing_personal_and_is_paid_by_a_signed_notice(world, gateway):
    order = ordered(world)
    stored = next((gateway._folder).iterdir()).read_text()
    assert order.candidate.name not in stored
    assert order.candidate.student_no not in stored
    answer = knock(*gateway.pay(order.public_id))
    assert answer.json() == {"outcome": "applied"}
    order.refresh_from_db()
    assert (order.status, order.collection.total_fen, order.collection.channel) == ("paid", 2000, "online")
    assert Charge.objects.get().status == "collected"
    assert prove().right


def test_no_order_is_placed_in_a_closed_season_and_a_late_payment_of_one_is_marked_to_be_refunded(world, gateway):
    """Charges that are due hold no closing up; whoever pays one afterwards pays what no book can hold (R55)."""
    order = ordered(world)
    knock(*gateway.close(order.public_id))
    centre = world.actor(Role.COLLECTION_CENTRE)
    close_season(centre, world.campaign, season=Season.SPRING, note="一人未缴")
    with pytest.raises(Refusal, match="season_is_closed"):
        open_order(world.actor(Role.REGISTRAR), order.candidate, notify_url="http://x/")
    assert knock(*gateway.pay(order.public_id)).json() == {"outcome": "applied"}
    assert (fresh(order).status, Collection.objects.count()) == ("surplus", 0)
    assert ask_order_refund(centre, fresh(order), reason="毕业季已结账").amount_fen == 2000


def test_a_notice_that_comes_again_books_nothing_again(world, gateway):
    order = ordered(world)
    headers, body = gateway.pay(order.public_id)
    assert [knock(headers, body).status_code for _ in range(3)] == [200, 200, 200]
    again = gateway.notice(order.public_id, Event.PAID, 2000)
    assert knock(*again).json() == {"outcome": "ignored"}, "the same news under another number"
    assert Collection.objects.count() == 1
    assert GatewayNotice.objects.count() == 2


@pytest.mark.parametrize("spoil", ["body", "signature", "time", "none"])
def test_an_unsigned_or_altered_notice_is_not_even_read(world, gateway, spoil):
    order = ordered(world)
    headers, body = gateway.pay(order.public_id)
    if spoil == "body":
        body = body.replace(b"2000", b"1")
    elif spoil == "signature":
        headers["X-Test-Gateway-Signature"] = "0" * 64
    elif spoil == "time":
        headers["X-Test-Gateway-Time"] = str(int(headers["X-Test-Gateway-Time"]) + 1)
    else:
        headers = {}
    answer = knock(headers, body)
    assert (answer.status_code, answer.json()) == (400, {"code": "fees.notice_unsigned"})
    assert not GatewayNotice.objects.exists()


def test_a_stale_or_broken_notice_is_refused_by_code(world, gateway):
    body = b"{}"
    old = "1000000000"
    headers = {"X-Test-Gateway-Time": old, "X-Test-Gateway-Signature": gateway._sign(old, body)}
    assert knock(headers, body).json() == {"code": "fees.notice_stale"}
    now = str(int(timezone.now().timestamp()))
    headers = {"X-Test-Gateway-Time": now, "X-Test-Gateway-Signature": gateway._sign(now, body)}
    assert knock(headers, body).json() == {"code": "fees.notice_unreadable"}
    assert Client().post("/fees/gateway/other/notify/", b"", content_type="application/json").status_code == 404
    assert knock(*gateway.notice(uuid.uuid4(), Event.PAID, 1)).json() == {"outcome": "unknown_order"}


def test_a_refund_told_before_its_payment_waits_for_it(world, gateway):
    order = ordered(world)
    assert knock(*gateway.notice(order.public_id, Event.REFUNDED, 2000)).json() == {"outcome": "early"}
    assert not Entry.objects.filter(kind="refund").exists()
    assert knock(*gateway.pay(order.public_id)).json() == {"outcome": "applied"}
    order.refresh_from_db()
    assert order.status == "refunded"
    assert list(Entry.objects.values_list("kind", flat=True)) == ["charge", "collect", "refund", "cancel_charge"]
    assert prove().right


def test_closing_after_paying_changes_nothing_and_paying_after_closing_is_booked(world, gateway):
    order = ordered(world)
    assert knock(*gateway.close(order.public_id)).json() == {"outcome": "applied"}
    assert fresh(order).status == "closed"
    knock(*gateway.pay(order.public_id))
    assert fresh(order).status == "paid"
    assert knock(*gateway.close(order.public_id)).json() == {"outcome": "ignored"}
    assert fresh(order).status == "paid"


def test_another_amount_is_not_booked(world, gateway):
    order = ordered(world)
    assert knock(*gateway.pay(order.public_id, 1)).json() == {"outcome": "amount_differs"}
    assert (fresh(order).status, Collection.objects.count()) == ("open", 0)


def test_who_paid_in_cash_meanwhile_is_paid_back(world, gateway):
    order = ordered(world)
    pay(world, [order.candidate])
    knock(*gateway.pay(order.public_id))
    assert fresh(order).status == "surplus"
    assert Collection.objects.count() == 1
    with pytest.raises(PermissionRefusal):
        ask_order_refund(world.actor(Role.COUNSELLOR), order, reason="重复")
    asked = ask_order_refund(world.actor(Role.REGISTRAR), order, reason="重复缴费")
    with pytest.raises(Refusal, match=r"four_eyes"):
        approve_refund(world.actor(Role.REGISTRAR), asked)
    assert gateway.query(order.public_id).refunded_fen == 0
    approve_refund(world.actor(Role.COLLECTION_CENTRE), asked)
    assert fresh(order).status == "refunded"
    assert gateway.query(order.public_id).refunded_fen == 2000


def test_a_refund_goes_back_the_way_it_came_and_the_books_follow(world, gateway):
    order = ordered(world)
    knock(*gateway.pay(order.public_id))
    approve_refund(
        world.actor(Role.REGISTRAR), ask_order_refund(world.actor(Role.COLLECTION_CENTRE), order, reason="不参加采集")
    )
    assert (fresh(order).status, Charge.objects.get().status) == ("refunded", "refunded")
    assert prove().right
    with pytest.raises(Refusal, match=r"order_not_paid"):
        ask_order_refund(world.actor(Role.COLLECTION_CENTRE), fresh(order), reason="再退")
    with pytest.raises(GatewayError, match=r"refund_too_much"):
        gateway.refund(order.public_id, 2000, "another")


def test_a_lost_notice_is_made_up_for_by_asking(world, gateway):
    order = ordered(world)
    headers, body = gateway.pay(order.public_id)
    assert ask_again(order).status == "paid"
    assert ask_again(order).status == "paid"
    knock(headers, body)
    assert Collection.objects.count() == 1


def test_one_open_order_a_person_follows_what_is_due(world):
    order = ordered(world)
    again = open_order(world.actor(Role.REGISTRAR), order.candidate, notify_url="http://x/")
    assert again == order
    centre, today = world.actor(Role.COLLECTION_CENTRE), timezone.localdate()
    set_price(centre, world.centre, item=Item.GROUP_PHOTO, amount_fen=500, source="公告", effective_from=today)
    book_extra(world.actor(Role.COUNSELLOR), order.candidate, item=Item.GROUP_PHOTO)
    bigger = open_order(world.actor(Role.REGISTRAR), order.candidate, notify_url="http://x/")
    assert (bigger.amount_fen, fresh(order).status) == (2500, "closed")


def test_online_is_open_only_where_the_rules_say_so_and_name_a_known_gateway(world):
    Rule.objects.filter(key="fee.gateway").update(value="wechat")
    with pytest.raises(Refusal, match=r"gateway_unknown"):
        ordered(world, 1)
    Rule.objects.filter(key="fee.channels").update(value=["class"])
    with pytest.raises(Refusal, match=r"channel_closed"):
        ordered(world, 2)


def test_only_the_system_takes_notices(world):
    notice = Notice("n", uuid.uuid4(), Event.PAID, 1, timezone.now())
    with pytest.raises(PermissionRefusal):
        take_notice(world.actor(Role.ADMINISTRATOR), None, gateway="test", notice=notice)
    assert take_notice(SYSTEM, None, gateway="test", notice=notice).outcome == "unknown_order"


# A bank's statement

HEADING = ("交易流水号", "交易日期", "贷方金额", "对方户名", "附言")


def a_statement(*rows: tuple[str, ...], xlsx: bool = False) -> bytes:
    lines = [("某某银行 账户明细",), HEADING, *rows]
    if not xlsx:
        return "\n".join(",".join(line) for line in lines).encode("gb18030")
    book, out = openpyxl.Workbook(), io.BytesIO()
    for line in lines:
        book.active.append(list(line))
    book.save(out)
    return out.getvalue()


def matched(world, data: bytes, role: Role = Role.REGISTRAR) -> BankImport:
    home = world.school if role is Role.REGISTRAR else world.centre
    made = import_statement(
        world.actor(role), Campaign.objects.get(pk=world.campaign.pk), organisation=home, file_name="明细.csv", data=data,
        media_type="text/csv",
    )  # fmt: skip
    jobs.run(made.job.pk)
    made.refresh_from_db()
    return made


def outcomes(made: BankImport) -> list[str]:
    return list(made.rows.values_list("outcome", flat=True))


@pytest.mark.parametrize("xlsx", [False, True])
def test_each_row_of_a_statement_is_told(world, xlsx):
    people = class_of(world, 6)
    charged(world, people)
    number = people[2].id_number.decrypt()
    made = matched(
        world,
        a_statement(
            ("S1", "2026-01-05", "20.00", "某家长", f"{people[0].student_no} 采集费"),
            ("S2", "20260105", "20", people[1].name, "缴费"),
            ("S3", "2026-01-05", "20.00", "某人", f"身份证{number}"),
            ("S4", "2026-01-05", "15.00", "某人", people[3].student_no),
            ("S5", "2026-01-05", "20.00", "不相干", "货款"),
            ("S1", "2026-01-05", "20.00", "某家长", people[4].student_no),
            ("S6", "2026-01-06", "20.00", "某家长", people[0].student_no),
            ("S7", "2026-13-45", "20.00", "某家长", people[5].student_no),
            ("S8", "2026-01-06", "-20.00", "支出", "手续费"),
            xlsx=xlsx,
        ),
    )
    assert made.status == "done"
    assert outcomes(made) == [
        "matched", "matched", "matched", "amount_differs", "unmatched", "duplicate", "duplicate", "unreadable",
    ]  # fmt: skip
    assert list(made.rows.values_list("row_number", flat=True)) == list(range(3, 11))
    assert not BankRow.objects.filter(memo__contains=number).exists(), "an ID number in a memo is kept masked"
    assert all(row.reason["zh"] and row.reason["en"] for row in made.rows.all())
    assert Charge.objects.filter(status="collected").count() == 3
    assert prove().right


def test_the_same_statement_again_books_nothing_again(world):
    people = class_of(world, 2)
    charged(world, people)
    data = a_statement(*(("", "2026-01-05", "20.00", "某家长", one.student_no) for one in people))
    assert outcomes(matched(world, data)) == ["matched", "matched"]
    assert outcomes(matched(world, data)) == ["duplicate", "duplicate"]
    assert Collection.objects.count() == 2


def test_a_run_that_was_killed_goes_on_where_it_stopped(world, monkeypatch):
    from gradphoto.apps.fees import bank

    people = class_of(world, 3)
    charged(world, people)
    data = a_statement(*((f"S{n}", "2026-01-05", "20", "家长", one.student_no) for n, one in enumerate(people)))
    made = import_statement(
        world.actor(Role.REGISTRAR), world.campaign, organisation=world.school, file_name="a.csv", data=data,
        media_type="text/csv",
    )  # fmt: skip
    row = bank.read_statement(data)[0]
    bank.match_row(SYSTEM, made, row=row)
    jobs.run(made.job.pk)
    assert outcomes(made) == ["matched"] * 3
    assert Collection.objects.count() == 3


def test_two_of_a_name_are_left_to_a_person(world):
    charged(world, [add_candidate(world, 1, name="王丽"), add_candidate(world, 2, name="王丽")])
    made = matched(world, a_statement(("S1", "2026-01-05", "20", "王丽", "采集费")))
    assert outcomes(made) == ["unmatched"]
    assert "不止一名" in made.rows.get().reason["zh"]


def test_a_file_that_is_no_statement_is_refused_at_once(world):
    for data in (b"PK\x03\x04nonsense", "姓名,学号\n甲,1\n".encode()):
        with pytest.raises(InvalidInput, match=r"fees.statement"):
            matched(world, data)
    with pytest.raises(PermissionRefusal):
        import_statement(
            world.actor(Role.REGISTRAR), world.campaign, organisation=world.centre, file_name="a", data=b"x",
            media_type="text/csv",
        )  # fmt: skip
    assert not BankImport.objects.exists()


def test_the_report_is_seen_filtered_and_exported(world):
    charged(world, class_of(world, 1))
    made = matched(
        world, a_statement(("S1", "2026-01-05", "20", "家长", "2022000001"), ("S2", "2026-01-05", "20", "外人", "货款"))
    )
    browser = staff(world, Role.REGISTRAR)
    page = browser.get(reverse("fees:statement", args=[made.pk]), {"outcome": "unmatched"}).content.decode()
    assert "S2" in page
    assert "S1" not in page
    book = openpyxl.load_workbook(io.BytesIO(b"".join(browser.get(reverse("fees:statement_report", args=[made.pk])))))
    assert [row[6] for row in book.active.iter_rows(min_row=2, values_only=True)] == ["已匹配入账", "未匹配"]
    assert staff(world, Role.REGISTRAR, stranger=True).get(
        reverse("fees:statement", args=[made.pk])
    ).status_code == 404  # fmt: skip


def test_the_rehearsal_on_the_page_goes_through_the_same_door(world):
    [person] = class_of(world, 1)
    browser = staff(world, Role.REGISTRAR)
    url = browser.post(reverse("fees:open_order", args=[person.pk])).url
    page = browser.get(url).content.decode()
    assert "测试网关" in page
    assert "data:image/svg+xml" in page
    browser.post(url + "rehearse/")
    assert OnlineOrder.objects.get().status == "paid"
    browser.post(url, {"reason": "演练"})
    assert OnlineOrder.objects.get().status == "paid", "asked for, and not paid back by the same person"
    asked = reverse("fees:refund", args=[Refund.objects.get().pk])
    assert browser.post(asked, {"form": "approve_refund"}).status_code == 409
    staff(world, Role.COLLECTION_CENTRE).post(asked, {"form": "approve_refund"})
    assert OnlineOrder.objects.get().status == "refunded"
    assert json.loads(json.dumps(Charge.objects.get().status)) == "refunded"
