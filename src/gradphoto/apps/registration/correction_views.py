"""Pages of corrections after registration: one person's lines of the ledger, proposals and their decisions."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from gradphoto.apps.core.actions import may, offered
from gradphoto.apps.core.wording import say
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.permissions import holds
from gradphoto.apps.orgs.scope import get_scoped, scoped
from gradphoto.apps.registration.adding_views import proposable
from gradphoto.apps.registration.correcting import approve_correction, propose_correction, reject_correction
from gradphoto.apps.registration.models import CorrectionStatus, LedgerCorrection, LedgerEntry, PhotoAddition
from gradphoto.apps.registration.queries import PAGE_SIZE
from gradphoto.apps.verification.corrections import CorrectionsRefusal
from gradphoto.apps.verification.items import BY_FIELD, ITEMS, mask_of, text_of
from gradphoto.apps.verification.queries import newest_delivered
from gradphoto.engine.wording import Wording


@page("registration.read")
def entry(request: SignedInRequest, pk: int) -> HttpResponse:
    """All lines of one person, the standing one on top, and the form to propose a correction."""
    found = LedgerEntry.objects.select_related(
        "candidate__department", "candidate__campaign__rule_set", "campaign__school", "portrait"
    )
    shown = get_scoped(request.actor, found, pk=pk)
    return _entry_page(request, shown)


def _entry_page(request: SignedInRequest, shown: LedgerEntry, error: CorrectionsRefusal | None = None) -> HttpResponse:
    lines = list(LedgerEntry.objects.filter(candidate=shown.candidate_id).order_by("-number"))
    corrections = scoped(request.actor, LedgerCorrection).filter(entry__candidate=shown.candidate_id)
    context = {
        "entry": lines[0],
        "person": shown.candidate,
        "lines": [(line, _what(line)) for line in lines],
        "corrections": [_row(correction) for correction in corrections.select_related("proposed_by", "decided_by")],
        "items": ITEMS,
        "additions": PhotoAddition.objects.filter(entry__candidate=shown.candidate_id).select_related(
            "proposed_by", "decided_by"
        ),
        "may_add": proposable(request, lines[0]),
        "deliverable": newest_delivered(shown.candidate) if lines[0].portrait_id is None else None,
        "error": error,
        "field_error": next(iter(error.fields.values()), None) if error else None,
        "entered": request.POST.get("entered", ""),
        "field": request.POST.get("field", ""),
        "reason": request.POST.get("reason", ""),
        "may_propose": holds(request.user, "registration.propose")
        and may(request.actor, "registration.propose_correction", lines[0]),
    }
    return render(request, "registration/entry.html", context, status=400 if error else 200)


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
        "title": say(BY_FIELD[correction.field].title),
        "entered": mask_of(correction.field, text_of(correction.entered)),
    }


@page("registration.propose")
@require_POST
def propose(request: SignedInRequest, pk: int) -> HttpResponse:
    """Propose the correction of one registered value."""
    shown = get_scoped(request.actor, LedgerEntry.objects.select_related("candidate__campaign"), pk=pk)
    try:
        propose_correction(
            request.actor,
            shown,
            field=request.POST.get("field", ""),
            entered=request.POST.get("entered", "")[:120],
            reason=request.POST.get("reason", ""),
        )
    except CorrectionsRefusal as error:
        return _entry_page(request, shown, error)
    messages.success(request, say(Wording("已提交，待学校总部审核。", "Proposed; the head office decides.")))
    return redirect("registration:entry", pk=pk)


@page("registration.read")
def corrections(request: SignedInRequest) -> HttpResponse:
    """What was proposed, what waits, what was decided."""
    state = request.GET.get("state", CorrectionStatus.PROPOSED.value)
    found = scoped(request.actor, LedgerCorrection).select_related(
        "entry__candidate__department", "proposed_by", "decided_by"
    )
    shown = found.filter(status=state) if state in CorrectionStatus.values else found
    current = Paginator(shown, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "state": state,
        "states": [(value, label, found.filter(status=value).count()) for value, label in CorrectionStatus.choices],
        "page": current,
        "rows": [{**_row(correction), "offered": offered(request.actor, correction)} for correction in current],
    }
    return render(request, "registration/corrections.html", context)


@page("registration.approve")
@require_POST
def decide(request: SignedInRequest, pk: int) -> HttpResponse:
    """Approve a correction, which becomes a new line of the ledger, or reject it with the reason."""
    correction = get_scoped(request.actor, LedgerCorrection, pk=pk)
    match request.POST.get("step"):
        case "approve":
            made = approve_correction(request.actor, correction)
            told = Wording("已更正，登记为第 {n} 条。", "Corrected as line {n}.").format(n=made.number)
        case "reject":
            reject_correction(request.actor, correction, reason=request.POST.get("reason", ""))
            told = Wording("已退回。", "Rejected.")
        case _:
            raise Http404
    messages.success(request, say(told))
    return redirect("registration:corrections")
