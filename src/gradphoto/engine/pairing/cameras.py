"""What a camera's own numbers and clock tell: lost frames, resets, roll-over, clock offset (facts 4.3)."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta

from gradphoto.engine.pairing.model import FrameMark, PairingRules

_LAST_NUMBER = 9999  # DCF
# A counter that falls by nearly its whole range has rolled over, frames lost on the way included.
_ROLL_OVER_WITHIN = 1000


@dataclass(frozen=True, slots=True)
class CounterStep:
    """How a file number follows the one before: ``missing`` frames between; ``backwards``; ``reused`` altogether."""

    missing: int = 0
    backwards: bool = False
    reused: bool = False


class CameraCounter:
    """The file numbers of one camera, frame after frame."""

    def __init__(self) -> None:
        self._last: tuple[str, int] | None = None
        self._astray: tuple[str, int] | None = None
        self._seen: set[tuple[str, int]] = set()

    def follow(self, frame: FrameMark) -> CounterStep:
        """Compares with the frame before, and remembers. A frame without a number says nothing."""
        if frame.file_number is None:
            return CounterStep()
        here, last = (frame.folder, frame.file_number), self._last
        reused = here in self._seen
        self._seen.add(here)
        missing = 0 if last is None else _missing_between(last, here)
        if missing is None or reused:
            # One late frame does not turn the counter back; a reset shows itself by 1, or by going on from there.
            reset = frame.file_number == 1 or (self._astray is not None and _missing_between(self._astray, here) == 0)
            self._last, self._astray = (here if reset else last), here
            return CounterStep(backwards=missing is None, reused=reused)
        self._last = here
        return CounterStep(missing=missing)


def _missing_between(last: tuple[str, int], here: tuple[str, int]) -> int | None:
    """Frames lost between two names; ``None`` when the second is not after the first."""
    (last_folder, last_number), (folder, number) = last, here
    rolled = _LAST_NUMBER - last_number + number - 1
    if folder == last_folder:
        if number > last_number:
            return number - last_number - 1
        return rolled if rolled < _ROLL_OVER_WITHIN else None
    if folder[:3].isdigit() and last_folder[:3].isdigit() and int(folder[:3]) < int(last_folder[:3]):
        return None
    if number > last_number:  # numbering that goes on over a change of folder
        return number - last_number - 1
    return rolled if rolled < _ROLL_OVER_WITHIN else number - 1  # numbering that begins anew in each folder


def rolled_over(before: FrameMark, here: FrameMark) -> bool:
    """Whether the counter began anew between two frames that follow each other without a gap (DCF)."""
    if before.file_number is None or here.file_number is None:
        return False
    anew = here.folder != before.folder or here.file_number < before.file_number
    return anew and _missing_between((before.folder, before.file_number), (here.folder, here.file_number)) == 0


class CameraClock:
    """How far one camera's clock is ahead of the computer's, from arrivals.

    ``taken - arrived`` is the offset less the time of transfer, so the largest of the last few values is the offset
    less the shortest transfer: one late frame does not move it, and a corrected time is never after the arrival.
    """

    def __init__(self, rules: PairingRules, known: timedelta | None = None) -> None:
        self._known = known
        self._drift = timedelta(seconds=rules.drift_s)
        self._spread = timedelta(seconds=rules.live_spread_s)
        self._recent: deque[timedelta] = deque(maxlen=rules.clock_window)
        self._told: timedelta | None = None

    @property
    def offset(self) -> timedelta | None:
        """Camera clock minus computer clock; ``None`` before the first frame of an unmeasured camera."""
        if self._known is not None:
            return self._known
        return max(self._recent) if self._recent else None

    def observe(self, frame: FrameMark) -> timedelta | None:
        """Takes a frame in; gives by how much the clock has moved when that must be told, else ``None``."""
        if frame.taken_at is None:
            return None
        now = frame.taken_at - frame.arrived_at
        before = max(self._recent) if self._recent else None
        self._recent.append(now)
        after = max(self._recent)
        if self._told is None:
            # The first few transfers only teach how long a transfer takes, unless the leap is no transfer at all:
            # a frame cannot arrive before it was taken by a clock that was measured.
            reference, limit = (before, self._spread) if self._known is None else (self._known, self._drift)
            leap = after - reference if reference is not None and after - reference > limit else None
            if leap is not None or len(self._recent) == self._recent.maxlen:
                self._told = after
            return self._adopt(leap, after)
        moved = after - self._told
        if abs(moved) <= self._drift:
            return None
        self._told = after
        return self._adopt(moved, after)

    def _adopt(self, moved: timedelta | None, estimate: timedelta) -> timedelta | None:
        # A measured offset is void once the clock has moved.
        if moved is not None and self._known is not None:
            self._known = estimate
        return moved

    def corrected(self, frame: FrameMark) -> datetime | None:
        """When the frame was taken by the computer's clock; ``None`` when it does not say."""
        offset = self.offset
        return None if frame.taken_at is None or offset is None else frame.taken_at - offset


@dataclass(frozen=True, slots=True)
class Sighting:
    """All that the cameras' order and clocks say about one frame as it arrives."""

    counter: CounterStep
    camera_changed: bool
    clock_moved: timedelta | None
    clock_offset: timedelta | None
    taken_at: datetime | None


class CameraLog:
    """The cameras of a session, each with its counter and clock."""

    def __init__(self, rules: PairingRules) -> None:
        self._rules = rules
        self._cameras: dict[str, tuple[CameraCounter, CameraClock]] = {}

    def see(self, frame: FrameMark) -> Sighting:
        """Takes a frame in, in the order of arrival. A camera is told as changed once, when it first appears."""
        serial = frame.camera_serial
        changed = bool(self._cameras) and serial not in self._cameras
        if serial not in self._cameras:
            self._cameras[serial] = (
                CameraCounter(),
                CameraClock(self._rules, self._rules.clock_offsets.get(serial)),
            )
        counter, clock = self._cameras[serial]
        moved = clock.observe(frame)
        return Sighting(counter.follow(frame), changed, moved, clock.offset, clock.corrected(frame))
