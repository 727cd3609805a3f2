"""The roster table: search, filter, sort, columns, inline correction, bulk steps, export."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from gradphoto.apps.campaigns.code_tables import words_of
from gradphoto.apps.campaigns.models import Season
from gradphoto.apps.core.actions import may
from gradphoto.apps.core.errors import invalid, refuse
from gradphoto.apps.core.models import Job
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.permissions import holds
from gradphoto.apps.orgs.scope import get_scoped, scoped
from gradphoto.apps.roster import bulk, columns, queries, workbooks
from gradphoto.apps.roster.actions import correct_candidate
from gradphoto.apps.roster.corrections import CORRECTABLE
from gradphoto.apps.roster.lifecycle import CANDIDATE
from gradphoto.apps.roster.models import BulkStep, Candidate, CandidateStatus, MilestoneKind, OutcomeState

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_MEDIA = {workbooks.Format.XLSX: XLSX, workbooks.Format.CSV: "text/csv; charset=utf-8"}
_PER_PAGE = 50


def download(data: bytes, name: str, media_type: str = XLSX) -> HttpResponse:
    """A file to keep; its name says what it is, never whose."""
    response = HttpResponse(data, content_type=media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@page("roster.read")
def candidate_list(request: SignedInRequest) -> HttpResponse:
    """The roster, searched, filtered and sorted; an ID number is looked up by POST, so that it stays out of the URL."""
    mine = scoped(request.actor, Candidate)
    asked = request.GET.dict()
    number = request.POST.get("id_number", "").strip() if request.method == "POST" else ""
    found = queries.by_id_number(mine, number) if number else queries.find(mine, asked)
    shown = Paginator(found.select_related("department", "campaign"), _PER_PAGE).get_page(asked.get("page"))
    return render(
        request,
        "roster/list.html",
        {
            "page": shown,
            "total": shown.paginator.count,
            "asked": asked,
            "filtered": bool(number) or any(asked.get(name) for name in queries.FILTERS),
            "behind": dict(MilestoneKind.choices).get(asked.get("behind", "")),
            "choices": queries.choices(mine, asked),
            "seasons": Season.choices,
            "statuses": CandidateStatus.choices,
            "finding_filters": queries.WITH_FINDINGS,
            "steps": [(name, title) for name, title in bulk.TITLES.items() if may(request.actor, name)],
            "needs_reason": bulk.NEEDS_REASON,
            "all_columns": columns.COLUMNS.values(),
            "always": columns.ALWAYS,
            "can_import": holds(request.user, "roster.list"),
            "by_number": bool(number),
            "filters": _only_filters(request.GET),
            **_table(request, list(shown)),
        },
    )


def _table(request: SignedInRequest, people: list[Candidate]) -> dict[str, object]:
    """What the rows need beside themselves: the person's columns, what was found, and whether cells open."""
    return {
        "columns": columns.columns_of(request.user),
        "findings": queries.findings_of(people),
        "open_states": _open_states(request),
    }


def _open_states(request: SignedInRequest) -> list[str]:
    """The states in which this person may correct a cell; the approved list is the registry's."""
    if not may(request.actor, "roster.correct_candidate"):
        return []
    registry = may(request.actor, "roster.accept_candidate")
    return [
        state
        for state in CANDIDATE.sources("roster.correct_candidate")
        if registry or state != CandidateStatus.ACCEPTED
    ]


def _only_filters(asked: QueryDict) -> str:
    """The filters as a query string: what "all that match" and an export mean."""
    return urlencode({name: asked[name] for name in (*queries.FILTERS, "sort") if asked.get(name)})


@page("roster.read")
@require_POST
def choose_columns(request: SignedInRequest) -> HttpResponse:
    """Remember the columns; the button "default" forgets the choice."""
    names = [] if "default" in request.POST else request.POST.getlist("column")
    columns.choose_columns(request.actor, None, names=names)
    return redirect(f"{reverse('roster:list')}?{_only_filters(request.GET)}")


@page("roster.read")
def edit_cell(request: SignedInRequest, pk: int) -> HttpResponse:
    """One cell opened for correction in place; a correction gives back the whole row, whose state may have moved."""
    candidate = get_scoped(request.actor, Candidate.objects.select_related("department", "campaign__school"), pk=pk)
    field = request.GET.get("field", "")
    if field not in CORRECTABLE:
        return redirect("roster:detail", pk=pk)
    if request.method == "POST":
        correct_candidate(
            request.actor,
            candidate,
            field=field,
            value=request.POST.get("value", ""),
            reason=request.POST.get("reason", ""),
        )
    elif "cancel" not in request.GET:
        value = "" if field == "id_number" else _text(candidate, field)
        context = {
            "c": candidate,
            "field": field,
            "value": value,
            "options": options_of(field, candidate.campaign.school),
        }
        return render(request, "roster/cell_form.html", context)
    return render(request, "roster/row.html", {"c": candidate, **_table(request, [candidate])})


def _text(candidate: Candidate, field: str) -> str:
    value = getattr(candidate, field)
    return f"{value:%Y%m%d}" if field in ("birth_date", "entry_date") and value else str(value or "")


_CODED = ("political_status", "length_of_study", "ethnic_group", "graduation_kind")
"""Where only a word of the table will do; in the other tables an unknown word is pointed out and stands."""


def options_of(field: str, school: Organisation | None = None) -> list[tuple[str, str]]:
    """The values a coded field may take, as (stored text, label), with those that the school added; empty for free text."""
    if field == "sex":
        return [("male", "男"), ("female", "女")]
    if field in _CODED:
        return [(name, name) for name in words_of(school, field)]
    return []


@page("roster.read")
@require_POST
def advance(request: SignedInRequest) -> HttpResponse:
    """One step for all ticked rows, or for all that match the filters of the page."""
    mine = scoped(request.actor, Candidate)
    name = request.POST.get("step", "")
    chosen = queries.find(mine, request.GET.dict()) if request.POST.get("all") else _ticked(mine, request)
    campaigns = list(chosen.order_by().values_list("campaign", flat=True).distinct()[:2])
    if len(campaigns) > 1:
        raise refuse(
            "roster.several_campaigns",
            "所选的人分属多个批次。",
            "Those chosen belong to several campaigns.",
            "请先按批次筛选，再批量办理。",
            "Filter by campaign first.",
        )
    detail: dict[str, object] = {"reason": request.POST.get("reason", "")} if name in bulk.NEEDS_REASON else {}
    year = request.POST.get("to_year", "")
    if name == "roster.defer_candidate" and year.isdecimal():
        detail["to_year"] = int(year)
    made = start_and_run(request, campaigns[0] if campaigns else None, name, chosen, detail)
    return redirect("roster:bulk", pk=made.pk)


def start_and_run(
    request: SignedInRequest,
    campaign_pk: int | None,
    name: str,
    chosen: QuerySet[Candidate],
    detail: Mapping[str, object],
) -> BulkStep:
    """Note the bulk step, and do it at once where it is small."""
    if campaign_pk is None:
        raise invalid(
            "roster.nothing_chosen",
            "没有选中任何人。",
            "Nobody was chosen.",
            "请勾选要办理的人，或选择“全部符合条件的人”。",
            "Tick those concerned, or choose all that match.",
        )
    campaign = scoped(request.actor, Candidate).filter(campaign=campaign_pk).select_related("campaign")[0].campaign
    made = bulk.start_bulk(request.actor, campaign, action_name=name, candidates=chosen, **detail)
    bulk.run_at_once(request.actor, made)
    return made


def _ticked(mine: QuerySet[Candidate], request: HttpRequest) -> QuerySet[Candidate]:
    return mine.filter(pk__in=[int(pk) for pk in request.POST.getlist("candidate") if pk.isdecimal()])


@page("roster.read")
@require_GET
def bulk_result(request: SignedInRequest, pk: int) -> HttpResponse:
    """What became of a bulk step, row by row; progress and cancel while it runs."""
    own = BulkStep.objects.filter(user=request.user).select_related("job", "campaign")
    made = get_scoped(request.actor, own, pk=pk)
    outcomes = made.outcomes.select_related("candidate__department")
    wanted = request.GET.get("state", "")
    if wanted in OutcomeState.values:
        outcomes = outcomes.filter(state=wanted)
    told = bulk.counts(made)
    context = {
        "bulk": made,
        "title": bulk.TITLES.get(made.action),
        "counts": [(state, told[state]) for state in OutcomeState],
        "state": wanted,
        "page": Paginator(outcomes, 100).get_page(request.GET.get("page")),
    }
    return render(request, "roster/bulk.html", context)


def progress_of(request: SignedInRequest, job: Job | None, name: str, pk: int) -> HttpResponse:
    """The progress bar of a job as a fragment that asks for itself again, or the page anew once the job is over."""
    if job is None or job.is_over:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "roster/progress_bar.html", {"job": job, "again": reverse(name, args=[pk])})


@page("roster.read")
@require_GET
def bulk_progress(request: SignedInRequest, pk: int) -> HttpResponse:
    """The bar of a bulk step alone."""
    made = get_scoped(request.actor, BulkStep.objects.filter(user=request.user).select_related("job"), pk=pk)
    return progress_of(request, made.job, "roster:bulk_progress", pk)


@page("roster.read")
@require_GET
def export(request: SignedInRequest) -> HttpResponse:
    """The filtered roster as xlsx or csv; whole ID numbers only for the registry and learning centres, on record."""
    found = queries.find(scoped(request.actor, Candidate), request.GET.dict())
    made_as = workbooks.Format.CSV if request.GET.get("format") == "csv" else workbooks.Format.XLSX
    data = workbooks.export_roster(request.actor, found, made_as)
    return download(data, f"roster.{made_as}", _MEDIA[made_as])
