"""One-to-one comparison with the photograph that the school holds: where the rule and the person both allow it.

Evidence with a score for the reviewer, never a decision; what was measured of the faces is dropped at once
(docs/background-and-comparison.md).
"""

from __future__ import annotations

import functools

from django.db import transaction

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.core import audit, blobs
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import refuse, shortened
from gradphoto.apps.core.jobs import JobRun, enqueue, handles
from gradphoto.apps.core.queues import Queue
from gradphoto.apps.core.uploads import prove_picture
from gradphoto.apps.pairing.face_people import held_consents, policy_of
from gradphoto.apps.roster import persons
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.selfphoto.consent import is_given
from gradphoto.apps.selfphoto.models import Comparison, PortraitTry, Purpose, Reference, SelfPortrait
from gradphoto.apps.selfphoto.terms import Terms, terms_of
from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.portrait import models
from gradphoto.engine.portrait.compare import ComparisonPolicy, Embedding, FaceComparer, compare
from gradphoto.engine.portrait.decode import Rgb, decode, reductions_for
from gradphoto.engine.portrait.detect import Face, FaceDetector
from gradphoto.engine.wording import Wording

_FACE_PX = 100
"""A face smaller than this is looked for in a larger copy of the photograph."""


@action("selfphoto.keep_reference", permission="selfphoto.issue")
def keep_reference(
    actor: Actor, candidate: Candidate, *, data: bytes, origin: str, is_proven: bool = False
) -> Reference:
    """The photograph to compare with; a newer one takes the place of the old. ``is_proven``: the bounded reader has decoded it.

    Raises ``selfphoto.no_comparison`` where the rule set compares neither own photographs nor those of the room: then none
    is needed, and none is kept; ``selfphoto.no_consent`` where only the room compares and this person has not signed.
    """
    if not is_compared(candidate.campaign):
        raise refuse(
            "selfphoto.no_comparison",
            "规则集没有开启照片比对，不登记比对照片。",
            "The rule set compares no photographs; none is kept to compare with.",
            "确有依据的，请先在规则集“与已有照片一对一比对”中注明来源。",
            "Where there is a ground for it, turn it on in the rule set first, with its source.",
        )
    if not terms_of(candidate.campaign).comparison and not held_consents(_records(candidate)):
        raise refuse(
            "selfphoto.no_consent",
            "此人没有登记比对同意，不登记比对照片。",
            "This person has not agreed to be compared; no photograph is kept to compare with.",
            "请先在“核查对应”的“人脸”中登记已签的同意书。",
            "Enter the signed consent first, on the pairing's page under Faces.",
        )
    if not is_proven:
        prove_picture(data)
    blob = blobs.put(data, "image/jpeg")
    before = Reference.objects.filter(candidate=candidate, blob__isnull=False).values_list("blob", flat=True)
    replaced = list(before.select_for_update())
    made, _ = Reference.objects.update_or_create(
        candidate=candidate, defaults={"blob": blob, "origin": origin, "added_by": actor.user}
    )
    blobs.forget_unnamed(replaced)  # a photograph that no record names would outlast every consent
    audit.note(origin=origin)
    return made


def _records(candidate: Candidate) -> list[int]:
    return list(persons.records_of(candidate).values_list("pk", flat=True))


def is_compared(campaign: Campaign) -> bool:
    """Whether a rule of the campaign compares with a photograph on file: a person's own one, or the room's."""
    return terms_of(campaign).comparison or policy_of(campaign).permitted


def ask_comparison(tried: PortraitTry, terms: Terms) -> None:
    """In the transaction of the hand-in: a job, where rule, consent and reference are there."""
    portrait = tried.portrait
    has_reference = Reference.objects.filter(candidate=portrait.candidate_id, blob__isnull=False).exists()
    if terms.comparison and has_reference and is_given(portrait, Purpose.COMPARE):
        enqueue(
            "selfphoto.compare",
            Actor.system("selfphoto"),
            Wording("自助照片一对一比对", "Comparison of an own photograph"),
            {"try": str(tried.pk)},
            organisation_id=portrait.candidate.department_id,
        )


@handles("selfphoto.compare", Queue.PICTURES)
def run_compare(run: JobRun) -> None:
    """Asked again at the moment of comparing: a consent that was taken back, a rule that was withdrawn."""
    tries = PortraitTry.objects.select_related("portrait__candidate__campaign__rule_set", "blob")
    tried = tries.filter(pk=run.params["try"], blob__isnull=False).first()
    if tried is None:
        return
    portrait = tried.portrait
    terms = terms_of(portrait.candidate.campaign)
    reference = Reference.objects.filter(candidate=portrait.candidate_id, blob__isnull=False).first()
    if not terms.comparison or reference is None or not is_given(portrait, Purpose.COMPARE):
        return
    run.start(1)
    policy = ComparisonPolicy(permitted=True, source=terms.comparison_source)
    embed = functools.partial(_embed, FaceComparer(policy=policy), FaceDetector(models.load("face_detector")))
    try:
        assert tried.blob is not None
        assert reference.blob is not None
        found = compare(embed(blobs.read(tried.blob)), embed(blobs.read(reference.blob)), policy=policy)
    except GradPhotoError as error:
        run.issue(portrait.candidate.student_no, error)
        run.advance(1, 1)
        return
    with transaction.atomic():
        # While the faces were read the person may have taken the consent back: nothing of it is kept then.
        SelfPortrait.objects.select_for_update().get(pk=portrait.pk)
        if not is_given(portrait, Purpose.COMPARE):
            return
        Comparison.objects.update_or_create(
            made_of=tried,
            defaults={
                "score": round(found.score, 4), "band": found.band.value, "calibration": found.calibration_version,
                "rule_source": shortened(policy.source, 300),
            },
        )  # fmt: skip
    run.advance(1)


def faces_on(data: bytes) -> int:
    """How many people a photograph shows: faces at least half as high as the largest; those in the background are nobody's."""
    faces = _faces(_detector(), data)[1]
    return sum(face.box[3] >= faces[0].box[3] / 2 for face in faces)


@functools.cache
def _detector() -> FaceDetector:
    return FaceDetector(models.load("face_detector"))


def _faces(detector: FaceDetector, data: bytes) -> tuple[Rgb, tuple[Face, ...]]:
    for reduction in reductions_for(data):
        rgb = decode(data, reduction=reduction).rgb
        faces = detector.find(rgb)
        if faces and faces[0].box[3] >= _FACE_PX:
            break
    return rgb, faces


def _embed(comparer: FaceComparer, detector: FaceDetector, data: bytes) -> Embedding:
    rgb, faces = _faces(detector, data)
    if not faces:
        raise GradPhotoError(
            "selfphoto.no_face",
            Wording("照片里没有找到人脸，不能比对。", "No face was found; nothing to compare."),
            Wording("请看照片。", "Look at the picture."),
        )
    return comparer.embed(rgb, faces[0])
