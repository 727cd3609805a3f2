"""Pairing while it happens: a frame belongs to the person in the chair, and every break is told at once (R98).

Pure: no database, no clock of its own. A station that was killed rebuilds the machine from its rows with
:meth:`SessionPairer.restore` and goes on as if nothing had been.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from gradphoto.engine.pairing import alarms as tell
from gradphoto.engine.pairing.cameras import CameraLog, Sighting
from gradphoto.engine.pairing.model import (
    Alarm,
    Basis,
    Binding,
    CheckInMark,
    Evidence,
    FrameMark,
    Key,
    LaidInVain,
    PairingRules,
    Span,
)
from gradphoto.engine.pairing.turns import Doubt, Turns

_LOOK_BACK = 60
"""Check-ins of which a frame may be: whoever left longer ago is asked about."""


@dataclass(frozen=True, slots=True)
class PairStep:
    """What a frame led to: the person's binding as it now stands, ``None`` when the frame was bound to nobody."""

    binding: Binding | None
    alarms: tuple[Alarm, ...]
    clock_offset: timedelta | None = None


@dataclass(frozen=True, slots=True)
class PairingState:
    """A session's rows: check-ins, frames, and which frame was bound to which check-in (frame key -> check-in key).

    ``in_vain``: cards that were refused, held or not read (a bare moment is a card of nobody known); ``blind``: when no card
    could be read.
    """

    check_ins: tuple[CheckInMark, ...] = ()
    frames: tuple[FrameMark, ...] = ()
    bound: Mapping[Key, Key] = field(default_factory=dict)
    in_vain: tuple[LaidInVain | datetime, ...] = ()
    blind: tuple[Span, ...] = ()

    @property
    def laid_in_vain(self) -> tuple[LaidInVain, ...]:
        """Those cards in order of time."""
        laid = [one if isinstance(one, LaidInVain) else LaidInVain(one) for one in self.in_vain]
        return tuple(sorted(laid, key=lambda one: one.at))


class SessionPairer:
    """One session's state machine: nobody in the chair, or one person with the frames so far.

    A frame is bound where its exposure leaves one reading only (:mod:`turns`): to the person in the chair, or, as one of
    several, to the person who was just accepted. Else it stays unbound and a person decides. Nothing bound is ever
    rebound here.
    """

    def __init__(self, rules: PairingRules | None = None) -> None:
        self._rules = rules or PairingRules()
        self._check_ins: dict[Key, CheckInMark] = {}
        self._order: list[Key] = []
        self._begins: list[datetime] = []
        self._shots: dict[Key, list[datetime]] = {}
        self._numbers: dict[int, Key] = {}
        self._frames: dict[Key, FrameMark] = {}
        self._bound: dict[Key, Key] = {}
        self._frames_of: dict[Key, list[Key]] = {}
        self._cameras = CameraLog(self._rules)
        self._open: Key | None = None
        self._in_vain: tuple[LaidInVain, ...] = ()
        self._blind: tuple[Span, ...] = ()

    @classmethod
    def restore(cls, state: PairingState, rules: PairingRules | None = None) -> SessionPairer:
        """The machine as it stood after these rows, in any order of rows; bindings are taken as recorded."""
        pairer = cls(rules)
        pairer._in_vain, pairer._blind = state.laid_in_vain, state.blind
        for mark in sorted(state.check_ins, key=lambda mark: mark.at):
            pairer._add(mark)
        for frame in sorted(state.frames, key=lambda frame: frame.arrived_at):
            pairer._frames[frame.key] = frame
            seen = pairer._cameras.see(frame)
            if frame.key in state.bound:
                pairer._bind(frame, seen, state.bound[frame.key])
        return pairer

    def state(self) -> PairingState:
        """The rows, as :meth:`restore` takes them."""
        return PairingState(
            tuple(self._check_ins.values()),
            tuple(self._frames.values()),
            dict(self._bound),
            self._in_vain,
            self._blind,
        )

    @property
    def open_check_in(self) -> CheckInMark | None:
        """Who is in the chair."""
        return None if self._open is None else self._check_ins[self._open]

    def check_in(self, mark: CheckInMark) -> list[Alarm]:
        """A person sits down; whoever was in the chair has left it. The same mark twice changes nothing."""
        if mark.key in self._check_ins:
            return []
        alarms: list[Alarm] = []
        if self._open is not None:
            unfinished = replace(self._check_ins[self._open], unfinished=self._open not in self._frames_of)
            self._check_ins[self._open] = unfinished
            alarms = self.close(unfinished.key, mark.at)
        if mark.shooting_number in self._numbers:
            alarms.append(tell.shooting_number_reused(mark, mark.at))
        self._add(mark)
        return alarms

    def frame(self, mark: FrameMark) -> PairStep:
        """A frame has arrived. The same mark twice changes nothing."""
        if mark.key in self._frames:
            owner = self._bound.get(mark.key)
            return PairStep(None if owner is None else self.binding(owner), ())
        self._frames[mark.key] = mark
        seen = self._cameras.see(mark)
        alarms = _told_by_camera(mark, seen, self.open_check_in)
        alarms += [
            tell.clock_was_wrong(self._frames[key], self._check_ins[self._bound[key]], mark.arrived_at)
            for key in seen.suspects
            if key in self._bound and key in self._frames
        ]
        claim = self._claim(mark, seen)
        if isinstance(claim, Alarm):
            return PairStep(None, (*alarms, claim), seen.clock_offset)
        person = self._check_ins[claim]
        self._bind(mark, seen, person.key)
        evidence = _evidence(mark, seen, person, alarms)
        return PairStep(self._binding(person.key, evidence), tuple(alarms), seen.clock_offset)

    def give(self, frame_key: Key, check_in_key: Key) -> None:
        """A person said whose frame this is. Raises :class:`KeyError` for a frame or a check-in that is not known."""
        frame, owner = self._frames[frame_key], self._check_ins[check_in_key].key
        self._bind(frame, None, owner)

    def close(self, check_in_key: Key, at: datetime | None = None) -> list[Alarm]:
        """The person has left the chair, accepted or not; told if there is no frame. Twice changes nothing.

        ``at`` defaults to the last moment this session knows of. Raises :class:`KeyError` for an unknown check-in.
        """
        mark = self._check_ins[check_in_key]
        if mark.closed_at is not None:
            return []
        moment = at or self._latest()
        self._check_ins[check_in_key] = replace(mark, closed_at=moment)
        if self._open == check_in_key:
            self._open = None
        return [] if self._frames_of.get(check_in_key) else [tell.person_without_frame(mark, moment)]

    def binding(self, check_in_key: Key) -> Binding | None:
        """A person's frames so far, ``None`` without any; which one counts is the operator's decision, not ours."""
        return self._binding(check_in_key, Evidence(Basis.LIVE)) if self._frames_of.get(check_in_key) else None

    def _add(self, mark: CheckInMark) -> None:
        self._numbers.setdefault(mark.shooting_number, mark.key)
        self._check_ins[mark.key] = mark
        place = bisect_right(self._begins, mark.at)
        self._begins.insert(place, mark.at)
        self._order.insert(place, mark.key)
        if mark.closed_at is None:
            self._open = mark.key

    def _bind(self, frame: FrameMark, seen: Sighting | None, owner: Key) -> None:
        self._bound[frame.key] = owner
        self._frames_of.setdefault(owner, []).append(frame.key)
        until = seen.exposure.by_clock_to if seen is not None and seen.exposure else frame.arrived_at
        self._shots.setdefault(owner, []).append(until)

    def _binding(self, owner: Key, evidence: Evidence) -> Binding:
        return Binding(owner, tuple(self._frames_of[owner]), None, evidence)

    def _claim(self, frame: FrameMark, seen: Sighting) -> Key | Alarm:
        """Whose frame this is, or what must be asked. A number that was used before proves nothing: it is asked, too."""
        if seen.exposure is None:
            return self._unknown(frame)
        people = [self._check_ins[key] for key in self._order[-_LOOK_BACK:]]
        turns = Turns(
            people,
            self._begins[-_LOOK_BACK:],
            lambda place: self._shots.get(people[place].key, ()),
            lambda place: people[place].key in self._frames_of,
            self._rules,
            self._in_vain,
            self._blind,
            lambda place: self._shots.get(people[place].key, ()),
        )
        claim = turns.claim(seen.exposure)
        if claim.place is not None and not seen.counter.reused:
            return people[claim.place].key
        if (owner := self._bound.get(seen.burst_of or "")) is not None and self._none_other(owner, frame, seen):
            return owner
        likely = [people[place] for place in claim.likely or ((claim.place,) if claim.place is not None else ())]
        return tell.in_doubt(frame, claim.doubt or Doubt.TWO_PERSONS, likely, frame.arrived_at)

    def _none_other(self, owner: Key, frame: FrameMark, seen: Sighting) -> bool:
        """Whether a frame that followed one of ``owner`` at once came too early for whoever was called next, or laid a card
        down in vain since, by either witness: a clock that was set back in between would let two exposures look as one burst."""
        place = self._order.index(owner) + 1
        soonest, said = timedelta(seconds=self._rules.soonest_shot_s), max(self._shots[owner])
        called = [self._check_ins[key].at for key in self._order[place : place + 1]]
        called += [one.at for one in self._in_vain if one.at > self._begins[place - 1] and one.at + soonest > said]
        early = not called or (seen.exposure is not None and seen.exposure.latest < min(called) + soonest)
        return early and not seen.counter.reused and self._sat_still(owner, frame, seen)

    def _sat_still(self, owner: Key, frame: FrameMark, seen: Sighting) -> bool:
        """Whether the burst lies between the person's card and the acceptance. Before and afterwards people change places, and
        who sits there may have laid no card down, sooner than a camera that tells whole seconds only can tell."""
        mark, exposure = self._check_ins[owner], seen.exposure
        if exposure is None:
            return True
        if exposure.by_clock_from - exposure.hidden < mark.at:
            return False
        leaves = timedelta(seconds=self._rules.leaves_s)
        return mark.closed_at is None or min(exposure.until, frame.arrived_at) <= mark.closed_at + leaves

    def _unknown(self, frame: FrameMark) -> Alarm:
        """Without a measured clock nothing says how long ago the frame was taken: whoever was just here may be on it."""
        since = frame.arrived_at - timedelta(seconds=self._rules.live_spread_s)
        people = [self._check_ins[key] for key in self._order[-_LOOK_BACK:]]
        here = [mark for mark in people if mark.closed_at is None or mark.closed_at >= since]
        if not here:
            return tell.frame_without_person(frame, frame.arrived_at)
        return tell.moment_unknown(frame, here[-1], frame.arrived_at)

    def _latest(self) -> datetime:
        return max(
            [mark.at for mark in self._check_ins.values()] + [frame.arrived_at for frame in self._frames.values()]
        )


def _told_by_camera(frame: FrameMark, seen: Sighting, person: CheckInMark | None) -> list[Alarm]:
    at, alarms = frame.arrived_at, []
    if seen.camera_changed:
        alarms.append(tell.camera_changed(frame, at))
    if seen.clock_moved is not None:
        alarms.append(tell.clock_moved(frame, seen.clock_moved, at))
    if seen.counter.reused:
        alarms.append(tell.file_number_reused(frame, person, at))
    elif seen.counter.backwards:
        alarms.append(tell.numbers_backwards(frame, person, at))
    elif seen.counter.missing:
        alarms.append(tell.numbers_missing(frame, seen.counter.missing, person, at))
    return alarms


def _evidence(frame: FrameMark, seen: Sighting, person: CheckInMark, alarms: list[Alarm]) -> Evidence:
    moment = seen.exposure.moment if seen.exposure else None
    return Evidence(
        basis=Basis.LIVE,
        after_check_in_s=(moment - person.at).total_seconds() if moment else None,
        clock_offset_s=seen.clock_offset.total_seconds() if moment and seen.clock_offset is not None else None,
        camera_serial=frame.camera_serial,
        folder=frame.folder,
        file_number=frame.file_number,
        places_off=0 if moment else None,
        doubts=tuple(alarm.kind for alarm in alarms),
    )
