"""What the room's screen says in one word: who or what the crew must look at now, and the sound that goes with it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from gradphoto.apps.capture.drawing import Drawing
from gradphoto.apps.capture.models import (
    Alarm,
    CheckIn,
    CheckInStatus,
    Frame,
    FrameStatus,
    Hold,
    HoldReason,
    RoomNotice,
)
from gradphoto.apps.capture.reasons import PERSONS
from gradphoto.apps.capture.room.sessions import FACES
from gradphoto.apps.capture.room_clock import room_now
from gradphoto.apps.capture.room_state import NOTHING_CAME, RoomTrouble
from gradphoto.apps.schedule.models import CaptureSession, SessionStatus
from gradphoto.engine.wording import Wording


class Tone(StrEnum):
    """How it looks and sounds; every tone has a shape and a word of its own, so that no colour is needed."""

    CALM = "calm"
    BUSY = "busy"
    GOOD = "good"
    ATTENTION = "attention"
    STOP = "stop"


_AS_ASKED = Wording("已评估的各项均符合要求。", "All that was assessed is as asked.")


@dataclass(frozen=True, slots=True)
class Banner:
    """The strip on top. ``event`` changes with each new thing, so that its sound is played once."""

    tone: Tone
    word: Wording
    sentence: Wording
    event: str


@dataclass(frozen=True, slots=True)
class Room:
    """What stands in the room as the database knows it."""

    session: CaptureSession
    chair: CheckIn | None
    before: CheckIn | None
    frame: Frame | None
    drawing: Drawing | None
    holds: Sequence[Hold]
    alarms: Sequence[Alarm]
    notices: Sequence[RoomNotice]
    troubles: Sequence[RoomTrouble]


_EMPTY = Wording("", "")
_MEASURING = timedelta(seconds=15)
"""A frame without a verdict for so long is not being measured any more."""
_STOPPING = frozenset({"frame_without_person", "clock_jump", "number_reused", "frame_before_check_in"})
"""Alarms after which the next swipe would make it worse (docs/station.md)."""
_VERDICTS = {
    "pass": (Tone.GOOD, Wording("合格", "Pass")),
    "review": (Tone.ATTENTION, Wording("请看一眼", "Look")),
    "fail": (Tone.STOP, Wording("不合格", "Fail")),
}
HOLDS = {
    HoldReason.NOT_LISTED: Wording("不在采集名单", "Not on the list"),
    HoldReason.NOT_APPROVED: Wording("信息未核准", "Not yet accepted"),
    HoldReason.DATA_DIFFER: Wording("证件与名单不一致", "Card and list differ"),
    HoldReason.ALREADY: Wording("已经拍摄过", "Already photographed"),
    HoldReason.WRONG_SEASON: Wording("与本场次毕业季不符", "Another season"),
}
_REMEDIES = {
    HoldReason.NOT_LISTED: Wording("请勿拍摄，请其联系学院。", "Do not photograph; send the person to the college."),
    HoldReason.NOT_APPROVED: Wording(
        "名册尚未核准，请勿拍摄。", "The roster entry is not accepted: do not photograph."
    ),
    HoldReason.DATA_DIFFER: Wording("请对照证件，再放行或不拍摄。", "Compare with the card, then admit or send away."),
    HoldReason.ALREADY: Wording("确需重拍才放行，并选原因。", "Admit only for another photograph, with its reason."),
    HoldReason.WRONG_SEASON: Wording("不属于本场，请勿拍摄。", "Not of this session: do not photograph."),
}

RETAKE_REASONS = [PERSONS[f"person.{name}"] for name in ("eyes", "hair", "glasses", "clothes", "expression", "posture")]
CANCEL_REASONS = [
    Wording("刷错了人", "The wrong person's card"),
    Wording("重复刷证", "The card was swiped twice"),
    Wording("此人暂不拍摄", "The person does not want to be photographed now"),
]
ADMIT_REASONS = {
    HoldReason.DATA_DIFFER: [
        Wording("已对照证件，确为本人", "Compared with the card: it is this person"),
        Wording("名单有误，已报学院更正", "The list is wrong and is being corrected"),
    ],
    HoldReason.ALREADY: [
        Wording("本人要求重拍", "The person asks for another photograph"),
        Wording("原照片不合格", "The earlier photograph is not good enough"),
    ],
}
SEND_REASONS = [
    Wording("不在名单，请联系学院", "Not on the list: to the college"),
    Wording("信息须先更正", "The data must be corrected first"),
    Wording("已有合格照片", "There is a good photograph already"),
]
ALARM_NOTES = [
    Wording("试拍", "A test"),
    Wording("已核对前后两人，无误", "Checked the persons before and after: right"),
    Wording("已换相机或已校时", "Camera changed or clock set"),
]

FACE_NOTES = [
    Wording("已核对两人和证件，各是本人", "Compared both people with their cards: each is the right one"),
    Wording("双胞胎，已核对证件", "Twins, compared with the cards"),
    Wording("坐错人，已改对应或重拍", "Exchanged: bound anew or shot again"),
]


def notes_for(alarms: Sequence[Alarm]) -> list[Wording]:
    """What the first alarm may have been, to be picked by a figure."""
    return FACE_NOTES if alarms and alarms[0].kind == FACES else ALARM_NOTES


def gravest_first(alarms: Iterable[Alarm]) -> list[Alarm]:
    """Those that stop the room first, then a clock that moved, as it is why others ask; each kind from the newest."""
    return sorted(alarms, key=lambda alarm: (alarm.kind not in _STOPPING, alarm.kind != "clock_drift", -alarm.pk))


def banner(room: Room) -> Banner:
    """The most urgent first: the computer, a device, a held person, a break in the order, then the chair."""
    session = room.session
    if session.status != SessionStatus.OPEN:
        planned = session.status == SessionStatus.PLANNED
        word = Wording("场次未开始", "Not opened yet") if planned else Wording("场次已结束", "Closed")
        return Banner(Tone.CALM, word, _EMPTY, f"session-{session.status}")
    return _computer(room) or _held(room) or _alarm(room) or _chair(room)


def _is_told(alarm: Alarm, room: Room) -> bool:
    """Whether the room went on after an alarm that does not stop it: then its card and its key remain, and the strip
    speaks of the person in the chair again. Otherwise one unsettled alarm would hide every verdict of the day."""
    if alarm.kind in _STOPPING:
        return False
    last = room.chair or room.before
    since = [one for one in (last and last.at, room.frame and room.frame.arrived_at) if one]
    return any(moment > alarm.at for moment in since)


def _computer(room: Room) -> Banner | None:
    for trouble in room.troubles:
        if trouble.stops:
            return Banner(Tone.STOP, trouble.sentence, trouble.remedy, f"trouble-{trouble.code}")
    for notice in room.notices[:1]:
        return Banner(Tone.STOP, _pair(notice.sentence), _pair(notice.remedy), notice.event)
    return None


def _held(room: Room) -> Banner | None:
    for hold in room.holds[:1]:
        reason = HoldReason(hold.reason)
        tone = Tone.ATTENTION if reason in (HoldReason.DATA_DIFFER, HoldReason.ALREADY) else Tone.STOP
        remedy = _REMEDIES[reason]
        said = Wording(f"{hold.name}：{remedy.zh}", f"{hold.name}: {remedy.en}")
        return Banner(tone, HOLDS[reason], said, f"hold-{hold.pk}")
    return None


def _alarm(room: Room) -> Banner | None:
    for alarm in [one for one in room.alarms if not _is_told(one, room)][:1]:
        tone = Tone.STOP if alarm.kind in _STOPPING else Tone.ATTENTION
        return Banner(tone, _pair(alarm.sentence), _pair(alarm.remedy), f"alarm-{alarm.pk}")
    return None


def _chair(room: Room) -> Banner:
    chair, frame = room.chair, room.frame
    if chair is None:
        return _free(room)
    if frame is None and room_now() - chair.at > NOTHING_CAME:
        said = Wording(
            "还没有收到照片。若已按快门，请检查连接线、存储位置和照片格式（JPEG）。",
            "No frame has come. If the shutter was released, check cable, folder and format (JPEG).",
        )
        return Banner(Tone.ATTENTION, Wording("请拍照", "Take the picture"), said, f"waiting-{chair.pk}")
    if frame is None:
        return Banner(Tone.BUSY, Wording("请拍照", "Take the picture"), _EMPTY, f"seated-{chair.pk}")
    outcome = room.drawing.outcome if room.drawing else ""
    if not outcome and room_now() - frame.arrived_at < _MEASURING:
        return Banner(Tone.BUSY, Wording("正在判定", "Being judged"), _EMPTY, f"judging-{frame.pk}")
    tone, word = _VERDICTS.get(outcome, (Tone.ATTENTION, Wording("尚无判定", "No verdict yet")))
    if frame.status == FrameStatus.REJECTED:
        tone, word = Tone.STOP, Wording("请再拍一张", "Take another one")
    return Banner(tone, word, _worst(room), _of_frame(frame, outcome))


def _free(room: Room) -> Banner:
    if room.before is None or room.drawing is None:
        return Banner(Tone.CALM, Wording("请下一位刷证", "Next, please"), _EMPTY, "free")
    outcome = room.drawing.outcome
    if outcome == "pass":
        tone, said = Tone.GOOD, Wording("上一位已拍好。", "The last one is good.")
    else:
        tone, said = Tone.ATTENTION, Wording("上一位的照片请看一眼。", "Look at the last one.")
    if room.before.status == CheckInStatus.CONFIRMED:
        tone, said = Tone.CALM, Wording("上一位已确认。", "The last one is confirmed.")
    return Banner(tone, Wording("请下一位", "Next, please"), said, _of_frame(room.drawing.frame, outcome))


def _of_frame(frame: Frame, outcome: str) -> str:
    """One sound for a frame and its verdict, whatever is decided on it afterwards."""
    return f"frame-{frame.pk}-{outcome}"


def _worst(room: Room) -> Wording:
    if room.drawing is None or not room.drawing.outcome:
        return _EMPTY
    return room.drawing.worst.sentence if room.drawing.worst else _AS_ASKED


def _pair(said: dict[str, str]) -> Wording:
    return Wording(said.get("zh", ""), said.get("en", ""))
