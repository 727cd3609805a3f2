"""Nothing is ended while the pairing still proposes something: confirming, closing and handing over wait for a person."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from django.urls import reverse

from gradphoto.apps.campaigns.matters import Matter, tells_matters
from gradphoto.apps.capture.models import BY_HAND, Frame
from gradphoto.apps.capture.providers import HAND_OVER
from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import invalid, stated_reason
from gradphoto.apps.pairing.actions import locked_board
from gradphoto.apps.pairing.board import Board, board_of, fault_key, moves_of
from gradphoto.apps.pairing.faces import hints_of
from gradphoto.apps.schedule.models import CaptureSession
from gradphoto.engine.pairing import Certainty, Fault
from gradphoto.engine.wording import Wording


def open_proposals(board: Board) -> list[Fault]:
    """Faults that the evidence decides and that could be mended here; what only asks blocks nobody."""
    return [
        fault
        for fault in board.mendable
        if fault.certainty is not Certainty.ASK and board.obstacle(moves_of(fault)) is None
    ]


def people_proposed(session: CaptureSession) -> frozenset[int]:
    """Check-ins that an open proposal gives another photograph or takes theirs from."""
    faults = open_proposals(board_of(session))
    ends = [end for fault in faults for _, *moves in moves_of(fault) for end in moves]
    return frozenset(end for end in ends if end is not None)


def people_asked_about(session: CaptureSession) -> frozenset[int]:
    """Check-ins that any proposal, question or face hint concerns, whether or not it blocks: a person looks first."""
    board = board_of(session)
    ends = {end for fault in board.mendable for _, *moves in moves_of(fault) for end in moves}
    for question in board.proposal.open:
        if question.check_in_key is None and question.frame_key is None:
            return frozenset(board.check_ins)  # it concerns the whole session
        ends |= {None if question.check_in_key is None else int(question.check_in_key)}
        ends |= set() if question.frame_key is None else {board.frames[int(question.frame_key)].check_in_id}
    for hint in hints_of(session):
        ends |= {frame.check_in_id for frame in hint.both}
    return frozenset(end for end in ends if end is not None)


@tells_matters("capture.close_session", HAND_OVER)
def proposals(actor: Actor, session: CaptureSession) -> Iterator[Matter]:
    """So many proposed repairs that nobody has taken or turned down."""
    count = len(open_proposals(board_of(session)))
    said = Wording("{n} 项对应修复建议未处理", "{n:proposal|proposals} on whose a photograph is {n:is|are} open")
    yield Matter(count, said, reverse("pairing:board", args=[session.pk]), blocks=True)


@action("pairing.keep_pairing", permission="pairing.repair")
def keep_pairing(
    actor: Actor, session: CaptureSession, *, fingerprint: str, faults: Collection[str], reason: str
) -> None:
    """Somebody looked at the pictures: the record is right and the proposal is not. From now on it only asks.

    Raises ``capture.repair_stale``, ``capture.repair_nothing``, ``capture.reason_missing``.
    """
    board, why = locked_board(session, fingerprint), stated_reason(reason, "capture.reason_missing")
    chosen = [fault for fault in board.mendable if fault_key(fault) in faults]
    if not chosen:
        raise invalid(
            "capture.repair_nothing",
            "没有勾选要保留原样的项目。",
            "Nothing was ticked.",
            "请至少勾选一项。",
            "Tick at least one.",
            field="faults",
        )
    frames = [board.frames[int(key)] for fault in chosen for key in {change.frame_key for change in fault.changes}]
    for frame in frames:
        frame.evidence = frame.evidence | {"basis": BY_HAND, "kept": why}
    Frame.objects.bulk_update(frames, ["evidence"])
    audit.note(kept=sorted(frame.pk for frame in frames), reason=why)
