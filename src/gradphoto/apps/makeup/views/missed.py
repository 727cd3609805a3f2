"""The end of the day: who was missed, class by class, with the reason, as table and as a poster (R104, R140)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from gradphoto.apps.capture.queries import missed
from gradphoto.apps.core.addresses import site_address
from gradphoto.apps.core.wording import say
from gradphoto.apps.makeup import cases, queries
from gradphoto.apps.makeup.models import MakeUpCase, ReasonKind
from gradphoto.apps.makeup.models.cases import OVER
from gradphoto.apps.makeup.tokens import qr
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import changeable, get_scoped, scoped
from gradphoto.apps.pages.downloads import download
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.schedule.models import CaptureSession, SessionStatus
from gradphoto.engine.wording import Wording

_SESSIONS = CaptureSession.objects.select_related("campaign__school", "campaign__centre")
_DAYS_ON_A_POSTER = 8


@dataclass(frozen=True, slots=True)
class MissedClass:
    """A class and its missed, each with the make-up that is under way for them, if any."""

    name: str
    season: str
    rows: tuple[tuple[Candidate, MakeUpCase | None], ...]


def _people(request: SignedInRequest, session: CaptureSession) -> QuerySet[Candidate]:
    return changeable(request.actor, missed(session), "makeup.open")


def _classes(request: SignedInRequest, people: QuerySet[Candidate]) -> list[MissedClass]:
    running = scoped(request.actor, MakeUpCase).filter(candidate__in=people.values("pk")).exclude(status__in=OVER)
    under_way = {case.candidate_id: case for case in running}
    ordered = people.order_by("department__path", "class_name", "season", "student_no")
    groups = groupby(ordered, key=lambda one: (f"{one.department.name} {one.class_name}".strip(), one.season))
    return [
        MissedClass(name, season, tuple((one, under_way.get(one.pk)) for one in members))
        for (name, season), members in groups
    ]


@page("makeup.open")
def missed_of(request: SignedInRequest, pk: int) -> HttpResponse:
    """The missed of a session, ticked, class by class: one click makes their cases with the reasons as entered."""
    session = get_scoped(request.actor, _SESSIONS, pk=pk)
    people = _people(request, session)
    if request.method == "POST":
        wanted = [int(one) for one in request.POST.getlist("candidate") if one.isdecimal()]
        told = {pk: (request.POST.get(f"kind_{pk}", ""), request.POST.get(f"why_{pk}", "")) for pk in wanted}
        made = cases.open_missed(
            request.actor, session, candidates=people.filter(pk__in=wanted).order_by(), reasons=told
        )
        messages.success(request, say(Wording(f"已建立 {len(made)} 件补拍。", f"{len(made)} make-up cases opened.")))
        return redirect("makeup:list")
    classes = _classes(request, people)
    if request.GET.get("format") == "xlsx":
        return download(queries.missed_workbook(row for one in classes for row in one.rows), f"missed-{pk}.xlsx")
    context = {
        "session": session,
        "classes": classes,
        "count": sum(len(one.rows) for one in classes),
        "without_case": sum(case is None for one in classes for _, case in one.rows),
        "closed": session.status == SessionStatus.CLOSED,
        "reasons": ReasonKind,
    }
    return render(request, "makeup/missed.html", context)


@page("makeup.open")
def poster(request: SignedInRequest, pk: int) -> HttpResponse:
    """A notice for the door and the class group: how many of which class, what to do, until when. No names on it."""
    session = get_scoped(request.actor, _SESSIONS, pk=pk)
    door = site_address(reverse("makeupform:enter"))
    days = [
        (calendar, tuple(open_days)[:_DAYS_ON_A_POSTER])
        for calendar, open_days in queries.open_days(session.campaign.centre_id)
    ]
    context = {
        "session": session,
        "classes": _classes(request, _people(request, session)),
        "door": door,
        "qr": qr(door),
        "days": days,
        "last_day": cases.last_day_of(session.campaign),
    }
    return render(request, "makeup/poster.html", context)
