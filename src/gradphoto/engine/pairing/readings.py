"""Which measurements of its cameras' clocks a session goes by, and whether its frames bear them out (facts 4.3 e)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from gradphoto.engine.pairing.model import ClockFix, FrameMark, PairingRules

LOOK_BACK = 40
"""Frames and check-ins that the live machine is rebuilt from: enough for clocks and file numbers, the same work all day."""
_LOOK_AT = 5


@dataclass(frozen=True, slots=True)
class ClockReading:
    """One measurement of a camera's clock: ``offset`` is camera minus computer, at most ``give`` wrong, made at ``at``.

    ``transfer``: how long the frame that showed the time took. ``by_hand``: somebody entered it on the page.
    """

    camera_serial: str
    offset: timedelta
    give: timedelta
    at: datetime
    transfer: timedelta | None = None
    by_hand: bool = False


def clocks_in_force(
    readings: Iterable[ClockReading], frames: Iterable[FrameMark], rules: PairingRules
) -> dict[str, tuple[ClockFix, ...]]:
    """By camera serial the measurements that count. ``readings`` in the order in which they were made.

    A single reading counts from the first frame on, unless the frames contradict it, and so does what somebody entered
    last; of several each counts from when it was made.
    """
    by_camera: dict[str, list[ClockReading]] = defaultdict(list)
    for reading in readings:
        by_camera[reading.camera_serial].append(reading)
    latest = {serial: own[-1] for serial, own in by_camera.items()}
    trusted = believed(latest, frames, rules)
    for serial, own in by_camera.items():
        if own[-1].by_hand:
            by_camera[serial] = own[-1:]
    return {
        serial: tuple(_fix(one, from_the_first=one is own[0]) for one in own)
        for serial, own in by_camera.items()
        if len(own) > 1 or serial in trusted
    }


def believed(latest: Mapping[str, ClockReading], frames: Iterable[FrameMark], rules: PairingRules) -> frozenset[str]:
    """The cameras whose latest reading is not contradicted by the first frames that came from them."""
    lags: dict[str, list[timedelta]] = defaultdict(list)
    for frame in sorted(frames, key=lambda frame: frame.arrived_at):
        if frame.taken_at is not None and frame.camera_serial in latest and len(lags[frame.camera_serial]) < _LOOK_AT:
            lags[frame.camera_serial].append(frame.taken_at - frame.arrived_at)
    return frozenset(serial for serial, one in latest.items() if _believable(one, lags[serial], rules))


def _fix(reading: ClockReading, *, from_the_first: bool) -> ClockFix:
    return ClockFix(reading.offset, reading.give, None if from_the_first else reading.at, reading.transfer)


def _believable(reading: ClockReading, lags: list[timedelta], rules: PairingRules) -> bool:
    """No frame arrives before it was taken; and live ones arrive soon after. A camera set to another time zone than
    its files, or set anew after the measurement, shows itself so, and the engine finds its clock by itself."""
    if not lags:
        return True
    give = timedelta(seconds=rules.drift_s) + reading.give
    spread = timedelta(seconds=rules.live_spread_s)
    if max(lags) > reading.offset + give:
        return False
    # Frames brought on a card arrive hours later, each by another interval: they say nothing against a reading.
    live = max(lags) - min(lags) < spread
    return len(lags) == 1 or not live or max(lags) > reading.offset - spread


def readers_exchanged(lines: Mapping[int, int | None]) -> tuple[int, int] | None:
    """Two chairs at each of which the last card was of somebody who queues at the other one: most likely their readers
    are exchanged. ``lines``: by chair, at which chair the last one who checked in there queues."""
    for chair, line in sorted(lines.items()):
        if line is not None and line > chair and lines.get(line) == chair:
            return chair, line
    return None
