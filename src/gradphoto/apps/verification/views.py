"""The staff's pages: how far the graduates are, what they corrected, which photographs they dispute."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_POST

from gradphoto.apps.campaigns.models import Campaign, CampaignStatus, Season
from gradphoto.apps.core import blobs
from gradphoto.apps.core.actions import may, offered
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import invalid
from gradphoto.apps.core.wording import say
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.permissions import holds
from gradphoto.apps.orgs.scope import get_scoped, scoped
from gradphoto.apps.pages.forms import ActionForm, PageForms, form_action, posted_form
from gradphoto.apps.verification import actions
from gradphoto.apps.verification.evidence import changed_since_confirmation, titles_of
from gradphoto.apps.verification.forms import ProposeReopening
from gradphoto.apps.verification.items import BY_FIELD, mask_of, text_of
from gradphoto.apps.verification.lifecycle import UNVERIFIED
from gradphoto.apps.verification.lists import (
    PAGE_SIZE,
    UNVERIFIED_CHOICE,
    CaseFilter,
    campaigns_of,
    departments_of,
    with_notice,
)
from gradphoto.apps.verification.models import (
    CaseStatus,
    EarlyEnd,
    Opening,
    ProposalStatus,
    Reopening,
    VerificationCase,
)
from gradphoto.apps.verification.queries import counts, replacement
from gradphoto.engine.wording import Wording

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@page("verification.read")
def case_list(request: HttpRequest) -> HttpResponse:
    """How far verification is: counts by state and everyone's case (R171, R172)."""
    actor = request.actor  # type: ignore[attr-defined]
    wanted = CaseFilter.read(request.GET)
    cases = wanted.cases(actor)
    campaigns = campaigns_of(actor)
    context = {
        "wanted": wanted,
        "counts": counts(cases),
        "page": Paginator(with_notice(wanted.in_state(cases)), PAGE_SIZE).get_page(request.GET.get("page")),
        "campaigns": campaigns,
        "departments": departments_of(actor),
        "seasons": Season.choices,
        "statuses": [UNVERIFIED_CHOICE, *CaseStatus.choices],
        "to_open": [c for c in campaigns if _may_open(request, c)],
        "openings": scoped(actor, Opening).exclude(campaign__status=CampaignStatus.CLOSED).select_related("campaign"),
        "reopenings": _waiting(actor, Reopening).select_related("case__candidate"),
        "early_ends": _waiting(actor, EarlyEnd).select_related("opening__campaign"),
        "may_close": holds(request.user, "verification.close"),
        "may_tell": holds(request.user, "verification.notify"),
        "may_remind": holds(request.user, "verification.remind"),
    }
    return render(request, "verification/list.html", context)


def _waiting(actor: Actor, kind: type[Any]) -> QuerySet[Any]:
    """Proposals within the viewer's scope that another person has to decide."""
    return scoped(actor, kind).filter(status=ProposalStatus.PROPOSED)


def _may_open(request: HttpRequest, campaign: Campaign) -> bool:
    return campaign.status in (CampaignStatus.COLLECTING, CampaignStatus.VERIFYING) and may(
        request.actor,  # type: ignore[attr-defined]
        "verification.open_cases",
        campaign,
    )


@page("verification.read")
def disputes(request: HttpRequest) -> HttpResponse:
    """The photographs that graduates dispute, with their words: the college registers them for R54's form."""
    found = scoped(request.actor, VerificationCase).filter(status=CaseStatus.DISPUTED)  # type: ignore[attr-defined]
    cases = found.select_related("candidate__department", "candidate__campaign", "portrait__check_in")
    context = {"page": Paginator(cases, PAGE_SIZE).get_page(request.GET.get("page"))}
    return render(request, "verification/disputes.html", context)


@page("verification.read")
def case_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """One case: the record, the photograph and the corrections side by side."""
    if request.method == "POST":
        form = posted_form(request, (ProposeReopening,), get_scoped(request.actor, VerificationCase, pk=pk))
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
    steps = offered(actor, case)
    newer = replacement(case) if "verification.settle_dispute" in steps else None
    context = {
        "case": case,
        "corrections": corrections,
        "offered": steps,
        "newer": newer,
        "changed": say(titles_of(changed_since_confirmation(case))),
        "reopenings": case.reopenings.select_related("proposed_by", "decided_by"),
        "page_forms": PageForms(actor, case, (ProposeReopening,), posted),
        "notices": case.candidate.notices.select_related("round", "by").order_by("-pk")[:20],
    }
    return render(request, "verification/detail.html", context)


@page("verification.read")
def case_photo(request: HttpRequest, pk: int) -> HttpResponse:
    """The photograph of a case, to staff within its scope."""
    case = get_scoped(
        request.actor,  # type: ignore[attr-defined]
        VerificationCase.objects.select_related("portrait__blob"),
        pk=pk,
    )
    return HttpResponse(blobs.read(case.portrait.blob), content_type=case.portrait.blob.media_type)


@page("verification.open")
@require_POST
def open_cases(request: HttpRequest) -> HttpResponse:
    """Open verification for everyone whose photograph was delivered."""
    actor = request.actor  # type: ignore[attr-defined]
    chosen = request.POST.get("campaign", "")
    campaign = get_scoped(actor, Campaign, pk=int(chosen) if chosen.isdecimal() else 0)
    season = request.POST.get("season", "")
    opened = actions.open_cases(
        actor,
        campaign,
        season=Season(season) if season in Season.values else None,
        early_reason=request.POST.get("early_reason", ""),
    )
    told = Wording("已为 {n} 人开放校对。", "Verification opened for {n:person|persons}.").format(n=opened)
    if campaign.status != CampaignStatus.VERIFYING:
        told = Wording(
            told.zh + "将批次转入“校对中”后毕业生方可登录。",
            told.en + " Graduates can enter once the campaign is set to verifying.",
        )
    messages.success(request, say(told))
    return redirect("verification:list")


@page("verification.remind")
def reminder(request: HttpRequest) -> HttpResponse:
    """The list of the unverified as xlsx, for colleges to remind them; the export is audited."""
    actor = request.actor  # type: ignore[attr-defined]
    wanted = CaseFilter.read(request.GET)
    mine = list(campaigns_of(actor).filter(pk=wanted.campaign) if wanted.campaign else campaigns_of(actor)[:2])
    if len(mine) != 1:
        messages.error(request, say(Wording("请先在筛选栏中选择批次。", "Choose a campaign in the filter first.")))
        return redirect("verification:list")
    campaign = mine[0]
    cases = wanted.cases(actor).filter(candidate__campaign=campaign, status__in=UNVERIFIED)
    data = actions.export_unverified(actor, campaign, cases=list(with_notice(cases)))
    name = f"unverified-{campaign.cohort_year}-{timezone.localdate():%Y%m%d}.xlsx"
    return HttpResponse(data, content_type=XLSX, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@page("verification.close")
@require_POST
def set_closing(request: HttpRequest, pk: int) -> HttpResponse:
    """Publish the last day of verification for one season."""
    actor = request.actor  # type: ignore[attr-defined]
    opening = get_scoped(actor, Opening.objects.select_related("campaign"), pk=pk)
    day = parse_date(request.POST.get("closes_on", "") or "-")
    if day is None:
        raise invalid(
            "verification.closing_missing",
            "请填写截止日期。",
            "Enter the closing day.",
            "请选择今天或以后的日期。",
            "Choose today or a later day.",
        )
    actions.set_closing(actor, opening, closes_on=day)
    messages.success(request, say(Wording("截止日期已公布。", "The closing day is published.")))
    return redirect("verification:list")


@page("verification.settle")
@require_POST
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer a disputed photograph, with or without a newer one; the graduate goes on and confirms."""
    actor = request.actor  # type: ignore[attr-defined]
    case = get_scoped(actor, VerificationCase.objects.select_related("portrait"), pk=pk)
    newer = replacement(case) if request.POST.get("photo") == "newer" else None
    actions.settle_dispute(actor, case, answer=request.POST.get("answer", ""), portrait=newer)
    messages.success(request, say(Wording("已答复，毕业生可继续校对。", "Answered; the graduate can go on verifying.")))
    return redirect("verification:detail", pk=pk)


@page("verification.close")
@require_POST
def expire(request: HttpRequest, pk: int) -> HttpResponse:
    """End one person's verification: registered without a photograph."""
    actor = request.actor  # type: ignore[attr-defined]
    actions.expire_case(actor, get_scoped(actor, VerificationCase, pk=pk))
    messages.success(request, say(Wording("已截止该毕业生的校对。", "This graduate's verification has ended.")))
    return redirect("verification:detail", pk=pk)
