"""Several cameras as one frame source: each frame goes back to the source it came from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from gradphoto.engine.devices.errors import DeviceError
from gradphoto.engine.devices.protocols import ArrivedFrame, FrameSource


class SeveralSources:
    """One source in trouble does not stop the others; ``on_trouble`` is told."""

    def __init__(self, sources: Sequence[FrameSource], on_trouble: Callable[[DeviceError], None]) -> None:
        self._sources = tuple(sources)
        self._on_trouble = on_trouble
        self._owner: dict[ArrivedFrame, FrameSource] = {}

    def poll(self, now: datetime) -> list[ArrivedFrame]:
        """The new frames of all sources, in the order they were taken as far as the cameras say."""
        fresh: list[ArrivedFrame] = []
        for source in self._sources:
            try:
                arrived = source.poll(now)
            except DeviceError as error:
                self._on_trouble(error)
                continue
            self._owner.update(dict.fromkeys(arrived, source))
            fresh += arrived
        return fresh

    def read(self, frame: ArrivedFrame) -> bytes:
        """The frame's bytes."""
        return self._owner[frame].read(frame)

    def done(self, frame: ArrivedFrame) -> None:
        """The frame is kept elsewhere now."""
        self._owner.pop(frame).done(frame)

    def set_aside(self, frame: ArrivedFrame) -> None:
        """The frame was refused and must not come again."""
        self._owner.pop(frame).set_aside(frame)
