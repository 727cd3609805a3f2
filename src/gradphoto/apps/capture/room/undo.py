"""The undo of the room: the last step is taken back, and the one before it by the next stroke of the same key."""

from __future__ import annotations

from collections.abc import Callable

from gradphoto.apps.capture.lifecycle import CHECK_IN, FRAME
from gradphoto.apps.capture.models import (
    CheckIn,
    CheckInStatus,
    Frame,
    FrameStatus,
    RoomStep,
    StepKind,
)
from gradphoto.apps.capture.room.leaving import cancel_check_in
from gradphoto.apps.capture.room.steps import last_step
from gradphoto.apps.capture.room_clock import room_now
from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import Refusal, refuse
from gradphoto.apps.schedule.models import CaptureSession, SessionStatus

_TAKEN_BACK = "撤回上一步"


@action("capture.undo_step", permission="capture.work")
def undo_step(actor: Actor, session: CaptureSession, *, chair: int = 1) -> RoomStep:
    """Take the last step at a chair of an open session back. Frames and numbers stay; only what was decided is undone.

    Raises ``capture.nothing_to_take_back``, ``capture.not_to_take_back``, ``capture.chair_occupied``,
    ``capture.frame_packed`` and what the lifecycle refuses (a confirmed person is not reopened here).
    """
    step = last_step(session, chair)
    if step is None or session.status != SessionStatus.OPEN:
        raise refuse(
            "capture.nothing_to_take_back",
            "没有可以撤回的步骤。",
            "There is no step to take back.",
            "较早的更正请用“对应核查”或照片复核。",
            "For earlier corrections use the pages of the pairing or of the review.",
        )
    _BACK[StepKind(step.kind)](actor, step)
    step.undone_at, step.undone_by = room_now(), actor.user
    step.save(update_fields=["undone_at", "undone_by"])
    audit.note(step=step.pk, kind=step.kind)
    return step


@action("capture.take_back_accept", permission="capture.work", lifecycle=CHECK_IN)
def take_back_accept(actor: Actor, check_in: CheckIn, *, step: RoomStep) -> None:
    """Back into the chair, with the frame as it lay before the decision."""
    _require_free_chair(check_in)
    _frames_as_before(step)
    _seat_again(check_in)


@action("capture.take_back_call", permission="capture.work", lifecycle=CHECK_IN)
def take_back_call(actor: Actor, check_in: CheckIn, *, step: RoomStep) -> None:
    """Not called back after all: the frame that was accepted counts again."""
    if check_in.frames.filter(status=FrameStatus.BOUND).exists():
        raise _impossible("此人已有新的照片。", "There is a new frame of this person.")
    _frames_as_before(step)
    check_in.closed_at = room_now()
    check_in.save(update_fields=["closed_at"])


@action("capture.take_back_leaving", permission="capture.work", lifecycle=CHECK_IN)
def take_back_leaving(actor: Actor, check_in: CheckIn, *, step: RoomStep) -> None:
    """The person is still here: back into the chair under the same number."""
    _require_free_chair(check_in)
    if check_in.candidate.check_ins.exclude(status=CheckInStatus.CANCELLED).exists():
        raise _impossible("此人已有新的拍摄序号。", "The person has another number by now.")
    _frames_as_before(step)
    check_in.cancel_reason = ""
    check_in.save(update_fields=["cancel_reason"])
    _seat_again(check_in)
    check_in.alarms.filter(settled_at=None, at__gte=step.at).update(settled_at=room_now(), settled_note=_TAKEN_BACK)


def _check_in_back(actor: Actor, step: RoomStep) -> None:
    """The number stays used (R97). Who was seated again has no earlier photograph to fall back on."""
    check_in = _of(step)
    if step.before.get("again"):
        raise _impossible("此人原有的照片已不用。", "This person's earlier photograph is no longer used.")
    if check_in.frames.exclude(status=FrameStatus.REJECTED).exists():
        raise _impossible("此人已有照片。", "There is a frame of this person.")
    cancel_check_in(actor, check_in, reason=_TAKEN_BACK)
    RoomStep.objects.filter(check_in=check_in, kind=StepKind.CANCEL, undone_at=None).update(undone_at=room_now())


def _accept_back(actor: Actor, step: RoomStep) -> None:
    take_back_accept(actor, _of(step), step=step)


def _call_back(actor: Actor, step: RoomStep) -> None:
    take_back_call(actor, _of(step), step=step)


def _leaving_back(actor: Actor, step: RoomStep) -> None:
    take_back_leaving(actor, _of(step), step=step)


def _frame_back(actor: Actor, step: RoomStep) -> None:
    """A rejected frame awaits its decision again; a frame bound by hand is again whose it was."""
    if step.check_in is not None:
        step.check_in.refresh_from_db()
        if step.kind == StepKind.REJECT and step.check_in.status != CheckInStatus.OPEN:
            raise _impossible("此人已不在座位上。", "The person has left the chair.")
    _frames_as_before(step)


def _send_away_back(actor: Actor, step: RoomStep) -> None:
    hold = step.hold
    assert hold is not None
    hold.decision, hold.decision_reason, hold.decided_by, hold.decided_at = "", "", None, None
    hold.save(update_fields=["decision", "decision_reason", "decided_by", "decided_at"])


def _settle_back(actor: Actor, step: RoomStep) -> None:
    alarm = step.alarm
    assert alarm is not None
    alarm.settled_at, alarm.settled_note = None, ""
    alarm.save(update_fields=["settled_at", "settled_note"])


_BACK: dict[StepKind, Callable[[Actor, RoomStep], None]] = {
    StepKind.CHECK_IN: _check_in_back,
    StepKind.ACCEPT: _accept_back,
    StepKind.REJECT: _frame_back,
    StepKind.CALL_BACK: _call_back,
    StepKind.CANCEL: _leaving_back,
    StepKind.LEAVE: _leaving_back,
    StepKind.SEND_AWAY: _send_away_back,
    StepKind.SETTLE: _settle_back,
    StepKind.BIND: _frame_back,
    StepKind.CHOOSE: _frame_back,
}


def _of(step: RoomStep) -> CheckIn:
    assert step.check_in is not None
    return step.check_in


def _frames_as_before(step: RoomStep) -> None:
    frames = Frame.objects.select_for_update().filter(pk__in=[int(pk) for pk in step.before.get("frames", {})])
    known = {frame.pk: frame for frame in frames}
    if any(frame.packed_at for frame in known.values()):
        raise refuse(
            "capture.frame_packed",
            "照片已编入交付包，不能撤回。",
            "The photograph is in a delivery package; this cannot be taken back.",
            "请按勘误办理（R158）。",
            "Open an errata case (R158).",
        )
    # The one that no longer counts first: a number has one accepted frame at any moment (R98).
    for pk, status in sorted(step.before.get("frames", {}).items(), key=lambda one: one[1] == FrameStatus.ACCEPTED):
        frame = known[int(pk)]
        frame.check_in_id = step.before.get("owner", frame.check_in_id)
        FRAME.move(frame, "capture.undo_step", to=status, fields=("check_in",))


def _seat_again(check_in: CheckIn) -> None:
    check_in.closed_at, check_in.again_at = None, room_now()
    check_in.save(update_fields=["closed_at", "again_at"])


def _require_free_chair(check_in: CheckIn) -> None:
    seated = check_in.session.check_ins.filter(chair=check_in.chair, status=CheckInStatus.OPEN)
    if seated.exclude(pk=check_in.pk).exists():
        raise refuse(
            "capture.chair_occupied",
            "座位上已是下一位。",
            "The next person is in the chair already.",
            "请先完成或撤销这一位。",
            "Finish or cancel that person first.",
        )


def _impossible(zh: str, en: str) -> Refusal:
    return refuse(
        "capture.not_to_take_back",
        f"不能撤回：{zh}",
        f"This cannot be taken back: {en}",
        "请继续拍摄此人，或用“对应核查”更正。",
        "Go on with this person, or correct it on the page of the pairing.",
    )
