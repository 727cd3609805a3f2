"""A photograph comes in over a slow network: begun, sent part by part, finished; any step may be repeated.

Parts are kept encrypted and joined once the whole is there; the bytes must then have the SHA-256 that was named at the
beginning. The original is kept by ``put_photograph`` as evidence, and the parts go.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from gradphoto.apps.core import audit, blobs
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import InvalidInput, Refusal, invalid, refuse
from gradphoto.apps.selfphoto import judging
from gradphoto.apps.selfphoto.consent import require_consent
from gradphoto.apps.selfphoto.judging import Judgement, judge
from gradphoto.apps.selfphoto.lifecycle import PORTRAIT
from gradphoto.apps.selfphoto.models import PictureSource, PictureUpload, PortraitTry, SelfPortrait, UploadPart
from gradphoto.apps.selfphoto.parts import discard_uploads, drop_parts
from gradphoto.apps.selfphoto.permissions import by_the_sitter
from gradphoto.apps.selfphoto.terms import Terms, require_may_try
from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.wording import Wording

MOST_BYTES = 30 * 1024 * 1024
CHUNK_BYTES = 512 * 1024
KEPT_FOR = timedelta(hours=24)
"""So long an upload that was broken off can go on."""
_MOST_OPEN = 3
MOST_IN_VAIN = 30
"""So many files of one person in ``KEPT_FOR`` may come to no try: unreadable, given up, of a wrong sum. Nobody honest gets there."""
_SHA256 = re.compile(r"[0-9a-f]{64}")


class TooLarge(Refusal):
    """More bytes than a photograph may have."""

    status = 413

    def __init__(self) -> None:
        most = MOST_BYTES // 1024 // 1024
        super().__init__(
            "selfphoto.too_large",
            Wording(f"照片超过 {most} MB。", f"The photograph is larger than {most} MB."),
            Wording(
                "请用本页的相机拍摄，或把相机调到较小的尺寸。",
                "Photograph with this page's camera, or set a smaller size.",
            ),
        )


class OffsetRefusal(Refusal):
    """A part that does not follow what is held; ``offset`` says where to go on."""

    def __init__(self, code: str, offset: int) -> None:
        self.offset = offset
        super().__init__(
            code,
            Wording("上传的位置与已收到的不符。", "This part does not follow what was received."),
            Wording("请从已收到的位置继续。", "Go on from where the upload stands."),
        )


class GalleryForbidden(Refusal):
    """The rule set wants a photograph taken now."""

    status = 403

    def __init__(self) -> None:
        super().__init__(
            "selfphoto.gallery_forbidden",
            Wording(
                "本批次须当场拍摄，不接受相册照片。",
                "This campaign wants a photograph taken now, none from the gallery.",
            ),
            Wording("请用本页的相机拍摄。", "Photograph with this page's camera."),
        )


class WrongSum(InvalidInput):
    """What arrived is not what was announced."""

    status = 422

    def __init__(self) -> None:
        super().__init__(
            "selfphoto.sha256",
            Wording("收到的内容与照片不一致。", "What arrived is not the photograph that was announced."),
            Wording("请重新上传。", "Upload it again."),
        )


@action("selfphoto.begin_upload", permission=by_the_sitter)
def begin_upload(
    actor: Actor, portrait: SelfPortrait, *, size: int, sha256: str, source: str, name: str = "", media_type: str = ""
) -> tuple[PictureUpload, bool]:
    """A place for a file of ``size`` bytes; the same file again is the same upload, where it stands. True where it is new.

    Raises ``selfphoto.too_large``, ``selfphoto.heic``, ``selfphoto.gallery_forbidden``, ``selfphoto.upload_facts``,
    ``selfphoto.too_many_files``, and what ``require_may_try`` raises.
    """
    known = portrait.uploads.filter(sha256=sha256, size_bytes=size).first() if _SHA256.fullmatch(sha256) else None
    if known is not None and known.made_id is not None:
        return known, False
    require_consent(portrait)
    terms = require_may_try(portrait)
    if size > MOST_BYTES:
        raise TooLarge
    if name.lower().endswith((".heic", ".heif", ".avif")) or media_type in ("image/heic", "image/heif", "image/avif"):
        raise judging.heic("AVIF" if "avif" in (name + media_type).lower() else "HEIC")
    if size < 1 or not _SHA256.fullmatch(sha256) or source not in PictureSource.values:
        raise invalid(
            "selfphoto.upload_facts",
            "上传的说明不完整。",
            "The upload does not say what it brings.",
            "请刷新页面后重试。",
            "Reload the page and try again.",
        )
    if source == PictureSource.GALLERY and not terms.gallery:
        raise GalleryForbidden
    if known is not None and known.began_at > timezone.now() - KEPT_FOR:
        return known, False
    _make_room(portrait, sha256)
    return PictureUpload.objects.create(portrait=portrait, size_bytes=size, sha256=sha256, source=source), True


def _make_room(portrait: SelfPortrait, sha256: str) -> None:
    """The oldest open uploads give way to a new one, and so does one under the same sum that ended or has another size."""
    since = timezone.now() - KEPT_FOR
    for same in portrait.uploads.filter(sha256=sha256):
        give_up(same)
    unmade = portrait.uploads.filter(made=None).order_by("-began_at")
    for old in unmade.filter(finished_at=None)[_MOST_OPEN - 1 :]:
        give_up(old)
    if unmade.filter(began_at__gt=since, finished_at__isnull=False).count() >= MOST_IN_VAIN:
        raise refuse(
            "selfphoto.too_many_files",
            f"一天内上传的无效文件已有 {MOST_IN_VAIN} 个。",
            f"{MOST_IN_VAIN} files within a day came to nothing.",
            "请明天再试，或请学院安排现场拍摄。",
            "Try again tomorrow, or ask your college for a place in the room.",
        )


@transaction.atomic
def append(portrait: SelfPortrait, upload_pk: UUID, *, offset: int, data: bytes) -> PictureUpload:
    """Keep one part. A part that is held already changes nothing.

    Raises ``selfphoto.offset`` with the place to go on from, ``selfphoto.chunk_too_large``, ``selfphoto.upload_gone``.
    """
    upload = own_upload(portrait, upload_pk, locked=True)
    if len(data) > CHUNK_BYTES:
        raise TooLarge
    if upload.made_id is not None or offset + len(data) <= upload.received_bytes:
        return upload
    if offset != upload.received_bytes or not data:
        raise OffsetRefusal("selfphoto.offset", upload.received_bytes)
    if offset + len(data) > upload.size_bytes:
        raise TooLarge
    blob = blobs.put_stream((data,), "application/octet-stream")
    UploadPart.objects.create(upload=upload, offset=offset, size_bytes=len(data), blob=blob)
    upload.received_bytes += len(data)
    upload.save(update_fields=["received_bytes"])
    return upload


def own_upload(portrait: SelfPortrait, pk: UUID, *, locked: bool = False) -> PictureUpload:
    """The person's own upload. Raises ``selfphoto.upload_gone`` for another's, an old or an unknown one alike."""
    rows = portrait.uploads.select_for_update() if locked else portrait.uploads.all()
    going_on = Q(made__isnull=False) | Q(finished_at=None)
    found = rows.filter(going_on, pk=pk, began_at__gt=timezone.now() - KEPT_FOR).first()
    if found is None:
        raise UploadGone
    return found


class UploadGone(Refusal):
    """Nothing is held under this name for this person."""

    status = 404

    def __init__(self) -> None:
        super().__init__(
            "selfphoto.upload_gone",
            Wording("没有这个上传，或它已过期。", "There is no such upload, or it has ended."),
            Wording("请重新开始上传。", "Begin the upload again."),
        )


def finish(actor: Actor, portrait: SelfPortrait, upload_pk: UUID, *, how: str = "") -> PortraitTry:
    """The whole file is here: prove its sum, judge it, keep it as a try. Again it is the same try.

    ``how``: what the phone says of the way it was taken (docs/self-photo.md); kept among the facts, believed by nobody.

    Raises ``selfphoto.incomplete``, ``selfphoto.sha256``, and what the judge raises; a file that cannot be judged is
    dropped with its parts and counts as no try.
    """
    upload = own_upload(portrait, upload_pk)
    if upload.made is not None:
        return upload.made
    if upload.received_bytes < upload.size_bytes:
        raise OffsetRefusal("selfphoto.incomplete", upload.received_bytes)
    require_consent(portrait)
    terms = require_may_try(portrait)
    is_read = False
    try:
        data = b"".join(blobs.read(part.blob) for part in upload.parts.select_related("blob").order_by("offset"))
        is_read = True
        judgement = _judged(upload, data, portrait, terms)
    except GradPhotoError:
        # A second request has perhaps just finished it and dropped its parts. A store that does not answer is no fault of
        # the file: it can be finished later.
        by_another = _finished_meanwhile(upload, give_up if is_read else None)
        if by_another is None:
            raise
        return by_another
    made = record_try(actor, portrait, data=data, judgement=judgement, source=upload.source, terms=terms, how=how)
    PictureUpload.objects.filter(pk=upload.pk).update(made=made, finished_at=timezone.now())
    drop_parts(upload)
    return made


def _judged(upload: PictureUpload, data: bytes, portrait: SelfPortrait, terms: Terms) -> Judgement:
    if upload.source == PictureSource.GALLERY and not terms.gallery:
        raise GalleryForbidden
    if hashlib.sha256(data).hexdigest() != upload.sha256:
        raise WrongSum
    return judge(data, portrait.candidate.campaign, terms)


@transaction.atomic
def _finished_meanwhile(upload: PictureUpload, otherwise: Callable[[PictureUpload], None] | None) -> PortraitTry | None:
    """The try that a second request made of the same upload, whose parts are gone then; else ``otherwise`` is done."""
    now = PictureUpload.objects.select_for_update().filter(pk=upload.pk).first()
    if now is not None and now.made is not None:
        return now.made
    if now is not None and otherwise is not None:
        otherwise(now)
    return None


def take_whole(actor: Actor, portrait: SelfPortrait, *, data: bytes, source: str) -> PortraitTry:
    """A file that came in one piece, by a form without a script. Raises what ``begin_upload`` and ``finish`` raise."""
    sha256 = hashlib.sha256(data).hexdigest()
    upload, _ = begin_upload(actor, portrait, size=len(data), sha256=sha256, source=source)
    for offset in range(upload.received_bytes, len(data), CHUNK_BYTES):
        append(portrait, upload.pk, offset=offset, data=data[offset : offset + CHUNK_BYTES])
    return finish(actor, portrait, upload.pk)


@action("selfphoto.record_try", permission=by_the_sitter, lifecycle=PORTRAIT)
def record_try(
    actor: Actor, portrait: SelfPortrait, *, data: bytes, judgement: Judgement, source: str, terms: Terms, how: str = ""
) -> PortraitTry:
    """Keep an original with its verdict as the next try; the very same file again is the try it was.

    Raises ``selfphoto.no_tries_left`` where another tab used the last one meanwhile.
    """
    measured = judgement.assessment
    known = portrait.tries.filter(sha256=measured.source_sha256).first()
    if known is not None:
        return known
    count = portrait.tries.count()
    if count >= terms.tries + portrait.more_tries:
        raise refuse(
            "selfphoto.no_tries_left",
            "试拍次数已用完。",
            "All tries are used up.",
            "可以提交最好的一张，或请学院追加次数。",
            "Hand in the best one, or ask your college for more.",
        )
    made = PortraitTry.objects.create(
        portrait=portrait, number=count + 1, source=source, blob=blobs.put_photograph(data),
        copy=blobs.put(judgement.copy, "image/jpeg"), copy_width=judgement.copy_size[0],
        copy_height=judgement.copy_size[1], sha256=measured.source_sha256, outcome=judgement.outcome.value,
        severity=judgement.severity, findings=judgement.findings, kept=list(measured.verdict.kept),
        not_assessed=[one.to_json() for one in measured.verdict.not_assessed],
        measurements=measured.measurements.to_json(), crop=measured.crop.to_json() if measured.crop else None,
        facts=measured.photo.to_json() | ({"how": how} if how else {}), pipeline_version=measured.pipeline_version,
        rules_version=judgement.rules_version,
    )  # fmt: skip
    audit.note(tried=str(made.pk), number=made.number, outcome=made.outcome, sha256=made.sha256, source=source)
    return made


@transaction.atomic
def give_up(upload: PictureUpload) -> None:
    """Drop what an upload brought. The row stays for ``KEPT_FOR`` and counts; its sum is free for the same file again."""
    drop_parts(upload)
    upload.sha256, upload.finished_at, upload.made = f"in vain {upload.pk.hex}", timezone.now(), None
    upload.save(update_fields=["sha256", "finished_at", "made"])


def forget_old_uploads() -> int:
    """Drop uploads that were broken off and ended; returns how many. Every sweeper calls it (``core.tasks.UPKEEP``)."""
    return discard_uploads(PictureUpload.objects.filter(made=None, began_at__lt=timezone.now() - KEPT_FOR))
