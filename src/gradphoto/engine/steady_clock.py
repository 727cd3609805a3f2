"""A clock that nobody can set: it goes on from what the wall clock said when the computer was first asked.

Swipes and frames are compared by time, and an operating system that corrects its clock in between would turn their order
round. So a room's times count from one anchor, by the seconds since the computer was switched on (sleep included).
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from gradphoto.engine.packet.durable import write_durably

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_SAME_BOOT_S = 60.0
"""Without the system's word for it: the moment of switching on, as it follows from both clocks, differs by less."""
_AHEAD_AT_MOST = timedelta(hours=12)


def seconds_since_boot() -> float:
    """Seconds since the computer was switched on, the same for all its processes; sleep counts where the system tells."""
    if hasattr(time, "CLOCK_BOOTTIME") and hasattr(time, "clock_gettime"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()


def boot_id() -> str:
    """The system's name for this run of the computer; ``""`` where it has none."""
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return ""


@dataclass(frozen=True, slots=True)
class SteadyClock:
    """``wall`` is what the clock said ``since_boot_s`` seconds after the computer was switched on."""

    wall: datetime
    since_boot_s: float

    def now(self) -> datetime:
        """Aware, and never back."""
        return self.wall + timedelta(seconds=seconds_since_boot() - self.since_boot_s)


def anchored(path: Path, latest: Callable[[], datetime | None]) -> SteadyClock:
    """The clock that all processes of this computer share through the file ``path``, as long as it is not switched off.

    A computer that was switched off begins anew, and never before the ``latest`` moment on record, unless that lies half
    a day ahead: then the record is wrong and not the clock.
    """
    if (known := _read(path)) is not None:
        return known
    wall, before = datetime.now(UTC), latest()
    if before is not None and wall <= before <= wall + _AHEAD_AT_MOST:
        wall = before + timedelta(seconds=1)
    clock = SteadyClock(wall, seconds_since_boot())
    said = {"boot": boot_id(), "since_boot_s": clock.since_boot_s, "wall": wall.isoformat()}
    write_durably(path, json.dumps(said).encode())
    return clock


def _read(path: Path) -> SteadyClock | None:
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        clock = SteadyClock(datetime.fromisoformat(said["wall"]), float(said["since_boot_s"]))
        boot = str(said["boot"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if boot:
        return clock if boot == boot_id() else None
    apart = abs((clock.now() - datetime.now(UTC)).total_seconds())
    return clock if seconds_since_boot() >= clock.since_boot_s and apart < _SAME_BOOT_S else None
