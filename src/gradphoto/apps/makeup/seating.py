"""From the desk into the chair: the personal QR is scanned, the person gets a shooting number (R144, R97)."""

from __future__ import annotations

import uuid

from gradphoto.apps.capture import actions as capture
from gradphoto.apps.capture.models import Identification
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import refuse
from gradphoto.apps.makeup.models import CaseStatus, MakeUpCase
from gradphoto.apps.makeup.tokens import key_of
from gradphoto.apps.orgs.scope import scoped
from gradphoto.apps.schedule.models import CaptureSession


def case_of_scan(actor: Actor, text: str) -> MakeUpCase:
    """The case behind a scanned QR within the viewer's scope. Raises ``makeup.qr_unknown``: one answer for all faults."""
    key = key_of(text)
    found = scoped(actor, MakeUpCase).filter(key=key).first() if key else None
    if found is None:
        raise refuse(
            "makeup.qr_unknown",
            "不是有效的补拍二维码。",
            "This is no valid make-up QR code.",
            "请学生重新打开自己的页面；码已更换时以新码为准。",
            "Have the student open his page again; only the newest code counts.",
        )
    return found


def seat(actor: Actor, case: MakeUpCase, session: CaptureSession, nonce: uuid.UUID) -> capture.CheckInOutcome:
    """Give the attended person the next shooting number in an open session of his campaign; or hold him (R103)."""
    if case.status != CaseStatus.ATTENDED:
        raise refuse(
            "makeup.not_attended",
            "尚未登记到场。",
            "The person is not marked as attended.",
            "请先查验证件并登记到场。",
            "See the papers and mark it first.",
        )
    if session.campaign_id != case.candidate.campaign_id:
        raise refuse(
            "makeup.other_campaign",
            "该场次属于另一批次。",
            "That session belongs to another campaign.",
            "请选择本批次的场次。",
            "Choose a session of this campaign.",
        )
    return capture.check_in(actor, session, candidate=case.candidate, method=Identification.MAKEUP_QR, nonce=nonce)
