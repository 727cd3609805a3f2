"""Where the recorded bindings and the clocks' reading of a session differ, frame by frame, with the evidence in words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from gradphoto.engine.pairing.batch import Reading
from gradphoto.engine.pairing.live import PairingState
from gradphoto.engine.pairing.model import CheckInMark, FrameMark, Key, PairingRules
from gradphoto.engine.pairing.proposal import Certainty, Change, SamePerson
from gradphoto.engine.pairing.timeline import TimeBasis, TimedFrame
from gradphoto.engine.pairing.turns import Claim, Doubt, Turns
from gradphoto.engine.wording import Wording

_TRUST = {
    TimeBasis.LIVE: Certainty.SURE,
    TimeBasis.ARRIVED: Certainty.ASK,
    TimeBasis.MEASURED: Certainty.LIKELY,
    TimeBasis.FOUND: Certainty.LIKELY,
    TimeBasis.ARRIVAL: Certainty.ASK,
    TimeBasis.UNCERTAIN: Certainty.ASK,
}
_CLOCK_WORDS = {
    TimeBasis.LIVE: Wording(
        "相机时间按实测偏差校正，到达时刻相符", "camera time corrected as measured, its arrival agrees"
    ),
    TimeBasis.ARRIVED: Wording("相机未校时，只按到达时刻推算", "camera time corrected by its arrivals only"),
    TimeBasis.MEASURED: Wording("相机时间按实测偏差校正", "camera time corrected as measured"),
    TimeBasis.FOUND: Wording("相机偏差由刷卡与拍摄的节奏求得", "camera offset found by the rhythm of swipes and shots"),
    TimeBasis.ARRIVAL: Wording("照片无拍摄时间，按到达时刻", "no time in the file, arrival instead"),
    TimeBasis.UNCERTAIN: Wording("相机偏差未能确定", "camera offset uncertain"),
}
_MEASURED = (TimeBasis.LIVE, TimeBasis.MEASURED)
_BY_FACE = Wording("；面容与同号另一张不同", "; the face differs from the number's other frame")


@dataclass(frozen=True, slots=True)
class Case:
    """A session under repair. Places count check-ins by time; ``recorded`` and ``owners`` stand beside ``frames``.

    ``doubtful``: places whose frames may be a neighbour's, because the neighbour has none. ``by_face``: frames whose
    owner was decided by the faces. ``unlike``: places that hold frames of different persons. ``in_doubt``: by frame, who
    it may be, where its span of time allows more than one reading; the record stands there and a person decides.
    """

    people: tuple[CheckInMark, ...]
    frames: tuple[TimedFrame, ...]
    recorded: tuple[int | None, ...]
    owners: tuple[int | None, ...]
    reading: Reading
    rules: PairingRules
    by_hand: frozenset[Key]
    doubtful: frozenset[int]
    by_face: frozenset[Key]
    unlike: frozenset[int]
    in_doubt: Mapping[int, Claim]

    @classmethod
    def of(
        cls,
        session: PairingState,
        reading: Reading,
        rules: PairingRules,
        by_hand: frozenset[Key],
        same_person: SamePerson | None,
    ) -> Case:
        people, frames = reading.line.check_ins, reading.line.frames
        place = {mark.key: index for index, mark in enumerate(people)}
        recorded = tuple(
            place[session.bound[timed.frame.key]] if timed.frame.key in session.bound else None for timed in frames
        )
        claims = _claims(reading, rules, session, by_hand)
        in_doubt = {index: claim for index, claim in claims.items() if claim.place is None}
        # A clock that could not be found says nothing: the record stands, and the question is asked for the session.
        owners = [
            was if timed.basis is TimeBasis.UNCERTAIN or index in in_doubt else owner
            for index, (timed, was, owner) in enumerate(zip(frames, recorded, reading.owners, strict=True))
        ]
        owners = [
            claims[index].place if index in claims and index not in in_doubt else owner
            for index, owner in enumerate(owners)
        ]
        settled = [None if index in in_doubt else owner for index, owner in enumerate(owners)]
        faces = _by_faces(frames, settled, len(people), same_person) if same_person else ({}, frozenset[int]())
        by_face, unlike = faces
        owners = [by_face.get(index, owner) for index, owner in enumerate(owners)]
        return cls(
            people, frames, recorded, tuple(owners), reading, rules, by_hand,
            _doubtful(owners, len(people)), frozenset(frames[index].frame.key for index in by_face), unlike, in_doubt,
        )  # fmt: skip

    def frames_of(self) -> dict[int, list[int]]:
        """By place: the frames' indexes as they would be after the repair, in the order taken."""
        return _held(self.owners)


def _claims(reading: Reading, rules: PairingRules, session: PairingState, by_hand: frozenset[Key]) -> dict[int, Claim]:
    """By index of the frame: whose it is for certain, or who it may be, where its camera's clock was measured; where it was
    found by the rhythm, only what puts the turn itself in doubt."""
    line = reading.line
    shots: dict[int, list[datetime]] = defaultdict(list)
    seen: dict[int, list[datetime]] = defaultdict(list)
    for timed, owner in zip(line.frames, reading.owners, strict=True):
        if owner is not None and timed.exposure is not None:
            shots[owner].append(timed.exposure.by_clock_to)
            if timed.frame.key in by_hand:
                seen[owner].append(timed.exposure.by_clock_to)
    turns = Turns(
        line.check_ins, line.begins, lambda place: shots.get(place, ()), lambda place: False, rules,
        session.laid_in_vain, session.blind, lambda place: seen.get(place, ()),
    )  # fmt: skip
    claims = {
        index: turns.claim(timed.exposure) if timed.exposure is not None else Claim(None, Doubt.NOBODY)
        for index, timed in enumerate(line.frames)
        if timed.basis in _MEASURED
    }
    # A clock found by the rhythm says whose turn it was; that somebody else may have sat there is as true then.
    for index, (timed, owner) in enumerate(zip(line.frames, reading.owners, strict=True)):
        if timed.basis is TimeBasis.FOUND and timed.exposure is not None and owner is not None:
            doubt = turns.doubted(owner, timed.exposure)
            claims |= {index: doubt} if doubt is not None else {}
    return claims


def soft_frames(case: Case) -> Iterator[tuple[int, int]]:
    """(index, place) of frames that look like a retake only as long as the rhythm's offset is exactly right."""
    for place, indexes in case.frames_of().items():
        if len(indexes) > 1:
            yield from ((index, place) for index in indexes if case.frames[index].soft)


def _held(owners: tuple[int | None, ...] | list[int | None]) -> dict[int, list[int]]:
    held: dict[int, list[int]] = defaultdict(list)
    for index, owner in enumerate(owners):
        if owner is not None:
            held[owner].append(index)
    return held


def _doubtful(owners: list[int | None], people: int) -> frozenset[int]:
    """Places with several frames beside a place with none: either one had a retake or somebody swiped out of turn."""
    held = _held(owners)
    beside = {place + step for place in range(people) if place not in held for step in (-1, 1)}
    return frozenset(place for place in beside if len(held.get(place, ())) > 1)


def _by_faces(
    frames: tuple[TimedFrame, ...], owners: list[int | None], people: int, same_person: SamePerson
) -> tuple[dict[int, int], frozenset[int]]:
    """Frames that the faces give to a neighbour without any (frame index -> place), and places they cannot settle."""
    held, unlike = _held(owners), set[int]()
    moved: dict[int, int] = {}
    for place, indexes in sorted(held.items()):
        keys = [frames[index].frame.key for index in indexes]
        splits = [at for at in range(1, len(keys)) if same_person(keys[at - 1], keys[at]) is False]
        if not splits:
            continue
        if len(splits) == 1 and place > 0 and place - 1 not in held:
            moved |= dict.fromkeys(indexes[: splits[0]], place - 1)
        elif len(splits) == 1 and place + 1 < people and place + 1 not in held:
            moved |= dict.fromkeys(indexes[splits[0] :], place + 1)
        else:
            unlike.add(place)
    return moved, frozenset(unlike)


def find_changes(case: Case) -> Mapping[int, Change]:
    """By index of the frame: what would change."""
    return {
        index: _change(case, index)
        for index, (was, owner) in enumerate(zip(case.recorded, case.owners, strict=True))
        if was != owner
    }


def _change(case: Case, index: int) -> Change:
    was, owner = case.recorded[index], case.owners[index]
    return Change(
        frame_key=case.frames[index].frame.key,
        from_check_in=None if was is None else case.people[was].key,
        to_check_in=None if owner is None else case.people[owner].key,
        evidence=_evidence(case, index),
        certainty=_certainty(case, index),
    )


def _certainty(case: Case, index: int) -> Certainty:
    timed, was, owner = case.frames[index], case.recorded[index], case.owners[index]
    doubtful = {was, owner} & (case.doubtful | case.unlike)
    jumped = timed.soft and timed.basis is TimeBasis.LIVE
    if timed.frame.key in case.by_hand or doubtful or jumped:
        return Certainty.ASK
    trust = _TRUST[timed.basis]
    bordering = timed.basis not in _MEASURED and _near_a_border(case, index)
    if timed.frame.key in case.by_face or bordering:
        return max(trust, Certainty.LIKELY, key=lambda c: c.rank)
    return trust


def _near_a_border(case: Case, index: int) -> bool:
    """Whether a clock wrong by as much as goes untold would put the frame into another turn."""
    timed, margin = case.frames[index], timedelta(seconds=case.rules.drift_s)
    turn = case.reading.line.turn(timed.taken_at)
    swipes = [case.people[place].at for place in (turn, turn + 1) if 0 <= place < len(case.people)]
    return any(abs(timed.taken_at - at) < margin for at in swipes)


def _evidence(case: Case, index: int) -> Wording:
    timed, owner = case.frames[index], case.owners[index]
    file, clock = file_label(timed.frame), _CLOCK_WORDS[timed.basis]
    turn = case.reading.line.turn(timed.taken_at)
    if owner is None:
        said = _with_nobody(case, timed, turn)
    else:
        mark = case.people[owner]
        said = Wording(
            "{file} 拍摄于 {number} 刷卡后 {seconds} 秒", "{file} was taken {seconds} s after {number} was swiped"
        ).format(file=file, number=label(mark), seconds=f"{(timed.taken_at - mark.at).total_seconds():.1f}")
        if owner + 1 < len(case.people) and timed.taken_at < case.people[owner + 1].at:
            following = case.people[owner + 1]
            gap = f"{(following.at - timed.taken_at).total_seconds():.1f}"
            said = _joined(
                said,
                Wording("、{number} 刷卡前 {seconds} 秒", " and {seconds} s before {number}").format(
                    number=label(following), seconds=gap
                ),
            )
    if timed.frame.key in case.by_face:
        said = _joined(said, _BY_FACE)
    return _joined(said, Wording(f"（{clock.zh}）。", f" ({clock.en})."))


def _with_nobody(case: Case, timed: TimedFrame, turn: int) -> Wording:
    file = file_label(timed.frame)
    if turn < 0:
        return Wording("{file} 拍摄于首位刷卡之前", "{file} was taken before anybody was swiped").format(file=file)
    return Wording(
        "{file} 拍摄时无人待拍，{number} 已离开", "{file} was taken with nobody in the chair, after {number} had left"
    ).format(file=file, number=label(case.people[turn]))


def _joined(one: Wording, other: Wording) -> Wording:
    return Wording(one.zh + other.zh, one.en + other.en)


def label(mark: CheckInMark) -> str:
    """The shooting number as a person sees it."""
    return f"{mark.shooting_number:05d}"


def file_label(frame: FrameMark) -> str:
    """Folder and number as the camera shows them, else the record's own key."""
    if frame.file_number is None:
        return str(frame.key)
    return f"{frame.folder}/{frame.file_number:04d}" if frame.folder else f"{frame.file_number:04d}"
