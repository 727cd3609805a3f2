"""Reads of the room: who is in the chair, who is next, who is missing."""

from __future__ import annotations

from django.db.models import Prefetch, QuerySet

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.capture.models import Assessment, CheckIn, CheckInStatus, Frame, FrameStatus
from gradphoto.apps.capture.room.chairs import queue_of
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.roster.typed import named
from gradphoto.apps.schedule.models import CaptureSession

DONE = (CheckInStatus.SHOT, CheckInStatus.CONFIRMED)


def missed(session: CaptureSession) -> QuerySet[Candidate]:
    """Those on the session's list and not photographed (漏拍, R104), in shooting order."""
    done = CheckIn.objects.filter(campaign=session.campaign_id, status__in=DONE).values("candidate")
    listed = Candidate.objects.filter(appointment__slot__session=session).exclude(pk__in=done)
    return listed.select_related("department").order_by("appointment__slot__starts_at", "appointment__position")


def next_at(session: CaptureSession, chair: int, most: int) -> list[Candidate]:
    """Who comes next at a chair: first its own line, then those who wait at the others (R102)."""
    people = missed(session)
    if session.chairs == 1:
        return list(people[:most])
    line, waiting = queue_of(session, chair), list(people)
    return sorted(waiting, key=lambda one: one.pk not in line)[:most]


def photographed(campaign: Campaign) -> QuerySet[Candidate]:
    """Everybody of a campaign who is photographed: the side of the reconciliation that fees cannot see (R138)."""
    return Candidate.objects.filter(
        pk__in=CheckIn.objects.filter(campaign=campaign, status__in=DONE).values("candidate")
    )


def in_chair(session: CaptureSession, chair: int = 1) -> CheckIn | None:
    """The chair's open check-in, if any."""
    return (
        session.check_ins.filter(chair=chair, status=CheckInStatus.OPEN).select_related("candidate__department").first()
    )


def just_left(session: CaptureSession, chair: int = 1) -> CheckIn | None:
    """The person photographed last there, whose picture stays on the screen until the next one is seated."""
    shot = session.check_ins.filter(chair=chair, status__in=DONE, closed_at__isnull=False)
    return shot.select_related("candidate__department").order_by("-closed_at").first()


def last_frame(check_in: CheckIn) -> Frame | None:
    """The frame to show: the accepted one, else the newest."""
    used = check_in.frames.filter(status=FrameStatus.ACCEPTED).first()
    return used or check_in.frames.order_by("-arrived_at", "-pk").first()


def frames_of(candidate: Candidate) -> QuerySet[Frame]:
    """All frames of a person, newest first, each with its present assessment and the decisions on it."""
    frames = Frame.objects.filter(check_in__candidate=candidate).select_related("check_in", "session", "review")
    return frames.prefetch_related(
        Prefetch("assessments", Assessment.objects.filter(current=True)),
        "review__decisions__by",
        "review__decisions__reasons",
    ).order_by("-arrived_at", "-pk")


def not_come(session: CaptureSession, class_name: str) -> QuerySet[Candidate]:
    """Who of a class stands on this session's list and has not been photographed."""
    return missed(session).filter(class_name=class_name)


def search(session: CaptureSession, text: str) -> QuerySet[Candidate]:
    """People of the campaign by name or student number, for those without a card (R96)."""
    if not text.strip():
        return Candidate.objects.none()
    return session.campaign.candidates.filter(named(text)).select_related("department").order_by("student_no")[:20]
