"""A file as the answer to a request; its name says what it is, never whose."""

from __future__ import annotations

from django.http import HttpResponse

from gradphoto.apps.pages.files import MEDIA_TYPES
from gradphoto.apps.pages.models import FileFormat

XLSX = MEDIA_TYPES[FileFormat.XLSX]
PDF = "application/pdf"


def download(data: bytes, name: str, media_type: str = XLSX) -> HttpResponse:
    """A file to keep."""
    disposition = f'attachment; filename="{name}"'
    return HttpResponse(data, content_type=media_type, headers={"Content-Disposition": disposition})
