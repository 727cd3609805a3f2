"""A frame on a screen: small upright sRGB copies, made once and kept. The camera's file stays where it is."""

from __future__ import annotations

import io

from PIL import Image

from gradphoto.apps.capture.models import Frame, FramePreview
from gradphoto.apps.core import blobs
from gradphoto.apps.core.errors import refuse
from gradphoto.apps.core.models import Blob
from gradphoto.engine.portrait.decode import Photo, decode

SIZES = {"thumb": 360, "preview": 1440}
"""Longest side in pixels: a tile of a list, and the big picture on a sharp screen."""
_QUALITY = 84


def preview(frame: Frame, size: str) -> bytes:
    """The copy of a frame in one of ``SIZES``. Raises ``PhotoError`` where the frame is no readable picture."""
    wanted = size if size in SIZES else "preview"
    kept = frame.previews.filter(size=wanted).select_related("blob").first()
    if kept is None and Blob.objects.filter(pk=frame.blob_id, cleared__isnull=False).exists():
        raise refuse(
            "capture.frame_cleared",
            "这张照片已从本机删除。",
            "This photograph was removed from this computer.",
            "照片在采集中心，请在中心查看。",
            "It is at the centre; look at it there.",
        )
    if kept is None:
        make_previews(frame)
        kept = frame.previews.select_related("blob").get(size=wanted)
    return blobs.read(kept.blob)


def make_previews(frame: Frame) -> None:
    """Both copies from one decoding; what is there already stays."""
    if frame.previews.count() == len(SIZES):
        return
    photo = _reduced(blobs.read(frame.blob), max(SIZES.values()))
    for size, long_side in SIZES.items():
        blob = blobs.put_photograph(_jpeg(photo, long_side))
        FramePreview.objects.get_or_create(frame=frame, size=size, defaults={"blob": blob})


def small_copy(data: bytes, size: str = "thumb") -> bytes:
    """The copy of a camera's file in one of ``SIZES``, made and not kept. Raises ``PhotoError``."""
    return _jpeg(_reduced(data, SIZES[size]), SIZES[size])


def _jpeg(photo: Photo, long_side: int) -> bytes:
    picture = Image.fromarray(photo.rgb)
    picture.thumbnail((long_side, long_side), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()


def _reduced(data: bytes, long_side: int) -> Photo:
    """The picture decoded at the smallest scale that still fills ``long_side``."""
    for reduction in (4, 2):
        photo = decode(data, reduction=reduction)
        if photo.reduction == 1 or max(photo.rgb.shape[:2]) >= long_side:
            return photo
    return decode(data)
