"""A whole session on one clock: whose turn it was when each frame was taken."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from gradphoto.engine.pairing import alarms as tell
from gradphoto.engine.pairing.cameras import CameraClock
from gradphoto.engine.pairing.clock_search import search_offset
from gradphoto.engine.pairing.model import Alarm, CheckInMark, FrameMark, PairingRules


@dataclass(frozen=True, slots=True)
class TimedFrame:
    """A frame, when it was taken by the computer's clock, and the offset that was taken off.

    ``offset`` is ``None`` for a frame without a time of its own: its arrival has to do.
    """

    frame: FrameMark
    taken_at: datetime
    offset: timedelta | None


@dataclass(frozen=True, slots=True)
class Timeline:
    """Check-ins by time, frames by corrected time, and what had to be told about the clocks."""

    check_ins: tuple[CheckInMark, ...]
    frames: tuple[TimedFrame, ...]
    alarms: tuple[Alarm, ...]

    def turn(self, moment: datetime) -> int:
        """The index of the last check-in not after ``moment``; -1 before the first."""
        return bisect_right(self.check_ins, moment, key=lambda mark: mark.at) - 1


def build_timeline(check_ins: Iterable[CheckInMark], frames: Iterable[FrameMark], rules: PairingRules) -> Timeline:
    """The session's timeline. A camera's clock is taken off as measured (rules), as its arrivals show, or by search."""
    people = tuple(sorted(check_ins, key=lambda mark: (mark.at, mark.shooting_number)))
    by_camera: dict[str, list[FrameMark]] = defaultdict(list)
    for frame in frames:
        by_camera[frame.camera_serial].append(frame)
    timed: list[TimedFrame] = []
    alarms: list[Alarm] = []
    for serial, own in by_camera.items():
        known = rules.clock_offsets.get(serial)
        dated = [frame for frame in own if frame.taken_at is not None]
        timed += [TimedFrame(frame, frame.arrived_at, None) for frame in own if frame.taken_at is None]
        if _live(dated, rules):
            corrected, told = _by_arrival(dated, known, rules)
        else:
            corrected, told = _imported(dated, known, people)
        timed += corrected
        alarms += told
    timed.sort(key=lambda item: (item.taken_at, item.frame.folder, item.frame.file_number or 0))
    return Timeline(people, tuple(timed), tuple(alarms))


def _live(frames: Sequence[FrameMark], rules: PairingRules) -> bool:
    """Whether the frames arrived as they were taken. From a card they arrive together, however far apart taken."""
    ordered = sorted(frames, key=lambda frame: frame.arrived_at)
    if len(ordered) < 2:
        return True
    taken = [frame.taken_at.timestamp() for frame in ordered if frame.taken_at]
    lags = [_lag_s(frame) for frame in ordered]
    arrivals_s = (ordered[-1].arrived_at - ordered[0].arrived_at).total_seconds()
    keeps_pace = arrivals_s + rules.drift_s >= (max(taken) - min(taken)) / 2
    if keeps_pace and max(lags) - min(lags) <= rules.live_spread_s:
        return True
    # A clock that jumped or a transfer that stalled spreads the lags, but not from one frame to the next.
    between_lags = median(abs(b - a) for a, b in pairwise(lags))
    between_shots = median(abs(b - a) for a, b in pairwise(taken))
    return between_lags <= between_shots / 2


def _lag_s(frame: FrameMark) -> float:
    assert frame.taken_at is not None
    return (frame.arrived_at - frame.taken_at).total_seconds()


def _by_arrival(
    frames: Sequence[FrameMark], known: timedelta | None, rules: PairingRules
) -> tuple[list[TimedFrame], list[Alarm]]:
    clock, timed, alarms = CameraClock(rules, known), [], []
    for frame in sorted(frames, key=lambda frame: frame.arrived_at):
        if (moved := clock.observe(frame)) is not None:
            alarms.append(tell.clock_moved(frame, moved, frame.arrived_at))
        timed.append(TimedFrame(frame, clock.corrected(frame) or frame.arrived_at, clock.offset))
    return timed, alarms


def _imported(
    frames: Sequence[FrameMark], known: timedelta | None, people: Sequence[CheckInMark]
) -> tuple[list[TimedFrame], list[Alarm]]:
    alarms: list[Alarm] = []
    if known is None:
        taken = [frame.taken_at.timestamp() for frame in frames if frame.taken_at]
        found = search_offset(people, taken)
        known = timedelta(seconds=found.offset_s)
        if not found.certain:
            alarms.append(tell.clock_uncertain(frames[0], frames[0].arrived_at))
    return [TimedFrame(f, f.taken_at - known, known) for f in frames if f.taken_at is not None], alarms
