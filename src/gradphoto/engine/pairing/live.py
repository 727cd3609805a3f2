"""Pairing while it happens: a frame belongs to the person in the chair, and every break is told at once (R98).

Pure: no database, no clock of its own. A station that was killed rebuilds the machine from its rows with
:meth:`SessionPairer.restore` and goes on as if nothing had been.
"""

from __future__ import annotations

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
    PairingRules,
)


@dataclass(frozen=True, slots=True)
class PairStep:
    """What a frame led to: the person's binding as it now stands, ``None`` when the frame was bound to nobody."""

    binding: Binding | None
    alarms: tuple[Alarm, ...]
    clock_offset: timedelta | None = None


@dataclass(frozen=True, slots=True)
class PairingState:
    """A session's rows: check-ins, frames, and which frame was bound to which check-in (frame key -> check-in key)."""

    check_ins: tuple[CheckInMark, ...] = ()
    frames: tuple[FrameMark, ...] = ()
    bound: Mapping[Key, Key] = field(default_factory=dict)


class SessionPairer:
    """One session's state machine: nobody in the chair, or one person with the frames so far.

    A frame is bound to the person in the chair, except when its corrected time or its number says that it was taken
    before the swipe: then it stays unbound and a person decides. Nothing bound is ever rebound here.
    """

    def __init__(self, rules: PairingRules | None = None) -> None:
        self._rules = rules or PairingRules()
        self._check_ins: dict[Key, CheckInMark] = {}
        self._numbers: dict[int, Key] = {}
        self._frames: dict[Key, FrameMark] = {}
        self._bound: dict[Key, Key] = {}
        self._frames_of: dict[Key, list[Key]] = {}
        self._cameras = CameraLog(self._rules)
        self._open: Key | None = None

    @classmethod
    def restore(cls, state: PairingState, rules: PairingRules | None = None) -> SessionPairer:
        """The machine as it stood after these rows, in any order of rows; bindings are taken as recorded."""
        pairer = cls(rules)
        for mark in sorted(state.check_ins, key=lambda mark: mark.at):
            if pairer._open is not None:  # whoever was in the chair left it at the next swipe, recorded or not
                pairer._check_ins[pairer._open] = replace(pairer._check_ins[pairer._open], closed_at=mark.at)
            pairer._check_ins[mark.key] = mark
            pairer._numbers.setdefault(mark.shooting_number, mark.key)
            pairer._open = mark.key if mark.closed_at is None else None
        for frame in sorted(state.frames, key=lambda frame: frame.arrived_at):
            pairer._frames[frame.key] = frame
            pairer._cameras.see(frame)
            if frame.key in state.bound:
                pairer._bind(frame, state.bound[frame.key])
        return pairer

    def state(self) -> PairingState:
        """The rows, as :meth:`restore` takes them."""
        return PairingState(tuple(self._check_ins.values()), tuple(self._frames.values()), dict(self._bound))

    @property
    def open_check_in(self) -> CheckInMark | None:
        """Who is in the chair."""
        return None if self._open is None else self._check_ins[self._open]

    def check_in(self, mark: CheckInMark) -> list[Alarm]:
        """A person sits down; whoever was in the chair has left it. The same mark twice changes nothing."""
        if mark.key in self._check_ins:
            return []
        alarms = [] if self._open is None else self.close(self._open, mark.at)
        if mark.shooting_number in self._numbers:
            alarms.append(tell.shooting_number_reused(mark, mark.at))
        self._numbers.setdefault(mark.shooting_number, mark.key)
        self._check_ins[mark.key] = mark
        self._open = mark.key if mark.closed_at is None else None
        return alarms

    def frame(self, mark: FrameMark) -> PairStep:
        """A frame has arrived. The same mark twice changes nothing."""
        if mark.key in self._frames:
            owner = self._bound.get(mark.key)
            return PairStep(None if owner is None else self.binding(owner), ())
        self._frames[mark.key] = mark
        seen = self._cameras.see(mark)
        person = self.open_check_in
        alarms = _told_by_camera(mark, seen, person)
        if person is None:
            alarms.append(tell.frame_without_person(mark, mark.arrived_at))
        elif self._taken_before(person, mark, seen):
            alarms.append(tell.frame_before_check_in(mark, person, mark.arrived_at))
        else:
            self._bind(mark, person.key)
            evidence = _evidence(mark, seen, person, alarms)
            return PairStep(self._binding(person.key, evidence), tuple(alarms), seen.clock_offset)
        return PairStep(None, tuple(alarms), seen.clock_offset)

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

    def _bind(self, frame: FrameMark, owner: Key) -> None:
        self._bound[frame.key] = owner
        self._frames_of.setdefault(owner, []).append(frame.key)

    def _binding(self, owner: Key, evidence: Evidence) -> Binding:
        return Binding(owner, tuple(self._frames_of[owner]), None, evidence)

    def _taken_before(self, person: CheckInMark, frame: FrameMark, seen: Sighting) -> bool:
        if seen.taken_at is None:
            # Without a time only the number speaks: one out of order cannot be shown to be this person's.
            return seen.counter.backwards or seen.counter.reused
        return seen.taken_at < person.at + timedelta(seconds=self._rules.soonest_shot_s)

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
    timed = seen.taken_at is not None
    return Evidence(
        basis=Basis.LIVE,
        after_check_in_s=(seen.taken_at - person.at).total_seconds() if seen.taken_at else None,
        clock_offset_s=seen.clock_offset.total_seconds() if timed and seen.clock_offset is not None else None,
        camera_serial=frame.camera_serial,
        folder=frame.folder,
        file_number=frame.file_number,
        places_off=0 if timed else None,
        doubts=tuple(alarm.kind for alarm in alarms),
    )
