"""Sessions with planted faults and their truth, by a seed: what pairing and repair are tried on, thousands at a time.

People come at random, most with one shot, some with two or three. Faults of the room (lost and extra frames, double and
early swipes, late transfers, two cameras, clocks that are wrong, jump or drift, counters that roll over) change what
happens; faults of the record (order taken for identity, swapped pairs, a shifted run) change what was written down.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from gradphoto.engine.pairing.live import PairingState, SessionPairer
from gradphoto.engine.pairing.model import Alarm, CheckInMark, ClockFix, FrameMark, Key, PairingRules
from gradphoto.engine.pairing.proposal import Certainty, OpenQuestion, RepairProposal
from gradphoto.engine.pairing.repair import propose_repair

START = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
ROOM = PairingRules()
"""The product's own; each session adds the clocks that were measured before it began."""

_USUAL = timedelta(seconds=1.2)


class Planted(StrEnum):
    """A fault the simulator can plant."""

    LOST_FRAME = "lost_frame"
    EXTRA_FRAME = "extra_frame"
    DOUBLE_SWIPE = "double_swipe"
    EARLY_SWIPE = "early_swipe"
    LATE_TRANSFER = "late_transfer"
    TWO_CAMERAS = "two_cameras"
    CLOCK_JUMP = "clock_jump"
    CLOCK_DRIFT = "clock_drift"
    ROLL_OVER = "roll_over"
    NEW_FOLDER = "new_folder"
    SWAPPED = "swapped"
    SHIFTED = "shifted"
    BY_ORDER = "by_order"
    FROM_CARD = "from_card"


RECORD_FAULTS = (Planted.SWAPPED, Planted.SHIFTED, Planted.BY_ORDER)


@dataclass(frozen=True, slots=True)
class SimulatedSession:
    """``shows``: frame -> person truly in the picture (``None``: nobody). ``persons``: check-in -> who swiped.

    ``recorded`` is what the station or an order-taking import wrote down; ``alarms`` what was told while it happened.
    ``by_hand``: frames that the station asked about and somebody gave to the person they show.
    """

    recorded: PairingState
    shows: Mapping[Key, Key | None]
    persons: Mapping[Key, Key]
    planted: tuple[Planted, ...]
    alarms: tuple[Alarm, ...]
    rules: PairingRules = ROOM
    by_hand: frozenset[Key] = frozenset()

    def wrong(self, bound: Mapping[Key, Key]) -> dict[Key, Key]:
        """Of ``bound`` (frame -> check-in) what gives a frame to somebody it does not show."""
        return {frame: owner for frame, owner in bound.items() if self.persons[owner] != self.shows[frame]}


@dataclass(frozen=True, slots=True)
class Trial:
    """A session after its proposal was taken where it does not ask, measured against the truth (frames).

    ``silent``: still wrong, and neither the frame, its person nor a neighbour is named in a question, an asking change
    or an explaining fault. ``unasked``: still wrong, and no question or asking change names this very frame.
    ``named_in_vain``: questions about persons and frames with whom all is right.
    """

    wrong_before: int
    wrong_after: int
    silent: int
    unasked: int
    mended: int
    questions: int
    named_in_vain: int
    whole_session_asked: bool


def try_repair(session: SimulatedSession, *, with_faces: bool = False) -> Trial:
    """Propose, take every change that does not ask, and compare with who is truly in the pictures."""
    shows = session.shows
    proposal = propose_repair(
        session.recorded,
        session.rules,
        by_hand=session.by_hand,
        same_person=(lambda one, other: shows[one] == shows[other]) if with_faces else None,
    )
    bound = dict(session.recorded.bound)
    for change in proposal.changes:
        if change.certainty is not Certainty.ASK:
            bound.pop(change.frame_key, None)
            if change.to_check_in is not None:
                bound[change.frame_key] = change.to_check_in
    before, after = session.wrong(session.recorded.bound), session.wrong(bound)
    people, frames, whole = _told(session, proposal)
    order = {mark.key: place for place, mark in enumerate(session.recorded.check_ins)}
    silent = [
        frame
        for frame, owner in after.items()
        if not whole and frame not in frames and not people & {order[owner] + step for step in (-1, 0, 1)}
    ]
    return Trial(
        wrong_before=len(before),
        wrong_after=len(after),
        silent=len(silent),
        unasked=0 if whole else len(set(after) - frames),
        mended=len(before) - len(set(before) & set(after)),
        questions=len(proposal.open),
        named_in_vain=sum(_in_vain(session, question, bound, after) for question in proposal.open),
        whole_session_asked=whole,
    )


def _told(session: SimulatedSession, proposal: RepairProposal) -> tuple[set[int], set[Key], bool]:
    """Places and frames that somebody is asked to look at, and whether it is the whole session."""
    order = {mark.key: place for place, mark in enumerate(session.recorded.check_ins)}
    asking = [change for change in proposal.changes if change.certainty is Certainty.ASK]
    keys = {question.check_in_key for question in proposal.open}
    keys |= {key for change in asking for key in (change.from_check_in, change.to_check_in)}
    keys |= {key for fault in proposal.faults if not fault.changes for key in fault.check_in_keys}
    frames = {question.frame_key for question in proposal.open if question.frame_key is not None}
    whole = any(question.check_in_key is None and question.frame_key is None for question in proposal.open)
    return {order[key] for key in keys if key is not None}, frames | {change.frame_key for change in asking}, whole


def _in_vain(
    session: SimulatedSession, question: OpenQuestion, bound: Mapping[Key, Key], wrong: Mapping[Key, Key]
) -> bool:
    """A question about a person who holds the own frame and only that, or about a frame that is where it belongs."""
    if question.frame_key is not None:
        owner = bound.get(question.frame_key)
        shown = session.shows[question.frame_key]
        return owner is not None and session.persons[owner] == shown
    held = [frame for frame, owner in bound.items() if owner == question.check_in_key]
    return bool(held) and not any(frame in wrong for frame in held)


@dataclass(slots=True)
class _Shot:
    at_s: float
    transfer_s: float
    shows: Key | None
    camera: str = "A"
    lost: bool = False


@dataclass(slots=True)
class _Swipe:
    key: Key
    person: Key
    at_s: float
    leaves_s: float


def simulate(seed: int, planted: Sequence[Planted] = (), people: int = 40) -> SimulatedSession:
    """One session of ``people`` persons with these faults; the same seed gives the same session."""
    rng = random.Random(seed)
    swipes, shots = _hold(rng, people)
    for fault in planted:
        if fault in _ROOM_FAULTS:
            _ROOM_FAULTS[fault](rng, swipes, shots)
    shots.sort(key=lambda shot: shot.at_s)
    swipes.sort(key=lambda swipe: swipe.at_s)
    check_ins = tuple(
        CheckInMark(swipe.key, number, _at(swipe.at_s), _at(swipe.leaves_s))
        for number, swipe in enumerate(swipes, start=1)
    )
    frames, shows, rules = _exposed(rng, shots, planted)
    persons = {swipe.key: swipe.person for swipe in swipes}
    if Planted.FROM_CARD in planted:
        evening = max((frame.arrived_at for frame in frames), default=START) + timedelta(hours=3)
        frames = tuple(replace(frame, arrived_at=evening) for frame in frames)
    by_order = Planted.BY_ORDER in planted or Planted.FROM_CARD in planted
    if by_order:
        bound, alarms, by_hand = _in_order(check_ins, frames), (), frozenset[Key]()
    else:
        bound, alarms, by_hand = _live(check_ins, frames, rules, shows, persons)
    as_told = dict(bound)
    for fault in planted:
        if fault in (Planted.SWAPPED, Planted.SHIFTED):
            _misrecord(rng, fault, check_ins, frames, bound)
    by_hand = frozenset(key for key in by_hand if bound.get(key) == as_told.get(key))
    state = PairingState(check_ins, frames, bound)
    return SimulatedSession(state, shows, persons, tuple(planted), alarms, rules, by_hand)


def _at(seconds: float) -> datetime:
    return START + timedelta(seconds=round(seconds, 1))


def _hold(rng: random.Random, people: int) -> tuple[list[_Swipe], list[_Shot]]:
    swipes, shots, clock = [], [], 0.0
    for person in range(people):
        at = clock + rng.uniform(3, 40)
        moment, arrived = at + rng.uniform(3, 12), at
        for _ in range(rng.choices((1, 2, 3), (90, 8, 2))[0]):
            shot = _Shot(moment, rng.uniform(0.5, 2), f"p{person}")
            shots.append(shot)
            arrived = max(arrived, shot.at_s + shot.transfer_s)
            moment += rng.uniform(2, 6)
        clock = arrived + rng.uniform(1, 6)
        swipes.append(_Swipe(f"p{person}", f"p{person}", at, clock))
    return swipes, shots


def _lose(rng: random.Random, swipes: list[_Swipe], shots: list[_Shot]) -> None:
    rng.choice(shots).lost = True


def _add(rng: random.Random, swipes: list[_Swipe], shots: list[_Shot]) -> None:
    shots.append(_Shot(rng.choice(swipes).leaves_s + rng.uniform(0.3, 2.5), rng.uniform(0.5, 2), None))


def _swipe_twice(rng: random.Random, swipes: list[_Swipe], shots: list[_Shot]) -> None:
    first = rng.choice(swipes)
    again = _Swipe(f"{first.key}+{len(swipes)}", first.person, first.at_s + 1.0, first.leaves_s)
    first.leaves_s = again.at_s
    swipes.append(again)


def _swipe_early(rng: random.Random, swipes: list[_Swipe], shots: list[_Shot]) -> None:
    swipes.sort(key=lambda swipe: swipe.at_s)
    place = rng.randrange(len(swipes) - 1)
    swipes[place + 1].at_s = swipes[place].leaves_s = swipes[place].at_s + 2.0


def _stall(rng: random.Random, swipes: list[_Swipe], shots: list[_Shot]) -> None:
    rng.choice(shots).transfer_s += rng.uniform(3, 40)


def _second_camera(rng: random.Random, swipes: list[_Swipe], shots: list[_Shot]) -> None:
    persons = {shot.shows for shot in shots}
    by_b = {person for person in sorted(persons, key=str) if rng.random() < 0.4}
    for shot in shots:
        if shot.shows in by_b:
            shot.camera = "B"


_ROOM_FAULTS = {
    Planted.LOST_FRAME: _lose,
    Planted.EXTRA_FRAME: _add,
    Planted.DOUBLE_SWIPE: _swipe_twice,
    Planted.EARLY_SWIPE: _swipe_early,
    Planted.LATE_TRANSFER: _stall,
    Planted.TWO_CAMERAS: _second_camera,
}


def _exposed(
    rng: random.Random, shots: list[_Shot], planted: Sequence[Planted]
) -> tuple[tuple[FrameMark, ...], dict[Key, Key | None], PairingRules]:
    """The shots as files, each by its camera's clock and counter, and the clocks as they were measured beforehand."""
    folder = 100
    ahead = {camera: rng.uniform(-86_400, 86_400) for camera in "AB"}
    fixes = {
        f"SN-{camera}": (
            ClockFix(timedelta(seconds=by + rng.uniform(-0.3, 0.3)), timedelta(seconds=0.3), START, _USUAL),
        )
        for camera, by in ahead.items()
    }
    # A card that is brought along was often in a camera that nobody measured.
    rules = ROOM if Planted.FROM_CARD in planted else replace(ROOM, clocks=fixes)
    number = {"A": rng.randint(1, 4000), "B": rng.randint(5000, 8000)}
    if Planted.ROLL_OVER in planted:
        number["A"] = 9999 - rng.randint(0, max(1, len(shots) - 2))
    jump_at = rng.randrange(len(shots)) if Planted.CLOCK_JUMP in planted else -1
    folder_at = rng.randrange(1, len(shots)) if Planted.NEW_FOLDER in planted else -1
    frames: list[FrameMark] = []
    shows: dict[Key, Key | None] = {}
    for place, shot in enumerate(shots):
        if place == jump_at:
            ahead["A"] += rng.choice((-1, 1)) * rng.uniform(5, 7200)
        if place == folder_at and number["A"] > 1:
            folder, number["A"] = folder + 1, rng.choice((1, number["A"]))
        drift = shot.at_s * 0.002 if Planted.CLOCK_DRIFT in planted else 0.0
        if not shot.lost:
            key = f"f{place}"
            frames.append(
                FrameMark(
                    key, f"SN-{shot.camera}", number[shot.camera], f"{folder}CANON",
                    _at(shot.at_s + ahead[shot.camera] + drift), _at(shot.at_s + shot.transfer_s),
                )
            )  # fmt: skip
            shows[key] = shot.shows
        number[shot.camera] += 1
        if number[shot.camera] > 9999:
            folder, number[shot.camera] = folder + 1, 1
    return tuple(frames), shows, rules


def _live(
    check_ins: Sequence[CheckInMark],
    frames: Sequence[FrameMark],
    rules: PairingRules,
    shows: Mapping[Key, Key | None],
    persons: Mapping[Key, Key],
) -> tuple[dict[Key, Key], tuple[Alarm, ...], frozenset[Key]]:
    """What the station binds and tells while it happens, and what somebody answers who looks at the pictures."""
    pairer, by_hand = SessionPairer(rules), set[Key]()
    alarms: list[Alarm] = []
    events: list[tuple[datetime, int, CheckInMark | FrameMark]] = []
    for check_in in check_ins:
        events += [(check_in.at, 1, check_in), (check_in.closed_at or check_in.at, 0, check_in)]
    events += [(frame.arrived_at, 2, frame) for frame in frames]
    for at, kind, mark in sorted(events, key=lambda event: event[:2]):
        if isinstance(mark, FrameMark):
            step = pairer.frame(mark)
            alarms += step.alarms
            if step.binding is None:
                by_hand.add(mark.key)
                owners = [one.key for one in pairer.state().check_ins if persons[one.key] == shows[mark.key]]
                if owners:
                    pairer.give(mark.key, owners[-1])
        elif kind == 1:
            alarms += pairer.check_in(replace(mark, closed_at=None))
        else:
            alarms += pairer.close(mark.key, at)
    return dict(pairer.state().bound), tuple(alarms), frozenset(by_hand)


def _in_order(check_ins: Sequence[CheckInMark], frames: Sequence[FrameMark]) -> dict[Key, Key]:
    """What programs do that take the n-th file for the n-th swipe: one stray frame shifts everybody behind it."""
    ordered = sorted(frames, key=lambda frame: (frame.arrived_at, frame.folder, frame.file_number or 0))
    return {frame.key: mark.key for frame, mark in zip(ordered, check_ins, strict=False)}


def _misrecord(
    rng: random.Random,
    fault: Planted,
    check_ins: Sequence[CheckInMark],
    frames: Sequence[FrameMark],
    bound: dict[Key, Key],
) -> None:
    keys = [mark.key for mark in check_ins]
    if fault is Planted.SWAPPED:
        place = rng.randrange(len(keys) - 1)
        other = {keys[place]: keys[place + 1], keys[place + 1]: keys[place]}
        bound.update({frame: other[owner] for frame, owner in bound.items() if owner in other})
        return
    places, first = rng.choice((-2, -1, 1, 2)), rng.randrange(2, len(keys) // 2)
    last = rng.randrange(first + 4, len(keys) - 2)
    index = {key: place for place, key in enumerate(keys)}
    for frame, owner in list(bound.items()):
        if first <= index[owner] <= last:
            bound[frame] = keys[index[owner] + places]
