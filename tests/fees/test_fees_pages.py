"""The pages: every one opens for whoever may open it, finds nothing for strangers, and does what its button says."""

import io
import re

import openpyxl
import pypdfium2
import pytest
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone

from budget import examples
from fees.fee_world import all_the_way_up, charged, class_of, fresh, hand_in, pay, purse, staff, till
from gradphoto.apps.campaigns.models import Rule, Season
from gradphoto.apps.core.models import AuditEntry
from gradphoto.apps.fees import lists
from gradphoto.apps.fees.models import (
    BankImport,
    Charge,
    Collection,
    DayClosing,
    HandIn,
    OnlineOrder,
    Price,
    Receipt,
    SeasonClosing,
)
from gradphoto.apps.fees.online import open_order
from gradphoto.apps.fees.receipts import cancel_receipt, receipt_for_collection, receipt_for_hand_in
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.orgs.permissions import roles_of
from gradphoto.apps.pages.models import Export
from gradphoto.apps.roster.models import Candidate
from queued_jobs import run_queued
from world import add_candidate, put


def body(answer):
    """The bytes of a streamed file."""
    return b"".join(answer.streaming_content)


pytestmark = pytest.mark.django_db
NONCE = "6f9619ff-8b86-4011-b42d-00cf4fc964ff"


@pytest.fixture
def full(world):
    """Something of everything."""
    people = class_of(world, 4)
    pay(world, people[:3])
    *_, last = all_the_way_up(world)
    receipt_for_hand_in(world.actor(Role.COLLECTION_CENTRE), last)
    own = pay(world, people[3:], Role.SITE_STAFF)
    receipt_for_collection(world.actor(Role.SITE_STAFF), own)
    more = class_of(world, 1, first=8)
    open_order(world.actor(Role.REGISTRAR), more[0], notify_url="http://testserver/")
    add_candidate(world, 9, season=Season.AUTUMN)
    statement = "交易日期,金额,附言,流水号\n2026-01-05,20.00,2022000008,L1\n".encode()
    staff(world, Role.REGISTRAR).post(reverse("fees:outside"), {"file": _file(statement)})
    return world


def _file(data: bytes, name: str = "statement.csv"):
    made = io.BytesIO(data)
    made.name = name
    return made


RECORDS = {
    "student": Candidate, "collect_one": Candidate, "book": Candidate, "open_order": Candidate, "charge_step": Charge,
    "collection": Collection, "issue": Collection, "hand_in": HandIn, "hand_in_step": HandIn, "hand_in_paper": HandIn,
    "receipt": Receipt, "receipt_pdf": Receipt, "cancel_receipt": Receipt, "statement": BankImport,
    "statement_report": BankImport, "order": OnlineOrder, "order_step": OnlineOrder,
}  # fmt: skip


def _addresses(world):
    resolver = get_resolver().namespace_dict["fees"][1]
    for name in sorted(key for key in resolver.reverse_dict if isinstance(key, str)):
        if name == "notify":
            continue
        needs = resolver.reverse_dict[name][0][0][1]
        record = RECORDS.get(name, Candidate).objects.first() if needs else None
        if name == "close_day":
            record = purse(world, Role.SITE_STAFF)
        yield name, reverse(f"fees:{name}", args=[record.pk] if record else []), bool(needs)


def test_a_receipt_leads_to_its_collection_only_whom_that_opens_to(full):
    """Who pays sees the receipt; the till is seen by who keeps it, and by those above."""
    receipt = Receipt.objects.exclude(collection=None).first()
    link = reverse("fees:collection", args=[receipt.collection_id])
    opened = set()
    for role in roles_of("fees.collect"):
        page = staff(full, role).get(reverse("fees:receipt", args=[receipt.pk]))
        if page.status_code == 200:
            opened.add((link in page.content.decode(), staff(full, role).get(link).status_code))
    assert opened
    assert opened <= {(True, 200), (False, 404)}


def test_every_page_answers_every_role_and_no_stranger(full):
    addresses = list(_addresses(full))
    assert len(addresses) > 30
    every = 1 if examples(1) > 1 else 7  # each page by two of the roles; by all of them at night
    for turn, role in enumerate(Role):
        person, stranger = staff(full, role), staff(full, role, stranger=True)
        for name, url, needs in addresses[turn % every :: every]:
            allowed = role in get_resolver().resolve(url).func.allowed_roles
            status = person.get(url).status_code
            assert status in ((200, 302, 404, 405) if allowed else (403,)), (role, name, status)
            other = stranger.get(url).status_code
            expected = ((404, 405) if needs else (200, 302, 405)) if allowed else (403,)
            assert other in expected, (role, name, other)
    for name, url, _ in addresses:
        assert Client().get(url).status_code == 302, name


def test_the_pages_a_role_works_with_really_open(full):
    last = HandIn.objects.first()
    for role, names in {
        Role.COUNSELLOR: (
            "list",
            "counter",
            "bulk",
            "hand_ins",
            "new_hand_in",
            "receipts",
            "my_day",
            "reconcile",
            "prices",
        ),
        Role.REGISTRAR: ("list", "outside", "seasons", "prices", "journal", "reconcile_export", "receipt_export"),
        Role.COLLECTION_CENTRE: ("list", "receipts", "seasons", "my_day", "outside", "shooting_list"),
    }.items():
        browser = staff(full, role)
        for name in names:
            assert browser.get(reverse(f"fees:{name}")).status_code == 200, (role, name)
    centre = staff(full, Role.COLLECTION_CENTRE)
    for name, record in (("hand_in", last), ("receipt", last.receipts.get()), ("receipt_pdf", last.receipts.get())):
        assert centre.get(reverse(f"fees:{name}", args=[record.pk])).status_code == 200, name
    for format_ in ("pdf", "xlsx"):
        assert centre.get(reverse("fees:hand_in_paper", args=[last.pk]), {"format": format_}).status_code == 200


def test_english_pages_hold_no_chinese_sentence_left_over(full):
    browser = staff(full, Role.REGISTRAR)
    browser.cookies["django_language"] = "en"
    page = browser.get(reverse("fees:list")).content.decode()
    assert "Shooting list" in page
    assert "拍摄名单" not in page


def test_a_scanned_card_opens_the_student_at_once(world):
    [person] = class_of(world, 1)
    for scanned in (
        person.student_no,
        f"GP1;99901;{person.student_no}",
        f"http://host/c/{person.student_no}?x=1",
        person.name,
    ):
        answer = staff(world, Role.COUNSELLOR).post(reverse("fees:counter"), {"q": scanned})
        assert answer.url == reverse("fees:student", args=[person.pk]), scanned


def test_r44_the_machine_readable_cards_own_code_and_an_id_number_find_the_person_too(world):
    from gradphoto.engine.cards.data import SEPARATOR

    [person] = class_of(world, 1)
    add_candidate(world, 2, name="李四")
    parts = ["GPC1", "L1", "F1", "A0000001", "M", "0123456789abcdef", "示范大学", person.name, "", "", "", ""]
    page = staff(world, Role.COUNSELLOR)
    for scanned in (SEPARATOR.join(parts), person.id_number.decrypt()):
        answer = page.post(reverse("fees:counter"), {"q": scanned})
        assert answer.status_code == 302, scanned
        assert answer.url == reverse("fees:student", args=[person.pk])


def test_search_shows_several_and_says_when_there_is_nobody(world):
    class_of(world, 3)
    browser = staff(world, Role.COUNSELLOR)
    page = browser.post(reverse("fees:counter"), {"q": "2022"}, headers={"HX-Request": "true"}).content.decode()
    assert page.count("<li>") == 3
    assert "<html" not in page
    assert "没有找到" in browser.post(reverse("fees:counter"), {"q": "无此人"}).content.decode()


def test_r134_a_student_pays_at_the_counter_and_gets_his_receipt(world):
    [person] = class_of(world, 1)
    browser = staff(world, Role.SITE_STAFF)
    page = browser.get(reverse("fees:student", args=[person.pk])).content.decode()
    assert "20.00" in page
    assert "测试" in page, "the price stands there with its source"
    form = {"photo": "1", "tendered": "50", "channel": "on_the_day", "nonce": NONCE, "shown_fen": "2000"}
    answer = browser.post(reverse("fees:student", args=[person.pk]), {"form": "collect_one", **form}, follow=True)
    assert "找零 30.00 元" in answer.content.decode()
    taken = Collection.objects.get()
    browser.post(reverse("fees:issue", args=[taken.pk]))
    pdf = browser.get(reverse("fees:receipt_pdf", args=[Receipt.objects.get().pk]))
    text = _text_of(pdf.content)
    for part in ("收　据", Receipt.objects.get().number_label, person.name, "贰拾元整", "第一联", "存根"):
        assert part in text, part


def _text_of(pdf: bytes) -> str:
    return "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf))


def test_a_class_is_ticked_and_booked_at_once(world):
    people = class_of(world, 5)
    browser = staff(world, Role.COUNSELLOR)
    page = browser.get(reverse("fees:bulk"), {"class_name": "计科2201", "season": "spring"}).content.decode()
    assert page.count('name="person"') == 5
    form = {
        "person": [one.pk for one in people[:3]], "tendered": "60", "channel": "class", "nonce": NONCE,
        "shown_fen": "6000", "payer": "班长",
    }  # fmt: skip
    answer = browser.post(f"{reverse('fees:bulk')}?season=spring", form)
    assert answer.url.endswith("?season=spring")
    page = browser.get(reverse("fees:bulk")).content.decode()
    assert page.count('name="person"') == 2
    assert Collection.objects.get().people_count == 3


def test_a_stale_page_does_not_collect_another_total(world):
    people = class_of(world, 2)
    form = {"person": [one.pk for one in people], "channel": "class", "nonce": NONCE, "shown_fen": "3000"}
    answer = staff(world, Role.COUNSELLOR).post(reverse("fees:bulk"), form)
    assert answer.status_code == 409
    assert "应收总额已经变化" in answer.content.decode()


def test_a_list_is_drawn_up_counted_and_receipted_on_the_pages(world):
    pay(world, class_of(world, 2))
    giving, receiving = staff(world, Role.COUNSELLOR), staff(world, Role.COLLEGE_OFFICER)
    assert giving.get(reverse("fees:new_hand_in")).content.decode().count('name="charge"') == 2
    form = {
        "season": "spring", "to": world.department.pk,
        "means": "cash", "charge": list(Charge.objects.values_list("pk", flat=True)),
    }  # fmt: skip
    giving.post(f"{reverse('fees:new_hand_in')}?till={purse(world).pk}", form)
    made = HandIn.objects.get()
    assert "待我清点" in receiving.get(reverse("fees:list")).content.decode()
    step = reverse("fees:hand_in", args=[made.pk])
    count = {"form": "receive_hand_in", "counted_people": "2"}
    wrong = receiving.post(step, {**count, "counted_fen": "39"})
    assert (wrong.status_code, "差额 -1.00 元" in wrong.content.decode()) == (409, True)
    receiving.post(step, {**count, "counted_fen": "40.00"})
    receiving.post(step, {"form": "receipt_for_hand_in"})
    assert Receipt.objects.get().issuer == world.department
    text = _text_of(giving.get(reverse("fees:hand_in_paper", args=[made.pk])).content)
    for part in ("上缴清单", "计算机学院", "2022000001", "40.00", "上缴人", "接收人", "肆拾元整"):
        assert part in text, part


def test_r63_a_cancelled_receipt_says_so_on_paper_and_in_the_export(full):
    receipt = HandIn.objects.first().receipts.get()
    centre = staff(full, Role.COLLECTION_CENTRE)
    centre.post(reverse("fees:receipt", args=[receipt.pk]), {"reason": "抬头写错"})
    assert "作废" in _text_of(centre.get(reverse("fees:receipt_pdf", args=[receipt.pk])).content)
    assert receipt.number_label in centre.get(reverse("fees:receipts"), {"state": "cancelled"}).content.decode()
    assert receipt.number_label not in centre.get(reverse("fees:receipts"), {"state": "valid"}).content.decode()
    book = openpyxl.load_workbook(io.BytesIO(body(centre.get(reverse("fees:receipt_export")))))
    [row] = [row for row in book.active.iter_rows(values_only=True) if row[0] == receipt.number_label]
    assert (row[5], row[9]) == (0, "抬头写错")


def test_receipts_are_found_by_number_and_payer(full):
    receipt = HandIn.objects.first().receipts.get()
    browser = staff(full, Role.COLLECTION_CENTRE)
    for words in (receipt.number_label, str(receipt.number), "示范大学"):
        assert receipt.number_label in browser.get(reverse("fees:receipts"), {"q": words}).content.decode(), words
    assert receipt.number_label not in browser.get(reverse("fees:receipts"), {"q": "某某学院"}).content.decode()


def test_the_day_is_closed_with_its_cash_counted(world):
    pay(world, class_of(world, 3))
    browser = staff(world, Role.COUNSELLOR)
    page = browser.get(reverse("fees:my_day")).content.decode()
    assert 'data-expected="6000"' in page
    url, form = reverse("fees:my_day"), {"form": "close_day", "row": purse(world).pk}
    short = browser.post(url, {**form, "piece_2000": "2"})
    assert short.status_code == 409, "a difference needs a word"
    assert 'value="2"' in short.content.decode(), "and nobody counts again"
    browser.post(url, {**form, "piece_2000": "3"})
    assert DayClosing.objects.get().denominations == {"2000": 3}
    assert "今日已日结" in browser.get(reverse("fees:my_day")).content.decode()


def test_r138_the_three_sides_are_told_apart_by_name(world):
    from verification.graduate_world import add_graduate

    paid, unpaid = class_of(world, 2)
    pay(world, [paid])
    shot = add_graduate(world, 7)
    away = class_of(world, 1, first=11)
    pay(world, away)
    put(Candidate.objects.filter(pk=away[0].pk), status="deferred")
    browser = staff(world, Role.REGISTRAR)
    for show, expected in {
        "listed_unpaid": {unpaid, shot}, "shot_unpaid": {shot}, "paid_not_shot": {paid, away[0]},
        "paid_not_listed": set(away), "shot_not_listed": set(), "": {paid, unpaid, shot, away[0]},
    }.items():  # fmt: skip
        page = browser.get(reverse("fees:reconcile"), {"show": show}).content.decode()
        assert set(re.findall(r"20220000\d\d", page)) == {one.student_no for one in expected}, show
    [line] = browser.get(reverse("fees:reconcile")).context["lines"]
    assert (line.listed, line.paid, line.shot, line.agrees) == (3, 2, 1, False)
    book = openpyxl.load_workbook(io.BytesIO(body(browser.get(reverse("fees:reconcile_export")))))
    whys = {row[3]: row[9] for row in book.active.iter_rows(min_row=2, values_only=True)}
    assert whys[shot.student_no] == "在册未缴费、已拍未缴费"


def test_r139_the_shooting_list_leaves_the_unpaid_out_and_keeps_seasons_apart(world):
    late, early, unpaid = (add_candidate(world, n) for n in (9, 2, 5))
    autumn = add_candidate(world, 4, season=Season.AUTUMN)
    pay(world, [late, early, autumn])
    browser = staff(world, Role.REGISTRAR)
    assert _listed(browser, "spring") == [early.student_no, late.student_no]
    assert _listed(browser, "autumn") == [autumn.student_no]
    Rule.objects.create(
        rule_set=world.campaign.rule_set, key="fee.paid_before_listed", value=False, source="现场交费",
        effective_from="2020-01-01",
    )  # fmt: skip
    assert _listed(browser, "spring") == [early.student_no, late.student_no, unpaid.student_no]
    pdf = browser.get(reverse("fees:shooting_list"), {"season": "spring", "format": "pdf"})
    for part in ("图像信息采集学生名单", "毕业班辅导员", "（学工办盖章）", "预拍摄序号"):
        assert part in _text_of(pdf.content), part


def _listed(browser: Client, season: str) -> list[str]:
    browser.post(reverse("fees:shooting_lists"), {"season": season})
    data = browser.get(reverse("fees:shooting_list"), {"season": season}).content
    rows = openpyxl.load_workbook(io.BytesIO(data)).active.iter_rows(values_only=True)
    numbered = [(row[0], row[1]) for row in rows if str(row[0] or "").isdigit()]
    assert sorted(number for number, _ in numbered) == [number for number, _ in numbered]
    return [student_no for _, student_no in numbered]


def test_prices_are_set_seen_and_withdrawn_with_their_source(world):
    centre = staff(world, Role.COLLECTION_CENTRE)
    form = {
        "organisation": world.centre.pk, "form": "set_price", "item": "group_photo", "amount_fen": "12.50", "source": "中心公告2026-1",
        "effective_from": timezone.localdate().isoformat(), "this_year": "1",
    }  # fmt: skip
    centre.post(reverse("fees:prices"), form)
    price = Price.objects.get()
    assert (price.amount_fen, price.cohort_year) == (1250, 2026)
    page = staff(world, Role.COUNSELLOR).get(reverse("fees:prices")).content.decode()
    assert "中心公告2026-1" in page
    assert "加一条价格" not in page
    registrar = staff(world, Role.REGISTRAR)
    withdrawal = {"form": "withdraw_price", "row": price.pk, "reason": "写错"}
    assert registrar.post(reverse("fees:prices"), withdrawal).status_code in (403, 404)
    assert fresh(price).withdrawn_reason == ""
    centre.post(reverse("fees:prices"), withdrawal)
    assert fresh(price).withdrawn_reason == "写错"


def test_the_registrar_says_how_money_is_taken(world):
    form = {
        "form": "set_channels",
        "channel": ["college", "online"],
        "gateway": "test",
        "source": "校发〔2026〕1号",
        "effective_from": "2026-01-01",
    }
    registrar = staff(world, Role.REGISTRAR)
    registrar.post(reverse("fees:prices"), form)
    assert Rule.objects.filter(key="fee.channels", effective_from="2026-01-01").get().value == ["college", "online"]
    assert registrar.post(reverse("fees:prices"), {**form, "gateway": ""}).status_code == 422


def test_cancelling_waiving_and_booking_from_the_students_page(world):
    [person] = class_of(world, 1)
    [charge] = charged(world, [person])
    registrar = staff(world, Role.REGISTRAR)
    step, waive = reverse("fees:student", args=[person.pk]), {"form": "waive_charge", "row": charge.pk}
    assert registrar.post(step, {**waive, "ground": "hardship", "reason": ""}).status_code == 422
    registrar.post(step, {**waive, "reason": "低保", "ground": "hardship"})
    assert (fresh(charge).status, fresh(charge).waive_ground) == ("waived", "hardship")
    registrar.post(step, {"form": "book_extra", "item": "free_reshoot", "reason": "闭眼"})
    assert Charge.objects.filter(item="make_up", status="waived").count() == 1


def test_a_season_is_closed_on_its_page_with_open_eyes(world):
    pay(world, class_of(world, 1))
    all_the_way_up(world)
    centre = staff(world, Role.COLLECTION_CENTRE)
    assert "可以结账" in centre.get(reverse("fees:seasons")).content.decode()
    url, form = reverse("fees:seasons"), {"row": "spring", "season": "spring"}
    assert centre.post(url, form).status_code == 422
    centre.post(url, {**form, "sure": "on"})
    assert SeasonClosing.objects.get().season == "spring"
    book = openpyxl.load_workbook(io.BytesIO(body(centre.get(reverse("fees:journal")))))
    assert book.active.max_row == 1 + 1 + 1 + 3


@pytest.mark.parametrize("name", ["journal", "receipt_export", "reconcile_export"])
def test_a_long_list_is_written_in_the_background_the_same_as_at_once_and_only_for_who_asked(full, monkeypatch, name):
    run_queued()  # the bank's statement of this world
    registrar = staff(full, Role.REGISTRAR)

    def rows(answer):
        return list(openpyxl.load_workbook(io.BytesIO(body(answer))).active.values)

    at_once = rows(registrar.get(reverse(f"fees:{name}")))
    for listing in (lists.RECEIPTS, lists.JOURNAL, lists.DIFFERENCES):
        monkeypatch.setitem(listing.__dict__, "at_once", 0)
    where = registrar.post(reverse(f"fees:{name}")).url
    assert f"{where}file/" not in registrar.get(where).content.decode()
    assert run_queued() == 1
    export = Export.objects.select_related("job").get()
    assert export.job.state == "done"
    assert export.job.done == export.row_count == len(at_once) - 1 > 0
    assert rows(registrar.get(f"{where}file/")) == at_once
    assert AuditEntry.objects.filter(action__in=["pages.export", "pages.fetch_export"]).count() == 2
    assert staff(full, Role.COLLECTION_CENTRE).get(where).status_code == 404


@pytest.mark.parametrize("named", ["0", "x", "999999", "1.0"])
def test_an_address_that_names_no_campaign_shows_and_exports_none(world, named):
    registrar = staff(world, Role.REGISTRAR)
    for name in ("reconcile", "reconcile_export", "journal"):
        assert registrar.get(reverse(f"fees:{name}"), {"campaign": named}).status_code == 404, name


def test_no_address_and_no_audit_entry_holds_an_id_number(full):
    details = "".join(str(entry.detail) for entry in AuditEntry.objects.all())
    assert not re.search(r"990101\d{11}[\dX]", details)
    browser = staff(full, Role.REGISTRAR)
    for name in ("list", "bulk", "reconcile", "receipts", "outside"):
        assert not re.search(r"990101\d{11}[\dX]", browser.get(reverse(f"fees:{name}")).content.decode())


def test_cancelled_receipts_are_replaced_by_a_new_number(world):
    taken = pay(world, class_of(world, 1))
    actor = world.actor(Role.COUNSELLOR)
    first = receipt_for_collection(actor, taken)
    assert staff(world, Role.COUNSELLOR).get(reverse("fees:receipt", args=[first.pk])).status_code == 200
    with pytest.raises(Exception, match="not_permitted"):
        cancel_receipt(actor, first, reason="错")
    cancel_receipt(world.actor(Role.COLLEGE_OFFICER), first, reason="错")
    second = receipt_for_collection(actor, taken)
    assert (second.number, second.replaces) == (2, first)
    assert till(world, world.department).balance_fen == 0
    assert hand_in(world, purse(world), world.department, Role.COUNSELLOR, None).people_count == 1
