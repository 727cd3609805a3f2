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

from dataclasses import dataclass, replace

from benchmarks.pairing_roles_room import HARDLY, OFTEN, SELDOM, Chair, Clock, Process, Room, Row, Trouble
from benchmarks.pairing_rooms import Outcome, silent_after
from gradphoto.engine.pairing import Key, LaidInVain, PairingRules, PairingState
from gradphoto.engine.pairing.readings import clocks_in_force


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


def _line(room: Room, chair: Chair) -> Process:
    """One chair's day: person after person, with everything that people do."""
    rng = room.rng
    while chair.waiting:
        person, sitter = chair.waiting.pop(0)
        if room.has(Trouble.PAUSES) and rng.random() < HARDLY:
            yield rng.lognormvariate(5.0, 0.9)
        if room.has(Trouble.TESTS) and rng.random() < HARDLY and chair.sits is None:
            room.expose(chair, None)
            yield rng.uniform(1, 6)
        yield from _turn(room, chair, person, sitter)


def _calls(room: Room, chair: Chair, person: int) -> Process:
    """The card is laid down, forgotten, or nothing reads it; ends when there is a number or nobody waits any longer."""
    rng, reader = room.rng, room.chairs[chair.reader % len(room.chairs)]
    forgot = room.has(Trouble.FORGOTTEN) and rng.random() < SELDOM
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
            if room.has(Trouble.TWICE) and rng.random() < SELDOM:
                room.starts(_once_more(room, where, person), rng.uniform(0.4, 3.0))
            return
        yield 1.0 + rng.expovariate(0.6)


def _too_early(room: Room, chair: Chair, person: int) -> Process:
    """The next one cannot wait: refused as long as somebody is called; the number is born if the verdict was faster."""
    yield 0.0
    if room.chairs[chair.reader].open is not None:
        room.swipe(room.chairs[chair.reader], person)


def _once_more(room: Room, chair: Chair, person: int) -> Process:
    """The same card again: refused or held, and sometimes the operator admits it anew by a second number."""
    yield 0.0
    row = next((one for one in chair.rows if one.person == person and one.status == "shot"), None)
    if row is not None and chair.open is None and room.rng.random() < 0.3:
        row.status = "cancelled"
        room.swipe(chair, person)


def _number_of(room: Room, person: int) -> tuple[Chair, Row] | None:
    return next(
        ((c, row) for c in room.chairs for row in c.rows if row.person == person and row.status != "cancelled"), None
    )


def _turn(room: Room, chair: Chair, person: int, sitter: int) -> Process:
    rng = room.rng
    late_card = room.has(Trouble.LATE_CARD) and rng.random() < SELDOM
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
    if room.has(Trouble.EARLY) and chair.waiting and rng.random() < OFTEN:
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
    if room.has(Trouble.SAFETY) and rng.random() < OFTEN:
        # The next card is not sooner than ``eager`` from now: this one is shot at most 3.4 s after it.
        shot = min(rng.gammavariate(2.0, 0.7), eager + 3.4)
        room.starts(_safety(room, chair, sitter), shot)
        stays = max(stays, shot + 0.3)
    room.starts(_gets_up(chair, sitter), max(0.9, stays))
    yield eager


def _signed_off(room: Room, chair: Chair, row: Row) -> Process:
    """Somebody presses the key: gone without a photograph."""
    yield 0.0
    if row.status == "open":
        room.leave(chair, row)
        room.log.append(f"{room.now:.1f} {row.person} gone without")


def _safety(room: Room, chair: Chair, sitter: int) -> Process:
    yield 0.0
    if chair.sits == sitter:
        room.expose(chair, sitter)


def _gets_up(chair: Chair, sitter: int) -> Process:
    yield 0.0
    if chair.sits == sitter:
        chair.sits = None


def _release(room: Room, chair: Chair, sitter: int) -> Process:
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


def _staff(room: Room) -> Process:
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
    sets: list[tuple[float, Clock, float]] = []
    for _ in range(rng.choice((1, 1, 2, 3)) if room.has(Trouble.STEPPED) else 0):
        by = rng.choice((rng.gauss(0, 2), rng.gauss(0, 15), -3600.0, 3600.0, -rng.lognormvariate(1.5, 1)))
        sets.append((rng.uniform(5, length), rng.choice(room.chairs).camera, by))
    again = rng.choice((0.0, OFTEN, 1.0))
    for at, clock, by in sorted(sets, key=lambda one: one[0]):
        yield at - room.now
        clock.steps.append((room.now, by))
        room.log.append(f"{room.now:.1f} camera set by {by:.1f}")
        for chair in room.chairs:
            if clock is chair.camera and rng.random() < again:
                room.starts(_measures(room, chair), rng.lognormvariate(3.0, 0.8))


def _told_dead(room: Room, until_s: float) -> Process:
    """The station finds within 5 s that its reader answers no more, and that it does again."""
    yield 0.0
    for chair in room.chairs:
        chair.in_vain.append(LaidInVain(room.stamp()))
        chair.blind.append((room.stamp(), None))
    yield until_s - room.now
    for chair in room.chairs:
        chair.blind[-1] = (chair.blind[-1][0], room.stamp())


def _exchanges(room: Room) -> Process:
    """Somebody plugs the readers in anew, each at the other chair."""
    yield room.rng.uniform(0.0, len(room.chairs[0].waiting) * 15.0) if room.rng.random() < 0.6 else 0.0
    room.chairs[0].reader, room.chairs[1].reader = 1, 0
    room.log.append(f"{room.now:.1f} readers exchanged")


def _restarts(room: Room) -> Process:
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


def _measures(room: Room, chair: Chair) -> Process:
    yield 0.0
    room.measure(chair)
    room.log.append(f"{room.now:.1f} measured {chair.serial}")


def play_roles(seed: int, only: frozenset[Trouble] | None = None) -> tuple[Played, Room]:
    """One session; the same seed gives the same. ``only``: these troubles instead of those drawn."""
    room = Room(seed, only)
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


def _count(room: Room) -> Played:
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


def _key_shown(room: Room, frame: Key, owner: Key | None) -> Key | None:
    """The check-in of who is in the picture; of several of one person the one that holds it."""
    truth = room.shows[frame]
    if owner is not None and room.person_of[owner] == truth:
        return owner
    return next((key for key, person in room.person_of.items() if person == truth), None)
