"""The hot folder: frames that a camera program writes, taken only when they are whole (facts 4.2).

A file is whole when its size and time have not changed for a while *and* its picture begins behind its headers and ends
as a JPEG ends (a preview inside the headers ends so, too). The first sight of a file is never acted on. Looking (:meth:`HotFolder.poll`) works alone; watching the file system only shortens the wait.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import BinaryIO

from gradphoto.engine.devices.errors import HotFolderError
from gradphoto.engine.devices.frame_facts import CHINA_TIME, read_frame_facts
from gradphoto.engine.devices.protocols import ArrivedFrame
from gradphoto.engine.devices.stalled import Stalled, StallReason
from gradphoto.engine.wording import Wording

TAKEN = "taken"
REFUSED = "refused"
_SUFFIXES = frozenset({".jpg", ".jpeg"})
_OTHER_SUFFIXES = frozenset(
    {".cr2", ".cr3", ".nef", ".arw", ".raf", ".orf", ".rw2", ".dng", ".heic", ".hif", ".heif", ".png", ".tif", ".tiff"}
)
_SOON = timedelta(seconds=1)
_QUIET = timedelta(seconds=1)
"""A file with something behind its picture is read through only when it has not changed for so long."""
_JPEG_START = b"\xff\xd8"
_JPEG_END = b"\xff\xd9"
_TAIL_BYTES = 4096
_START_OF_SCAN = 0xDA


@dataclass(frozen=True, slots=True)
class _Look:
    """How a file looked; two equal looks mean nobody wrote in between."""

    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class _Seen:
    look: _Look
    since: datetime


class HotFolder:
    """Frames out of ``path`` and its sub-folders.

    ``settle_s``: seconds a file must stay unchanged. ``max_bytes``: the largest frame :meth:`read` will read.
    ``keep``: leave handed-out files where they are; they are then handed out again after a restart, which the caller
    must recognise by content. By default :meth:`done` moves them to ``taken/``. ``camera_zone`` is the zone of the
    camera's clock. Raises :class:`HotFolderError` ``hot_folder.missing`` when there is no such folder.
    """

    def __init__(
        self,
        path: Path,
        *,
        settle_s: float = 0.1,
        max_bytes: int = 64 * 1024 * 1024,
        keep: bool = False,
        camera_zone: tzinfo = CHINA_TIME,
    ) -> None:
        self.path = path
        self._settle = timedelta(seconds=settle_s)
        self._max_bytes = max_bytes
        self._keep = keep
        self._camera_zone = camera_zone
        self._seen: dict[Path, _Seen] = {}
        self._handed_out: dict[Path, _Look] = {}
        self._looked_at: datetime | None = None
        self._other_kinds: dict[Path, datetime] = {}
        self._meanwhile: set[Path] = set()
        self._require_folder()

    @property
    def expecting(self) -> bool:
        """Whether a file that may soon be whole was there at the last look."""
        waiting = [seen.since for path, seen in self._seen.items() if path not in self._handed_out]
        return any(self._looked_at is not None and self._looked_at - since < _SOON for since in waiting)

    def note_present(self) -> None:
        """What lies here now was taken while nobody worked: it is handed out as ``meanwhile``."""
        if self.path.is_dir():
            self._meanwhile |= {path for path, _ in self._candidates()} - set(self._handed_out)

    def poll(self, now: datetime) -> list[ArrivedFrame]:
        """Frames that have become whole, in the order they were written; each is handed out once by this object.

        ``now`` is aware. Raises :class:`HotFolderError` ``hot_folder.missing`` when the folder has gone (USB pulled).
        """
        self._require_folder()
        self._looked_at = now
        present = dict(self._candidates())
        self._seen = {path: self._sight(path, look, now) for path, look in present.items()}
        self._handed_out = {path: look for path, look in self._handed_out.items() if present.get(path) == look}
        fresh = [
            (seen.look, self._arrived(path, seen.look, now))
            for path, seen in self._seen.items()
            if path not in self._handed_out
            and seen.since != now
            and now - seen.since >= self._settle
            and _whole(path, thorough=now - seen.since >= _QUIET)
        ]
        self._handed_out.update({frame.path: look for look, frame in fresh})
        self._meanwhile -= {frame.path for _, frame in fresh}
        return [frame for look, frame in sorted(fresh, key=lambda pair: _order(*pair))]

    def stalled(self, now: datetime, after_s: float = 3.0) -> list[Stalled]:
        """Files that did not change for ``after_s`` seconds and will never be taken, each with its reason.

        A frame whose transfer broke off or that has another format must be told to a person (R98), not waited for in
        silence. A raw file beside its JPEG is no trouble.
        """
        quiet = timedelta(seconds=after_s)
        found = [
            Stalled(path, _why_not(path, seen.look.size))
            for path, seen in self._seen.items()
            if path not in self._handed_out and now - seen.since >= quiet and not _whole(path, thorough=True)
        ]
        others = dict(self._of_other_kinds())
        self._other_kinds = {path: self._others_since(path, now) for path in others}
        taken = (
            {path.stem.partition("~")[0] for path in (self.path / TAKEN).rglob("*") if path.suffix} if others else set()
        )
        here = {path.stem for path in self._seen} | taken
        found += [
            Stalled(path, StallReason.OTHER_FORMAT)
            for path, since in self._other_kinds.items()
            if now - since >= quiet and path.stem not in here
        ]
        return sorted(found, key=lambda one: one.path)

    def _of_other_kinds(self) -> Iterator[tuple[Path, None]]:
        for root, folders, names in os.walk(self.path):
            if Path(root) == self.path:  # a day's frames lie in there, and this is asked several times a second
                folders[:] = [folder for folder in folders if folder not in (TAKEN, REFUSED)]
            for name in names:
                if Path(name).suffix.lower() in _OTHER_SUFFIXES:
                    yield Path(root, name), None

    def _others_since(self, path: Path, now: datetime) -> datetime:
        return self._other_kinds.get(path, now)

    def read(self, frame: ArrivedFrame) -> bytes:
        """The frame's bytes. Raises :class:`HotFolderError` ``hot_folder.too_large`` or ``hot_folder.unreadable``."""
        try:
            with frame.path.open("rb") as file:
                data = file.read(self._max_bytes + 1)
        except OSError as error:
            raise _error("unreadable", "照片 {name} 无法读取。", "The frame {name} cannot be read.", frame) from error
        if len(data) > self._max_bytes:
            most = self._max_bytes // 1024**2
            raise _error(
                "too_large",
                f"照片 {{name}} 超过 {most} MB。",
                f"The frame {{name}} is larger than {most} MB.",
                frame,
            )
        return data

    def done(self, frame: ArrivedFrame) -> None:
        """The frame's bytes are safe elsewhere: moves the file to ``taken/`` (or leaves it, with ``keep``).

        A file that has been overwritten meanwhile stays: it is another frame. Calling twice does nothing.
        Raises :class:`HotFolderError` ``hot_folder.cannot_move``.
        """
        if not self._keep:
            self._move(frame, TAKEN)

    def set_aside(self, frame: ArrivedFrame) -> None:
        """Moves a frame that was refused (too large, no photograph) to ``refused/``, where a person finds it."""
        self._move(frame, REFUSED)

    def _move(self, frame: ArrivedFrame, room: str) -> None:
        look = _look(frame.path)
        if look is None or look != self._handed_out.get(frame.path):
            return
        target = _free_name(self.path / room / frame.path.relative_to(self.path))
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            frame.path.replace(target)
        except OSError as error:
            raise _error(
                "cannot_move", "照片 {name} 无法移入已取目录。", "The frame {name} cannot be moved away.", frame
            ) from error
        self._handed_out.pop(frame.path, None)

    def _candidates(self) -> Iterator[tuple[Path, _Look]]:
        for root, folders, names in os.walk(self.path):
            at_top = Path(root) == self.path
            folders[:] = [f for f in folders if not f.startswith(".") and not (at_top and f in (TAKEN, REFUSED))]
            for name in names:
                path = Path(root, name)
                if name.startswith((".", "~")) or path.suffix.lower() not in _SUFFIXES or path.is_symlink():
                    continue
                if look := _look(path):
                    yield path, look

    def _sight(self, path: Path, look: _Look, now: datetime) -> _Seen:
        before = self._seen.get(path)
        # A look from the future means that the computer's clock was set back: the wait begins anew.
        return before if before is not None and before.look == look and before.since <= now else _Seen(look, now)

    def _arrived(self, path: Path, look: _Look, now: datetime) -> ArrivedFrame:
        folder = "" if path.parent == self.path else path.parent.name
        facts = read_frame_facts(path, folder=folder, camera_zone=self._camera_zone)
        return ArrivedFrame(path.name, path, look.size, now, facts, path in self._meanwhile)

    def _require_folder(self) -> None:
        if not self.path.is_dir():
            raise HotFolderError(
                "hot_folder.missing",
                Wording("照片文件夹 {path} 不存在。", "The frame folder {path} does not exist.").format(path=self.path),
                Wording("请接好存储设备，或重新选择文件夹。", "Connect the drive again, or choose another folder."),
            )


def _look(path: Path) -> _Look | None:
    try:
        stat = path.stat()
    except OSError:  # gone between listing and looking
        return None
    return _Look(stat.st_size, stat.st_mtime_ns)


def _whole(path: Path, *, thorough: bool = False) -> bool:
    """Begins and ends as a JPEG; some cameras pad the end with NULs or 0xFF.

    ``thorough``: the picture's own end counts, whatever lies behind it (a video, another picture).
    """
    try:
        with path.open("rb") as file:
            if file.read(len(_JPEG_START)) != _JPEG_START or not _reaches_the_picture(file):
                return False
            picture = file.tell()
            file.seek(0, os.SEEK_END)
            file.seek(max(picture - 4, file.tell() - _TAIL_BYTES))
            if file.read().rstrip(b"\0\xff").endswith(_JPEG_END):
                return True
            file.seek(picture - 4)
            return thorough and _picture_ends(file.read())
    except OSError:  # still locked by the program that writes it
        return False


def _picture_ends(data: bytes) -> bool:
    """Whether the end mark comes behind the scan that ``data`` begins with: in compressed data 0xFF is a mark only
    before something else than 0, a restart (D0 to D7) and another 0xFF (ITU-T T.81 B.1.1)."""
    at = 0
    while (at := data.find(b"\xff", at)) != -1 and at + 1 < len(data):
        mark = data[at + 1]
        if mark == _JPEG_END[1]:
            return True
        if mark in (0x00, 0x01) or 0xD0 <= mark <= 0xD7:
            at += 2
        elif mark == 0xFF:
            at += 1
        else:
            at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return False


def _why_not(path: Path, size: int) -> StallReason:
    if size == 0:
        return StallReason.EMPTY
    try:
        with path.open("rb") as file:
            begins = file.read(len(_JPEG_START))
    except OSError:
        return StallReason.HALF
    return StallReason.HALF if begins == _JPEG_START else StallReason.NO_JPEG


def _reaches_the_picture(file: BinaryIO) -> bool:
    """Walks over the headers, previews and all, to the mark behind which the picture itself begins."""
    while (mark := file.read(4))[:1] == b"\xff" and len(mark) == 4:
        if mark[1] == _START_OF_SCAN:
            return True
        if mark[1] == 0xFF:  # a fill byte before the mark
            file.seek(-3, os.SEEK_CUR)
        else:
            file.seek(int.from_bytes(mark[2:], "big") - 2, os.SEEK_CUR)
    return False


def _order(look: _Look, frame: ArrivedFrame) -> tuple[int, float, str, int, str]:
    """As written; within one tick of a coarse file clock, as taken."""
    taken = frame.exif.taken_at.timestamp() if frame.exif.taken_at else 0.0
    return look.mtime_ns, taken, frame.exif.folder, frame.exif.file_number or 0, frame.file_name


def _free_name(target: Path) -> Path:
    """``target``, or ``IMG_0001~2.JPG`` when the camera has used the name before: nothing is overwritten."""
    free, again = target, 2
    while free.exists():
        free, again = target.with_stem(f"{target.stem}~{again}"), again + 1
    return free


def _error(code: str, zh: str, en: str, frame: ArrivedFrame) -> HotFolderError:
    return HotFolderError(
        f"hot_folder.{code}",
        Wording(zh, en).format(name=frame.file_name),
        Wording("请检查照片文件后重新拍摄或导入。", "Check the file, then take or import the frame again."),
    )
