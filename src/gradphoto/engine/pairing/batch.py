"""Pairing a whole session afterwards: by order and by turns, clocks corrected, every break told (R98, facts 4.3)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from gradphoto.engine.pairing import alarms as tell
from gradphoto.engine.pairing.file_numbers import CameraCounter
from gradphoto.engine.pairing.model import (
    Alarm,
    AlarmKind,
    Basis,
    Binding,
    CheckInMark,
    Evidence,
    FrameMark,
    Key,
    PairingReport,
    PairingRules,
)
from gradphoto.engine.pairing.shift import find_shift
from gradphoto.engine.pairing.timeline import TimedFrame, Timeline, build_timeline

__all__ = ["Reading", "find_shift", "pair", "read"]

# A frame of nobody this shortly before a swipe is most likely of the person who then swiped.
_SHOT_THEN_SWIPED = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Reading:
    """A session read by the clocks: ``owners`` beside ``line.frames``, places in ``line.check_ins`` or ``None``."""

    line: Timeline
    owners: tuple[int | None, ...]
    alarms: tuple[Alarm, ...]


def read(check_ins: Iterable[CheckInMark], frames: Iterable[FrameMark], rules: PairingRules) -> Reading:
    """Whose turn it was when each frame was taken. Alarms come in order of time."""
    line = build_timeline(check_ins, frames, rules)
    alarms = [*line.alarms, *_numbers_reused(line), *_told_by_cameras(line)]
    owners: list[int | None] = []
    usable: dict[int, bool] = {}
    for timed in line.frames:
        owner = _owner(line, timed, rules)
        if isinstance(owner, Alarm):
            owners.append(None)
            alarms.append(owner)
        else:
            owners.append(owner)
            usable[owner] = usable.get(owner, False) or timed.frame.usable is not False
    for place, mark in enumerate(line.check_ins):
        if place not in usable:
            alarms.append(tell.person_without_frame(mark, mark.closed_at or mark.at))
        elif not usable[place]:
            alarms.append(tell.no_usable_frame(mark, mark.closed_at or mark.at))
    alarms.sort(key=lambda alarm: alarm.at)
    return Reading(line, tuple(owners), tuple(alarms))


def pair(
    check_ins: Iterable[CheckInMark], frames: Iterable[FrameMark], rules: PairingRules | None = None
) -> PairingReport:
    """Binds each frame to the person whose turn it was. Alarms come in order of time."""
    reading = read(check_ins, frames, rules or PairingRules())
    owned: dict[int, list[TimedFrame]] = defaultdict(list)
    unbound: list[Key] = []
    for timed, owner in zip(reading.line.frames, reading.owners, strict=True):
        if owner is None:
            unbound.append(timed.frame.key)
        else:
            owned[owner].append(timed)
    doubts = _doubts(reading.alarms)
    bindings = [
        _binding(mark, owned[place], doubts) for place, mark in enumerate(reading.line.check_ins) if place in owned
    ]
    return PairingReport(tuple(bindings), tuple(unbound), reading.alarms)


def _owner(line: Timeline, timed: TimedFrame, rules: PairingRules) -> int | Alarm:
    """The place of whose turn it was, or what has to be told instead."""
    place = line.in_chair(timed.taken_at)
    if place is not None:
        mark = line.check_ins[place]
        if timed.taken_at - mark.at < timedelta(seconds=rules.soonest_shot_s):
            return tell.frame_before_check_in(timed.frame, mark, timed.taken_at)
        return place
    turn = line.turn(timed.taken_at)
    following = line.check_ins[turn + 1] if turn + 1 < len(line.check_ins) else None
    if following is not None and following.at - timed.taken_at <= _SHOT_THEN_SWIPED:
        return tell.frame_before_check_in(timed.frame, following, timed.taken_at)
    return tell.frame_without_person(timed.frame, timed.taken_at)


def _numbers_reused(line: Timeline) -> list[Alarm]:
    used: set[int] = set()
    alarms = []
    for mark in line.check_ins:
        if mark.shooting_number in used:
            alarms.append(tell.shooting_number_reused(mark, mark.at))
        used.add(mark.shooting_number)
    return alarms


def _told_by_cameras(line: Timeline) -> list[Alarm]:
    """Gaps, resets and changes of camera, in the order taken."""
    counters: dict[str, CameraCounter] = {}
    alarms = []
    for timed in line.frames:
        frame, at = timed.frame, timed.taken_at
        if counters and frame.camera_serial not in counters:
            alarms.append(tell.camera_changed(frame, at))
        step = counters.setdefault(frame.camera_serial, CameraCounter()).follow(frame)
        turn = line.turn(at)
        person = line.check_ins[turn] if turn >= 0 else None
        if step.reused:
            alarms.append(tell.file_number_reused(frame, person, at))
        elif step.backwards:
            alarms.append(tell.numbers_backwards(frame, person, at))
        elif step.missing:
            alarms.append(tell.numbers_missing(frame, step.missing, person, at))
    return alarms


def _doubts(alarms: Iterable[Alarm]) -> dict[Key, tuple[AlarmKind, ...]]:
    """By check-in: the kinds of alarms that concern this person, each once, in order."""
    kinds: dict[Key, dict[AlarmKind, None]] = defaultdict(dict)
    for alarm in alarms:
        if alarm.check_in_key is not None:
            kinds[alarm.check_in_key][alarm.kind] = None
    return {key: tuple(found) for key, found in kinds.items()}


def _binding(mark: CheckInMark, owned: list[TimedFrame], doubts: dict[Key, tuple[AlarmKind, ...]]) -> Binding:
    accepted = _accepted([timed.frame for timed in owned])
    timed = next((timed for timed in owned if accepted is not None and timed.frame is accepted), owned[-1])
    evidence = Evidence(
        basis=Basis.TIME_WINDOW,
        after_check_in_s=(timed.taken_at - mark.at).total_seconds(),
        clock_offset_s=timed.offset.total_seconds() if timed.offset is not None else None,
        camera_serial=timed.frame.camera_serial,
        folder=timed.frame.folder,
        file_number=timed.frame.file_number,
        places_off=0,
        doubts=doubts.get(mark.key, ()),
    )
    return Binding(mark.key, tuple(t.frame.key for t in owned), accepted.key if accepted else None, evidence)


def _accepted(frames: list[FrameMark]) -> FrameMark | None:
    """The only frame found usable, or the only one not found unusable; between several a person decides."""
    for candidates in ([f for f in frames if f.usable is True], [f for f in frames if f.usable is not False]):
        if len(candidates) == 1:
            return candidates[0]
    return None
