"""R131: group photographs after a class, at a price of their own: booked, moved, not charged where nobody comes."""

import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from schedule_papers import address, booked, client_of, members, priced, text_of
from schedule_world import at, planned_school, room, slot
from test_schedule_browser import PASSWORD, browser, picture, signed_in  # noqa: F401 - a fixture among them

from gradphoto.apps.campaigns.models import Season
from gradphoto.apps.core.errors import Refusal
from gradphoto.apps.fees.actions import collect
from gradphoto.apps.fees.closing import totals
from gradphoto.apps.fees.models import Channel, Charge
from gradphoto.apps.fees.refunds import approve_refund, ask_refund
from gradphoto.apps.fees.tills import till_of
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.schedule import board_actions, group_photos
from gradphoto.apps.schedule.board import board_of
from gradphoto.apps.schedule.models import GroupPhoto

pytestmark = pytest.mark.django_db


def test_r131_a_group_photograph_is_booked_after_the_slot_at_its_own_price():
    world = planned_school()
    with pytest.raises(Refusal) as caught:
        booked(world)
    assert caught.value.code == "fees.price_missing"
    priced(world)
    photo = booked(world, people=members()[:7])
    charges = group_photos.charges_of(photo)
    assert {(charge.amount_fen, charge.status) for charge in charges} == {(1000, "due")}
    assert charges.count() == 7
    with pytest.raises(Refusal) as caught:
        booked(world)
    assert caught.value.code == "schedule.group_photo_booked"


def test_r131_not_before_the_class_is_done_and_not_two_at_one_place():
    world = planned_school()
    priced(world)
    with pytest.raises(Refusal) as caught:
        booked(world, starts_at=slot("甲班").starts_at)
    assert caught.value.code == "schedule.group_photo_too_early"
    late = max(slot("甲班").ends_at, slot("乙班").ends_at)
    booked(world, "甲班", starts_at=late)
    with pytest.raises(Refusal) as caught:
        booked(world, "乙班", starts_at=late + timedelta(minutes=5))
    assert caught.value.code == "schedule.group_photo_overlap"
    free = group_photos.free_from(world.campaign, "图书馆前", late, 10)
    assert free == late + timedelta(minutes=10)
    booked(world, "乙班", starts_at=free)


def test_r131_who_does_not_come_is_not_charged_and_who_paid_is_refunded_first():
    world = planned_school()
    priced(world)
    photo = booked(world)
    counsellor = world.actor(Role.COUNSELLOR)
    first = group_photos.charges_of(photo).order_by("candidate__student_no").first()
    collect(
        counsellor, till_of(counsellor, world.campaign), channel=Channel.CLASS, tendered_fen=1000, nonce=uuid.uuid4(),
        charges=[first],
    )  # fmt: skip
    assert group_photos.set_party(counsellor, photo, people=members()[:4]) == 4
    assert group_photos.charges_of(photo).count() == 4
    with pytest.raises(Refusal) as caught:
        group_photos.cancel_group_photo(counsellor, photo, reason="下雨")
    assert caught.value.code == "schedule.group_photo_paid"
    assert GroupPhoto.objects.get().status == "booked"
    asked = ask_refund(counsellor, world.campaign, charges=[first], reason="下雨")
    approve_refund(world.actor(Role.COLLEGE_OFFICER), asked)
    group_photos.cancel_group_photo(counsellor, photo, reason="下雨")
    assert GroupPhoto.objects.get().status == "cancelled"
    assert not group_photos.charges_of(photo).exists()
    booked(world, people=members()[:2])


def test_r131_the_closing_counts_group_photographs_apart():
    world = planned_school()
    priced(world)
    photo = booked(world)
    counsellor = world.actor(Role.COUNSELLOR)
    collect(
        counsellor, till_of(counsellor, world.campaign), channel=Channel.CLASS, tendered_fen=10000, nonce=uuid.uuid4(),
        charges=group_photos.charges_of(photo),
    )  # fmt: skip
    figures = totals(world.campaign, Season.SPRING)
    assert figures["items"] == {"group_photo": {"people": 10, "fen": 10000}}
    assert figures["paid"]["fen"] == 10000


def test_r131_the_board_and_the_class_page_show_it_and_a_moved_slot_is_told():
    world = planned_school()
    priced(world)
    photo = booked(world)
    day = slot("甲班").starts_at.date()
    (mark,) = board_of(world.campaign, day).group_photos
    assert (mark.photo, mark.heads, mark.fault) == (photo, 10, None)
    assert "图书馆前" in Client().get(address("class")).content.decode()
    assert "集体合影（自愿）" in client_of(world, Role.COUNSELLOR).get(reverse("schedule:notices")).content.decode()
    assert "图书馆前" in text_of(Client().get(address("class_leaflet_pdf")).content)[0]
    board_actions.move_slot(world.actor(Role.REGISTRAR), slot("甲班"), room=room(), starts_at=at(16))
    (mark,) = board_of(world.campaign, day).group_photos
    assert mark.fault is not None
    page = client_of(world, Role.REGISTRAR).get(reverse("schedule:board"), {"day": f"{day}"}).content.decode()
    assert mark.fault.zh in page


def test_r131_a_college_books_for_its_own_classes_only():
    world = planned_school()
    priced(world)
    officer = client_of(world, Role.COLLEGE_OFFICER)
    own, end = slot("甲班"), slot("甲班").ends_at.astimezone(at(8).tzinfo)
    values = {"place": "图书馆前", "day": f"{end:%Y-%m-%d}", "at": f"{end:%H:%M}", "minutes": "10",
              "person": [str(person.pk) for person in members()]}  # fmt: skip
    address = reverse("schedule:group_photos")
    assert officer.post(address, values | {"row": slot("丙班").pk}).status_code == 404
    others = [*values["person"], *(str(person.pk) for person in members("丙班"))]
    assert officer.post(address, values | {"row": own.pk, "person": others}).status_code == 422
    answer = officer.post(address, values | {"row": own.pk}, follow=True)
    page = answer.content.decode()
    assert "自愿参加，每人10元（合影通知）" in page
    assert Charge.objects.count() == 10, "nobody of another class is charged"
    photo = GroupPhoto.objects.get()
    step = reverse("schedule:group_photo", args=[photo.pk])
    assert officer.post(step, {"form": "take_group_photo"}).status_code == 403
    assert client_of(world, Role.PHOTOGRAPHER).post(step, {"form": "take_group_photo"}).status_code == 302
    assert GroupPhoto.objects.get().status == "taken"
    where = reverse("schedule:group_photo", args=[photo.pk])
    assert client_of(world, Role.REGISTRAR, stranger=True).get(where).status_code == 404


def test_a_class_without_a_price_cannot_be_booked_and_the_page_says_why():
    world = planned_school()
    page = client_of(world, Role.COUNSELLOR).get(reverse("schedule:group_photos")).content.decode()
    assert "还没有集体合影的价格" in page
