"""What devices tell the room: they work in a process of their own, and the page is where people look."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from gradphoto.apps.capture.models import RoomNotice
from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.schedule.models import CaptureSession
from gradphoto.engine.errors import GradPhotoError

READER, CAMERA = "reader", "camera"
PASSING = timedelta(seconds=10)
"""A refusal of the moment goes by itself; a pulled plug stays."""


def standing(session: CaptureSession, chair: int | None = None) -> QuerySet[RoomNotice]:
    """What the devices of a chair, or of the whole room, have to say now."""
    told = session.notices.filter(Q(until=None) | Q(until__gt=timezone.now()), cleared_at=None)
    return told if chair is None else told.filter(chair=chair)


@action("capture.tell_room", permission="capture.work")
def tell_room(
    actor: Actor, session: CaptureSession, *, source: str, error: GradPhotoError, passing: bool = False, chair: int = 1
) -> RoomNotice:
    """Put a device's sentence and remedy on its chair's screen, in the place of what the same device said before."""
    session.notices.filter(chair=chair, source=source, cleared_at=None).update(cleared_at=timezone.now())
    audit.note(source=source, code=error.code)
    return RoomNotice.objects.create(
        session=session,
        chair=chair,
        source=source,
        code=error.code,
        sentence={"zh": error.message.zh, "en": error.message.en},
        remedy={"zh": error.remedy.zh, "en": error.remedy.en},
        until=timezone.now() + PASSING if passing else None,
    )


@action("capture.clear_notices", permission="capture.work")
def clear_notices(actor: Actor, session: CaptureSession, *, source: str = "", chair: int = 1) -> None:
    """The device works again, or somebody has read it."""
    standing = session.notices.filter(chair=chair, cleared_at=None)
    if source:
        standing = standing.filter(source=source)
    audit.note(cleared=standing.update(cleared_at=timezone.now()))


def works_again(actor: Actor, session: CaptureSession, source: str, chair: int = 1) -> None:
    """A card or a frame came: whatever that device said before is over. Writes nothing on a good day."""
    if session.notices.filter(chair=chair, source=source, cleared_at=None).exists():
        clear_notices(actor, session, source=source, chair=chair)
