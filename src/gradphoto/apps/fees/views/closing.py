"""The end of a day at the till, and the end of a season."""

from __future__ import annotations

from django.db.models import Count, Sum
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.fees import closing, lists, queries, tills
from gradphoto.apps.fees.forms.handing import CloseDay, CloseSeason
from gradphoto.apps.fees.ledger import balance_on
from gradphoto.apps.fees.models import Account, DayClosing, EntryKind, SeasonClosing
from gradphoto.apps.fees.views.frame import about_campaign, show
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.pages.exporting import answer_export
from gradphoto.apps.pages.first_rows import first_rows
from gradphoto.apps.pages.forms import ActionForm, PageForms, form_action, posted_form, posted_of


@page("fees.collect")
@about_campaign
def my_day(request: SignedInRequest, campaign: Campaign) -> HttpResponse:
    """What went through the viewer's tills today, what should be there, and the count that closes the day."""
    if request.method == "POST":
        tills_of = Account.objects.exclude(organisation=None)
        return form_action(
            request,
            posted_of(request, {CloseDay: tills_of}),
            again=lambda form: _my_day(request, campaign, form),
            done=lambda made: redirect(request.get_full_path()),
        )
    return _my_day(request, campaign)


def _my_day(request: SignedInRequest, campaign: Campaign, posted: ActionForm | None = None) -> HttpResponse:
    today = timezone.localdate()
    kept = tills.tills_kept(request.actor, campaign)
    wanted = posted.target.pk if posted is not None else queries.number(request.GET.get("till"))
    till = next((one for one in kept if one.pk == wanted), kept[0] if kept else None)
    context: dict[str, object] = {"tills": kept, "till": till, "today": today}
    if till is not None:
        received, given = till.received.filter(business_day=today), till.given.filter(business_day=today)
        closed = DayClosing.objects.filter(till=till, day__gte=today).first()
        context |= {
            "expected": balance_on(till, today),
            "sums": _sums(received, given),
            "collections": till.collections.filter(business_day=today).prefetch_related("receipts__cancellation"),
            "closed": closed,
            "page_forms": PageForms(request.actor, till, (CloseDay,), posted, key=str(till.pk)),
            "closings": first_rows(till.closings.select_related("by"), 14),
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


@page("fees.oversee")
@about_campaign
def seasons(request: SignedInRequest, campaign: Campaign) -> HttpResponse:
    """Both seasons side by side: figures, what is not settled, closing; and the tills with their last closed day."""
    if request.method == "POST":
        return form_action(
            request,
            posted_form(request, (CloseSeason,), campaign),
            again=lambda form: _seasons(request, campaign, form),
            done=lambda made: redirect(request.get_full_path()),
        )
    return _seasons(request, campaign)


def _closing_forms(request: SignedInRequest, campaign: Campaign, season: str, posted: ActionForm | None) -> PageForms:
    mine = posted if posted is not None and posted.key == season else None
    return PageForms(request.actor, campaign, (CloseSeason,), mine, key=season, close_season={"season": season})


def _seasons(request: SignedInRequest, campaign: Campaign, posted: ActionForm | None = None) -> HttpResponse:
    closed = {one.season: one for one in SeasonClosing.objects.filter(campaign=campaign).select_related("by")}
    figures = {season: closing.totals(campaign, season) for season in Season}
    rows = [
        {
            "season": season,
            "closed": closed.get(season),
            "totals": figures[season],
            "items": closing.items_of(figures[season]),
            "page_forms": _closing_forms(request, campaign, season.value, posted),
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
        {"rows": rows, "accounts": accounts},
    )


@page("fees.oversee")
@about_campaign
def journal(request: SignedInRequest, campaign: Campaign) -> HttpResponseBase:
    """Every entry of a campaign as xlsx: the books as an auditor wants them (流水账)."""
    return answer_export(request, lists.JOURNAL, campaign=campaign.pk)
