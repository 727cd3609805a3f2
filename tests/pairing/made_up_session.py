"""Sessions in a room, made up with their truth: who swiped when, which frame shows whom, what went wrong."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from hypothesis import strategies as st

from gradphoto.engine.devices.frame_facts import CHINA_TIME
from gradphoto.engine.pairing import (
    Alarm,
    CheckInMark,
    ClockFix,
    FrameMark,
    Key,
    PairingRules,
    PairStep,
    SessionPairer,
)

START = datetime(2026, 11, 21, 9, 0, 0, 10_000, tzinfo=CHINA_TIME)
"""Not on the full second: this camera tells fractions."""


def later(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


@dataclass(frozen=True)
class Sitting:
    """One person: seconds from the previous one's leaving to the swipe, to each exposure, and to leaving.

    ``transfers_s`` are the seconds each exposure takes to arrive.
    """

    swipe_after_s: float
    shots_after_s: tuple[float, ...]
    transfers_s: tuple[float, ...]
    leaves_after_s: float


@dataclass
class Session:
    """``shows``: frame key -> check-in key of the person truly in the picture (``None``: nobody)."""

    check_ins: list[CheckInMark] = field(default_factory=list)
    frames: list[FrameMark] = field(default_factory=list)
    shows: dict[Key, Key | None] = field(default_factory=dict)
    clock_s: float = 0.0

    def measured(self, **changes: object) -> PairingRules:
        """The rules of a room where people sit before they swipe, with this camera's clock measured."""
        serial = self.frames[0].camera_serial if self.frames else "SN1"
        fix = ClockFix(timedelta(seconds=self.clock_s), timedelta(0), None, timedelta(seconds=1.2))
        return replace(PairingRules(clocks={serial: (fix,)}, soonest_shot_s=0.5), **changes)

    def true_time(self, frame: FrameMark) -> datetime:
        """When a frame was taken by the computer's clock."""
        assert frame.taken_at is not None
        return frame.taken_at - timedelta(seconds=self.clock_s)

    def play(self, pairer: SessionPairer) -> tuple[list[PairStep], list[Alarm]]:
        """All events in order of time; gives the steps of the frames and every alarm."""
        events = [(mark.at, 1, mark) for mark in self.check_ins]
        events += [(mark.closed_at, 0, mark) for mark in self.check_ins if mark.closed_at]
        events += [(frame.arrived_at, 2, frame) for frame in self.frames]
        steps: list[PairStep] = []
        alarms: list[Alarm] = []
        for at, kind, mark in sorted(events, key=lambda event: event[:2]):
            if kind == 0:
                alarms += pairer.close(mark.key, at)
            elif kind == 1:
                alarms += pairer.check_in(replace(mark, closed_at=None))
            else:
                steps.append(pairer.frame(mark))
                alarms += steps[-1].alarms
        return steps, alarms

    def imported(self) -> Session:
        """The same frames, copied from the card at the end of the day."""
        evening = max(frame.arrived_at for frame in self.frames) + timedelta(hours=3)
        return replace(self, frames=[replace(frame, arrived_at=evening) for frame in self.frames])


def hold(
    sittings: list[Sitting],
    *,
    clock_s: float = 0.0,
    number: int = 1,
    folder: int = 100,
    close: bool = True,
    serial: str = "SN1",
) -> Session:
    """A session without faults. With ``close`` people leave when they are accepted, else when the next one swipes."""
    session, clock = Session(clock_s=clock_s), 0.0
    for index, sitting in enumerate(sittings):
        clock += sitting.swipe_after_s
        key = f"p{index}"
        shots = list(zip(sitting.shots_after_s, sitting.transfers_s, strict=True))
        arrived = max((shot + transfer for shot, transfer in shots), default=0.0)
        leaves = clock + arrived + sitting.leaves_after_s
        session.check_ins.append(CheckInMark(key, index + 1, later(clock), later(leaves) if close else None))
        for shot, transfer in shots:
            add_frame(session, clock + shot, transfer, key, clock_s, number, folder, serial)
            number, folder = (number + 1, folder) if number < 9999 else (1, folder + 1)
        clock = leaves
    return session


def add_frame(
    session: Session,
    at_s: float,
    transfer_s: float,
    shows: Key | None,
    clock_s: float = 0.0,
    number: int | None = None,
    folder: int = 100,
    serial: str = "SN1",
) -> FrameMark:
    key = f"f{len(session.shows)}"
    mark = FrameMark(key, serial, number, f"{folder}CANON", later(at_s + clock_s), later(at_s + transfer_s))
    session.frames.append(mark)
    session.shows[key] = shows
    return mark


def even(count: int, every_s: float = 20.0) -> list[Sitting]:
    """People like a clock."""
    return [Sitting(every_s - 9.0, (6.0,), (1.0,), 2.0)] * count


@functools.cache  # a strategy is validated once, not at every draw
def seconds(low: float, high: float) -> st.SearchStrategy[float]:
    return st.integers(int(low * 10), int(high * 10)).map(lambda tenths: tenths / 10)


@st.composite
def sittings(draw: st.DrawFn, shots_max: int = 3, count_max: int = 12) -> list[Sitting]:
    """People in a real room: transfers of 0.5 to 2 s, shots from 3 s after the swipe and 2 s apart."""
    people = []
    for _ in range(draw(st.integers(2, count_max))):
        shots = draw(st.integers(1, shots_max))
        first = draw(seconds(3, 15))
        gaps = draw(st.lists(seconds(2, 8), min_size=shots - 1, max_size=shots - 1))
        times = tuple(first + sum(gaps[:index]) for index in range(shots))
        transfers = tuple(draw(st.lists(seconds(0.5, 2), min_size=shots, max_size=shots)))
        people.append(Sitting(draw(seconds(2, 60)), times, transfers, draw(seconds(1, 10))))
    return people


@st.composite
def clean_sessions(draw: st.DrawFn, shots_max: int = 3, close: bool | None = None) -> Session:
    """No faults: any clock offset up to a day, any place of the counter, roll-over included."""
    return hold(
        draw(sittings(shots_max)),
        clock_s=draw(seconds(-86_400, 86_400)),
        number=draw(st.integers(1, 9999)),
        close=draw(st.booleans()) if close is None else close,
    )


def person_of(check_in_key: Key | None) -> str | None:
    """Who checked in: a second swipe of the same person has the same key with ``+`` behind it."""
    return None if check_in_key is None else str(check_in_key).rstrip("+")


def lose_frame(session: Session, draw: st.DrawFn) -> None:
    """An exposure never arrives; its number is spent."""
    session.frames.remove(draw(st.sampled_from(session.frames)))


def add_stray_frame(session: Session, draw: st.DrawFn) -> None:
    """Somebody releases the shutter between two persons; the numbers behind it move up."""
    after = draw(st.integers(0, len(session.check_ins) - 1))
    left = session.check_ins[after].closed_at
    assert left is not None
    before = [frame for frame in session.frames if frame.arrived_at <= left]
    model = before[-1] if before else session.frames[0]
    at = left + timedelta(seconds=draw(seconds(0.2, 1.8)))
    number = before[-1].file_number + 1 if before else session.frames[0].file_number
    for index, frame in enumerate(session.frames):
        if frame not in before:
            session.frames[index] = replace(frame, file_number=frame.file_number + 1)
    stray = replace(
        model,
        key=f"stray{len(session.shows)}",
        file_number=number,
        taken_at=at + timedelta(seconds=session.clock_s),
        arrived_at=at + timedelta(seconds=draw(seconds(0.5, 2))),
    )
    session.frames.insert(len(before), stray)
    session.shows[stray.key] = None


def swipe_twice(session: Session, draw: st.DrawFn) -> None:
    """One person swipes a second time before the first shot and so has two numbers."""
    keys = [mark.key for mark in session.check_ins]
    once = [place for place, key in enumerate(keys) if not str(key).endswith("+") and f"{key}+" not in keys]
    if not once:
        return
    place = draw(st.sampled_from(once))
    first = session.check_ins[place]
    again = replace(first, key=f"{first.key}+", shooting_number=9000 + place, at=first.at + timedelta(seconds=1))
    session.check_ins[place] = replace(first, closed_at=again.at)
    session.check_ins.insert(place + 1, again)


def swipe_too_early(session: Session, draw: st.DrawFn) -> None:
    """The next in the queue swipes while the one before is still to be shot."""
    place = draw(st.integers(0, len(session.check_ins) - 2))
    sitting, eager = session.check_ins[place : place + 2]
    early = sitting.at + timedelta(seconds=2)
    session.check_ins[place] = replace(sitting, closed_at=early)
    session.check_ins[place + 1] = replace(eager, at=early)


def delay_frame(session: Session, draw: st.DrawFn) -> None:
    """A transfer stalls until the next person sits in the chair, or longer: of anybody's last shot, or any shot."""
    last_shots = [
        place
        for place, frame in enumerate(session.frames[:-1])
        if session.shows[frame.key] != session.shows[session.frames[place + 1].key]
    ]
    places = last_shots if last_shots and draw(st.booleans()) else range(len(session.frames))
    place = draw(st.sampled_from(places))
    frame = session.frames[place]
    session.frames[place] = replace(frame, arrived_at=frame.arrived_at + timedelta(seconds=draw(seconds(3, 40))))


FAULTS = [lose_frame, add_stray_frame, swipe_twice, swipe_too_early, delay_frame]


@st.composite
def faulty_sessions(draw: st.DrawFn, faults_max: int = 3) -> Session:
    """A real room in which one or more things go wrong."""
    session = hold(draw(sittings()), clock_s=draw(seconds(-86_400, 86_400)), number=draw(st.integers(1, 9000)))
    for fault in draw(st.lists(st.sampled_from(FAULTS), min_size=1, max_size=faults_max)):
        if session.frames:
            fault(session, draw)
    return session
