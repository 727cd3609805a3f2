"""Pages of what is wrong: the list of open errors, and one error with its proofs and its decision."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from gradphoto.apps.core.actions import REGISTRY, may, offered
from gradphoto.apps.core.errors import invalid
from gradphoto.apps.core.uploads import read_upload
from gradphoto.apps.core.wording import say
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import get_scoped, scoped
from gradphoto.apps.roster import cases
from gradphoto.apps.roster.models import CaseSource, CorrectionCase, CorrectionStatus, ProofKind, Route
from gradphoto.apps.roster.models.cases import OPEN_CASE
from gradphoto.engine.wording import Wording

_CASE = CorrectionCase.objects.select_related("candidate__department", "candidate__campaign__school")
_DECISIONS = {
    "roster.grant_case": ("note", Wording("同意更正", "Approve")),
    "roster.adopt_case": ("", Wording("按登记内容更正", "Correct it as noted")),
    "roster.refuse_case": ("reason", Wording("不予更正", "Refuse")),
    "roster.withdraw_case": ("reason", Wording("撤销登记", "Cancel")),
}


@page("roster.keep")
def case_list(request: SignedInRequest) -> HttpResponse:
    """Errors by state and source; the open ones unless another state is asked for."""
    found = scoped(request.actor, _CASE)
    state, source = request.GET.get("status", "open"), request.GET.get("source", "")
    text = request.GET.get("q", "").strip()
    if state == "open":
        found = found.filter(status__in=OPEN_CASE)
    elif state in CorrectionStatus.values:
        found = found.filter(status=state)
    if source in CaseSource.values:
        found = found.filter(source=source)
    if text:
        found = found.filter(Q(candidate__name__icontains=text) | Q(candidate__student_no__startswith=text))
    context = {
        "page": Paginator(found, 50).get_page(request.GET.get("page")),
        "state": state,
        "source": source,
        "q": text,
        "statuses": CorrectionStatus.choices,
        "sources": CaseSource.choices,
    }
    return render(request, "roster/cases.html", context)


@page("roster.keep")
def case_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """One error: what is said, what the way demands, what is there, and who decides."""
    case = get_scoped(request.actor, _CASE, pk=pk)
    steps = offered(request.actor, case)
    routes = [
        (route, [str(ProofKind(kind).label) for kind in demanded], cases.copies_demanded(case, route))
        for route, demanded in cases.DEMANDED.items()
    ]
    context = {
        "case": case,
        "candidate": case.candidate,
        "proofs": case.proofs.select_related("blob"),
        "proof_kinds": ProofKind.choices,
        "limit_mb": cases.PROOF_LIMIT_MB,
        "routes": routes,
        "can_show_proof": "roster.show_proof" in steps,
        "can_attach": case.is_open and may(request.actor, "roster.attach_proof", case),
        "decisions": [(name, *_DECISIONS[name]) for name in steps if name in _DECISIONS and _fits(name, case)],
    }
    return render(request, "roster/case.html", context)


def _fits(name: str, case: CorrectionCase) -> bool:
    """Whether a decision suits the case: what needs proof is not adopted without it."""
    return name != "roster.adopt_case" or (cases.needs_no_proof(case) and bool(case.right_value))


@page("roster.keep")
@require_POST
def attach(request: SignedInRequest, pk: int) -> HttpResponse:
    """Attach a scanned proof: PDF, JPEG or PNG, known by its content."""
    case = get_scoped(request.actor, CorrectionCase, pk=pk)
    upload, kind = request.FILES.get("file"), request.POST.get("kind", "")
    if upload is None or kind not in ProofKind.values:
        raise invalid(
            "roster.no_file",
            "没有选择文件或材料类别。",
            "No file or no kind was chosen.",
            "请选择后再上传。",
            "Choose both first.",
        )
    data, media_type = read_upload(upload, *cases.PROOF_KINDS, limit_mb=cases.PROOF_LIMIT_MB)
    cases.attach_proof(request.actor, case, kind=ProofKind(kind), data=data, media_type=media_type)
    return redirect("roster:case", pk=pk)


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


@page("roster.keep")
@require_POST
def show_proof(request: SignedInRequest, pk: int) -> HttpResponse:
    """The proof is complete: the case goes to the registry."""
    case = get_scoped(request.actor, _CASE, pk=pk)
    route, copies = request.POST.get("route", ""), request.POST.get("copies", "")
    if route not in Route.values:
        raise invalid("roster.route", "请选择办理方式。", "Choose the way.", "从列表中选择。", "Choose from the list.")
    cases.show_proof(
        request.actor,
        case,
        route=Route(route),
        value=request.POST.get("value", ""),
        copies=int(copies) if copies.isdecimal() else 0,
        original_seen=request.POST.get("original_seen") == "yes",
    )
    return redirect("roster:case", pk=pk)


@page("roster.keep")
@require_POST
def decide(request: SignedInRequest, pk: int) -> HttpResponse:
    """Grant, adopt, refuse or withdraw."""
    case = get_scoped(request.actor, CorrectionCase, pk=pk)
    name = request.POST.get("step", "")
    if name not in _DECISIONS:
        raise invalid("roster.step", "未知操作。", "Unknown step.", "请刷新页面。", "Reload the page.")
    word = _DECISIONS[name][0]
    REGISTRY[name].function(request.actor, case, **({word: request.POST.get(word, "")} if word else {}))
    messages.success(request, say(Wording("已作出结论。", "Decided.")))
    return redirect("roster:case", pk=pk)
