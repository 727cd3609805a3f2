"""One person: data, sign chain, corrections, changes of status, history, and the steps that are possible now."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render

from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import get_scoped, scoped
from gradphoto.apps.pages.forms import ActionForm, PageForms, form_action, posted_form
from gradphoto.apps.roster import queries
from gradphoto.apps.roster.forms.persons import PERSON_FORMS, STEP_FORMS, AddCandidate, RevealIdNumber
from gradphoto.apps.roster.models import Candidate, CorrectionCase, SignatureStep
from gradphoto.apps.roster.persons import records_of

_PERSON = Candidate.objects.select_related("department", "campaign__school", "imported_from")


@page("roster.read")
def candidate_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """One person with everything that is known of the row, and what may be done with it."""
    if request.method == "POST":
        form = posted_form(request, PERSON_FORMS, get_scoped(request.actor, _PERSON, pk=pk))
        return form_action(
            request,
            form,
            again=lambda form: _detail(request, pk, form),
            done=lambda made: _done(request, pk, form, made),
        )
    return _detail(request, pk)


def _done(request: SignedInRequest, pk: int, form: ActionForm, made: Any) -> HttpResponse:
    """The number is shown once, an error noted has a page of its own; everything else is seen on the person's."""
    if isinstance(form, RevealIdNumber):
        return _detail(request, pk, revealed=made)
    if isinstance(made, CorrectionCase):
        return redirect("roster:case", pk=made.pk)
    return redirect("roster:detail", pk=pk)


def _detail(request: SignedInRequest, pk: int, posted: ActionForm | None = None, *, revealed: str = "") -> HttpResponse:
    actor = request.actor
    candidate = get_scoped(actor, _PERSON, pk=pk)
    live = {signature.step: signature for signature in candidate.signatures.filter(voided_at=None)}
    page_forms = PageForms(actor, candidate, PERSON_FORMS, posted)
    context = {
        "candidate": candidate,
        "page_forms": page_forms,
        "steps": [page_forms[kind.which()] for kind in STEP_FORMS if kind.which() in page_forms],
        "chain": [(step, live.get(step)) for step in SignatureStep],
        "other_records": scoped(actor, records_of(candidate).exclude(pk=candidate.pk)),
        "cases": candidate.correction_cases.all(),
        "changes": candidate.status_changes.all(),
        "open_findings": queries.findings_of([candidate])[candidate.pk].remarks,
        "may_see_import": queries.may_see_import(actor, candidate),
        "code": candidate.signing_codes.filter(ended_at=None).first(),
        "revealed": revealed,
        "history": queries.history(candidate),
    }
    return render(request, "roster/detail.html", context)


@page("roster.list")
def add(request: SignedInRequest) -> HttpResponse:
    """Add an expected graduate whom the roster left out (R21, annex 1)."""
    if request.method == "POST":
        form = posted_form(request, (AddCandidate,), None)
        return form_action(
            request,
            form,
            again=lambda form: _add(request, form),
            done=lambda made: redirect("roster:detail", pk=made.pk),
        )
    return _add(request)


def _add(request: SignedInRequest, posted: ActionForm | None = None) -> HttpResponse:
    return render(request, "roster/add.html", {"form": posted or AddCandidate(request.actor)})
