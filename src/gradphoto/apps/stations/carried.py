"""A station's rows as records that travel: JSON, with keys that mean the same on every computer."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gradphoto.apps.capture.models import Alarm, Assessment, CameraClock, CheckIn, Frame, Hold, RoomNotice
from gradphoto.apps.capture.room.notices import CARD_SOURCES
from gradphoto.apps.core.encryption import EncryptedText, encrypt
from gradphoto.apps.core.models import AuditEntry
from gradphoto.apps.pairing import consents_carried
from gradphoto.apps.pairing.models import FaceConsent
from gradphoto.apps.review.models import FrameReview, ReviewDecision
from gradphoto.apps.schedule.models import CaptureSession
from gradphoto.apps.stations.models import RecordKind


@dataclass(frozen=True, slots=True)
class Carried:
    """One record: check-ins and holds are known by their nonce, frames by session and content."""

    kind: RecordKind
    key: str
    payload: dict[str, Any]

    @property
    def digest(self) -> str:
        """64 hex digits; equal for equal payloads."""
        text = json.dumps(self.payload, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


def everything(audit_from: dict[int, int]) -> Iterator[Carried]:
    """All records of this laptop as they stand; of the audit trail what comes after ``audit_from`` (chain -> number)."""
    for session in CaptureSession.objects.order_by("pk"):
        yield Carried(RecordKind.SESSION, str(session.pk), {"session": session.pk, "status": session.status})
    for check_in in CheckIn.objects.order_by("pk"):
        yield Carried(RecordKind.CHECK_IN, str(check_in.nonce), _check_in(check_in))
    for hold in Hold.objects.select_related("decided_by").order_by("pk"):
        yield Carried(RecordKind.HOLD, str(hold.nonce), _hold(hold))
    for frame in Frame.objects.select_related("blob", "check_in", "review").order_by("arrived_at", "pk").iterator(500):
        yield Carried(RecordKind.FRAME, frame_key(frame), _frame(frame))
    for alarm in Alarm.objects.select_related("check_in", "frame").order_by("pk"):
        yield Carried(RecordKind.ALARM, str(alarm.pk), _alarm(alarm))
    for clock in CameraClock.objects.order_by("pk"):
        key = f"{clock.session_id}:{clock.chair}:{clock.camera_serial[:40]}:{clock.measured_at.isoformat()}"
        yield Carried(RecordKind.CLOCK, key, _clock(clock))
    for notice in RoomNotice.objects.filter(source__in=CARD_SOURCES).order_by("pk"):
        key = f"{notice.session_id}:{notice.chair}:{notice.source}:{notice.code[:30]}:{notice.at.isoformat()}"
        yield Carried(RecordKind.NOTICE, key, _notice(notice))
    for consent in FaceConsent.objects.select_related("by").order_by("pk"):
        yield Carried(RecordKind.CONSENT, consents_carried.key_of(consent), consents_carried.payload_of(consent))
    for entry in AuditEntry.objects.order_by("chain", "number").iterator(2000):
        if entry.number > audit_from.get(entry.chain, 0):
            yield Carried(RecordKind.AUDIT, f"{entry.chain}/{entry.number}", audit_payload(entry))


def frame_key(frame: Frame) -> str:
    """Session and content: the same exposure is the same frame wherever it arrives."""
    return f"{frame.session_id}:{frame.blob_id}"


def _check_in(row: CheckIn) -> dict[str, Any]:
    return {
        "session": row.session_id,
        "chair": row.chair,
        "candidate": row.candidate_id,
        "number": row.shooting_number,
        "method": row.method,
        "at": row.at.isoformat(),
        "closed_at": _iso(row.closed_at),
        "again_at": _iso(row.again_at),
        "status": row.status,
        "again_reason": row.again_reason,
        "cancel_reason": row.cancel_reason,
    }


def hold_context(nonce: object) -> str:
    """What a held person's ID number is bound to on its way."""
    return f"packet hold\0{nonce}"


def _hold(row: Hold) -> dict[str, Any]:
    number: EncryptedText | None = row.id_number
    return {
        "session": row.session_id,
        "chair": row.chair,
        "reason": row.reason,
        "candidate": row.candidate_id,
        "name": row.name,
        # Sealed anew under the kit's key, which is this laptop's own: the number is never in the clear on the way.
        "id_token": base64.b64encode(encrypt(number.decrypt().encode(), hold_context(row.nonce))).decode()
        if number
        else "",
        "differences": row.differences,
        "at": row.at.isoformat(),
        "decision": row.decision,
        "decision_reason": row.decision_reason,
        "decided_by": row.decided_by.username if row.decided_by else "",
        "decided_at": _iso(row.decided_at),
    }


def _frame(row: Frame) -> dict[str, Any]:
    review: FrameReview | None = getattr(row, "review", None)
    assessment = row.assessments.filter(current=True).first()
    return {
        "session": row.session_id,
        "chair": row.chair,
        "sha256": row.blob_id,
        "check_in": str(row.check_in.nonce) if row.check_in else "",
        "file_name": row.file_name,
        "folder": row.folder,
        "file_number": row.file_number,
        "camera_serial": row.camera_serial,
        "taken_at": _iso(row.taken_at),
        "arrived_at": row.arrived_at.isoformat(),
        "status": row.status,
        "evidence": row.evidence,
        "assessment": _assessment(assessment) if assessment else None,
        "review": _review(review) if review and review.version else None,
    }


def _assessment(row: Assessment) -> dict[str, Any]:
    names = ("profile", "pipeline_version", "rules_version", "outcome", "severity", "findings", "kept", "measurements")
    return {name: getattr(row, name) for name in (*names, "not_assessed", "crop")} | {
        "created_at": row.created_at.isoformat()
    }


def _review(row: FrameReview) -> dict[str, Any]:
    decisions = row.decisions.select_related("by").prefetch_related("reasons").order_by("pk")
    return {
        "state": row.state,
        "version": row.version,
        "outcome": row.outcome,
        "decided_by": row.decided_by.username if row.decided_by else "",
        "decided_at": _iso(row.decided_at),
        "decisions": [_decision(one) for one in decisions],
    }


def _decision(row: ReviewDecision) -> dict[str, Any]:
    names = ("choice", "before", "after", "source_sha256", "pipeline_version", "rules_version", "outcome", "words")
    return {name: getattr(row, name) for name in names} | {
        "by": row.by.username if row.by else "",
        "at": row.at.isoformat(),
        "undone_at": _iso(row.undone_at),
        "reasons": [reason.code for reason in row.reasons.all()],
    }


def _alarm(row: Alarm) -> dict[str, Any]:
    return {
        "session": row.session_id,
        "chair": row.chair,
        "kind": row.kind,
        "sentence": row.sentence,
        "remedy": row.remedy,
        "check_in": str(row.check_in.nonce) if row.check_in else "",
        "frame": row.frame.blob_id if row.frame else "",
        "at": row.at.isoformat(),
        "settled_at": _iso(row.settled_at),
        "settled_note": row.settled_note,
    }


def _clock(row: CameraClock) -> dict[str, Any]:
    names = ("chair", "camera_serial", "offset_s", "uncertainty_s", "transfer_s", "by_hand")
    return {name: getattr(row, name) for name in names} | {
        "session": row.session_id,
        "measured_at": row.measured_at.isoformat(),
    }


def _notice(row: RoomNotice) -> dict[str, Any]:
    """A card that was refused or could not be read: without it the centre would believe more than the room did (R98)."""
    return {name: getattr(row, name) for name in ("chair", "source", "code", "sentence", "remedy")} | {
        "session": row.session_id,
        "candidate": row.candidate_id,
        "at": row.at.isoformat(),
        "until": _iso(row.until),
        "cleared_at": _iso(row.cleared_at),
    }


def audit_payload(entry: AuditEntry) -> dict[str, Any]:
    """An entry with everything that its digest covers, so that the centre can prove it."""
    names = ("chain", "number", "action", "actor", "actor_label", "target_type", "target_key", "detail")
    return {name: getattr(entry, name) for name in (*names, "previous", "digest")} | {
        "at": entry.at.isoformat(),
        "correlation": str(entry.correlation),
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
