"""A file beside the camera's whole frames that will never be one: what the room is told of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from gradphoto.engine.devices.errors import HotFolderError
from gradphoto.engine.wording import Wording


class StallReason(StrEnum):
    """Why a file in the folder is not taken."""

    EMPTY = "empty"
    HALF = "half"
    NO_JPEG = "no_jpeg"
    OTHER_FORMAT = "other_format"


@dataclass(frozen=True, slots=True)
class Stalled:
    """A file that will not be taken."""

    path: Path
    reason: StallReason

    @property
    def error(self) -> HotFolderError:
        """What the room is told: the file, why, and what to do."""
        zh, en, do_zh, do_en = _STALLED[self.reason]
        name = self.path.name
        return HotFolderError(f"hot_folder.{self.reason}", Wording(zh, en).format(name=name), Wording(do_zh, do_en))


_STALLED = {
    StallReason.EMPTY: (
        "照片 {name} 是空文件，取不到。", "The frame {name} is empty and cannot be taken.",
        "请检查连接线和磁盘，重拍此人；然后移走该文件。", "Check cable and disk, take it again; then move the file away.",
    ),
    StallReason.HALF: (
        "照片 {name} 只传了一部分。", "The frame {name} came only in part.",
        "请检查连接线，从相机卡上取回或重拍；然后移走该文件。", "Check the cable; fetch it from the card or take it again.",
    ),
    StallReason.NO_JPEG: (
        "文件 {name} 不是 JPEG 照片。", "The file {name} is no JPEG photograph.",
        "请把相机与联机软件设为 JPEG，然后移走该文件。", "Set camera and program to JPEG, then move the file away.",
    ),
    StallReason.OTHER_FORMAT: (
        "收到 {name}，却没有同名的 JPEG。", "{name} came without a JPEG of the same name.",
        "请把相机设为 JPEG（或 RAW+JPEG），重拍此人。", "Set the camera to JPEG (or RAW+JPEG) and take it again.",
    ),
}  # fmt: skip
