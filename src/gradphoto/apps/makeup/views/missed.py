"""The end of the day: who was missed, class by class, with the reason, as table and as a poster (R104, R140)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from gradphoto.apps.capture.queries import missed
from gradphoto.apps.core.addresses import site_address
from gradphoto.apps.makeup import cases, queries
from gradphoto.apps.makeup.forms.cases import OpenMissed
from gradphoto.apps.makeup.models import MakeUpCase
from gradphoto.apps.makeup.models.cases import OVER
from gradphoto.apps.makeup.tokens import qr
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import changeable, get_scoped, scoped
from gradphoto.apps.pages.downloads import download
from gradphoto.apps.pages.first_rows import first_rows
from gradphoto.apps.pages.forms import ActionForm, form_action, posted_form, ticks
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.schedule.models import CaptureSession, SessionStatus

_SESSIONS = CaptureSession.objects.select_related("campaign__school", "campaign__centre")
_DAYS_ON_A_POSTER = 8


@dataclass(frozen=True, slots=True)
class Missed:
    """Who was missed in a session, of those whom the viewer may open a case for."""

    session: CaptureSession
    people: QuerySet[Candidate]


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
    missed_people = Missed(session, _people(request, session))
    if request.method == "POST":
        return form_action(
            request,
            posted_form(request, (OpenMissed,), missed_people),
            again=lambda form: _missed(request, missed_people, form),
            done=lambda made: redirect("makeup:list"),
        )
    return _missed(request, missed_people)


def _missed(request: SignedInRequest, missed_people: Missed, posted: ActionForm | None = None) -> HttpResponse:
    session, people = missed_people.session, missed_people.people
    form = posted or OpenMissed(request.actor, missed_people)
    classes = _classes(request, people)
    if request.GET.get("format") == "xlsx":
        return download(
            queries.missed_workbook(row for one in classes for row in one.rows), f"missed-{session.pk}.xlsx"
        )
    context = {
        "form": form,
        "ticked": ticks(posted, "candidate"),
        "session": session,
        "classes": [
            (one, [(who, case, form[f"kind_{who.pk}"], form[f"why_{who.pk}"]) for who, case in one.rows])
            for one in classes
        ],
        "count": sum(len(one.rows) for one in classes),
        "without_case": sum(case is None for one in classes for _, case in one.rows),
        "closed": session.status == SessionStatus.CLOSED,
    }
    return render(request, "makeup/missed.html", context)


@page("makeup.open")
def poster(request: SignedInRequest, pk: int) -> HttpResponse:
    """A notice for the door and the class group: how many of which class, what to do, until when. No names on it."""
    session = get_scoped(request.actor, _SESSIONS, pk=pk)
    door = site_address(reverse("makeupform:enter"))
    days = [
        (calendar, first_rows(tuple(open_days), _DAYS_ON_A_POSTER))
        for calendar, open_days in queries.open_days(session.campaign)
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
