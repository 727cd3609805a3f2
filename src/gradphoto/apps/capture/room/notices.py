"""What devices tell the room: they work in a process of their own, and the page is where people look."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from gradphoto.apps.capture.models import Hold, RoomNotice
from gradphoto.apps.capture.room.chairs import queue_of
from gradphoto.apps.capture.room_clock import room_now
from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.prepared import Prepared
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.schedule.models import CaptureSession
from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.pairing import LaidInVain
from gradphoto.engine.pairing.model import Span

READER, CAMERA, SCANNER, PAGE = "reader", "camera", "scanner", "page"
CARD_SOURCES = (READER, SCANNER, PAGE)
"""By which somebody says who sits down: devices, and the page with its code field and its search by hand."""
SWIPED_AGAIN = "capture.swiped_again"
"""Who sits there lays the own card down once more: nobody else wants to sit there."""
PASSING = timedelta(seconds=10)
"""A refusal of the moment goes by itself; a pulled plug stays."""


def standing(session: CaptureSession, chair: int | None = None) -> QuerySet[RoomNotice]:
    """What the devices of a chair, or of the whole room, have to say now."""
    told = session.notices.filter(stands_at(room_now()))
    return told if chair is None else told.filter(chair=chair)


def stands_at(now: datetime) -> Q:
    """What was neither mended nor of a moment that is over."""
    return Q(Q(until=None) | Q(until__gt=now), cleared_at=None)


def cards_in_vain(session: CaptureSession, chair: int) -> tuple[tuple[LaidInVain, ...], tuple[Span, ...]]:
    """Cards and codes that were refused, held or not read, so that their holder may sit there unnoticed; and the spans in
    which the chair's reader told nothing at all. At any chair of the room: its readers may be exchanged. So who queues here and
    was read at another chair may sit here as well."""
    told = _OF_CARDS.all(session=session.pk)
    laid = [LaidInVain(one.at, one.candidate_id) for one in told]
    laid += [LaidInVain(one.at, one.candidate_id, until=one.decided_at) for one in _HELD.all(session=session.pk)]
    laid = sorted([*laid, *_read_elsewhere(session, chair)], key=lambda one: one.at)
    return tuple(laid), tuple((one.at, one.cleared_at) for one in told if one.until is None and one.chair == chair)


_OF_CARDS: Prepared[RoomNotice] = Prepared(
    lambda session: (
        RoomNotice.objects.filter(session=session, source__in=CARD_SOURCES)
        .exclude(code=SWIPED_AGAIN)
        .order_by("at")
        .only("at", "until", "cleared_at", "chair", "candidate")
    )
)
_HELD: Prepared[Hold] = Prepared(
    lambda session: Hold.objects.filter(session=session).order_by("at").only("at", "candidate", "decided_at")
)


def _read_elsewhere(session: CaptureSession, chair: int) -> list[LaidInVain]:
    if session.chairs == 1:
        return []
    others = session.check_ins.exclude(chair=chair).filter(candidate__in=queue_of(session, chair))
    return [LaidInVain(at, person, elsewhere=True) for at, person in others.values_list("at", "candidate")]


@action("capture.tell_room", permission="capture.work")
def tell_room(
    actor: Actor,
    session: CaptureSession,
    *,
    source: str,
    error: GradPhotoError,
    passing: bool = False,
    chair: int = 1,
    of: Candidate | None = None,
) -> RoomNotice:
    """Put a device's sentence and remedy on its chair's screen, in the place of what the same device said before.

    ``of``: whose card it was. What the page itself answered (``PAGE``) is kept without being shown a second time.
    """
    session.notices.filter(chair=chair, source=source, cleared_at=None).update(cleared_at=room_now())
    audit.note(source=source, code=error.code)
    return RoomNotice.objects.create(
        session=session,
        chair=chair,
        source=source,
        code=error.code,
        sentence={"zh": error.message.zh, "en": error.message.en},
        remedy={"zh": error.remedy.zh, "en": error.remedy.en},
        candidate=of,
        until=room_now() + PASSING if passing else None,
        cleared_at=room_now() if source == PAGE else None,
    )


@contextmanager
def refusal_kept(actor: Actor, session: CaptureSession, chair: int = 1, of: Candidate | None = None) -> Iterator[None]:
    """Around a check-in at the page: who was refused there may sit down all the same, as after a refused card."""
    try:
        yield
    except GradPhotoError as error:
        tell_room(actor, session, source=PAGE, error=error, passing=True, chair=chair, of=of)
        raise


@action("capture.clear_notices", permission="capture.work")
def clear_notices(actor: Actor, session: CaptureSession, *, source: str = "", chair: int = 1) -> None:
    """The device works again, or somebody has read it."""
    standing = session.notices.filter(chair=chair, cleared_at=None)
    if source:
        standing = standing.filter(source=source)
    audit.note(cleared=standing.update(cleared_at=room_now()))


def works_again(actor: Actor, session: CaptureSession, source: str, chair: int = 1) -> None:
    """A card or a frame came: whatever that device said before is over. Writes nothing on a good day."""
    if session.notices.filter(chair=chair, source=source, cleared_at=None).exists():
        clear_notices(actor, session, source=source, chair=chair)
