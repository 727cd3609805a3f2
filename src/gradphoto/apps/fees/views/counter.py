"""Taking money: from one student who stands there, or from a class whose list is ticked."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.core.actions import REGISTRY, may, offered
from gradphoto.apps.core.errors import invalid
from gradphoto.apps.core.wording import say
from gradphoto.apps.fees import actions, queries, tills
from gradphoto.apps.fees.models import Channel, Charge, ChargeStatus, Collection, Entry, Item, WaiveGround
from gradphoto.apps.fees.money import bad_amount, parse_yuan, yuan
from gradphoto.apps.fees.prices import PriceInForce, open_channels, price_of
from gradphoto.apps.fees.views.frame import about_campaign, show
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import get_scoped, scoped
from gradphoto.apps.roster.lifecycle import APPROVED
from gradphoto.apps.roster.models import Candidate
from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.wording import Wording

STEPS = {
    "fees.cancel_payment": Wording("撤销收款", "Cancel the collection"),
    "fees.refund_charge": Wording("退款", "Refund"),
    "fees.cancel_charge": Wording("撤销应收", "Cancel the charge"),
    "fees.waive_charge": Wording("减免", "Waive"),
    "fees.cancel_waiver": Wording("撤销减免", "Cancel the waiver"),
}
_COUNTER_CHANNELS = (Channel.ON_THE_DAY, Channel.CLASS, Channel.COLLEGE, Channel.SCHOOL, Channel.REMITTANCE)
_A_PAGE = 200


@page("fees.collect")
@about_campaign
def counter(request: SignedInRequest, campaign: Campaign) -> HttpResponse:
    """Find a student by name, number or scanned card; one hit opens at once. Below, what was taken last.

    The search comes by POST: what is scanned or typed here may be an ID number, and it stays out of the address.
    """
    text = request.POST.get("q", "")
    found = queries.find(request.actor, campaign, text)
    if request.htmx:
        return render(request, "fees/found.html", {"found": found, "text": text.strip()})
    if len(found) == 1:
        return redirect("fees:student", pk=found[0].pk)
    own = tills.own_till(request.actor, campaign)
    last = list(own.collections.prefetch_related("receipts__cancellation")[:8]) if own else []
    context = {"found": found, "text": text.strip(), "last": last, "taken_back": queries.taken_back(last), "own": own}
    return show(request, "fees/counter.html", campaign, context)


def counter_channels(campaign: Campaign) -> list[tuple[str, str]]:
    """The ways of paying that a person at a counter may choose."""
    return [(way.value, str(way.label)) for way in open_channels(campaign) if way in _COUNTER_CHANNELS]


@page("fees.collect")
def student(request: SignedInRequest, pk: int) -> HttpResponse:
    """One student's account: what is due, what was paid, and everything that can be done with it."""
    person = get_scoped(
        request.actor,
        Candidate.objects.select_related("department", "campaign__school", "campaign__centre", "campaign__rule_set"),
        pk=pk,
    )
    charges = list(person.charges.select_related("till__organisation", "till__keeper").order_by("pk"))
    rows = [
        (charge, [(name, STEPS[name]) for name in offered(request.actor, charge) if name in STEPS])
        for charge in charges
    ]
    photo, fault = _photo_price(person, charges)
    try:
        channels = counter_channels(person.campaign)
    except GradPhotoError as error:
        channels, fault = [], error
    return show(
        request,
        "fees/student.html",
        person.campaign,
        {
            "person": person,
            "rows": rows,
            "due": [charge for charge in charges if charge.status == ChargeStatus.DUE],
            "photo": photo,
            "fault": fault,
            "channels": channels,
            "grounds": WaiveGround.choices,
            "extras": [(item.value, item.label) for item in Item if item != Item.PHOTO],
            "may_reshoot": may(request.actor, "fees.book_free_reshoot", person),
            "orders": person.online_orders.all()[:5],
            "online": Channel.ONLINE in _open(person.campaign),
            "history": Entry.objects.filter(charge__candidate=person).select_related("collection").order_by("-pk"),
            "nonce": uuid.uuid4(),
        },
    )


def _open(campaign: Campaign) -> tuple[Channel, ...]:
    try:
        return open_channels(campaign)
    except GradPhotoError:
        return ()


def _photo_price(person: Candidate, charges: list[Charge]) -> tuple[PriceInForce | None, GradPhotoError | None]:
    held = {ChargeStatus.DUE, ChargeStatus.COLLECTED, ChargeStatus.HANDED_IN, ChargeStatus.WAIVED}
    if person.status not in APPROVED or any(c.item == Item.PHOTO and c.status in held for c in charges):
        return None, None
    try:
        return price_of(person.campaign, Item.PHOTO, person.school_kind), None
    except GradPhotoError as error:
        return None, error


@page("fees.collect")
@require_POST
def collect_one(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take the money of one student and go back to the search, ready for the next."""
    person = get_scoped(request.actor, Candidate.objects.select_related("campaign"), pk=pk)
    ticked = [queries.number(text) for text in request.POST.getlist("charge")]
    people = [person] if request.POST.get("photo") else []
    _take(request, person.campaign, list(person.charges.filter(pk__in=ticked)), people)
    return redirect(_kept(reverse("fees:counter"), request, person.campaign))


def _take(
    request: SignedInRequest, campaign: Campaign, charges: list[Charge], people: list[Candidate], payer: str = ""
) -> Collection:
    given, shown = request.POST.get("tendered", "").strip(), request.POST.get("shown_fen", "")
    taken = actions.collect(
        request.actor,
        tills.till_of(request.actor, campaign),
        channel=_channel(request.POST.get("channel", "")),
        tendered_fen=parse_yuan(given) if given else queries.number(shown),
        nonce=_nonce(request.POST.get("nonce", "")),
        charges=charges,
        people=people,
        shown_fen=int(shown) if shown.isascii() and shown.isdigit() else None,
        payer=payer,
    )
    text = Wording(
        "已收 {p} {t} 元（{n} 人），找零 {c} 元。", "Took {t} yuan from {p} ({n:person|persons}), change {c} yuan."
    ).format(p=taken.payer, t=yuan(taken.total_fen), n=taken.people_count, c=yuan(taken.change_fen))
    messages.success(request, say(text))
    return taken


def _channel(text: str) -> Channel:
    if text not in [way.value for way in _COUNTER_CHANNELS]:
        raise invalid(
            "fees.channel_unknown",
            "请选择收费方式。",
            "Choose how the money is taken.",
            "从列表中选择一种。",
            "Take one from the list.",
        )
    return Channel(text)


def _nonce(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise invalid(
            "fees.nonce",
            "这个表单已失效。",
            "This form is out of date.",
            "请刷新页面后重新填写。",
            "Reload the page and fill it in again.",
        ) from None


@page("fees.collect")
@require_POST
def book(request: SignedInRequest, pk: int) -> HttpResponse:
    """Book an extra, or a free reshoot."""
    person = get_scoped(request.actor, Candidate.objects.select_related("campaign"), pk=pk)
    item, reason = request.POST.get("item", ""), request.POST.get("reason", "")
    if item == "free_reshoot":
        actions.book_free_reshoot(request.actor, person, reason=reason)
    elif item in Item.values:
        quantity = queries.number(request.POST.get("quantity")) or 1
        actions.book_extra(request.actor, person, item=Item(item), quantity=quantity, reason=reason)
    else:
        raise bad_amount()
    messages.success(request, say(Wording("已登记。", "Booked.")))
    return redirect("fees:student", pk=pk)


@page("fees.collect")
@require_POST
def charge_step(request: SignedInRequest, pk: int) -> HttpResponse:
    """One step of a charge's life that needs a reason: cancel, refund, waive."""
    charge = get_scoped(request.actor, Charge.objects.select_related("candidate"), pk=pk)
    name = request.POST.get("step", "")
    if name not in STEPS:
        raise invalid("fees.step", "未知操作。", "Unknown step.", "请刷新页面。", "Reload the page.")
    detail: dict[str, object] = {"reason": request.POST.get("reason", "")}
    if name == "fees.waive_charge":
        ground = request.POST.get("ground", "")
        detail["ground"] = WaiveGround(ground) if ground in WaiveGround.values else WaiveGround.OTHER
    REGISTRY[name].function(request.actor, charge, **detail)
    messages.success(request, say(Wording("已办理。", "Done.")))
    return redirect("fees:student", pk=charge.candidate_id)


@page("fees.collect")
@about_campaign
def bulk(request: SignedInRequest, campaign: Campaign) -> HttpResponse:
    """A class or department with ticks: who paid, the total, the change."""
    asked = request.GET.copy()
    state = asked.get("state", "unpaid")
    people = queries.in_state(
        queries.narrowed(queries.with_money(queries.payers(request.actor, campaign)), asked), state
    )
    department = queries.number(asked.get("department"))
    shown = Paginator(people, _A_PAGE).get_page(asked.get("page"))
    prices = {kind: _price_fen(campaign, kind) for kind in {person.school_kind for person in shown}}
    rows = [(person, _to_pay(person, prices)) for person in shown]
    try:
        channels, fault = counter_channels(campaign), None
    except GradPhotoError as error:
        channels, fault = [], error
    return show(
        request,
        "fees/bulk.html",
        campaign,
        {
            "page": shown,
            "rows": rows,
            "state": state,
            "departments": queries.departments_seen(request.actor, campaign),
            "classes": queries.classes_seen(request.actor, campaign, department),
            "channels": channels,
            "fault": fault,
            "default_channel": Channel.CLASS.value,
            "nonce": uuid.uuid4(),
            "today": timezone.localdate(),
        },
    )


def _price_fen(campaign: Campaign, kind: str) -> int | None:
    try:
        return price_of(campaign, Item.PHOTO, kind).amount_fen
    except GradPhotoError:
        return None


def _to_pay(person: Candidate, prices: dict[str, int | None]) -> int | None:
    """Fen that a tick stands for: everything due, and the photograph where it is not charged yet."""
    due: int = getattr(person, "due_fen", 0)
    if getattr(person, "photo_state", "") or person.status not in APPROVED:
        return due or None
    price = prices[person.school_kind]
    return None if price is None else due + price


@page("fees.collect")
@require_POST
@about_campaign
def collect_bulk(request: SignedInRequest, campaign: Campaign) -> HttpResponse:
    """Take the money of everybody who is ticked, in one collection."""
    ticked = [queries.number(text) for text in request.POST.getlist("person")]
    people = list(scoped(request.actor, Candidate).filter(campaign=campaign, pk__in=ticked))
    due = list(Charge.objects.filter(candidate__in=people, status=ChargeStatus.DUE))
    held = Charge.objects.filter(candidate__in=people, item=Item.PHOTO).exclude(
        status__in=(ChargeStatus.CANCELLED, ChargeStatus.REFUNDED)
    )
    charged = set(held.values_list("candidate", flat=True))
    new = [person for person in people if person.pk not in charged and person.status in APPROVED]
    _take(request, campaign, due, new, payer=request.POST.get("payer", ""))
    back = reverse("fees:bulk")
    query = request.POST.get("back", "")
    return redirect(f"{back}?{query}" if query and "\n" not in query else _kept(back, request, campaign))


def _kept(url: str, request: SignedInRequest, campaign: Campaign) -> str:
    """The address with the campaign that the form was about, where it named one."""
    return f"{url}?campaign={campaign.pk}" if request.POST.get("campaign") else url
