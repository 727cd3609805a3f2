"""What may be uploaded: known by its content, of bounded size, read once."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum

from django.core.files.uploadedfile import UploadedFile

from gradphoto.apps.core.errors import invalid
from gradphoto.engine.bounded.limits import ChildLimits, for_upload
from gradphoto.engine.bounded.reader import reader_failed, run
from gradphoto.engine.bounded.tasks.archive import ArchiveError
from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.portrait.errors import PhotoError
from gradphoto.engine.wording import Wording


class Kind(Enum):
    """A kind of file with the bytes it begins with and its media type."""

    JPEG = (b"\xff\xd8\xff", "image/jpeg")
    PNG = (b"\x89PNG\r\n\x1a\n", "image/png")
    PDF = (b"%PDF-", "application/pdf")
    ZIP = (b"PK\x03\x04", "application/zip")
    XLSX = (b"PK\x03\x04", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
    TTF = (b"\x00\x01\x00\x00", "font/ttf")
    OTF = (b"OTTO", "font/otf")
    TTC = (b"ttcf", "font/collection")
    TEXT = (b"", "text/csv")
    TABLE = (b"", "application/octet-stream")
    """Whatever the roster reader may know; it tells by the content itself."""


_PICTURES = (Kind.JPEG, Kind.PNG)
MOST_PIXELS = 110_000_000
"""As ``engine.portrait.decode``: the largest camera in use makes about 61 million."""
MOST_SIDE_PX = 16_384


def prove_picture(data: bytes) -> None:
    """Have a picture decoded once by the bounded reader. Raises ``PhotoError`` and ``BoundedError``."""
    asked = {"max_pixels": MOST_PIXELS, "max_side_px": MOST_SIDE_PX}
    list(run("picture.prove", data, asked, for_upload(len(data)), PhotoError))


def files_of_archive(data: bytes, *, most_files: int, most_file_bytes: int) -> ArchiveFiles:
    """The files of a zip, unpacked by the bounded reader; pictures in it are proven."""
    return ArchiveFiles(data, most_files, most_file_bytes)


class ArchiveFiles:
    """Iterates over name and bytes, or name and error, of each file; ``count`` is known from the first on."""

    def __init__(self, data: bytes, most_files: int, most_file_bytes: int) -> None:
        asked = {
            "most_files": most_files, "most_file_bytes": most_file_bytes, "most_bytes": _MOST_ARCHIVE_BYTES,
            "max_pixels": MOST_PIXELS, "max_side_px": MOST_SIDE_PX,
        }  # fmt: skip
        megabytes = len(data) / (1024 * 1024)
        cpu = 20 + 0.5 * megabytes
        limits = ChildLimits(cpu_s=cpu, wall_s=60 + 4 * cpu, answer_bytes=2 * _MOST_ARCHIVE_BYTES)
        self._answers = run("archive.files", data, asked, limits, ArchiveError)
        self.count = int(next(self._answers)["count"])

    def __iter__(self) -> Iterator[tuple[str, bytes | GradPhotoError]]:
        for said in self._answers:
            try:
                name = str(said["name"])
                if "code" in said:
                    message, remedy = (Wording(*map(str, said[key])) for key in ("message", "remedy"))
                    yield name, ArchiveError(str(said["code"]), message, remedy)
                    continue
            except (KeyError, TypeError) as error:
                raise reader_failed() from error
            content = next(self._answers, None)
            if not isinstance(content, bytes):
                raise reader_failed()
            yield name, content


_MOST_ARCHIVE_BYTES = 8 * 1024 * 1024 * 1024


def read_upload(upload: UploadedFile, *kinds: Kind, limit_mb: int) -> tuple[bytes, str]:
    """The bytes of an upload and the media type that its content shows.

    A picture is decoded once by the bounded reader. Raises ``InvalidInput`` with ``core.upload_too_large``,
    ``core.upload_empty`` or ``core.upload_wrong_kind``; ``PhotoError`` and ``BoundedError`` for a picture.
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
            if kind in _PICTURES:
                prove_picture(data)
            return data, media_type
    names = "、".join(kind.name for kind in kinds)
    raise invalid(
        "core.upload_wrong_kind",
        f"文件内容不是所需的格式（{names}）。",
        f"The content is not of a kind accepted here ({names}).",
        "请用原软件另存为所需格式，不要只改扩展名。",
        "Save it in that format with the program that made it; renaming is not enough.",
    )
