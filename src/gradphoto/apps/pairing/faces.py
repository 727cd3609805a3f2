"""Swapped sitters (A's card, B in the chair), which times cannot show: faces of one session compared one to one.

Off unless the rule ``capture.compare_faces`` permits it and names the consent; evidence with a score, never a decision.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable

from django.db import transaction

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.campaigns.rules import in_force
from gradphoto.apps.campaigns.settings_keys import COMPARE_FACES
from gradphoto.apps.capture.models import CheckInStatus, Frame
from gradphoto.apps.capture.verdicts_first import let_verdicts_go_first
from gradphoto.apps.core import audit, blobs, jobs
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.jobs import JobRun, handles
from gradphoto.apps.core.models import Job
from gradphoto.apps.core.queues import Queue
from gradphoto.apps.pairing.models import FaceHint, FaceHintKind
from gradphoto.apps.schedule.models import CaptureSession
from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.pairing import Key
from gradphoto.engine.pairing.proposal import SamePerson
from gradphoto.engine.portrait import models
from gradphoto.engine.portrait.compare import (
    ComparisonPolicy,
    Embedding,
    FaceComparer,
    PairHint,
    find_pairs,
    require_permission,
)
from gradphoto.engine.portrait.decode import decode
from gradphoto.engine.portrait.detect import FaceDetector
from gradphoto.engine.wording import Wording


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
    job = jobs.enqueue(
        "pairing.compare_faces",
        actor,
        title,
        {"session": session.pk},
        organisation_id=session.audit_organisation_id,
    )
    audit.note(job=str(job.pk), rule=policy.source)
    return job


@handles("pairing.compare_faces", Queue.PICTURES)
def run_compare_faces(run: JobRun) -> None:
    """Every frame in somebody's name is measured and dropped again; what is kept are pairs that a person should see."""
    session = CaptureSession.objects.select_related("campaign__rule_set").get(pk=run.params["session"])
    policy = policy_of(session.campaign)
    embed = _embedder(policy)
    frames = list(_frames(session))
    run.start(len(frames))
    found: list[tuple[int, object, Embedding]] = []
    failed = 0
    for done, frame in enumerate(frames, start=1):
        let_verdicts_go_first()
        try:
            found.append((frame.pk, frame.check_in_id, embed(blobs.read(frame.blob))))
        except GradPhotoError as error:
            run.issue(frame.file_name, error)
            failed += 1
        run.advance(done, failed)
    keep_hints(session, find_pairs(found, policy=policy), policy)


def keep_hints(session: CaptureSession, hints: Iterable[PairHint], policy: ComparisonPolicy) -> None:
    """What the comparison of now says takes the place of what an earlier one said."""
    with transaction.atomic():
        session.face_hints.all().delete()
        FaceHint.objects.bulk_create(
            FaceHint(
                session=session,
                kind=FaceHintKind(hint.kind),
                frame_id=int(str(hint.frame)),
                other_id=int(str(hint.other)),
                score=hint.score,
                calibration=hint.calibration_version,
                source=policy.source,
            )
            for hint in hints
        )


def hints_of(session: CaptureSession) -> list[FaceHint]:
    """Hints that still hold: a frame that was rebound since is in another name now."""
    rows = session.face_hints.select_related("frame__check_in__candidate", "other__check_in__candidate")
    return [
        hint
        for hint in rows
        if (hint.frame.check_in_id == hint.other.check_in_id) is (hint.kind == FaceHintKind.ONE_NAME)
        and None not in (hint.frame.check_in_id, hint.other.check_in_id)
    ]


def same_person_of(session: CaptureSession) -> SamePerson | None:
    """The evidence of faces for the repair: ``False`` for two faces under one number, else it cannot be told."""
    pairs = session.face_hints.filter(kind=FaceHintKind.ONE_NAME).values_list("frame", "other")
    unlike = {frozenset(pair) for pair in pairs}
    if not unlike:
        return None

    def same_person(one: Key, other: Key) -> bool | None:
        return False if frozenset((one, other)) in unlike else None

    return same_person


def _frames(session: CaptureSession) -> Iterable[Frame]:
    in_a_name = session.frames.filter(check_in__isnull=False).exclude(check_in__status=CheckInStatus.CANCELLED)
    return in_a_name.select_related("blob").order_by("pk")


def _embedder(policy: ComparisonPolicy) -> functools.partial[Embedding]:
    comparer, detector = FaceComparer(policy=policy), FaceDetector(models.load("face_detector"))
    return functools.partial(_embed, comparer, detector)


def _embed(comparer: FaceComparer, detector: FaceDetector, data: bytes) -> Embedding:
    rgb = decode(data, reduction=2).rgb
    faces = detector.find(rgb)
    if not faces:
        raise GradPhotoError(
            "pairing.no_face",
            Wording("照片里没有找到人脸。", "No face was found on the frame."),
            Wording("请看照片。", "Look at the picture."),
        )
    return comparer.embed(rgb, faces[0])
