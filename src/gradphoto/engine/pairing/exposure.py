"""When a frame was exposed: the span that two witnesses allow, the camera's measured clock and the frame's arrival.

Either witness can be wrong in silence: a clock is set back, a transfer stalls. They hardly ever err together and by the
same amount, so the span is the hull of what each allows by itself. Without a measured clock only the arrival bounds the
exposure, and from one side: such a frame is never bound without a person (docs/pairing.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from gradphoto.engine.pairing.file_numbers import missing_between
from gradphoto.engine.pairing.model import ClockFix, FrameMark, Key, PairingRules

_WHOLE_SECOND = timedelta(seconds=1)
_TENTH = timedelta(seconds=0.1)
_UNSEEN, _UNSEEN_PART = timedelta(seconds=0.5), 0.2
"""By how much a transfer may leave the range of those seen before and still be no surprise to the arrival's span: so
long, or so large a part of the slowest one."""
_STRANGE = timedelta(seconds=1)
"""A transfer further from those seen before is no transfer: a clock was set, or something got stuck."""
_ANY_TIME = timedelta(hours=12)
_FIRST_TRANSFER = timedelta(seconds=5)
"""Where no frame has told yet how long a transfer takes: one that seems slower is not believed."""
_CLOCKS_PART = 1e-4
"""Two quartz clocks drift apart by less than this share of the time since they were compared (0.36 s an hour)."""
_STEADY_AGAIN = 4
"""So many frames in a row on which clock and arrival agree, and transfers that took any time count as steady again."""


@dataclass(frozen=True, slots=True)
class Exposure:
    """When a frame was taken by the computer's clock.

    ``by_clock_from`` and ``by_clock_to``: what the camera's clock alone allows. ``earliest`` and ``latest``: what either
    the clock or the arrival allows. ``strange``: the two disagree, so that the clock alone proves nothing. ``hidden``: by
    how much the clock may have been set back without a frame that arrived too late: transfers vary by so much.
    """

    earliest: datetime
    latest: datetime
    by_clock_from: datetime
    by_clock_to: datetime
    strange: bool = False
    hidden: timedelta = timedelta(0)

    @property
    def until(self) -> datetime:
        """As late as it may have been taken though the clock was set back by too little for its arrivals to show."""
        return self.latest if self.strange else min(self.latest, self.by_clock_to + self.hidden)

    @property
    def moment(self) -> datetime:
        """The best guess: the middle of what the clock says."""
        return self.by_clock_from + (self.by_clock_to - self.by_clock_from) / 2


@dataclass(frozen=True, slots=True)
class Told:
    """What a measured clock says of one frame. ``moved``: clock and arrival disagree, told once, by so much.

    ``suspects``: told with it, the frames that the clock may have been wrong for already.
    """

    exposure: Exposure | None
    offset: timedelta | None
    moved: timedelta | None = None
    strange: bool = False
    suspects: tuple[Key, ...] = ()


@dataclass(frozen=True, slots=True)
class _Before:
    """The frame before: when it arrived, its number, since when it may have been exposed, whether clock and arrival agreed."""

    frame: FrameMark
    strange: bool
    arrived_at: datetime
    number: tuple[str, int] | None
    earliest: datetime | None


class _Steadiness:
    """Whether transfers take about the same time. Where two frames disagree with the clock, and no single step of it explains
    both, they take any time: then one that looks right may do so by chance, beside a clock that was set. Some frames in a
    row that agree end it, once; if it was chance after all, nothing is believed until the camera is measured again.
    """

    def __init__(self) -> None:
        self.lost = False
        self._for_good = False
        self._in_a_row = 0
        self._believed: list[Key] = []

    def lose(self) -> tuple[Key, ...]:
        """Gives the frames that were believed since it seemed to be over."""
        self._for_good = self._for_good or (not self.lost and self._in_a_row > 0)
        self.lost, self._in_a_row = True, 0
        believed, self._believed = tuple(self._believed), []
        return believed

    def hear(self, key: Key, *, agrees: bool) -> None:
        """A frame whose transfer says something for the clock, or against it."""
        if not self.lost:
            self._believed += [key] if self._in_a_row else []
        elif not agrees:
            self._in_a_row = 0
        else:
            self._in_a_row += 1
            self.lost = self._for_good or self._in_a_row < _STEADY_AGAIN


class MeasuredClock:
    """One camera's measured clock and the range of its transfers, frame after frame in the order of arrival.

    Files cross the cable one after the other: a frame may wait for the one before, and was exposed after it. The range
    only widens, so that a clock that creeps never narrows what the arrival allows; a frame that leaves it by more than
    a second is strange and teaches nothing.
    """

    def __init__(self, rules: PairingRules, fixes: Sequence[ClockFix]) -> None:
        self._fixes = sorted(fixes, key=lambda fix: fix.at.timestamp() if fix.at else float("-inf"))
        self._worth_telling, self._burst = timedelta(seconds=rules.drift_s), timedelta(seconds=rules.burst_s)
        self._fix: ClockFix | None = None
        self._range: tuple[timedelta, timedelta] | None = None
        self._before: _Before | None = None
        self._told = False
        self._doubted: timedelta | None = None
        self._void: timedelta | None = None
        self._steadiness = _Steadiness()
        self._suspects: list[Key] = []

    def see(self, frame: FrameMark) -> Told:
        """Takes a frame in."""
        fix = self._in_force(frame.arrived_at)
        if fix is None or frame.taken_at is None:
            return Told(None, None if fix is None else fix.offset)
        if fix is not self._fix:
            self._fix, self._told, self._doubted, self._void, self._steadiness = fix, False, None, None, _Steadiness()
            self._range = None if fix.transfer is None else (fix.transfer, fix.transfer)
        span = _by_clock(frame.taken_at, frame.arrived_at, fix)
        waited = self._may_have_waited(frame)
        by = self._surprise(frame, span, fix, learn=True)
        ahead = self._doubted is not None and self._doubted > timedelta(0)
        deceived: tuple[Key, ...] = ()
        doubted_before = self._doubted is not None
        differs = by is not None and self._doubted is not None and abs(by - self._doubted) > _STRANGE + self._unseen()
        if differs and not self._overtaken(frame):
            deceived = self._steadiness.lose()  # no single step of the clock explains both
        elif by is not None or not waited:
            self._steadiness.hear(frame.key, agrees=by is None)
        if (waited and by is None) or (ahead and by is not None):
            # A frame that waited, or was late, says nothing for the clock: it is as good as it was found last.
            by = self._doubted
        else:
            self._doubted = by
        # The first that agrees after one that did not may do so by chance: a clock that was set and a slow transfer look alike.
        regained = doubted_before and self._doubted is None
        exposure, doubtful = self._hull(frame, span, fix), by is not None or self._steadiness.lost or regained
        if exposure is not None and doubtful:
            # A clock that is ahead says only that it was set: one witness is left, and a stalled transfer would deceive it.
            # One that looks behind may be a stalled transfer: one witness as well, and it may be ahead by what shows in none.
            alone = exposure.earliest - self._hidden() - _UNSEEN
            unknown = self._steadiness.lost or by is None or by > timedelta(0)
            earliest = frame.arrived_at - _ANY_TIME if unknown else alone
            exposure = replace(exposure, earliest=earliest, strange=True)
        moved = by if by is not None and abs(by) > self._worth_telling and not self._told else None
        self._told = by is not None and (self._told or moved is not None)
        self._before = _Before(
            frame, doubtful, frame.arrived_at, _number(frame), exposure.earliest if exposure else None
        )
        suspects = (tuple(self._suspects) if moved is not None else ()) + deceived
        if by is not None or not waited:
            self._suspects = []
        self._suspects.append(frame.key)
        return Told(exposure, fix.offset, moved, doubtful, suspects)

    def burst_of(self, frame: FrameMark) -> Key | None:
        """The frame before, where this one followed it so soon that the same person sits there (``burst_s``). To be asked
        before :meth:`see`.

        Two times of one clock are compared, so that it need not be right. A clock that was set back between them would
        look the same, but then the second file comes later than one that waited for the first.
        """
        before = self._before
        if before is None or before.strange or self._range is None or frame.taken_at is None:
            return None
        here, earlier = _number(frame), before.frame.taken_at
        follows = here is not None and before.number is not None and missing_between(before.number, here) == 0
        if not follows or earlier is None or not self._may_have_waited(frame):
            return None
        between = frame.taken_at - earlier
        soon = timedelta(0) <= between and between + _cut(frame.taken_at) <= self._burst
        # Where a second turns in the burst of a camera that tells whole seconds only, less than two lie between.
        whole = not frame.taken_at.microsecond and not earlier.microsecond
        turned = whole and between == _WHOLE_SECOND <= self._burst and self._came_behind(frame)
        return before.frame.key if soon or turned else None

    def _came_behind(self, frame: FrameMark) -> bool:
        """Whether the file came right behind the one before it, by no more than a second of a transfer's spread: what was
        exposed two seconds later comes two seconds later, where the cable is quicker than that."""
        assert self._before is not None and self._range is not None  # noqa: PT018
        low, high = self._range
        return frame.arrived_at - self._before.arrived_at <= max(low, self._burst) + (high - low)

    def fits(self, frame: FrameMark, fix: ClockFix) -> Exposure | None:
        """The exposure by a measurement made only after the frame, if its transfer then looks as those that followed."""
        if frame.taken_at is None or fix is not self._fix or self._range is None:
            return None
        span, before = _by_clock(frame.taken_at, frame.arrived_at, fix), self._before
        self._before = None
        surprise, exposure = self._surprise(frame, span, fix, learn=False), self._hull(frame, span, fix)
        self._before = before
        return None if surprise is not None else exposure

    def _in_force(self, at: datetime) -> ClockFix | None:
        found = [fix for fix in self._fixes if fix.at is None or fix.at <= at]
        return found[-1] if found else None

    def _may_have_waited(self, frame: FrameMark) -> bool:
        """Whether the file before was still crossing the cable when this one was there."""
        if self._before is None or self._range is None:
            return False
        return frame.arrived_at - self._before.arrived_at <= self._range[1] + self._unseen()

    def _overtaken(self, frame: FrameMark) -> bool:
        """Whether a file with a later number came first: this one got stuck, which says nothing of the others."""
        before, here = self._before.number if self._before else None, _number(frame)
        return before is not None and here is not None and before[0] == here[0] and here[1] < before[1]

    def _unseen(self) -> timedelta:
        return max(_UNSEEN, self._range[1] * _UNSEEN_PART) if self._range else _UNSEEN

    def _hidden(self) -> timedelta:
        """By how much the clock may be off, with no frame whose arrival shows it: transfers vary by so much."""
        return timedelta(0) if self._range is None else self._range[1] - self._range[0] + self._unseen() - _UNSEEN

    def _surprise(
        self, frame: FrameMark, span: tuple[datetime, datetime], fix: ClockFix, *, learn: bool
    ) -> timedelta | None:
        """By how much clock and arrival disagree (plus: the camera's clock is ahead of what was measured)."""
        transfer = frame.arrived_at - (span[0] + (span[1] - span[0]) / 2)
        if self._void is not None:
            return self._void
        low, high = self._range or (-fix.give, _FIRST_TRANSFER + fix.give)
        if learn and frame.arrived_at < span[0] - _UNSEEN:
            # Nothing arrives before it was taken: the clock was set, and until it is measured again it says nothing.
            self._void = low - transfer
            return self._void
        tolerance = _STRANGE if self._range else timedelta(0)
        if transfer < low - tolerance:
            return low - transfer
        if self._may_have_waited(frame):
            earliest = self._earliest_in_order(frame)
            return span[1] - earliest if earliest is not None and span[1] < earliest else None
        if transfer > high + tolerance:
            return high - transfer
        if learn:
            known_low, known_high = self._range or (transfer, transfer)
            self._range = min(known_low, transfer), max(known_high, transfer)
        return None

    def _earliest_in_order(self, frame: FrameMark) -> datetime | None:
        """What follows by its number was exposed later."""
        before = self._before
        here = _number(frame)
        if before is None or before.number is None or here is None or here == before.number:
            return None
        return before.earliest if missing_between(before.number, here) is not None else None

    def _hull(self, frame: FrameMark, span: tuple[datetime, datetime], fix: ClockFix) -> Exposure | None:
        if self._range is None:
            return None
        low, high = self._range
        unseen = self._unseen()
        earliest = min(span[0], frame.arrived_at - high - unseen - fix.give)
        if self._may_have_waited(frame):
            in_order = self._earliest_in_order(frame)
            earliest = min(earliest, in_order or frame.arrived_at - _ANY_TIME)
        latest = min(max(span[1], frame.arrived_at - low + unseen + fix.give), frame.arrived_at)
        return Exposure(min(earliest, latest), latest, *span, hidden=self._hidden())


def _number(frame: FrameMark) -> tuple[str, int] | None:
    return None if frame.file_number is None else (frame.folder, frame.file_number)


def _by_clock(taken_at: datetime, arrived_at: datetime, fix: ClockFix) -> tuple[datetime, datetime]:
    """The span that the clock allows. A file cuts its time off: to the second where it tells no fraction."""
    cut = _cut(taken_at)
    drift = abs(arrived_at - fix.at) * _CLOCKS_PART if fix.at is not None else timedelta(0)
    told = taken_at - fix.offset
    return told - fix.give - drift, told + cut + fix.give + drift


def _cut(taken_at: datetime) -> timedelta:
    return _TENTH if taken_at.microsecond else _WHOLE_SECOND


def exposures_of(frames: Sequence[FrameMark], rules: PairingRules) -> list[Told]:
    """Of one camera's frames in the order of arrival. Frames between a step of the clock and the measurement that
    followed it are read by that measurement, where it explains them and the earlier one does not."""
    fixes = rules.clocks.get(frames[0].camera_serial, ()) if frames else ()
    clock = MeasuredClock(rules, fixes)
    told: list[Told] = []
    waiting: list[int] = []
    keys = {frame.key: place for place, frame in enumerate(frames)}
    for place, frame in enumerate(frames):
        told.append(clock.see(frame))
        for one in told[-1].suspects:
            before = told[keys[one]]
            if before.exposure is not None:
                any_time = before.exposure.latest - _ANY_TIME
                told[keys[one]] = replace(before, exposure=replace(before.exposure, earliest=any_time, strange=True))
        for earlier in waiting if told[-1].exposure and not told[-1].strange else ():
            later = clock.fits(frames[earlier], _same(fixes, told[-1].offset))
            if later is not None:
                told[earlier] = Told(later, told[-1].offset, told[earlier].moved, strange=False)
        if told[-1].strange or (told[-1].exposure is None and fixes and frame.taken_at is not None):
            waiting.append(place)
        else:
            waiting = [one for one in waiting if told[one].strange or told[one].exposure is None][-200:]
    return told


def _same(fixes: Sequence[ClockFix], offset: timedelta | None) -> ClockFix:
    return next(fix for fix in reversed(fixes) if fix.offset == offset)
