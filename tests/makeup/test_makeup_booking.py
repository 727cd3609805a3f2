"""Half-hours are never oversold, rebooking moves one place, the waiting list is told in order (R142, R143)."""

import json
import threading
from datetime import date, timedelta

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from gradphoto.apps.core import jobs
from gradphoto.apps.core.errors import Refusal
from gradphoto.apps.core.models import Job
from gradphoto.apps.makeup import booking
from gradphoto.apps.makeup.models import MakeUpCalendar, MakeUpCase, MakeUpSlot, Waiting
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.roster.permissions import student
from gradphoto.engine.standards.make_up import published_days
from makeup.makeup_world import client, filled, make_up_world, published, recipient, refused, today
from world import add_candidate

pytestmark = pytest.mark.django_db


def book(case, slot):
    return booking.book(student(case.candidate_id), case, slot=slot)


def test_r142_the_rule_is_published_half_hour_by_half_hour_with_its_source(world):
    hunan = next(one for one in published_days() if one.code == "hunan_weekly")
    centre = world.actor(Role.COLLECTION_CENTRE)
    first, last = date(2026, 12, 1), date(2026, 12, 31)
    calendar, count = booking.publish_days(centre, world.centre, published=hunan, first=first, last=last, capacity=8)
    assert count == 5 * 10, "five Wednesdays of ten half-hours"
    assert "附件3" in calendar.source
    again = booking.publish_days(centre, world.centre, published=hunan, first=first, last=last, capacity=9)
    assert again == (calendar, 0)
    refused("makeup.days", booking.publish_days, centre, world.centre, published=hunan, first=date(2027, 6, 1),
            last=date(2027, 6, 30), capacity=8)  # fmt: skip


def test_the_centre_publishes_its_own_days_on_the_page_and_the_school_reads_them(world):
    day = today() + timedelta(days=9)
    sent = client(world, Role.COLLECTION_CENTRE).post("/make-up/days/", {
        "centre": world.centre.pk, "code": "", "title": "寒假补拍", "place": "示范路1号", "source": "2026年通知",
        "hours": "8:30-11:30，14:30-17:30", "dates": day.isoformat(), "capacity": "6",
    })  # fmt: skip
    assert sent.status_code == 302, sent.content.decode()
    assert MakeUpCalendar.objects.get().slots.count() == 12
    assert "寒假补拍" in client(world, Role.COUNSELLOR).get("/make-up/days/").content.decode()
    assert "寒假补拍" not in client(world, Role.COUNSELLOR, strange=True).get("/make-up/days/").content.decode()


def test_the_database_refuses_the_one_too_many(world):
    slot = published(world, capacity=1).slots.first()
    with pytest.raises(IntegrityError), transaction.atomic():
        MakeUpSlot.objects.filter(pk=slot.pk).update(taken=2)


def test_a_full_half_hour_is_refused_and_rebooking_moves_the_place(world):
    first, second = published(world, capacity=1).slots.all()
    one, two = filled(world, add_candidate(world, 1)), filled(world, add_candidate(world, 2))
    book(one, first)
    refused("makeup.slot_full", book, two, first)
    book(one, second)
    first.refresh_from_db(), second.refresh_from_db()
    assert (first.taken, second.taken) == (0, 1)
    assert one.bookings.filter(released_at=None).get().slot == second
    book(two, first)
    refused("makeup.slot_full", book, two, second)
    assert two.booking.slot == first, "a refused rebooking loses nothing"


def test_the_waiting_list_is_told_in_order_and_by_message_when_a_place_gets_free(world, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    settings.SMS_CARRIER = "verification.carrier_for_tests.TakesAll"
    calendar = published(world, capacity=1)
    first, second = calendar.slots.all()
    holders = [filled(world, add_candidate(world, n)) for n in (1, 2)]
    book(holders[0], first), book(holders[1], second)
    waiting = [filled(world, add_candidate(world, n)) for n in (3, 4)]
    for case in waiting:
        booking.wait(student(case.candidate_id), case, calendar=calendar)
    booking.release_booking(student(holders[0].candidate_id), holders[0])
    told = Waiting.objects.exclude(told_at=None).get()
    assert (told.case, told.slot) == (waiting[0], first)
    work = Job.objects.get(kind="verification.tell_waiting")
    assert jobs.run(work.pk)
    message = json.loads((settings.DATA_DIR / "outbox" / "sms.jsonl").read_text(encoding="utf-8"))
    assert (message["to"], "/make-up-form/" in message["text"]) == ("13900000000", True)
    assert waiting[0].candidate.name in message["text"]
    told.refresh_from_db()
    assert told.noticed_at
    assert "已发消息" in client(world, Role.COUNSELLOR).get("/make-up/days/").content.decode()
    book(waiting[0], first)
    assert not Waiting.objects.filter(case=waiting[0]).exists()
    booking.set_capacity(world.actor(Role.COLLECTION_CENTRE), second, capacity=2)
    assert Waiting.objects.get(case=waiting[1]).slot == second


def test_capacity_never_falls_below_what_is_booked(world):
    slot = published(world, capacity=2).slots.first()
    book(filled(world, add_candidate(world, 1)), slot)
    slot.refresh_from_db()
    refused("makeup.booked_already", booking.set_capacity, world.actor(Role.COLLECTION_CENTRE), slot, capacity=0)


def test_r10_another_provinces_branch_is_booked_by_telephone(world):
    case = filled(world, add_candidate(world, 1), way="branch", branch="湖北分社")
    made = booking.book_by_telephone(
        world.actor(Role.COUNSELLOR), case, at=timezone.now() + timedelta(days=2), place="湖北省武汉市武昌徐东大街354号"
    )
    assert (made.by_telephone, made.slot, case.status) == (True, None, "booked")


def test_who_does_not_come_is_marked_after_the_time_and_may_book_again(world):
    case = filled(world, add_candidate(world, 1))
    slot = published(world).slots.first()
    book(case, slot)
    staff = world.actor(Role.SITE_STAFF)
    refused("makeup.not_yet", booking.mark_no_show, staff, case)
    with time_machine.travel(slot.ends_at):
        booking.mark_no_show(staff, case)
        refused("makeup.slot_over", book, case, slot)
    assert (case.status, case.no_shows) == ("no_show", 1)
    book(case, slot)
    assert case.status == "booked"


def test_a_strange_centres_half_hour_is_not_for_this_school(world):
    case = filled(world, add_candidate(world, 1))
    calendar = published(world)
    calendar.centre = world.agency
    calendar.save()
    refused("makeup.other_centre", book, case, calendar.slots.first())


@pytest.mark.django_db(transaction=True)
def test_eight_ask_for_the_last_three_places_at_once_and_three_get_them():
    if connection.vendor == "sqlite" and "memory" in str(connection.settings_dict["NAME"]):
        pytest.skip("an in-memory SQLite has one connection; PostgreSQL runs this test")
    world = make_up_world()
    recipient(world)
    slot = published(world, capacity=3).slots.first()
    wanted = [filled(world, add_candidate(world, n)).pk for n in range(1, 9)]
    told: list[str] = []

    def ask(pk):
        try:
            case = MakeUpCase.objects.get(pk=pk)
            book(case, MakeUpSlot.objects.select_related("calendar").get(pk=slot.pk))
            told.append("booked")
        except Refusal as error:
            told.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask, args=(pk,)) for pk in wanted]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == ["booked"] * 3 + ["makeup.slot_full"] * 5
    slot.refresh_from_db()
    assert slot.taken == slot.bookings.filter(released_at=None).count() == 3


def test_who_goes_to_a_branch_takes_no_place_of_the_centre_by_a_crafted_post(world):
    case = filled(world, add_candidate(world, 1), way="branch", branch="湖北分社")
    calendar = published(world)
    with pytest.raises(Refusal, match="other_centre"):
        booking.book(student(case.candidate_id), case, slot=calendar.slots.first())
    with pytest.raises(Refusal, match="cannot_wait"):
        booking.wait(student(case.candidate_id), case, calendar=calendar)
