"""The data channel: identity confirmed, template out, files in, and what became of them."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import get_scoped, scoped
from gradphoto.apps.pages.downloads import download
from gradphoto.apps.pages.exporting import answer_export
from gradphoto.apps.pages.forms import ActionForm, PageForms, form_action, posted_form, ticks
from gradphoto.apps.pages.listing import Listing
from gradphoto.apps.roster import channel, import_lists, plan
from gradphoto.apps.roster.forms.imports import (
    IMPORT_FORMS,
    ChooseFixes,
    ConfirmChannel,
    DecideDifferences,
    DiscardImport,
    ReadImport,
    UploadRoster,
)
from gradphoto.apps.roster.imports import map as mapping_step
from gradphoto.apps.roster.imports import mark, receive, review
from gradphoto.apps.roster.models import DifferenceKind, DifferenceState, ImportStatus, RosterImport
from gradphoto.apps.roster.views.lists import progress_of
from gradphoto.apps.roster.views.plan import chosen_campaign, posted_campaign
from gradphoto.engine.roster.layout import REQUIRED

_CHANNEL_FORMS = (ConfirmChannel, UploadRoster)


@page("roster.list")
def import_list(request: SignedInRequest) -> HttpResponse:
    """Files handed in so far, the deadline, and the place to hand in one once school and teacher are confirmed (R95)."""
    if request.method == "POST":
        campaign = posted_campaign(request)
        form = posted_form(request, _CHANNEL_FORMS, campaign)
        return form_action(
            request, form, again=lambda form: _imports(request, form), done=lambda made: _handed_in(made, campaign)
        )
    return _imports(request)


def _handed_in(made: Any, campaign: Campaign) -> HttpResponse:
    if isinstance(made, RosterImport):
        return redirect("roster:mapping", pk=made.pk)
    return redirect(f"{reverse('roster:imports')}?campaign={campaign.pk}")


def _imports(request: SignedInRequest, posted: ActionForm | None = None) -> HttpResponse:
    campaign = chosen_campaign(request)
    context: dict[str, Any] = {
        "listing": import_lists.IMPORTS.page(request),
        "campaign": campaign,
        "campaigns": scoped(request.actor, Campaign).exclude(status="closed"),
        "homes": receive.homes_for_import(request.actor, campaign) if campaign else [],
        "confirmation": channel.confirmation_of(request.actor, campaign) if campaign else None,
        "deadline": plan.data_deadline(campaign) if campaign else None,
        "page_forms": PageForms(request.actor, campaign, _CHANNEL_FORMS, posted, key=str(campaign.pk))
        if campaign
        else {},
    }
    return render(request, "roster/imports.html", context)


def _import(request: SignedInRequest, pk: int) -> RosterImport:
    return get_scoped(request.actor, RosterImport.objects.select_related("job", "organisation", "campaign"), pk=pk)


@page("roster.list")
def columns(request: SignedInRequest, pk: int) -> HttpResponse:
    """Which sheets, which column is which, with a few of its values; confirmed by a person, remembered for the school."""
    roster_import = _import(request, pk)
    proposal = mapping_step.proposal_of(roster_import, request.GET.get("sheet") or None)
    if request.method == "POST":
        form = posted_form(request, (ReadImport,), roster_import, proposal=proposal)
        return form_action(
            request,
            form,
            again=lambda form: _columns(request, pk, form),
            done=lambda made: redirect("roster:import", pk=pk),
        )
    return _columns(request, pk, ReadImport(request.actor, roster_import, proposal=proposal))


def _columns(request: SignedInRequest, pk: int, form: Any) -> HttpResponse:
    roster_import, proposal = _import(request, pk), form.proposal
    # A sheet that is not ticked yet may be ticked: what is hidden in any of them is asked about here.
    read = [proposal, *(one for one in proposal.offers if one.sheet != proposal.sheet)]
    context = {
        "import": roster_import,
        "proposal": proposal,
        "form": form,
        "hidden_count": sum(one.hidden_rows for one in read),
        "struck_count": sum(one.struck_rows for one in read),
        "hidden_columns": [c.title for c in proposal.columns if c.index in proposal.hidden_columns],
        "required": REQUIRED,
        "discard": DiscardImport(request.actor, roster_import),
    }
    return render(request, "roster/mapping.html", context)


_LISTS: dict[str, Listing] = {"fixes": import_lists.FIXES, "findings": import_lists.FINDINGS}
_MARKED_STATES = (ImportStatus.REVIEW, ImportStatus.DONE, ImportStatus.DISCARDED)


@page("roster.list")
def import_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """A file on its way: progress, findings, safe repairs, and what it would change, person by person."""
    roster_import = _import(request, pk)
    if request.method == "POST":
        form = posted_form(request, IMPORT_FORMS, roster_import)
        return form_action(
            request, form, again=lambda form: _detail(request, pk, form), done=lambda made: _decided(pk, form)
        )
    if roster_import.status == ImportStatus.MAPPING:
        return redirect("roster:mapping", pk=pk)
    return _detail(request, pk)


def _decided(pk: int, form: ActionForm) -> HttpResponse:
    if isinstance(form, DiscardImport):
        return redirect("roster:imports")
    kind = form.cleaned_data["kind"] if isinstance(form, DecideDifferences) else ""
    return redirect(f"{reverse('roster:import', args=[pk])}{f'?tab={kind}' if kind else ''}")


def _detail(request: SignedInRequest, pk: int, posted: ActionForm | None = None) -> HttpResponse:
    roster_import = _import(request, pk)
    counts = review.counts_of(roster_import)
    kinds = [
        (kind, sum(counts.get(kind, {}).values()), counts.get(kind, {}).get(DifferenceState.WAITING, 0))
        for kind in DifferenceKind
    ]
    tab = _tab_of(posted) or _tab(request) or next((str(kind) for kind, _, waiting in kinds if waiting), "findings")
    context = {
        "import": roster_import,
        "kinds": kinds,
        "tab": tab,
        "finding_count": roster_import.findings.count(),
        "fixes_offered": roster_import.fixes.filter(applied=False).count(),
        "fixes_applied": roster_import.fixes.filter(applied=True).count(),
        "in_review": roster_import.status == ImportStatus.REVIEW,
        "busy": roster_import.job is not None and not roster_import.job.is_over,
        "untouched": not any(set(states) - {DifferenceState.WAITING} for states in counts.values()),
        "may_mark": roster_import.status in _MARKED_STATES and mark.can_be_marked(roster_import),
        "page_forms": PageForms(request.actor, roster_import, IMPORT_FORMS, posted),
        "ticked": ticks(posted, "difference") | ticks(posted, "fix"),
        "listing": _LISTS.get(tab, import_lists.DIFFERENCES).page(request, **{"import": pk, "tab": tab}),
    }
    return render(request, "roster/import.html", context)


def _tab_of(posted: ActionForm | None) -> str:
    """The tab on which a refused form stands."""
    if isinstance(posted, DecideDifferences):
        kind = str(posted.data.get("kind", ""))
        return kind if kind in DifferenceKind.values else str(DifferenceKind.ADDED)
    return "fixes" if isinstance(posted, ChooseFixes) else ""


def _tab(request: SignedInRequest) -> str:
    wanted = request.GET.get("tab", "")
    return wanted if wanted in (*DifferenceKind.values, *_LISTS) else ""


@page("roster.list")
def import_export(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """What a tab of the page shows, as a file."""
    _import(request, pk)
    tab = _tab(request) or "findings"
    return answer_export(request, _LISTS.get(tab, import_lists.DIFFERENCES), **{"import": pk, "tab": tab})


@page("roster.list")
@require_GET
def import_progress(request: SignedInRequest, pk: int) -> HttpResponse:
    """The bar alone, asked for every second; when the work is over the whole page is loaded anew."""
    return progress_of(request, _import(request, pk).job, "roster:import_progress", pk)


@page("roster.list")
def marked_up(request: SignedInRequest, pk: int) -> HttpResponse:
    """The file given back with its faults marked: made now where it is small, else in the background."""
    roster_import = _import(request, pk)
    job = mark.ask_marked_up(request.actor, roster_import)
    if job is not None:
        return redirect("core:job", pk=job.pk)
    return download(mark.take_marked_up(request.actor, roster_import), f"roster-{pk}-marked.xlsx")


@page("roster.list")
def template(request: SignedInRequest) -> HttpResponse:
    """An empty roster with the headings that we read, for who has confirmed the school's and their own identity."""
    campaign = chosen_campaign(request)
    if campaign is None:
        return redirect("roster:imports")
    return download(receive.take_template(request.actor, campaign), "roster-template.xlsx")
