"""Tethered cameras through libgphoto2: frames come over the cable, one spool folder a camera (facts 4.1, 4.2).

A frame is downloaded beside its place, put on disk and renamed before anybody hears of it; the card in the camera keeps
its own copy. Everything behind the download is the hot folder, so a killed station finds unacknowledged frames again.
What of the card is known is written down, so that a station that was off fetches what was taken meanwhile, once.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gradphoto.engine.devices.errors import DeviceError
from gradphoto.engine.devices.hot_folder import HotFolder
from gradphoto.engine.devices.protocols import ArrivedFrame
from gradphoto.engine.devices.stalled import Stalled
from gradphoto.engine.packet.durable import write_durably
from gradphoto.engine.wording import Wording

_JPEG_SUFFIXES = (".jpg", ".jpeg")
_MOST_EVENTS = 64
_EVENT_MS = 20
_RETRY_S = 2.0
_CLOCK_STEP_S = 1.0
_MEMORY = ".card-{}.json"
_NOT_IN_NAMES = re.compile(r"[^0-9A-Za-z]+")
_BUSY = frozenset({-53, -60, -110})  # claimed by another program, locked, busy
_GONE = frozenset({-4, -7, -10, -31, -34, -35, -52, -105})  # the cable, the battery, the port


class CameraError(DeviceError):
    """A tethered camera; ``code`` begins with ``camera.``."""


@dataclass(frozen=True, slots=True)
class FoundCamera:
    """A camera on the bus."""

    model: str
    port: str


@dataclass(frozen=True, slots=True)
class ClockReading:
    """How far the camera's clock is ahead of the computer's, in seconds, give or take ``uncertainty_s``."""

    offset_s: float
    uncertainty_s: float
    measured_at: datetime

    @property
    def sentence(self) -> Wording:
        """What the room is told."""
        ahead = self.offset_s >= 0
        return Wording(
            "相机时间比电脑{way} {seconds} 秒（±{give} 秒）。",
            "The camera's clock is {seconds} s {way_en} (±{give} s).",
        ).format(
            way="快" if ahead else "慢",
            way_en="ahead of the computer's" if ahead else "behind the computer's",
            seconds=f"{abs(self.offset_s):.1f}",
            give=f"{self.uncertainty_s:.1f}",
        )


def find_cameras() -> list[FoundCamera]:
    """The cameras on the bus. Raises :class:`CameraError` ``camera.no_gphoto2`` where the library is not there."""
    gp = _gphoto2()
    found = gp.Camera.autodetect()
    return [FoundCamera(found.get_name(at), found.get_value(at)) for at in range(found.count())]


class TetheredCamera:
    """One camera as a frame source.

    ``spool``: a folder of this camera's own. ``port``: as :func:`find_cameras` names it; ``None`` for the only one. A
    camera that goes away is told once as ``camera.unplugged`` and opened again by itself; frames taken meanwhile are
    fetched from its card. Raises :class:`CameraError` ``camera.no_gphoto2``, ``camera.not_found``, ``camera.busy``.
    """

    def __init__(
        self, spool: Path, port: str | None = None, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._gp = _gphoto2()
        self._port = port
        self._monotonic = monotonic
        self._camera: Any = None
        self._known: set[tuple[str, str]] | None = None
        self._try_again_at = 0.0
        self.serial = ""
        self.model = ""
        spool.mkdir(parents=True, exist_ok=True)
        self.spool = spool
        self._memory_folder = spool.parent
        self._spool = HotFolder(spool, settle_s=0.0)
        self._open()

    @property
    def is_connected(self) -> bool:
        """Whether the camera answered last time."""
        return self._camera is not None

    @property
    def expecting(self) -> bool:
        """Whether a frame is on its way."""
        return self._spool.expecting

    def note_present(self) -> None:
        """What lies in the spool now was taken while nobody worked."""
        self._spool.note_present()

    def poll(self, now: datetime) -> list[ArrivedFrame]:
        """Fetches what the camera has taken, and gives the frames that are on disk, in order.

        Raises :class:`CameraError` ``camera.unplugged`` once when the camera goes away.
        """
        if self._camera is None:
            self._reopen()
        if self._camera is not None:
            self._asking(self._fetch_events)
        return [self._named(frame) for frame in self._spool.poll(now)]

    def stalled(self, now: datetime) -> list[Stalled]:
        """What lies in the spool and cannot be taken."""
        return self._spool.stalled(now)

    def read(self, frame: ArrivedFrame) -> bytes:
        """The frame's bytes."""
        return self._spool.read(frame)

    def done(self, frame: ArrivedFrame) -> None:
        """The frame is kept elsewhere now; the spool's copy moves to ``taken/``."""
        self._spool.done(frame)

    def set_aside(self, frame: ArrivedFrame) -> None:
        """The frame was refused and must not come again."""
        self._spool.set_aside(frame)

    def trigger(self) -> None:
        """Releases the shutter; the frame comes with a later :meth:`poll`."""
        self._asking(lambda: self._camera.trigger_capture())

    def measure_clock(self) -> ClockReading | None:
        """Compares the clocks; ``None`` for a camera that does not tell its time.

        Cameras tell whole seconds, so it is asked until the second turns: that moment is known to the length of one
        question.
        """
        reading: ClockReading | None = self._asking(self._measure)
        return reading

    def close(self) -> None:
        """Gives the camera back to other programs."""
        if self._camera is not None:
            camera, self._camera = self._camera, None
            try:
                camera.exit()
            except self._gp.GPhoto2Error:  # it is gone already
                return

    def _measure(self) -> ClockReading | None:
        try:
            first, asked = self._camera_seconds()
            ends = self._monotonic() + 1.5 * _CLOCK_STEP_S
            while self._monotonic() < ends:
                second, now = self._camera_seconds()
                if second != first:
                    turned = (asked + now) / 2
                    give = max(0.05, (now - asked) / 2)
                    return ClockReading(second - turned, give, datetime.fromtimestamp(now, UTC))
                asked = now
        except self._gp.GPhoto2Error as error:
            if error.code in _GONE:
                raise
            return None
        return ClockReading(first + _CLOCK_STEP_S / 2 - asked, _CLOCK_STEP_S, datetime.fromtimestamp(asked, UTC))

    def _camera_seconds(self) -> tuple[float, float]:
        before = time.time()
        said = float(self._camera.get_single_config("datetime").get_value())
        return said, (before + time.time()) / 2

    def _open(self) -> None:
        camera = self._gp.Camera()
        try:
            if self._port is not None:
                ports = self._gp.PortInfoList()
                ports.load()
                camera.set_port_info(ports[ports.lookup_path(self._port)])
            camera.init()
        except self._gp.GPhoto2Error as error:
            raise _busy() if error.code in _BUSY else no_camera() from error
        self._camera = camera
        self.serial = self._said("serialnumber")
        self.model = self._said("cameramodel")
        here = set(self._card())
        before = self._known if self._known is not None else self._remembered()
        new = sorted(here - before) if before is not None else []
        self._known = here - set(new)
        self._remember()
        for folder, name in new:
            self._fetch(folder, name)
        if new:
            self._spool.note_present()

    def _remembered(self) -> set[tuple[str, str]] | None:
        """What of the card was known when the station was last at work; ``None`` for a camera that is new here."""
        try:
            said = json.loads(self._memory().read_bytes())
            return {(str(folder), str(name)) for folder, name in said}
        except (OSError, ValueError, TypeError):
            return None

    def _remember(self) -> None:
        write_durably(self._memory(), json.dumps(sorted(self._known or ())).encode())

    def _memory(self) -> Path:
        """Beside the spools and by serial number: a camera may come back on another port."""
        return self._memory_folder / _MEMORY.format(_NOT_IN_NAMES.sub("-", self.serial or self.model))

    def _reopen(self) -> None:
        if self._monotonic() < self._try_again_at:
            return
        try:
            self._open()
        except CameraError:
            self._try_again_at = self._monotonic() + _RETRY_S

    def _asking(self, question: Callable[[], Any]) -> Any:
        """Puts a question to the camera; when it is gone, says so once."""
        if self._camera is None:
            raise _unplugged()
        try:
            return question()
        except self._gp.GPhoto2Error as error:
            self.close()
            self._try_again_at = self._monotonic() + _RETRY_S
            raise _busy() if error.code in _BUSY else _unplugged() from error

    def _fetch_events(self) -> None:
        for _ in range(_MOST_EVENTS):
            kind, what = self._camera.wait_for_event(_EVENT_MS)
            if kind == self._gp.GP_EVENT_TIMEOUT:
                return
            if kind == self._gp.GP_EVENT_FILE_ADDED:
                self._fetch(what.folder, what.name)

    def _fetch(self, folder: str, name: str) -> None:
        if name.lower().endswith(_JPEG_SUFFIXES):  # raw files stay on the card
            self._download(folder, name)
        # Known only once it is on disk: a kill in between fetches it again.
        self._known = (self._known or set()) | {(folder, name)}
        self._remember()

    def _download(self, folder: str, name: str) -> None:
        file = self._camera.file_get(folder, name, self._gp.GP_FILE_TYPE_NORMAL)
        target = self.spool / _NOT_IN_NAMES.sub("", folder.rsplit("/", 1)[-1]) / Path(name).name
        free, again = target, 2
        while free.exists():
            free, again = target.with_stem(f"{target.stem}~{again}"), again + 1
        write_durably(free, bytes(file.get_data_and_size()))

    def _card(self, folder: str = "/") -> list[tuple[str, str]]:
        files = self._camera.folder_list_files(folder)
        found = [(folder, files.get_name(at)) for at in range(files.count())]
        folders = self._camera.folder_list_folders(folder)
        for at in range(folders.count()):
            found += self._card(f"{folder.rstrip('/')}/{folders.get_name(at)}")
        return found

    def _said(self, name: str) -> str:
        try:
            return str(self._camera.get_single_config(name).get_value()).strip()
        except self._gp.GPhoto2Error:
            return ""

    def _named(self, frame: ArrivedFrame) -> ArrivedFrame:
        """With the camera's own serial number where the file is silent: several cameras are told apart by it (R98)."""
        if frame.exif.camera_serial:
            return frame
        return replace(frame, exif=replace(frame.exif, camera_serial=self.serial))


def spool_name(camera: FoundCamera) -> str:
    """A folder name for a camera's spool while it is on this port."""
    return _NOT_IN_NAMES.sub("-", f"{camera.model} {camera.port}").strip("-")


def _gphoto2() -> Any:
    try:
        import gphoto2
    except ImportError as error:
        raise CameraError(
            "camera.no_gphoto2",
            Wording(
                "本机没有 gphoto2，不能直接联机控制相机（Windows 无此组件）。",
                "gphoto2 is not on this computer, so no camera can be tethered directly (there is none for Windows).",
            ),
            Wording(
                "请用相机厂商的联机软件，把照片存到接收文件夹（--frames）。",
                "Let the maker's tether program save into the hot folder (--frames).",
            ),
        ) from error
    return gphoto2


def no_camera() -> CameraError:
    """What is told while no camera answers."""
    return CameraError(
        "camera.not_found",
        Wording("没有找到相机。", "No camera was found."),
        Wording(
            "请检查数据线和电源，并把相机设为联机（PTP）模式。", "Check cable and power, and set the camera to PTP."
        ),
    )


def _busy() -> CameraError:
    return CameraError(
        "camera.busy",
        Wording("相机被其他程序占用。", "Another program holds the camera."),
        Wording(
            "请关闭相机厂商软件和文件管理器中的相机窗口，再重新插上数据线。",
            "Close the maker's program and the file manager's camera window, then plug the cable in again.",
        ),
    )


def _unplugged() -> CameraError:
    return CameraError(
        "camera.unplugged",
        Wording("相机已断开。", "The camera was disconnected."),
        Wording(
            "请检查数据线和电池；接好后会自动恢复，期间拍的照片会从存储卡补取。",
            "Check cable and battery; it comes back by itself, and frames taken meanwhile are fetched from its card.",
        ),
    )
