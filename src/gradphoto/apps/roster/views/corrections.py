"""Pages of what is wrong: the list of open errors, and one error with its proofs and its decision."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import get_scoped
from gradphoto.apps.pages.forms import ActionForm, PageForms, form_action, posted_form
from gradphoto.apps.roster import cases, lists
from gradphoto.apps.roster.forms.cases import CASE_FORMS, DECISION_FORMS
from gradphoto.apps.roster.forms.papers import MakeCaseForm, Printed
from gradphoto.apps.roster.models import CorrectionCase
from gradphoto.apps.roster.papers.answers import paper_answer

_CASE = CorrectionCase.objects.select_related(
    "candidate__department", "candidate__campaign__school", "candidate__campaign__rule_set"
)
_FORMS = (*CASE_FORMS, MakeCaseForm)


@page("roster.keep")
def case_list(request: SignedInRequest) -> HttpResponse:
    """Errors by state and source; the open ones unless another state is asked for."""
    return render(request, "roster/cases.html", {"listing": lists.CASES.page(request)})


@page("roster.keep")
def case_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """One error: what is said, what the way demands, what is there, and who decides."""
    if request.method == "POST":
        form = posted_form(request, _FORMS, get_scoped(request.actor, _CASE, pk=pk))
        return form_action(
            request, form, again=lambda form: _detail(request, pk, form),
            done=lambda made: paper_answer(made) if isinstance(made, Printed) else redirect("roster:case", pk=pk),
        )  # fmt: skip
    return _detail(request, pk)


def _detail(request: SignedInRequest, pk: int, posted: ActionForm | None = None) -> HttpResponse:
    case = get_scoped(request.actor, _CASE, pk=pk)
    page_forms = PageForms(request.actor, case, _FORMS, posted)
    context = {
        "case": case,
        "candidate": case.candidate,
        "proofs": case.proofs.select_related("blob"),
        "page_forms": page_forms,
        "decisions": any(kind.which() in page_forms for kind in DECISION_FORMS),
    }
    return render(request, "roster/case.html", context)


@page("roster.keep")
def proof(request: SignedInRequest, pk: int) -> HttpResponse:
    """One scanned proof, shown and never cached; the look is on record."""
    case = get_scoped(request.actor, CorrectionCase, pk=pk)
    wanted = request.GET.get("proof", "")
    found = case.proofs.filter(pk=int(wanted)).first() if wanted.isdecimal() else None
    if found is None:
        raise Http404
    data, media_type = cases.read_proof(request.actor, case, proof=found.pk)
    return scan(data, media_type)


def scan(data: bytes, media_type: str) -> HttpResponse:
    """A scan for the eyes: pictures in the page, a PDF as a file, so that no document runs in our origin."""
    response = HttpResponse(data, content_type=media_type)
    if media_type == "application/pdf":
        response.headers["Content-Disposition"] = 'attachment; filename="scan.pdf"'
    return response
