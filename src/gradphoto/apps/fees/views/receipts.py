"""Receipts: searched, filtered, printed, exported, cancelled with a reason."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib import messages
from django.db.models import QuerySet, Sum
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.views.decorators.http import require_POST

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.wording import say
from gradphoto.apps.fees import lists, papers
from gradphoto.apps.fees import receipts as acts
from gradphoto.apps.fees.forms.handing import CancelReceipt
from gradphoto.apps.fees.forms.refunds import AskRefundOfPayment
from gradphoto.apps.fees.models import Collection, Receipt, Refund
from gradphoto.apps.fees.policy import keeps
from gradphoto.apps.fees.refunds import of_collection
from gradphoto.apps.fees.views.frame import about_campaign, show
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import get_scoped, scoped
from gradphoto.apps.pages.downloads import PDF, download
from gradphoto.apps.pages.exporting import answer_export
from gradphoto.apps.pages.forms import ActionForm, PageForms, form_action, posted_form, ticks
from gradphoto.engine.wording import Wording


@page("fees.collect")
@about_campaign
def receipt_list(request: SignedInRequest, campaign: Campaign) -> HttpResponse:
    """The receipts of a campaign, newest first, with their sum."""
    listing = lists.RECEIPTS.page(request, campaign=campaign.pk)
    found = listing.rows if listing.is_valid else Receipt.objects.none()
    valid = found.filter(cancellation=None).order_by()
    return show(
        request,
        "fees/receipts.html",
        campaign,
        {
            "listing": listing,
            "total": valid.aggregate(n=Sum("amount_fen"))["n"] or 0,
            "count": valid.count(),
        },
    )


@page("fees.collect")
@about_campaign
def receipt_export(request: SignedInRequest, campaign: Campaign) -> HttpResponseBase:
    """The filtered receipts as xlsx; cancelled ones stand in it with nothing in the amount."""
    return answer_export(request, lists.RECEIPTS, campaign=campaign.pk)


@page("fees.collect")
def receipt(request: SignedInRequest, pk: int) -> HttpResponse:
    """One receipt, what it is for, and its cancellation."""
    if request.method == "POST":
        return form_action(
            request,
            posted_form(request, (CancelReceipt,), get_scoped(request.actor, _whole(), pk=pk)),
            again=lambda form: _receipt(request, pk, form),
            done=lambda made: redirect("fees:receipt", pk=pk),
        )
    return _receipt(request, pk)


def _receipt(request: SignedInRequest, pk: int, posted: ActionForm | None = None) -> HttpResponse:
    found = get_scoped(request.actor, _whole(), pk=pk)
    return show(
        request,
        "fees/receipt.html",
        found.campaign,
        {
            "receipt": found,
            "page_forms": PageForms(request.actor, found, (CancelReceipt,), posted),
            "opens": opening(request.actor, [found.collection_id]),
        },
    )


def _whole() -> QuerySet[Receipt]:
    return Receipt.objects.select_related(
        "campaign__school", "campaign__centre", "issuer", "issued_by", "hand_in", "collection", "cancellation__by",
        "replaces",
    )  # fmt: skip


@page("fees.collect")
def receipt_pdf(request: SignedInRequest, pk: int) -> HttpResponse:
    """The receipt as PDF; a cancelled one says so across the sheet."""
    found = get_scoped(request.actor, _whole(), pk=pk)
    return download(
        papers.receipt_pdf(found, get_language() or "zh"), f"receipt-{found.number_label}.pdf", PDF, inline=True
    )


@page("fees.collect")
def collection(request: SignedInRequest, pk: int) -> HttpResponse:
    """One collection: who it was for, what was given back, its receipt; a refund of it or of a part is asked for here."""
    if request.method == "POST":
        return form_action(
            request,
            posted_form(request, (AskRefundOfPayment,), get_scoped(request.actor, _collections(), pk=pk)),
            again=lambda form: _collection(request, pk, form),
            done=lambda made: redirect("fees:refund", pk=made.pk),
        )
    return _collection(request, pk)


def opening(actor: Actor, collections: Iterable[int | None]) -> set[int]:
    """Those of these collections whose page opens to the viewer: an order or a receipt is also seen by who pays, a till
    by who keeps it.
    """
    asked = {one for one in collections if one is not None}
    return set(scoped(actor, Collection).filter(pk__in=asked).values_list("pk", flat=True)) if asked else set()


def _collections() -> QuerySet[Collection]:
    return Collection.objects.select_related(
        "campaign__school", "campaign__centre", "till__organisation", "till__keeper"
    )


def _collection(request: SignedInRequest, pk: int, posted: ActionForm | None = None) -> HttpResponse:
    found = get_scoped(request.actor, _collections(), pk=pk)
    refundable = {charge.pk for charge in of_collection(found)}
    entries = found.entries.select_related("charge__candidate__department").order_by("pk")
    given = list(found.receipts.select_related("cancellation").order_by("pk"))
    left_fen, left_people = acts.still_standing(found)
    return show(
        request,
        "fees/collection.html",
        found.campaign,
        {
            "collection": found,
            "entries": entries,
            "receipts": given,
            "back": left_fen != found.total_fen,
            "left_fen": left_fen,
            "left_people": left_people,
            "refunds": Refund.objects.filter(items__charge__entries__collection=found).distinct(),
            "refundable": refundable,
            "page_forms": PageForms(request.actor, found, (AskRefundOfPayment,), posted),
            "ticked": ticks(posted, "charge"),
            "may_issue": left_fen and all(one.is_cancelled for one in given) and keeps(request.actor, found.till),
        },
    )


@page("fees.collect")
@require_POST
def issue(request: SignedInRequest, pk: int) -> HttpResponse:
    """Write the receipt for a collection."""
    found = get_scoped(request.actor, Collection, pk=pk)
    made = acts.receipt_for_collection(request.actor, found)
    text = Wording("已开收据 {n}。", "Receipt {n} is written.").format(n=made.number_label)
    messages.success(request, say(text))
    return redirect("fees:receipt", pk=made.pk)
