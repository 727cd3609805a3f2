"""Applying, agreeing to, withdrawing and undoing a repair of the pairing, and rebinding one frame by hand."""

from __future__ import annotations

from collections.abc import Collection

from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.campaigns.rules import in_force
from gradphoto.apps.campaigns.settings_keys import REPAIR_FOUR_EYES
from gradphoto.apps.capture.models import CheckIn, Frame
from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import Refusal, invalid, refuse, stated_reason
from gradphoto.apps.orgs.policy import is_same_person
from gradphoto.apps.pairing.board import Board, board_of, fault_key, in_use, moves_of
from gradphoto.apps.pairing.models import Repair, RepairChange, RepairState
from gradphoto.apps.pairing.moving import carry_back, carry_out
from gradphoto.apps.schedule.models import CaptureSession
from gradphoto.engine.pairing import Certainty, Change
from gradphoto.engine.wording import Wording

_BY_HAND = Wording("由人看照片后指定。", "Told by a person who looked at the picture.")


@action("pairing.apply_repair", permission="pairing.repair")
def apply_repair(
    actor: Actor, session: CaptureSession, *, fingerprint: str, faults: Collection[str], reason: str
) -> Repair:
    """Carry out the ticked faults of the present proposal, all or none.

    ``fingerprint`` names the state that the person looked at; the proposal is made again from the locked rows, so that
    nothing comes from the page but which faults. Where the rule set asks for four eyes it waits for a second person.
    Raises ``capture.repair_stale``, ``capture.repair_nothing``, ``capture.repair_waiting``, ``capture.frame_packed``,
    ``capture.repair_not_standing``, ``capture.repair_two_accepted``, ``capture.reason_missing``.
    """
    board = locked_board(session, fingerprint)
    chosen = [fault for fault in board.mendable if fault_key(fault) in faults]
    if not chosen:
        raise invalid(
            "capture.repair_nothing",
            "没有勾选要修复的项目。",
            "Nothing was ticked.",
            "请至少勾选一项。",
            "Tick at least one.",
            field="faults",
        )
    changes = [change for fault in chosen for change in fault.changes]
    moves = [move for fault in chosen for move in moves_of(fault)]
    rows = [_row(change, move) for change, move in zip(changes, moves, strict=True)]
    return _begin(actor, board, rows, stated_reason(reason, "capture.reason_missing"), by_hand=False)


@action("pairing.rebind_frame", permission="pairing.repair")
def rebind_frame(
    actor: Actor,
    session: CaptureSession,
    *,
    fingerprint: str,
    frame: Frame,
    check_in: CheckIn | None,
    exchange: bool = False,
    reason: str,
) -> Repair:
    """Give one frame to a person, or to nobody; with ``exchange`` the two persons swap the frames that count.

    Raises what :func:`apply_repair` raises, and ``capture.repair_same_owner``.
    """
    board = locked_board(session, fingerprint)
    known = board.frames.get(frame.pk)
    if known is None or (check_in is not None and check_in.pk not in board.check_ins):
        raise invalid(
            "capture.repair_other_session",
            "照片或序号不属于本场次。",
            "The frame or the number is not of this session.",
            "请核对拍摄序号。",
            "Check the shooting number.",
        )
    target = None if check_in is None else check_in.pk
    if known.check_in_id == target:
        raise invalid(
            "capture.repair_same_owner",
            "照片已经对应此人。",
            "The frame is this person's already.",
            "请选择另一个序号。",
            "Choose another number.",
        )
    rows = [_moved(known.pk, known.check_in_id, target)]
    theirs = in_use(board.held.get(target, ())) if target is not None else None
    if exchange and theirs is not None:
        rows.append(_moved(theirs.pk, target, known.check_in_id))
    return _begin(actor, board, rows, stated_reason(reason, "capture.reason_missing"), by_hand=True)


@action("pairing.agree_repair", permission="pairing.repair")
def agree_repair(actor: Actor, session: CaptureSession, *, repair: Repair) -> Repair:
    """The second person has looked at it: now it is carried out. Raises ``capture.second_person`` and staleness."""
    _waiting_of(session, repair)
    if is_same_person(actor, repair.by_id):
        raise refuse(
            "capture.second_person",
            "规则集要求两人同意，第二人不能是同一人。",
            "The rule set asks for two persons; you were the first.",
            "请由另一位人员同意。",
            "Have somebody else agree.",
        )
    board = locked_board(session, repair.before)
    repair.second, repair.second_at = actor.user, timezone.now()
    return _finish(actor, board, repair, list(repair.changes.all()))


@action("pairing.withdraw_repair", permission="pairing.repair")
def withdraw_repair(actor: Actor, session: CaptureSession, *, repair: Repair, reason: str) -> Repair:
    """The repair that waits for a second person is not wanted after all."""
    _waiting_of(session, repair)
    repair.state, repair.undo_reason = RepairState.WITHDRAWN, stated_reason(reason, "capture.reason_missing")
    repair.undone_by, repair.undone_at = actor.user, timezone.now()
    repair.save()
    audit.note(repair=repair.pk, reason=repair.undo_reason)
    return repair


@action("pairing.undo_repair", permission="pairing.repair")
def undo_repair(actor: Actor, session: CaptureSession, *, repair: Repair, reason: str) -> Repair:
    """Take back the session's last repair, as long as nothing was done since. Raises ``capture.repair_not_the_last``,
    ``capture.repair_stale``, ``capture.frame_packed``."""
    last = session.repairs.filter(state=RepairState.APPLIED).first()
    if last is None or last.pk != repair.pk:
        raise refuse(
            "capture.repair_not_the_last",
            "只能撤销最近一次修复。",
            "Only the last repair can be undone.",
            "请先撤销其后的修复，或手工对应。",
            "Undo the later ones first, or rebind by hand.",
        )
    board = board_of(session, lock=True)
    changes = [(c.frame_id, c.from_check_in_id, c.to_check_in_id) for c in last.changes.all()]
    if any(board.frames[frame].packed_at for frame, *_ in changes):
        obstacle = board.obstacle(changes)
        assert obstacle is not None
        raise obstacle
    if board.fingerprint != last.after:
        raise _stale()
    carry_back(board, last)
    last.state, last.undo_reason = RepairState.UNDONE, stated_reason(reason, "capture.reason_missing")
    last.undone_by, last.undone_at = actor.user, timezone.now()
    last.save()
    audit.note(repair=last.pk, reason=last.undo_reason, frames=[frame for frame, *_ in changes])
    return last


def four_eyes(campaign: Campaign) -> bool:
    """Whether a repair needs two persons; not where the rule set does not say (ASVS 2.3.5)."""
    rule = in_force(campaign.rule_set, REPAIR_FOUR_EYES)
    return bool(rule and REPAIR_FOUR_EYES.read(rule.value))


def locked_board(session: CaptureSession, fingerprint: str) -> Board:
    """The board from locked rows, as long as it is the one that somebody looked at. Raises ``capture.repair_stale``."""
    board = board_of(session, lock=True)
    if board.fingerprint != fingerprint:
        raise _stale()
    return board


def _begin(actor: Actor, board: Board, rows: list[RepairChange], reason: str, *, by_hand: bool) -> Repair:
    if board.session.repairs.filter(state=RepairState.AWAITS_SECOND).exists():
        raise refuse(
            "capture.repair_waiting",
            "本场次已有一项修复等待第二人同意。",
            "A repair of this session already awaits a second person.",
            "请先同意或撤回它。",
            "Agree to it or withdraw it first.",
        )
    repair = Repair(session=board.session, reason=reason, before=board.fingerprint, by=actor.user, by_hand=by_hand)
    if four_eyes(board.session.campaign):
        _require_possible(board, rows)
        repair.state = RepairState.AWAITS_SECOND
        repair.save()
        for row in rows:
            row.repair, row.status_before = repair, board.frames[row.frame_id].status
        RepairChange.objects.bulk_create(rows, batch_size=500)
        audit.note(repair=repair.pk, waits=True, reason=reason, changes=_shown(rows))
        return repair
    return _finish(actor, board, repair, rows)


def _finish(actor: Actor, board: Board, repair: Repair, rows: list[RepairChange]) -> Repair:
    _require_possible(board, rows)
    repair.state = RepairState.APPLIED
    repair.save()
    carry_out(board, repair, rows, actor.user)
    repair.after = board_of(board.session).fingerprint
    repair.save()
    audit.note(
        repair=repair.pk, reason=repair.reason, by_hand=repair.by_hand, changes=_shown(rows), standing=repair.standing
    )
    return repair


def _require_possible(board: Board, rows: list[RepairChange]) -> None:
    obstacle = board.obstacle((row.frame_id, row.from_check_in_id, row.to_check_in_id) for row in rows)
    if obstacle is not None:
        raise obstacle


def _shown(rows: list[RepairChange]) -> list[list[int | None]]:
    """For the audit trail: frame, from, to."""
    return [[row.frame_id, row.from_check_in_id, row.to_check_in_id] for row in rows]


def _row(change: Change, move: tuple[int, int | None, int | None]) -> RepairChange:
    row = _moved(*move)
    row.evidence = {"zh": change.evidence.zh, "en": change.evidence.en}
    row.certainty = str(change.certainty)
    return row


def _moved(frame: int, from_check_in: int | None, to_check_in: int | None) -> RepairChange:
    return RepairChange(
        frame_id=frame,
        from_check_in_id=from_check_in,
        to_check_in_id=to_check_in,
        evidence={"zh": _BY_HAND.zh, "en": _BY_HAND.en},
        certainty=str(Certainty.ASK),
    )


def _waiting_of(session: CaptureSession, repair: Repair) -> None:
    repair.refresh_from_db()
    if repair.session_id != session.pk or repair.state != RepairState.AWAITS_SECOND:
        raise _stale()


def _stale() -> Refusal:
    return refuse(
        "capture.repair_stale",
        "您查看之后，本场次的对应已有变化，没有执行。",
        "The pairing of this session has changed since you looked; nothing was done.",
        "请刷新页面，看过新的建议再决定。",
        "Reload the page, look at the new proposal and decide again.",
    )
