"""The make-up list and a case: asked for, approved, handed a QR code, booked, photographed, delivered."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.core.actions import may, offered
from gradphoto.apps.core.addresses import site_address
from gradphoto.apps.core.errors import invalid
from gradphoto.apps.core.wording import say
from gradphoto.apps.makeup import booking, cases, forms_out, queries, seating
from gradphoto.apps.makeup.models import (
    CaseStatus,
    DeliveryRecipient,
    MakeUpBooking,
    MakeUpCase,
    MakeUpSlot,
    ReasonKind,
    Way,
)
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import changeable, get_scoped, scoped
from gradphoto.apps.pages.downloads import download
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.schedule.models import CaptureSession, SessionStatus
from gradphoto.engine.standards.make_up import branches
from gradphoto.engine.standards.make_up.branches import directory_source
from gradphoto.engine.wording import Wording

_A_PAGE = 50
_CASES = MakeUpCase.objects.select_related("candidate__department", "candidate__campaign", "recipient__unit", "waiting")
_CHOICES = {"reasons": ReasonKind, "ways": Way, "branches": branches, "statuses": CaseStatus, "seasons": Season}


@page("makeup.read")
def case_list(request: SignedInRequest) -> HttpResponse:
    """All cases in the viewer's scope, with search, filter, order, export, and what is done for many at once."""
    found = queries.narrowed(scoped(request.actor, _CASES), request.GET.dict())
    if request.GET.get("format") == "xlsx":
        return download(queries.cases_workbook(found), "make-up.xlsx")
    ready = scoped(request.actor, CaptureSession).filter(status=SessionStatus.CLOSED)
    context = {
        **_CHOICES,
        "page": Paginator(found, _A_PAGE).get_page(request.GET.get("page")),
        "campaigns": scoped(request.actor, Campaign),
        "may_open": may(request.actor, "makeup.open_missed"),
        "may_approve": may(request.actor, "makeup.approve_case"),
        "may_issue": may(request.actor, "makeup.issue_form"),
        "missed": [
            (session, count) for session in ready if (count := cases.without_case(request.actor, session).count())
        ],
    }
    return render(request, "makeup/list.html", context)


def _ticked(request: SignedInRequest) -> QuerySet[MakeUpCase]:
    wanted = [int(pk) for pk in request.POST.getlist("case") if pk.isdecimal()]
    found = scoped(request.actor, _CASES).filter(pk__in=wanted)
    if not found:
        raise invalid("makeup.nothing_ticked", "没有勾选任何人。", "Nobody is ticked.",
                      "请先在列表中勾选。", "Tick the persons first.")  # fmt: skip
    return found


@page("makeup.ask")
@require_POST
def approve_many(request: SignedInRequest) -> HttpResponse:
    """Approve all that are ticked and still wait."""
    waiting = list(_ticked(request).filter(status=CaseStatus.APPLIED))
    for case in waiting:
        cases.approve_case(request.actor, case)
    messages.success(request, say(Wording(f"已批准 {len(waiting)} 件。", f"{len(waiting)} approved.")))
    return redirect("makeup:list")


@page("makeup.ask")
@require_POST
def slips(request: SignedInRequest) -> HttpResponse:
    """Form QR codes for all that are ticked and approved, as a sheet to print and cut; every print is on record."""
    ready = _ticked(request).filter(status__in=(CaseStatus.APPROVED, CaseStatus.ISSUED))
    made = forms_out.issue_forms(request.actor, ready)
    address = site_address(reverse("makeupform:enter"))
    return render(request, "makeup/slip_sheet.html", {"slips": [(s, s.qr(address)) for s in made], "address": address})


@page("makeup.open")
def new(request: SignedInRequest) -> HttpResponse:
    """A single request: find the person, tell the reason."""
    people = changeable(request.actor, Candidate.objects.select_related("department"), "makeup.open")
    if request.method == "POST":
        wanted = request.POST.get("candidate", "")
        person = get_scoped(request.actor, people, pk=int(wanted) if wanted.isdecimal() else 0)
        made = cases.apply_for(
            request.actor, person, **{n: request.POST.get(n, "") for n in ("reason_kind", "reason", "way", "branch")}
        )
        return redirect("makeup:case", pk=made.pk)
    text = request.GET.get("q", "").strip()
    named = people.filter(student_no__startswith=text) | people.filter(name__icontains=text)
    context = {**_CHOICES, "q": text, "people": named.order_by("student_no")[:20] if text else None}
    return render(request, "makeup/new.html", context)


@page("makeup.read")
def case_page(request: SignedInRequest, pk: int) -> HttpResponse:
    """A case with its history and what can be done next."""
    case = get_scoped(request.actor, _CASES, pk=pk)
    campaign = case.candidate.campaign
    sessions = scoped(request.actor, CaptureSession).filter(campaign=campaign, status=SessionStatus.OPEN)
    context = {
        **_CHOICES,
        "case": case,
        "person": case.candidate,
        "booking": case.booking,
        "bookings": case.bookings.exclude(released_at=None),
        "offered": offered(request.actor, case),
        "calendars": queries.open_days(campaign.centre_id),
        "branch": queries.branch_of(case),
        "sessions": sessions if case.status == CaseStatus.ATTENDED and may(request.actor, "capture.check_in") else [],
        "may_wait": may(request.actor, "makeup.wait", case),
        "may_take_mail": may(request.actor, "makeup.take_mailed", case) and not case.is_over,
        "last_day": cases.last_day_of(campaign),
        "now": timezone.localtime(),
    }
    return render(request, "makeup/case.html", context)


def _slot_of(case: MakeUpCase, text: str) -> MakeUpSlot:
    slots = MakeUpSlot.objects.select_related("calendar").filter(calendar__centre=case.candidate.campaign.centre_id)
    found = slots.filter(pk=int(text) if text.isdecimal() else 0).first()
    if found is None:
        raise invalid("makeup.slot", "请选择时段。", "Choose a half-hour.", "从列表中选择。", "Choose from the list.")
    return found


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() else 0


def _when(text: str) -> datetime:
    try:
        return timezone.make_aware(datetime.fromisoformat(text))
    except ValueError:
        raise invalid("makeup.when", "时间不正确。", "That is not a time.",
                      "请按年-月-日 时:分填写。", "Write year-month-day hour:minute.") from None  # fmt: skip


@page("makeup.read")
@require_POST
def step(request: SignedInRequest, pk: int) -> HttpResponse:
    """One step of a case."""
    case = get_scoped(request.actor, _CASES, pk=pk)
    post, actor = request.POST, request.actor
    told = {name: post.get(name, "") for name in ("reason_kind", "reason", "way", "branch")}
    ticks = {name: post.get(name) == "yes" for name in ("student_card", "id_card")}
    calendars = queries.calendars_of(case.candidate.campaign.centre_id)
    steps: dict[str, Any] = {
        "approve_case": lambda: cases.approve_case(actor, case, **told),
        "refuse_case": lambda: cases.refuse_case(actor, case, reason=told["reason"]),
        "cancel_case": lambda: cases.cancel_case(actor, case, reason=told["reason"]),
        "book": lambda: booking.book(actor, case, slot=_slot_of(case, post.get("slot", ""))),
        "book_by_telephone": lambda: booking.book_by_telephone(
            actor, case, at=_when(post.get("at", "")), place=post.get("place", "")
        ),
        "release_booking": lambda: booking.release_booking(actor, case, reason=told["reason"]),
        "mark_no_show": lambda: booking.mark_no_show(actor, case),
        "wait": lambda: booking.wait(
            actor, case, calendar=get_object_or_404(calendars, pk=_number(post.get("calendar")))
        ),
        "attend": lambda: forms_out.attend(actor, case, **ticks),
        "deliver": lambda: cases.deliver(actor, case, received_by=post.get("received_by", "")),
    }
    wanted = post.get("step", "")
    if wanted not in steps:
        raise invalid("makeup.step", "没有这一步。", "There is no such step.", "请刷新页面。", "Reload the page.")
    steps[wanted]()
    return redirect("makeup:case", pk=pk)


@page("makeup.serve")
@require_POST
def seat(request: SignedInRequest, pk: int) -> HttpResponse:
    """Into the chair: the next shooting number in an open session."""
    case = get_scoped(request.actor, _CASES, pk=pk)
    wanted = request.POST.get("session", "")
    session = get_scoped(request.actor, CaptureSession, pk=int(wanted) if wanted.isdecimal() else 0)
    seating.seat(request.actor, case, session, uuid.uuid4())
    return redirect("capture:session", pk=session.pk)


@page("makeup.serve")
def scan(request: SignedInRequest) -> HttpResponse:
    """The desk: scan the personal QR, land on the person's case."""
    if request.method == "POST":
        case = seating.case_of_scan(request.actor, request.POST.get("code", "")[:200])
        return redirect("makeup:case", pk=case.pk)
    now = timezone.localtime()
    end_of_day = now.replace(hour=23, minute=59, second=59)
    due = MakeUpBooking.objects.filter(released_at=None, at__lte=end_of_day).values("case")
    booked = scoped(request.actor, _CASES).filter(status=CaseStatus.BOOKED, pk__in=due)
    today = queries.narrowed(booked, {"sort": "at"})
    return render(request, "makeup/scan.html", {"today": today, "now": now})


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
    campaigns = scoped(request.actor, Campaign).select_related("school")
    if request.method == "POST":
        numbers = [request.POST.get(n, "") for n in ("campaign", "unit")]
        campaign_pk, unit_pk = (int(text) if text.isdecimal() else 0 for text in numbers)
        cases.set_recipient(
            request.actor,
            get_scoped(request.actor, campaigns, pk=campaign_pk),
            unit=get_scoped(request.actor, Organisation, pk=unit_pk),
            **{n: request.POST.get(n, "") for n in ("name", "phone", "address", "postcode")},
        )
        messages.success(request, say(Wording("已保存。", "Saved.")))
        return redirect("makeup:recipients")
    kinds = ("school", "department", "learning_centre")
    context = {
        "recipients": scoped(request.actor, DeliveryRecipient).select_related("unit", "campaign"),
        "campaigns": campaigns,
        "units": changeable(request.actor, Organisation, "makeup.ask").filter(kind__in=kinds),
    }
    return render(request, "makeup/recipients.html", context)


@page("makeup.read")
def branch_list(request: SignedInRequest) -> HttpResponse:
    """The directory of branches (R69): printed text, corrected text, search."""
    text = request.GET.get("q", "")[:40]
    context = {"branches": queries.search_branches(text), "q": text, "source": directory_source()}
    return render(request, "makeup/branches.html", context)


@page("makeup.arrange")
@require_POST
def expire(request: SignedInRequest) -> HttpResponse:
    """Close what the season has left open."""
    wanted = request.POST.get("campaign", "")
    campaign = get_scoped(request.actor, Campaign, pk=int(wanted) if wanted.isdecimal() else 0)
    count = cases.expire_overdue(request.actor, campaign)
    messages.success(
        request, say(Wording(f"已按截止日期关闭 {count} 件。", f"{count} closed at the end of the season."))
    )
    return redirect("makeup:list")
