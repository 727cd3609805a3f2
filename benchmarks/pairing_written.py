"""Sessions written beforehand: the third generator, of another structure than :mod:`benchmarks.pairing_rooms`.

There people, camera and station answer each other in an event queue. Here one sweep writes who sits before the camera and
when each shot falls; the file of each shot then crosses a cable of its own temper: fast or slow, steady or wild (up to 80 %
of its time), stuck for a minute now and then, while somebody sets a camera's clock by half a second to two hours. Nobody
measures it again. Frames sneak in before the card and of the empty chair; safety shots come after the verdict.

Taken as given, as by the rule (docs/pairing.md): nobody is shot later than 3.5 s after the next card, nor sooner than 4 s
after the own one, and nobody else sits there within 0.9 s of an acceptance.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from benchmarks.pairing_rooms import Outcome, silent_after
from gradphoto.engine.pairing import Alarm, CheckInMark, ClockFix, FrameMark, Key, PairingRules, SessionPairer

_BEGIN = datetime(2026, 11, 21, 8, tzinfo=UTC)


def _at(seconds: float) -> datetime:
    return _BEGIN + timedelta(seconds=seconds)


@dataclass(slots=True)
class _Cable:
    """One camera with its clock and its cable. ``steps``: when its clock was set, and by how many seconds."""

    serial: str
    ahead_s: float
    transfer_s: float
    spread_s: float
    whole: bool
    steps: tuple[tuple[float, float], ...]
    number: int
    free_s: float = 0.0

    def measured(self, rng: random.Random) -> ClockFix:
        """As the code's photograph tells it: wrong by up to 0.45 s, and so is that frame's transfer."""
        wrong = rng.uniform(-0.45, 0.45)
        transfer = max(0.05, self.transfer_s + rng.uniform(-1, 1) * self.spread_s)
        return ClockFix(
            timedelta(seconds=self.ahead_s + wrong),
            timedelta(seconds=0.5),
            _at(-20),
            timedelta(seconds=transfer + wrong),
        )

    def shoot(self, rng: random.Random, at_s: float) -> tuple[float, int, datetime] | None:
        """When the file is there, its number and its time; ``None`` for a frame that is lost."""
        self.number = self.number % 9999 + 1
        if rng.random() < 0.01:
            return None
        told = at_s + self.ahead_s + sum(by for since, by in self.steps if since <= at_s)
        takes = max(0.05, self.transfer_s + rng.uniform(-1, 1) * self.spread_s)
        if rng.random() < 0.02:
            takes += rng.uniform(2, 60)
        begins = max(at_s, self.free_s)
        self.free_s = begins + takes * 0.9
        return begins + takes, self.number, _BEGIN + timedelta(seconds=told // 1 if self.whole else round(told, 2))


@dataclass(slots=True)
class _Session:
    rng: random.Random
    cables: list[_Cable]
    pairer: SessionPairer
    on_the_way: list[tuple[float, FrameMark]] = field(default_factory=list)
    shows: dict[Key, int | None] = field(default_factory=dict)
    swiped: set[int] = field(default_factory=set)
    given: dict[Key, Key] = field(default_factory=dict)
    asked: set[Key] = field(default_factory=set)
    alarms: list[Alarm] = field(default_factory=list)
    in_vain: int = 0

    def shoot(self, at_s: float, shows: int | None) -> None:
        cable = self.rng.choice(self.cables)
        if (shot := cable.shoot(self.rng, at_s)) is None:
            return
        arrives, number, taken = shot
        key = f"f{len(self.shows)}"
        self.shows[key] = shows
        self.on_the_way.append((arrives, FrameMark(key, cable.serial, number, "100", taken, _at(arrives))))
        self.on_the_way.sort(key=lambda pair: pair[0])

    def arrive(self, until_s: float) -> None:
        """Everything that is there by then; what is asked is answered by somebody who looks at the picture."""
        while self.on_the_way and self.on_the_way[0][0] <= until_s:
            mark = self.on_the_way.pop(0)[1]
            step, truth, seated = self.pairer.frame(mark), self.shows[mark.key], self.pairer.open_check_in
            self.alarms += step.alarms
            if step.binding is not None:
                self.given[mark.key] = step.binding.check_in_key
                continue
            self.asked.add(mark.key)
            self.in_vain += seated is not None and seated.key == truth
            if truth in self.swiped and truth is not None:
                self.pairer.give(mark.key, truth)

    def turn(self, person: int, swiped_s: float) -> float:
        """One person from the card on; returns when the next card is laid down."""
        rng = self.rng
        self.arrive(swiped_s)
        self.alarms += self.pairer.check_in(CheckInMark(person, person + 1, _at(swiped_s), person=person))
        self.swiped.add(person)
        if person and rng.random() < 0.15:
            self.shoot(swiped_s + rng.uniform(0.1, 3.4), person - 1)
        shot = swiped_s + rng.uniform(4, 9) + rng.uniform(0, 4)
        for _ in range(rng.choice((1, 1, 2, 3))):
            self.shoot(shot, person)
            shot += rng.uniform(0.2, 1.2)
        now = self._wait(person, shot) + 0.4
        self.arrive(now)
        self.alarms += self.pairer.close(person, _at(now))
        if rng.random() < 0.25:
            self.shoot(now + rng.uniform(0.05, 1.5), person)
            now += 1.6
        up = now + rng.uniform(0.9, 2.5)
        if rng.random() < 0.15:
            self.shoot(up + rng.uniform(0.05, 3), rng.choice((None, person + 1)))
            up += 3.2
            now = up
        return now + rng.uniform(0.3, 1.2) if rng.random() < 0.4 else up + rng.uniform(0.2, 8)

    def _wait(self, person: int, now: float) -> float:
        """Until something is the person's, or nobody waits any longer; sometimes one more is taken meanwhile."""
        until = now + max(6.0, 4 * self.cables[0].transfer_s)
        while now < until and person not in self.pairer.state().bound.values():
            now += 0.25
            self.arrive(now)
            if self.rng.random() < 0.02:
                self.shoot(now, person)
        return now


def play_written(seed: int) -> Outcome:
    """One session of 6 to 18 people; the same seed gives the same session."""
    rng = random.Random(seed * 7919 + 13)
    people, transfer = rng.randint(6, 18), rng.choice((0.3, 0.6, 1.0, 2.0, 4.0, 8.0))
    spread, whole = rng.choice((0.05, 0.2, 0.8)) * transfer, rng.random() < 0.4
    cables = [
        _Cable(str(n), rng.uniform(-4000, 4000), transfer, spread, whole, _steps(rng, people), rng.randint(1, 9990))
        for n in range(rng.choice((1, 1, 1, 2)))
    ]
    rules = PairingRules(clocks={cable.serial: (cable.measured(rng),) for cable in cables})
    session = _Session(rng, cables, SessionPairer(rules))
    now = 4.0
    for person in range(people):
        now = session.turn(person, now)
    session.arrive(float("inf"))
    told = {alarm.frame_key for alarm in session.alarms}
    wrong = [key for key, owner in session.given.items() if session.shows[key] not in (owner, None) and key not in told]
    after = silent_after(session.pairer.state(), rules, session.shows, session.asked)
    return Outcome(len(session.shows), len(session.asked), session.in_vain, len(wrong), len(after), len(session.alarms))


def _steps(rng: random.Random, people: int) -> tuple[tuple[float, float], ...]:
    sizes = (rng.uniform(0.6, 4), rng.uniform(4, 40), 7200.0)
    return tuple(
        (rng.uniform(0, people * 18), rng.choice((-1, 1)) * rng.choice(sizes)) for _ in range(rng.choice((0, 0, 1, 2)))
    )
