"""Pages of the group photographs: the list with what a class may book, and one photograph with who takes part (R131)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.core.errors import Refusal
from gradphoto.apps.fees.models import PAID, Item
from gradphoto.apps.fees.prices import PriceInForce, kinds_of, price_of
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.permissions import holds
from gradphoto.apps.orgs.scope import get_scoped, scoped
from gradphoto.apps.pages.forms import ActionForm, PageForms, form_action, posted_form, posted_row, ticks
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.schedule import group_photos
from gradphoto.apps.schedule.forms import GROUP_FORMS, BookGroupPhoto, SetParty
from gradphoto.apps.schedule.models import GroupPhoto, Slot
from gradphoto.apps.schedule.problem import local
from gradphoto.apps.schedule.views import campaign_of

_MINUTES = 10
_SLOTS = Slot.objects.select_related("session__campaign__rule_set", "department")


@page("schedule.read")
def group_list(request: SignedInRequest) -> HttpResponse:
    """What is booked, what it costs, and the classes that have none yet; ``slot`` opens the form for a class."""
    if request.method == "POST":
        booking = posted_form(request, (BookGroupPhoto,), posted_row(request, _SLOTS.all()))
        return form_action(
            request, booking, again=lambda form: _list(request, form),
            done=lambda made: redirect("schedule:group_photo", pk=made.pk),
        )  # fmt: skip
    return _list(request)


def _list(request: SignedInRequest, posted: ActionForm | None = None) -> HttpResponse:
    campaign = campaign_of(request)
    if campaign is None:
        return redirect("schedule:list")
    slots = scoped(request.actor, Slot).filter(session__campaign=campaign).select_related("department", "session__room")
    slots = slots.order_by("starts_at")
    photos = scoped(request.actor, GroupPhoto).filter(campaign=campaign).select_related("department", "campaign")
    booked = {photo.group_key for photo in photos if photo.status != "cancelled"}
    price = _price(campaign)
    chosen = posted.target if posted is not None else _chosen(slots, request.GET.get("slot", ""))
    may_book = holds(request.user, "schedule.book_group_photo")
    if posted is None and chosen is not None and (chosen.group_key in booked or not may_book or price is None):
        chosen = None
    people = _members(chosen) if chosen else []
    context = {
        "campaign": campaign,
        "price": price,
        "marks": group_photos.marks_of(photos, slots),
        "free": [slot for slot in slots if slot.group_key not in booked],
        "may_book": may_book,
        "chosen": chosen,
        "people": people,
        "ticked": ticks(posted, "person") if posted is not None else {person.pk for person in people},
        "form": posted or (_suggested(request, campaign, chosen) if chosen else None),
    }
    return render(request, "schedule/group_photos.html", context)


@page("schedule.read")
def group_photo(request: SignedInRequest, pk: int) -> HttpResponse:
    """One group photograph: time, place, who takes part and who has paid, and the text for the class's chat."""
    if request.method == "POST":
        form = posted_form(request, GROUP_FORMS, _photo(request, pk))
        return form_action(
            request, form, again=lambda form: _detail(request, pk, form),
            done=lambda made: redirect("schedule:group_photo", pk=pk),
        )  # fmt: skip
    return _detail(request, pk)


def _detail(request: SignedInRequest, pk: int, posted: ActionForm | None = None) -> HttpResponse:
    photo = _photo(request, pk)
    charges = {charge.candidate_id: charge for charge in group_photos.charges_of(photo)}
    people = list(scoped(request.actor, group_photos.class_of(photo)))
    (mark,) = group_photos.marks_of([photo], Slot.objects.filter(session__campaign=photo.campaign_id))
    context = {
        "photo": photo,
        "mark": mark,
        "price": _price(photo.campaign),
        "rows": [(person, charges.get(person.pk)) for person in people],
        "ticked": ticks(posted, "person") if isinstance(posted, SetParty) else set(charges),
        "paid_states": PAID,
        "page_forms": PageForms(request.actor, photo, GROUP_FORMS, posted),
        "text": announcement(photo),
    }
    return render(request, "schedule/group_photo.html", context)


def announcement(photo: GroupPhoto) -> str:
    """The text for the class's group chat."""
    start, end = local(photo.starts_at), local(photo.ends_at)
    price = _price(photo.campaign)
    fee = f"自愿参加，每人{price.amount_fen / 100:g}元（{price.source}）。" if price else "自愿参加。"
    return (
        f"【集体合影】{photo.department.name} {photo.class_name}\n"
        f"时间：{start.year}年{start.month}月{start.day}日 {start:%H:%M}—{end:%H:%M}（本班采集之后）\n"
        f"地点：{photo.place}\n{fee}"
    )


def _photo(request: SignedInRequest, pk: int) -> GroupPhoto:
    return get_scoped(request.actor, GroupPhoto.objects.select_related("department", "campaign__rule_set"), pk=pk)


def _price(campaign: Campaign) -> PriceInForce | None:
    """The price, of the first kind of school that has one; None where nothing is set: the page then says so."""
    for kind in kinds_of(campaign) or [""]:
        try:
            return price_of(campaign, Item.GROUP_PHOTO, kind)
        except Refusal:
            continue
    return None


def _chosen(slots: Any, text: str) -> Slot | None:
    return slots.filter(pk=int(text)).first() if text.isdigit() else None


def _members(slot: Slot) -> list[Candidate]:
    return [one.candidate for one in slot.appointments.select_related("candidate").order_by("position")]


def _suggested(request: SignedInRequest, campaign: Campaign, slot: Slot) -> BookGroupPhoto:
    """After the class's slot, at the place used last, as soon as it is free there."""
    last = group_photos.live(campaign).order_by("-pk").first()
    where = request.GET.get("place", "") or (last.place if last else "")
    at = local(group_photos.free_from(campaign, where, slot.ends_at, _MINUTES))
    known = {"place": where, "day": at.date(), "at": at.time(), "minutes": _MINUTES}
    return BookGroupPhoto(request.actor, slot, initial=known, key=str(slot.pk))
