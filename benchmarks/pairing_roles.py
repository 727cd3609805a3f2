"""Rooms by their roles: the fourth generator, of another structure than the three before it.

Sitters, photographer, operator, cable and staff are processes of their own (Python generators that say how long they wait);
what they wait comes from other families (lognormal, gamma, Weibull, Pareto tails). One or two chairs. The station is driven
as the product drives it: the machine is rebuilt from the last rows at every frame, clocks are read as the product reads them,
refusals, holds and verdicts answer the people, and people answer its questions by looking at the picture.

What goes wrong: cards laid down before, after or twice; cards forgotten and people looked up by hand; a card reader that is
dead for minutes; sitters who changed places in the queue; chairs whose readers were exchanged; safety shots and bursts; frames
deleted, lost, out of order, cut off and brought later; a station that is down; camera clocks that drift, step or are set back;
a computer's clock that is set; pauses in between. The truth is who sits before the camera at the moment of exposure.

A frame of the empty chair is no silent one: the engine's verdict names it (no face), and nobody is accepted by it.

Taken as given (docs/pairing.md): who laid a card down is not shot within 4 s of it, nor anybody before later than 3.5 s after it.
"""

from __future__ import annotations

import heapq
import itertools
import math
import random
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from benchmarks.pairing_rooms import Outcome, silent_after
from gradphoto.engine.pairing import Alarm, CheckInMark, FrameMark, Key, PairingRules, PairingState, SessionPairer
from gradphoto.engine.pairing.model import Span
from gradphoto.engine.pairing.readings import LOOK_BACK, ClockReading, clocks_in_force, readers_exchanged

_BEGIN = datetime(2026, 12, 1, 0, 30, tzinfo=UTC)
_HARDLY, _SELDOM, _OFTEN = 0.04, 0.12, 0.35

Process = Generator[float, None, None]


class Trouble(StrEnum):
    """What may go on in a session; each is there by its own chance."""

    BURSTS = "bursts"
    SAFETY = "safety shots"
    EAGER = "card at once after the verdict"
    LATE_CARD = "shot, then the card"
    TWICE = "card twice"
    FORGOTTEN = "cards forgotten"
    DEAD_READER = "reader dead"
    REORDERED = "out of order"
    CUT_OFF = "cut off, brought later"
    DOWN = "station down"
    DELETED = "deleted frames"
    UNSIGNED = "gone, and not signed off"
    EARLY = "card before the verdict"
    STEPPED = "camera clock set"
    COMPUTER = "computer restarted with another time"
    PAUSES = "pauses"
    EXCHANGED = "readers exchanged"
    SWAPPED = "sitters swapped"
    TESTS = "test frames"


_DRAWN = tuple(one for one in Trouble if one is not Trouble.SWAPPED)
"""Troubles of the clock and of the cable, of cards and of habits. Swapped sitters, which no time can show, are played apart."""


@dataclass(frozen=True, slots=True)
class Played:
    """One session: frames, asked about, asked in vain (it shows who was called and sat there), and the silent ones.

    ``beyond``: silent ones of which no time can tell, counted apart: somebody who had laid no card down sat in the chair of
    a person who was still called. Faces tell (``capture.compare_faces``), and the checker before the photograph (R100).
    """

    frames: int
    asked: int
    in_vain: int
    silent: int
    silent_after: int
    beyond: int
    troubles: frozenset[Trouble]
    why: tuple[str, ...] = ()

    @property
    def outcome(self) -> Outcome:
        """As the other generators tell it; an alarm here is a frame that was asked about."""
        return Outcome(self.frames, self.asked, self.in_vain, self.silent, self.silent_after, self.asked)


@dataclass(slots=True)
class _Clock:
    """A clock that runs a little wrong and is set by somebody now and then."""

    ahead_s: float
    ppm: float = 0.0
    steps: list[tuple[float, float]] = field(default_factory=list)

    def at(self, true_s: float) -> float:
        return true_s + self.ahead_s + true_s * self.ppm * 1e-6 + sum(by for since, by in self.steps if since <= true_s)


@dataclass(slots=True)
class _Row:
    """A check-in as the station keeps it."""

    key: int
    person: int
    number: int
    at: datetime
    status: str = "open"
    closed_at: datetime | None = None


@dataclass(slots=True)
class _Chair:
    number: int
    camera: _Clock
    serial: str
    file: int
    transfer: tuple[float, float]
    whole: bool
    waiting: list[tuple[int, int]]
    in_vain: list[datetime] = field(default_factory=list)
    blind: list[Span] = field(default_factory=list)
    rows: list[_Row] = field(default_factory=list)
    frames: list[FrameMark] = field(default_factory=list)
    bound: dict[Key, Key] = field(default_factory=dict)
    readings: list[ClockReading] = field(default_factory=list)
    sits: int | None = None
    reader: int = 0
    heard: dict[int, str] = field(default_factory=dict)

    @property
    def open(self) -> _Row | None:
        return next((row for row in self.rows if row.status == "open"), None)


class _Room:
    """The station and everything around it."""

    def __init__(self, seed: int, only: frozenset[Trouble] | None) -> None:
        self.rng = random.Random(seed * 104_729 + 7)
        rng = self.rng
        drawn = frozenset(rng.sample(list(_DRAWN), min(len(_DRAWN), int(rng.gammavariate(2.0, 1.6)))))
        self.troubles = drawn if only is None else only
        self.now, self.tick = 0.0, itertools.count()
        self.queue: list[tuple[float, int, Process]] = []
        self.computer = _Clock(0.0, rng.gauss(0, 8))
        self.closes, self.quick = rng.random() < _SELDOM, rng.random() < 0.25
        people, chairs = rng.randint(8, 22), 2 if rng.random() < 0.3 or self.has(Trouble.EXCHANGED) else 1
        mean = rng.choice((0.5, 0.9, 1.6, 2.8, 5.0))
        self.chairs = [
            _Chair(
                n,
                _Clock(rng.choice((rng.gauss(0, 30), rng.gauss(0, 20_000))), rng.gauss(0, 25)),
                f"C{n}", rng.randint(1, 9990), (mean, rng.choice((1.2, 4.0, 12.0, 12.0))), rng.random() < 0.4,
                self._queue(range(n * 100, n * 100 + people)), reader=n,
            )
            for n in range(chairs)
        ]  # fmt: skip
        self.keys, self.numbers = itertools.count(1), itertools.count(1)
        self.shows: dict[Key, int | None] = {}
        self.by_machine: dict[Key, Key] = {}
        self.by_hand: set[Key] = set()
        self.asked: set[Key] = set()
        self.in_vain = 0
        self.alarms: list[Alarm] = []
        self.laid: set[int | None] = {None}
        self.beyond: set[Key] = set()
        self.person_of: dict[Key, int] = {}
        self.dead: list[tuple[float, float]] = []
        self.cut: list[tuple[float, float]] = []
        self.down: list[tuple[float, float]] = []
        self.log: list[str] = []
        self._busy: dict[int, float] = {}
        self.exchanged = False
        self.last_at: dict[int, int | None] = {}

    def _queue(self, people: Sequence[int]) -> list[tuple[int, int]]:
        """(whose card, who sits there), in order."""
        line = [(person, person) for person in people]
        for place in range(0, len(line) - 1, 2):
            if self.has(Trouble.SWAPPED) and self.rng.random() < _SELDOM:
                (one, _), (other, _) = line[place], line[place + 1]
                line[place], line[place + 1] = (one, other), (other, one)
        return line

    def has(self, trouble: Trouble) -> bool:
        return trouble in self.troubles

    def starts(self, process: Process, after_s: float = 0.0) -> None:
        heapq.heappush(self.queue, (self.now + after_s, next(self.tick), process))

    def run(self, until_s: float = 9000.0) -> None:
        while self.queue:
            self.now, _, process = heapq.heappop(self.queue)
            if self.now > until_s:
                break
            try:
                wait_s = next(process)
            except StopIteration:
                continue
            self.starts(process, max(0.0, wait_s))

    def stamp(self) -> datetime:
        """Now, as the computer has it."""
        return _BEGIN + timedelta(seconds=self.computer.at(self.now))

    def during(self, spans: list[tuple[float, float]]) -> tuple[float, float] | None:
        return next((span for span in spans if span[0] <= self.now < span[1]), None)

    # The station, as the product works it.

    def rules(self, chair: _Chair, newcomer: FrameMark | None = None) -> PairingRules:
        seen = [*chair.frames[-LOOK_BACK:], *([newcomer] if newcomer else [])]
        return PairingRules(clocks=clocks_in_force(chair.readings, seen, PairingRules()))

    def marks(self, chair: _Chair) -> list[CheckInMark]:
        return [
            CheckInMark(
                row.key, row.number, row.at, None if row.status == "open" else row.closed_at or row.at, row.person,
                unfinished=row.status == "cancelled",
                elsewhere=row.person // 100 != chair.number,
            )
            for row in chair.rows
        ]  # fmt: skip

    def swipe(self, chair: _Chair, person: int) -> bool:
        """A card is laid on a reader, or somebody is looked up by hand at a chair. ``False``: refused or held."""
        self.laid.add(person)
        seated = chair.open
        if seated is not None and self.closes and seated.person != person and not self._undecided(chair, seated):
            self.leave(chair, seated)
            seated = None
        if seated is not None and seated.person != person:
            chair.in_vain.append(self.stamp())
        standing = [row for other in self.chairs for row in other.rows if row.person == person]
        if seated is not None or any(row.status != "cancelled" for row in standing):
            return False
        row = _Row(next(self.keys), person, next(self.numbers), self.stamp())
        chair.rows.append(row)
        self.person_of[row.key] = person
        self._whose_line(chair, person)
        return True

    def _whose_line(self, chair: _Chair, person: int) -> None:
        """Everybody queues at a chair: who was read at another one may sit at the own, and two readers that got each
        other's people are told, and somebody sees to them."""
        if (line := self.chairs[person // 100 % len(self.chairs)]) is not chair:
            line.in_vain.append(self.stamp())
        self.last_at[chair.number] = person // 100
        if readers_exchanged(self.last_at) is not None and not self.exchanged:
            self.exchanged = True
            self.starts(_put_right(self), self.rng.lognormvariate(3.5, 0.6))

    def _undecided(self, chair: _Chair, row: _Row) -> bool:
        return any(owner == row.key for owner in chair.bound.values())

    def leave(self, chair: _Chair, row: _Row) -> None:
        row.status, row.closed_at = "cancelled", self.stamp()

    def arrives(self, chair: _Chair, mark: FrameMark, *, meanwhile: bool) -> None:
        told = replace(mark, arrived_at=self.stamp(), taken_at=None if meanwhile else mark.taken_at)
        rules = self.rules(chair, told)
        latest = sorted(self.marks(chair), key=lambda one: one.at)[-LOOK_BACK:]
        known = {one.key for one in latest}
        recent = sorted(chair.frames, key=lambda one: one.arrived_at)[-LOOK_BACK:]
        bound = {one.key: chair.bound[one.key] for one in recent if chair.bound.get(one.key) in known}
        machine = SessionPairer.restore(
            PairingState(tuple(latest), tuple(recent), bound, tuple(chair.in_vain), tuple(chair.blind)), rules
        )
        owner = None
        if meanwhile:
            self.asked.add(told.key)
            self.starts(self._answer(chair, told.key), self.rng.lognormvariate(2.2, 0.6))
        else:
            step = machine.frame(told)
            self.alarms += step.alarms
            owner = step.binding.check_in_key if step.binding else None
            row = next((one for one in chair.rows if one.key == owner), None)
            if row is not None and row.status == "cancelled":
                owner = None
        chair.frames.append(replace(told, taken_at=mark.taken_at))
        truth = self.shows[told.key]
        if owner is None:
            if not meanwhile:
                self.asked.add(told.key)
                called = chair.open
                self.in_vain += called is not None and called.person == truth == chair.sits
                self.starts(self._answer(chair, told.key), self.rng.lognormvariate(1.2, 0.6))
            return
        chair.bound[told.key] = self.by_machine[told.key] = owner
        self.starts(self._judge(chair, int(owner), told.key), 0.35 + self.rng.expovariate(8))

    def _judge(self, chair: _Chair, owner: int, key: Key) -> Process:
        yield 0.0
        row = next(one for one in chair.rows if one.key == owner)
        if row.status != "open":
            return
        if self.shows[key] is None:  # the verdict names it: no face, another one is wanted
            chair.heard[row.person] = "again"
            return
        if self.rng.random() < (0.3 if self.has(Trouble.UNSIGNED) else 0.1):
            chair.heard[row.person] = "again"
            return
        row.status, row.closed_at = "shot", self.stamp()
        chair.heard[row.person] = "accepted"

    def _answer(self, chair: _Chair, key: Key) -> Process:
        """Somebody looks at the picture and says whose it is, of those who have a number."""
        yield 0.0
        truth = self.shows[key]
        rows = [
            (other, row)
            for other in self.chairs
            for row in other.rows
            if row.person == truth and row.status != "cancelled"
        ]
        self.by_hand.add(key)
        chair.bound.pop(key, None)
        if truth is None or not rows or rows[0][0] is not chair:
            return
        chair.bound[key] = rows[0][1].key
        yield from self._judge(chair, rows[0][1].key, key)

    # The people.

    def expose(self, chair: _Chair, shows: int | None) -> None:
        rng, number = self.rng, chair.file
        chair.file = number % 9999 + 1
        if self.has(Trouble.DELETED) and rng.random() < _SELDOM / 2:
            return
        told = chair.camera.at(self.now)
        taken = _BEGIN + timedelta(seconds=math.floor(told) if chair.whole else round(told, 2))
        key = f"{chair.serial}-{len(self.shows)}"
        self.shows[key] = shows
        called = chair.open
        if called is not None and called.person != shows and shows not in self.laid:
            self.beyond.add(key)
        mark = FrameMark(key, chair.serial, number, "100", taken, _BEGIN)
        self.log.append(f"{self.now:.1f} exposed {key} #{number} shows {shows}")
        self.starts(self._cross(chair, mark))

    def _cross(self, chair: _Chair, mark: FrameMark) -> Process:
        """The file's way: each by itself, so that a quick one overtakes; cut off, or nobody there to take it."""
        mean, shape = chair.transfer
        takes = 0.05 + self.rng.weibullvariate(mean, shape)
        if self.rng.random() < 0.015:
            takes += min(90.0, 2.0 * self.rng.paretovariate(1.1))
        if not self.has(Trouble.REORDERED):
            takes = max(takes, self._free(chair) - self.now)
            self._busy[chair.number] = self.now + takes
        yield takes
        if (span := self.during(self.cut)) is not None:
            yield span[1] - self.now + self.rng.uniform(0.1, 2.0)
        meanwhile = False
        if (span := self.during(self.down)) is not None:
            yield span[1] - self.now + self.rng.uniform(0.1, 0.5)
            meanwhile = True
        self.log.append(f"{self.now:.1f} arrives {mark.key}{' meanwhile' if meanwhile else ''}")
        self.arrives(chair, mark, meanwhile=meanwhile)

    def _free(self, chair: _Chair) -> float:
        return self._busy.get(chair.number, 0.0)

    def measure(self, chair: _Chair) -> None:
        """The camera photographs the clock code, and the file comes at once."""
        give = 0.75 if chair.whole else 0.3
        takes = 0.05 + self.rng.weibullvariate(*chair.transfer)
        wrong = self.rng.uniform(-1, 1) * give * 0.95
        ahead = chair.camera.at(self.now) - self.computer.at(self.now)
        seen = self.rng.uniform(-0.25, 0.25)
        chair.readings.append(
            ClockReading(
                chair.serial, timedelta(seconds=ahead + wrong), timedelta(seconds=give), self.stamp(),
                timedelta(seconds=takes + seen),
            )
        )  # fmt: skip


def _line(room: _Room, chair: _Chair) -> Process:
    """One chair's day: person after person, with everything that people do."""
    rng = room.rng
    while chair.waiting:
        person, sitter = chair.waiting.pop(0)
        if room.has(Trouble.PAUSES) and rng.random() < _HARDLY:
            yield rng.lognormvariate(5.0, 0.9)
        if room.has(Trouble.TESTS) and rng.random() < _HARDLY and chair.sits is None:
            room.expose(chair, None)
            yield rng.uniform(1, 6)
        yield from _turn(room, chair, person, sitter)


def _calls(room: _Room, chair: _Chair, person: int) -> Process:
    """The card is laid down, forgotten, or nothing reads it; ends when there is a number or nobody waits any longer."""
    rng, reader = room.rng, room.chairs[chair.reader % len(room.chairs)]
    forgot = room.has(Trouble.FORGOTTEN) and rng.random() < _SELDOM
    where = chair if forgot else reader
    if forgot:
        yield 3.0 + rng.gammavariate(3.0, 4.0)
    for _ in range(25):
        if not forgot and room.during(room.dead):
            yield rng.gammavariate(2.0, 4.0)
            where = chair  # looked up by hand, at this chair's screen
            if rng.random() < 0.3:
                return
        if room.during(room.down):
            yield 3.0
            continue
        if room.has(Trouble.UNSIGNED) and where.open is not None and rng.random() < 0.4:
            room.swipe(where, person)
            return  # refused, and nobody looks: the photographer goes on
        if room.swipe(where, person):
            room.log.append(f"{room.now:.1f} card of {person} at chair {where.number}")
            if room.has(Trouble.TWICE) and rng.random() < _SELDOM:
                room.starts(_once_more(room, where, person), rng.uniform(0.4, 3.0))
            return
        yield 1.0 + rng.expovariate(0.6)


def _too_early(room: _Room, chair: _Chair, person: int) -> Process:
    """The next one cannot wait: refused as long as somebody is called; the number is born if the verdict was faster."""
    yield 0.0
    if room.chairs[chair.reader].open is not None:
        room.swipe(room.chairs[chair.reader], person)


def _once_more(room: _Room, chair: _Chair, person: int) -> Process:
    """The same card again: refused or held, and sometimes the operator admits it anew by a second number."""
    yield 0.0
    row = next((one for one in chair.rows if one.person == person and one.status == "shot"), None)
    if row is not None and chair.open is None and room.rng.random() < 0.3:
        row.status = "cancelled"
        room.swipe(chair, person)


def _number_of(room: _Room, person: int) -> tuple[_Chair, _Row] | None:
    return next(
        ((c, row) for c in room.chairs for row in c.rows if row.person == person and row.status != "cancelled"), None
    )


def _turn(room: _Room, chair: _Chair, person: int, sitter: int) -> Process:
    rng = room.rng
    late_card = room.has(Trouble.LATE_CARD) and rng.random() < _SELDOM
    card = _calls(room, chair, person)
    if not late_card:
        yield from card
    called_at = room.now
    # The one before gets up, this one sits down: nobody is before the camera within 4 s of the own card.
    yield max(0.0, 2.2 + rng.lognormvariate(0.5, 0.5))
    while chair.sits is not None and chair.sits != sitter:
        yield 0.3
    chair.sits = sitter
    poses = rng.gammavariate(1.5, 1.2) if room.quick else rng.lognormvariate(1.5, 0.6)
    yield max(0.4, 4.05 - (room.now - called_at) if not late_card else 0.4) + poses
    if room.has(Trouble.EARLY) and chair.waiting and rng.random() < _OFTEN:
        room.starts(_too_early(room, chair, chair.waiting[0][0]), rng.uniform(0.0, 6.0))
    for tries in range(7):
        chair.heard.pop(person, None)
        yield from _release(room, chair, sitter)
        if late_card and tries == 0:
            yield rng.gammavariate(2.0, 1.0)
            yield from card
            called_at = room.now
            yield 4.05
        patience = 3.0 + 4 * chair.transfer[0] + rng.gammavariate(2.0, 1.0)
        until = room.now + patience
        while room.now < until and chair.heard.get(person) is None:
            yield 0.25
        heard = chair.heard.get(person)
        found = _number_of(room, person)
        if heard == "accepted" or (found is not None and found[1].status == "shot"):
            break
        if heard == "again" and room.has(Trouble.UNSIGNED) and rng.random() < 0.6:
            break  # sent home: comb, glasses, another day
        if found is None and tries >= 2:
            break  # nobody looked this person up: photographed without a number
        yield rng.gammavariate(2.0, 0.6)
    found = _number_of(room, person)
    if found is not None and found[1].status == "open":
        forgets = room.has(Trouble.UNSIGNED) and rng.random() < 0.6
        room.starts(_signed_off(room, found[0], found[1]), rng.lognormvariate(3.0, 0.7) if forgets else 0.0)
    eager = rng.expovariate(1 / 0.8) if room.has(Trouble.EAGER) else 1.0 + rng.gammavariate(2.0, 2.0)
    stays = rng.gammavariate(2.0, 0.7)
    if room.has(Trouble.SAFETY) and rng.random() < _OFTEN:
        # The next card is not sooner than ``eager`` from now: this one is shot at most 3.4 s after it.
        shot = min(rng.gammavariate(2.0, 0.7), eager + 3.4)
        room.starts(_safety(room, chair, sitter), shot)
        stays = max(stays, shot + 0.3)
    room.starts(_gets_up(chair, sitter), max(0.9, stays))
    yield eager


def _signed_off(room: _Room, chair: _Chair, row: _Row) -> Process:
    """Somebody presses the key: gone without a photograph."""
    yield 0.0
    if row.status == "open":
        room.leave(chair, row)
        room.log.append(f"{room.now:.1f} {row.person} gone without")


def _safety(room: _Room, chair: _Chair, sitter: int) -> Process:
    yield 0.0
    if chair.sits == sitter:
        room.expose(chair, sitter)


def _gets_up(chair: _Chair, sitter: int) -> Process:
    yield 0.0
    if chair.sits == sitter:
        chair.sits = None


def _release(room: _Room, chair: _Chair, sitter: int) -> Process:
    rng = room.rng
    shots = 1
    if room.has(Trouble.BURSTS):
        while shots < 5 and rng.random() < 0.5:
            shots += 1
    for shot in range(shots):
        if shot:
            yield 0.15 + rng.gammavariate(2.0, 0.15)
        if chair.sits == sitter:
            room.expose(chair, sitter)


def _staff(room: _Room) -> Process:
    """What happens to the devices over the day."""
    rng = room.rng
    length = len(room.chairs[0].waiting) * 20.0
    for trouble, spans, scale in (
        (Trouble.DEAD_READER, room.dead, 90.0),
        (Trouble.CUT_OFF, room.cut, 40.0),
        (Trouble.DOWN, room.down, 25.0),
    ):
        for _ in range(rng.choice((1, 1, 2)) if room.has(trouble) else 0):
            begins = rng.uniform(10, length)
            spans.append((begins, begins + 5 + rng.weibullvariate(scale, 1.3)))
            if trouble is Trouble.DEAD_READER:
                room.starts(_told_dead(room, spans[-1][1]), begins + rng.uniform(0.2, 5.0))
    sets: list[tuple[float, _Clock, float]] = []
    for _ in range(rng.choice((1, 1, 2, 3)) if room.has(Trouble.STEPPED) else 0):
        by = rng.choice((rng.gauss(0, 2), rng.gauss(0, 15), -3600.0, 3600.0, -rng.lognormvariate(1.5, 1)))
        sets.append((rng.uniform(5, length), rng.choice(room.chairs).camera, by))
    again = rng.choice((0.0, _OFTEN, 1.0))
    for at, clock, by in sorted(sets, key=lambda one: one[0]):
        yield at - room.now
        clock.steps.append((room.now, by))
        room.log.append(f"{room.now:.1f} camera set by {by:.1f}")
        for chair in room.chairs:
            if clock is chair.camera and rng.random() < again:
                room.starts(_measures(room, chair), rng.lognormvariate(3.0, 0.8))


def _told_dead(room: _Room, until_s: float) -> Process:
    """The station finds within 5 s that its reader answers no more, and that it does again."""
    yield 0.0
    for chair in room.chairs:
        chair.in_vain.append(room.stamp())
        chair.blind.append((room.stamp(), None))
    yield until_s - room.now
    for chair in room.chairs:
        chair.blind[-1] = (chair.blind[-1][0], room.stamp())


def _exchanges(room: _Room) -> Process:
    """Somebody plugs the readers in anew, each at the other chair."""
    yield room.rng.uniform(0.0, len(room.chairs[0].waiting) * 15.0) if room.rng.random() < 0.6 else 0.0
    room.chairs[0].reader, room.chairs[1].reader = 1, 0
    room.log.append(f"{room.now:.1f} readers exchanged")


def _put_right(room: _Room) -> Process:
    """Somebody has read the alarm: the cables are changed back, and whoever is called at the wrong chair is called anew."""
    yield 0.0
    room.log.append(f"{room.now:.1f} readers put right")
    for chair in room.chairs:
        chair.reader = chair.number
        if (row := chair.open) is not None and row.person // 100 != chair.number:
            room.leave(chair, row)
    room.exchanged, room.last_at = False, {}


def _restarts(room: _Room) -> Process:
    """The computer is switched off and its clock is another one afterwards; the station never goes back behind its record.
    While it runs its clock may be set as anybody likes: the station's own goes on (``engine.steady_clock``)."""
    rng = room.rng
    yield rng.uniform(20, len(room.chairs[0].waiting) * 20.0)
    last = room.computer.at(room.now)
    lasts = 20 + rng.weibullvariate(40, 1.3)
    room.down.append((room.now, room.now + lasts))
    by = rng.choice((rng.gauss(0, 2), rng.gauss(0, 20), -rng.lognormvariate(4.5, 1), -3600.0, 600.0))
    by = max(by, last + 1 - room.computer.at(room.now + lasts))
    room.computer.steps.append((room.now + lasts, by))
    room.log.append(f"{room.now:.1f} computer off for {lasts:.1f}, clock then {by:+.1f}")
    yield lasts
    for chair in room.chairs:
        if rng.random() < 0.5:
            room.starts(_measures(room, chair), rng.lognormvariate(3.0, 0.8))


def _measures(room: _Room, chair: _Chair) -> Process:
    yield 0.0
    room.measure(chair)
    room.log.append(f"{room.now:.1f} measured {chair.serial}")


def play_roles(seed: int, only: frozenset[Trouble] | None = None) -> tuple[Played, _Room]:
    """One session; the same seed gives the same. ``only``: these troubles instead of those drawn."""
    room = _Room(seed, only)
    for chair in room.chairs:
        room.now = -40.0
        room.measure(chair)
        if room.rng.random() < 0.3:
            room.now = -30.0
            room.measure(chair)
        room.now = 0.0
    room.starts(_staff(room))
    if room.has(Trouble.EXCHANGED):
        room.starts(_exchanges(room))
    if room.has(Trouble.COMPUTER):
        room.starts(_restarts(room))
    for chair in room.chairs:
        room.starts(_line(room, chair), room.rng.uniform(1, 8))
    room.run()
    return _count(room), room


def _count(room: _Room) -> Played:
    told = {alarm.frame_key for alarm in room.alarms}
    wrong = [
        key
        for key, owner in room.by_machine.items()
        if room.shows[key] not in (room.person_of[owner], None) and key not in told
    ]
    after: list[Key] = []
    for chair in room.chairs:
        kept = [one for one in room.marks(chair) if not (one.unfinished and one.key not in chair.bound.values())]
        kept = [replace(one, unfinished=False) for one in kept if one.closed_at is not None]
        known = {one.key for one in kept}
        bound = {key: owner for key, owner in chair.bound.items() if owner in known}
        frames = tuple(one for one in chair.frames if one.key not in chair.bound or chair.bound[one.key] in known)
        state = PairingState(tuple(kept), frames, bound, tuple(chair.in_vain), tuple(chair.blind))
        shows = {frame.key: _key_shown(room, frame.key, bound.get(frame.key)) for frame in frames}
        rules = PairingRules(clocks=clocks_in_force(chair.readings, frames, PairingRules()))
        after += silent_after(state, rules, shows, room.by_hand)
    beyond = [key for key in (*wrong, *after) if key in room.beyond]
    wrong, after = ([key for key in found if key not in room.beyond] for found in (wrong, after))
    return Played(
        len(room.shows), len(room.asked), room.in_vain, len(wrong), len(after), len(beyond), room.troubles,
        tuple(map(str, (*wrong, "after", *after))),
    )  # fmt: skip


def _key_shown(room: _Room, frame: Key, owner: Key | None) -> Key | None:
    """The check-in of who is in the picture; of several of one person the one that holds it."""
    truth = room.shows[frame]
    if owner is not None and room.person_of[owner] == truth:
        return owner
    return next((key for key, person in room.person_of.items() if person == truth), None)
