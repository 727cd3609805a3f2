"""Frames with their verdicts and decisions, and alarms, from a station's record into the centre's tables."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from gradphoto.apps.capture.lifecycle import FRAME
from gradphoto.apps.capture.models import (
    Alarm,
    Assessment,
    AssessmentFinding,
    CameraClock,
    CheckIn,
    CheckInStatus,
    Frame,
    FrameStatus,
    RoomNotice,
)
from gradphoto.apps.capture.room_clock import room_now
from gradphoto.apps.core.models import Blob
from gradphoto.apps.review.models import DecisionReason, FrameReview, ReviewDecision
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.stations.models import ConflictKind, RecordKind, RecordState, StationRecord
from gradphoto.apps.stations.place_people import moment, session_of, user_of
from gradphoto.apps.stations.verdict import Clash, Wait
from gradphoto.engine.wording import Wording

_IN_USE = (FrameStatus.BOUND, FrameStatus.ACCEPTED)
_NAMED = ("file_name", "folder", "file_number", "camera_serial")
_ASSESSED = ("outcome", "severity", "findings", "kept", "measurements", "crop")


def may_go_on(record: StationRecord) -> bool:
    """Whether what a waiting frame waited for may have come: its file is here, and its person is decided."""
    said = record.payload
    if not Blob.objects.filter(pk=said.get("sha256")).exists():
        return False
    return not said.get("check_in") or _owner(record) is not None or _is_set_aside(record, said["check_in"])


def frame(record: StationRecord) -> dict[str, Any]:
    """One exposure: its file must have come, and its person must be in place or set aside."""
    said = record.payload
    blob = Blob.objects.filter(pk=said["sha256"]).first()
    if blob is None:
        raise Wait(
            "照片文件还没有到，请导入采集包的其余部分。", "The photograph's file has not come; bring the other parts."
        )
    session = session_of(record)
    owner, status = _owner(record), FrameStatus(said["status"])
    if said["check_in"] and owner is None:
        if not _is_set_aside(record, said["check_in"]):
            raise Wait("照片所属的登记尚未并入。", "The check-in it belongs to is not taken in yet.")
        status = FrameStatus.REJECTED
    if owner is not None and owner.status == CheckInStatus.CANCELLED and status in _IN_USE:
        status = FrameStatus.REJECTED  # a cancelled check-in keeps its frames as evidence, none is used
    row = Frame.objects.filter(session=session, blob=blob).first()
    is_new = row is None
    if row is None:
        row = Frame(session=session, blob=blob, status=status)
    else:
        _require_unchanged(record, row, owner, status)
    _require_alone(record, row, owner, status)
    row.check_in, row.evidence = owner, said["evidence"]
    for name in _NAMED:
        setattr(row, name, said[name])
    row.taken_at, row.arrived_at = moment(said["taken_at"]), datetime.fromisoformat(said["arrived_at"])
    row.chair = said.get("chair", 1)
    if is_new:
        FRAME.begin(row)
    else:
        names = ("chair", "check_in", "evidence", *_NAMED, "taken_at", "arrived_at")
        FRAME.move(row, "stations.place_record", to=status, fields=names)
    if said["assessment"]:
        _assess(row, said["assessment"])
    if said["review"]:
        _review(row, said["review"], record.applied.get("review", 0))
    review = FrameReview.objects.filter(frame=row).first()
    return {"status": row.status, "check_in": said["check_in"], "review": review.version if review else 0}


def alarm(record: StationRecord) -> dict[str, Any]:
    """What the station noticed, and what somebody there found it to be."""
    said = record.payload
    session = session_of(record)
    row = Alarm.objects.filter(pk=record.applied.get("alarm", 0), session=session).first() or Alarm(session=session)
    row.kind, row.sentence, row.remedy = said["kind"], said["sentence"], said["remedy"]
    row.check_in = CheckIn.objects.filter(nonce=said["check_in"]).first() if said["check_in"] else None
    row.frame = Frame.objects.filter(session=session, blob_id=said["frame"]).first() if said["frame"] else None
    row.at, row.chair = datetime.fromisoformat(said["at"]), said.get("chair", 1)
    if row.settled_at is None:
        row.settled_at, row.settled_note = moment(said["settled_at"]), said["settled_note"]
    row.save()
    return {"alarm": row.pk}


def clock(record: StationRecord) -> dict[str, Any]:
    """A camera's clock as the station measured it: the repair at the centre reads the frames' times by it."""
    said = record.payload
    row, _ = CameraClock.objects.get_or_create(
        session=session_of(record),
        chair=said.get("chair", 1),
        camera_serial=said["camera_serial"],
        measured_at=datetime.fromisoformat(said["measured_at"]),
        defaults={name: said[name] for name in ("offset_s", "uncertainty_s", "transfer_s", "by_hand")},
    )
    return {"clock": row.pk}


def notice(record: StationRecord) -> dict[str, Any]:
    """A card that was refused or could not be read, and a reader that told nothing: whose sitting it was is in doubt at the
    centre as it was in the room. What stood at the hand-over stands on no screen here."""
    said = record.payload
    row, _ = RoomNotice.objects.update_or_create(
        session=session_of(record),
        chair=said["chair"],
        source=said["source"],
        code=said["code"],
        at=datetime.fromisoformat(said["at"]),
        defaults={
            "sentence": said["sentence"],
            "remedy": said["remedy"],
            "candidate": Candidate.objects.filter(pk=said.get("candidate"), campaign=record.kit.campaign).first(),
            "until": moment(said["until"]),
            "cleared_at": moment(said["cleared_at"]) or room_now(),
        },
    )
    return {"notice": row.pk}


def _owner(record: StationRecord) -> CheckIn | None:
    nonce = record.payload["check_in"]
    return CheckIn.objects.filter(nonce=nonce).first() if nonce else None


def _is_set_aside(record: StationRecord, nonce: str) -> bool:
    theirs = record.kit.records.filter(installation=record.installation, kind=RecordKind.CHECK_IN, key=nonce)
    return theirs.filter(state=RecordState.SET_ASIDE).exists()


def _require_unchanged(record: StationRecord, row: Frame, owner: CheckIn | None, status: FrameStatus) -> None:
    """Where somebody rebound or decided the frame at the centre, the station's older view does not undo it."""
    here = (row.status, str(row.check_in.nonce) if row.check_in else "")
    wanted = (str(status), str(owner.nonce) if owner else "")
    if here == wanted or record.ruling.get("insist"):
        return
    if here != (record.applied.get("status"), record.applied.get("check_in")):
        raise Clash(
            ConflictKind.CHANGED_HERE,
            Wording("这张照片在中心已另作处理。", "This photograph was decided otherwise at the centre."),
            candidate=row.check_in.candidate if row.check_in else None,
            present=row.check_in,
        )
    if row.packed_at is not None:
        raise Clash(
            ConflictKind.CHANGED_HERE,
            Wording(
                "照片已编入交付包，采集站又作了改动。", "The photograph was delivered; the station changed it later."
            ),
            candidate=row.check_in.candidate if row.check_in else None,
            present=row.check_in,
        )


def _require_alone(record: StationRecord, row: Frame, owner: CheckIn | None, status: FrameStatus) -> None:
    """R98: a number has one photograph."""
    if owner is None or status != FrameStatus.ACCEPTED:
        return
    others = owner.frames.filter(status=FrameStatus.ACCEPTED).exclude(pk=row.pk)
    if record.ruling.get("insist"):
        FRAME.move_rows(others.filter(packed_at=None), "capture.pass_over")
    elif others.exists():
        raise Clash(
            ConflictKind.CHANGED_HERE,
            Wording("中心已采用此人的另一张照片。", "The centre uses another photograph of this person."),
            candidate=owner.candidate,
            present=owner,
        )


def _assess(row: Frame, said: dict[str, Any]) -> None:
    """The verdict as it stood on the station's screen; the centre's own measuring, if any, stays the present one."""
    kept, made = Assessment.objects.get_or_create(
        frame=row,
        profile=said["profile"],
        pipeline_version=said["pipeline_version"],
        rules_version=said["rules_version"],
        defaults={name: said[name] for name in _ASSESSED}
        | {
            "not_assessed": said.get("not_assessed", []),
            "current": not row.assessments.filter(current=True).exists(),
            "created_at": datetime.fromisoformat(said["created_at"]),
        },
    )
    if made:
        outcomes = {str(one["code"]): str(one["outcome"]) for one in said["findings"]}
        AssessmentFinding.objects.bulk_create(
            AssessmentFinding(assessment=kept, code=code, outcome=outcome) for code, outcome in outcomes.items()
        )


def _review(row: Frame, said: dict[str, Any], version_before: int) -> None:
    """Decisions made at the station, unless the centre has decided since."""
    review = FrameReview.objects.get_or_create(frame=row)[0]
    if review.version != version_before:
        return
    review.decisions.all().delete()
    for one in said["decisions"]:
        names = ("choice", "before", "after", "source_sha256", "pipeline_version", "rules_version", "outcome", "words")
        decision = ReviewDecision.objects.create(
            review=review,
            by=user_of(one["by"]),
            at=datetime.fromisoformat(one["at"]),
            undone_at=moment(one["undone_at"]),
            assessment=row.assessments.filter(current=True).first(),
            **{name: one[name] for name in names},
        )
        DecisionReason.objects.bulk_create(DecisionReason(decision=decision, code=code) for code in one["reasons"])
    review.state, review.version, review.outcome = said["state"], said["version"], said["outcome"]
    review.decided_by, review.decided_at = user_of(said["decided_by"]), moment(said["decided_at"])
    review.assessment = row.assessments.filter(current=True).first()
    review.save()
