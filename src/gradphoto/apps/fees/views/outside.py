"""Money from outside: bank statements with their reports, online orders, and the door where a gateway knocks."""

from __future__ import annotations

import logging

import segno
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.core.actions import may
from gradphoto.apps.core.addresses import site_address
from gradphoto.apps.core.errors import invalid
from gradphoto.apps.core.uploads import Kind, read_upload
from gradphoto.apps.core.wording import say
from gradphoto.apps.fees import actions, bank, online, papers
from gradphoto.apps.fees.gateway.trial import TrialGateway
from gradphoto.apps.fees.models import BankImport, BankRow, OnlineOrder, OrderStatus, RowOutcome
from gradphoto.apps.fees.views.frame import about_campaign, download, show
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.permissions import seats
from gradphoto.apps.orgs.scope import get_scoped, scoped
from gradphoto.apps.roster.models import Candidate
from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.wording import Wording

log = logging.getLogger(__name__)
_MOST_NOTICE_BYTES = 64 * 1024


@page("fees.import_statements")
@about_campaign
def outside(request: SignedInRequest, campaign: Campaign) -> HttpResponse:
    """Statements handed in so far, the place for the next one, and the online orders."""
    orders = scoped(request.actor, OnlineOrder).filter(campaign=campaign).select_related("candidate__department")
    status = request.GET.get("status", "")
    if status in OrderStatus.values:
        orders = orders.filter(status=status)
    imports = (
        scoped(request.actor, BankImport).filter(campaign=campaign).select_related("organisation", "job").distinct()
    )
    return show(
        request,
        "fees/outside.html",
        campaign,
        {
            "imports": imports,
            "page": Paginator(orders.distinct(), 50).get_page(request.GET.get("page")),
            "statuses": OrderStatus.choices,
            "status": status,
        },
    )


@page("fees.import_statements")
@require_POST
@about_campaign
def take_statement(request: SignedInRequest, campaign: Campaign) -> HttpResponse:
    """Take a statement for the unit where the viewer works."""
    upload = request.FILES.get("file")
    places = (campaign.school.path, campaign.centre.path)
    mine = seats(request.actor, "fees.import_statements")
    home = next((one for one in mine if one.path.startswith(places)), None)
    if upload is None or home is None:
        raise invalid(
            "fees.no_file", "没有选择文件。", "No file was chosen.", "请先选择银行明细。", "Choose the statement first."
        )
    data, media_type = read_upload(upload, Kind.XLSX, Kind.TEXT, limit_mb=16)
    made = bank.import_statement(
        request.actor,
        campaign,
        organisation=home,
        file_name=upload.name or "statement",
        data=data,
        media_type=media_type,
    )
    return redirect("fees:statement", pk=made.pk)


@page("fees.import_statements")
def statement(request: SignedInRequest, pk: int) -> HttpResponse:
    """What became of a statement, row by row; the progress while it is being matched."""
    found = get_scoped(
        request.actor,
        BankImport.objects.select_related("campaign__school", "campaign__centre", "job", "organisation"),
        pk=pk,
    )
    rows = found.rows.select_related("candidate", "collection")
    outcome = request.GET.get("outcome", "")
    counts = [(one.value, one.label, found.rows.filter(outcome=one).count()) for one in RowOutcome]
    if outcome in RowOutcome.values:
        rows = rows.filter(outcome=outcome)
    shown = Paginator(rows, 100).get_page(request.GET.get("page"))
    context = {"statement": found, "page": shown, "counts": counts, "outcome": outcome}
    return show(request, "fees/statement.html", found.campaign, context)


@page("fees.import_statements")
def statement_report(request: SignedInRequest, pk: int) -> HttpResponse:
    """The report of a statement as xlsx."""
    found = get_scoped(request.actor, BankImport.objects.select_related("campaign"), pk=pk)
    rows = [_report_row(row) for row in found.rows.select_related("candidate__department")]
    actions.export_people(request.actor, found.campaign, what=f"statement {pk}", count=len(rows))
    titles = ("行 Row", "流水号 Serial", "日期 Day", "金额 Yuan", "付款人 Payer", "附言 Memo", "结果 Outcome", "说明 Why",
              "学号 Student no.", "姓名 Name", "毕业季 Season")  # fmt: skip
    return download(papers.workbook("对账结果", titles, rows), f"statement-{pk}.xlsx")


def _report_row(row: BankRow) -> list[str | int]:
    person = row.candidate
    return [
        str(row.row_number), row.serial, row.paid_on.isoformat() if row.paid_on else "", row.amount_fen or 0, row.payer,
        row.memo, str(row.get_outcome_display()), row.reason.get("zh", ""), person.student_no if person else "",
        person.name if person else "", str(Season(person.season).label) if person else "",
    ]  # fmt: skip


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
    found = get_scoped(request.actor, _orders(), pk=pk)
    return show(
        request,
        "fees/order.html",
        found.campaign,
        {
            "order": found,
            "code": segno.make(found.pay_url, error="m").svg_data_uri(scale=5, border=2) if found.pay_url else "",
            "rehearsal": not online.GATEWAYS[found.gateway]().moves_money,
            "may_refund": found.status in (OrderStatus.PAID, OrderStatus.SURPLUS)
            and may(request.actor, "fees.refund_order", found),
            "notices": found.notices.all(),
        },
    )


def _orders() -> QuerySet[OnlineOrder]:
    return OnlineOrder.objects.select_related("candidate__department", "campaign__school", "campaign__centre")


@page("fees.collect")
@require_POST
def order_step(request: SignedInRequest, pk: int) -> HttpResponse:
    """Ask the gateway again, pay back, or (test gateway only) pretend that the payer paid."""
    found = get_scoped(request.actor, _orders(), pk=pk)
    gateway, step = online.GATEWAYS[found.gateway](), request.POST.get("step", "")
    if step == "ask":
        online.ask_again(found)
    elif step == "refund":
        online.refund_order(request.actor, found, reason=request.POST.get("reason", "") or "网上退款")
    elif step == "rehearse" and isinstance(gateway, TrialGateway):
        headers, body = gateway.pay(found.public_id)
        notice = gateway.verify_notice(headers, body)
        online.take_notice(online.SYSTEM, None, gateway=gateway.name, notice=notice)
    else:
        raise invalid("fees.step", "未知操作。", "Unknown step.", "请刷新页面。", "Reload the page.")
    messages.success(request, say(Wording("已办理。", "Done.")))
    return redirect("fees:order", pk=pk)


@csrf_exempt
@require_POST
def notify(request: HttpRequest, name: str) -> HttpResponse:
    """The gateway's own door: no sign-in, but nothing is read before the signature is right.

    200 means taken (or taken before); 400 with a code means that the gateway should look at it, not repeat it.
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
    taken = online.take_notice(online.SYSTEM, None, gateway=name, notice=notice)
    return JsonResponse({"outcome": taken.outcome})
