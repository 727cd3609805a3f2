"""The room's board: every chair with who sits there and what it waits for, for whoever leads a room with several (R86)."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import render

from gradphoto.apps.capture import queries, stamps
from gradphoto.apps.capture.models import CheckIn
from gradphoto.apps.capture.room import screen
from gradphoto.apps.capture.room.chairs import chairs_of, queue_of
from gradphoto.apps.capture.room.pages import room_of
from gradphoto.apps.capture.room.sessions import count_session
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import get_scoped
from gradphoto.apps.schedule.models import CaptureSession


@dataclass(frozen=True, slots=True)
class Tile:
    """One chair: what its screen says, who is there or was there last, how many it has done and how many queue there."""

    chair: int
    banner: screen.Banner
    seated: CheckIn | None
    is_here: bool
    done: int
    queue: int
    alarms: int


@page("capture.watch")
def room_board(request: SignedInRequest, pk: int) -> HttpResponse:
    """All chairs of a session on one page; the page asks twice a second and is answered only when something changed."""
    session = get_scoped(request.actor, CaptureSession.objects.select_related("campaign__school", "room"), pk=pk)
    stamp = stamps.stamp(session)
    if request.htmx and request.GET.get("seen", "") == stamp:
        return HttpResponse(status=204)
    context = {"session": session, "stamp": stamp, "tiles": tiles(session), "count": count_session(session)}
    return render(request, "capture/board_live.html" if request.htmx else "capture/board.html", context)


def tiles(session: CaptureSession) -> list[Tile]:
    """Every chair of the session, by number."""
    shot = session.check_ins.filter(status__in=queries.DONE).order_by()
    done = dict(shot.values_list("chair").annotate(count=Count("pk")))
    missing = set(queries.missed(session).values_list("pk", flat=True))
    return [
        _tile(session, chair, done.get(chair, 0), len(queue_of(session, chair) & missing))
        for chair in chairs_of(session)
    ]


def _tile(session: CaptureSession, chair: int, done: int, queue: int) -> Tile:
    room = room_of(session, chair)
    seated = room.chair or room.before
    return Tile(chair, screen.banner(room), seated, room.chair is not None, done, queue, len(room.alarms))
