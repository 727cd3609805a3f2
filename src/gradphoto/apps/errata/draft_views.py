"""Pages on which a case begins: drafting one, and taking over what graduates disputed."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from gradphoto.apps.capture.models import CheckIn, CheckInStatus
from gradphoto.apps.core.wording import say
from gradphoto.apps.delivery.models import DeliveryReport, Package
from gradphoto.apps.errata import lists
from gradphoto.apps.errata.drafting import last_contact
from gradphoto.apps.errata.drafting_forms import DraftForm, ReportAs, TakeDisputes
from gradphoto.apps.errata.kinds import FACTS, ErrataKind
from gradphoto.apps.errata.models import ErrataCase
from gradphoto.apps.errata.reported import NEEDS_MORE, case_of_report, kind_of_report
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import get_scoped, scoped
from gradphoto.apps.pages.first_rows import first_rows
from gradphoto.apps.pages.forms import ActionForm, form_action, posted_form, sent_values, ticks
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.roster.persons import first_of
from gradphoto.apps.roster.typed import named
from gradphoto.apps.schedule.models import CaptureSession
from gradphoto.engine.wording import Wording

_FOUND_AT_MOST = 20


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
    if request.method == "POST" and asked.kind is not None and asked.people:
        form = posted_form(request, (DraftForm,), asked)
        return form_action(
            request,
            form,
            again=lambda form: _draft_page(request, _asked(request), form),
            done=lambda case: redirect("errata:detail", pk=case.pk),
        )
    return _draft_page(request, asked)


def _draft_page(request: SignedInRequest, asked: Asked, posted: ActionForm | None = None) -> HttpResponse:
    ready = asked.kind is not None and bool(asked.people)
    context = {
        "asked": asked,
        "kinds": [(kind, FACTS[kind]) for kind in ErrataKind],
        "facts": FACTS[asked.kind] if asked.kind else None,
        "shifted": asked.kind is ErrataKind.DATA_SHIFTED,
        "form": (posted or DraftForm(request.actor, asked)) if ready else None,
        "sessions": scoped(request.actor, CaptureSession).select_related("campaign")
        if asked.kind is ErrataKind.DATA_SHIFTED
        else (),
        "q": request.GET.get("q", ""),
    }
    return render(request, "errata/draft.html", context)


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
    found = first_rows(mine.filter(named(text)), _FOUND_AT_MOST) if text else []
    return Asked(kind, people, found, session, first, last, package, report)


def _shot_of(person: Candidate, first: int | None) -> tuple[CaptureSession | None, int | None]:
    shots = CheckIn.objects.filter(candidate=first_of(person))
    shot = shots.exclude(status=CheckInStatus.CANCELLED).select_related("session").first()
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
    kind, contact = kind_of_report(report, sent_values(request, ReportAs)["kind"] or ""), last_contact(request.actor)
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
    if request.method == "POST":
        form = posted_form(request, (TakeDisputes,), None)
        return form_action(request, form, again=lambda form: _disputes(request, form), done=_taken)
    return _disputes(request)


def _taken(made: list[ErrataCase]) -> HttpResponse:
    return redirect("errata:detail", pk=made[0].pk) if len(made) == 1 else redirect("errata:list")


def _disputes(request: SignedInRequest, posted: ActionForm | None = None) -> HttpResponse:
    form = posted or TakeDisputes(request.actor)
    disputed = first_rows(lists.disputes_to_take(request.actor), lists.PAGE_SIZE)
    context = {
        "disputed": disputed.drawn(lambda case: (case, form[f"kind_{case.pk}"])),
        "missing": first_rows(lists.missing_online(request.actor), lists.PAGE_SIZE),
        "form": form,
        "ticked": ticks(posted, "case") if posted else {case.pk for case in disputed},
        "ticked_people": ticks(posted, "candidate"),
    }
    return render(request, "errata/disputes.html", context)
