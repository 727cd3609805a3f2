"""A camera's file numbers: what follows what, what is lost in between, where the counter began anew (facts 4.3)."""

from __future__ import annotations

from dataclasses import dataclass

from gradphoto.engine.pairing.model import FrameMark

_LAST_NUMBER = 9999  # DCF
# A counter that falls by nearly its whole range has rolled over, frames lost on the way included.
_ROLL_OVER_WITHIN = 1000


@dataclass(frozen=True, slots=True)
class CounterStep:
    """How a file number follows the one before: ``missing`` frames between; ``backwards``; ``reused`` altogether."""

    missing: int = 0
    backwards: bool = False
    reused: bool = False


class CameraCounter:
    """The file numbers of one camera, frame after frame."""

    def __init__(self) -> None:
        self._last: tuple[str, int] | None = None
        self._astray: tuple[str, int] | None = None
        self._seen: set[tuple[str, int]] = set()

    def follow(self, frame: FrameMark) -> CounterStep:
        """Compares with the frame before, and remembers. A frame without a number says nothing."""
        if frame.file_number is None:
            return CounterStep()
        here, last = (frame.folder, frame.file_number), self._last
        reused = here in self._seen
        self._seen.add(here)
        missing = 0 if last is None else missing_between(last, here)
        if missing is None or reused:
            # One late frame does not turn the counter back; a reset shows itself by 1, or by going on from there.
            reset = frame.file_number == 1 or (self._astray is not None and missing_between(self._astray, here) == 0)
            self._last, self._astray = (here if reset else last), here
            return CounterStep(backwards=missing is None, reused=reused)
        self._last = here
        return CounterStep(missing=missing)


def missing_between(last: tuple[str, int], here: tuple[str, int]) -> int | None:
    """Frames lost between two names; ``None`` when the second is not after the first."""
    (last_folder, last_number), (folder, number) = last, here
    rolled = _LAST_NUMBER - last_number + number - 1
    if folder == last_folder:
        if number > last_number:
            return number - last_number - 1
        return rolled if rolled < _ROLL_OVER_WITHIN else None
    if folder[:3].isdigit() and last_folder[:3].isdigit() and int(folder[:3]) < int(last_folder[:3]):
        return None
    if number > last_number:  # numbering that goes on over a change of folder
        return number - last_number - 1
    return rolled if rolled < _ROLL_OVER_WITHIN else number - 1  # numbering that begins anew in each folder


def rolled_over(before: FrameMark, here: FrameMark) -> bool:
    """Whether the counter began anew between two frames that follow each other without a gap (DCF)."""
    if before.file_number is None or here.file_number is None:
        return False
    anew = here.folder != before.folder or here.file_number < before.file_number
    return anew and missing_between((before.folder, before.file_number), (here.folder, here.file_number)) == 0
