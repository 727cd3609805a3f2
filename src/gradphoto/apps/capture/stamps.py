"""By what a waiting page knows that something has happened: a few figures of a chair, or of the whole room."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Max, Q, QuerySet, Subquery
from django.db.models.expressions import Combinable
from django.db.models.functions import JSONObject

from gradphoto.apps.capture.models import (
    Alarm,
    Assessment,
    CameraClock,
    CheckIn,
    CheckInStatus,
    Frame,
    FrameStatus,
    Hold,
    RoomNotice,
    RoomStep,
)
from gradphoto.apps.capture.queries import DONE
from gradphoto.apps.capture.room.notices import stands_at
from gradphoto.apps.capture.room_clock import room_now
from gradphoto.apps.capture.room_state import BEHIND, NOTHING_CAME, disk_trouble
from gradphoto.apps.core.prepared import Prepared
from gradphoto.apps.schedule.models import CaptureSession


def stamp(session: CaptureSession, chair: int | None = None) -> str:
    """Figures that change with everything a chair's screen shows, or the whole room's board; cheap enough to be asked
    several times a second by every page that waits, as each costs the verdicts of all rooms: one kept question.

    Of a chair there stands, behind a semicolon, what the other chairs add to its count of the day (``is_the_same_here``).
    Raises ``CaptureSession.DoesNotExist`` when the session is gone.
    """
    now = room_now()
    given = {"session": session.pk} | ({} if chair is None else {"chair": chair})
    row = _QUESTIONS[chair is not None].first(since=now - NOTHING_CAME, ahead=now + BEHIND, now=now, **given)
    if row is None:
        raise CaptureSession.DoesNotExist
    trouble = disk_trouble()
    figures = [figure for name in _TABLES for _, figure in sorted((getattr(row, name) or _NOBODY).items())]
    figures += [getattr(row, name) for name in _NAMES]
    done: int | None = vars(row)["done"]
    mine = ",".join(str(figure or 0) for figure in (row.status, *figures, trouble and trouble.code))
    return f"{mine};{done or 0}"


def is_the_same_here(one: str, other: str) -> bool:
    """Whether two stamps of a chair tell of nothing new there: that somebody was photographed at another one can wait."""
    return one.partition(";")[0] == other.partition(";")[0]


_TABLES, _NOBODY = ("of_people", "of_frames"), {"00": 0}
_NAMES = ("measured", "clock", "holding", "asking", "step", "undone", "told")


def _figures(session: Any, since: Any, ahead: Any, now: Any, **chair: Any) -> QuerySet[CaptureSession]:
    of, here = {"session": session, **chair}, Q(**chair)
    waits = Q(status=CheckInStatus.OPEN, at__lt=since)
    steps = RoomStep.objects.filter(**of)
    return CaptureSession.objects.filter(pk=session).order_by().only("pk", "status").annotate(
        of_people=_several(
            CheckIn.objects.filter(session=session), Max("pk", filter=here), Count("pk", filter=here & waits),
            Count("pk", filter=Q(at__gt=ahead)),
            *(Count("pk", filter=here & Q(status=status)) for status in CheckInStatus.values),
        ),
        of_frames=_several(
            Frame.objects.filter(**of), Max("pk"), Count("pk", filter=Q(review__state="held")),
            *(Count("pk", filter=Q(status=status)) for status in FrameStatus.values),
        ),
        done=_only(CheckIn.objects.filter(session=session, status__in=DONE), Count("pk")),
        measured=_only(
            Assessment.objects.filter(**{f"frame__{name}": value for name, value in of.items()}), Max("pk"), "frame__session"
        ),
        clock=_only(CameraClock.objects.filter(**of), Max("pk")),
        holding=_only(Hold.objects.filter(decision="", **of), Count("pk")),
        asking=_only(Alarm.objects.filter(settled_at=None, **of), Count("pk")),
        step=_only(steps, Max("pk")),
        undone=_only(steps, Count("undone_at")),
        told=_only(RoomNotice.objects.filter(stands_at(now), **of), Max("pk")),
    )  # fmt: skip


def _only(rows: QuerySet[Any], figure: Combinable, by: str = "session") -> Subquery:
    return Subquery(rows.order_by().values(by).annotate(figure=figure).values("figure"))


def _several(rows: QuerySet[Any], *figures: Max | Count) -> Subquery:
    """Several figures of one table, which is read once."""
    named = {f"{place:02d}": figure for place, figure in enumerate(figures)}
    return _only(rows, JSONObject(**named))


_QUESTIONS: dict[bool, Prepared[CaptureSession]] = {True: Prepared(_figures), False: Prepared(_figures)}
"""By whether it is of one chair: each has its own text."""
