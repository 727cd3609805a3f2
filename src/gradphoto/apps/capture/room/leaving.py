"""The end of a check-in: confirmed by the checker, taken back, or left without a photograph (R98, R100)."""

from __future__ import annotations

from django.db.models import Q

from gradphoto.apps.capture import pairer
from gradphoto.apps.capture.contact_sheet import Shown, require_shown
from gradphoto.apps.capture.lifecycle import CHECK_IN, FRAME
from gradphoto.apps.capture.models import Alarm, CheckIn, CheckInStatus, FrameStatus, Identification, StepKind
from gradphoto.apps.capture.providers import is_in_doubt
from gradphoto.apps.capture.room.steps import remember, statuses
from gradphoto.apps.capture.room_clock import room_now
from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor, ActorKind
from gradphoto.apps.core.errors import refuse, stated_reason
from gradphoto.engine.pairing import AlarmKind


@action("capture.confirm_check_in", permission="capture.confirm", lifecycle=CHECK_IN)
def confirm_check_in(actor: Actor, check_in: CheckIn, *, shown: Shown | None = None) -> None:
    """The checker has compared person, data and photograph (R100).

    ``shown``: the faces that the contact sheet showed; ``None`` where this one face alone stands large before the checker.
    Raises ``capture.face_not_shown`` where this one or a waiting one before it was not shown as it is now.

    Raises ``capture.alarm_open`` as long as somebody must still say whose a frame is that may be this person's, or whether
    the room's readers are exchanged, and ``capture.proposal_open`` while the pairing proposes another one.
    """
    if check_in.method == Identification.SELF_PHOTO and actor.kind is not ActorKind.SYSTEM:
        raise refuse(
            "capture.own_photograph",
            f"{check_in.number_label} 由本人用手机拍摄，由照片复核确认。",
            f"{check_in.number_label} was taken by the person; the photo review confirms it.",
            "请在“照片复核”中查看并通过。",
            "Look at it and accept it in the photo review.",
        )
    if shown is not None:
        require_shown(check_in, shown)
    in_doubt = check_in.session.alarms.filter(settled_at=None).filter(
        Q(check_in=check_in)
        | Q(frame__check_in=check_in)
        | Q(kind=AlarmKind.WHOSE_FRAME, chair=check_in.chair)
        # It stands at the chair where it was seen, and the people of both may bear each other's photograph.
        | Q(kind=AlarmKind.READERS_EXCHANGED)
    )
    if in_doubt.exists():
        raise refuse(
            "capture.alarm_open",
            f"{check_in.number_label} 的照片还有未处理的警报。",
            f"An alarm on the photograph of {check_in.number_label} is not settled.",
            "请先在场次页按 E 处理警报，或核查对应。",
            "Settle it on the session's page (E), or look at the pairing.",
        )
    if is_in_doubt(check_in.session, check_in.pk):
        raise refuse(
            "capture.proposal_open",
            f"对应核查对 {check_in.number_label} 的照片有疑问。",
            f"The pairing has its doubts about the photograph of {check_in.number_label}.",
            "请先打开“对应核查”，看过照片后修复或保留原样，人脸提示写明情况。",
            "Open the pairing first, look at the pictures, repair it or keep it as it is; of faces say what it was.",
        )


@action("capture.cancel_check_in", permission="capture.work", lifecycle=CHECK_IN)
def cancel_check_in(actor: Actor, check_in: CheckIn, *, reason: str) -> None:
    """Take a check-in back. Its number stays used; its frames stay as evidence and are not used."""
    if check_in.status == CheckInStatus.OPEN:
        remember(check_in.session, StepKind.CANCEL, check_in=check_in, before=statuses(check_in))
    FRAME.move_rows(check_in.frames.all(), "capture.cancel_check_in")
    check_in.cancel_reason, check_in.closed_at = stated_reason(reason, "capture.reason_missing"), room_now()
    check_in.save(update_fields=["cancel_reason", "closed_at"])
    audit.note(reason=check_in.cancel_reason)


@action("capture.leave_chair", permission="capture.work", lifecycle=CHECK_IN)
def leave_chair(actor: Actor, check_in: CheckIn) -> None:
    """The person is gone and there is no photograph: the number stays used, an alarm tells it, they may come again (R98)."""
    if check_in.frames.filter(status=FrameStatus.BOUND).exists():
        raise refuse(
            "capture.frame_undecided",
            "此人还有一张照片没有决定。",
            "A frame of this person is not decided yet.",
            "请先采用或不采用这张照片。",
            "Accept or reject that frame first.",
        )
    remember(check_in.session, StepKind.LEAVE, check_in=check_in, before=statuses(check_in))
    check_in.closed_at, check_in.cancel_reason = room_now(), "离开时没有照片"
    check_in.save(update_fields=["closed_at", "cancel_reason"])
    Alarm.objects.bulk_create(pairer.left(check_in.session, check_in))
    audit.note(shooting_number=check_in.shooting_number)
