"""The time of the room. Swipes, frames and measurements are compared by it, so at a station nobody can set it (R98)."""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from django.conf import settings
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


_LATEST: list[Callable[[], datetime | None]] = []


def tells_latest(read: Callable[[], datetime | None]) -> Callable[[], datetime | None]:
    """Register who knows the latest moment of the room on record, behind which its clock never begins."""
    _LATEST.append(read)
    return read


def _latest() -> datetime | None:
    return max((moment for read in _LATEST if (moment := read()) is not None), default=None)
