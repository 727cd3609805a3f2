"""The time of the room. Swipes, frames and measurements are compared by it, so at a station nobody can set it (R98)."""

from __future__ import annotations

import functools
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db.models import Max
from django.utils import timezone

from gradphoto.engine.steady_clock import SteadyClock, anchored


def room_now() -> datetime:
    """Now, by the station's steady clock (``settings.ROOM_CLOCK``); elsewhere by the server's own."""
    path = getattr(settings, "ROOM_CLOCK", None)
    return timezone.now() if path is None else _clock(Path(path)).now()


def is_steady() -> bool:
    """Whether the room's times go on by themselves, whatever is done to the computer's clock."""
    return getattr(settings, "ROOM_CLOCK", None) is not None


@functools.cache
def _clock(path: Path) -> SteadyClock:
    return anchored(path, _latest)


def _latest() -> datetime | None:
    from gradphoto.apps.capture.models import CheckIn, Frame

    swiped = CheckIn.objects.aggregate(at=Max("at"), closed=Max("closed_at"))
    moments = [swiped["at"], swiped["closed"], Frame.objects.aggregate(at=Max("arrived_at"))["at"]]
    return max((moment for moment in moments if moment is not None), default=None)
