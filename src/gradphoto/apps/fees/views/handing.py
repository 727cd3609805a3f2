"""Hand-in lists: drawn up, counted, received or sent back; as paper and as file."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.views.decorators.http import require_POST

from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.core.actions import may, offered
from gradphoto.apps.core.errors import invalid
from gradphoto.apps.core.wording import say
from gradphoto.apps.fees import actions, handing, papers, queries, receipts, tills
from gradphoto.apps.fees.models import Account, Charge, HandIn, HandInStatus, Means
from gradphoto.apps.fees.money import parse_yuan
from gradphoto.apps.fees.views.frame import PDF, about_campaign, download, show
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import get_scoped, scoped
from gradphoto.engine.wording import Wording


@page("fees.collect")
@about_campaign
def hand_ins(request: SignedInRequest, campaign: Campaign) -> HttpResponse:
    """The lists of the viewer's part of the tree, those that wait first."""
    found = scoped(request.actor, HandIn).filter(campaign=campaign).distinct()
    status, season = request.GET.get("status", ""), queries.season_in(request.GET)
    if status in HandInStatus.values:
        found = found.filter(status=status)
    if season:
        found = found.filter(season=season)
    if words := request.GET.get("q", "").strip()[:60]:
        found = found.filter(giver__organisation__name__icontains=words) | found.filter(reference__icontains=words)
    found = found.select_related("giver__organisation", "giver__keeper", "receiver__organisation")
    return show(
        request,
        "fees/hand_ins.html",
        campaign,
        {
            "page": Paginator(found.order_by("-listed_at", "-pk"), 50).get_page(request.GET.get("page")),
            "statuses": HandInStatus.choices,
            "status": status,
            "season": season,
        },
    )


@page("fees.collect")
@about_campaign
def new_hand_in(request: SignedInRequest, campaign: Campaign) -> HttpResponse:
    """Choose till, season and receiver; everything that lies there is ticked, and the total is shown."""
    kept = tills.tills_kept(request.actor, campaign)
    wanted = queries.number(request.GET.get("till"))
    first = next((one for one in kept if handing.lying_in(one).exists()), kept[0] if kept else None)
    till = next((one for one in kept if one.pk == wanted), first)
    season = queries.season_in(request.GET)
    charges: list[Charge] = []
    if till is not None:
        lying = {one: list(handing.lying_in(till, one).order_by("candidate__department__path", "candidate__student_no"))
                 for one in ([season] if season else Season.values)}  # fmt: skip
        season = season or next((one for one, some in lying.items() if some), Season.SPRING)
        charges = lying[season]
    return show(
        request,
        "fees/new_hand_in.html",
        campaign,
        {
            "tills": kept,
            "till": till,
            "season": season,
            "charges": charges,
            "ways": handing.ways_up(till) if till else [],
            "means": Means.choices,
            "total": sum(charge.amount_fen for charge in charges),
        },
    )


@page("fees.collect")
@require_POST
@about_campaign
def list_hand_in(request: SignedInRequest, campaign: Campaign) -> HttpResponse:
    """Draw up the list of what is ticked."""
    till = get_scoped(
        request.actor, Account.objects.filter(campaign=campaign), pk=queries.number(request.POST.get("till"))
    )
    to = Organisation.objects.filter(pk=queries.number(request.POST.get("to"))).first()
    means, season = request.POST.get("means", ""), queries.season_in(request.POST)
    if to is None or means not in Means.values or not season:
        raise invalid(
            "fees.hand_in_form",
            "请选择接收单位、季别和方式。",
            "Choose receiver, season and means.",
            "补全后再提交。",
            "Fill them in first.",
        )
    ticked = [queries.number(text) for text in request.POST.getlist("charge")]
    made = handing.list_hand_in(
        request.actor,
        till,
        to=to,
        season=Season(season),
        charges=Charge.objects.filter(pk__in=ticked),
        means=Means(means),
        reference=request.POST.get("reference", ""),
        remitted_on=_day(request.POST.get("remitted_on", "")),
    )
    messages.success(
        request, say(Wording("上缴单已开出，等待对方清点。", "The list is drawn up; the other side counts now."))
    )
    return redirect("fees:hand_in", pk=made.pk)


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise invalid(
            "fees.day", "日期无法识别。", "This is no date.", "请写成 2026-11-21 的形式。", "Write it like 2026-11-21."
        ) from None


@page("fees.collect")
def hand_in(request: SignedInRequest, pk: int) -> HttpResponse:
    """One list: its people and money, and what this viewer may do with it."""
    found = get_scoped(request.actor, _whole(), pk=pk)
    steps = offered(request.actor, found)
    given = list(found.receipts.select_related("cancellation").order_by("pk"))
    stands = any(not receipt.is_cancelled for receipt in given)
    return show(
        request,
        "fees/hand_in.html",
        found.campaign,
        {
            "hand_in": found,
            "items": found.items.select_related("charge__candidate__department"),
            "may_receive": "fees.receive_hand_in" in steps and found.listed_by_id != request.user.pk,
            "may_refuse": "fees.refuse_hand_in" in steps,
            "may_withdraw": "fees.withdraw_hand_in" in steps,
            "may_issue": found.status == HandInStatus.RECEIVED
            and not stands
            and may(request.actor, "fees.receipt_for_hand_in", found),
            "receipts": given,
            "photographed": handing.photographed_on(found),
        },
    )


def _whole() -> QuerySet[HandIn]:
    return HandIn.objects.select_related(
        "campaign__school", "campaign__centre", "giver__organisation", "giver__keeper", "receiver__organisation",
        "listed_by", "received_by",
    )  # fmt: skip


@page("fees.collect")
@require_POST
def hand_in_step(request: SignedInRequest, pk: int) -> HttpResponse:
    """Receive, send back, withdraw, or give the receipt."""
    found = get_scoped(request.actor, HandIn, pk=pk)
    step, reason = request.POST.get("step", ""), request.POST.get("reason", "")
    if step == "receive":
        handing.receive_hand_in(
            request.actor,
            found,
            counted_fen=parse_yuan(request.POST.get("counted", "")),
            counted_people=queries.number(request.POST.get("people")),
        )
    elif step == "refuse":
        handing.refuse_hand_in(request.actor, found, reason=reason)
    elif step == "withdraw":
        handing.withdraw_hand_in(request.actor, found, reason=reason)
    elif step == "receipt":
        receipt = receipts.receipt_for_hand_in(request.actor, found)
        text = Wording("已开收据 {n}。", "Receipt {n} is written.").format(n=receipt.number_label)
        messages.success(request, say(text))
        return redirect("fees:receipt", pk=receipt.pk)
    else:
        raise invalid("fees.step", "未知操作。", "Unknown step.", "请刷新页面。", "Reload the page.")
    messages.success(request, say(Wording("已办理。", "Done.")))
    return redirect("fees:hand_in", pk=pk)


@page("fees.collect")
def hand_in_paper(request: SignedInRequest, pk: int) -> HttpResponse:
    """The list as PDF to be signed, or as xlsx."""
    found = get_scoped(request.actor, _whole(), pk=pk)
    actions.export_people(request.actor, found.campaign, what=f"hand-in {found.pk}", count=found.people_count)
    form, name = papers.hand_in_form(found), f"hand-in-{found.pk:05d}"
    if request.GET.get("format") == "xlsx":
        return download(form.to_xlsx(get_language() or "zh"), f"{name}.xlsx")
    return download(form.to_pdf(get_language() or "zh"), f"{name}.pdf", PDF)
