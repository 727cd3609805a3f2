"""Reads of the room: who is in the chair, who is next, who is missing."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar

from django.db.models import Case, Max, Model, Prefetch, QuerySet, When

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.capture.models import Assessment, CheckIn, CheckInStatus, Frame, FrameStatus
from gradphoto.apps.capture.room.chairs import queue_of
from gradphoto.apps.capture.room_clock import tells_latest
from gradphoto.apps.core.prepared import Prepared
from gradphoto.apps.pages.first_rows import FirstRows, first_rows
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.roster.typed import named
from gradphoto.apps.schedule.models import CaptureSession

M = TypeVar("M", bound=Model)
DONE = (CheckInStatus.SHOT, CheckInStatus.CONFIRMED)
_FOUND_AT_MOST = 20


def missed(session: CaptureSession) -> QuerySet[Candidate]:
    """Those on the session's list and not photographed (漏拍, R104), in shooting order."""
    return _missed(session.pk, session.campaign_id).select_related("department")


def _missed(session: Any, campaign: Any) -> QuerySet[Candidate]:
    done = CheckIn.objects.filter(campaign=campaign, status__in=DONE).values("candidate")
    listed = Candidate.objects.filter(appointment__slot__session=session).exclude(pk__in=done)
    return listed.order_by("appointment__slot__starts_at", "appointment__position")


def next_at(session: CaptureSession, chair: int, most: int) -> list[Candidate]:
    """Who comes next at a chair: first its own line, then those who wait at the others (R102)."""
    waiting = [one.pk for one in _WAITING.all(session=session.pk, campaign=session.campaign_id)]
    if session.chairs > 1:
        line = queue_of(session, chair)
        waiting.sort(key=lambda pk: pk not in line)
    return [found for pk in waiting[:most] if (found := _PERSON.first(pk=pk)) is not None]


def photographed(campaign: Campaign) -> QuerySet[Candidate]:
    """Everybody of a campaign who is photographed: the side of the reconciliation that fees cannot see (R138)."""
    return Candidate.objects.filter(
        pk__in=CheckIn.objects.filter(campaign=campaign, status__in=DONE).values("candidate")
    )


@tells_latest
def latest_moment() -> datetime | None:
    """The latest swipe, leaving or frame on record, by the room's own time; ``None`` before the first."""
    swiped = CheckIn.objects.aggregate(at=Max("at"), closed=Max("closed_at"))
    moments = [swiped["at"], swiped["closed"], Frame.objects.aggregate(at=Max("arrived_at"))["at"]]
    return max((moment for moment in moments if moment is not None), default=None)


def in_chair(session: CaptureSession, chair: int = 1) -> CheckIn | None:
    """The chair's open check-in, if any."""
    return next(iter(here(session, _IN_CHAIR, chair=chair)), None)


def just_left(session: CaptureSession, chair: int = 1) -> CheckIn | None:
    """The person photographed last there, whose picture stays on the screen until the next one is seated."""
    return next(iter(here(session, _JUST_LEFT, chair=chair)), None)


def last_frame(check_in: CheckIn) -> Frame | None:
    """The frame to show: the accepted one, else the newest."""
    frame = _LAST_FRAME.first(check_in=check_in.pk)
    if frame is not None:
        frame.check_in = check_in
    return frame


def here(session: CaptureSession, question: Prepared[M], **values: Any) -> list[M]:
    """What answers a kept question about a session; each record knows the session itself, not a copy of it."""
    found = question.all(session=session.pk, **values)
    for one in found:
        one.session = session  # type: ignore[attr-defined]
    return found


# What every page of a room that waits asks at each change: put together once (``core.prepared``).
_IN_CHAIR: Prepared[CheckIn] = Prepared(
    lambda session, chair: (
        CheckIn.objects.filter(session=session, chair=chair, status=CheckInStatus.OPEN)
        .select_related("candidate__department")
        .order_by("pk")[:1]
    )
)
_JUST_LEFT: Prepared[CheckIn] = Prepared(
    lambda session, chair: (
        CheckIn.objects.filter(session=session, chair=chair, status__in=DONE, closed_at__isnull=False)
        .select_related("candidate__department")
        .order_by("-closed_at")[:1]
    )
)
_USED_FIRST = Case(When(status=FrameStatus.ACCEPTED, then=0), default=1)
_LAST_FRAME: Prepared[Frame] = Prepared(
    lambda check_in: Frame.objects.filter(check_in=check_in).order_by(_USED_FIRST, "-arrived_at", "-pk")[:1]
)
_WAITING: Prepared[Candidate] = Prepared(lambda session, campaign: _missed(session, campaign).only("pk"))
_PERSON: Prepared[Candidate] = Prepared(lambda pk: Candidate.objects.filter(pk=pk).select_related("department"))
_OF_CLASS: Prepared[Candidate] = Prepared(
    lambda session, campaign, class_name: _missed(session, campaign).filter(class_name=class_name)
)


def frames_of(candidate: Candidate) -> QuerySet[Frame]:
    """All frames of a person, newest first, each with its present assessment and the decisions on it."""
    frames = Frame.objects.filter(check_in__candidate=candidate).select_related("check_in", "session", "review")
    return frames.prefetch_related(
        Prefetch("assessments", Assessment.objects.filter(current=True)),
        "review__decisions__by",
        "review__decisions__reasons",
    ).order_by("-arrived_at", "-pk")


def not_come(session: CaptureSession, class_name: str) -> list[Candidate]:
    """Who of a class stands on this session's list and has not been photographed."""
    return _OF_CLASS.all(session=session.pk, campaign=session.campaign_id, class_name=class_name)


def search(session: CaptureSession, text: str) -> FirstRows[Candidate]:
    """People of the campaign by name or student number, for those without a card (R96)."""
    if not text.strip():
        return first_rows((), _FOUND_AT_MOST)
    found = session.campaign.candidates.filter(named(text)).select_related("department")
    return first_rows(found.order_by("student_no"), _FOUND_AT_MOST)
