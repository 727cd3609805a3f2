"""The staff's pages: how far the graduates are, what they corrected, which photographs they dispute."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign, CampaignStatus
from gradphoto.apps.core import blobs
from gradphoto.apps.core.actions import may
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.wording import say
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.permissions import holds
from gradphoto.apps.orgs.scope import get_scoped, scoped
from gradphoto.apps.pages.downloads import download
from gradphoto.apps.pages.forms import ActionForm, PageForms, form_action, posted_form, posted_of, row_forms, ticks
from gradphoto.apps.roster.person_filter import campaigns_of
from gradphoto.apps.verification import actions, lists
from gradphoto.apps.verification.evidence import changed_since_confirmation, titles_of
from gradphoto.apps.verification.forms import CASE_FORMS, OPENED_IN, NoteTold, OpenCases, SetClosing
from gradphoto.apps.verification.items import BY_FIELD, mask_of, text_of
from gradphoto.apps.verification.models import EarlyEnd, Opening, ProposalStatus, Reopening, VerificationCase
from gradphoto.engine.wording import Wording

_AT_ONCE = 12


@page("verification.read")
def case_list(request: SignedInRequest) -> HttpResponse:
    """How far verification is: counts by state and everyone's case (R171, R172); opened, closed and told from here."""
    if request.method == "POST":
        campaigns, openings = Campaign.objects.all(), Opening.objects.select_related("campaign")
        return form_action(
            request,
            posted_of(request, {OpenCases: campaigns, SetClosing: openings, NoteTold: None}),
            again=lambda form: _list(request, form),
            done=lambda made: redirect(request.get_full_path()),
        )
    return _list(request)


def _list(request: SignedInRequest, posted: ActionForm | None = None) -> HttpResponse:
    actor = request.actor
    listing = lists.CASES.page(request)
    campaigns = list(campaigns_of(actor).filter(status__in=OPENED_IN))
    chosen = posted.target if isinstance(posted, OpenCases) else listing.chosen("campaign")
    if chosen is not None:
        campaigns = [one for one in campaigns if one == chosen]
    openings = scoped(actor, Opening).exclude(campaign__status=CampaignStatus.CLOSED).select_related("campaign")
    if chosen is not None:
        openings = openings.filter(campaign=chosen)
    # A centre has more campaigns than anybody opens from one page: it chooses one above the list.
    many = len(campaigns) > _AT_ONCE
    opening = row_forms(actor, () if many else campaigns, (OpenCases,), posted)
    context = {
        "listing": listing,
        "counts": listing.tabs("status"),
        "to_open": [(campaign, page_forms) for campaign, page_forms in opening if "open_cases" in page_forms],
        "many": many and may(actor, OpenCases.action),
        "openings": row_forms(actor, openings, (SetClosing,), posted),
        "reopenings": _waiting(actor, Reopening).select_related("case__candidate"),
        "early_ends": _waiting(actor, EarlyEnd).select_related("opening__campaign"),
        "may_close": holds(request.user, "verification.close"),
        "may_remind": holds(request.user, "verification.remind"),
        "told": (posted if isinstance(posted, NoteTold) else NoteTold(actor))
        if holds(request.user, "verification.notify")
        else None,
        "ticked": ticks(posted, "cases"),
    }
    return render(request, "verification/list.html", context)


def _waiting(actor: Actor, kind: type[Any]) -> QuerySet[Any]:
    """Proposals within the viewer's scope that another person has to decide."""
    return scoped(actor, kind).filter(status=ProposalStatus.PROPOSED)


@page("verification.read")
def disputes(request: SignedInRequest) -> HttpResponse:
    """The photographs that graduates dispute, with their words: the college registers them for R54's form."""
    return render(request, "verification/disputes.html", {"listing": lists.DISPUTES.page(request)})


@page("verification.read")
def case_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """One case: the record, the photograph and the corrections side by side."""
    if request.method == "POST":
        form = posted_form(request, CASE_FORMS, get_scoped(request.actor, VerificationCase, pk=pk))
        return form_action(
            request,
            form,
            again=lambda form: _detail(request, pk, form),
            done=lambda made: redirect("verification:detail", pk=pk),
        )
    return _detail(request, pk)


def _detail(request: SignedInRequest, pk: int, posted: ActionForm | None = None) -> HttpResponse:
    actor = request.actor
    cases = VerificationCase.objects.select_related(
        "candidate__department", "candidate__campaign__school", "portrait__check_in"
    )
    case = get_scoped(actor, cases, pk=pk)
    corrections = [
        {
            "title": say(BY_FIELD[correction.field].title),
            "shown": correction.shown,
            "entered": mask_of(correction.field, text_of(correction.entered)),
            "correction": correction,
        }
        for correction in case.corrections.all()
    ]
    context = {
        "case": case,
        "corrections": corrections,
        "changed": say(titles_of(changed_since_confirmation(case))),
        "reopenings": case.reopenings.select_related("proposed_by", "decided_by"),
        "page_forms": PageForms(actor, case, CASE_FORMS, posted),
        "notices": case.candidate.notices.select_related("round", "by").order_by("-pk"),
    }
    return render(request, "verification/detail.html", context)


@page("verification.read")
def case_photo(request: SignedInRequest, pk: int) -> HttpResponse:
    """The photograph of a case, to staff within its scope."""
    case = get_scoped(request.actor, VerificationCase.objects.select_related("portrait__blob"), pk=pk)
    return HttpResponse(blobs.read(case.portrait.blob), content_type=case.portrait.blob.media_type)


@page("verification.remind")
def reminder(request: SignedInRequest) -> HttpResponse:
    """The list of the unverified as xlsx, for colleges to remind them; the export is audited."""
    actor = request.actor
    asked = lists.CASES.page(request, status=lists.UNVERIFIED_CHOICE[0])
    asked.require_valid()
    chosen = asked.filter.form.cleaned_data["campaign"]
    mine = [chosen] if chosen else list(campaigns_of(actor)[:2])
    if len(mine) != 1:
        messages.warning(request, say(Wording("请先在筛选栏中选择批次。", "Choose a campaign in the filter first.")))
        return redirect("verification:list")
    campaign = mine[0]
    data = actions.export_unverified(actor, campaign, cases=list(asked.rows.filter(candidate__campaign=campaign)))
    name = f"unverified-{campaign.cohort_year}-{timezone.localdate():%Y%m%d}.xlsx"
    return download(data, name)
