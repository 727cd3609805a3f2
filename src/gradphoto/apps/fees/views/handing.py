"""Hand-in lists: drawn up, counted, received or sent back; as paper and as file."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import get_language

from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.fees import actions, handing, papers, providers, queries, tills
from gradphoto.apps.fees.charge_lists import HAND_IN_CHARGES
from gradphoto.apps.fees.forms.handing import HAND_IN_FORMS, ListHandIn
from gradphoto.apps.fees.models import Account, Charge, HandIn, Receipt
from gradphoto.apps.fees.views.frame import about_campaign, show
from gradphoto.apps.fees.working_lists import HAND_INS
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import get_scoped
from gradphoto.apps.pages.downloads import PDF, download
from gradphoto.apps.pages.exporting import answer_export
from gradphoto.apps.pages.forms import ActionForm, PageForms, form_action, posted_form, ticks


@page("fees.collect")
@about_campaign
def hand_ins(request: SignedInRequest, campaign: Campaign) -> HttpResponse:
    """The lists of the viewer's part of the tree, newest first."""
    return show(request, "fees/hand_ins.html", campaign, {"listing": HAND_INS.page(request, campaign=campaign.pk)})


@page("fees.collect")
@about_campaign
def hand_ins_export(request: SignedInRequest, campaign: Campaign) -> HttpResponseBase:
    """The same as a file."""
    return answer_export(request, HAND_INS, campaign=campaign.pk)


@page("fees.collect")
@about_campaign
def new_hand_in(request: SignedInRequest, campaign: Campaign) -> HttpResponse:
    """Choose till, season and receiver; everything that lies there is ticked, and the total is shown."""
    if request.method == "POST":
        till = get_scoped(
            request.actor, Account.objects.filter(campaign=campaign), pk=queries.number(request.GET.get("till"))
        )
        return form_action(
            request,
            posted_form(request, (ListHandIn,), till),
            again=lambda form: _new_hand_in(request, campaign, form),
            done=lambda made: redirect("fees:hand_in", pk=made.pk),
        )
    return _new_hand_in(request, campaign)


def _new_hand_in(request: SignedInRequest, campaign: Campaign, posted: ActionForm | None = None) -> HttpResponse:
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
    photographed = providers.photographed(campaign)
    only_shot = photographed is not None and request.GET.get("shot") == "1"
    if only_shot and photographed is not None:
        shot = set(photographed.order_by().values_list("pk", flat=True))
        charges = [charge for charge in charges if charge.candidate_id in shot]
    context = {
        "tills": kept,
        "till": till,
        "season": season,
        "charges": charges,
        "knows_shot": photographed is not None,
        "only_shot": only_shot,
        "ways": handing.ways_up(till) if till else [],
        "form": None if till is None else posted or ListHandIn(request.actor, till, initial={"season": season}),
        "ticked": ticks(posted, "charge"),
        "total": sum(charge.amount_fen for charge in charges),
    }
    return show(request, "fees/new_hand_in.html", campaign, context)


@page("fees.collect")
def hand_in(request: SignedInRequest, pk: int) -> HttpResponse:
    """One list: its people and money, and what this viewer may do with it."""
    if request.method == "POST":
        return form_action(
            request,
            posted_form(request, HAND_IN_FORMS, get_scoped(request.actor, _whole(), pk=pk)),
            again=lambda form: _hand_in(request, pk, form),
            done=lambda made: _after(request, made),
        )
    return _hand_in(request, pk)


def _after(request: SignedInRequest, made: Receipt | None) -> HttpResponse:
    return redirect("fees:receipt", pk=made.pk) if made is not None else redirect(request.path)


def _hand_in(request: SignedInRequest, pk: int, posted: ActionForm | None = None) -> HttpResponse:
    found = get_scoped(request.actor, _whole(), pk=pk)
    context = {
        "hand_in": found,
        "listing": HAND_IN_CHARGES.page(request, hand_in=found.pk),
        "page_forms": PageForms(request.actor, found, HAND_IN_FORMS, posted),
        "receipts": found.receipts.select_related("cancellation").order_by("pk"),
        "photographed": handing.photographed_on(found),
    }
    return show(request, "fees/hand_in.html", found.campaign, context)


def _whole() -> QuerySet[HandIn]:
    return HandIn.objects.select_related(
        "campaign__school", "campaign__centre", "giver__organisation", "giver__keeper", "receiver__organisation",
        "listed_by", "received_by",
    )  # fmt: skip


@page("fees.collect")
def hand_in_paper(request: SignedInRequest, pk: int) -> HttpResponse:
    """The list as PDF to be signed, or as xlsx."""
    found = get_scoped(request.actor, _whole(), pk=pk)
    actions.export_people(request.actor, found.campaign, what=f"hand-in {found.pk}", count=found.people_count)
    form, name = papers.hand_in_form(found), f"hand-in-{found.pk:05d}"
    if request.GET.get("format") == "xlsx":
        return download(form.to_xlsx(get_language() or "zh"), f"{name}.xlsx")
    return download(form.to_pdf(get_language() or "zh"), f"{name}.pdf", PDF, inline=True)
