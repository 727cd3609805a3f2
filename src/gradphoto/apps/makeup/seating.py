"""From the desk into the chair: the personal QR is scanned, the person gets a shooting number (R144, R97)."""

from __future__ import annotations

import uuid
from datetime import date

from django.utils import timezone

from gradphoto.apps.capture import actions as capture
from gradphoto.apps.capture.identify import Identified, identifier
from gradphoto.apps.capture.models import Identification
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import Refusal, refuse
from gradphoto.apps.makeup.models import CaseStatus, MakeUpCase, Way
from gradphoto.apps.makeup.tokens import key_of, said_key
from gradphoto.apps.orgs.scope import scoped
from gradphoto.apps.schedule.models import CaptureSession
from gradphoto.apps.stations.models import StationSelf
from gradphoto.engine.wording import Wording

_PAPERS = Wording(
    "补拍：请当面查验学生证和身份证，并核对本人；证件不全请撤销登记。",
    "Make-up: see student card and ID card and that it is them; if a paper is missing, cancel the check-in.",
)
_OVER = (CaseStatus.REFUSED, CaseStatus.CANCELLED, CaseStatus.EXPIRED)


def case_of_scan(actor: Actor, text: str) -> MakeUpCase:
    """The case behind a scanned QR within the viewer's scope. Raises ``makeup.qr_unknown``: one answer for all faults."""
    key = key_of(text)
    found = scoped(actor, MakeUpCase).filter(key=key).first() if key else None
    if found is None:
        raise _unknown()
    return found


def case_in_the_room(text: str) -> MakeUpCase:
    """The case behind a QR that is scanned in a room, whichever campaign it is of. Raises ``makeup.qr_unknown``.

    A station cannot prove the centre's signature. The key itself, 64 random bits that only the student's QR and the
    kit hold, is the proof there.
    """
    key = said_key(text) if StationSelf.objects.exists() else key_of(text)
    found = MakeUpCase.objects.select_related("candidate").filter(key=key).first() if key else None
    if found is None:
        raise _unknown()
    return found


def require_seatable(case: MakeUpCase, session: CaptureSession) -> None:
    """Raise the refusal that tells why the case's person is not photographed in this session now, if there is one.

    ``makeup.other_campaign``, ``makeup.case_not_approved``, ``makeup.case_over``, ``makeup.photographed``,
    ``makeup.by_mail``, ``makeup.not_booked``, ``makeup.other_day``.
    """
    if session.campaign_id != case.candidate.campaign_id:
        raise _other_campaign()
    if case.status == CaseStatus.APPLIED:
        raise refuse(
            "makeup.case_not_approved",
            "补拍申请尚未获学校批准。",
            "The school has not approved this make-up yet.",
            "请学校先批准、发码，再预约补拍。",
            "Have the school approve it and hand out the code first.",
        )
    if case.status in _OVER:
        why = f"：{case.decision_reason}" if case.decision_reason else ""
        raise refuse(
            "makeup.case_over",
            f"这件补拍{str(case.get_status_display()).split(' ')[0]}{why}。",
            f"This make-up has ended ({case.status}){why.replace('：', ': ')}.",
            "仍需补拍的，请学校重新申请并发新码。",
            "If it is still needed, have the school ask anew and hand out a new code.",
        )
    if case.status in (CaseStatus.CAPTURED, CaseStatus.DELIVERED):
        number = case.check_in.number_label if case.check_in else ""
        raise refuse(
            "makeup.photographed",
            f"此人已经拍摄，拍摄序号 {number}。",
            f"This person is photographed already, under number {number}.",
            "如确需重拍，请用人工查找登记，并说明原因后放行。",
            "If another shot is needed, look the person up by hand and admit them with the reason.",
        )
    if case.way == Way.MAIL:
        raise refuse(
            "makeup.by_mail",
            "这件补拍获准以邮寄照片或电子图像办理，不是到场拍摄。",
            "This make-up is approved for a mailed or electronic picture, not for the camera.",
            "改为到场拍摄的，请学校取消后重新申请。",
            "To be photographed here, have the school cancel it and ask anew.",
        )
    _require_his_day(case, session)


def _require_his_day(case: MakeUpCase, session: CaptureSession) -> None:
    if case.status == CaseStatus.ATTENDED:
        require_attended_on(case, session.date)
        return
    booking = case.booking if case.status == CaseStatus.BOOKED else None
    if booking is None:
        raise refuse(
            "makeup.not_booked",
            "这件补拍还没有预约。",
            "Nothing is booked for this make-up.",
            "请本人在手机页面预约，或由工作人员登记约定的时间；无网络时用人工查找登记。",
            "Have them book on their phone or enter the agreed time; without network look them up by hand.",
        )
    at = timezone.localtime(booking.at)
    if at.date() != session.date:
        raise refuse(
            "makeup.other_day",
            f"预约的是 {at:%Y-%m-%d %H:%M}，不是本场次的日期 {session.date:%Y-%m-%d}。",
            f"The appointment is on {at:%Y-%m-%d %H:%M}, not on this session's day {session.date:%Y-%m-%d}.",
            "请先改期到今天再扫码；无网络时用人工查找登记。",
            "Rebook it to today and scan again; without network look the person up by hand.",
        )


def seat(actor: Actor, case: MakeUpCase, session: CaptureSession, nonce: uuid.UUID) -> capture.CheckInOutcome:
    """Give the attended person the next shooting number in an open session of their campaign; or hold them (R103)."""
    if case.status != CaseStatus.ATTENDED:
        raise refuse(
            "makeup.not_attended",
            "尚未登记到场。",
            "The person is not marked as attended.",
            "请先查验证件并登记到场。",
            "See the papers and mark it first.",
        )
    if session.campaign_id != case.candidate.campaign_id:
        raise _other_campaign()
    require_attended_on(case, session.date)
    return capture.check_in(actor, session, candidate=case.candidate, method=Identification.MAKEUP_QR, nonce=nonce)


def require_attended_on(case: MakeUpCase, day: date) -> None:
    """Who was at the desk on another day, or never, comes with an appointment of this day. Raises ``makeup.other_day``."""
    at = timezone.localtime(case.attended_at) if case.attended_at else None
    if at is not None and at.date() == day:
        return
    when = f"{at:%Y-%m-%d}" if at else "—"
    raise refuse(
        "makeup.other_day",
        f"登记到场的日期是 {when}，不是本场次的日期 {day:%Y-%m-%d}。",
        f"Marked as attended on {when}, not on this session's day {day:%Y-%m-%d}.",
        "请重新预约今天，查验证件并登记到场后再拍。",
        "Book today, see the papers, mark it anew, and go on then.",
    )


def _unknown() -> Refusal:
    return refuse(
        "makeup.qr_unknown",
        "不是有效的补拍二维码，或者已被新码取代。",
        "This is no valid make-up QR code, or a newer one has taken its place.",
        "请学生重新打开自己的页面，出示最新的码；仍不行请用人工查找登记。",
        "Have the student open their page again and show the newest code; if that fails, look them up by hand.",
    )


def _other_campaign() -> Refusal:
    return refuse(
        "makeup.other_campaign",
        "这件补拍属于另一批次，不能在本场次拍摄。",
        "This make-up belongs to another campaign, not to this session's.",
        "请到该批次的补拍场次；补拍列表中可查。",
        "Send the person to a session of that campaign; the make-up list tells which.",
    )


@identifier
def make_up_code(session: CaptureSession, text: str) -> Identified | None:
    """The person of a make-up case (R144), or the refusal that says why not; None for any other code."""
    if said_key(text) is None:
        return None
    case = case_in_the_room(text)
    require_seatable(case, session)
    seen = case.status == CaseStatus.ATTENDED  # the desk has seen the papers already
    return Identified(Identification.MAKEUP_QR, case.candidate, caution=None if seen else _PAPERS)
