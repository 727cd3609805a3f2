"""The parts of an upload that is not whole yet, and how they go: with them their files."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet

from gradphoto.apps.core import blobs
from gradphoto.apps.selfphoto.models import PictureUpload


def drop_parts(upload: PictureUpload) -> None:
    """Remove what an upload brought; the row stays."""
    with transaction.atomic():
        names = list(upload.parts.values_list("blob", flat=True))
        upload.parts.all().delete()
        blobs.forget(names)


def discard_uploads(uploads: QuerySet[PictureUpload]) -> int:
    """Drop uploads with everything that they brought; returns how many."""
    count = 0
    for pk in list(uploads.values_list("pk", flat=True)):
        with transaction.atomic():
            # Locked first: a part that is just arriving comes before, or finds no upload.
            one = PictureUpload.objects.select_for_update().filter(pk=pk).first()
            if one is not None:
                drop_parts(one)
                one.delete()
                count += 1
    return count
