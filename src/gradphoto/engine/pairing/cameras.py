"""All that the cameras of a session tell, frame by frame: their numbers, their clocks (facts 4.3)."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import timedelta

from gradphoto.engine.pairing.exposure import Exposure, MeasuredClock
from gradphoto.engine.pairing.file_numbers import CameraCounter, CounterStep
from gradphoto.engine.pairing.model import FrameMark, Key, PairingRules


class ArrivalClock:
    """How far an unmeasured camera's clock is ahead of the computer's, as far as arrivals tell.

    ``taken - arrived`` is the offset less the time of transfer, so the largest of the last few values is the offset
    less the shortest transfer: one late frame does not move it, and a corrected time is never after the arrival.
    """

    def __init__(self, rules: PairingRules) -> None:
        self._drift = timedelta(seconds=rules.drift_s)
        self._spread = timedelta(seconds=rules.live_spread_s)
        self._recent: deque[timedelta] = deque(maxlen=rules.clock_window)
        self._told: timedelta | None = None

    @property
    def offset(self) -> timedelta | None:
        """Camera clock minus computer clock; ``None`` before the first frame."""
        return max(self._recent) if self._recent else None

    def observe(self, frame: FrameMark) -> timedelta | None:
        """Takes a frame in; gives by how much the clock has moved when that must be told, else ``None``."""
        if frame.taken_at is None:
            return None
        before = max(self._recent) if self._recent else None
        self._recent.append(frame.taken_at - frame.arrived_at)
        after = max(self._recent)
        if self._told is None:
            # The first few transfers only teach how long a transfer takes, unless the leap is no transfer at all.
            leap = after - before if before is not None and after - before > self._spread else None
            if leap is not None or len(self._recent) == self._recent.maxlen:
                self._told = after
            return leap
        moved = after - self._told
        if abs(moved) <= self._drift:
            return None
        self._told = after
        return moved


@dataclass(frozen=True, slots=True)
class Sighting:
    """All that the cameras' order and clocks say about one frame as it arrives.

    ``exposure``: by a measured clock only. ``suspects``: frames before it that a clock found wrong now concerns, too.
    ``burst_of``: the frame before it, where so little time lies between the two that nobody can have changed places.
    """

    counter: CounterStep
    camera_changed: bool
    clock_moved: timedelta | None
    clock_offset: timedelta | None
    exposure: Exposure | None
    suspects: tuple[Key, ...] = ()
    burst_of: Key | None = None


class CameraLog:
    """The cameras of a session, each with its counter and clock."""

    def __init__(self, rules: PairingRules) -> None:
        self._rules = rules
        self._cameras: dict[str, tuple[CameraCounter, MeasuredClock, ArrivalClock]] = {}

    def see(self, frame: FrameMark) -> Sighting:
        """Takes a frame in, in the order of arrival. A camera is told as changed once, when it first appears."""
        serial = frame.camera_serial
        changed = bool(self._cameras) and serial not in self._cameras
        if serial not in self._cameras:
            fixes = self._rules.clocks.get(serial, ())
            self._cameras[serial] = (CameraCounter(), MeasuredClock(self._rules, fixes), ArrivalClock(self._rules))
        counter, measured, by_arrival = self._cameras[serial]
        burst_of = measured.burst_of(frame)
        told, moved = measured.see(frame), by_arrival.observe(frame)
        if told.offset is not None:
            step = counter.follow(frame)
            return Sighting(step, changed, told.moved, told.offset, told.exposure, told.suspects, burst_of)
        return Sighting(counter.follow(frame), changed, moved, by_arrival.offset, None)
