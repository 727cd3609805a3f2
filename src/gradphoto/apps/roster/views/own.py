"""The student's own page under /sign/: phone first, no staff sign-in; the row is checked and signed, or what is wrong is said."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gradphoto.apps.access.client import client_of
from gradphoto.apps.access.throttling import TooManyAttempts, tell_to_wait
from gradphoto.apps.orgs.pages import ActorRequest
from gradphoto.apps.pages.forms import ActionForm, form_action, posted_form, sent_form
from gradphoto.apps.roster import sign_in
from gradphoto.apps.roster.columns import COLUMNS
from gradphoto.apps.roster.corrections import CORRECTABLE
from gradphoto.apps.roster.forms.signing import CODE_MAX, EnterOwnRow, ReportError, SignInPerson
from gradphoto.apps.roster.models import Candidate, CandidateStatus
from gradphoto.apps.roster.models.cases import OPEN_CASE
from gradphoto.apps.roster.sign_in import SESSIONS

_PREFILLED = "signing_prefilled"
_SHOWN = (
    "name", "sex", "birth_date", "id_number", "student_no", "department", "class_name", "major", "direction", "level",
    "length_of_study", "graduation_kind", "entry_date", "ethnic_group", "political_status", "native_place", "season", "remarks",
)  # fmt: skip
"""S4's thirteen fields (R20) with class and season."""


class StudentRequest(ActorRequest):
    """A request of the student whose row stands in it."""

    candidate: Candidate


@sign_in.portal_view
@require_GET
def link(request: HttpRequest, code: str) -> HttpResponse:
    """The personal link: the code leaves the address bar at once. The answer is the same for every code."""
    if len(code) <= CODE_MAX:
        request.session[_PREFILLED] = code
    return redirect("sign:enter")


@sign_in.portal_view
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest) -> HttpResponse:
    """Code and student number open the row, or one answer that tells nothing."""
    form = sent_form(request, EnterOwnRow, initial={"code": request.session.get(_PREFILLED, "")})
    if request.method != "POST":
        return render(request, "roster/sign_enter.html", {"form": form})
    try:
        found = sign_in.identify(**form.entered(), client=client_of(request))
    except (sign_in.CodeRefusal, TooManyAttempts) as error:
        answer = render(request, "roster/sign_enter.html", {"form": form, "error": error}, status=error.status)
        return tell_to_wait(answer, error)
    request.session.pop(_PREFILLED, None)
    return SESSIONS.hand_over(redirect("sign:row"), sign_in.begin(request, found))


@sign_in.candidate_required
@require_http_methods(["GET", "HEAD", "POST"])
def row(request: StudentRequest) -> HttpResponse:
    """The student's own data, to be compared with the ID card and signed (R24): own name typed, own check confirmed."""
    if request.method == "POST":
        form = posted_form(request, (SignInPerson,), request.candidate)
        return form_action(request, form, again=lambda form: _row(request, form), done=lambda made: _signed(request))
    return _row(request)


def _signed(request: StudentRequest) -> HttpResponse:
    SESSIONS.end(request, finished=True)
    return redirect("sign:done")


def _row(request: StudentRequest, posted: ActionForm | None = None) -> HttpResponse:
    person = Candidate.objects.select_related("department").get(pk=request.candidate.pk)
    reported = {case.field: case for case in person.correction_cases.filter(status__in=OPEN_CASE)}
    may_sign = person.status == CandidateStatus.CHECKED and not reported
    context = {
        "person": person,
        "lines": [(COLUMNS[name], _shown(person, name), reported.get(name)) for name in _SHOWN],
        "reported": reported,
        "form": posted or (SignInPerson(request.actor, person) if may_sign else None),
        "signed": person.status not in (CandidateStatus.ISSUED, CandidateStatus.CHECKED),
    }
    return render(request, "roster/sign_row.html", context)


def _shown(person: Candidate, name: str) -> str:
    if name == "id_number":
        return person.id_number.decrypt()
    if name in ("sex", "season"):
        return str(getattr(person, f"get_{name}_display")())
    value = person.department.name if name == "department" else getattr(person, name)
    return "" if value is None else str(value)


@sign_in.candidate_required
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: StudentRequest) -> HttpResponse:
    """What is wrong, what is right, and a note: it lands at the college as a reported error."""
    person = request.candidate
    known = set(person.correction_cases.filter(status__in=OPEN_CASE).values_list("field", flat=True))
    fields = tuple(name for name in _SHOWN if name in CORRECTABLE and name not in known)
    asked: dict[str, Any] = {"fields": fields, "chosen": request.GET.get("field", "")}
    if request.method == "POST":
        form = posted_form(request, (ReportError,), person, **asked)
        return form_action(
            request, form, again=lambda form: _report(request, form), done=lambda made: redirect("sign:row")
        )
    return _report(request, ReportError(request.actor, person, **asked))


def _report(request: StudentRequest, form: ActionForm) -> HttpResponse:
    return render(request, "roster/sign_report.html", {"person": request.candidate, "form": form})


@sign_in.portal_view
@require_GET
def done(request: HttpRequest) -> HttpResponse:
    """The signature is on record. The page holds no personal data, so it may be shown after the visit."""
    if not SESSIONS.has_finished(request):
        return redirect("sign:enter")
    return render(request, "roster/sign_done.html")


@sign_in.portal_view
@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Leave the page."""
    SESSIONS.end(request)
    return redirect("sign:enter")
