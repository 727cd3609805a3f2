"""Rooms in motion: the second generator of sessions, of another structure than :mod:`benchmarks.pairing_sessions`.

People, photographer, camera, cable and station each act by their own clock and answer each other: bursts, safety shots
after the verdict, swipes that come early, slow and stalled transfers one behind the other, frames that sneak in between
two persons or never arrive, clocks that step and are measured again. The truth is who physically sits before the camera
at the moment of exposure. Nothing was tuned on it but the bar: no frame bound wrongly without being asked, whether it
was accepted or not, live and after the repair.

What it takes as given, as the rule does (docs/pairing.md): nobody is photographed later than 3.5 s after the next
person's swipe, and nobody who swiped is photographed sooner than 4 s after it.
"""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from gradphoto.engine.pairing import (
    Alarm,
    Certainty,
    CheckInMark,
    ClockFix,
    FrameMark,
    Key,
    PairingRules,
    PairingState,
    SessionPairer,
    propose_repair,
)

_BEGIN = datetime(2026, 11, 21, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One session. ``silent``: frames given to somebody whom they do not show and that no alarm names, live; the empty
    chair is named by the engine's verdict (no face), and nobody is accepted by it;
    ``silent_after``: the same when every change of the repair that does not ask was taken. ``in_vain``: frames asked
    about although they show the one person who had been called and nobody else was near."""

    frames: int
    asked: int
    in_vain: int
    silent: int
    silent_after: int
    alarms: int


@dataclass(slots=True)
class _Habits:
    """How this room works today."""

    transfer_s: float
    jitter_s: float
    burst: int
    safety: float
    eager_s: float
    sits_s: tuple[float, float]
    closes: bool
    fraction: bool
    cameras: tuple[str, ...]
    sneaks: float
    steps: tuple[float, ...]
    measured_again: bool


@dataclass(slots=True)
class _Room:
    rng: random.Random
    habits: _Habits
    rules: PairingRules
    ahead: dict[str, float]
    people: int
    now: float = 0.0
    pairer: SessionPairer = field(default_factory=SessionPairer)
    queue: list[tuple[float, int, Callable[[], None]]] = field(default_factory=list)
    tick: itertools.count[int] = field(default_factory=itertools.count)
    chair: int | None = None  # who physically sits there
    called: int | None = None  # whose check-in is open
    swiped: set[int] = field(default_factory=set)
    accepted: set[int] = field(default_factory=set)
    numbers: dict[str, int] = field(default_factory=dict)
    cable_free: dict[str, float] = field(default_factory=dict)
    shows: dict[Key, int | None] = field(default_factory=dict)
    by_hand: set[Key] = field(default_factory=set)
    asked: set[Key] = field(default_factory=set)
    in_vain: int = 0
    alarms: list[Alarm] = field(default_factory=list)
    bound_by_machine: dict[Key, Key] = field(default_factory=dict)

    def later(self, seconds: float, what: Callable[[], None]) -> None:
        heapq.heappush(self.queue, (self.now + seconds, next(self.tick), what))

    def run(self) -> None:
        while self.queue and self.now < 7200:
            self.now, _, what = heapq.heappop(self.queue)
            what()

    def at(self, seconds: float | None = None) -> datetime:
        return _BEGIN + timedelta(seconds=self.now if seconds is None else seconds)


def play(seed: int, *, calm: bool = False) -> tuple[Outcome, _Room]:
    """One session of 14 to 30 people; the same seed gives the same session. ``calm``: nobody touches a clock, no card
    comes early, one frame a person unless another is needed."""
    rng = random.Random(seed)
    room = _open(rng, calm=calm)
    room.later(1.0, lambda: _swipe(room, 0))
    for step in room.habits.steps:
        room.later(rng.uniform(20, room.people * 22), lambda step=step: _step(room, step))
    room.run()
    return _count(room), room


_CALM = _Habits(1.2, 0.1, 1, 0.0, 8.0, (4.0, 9.0), False, True, ("A",), 0.0, (), False)


def _open(rng: random.Random, *, calm: bool) -> _Room:
    slow = rng.choice((0.4, 0.8, 1.5, 1.5, 3.0, 6.0, 9.0))
    habits = _Habits(
        transfer_s=slow,
        jitter_s=rng.choice((0.0, 0.1, 0.5)) * slow,
        burst=rng.choice((1, 1, 1, 2, 3)),
        safety=rng.choice((0.0, 0.2, 0.6)),
        eager_s=rng.choice((0.5, 2.0, 8.0)),
        sits_s=rng.choice(((4.0, 9.0), (2.6, 6.0))),
        closes=rng.random() < 0.25,
        fraction=rng.random() < 0.5,
        cameras=("A", "B") if rng.random() < 0.2 else ("A",),
        sneaks=rng.choice((0.0, 0.0, 0.15)),
        steps=tuple(
            rng.choice((-1, 1)) * rng.choice((rng.uniform(0.5, 5), rng.uniform(5, 60), 3600.0))
            for _ in range(rng.choice((0, 0, 0, 1, 1, 2)))
        ),
        measured_again=rng.random() < 0.5,
    )
    habits = _CALM if calm else habits
    ahead = {camera: rng.uniform(-86_400, 86_400) for camera in habits.cameras}
    room = _Room(rng, habits, PairingRules(), ahead, rng.randint(14, 30))
    room.numbers = dict.fromkeys(habits.cameras, rng.randint(1, 9000))
    room.rules = replace(room.rules, clocks={camera: (_measured(room, camera, -30.0),) for camera in habits.cameras})
    room.pairer = SessionPairer(room.rules)
    return room


def _measured(room: _Room, camera: str, at_s: float) -> ClockFix:
    """The camera photographs the clock code: known to half a second, and so is that frame's transfer."""
    wrong = room.rng.uniform(-0.5, 0.5)
    transfer = max(0.05, room.habits.transfer_s + room.rng.uniform(-1, 1) * room.habits.jitter_s) + wrong
    return ClockFix(
        timedelta(seconds=room.ahead[camera] + wrong),
        timedelta(seconds=0.5),
        room.at(at_s),
        timedelta(seconds=transfer),
    )


def _step(room: _Room, seconds: float) -> None:
    """Somebody sets the camera's clock; perhaps the room measures it again a while later."""
    camera = room.rng.choice(room.habits.cameras)
    room.ahead[camera] += seconds
    if room.habits.measured_again:
        room.later(room.rng.uniform(15, 90), lambda: _measure_again(room, camera))


def _measure_again(room: _Room, camera: str) -> None:
    clocks = dict(room.rules.clocks)
    clocks[camera] = (*clocks[camera], _measured(room, camera, room.now))
    room.rules = replace(room.rules, clocks=clocks)
    room.pairer = SessionPairer.restore(room.pairer.state(), room.rules)


def _swipe(room: _Room, person: int) -> None:
    """The card; refused while somebody is in the chair, unless the room's rule lets the next card end the turn."""
    if person >= room.people or person in room.swiped:
        return
    open_one = room.pairer.open_check_in
    if open_one is not None and not (room.habits.closes and not room.pairer.binding(open_one.key)):
        room.later(2.0, lambda: _swipe(room, person))
        return
    room.swiped.add(person)
    room.called = person
    room.alarms += room.pairer.check_in(CheckInMark(person, person + 1, room.at(), person=person))
    room.later(room.rng.uniform(*room.habits.sits_s), lambda: _sit(room, person, room.now))
    if room.habits.closes and room.rng.random() < 0.15:
        room.later(room.rng.uniform(0.5, 3.0), lambda: _swipe(room, person + 1))  # the next one cannot wait


def _sit(room: _Room, person: int, swiped_s: float) -> None:
    if person != room.called and room.chair is not None:
        return  # the turn is over before it began
    if room.chair is not None and room.chair != person:
        room.later(0.7, lambda: _sit(room, person, swiped_s))
        return
    if person in room.accepted:
        return
    room.chair = person
    room.later(max(room.rng.uniform(1.2, 6.0), 0.0), lambda: _take(room, person, 0))


def _take(room: _Room, person: int, tries: int) -> None:
    """The photographer releases: one or a burst; and once more when nothing is heard for a while."""
    if room.chair != person or person in room.accepted:
        return
    if person != room.called:
        # The next card ended the turn: the photographer finishes this one all the same, and then everybody notices.
        if tries == 0:
            room.later(0.2, lambda: _expose(room, person))
        room.later(0.5, lambda: _stand_up(room, person))
        return
    if tries > 4:  # sent home
        _gone(room, person)
        return
    for shot in range(room.habits.burst):
        room.later(shot * room.rng.uniform(0.25, 0.7), lambda: _expose(room))
    if room.rng.random() < room.habits.safety / 2:
        room.later(room.rng.uniform(0.8, 2.5), lambda: _expose(room))
    waits = 4.0 + 3 * room.habits.burst * (room.habits.transfer_s + room.habits.jitter_s)
    room.later(waits + room.rng.uniform(0, 4), lambda: _take(room, person, tries + 1))


def _gone(room: _Room, person: int) -> None:
    mark = room.pairer.open_check_in
    if mark is not None and mark.key == person:
        room.alarms += room.pairer.close(person, room.at())
    room.chair = None
    room.later(room.rng.uniform(0.3, 6), lambda: _swipe(room, person + 1))


def _expose(room: _Room, shows: int | None = -1) -> None:
    """Of whoever sits there; the file waits for the cable, crosses it, or never comes."""
    camera = room.rng.choice(room.habits.cameras)
    number = room.numbers[camera]
    room.numbers[camera] = number % 9999 + 1
    taken_s = room.now + room.ahead[camera]
    taken = _BEGIN + timedelta(seconds=round(taken_s, 2) if room.habits.fraction else int(taken_s // 1))
    person = room.chair if shows == -1 else shows
    if room.rng.random() < 0.01:
        return
    takes = max(0.05, room.habits.transfer_s + room.rng.uniform(-1, 1) * room.habits.jitter_s)
    if room.rng.random() < 0.02:
        takes += room.rng.uniform(3, 40)
    begins = max(room.now, room.cable_free.get(camera, 0.0))
    room.cable_free[camera] = begins + takes * 0.8
    key = f"f{len(room.shows)}"
    room.shows[key] = person
    room.later(
        begins + takes - room.now, lambda: _arrive(room, FrameMark(key, camera, number, "100", taken, room.at()))
    )


def _arrive(room: _Room, frame: FrameMark) -> None:
    step = room.pairer.frame(frame)
    room.alarms += step.alarms
    truth = room.shows[frame.key]
    if step.binding is not None:
        owner = step.binding.check_in_key
        room.bound_by_machine[frame.key] = owner
        if owner not in room.accepted and room.rng.random() < 0.93:
            room.later(0.5, lambda: _accept(room, int(owner)))
        return
    room.asked.add(frame.key)
    if truth is not None and truth == room.called and room.chair == truth:
        room.in_vain += 1
    room.later(room.rng.uniform(2, 9), lambda: _answer(room, frame.key))


def _answer(room: _Room, key: Key) -> None:
    """Somebody looks at the picture and says whose it is; a frame of nobody is put away."""
    truth = room.shows[key]
    room.by_hand.add(key)
    if truth is None or truth not in room.swiped:
        return
    room.pairer.give(key, truth)
    if truth not in room.accepted:
        room.later(0.3, lambda: _accept(room, truth))


def _accept(room: _Room, person: int) -> None:
    mark = room.pairer.open_check_in
    if person in room.accepted or mark is None or mark.key != person:
        return
    room.accepted.add(person)
    room.alarms += room.pairer.close(person, room.at())
    eager = room.rng.expovariate(1 / room.habits.eager_s)
    room.later(0.15 + eager, lambda: _swipe(room, person + 1))
    stays = room.rng.uniform(0.8, 3.0)
    if room.rng.random() < room.habits.safety:
        # For safety one more, as long as the person has not got up: at most 3.5 s after the next card.
        shot = room.rng.uniform(0.1, min(0.15 + eager + 3.4, 5.0))
        room.later(shot, lambda: _expose(room, person))
        stays = max(stays, shot + 0.4)
    room.later(stays, lambda: _stand_up(room, person))


def _stand_up(room: _Room, person: int) -> None:
    if room.chair == person:
        room.chair = None
    if room.rng.random() < room.habits.sneaks and room.called == person:
        # A frame that sneaks in: the empty chair, or the next one shot before the card.
        shows = person + 1 if room.rng.random() < 0.5 else None
        room.later(room.rng.uniform(0.1, 2.0), lambda: _sneak(room, person, shows))


def _sneak(room: _Room, person: int, shows: int | None) -> None:
    if room.called == person and room.chair is None:
        _expose(room, shows)


def _count(room: _Room) -> Outcome:
    state = room.pairer.state()
    told = {alarm.frame_key for alarm in room.alarms}
    wrong = [key for key, owner in room.bound_by_machine.items() if room.shows[key] not in (owner, None)]
    silent = [key for key in wrong if key not in told]
    after = silent_after(state, room.rules, room.shows, room.by_hand)
    return Outcome(len(room.shows), len(room.asked), room.in_vain, len(silent), len(after), len(room.alarms))


def silent_after(
    state: PairingState, rules: PairingRules, shows: Mapping[Key, int | None], by_hand: Collection[Key]
) -> list[Key]:
    """Frames still given to somebody whom they do not show and that no question names, when every change of the repair
    that does not ask was taken."""
    bound, proposal = dict(state.bound), propose_repair(state, rules, by_hand=by_hand)
    named: set[Key | None] = {question.frame_key for question in proposal.open}
    for change in proposal.changes:
        if change.certainty is Certainty.ASK:
            named.add(change.frame_key)
            continue
        bound.pop(change.frame_key, None)
        if change.to_check_in is not None:
            bound[change.frame_key] = change.to_check_in
    whole = any(one.check_in_key is None and one.frame_key is None for one in proposal.open)
    return [key for key, owner in bound.items() if shows[key] not in (owner, None) and key not in named and not whole]
