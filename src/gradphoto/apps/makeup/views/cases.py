"""The make-up list and a case: asked for, approved, handed a QR code, booked, photographed, delivered."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from gradphoto.apps.core.actions import may, offered
from gradphoto.apps.core.addresses import site_address
from gradphoto.apps.core.errors import Refusal
from gradphoto.apps.core.wording import say
from gradphoto.apps.makeup import cases, lists, queries, seating
from gradphoto.apps.makeup.forms.cases import (
    CASE_FORMS,
    LIST_FORMS,
    ApplyFor,
    Code,
    MakeSlips,
    Seat,
    SetRecipient,
    TakeMailed,
)
from gradphoto.apps.makeup.forms_out import SlipSheet
from gradphoto.apps.makeup.models import CaseStatus, MakeUpBooking, MakeUpCase
from gradphoto.apps.makeup.providers import carrier_of
from gradphoto.apps.makeup.season import season_of
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import changeable, get_scoped, scoped
from gradphoto.apps.pages.fields import RefusedValue
from gradphoto.apps.pages.first_rows import first_rows
from gradphoto.apps.pages.forms import (
    INPUT_STATUS,
    ActionForm,
    PageForms,
    form_action,
    posted_form,
    sent_form,
    sent_values,
    ticks,
)
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.roster.typed import named
from gradphoto.apps.schedule.models import CaptureSession, SessionStatus
from gradphoto.engine.standards.make_up.branches import directory_source
from gradphoto.engine.wording import Wording

_CASES = MakeUpCase.objects.select_related("candidate__department", "candidate__campaign", "recipient__unit", "waiting")


@page("makeup.read")
def case_list(request: SignedInRequest) -> HttpResponse:
    """All cases in the viewer's scope, and what is done for many at once."""
    if request.method == "POST":
        form = posted_form(request, LIST_FORMS, None)
        return form_action(
            request, form, again=lambda form: _list(request, form), done=lambda made: _after(request, form, made)
        )
    return _list(request)


def _after(request: SignedInRequest, form: ActionForm, made: object) -> HttpResponse:
    if not isinstance(form, MakeSlips):
        return redirect(request.get_full_path())
    assert isinstance(made, SlipSheet)
    return _slip_sheet(request, made)


def _slip_sheet(request: SignedInRequest, made: SlipSheet) -> HttpResponse:
    """The codes as a sheet to print and cut."""
    address = site_address(reverse("makeupform:enter"))
    slips = [(one, one.qr(address)) for one in made.slips]
    context = {"slips": slips, "left_out": made.left_out, "address": address}
    return render(request, "makeup/slip_sheet.html", context)


def _list(request: SignedInRequest, posted: ActionForm | None = None) -> HttpResponse:
    ready = scoped(request.actor, CaptureSession).filter(status=SessionStatus.CLOSED)
    context = {
        "listing": lists.CASES.page(request),
        "page_forms": PageForms(request.actor, None, LIST_FORMS, posted),
        "ticked": ticks(posted, "case"),
        "may_open": may(request.actor, "makeup.open_missed"),
        "missed": [
            (session, count) for session in ready if (count := cases.without_case(request.actor, session).count())
        ],
    }
    return render(request, "makeup/list.html", context)


@page("makeup.open")
def new(request: SignedInRequest) -> HttpResponse:
    """A single request: find the person, tell the reason."""
    if request.method == "POST":
        return form_action(
            request,
            posted_form(request, (ApplyFor,), None),
            again=lambda form: _new(request, form),
            done=lambda made: redirect("makeup:case", pk=made.pk),
        )
    return _new(request)


def _new(request: SignedInRequest, posted: ActionForm | None = None) -> HttpResponse:
    people = changeable(request.actor, Candidate.objects.select_related("department"), "makeup.open")
    text = request.GET.get("q", "").strip()
    context = {
        "q": text,
        "people": first_rows(people.filter(named(text)).order_by("student_no"), 20) if text else None,
        "form": posted or ApplyFor(request.actor),
    }
    return render(request, "makeup/new.html", context)


@page("makeup.read")
def case_page(request: SignedInRequest, pk: int) -> HttpResponse:
    """A case with its history and what can be done next."""
    if request.method == "POST":
        kinds = (*CASE_FORMS, MakeSlips)
        form = posted_form(request, kinds, get_scoped(request.actor, _CASES, pk=pk))
        return form_action(
            request, form, again=lambda form: _case(request, pk, form), done=lambda made: _after(request, form, made)
        )
    return _case(request, pk)


def _case(request: SignedInRequest, pk: int, posted: ActionForm | None = None) -> HttpResponse:
    case = get_scoped(request.actor, _CASES, pk=pk)
    campaign = case.candidate.campaign
    sessions = scoped(request.actor, CaptureSession).filter(campaign=campaign, status=SessionStatus.OPEN)
    booking = case.booking
    context = {
        "case": case,
        "person": case.candidate,
        "booking": booking,
        "bookings": case.bookings.exclude(released_at=None),
        "offered": offered(request.actor, case),
        "page_forms": PageForms(request.actor, case, CASE_FORMS, posted),
        "calendars": queries.open_days(campaign),
        "branch": queries.branch_of(case),
        "sessions": sessions if case.status == CaseStatus.ATTENDED and may(request.actor, "capture.check_in") else [],
        "may_call": may(request.actor, "makeup.show_contact", case),
        "may_take_mail": may(request.actor, "makeup.take_mailed", case) and not case.is_over,
        "last_day": cases.last_day_of(campaign),
        "season": season_of(campaign),
        "nothing_out": case.status == CaseStatus.CAPTURED and not carrier_of(case),
        "is_today": booking is not None and timezone.localtime(booking.at).date() == timezone.localdate(),
        "now": timezone.localtime(),
    }
    return render(request, "makeup/case.html", context)


@page("makeup.serve")
@require_POST
def seat(request: SignedInRequest, pk: int) -> HttpResponse:
    """Into the chair: the next shooting number in an open session."""
    case = get_scoped(request.actor, _CASES, pk=pk)
    session = get_scoped(request.actor, CaptureSession, pk=sent_values(request, Seat)["session"].pk)
    seating.seat(request.actor, case, session, uuid.uuid4())
    return redirect("capture:session", pk=session.pk)


@page("makeup.serve")
def scan(request: SignedInRequest) -> HttpResponse:
    """The desk: scan the personal QR, land on the person's case."""
    form = sent_form(request, Code)
    if request.method == "POST" and form.is_valid():
        try:
            case = seating.case_of_scan(request.actor, form.cleaned_data["code"])
        except Refusal as error:
            form.add_error("code", RefusedValue(error))
        else:
            return redirect("makeup:case", pk=case.pk)
    now = timezone.localtime()
    end_of_day = now.replace(hour=23, minute=59, second=59)
    due = MakeUpBooking.objects.filter(released_at=None, at__lte=end_of_day).values("case")
    booked = scoped(request.actor, _CASES).filter(status=CaseStatus.BOOKED, pk__in=due)
    context = {"today": lists.with_appointment(booked).order_by("at", "pk"), "now": now, "form": form}
    return render(request, "makeup/scan.html", context, status=INPUT_STATUS if form.errors else 200)


@page("makeup.arrange")
@require_POST
def show_contact(request: SignedInRequest, pk: int) -> HttpResponse:
    """The student's telephone number; the look is on record."""
    case = get_scoped(request.actor, _CASES, pk=pk)
    text = cases.show_contact(request.actor, case) or "—"
    messages.info(
        request, say(Wording(f"联系电话 {text}（本次查看已记录）", f"Telephone {text} (this look is on record)"))
    )
    return redirect("makeup:case", pk=pk)


@page("makeup.ask")
def recipients(request: SignedInRequest) -> HttpResponse:
    """Who receives make-up photographs, unit by unit (R141, R147)."""
    if request.method == "POST":
        return form_action(
            request,
            posted_form(request, (SetRecipient,), None),
            again=lambda form: _recipients(request, form),
            done=lambda made: redirect("makeup:recipients"),
        )
    return _recipients(request)


def _recipients(request: SignedInRequest, posted: ActionForm | None = None) -> HttpResponse:
    context = {
        "listing": lists.RECIPIENTS.page(request),
        "page_forms": PageForms(request.actor, None, (SetRecipient,), posted),
    }
    return render(request, "makeup/recipients.html", context)


@page("makeup.read")
def branch_list(request: SignedInRequest) -> HttpResponse:
    """The directory of branches (R69): printed text, corrected text, search."""
    text = request.GET.get("q", "").strip()
    context = {"branches": queries.search_branches(text), "q": text, "source": directory_source()}
    return render(request, "makeup/branches.html", context)


@page("makeup.take_mailed")
def mailed(request: SignedInRequest, pk: int) -> HttpResponse:
    """One picture and how it came."""
    if request.method == "POST":
        return form_action(
            request,
            posted_form(request, (TakeMailed,), _mailed_case(request, pk)),
            again=lambda form: _mailed(request, pk, form),
            done=lambda made: redirect("makeup:case", pk=pk),
        )
    return _mailed(request, pk)


def _mailed_case(request: SignedInRequest, pk: int) -> MakeUpCase:
    return get_scoped(request.actor, MakeUpCase.objects.select_related("candidate__campaign"), pk=pk)


def _mailed(request: SignedInRequest, pk: int, posted: ActionForm | None = None) -> HttpResponse:
    case = _mailed_case(request, pk)
    context = {"case": case, "person": case.candidate, "form": posted or TakeMailed(request.actor, case)}
    return render(request, "makeup/mailed.html", context)
