"""The frame: kept, bound to the person in the chair, measured, and decided on (R98, R18)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from gradphoto.apps.capture import pairer
from gradphoto.apps.capture.assessments import keep_assessment
from gradphoto.apps.capture.lifecycle import CHECK_IN, FRAME
from gradphoto.apps.capture.models import (
    BY_HAND,
    Alarm,
    Assessment,
    CheckIn,
    CheckInStatus,
    Frame,
    FrameStatus,
    StepKind,
)
from gradphoto.apps.capture.previews import make_previews
from gradphoto.apps.capture.room.chairs import require_open
from gradphoto.apps.capture.room.steps import remember, statuses
from gradphoto.apps.capture.room_clock import room_now
from gradphoto.apps.core import audit, blobs
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import Refusal, invalid, refuse, stated_reason
from gradphoto.apps.schedule.models import CaptureSession
from gradphoto.engine.portrait.assessment import Assessment as Measured


@action("capture.receive_frame", permission="capture.work")
def receive_frame(
    actor: Actor,
    session: CaptureSession,
    *,
    data: bytes,
    file_name: str,
    folder: str = "",
    file_number: int | None = None,
    camera_serial: str = "",
    taken_at: datetime | None = None,
    arrived_at: datetime | None = None,
    meanwhile: bool = False,
    by_hand: bool = False,
    chair: int = 1,
) -> Frame:
    """Keep a frame and bind it to the person in the chair before which it was taken (R98). The same bytes again return the same frame.

    A frame without a person, a gap in the file numbers, an exposure before its check-in or another camera raise
    alarms at once. ``by_hand``: somebody brings the photograph of who is in the chair. A frame taken ``meanwhile``, while the station did not work, is bound to nobody: who sat in the
    chair then is for a person to say. Raises ``capture.not_a_jpeg``.
    """
    if not data.startswith(b"\xff\xd8\xff"):
        raise invalid(
            "capture.not_a_jpeg",
            "文件不是 JPEG 照片。",
            "The file is not a JPEG.",
            "请在相机中选择 JPEG 格式。",
            "Set the camera to JPEG.",
        )
    blob = blobs.put_photograph(data)
    if (known := session.frames.filter(blob=blob).first()) is not None:
        return known
    frame = Frame.objects.create(
        session=session,
        chair=chair,
        blob=blob,
        file_name=file_name[:120],
        folder=folder[:60],
        file_number=file_number,
        camera_serial=camera_serial[:60],
        taken_at=taken_at,
        arrived_at=arrived_at or room_now(),
        evidence={"meanwhile": True} if meanwhile else {},
    )
    binding, alarms = _placed(session, frame, meanwhile=meanwhile, by_hand=by_hand)
    if binding is not None:
        frame.check_in_id, frame.evidence = binding
        FRAME.move(frame, "capture.receive_frame", fields=("check_in", "evidence"))
    Alarm.objects.bulk_create(alarms)
    audit.note(frame=frame.pk, bound_to=frame.check_in_id, alarms=[alarm.kind for alarm in alarms])
    return frame


def _placed(
    session: CaptureSession, frame: Frame, *, meanwhile: bool, by_hand: bool
) -> tuple[tuple[int, dict[str, Any]] | None, list[Alarm]]:
    if meanwhile:
        return None, pairer.taken_meanwhile(session, frame)
    here = session.check_ins.filter(chair=frame.chair, status=CheckInStatus.OPEN)
    seated = here.first() if by_hand else None
    if seated is not None:
        return (seated.pk, {"basis": BY_HAND}), []
    return pairer.place(session, frame)


@action("capture.record_assessment", permission="capture.work")
def record_assessment(actor: Actor, frame: Frame, *, assessment: Measured, copies: bool = True) -> Assessment:
    """Put the engine's measurements and verdict beside the frame; measuring again with the same version changes nothing.

    The small ``copies`` for the screen are made with it, unless the caller makes them when the verdict is told.
    """
    audit.note(outcome=str(assessment.verdict.outcome), pipeline=assessment.pipeline_version)
    row = keep_assessment(frame, assessment)
    if copies:
        make_previews(frame)
    return row


def judge_if_new(actor: Actor, frame: Frame) -> None:
    """A frame that came to nobody was not measured; it is when it becomes somebody's."""
    from gradphoto.apps.capture.verdicts import assess, standard_of

    if not frame.assessments.exists():
        measured = assess(blobs.read(frame.blob), standard_of(frame.session.campaign))
        record_assessment(actor, frame, assessment=measured)


@action("capture.accept_frame", permission="capture.work", lifecycle=CHECK_IN)
def accept_frame(actor: Actor, check_in: CheckIn, *, frame: Frame) -> None:
    """This frame is the person's photograph; their other frames are not used."""
    if frame.check_in_id != check_in.pk:
        raise _other_persons()
    remember(check_in.session, StepKind.ACCEPT, check_in=check_in, frame=frame, before=statuses(check_in))
    FRAME.move_rows(check_in.frames.exclude(pk=frame.pk), "capture.pass_over")
    FRAME.move_rows(Frame.objects.filter(pk=frame.pk), "capture.accept_frame")
    check_in.closed_at = room_now()
    check_in.save(update_fields=["closed_at"])
    audit.note(frame=frame.pk, shooting_number=check_in.shooting_number)


@action("capture.reject_frame", permission="capture.work")
def reject_frame(actor: Actor, frame: Frame, *, reason: str) -> None:
    """Not this one: the person stays in the chair for the next."""
    if frame.status == FrameStatus.ACCEPTED:
        raise refuse(
            "capture.frame_accepted", "照片已被采用。", "The frame was accepted.", "请用“重拍”。", "Use retake instead."
        )
    before = {"frames": {str(frame.pk): frame.status}}
    remember(frame.session, StepKind.REJECT, check_in=frame.check_in, frame=frame, before=before)
    FRAME.move(frame, "capture.reject_frame")
    audit.note(reason=stated_reason(reason, "capture.reason_missing"))


@action("capture.retake", permission="capture.work", lifecycle=CHECK_IN, holds="session")
def retake(actor: Actor, check_in: CheckIn, *, reason: str) -> None:
    """Back into the chair under the same number; the frame accepted before is no longer used (R18: with a reason).

    Raises ``capture.session_not_open``: nobody sits in the chair of a session that is closed.
    """
    require_open(check_in.session)
    remember(check_in.session, StepKind.CALL_BACK, check_in=check_in, before=statuses(check_in))
    FRAME.move_rows(check_in.frames.filter(status=FrameStatus.ACCEPTED), "capture.pass_over")
    check_in.closed_at, check_in.again_at = None, room_now()
    check_in.save(update_fields=["closed_at", "again_at"])
    audit.note(reason=stated_reason(reason, "capture.reason_missing"))


@action("capture.keep_beside", permission="capture.work")
def keep_beside(actor: Actor, frame: Frame) -> None:
    """One of several of somebody who has an accepted photograph: not used, and there to be chosen instead."""
    frame.evidence = frame.evidence | {"beside": True}
    FRAME.move(frame, "capture.keep_beside", fields=("evidence",))


@action("capture.choose_frame", permission="capture.work")
def choose_frame(actor: Actor, check_in: CheckIn, *, frame: Frame) -> None:
    """Another of the person's frames counts instead of the accepted one, before the checker has confirmed it.

    Raises ``capture.other_persons_frame``, ``capture.not_to_choose``.
    """
    if frame.check_in_id != check_in.pk:
        raise _other_persons()
    accepted = check_in.frames.filter(status=FrameStatus.ACCEPTED).first()
    if check_in.status != CheckInStatus.SHOT or frame.packed_at or (accepted is not None and accepted.packed_at):
        raise refuse(
            "capture.not_to_choose",
            "此人已确认、已交付或未拍完，不能换照片。",
            "The person is confirmed, delivered or not finished: no other frame can be chosen.",
            "请用“请回来重拍”或照片复核。",
            "Call the person back, or use the review.",
        )
    remember(check_in.session, StepKind.CHOOSE, check_in=check_in, frame=frame, before=statuses(check_in))
    FRAME.move_rows(check_in.frames.filter(status=FrameStatus.ACCEPTED), "capture.pass_over")
    FRAME.move_rows(Frame.objects.filter(pk=frame.pk), "capture.choose_frame")
    audit.note(frame=frame.pk, instead_of=accepted.pk if accepted else None)


def _other_persons() -> Refusal:
    return refuse(
        "capture.other_persons_frame",
        "照片不属于此人。",
        "The frame is not this person's.",
        "请先核对对应关系。",
        "Check the pairing first.",
    )


@action("capture.bind_frame", permission="capture.work")
def bind_frame(actor: Actor, frame: Frame, *, check_in: CheckIn, reason: str) -> None:
    """Repair by hand: this frame is that person's. An accepted frame is never rebound silently."""
    if frame.status == FrameStatus.ACCEPTED:
        raise refuse(
            "capture.frame_accepted",
            "照片已被采用。",
            "The frame was accepted.",
            "请先“重拍”或撤销。",
            "Retake or cancel first.",
        )
    if check_in.status not in (CheckInStatus.OPEN, CheckInStatus.SHOT):
        raise refuse(
            "capture.not_in_the_room",
            "此序号已确认、已撤销或待重拍，不能在现场对应照片。",
            "That number is confirmed, cancelled or to be shot again; no frame is bound to it in the room.",
            "请用“对应核查”处理。",
            "Use the page of the pairing.",
        )
    before = {"frames": {str(frame.pk): frame.status}, "owner": frame.check_in_id}
    remember(frame.session, StepKind.BIND, check_in=check_in, frame=frame, before=before)
    audit.note(before=frame.check_in_id, after=check_in.pk, reason=stated_reason(reason, "capture.reason_missing"))
    frame.check_in = check_in
    frame.evidence = frame.evidence | {"basis": BY_HAND}
    FRAME.move(frame, "capture.bind_frame", fields=("check_in", "evidence"))
