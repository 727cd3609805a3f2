"""Alarms that the room itself raises, and what somebody found them to be (R98)."""

from __future__ import annotations

from gradphoto.apps.capture.models import Alarm, StepKind
from gradphoto.apps.capture.providers import alarm_settled
from gradphoto.apps.capture.room.steps import remember
from gradphoto.apps.capture.room_clock import is_steady, room_now
from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import refuse, stated_reason
from gradphoto.apps.schedule.models import CaptureSession

_GOES_ON = {
    "zh": "登记和照片仍按开机以来的计时，次序不受影响。请校准电脑时间并关闭自动对时。",
    "en": "Check-ins and frames go on by the time since the start; their order stands. Set the clock right, automatic time off.",
}
_BROKEN = {
    "zh": "请核对电脑时间，关闭自动对时，再核对上一位和下一位的照片。",
    "en": "Set the clock right, switch automatic time off, and check the photographs before and after.",
}


@action("capture.raise_clock_alarm", permission="capture.work")
def raise_clock_alarm(actor: Actor, session: CaptureSession, *, jump_s: float, chair: int = 1) -> Alarm:
    """The computer's clock jumped in the middle of a session (R98): a station's own times go on all the same, elsewhere
    those before and after it cannot be compared."""
    way, way_en = ("向前", "forward") if jump_s > 0 else ("向后", "back")
    audit.note(jump_s=round(jump_s, 1))
    return Alarm.objects.create(
        session=session,
        chair=chair,
        kind="clock_jump",
        sentence={
            "zh": f"电脑时间{way}跳了 {abs(jump_s):.0f} 秒。",
            "en": f"The computer's clock jumped {abs(jump_s):.0f} s {way_en}.",
        },
        remedy=_GOES_ON if is_steady() else _BROKEN,
    )


@action("capture.settle_alarm", permission="capture.work")
def settle_alarm(actor: Actor, alarm: Alarm, *, note: str) -> None:
    """Somebody looked into an alarm and says what it was. Raises ``capture.alarm_settled``: who answers second, at another
    computer, has not seen the first answer."""
    if alarm.settled_at is not None:
        raise refuse(
            "capture.alarm_settled",
            "这个警报已有人处理，这次没有改动。",
            "Somebody has settled this alarm already; nothing was changed now.",
            "请看处理结果；要更正请按 U 撤回或用“对应核查”。",
            "Look at what was said; to correct it take it back (U), or use the pairing.",
        )
    remember(alarm.session, StepKind.SETTLE, alarm=alarm)
    alarm.settled_at, alarm.settled_note = room_now(), stated_reason(note, "capture.reason_missing", field="note")
    alarm.save(update_fields=["settled_at", "settled_note"])
    audit.note(note=alarm.settled_note)
    alarm_settled(actor, alarm)
