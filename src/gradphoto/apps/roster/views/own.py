"""The student's own page under /sign/: phone first, no staff sign-in; the row is checked and signed, or what is wrong is said."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gradphoto.apps.access.client import client_of
from gradphoto.apps.access.throttling import TooManyAttempts, tell_to_wait
from gradphoto.apps.core.errors import invalid
from gradphoto.apps.roster import cases, sign_in, steps
from gradphoto.apps.roster.columns import COLUMNS
from gradphoto.apps.roster.corrections import CORRECTABLE
from gradphoto.apps.roster.models import Candidate, CandidateStatus
from gradphoto.apps.roster.models.cases import OPEN_CASE
from gradphoto.apps.roster.sign_in import SESSIONS
from gradphoto.apps.roster.views.lists import options_of

_MAX_INPUT = 120
_PREFILLED = "signing_prefilled"
_SHOWN = (
    "name", "sex", "birth_date", "id_number", "student_no", "department", "class_name", "major", "direction", "level",
    "length_of_study", "graduation_kind", "entry_date", "ethnic_group", "political_status", "native_place", "season", "remarks",
)  # fmt: skip
"""S4's thirteen fields (R20) with class and season."""


@sign_in.portal_view
@require_GET
def link(request: HttpRequest, code: str) -> HttpResponse:
    """The personal link: the code leaves the address bar at once. The answer is the same for every code."""
    request.session[_PREFILLED] = code[:20]
    return redirect("sign:enter")


@sign_in.portal_view
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest) -> HttpResponse:
    """Code and student number open the row, or one answer that tells nothing."""
    prefilled = request.session.get(_PREFILLED, "")
    if request.method != "POST":
        return render(request, "roster/sign_enter.html", {"code": prefilled})
    code, student_no = (request.POST.get(name, "")[:_MAX_INPUT] for name in ("code", "student_no"))
    try:
        found = sign_in.identify(code=code, student_no=student_no, client=client_of(request))
    except (sign_in.CodeRefusal, TooManyAttempts) as error:
        answer = render(request, "roster/sign_enter.html", {"code": prefilled, "error": error}, status=error.status)
        return tell_to_wait(answer, error)
    request.session.pop(_PREFILLED, None)
    return SESSIONS.hand_over(redirect("sign:row"), sign_in.begin(request, found))


@sign_in.candidate_required
@require_GET
def row(request: HttpRequest) -> HttpResponse:
    """The student's own data, to be compared with the ID card (R24)."""
    person: Candidate = request.candidate  # type: ignore[attr-defined]
    reported = {case.field: case for case in person.correction_cases.filter(status__in=OPEN_CASE)}
    context = {
        "person": person,
        "lines": [(COLUMNS[name], _shown(person, name), reported.get(name)) for name in _SHOWN],
        "reported": reported,
        "may_sign": person.status == CandidateStatus.CHECKED and not reported,
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
@require_POST
def sign(request: HttpRequest) -> HttpResponse:
    """The signature: own name typed, own check confirmed."""
    person: Candidate = request.candidate  # type: ignore[attr-defined]
    if request.POST.get("own") != "yes":
        raise invalid(
            "roster.own_check_missing",
            "请先勾选“本人已对照身份证逐项核对”。",
            "Tick first that you compared every item with your ID card yourself.",
            "返回上一页，勾选后再签字。",
            "Go back, tick the box, then sign.",
        )
    steps.sign_in_person(request.actor, person, typed_name=request.POST.get("typed_name", "")[:_MAX_INPUT])  # type: ignore[attr-defined]
    SESSIONS.end(request, finished=True)
    return redirect("sign:done")


@sign_in.candidate_required
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    """What is wrong, what is right, and a note: it lands at the college as a reported error."""
    person: Candidate = request.candidate  # type: ignore[attr-defined]
    if request.method == "POST":
        field, value, note = (request.POST.get(name, "")[:_MAX_INPUT] for name in ("field", "value", "note"))
        if not value.strip():
            raise invalid(
                "roster.right_value_missing",
                "请填写正确内容。",
                "Fill in the right value.",
                "返回上一页，按身份证填写。",
                "Go back and fill it in as on your ID card.",
            )
        cases.report_error(request.actor, person, field=field, value=value, note=note)  # type: ignore[attr-defined]
        return redirect("sign:row")
    open_fields = set(person.correction_cases.filter(status__in=OPEN_CASE).values_list("field", flat=True))
    home = person.department
    shown = [name for name in _SHOWN if name in CORRECTABLE and name not in open_fields]
    fields = [(COLUMNS[name], options_of(name, home)) for name in shown]
    chosen = request.GET.get("field", "")
    context = {"person": person, "fields": fields, "chosen": chosen, "options": options_of(chosen, home)}
    return render(request, "roster/sign_report.html", context)


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
