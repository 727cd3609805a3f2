"""The forms of the timetable, ready to be tried by ``tests/pages``."""

from __future__ import annotations

from datetime import date, timedelta

from django.urls import reverse

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.fees.models import Item
from gradphoto.apps.fees.prices import set_price
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.pages.forms import ROW
from gradphoto.apps.schedule import booking_actions, forms, group_photos
from gradphoto.apps.schedule.actions import make_timetable
from gradphoto.apps.schedule.models import Booking, CollectionRoom, GroupPhoto, Slot
from pages.form_cases import Stage, form_case
from schedule.schedule_world import DAY, blocks
from verification.graduate_world import staff
from world import World, add_candidate

LONG = "很长的说明" * 60
TOO_LONG = (LONG, "pages.too_long")


def _planned(world: World) -> Slot:
    """Two of one class with their place in the timetable."""
    for n in (1, 2):
        add_candidate(world, n)
    make_timetable(world.actor(Role.REGISTRAR), world.campaign, blocks=blocks(f"{world.campaign.pk}号厅"))
    return Slot.objects.select_related("session").latest("pk")


def _strange_room(world: World) -> int:
    strange = Campaign.objects.create(
        cohort_year=2026, title=f"他校 {world.campaign.pk}", school=world.strange_school, centre=world.centre,
        rule_set=world.campaign.rule_set,
    )  # fmt: skip
    return CollectionRoom.objects.create(campaign=strange, name="他校", stations=1).pk


@form_case(forms.MoveSlot)
def move(world: World) -> Stage:
    slot = _planned(world)
    good = {"room": slot.session.room_id, "day": f"{DAY}", "at": "15:00"}
    wrong = {"day": ("2026-02-30", "pages.invalid"), "at": ("noon", "pages.invalid")}
    address = reverse("schedule:move", args=[slot.pk])
    return Stage(address, staff(world, Role.REGISTRAR), good, wrong, foreign={"room": _strange_room(world)})


@form_case(forms.PlaceClass)
def place(world: World) -> Stage:
    slot = _planned(world)
    room, key = slot.session.room_id, slot.group_key
    slot.delete()
    good = {"group": key, "room": room, "day": f"{DAY}", "at": "15:00"}
    wrong = {"day": ("2026-02-30", "pages.invalid"), "group": ("spring/1/none", "pages.not_offered")}
    address = reverse("schedule:place", args=[world.campaign.pk])
    return Stage(address, staff(world, Role.REGISTRAR), good, wrong, foreign={"room": _strange_room(world)})


@form_case(forms.LockSlot)
def lock(world: World) -> Stage:
    address = reverse("schedule:lock", args=[_planned(world).pk])
    return Stage(address, staff(world, Role.REGISTRAR), {"locked": "yes"}, {"locked": ("maybe", "pages.not_offered")})


@form_case(forms.SearchPlan)
def search(world: World) -> Stage:
    _planned(world)
    wrong = {"anew": ("perhaps", "pages.not_offered")}
    return Stage(
        reverse("schedule:search", args=[world.campaign.pk]), staff(world, Role.REGISTRAR), {"anew": "yes"}, wrong
    )


@form_case(forms.ReplanDay)
def late(world: World) -> Stage:
    room = _planned(world).session.room_id
    wrong = {"minutes": ("0", "pages.too_small")}
    return Stage(reverse("schedule:late", args=[room]), staff(world, Role.REGISTRAR), {"minutes": "15"}, wrong)


@form_case(forms.CheckRoom)
def check_room(world: World) -> Stage:
    room = _planned(world).session.room_id
    wrong = {"item_size": ("perhaps", "pages.not_offered")}
    good = {"item_power": "fail", "item_size": "pass"}
    return Stage(reverse("schedule:room", args=[room]), staff(world, Role.PHOTOGRAPHER), good, wrong)


@form_case(forms.SetTeam)
def team(world: World) -> Stage:
    good = {ROW: world.campaign.pk, "name": "一组", "stations": "2"}
    wrong = {"name": TOO_LONG, "stations": ("21", "pages.too_large")}
    return Stage(reverse("schedule:rooms"), staff(world, Role.REGISTRAR), good, wrong)


@form_case(forms.AddWish)
def wish(world: World) -> Stage:
    key = _planned(world).group_key
    good = {ROW: world.campaign.pk, "group": key, "kind": "fixed", "day": f"{DAY}", "start": "09:00", "end": "10:00"}
    wrong = {
        "kind": ("whim", "pages.not_offered"), "group": ("spring/1/none", "pages.not_offered"),
        "start": ("noon", "pages.invalid"), "end": ("08:00", "schedule.wish"),
    }  # fmt: skip
    return Stage(reverse("schedule:rooms"), staff(world, Role.REGISTRAR), good, wrong)


@form_case(forms.AssignDuty)
def duty(world: World) -> Stage:
    _planned(world)
    good = {ROW: world.department.pk, "post": "doors", "name": "王老师", "phone": "1"}
    wrong = {"post": ("king", "pages.not_offered"), "name": TOO_LONG, "phone": TOO_LONG}
    return Stage(reverse("schedule:staff"), staff(world, Role.COLLEGE_OFFICER), good, wrong)


@form_case(forms.ReportHeadcount)
def report(world: World) -> Stage:
    good = {
        ROW: world.campaign.pk, "spring_count": "100", "autumn_count": "0", "first_day": "2026-12-24",
        "last_day": "2026-12-25", "place": "体育馆", "contact": "王老师 1",
    }  # fmt: skip
    wrong = {
        "spring_count": ("-1", "pages.too_small"), "first_day": ("soon", "pages.invalid"), "place": TOO_LONG,
        "contact": TOO_LONG,
    }  # fmt: skip
    return Stage(reverse("schedule:bookings"), staff(world, Role.REGISTRAR), good, wrong)


def _booking(world: World) -> Booking:
    return booking_actions.report_headcount(
        world.actor(Role.REGISTRAR), world.campaign, spring_count=100, autumn_count=0, first_day=date(2026, 12, 24),
        last_day=date(2026, 12, 25), place="体育馆", contact="",
    )  # fmt: skip


@form_case(forms.AgreeBooking)
def agree(world: World) -> Stage:
    good = {ROW: _booking(world).pk, "first_day": "2026-12-24", "last_day": "2026-12-25", "exception": ""}
    wrong = {"first_day": ("soon", "pages.invalid"), "exception": TOO_LONG}
    return Stage(reverse("schedule:bookings"), staff(world, Role.COLLECTION_CENTRE), good, wrong)


@form_case(forms.RefuseBooking)
def refuse(world: World) -> Stage:
    good = {ROW: _booking(world).pk, "reason": "人数不符"}
    return Stage(reverse("schedule:bookings"), staff(world, Role.COLLECTION_CENTRE), good, {"reason": TOO_LONG})


def _priced(world: World) -> Slot:
    slot = _planned(world)
    set_price(
        world.actor(Role.REGISTRAR), world.school, item=Item.GROUP_PHOTO, amount_fen=1000,
        effective_from=date(2026, 1, 1), source="合影通知",
    )  # fmt: skip
    return slot


def _group_time(slot: Slot) -> dict[str, object]:
    end = (slot.ends_at + timedelta(minutes=30)).astimezone()
    return {"place": "图书馆前", "day": f"{end:%Y-%m-%d}", "at": f"{end:%H:%M}", "minutes": "10"}


WRONG_TIME = {"place": TOO_LONG, "minutes": ("1", "pages.too_small"), "day": ("soon", "pages.invalid")}


@form_case(forms.BookGroupPhoto)
def book(world: World) -> Stage:
    slot = _priced(world)
    people = list(slot.appointments.values_list("candidate", flat=True))
    other = add_candidate(world, 9, department=world.strange_department).pk
    good = {ROW: slot.pk, **_group_time(slot), "person": people}
    return Stage(
        reverse("schedule:group_photos"), staff(world, Role.REGISTRAR), good, WRONG_TIME, foreign={"person": [other]}
    )


def _booked(world: World) -> GroupPhoto:
    slot = _priced(world)
    people = [one.candidate for one in slot.appointments.select_related("candidate")]
    return group_photos.book_group_photo(
        world.actor(Role.REGISTRAR), slot, place="图书馆前", starts_at=slot.ends_at + timedelta(minutes=30), minutes=10,
        people=people,
    )  # fmt: skip


@form_case(forms.MoveGroupPhoto)
def move_group(world: World) -> Stage:
    photo = _booked(world)
    address = reverse("schedule:group_photo", args=[photo.pk])
    return Stage(address, staff(world, Role.REGISTRAR), _group_time(Slot.objects.latest("pk")), WRONG_TIME)


@form_case(forms.SetParty)
def party(world: World) -> Stage:
    photo = _booked(world)
    other = add_candidate(world, 9, department=world.strange_department).pk
    mine = list(Slot.objects.latest("pk").appointments.values_list("candidate", flat=True))[:1]
    address = reverse("schedule:group_photo", args=[photo.pk])
    return Stage(address, staff(world, Role.REGISTRAR), {"person": mine}, {}, foreign={"person": [other]})


@form_case(forms.CancelGroupPhoto)
def cancel(world: World) -> Stage:
    address = reverse("schedule:group_photo", args=[_booked(world).pk])
    return Stage(address, staff(world, Role.REGISTRAR), {"reason": "下雨"}, {"reason": TOO_LONG})
