"""The student's make-up page under /make-up-form/: phone first, no staff sign-in; form, personal QR, appointment."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gradphoto.apps.access.client import client_of
from gradphoto.apps.access.throttling import TooManyAttempts, tell_to_wait
from gradphoto.apps.core.addresses import site_address
from gradphoto.apps.core.errors import invalid
from gradphoto.apps.makeup import booking, forms_out, queries, sign_in
from gradphoto.apps.makeup.cases import last_day_of
from gradphoto.apps.makeup.forms.own import CODE_MAX, Choice, Enter, FillForm
from gradphoto.apps.makeup.models import CaseStatus, MakeUpCase, MakeUpSlot, Way
from gradphoto.apps.makeup.sign_in import SESSIONS
from gradphoto.apps.makeup.tokens import personal_token, qr
from gradphoto.apps.pages.forms import ActionForm, form_action, posted_form, sent_form
from gradphoto.apps.roster.permissions import student

_PREFILLED = "makeup_prefilled"
_SCANNED = (CaseStatus.FILLED, CaseStatus.BOOKED, CaseStatus.NO_SHOW, CaseStatus.ATTENDED)


@sign_in.portal_view
@require_GET
def link(request: HttpRequest, code: str) -> HttpResponse:
    """The QR's link: the code leaves the address bar at once. The answer is the same for every code."""
    request.session[_PREFILLED] = code if len(code) <= CODE_MAX else ""
    return redirect("makeupform:enter")


@sign_in.portal_view
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest) -> HttpResponse:
    """Code and student number open the case, or one answer that tells nothing."""
    form = sent_form(request, Enter, initial={"code": request.session.get(_PREFILLED, "")})
    if request.method != "POST":
        return render(request, "makeup/own_enter.html", {"form": form})
    try:
        found = sign_in.identify(**form.entered(), client=client_of(request))
    except (sign_in.CodeRefusal, TooManyAttempts) as error:
        answer = render(request, "makeup/own_enter.html", {"form": form, "error": error}, status=error.status)
        return tell_to_wait(answer, error)
    request.session.pop(_PREFILLED, None)
    if found.status != CaseStatus.ISSUED and found.codes.filter(ended_at=None).exists():
        forms_out.spend_code(student(found.candidate_id), found)
    return SESSIONS.hand_over(redirect("makeupform:mine"), sign_in.begin(request, found))


def _case(request: HttpRequest) -> MakeUpCase:
    return request.case  # type: ignore[attr-defined]


@sign_in.case_required
@require_http_methods(["GET", "HEAD", "POST"])
def mine(request: HttpRequest) -> HttpResponse:
    """The form, or the personal QR with the appointment, or what comes next."""
    if request.method == "POST":
        return form_action(
            request,  # type: ignore[arg-type]  # the student's request bears its actor as the staff's does
            posted_form(request, (FillForm,), _case(request)),  # type: ignore[arg-type]
            again=lambda form: _mine(request, form),
            done=lambda made: redirect("makeupform:mine"),
        )
    return _mine(request)


def _mine(request: HttpRequest, posted: ActionForm | None = None) -> HttpResponse:
    case = _case(request)
    standing = case.booking
    may_book = case.way == Way.CENTRE and case.status in (CaseStatus.FILLED, CaseStatus.BOOKED, CaseStatus.NO_SHOW)
    token = personal_token(case) if case.status in _SCANNED and case.way != Way.MAIL else ""
    context = {
        "case": case,
        "form": posted or FillForm(request.actor, case),  # type: ignore[attr-defined]
        "person": case.candidate,
        "booking": standing,
        "qr": qr(token) if token else "",
        "link": site_address(reverse("makeupform:link", args=[token])) if token else "",
        "calendars": queries.open_days(case.candidate.campaign) if may_book else [],
        "branch": queries.branch_of(case),
        "waiting": getattr(case, "waiting", None),
        "last_day": last_day_of(case.candidate.campaign),
    }
    return render(request, "makeup/own_mine.html", context)


def _slot(request: HttpRequest) -> MakeUpSlot:
    wanted = sent_form(request, Choice).number("slot")
    slots = MakeUpSlot.objects.select_related("calendar").filter(
        calendar__centre=_case(request).candidate.campaign.centre_id
    )
    found = slots.filter(pk=wanted).first()
    if found is None:
        raise invalid("makeup.slot", "请选择时段。", "Choose a half-hour.", "从列表中选择。", "Choose from the list.")
    return found


@sign_in.case_required
@require_POST
def book(request: HttpRequest) -> HttpResponse:
    """A half-hour is chosen, for the first time or anew."""
    booking.book(request.actor, _case(request), slot=_slot(request))  # type: ignore[attr-defined]
    return redirect("makeupform:mine")


@sign_in.case_required
@require_POST
def release(request: HttpRequest) -> HttpResponse:
    """The appointment is given back."""
    booking.release_booking(request.actor, _case(request))  # type: ignore[attr-defined]
    return redirect("makeupform:mine")


@sign_in.case_required
@require_POST
def wait(request: HttpRequest) -> HttpResponse:
    """A place on the waiting list."""
    case, wanted = _case(request), sent_form(request, Choice).number("calendar")
    calendars = queries.calendars_of(case.candidate.campaign.centre_id)
    found = calendars.filter(pk=wanted).first()
    if found is None:
        raise invalid(
            "makeup.calendar", "请选择补拍点。", "Choose the place.", "从列表中选择。", "Choose from the list."
        )
    booking.wait(request.actor, case, calendar=found)  # type: ignore[attr-defined]
    return redirect("makeupform:mine")


@sign_in.portal_view
@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Leave the page."""
    SESSIONS.end(request)
    return redirect("makeupform:enter")
