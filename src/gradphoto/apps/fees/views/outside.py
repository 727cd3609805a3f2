"""Money from outside: bank statements with their reports, online orders, and the door where a gateway knocks."""

from __future__ import annotations

import logging

import segno
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.core.addresses import site_address
from gradphoto.apps.core.errors import Refusal
from gradphoto.apps.core.wording import say
from gradphoto.apps.fees import online
from gradphoto.apps.fees.forms.outside import ImportStatement
from gradphoto.apps.fees.forms.refunds import AskOrderRefund
from gradphoto.apps.fees.gateway.trial import TrialGateway
from gradphoto.apps.fees.models import BankImport, OnlineOrder
from gradphoto.apps.fees.views.frame import about_campaign, show
from gradphoto.apps.fees.views.receipts import opening
from gradphoto.apps.fees.working_lists import ORDERS, STATEMENT_ROWS, STATEMENTS
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import get_scoped, scoped
from gradphoto.apps.pages.exporting import answer_export
from gradphoto.apps.pages.forms import ActionForm, PageForms, form_action, posted_form
from gradphoto.apps.pages.paging import number_of
from gradphoto.apps.roster.models import Candidate
from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.wording import Wording

log = logging.getLogger(__name__)
_MOST_NOTICE_BYTES = 64 * 1024


@page("fees.import_statements")
@about_campaign
def outside(request: SignedInRequest, campaign: Campaign) -> HttpResponse:
    """The place for the next statement, the way to those handed in so far, and the online orders."""
    if request.method == "POST":
        return form_action(
            request,
            posted_form(request, (ImportStatement,), campaign),
            again=lambda form: _outside(request, campaign, form),
            done=lambda made: redirect("fees:statement", pk=made.pk),
        )
    return _outside(request, campaign)


def _outside(request: SignedInRequest, campaign: Campaign, posted: ActionForm | None = None) -> HttpResponse:
    context = {
        "statements": number_of(scoped(request.actor, BankImport).filter(campaign=campaign)),
        "listing": ORDERS.page(request, campaign=campaign.pk),
        "page_forms": PageForms(request.actor, campaign, (ImportStatement,), posted),
    }
    return show(request, "fees/outside.html", campaign, context)


@page("fees.import_statements")
@about_campaign
def orders_export(request: SignedInRequest, campaign: Campaign) -> HttpResponseBase:
    """The online orders as a file."""
    return answer_export(request, ORDERS, campaign=campaign.pk)


@page("fees.import_statements")
@about_campaign
def statements(request: SignedInRequest, campaign: Campaign) -> HttpResponse:
    """The statements handed in so far."""
    listing = STATEMENTS.page(request, campaign=campaign.pk)
    return show(request, "fees/statements.html", campaign, {"listing": listing})


@page("fees.import_statements")
@about_campaign
def statements_export(request: SignedInRequest, campaign: Campaign) -> HttpResponseBase:
    """The same as a file."""
    return answer_export(request, STATEMENTS, campaign=campaign.pk)


@page("fees.import_statements")
def statement(request: SignedInRequest, pk: int) -> HttpResponse:
    """What became of a statement, row by row; the progress while it is being matched."""
    found = get_scoped(
        request.actor,
        BankImport.objects.select_related("campaign__school", "campaign__centre", "job", "organisation"),
        pk=pk,
    )
    listing = STATEMENT_ROWS.page(request, statement=pk)
    context = {"statement": found, "listing": listing, "outcomes": listing.tabs("outcome")}
    return show(request, "fees/statement.html", found.campaign, context)


@page("fees.import_statements")
def statement_report(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """The report of a statement as xlsx."""
    found = get_scoped(request.actor, BankImport, pk=pk)
    return answer_export(request, STATEMENT_ROWS, statement=found.pk)


@page("fees.collect")
@require_POST
def open_order(request: SignedInRequest, pk: int) -> HttpResponse:
    """Place an online order for everything that one student owes."""
    person = get_scoped(request.actor, Candidate.objects.select_related("campaign"), pk=pk)
    gateway = online.gateway_of(person.campaign)
    address = site_address(reverse("fees:notify", args=[gateway.name]))
    made = online.open_order(request.actor, person, notify_url=address)
    return redirect("fees:order", pk=made.pk)


@page("fees.collect")
def order(request: SignedInRequest, pk: int) -> HttpResponse:
    """One order: the code to scan, its state, its notices."""
    if request.method == "POST":
        return form_action(
            request,
            posted_form(request, (AskOrderRefund,), get_scoped(request.actor, _orders(), pk=pk)),
            again=lambda form: _order(request, pk, form),
            done=lambda made: redirect("fees:order", pk=pk),
        )
    return _order(request, pk)


def _order(request: SignedInRequest, pk: int, posted: ActionForm | None = None) -> HttpResponse:
    found = get_scoped(request.actor, _orders(), pk=pk)
    context = {
        "order": found,
        "code": segno.make(found.pay_url, error="m").svg_data_uri(scale=5, border=2) if found.pay_url else "",
        "rehearsal": not online.GATEWAYS[found.gateway]().moves_money,
        "page_forms": PageForms(request.actor, found, (AskOrderRefund,), posted),
        "notices": found.notices.all(),
        "refunds": found.refunds.all(),
        "opens": opening(request.actor, [found.collection_id]),
    }
    return show(request, "fees/order.html", found.campaign, context)


def _orders() -> QuerySet[OnlineOrder]:
    return OnlineOrder.objects.select_related("candidate__department", "campaign__school", "campaign__centre")


@page("fees.collect")
@require_POST
def ask_gateway(request: SignedInRequest, pk: int) -> HttpResponse:
    """Ask the gateway once more what became of an order."""
    online.ask_again(get_scoped(request.actor, _orders(), pk=pk))
    return _done(request, pk)


@page("fees.collect")
@require_POST
def rehearse_payment(request: SignedInRequest, pk: int) -> HttpResponse:
    """Pretend that the payer paid; the test gateway only."""
    found = get_scoped(request.actor, _orders(), pk=pk)
    gateway = online.GATEWAYS[found.gateway]()
    if not isinstance(gateway, TrialGateway):
        raise Http404
    headers, body = gateway.pay(found.public_id)
    notice = gateway.verify_notice(headers, body)
    online.take_notice(online.SYSTEM, None, gateway=gateway.name, notice=notice)
    return _done(request, pk)


def _done(request: SignedInRequest, pk: int) -> HttpResponse:
    messages.success(request, say(Wording("已办理。", "Done.")))
    return redirect("fees:order", pk=pk)


@csrf_exempt
@require_POST
def notify(request: HttpRequest, name: str) -> HttpResponse:
    """The gateway's own door: no sign-in, but nothing is read before the signature is right.

    200 means taken (or taken before); 400 with a code means that the gateway should look at it, not repeat it; 409 with
    a code that the books cannot take it yet (a closed day, a receipt that is out): it is to be repeated later.
    """
    make = online.GATEWAYS.get(name)
    if make is None:
        return JsonResponse({"code": "fees.gateway_unknown"}, status=404)
    if int(request.headers.get("Content-Length") or 0) > _MOST_NOTICE_BYTES:
        return JsonResponse({"code": "fees.notice_too_large"}, status=413)
    try:
        notice = make().verify_notice(request.headers, request.body)
    except GradPhotoError as error:
        log.warning("fees.notice_refused", extra={"code": error.code, "gateway": name})
        return JsonResponse({"code": error.code}, status=400)
    try:
        taken = online.take_notice(online.SYSTEM, None, gateway=name, notice=notice)
    except Refusal as error:
        log.warning("fees.notice_not_yet", extra={"code": error.code, "gateway": name})
        return JsonResponse({"code": error.code}, status=409)
    return JsonResponse({"outcome": taken.outcome})
