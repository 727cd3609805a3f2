"""The files of a zip one by one: weighed before they are unpacked, unpacked to a limit, pictures proven on the way."""

from __future__ import annotations

import contextlib
import stat
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any, BinaryIO

from gradphoto.engine.bounded.tasks.picture import look_at
from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.wording import Wording

_ENCRYPTED, _UTF_8 = 0x1, 0x800
_MOST_RATIO = 100
_BROKEN = (
    zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError, OverflowError,
)  # fmt: skip
_PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
_ARCHIVES = (b"PK\x03\x04", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b")
_WORKBOOKS = (".xlsx", ".xls")


class ArchiveError(GradPhotoError):
    """A zip, or a file in it, that cannot be used."""


def files(source: BinaryIO, asked: dict[str, Any]) -> Iterator[object]:
    """How many files there are; then for each its name and its bytes, or its name and why it cannot be used."""
    try:
        archive = zipfile.ZipFile(source)
        wanted = [entry for entry in archive.infolist() if _is_wanted(entry)]
    except _BROKEN as error:
        raise _damaged_archive() from error
    if len(wanted) > int(asked["most_files"]):
        raise _too_many(int(asked["most_files"]))
    if sum(entry.file_size for entry in wanted) > int(asked["most_bytes"]):
        raise _bomb()
    yield {"count": len(wanted)}
    for entry in wanted:
        name = PurePosixPath(_path_of(entry)).name[:200]
        try:
            data = _content(archive, entry, int(asked["most_file_bytes"]))
            if data.startswith(_PICTURES):
                look_at(data, int(asked["max_pixels"]), int(asked["max_side_px"]))
            elif data.startswith(_ARCHIVES) and not name.lower().endswith(_WORKBOOKS):
                raise _nested()
        except GradPhotoError as error:
            message, remedy = error.message, error.remedy
            yield {"name": name, "code": error.code, "message": [message.zh, message.en],
                   "remedy": [remedy.zh, remedy.en]}  # fmt: skip
        else:
            yield {"name": name}
            yield data


def _is_wanted(entry: zipfile.ZipInfo) -> bool:
    path = _path_of(entry)
    name = PurePosixPath(path).name
    is_link = stat.S_ISLNK(entry.external_attr >> 16)
    return not entry.is_dir() and not is_link and not name.startswith((".", "~$")) and "__MACOSX" not in path


def _path_of(entry: zipfile.ZipInfo) -> str:
    """The path as who packed it saw it. Windows packs names in the code page of the country and says nothing of it; the
    library then reads them as that of the first PC (APPNOTE 6.3.10, appendix D)."""
    path = entry.filename
    if not entry.flag_bits & _UTF_8:
        for encoding in ("utf-8", "gb18030"):
            with contextlib.suppress(UnicodeError):
                path = entry.filename.encode("cp437").decode(encoding)
                break
    return path.replace("\\", "/")


def _content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int) -> bytes:
    if entry.file_size > most or entry.file_size > _MOST_RATIO * max(entry.compress_size, 10_000):
        raise _large_file(most)
    if entry.flag_bits & _ENCRYPTED:
        raise _damaged_file()
    try:
        with archive.open(entry) as stream:
            data = stream.read(most + 1)
    except _BROKEN as error:
        raise _damaged_file() from error
    if len(data) > most:
        raise _large_file(most)
    if not data:
        raise _damaged_file()
    return data


def _damaged_archive() -> ArchiveError:
    return ArchiveError(
        "makeup.not_a_zip",
        Wording("压缩包不完整或已损坏。", "The archive is incomplete or damaged."),
        Wording("请重新压缩后上传。", "Make it again and upload it."),
    )


def _damaged_file() -> ArchiveError:
    return ArchiveError(
        "makeup.archive_file",
        Wording("压缩包中的文件损坏或有密码。", "A file in it is damaged or has a password."),
        Wording("请重新压缩该文件。", "Pack that file again."),
    )


def _large_file(most_bytes: int) -> ArchiveError:
    most = most_bytes // 1024**2
    return ArchiveError(
        "makeup.archive_file",
        Wording(
            f"压缩包中的文件解开后超过 {most} MB，或压缩得异常紧。",
            f"A file in it is larger than {most} MB when it is unpacked, or packed absurdly tight.",
        ),
        Wording("请放入原始照片后重新压缩。", "Pack the photograph itself again."),
    )


def _nested() -> ArchiveError:
    return ArchiveError(
        "makeup.archive_nested",
        Wording("压缩包里还有压缩包，没有解开。", "There is an archive inside the archive; it was not opened."),
        Wording("请把照片直接放进一个压缩包。", "Put the photographs into one archive directly."),
    )


def _too_many(most: int) -> ArchiveError:
    return ArchiveError(
        "makeup.too_many_files",
        Wording(f"压缩包中的文件超过 {most} 个。", f"There are more than {most} files in the archive."),
        Wording("请分成几个压缩包。", "Split it."),
    )


def _bomb() -> ArchiveError:
    return ArchiveError(
        "makeup.archive_bomb",
        Wording("压缩包解压后异常巨大，已拒绝。", "The archive unpacks to an absurd size and was refused."),
        Wording("请只打包照片和汇总表，或分成几个压缩包。", "Pack only photographs and the table, or split it."),
    )
