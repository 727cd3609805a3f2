"""The ledger: what is charged, paid, handed on, taken back; and what the database itself refuses."""

import uuid
from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from fees.fee_world import (
    all_the_way_up,
    charged,
    class_of,
    colleague,
    fresh,
    hand_in,
    pay,
    purse,
    till,
)
from gradphoto.apps.campaigns.models import Rule, Season
from gradphoto.apps.core.errors import PermissionRefusal, Refusal, StepRefusal
from gradphoto.apps.fees.actions import (
    book_extra,
    book_free_reshoot,
    cancel_charge,
    cancel_payment,
    cancel_waiver,
    collect,
    waive_charge,
)
from gradphoto.apps.fees.closing import close_day, close_season, hindrances
from gradphoto.apps.fees.handing import (
    list_hand_in,
    lying_in,
    receive_hand_in,
    refuse_hand_in,
    ways_up,
    withdraw_hand_in,
)
from gradphoto.apps.fees.ledger import prove
from gradphoto.apps.fees.models import (
    Account,
    Channel,
    Charge,
    Collection,
    DayClosing,
    Entry,
    Item,
    Means,
    SeasonClosing,
    WaiveGround,
)
from gradphoto.apps.fees.receipts import receipt_for_collection, receipt_for_hand_in
from gradphoto.apps.fees.refunds import approve_refund, ask_refund
from gradphoto.apps.fees.tills import till_of
from gradphoto.apps.fees.triggers import GUARD
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.roster.models import CandidateStatus
from world import add_candidate, build_world

pytestmark = pytest.mark.django_db


def refused(code: str):
    return pytest.raises(Refusal, match=code)


def test_r134_a_class_pays_and_the_change_is_told():
    world = build_world()
    people = class_of(world, 3)
    taken = pay(world, people, tendered=10000)
    assert (taken.total_fen, taken.change_fen, taken.people_count) == (6000, 4000, 3)
    assert fresh(purse(world)).balance_fen == 6000
    assert set(Charge.objects.values_list("status", flat=True)) == {"collected"}
    assert prove().right


def test_somebody_pays_the_photograph_once_whoever_asks_again():
    world = build_world()
    [person] = class_of(world, 1)
    pay(world, [person])
    with refused("fees.not_due"):
        pay(world, [person], Role.SITE_STAFF)
    assert Entry.objects.filter(kind="collect").count() == 1


def test_a_repeated_click_takes_the_money_once():
    world = build_world()
    people, nonce = class_of(world, 2), uuid.uuid4()
    first = pay(world, people, nonce=nonce)
    assert pay(world, people, nonce=nonce) == first
    assert Collection.objects.count() == 1


def test_too_little_money_and_a_total_that_changed_are_refused():
    world = build_world()
    people = class_of(world, 2)
    with refused("fees.too_little"):
        pay(world, people, tendered=3999)
    with refused("fees.total_changed"):
        pay(world, people, shown_fen=3000)
    assert not Charge.objects.exists(), "a refused collection charges nobody"


def test_r138_only_the_ways_of_the_campaign_are_open():
    world = build_world()
    Rule.objects.filter(key="fee.channels").update(value=["college"])
    with refused("fees.channel_closed"):
        pay(world, class_of(world, 1))
    Rule.objects.filter(key="fee.channels").delete()
    with refused("fees.channels_missing"):
        pay(world, class_of(world, 1, first=5))


def test_only_the_approved_list_is_charged():
    world = build_world()
    person = add_candidate(world, 1, status=CandidateStatus.SIGNED)
    with refused("fees.not_on_the_list"):
        pay(world, [person])


def test_a_collector_takes_money_for_his_own_people_into_his_own_purse():
    world = build_world()
    elsewhere = add_candidate(world, 1, department=world.other_department)
    with pytest.raises(PermissionRefusal):
        pay(world, [elsewhere])
    with pytest.raises(PermissionRefusal):
        collect(
            world.actor(Role.SITE_STAFF), purse(world), channel=Channel.CLASS, tendered_fen=2000, nonce=uuid.uuid4(),
            people=class_of(world, 1, first=2),
        )  # fmt: skip
    with pytest.raises(PermissionRefusal):
        till_of(world.stranger(Role.COUNSELLOR), world.campaign)


def test_a_mistake_is_answered_by_a_counter_entry_and_the_person_owes_again():
    world = build_world()
    [person] = class_of(world, 1)
    pay(world, [person])
    charge = Charge.objects.get()
    with refused("fees.reason_missing"):
        cancel_payment(world.actor(Role.COUNSELLOR), charge, reason=" ")
    cancel_payment(world.actor(Role.COUNSELLOR), charge, reason="点错人")
    assert (fresh(charge).status, fresh(charge).till) == ("due", None)
    assert fresh(purse(world)).balance_fen == 0
    assert list(Entry.objects.values_list("kind", flat=True)) == ["charge", "collect", "cancel_payment"]
    pay(world, [person])
    assert fresh(charge).status == "collected"
    assert prove().right


def test_a_refund_after_the_hand_in_comes_out_of_the_till_where_the_money_lies():
    world = build_world()
    people = class_of(world, 2)
    pay(world, people)
    all_the_way_up(world)
    charge = Charge.objects.first()
    asked = ask_refund(world.actor(Role.REGISTRAR), world.campaign, charges=[charge], reason="不参加采集")
    for role in (Role.COUNSELLOR, Role.COLLEGE_OFFICER, Role.REGISTRAR):
        with pytest.raises(Refusal):  # not their till, or not another person
            approve_refund(world.actor(role), asked)
    assert fresh(till(world, world.centre)).balance_fen == 4000
    approve_refund(world.actor(Role.COLLECTION_CENTRE), asked)
    assert fresh(till(world, world.centre)).balance_fen == 2000
    assert fresh(charge).status == "refunded"
    assert fresh(purse(world)).balance_fen == 0
    assert prove().right
    pay(world, [charge.candidate])
    assert Charge.objects.filter(candidate=charge.candidate).count() == 2, "who comes after all pays anew"


def test_r137_a_reshoot_for_closed_eyes_is_charged_and_waived_in_one_act():
    world = build_world()
    [person] = class_of(world, 1)
    pay(world, [person])
    charge = book_free_reshoot(world.actor(Role.SITE_STAFF), person, reason="闭眼")
    assert (charge.status, charge.waive_ground, charge.amount_fen) == ("waived", "shooting_fault", 2000)
    assert Account.objects.get(kind="waived").balance_fen == 2000
    assert prove().right


def test_a_waiver_is_the_registrys_and_can_be_taken_back():
    world = build_world()
    [charge] = charged(world, class_of(world, 1))
    with pytest.raises(PermissionRefusal):
        waive_charge(world.actor(Role.COUNSELLOR), charge, ground=WaiveGround.HARDSHIP, reason="困难")
    waive_charge(world.actor(Role.REGISTRAR), charge, ground=WaiveGround.HARDSHIP, reason="困难")
    with refused("fees.not_due"):
        pay(world, [charge.candidate])
    cancel_waiver(world.actor(Role.REGISTRAR), charge, reason="材料不实")
    pay(world, [charge.candidate])
    assert fresh(charge).status == "collected"
    assert prove().right


def test_r131_a_group_photograph_is_booked_beside_and_has_its_own_price():
    from gradphoto.apps.fees.prices import set_price

    world = build_world()
    [person] = class_of(world, 1)
    with refused("fees.price_missing"):
        book_extra(world.actor(Role.COUNSELLOR), person, item=Item.GROUP_PHOTO)
    set_price(
        world.actor(Role.COLLECTION_CENTRE), world.centre, item=Item.GROUP_PHOTO, amount_fen=1000, source="中心公告",
        effective_from=timezone.localdate(),
    )  # fmt: skip
    extra = book_extra(world.actor(Role.COUNSELLOR), person, item=Item.GROUP_PHOTO)
    with refused("fees.extra_booked"):
        book_extra(world.actor(Role.COUNSELLOR), person, item=Item.GROUP_PHOTO)
    taken = pay(world, [person], charges=[extra], tendered=3000)
    assert taken.total_fen == 3000
    with pytest.raises(StepRefusal):
        cancel_charge(world.actor(Role.COUNSELLOR), extra, reason="不拍了")


def test_r135_money_goes_from_class_to_college_to_registry_to_centre():
    world = build_world()
    people = class_of(world, 4)
    pay(world, people)
    lists = all_the_way_up(world)
    assert [one.people_count for one in lists] == [4, 4, 4]
    tills = [purse(world), *(till(world, unit) for unit in (world.department, world.school, world.centre))]
    assert [fresh(one).balance_fen for one in tills] == [0, 0, 0, 8000]
    assert set(Charge.objects.values_list("status", "till")) == {("handed_in", tills[-1].pk)}
    assert prove().right


def test_r133_the_money_moves_only_when_the_other_side_counted_the_same():
    world = build_world()
    pay(world, class_of(world, 2))
    made = hand_in(world, purse(world), world.department, Role.COUNSELLOR, None)
    assert fresh(purse(world)).balance_fen == 4000, "listed is not handed in"
    officer = world.actor(Role.COLLEGE_OFFICER)
    with refused("fees.count_differs"):
        receive_hand_in(officer, made, counted_fen=3900, counted_people=2)
    with pytest.raises(PermissionRefusal):
        receive_hand_in(world.actor(Role.REGISTRAR), made, counted_fen=4000, counted_people=2)
    receive_hand_in(officer, made, counted_fen=4000, counted_people=2)
    with pytest.raises(StepRefusal):
        withdraw_hand_in(world.actor(Role.COUNSELLOR), made, reason="迟了")


def test_nobody_receives_his_own_list():
    world = build_world()
    pay(world, class_of(world, 1), Role.COLLEGE_OFFICER)
    made = hand_in(world, purse(world, Role.COLLEGE_OFFICER), world.department, Role.COLLEGE_OFFICER, None)
    with refused("fees.four_eyes"):
        receive_hand_in(world.actor(Role.COLLEGE_OFFICER), made, counted_fen=2000, counted_people=1)
    other = colleague(world, Role.COLLEGE_OFFICER, world.department)
    receive_hand_in(other, made, counted_fen=2000, counted_people=1)


def test_what_stands_on_a_list_is_not_listed_refunded_or_cancelled():
    world = build_world()
    pay(world, class_of(world, 1))
    charge, counsellor = Charge.objects.get(), world.actor(Role.COUNSELLOR)
    made = hand_in(world, purse(world), world.department, Role.COUNSELLOR, None)
    with refused("fees.nothing_to_hand_in"):
        list_hand_in(counsellor, purse(world), to=world.department, season=Season.SPRING)
    with refused("fees.on_a_list"):
        cancel_payment(counsellor, charge, reason="错")
    refuse_hand_in(world.actor(Role.COLLEGE_OFFICER), made, reason="少一张二十元")
    assert list(lying_in(purse(world))) == [charge]
    cancel_payment(counsellor, charge, reason="错")


def test_r12_a_list_holds_one_season_only():
    world = build_world()
    pay(world, [add_candidate(world, 1), add_candidate(world, 2, season=Season.AUTUMN)])
    spring = hand_in(world, purse(world), world.department, Role.COUNSELLOR, Role.COLLEGE_OFFICER)
    assert spring.people_count == 1
    assert {item.charge.candidate.season for item in spring.items.all()} == {"spring"}
    assert fresh(purse(world)).balance_fen == 2000


def test_r136_a_learning_centre_remits_to_the_agency_by_post_with_its_slip():
    world = build_world()
    pay(world, [add_candidate(world, 1, department=world.learning_centre)], Role.LEARNING_CENTRE)
    actor, own = world.actor(Role.LEARNING_CENTRE), purse(world, Role.LEARNING_CENTRE)
    assert world.agency in ways_up(own)
    assert world.agency not in ways_up(till(world, world.department)), "colleges hand in to the registry"
    sent = {"to": world.agency, "season": Season.SPRING}
    with refused("fees.agency_by_remittance"):
        list_hand_in(actor, own, **sent, means=Means.CASH)
    with refused("fees.remittance_incomplete"):
        list_hand_in(actor, own, **sent, means=Means.POSTAL)
    made = list_hand_in(
        actor, own, **sent, means=Means.POSTAL, reference="汇0012", remitted_on=timezone.localdate()
    )  # fmt: skip
    for nobody in (world.actor(Role.REGISTRAR), world.actor(Role.COLLECTION_CENTRE)):
        with pytest.raises(PermissionRefusal):
            receive_hand_in(nobody, made, counted_fen=2000, counted_people=1)
    agency = colleague(world, Role.COLLECTION_CENTRE, world.agency)
    receive_hand_in(agency, made, counted_fen=2000, counted_people=1)
    assert fresh(till(world, world.agency)).balance_fen == 2000
    assert receipt_for_hand_in(agency, fresh(made)).issuer == world.agency
    assert not [one for one in hindrances(world.campaign, Season.SPRING) if one.final], "at the agency it has arrived"
    assert ways_up(till(world, world.agency)) == []


def test_r136_the_fee_for_making_cards_goes_to_the_agency_and_nowhere_else():
    from gradphoto.apps.fees.prices import set_price

    world = build_world()
    [person] = [add_candidate(world, 1, department=world.learning_centre)]
    set_price(
        world.actor(Role.COLLECTION_CENTRE), world.centre, item=Item.IMAGE_CARD, amount_fen=2000, source="实施细则 四.6",
        effective_from=timezone.localdate(),
    )  # fmt: skip
    card = book_extra(world.actor(Role.LEARNING_CENTRE), person, item=Item.IMAGE_CARD)
    pay(world, [], Role.LEARNING_CENTRE, charges=[card], tendered=2000)
    actor, own = world.actor(Role.LEARNING_CENTRE), purse(world, Role.LEARNING_CENTRE)
    slip = {"means": Means.POSTAL, "reference": "汇1", "remitted_on": timezone.localdate(), "season": Season.SPRING}
    for to in (world.school, world.centre):
        with refused("fees.card_fee_to_agency"):
            list_hand_in(actor, own, to=to, **slip)
    assert list_hand_in(actor, own, to=world.agency, **slip).amount_fen == 2000


def test_money_goes_upwards_only():
    world = build_world()
    pay(world, class_of(world, 1))
    with pytest.raises(PermissionRefusal):
        list_hand_in(world.actor(Role.COUNSELLOR), purse(world), to=world.other_department, season=Season.SPRING)


@pytest.mark.usefixtures("still_clock")
def test_a_closed_day_takes_no_entry_by_action_or_by_hand():
    world = build_world()
    people = class_of(world, 2)
    pay(world, people[:1])
    own, today = purse(world), timezone.localdate()
    with refused("fees.count_unexplained"):
        close_day(world.actor(Role.COUNSELLOR), own, day=today, counted_fen=1950)
    with refused("fees.pieces_differ"):
        close_day(world.actor(Role.COUNSELLOR), own, day=today, counted_fen=2000, pieces={1000: 1})
    close_day(world.actor(Role.COUNSELLOR), own, day=today, counted_fen=2000, pieces={1000: 2})
    with refused("fees.day_is_closed"):
        pay(world, people[1:])
    with refused("fees.day_is_closed"):
        cancel_payment(world.actor(Role.COUNSELLOR), Charge.objects.get(status="collected"), reason="错")
    with refused("fees.day_closed_already"):
        close_day(world.actor(Role.COUNSELLOR), own, day=today - timedelta(days=1), counted_fen=0)
    entry = Entry.objects.get(kind="collect")
    late = _copy(entry, business_day=today - timedelta(days=3))
    with pytest.raises(IntegrityError, match="day_is_closed"), transaction.atomic():
        late.save()


def test_a_difference_in_the_cash_is_explained_and_the_books_stay():
    world = build_world()
    pay(world, class_of(world, 1))
    made = close_day(
        world.actor(Role.COUNSELLOR), purse(world), day=timezone.localdate(), counted_fen=1990, note="短款一角，已报告"
    )
    assert made.difference_fen == -10
    assert fresh(purse(world)).balance_fen == 2000


def test_a_season_is_closed_when_all_money_is_with_the_centre_and_then_stays():
    world = build_world()
    people = class_of(world, 2)
    pay(world, people)
    centre = world.actor(Role.COLLECTION_CENTRE)
    with refused("fees.season_not_settled"):
        close_season(centre, world.campaign, season=Season.SPRING)
    all_the_way_up(world)
    charged(world, class_of(world, 1, first=9))
    assert [one.final for one in hindrances(world.campaign, Season.SPRING)] == [False]
    with refused("fees.season_needs_note"):
        close_season(centre, world.campaign, season=Season.SPRING)
    made = close_season(centre, world.campaign, season=Season.SPRING, note="一人另行采集")
    assert made.totals["paid"] == {"people": 2, "fen": 4000}
    with refused("fees.season_is_closed"):
        pay(world, class_of(world, 1, first=20))
    with refused("fees.season_is_closed"):
        hand_in(world, purse(world), world.department, Role.COUNSELLOR, None)
    with refused("fees.season_is_closed"):
        ask_refund(centre, world.campaign, charges=list(Charge.objects.filter(candidate__in=people)), reason="不参加")
    pay(world, [add_candidate(world, 30, season=Season.AUTUMN)])
    entry = Entry.objects.filter(season="spring", kind="collect").first()
    with pytest.raises(IntegrityError, match="season_is_closed"), transaction.atomic():
        _copy(entry).save()


def _copy(entry: Entry, **changes) -> Entry:
    names = [field.attname for field in Entry._meta.concrete_fields if field.attname != "id"]
    return Entry(**{**{name: getattr(entry, name) for name in names}, **changes})


_TABLES = {
    "fees_entry": "amount_fen = 1",
    "fees_collection": "payer = 'x'",
    "fees_receipt": "payer = 'x'",
    "fees_dayclosing": "note = 'x'",
    "fees_seasonclosing": "note = 'x'",
    "fees_receiptcancellation": "reason = 'x'",
}


@pytest.fixture
def full_books():
    from gradphoto.apps.fees.receipts import cancel_receipt

    world = build_world()
    taken = pay(world, class_of(world, 2), Role.COLLEGE_OFFICER)
    officer = world.actor(Role.COLLEGE_OFFICER)
    cancel_receipt(officer, receipt_for_collection(officer, taken), reason="写错")
    close_day(officer, purse(world, Role.COLLEGE_OFFICER), day=timezone.localdate(), counted_fen=4000)
    SeasonClosing.objects.create(campaign=world.campaign, season="autumn", totals={}, by=world.people[Role.REGISTRAR])
    return world


@pytest.mark.parametrize("table", _TABLES)
def test_the_database_itself_keeps_what_is_written(full_books, table):
    for statement in (f"UPDATE {table} SET {_TABLES[table]}", f"DELETE FROM {table}"):
        with (
            pytest.raises(DatabaseError, match=r"unchanged|kept"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE fees_account SET balance_fen = balance_fen + 100",
        "DELETE FROM fees_charge",
        "UPDATE fees_charge SET unit_fen = 1, amount_fen = quantity",
        "UPDATE fees_receiptbook SET last = 0",
        "UPDATE fees_receiptbook SET last = last + 2",
        "DELETE FROM fees_receiptbook",
        "DELETE FROM fees_account",
    ],
)
def test_no_statement_bends_the_books(full_books, statement):
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert prove().right


def test_the_models_say_the_same_before_the_database_does(full_books):
    entry = Entry.objects.first()
    for attempt in (entry.save, entry.delete, Entry.objects.all().delete, DayClosing.objects.all().delete):
        with pytest.raises(TypeError):
            attempt()
    with pytest.raises(TypeError):
        Entry.objects.update(amount_fen=1)


def test_no_account_falls_below_nothing(full_books):
    paid = Entry.objects.filter(kind="collect").first()
    student_gives_again = _copy(paid, debit_id=till(full_books, full_books.department).pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        student_gives_again.save()


def test_a_counter_entry_takes_back_exactly_what_it_points_at(full_books):
    charge = Entry.objects.filter(kind="charge").first()
    detail = {"kind": "cancel_charge", "debit_id": charge.credit_id, "credit_id": charge.debit_id, "reason": "x"}
    with pytest.raises(IntegrityError, match="counter_entry_is_equal"), transaction.atomic():
        _copy(charge, reverses_id=charge.pk, amount_fen=1, **detail).save()


def test_the_guard_is_complete_and_its_absence_is_noticed():
    assert GUARD.missing(connection) == set()
    with connection.cursor() as cursor:
        cursor.execute(next(iter(GUARD.drop_sql(connection.vendor))))
    assert len(prove().missing_guards) == 1
    GUARD.stand_guard(using="default")
    assert prove().right


def test_what_was_paid_twice_over_can_be_taken_back_twice():
    """Found by the property test: a second print booked meanwhile does not stand in the way of a correction."""
    world = build_world()
    [person] = class_of(world, 1)
    first, second = (book_free_reshoot(world.actor(Role.REGISTRAR), person, reason="闭眼") for _ in range(2))
    for charge in (first, second):
        cancel_waiver(world.actor(Role.REGISTRAR), charge, reason="本人原因")
    assert set(Charge.objects.values_list("status", flat=True)) == {"due"}
    assert prove().right
