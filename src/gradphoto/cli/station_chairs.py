"""Which devices stand at which chair of a laptop: one process a chair (R86)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.wording import Wording

_MOST_CHAIRS = 20
_KINDS = ("reader", "frames", "scanner")


@dataclass(frozen=True, slots=True)
class Devices:
    """The devices of one chair; ``chair`` None is this laptop's first."""

    chair: int | None
    reader: str | None = None
    frames: Path | None = None
    scanner: str | None = None
    with_cameras: bool = False

    @property
    def arguments(self) -> list[str]:
        """For the devices' process; empty where there is no device."""
        named = (("--reader", self.reader), ("--frames", self.frames), ("--scanner", self.scanner))
        words = [word for name, value in named if value for word in (name, str(value))]
        words += ["--camera"] if self.with_cameras else []
        return [*words, "--chair", str(self.chair)] if words and self.chair is not None else words

    @property
    def title(self) -> str:
        """What the console calls its process."""
        if self.chair is None:
            return "设备进程 the devices' process"
        return f"{self.chair} 号座位的设备进程 the devices' process of chair {self.chair}"


def read_chairs(said: Sequence[str]) -> list[Devices]:
    """``2:reader=COM4,frames=D:\\two`` for each further chair. Raises ``station.chair`` for what cannot be understood."""
    found = [_read(text) for text in said]
    numbers = [one.chair for one in found]
    ports = [port for one in found for port in (one.reader, one.scanner) if port]
    folders = [one.frames for one in found if one.frames]
    every: list[list[object]] = [[*numbers], [*ports], [*folders]]
    for values in every:
        if twice := next((value for value in values if values.count(value) > 1), None):
            raise _wrong(str(twice), Wording("出现了两次", "stands there twice"))
    return found


def require_apart(chairs: Sequence[Devices], own: Sequence[int]) -> None:
    """Raises ``station.chair`` where a further chair is the first one again; ``own``: this laptop's chairs."""
    for one in chairs:
        if one.chair is not None and one.chair == own[0]:
            why = Wording("是本机的第一个座位，用 --reader 等选项", "is this laptop's first: use --reader and the like")
            raise _wrong(str(one.chair), why)


def _read(text: str) -> Devices:
    number, _, rest = text.partition(":")
    if not number.isdecimal() or not 1 <= int(number) <= _MOST_CHAIRS:
        raise _wrong(text, Wording("应以座位号开头", "begins with the chair's number"))
    values: dict[str, str] = {}
    for part in rest.split(","):
        kind, _, value = part.partition("=")
        if kind.strip() not in _KINDS or not value.strip():
            raise _wrong(text, Wording("设备应为 reader、frames 或 scanner", "a device is reader, frames or scanner"))
        values[kind.strip()] = value.strip()
    if values.get("reader") == "auto" or values.get("scanner") == "auto":
        raise _wrong(
            text, Wording("多个座位须写明端口，不能用 auto", "with several chairs the port is named, not auto")
        )
    frames = Path(values["frames"]) if "frames" in values else None
    if frames is not None and not frames.is_dir():
        raise _wrong(text, Wording("没有这个文件夹", "there is no such folder"))
    return Devices(int(number), values.get("reader"), frames, values.get("scanner"))


def _wrong(text: str, why: Wording) -> GradPhotoError:
    return GradPhotoError(
        "station.chair",
        Wording(f"--chair {text}：{why.zh}。", f"--chair {text}: {why.en}."),
        Wording("例如 --chair 2:reader=COM4,frames=D:\\two。", "For example --chair 2:reader=COM4,frames=D:\\two."),
    )
