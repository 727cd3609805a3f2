"""A whole session on one clock: whose turn it was when each frame was taken."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from gradphoto.engine.pairing import alarms as tell
from gradphoto.engine.pairing.cameras import ArrivalClock
from gradphoto.engine.pairing.clock_search import FoundOffset, owners_differ, search_offset
from gradphoto.engine.pairing.exposure import Exposure, exposures_of
from gradphoto.engine.pairing.model import Alarm, CheckInMark, ClockFix, FrameMark, PairingRules


class TimeBasis(StrEnum):
    """What a frame's time on the computer's clock rests on, best first."""

    LIVE = "live"  # the camera's clock, measured, and the arrivals as they happened
    ARRIVED = "arrived"  # the camera's clock as far as arrivals tell: nobody measured it
    MEASURED = "measured"  # the camera's clock, measured by somebody
    FOUND = "found"  # the camera's clock, found by the rhythm of swipes and exposures
    ARRIVAL = "arrival"  # no time of its own: its arrival has to do
    UNCERTAIN = "uncertain"  # the camera's clock could not be found


@dataclass(frozen=True, slots=True)
class TimedFrame:
    """A frame, when it was taken by the computer's clock, and the offset that was taken off.

    ``offset`` is ``None`` for a frame without a time of its own. ``soft``: another offset
    explains the frame nearly as well, beside a jump of the clock or where only the rhythm tells it. ``exposure``: the
    span in which it was certainly taken; ``None`` where no measurement bounds it.
    """

    frame: FrameMark
    taken_at: datetime
    offset: timedelta | None
    basis: TimeBasis = TimeBasis.LIVE
    soft: bool = False
    exposure: Exposure | None = None


@dataclass(frozen=True, slots=True)
class Timeline:
    """Check-ins by time, frames by corrected time, and what had to be told about the clocks.

    ``called_back``: places of persons who were still or again in the chair when others had checked in after them.
    """

    check_ins: tuple[CheckInMark, ...]
    frames: tuple[TimedFrame, ...]
    alarms: tuple[Alarm, ...]
    begins: tuple[datetime, ...]
    called_back: tuple[int, ...] = ()

    def turn(self, moment: datetime) -> int:
        """The index of the last check-in not after ``moment``; -1 before the first."""
        return bisect_right(self.begins, moment) - 1

    def in_chair(self, moment: datetime) -> int | None:
        """The index of who was in the chair at ``moment``: the last to check in, else one who was called back."""
        turn = self.turn(moment)
        if turn >= 0 and _stays(self.check_ins[turn], moment):
            return turn
        back = [place for place in self.called_back if place < turn and _stays(self.check_ins[place], moment)]
        return back[0] if len(back) == 1 else None


def _stays(mark: CheckInMark, moment: datetime) -> bool:
    return mark.closed_at is None or moment <= mark.closed_at


def build_timeline(check_ins: Iterable[CheckInMark], frames: Iterable[FrameMark], rules: PairingRules) -> Timeline:
    """The session's timeline. A camera's clock is taken off as measured (rules), as its arrivals show, or by search."""
    people = tuple(sorted(check_ins, key=lambda mark: (mark.at, mark.shooting_number)))
    by_camera: dict[str, list[FrameMark]] = defaultdict(list)
    for frame in frames:
        by_camera[frame.camera_serial].append(frame)
    timed: list[TimedFrame] = []
    alarms: list[Alarm] = []
    for serial, own in by_camera.items():
        fixes = rules.clocks.get(serial, ())
        dated = [frame for frame in own if frame.taken_at is not None]
        timed += [
            TimedFrame(frame, frame.arrived_at, None, TimeBasis.ARRIVAL) for frame in own if frame.taken_at is None
        ]
        if _live(dated, rules):
            corrected, told = _measured(dated, rules) if fixes else _by_arrival(dated, rules)
        else:
            corrected, told = _imported(dated, fixes, people)
        timed += corrected
        alarms += told
    timed.sort(key=lambda item: (item.taken_at, item.frame.folder, item.frame.file_number or 0))
    back = (
        place
        for place, (mark, following) in enumerate(pairwise(people))
        if mark.closed_at is not None and mark.closed_at > following.at
    )
    return Timeline(people, tuple(timed), tuple(alarms), tuple(mark.at for mark in people), tuple(back))


_LONG_S = 60.0
"""A longer pause says nothing of how often somebody is photographed."""


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
    # Clocks that jump and transfers that stall spread the lags; but frames still come about as often as they are taken.
    between_arrivals = sum(min(_LONG_S, b - a) for a, b in pairwise(frame.arrived_at.timestamp() for frame in ordered))
    between_shots = sum(min(_LONG_S, abs(b - a)) for a, b in pairwise(taken))
    return between_arrivals + rules.drift_s >= between_shots / 2


def _lag_s(frame: FrameMark) -> float:
    assert frame.taken_at is not None
    return (frame.arrived_at - frame.taken_at).total_seconds()


def _measured(frames: Sequence[FrameMark], rules: PairingRules) -> tuple[list[TimedFrame], list[Alarm]]:
    """Live frames of a camera whose clock was measured; where clock and arrival disagree, the arrival has to do."""
    timed, alarms = [], []
    ordered = sorted(frames, key=lambda frame: frame.arrived_at)
    by_arrival = _offsets(ordered, rules)
    for frame, told, (estimate, _) in zip(ordered, exposures_of(ordered, rules), by_arrival, strict=True):
        if told.moved is not None:
            alarms.append(tell.clock_moved(frame, told.moved, frame.arrived_at))
        assert frame.taken_at is not None
        unclear = told.strange or told.exposure is None or told.offset is None
        offset = estimate if unclear or told.offset is None else told.offset
        timed.append(TimedFrame(frame, frame.taken_at - offset, offset, TimeBasis.LIVE, unclear, told.exposure))
    return timed, alarms


def _by_arrival(frames: Sequence[FrameMark], rules: PairingRules) -> tuple[list[TimedFrame], list[Alarm]]:
    """Live frames of a camera whose clock nobody measured: its offset is known up to the shortest transfer."""
    clock, alarms, timed = ArrivalClock(rules), [], []
    ordered = sorted(frames, key=lambda frame: frame.arrived_at)
    for frame, (offset, soft) in zip(ordered, _offsets(ordered, rules), strict=True):
        if (moved := clock.observe(frame)) is not None:
            alarms.append(tell.clock_moved(frame, moved, frame.arrived_at))
        assert frame.taken_at is not None
        timed.append(TimedFrame(frame, frame.taken_at - offset, offset, TimeBasis.ARRIVED, soft))
    return timed, alarms


def _offsets(frames: Sequence[FrameMark], rules: PairingRules) -> list[tuple[timedelta, bool]]:
    """Each frame's clock offset and whether the two sides of it disagree: the frames behind a jump tell as much as
    those before.

    Where the two sides disagree the clock has jumped between them, and a frame stands on the side that explains it by
    the shorter transfer. Near the end too few follow to outvote one late frame, and near the beginning too few precede.
    """
    lags = [frame.taken_at - frame.arrived_at for frame in frames if frame.taken_at]
    window, drift = rules.clock_window, timedelta(seconds=rules.drift_s)
    spread = timedelta(seconds=rules.live_spread_s)
    offsets = []
    for place in range(len(lags)):
        before = max(lags[max(0, place - window + 1) : place + 1])
        after = max(lags[place : place + window])
        apart = abs(after - before)
        if place + window > len(lags):
            chosen = before
        elif apart <= (spread if place < window - 1 else drift):
            chosen = max(before, after)
        else:
            chosen = min(before, after)
        offsets.append((chosen, apart > drift))
    return offsets


def _imported(
    frames: Sequence[FrameMark], fixes: Sequence[ClockFix], people: Sequence[CheckInMark]
) -> tuple[list[TimedFrame], list[Alarm]]:
    taken = [frame.taken_at.timestamp() for frame in frames if frame.taken_at]
    found = search_offset(people, taken)
    if fixes:
        measured = _imported_measured(frames, fixes, found, bool(people))
        contradicted = measured[0].basis is TimeBasis.UNCERTAIN
        return measured, [tell.clock_uncertain(frames[0], frames[0].arrived_at)] if contradicted else []
    offset = timedelta(seconds=found.offset_s)
    if not people or not found.certain or _set_in_between(frames):
        uncertain = [TimedFrame(f, f.taken_at - offset, offset, TimeBasis.UNCERTAIN) for f in frames if f.taken_at]
        return uncertain, [tell.clock_uncertain(frames[0], frames[0].arrived_at)]
    soft = owners_differ(people, taken, found)
    low, high = timedelta(seconds=found.low_s), timedelta(seconds=found.high_s)
    return [
        TimedFrame(
            frame, frame.taken_at - offset, offset, TimeBasis.FOUND, hangs,
            _span(frame.taken_at - high, frame.taken_at - low),
        )
        for frame, hangs in zip(frames, soft, strict=True)
        if frame.taken_at
    ], []  # fmt: skip


def _set_in_between(frames: Sequence[FrameMark]) -> bool:
    """Whether the camera's clock was set back among these frames: the one that follows by its number is the earlier."""
    numbered = [(frame.folder, frame.file_number, frame.taken_at) for frame in frames]
    times = {(folder, number): taken for folder, number, taken in numbered if number and taken}
    if len(times) < len(numbered):  # numbers that were used twice say nothing of what follows what
        return False
    following = (((folder, number % 9999 + 1), taken) for (folder, number), taken in times.items())
    return any(times.get(key, taken) < taken - timedelta(seconds=1) for key, taken in following)


def _imported_measured(
    frames: Sequence[FrameMark], fixes: Sequence[ClockFix], found: FoundOffset, any_people: bool
) -> list[TimedFrame]:
    """By the measurements; where the rhythm is sure of another offset the clock was set anew: then neither is believed."""
    low = min(fix.offset - fix.give for fix in fixes)
    high = max(fix.offset + fix.give for fix in fixes)
    near = timedelta(seconds=5)
    by_rhythm = timedelta(seconds=found.low_s) - near, timedelta(seconds=found.high_s) + near
    contradicted = any_people and found.certain and not (by_rhythm[0] <= high and low <= by_rhythm[1])
    offset, basis = fixes[-1].offset, TimeBasis.UNCERTAIN if contradicted else TimeBasis.MEASURED
    return [
        TimedFrame(f, f.taken_at - offset, offset, basis, contradicted, _span(f.taken_at - high, f.taken_at - low))
        for f in frames
        if f.taken_at
    ]


def _span(begin: datetime, end: datetime) -> Exposure:
    return Exposure(begin, end, begin, end)
