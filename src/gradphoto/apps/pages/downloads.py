"""A file as the answer to a request; its name says what it is, never whose."""

from __future__ import annotations

from django.http import HttpResponse

from gradphoto.apps.pages.files import MEDIA_TYPES
from gradphoto.apps.pages.models import FileFormat

XLSX = MEDIA_TYPES[FileFormat.XLSX]
PDF = "application/pdf"
BYTES = "application/octet-stream"


def download(data: bytes, name: str, media_type: str = XLSX, *, inline: bool = False) -> HttpResponse:
    """A file to keep; ``inline``: the browser shows it, e.g. a PDF that is looked at before it is printed."""
    kind = "inline" if inline else "attachment"
    return HttpResponse(data, content_type=media_type, headers={"Content-Disposition": f'{kind}; filename="{name}"'})
