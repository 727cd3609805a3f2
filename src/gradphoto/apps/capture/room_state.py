"""Whether this computer can go on: room on the disk, a clock that does not jump. One sentence each for the screen."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings

from gradphoto.apps.capture.models import CheckIn
from gradphoto.apps.capture.room_clock import room_now
from gradphoto.apps.core.prepared import Prepared
from gradphoto.apps.schedule.models import CaptureSession
from gradphoto.engine.wording import Wording

_JUMP_S = 5.0
"""A clock that is corrected by less disturbs no order: persons follow each other by more."""
NOTHING_CAME = timedelta(seconds=40)
"""So long somebody sits there without a frame before the screen asks about cable and format."""
_LOW_BYTES = 2 * 1024**3
_NO_BYTES = 256 * 1024**2
BEHIND = timedelta(seconds=30)
"""A clock so far behind the last check-in would turn the order round."""


_LAST: Prepared[CheckIn] = Prepared(
    lambda session: CheckIn.objects.filter(session=session).order_by("-at").only("pk", "at")[:1]
)


@dataclass(slots=True)
class ClockWatch:
    """Compares the wall clock with the one that only ever goes on. A computer that slept has jumped, too."""

    monotonic: Callable[[], float] = time.monotonic
    _offset: float | None = field(default=None)

    def jump_s(self, now: datetime) -> float | None:
        """By how many seconds the clock jumped since the last call; ``None`` for a clock that just goes on."""
        offset = now.timestamp() - self.monotonic()
        before, self._offset = self._offset, offset
        if before is None or abs(offset - before) < _JUMP_S:
            return None
        return offset - before


@dataclass(frozen=True, slots=True)
class RoomTrouble:
    """Something about this computer that the room must know. ``stops``: do not go on before it is mended."""

    code: str
    stops: bool
    sentence: Wording
    remedy: Wording


def troubles(session: CaptureSession) -> list[RoomTrouble]:
    """What is wrong with this computer now; empty on a good day."""
    return [found for found in (disk_trouble(), _clock(session)) if found is not None]


def free_bytes() -> int:
    """Room on the disk that holds the data directory."""
    folder = Path(settings.DATA_DIR)
    return shutil.disk_usage(folder if folder.exists() else folder.anchor).free


def disk_trouble() -> RoomTrouble | None:
    """What the disk of the data directory has to say, if anything."""
    free = free_bytes()
    if free >= _LOW_BYTES:
        return None
    left = f"{free / 1024**3:.1f} GB"
    if free < _NO_BYTES:
        return RoomTrouble(
            "disk_full",
            True,
            Wording(f"磁盘空间已满（剩 {left}）。", f"The disk is full ({left} left)."),
            Wording("请停止刷证，先清理磁盘或交回采集包。", "Stop swiping; make room or hand over first."),
        )
    return RoomTrouble(
        "disk_low",
        False,
        Wording(f"磁盘空间不足（剩 {left}）。", f"The disk is nearly full ({left} left)."),
        Wording("请在休息时交回采集包并清理磁盘。", "Hand over and make room at the next break."),
    )


def _clock(session: CaptureSession) -> RoomTrouble | None:
    last = _LAST.first(session=session.pk)
    if last is None or last.at - room_now() < BEHIND:
        return None
    behind = int((last.at - room_now()).total_seconds() // 60) + 1
    return RoomTrouble(
        "clock_behind",
        True,
        Wording(
            f"电脑时间比最后一条登记早约 {behind} 分钟。",
            f"The computer's clock is about {behind} min behind the last check-in.",
        ),
        Wording("请先校准电脑时间再继续刷证。", "Set the clock right before the next swipe."),
    )
