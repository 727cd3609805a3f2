"""A session's pairing as it stands, with the engine's proposal: what the page shows and what the actions check again."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from gradphoto.apps.capture.models import BY_HAND, CheckIn, CheckInStatus, Frame, FrameStatus
from gradphoto.apps.capture.room.chairs import queue_chairs
from gradphoto.apps.capture.room.clocks import pairing_rules
from gradphoto.apps.capture.room.notices import cards_in_vain
from gradphoto.apps.core.errors import Refusal, refuse
from gradphoto.apps.pairing.faces import same_person_of
from gradphoto.apps.pairing.models import RepairChange, RepairState
from gradphoto.apps.schedule.models import CaptureSession
from gradphoto.engine.pairing import (
    CheckInMark,
    Fault,
    FrameMark,
    LaidInVain,
    PairingRules,
    PairingState,
    RepairProposal,
    propose_repair,
)
from gradphoto.engine.pairing.model import Span
from gradphoto.engine.pairing.proposal import SamePerson

Row = TypeVar("Row", CheckIn, Frame)


@dataclass(slots=True)
class Board:
    """All check-ins and frames of a session, by key; ``fingerprint`` changes with every binding and status."""

    session: CaptureSession
    check_ins: dict[int, CheckIn]
    frames: dict[int, Frame]
    fingerprint: str
    proposal: RepairProposal
    held: dict[int, list[Frame]] = field(default_factory=dict)

    @property
    def mendable(self) -> list[Fault]:
        """Faults with changes: what can be ticked."""
        return [fault for fault in self.proposal.faults if fault.changes]

    @property
    def told(self) -> list[Fault]:
        """Faults that only explain."""
        return [fault for fault in self.proposal.faults if not fault.changes]

    def obstacle(self, moves: Iterable[tuple[int, int | None, int | None]]) -> Refusal | None:
        """Why frames (frame, from, to) may not move, or nothing."""
        for frame_pk, *ends in moves:
            people = [self.check_ins[pk] for pk in ends if pk is not None]
            packed = [frame for one in people for frame in self.held.get(one.pk, ()) if frame.packed_at]
            if self.frames[frame_pk].packed_at or packed:
                return _packed()
            if any(one.status in (CheckInStatus.CANCELLED, CheckInStatus.OPEN) for one in people):
                return _not_standing()
        return None


def board_of(session: CaptureSession, *, lock: bool = False) -> Board:
    """The board, by four statements whatever the session's size; with ``lock`` its rows are kept from others."""
    check_ins = CheckIn.objects.filter(session=session).order_by("at", "pk")
    frames = Frame.objects.filter(session=session).order_by("arrived_at", "pk")
    if lock:
        check_ins, frames = check_ins.select_for_update(of=("self",)), frames.select_for_update(of=("self",))
    check_ins = check_ins.select_related("candidate")
    people, shots = {one.pk: one for one in check_ins}, {one.pk: one for one in frames}
    by_hand = RepairChange.objects.filter(
        repair__session=session, repair__by_hand=True, repair__state=RepairState.APPLIED
    ).values_list("frame", flat=True)
    told = {pk for pk, shot in shots.items() if shot.evidence.get("basis") == BY_HAND}
    held: dict[int, list[Frame]] = defaultdict(list)
    for frame in shots.values():
        if frame.check_in_id is not None:
            held[frame.check_in_id].append(frame)
    queues = queue_chairs(session)
    in_vain = {chair: cards_in_vain(session, chair) for chair in _chairs(people, shots)}
    rules = {chair: pairing_rules(session, of_chair(shots.values(), chair), chair) for chair in _chairs(people, shots)}
    looked_at = frozenset(by_hand) | told
    proposal = _proposal(
        people.values(), shots.values(), held, rules, in_vain, queues, looked_at, same_person_of(session)
    )
    return Board(session, people, shots, _fingerprint(people.values(), shots.values(), rules), proposal, dict(held))


def _chairs(people: Mapping[int, CheckIn], shots: Mapping[int, Frame]) -> list[int]:
    return sorted({one.chair for one in people.values()} | {one.chair for one in shots.values()}) or [1]


def of_chair(rows: Iterable[Row], chair: int) -> list[Row]:
    """Those of one chair (R86): its swipes and its camera say nothing of the next one's."""
    return [one for one in rows if one.chair == chair]


def _proposal(
    people: Iterable[CheckIn],
    frames: Iterable[Frame],
    held: dict[int, list[Frame]],
    rules: Mapping[int, PairingRules],
    in_vain: Mapping[int, tuple[tuple[LaidInVain, ...], tuple[Span, ...]]],
    queues: Mapping[int, int],
    by_hand: frozenset[int],
    same_person: SamePerson | None,
) -> RepairProposal:
    """Each chair is read by its own order and clocks; what they say stands one chair behind the other."""
    people, frames = list(people), list(frames)
    found = [
        propose_repair(
            _record(of_chair(people, chair), of_chair(frames, chair), held, in_vain[chair], queues),
            own,
            by_hand=by_hand,
            same_person=same_person,
        )
        for chair, own in rules.items()
    ]
    return RepairProposal(
        tuple(fault for one in found for fault in one.faults),
        tuple(question for one in found for question in one.open),
        {key: at for one in found for key, at in one.taken_at.items()},
    )


def _record(
    people: Iterable[CheckIn],
    frames: Sequence[Frame],
    held: dict[int, list[Frame]],
    in_vain: tuple[tuple[LaidInVain, ...], tuple[Span, ...]],
    queues: Mapping[int, int],
) -> PairingState:
    """What the engine reads. Who is in the chair now is not judged yet; a cancelled number counts where it has frames."""
    marks = {
        one.pk: CheckInMark(
            one.pk,
            one.shooting_number,
            one.at,
            one.closed_at or one.at,
            one.candidate_id,
            elsewhere=queues.get(one.candidate_id, one.chair) != one.chair,
            again_at=one.again_at,
        )
        for one in people
        if one.status != CheckInStatus.OPEN and (one.status != CheckInStatus.CANCELLED or one.pk in held)
    }
    judged = [frame for frame in frames if frame.check_in_id is None or frame.check_in_id in marks]
    return PairingState(
        tuple(marks.values()),
        tuple(FrameMark(f.pk, f.camera_serial, f.file_number, f.folder, f.taken_at, f.arrived_at) for f in judged),
        {frame.pk: frame.check_in_id for frame in judged if frame.check_in_id is not None},
        *in_vain,
    )


def _fingerprint(people: Iterable[CheckIn], frames: Iterable[Frame], rules: Mapping[int, PairingRules]) -> str:
    state = [
        sorted((one.pk, one.status) for one in people),
        sorted((f.pk, f.check_in_id or 0, f.status, f.packed_at is not None) for f in frames),
        sorted(
            (chair, serial, [fix.offset.total_seconds() for fix in fixes])
            for chair, own in rules.items()
            for serial, fixes in own.clocks.items()
        ),
    ]
    return hashlib.sha256(json.dumps(state).encode()).hexdigest()


def fault_key(fault: Fault) -> str:
    """What names a fault on the page: its first frame, which is in no other fault with changes."""
    return str(fault.frame_keys[0])


def moves_of(fault: Fault) -> list[tuple[int, int | None, int | None]]:
    """(frame, from, to) as database keys."""
    return [
        (
            int(change.frame_key),
            None if change.from_check_in is None else int(change.from_check_in),
            None if change.to_check_in is None else int(change.to_check_in),
        )
        for change in fault.changes
    ]


def in_use(frames: Iterable[Frame], plan: Mapping[int, str] | None = None) -> Frame | None:
    """Of a person's frames the one that counts: the accepted, else the last one not rejected, else none.

    ``plan``: the statuses that the frames are about to have, by key.
    """
    ordered = sorted(frames, key=lambda frame: (frame.taken_at or frame.arrived_at, frame.pk))
    for status in (FrameStatus.ACCEPTED, FrameStatus.BOUND):
        found = [frame for frame in ordered if (frame.status if plan is None else plan[frame.pk]) == status]
        if found:
            return found[-1]
    return None


def _packed() -> Refusal:
    return refuse(
        "capture.frame_packed",
        "照片已编入交付包或已交付，不能再改对应。",
        "The photograph is in a delivery package or delivered; its pairing can no longer be changed.",
        "请按勘误办理（R158）：照片仍可使用，由图片社更正数据库。",
        "Open an errata case (R158): the photograph stays usable and the agency corrects the database.",
    )


def _not_standing() -> Refusal:
    return refuse(
        "capture.repair_not_standing",
        "涉及已撤销的序号或正在拍摄的人。",
        "A cancelled number or the person in the chair is concerned.",
        "正在拍摄的请先采用或撤销；已撤销的序号不能再得到照片，请本人重拍。",
        "Finish with the person in the chair first; a cancelled number gets no frame, have the person shot again.",
    )
