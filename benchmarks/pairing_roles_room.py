"""The room of ``pairing_roles``: its station, chairs, clocks and cable, and the troubles that may be in a session."""

from __future__ import annotations

import heapq
import itertools
import math
import random
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from gradphoto.engine.pairing import (
    Alarm,
    CheckInMark,
    FrameMark,
    Key,
    LaidInVain,
    PairingRules,
    PairingState,
    SessionPairer,
)
from gradphoto.engine.pairing.model import Span
from gradphoto.engine.pairing.readings import LOOK_BACK, ClockReading, clocks_in_force, readers_exchanged

BEGIN = datetime(2026, 12, 1, 0, 30, tzinfo=UTC)
HARDLY, SELDOM, OFTEN = 0.04, 0.12, 0.35

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


@dataclass(slots=True)
class Clock:
    """A clock that runs a little wrong and is set by somebody now and then."""

    ahead_s: float
    ppm: float = 0.0
    steps: list[tuple[float, float]] = field(default_factory=list)

    def at(self, true_s: float) -> float:
        return true_s + self.ahead_s + true_s * self.ppm * 1e-6 + sum(by for since, by in self.steps if since <= true_s)


@dataclass(slots=True)
class Row:
    """A check-in as the station keeps it."""

    key: int
    person: int
    number: int
    at: datetime
    status: str = "open"
    closed_at: datetime | None = None


@dataclass(slots=True)
class Chair:
    number: int
    camera: Clock
    serial: str
    file: int
    transfer: tuple[float, float]
    whole: bool
    waiting: list[tuple[int, int]]
    in_vain: list[LaidInVain] = field(default_factory=list)
    blind: list[Span] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    frames: list[FrameMark] = field(default_factory=list)
    bound: dict[Key, Key] = field(default_factory=dict)
    readings: list[ClockReading] = field(default_factory=list)
    sits: int | None = None
    reader: int = 0
    heard: dict[int, str] = field(default_factory=dict)

    @property
    def open(self) -> Row | None:
        return next((row for row in self.rows if row.status == "open"), None)


class Room:
    """The station and everything around it."""

    def __init__(self, seed: int, only: frozenset[Trouble] | None) -> None:
        self.rng = random.Random(seed * 104_729 + 7)
        rng = self.rng
        drawn = frozenset(rng.sample(list(_DRAWN), min(len(_DRAWN), int(rng.gammavariate(2.0, 1.6)))))
        self.troubles = drawn if only is None else only
        self.now, self.tick = 0.0, itertools.count()
        self.queue: list[tuple[float, int, Process]] = []
        self.computer = Clock(0.0, rng.gauss(0, 8))
        self.closes, self.quick = rng.random() < SELDOM, rng.random() < 0.25
        people, chairs = rng.randint(8, 22), 2 if rng.random() < 0.3 or self.has(Trouble.EXCHANGED) else 1
        mean = rng.choice((0.5, 0.9, 1.6, 2.8, 5.0))
        self.chairs = [
            Chair(
                n,
                Clock(rng.choice((rng.gauss(0, 30), rng.gauss(0, 20_000))), rng.gauss(0, 25)),
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
            if self.has(Trouble.SWAPPED) and self.rng.random() < SELDOM:
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
        return BEGIN + timedelta(seconds=self.computer.at(self.now))

    def during(self, spans: list[tuple[float, float]]) -> tuple[float, float] | None:
        return next((span for span in spans if span[0] <= self.now < span[1]), None)

    # The station, as the product works it.

    def rules(self, chair: Chair, newcomer: FrameMark | None = None) -> PairingRules:
        seen = [*chair.frames[-LOOK_BACK:], *([newcomer] if newcomer else [])]
        return PairingRules(clocks=clocks_in_force(chair.readings, seen, PairingRules()))

    def marks(self, chair: Chair) -> list[CheckInMark]:
        return [
            CheckInMark(
                row.key, row.number, row.at, None if row.status == "open" else row.closed_at or row.at, row.person,
                unfinished=row.status == "cancelled",
                elsewhere=row.person // 100 != chair.number,
            )
            for row in chair.rows
        ]  # fmt: skip

    def swipe(self, chair: Chair, person: int) -> bool:
        """A card is laid on a reader, or somebody is looked up by hand at a chair. ``False``: refused or held."""
        self.laid.add(person)
        seated = chair.open
        if seated is not None and self.closes and seated.person != person and not self._undecided(chair, seated):
            self.leave(chair, seated)
            seated = None
        if seated is not None and seated.person != person:
            for one in self.chairs:
                one.in_vain.append(LaidInVain(self.stamp(), person))
        standing = [row for other in self.chairs for row in other.rows if row.person == person]
        if any(row.status != "cancelled" for row in standing):
            if seated is None:  # held: photographed already
                for one in self.chairs:
                    one.in_vain.append(LaidInVain(self.stamp(), person))
            return False
        if seated is not None:
            return False
        row = Row(next(self.keys), person, next(self.numbers), self.stamp())
        chair.rows.append(row)
        self.person_of[row.key] = person
        self._whose_line(chair, person)
        return True

    def _whose_line(self, chair: Chair, person: int) -> None:
        """Everybody queues at a chair: who was read at another one may sit at the own, and two readers that got each
        other's people are told, and somebody sees to them."""
        if (line := self.chairs[person // 100 % len(self.chairs)]) is not chair:
            line.in_vain.append(LaidInVain(self.stamp(), person, elsewhere=True))
        self.last_at[chair.number] = person // 100
        if readers_exchanged(self.last_at) is not None and not self.exchanged:
            self.exchanged = True
            self.starts(put_right(self), self.rng.lognormvariate(3.5, 0.6))

    def _undecided(self, chair: Chair, row: Row) -> bool:
        return any(owner == row.key for owner in chair.bound.values())

    def leave(self, chair: Chair, row: Row) -> None:
        row.status, row.closed_at = "cancelled", self.stamp()

    def arrives(self, chair: Chair, mark: FrameMark, *, meanwhile: bool) -> None:
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

    def _judge(self, chair: Chair, owner: int, key: Key) -> Process:
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

    def _answer(self, chair: Chair, key: Key) -> Process:
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

    def expose(self, chair: Chair, shows: int | None) -> None:
        rng, number = self.rng, chair.file
        chair.file = number % 9999 + 1
        if self.has(Trouble.DELETED) and rng.random() < SELDOM / 2:
            return
        told = chair.camera.at(self.now)
        taken = BEGIN + timedelta(seconds=math.floor(told) if chair.whole else round(told, 2))
        key = f"{chair.serial}-{len(self.shows)}"
        self.shows[key] = shows
        called = chair.open
        if called is not None and called.person != shows and shows not in self.laid:
            self.beyond.add(key)
        mark = FrameMark(key, chair.serial, number, "100", taken, BEGIN)
        self.log.append(f"{self.now:.1f} exposed {key} #{number} shows {shows}")
        self.starts(self._cross(chair, mark))

    def _cross(self, chair: Chair, mark: FrameMark) -> Process:
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

    def _free(self, chair: Chair) -> float:
        return self._busy.get(chair.number, 0.0)

    def measure(self, chair: Chair) -> None:
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


def put_right(room: Room) -> Process:
    """Somebody has read the alarm: the cables are changed back, and whoever is called at the wrong chair is called anew."""
    yield 0.0
    room.log.append(f"{room.now:.1f} readers put right")
    for chair in room.chairs:
        chair.reader = chair.number
        if (row := chair.open) is not None and row.person // 100 != chair.number:
            room.leave(chair, row)
    room.exchanged, room.last_at = False, {}
