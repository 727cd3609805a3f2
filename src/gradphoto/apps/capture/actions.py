"""Every change in the room: the session, the swipe, the frame, the decision, the confirmation (R96-R104)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.campaigns.rules import value_of
from gradphoto.apps.campaigns.settings_keys import IDENTIFICATION
from gradphoto.apps.capture import pairer
from gradphoto.apps.capture.assessments import keep_assessment
from gradphoto.apps.capture.lifecycle import CHECK_IN
from gradphoto.apps.capture.models import (
    Alarm,
    Assessment,
    CheckIn,
    CheckInStatus,
    Frame,
    FrameStatus,
    Hold,
    HoldReason,
    Identification,
    StationSelf,
)
from gradphoto.apps.capture.previews import make_previews
from gradphoto.apps.capture.review import retakes
from gradphoto.apps.core import audit, blobs
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import invalid, refuse
from gradphoto.apps.core.sealed import blind_index
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.orgs.policy import by
from gradphoto.apps.roster.lifecycle import APPROVED
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.schedule.lifecycle import SESSION
from gradphoto.apps.schedule.models import CaptureSession, SessionStatus
from gradphoto.engine.portrait.assessment import Assessment as Measured

CREW = by(Role.PHOTOGRAPHER, Role.SITE_STAFF, Role.REGISTRAR)
CHECKERS = by(Role.SITE_STAFF, Role.REGISTRAR)


@dataclass(frozen=True, slots=True)
class CardFacts:
    """What a card says of its holder, whatever reader read it."""

    name: str
    sex: str
    birth_date: date
    id_number: str


@dataclass(frozen=True, slots=True)
class CheckInOutcome:
    """Either a check-in with its shooting number, or a hold that a person must decide."""

    check_in: CheckIn | None
    hold: Hold | None


@dataclass(frozen=True, slots=True)
class SessionCount:
    """What both sides agree at the end of a session (R130, R133)."""

    listed: int
    photographed: int
    confirmed: int
    missed: int
    held: int
    alarms_open: int


@action("capture.open_session", permission=CREW, lifecycle=SESSION)
def open_session(actor: Actor, session: CaptureSession) -> None:
    """The room is ready."""


@action("capture.close_session", permission=CREW, lifecycle=SESSION)
def close_session(actor: Actor, session: CaptureSession) -> SessionCount:
    """End the session with its count; refused while somebody sits in the chair."""
    if session.check_ins.filter(status=CheckInStatus.OPEN).exists():
        raise refuse(
            "capture.chair_occupied",
            "还有人待拍摄。",
            "Somebody is still in the chair.",
            "请先完成拍摄或撤销该登记。",
            "Finish or cancel that check-in first.",
        )
    count = count_session(session)
    audit.note(**{name: getattr(count, name) for name in SessionCount.__dataclass_fields__})
    return count


def count_session(session: CaptureSession) -> SessionCount:
    """The figures of a session as they stand."""
    listed = Candidate.objects.filter(appointment__slot__session=session)
    shot = (CheckInStatus.SHOT, CheckInStatus.CONFIRMED)
    return SessionCount(
        listed=listed.count(),
        photographed=session.check_ins.filter(status__in=shot).count(),
        confirmed=session.check_ins.filter(status=CheckInStatus.CONFIRMED).count(),
        missed=listed.exclude(check_ins__status__in=shot).count(),
        held=session.holds.filter(decision="").count(),
        alarms_open=session.alarms.filter(settled_at=None).count(),
    )


@action("capture.reopen_session", permission=CREW, lifecycle=SESSION)
def reopen_session(actor: Actor, session: CaptureSession, *, reason: str) -> None:
    """Go on with a session that was closed too early."""
    audit.note(reason=_required(reason))


@action("capture.check_in", permission=CREW)
def check_in(
    actor: Actor,
    session: CaptureSession,
    *,
    card: CardFacts | None = None,
    candidate: Candidate | None = None,
    method: Identification,
    nonce: uuid.UUID,
    again_reason: str = "",
    close_before: bool = False,
) -> CheckInOutcome:
    """Recognise a person and give him the next shooting number (R97), or hold him (R103).

    With ``close_before`` the swipe sends away who is in the chair without a photograph, which is told (R98); whoever
    has a frame that awaits its decision stays.
    The same ``nonce`` again returns the same answer: a device may repeat itself. Raises ``Refusal`` with
    ``capture.session_not_open``, ``capture.method_not_allowed`` or ``capture.chair_occupied``.
    """
    if (known := _answered_before(nonce)) is not None:
        return known
    if close_before:
        _send_away(actor, session)
    _require_ready(session, method)
    if card is not None:
        candidate = session.campaign.candidates.filter(id_number_index=blind_index(card.id_number)).first()
    again_reason = again_reason or retakes.reason_for(candidate)
    reason, differences = _objection(candidate, card, again_reason)
    if reason is not None:
        hold = Hold.objects.create(
            session=session,
            reason=reason,
            candidate=candidate,
            name=card.name if card else getattr(candidate, "name", ""),
            id_number=card.id_number if card else None,  # type: ignore[misc]
            differences=differences,
            nonce=nonce,
        )
        audit.note(hold=hold.pk, reason=str(reason))
        return CheckInOutcome(None, hold)
    assert candidate is not None
    return CheckInOutcome(_seat(session, candidate, method, nonce, again_reason), None)


def _send_away(actor: Actor, session: CaptureSession) -> None:
    seated = session.check_ins.filter(status=CheckInStatus.OPEN).first()
    if seated is not None and not seated.frames.filter(status=FrameStatus.BOUND).exists():
        leave_chair(actor, seated)


def _answered_before(nonce: uuid.UUID) -> CheckInOutcome | None:
    made = CheckIn.objects.filter(nonce=nonce).first()
    held = Hold.objects.filter(nonce=nonce).first()
    return CheckInOutcome(made, held) if made or held else None


def _require_ready(session: CaptureSession, method: Identification) -> None:
    if session.status != SessionStatus.OPEN:
        raise refuse(
            "capture.session_not_open",
            "本场次未开始或已结束。",
            "The session is not open.",
            "请先开始场次。",
            "Open the session first.",
        )
    if str(method) not in value_of(session.campaign, IDENTIFICATION):
        raise refuse(
            "capture.method_not_allowed",
            "规则集不允许这种识别方式。",
            "The rule set does not allow this way of identification.",
            "请改用允许的方式，或由管理员修改规则集。",
            "Use an allowed way, or have the rule set changed.",
        )
    if session.check_ins.filter(status=CheckInStatus.OPEN).exists():
        raise refuse(
            "capture.chair_occupied",
            "上一位还没有拍完。",
            "The person before is not finished.",
            "请先采用一张照片，或撤销上一位的登记。",
            "Accept a frame of that person or cancel the check-in.",
        )


def _objection(
    candidate: Candidate | None, card: CardFacts | None, again_reason: str
) -> tuple[HoldReason | None, list[str]]:
    """Why a person must not pass silently, if at all."""
    if candidate is None:
        return HoldReason.NOT_LISTED, []
    if candidate.status not in APPROVED:
        return HoldReason.NOT_APPROVED, []
    differing = [
        field
        for field in ("name", "sex", "birth_date")
        if card is not None and str(getattr(card, field)) != str(getattr(candidate, field))
    ]
    if differing:
        return HoldReason.DATA_DIFFER, differing
    if not again_reason and candidate.check_ins.exclude(status=CheckInStatus.CANCELLED).exists():
        return HoldReason.ALREADY, []
    return None, []


def _seat(
    session: CaptureSession, candidate: Candidate, method: Identification, nonce: uuid.UUID, again_reason: str
) -> CheckIn:
    earlier = candidate.check_ins.exclude(status=CheckInStatus.CANCELLED).first()
    if earlier is not None:
        cancel_check_in(Actor.system("capture"), earlier, reason=f"重拍：{again_reason}")
    made = CheckIn.objects.create(
        session=session,
        campaign=session.campaign,
        candidate=candidate,
        shooting_number=_next_number(session.campaign_id),
        method=method,
        nonce=nonce,
        again_reason=again_reason[:200],
    )
    if earlier is not None:
        retakes.fulfil(earlier, made)
    audit.note(check_in=made.pk, shooting_number=made.shooting_number)
    return made


def _next_number(campaign_pk: int) -> int:
    """The next number under the campaign's lock: no two stations get the same, and none is used twice (R97)."""
    campaign = Campaign.objects.select_for_update().get(pk=campaign_pk)
    campaign.last_shooting_number += 1
    last = StationSelf.objects.values_list("number_last", flat=True).first()
    if last is not None and campaign.last_shooting_number > last:
        raise refuse(
            "capture.numbers_used_up",
            "本站的拍摄序号已用完。",
            "This station's shooting numbers are used up.",
            "请交回采集包，并向采集中心领取新的采集箱。",
            "Hand in the packet and get a new kit from the centre.",
        )
    campaign.save(update_fields=["last_shooting_number"])
    return campaign.last_shooting_number


@action("capture.decide_hold", permission=CREW)
def decide_hold(actor: Actor, hold: Hold, *, admit: bool, reason: str) -> CheckIn | None:
    """A person decides a hold. Somebody who is not on the approved list cannot be admitted (R16)."""
    if hold.decision:
        raise refuse(
            "capture.hold_decided", "已经处理过。", "This was decided already.", "请刷新页面。", "Reload the page."
        )
    reason = _required(reason)
    made = None
    if admit:
        if hold.candidate is None or hold.candidate.status not in APPROVED:
            raise refuse(
                "capture.not_on_list",
                "此人不在核准名单，不能拍摄。",
                "This person is not on the approved list and cannot be photographed.",
                "请学校先在名册中添加并核准。",
                "Have the school add and accept the person first.",
            )
        _require_ready(hold.session, Identification.MANUAL)
        again = reason if hold.reason == HoldReason.ALREADY else ""
        made = _seat(hold.session, hold.candidate, Identification.MANUAL, uuid.uuid4(), again)
    hold.decision, hold.decision_reason = ("admitted" if admit else "sent_away"), reason
    hold.decided_by = actor.user
    hold.save()
    audit.note(admit=admit, reason=reason)
    return made


@action("capture.receive_frame", permission=CREW)
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
    meanwhile: bool = False,
) -> Frame:
    """Keep a frame and bind it to the person in the chair (R98). The same bytes again return the same frame.

    A frame without a person, a gap in the file numbers, an exposure before its check-in or another camera raise
    alarms at once. A frame taken ``meanwhile``, while the station did not work, is bound to nobody: who sat in the
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
    blob = blobs.put(data, "image/jpeg")
    if (known := session.frames.filter(blob=blob).first()) is not None:
        return known
    frame = Frame.objects.create(
        session=session,
        blob=blob,
        file_name=file_name[:120],
        folder=folder[:60],
        file_number=file_number,
        camera_serial=camera_serial[:60],
        taken_at=taken_at,
        evidence={"meanwhile": True} if meanwhile else {},
    )
    binding, alarms = (None, pairer.taken_meanwhile(session, frame)) if meanwhile else pairer.place(session, frame)
    if binding is not None:
        frame.check_in_id, frame.evidence = binding
        frame.status = FrameStatus.BOUND
        frame.save(update_fields=["check_in", "evidence", "status"])
    Alarm.objects.bulk_create(alarms)
    audit.note(frame=frame.pk, bound_to=frame.check_in_id, alarms=[alarm.kind for alarm in alarms])
    return frame


@action("capture.record_assessment", permission=CREW)
def record_assessment(actor: Actor, frame: Frame, *, assessment: Measured, copies: bool = True) -> Assessment:
    """Put the engine's measurements and verdict beside the frame; measuring again with the same version changes nothing.

    The small ``copies`` for the screen are made with it, unless the caller makes them when the verdict is told.
    """
    audit.note(outcome=str(assessment.verdict.outcome), pipeline=assessment.pipeline_version)
    row = keep_assessment(frame, assessment)
    if copies:
        make_previews(frame)
    return row


@action("capture.accept_frame", permission=CREW, lifecycle=CHECK_IN)
def accept_frame(actor: Actor, check_in: CheckIn, *, frame: Frame) -> None:
    """This frame is the person's photograph; his other frames are not used."""
    if frame.check_in_id != check_in.pk:
        raise refuse(
            "capture.other_persons_frame",
            "照片不属于此人。",
            "The frame is not this person's.",
            "请先核对对应关系。",
            "Check the pairing first.",
        )
    check_in.frames.filter(status__in=[FrameStatus.BOUND, FrameStatus.ACCEPTED]).exclude(pk=frame.pk).update(
        status=FrameStatus.REJECTED
    )
    Frame.objects.filter(pk=frame.pk).update(status=FrameStatus.ACCEPTED)
    check_in.closed_at = timezone.now()
    check_in.save(update_fields=["closed_at"])
    audit.note(frame=frame.pk, shooting_number=check_in.shooting_number)


@action("capture.reject_frame", permission=CREW)
def reject_frame(actor: Actor, frame: Frame, *, reason: str) -> None:
    """Not this one: the person stays in the chair for the next."""
    if frame.status == FrameStatus.ACCEPTED:
        raise refuse(
            "capture.frame_accepted", "照片已被采用。", "The frame was accepted.", "请用“重拍”。", "Use retake instead."
        )
    frame.status = FrameStatus.REJECTED
    frame.save(update_fields=["status"])
    audit.note(reason=_required(reason))


@action("capture.retake", permission=CREW, lifecycle=CHECK_IN)
def retake(actor: Actor, check_in: CheckIn, *, reason: str) -> None:
    """Back into the chair under the same number; the frame accepted before is no longer used (R18: with a reason)."""
    check_in.frames.filter(status=FrameStatus.ACCEPTED).update(status=FrameStatus.REJECTED)
    check_in.closed_at = None
    check_in.save(update_fields=["closed_at"])
    audit.note(reason=_required(reason))


@action("capture.confirm_check_in", permission=CHECKERS, lifecycle=CHECK_IN)
def confirm_check_in(actor: Actor, check_in: CheckIn) -> None:
    """The checker has compared person, data and photograph (R100)."""


@action("capture.cancel_check_in", permission=CREW, lifecycle=CHECK_IN)
def cancel_check_in(actor: Actor, check_in: CheckIn, *, reason: str) -> None:
    """Take a check-in back. Its number stays used; its frames stay as evidence and are not used."""
    check_in.frames.update(status=FrameStatus.REJECTED)
    check_in.cancel_reason, check_in.closed_at = _required(reason), timezone.now()
    check_in.save(update_fields=["cancel_reason", "closed_at"])
    audit.note(reason=check_in.cancel_reason)


@action("capture.leave_chair", permission=CREW, lifecycle=CHECK_IN)
def leave_chair(actor: Actor, check_in: CheckIn) -> None:
    """The person is gone and there is no photograph: the number stays used, an alarm tells it, he may come again (R98)."""
    if check_in.frames.filter(status=FrameStatus.BOUND).exists():
        raise refuse(
            "capture.frame_undecided",
            "此人还有一张照片没有决定。",
            "A frame of this person is not decided yet.",
            "请先采用或不采用这张照片。",
            "Accept or reject that frame first.",
        )
    check_in.closed_at, check_in.cancel_reason = timezone.now(), "离开时没有照片"
    check_in.save(update_fields=["closed_at", "cancel_reason"])
    Alarm.objects.bulk_create(pairer.left(check_in.session, check_in))
    audit.note(shooting_number=check_in.shooting_number)


@action("capture.bind_frame", permission=CREW)
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
    audit.note(before=frame.check_in_id, after=check_in.pk, reason=_required(reason))
    frame.check_in, frame.status = check_in, FrameStatus.BOUND
    frame.save(update_fields=["check_in", "status"])


@action("capture.raise_clock_alarm", permission=CREW)
def raise_clock_alarm(actor: Actor, session: CaptureSession, *, jump_s: float) -> Alarm:
    """The computer's clock jumped in the middle of a session: times before and after it cannot be compared (R98)."""
    way, way_en = ("向前", "forward") if jump_s > 0 else ("向后", "back")
    audit.note(jump_s=round(jump_s, 1))
    return Alarm.objects.create(
        session=session,
        kind="clock_jump",
        sentence={
            "zh": f"电脑时间{way}跳了 {abs(jump_s):.0f} 秒。",
            "en": f"The computer's clock jumped {abs(jump_s):.0f} s {way_en}.",
        },
        remedy={
            "zh": "请核对电脑时间，关闭自动对时，再核对上一位和下一位的照片。",
            "en": "Set the clock right, switch automatic time off, and check the photographs before and after.",
        },
    )


@action("capture.settle_alarm", permission=CREW)
def settle_alarm(actor: Actor, alarm: Alarm, *, note: str) -> None:
    """Somebody looked into an alarm and says what it was."""
    alarm.settled_at, alarm.settled_note = timezone.now(), _required(note)
    alarm.save(update_fields=["settled_at", "settled_note"])
    audit.note(note=alarm.settled_note)


def _required(reason: str) -> str:
    if not reason.strip():
        raise invalid(
            "capture.reason_missing", "请填写原因。", "A reason is needed.", "用一句话说明。", "One sentence is enough."
        )
    return reason.strip()[:200]
