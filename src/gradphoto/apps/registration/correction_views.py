"""Pages of corrections after registration: one person's lines of the ledger, proposals and their decisions."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render

from gradphoto.apps.core.wording import say
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import get_scoped, scoped
from gradphoto.apps.pages.forms import ActionForm, PageForms, form_action, posted_form, posted_row, row_forms
from gradphoto.apps.registration import lists
from gradphoto.apps.registration.forms import CORRECTION_FORMS, ENTRY_FORMS
from gradphoto.apps.registration.models import LedgerCorrection, LedgerEntry, PhotoAddition
from gradphoto.apps.verification.items import BY_FIELD
from gradphoto.apps.verification.queries import newest_delivered
from gradphoto.engine.wording import Wording


def _standing(request: SignedInRequest, pk: int) -> LedgerEntry:
    """The latest line of the person whose line was asked for."""
    found = LedgerEntry.objects.select_related(
        "candidate__department", "candidate__campaign__rule_set", "campaign__school", "portrait"
    )
    shown = get_scoped(request.actor, found, pk=pk)
    return found.filter(candidate=shown.candidate_id).order_by("-number")[0]


@page("registration.read")
def entry(request: SignedInRequest, pk: int) -> HttpResponse:
    """All lines of one person, the standing one on top; what may be proposed for it."""
    if request.method == "POST":
        return form_action(
            request,
            posted_form(request, ENTRY_FORMS, _standing(request, pk)),
            again=lambda form: _entry(request, pk, form),
            done=lambda made: redirect("registration:entry", pk=pk),
        )
    return _entry(request, pk)


def _entry(request: SignedInRequest, pk: int, posted: ActionForm | None = None) -> HttpResponse:
    standing = _standing(request, pk)
    person = standing.candidate
    lines = LedgerEntry.objects.filter(candidate=person).order_by("-number")
    corrections = scoped(request.actor, LedgerCorrection).filter(entry__candidate=person)
    context = {
        "entry": standing,
        "person": person,
        "lines": [(line, _what(line)) for line in lines],
        "corrections": [_row(one) for one in corrections.select_related("proposed_by", "decided_by")],
        "additions": PhotoAddition.objects.filter(entry__candidate=person).select_related("proposed_by", "decided_by"),
        "deliverable": newest_delivered(person) if standing.portrait_id is None else None,
        "page_forms": PageForms(request.actor, standing, ENTRY_FORMS, posted),
    }
    return render(request, "registration/entry.html", context)


def _what(line: LedgerEntry) -> str:
    if added := line.facts.get("adds_photo"):
        return say(Wording("为第 {n} 条补登图像", "Adds the photograph to line {n}").format(n=added["number"]))
    corrects = line.facts.get("corrects")
    if not corrects:
        return ""
    told = Wording("更正第 {n} 条：{f}", "Corrects line {n}: {f}")
    return say(told.format(n=corrects["number"], f=say(BY_FIELD[corrects["field"]].title)))


def _row(correction: LedgerCorrection) -> dict[str, object]:
    return {
        "correction": correction,
        "title": lists.title_of(correction),
        "entered": lists.entered_of(correction),
    }


@page("registration.read")
def corrections(request: SignedInRequest) -> HttpResponse:
    """What was proposed, what was decided; what waits is decided here: approved, it becomes a new line."""
    if request.method == "POST":
        form = posted_form(request, CORRECTION_FORMS, posted_row(request, LedgerCorrection.objects.all()))
        return form_action(
            request,
            form,
            again=lambda form: _corrections(request, form),
            done=lambda made: redirect("registration:corrections"),
        )
    return _corrections(request)


def _corrections(request: SignedInRequest, posted: ActionForm | None = None) -> HttpResponse:
    listing = lists.CORRECTIONS.page(request)
    rows = row_forms(request.actor, listing.shown, CORRECTION_FORMS, posted)
    context = {
        "listing": listing,
        "tabs": listing.tabs("state"),
        "rows": [{**_row(one), "page_forms": page_forms} for one, page_forms in rows],
    }
    return render(request, "registration/corrections.html", context)
