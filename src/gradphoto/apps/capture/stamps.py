"""By what a waiting page knows that something has happened: a few figures of a chair, or of the whole room."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Max, Q, QuerySet, Subquery

from gradphoto.apps.capture.models import (
    Alarm,
    Assessment,
    CameraClock,
    CheckInStatus,
    FrameStatus,
    Hold,
    RoomNotice,
    RoomStep,
)
from gradphoto.apps.capture.queries import DONE
from gradphoto.apps.capture.room.notices import stands_at
from gradphoto.apps.capture.room_clock import room_now
from gradphoto.apps.capture.room_state import NOTHING_CAME, troubles
from gradphoto.apps.core.prepared import Prepared
from gradphoto.apps.schedule.models import CaptureSession


def stamp(session: CaptureSession, chair: int | None = None) -> str:
    """Figures that change with everything a chair's screen shows, or the whole room's board; cheap enough to be asked
    several times a second by every page that waits, as each costs the verdicts of all rooms: the questions are kept."""
    now = room_now()
    given = {"session": session.pk} | ({} if chair is None else {"chair": chair})
    people, frames, beside = _QUESTIONS[chair is not None]
    rows = people.first(since=now - NOTHING_CAME, **given), frames.first(**given), beside.first(now=now, **given)
    figures = [getattr(row, name, None) for row, names in zip(rows, _NAMES, strict=True) for name in names]
    computer = "".join(trouble.code for trouble in troubles(session))
    return ",".join(str(figure or 0) for figure in (session.status, *figures, computer))


_BY_STATUS = {f"people_{status}": status for status in CheckInStatus.values}
_NAMES = (
    ("people_last", *_BY_STATUS, "people_wait", "people_done"),
    ("frames_last", "frames_bound", "frames_accepted", "frames_rejected", "frames_held"),
    ("measured", "clock", "holding", "asking", "step", "undone", "told"),
)


def _sessions(session: Any) -> QuerySet[CaptureSession]:
    return CaptureSession.objects.filter(pk=session).order_by().only("pk")


def _people(session: Any, since: Any, **chair: Any) -> QuerySet[CaptureSession]:
    here = Q(**{f"check_ins__{name}": value for name, value in chair.items()})
    waits = Q(check_ins__status=CheckInStatus.OPEN, check_ins__at__lt=since)
    return _sessions(session).annotate(
        people_last=Max("check_ins", filter=here),
        people_wait=Count("check_ins", filter=here & waits),
        people_done=Count("check_ins", filter=Q(check_ins__status__in=DONE)),
        **{name: Count("check_ins", filter=here & Q(check_ins__status=status)) for name, status in _BY_STATUS.items()},
    )


def _frames(session: Any, **chair: Any) -> QuerySet[CaptureSession]:
    here = Q(**{f"frames__{name}": value for name, value in chair.items()})

    def which(**wanted: Any) -> Count:
        return Count("frames", filter=here & Q(**{f"frames__{name}": value for name, value in wanted.items()}))

    return _sessions(session).annotate(
        frames_last=Max("frames", filter=here),
        frames_bound=which(status=FrameStatus.BOUND),
        frames_accepted=which(status=FrameStatus.ACCEPTED),
        frames_rejected=which(status=FrameStatus.REJECTED),
        frames_held=which(review__state="held"),
    )


def _beside(session: Any, now: Any, **chair: Any) -> QuerySet[CaptureSession]:
    of = {"session": session, **chair}
    judged = Assessment.objects.filter(**{f"frame__{name}": value for name, value in of.items()})
    steps = RoomStep.objects.filter(**of)
    return _sessions(session).annotate(
        measured=_only(judged, Max("pk"), "frame__session"),
        clock=_only(CameraClock.objects.filter(**of), Max("pk")),
        holding=_only(Hold.objects.filter(decision="", **of), Count("pk")),
        asking=_only(Alarm.objects.filter(settled_at=None, **of), Count("pk")),
        step=_only(steps, Max("pk")),
        undone=_only(steps, Count("undone_at")),
        told=_only(RoomNotice.objects.filter(stands_at(now), **of), Max("pk")),
    )


def _only(rows: QuerySet[Any], figure: Max | Count, by: str = "session") -> Subquery:
    return Subquery(rows.order_by().values(by).annotate(figure=figure).values("figure"))


_QUESTIONS: dict[bool, tuple[Prepared[CaptureSession], Prepared[CaptureSession], Prepared[CaptureSession]]] = {
    one_chair: (Prepared(_people), Prepared(_frames), Prepared(_beside)) for one_chair in (False, True)
}
