"""The graduate's pages under /verify/: phone first, no staff sign-in, the twelve steps of R163."""

from __future__ import annotations

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gradphoto.apps.access.client import client_of
from gradphoto.apps.access.throttling import TooManyAttempts, mark_succeeded, tell_to_wait
from gradphoto.apps.campaigns.models import CampaignStatus
from gradphoto.apps.core import blobs
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import StepRefusal, invalid
from gradphoto.apps.pages.forms import sent_form
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.verification import portal_sessions, steps
from gradphoto.apps.verification.actions import (
    confirm_case,
    dispute_photo,
    see_status,
    submit_corrections,
    view_case,
)
from gradphoto.apps.verification.corrections import CorrectionsRefusal
from gradphoto.apps.verification.evidence import ChangedMeanwhile, fingerprint, pending_corrections
from gradphoto.apps.verification.items import lines
from gradphoto.apps.verification.models import CaseStatus, VerificationCase
from gradphoto.apps.verification.portal_forms import PHOTO_REASONS, CardForm, ConfirmForm, CorrectForm, DisputeForm
from gradphoto.apps.verification.portal_sessions import SESSIONS, AlreadyFinal, case_required, portal_view
from gradphoto.apps.verification.queries import (
    coming_schools,
    open_now,
    open_schools,
    opening_dates,
    still_open_until,
)
from gradphoto.apps.verification.sign_in import CardRefusal, identify
from gradphoto.apps.verification.standing import standing_of

_COMPARING = (CaseStatus.VIEWED, CaseStatus.CORRECTED, CaseStatus.ANSWERED)


@portal_view
@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """Step 1: what this is, and which schools are open already (R161)."""
    context = {"steps": steps.shown(1), "schools": open_schools(), "coming": coming_schools()}
    return render(request, "verification/start.html", context)


@portal_view
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Steps 2 and 3: the data from the image card open the portal, or one answer that tells nothing."""
    form = sent_form(request, CardForm)
    if request.method != "POST":
        return render(request, "verification/sign_in.html", {"steps": steps.shown(3), "form": form})
    try:
        person, attempt = identify(**form.entered(), client=client_of(request))
    except (CardRefusal, TooManyAttempts) as error:
        return _still_outside(request, form, error)
    with transaction.atomic():
        mark_succeeded(attempt)
        first = _first_page(person)
        key = portal_sessions.begin(request, person)
    return SESSIONS.hand_over(_go(request, first), key)


def _still_outside(request: HttpRequest, form: CardForm, error: CardRefusal | TooManyAttempts) -> HttpResponse:
    """The form again, filled in, with the one sentence; whoever has to wait is told for how long."""
    if request.htmx:  # type: ignore[attr-defined]
        answer = portal_sessions.refusal(request, error)
    else:
        context = {"steps": steps.shown(3), "form": form, "error": error}
        answer = render(request, "verification/sign_in.html", context, status=error.status)
    return tell_to_wait(answer, error)


def _first_page(person: Candidate) -> str:
    case: VerificationCase | None = getattr(person, "verification_case", None)
    if case is None or _not_opened(case):
        return "verification:not_yet"
    if _may_compare(case):
        view_case(Actor.graduate(case.pk), case)
        return "verification:compare"
    see_status(Actor.graduate(case.pk), case)
    return "verification:status"


def _not_opened(case: VerificationCase) -> bool:
    return case.candidate.campaign.status in (CampaignStatus.PREPARING, CampaignStatus.COLLECTING)


def _may_compare(case: VerificationCase) -> bool:
    return case.status in (CaseStatus.OPEN, *_COMPARING) and open_now(case)


def _go(request: HttpRequest, name: str) -> HttpResponse:
    answer = redirect(name)
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponse(headers={"HX-Redirect": answer["Location"]})
    return answer


@portal_view
@require_GET
def not_yet(request: HttpRequest) -> HttpResponse:
    """The card is right but the case is not open: the dates (B4), so that "not yet" is not taken for "wrong" (R161)."""
    person = portal_sessions.signed_in_candidate(request)
    if person is None:
        return SESSIONS.way_in(request, "verification:sign_in")
    case: VerificationCase | None = getattr(person, "verification_case", None)
    if case is not None and not _not_opened(case):
        return redirect("verification:compare")
    context = {"steps": steps.shown(3), "person": person, "dates": opening_dates(person)}
    return render(request, "verification/not_yet.html", context)


@case_required
@require_GET
def compare(request: HttpRequest) -> HttpResponse:
    """Step 4, and step 8 after corrections: the data, the ID number in full, and the photograph."""
    case: VerificationCase = request.case  # type: ignore[attr-defined]
    if not _may_compare(case):
        return redirect("verification:status")
    return _comparing_page(request, case)


def _comparing_page(
    request: HttpRequest, case: VerificationCase, error: ChangedMeanwhile | None = None
) -> HttpResponse:
    corrected = case.status == CaseStatus.CORRECTED
    closes_on = still_open_until(case)
    pending = pending_corrections(case)
    context = {
        "error": error,
        "shown": fingerprint(case, pending),
        "steps": steps.shown(8 if corrected else 4),
        "case": case,
        "corrected": corrected,
        "lines": lines(case.candidate, pending, with_number=True),
        "closes_on": closes_on,
        "days_left": (closes_on - timezone.localdate()).days if closes_on else None,
    }
    return render(request, "verification/compare.html", context, status=error.status if error else 200)


@case_required
@require_POST
def confirm(request: HttpRequest) -> HttpResponse:
    """Steps 5 and 9: 信息无误. Of two tabs, a double click or a replay exactly one confirms, and only what it shows."""
    case: VerificationCase = request.case  # type: ignore[attr-defined]
    form = sent_form(request, ConfirmForm)
    if not form.is_valid():
        raise invalid(
            "verification.own_check_missing",
            "请先勾选“本人已逐项核对”。",
            "Tick first that you checked every item yourself.",
            "返回上一页，勾选后再点“信息无误”。",
            "Go back, tick the box, then press “No error”.",
        )
    try:
        with transaction.atomic():
            confirm_case(request.actor, case, shown=form.cleaned_data["shown"])  # type: ignore[attr-defined]
            SESSIONS.end(request, finished=True)
    except ChangedMeanwhile as error:
        return _comparing_page(request, _case_anew(request), error)
    except StepRefusal:
        case.refresh_from_db()
        if case.status != CaseStatus.CONFIRMED:
            raise
        SESSIONS.end(request, finished=True)
        raise AlreadyFinal from None
    return redirect("verification:final")


@case_required
@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: HttpRequest) -> HttpResponse:
    """Step 6: tick the circle before each wrong item and enter the right value; step 7: submit the conclusion."""
    case: VerificationCase = request.case  # type: ignore[attr-defined]
    if request.method != "POST":
        if not _may_compare(case):
            return redirect("verification:status")
        return _correction_page(request, case, pending_corrections(case))
    entered = sent_form(request, CorrectForm).entered()
    try:
        submit_corrections(request.actor, case, entered=entered)  # type: ignore[attr-defined]
    except CorrectionsRefusal as error:
        return _correction_page(request, case, entered, error)
    return redirect("verification:result")


def _correction_page(
    request: HttpRequest, case: VerificationCase, entered: dict[str, str], error: CorrectionsRefusal | None = None
) -> HttpResponse:
    told = error.fields if error else {}
    rows = [
        {"line": line, "ticked": line.item.field in entered, "value": value, "error": told.get(line.item.field)}
        for line in lines(case.candidate, {})
        for value in [entered.get(line.item.field, "")]
    ]
    context = {"steps": steps.shown(6), "rows": rows, "error": error}
    return render(request, "verification/correct.html", context, status=400 if error else 200)


@case_required
@require_GET
def result(request: HttpRequest) -> HttpResponse:
    """Step 7: the conclusion as submitted. It has no effect until it was checked again and confirmed."""
    case: VerificationCase = request.case  # type: ignore[attr-defined]
    if case.status != CaseStatus.CORRECTED:
        return redirect("verification:compare")
    changed = [line for line in lines(case.candidate, pending_corrections(case)) if line.entered]
    return render(request, "verification/result.html", {"steps": steps.shown(7), "lines": changed})


@case_required
@require_http_methods(["GET", "HEAD", "POST"])
def dispute(request: HttpRequest) -> HttpResponse:
    """The photograph itself is wrong: the school takes it from here (R54, R169)."""
    case: VerificationCase = request.case  # type: ignore[attr-defined]
    form = sent_form(request, DisputeForm)
    if request.method != "POST" and not _may_compare(case):
        return redirect("verification:status")
    if request.method != "POST" or not form.is_valid():
        context = {"steps": steps.shown(6), "reasons": PHOTO_REASONS, "form": form}
        return render(request, "verification/dispute.html", context, status=422 if form.errors else 200)
    dispute_photo(request.actor, case, reason=form.told())  # type: ignore[attr-defined]
    return redirect("verification:status")


@portal_view
@require_GET
def final(request: HttpRequest) -> HttpResponse:
    """Step 9: the online part has ended. The page holds no personal data, so it may be shown after the visit."""
    if not SESSIONS.has_finished(request):
        return redirect("verification:sign_in")
    return render(request, "verification/final.html", {"steps": steps.shown(9)})


@case_required
@require_GET
def status(request: HttpRequest) -> HttpResponse:
    """Steps 10 to 12: who has the case now, and what happens next."""
    case: VerificationCase = request.case  # type: ignore[attr-defined]
    if _not_opened(case):
        return redirect("verification:not_yet")
    standing = standing_of(case, may_compare=_may_compare(case))
    context = {"case": case, "standing": standing, "steps": steps.shown(standing.step)}
    return render(request, "verification/status.html", context)


@require_GET
def photo(request: HttpRequest) -> HttpResponse:
    """The photograph, to its owner alone and while they compare. The address names nobody."""
    person = portal_sessions.signed_in_candidate(request, photo=True)
    case: VerificationCase | None = getattr(person, "verification_case", None)
    if case is None or not _may_compare(case):
        raise Http404
    blob = case.portrait.blob
    return HttpResponse(
        blobs.read(blob), content_type=blob.media_type, headers={"Cache-Control": "no-store, private", "Vary": "Cookie"}
    )


@portal_view
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Leave the portal."""
    SESSIONS.end(request)
    return redirect("verification:start")


def _case_anew(request: HttpRequest) -> VerificationCase:
    """The case as it stands now, not as a refused action left its copy."""
    cases = VerificationCase.objects.select_related("candidate__campaign__school", "candidate__department")
    return cases.get(pk=request.case.pk)  # type: ignore[attr-defined]
