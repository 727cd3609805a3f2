"""Pages of the group photographs: the list with what a class may book, and one photograph with who takes part (R131)."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.core.actions import offered
from gradphoto.apps.core.errors import Refusal
from gradphoto.apps.core.wording import bi, say
from gradphoto.apps.fees.models import PAID, Item
from gradphoto.apps.fees.prices import PriceInForce, kinds_of, price_of
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.permissions import holds
from gradphoto.apps.orgs.scope import get_scoped, scoped
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.schedule import group_photos
from gradphoto.apps.schedule.forms import Styled
from gradphoto.apps.schedule.models import GroupPhoto, Slot
from gradphoto.apps.schedule.problem import local
from gradphoto.apps.schedule.views import campaign_of
from gradphoto.engine.wording import Wording

_MINUTES = 10
_STEPS = {
    "schedule.take_group_photo": group_photos.take_group_photo,
    "schedule.reopen_group_photo": group_photos.reopen_group_photo,
}


class GroupForm(Styled):
    """Place, day, time and how long."""

    place = forms.CharField(label=bi("合影地点", "Place"), max_length=120)
    day = forms.DateField(label=bi("日期", "Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    at = forms.TimeField(
        label=bi("开始", "Begin"), widget=forms.TimeInput(attrs={"type": "time", "step": 300}, format="%H:%M")
    )
    minutes = forms.IntegerField(label=bi("时长（分钟）", "Minutes"), min_value=5, max_value=120, initial=_MINUTES)

    def values(self) -> dict[str, Any]:
        """What the actions take."""
        day, at = self.cleaned_data["day"], self.cleaned_data["at"]
        moment = datetime.combine(day, at or time(), timezone.get_current_timezone())
        return {"place": self.cleaned_data["place"], "starts_at": moment, "minutes": self.cleaned_data["minutes"]}


@page("schedule.read")
def group_list(request: SignedInRequest) -> HttpResponse:
    """What is booked, what it costs, and the classes that have none yet; ``slot`` opens the form for a class."""
    campaign = campaign_of(request)
    if campaign is None:
        return redirect("schedule:list")
    slots = scoped(request.actor, Slot).filter(session__campaign=campaign).select_related("department", "session__room")
    slots = slots.order_by("starts_at")
    photos = scoped(request.actor, GroupPhoto).filter(campaign=campaign).select_related("department", "campaign")
    booked = {photo.group_key for photo in photos if photo.status != "cancelled"}
    price = _price(campaign)
    chosen = _chosen(slots, request.GET.get("slot", ""))
    may_book = holds(request.user, "schedule.book_group_photo")
    if chosen is not None and (chosen.group_key in booked or not may_book or price is None):
        chosen = None
    context = {
        "campaign": campaign,
        "price": price,
        "marks": group_photos.marks_of(photos, slots),
        "free": [slot for slot in slots if slot.group_key not in booked],
        "may_book": may_book,
        "chosen": chosen,
        "people": _members(chosen) if chosen else (),
        "form": _suggested(campaign, chosen, request.GET.get("place", "")) if chosen else None,
    }
    return render(request, "schedule/group_photos.html", context)


@page("schedule.book_group_photo")
@require_POST
def book(request: SignedInRequest, pk: int) -> HttpResponse:
    """Book for the class of the slot ``pk``; the ticked people are charged."""
    slot = get_scoped(request.actor, Slot.objects.select_related("session__campaign__rule_set"), pk=pk)
    form = GroupForm(request.POST)
    if not form.is_valid():
        messages.error(request, say(Wording("请填写地点、日期和时间。", "Give a place, a day and a time.")))
        return redirect("schedule:group_photos")
    people = scoped(request.actor, Candidate).filter(pk__in=_ticked(request))
    photo = group_photos.book_group_photo(request.actor, slot, people=people, **form.values())
    messages.success(request, say(Wording("集体合影已预约，费用已记入缴费。", "Booked; the fee stands under Fees.")))
    return redirect("schedule:group_photo", pk=photo.pk)


@page("schedule.read")
def group_photo(request: SignedInRequest, pk: int) -> HttpResponse:
    """One group photograph: time, place, who takes part and who has paid, and the text for the class's chat."""
    photo = _photo(request, pk)
    charges = {charge.candidate_id: charge for charge in group_photos.charges_of(photo)}
    people = list(scoped(request.actor, group_photos.class_of(photo)))
    (mark,) = group_photos.marks_of([photo], Slot.objects.filter(session__campaign=photo.campaign_id))
    start, end = local(photo.starts_at), local(photo.ends_at)
    context = {
        "photo": photo,
        "mark": mark,
        "price": _price(photo.campaign),
        "rows": [(person, charges.get(person.pk)) for person in people],
        "paid_states": PAID,
        "offered": offered(request.actor, photo),
        "form": GroupForm(
            initial={
                "place": photo.place, "day": start.date(), "at": start.time(),
                "minutes": int((end - start).total_seconds() // 60),
            }
        ),
        "text": announcement(photo),
    }  # fmt: skip
    return render(request, "schedule/group_photo.html", context)


@page("schedule.read")
@require_POST
def step(request: SignedInRequest, pk: int) -> HttpResponse:
    """Move it, change who takes part, call it off, tick it as taken."""
    photo, name = _photo(request, pk), request.POST.get("step", "")
    if name == "schedule.move_group_photo":
        form = GroupForm(request.POST)
        if form.is_valid():
            group_photos.move_group_photo(request.actor, photo, **form.values())
        else:
            messages.error(request, say(Wording("请检查地点和时间。", "Check place and time.")))
    elif name == "schedule.set_party":
        people = scoped(request.actor, Candidate).filter(pk__in=_ticked(request))
        group_photos.set_party(request.actor, photo, people=people)
    elif name == "schedule.cancel_group_photo":
        group_photos.cancel_group_photo(request.actor, photo, reason=request.POST.get("reason", ""))
    elif name in _STEPS:
        _STEPS[name](request.actor, photo)
    return redirect("schedule:group_photo", pk=pk)


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


def _suggested(campaign: Campaign, slot: Slot, place: str) -> GroupForm:
    """After the class's slot, at the place used last, as soon as it is free there."""
    last = group_photos.live(campaign).order_by("-pk").first()
    where = place or (last.place if last else "")
    at = local(group_photos.free_from(campaign, where, slot.ends_at, _MINUTES))
    return GroupForm(initial={"place": where, "day": at.date(), "at": at.time(), "minutes": _MINUTES})


def _ticked(request: SignedInRequest) -> list[int]:
    return [int(text) for text in request.POST.getlist("person") if text.isdigit()]
