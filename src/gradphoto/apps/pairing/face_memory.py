"""What was measured of the faces of a session that is under way: in the memory of the worker, for minutes.

Each new photograph is held against those before it, so their measurements are kept while the room works; nowhere else,
in no file, database, packet or log. They go when the session is closed, ``IDLE_S`` after the last comparison, and with
the process; whatever is missing is measured again from the photographs.
"""

from __future__ import annotations

import threading

from gradphoto.engine.portrait.compare import Embedding

IDLE_S = 600.0
_Measured = dict[str, Embedding]


class FaceMemory:
    """Measurements by session and photograph; a timer empties it when nothing is compared any more."""

    def __init__(self, idle_s: float = IDLE_S) -> None:
        self._idle_s, self._kept, self._lock = idle_s, dict[int, _Measured](), threading.Lock()
        self._timer: threading.Timer | None = None

    def of(self, session: int) -> _Measured:
        """The measurements of a session, to be read and added to."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            self._timer = threading.Timer(self._idle_s, self.forget_all)
            self._timer.daemon = True
            self._timer.start()
            return self._kept.setdefault(session, {})

    def forget(self, session: int) -> None:
        """Nothing of this session is left."""
        with self._lock:
            self._kept.pop(session, {}).clear()

    def forget_all(self) -> None:
        """Nothing of any session is left."""
        with self._lock:
            for measured in self._kept.values():
                measured.clear()
            self._kept.clear()

    def __len__(self) -> int:
        return sum(len(measured) for measured in self._kept.values())


MEMORY = FaceMemory()
