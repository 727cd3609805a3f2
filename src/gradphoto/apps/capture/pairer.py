"""Between the database's rows and the engine's pairing machine."""

from __future__ import annotations

from typing import Any

from gradphoto.apps.capture.models import Alarm, CheckIn, CheckInStatus, Frame
from gradphoto.apps.capture.room.chairs import last_queues, queue_chairs
from gradphoto.apps.capture.room.clocks import pairing_rules
from gradphoto.apps.capture.room.notices import cards_in_vain
from gradphoto.apps.capture.room_clock import room_now
from gradphoto.apps.core.prepared import Prepared
from gradphoto.apps.schedule.models import CaptureSession
from gradphoto.engine.pairing import Alarm as Told
from gradphoto.engine.pairing import AlarmKind, CheckInMark, FrameMark, PairingState, SessionPairer
from gradphoto.engine.pairing import alarms as tell
from gradphoto.engine.pairing.readings import LOOK_BACK, readers_exchanged
from gradphoto.engine.pairing.turns import Doubt

TAKEN_MEANWHILE = "taken_meanwhile"


def place(session: CaptureSession, frame: Frame) -> tuple[tuple[int, dict[str, Any]] | None, list[Alarm]]:
    """Whose frame this is, with the evidence, and what must be told; the machine is rebuilt from the rows each time."""
    step = _machine(session, frame).frame(_frame_mark(frame))
    alarms = [_row(session, alarm, frame, frame.chair) for alarm in step.alarms]
    if step.binding is None:
        return None, alarms
    owner = session.check_ins.get(pk=step.binding.check_in_key)
    if owner.status not in (CheckInStatus.OPEN, CheckInStatus.SHOT, CheckInStatus.CONFIRMED):
        mark = _check_in_mark(owner)
        doubt = tell.in_doubt(_frame_mark(frame), Doubt.TWO_PERSONS, [mark], frame.arrived_at)
        return None, [*alarms, _row(session, doubt, frame, frame.chair)]
    return (int(step.binding.check_in_key), step.binding.evidence.as_dict()), alarms


def taken_meanwhile(session: CaptureSession, frame: Frame) -> list[Alarm]:
    """What must be told of a frame that was taken while the station did not work: once for all of them."""
    if session.alarms.filter(chair=frame.chair, kind=TAKEN_MEANWHILE, settled_at=None).exists():
        return []
    return [
        Alarm(
            session=session,
            chair=frame.chair,
            kind=TAKEN_MEANWHILE,
            sentence={
                "zh": "有照片是在采集站停止工作期间拍的，没有自动对应到任何人。",
                "en": "Frames were taken while the station did not work; they are bound to nobody.",
            },
            remedy={
                "zh": "请逐张核对后确认；拿不准的请本人重拍。",
                "en": "Look at each and say whose it is; where in doubt, have the person shot again.",
            },
            frame=frame,
        )
    ]


def exchanged(session: CaptureSession, chair: int) -> list[Alarm]:
    """What must be told when two chairs get each other's people; once, until somebody says what it was."""
    if session.chairs == 1 or _EXCHANGED.all(session=session.pk):
        return []
    both = readers_exchanged(last_queues(session))
    return [] if both is None else [_row(session, tell.exchanged_readers(both, room_now()), None, chair)]


_EXCHANGED: Prepared[Alarm] = Prepared(
    lambda session: Alarm.objects.filter(session=session, kind=AlarmKind.READERS_EXCHANGED, settled_at=None).only("pk")
)


def left(session: CaptureSession, check_in: CheckIn) -> list[Alarm]:
    """What must be told when somebody leaves the chair without an accepted photograph (R98, facts 4.3 b)."""
    mark = _check_in_mark(check_in)
    rejected = check_in.frames.exists()
    told = tell.no_usable_frame(mark, room_now()) if rejected else tell.person_without_frame(mark, room_now())
    return [_row(session, told, None, check_in.chair)]


def _row(session: CaptureSession, alarm: Told, frame: Frame | None, chair: int) -> Alarm:
    return Alarm(
        session=session,
        chair=chair,
        kind=alarm.kind.value,
        sentence={"zh": alarm.sentence.zh, "en": alarm.sentence.en},
        remedy={"zh": alarm.remedy.zh, "en": alarm.remedy.en},
        check_in_id=alarm.check_in_key,
        frame=session.frames.get(pk=alarm.frame_key) if alarm.frame_key is not None else frame,
    )


def _machine(session: CaptureSession, newcomer: Frame) -> SessionPairer:
    """Of one chair: what happens at the next one says nothing about this camera's frames."""
    check_ins, queues = _PEOPLE.all(session=session.pk, chair=newcomer.chair), queue_chairs(session)
    known = {check_in.pk for check_in in check_ins}
    frames = _FRAMES.all(session=session.pk, chair=newcomer.chair, newcomer=newcomer.pk)
    return SessionPairer.restore(
        PairingState(
            tuple(_check_in_mark(one, queues.get(one.candidate_id, one.chair)) for one in check_ins),
            tuple(_frame_mark(frame) for frame in frames),
            {frame.pk: frame.check_in_id for frame in frames if frame.check_in_id in known},
            *cards_in_vain(session, newcomer.chair),
        ),
        pairing_rules(session, [*frames, newcomer], newcomer.chair),
    )


_PEOPLE: Prepared[CheckIn] = Prepared(
    lambda session, chair: CheckIn.objects.filter(session=session, chair=chair).order_by("-at")[:LOOK_BACK]
)
_FRAMES: Prepared[Frame] = Prepared(
    lambda session, chair, newcomer: (
        Frame.objects.filter(session=session, chair=chair).exclude(pk=newcomer).order_by("-arrived_at")[:LOOK_BACK]
    )
)


def _check_in_mark(check_in: CheckIn, queues_at: int | None = None) -> CheckInMark:
    closed = None if check_in.status == CheckInStatus.OPEN else check_in.closed_at or check_in.at
    unfinished = check_in.status == CheckInStatus.CANCELLED
    elsewhere = queues_at not in (None, check_in.chair)
    return CheckInMark(
        check_in.pk, check_in.shooting_number, check_in.at, closed, check_in.candidate_id, unfinished, elsewhere,
        check_in.again_at,
    )  # fmt: skip


def _frame_mark(frame: Frame) -> FrameMark:
    return FrameMark(
        key=frame.pk,
        camera_serial=frame.camera_serial,
        file_number=frame.file_number,
        folder=frame.folder,
        # A frame that lay in the folder for an hour says nothing of the camera's clock; its number counts all the same.
        taken_at=None if frame.evidence.get("meanwhile") else frame.taken_at,
        arrived_at=frame.arrived_at,
    )
