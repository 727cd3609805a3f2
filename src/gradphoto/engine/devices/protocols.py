"""The two small shapes the station knows: something that yields identity cards, something that yields frames."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from gradphoto.engine.devices.frame_facts import FrameFacts
from gradphoto.engine.devices.sam_v.records import CardRecord
from gradphoto.engine.devices.stalled import Stalled


class IdReader(Protocol):
    """A reader of identity cards."""

    def wait_for_card(self, timeout_s: float) -> CardRecord | None:
        """The next card laid down, once a swipe; ``None`` after ``timeout_s``. Raises ``ReaderError``."""

    def close(self) -> None:
        """Gives the device back."""


@dataclass(frozen=True, slots=True)
class ArrivedFrame:
    """A whole frame, lying on disk at ``path``. ``arrived_at`` is by the computer's clock, ``exif`` by the camera's.

    ``meanwhile``: it was taken while nobody worked here, so its moment of arrival says nothing about whose it is.
    """

    file_name: str
    path: Path
    size_bytes: int
    arrived_at: datetime
    exif: FrameFacts
    meanwhile: bool = False


class CodeReader(Protocol):
    """A hand scanner that sends its codes over a line."""

    def wait_for_code(self, timeout_s: float) -> str | None:
        """The next code, once a scan; ``None`` after ``timeout_s``. Raises ``ReaderError``."""

    def close(self) -> None:
        """Gives the device back."""


class FrameSource(Protocol):
    """A camera, or the folder its program writes to.

    A frame is handed out again, by this source or the next one started, until :meth:`done` or :meth:`set_aside`:
    call them only when its bytes are safe elsewhere.
    """

    @property
    def expecting(self) -> bool:
        """Whether a file is being written just now: the next look should come soon."""

    def note_present(self) -> None:
        """Whatever lies here now was taken while nobody worked; it will be handed out as ``meanwhile``."""

    def poll(self, now: datetime) -> list[ArrivedFrame]:
        """Frames that have become whole since the last call, in the order they were taken."""

    def stalled(self, now: datetime) -> list[Stalled]:
        """Files that came and will never be taken, each with its reason."""

    def read(self, frame: ArrivedFrame) -> bytes:
        """The frame's bytes."""

    def done(self, frame: ArrivedFrame) -> None:
        """The frame is kept elsewhere now."""

    def set_aside(self, frame: ArrivedFrame) -> None:
        """The frame was refused and must not come again."""
