"""Check-ins, holds and the session itself, from a station's record into the centre's tables.

A ruling is what a person decided on a conflict: ``cancelled`` (take it in as cancelled, with this reason), ``number``
(under this shooting number), ``insist`` (the station's state counts though the centre changed its own).
"""

from __future__ import annotations

import base64
import json
from datetime import datetime
from typing import Any

from gradphoto.apps.capture.actions import close_session, open_session
from gradphoto.apps.capture.lifecycle import CHECK_IN
from gradphoto.apps.capture.models import CheckIn, CheckInStatus, Hold
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.encryption import EncryptedText, decrypt
from gradphoto.apps.orgs.models import User
from gradphoto.apps.roster.lifecycle import APPROVED
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.roster.persons import make_first, records_of
from gradphoto.apps.schedule.models import CaptureSession, SessionStatus
from gradphoto.apps.stations.carried import hold_context
from gradphoto.apps.stations.models import ConflictKind, RecordKind, StationKit, StationRecord
from gradphoto.apps.stations.verdict import Clash, Wait
from gradphoto.engine.wording import Wording

_PLACER = Actor.system("packets")


def kit_keys(kit: StationKit) -> dict[str, bytes]:
    """The kit's keys by name: ``seal``, ``blind_index``, ``audit``."""
    sealed: EncryptedText = kit.secrets
    return {name: base64.b64decode(text) for name, text in json.loads(sealed.decrypt()).items()}


def moment(text: str | None) -> datetime | None:
    """A moment as it travelled."""
    return datetime.fromisoformat(text) if text else None


def user_of(name: str) -> User | None:
    """The person who acted at the station, as the centre knows them."""
    return User.objects.filter(username=name).first() if name else None


def session_of(record: StationRecord) -> CaptureSession:
    """The session a record belongs to. Raises ``Clash`` when the centre has it no more."""
    found = CaptureSession.objects.filter(pk=record.payload["session"], campaign=record.kit.campaign).first()
    if found is None:
        raise Clash(
            ConflictKind.OTHER,
            Wording("中心已没有这个场次。", "The centre no longer has this session."),
        )
    return found


def check_in(record: StationRecord) -> dict[str, Any]:
    """A person in the chair of a room far away; the number they were given there stays theirs (R97)."""
    said = record.payload
    status = CheckInStatus.CANCELLED if record.ruling.get("cancelled") else CheckInStatus(said["status"])
    if status == CheckInStatus.OPEN:
        raise Wait(
            "制作采集包时此人仍在座位上，下一个采集包会带来结果。",
            "The person was in the chair when the packet was made; the next packet brings the outcome.",
        )
    present = CheckIn.objects.filter(nonce=record.key).select_related("candidate").first()
    row = _renewed(record, present, status) if present else _fresh(record, status)
    row.closed_at, row.again_at = moment(said["closed_at"]), moment(said.get("again_at"))
    row.cancel_reason = record.ruling.get("cancelled") or said["cancel_reason"]
    if present is None:
        CHECK_IN.begin(row)
    else:
        CHECK_IN.move(row, "stations.place_record", to=status, fields=("closed_at", "again_at", "cancel_reason"))
    return {"status": row.status}


def _fresh(record: StationRecord, status: CheckInStatus) -> CheckIn:
    said, campaign = record.payload, record.kit.campaign
    candidate = Candidate.objects.filter(pk=said["candidate"], campaign=campaign).first()
    if candidate is None:
        raise Clash(
            ConflictKind.PERSON_GONE,
            Wording("名册中已没有此人。", "The person is no longer in the roster."),
        )
    session = session_of(record)
    if status != CheckInStatus.CANCELLED:
        _require_room(record, candidate)
        make_first(candidate)
    return CheckIn(
        session=session,
        chair=said.get("chair", 1),
        campaign=campaign,
        candidate=candidate,
        shooting_number=_number(record, candidate),
        method=said["method"],
        at=datetime.fromisoformat(said["at"]),
        status=status,
        again_reason=said["again_reason"],
        nonce=record.key,
    )


def _require_room(record: StationRecord, candidate: Candidate) -> None:
    """Nobody passes silently (R103): neither a person removed meanwhile nor one photographed elsewhere."""
    if candidate.status not in APPROVED:
        label = candidate.get_status_display()
        raise Clash(
            ConflictKind.PERSON_REMOVED,
            Wording(f"此人现在的名册状态为“{label}”。", f"The roster now says of this person: {label}."),
            candidate=candidate,
        )
    mine = CheckIn.objects.filter(candidate__in=records_of(candidate).order_by())
    other = mine.exclude(status=CheckInStatus.CANCELLED).select_related("session").first()
    if other is not None:
        raise Clash(
            ConflictKind.PERSON_TWICE,
            Wording(
                f"此人已在“{other.session}”拍摄，序号 {other.number_label}。",
                f"The person was photographed at {other.session} under number {other.number_label}.",
            ),
            candidate=candidate,
            present=other,
        )


def _number(record: StationRecord, candidate: Candidate) -> int:
    """The shooting number from the station, or the one a person decided on (R97: none is used twice)."""
    number = int(record.ruling.get("number") or record.payload["number"])
    taken = CheckIn.objects.filter(campaign=record.kit.campaign, shooting_number=number).first()
    if taken is not None:
        raise Clash(
            ConflictKind.NUMBER,
            Wording(
                f"序号 {number:05d} 已由他人使用；可能有两台电脑打开了同一个采集箱。",
                f"Number {number:05d} is another person's; two computers may have opened the same kit.",
            ),
            candidate=candidate,
            present=taken,
        )
    inside = record.kit.number_first <= number <= record.kit.number_last
    if not inside and not record.ruling.get("number"):
        raise Clash(
            ConflictKind.NUMBER,
            Wording(
                f"序号 {number:05d} 不在发给本站的号段内。", f"Number {number:05d} is outside the station's range."
            ),
            candidate=candidate,
        )
    return number


def _renewed(record: StationRecord, present: CheckIn, status: CheckInStatus) -> CheckIn:
    """A newer state from the station; where the centre changed its own meanwhile, a person decides."""
    if present.status != record.applied.get("status") and present.status != status and not record.ruling.get("insist"):
        label = present.get_status_display()
        raise Clash(
            ConflictKind.CHANGED_HERE,
            Wording(
                f"中心已将此登记改为“{label}”，采集站说“{CheckInStatus(status).label}”。",
                f"The centre set this check-in to {label}; the station says {CheckInStatus(status).label}.",
            ),
            candidate=present.candidate,
            present=present,
        )
    _require_not_delivered(present, status)
    return present


def _require_not_delivered(present: CheckIn, status: CheckInStatus) -> None:
    if status == CheckInStatus.CANCELLED and present.frames.filter(packed_at__isnull=False).exists():
        raise Clash(
            ConflictKind.CHANGED_HERE,
            Wording(
                "照片已编入交付包，采集站却撤销了登记。", "The photograph was delivered, but the station cancelled it."
            ),
            candidate=present.candidate,
            present=present,
        )


def hold(record: StationRecord) -> dict[str, Any]:
    """Somebody who was held at the station, and what was decided there (R103)."""
    said = record.payload
    row = Hold.objects.filter(nonce=record.key).first() or Hold(nonce=record.key, session=session_of(record))
    theirs = row.pk is not None and row.decision not in ("", record.applied.get("decision"), said["decision"])
    if theirs and not record.ruling.get("insist"):
        raise Clash(
            ConflictKind.CHANGED_HERE,
            Wording("中心与采集站对拦下的人作了不同处理。", "Centre and station decided differently on a held person."),
            candidate=row.candidate,
        )
    row.reason, row.name, row.differences = said["reason"], said["name"], said["differences"]
    row.candidate = Candidate.objects.filter(pk=said["candidate"], campaign=record.kit.campaign).first()
    row.at, row.chair = datetime.fromisoformat(said["at"]), said.get("chair", 1)
    if said["id_token"] and row.pk is None:
        sealed = base64.b64decode(said["id_token"])
        row.id_number = decrypt(sealed, hold_context(row.nonce), kit_keys(record.kit)["seal"]).decode()
    row.decision, row.decision_reason = said["decision"], said["decision_reason"]
    row.decided_by, row.decided_at = user_of(said["decided_by"]), moment(said.get("decided_at"))
    row.save()
    return {"decision": row.decision}


def session(record: StationRecord) -> dict[str, Any]:
    """Open the session here when the station worked it; close it when every station that worked it has closed it."""
    row, said = session_of(record), record.payload["status"]
    if said != SessionStatus.PLANNED and row.status == SessionStatus.PLANNED:
        open_session(_PLACER, row)
        row.refresh_from_db()
    if said == SessionStatus.CLOSED and row.status == SessionStatus.OPEN and _all_closed(record):
        if row.check_ins.filter(status=CheckInStatus.OPEN).exists():
            raise Wait("中心的该场次还有人待拍摄。", "Somebody is still in the chair of this session at the centre.")
        close_session(_PLACER, row)
    return {"status": said}


def _all_closed(record: StationRecord) -> bool:
    kits = StationKit.objects.filter(sessions=record.payload["session"], revoked_at=None)
    said = StationRecord.objects.filter(kit__in=kits, kind=RecordKind.SESSION, key=record.key)
    closed = {one.kit_id for one in said if one.payload["status"] == SessionStatus.CLOSED}
    still = {one.kit_id for one in said if one.payload["status"] == SessionStatus.OPEN}
    return not still and bool(closed)
