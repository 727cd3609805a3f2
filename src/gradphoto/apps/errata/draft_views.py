"""Pages on which a case begins: drafting one, and taking over what graduates disputed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from gradphoto.apps.capture.models import CheckIn, CheckInStatus
from gradphoto.apps.core.errors import invalid
from gradphoto.apps.core.wording import say
from gradphoto.apps.delivery.models import DeliveryReport, Package
from gradphoto.apps.errata import lists
from gradphoto.apps.errata.drafting import (
    Contact,
    Wrong,
    draft_case,
    draft_from_dispute,
    kind_of_dispute,
    last_contact,
)
from gradphoto.apps.errata.kinds import FACTS, ErrataKind
from gradphoto.apps.errata.models import ErrataCase, Origin
from gradphoto.apps.errata.reported import NEEDS_MORE, case_of_report, kind_of_report, link_report
from gradphoto.apps.errata.views import contact_of
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import get_scoped, scoped
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.schedule.models import CaptureSession
from gradphoto.apps.verification.corrections import CorrectionsRefusal
from gradphoto.apps.verification.items import lines
from gradphoto.apps.verification.models import VerificationCase
from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.wording import Wording

_FOUND_AT_MOST = 20
_NOBODY = Contact("", "", "")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address of the draft page says: the kind, the people or the run of shooting numbers."""

    kind: ErrataKind | None
    people: list[Candidate]
    found: list[Candidate]
    session: CaptureSession | None
    first: int | None
    last: int | None
    package: Package | None
    report: DeliveryReport | None = None


@page("errata.draft")
def draft(request: SignedInRequest) -> HttpResponse:
    """Choose the kind and the people, then say what is wrong and who can be asked."""
    asked = _asked(request)
    error: GradPhotoError | None = None
    if request.method == "POST" and asked.kind is not None and asked.people:
        try:
            case = _draft(request, asked, asked.kind)
        except GradPhotoError as refused:
            error = refused
        else:
            messages.success(request, say(Wording("已起草 {n}。", "{n} is drafted.").format(n=case)))
            return redirect("errata:detail", pk=case.pk)
    return render(request, "errata/draft.html", _draft_context(request, asked, error), status=400 if error else 200)


@transaction.atomic
def _draft(request: SignedInRequest, asked: Asked, kind: ErrataKind) -> ErrataCase:
    right = {key.removeprefix("right_"): str(text) for key, text in request.POST.items() if key.startswith("right_")}
    entered = {key: text.strip()[:120] for key, text in right.items() if text.strip()}
    case = draft_case(
        request.actor,
        asked.people[0].campaign,
        kind=kind,
        people=[Wrong(person, entered if len(asked.people) == 1 else {}) for person in asked.people],
        contact=contact_of(request),
        description=request.POST.get("description", ""),
        origin=Origin.DELIVERY if asked.package else Origin.PERSON,
        session=asked.session,
        package=asked.package,
    )
    if asked.report is not None:
        link_report(request.actor, asked.report, case=case)
    return case


def _draft_context(request: SignedInRequest, asked: Asked, error: GradPhotoError | None) -> dict[str, Any]:
    wrong = error.fields if isinstance(error, CorrectionsRefusal) else {}
    single = asked.people[0] if len(asked.people) == 1 else None
    posted = request.method == "POST"
    rows = [
        {"line": line, "value": request.POST.get(f"right_{line.item.field}", ""), "error": wrong.get(line.item.field)}
        for line in (lines(single, {}) if single and asked.kind is ErrataKind.DATA_WRONG else ())
    ]
    return {
        "asked": asked,
        "kinds": [(kind, FACTS[kind]) for kind in ErrataKind],
        "facts": FACTS[asked.kind] if asked.kind else None,
        "shifted": asked.kind is ErrataKind.DATA_SHIFTED,
        "rows": rows,
        "error": error,
        "contact": contact_of(request) if posted else last_contact(request.actor) or _NOBODY,
        "description": request.POST.get("description", asked.report.note if asked.report else ""),
        "sessions": scoped(request.actor, CaptureSession).select_related("campaign")
        if asked.kind is ErrataKind.DATA_SHIFTED
        else (),
        "q": request.GET.get("q", ""),
    }


def _asked(request: SignedInRequest) -> Asked:
    kind = ErrataKind(request.GET["kind"]) if request.GET.get("kind") in ErrataKind.values else None
    mine = scoped(request.actor, Candidate).select_related(
        "department", "campaign__school", "campaign__rule_set", "verification_case"
    )
    chosen = [int(pk) for pk in request.GET.getlist("candidate") if pk.isascii() and pk.isdigit()]
    people = list(mine.filter(pk__in=chosen).order_by("student_no")) if chosen else []
    session_pk, package_pk = _number(request, "session"), _number(request, "package")
    session = get_scoped(request.actor, CaptureSession, pk=session_pk) if session_pk else None
    package = get_scoped(request.actor, Package, pk=package_pk) if package_pk else None
    report_pk = _number(request, "report")
    report = get_scoped(request.actor, DeliveryReport, pk=report_pk) if report_pk else None
    first, last = _number(request, "first"), _number(request, "last")
    if kind is ErrataKind.DATA_SHIFTED:
        if session is None and people:
            session, first = _shot_of(people[0], first)
        people = _run(request, session, first, last) if session and first and last else []
    text = request.GET.get("q", "").strip()
    found = list(mine.filter(Q(name__icontains=text) | Q(student_no__startswith=text))[:_FOUND_AT_MOST]) if text else []
    return Asked(kind, people, found, session, first, last, package, report)


def _shot_of(person: Candidate, first: int | None) -> tuple[CaptureSession | None, int | None]:
    shot = person.check_ins.exclude(status=CheckInStatus.CANCELLED).select_related("session").first()
    return (shot.session, first or shot.shooting_number) if shot else (None, first)


def _run(request: SignedInRequest, session: CaptureSession, first: int, last: int) -> list[Candidate]:
    """The people of a session from one shooting number to another, in that order."""
    shots = scoped(request.actor, CheckIn).filter(session=session, shooting_number__range=(first, last))
    found = shots.exclude(status=CheckInStatus.CANCELLED).order_by("shooting_number")
    related = found.select_related(
        "candidate__department", "candidate__campaign__school", "candidate__campaign__rule_set"
    )
    return [shot.candidate for shot in related]


def _number(request: SignedInRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


@page("errata.draft")
@require_POST
def report_case(request: SignedInRequest, pk: int) -> HttpResponse:
    """One click: a report of the check becomes a case, or joins one; what needs more goes to the draft page filled in."""
    found = DeliveryReport.objects.select_related("candidate__department", "package__campaign__rule_set")
    report = get_scoped(request.actor, found, pk=pk)
    kind, contact = kind_of_report(report, request.POST.get("kind", "")), last_contact(request.actor)
    if contact is None or kind in NEEDS_MORE:
        asked: dict[str, str | int] = {
            "kind": kind.value,
            "candidate": report.candidate_id,
            "package": report.package_id,
            "report": pk,
        }
        return redirect(f"{reverse('errata:draft')}?{urlencode(asked)}")
    case = case_of_report(request.actor, report, contact=contact, kind=kind)
    messages.success(request, say(Wording("已转为勘误 {n}。", "Case {n} deals with it.").format(n=case)))
    return redirect("errata:detail", pk=case.pk)


@page("errata.draft")
def disputes(request: SignedInRequest) -> HttpResponse:
    """What graduates dispute and who is missing online, to be taken over as errata cases: ticked, in one go (R166, R168)."""
    disputed, missing = lists.disputes_to_take(request.actor), lists.missing_online(request.actor)
    if request.method == "POST":
        return _take(request)
    contact = last_contact(request.actor) or _NOBODY
    context = {
        "disputed": [(case, kind_of_dispute(case.dispute_reason)) for case in disputed[: lists.PAGE_SIZE]],
        "missing": missing[: lists.PAGE_SIZE],
        "kinds": [kind for kind in ErrataKind if FACTS[kind].online or kind is ErrataKind.BAD_PHOTO],
        "contact": contact,
    }
    return render(request, "errata/disputes.html", context)


def _take(request: SignedInRequest) -> HttpResponse:
    contact = contact_of(request)
    if contact == _NOBODY:
        contact = last_contact(request.actor) or contact
    if contact == _NOBODY:
        messages.warning(request, say(Wording("请先填写联系方式，再起草。", "Give the contact facts first.")))
        return redirect("errata:disputes")
    cases = _ticked(request, "case")
    people = _ticked(request, "candidate")
    if not cases and not people:
        raise invalid(
            "errata.nobody_ticked", "请先勾选人员。", "Tick somebody first.", "在左侧勾选。", "Tick at the left."
        )
    with transaction.atomic():  # all of the ticked or none
        made = _draft_ticked(request, contact, cases, people)
    messages.success(request, say(Wording("已起草 {n} 件勘误。", "{n:case is|cases are} drafted.").format(n=len(made))))
    return redirect("errata:detail", pk=made[0].pk) if len(made) == 1 else redirect("errata:list")


def _draft_ticked(request: SignedInRequest, contact: Contact, cases: list[int], people: list[int]) -> list[ErrataCase]:
    disputed = scoped(request.actor, VerificationCase).filter(pk__in=cases)
    absent = scoped(request.actor, Candidate).filter(pk__in=people).select_related("department", "campaign__rule_set")
    words = Wording("同批同学可以查询，本人查询不到图像", "Others of the batch are online, this one is not")
    return [
        draft_from_dispute(request.actor, case, contact=contact, kind=_kind(request, case.pk))
        for case in disputed.select_related("candidate__department", "candidate__campaign__rule_set")
    ] + [
        draft_case(
            request.actor,
            person.campaign,
            kind=ErrataKind.NO_IMAGE,
            people=[Wrong(person)],
            contact=contact,
            description=say(words),
            origin=Origin.VERIFICATION,
        )
        for person in absent
    ]


def _ticked(request: SignedInRequest, name: str) -> list[int]:
    return [int(pk) for pk in request.POST.getlist(name) if pk.isascii() and pk.isdigit()]


def _kind(request: SignedInRequest, pk: int) -> ErrataKind | None:
    chosen = request.POST.get(f"kind_{pk}", "")
    return ErrataKind(chosen) if chosen in ErrataKind.values else None
