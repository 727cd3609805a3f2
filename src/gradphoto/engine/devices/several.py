"""Several cameras as one frame source: each frame goes back to the source it came from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from gradphoto.engine.devices.errors import DeviceError
from gradphoto.engine.devices.protocols import ArrivedFrame, FrameSource
from gradphoto.engine.devices.stalled import Stalled


class SeveralSources:
    """One source in trouble does not stop the others; ``on_trouble`` is told, and ``on_fine`` when all work."""

    def __init__(
        self,
        sources: Sequence[FrameSource],
        on_trouble: Callable[[DeviceError], None],
        on_fine: Callable[[], None] = lambda: None,
    ) -> None:
        self._sources = tuple(sources)
        self._on_trouble = on_trouble
        self._on_fine = on_fine
        self._owner: dict[ArrivedFrame, FrameSource] = {}

    @property
    def expecting(self) -> bool:
        """Whether one of them is."""
        return any(source.expecting for source in self._sources)

    def note_present(self) -> None:
        """Told to all of them."""
        for source in self._sources:
            source.note_present()

    def poll(self, now: datetime) -> list[ArrivedFrame]:
        """The new frames of all sources, in the order they were taken as far as the cameras say."""
        fresh: list[ArrivedFrame] = []
        fine = True
        for source in self._sources:
            try:
                arrived = source.poll(now)
            except DeviceError as error:
                self._on_trouble(error)
                fine = False
                continue
            self._owner.update(dict.fromkeys(arrived, source))
            fresh += arrived
        # A camera that is away is silent after it has said so once.
        if fine and all(getattr(source, "is_connected", True) for source in self._sources):
            self._on_fine()
        return fresh

    def add(self, source: FrameSource) -> None:
        """One more source: a camera that was plugged in meanwhile."""
        self._sources = (*self._sources, source)

    def stalled(self, now: datetime) -> list[Stalled]:
        """Of all of them."""
        return [one for source in self._sources for one in source.stalled(now)]

    def read(self, frame: ArrivedFrame) -> bytes:
        """The frame's bytes."""
        return self._owner[frame].read(frame)

    def done(self, frame: ArrivedFrame) -> None:
        """The frame is kept elsewhere now."""
        self._owner.pop(frame).done(frame)

    def set_aside(self, frame: ArrivedFrame) -> None:
        """The frame was refused and must not come again."""
        self._owner.pop(frame).set_aside(frame)
