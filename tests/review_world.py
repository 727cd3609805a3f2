"""A session that has been photographed: people, check-ins and frames with real or made-up verdicts, for the review."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta

from django.db.models import F
from django.utils import timezone

from gradphoto.apps.capture import actions
from gradphoto.apps.capture.models import Assessment, AssessmentFinding, CameraClock, CheckIn, Frame, Identification
from gradphoto.apps.capture.verdicts import assess, rules_of
from gradphoto.apps.core import blobs
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.models import Blob
from gradphoto.apps.orgs.models import Membership, Organisation, Role, User
from gradphoto.apps.review.standing import Seen, review_of
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.schedule.models import CaptureSession
from gradphoto.demo.sitters import picture
from gradphoto.engine.portrait.pipeline import PIPELINE_VERSION
from gradphoto.engine.standards.profiles import load_profile
from world import World, add_candidate

CREW = Actor.system("test")


def open_session(world: World, place: str = "104", on: date = date(2026, 11, 21)) -> CaptureSession:
    return CaptureSession.objects.create(campaign=world.campaign, date=on, place=place, status="open")


def measured(session: CaptureSession, serial: str = "SN1", offset_s: float = 0.0, **known: float) -> CameraClock:
    """The camera's clock is known, as before every session."""
    made = {"offset_s": offset_s, "uncertainty_s": 0.1, "transfer_s": 0.2} | known
    return CameraClock.objects.create(session=session, camera_serial=serial, **made)


def time_passes(session: CaptureSession, seconds: float = 20.0) -> None:
    """All that happened happened longer ago: a room is slower than a test."""
    by = timedelta(seconds=seconds)
    session.check_ins.update(at=F("at") - by, closed_at=F("closed_at") - by)
    session.frames.update(arrived_at=F("arrived_at") - by, taken_at=F("taken_at") - by)
    session.alarms.update(at=F("at") - by)
    session.clocks.update(measured_at=F("measured_at") - by)


def seat(session: CaptureSession, candidate: Candidate) -> CheckIn:
    outcome = actions.check_in(CREW, session, candidate=candidate, method=Identification.MANUAL, nonce=uuid.uuid4())
    assert outcome.check_in is not None, outcome.hold
    return outcome.check_in


def shoot(
    session: CaptureSession,
    candidate: Candidate,
    name: str = "person_01",
    *,
    measured: bool = True,
    accept: bool = True,
) -> Frame:
    """Seat the person, take the picture ``name`` of the demo, measure it with the real engine and accept it."""
    check_in = seat(session, candidate)
    # The same sitter may sit for several people: a byte after the end of the JPEG keeps their frames apart.
    data = picture(name) + f"{candidate.pk}-{check_in.pk}".encode()
    frame = actions.receive_frame(CREW, session, data=data, file_name="IMG.JPG", taken_at=timezone.now(), by_hand=True)
    if measured:
        actions.record_assessment(CREW, frame, assessment=assess(data, load_profile("mb2017_99")))
    if accept:
        actions.accept_frame(CREW, check_in, frame=frame)
    frame.refresh_from_db()
    return frame


def finding(code: str, outcome: str, value: float = 12.0, limit: float = 9.0) -> dict:
    said = {"zh": f"{code} 超出。", "en": f"{code} is out."}
    return {
        "code": code, "outcome": outcome, "value": value, "limit": limit, "unit": "°",
        "sentence": said, "advice": {"zh": "请重拍。", "en": "Take it again."},
    }  # fmt: skip


def many_frames(
    world: World, session: CaptureSession, count: int, *, failing: int = 0, doubtful: int = 0, first: int = 1000
) -> list[Frame]:
    """``count`` accepted frames with made-up verdicts, by a handful of statements: the first fail, the next are doubtful."""
    blob = blobs.put_photograph(b"\xff\xd8\xffmade up")
    template = add_candidate(world, first)
    people = [template] + [_like(template, n, first + n) for n in range(1, count)]
    Candidate.objects.bulk_create(people[1:])
    people = list(Candidate.objects.filter(campaign=world.campaign, pk__gte=template.pk).order_by("pk"))[:count]
    check_ins = CheckIn.objects.bulk_create(
        CheckIn(
            session=session, campaign=world.campaign, candidate=person, shooting_number=first + n,
            method="manual", nonce=uuid.uuid4(), status="shot", closed_at=timezone.now(),
        )
        for n, person in enumerate(people)
    )  # fmt: skip
    blobs_ = Blob.objects.bulk_create(
        Blob(name=f"{first}-{n:08d}-{uuid.uuid4().hex[:8]}", size_bytes=1) for n in range(count)
    )
    frames = Frame.objects.bulk_create(
        Frame(session=session, blob=one, check_in=check_in, file_name="x.jpg", status="accepted")
        for one, check_in in zip(blobs_, check_ins, strict=True)
    )
    rows = []
    for n, frame in enumerate(frames):
        outcome = "fail" if n < failing else "review" if n < failing + doubtful else "pass"
        code = "portrait.head_roll" if outcome == "fail" else "portrait.clothes_like_backdrop"
        findings = [] if outcome == "pass" else [finding(code, outcome)]
        rows.append(
            Assessment(
                frame=frame, profile="mb2017_99", pipeline_version=PIPELINE_VERSION,
                rules_version=rules_of(session.campaign, "mb2017_99"), outcome=outcome, findings=findings, current=True,
                severity={"fail": 10033, "review": 133, "pass": 0}[outcome],
            )
        )  # fmt: skip
    rows = Assessment.objects.bulk_create(rows)
    AssessmentFinding.objects.bulk_create(
        AssessmentFinding(assessment=row, code=row.findings[0]["code"], outcome=row.outcome)
        for row in rows
        if row.findings
    )
    assert blob.pk
    return frames


def _like(template: Candidate, n: int, number: int) -> Candidate:
    values = {
        field.attname: getattr(template, field.attname)
        for field in Candidate._meta.concrete_fields
        if not field.primary_key
    }
    values |= {"student_no": f"2023{number:06d}", "name": f"测试{n}", "id_number_index": f"made-up-{number}"}
    values["id_number"] = template.id_number
    return Candidate(**values)


def seen(frame: Frame) -> Seen:
    """What somebody sees who opens the frame now."""
    assessment = frame.assessments.filter(current=True).first()
    review = review_of(Frame.objects.get(pk=frame.pk))
    return Seen(review.version, assessment.pk if assessment else None)


def another(world: World, role: Role = Role.REGISTRAR, home: Organisation | None = None, name: str = "second") -> Actor:
    """A second person with the same role."""
    user = User.objects.create(username=name, display_name=name)
    Membership.objects.create(user=user, organisation=home or world.school, role=role)
    return Actor.of(User.objects.get(pk=user.pk))


def at(hour: int) -> datetime:
    return timezone.make_aware(datetime(2026, 11, 21, hour, 5))
