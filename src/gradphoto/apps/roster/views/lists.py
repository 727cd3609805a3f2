"""The roster table: search, filter, sort, columns, inline correction, bulk steps, export."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from gradphoto.apps.core.models import Job
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.permissions import holds
from gradphoto.apps.orgs.scope import get_scoped, scoped
from gradphoto.apps.pages.exporting import answer_export
from gradphoto.apps.pages.forms import ActionForm, PageForms, form_action, posted_form, sent_form, ticks
from gradphoto.apps.pages.listing import Asked
from gradphoto.apps.roster import bulk, columns, lists, queries
from gradphoto.apps.roster.corrections import CORRECTABLE
from gradphoto.apps.roster.forms.lists import BulkAdvance, ChooseColumns, FindByNumber
from gradphoto.apps.roster.forms.persons import CorrectCell
from gradphoto.apps.roster.models import BulkStep, Candidate, MilestoneKind, OutcomeState

_FORMS = (BulkAdvance, ChooseColumns)


@page("roster.read")
def candidate_list(request: SignedInRequest) -> HttpResponse:
    """The roster, searched, filtered and sorted; ticked rows or all that fit take one step together."""
    if request.method == "POST":
        form = posted_form(request, _FORMS, lists.CANDIDATES.page(request))
        return form_action(
            request, form, again=lambda form: _list(request, form), done=lambda made: _done(request, made)
        )
    return _list(request)


def _done(request: SignedInRequest, made: BulkStep | None) -> HttpResponse:
    return redirect("roster:bulk", pk=made.pk) if made is not None else redirect(request.get_full_path())


@page("roster.read")
def find_by_number(request: SignedInRequest) -> HttpResponse:
    """The person with one ID number; it comes by POST, so that it stays out of the address."""
    finding = sent_form(request, FindByNumber)
    if request.method != "POST":
        return redirect("roster:list")
    if not finding.is_valid():
        return _list(request, finding=finding, status=422)
    found = queries.by_id_number(scoped(request.actor, Candidate), finding.cleaned_data["id_number"])
    return _list(request, finding=FindByNumber(), listing=lists.CANDIDATES.page(request).only(*found))


def _list(
    request: SignedInRequest,
    posted: ActionForm | None = None,
    *,
    finding: FindByNumber | None = None,
    listing: Asked | None = None,
    status: int = 200,
) -> HttpResponse:
    shown = listing or lists.CANDIDATES.page(request)
    page_forms = PageForms(request.actor, shown, _FORMS, posted, choose_columns={"names": _names(shown)})
    context = {
        "listing": shown,
        "total": shown.page.paginator.number,
        "page_forms": page_forms,
        "ticked": ticks(posted, "candidate"),
        "finding": finding or FindByNumber(),
        "by_number": finding is not None,
        "behind": dict(MilestoneKind.choices).get(request.GET.get("behind", "")),
        "can_import": holds(request.user, "roster.list"),
        "correctable": CORRECTABLE,
    }
    return render(request, "roster/list.html", context, status=status)


def _names(shown: Asked) -> list[str]:
    return [column.name for column in shown.columns if column.name in columns.COLUMNS]


@page("roster.read")
def edit_cell(request: SignedInRequest, pk: int) -> HttpResponse:
    """One cell opened for correction in place: the whole row is drawn anew, as its state may have moved."""
    candidate = get_scoped(request.actor, Candidate.objects.select_related("department", "campaign__school"), pk=pk)
    field = request.GET.get("field", "")
    if field not in CORRECTABLE:
        return redirect("roster:detail", pk=pk)
    if request.method == "POST":
        form = posted_form(request, (CorrectCell,), candidate, field=field)
        return form_action(
            request,
            form,
            again=lambda form: _row(request, pk, field, form),
            done=lambda made: _row(request, pk, "", None),
        )
    if "cancel" in request.GET:
        return _row(request, pk, "", None)
    value = "" if field == "id_number" else _text(candidate, field)
    return _row(request, pk, field, CorrectCell(request.actor, candidate, field=field, initial={"value": value}))


def _row(request: SignedInRequest, pk: int, field: str, form: ActionForm | None) -> HttpResponse:
    shown = lists.CANDIDATES.page(request).only(get_scoped(request.actor, Candidate, pk=pk))
    context = {
        "listing": shown,
        "line": next(shown.lines),
        "cell_field": field,
        "cell_form": form,
        "form": form,
        "correctable": CORRECTABLE,
    }
    return render(request, "pages/row.html", context)


def _text(candidate: Candidate, field: str) -> str:
    value = getattr(candidate, field)
    return f"{value:%Y%m%d}" if field in ("birth_date", "entry_date") and value else str(value or "")


@page("roster.read")
@require_GET
def bulk_result(request: SignedInRequest, pk: int) -> HttpResponse:
    """What became of a bulk step, row by row; progress and cancel while it runs."""
    own = BulkStep.objects.filter(user=request.user).select_related("job", "campaign")
    made = get_scoped(request.actor, own, pk=pk)
    told = bulk.counts(made)
    context = {
        "bulk": made,
        "title": bulk.TITLES.get(made.action),
        "counts": [(state, told[state]) for state in OutcomeState],
        "state": request.GET.get("state", ""),
        "listing": lists.OUTCOMES.page(request, bulk=pk),
    }
    return render(request, "roster/bulk.html", context)


def progress_of(request: SignedInRequest, job: Job | None, name: str, pk: int) -> HttpResponse:
    """The progress bar of a job as a fragment that asks for itself again, or the page anew once the job is over."""
    if job is None or job.is_over:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "roster/progress_bar.html", {"job": job, "again": reverse(name, args=[pk])})


@page("roster.read")
@require_GET
def bulk_export(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """The same as a file."""
    get_scoped(request.actor, BulkStep.objects.filter(user=request.user), pk=pk)
    return answer_export(request, lists.OUTCOMES, bulk=pk)


@page("roster.read")
@require_GET
def bulk_progress(request: SignedInRequest, pk: int) -> HttpResponse:
    """The bar of a bulk step alone."""
    made = get_scoped(request.actor, BulkStep.objects.filter(user=request.user).select_related("job"), pk=pk)
    return progress_of(request, made.job, "roster:bulk_progress", pk)
