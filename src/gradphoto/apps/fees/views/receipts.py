"""Receipts: searched, filtered, printed, exported, cancelled with a reason."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import QuerySet, Sum
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.views.decorators.http import require_POST

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.core.actions import may
from gradphoto.apps.core.wording import say
from gradphoto.apps.fees import lists, papers
from gradphoto.apps.fees import receipts as acts
from gradphoto.apps.fees.models import Collection, EntryKind, Receipt
from gradphoto.apps.fees.policy import keeps
from gradphoto.apps.fees.views.frame import PDF, about_campaign, download, show
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import get_scoped
from gradphoto.apps.pages.exporting import answer_export
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
    found = get_scoped(request.actor, _whole(), pk=pk)
    return show(
        request,
        "fees/receipt.html",
        found.campaign,
        {"receipt": found, "may_cancel": not found.is_cancelled and may(request.actor, "fees.cancel_receipt", found)},
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
    return download(papers.receipt_pdf(found, get_language() or "zh"), f"receipt-{found.number_label}.pdf", PDF)


@page("fees.collect")
@require_POST
def cancel(request: SignedInRequest, pk: int) -> HttpResponse:
    """Cancel a receipt with its reason."""
    found = get_scoped(request.actor, Receipt, pk=pk)
    acts.cancel_receipt(request.actor, found, reason=request.POST.get("reason", ""))
    messages.success(request, say(Wording("收据已作废，号码保留。", "The receipt is cancelled; its number stays.")))
    return redirect("fees:receipt", pk=pk)


@page("fees.collect")
def collection(request: SignedInRequest, pk: int) -> HttpResponse:
    """One collection: who it was for, what was given back, its receipt."""
    found = get_scoped(
        request.actor,
        Collection.objects.select_related("campaign__school", "campaign__centre", "till__organisation"),
        pk=pk,
    )
    entries = found.entries.select_related("charge__candidate__department").order_by("pk")
    given = list(found.receipts.select_related("cancellation").order_by("pk"))
    back = entries.filter(kind__in=(EntryKind.CANCEL_PAYMENT, EntryKind.REFUND)).exists()
    return show(
        request,
        "fees/collection.html",
        found.campaign,
        {
            "collection": found,
            "entries": entries,
            "receipts": given,
            "back": back,
            "may_issue": not back and all(one.is_cancelled for one in given) and keeps(request.actor, found.till),
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
