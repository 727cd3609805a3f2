"""What may be uploaded: known by its content, of bounded size, read once."""

from __future__ import annotations

from enum import Enum

from django.core.files.uploadedfile import UploadedFile

from gradphoto.apps.core.errors import invalid


class Kind(Enum):
    """A kind of file with the bytes it begins with and its media type."""

    JPEG = (b"\xff\xd8\xff", "image/jpeg")
    PNG = (b"\x89PNG\r\n\x1a\n", "image/png")
    PDF = (b"%PDF-", "application/pdf")
    ZIP = (b"PK\x03\x04", "application/zip")
    XLSX = (b"PK\x03\x04", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
    TEXT = (b"", "text/csv")


def read_upload(upload: UploadedFile, *kinds: Kind, limit_mb: int) -> tuple[bytes, str]:
    """The bytes of an upload and the media type that its content shows.

    Raises ``InvalidInput`` with ``core.upload_too_large``, ``core.upload_empty`` or ``core.upload_wrong_kind``.
    """
    if upload.size is None or upload.size > limit_mb * 1024 * 1024:
        raise invalid(
            "core.upload_too_large",
            f"文件超过 {limit_mb} MB。",
            f"The file is larger than {limit_mb} MB.",
            "请拆分或压缩后再上传。",
            "Split it or make it smaller, then upload it again.",
        )
    data: bytes = upload.read()
    if not data:
        raise invalid(
            "core.upload_empty",
            "文件是空的。",
            "The file is empty.",
            "请检查后重新选择文件。",
            "Check the file and choose it again.",
        )
    for kind in kinds:
        magic, media_type = kind.value
        if data.startswith(magic) and not (kind is Kind.TEXT and b"\x00" in data[:4096]):
            return data, media_type
    names = "、".join(kind.name for kind in kinds)
    raise invalid(
        "core.upload_wrong_kind",
        f"文件内容不是所需的格式（{names}）。",
        f"The content is not of a kind accepted here ({names}).",
        "请用原软件另存为所需格式，不要只改扩展名。",
        "Save it in that format with the program that made it; renaming is not enough.",
    )
