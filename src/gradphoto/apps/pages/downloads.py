"""A file as the answer to a request; its name says what it is, never whose."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from gradphoto.apps.pages.files import MEDIA_TYPES
from gradphoto.apps.pages.models import FileFormat

XLSX = MEDIA_TYPES[FileFormat.XLSX]
PDF = "application/pdf"
BYTES = "application/octet-stream"


def download(data: bytes, name: str, media_type: str = XLSX, *, inline: bool = False) -> HttpResponse:
    """A file to keep; ``inline``: the browser shows it, e.g. a PDF that is looked at before it is printed."""
    answer = HttpResponse(data, content_type=media_type)
    answer.headers["Content-Disposition"] = disposition(name, inline=inline)
    return answer


def disposition(name: str, *, inline: bool = False) -> str:
    """The header that names a file, whatever its name is made of: Chinese as RFC 6266 has it, quotes quoted."""
    return content_disposition_header(not inline, name) or ""
