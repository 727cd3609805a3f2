"""Swapped sitters (A's card, B in the chair), which times cannot show: faces of one session compared one to one.

With each other, and with the photograph on file where there is one. Off unless the rule ``capture.compare_faces`` permits
it, and then only the faces of those who have consented; evidence with a score that asks a person, never a decision. It runs
in the background after a photograph was accepted and lets verdicts go first.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence

from django.db.models import Exists, OuterRef, Q, QuerySet

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.campaigns.rules import in_force
from gradphoto.apps.campaigns.settings_keys import COMPARE_FACES
from gradphoto.apps.capture.lifecycle import FRAME
from gradphoto.apps.capture.models import CheckInStatus, Frame, FrameStatus
from gradphoto.apps.capture.verdicts_first import let_verdicts_go_first
from gradphoto.apps.core import audit, blobs, jobs
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.jobs import JobRun, handles
from gradphoto.apps.core.models import Job, JobState
from gradphoto.apps.core.queues import Queue
from gradphoto.apps.pairing.face_consent import consenting
from gradphoto.apps.pairing.face_hints import Found, against_references, within_session
from gradphoto.apps.pairing.face_memory import MEMORY
from gradphoto.apps.pairing.face_references import references_of
from gradphoto.apps.pairing.face_telling import tell_faces
from gradphoto.apps.pairing.models import FaceHint, FaceHintKind
from gradphoto.apps.schedule.lifecycle import SESSION
from gradphoto.apps.schedule.models import CaptureSession, SessionStatus
from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.pairing import Key
from gradphoto.engine.pairing.proposal import SamePerson
from gradphoto.engine.portrait import models
from gradphoto.engine.portrait.compare import ComparisonPolicy, Embedding, FaceComparer, require_permission
from gradphoto.engine.portrait.decode import decode, reductions_for
from gradphoto.engine.portrait.detect import FaceDetector
from gradphoto.engine.wording import Wording

COMPARING = "pairing.compare_faces"
_ROOM = Actor.system("faces")
_MOVED = frozenset({FrameStatus.ACCEPTED, FrameStatus.REJECTED, FrameStatus.UNBOUND})
"""A frame that nobody has decided on is not compared yet: its verdict comes first."""
_FACE_PX = 100
"""A face smaller than this is looked for in a larger copy of the photograph."""
Embed = Callable[[bytes], Embedding]


def policy_of(campaign: Campaign) -> ComparisonPolicy:
    """What the rule set says on comparing faces; where it says nothing, nothing is permitted."""
    rule = in_force(campaign.rule_set, COMPARE_FACES)
    return ComparisonPolicy(bool(rule and COMPARE_FACES.read(rule.value)), rule.source if rule else "")


@action("pairing.compare_faces", permission="pairing.repair")
def compare_faces(actor: Actor, session: CaptureSession) -> Job:
    """Compare the session's faces in the background. Raises ``portrait.comparison_not_permitted``."""
    policy = policy_of(session.campaign)
    require_permission(policy)
    title = Wording(f"比对人脸 {session}", f"Compare faces {session}")
    job = jobs.enqueue(COMPARING, actor, title, {"session": session.pk}, organisation_id=session.audit_organisation_id)
    audit.note(job=str(job.pk), rule=policy.source)
    return job


@FRAME.follow
def compare_when_taken(frames: Sequence[Frame]) -> None:
    """A photograph was accepted, or is another's now: its session is compared when the room has time for it."""
    keys = {frame.session_id for frame in frames if frame.status in _MOVED}
    if not keys:
        return
    # One question where no rule set speaks of it, as every accepted photograph of every room comes by here.
    asked = CaptureSession.objects.filter(pk__in=keys, campaign__rule_set__rules__key=COMPARE_FACES.name)
    hinted = FaceHint.objects.filter(session=OuterRef("pk"))
    asked = asked.filter(Q(status=SessionStatus.OPEN) | Exists(hinted))
    for session in asked.order_by().distinct().select_related("campaign__rule_set"):
        if policy_of(session.campaign).permitted and not _waits(session):
            compare_faces(_ROOM, session)


def _waits(session: CaptureSession) -> bool:
    """Whether a comparison has not begun yet: it will see what came since."""
    return Job.objects.filter(kind=COMPARING, state=JobState.QUEUED, params__session=session.pk).exists()


@SESSION.follow
def forget_when_closed(sessions: Sequence[CaptureSession]) -> None:
    """What the worker still knows of the faces of a closed session goes."""
    for session in sessions:
        if session.status == SessionStatus.CLOSED and policy_of(session.campaign).permitted:
            title = Wording(f"清除人脸测量 {session}", f"Forget what was measured of faces {session}")
            jobs.enqueue(
                "pairing.forget_faces", _ROOM, title, {"session": session.pk},
                organisation_id=session.audit_organisation_id,
            )  # fmt: skip


@handles("pairing.forget_faces", Queue.PICTURES)
def run_forget_faces(run: JobRun) -> None:
    """In the worker's memory: nowhere else is anything kept."""
    run.start(1)
    MEMORY.forget(run.params["session"])
    run.advance(1)


@handles(COMPARING, Queue.PICTURES)
def run_compare_faces(run: JobRun) -> None:
    """Each face that was not measured yet is measured; what is kept are the pairs that a person should see."""
    session = CaptureSession.objects.select_related("campaign__rule_set").get(pk=run.params["session"])
    policy = policy_of(session.campaign)
    embed = _embedder(policy)
    frames = list(_frames(session))
    blobs_on_file = references_of({frame.check_in.candidate_id for frame in frames if frame.check_in})
    known = MEMORY.of(session.pk) if session.status == SessionStatus.OPEN else {}
    todo = [(f"frame {frame.pk}", frame.file_name, frame.blob) for frame in frames]
    todo += [
        (f"file {blob.name}", f"photograph on file {candidate}", blob) for candidate, blob in blobs_on_file.items()
    ]
    for key in set(known) - {key for key, *_ in todo}:
        del known[key]  # a consent that was taken back, a check-in that was cancelled
    run.start(len(todo))
    failed = 0
    for done, (key, subject, blob) in enumerate(todo, start=1):
        if key not in known:
            let_verdicts_go_first()
            try:
                known[key] = embed(blobs.read(blob))
            except GradPhotoError as error:
                run.issue(subject, error)
                failed += 1
        run.advance(done, failed)
    faces = [(frame, known[key]) for frame in frames if (key := f"frame {frame.pk}") in known]
    on_file = {one: known[key] for one, blob in blobs_on_file.items() if (key := f"file {blob.name}") in known}
    found = found_in(faces, on_file, policy)
    tell_faces(_ROOM, session, found=found, measured={frame.pk for frame, _ in faces}, source=policy.source)
    if not CaptureSession.objects.filter(pk=session.pk, status=SessionStatus.OPEN).exists():
        MEMORY.forget(session.pk)


def found_in(
    faces: Sequence[tuple[Frame, Embedding]], on_file: Mapping[int, Embedding], policy: ComparisonPolicy
) -> list[Found]:
    """What the faces say with each other, and the accepted ones with the photographs on file."""
    accepted = [(frame, face) for frame, face in faces if frame.status == FrameStatus.ACCEPTED]
    return [*within_session(faces, policy), *against_references(accepted, on_file, policy)]


def hints_of(session: CaptureSession) -> list[FaceHint]:
    """Hints that still hold: a frame that was rebound since is in another name now."""
    return [hint for hint in hints_with_people(session.face_hints.all()) if hint.holds]


def hints_with_people(hints: QuerySet[FaceHint]) -> QuerySet[FaceHint]:
    """With what a page says of them."""
    return hints.select_related(
        "frame__check_in__candidate", "other__check_in__candidate", "reference_of", "alarm", "session"
    )


def same_person_of(session: CaptureSession) -> SamePerson | None:
    """The evidence of faces for the repair: ``False`` for two faces under one number, else it cannot be told."""
    pairs = session.face_hints.filter(kind=FaceHintKind.ONE_NAME).values_list("frame", "other")
    unlike = {frozenset(pair) for pair in pairs}
    if not unlike:
        return None

    def same_person(one: Key, other: Key) -> bool | None:
        return False if frozenset((one, other)) in unlike else None

    return same_person


def _frames(session: CaptureSession) -> Iterator[Frame]:
    """In the order of the shots, of those who consented."""
    in_a_name = session.frames.filter(check_in__isnull=False).exclude(check_in__status=CheckInStatus.CANCELLED)
    mine = in_a_name.filter(check_in__candidate__in=consenting(session))
    return mine.select_related("blob", "check_in__candidate").order_by("pk").iterator()


@functools.cache
def _embedder(policy: ComparisonPolicy) -> Embed:
    comparer, detector = FaceComparer(policy=policy), FaceDetector(models.load("face_detector"))
    return functools.partial(_embed, comparer, detector)


def _embed(comparer: FaceComparer, detector: FaceDetector, data: bytes) -> Embedding:
    for reduction in reductions_for(data):
        rgb = decode(data, reduction=reduction).rgb
        faces = detector.find(rgb)
        if faces and faces[0].box[3] >= _FACE_PX:
            break
    if not faces:
        raise GradPhotoError(
            "pairing.no_face",
            Wording("照片里没有找到人脸。", "No face was found on the frame."),
            Wording("请看照片。", "Look at the picture."),
        )
    return comparer.embed(rgb, faces[0])
