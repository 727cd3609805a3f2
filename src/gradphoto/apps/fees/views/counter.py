"""Taking money: from one student who stands there, or from a class whose list is ticked."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.fees import queries, tills
from gradphoto.apps.fees.forms.counter import (
    CHARGE_FORMS,
    BookExtra,
    CollectMany,
    CollectOne,
    FindStudent,
    counter_channels,
)
from gradphoto.apps.fees.forms.refunds import AskRefund, CollectPart
from gradphoto.apps.fees.models import Channel, Charge, ChargeStatus, Entry, Item, Refund
from gradphoto.apps.fees.parts import paid_of
from gradphoto.apps.fees.prices import PriceInForce, open_channels, price_of
from gradphoto.apps.fees.views.frame import about_campaign, show
from gradphoto.apps.fees.views.receipts import opening
from gradphoto.apps.fees.working_lists import PAYERS
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import get_scoped
from gradphoto.apps.pages.forms import (
    ActionForm,
    PageForms,
    form_action,
    posted_form,
    posted_of,
    row_forms,
    sent_form,
    ticks,
)
from gradphoto.apps.roster.lifecycle import APPROVED
from gradphoto.apps.roster.models import Candidate
from gradphoto.engine.errors import GradPhotoError

PERSON_FORMS = (CollectOne, CollectPart, BookExtra)
STEPS = (*CHARGE_FORMS, AskRefund)


@page("fees.collect")
@about_campaign
def counter(request: SignedInRequest, campaign: Campaign) -> HttpResponse:
    """Find a student by name, number or scanned card; one hit opens at once. Below, what was taken last.

    The search comes by POST: what is scanned or typed here may be an ID number, and it stays out of the address.
    """
    form = sent_form(request, FindStudent)
    text = form.cleaned_data["q"] if form.is_valid() else ""
    found = queries.find(request.actor, campaign, text)
    if request.htmx:
        return render(request, "fees/found.html", {"found": found, "text": text})
    if len(found) == 1:
        return redirect("fees:student", pk=found[0].pk)
    own = tills.own_till(request.actor, campaign)
    last = list(own.collections.prefetch_related("receipts__cancellation")[:8]) if own else []
    context = {"found": found, "text": text, "last": last, "taken_back": queries.taken_back(last), "own": own}
    return show(request, "fees/counter.html", campaign, context)


@page("fees.collect")
def student(request: SignedInRequest, pk: int) -> HttpResponse:
    """One student's account: what is due, what was paid, and everything that can be done with it."""
    if request.method == "POST":
        person = _person(request, pk)
        charges = Charge.objects.filter(candidate=person).select_related("candidate")
        form = posted_of(request, {**dict.fromkeys(PERSON_FORMS, person), **dict.fromkeys(STEPS, charges)})
        return form_action(
            request, form, again=lambda form: _student(request, pk, form), done=lambda made: _after(request, form)
        )
    return _student(request, pk)


def _after(request: SignedInRequest, form: ActionForm) -> HttpResponse:
    """Whoever paid makes room for the next."""
    if not isinstance(form, CollectOne):
        return redirect(request.get_full_path())
    return redirect(f"{reverse('fees:counter')}?campaign={form.campaign.pk}")


def _person(request: SignedInRequest, pk: int) -> Candidate:
    people = Candidate.objects.select_related(
        "department", "campaign__school", "campaign__centre", "campaign__rule_set"
    )
    return get_scoped(request.actor, people, pk=pk)


def _student(request: SignedInRequest, pk: int, posted: ActionForm | None = None) -> HttpResponse:
    person = _person(request, pk)
    charges = list(
        person.charges.select_related("till__organisation", "till__keeper", "candidate__department").order_by("pk")
    )
    paid = paid_of(charges)
    for charge in charges:
        charge.paid_fen = paid.get(charge.pk, 0)  # type: ignore[attr-defined]  # for the page: how much of it is paid
        charge.rest_fen = charge.amount_fen - charge.paid_fen  # type: ignore[attr-defined]
    photo, fault = _photo_price(person, charges)
    try:
        channels = counter_channels(person.campaign)
    except GradPhotoError as error:
        channels, fault = [], error
    history = list(Entry.objects.filter(charge__candidate=person).select_related("collection").order_by("-pk"))
    return show(
        request,
        "fees/student.html",
        person.campaign,
        {
            "person": person,
            "rows": [(one, list(forms)) for one, forms in row_forms(request.actor, charges, STEPS, posted)],
            "due": [charge for charge in charges if charge.status == ChargeStatus.DUE],
            "photo": photo,
            "fault": fault,
            "channels": channels,
            "page_forms": PageForms(request.actor, person, PERSON_FORMS, posted),
            "ticked": ticks(posted, "charge"),
            "refunds": Refund.objects.filter(items__charge__candidate=person).distinct(),
            "orders": person.online_orders.all(),
            "online": Channel.ONLINE in _open(person.campaign),
            "history": history,
            "opens": opening(request.actor, (entry.collection_id for entry in history)),
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
@about_campaign
def bulk(request: SignedInRequest, campaign: Campaign) -> HttpResponse:
    """A class or department with ticks: who paid, the total, the change; all booked in one collection."""
    if request.method == "POST":
        return form_action(
            request,
            posted_form(request, (CollectMany,), campaign),
            again=lambda form: _bulk(request, campaign, form),
            done=lambda made: redirect(request.get_full_path()),
        )
    return _bulk(request, campaign)


def _bulk(request: SignedInRequest, campaign: Campaign, posted: ActionForm | None = None) -> HttpResponse:
    fault = None
    try:
        counter_channels(campaign)
    except GradPhotoError as error:
        fault = error
    context = {
        "listing": PAYERS.page(request, campaign=campaign.pk),
        "page_forms": PageForms(request.actor, campaign, (CollectMany,), posted),
        "ticked": ticks(posted, "person"),
        "fault": fault,
    }
    return show(request, "fees/bulk.html", campaign, context)
