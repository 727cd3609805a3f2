"""The end of a day at the till, and the end of a season."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Count, Sum
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.core.actions import may
from gradphoto.apps.core.errors import invalid
from gradphoto.apps.core.wording import say
from gradphoto.apps.fees import closing, lists, queries, tills
from gradphoto.apps.fees.ledger import balance_on
from gradphoto.apps.fees.models import Account, DayClosing, EntryKind, SeasonClosing
from gradphoto.apps.fees.money import parse_yuan, yuan
from gradphoto.apps.fees.views.frame import about_campaign, show
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import get_scoped
from gradphoto.apps.pages.exporting import answer_export
from gradphoto.engine.wording import Wording


@page("fees.collect")
@about_campaign
def my_day(request: SignedInRequest, campaign: Campaign) -> HttpResponse:
    """What went through the viewer's tills today, what should be there, and the count that closes the day."""
    today = timezone.localdate()
    kept = tills.tills_kept(request.actor, campaign)
    wanted = queries.number(request.GET.get("till"))
    till = next((one for one in kept if one.pk == wanted), kept[0] if kept else None)
    context: dict[str, object] = {"tills": kept, "till": till, "today": today, "pieces": closing.DENOMINATIONS_FEN}
    if till is not None:
        received, given = till.received.filter(business_day=today), till.given.filter(business_day=today)
        closed = DayClosing.objects.filter(till=till, day__gte=today).first()
        context |= {
            "expected": balance_on(till, today),
            "sums": _sums(received, given),
            "collections": till.collections.filter(business_day=today).prefetch_related("receipts__cancellation"),
            "closed": closed,
            "closings": till.closings.select_related("by")[:14],
        }
        context["taken_back"] = queries.taken_back(till.collections.filter(business_day=today))
    return show(request, "fees/my_day.html", campaign, context)


def _sums(received: object, given: object) -> list[tuple[str, int, int]]:
    """Movements of the day by kind: label, number, fen (given is negative)."""
    rows = []
    for entries, sign in ((received, 1), (given, -1)):
        for row in entries.order_by("kind").values("kind").annotate(n=Count("pk"), fen=Sum("amount_fen")):  # type: ignore[attr-defined]
            rows.append((str(EntryKind(row["kind"]).label), row["n"], sign * row["fen"]))
    return rows


@page("fees.collect")
@require_POST
def close_day(request: SignedInRequest, pk: int) -> HttpResponse:
    """Close today for one till, with the count of its notes and coins."""
    till = get_scoped(request.actor, Account.objects.exclude(organisation=None), pk=pk)
    pieces = {fen: queries.number(request.POST.get(f"piece_{fen}")) for fen in closing.DENOMINATIONS_FEN}
    text = request.POST.get("counted", "").strip()
    made = closing.close_day(
        request.actor,
        till,
        day=timezone.localdate(),
        counted_fen=parse_yuan(text) if text else closing.counted(pieces),
        pieces=pieces if any(pieces.values()) else None,
        note=request.POST.get("note", ""),
    )
    told = Wording("今日已日结：清点 {c} 元，差额 {d} 元。", "The day is closed: counted {c} yuan, difference {d}.")
    messages.success(request, say(told.format(c=yuan(made.counted_fen), d=yuan(made.difference_fen))))
    return redirect("fees:my_day")


@page("fees.oversee")
@about_campaign
def seasons(request: SignedInRequest, campaign: Campaign) -> HttpResponse:
    """Both seasons side by side: figures, what is not settled, closing; and the tills with their last closed day."""
    closed = {one.season: one for one in SeasonClosing.objects.filter(campaign=campaign).select_related("by")}
    figures = {season: closing.totals(campaign, season) for season in Season}
    rows = [
        {
            "season": season,
            "closed": closed.get(season),
            "totals": figures[season],
            "items": closing.items_of(figures[season]),
            "hindrances": [] if season in closed else closing.hindrances(campaign, season),
        }
        for season in Season
    ]
    accounts = Account.objects.filter(campaign=campaign).exclude(organisation=None)
    accounts = accounts.select_related("organisation", "keeper").prefetch_related("closings")
    return show(
        request,
        "fees/seasons.html",
        campaign,
        {"rows": rows, "accounts": accounts, "may_close": may(request.actor, "fees.close_season", campaign)},
    )


@page("fees.oversee")
@require_POST
@about_campaign
def close_season(request: SignedInRequest, campaign: Campaign) -> HttpResponse:
    """Close a season for good."""
    season = queries.season_in(request.POST)
    if not season or request.POST.get("sure") != "yes":
        raise invalid(
            "fees.not_sure",
            "请勾选确认。",
            "Tick the confirmation.",
            "结账后不能再变动。",
            "Nothing changes afterwards.",
        )
    closing.close_season(request.actor, campaign, season=Season(season), note=request.POST.get("note", ""))
    messages.success(request, say(Wording("本季收费已结账。", "The season's money is closed.")))
    return redirect("fees:seasons")


@page("fees.oversee")
@about_campaign
def journal(request: SignedInRequest, campaign: Campaign) -> HttpResponseBase:
    """Every entry of a campaign as xlsx: the books as an auditor wants them (流水账)."""
    return answer_export(request, lists.JOURNAL, campaign=campaign.pk)
