"""The pages of the review chain and of the registration ledger."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from gradphoto.apps.campaigns.models import Campaign, CampaignStatus, Season
from gradphoto.apps.core import blobs
from gradphoto.apps.core.actions import may, offered
from gradphoto.apps.core.errors import invalid
from gradphoto.apps.core.jobs import enqueue
from gradphoto.apps.core.wording import listed, say
from gradphoto.apps.orgs.pages import page
from gradphoto.apps.orgs.permissions import holds
from gradphoto.apps.orgs.scope import get_scoped, scoped
from gradphoto.apps.pages.exporting import exports_of
from gradphoto.apps.registration import actions, bulk, queries
from gradphoto.apps.registration.models import (
    CorrectionStatus,
    EntryKind,
    ExportFormat,
    LedgerCorrection,
    LedgerEntry,
    Review,
    ReviewStatus,
)
from gradphoto.apps.registration.queries import BY_KEY, PAGE_SIZE, PersonFilter, Stage
from gradphoto.apps.verification.evidence import changed_cases, titles_of
from gradphoto.apps.verification.items import BY_FIELD, mask_of, text_of
from gradphoto.apps.verification.models import VerificationCase
from gradphoto.engine.wording import Wording


@page("registration.read")
def reviews(request: HttpRequest) -> HttpResponse:
    """The review by stages; what awaits the viewer is open first, exceptions on top."""
    actor = request.actor  # type: ignore[attr-defined]
    roles: frozenset[str] = request.user.roles  # type: ignore[union-attr]
    wanted = PersonFilter.read(request.GET)
    stage = BY_KEY.get(request.GET.get("stage", "")) or queries.default_stage(roles)
    rows: Any = (
        queries.cases_to_apply(actor, wanted)
        if stage.key == "confirmed"
        else queries.reviews_at(actor, stage.key, wanted)
    )
    people = "corrections" if stage.key == "confirmed" else "case__corrections"
    current = Paginator(rows.prefetch_related(people), PAGE_SIZE).get_page(request.GET.get("page"))
    cases = [row if stage.key == "confirmed" else row.case for row in current]
    changed = changed_cases(cases)
    for case in cases:
        case.changed = say(titles_of(changed.get(case.pk, ())))
    context = {
        **_filters(request, wanted),
        "stage": stage,
        "stages": queries.stage_counts(actor, wanted),
        "page": current,
        "rows": [(row, case, _corrected(case)) for row, case in zip(current, cases, strict=True)],
        "plain": queries.without_corrections(rows).count(),
        "may_act": bool(roles & frozenset(map(str, stage.roles))),
    }
    return render(request, "registration/reviews.html", context)


def _corrected(case: VerificationCase) -> str:
    """The items that the graduate corrected, by their titles: what a reviewer looks for first."""
    standing = (one for one in case.corrections.all() if one.withdrawn_at is None)
    return listed(say(BY_FIELD[one.field].title) for one in standing)


def _filters(request: HttpRequest, wanted: PersonFilter) -> dict[str, Any]:
    actor = request.actor  # type: ignore[attr-defined]
    return {
        "wanted": wanted,
        "campaigns": queries.campaigns_of(actor),
        "departments": queries.departments_of(actor),
        "seasons": Season.choices,
    }


@page("registration.review")
@require_POST
def advance(request: HttpRequest) -> HttpResponse:
    """Take the stage's step for the ticked persons, or in the background for all without corrections."""
    stage = BY_KEY.get(request.POST.get("stage", ""))
    if stage is None or not stage.action:
        raise invalid(
            "registration.step_unknown",
            "没有这一审核步骤。",
            "There is no such step of the review.",
            "请从列表中选择操作。",
            "Choose a step from the list.",
        )
    wanted = PersonFilter.read(request.POST)
    if "return" in request.POST:
        _return_ticked(request, _picked(request))
    elif "all" in request.POST:
        _advance_all(request, stage, wanted)
    else:
        _advance_ticked(request, stage, _picked(request))
    kept = {"stage": stage.key, "season": wanted.season, "campaign": wanted.campaign, "department": wanted.department}
    query = urlencode({name: value for name, value in kept.items() if value})
    return redirect(f"{reverse('registration:reviews')}?{query}")


def _picked(request: HttpRequest) -> list[int]:
    return [int(pk) for pk in request.POST.getlist("pick") if pk.isdecimal()][:PAGE_SIZE]


def _return_ticked(request: HttpRequest, picked: list[int]) -> None:
    """Send the ticked reviews back with one reason; each is a step of its own."""
    actor = request.actor  # type: ignore[attr-defined]
    found = scoped(actor, Review).filter(pk__in=picked).select_related("case__candidate")
    _tell(request, bulk.return_reviews(actor, reviews=found, reason=request.POST.get("reason", "")))


def _advance_ticked(request: HttpRequest, stage: Stage, picked: list[int]) -> None:
    actor = request.actor  # type: ignore[attr-defined]
    total = bulk.BulkResult()
    for campaign in queries.campaigns_of(actor):
        if stage.key == "confirmed":
            cases = scoped(actor, VerificationCase).filter(pk__in=picked, candidate__campaign=campaign)
            result = bulk.apply_confirmed(actor, campaign, cases=cases.select_related("candidate"))
        else:
            found = scoped(actor, Review).filter(pk__in=picked, case__candidate__campaign=campaign)
            result = bulk.advance_reviews(
                actor, campaign, action_name=stage.action, reviews=found.select_related("case__candidate")
            )
        total.done += result.done
        total.refused += result.refused
    _tell(request, total)


def _tell(request: HttpRequest, result: bulk.BulkResult) -> None:
    if result.done:
        messages.success(request, say(Wording("已办理 {n} 人。", "{n} done.").format(n=result.done)))
    elif not result.refused:
        messages.warning(request, say(Wording("没有选择任何人。", "Nobody was ticked.")))
    for refused in result.refused:
        messages.error(request, f"{refused.label}：{say(refused.error.message)} {say(refused.error.remedy)}")


def _advance_all(request: HttpRequest, stage: Stage, wanted: PersonFilter) -> None:
    actor = request.actor  # type: ignore[attr-defined]
    for campaign in queries.campaigns_of(actor):
        if wanted.campaign not in (None, campaign.pk):
            continue
        enqueue(
            "registration.advance_all",
            actor,
            Wording("批量办理：{zh}", "For all: {en}").format(zh=str(stage.title), en=stage.action.split(".")[1]),
            {
                "user": request.user.pk,
                "campaign": campaign.pk,
                "stage": stage.key,
                "action": stage.action,
                "season": wanted.season,
                "department": wanted.department,
            },
            organisation_id=campaign.school_id,
            result_url=f"{reverse('registration:reviews')}?stage={stage.key}",
        )
    messages.info(
        request,
        say(
            Wording(
                "已转入后台办理，进度见“后台任务”；有更正的请逐人审核。",
                "Under way in the background, see “Jobs”; those with corrections are checked one by one.",
            )
        ),
    )


@page("registration.read")
def review_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One review: old and new values side by side, the photograph, and the steps the viewer may take."""
    actor = request.actor  # type: ignore[attr-defined]
    found = Review.objects.select_related(
        "case__candidate__department",
        "case__candidate__campaign__school",
        "case__portrait__check_in",
        "applied_by",
        "head_by",
        "national_by",
    )
    review = get_scoped(actor, found, pk=pk)
    corrections = [
        {
            "field": correction.field,
            "title": say(BY_FIELD[correction.field].title),
            "shown": correction.shown,
            "entered": mask_of(correction.field, text_of(correction.entered)),
            "correction": correction,
        }
        for correction in review.case.corrections.all()
    ]
    # Who has just decided goes back to, or on in, the pile they work through: the review itself stands in another now.
    came_from = request.GET.get("from", "")
    pile = BY_KEY.get(came_from, BY_KEY[review.status])
    waiting = queries.reviews_at(actor, pile.key, PersonFilter.read(QueryDict())).exclude(pk=pk)
    context = {
        "review": review,
        "corrections": corrections,
        "changed": say(titles_of(changed_cases([review.case]).get(review.case_id, ()))),
        "offered": offered(actor, review),
        "pile": pile,
        "following": waiting.first() if came_from in BY_KEY and came_from != review.status else None,
    }
    return render(request, "registration/review.html", context)


@page("registration.review")
@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Take one step of one review, as its page offers it."""
    actor = request.actor  # type: ignore[attr-defined]
    review = get_scoped(actor, Review, pk=pk)
    pile = review.status
    match request.POST.get("step"):
        case "approve_at_head_office":
            actions.approve_at_head_office(actor, review)
        case "approve_nationally":
            actions.approve_nationally(actor, review)
        case "return_review":
            actions.return_review(actor, review, reason=request.POST.get("reason", ""))
        case "apply_again":
            actions.apply_again(actor, review, withdraw=request.POST.getlist("withdraw"))
        case _:
            raise Http404
    messages.success(request, f"{review.case.candidate}：{ReviewStatus(review.status).label}")
    return redirect(f"{reverse('registration:review', args=[pk])}?{urlencode({'from': pile})}")


@page("registration.read")
def ledger(request: HttpRequest) -> HttpResponse:
    """The registration ledger; with and without a photograph told apart (R171, R214)."""
    actor = request.actor  # type: ignore[attr-defined]
    wanted = PersonFilter.read(request.GET)
    kind = request.GET.get("kind", "")
    entries = queries.ledger(actor, wanted, "")
    campaigns = list(queries.campaigns_of(actor))
    exporter = holds(request.user, "registration.export")
    context = {
        **_filters(request, wanted),
        "kind": kind,
        "kinds": [(value, label, entries.filter(kind=value).count()) for value, label in EntryKind.choices],
        "page": Paginator(queries.ledger(actor, wanted, kind), PAGE_SIZE).get_page(request.GET.get("page")),
        "exporter": exporter,
        "lacking": queries.lacking(actor, wanted).count(),
        "formats": ExportFormat.choices,
        "waiting": scoped(actor, LedgerCorrection).filter(status=CorrectionStatus.PROPOSED).count(),
        "exports": exports_of(actor, actions.LEDGER)[:5] if exporter else (),
        "closable": [c for c in campaigns if _may_close(request, c)],
    }
    return render(request, "registration/ledger.html", context)


def _may_close(request: HttpRequest, campaign: Campaign) -> bool:
    return campaign.status in (CampaignStatus.VERIFYING, CampaignStatus.CLOSED) and is_closer(request, campaign)


def is_closer(request: HttpRequest, campaign: Campaign) -> bool:
    return holds(request.user, "registration.close") and may(
        request.actor,  # type: ignore[attr-defined]
        "registration.register_without_photo",
        campaign,
    )


@page("registration.export")
@require_POST
def export(request: HttpRequest) -> HttpResponse:
    """Have the ledger written as a workbook in the background."""
    actor = request.actor  # type: ignore[attr-defined]
    chosen = request.POST.get("campaign", "")
    campaign = get_scoped(actor, Campaign, pk=int(chosen) if chosen.isdecimal() else 0)
    wanted = request.POST.get("format", "")
    actions.export_ledger(
        actor,
        campaign,
        season=request.POST.get("season", ""),
        kind=request.POST.get("kind", ""),
        file_format=ExportFormat(wanted) if wanted in ExportFormat.values else ExportFormat.XLSX,
    )
    messages.info(
        request, say(Wording("正在生成导出文件，完成后可在本页下载。", "The file is being written; get it here."))
    )
    return redirect("registration:ledger")


@page("registration.read")
def entry_photo(request: HttpRequest, pk: int) -> HttpResponse:
    """The registered portrait of a ledger line."""
    entry = get_scoped(
        request.actor,  # type: ignore[attr-defined]
        LedgerEntry.objects.select_related("portrait__blob"),
        pk=pk,
    )
    if entry.portrait is None:
        raise Http404
    return HttpResponse(blobs.read(entry.portrait.blob), content_type=entry.portrait.blob.media_type)
