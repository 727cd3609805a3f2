"""Swapped sitters (A's card, B in the chair), which times cannot show: faces of one session compared one to one.

With each other, and with the photograph on file where there is one. Off unless the rule ``capture.compare_faces`` permits
it, and then only the faces of those who have consented; evidence with a score that asks a person, never a decision. It runs
in the background after a photograph was accepted and lets verdicts go first.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from gradphoto.apps.campaigns.settings_keys import COMPARE_FACES
from gradphoto.apps.capture.lifecycle import FRAME
from gradphoto.apps.capture.models import CheckInStatus, Frame, FrameStatus
from gradphoto.apps.capture.verdicts import let_verdicts_go_first
from gradphoto.apps.core import audit, blobs, jobs
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.jobs import JobRun, handles
from gradphoto.apps.core.models import Blob, Job, JobState
from gradphoto.apps.core.queues import Queue
from gradphoto.apps.pairing.face_hints import Found, against_references, within_session
from gradphoto.apps.pairing.face_memory import MEMORY, ask_to_forget
from gradphoto.apps.pairing.face_people import consenting, policy_of
from gradphoto.apps.pairing.face_telling import UNDECIDED, tell_faces
from gradphoto.apps.pairing.models import FaceHint, FaceHintKind
from gradphoto.apps.pairing.providers import references_of
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
    return _compared(session).filter(state=JobState.QUEUED).exists()


def _compared(session: CaptureSession) -> QuerySet[Job]:
    return Job.objects.filter(kind=COMPARING, params__session=session.pk)


@SESSION.follow
def forget_when_closed(sessions: Sequence[CaptureSession]) -> None:
    """What the worker still knows of the faces of a closed session goes, whatever the rule set says by now."""
    for session in sessions:
        if session.status == SessionStatus.CLOSED and _compared(session).exists():
            ask_to_forget(session)


@handles(COMPARING, Queue.PICTURES)
def run_compare_faces(run: JobRun) -> None:
    """Each face that was not measured yet is measured; what is kept are the pairs that a person should see."""
    session = CaptureSession.objects.select_related("campaign__rule_set").get(pk=run.params["session"])
    policy = policy_of(session.campaign)
    embed = _embedder(policy)
    frames = list(_frames(session))
    blobs_on_file = references_of({frame.check_in.candidate_id for frame in frames if frame.check_in})
    pictures = [
        _Picture(f"frame {frame.pk}", frame.check_in.candidate_id, frame.file_name, frame.blob)
        for frame in frames
        if frame.check_in
    ]
    pictures += [
        _Picture(f"file {blob.name}", who, f"photograph on file {who}", blob) for who, blob in blobs_on_file.items()
    ]
    known = _measured(run, pictures, MEMORY.of(session.pk), embed)
    faces = [(frame, known[key]) for frame in frames if (key := f"frame {frame.pk}") in known]
    on_file = {one: known[key] for one, blob in blobs_on_file.items() if (key := f"file {blob.name}") in known}
    policy = policy_of(CaptureSession.objects.select_related("campaign__rule_set").get(pk=session.pk).campaign)
    require_permission(policy)
    found = found_in(faces, on_file, policy)
    unread = {frame.pk for frame in frames if f"frame {frame.pk}" not in known}
    told = tell_faces(_ROOM, session, found=found, unread=unread, source=policy.source)
    if told.waiting or told.left:
        run.issue(str(session), _too_many(told.waiting, told.left))
    _remember(session, pictures, known)


def _too_many(waiting: int, left: int) -> GradPhotoError:
    beyond = Wording(f"（另有 {left} 对未列出）", f" ({left} more are not listed)") if left else Wording("", "")
    return GradPhotoError(
        "pairing.faces_left",
        Wording(f"还有 {waiting} 对照片相似或不符，排队等候提示{beyond.zh}。",
                f"{waiting} more pairs do not go together and wait to be asked about{beyond.en}."),
        Wording("处理一条，就补上一条；数量很多时，请先检查光线和照片，再比对一次。",
                "Each that is settled is followed by the next; where there are very many, look at light and pictures, then compare again."),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Picture:
    """A photograph to be measured, under the name by which it is remembered; ``who``: the candidate it is said to show."""

    key: str
    who: int
    subject: str
    blob: Blob


def _measured(
    run: JobRun, pictures: Sequence[_Picture], known: Mapping[str, Embedding], embed: Embed
) -> dict[str, Embedding]:
    """The measurement of each that has a face; verdicts go first."""
    run.start(len(pictures))
    measured, failed = {}, 0
    for done, one in enumerate(pictures, start=1):
        if one.key in known:
            measured[one.key] = known[one.key]
        else:
            let_verdicts_go_first()
            try:
                measured[one.key] = embed(blobs.read(one.blob))
            except GradPhotoError as error:
                run.issue(one.subject, error)
                failed += 1
        run.advance(done, failed)
    return measured


def _remember(session: CaptureSession, pictures: Sequence[_Picture], measured: Mapping[str, Embedding]) -> None:
    """Only while the session is open, and only of those whose consent stands now."""
    if not CaptureSession.objects.filter(pk=session.pk, status=SessionStatus.OPEN).exists():
        return MEMORY.forget(session.pk)
    agreed = consenting(session)
    whose = {one.key: one.who for one in pictures if one.who in agreed and one.key in measured}
    return MEMORY.keep(session.pk, {key: measured[key] for key in whose}, whose)


def found_in(
    faces: Sequence[tuple[Frame, Embedding]], on_file: Mapping[int, Embedding], policy: ComparisonPolicy
) -> list[Found]:
    """What the faces say with each other, and the accepted ones with the photographs on file."""
    accepted = [(frame, face) for frame, face in faces if frame.status == FrameStatus.ACCEPTED]
    return [*within_session(faces, policy), *against_references(accepted, on_file, policy)]


def hints_of(session: CaptureSession) -> list[FaceHint]:
    """Hints that still hold: a frame that was rebound since is in another name now."""
    return [hint for hint in hints_with_people(session.face_hints.all()) if hint.holds]


def most_urgent_first(hints: list[FaceHint]) -> list[FaceHint]:
    """Those that nobody has looked at before the others, each the further from what may be one person or two the earlier."""
    return sorted(hints, key=lambda hint: (not hint.asks, -abs(hint.score - UNDECIDED), hint.pk))


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
